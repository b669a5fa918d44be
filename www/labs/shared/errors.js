// The view "errors", which any lab may list: one picture for each side that has a network, in shared scales.
import { drawErrors, finite, parts, scalesOf, sum } from '../../plots/errors.js';
import { count, number } from '../../plots/kit.js';
import { isLearned } from '../../app/store.js';
import { h } from '../../ui/dom.js';
import { waiting } from '../../app/stage.js';
import { formula, prose, sentences } from '../../plots/prose.js';
import { block } from './words.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/store.js').SideState} SideState
 * @typedef {import('../../app/store.js').JobState} JobState
 * @typedef {import('../../../pkg/cpu/scorefield.js').ErrorPoint} Point
 * @typedef {import('../../../pkg/cpu/scorefield.js').ErrorPlan['sides'][number]} Plan
 * @typedef {import('../../app/stage.js').View} View
 */

/**
 * How a lab measures: d, from a sample to the law, and m, between two runs with the same noise.
 * @typedef {{ d: string, m: string }} Measure
 */

/** The numbers of steps beside a link's own, in the order of the runs (src/labs/errors.rs). */
const STEPS = [2, 3, 5, 8, 12, 18, 28, 42, 64, 96];

/** @type {Measure} */
export const ON_A_LINE = {
  d: 'W₁ from a sample to the law',
  m: 'the mean of |x − y| over pairs of particles with the same noise',
};

/** @type {Measure} */
export const IN_SPACE = {
  d: 'sliced W₂ from a sample to as many fresh draws of the law',
  m: 'the root mean square of x − y, a coordinate, over pairs of particles with the same noise',
};

/** @param {SideState} side */
const learned = ({ info }) => isLearned(info.values);

/**
 * The sides of the job, each with its points from few steps to many.
 * @param {State} state
 * @returns {{ plan: Plan, points: Point[] }[]}
 */
function measured({ jobs: { errors } }) {
  const { plan, points = [] } = errors ?? {};
  return (plan?.sides ?? []).map((/** @type {Plan} */ of) => ({
    plan: of, points: points.filter((p) => p.side === of.side).sort((p, q) => p.steps - q.steps),
  }));
}

/** @param {JobState} job */
const progress = ({ evaluations, total, part }) => ({ text: `Measuring the errors: ${evaluations} of ${total} runs`, part });

/** How a measuring that was cancelled is made after all. */
const ON = '“Run again” starts it from the beginning.';
/** What is said in the place of a picture, by the state of the job. @type {Record<string, string|undefined>} */
const WAITING = { error: 'No errors: see above.', cancelled: `The measuring was cancelled. ${ON}` };

/** The view of a lab. @param {Measure} measure @returns {View} */
export const errorsView = (measure) => ({
  id: 'errors',
  job: { name: 'errors', what: 'measuring of the errors', progress },
  shape: 'errors',
  named: true,
  still: true,
  plain: true,
  sides: (sides) => sides.filter(learned),
  common(_sides, state) {
    const all = measured(state);
    return { all, scales: all.length ? scalesOf(all, STEPS) : null };
  },
  draw(s, { state: { jobs: { errors } }, side, common: { all, scales }, pal }) {
    const mine = all.find((/** @type {{ plan: Plan }} */ { plan }) => plan.side === side.id);
    if (mine && scales) drawErrors(s, { ...mine, scales, levels: levelsOf(side), note: noteOf(errors, mine.plan), pal });
    else waiting(s, WAITING[errors?.state ?? ''] ?? 'Asking the network at every noise level', pal);
  },
  describe({ state: { jobs: { errors } }, side, common: { all } }) {
    const mine = all.find((/** @type {{ plan: Plan }} */ { plan }) => plan.side === side.id);
    return mine ? inWords(mine.plan, mine.points, errors) : WAITING[errors?.state ?? ''] ?? 'The errors are being prepared.';
  },
  note: (_state, sides) => sentences(...sides.filter((side) => !learned(side)).map(({ id, info }) => prose`${id.toUpperCase()} ·
    ${info.title}: no network, so no score error; what is left there are the steps and the luck of the draw.`)),
  words: (state) => wordsOf(state, measure),
});

