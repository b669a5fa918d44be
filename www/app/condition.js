// What the page does, in a word: for its style, for messages and for tests.
import { isEarlier } from './store.js';

/** @typedef {'booting'|'running'|'done'|'cancelled'|'error'} Condition */

const BUSY = ['running', 'waiting', 'training'];

/**
 * @param {import('./store.js').State} s
 * @param {{ there: boolean, absent: boolean, job: import('./stage.js').Job|undefined }} lab  of the open link: whether its files are there,
 *   whether they will not come, and what its view has computed beside the runs
 * @returns {Condition}
 */
export function conditionOf(s, { there, absent, job }) {
  const { opened, a, b } = s;
  if (s.linkError || (s.fault && s.fault.kind !== 'file')) return 'error';
  if (a && isEarlier(s)) return 'running';
  const states = [a, b].map((side) => side?.run.state ?? '');
  if (states.includes('error') || (opened && absent)) return 'error';
  if (!a) return 'booting';
  if (!there) return 'running';
  if (states.includes('untrained')) return 'cancelled';
  const working = job && (s.jobs[job.name]?.state ?? 'running') === 'running';
  return states.some((state) => BUSY.includes(state)) || working || (opened?.b && !b) ? 'running' : 'done';
}
