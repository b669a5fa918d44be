// Lab lgssm: legends, and the picture in words.
import { SINGLE, recorded } from '../plots/chain.js';
import { NO_EXACT, costValue, costs, offs } from '../plots/cost.js';
import { number } from '../plots/kit.js';
import { sorted } from '../plots/matrices.js';
import { isOwn, nameOf, peak } from '../plots/score-curves.js';
import { levelName } from '../plots/time.js';
import { frameAt, isLearned } from '../app/store.js';
import { movable } from './lgssm-marks.js';
import { titleOf } from './lgssm-title.js';
import { many } from './words.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('./lgssm.js').Side} Side
 * @typedef {import('../plots/kit.js').Key} Key
 * @typedef {import('../plots/kit.js').Palette} Palette
 * @typedef {{ mean: ArrayLike<number>, sd: ArrayLike<number> }} Law
 */

/** A colour with less of it. @param {string} color @param {number} alpha */
export const faint = (color, alpha) => (/^#[0-9a-f]{6}$/i.test(color) ? color + Math.round(255 * alpha).toString(16).padStart(2, '0') : color);

/** The windows of a configuration's score; none of the full one. @param {Record<string, string>} values @returns {import('../plots/score-curves.js').Own} */
export const windowsOf = (values) => (values.score === 'blanket' || isLearned(values) ? { k: Number(values.k ?? 2), learned: isLearned(values) } : null);

/** What the samples are held against. @param {Side['scene']} scene */
export const referenceName = ({ reference }) => ({ posterior: 'exact posterior', prior: 'exact prior', none: '' })[reference];

/** @param {Side} side @param {number} width @param {Palette} pal @param {boolean} single @returns {Key[]} */
export function chainKeys({ scene, id }, width, pal, single) {
  const short = width < 520;
  const bands = short ? '' : ': mean, 50 and 95 %';
  /** @type {Key[]} */
  const keys = [];
  if (scene.reference !== 'none') keys.push({ kind: 'line', text: `${referenceName(scene)}${bands}`, color: pal.ink, back: faint(pal.ink, 0.2), width: 1.5 });
  keys.push({ kind: 'line', text: `${many(scene.n, 'chain')}${scene.n > 1 ? bands : ''}`, color: pal[id], width: 3.2 });
  if (single && !short && scene.shown > 1) keys.push({ kind: 'line', text: `${Math.min(SINGLE, scene.shown)} of them`, color: faint(pal[id], 0.45), width: 1 });
  keys.push({ kind: 'line', text: 'truth', color: pal.muted, width: 1.4 });
  if (scene.operator === 'window' && scene.rows === 1) keys.push({ kind: 'diamond', text: 'means over windows, at their ends' });
  else if (scene.marks.some((v) => v === v)) keys.push({ kind: 'diamond', text: scene.noise.some((v) => v > 0) && !short ? 'observations ± 2 noise' : 'observations' });
  return keys;
}

const mean = (/** @type {number[]} */ v) => v.reduce((p, q) => p + q, 0) / v.length;

/** How far the samples' moments are from the exact ones. @param {Side} side @param {number} frame @param {Law} exact */
export function distances({ scene, run }, frame, exact) {
  if (run.reached === 0 || !exact.mean.length) return null;
  const m = recorded(scene, run, 'mean', frame);
  const sd = recorded(scene, run, 'sd', frame);
  const all = Array.from(m, (v, i) => ({ off: v - exact.mean[i], ratio: sd[i] / exact.sd[i], sd: sd[i], exact: exact.sd[i] }));
  return {
    off: Math.sqrt(mean(all.map((v) => v.off ** 2))),
    luck: Math.sqrt(mean(all.map((v) => v.exact ** 2)) / scene.n),
    sd: Math.sqrt(mean(all.map((v) => v.sd ** 2))),
    exact: Math.sqrt(mean(all.map((v) => v.exact ** 2))),
  };
}

/** Where there is no blanket. */
export const TOO_SHORT = 'A blanket of one neighbour on each side needs three states at least.';

/** Where the engine forms no matrix. */
export const TOO_LARGE = 'The covariance of a chain this long is not formed; choose a shorter one.';

/** The noise ratios at which a run asks its score. @param {Side['scene']} scene */
export const levelsOf = ({ alpha, sigma }) => Array.from(alpha, (v, i) => sigma[i] / v).filter((v) => v > 0 && Number.isFinite(v));

/** @type {WeakMap<Float32Array, Float32Array>} */
const differences = new WeakMap();

/** The matrices of the view "covariance". @param {Side} side @param {boolean} third  whether the difference has room @param {Palette} pal @returns {import('../plots/matrices.js').Matrix[]} */
export function matricesOf({ scene, run, answers, id }, third, pal) {
  const { covariance, sampled } = answers;
  /** @type {import('../plots/matrices.js').Matrix[]} */
  const all = [];
  const exact = covariance?.exact.length ? covariance.exact : null;
  if (exact) all.push({ title: referenceName(scene), values: exact, note: '', color: pal.ink });
  all.push({ title: many(scene.n, 'sample'), values: sampled, note: run.state === 'running' || run.state === 'waiting' ? 'when the run is done' : run.state === 'done' ? 'being computed' : 'the run did not end', color: pal[id] });
  if (!exact || !third) return inOrder(scene, all);
  let values = null;
  if (sampled) {
    values = differences.get(sampled) ?? sampled.map((v, i) => v - exact[i]);
    differences.set(sampled, values);
  }
  return inOrder(scene, [...all, { title: 'samples − exact', values, note: 'when the run is done', color: '' }]);
}

/** @type {WeakMap<Float32Array, Float32Array>} */
const orders = new WeakMap();

/** @param {Side['scene']} scene @param {import('../plots/matrices.js').Matrix[]} all */
function inOrder({ length, states }, all) {
  return all.map(({ title, values, note, color }) => {
    const ordered = values && (orders.get(values) ?? sorted(values, length, states));
    if (values && ordered) orders.set(values, ordered);
    return { title, values: ordered, note, color };
  });
}

/** @param {State} state @param {Side} side @param {{ observed: ArrayLike<number> }} seen @param {Law} exact */
function chainText(state, side, seen, exact) {
  const { scene } = side;
  const f = Math.max(0, frameAt(side, state.at));
  const d = distances(side, f, exact);
  const far = d ? ` At ${levelName(scene, f)} their mean is off the ${f < scene.frames - 1 ? 'diffused ' : ''}${referenceName(scene)}’s by ${number(d.off)} root mean square (${number(d.luck, 2)} expected of as many exact draws), their standard deviation is ${number(d.sd)} where the exact one is ${number(d.exact)}.` : '';
  const free = side.info.values.guidance === 'none';
  return `${many(scene.n, 'chain')} of ${many(scene.length, 'state')}, ${free ? 'not guided by ' : 'given '}${many(seen.observed.length, 'observation')}.${placeless(scene)}${far}`;
}

/** Observations of a saturating operator that no state can explain without noise. @param {Side['scene']} scene */
export function placeless({ operator, observed, rows, seen, y }) {
  if (operator !== 'saturating') return '';
  const without = Array.from(observed).filter((_, k) => Array.from(seen).some((c, r) => c >= 0 && Math.abs(y[k * rows + r]) >= 1));
  if (without.length === 0) return '';
  const where = without.length > 8 ? `${without.length} of the indices` : `${without.length > 1 ? 'the indices' : 'index'} ${without.join(', ')}`;
  return ` What is observed at ${where} has no place in the picture: |y| ≥ 1, further than u/(1 + |u|) ever comes, so noise is in it.`;
}

/** @param {Side} side */
function scoreText({ answers, info, scene }) {
  if (scene.length < 3) return TOO_SHORT;
  if (!answers.scores) return 'The errors of the blankets’ scores are being computed.';
  const own = windowsOf(info.values);
  const each = answers.scores.curves.map((c) => `${nameOf(c, own)}: ${number(c.most, 3, true)} at σ/α = ${number(peak(c).ratio, 2)}${isOwn(c, own) ? ', this run’s' : ''}`);
  return `Largest relative error of scores of windows over the noise ratio${own?.learned ? '' : ', exact at both ends and largest between'}: ${each.join('; ')}.${own ? '' : ' This run has the full score.'}`;
}

/** @param {Side} side */
function covarianceText({ scene, answers }) {
  const { covariance, sampled } = answers;
  if (!covariance) return 'The covariance is being computed.';
  let most = 0;
  for (const v of covariance.exact) most = Math.max(most, Math.abs(v));
  const what = `Covariance matrix of the ${referenceName(scene) || 'chain'}, ${covariance.size} × ${covariance.size}, largest entry ${number(most)}`;
  if (!covariance.exact.length && scene.reference !== 'none') return TOO_LARGE;
  if (!sampled) return `${what}; that of the samples comes when the run is done.`;
  if (!covariance.exact.length) return `Covariance matrix of ${many(scene.n, 'sample')}.`;
  let off = 0;
  let all = 0;
  covariance.exact.forEach((v, i) => {
    off += (sampled[i] - v) ** 2;
    all += v * v;
  });
  return `${what}, beside that of ${many(scene.n, 'sample')}: their difference has ${number(Math.sqrt(off / all))} of its norm (Frobenius).`;
}

/** The picture of the cost, of both sides. @param {Side[]} sides */
export function costText(sides) {
  return sides.map((side) => {
    const title = titleOf(side.info, sides.find(({ id }) => id !== side.id)?.info);
    const who = sides.length > 1 ? `Configuration ${side.id.toUpperCase()}, ${title}` : title;
    const found = offs(side);
    const most = (/** @type {Float64Array} */ v) => v.reduce((p, q, i) => (Math.abs(q) > Math.abs(p.value) ? { value: q, i } : p), { value: 0, i: 0 });
    const wide = found?.sd.map(most).reduce((p, q) => (Math.abs(q.value) > Math.abs(p.value) ? q : p));
    const far = found && wide ? ` ${side.run.state === 'done' ? 'At the end' : 'So far'} the mean is off most at index ${most(found.mean).i}, by ${number(most(found.mean).value)}; the deviation at index ${wide.i}, where it is ${number(100 * Math.abs(wide.value))} % too ${wide.value > 0 ? 'wide' : 'narrow'} (${number(100 * found.luck.sd, 2)} % is the luck of the draw).` : '';
    return `${who}. ${costs(side).map((c) => `${c.name}: ${costValue(c)}`).join('; ')}.${far}`;
  }).join(' ') + (sides.every(({ scene }) => scene.reference === 'none') ? ` ${NO_EXACT}` : '');
}

/** What a side's picture shows, in words. @param {State} state @param {Side} side @param {{ observed: ArrayLike<number>, marks: ArrayLike<number> }} seen @param {Law} exact */
export function text(state, side, seen, exact) {
  const { scene, info } = side;
  const title = titleOf(info, state.opened?.[side.id === 'a' ? 'b' : 'a']);
  const who = state.opened?.b ? `Configuration ${side.id.toUpperCase()}, ${title}. ` : `${title}. `;
  switch (state.opened?.view) {
    case 'score-error': return who + scoreText(side);
    case 'covariance': return who + covarianceText(side);
    case 'phase': return `${who}The two coordinates of ${chainText(state, side, seen, exact)}`;
    default: return `${who}${chainText(state, side, seen, exact)} ${movable(scene) ? 'Left and right arrows choose an observation, with Shift any index; up and down move it, Enter adds one, Delete takes it away.' : 'Observations cannot be moved here.'}`;
  }
}
