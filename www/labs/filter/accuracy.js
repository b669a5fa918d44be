// Lab filter, view "accuracy": errors over the cycles, and their means.
import { drawAccuracy, meanOf, meanText } from '../../plots/accuracy.js';
import { prose, sentences } from '../../plots/prose.js';
import { many } from '../shared/words.js';
import { counting } from './laws.js';
import { askedOfReference, energyOf, heldOf, referenceJob, referenceWords } from './reference.js';
import { asked, note } from './states.js';
import { errorOf } from './words.js';

/**
 * @typedef {import('./laws.js').Side} Side
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('../../plots/kit.js').Key} Key
 * @typedef {import('./laws.js').Look} Look
 */

const CURVES = /** @type {const} */ ([
  ['rmse', 'error'],
  ['crps', 'CRPS'],
  ['w1', 'W₁'],
  ['ess', 'ESS'],
]);

/** @typedef {import('../../app/store.js').State} State */

/**
 * The curve of the exact filter, or of the reference, beside that of a run; empty where there is none.
 * @param {State} state @param {Side} side @param {string} key
 */
function besideOf(state, side, key) {
  const law = heldOf(state, side)?.law;
  return law && (key === 'rmse' || key === 'crps') ? law[key] : [];
}

/** From the smallest to the largest. @param {ArrayLike<number>} all */
function rangeOf(all) {
  const [lo, hi] = Array.from(all).reduce(([p, q], x) => [Math.min(p, x), Math.max(q, x)], [Infinity, -Infinity]);
  return hi - lo;
}

/** The top of each axis: the largest value of all sides, but for a few of the start. @param {Side[]} sides @param {State} state */
function tops(sides, state) {
  /** @type {Record<string, number>} */
  const found = {};
  for (const side of sides) {
    const { run, scene } = side;
    for (const [key] of CURVES) {
      if (!run.data[key]) continue;
      const all = [...run.data[key].subarray(0, run.reached), ...(key === 'rmse' ? run.data.spread.subarray(0, run.reached) : [])];
      const sorted = all.filter(Number.isFinite).sort((p, q) => p - q);
      const high = sorted[Math.min(sorted.length - 1, Math.ceil(0.99 * sorted.length))] ?? 0;
      const most = Array.from(besideOf(state, side, key)).reduce((p, q) => (q > p ? q : p), high);
      found[key] = Math.max(found[key] ?? 0, key === 'ess' ? 1.04 * scene.n : 1.08 * most);
    }
    const energy = energyOf(side);
    if (energy) found.energy = Math.max(found.energy ?? 0, 1.08 * Math.max(...energy.distance));
    // A filter that diverges may have any error: the axis ends where all the states of the truth would fit in twice.
    const far = 2 * Math.max(rangeOf(scene.truth), 4 * (run.data.spread[0] || 0));
    for (const key of ['rmse', 'crps', 'w1']) if (found[key] > far && far > 0) found[key] = far;
  }
  for (const key of Object.keys(found)) found[key] ||= 1;
  return found;
}

/**
 * @param {State} state @param {Side} side @param {Record<string, number>} most
 * @returns {import('../../plots/accuracy.js').Curve[]}
 */
function curvesOf(state, side, most) {
  const { data } = side.run;
  const whose = side.scene.known ? 'exact filter' : 'reference';
  const curves = CURVES.filter(([key]) => data[key]).map(([key, name]) => ({
    name, own: data[key], top: most[key], whose,
    beside: besideOf(state, side, key),
    ...(key === 'rmse' ? { second: data.spread } : {}),
  }));
  const energy = energyOf(side);
  if (!energy) return curves;
  return [...curves, { name: 'energy distance', own: energy.distance, top: most.energy, whose, beside: [], floor: energy.perfect }];
}

/**
 * The mean energy distance to the reference, and of as many draws from it, up to a cycle.
 * @param {Side} side @param {number} last
 */
function energyMeans(side, last) {
  const energy = energyOf(side);
  if (!energy) return null;
  const [own, perfect] = [energy.distance, energy.perfect].map((v) => meanText(meanOf(v, counting(side.scene), last)));
  return { own, perfect, members: energy.members };
}

