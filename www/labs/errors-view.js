// The view "errors" of every lab: one picture for each side that has a network, in shared scales; its words.
import { STEPS } from '../app/errors.js';
import { drawErrors, finite, parts, scalesOf, sum } from '../plots/errors.js';
import { count, label, number, palette, surface } from '../plots/kit.js';
import { h } from '../ui/dom.js';
import { tex } from '../ui/math.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').SideId} SideId
 * @typedef {import('../app/store.js').ErrorPoint} Point
 * @typedef {import('../app/store.js').ErrorPlan['sides'][number]} Plan
 */

/** @typedef {{ canvas: HTMLCanvasElement, caption: HTMLElement }} Pane */

export class ErrorsView {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    /** @type {Pane[]} */
    this.panes = [];
    this.without = h('p.without');
  }

  /** Whether it is what the host shows. */
  get shown() {
    return this.host.contains(this.panes[0]?.canvas ?? null);
  }

  pictures() {
    return this.panes.map((p) => p.canvas);
  }

  /** Gives the host back, if it has it. */
  leave() {
    if (!this.shown) return;
    this.host.classList.remove('errors', 'pair');
    this.host.replaceChildren();
  }

  /** @param {State} state */
  draw({ opened, errors, a, b }) {
    if (!opened) return;
    const all = /** @type {SideId[]} */ (opened.b ? ['a', 'b'] : ['a']);
    const learned = all.filter((id) => ['net', 'trained'].includes(opened[id]?.values.score ?? ''));
    this.#layout(learned.length);
    const bare = all.filter((id) => !learned.includes(id));
    const lacking = bare.map((id) => `${id.toUpperCase()} · ${opened[id]?.title}: no network, so no score error; what is left there are the steps and the luck of the draw.`).join(' ');
    if (this.without.textContent !== lacking) this.without.textContent = lacking;
    this.without.hidden = !lacking;
    const pal = palette(this.host);
    const sides = (errors?.plan?.sides ?? []).map((plan) => ({ plan, points: (errors?.points ?? []).filter((p) => p.side === plan.side).sort((p, q) => p.steps - q.steps) }));
    const scales = sides.length ? scalesOf(sides, STEPS) : null;
    learned.forEach((id, i) => {
      const { canvas, caption } = this.panes[i];
      const title = opened[id]?.title ?? '';
      caption.hidden = !opened.b;
      caption.className = id;
      if (caption.textContent !== `${id.toUpperCase()} · ${title}`) caption.textContent = `${id.toUpperCase()} · ${title}`;
      const mine = sides.find(({ plan }) => plan.side === id);
      const s = surface(canvas);
      if (s && mine && scales) drawErrors(s, { ...mine, scales, levels: levelsOf({ a, b }[id]), note: noteOf(errors, mine.plan), pal });
      else if (s) label(s, errors?.state === 'error' ? 'No errors: see above.' : 'Asking the network at every noise level', s.w / 2, s.h / 2, { color: pal.muted, align: 'center' });
      const words = `${opened.b ? `Configuration ${id.toUpperCase()}, ` : ''}${title}. ${mine ? inWords(mine.plan, mine.points) : 'The errors are being prepared.'}`;
      if (canvas.getAttribute('aria-label') !== words) canvas.setAttribute('aria-label', words);
    });
  }

  /** As many canvases as there are networks. @param {number} n */
  #layout(n) {
    if (this.panes.length === n && this.shown) return;
    this.panes = Array.from({ length: n }, () => ({ canvas: h('canvas', { role: 'img' }), caption: h('figcaption') }));
    this.host.replaceChildren(...this.panes.map((p) => h('figure', {}, p.caption, p.canvas)), this.without);
    this.host.classList.add('errors');
    this.host.classList.toggle('pair', n === 2);
  }
}

