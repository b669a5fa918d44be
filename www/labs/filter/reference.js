// Lab filter: the reference of Lorenz-63, which has no exact filter: a job beside the runs, the same for every method.
import { answerOf } from '../../app/answers.js';
import { meanOf } from '../../plots/accuracy.js';
import { count, number } from '../../plots/kit.js';
import { prose } from '../../plots/prose.js';
import { SETTING } from './keys.js';
import { counting, exactOf } from './laws.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/stage.js').Job} Job
 * @typedef {import('./laws.js').Side} Side
 * @typedef {import('./laws.js').FilterExact} FilterExact
 * @typedef {import('../../../pkg/cpu/scorefield.js').FilterReference} FilterReference
 * @typedef {import('../../../pkg/cpu/scorefield.js').FilterReferencePlan} FilterReferencePlan
 * @typedef {import('../../../pkg/cpu/scorefield.js').FilterEnergy} FilterEnergy
 */

/** A job with its types. @typedef {import('../../app/store.js').JobState<FilterReferencePlan, FilterReference>} ReferenceState */

/** What a reference depends on: it is kept while other keys change. */
const ONLY = ['lab', 'model', ...SETTING.filter((key) => key !== 'burn-in')];

/** Whether a side has a reference. @param {any} side */
const has = (side) => Boolean(side?.scene.reference);

/** The job, where a side has a reference. @param {State} state @returns {Job|undefined} */
export function referenceJob(state) {
  if (!has(state.a) && !has(state.b)) return undefined;
  return {
    name: 'reference',
    what: 'reference',
    only: ONLY,
    progress: ({ plan, evaluations, total, part }) => ({
      text: `Reference, a particle filter of ${count(plan.n)} members: cycle ${count(Math.max(0, evaluations - 1))} of ${count(total - 1)}`,
      part,
    }),
  };
}

/** @param {State} state @returns {ReferenceState|undefined} */
const jobOf = ({ jobs }) => jobs.reference;

/**
 * The reference of a side, as far as it has come.
 * @typedef {object} Reference
 * @property {number} n  its members
 * @property {FilterReference[]} points  by cycle
 * @property {number[]} before
 * @property {number[]} before_sd
 * @property {number[]} mean
 * @property {number[]} sd
 * @property {number[]} bands
 * @property {number[]} rmse
 * @property {number[]} spread
 * @property {number[]} crps
 * @property {string} fault  why it ends early; empty where it does not
 */

/** @type {WeakMap<ReferenceState, Partial<Record<string, { taken: number, own: Reference }>>>} */
const gathered = new WeakMap();

/**
 * The reference of a side; null where there is none, or no cycle of it yet.
 * @param {State} state
 * @param {Side} side
 * @returns {Reference|null}
 */
export function referenceOf(state, side) {
  const job = jobOf(state);
  if (!job?.plan || !has(side)) return null;
  const sides = gathered.get(job) ?? {};
  gathered.set(job, sides);
  const kept = sides[side.id] ??= {
    taken: 0,
    own: { n: job.plan.n, points: [], before: [], before_sd: [], mean: [], sd: [], bands: [], rmse: [], spread: [], crps: [], fault: '' },
  };
  const { own } = kept;
  for (const point of job.points.slice(kept.taken)) {
    if (!point.sides.includes(side.id)) continue;
    if (point.fault) own.fault = point.fault;
    else {
      own.points.push(point);
      for (const key of /** @type {const} */ (['before', 'before_sd', 'mean', 'sd', 'bands'])) own[key].push(...point[key]);
      for (const key of /** @type {const} */ (['rmse', 'spread', 'crps'])) own[key].push(point[key]);
    }
  }
  kept.taken = job.points.length;
  return own.points.length || own.fault ? own : null;
}

/** Whether the reference of a link is there as a whole. @param {State} state */
const isDone = (state) => jobOf(state)?.state === 'done';

/**
 * What a run is held against: the exact filter, or where there is none the reference as far as it has come.
 * @param {State} state
 * @param {Side} side
 * @returns {{ law: FilterExact, reference: null } | { law: Reference, reference: Reference } | null}
 */
export function heldOf(state, side) {
  const exact = exactOf(side);
  if (exact) return { law: exact, reference: null };
  const reference = referenceOf(state, side);
  return reference && { law: reference, reference };
}

/** What asks how far the members are from the reference, once that is there. @param {State} state @param {any} side */
export const askedOfReference = (state, side) =>
  (has(side) && side.scene.n > 0 && isDone(state) ? [{ question: 'energy', of: /** @type {const} */ ('run') }] : []);

/**
 * How far the members are from the reference, cycle by cycle; null while that is not known.
 * @param {Side} side @returns {FilterEnergy|null}
 */
export const energyOf = (side) => answerOf(side, 'energy', {}, 'run') ?? null;

/** That the reference ends before the last cycle, and why; empty where it does not. @param {State} state @param {Side} side */
export function endOf(state, side) {
  const own = referenceOf(state, side);
  if (own?.fault) return `The reference ends early. ${own.fault}`;
  if (!has(side) || jobOf(state)?.state !== 'cancelled') return '';
  return own && own.points.length > 1 ? `The reference was cancelled: it ends at cycle ${own.points.length - 1}.`
    : 'The reference was cancelled: there is none.';
}

/** What stands for the exact answer, in words: true before, while and after it is computed. @param {Side} side */
export const referenceWords = ({ scene }) => (scene.reference
  ? prose`No exact law is known here. In its place a reference is computed beside the run: a particle filter of 16,384 members on the same
    truth and the same observations, with draws of its own. It is near the exact law, and not exact. Ink is the reference, as far as it
    has come.`
  : 'No exact law is known here.');

/**
 * The number of the reference beside that of a run, a mean over the cycles that count up to one; or why it is not there.
 * @param {State} state @param {any} side @param {string} key @param {number} last
 */
export function besideRun(state, side, key, last) {
  if (!has(side) || (key !== 'rmse' && key !== 'spread' && key !== 'crps')) return '';
  const own = referenceOf(state, side);
  if (own && own.points.length > last) {
    const mean = meanOf(own[key], counting(side.scene), last);
    return Number.isFinite(mean) ? `reference ${number(mean)}` : '';
  }
  const job = jobOf(state);
  if (job?.state === 'running') return 'reference to come';
  return job ? 'no reference so far' : '';
}