/** The noise ratios at which a run asks its denoiser. @param {SideState} side */
function levelsOf({ scene }) {
  if (scene.clock !== 'time') return [];
  const { alpha, sigma } = scene;
  return [...alpha].map((v, i) => sigma[i] / v).filter((v) => v > 0);
}

/** What is still to come before there is a bar. @param {JobState|undefined} errors @param {Plan} plan */
function noteOf(errors, plan) {
  if (errors?.state === 'cancelled') return `Cancelled before the first numbers. ${ON}`;
  if (errors?.state === 'error') return 'No numbers: see above.';
  const exact = plan.fine === plan.own ? `${plan.own} steps` : `${plan.fine} steps, then with ${plan.own}`;
  return `First the exact score with ${exact}, then the network: the numbers follow.`;
}

/** Where the network is off most, in terms of what even the exact denoiser leaves open. @param {Plan} plan */
function worstOf({ x_hat, spread, ratio }) {
  const worst = [...x_hat].reduce((p, v, i) => (v / spread[i] > p.part ? { part: v / spread[i], ratio: ratio[i] } : p), {
    part: 0,
    ratio: 0,
  });
  return prose`The network’s denoiser is off most, in terms of what even the exact one does not know, at noise ratio
    ${number(worst.ratio)}: ${number(100 * worst.part)} % of that.`;
}

/** @param {Plan} plan @param {Point[]} points @param {JobState|undefined} job */
function inWords(plan, points, job) {
  const own = points.find((p) => p.steps === plan.own);
  const noise = worstOf(plan);
  const cancelled = job?.state === 'cancelled' && `The measuring was cancelled after ${job.evaluations} of ${job.total} runs. ${ON}`;
  if (!own) return sentences(cancelled || `The errors at N = ${plan.own} are being computed.`, noise);
  if (!finite(own)) return `At N = ${plan.own} the samples are not finite. ${noise}`;
  const all = parts(plan, own);
  const ends = [points[0], points[points.length - 1]].map((p) => `${number(p.total)} at N = ${p.steps}`);
  return sentences(
    prose`Errors at N = ${plan.own}, ${plan.distance} of ${count(plan.n)} samples: total ${number(own.total)}, at most the sum
      ${number(sum(all))} of ${all.map((p) => `${p.name} ${number(p.value)}`).join(', ')}.`,
    points.length > 1 && `The total is ${ends.join(' and ')}.`,
    noise, cancelled);
}

/** What the view shows, and why the parts add up to a bound. @param {State} state @param {Measure} measure @returns {Node[]} */
function wordsOf({ opened }, { d, m }) {
  const N = Number(opened?.a.values.steps);
  const fine = Math.max(256, N);
  return [
    h('p', {}, prose`Where does the error of a learned sampler come from? The run is made again with the exact score, from the same noise
      and with the same steps, and once more with ${fine} steps. Between two of these runs one thing changes: the network, or the steps.
      What is left at ${fine} exact steps is the luck of the draw, and what ${fine} steps still miss. The orange line, as measured, never
      reaches beyond the bar. How much shorter it is tells how far the errors cancel.`),
    block({
      tex: formula`d(\text{net}, N) \le m(\text{net}_N, \text{exact}_N) \; + m(\text{exact}_N, \text{exact}_{${fine}})
        + d(\text{exact}, ${fine})`,
      note: prose`Total ≤ score + discretisation + Monte-Carlo, at N = ${N} and at every other N: d is ${d}, m is ${m}. Any pairing of
        particles bounds a transport distance, so the inequality holds for every sample and every seed (in space within 1 %, because the
        distance uses 64 directions). A sampler that draws noise has none
        in common on two grids; there the last two are one, d(exact, N).`,
    }),
    block({
      tex: formula`\sqrt{E |\hat x_{\text{net}} - \hat x_{\text{exact}}|^2 / k} , \; \sqrt{E |\hat x_{\text{exact}} - x_0|^2 / k}`,
      note: prose`The score error where it arises, with noised draws of the law in k dimensions. Orange is what the network gets wrong at a
        noise level; ink is what even the exact denoiser leaves open there. Where orange comes near ink, the network knows nothing that the
        mean of the data would not say.`,
    }),
  ];
}
