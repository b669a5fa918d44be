// Lab toy1d: when the variance of the samples is off by more than luck although the score is exact, the steps are the cause.

import { count, number } from '../../plots/kit.js';
import { prose } from '../../plots/prose.js';

/**
 * @typedef {import('../../app/store.js').SideState} SideState
 * @typedef {import('../../app/store.js').RunState} RunState
 */

/**
 * errors: by how many standard errors; more: steps to try.
 * @typedef {{ value: number, exact: number, errors: number, steps: number, more: number|null }} Cause
 */

const ERRORS = 5; // standard errors of an independent sample that luck does not explain

/**
 * By how much the variance may be off for other reasons than the steps: the run starts from N(0, σ²) in place of the law
 * of x_t there, and it ends at a level that may still have noise. Each as a part of the variance of the data.
 * @param {{ alpha: ArrayLike<number>, sigma: ArrayLike<number>, frames: number }} scene @param {number} v
 */
export function ends({ alpha, sigma, frames }, v) {
  const last = frames - 1;
  const start = (alpha[0] ** 2 * v) / (alpha[0] ** 2 * v + sigma[0] ** 2);
  const end = Math.abs(alpha[last] ** 2 * v + sigma[last] ** 2 - v) / v;
  return start + end;
}

/**
 * What a run that has ended teaches about its steps; null where luck or something else explains its variance.
 * @param {Record<string, string>} values
 * @param {{ alpha: ArrayLike<number>, sigma: ArrayLike<number>, frames: number }} scene
 * @param {import('../../app/store.js').Metrics|null} metrics
 * @param {number} most  steps that a link can have
 * @returns {Cause|null}
 */
export function lessonOf(values, scene, metrics, most) {
  if (values.score !== 'exact' || !metrics?.final) return null;
  const row = metrics.rows.find((r) => r.key === 'var');
  if (!row || row.value === null || !Number.isFinite(row.value) || !(Number(row.error) > 0)) return null;
  const off = Math.abs(row.value - row.reference);
  const error = Number(row.error);
  if (off < ERRORS * error + 2 * row.reference * ends(scene, row.reference)) return null;
  const steps = Number(values.steps);
  // An error of first order falls below one standard error at steps · off/error.
  const wanted = Number(Math.max(2 * steps, (steps * off) / error).toPrecision(2));
  return { value: row.value, exact: row.reference, errors: off / error, steps, more: steps < most ? Math.min(most, wanted) : null };
}

/** @type {WeakMap<RunState, Cause|null>} */
const known = new WeakMap();

/** The same for a side, kept while its run is looked at from other places. @param {SideState} side */
function causeOf({ info, scene, run }) {
  const most = info.controls.find(({ key }) => key === 'steps')?.max ?? Infinity;
  if (info.facts.one_level) return null;
  if (run.state === 'done' && run.metrics?.final) known.set(run, lessonOf(info.values, scene, run.metrics, most));
  return known.get(run) ?? null;
}

/** Said, with what to try next. @param {SideState} side @returns {import('../../app/stage.js').Lesson|null} */
function told(side) {
  const cause = causeOf(side);
  if (!cause) return null;
  const { value, exact, errors, steps, more } = cause;
  return {
    lead: `Variance ${number(value)} in place of ${number(exact)}: `,
    rest: prose`${count(errors)} standard errors off with an exact score: the error of
      ${steps === 1 ? 'one step' : `${count(steps)} steps`} (discretisation).`,
    offers: [
      ...(more === null ? [] : [{ text: `Try ${count(more)} steps`, side: side.id, key: 'steps', value: String(more) }]),
      { text: 'Sweep over N', side: 'a', key: 'view', value: 'sweep' },
    ],
  };
}

/** @type {NonNullable<import('../../app/stage.js').Lab['lesson']>} */
export const lesson = { place: ({ info }) => info.values.score === 'exact', of: told };
