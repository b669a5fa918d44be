// Equations: a small part of TeX, made into the browser's own MathML.
//
// Known: letters, numbers, operators, ^ _ { }, \frac \sqrt \hat \bar \text \left-free brackets (they grow), Greek, \sum \cup …

const NS = 'http://www.w3.org/1998/Math/MathML';

const GREEK = 'alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ kappa κ lambda λ mu μ nu ν pi π rho ρ sigma σ tau τ phi φ omega ω psi ψ Delta Δ Phi Φ Sigma Σ Gamma Γ'.split(' ');
const SYMBOL = 'top ⊤ partial ∂ otimes ⊗ le ≤ ge ≥ in ∈ to → cdot · times × approx ≈ propto ∝ nabla ∇ sum ∑ prod ∏ cup ⋃ infty ∞ sim ∼ pm ± mid | dots … leftarrow ← neq ≠'.split(' ');
const NAMES = new Set(['log', 'exp', 'cos', 'sin', 'arccos', 'min', 'max', 'ln']);

/** @param {string[]} list */
const table = (list) => new Map(list.flatMap((name, i) => (i % 2 ? [] : [[name, list[i + 1]]])));
const greek = table(GREEK);
const symbol = table(SYMBOL);
const OPEN = new Set(['(', '[']);
const CLOSE = new Set([')', ']']);

/** @param {string} name @param {...(Node|string)} children */
function m(name, ...children) {
  const el = document.createElementNS(NS, name);
  el.append(...children);
  return el;
}

/** @param {Node[]} nodes */
function row(nodes) {
  return nodes.length === 1 ? nodes[0] : m('mrow', ...nodes);
}

/** Reads one formula from left to right. */
class Reader {
  /** @param {string} source */
  constructor(source) {
    this.tokens = source.match(/\\text\{[^}]*\}|\\[a-zA-Z]+|\\[,;!]|\d+(?:\.\d+)?|\S/g) ?? [];
    this.i = 0;
  }

  /** Items up to a closing token. @param {(token: string) => boolean} until */
  items(until) {
    /** @type {Node[]} */
    const out = [];
    while (this.i < this.tokens.length && !until(this.tokens[this.i])) out.push(this.scripted());
    return out;
  }

  /** An atom with what is above and below it. @returns {Node} */
  scripted() {
    const big = ['\\sum', '\\prod', '\\cup'].includes(this.tokens[this.i]);
    const base = this.atom();
    /** @type {Node|null} */
    let sub = null;
    /** @type {Node|null} */
    let sup = null;
    for (;;) {
      if (this.tokens[this.i] === '_') {
        this.i++;
        sub = this.atom();
      } else if (this.tokens[this.i] === '^') {
        this.i++;
        sup = this.atom();
      } else break;
    }
    if (sub && sup) return m(big ? 'munderover' : 'msubsup', base, sub, sup);
    if (sub) return m(big ? 'munder' : 'msub', base, sub);
    return sup ? m('msup', base, sup) : base;
  }

  /** @returns {Node} */
  atom() {
    const token = this.tokens[this.i++] ?? '';
    if (token === '{') {
      const inner = this.items((t) => t === '}');
      this.i++;
      return m('mrow', ...inner);
    }
    if (OPEN.has(token)) {
      const inner = this.items((t) => CLOSE.has(t));
      const close = this.tokens[this.i++] ?? '';
      return m('mrow', m('mo', token), ...inner, m('mo', close));
    }
    if (token.startsWith('\\')) return this.command(token);
    if (/^\d/.test(token)) return m('mn', token);
    if (/^[a-zA-Z′]$/.test(token)) return m('mi', token);
    if (token === '-') return m('mo', '−');
    const op = m('mo', token === '*' ? '·' : token);
    if (token === '|' || token === '/') op.setAttribute('stretchy', 'false');
    return op;
  }

  /** @param {string} token @returns {Node} */
  command(token) {
    const name = token.slice(1);
    if (token.startsWith('\\text{')) return m('mtext', token.slice(6, -1));
    if (name === 'frac') return m('mfrac', this.atom(), this.atom());
    if (name === 'sqrt') return m('msqrt', this.atom());
    if (name === 'cal') {
      return m('mi', String(this.atom().textContent).replace('N', '𝒩').replace('U', '𝒰'));
    }
    const accent = { hat: '^', bar: '¯' }[name];
    if (accent) {
      const over = m('mover', this.atom(), m('mo', accent));
      over.setAttribute('accent', 'true');
      return over;
    }
    if (name === ',') {
      const space = m('mspace');
      space.setAttribute('width', '0.2em');
      return space;
    }
    const letter = greek.get(name);
    if (letter) return m('mi', letter);
    if (NAMES.has(name)) {
      const gap = m('mspace');
      gap.setAttribute('width', '0.17em');
      return m('mrow', m('mi', name), gap);
    }
    if (name === 'ell') return m('mi', 'ℓ');
    return m('mo', symbol.get(name) ?? name);
  }
}

/**
 * A formula as elements, one for each part between `\\;`: a line may break there.
 * @param {string} source
 */
export function tex(source) {
  return source.split(/,? *\\;/).map((part) => {
    const math = m('math', row(new Reader(part).items(() => false)));
    math.setAttribute('displaystyle', 'true');
    return math;
  });
}
