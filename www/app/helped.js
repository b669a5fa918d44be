// Runs and jobs that take long are shared out over more workers.
import { isOfLink } from '../types.js';
import { SIDES } from './store.js';

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').Fault} Fault
 */

/**
 * The networks that were trained for the sides of the open link.
 * @param {Store} store
 * @returns {import('../engine/client.js').Trained[]}
 */
export const trained = ({ state }) => SIDES.flatMap((side) => {
  const bytes = state[side]?.training?.bytes;
  return bytes ? [{ side, bytes }] : [];
});

/**
 * Tells that a worker that helped is lost, unless the run itself says why.
 * @param {Store} store @param {Fault} fault @param {{ state: string }} of  the run or the job
 * @param {string} [who]  does its part now, in words
 */
export function tellLost(store, fault, of, who = 'Its part is done elsewhere') {
  if (isOfLink(fault) || of.state !== 'running') return;
  const why = fault.cause ?? fault.message.replace(/\.$/, '');
  store.tell(`A worker that helped was lost${why ? ` (${why})` : ''}. ${who}: the result is the same.`);
}
