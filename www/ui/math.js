// Equations: a small part of TeX, made into the browser's own MathML.
//
// Known: letters, numbers, operators, ^ _ { }, \frac \sqrt \hat \bar \dot \text \left-free brackets (they grow), Greek, \sum \cup …
// The help of the controls writes its formulas in plain characters, which read well without being set: x̂, √, ᵀ, x₀, σ².

const NS = 'http://www.w3.org/1998/Math/MathML';

const GREEK = `
  alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ kappa κ lambda λ mu μ nu ν pi π rho ρ sigma σ tau τ phi φ omega ω psi ψ xi ξ
  Delta Δ Phi Φ Sigma Σ Gamma Γ`.trim().split(/\s+/);
const SYMBOL = `
  top ⊤ partial ∂ otimes ⊗ le ≤ ge ≥ in ∈ to → cdot · times × approx ≈ propto ∝ nabla ∇ sum ∑ prod ∏ cup ⋃ infty ∞ sim ∼ pm ± mid |
  dots … leftarrow ← neq ≠ int ∫ circ ∘ prime ′`.trim().split(/\s+/);
const NAMES = new Set(['log', 'exp', 'cos', 'sin', 'arccos', 'arctan', 'min', 'max', 'ln']);

/** @param {string[]} list */
const table = (list) => new Map(list.flatMap((name, i) => (i % 2 ? [] : [[name, list[i + 1]]])));
const greek = table(GREEK);
const symbol = table(SYMBOL);
const OPEN = new Set(['(', '[']);
const CLOSE = new Set([')', ']']);
const RAISED = new Map([...'⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀ'].map((c, i) => [c, [...'0123456789−⊤'][i]]));
const LOWERED = new Map([...'₀₁₂₃₄ᵢⱼₜ'].map((c, i) => [c, [...'01234ijt'][i]]));

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

/** @param {Node} base @param {string} mark */
function accented(base, mark) {
  let sign = m('mo', mark);
  if (mark !== '^') { // low signs lie on the letter where there is no font for formulas: these stand a little above it
    sign = m('mpadded', sign);
    for (const [name, value] of [['voffset', '-0.45em'], ['height', '0.2em'], ['depth', '0']]) sign.setAttribute(name, value);
  }
  const over = m('mover', base, sign);
  over.setAttribute('accent', 'true');
  return over;
}

/** A function by its name, with a little room after it. @param {string} name */
function named(name) {
  const gap = m('mspace');
  gap.setAttribute('width', '0.17em');
  return m('mrow', m('mi', name), gap);
}

/** Reads one formula from left to right. */
class Reader {
  /** @param {string} source */
  constructor(source) {
    this.tokens =
      source.match(
        /\\text\{[^}]*\}|\\[a-zA-Z]+|\\[,;!|]|\d+(?:\.\d+)?|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+|(?:cos|sin|log|Cov|strength|sd)(?![a-zA-Z])|\S\u0302?/gu,
      ) ?? [];
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
      const token = this.tokens[this.i] ?? '';
      if (token === '_') {
        this.i++;
        sub = this.atom();
      } else if (token === '^') {
        this.i++;
        sup = this.atom();
      } else if (RAISED.has(token.charAt(0))) {
        this.i++;
        const up = [...token].map((c) => RAISED.get(c)).join('');
        sup = m(up === '⊤' ? 'mo' : 'mn', up);
      } else if (LOWERED.has(token)) {
        this.i++;
        sub = m(/\d/.test(LOWERED.get(token) ?? '') ? 'mn' : 'mi', LOWERED.get(token) ?? '');
      } else break;
    }
    if (sub && sup) return m(big ? 'munderover' : 'msubsup', base, sub, sup);
    if (sub) return m(big ? 'munder' : 'msub', base, sub);
    return sup ? m('msup', base, sup) : base;
  }

  /** @returns {ChildNode} */
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
    if (token === '√') return m('msqrt', this.#within());
    if (token.endsWith('\u0302')) return accented(m('mi', token.slice(0, -1)), '^');
    if (/^(\p{L}|′)$/u.test(token)) return m('mi', token);
    if (NAMES.has(token)) return named(token);
    if (/^\p{L}{2,}$/u.test(token)) return m('mtext', token);
    if (token === '-') return m('mo', '−');
    const op = m('mo', token === '*' ? '·' : token);
    if (token === '|' || token === '/') op.setAttribute('stretchy', 'false');
    return op;
  }

  /** The next atom, without the brackets that hold it together. */
  #within() {
    const bracketed = OPEN.has(this.tokens[this.i] ?? '');
    const inner = this.atom();
    if (!bracketed) return inner;
    inner.firstChild?.remove();
    inner.lastChild?.remove();
    return inner;
  }

  /** @param {string} token @returns {ChildNode} */
  command(token) {
    const name = token.slice(1);
    if (token.startsWith('\\text{')) return m('mtext', token.slice(6, -1).replace(/^ | $/g, '\u00a0')); // an edge is trimmed else
    if (name === 'frac') return m('mfrac', this.atom(), this.atom());
    if (name === 'sqrt') return m('msqrt', this.atom());
    if (name === 'cal') {
      return m('mi', String(this.atom().textContent).replace('N', '𝒩').replace('U', '𝒰'));
    }
    const accent = { hat: '^', bar: '¯', dot: '˙' }[name];
    if (accent) return accented(this.atom(), accent);
    if (name === '|') { // a bar of a norm
      const bar = m('mo', '‖');
      for (const side of ['lspace', 'rspace']) bar.setAttribute(side, '0');
      return bar;
    }
    if (name === ',') {
      const space = m('mspace');
      space.setAttribute('width', '0.2em');
      return space;
    }
    const letter = greek.get(name);
    if (letter) return m('mi', letter);
    if (NAMES.has(name)) return named(name);
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

/**
 * A sentence whose formulas stand between dollar signs, as text and elements.
 * @param {string} text
 * @returns {(Node|string)[]}
 */
export function sentence(text) {
  return text.split('$').map((part, i) => (i % 2 ? m('math', row(new Reader(part).items(() => false))) : part)).filter(Boolean);
}

/** The same as plain text. @param {string} text */
export const unset = (text) => text.replaceAll('$', '');