/** @type {View} */
export const accuracy = {
  id: 'accuracy',
  job: referenceJob,
  needs: (state, side) => [...asked(side), ...askedOfReference(state, side)],
  note,
  common: tops,
  draw(s, look) {
    const { state, side, frame, pal, common } = /** @type {Look} */ (look);
    const { scene, run, id } = side;
    const held = heldOf(state, side);
    const last = Math.min(frame, run.reached - 1);
    const of = (/** @type {string} */ key) => meanText(meanOf(run.data[key], counting(scene), last));
    /** @type {Key[]} */
    const keys = [
      { kind: 'line', text: `this filter (mean error ${of('rmse')})`, color: pal[id], width: 2 },
      { kind: 'dash', text: `its spread (mean ${of('spread')})`, color: pal[id], width: 1.4 },
    ];
    const exact = errorOf(side.info.values) ? 'exact for the filter’s model' : 'exact filter';
    if (scene.known) keys.push({ kind: 'line', text: exact, color: pal.ink, width: 1.3 });
    if (held?.reference) {
      const end = held.law.rmse.length - 1;
      const mean = meanText(meanOf(held.law.rmse, counting(scene), last));
      const text = `reference${end < last ? ` to cycle ${end}` : ''} (mean error ${mean})`;
      keys.push({ kind: 'line', text, color: pal.ink, width: 1.3 });
    }
    const energy = energyMeans(side, last);
    if (energy) {
      keys.push({ kind: 'line', text: `energy distance: mean ${energy.own}`, color: pal[id], width: 2 });
      keys.push({ kind: 'dash', text: `of ${many(energy.members, 'perfect draw')}: ${energy.perfect}`, color: pal.muted, width: 1.4 });
    }
    drawAccuracy(s, { curves: curvesOf(state, side, common), steps: scene.steps, burnIn: scene.burn_in, last, side: id, pal, keys });
  },
  describe(look) {
    const { state, side, frame } = /** @type {Look} */ (look);
    const { scene, run } = side;
    const last = Math.min(frame, run.reached - 1);
    const held = heldOf(state, side);
    const energy = energyMeans(side, last);
    const mean = (/** @type {ArrayLike<number>} */ v) => meanText(meanOf(v, counting(scene), last));
    return sentences(
      prose`Errors over the cycles. Means of the analysed cycles after burn-in, up to cycle ${Math.max(0, last)}: error
        ${mean(run.data.rmse)},
        spread ${mean(run.data.spread)}, CRPS ${mean(run.data.crps)}.`,
      held && prose`The ${held.reference ? 'reference' : 'exact filter'}${held.law.rmse.length <= last
        ? ` up to cycle ${held.law.rmse.length - 1}` : ''}${errorOf(side.info.values) && ' of this model'} has error
        ${mean(held.law.rmse)}, CRPS ${mean(held.law.crps)}.`,
      energy && prose`Energy distance to the reference: ${energy.own}; of as many independent draws from it, ${energy.perfect}.`,
      run.data.w1 && `W₁ to the exact law: ${mean(run.data.w1)}.`);
  },
  words({ a }) {
    const side = /** @type {Side|null} */ (/** @type {unknown} */ (a));
    if (!side) return '';
    return sentences(
      prose`The error is the distance of the filter’s mean from the truth; the spread is what the filter takes its error to be. Means are
        taken
        over the analysed cycles after burn-in, up to the slider.`,
      side.scene.known && (errorOf(side.info.values)
        ? 'Ink is exact for the filter’s model, which is not that of the truth: another filter may have a smaller expected error.'
        : 'Ink is the exact filter: no filter has a smaller expected error.'),
      side.scene.reference && referenceWords(side),
      side.scene.reference && prose`The energy distance 2E|X − Y| − E|X − X′| − E|Y − Y′| between members X and reference Y sees the whole
        law, not only its mean; the dashed curve is what as many independent draws from the reference have on average. It is computed when
        the run and the reference are done.`,
      side.run.data.w1 && 'W₁ is the distance from the exact law: what is left when luck with the truth is taken out.',
      side.run.data.ess && 'ESS counts the members that carry weight before they are resampled.');
  },
};