/** The noise ratios at which a run asks its denoiser. @param {import('../app/store.js').SideState|null} side */
function levelsOf(side) {
  if (!side || side.scene.clock !== 'time') return [];
  const { alpha, sigma } = side.scene;
  return [...alpha].map((v, i) => sigma[i] / v).filter((v) => v > 0);
}

/** What is still to come before there is a bar. @param {State['errors']} errors @param {Plan} plan */
function noteOf(errors, plan) {
  if (errors?.state === 'cancelled') return 'Cancelled before the first numbers.';
  if (errors?.state === 'error') return 'No numbers: see above.';
  return `First the exact score with ${plan.fine} steps, then with ${plan.own}, then the network: the numbers follow.`;
}

/** @param {Plan} plan @param {Point[]} points */
function inWords(plan, points) {
  const own = points.find((p) => p.steps === plan.own);
  const worst = [...plan.x_hat].reduce((p, v, i) => (v / plan.spread[i] > p.part ? { part: v / plan.spread[i], ratio: plan.ratio[i] } : p), { part: 0, ratio: 0 });
  const noise = `The network’s denoiser is off most, in terms of what even the exact one does not know, at noise ratio ${number(worst.ratio)}: ${number(100 * worst.part)} % of that.`;
  if (!own) return `The errors at N = ${plan.own} are being computed. ${noise}`;
  if (!finite(own)) return `At N = ${plan.own} the samples are not finite. ${noise}`;
  const all = parts(plan, own);
  const ends = [points[0], points[points.length - 1]].map((p) => `${number(p.total)} at N = ${p.steps}`);
  return `Errors at N = ${plan.own}, ${plan.distance} of ${count(plan.n)} samples: total ${number(own.total)}, at most the sum ${number(sum(all))} of ${all.map((p) => `${p.name} ${number(p.value)}`).join(', ')}. ${points.length > 1 ? `The total is ${ends.join(' and ')}. ` : ''}${noise}`;
}

/** What the view shows, and why the parts add up to a bound. @param {State} state @returns {Node[]} */
export function errorWords({ opened }) {
  const line = opened?.lab === 'toy1d';
  const N = Number(opened?.a.values.steps);
  const fine = Math.max(256, N);
  const d = line ? 'W₁ from a sample to the law' : 'sliced W₂ from a sample to as many fresh draws of the law';
  const m = line ? 'the mean of |x − y| over pairs of particles with the same noise' : 'the root mean square of x − y, a coordinate, over pairs of particles with the same noise';
  const block = (/** @type {string} */ source, /** @type {string} */ note) => h('div.formula', {}, h('div.parts', {}, ...tex(source)), h('p', {}, note));
  return [
    h('p', {}, `Where does the error of a learned sampler come from? The run is made again with the exact score, from the same noise and with the same steps, and once more with ${fine} steps: what changes between two of these runs is one thing each time, the network or the steps, and what is left at ${fine} exact steps is the luck of the draw. The orange line, as measured, never reaches beyond the bar; how much shorter it is tells how far the errors cancel.`),
    block(`d(\\text{net}, N) \\le m(\\text{net}_N, \\text{exact}_N) \\; + m(\\text{exact}_N, \\text{exact}_{${fine}}) + d(\\text{exact}, ${fine})`, `Total ≤ score + discretisation + Monte-Carlo, at N = ${N} and at every other N: d is ${d}, m is ${m}. Any pairing of particles bounds a transport distance, so the inequality holds for every sample and every seed. A sampler that draws noise has none in common on two grids; there the last two are one, d(exact, N).`),
    block('\\sqrt{E |\\hat x_{\\text{net}} - \\hat x_{\\text{exact}}|^2 / k} , \\; \\sqrt{E |\\hat x_{\\text{exact}} - x_0|^2 / k}', 'The score error where it arises, with noised draws of the law in k dimensions: orange is what the network gets wrong at a noise level, ink what even the exact denoiser leaves open there. Where orange comes near ink, the network knows nothing that the mean of the data would not say.'),
  ];
}
