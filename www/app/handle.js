// For tests and the curious: `__scorefield`, what there is now of the open link, read-only.
import { current, isEarlier } from './store.js';

/** @typedef {import('./store.js').SideId} SideId */
/** @typedef {import('./store.js').JobState} JobState */

/**
 * @param {import('./store.js').Store} store
 * @param {import('../engine/client.js').Client} client
 * @param {() => string} run  what the page does, in a word
 */
export function leaveHandle(store, client, run) {
  const { state } = store;
  /** @param {SideId} id */
  const theirs = (id) => (isEarlier(state) ? null : current(state, id));
  const handle = Object.freeze({
    get opened() { return state.opened; },
    get engine() { return state.engine; },
    get reason() { return state.reason; },
    /** The graphics adapter in words, once WebGPU is ready. */
    get adapter() { return state.webgpu.startsWith('ready: ') ? state.webgpu.slice('ready: '.length) : ''; },
    get state() { return run(); },
    get at() { return state.at; },
    get playing() { return state.playing; },
    get metrics() { return theirs('a')?.run.metrics ?? null; },
    get fingerprint() { return theirs('a')?.run.fingerprint ?? null; },
    get fingerprints() {
      const sides = /** @type {SideId[]} */ (state.opened?.b ? ['a', 'b'] : ['a']);
      return sides.map((id) => theirs(id)?.run.fingerprint ?? null);
    },
    get evaluations() { return theirs('a')?.run.evaluations ?? 0; },
    get training() {
      const t = theirs('a')?.training;
      if (!t) return null;
      const { state: now, source, step, steps, loss, floor, ms, workers, stopped, proof } = t;
      return { state: now, source, step, steps, loss, floor, ms, workers, stopped, proof };
    },
    get check() { return theirs('a')?.run.check ?? null; },
    get sweep() { return state.jobs.sweep?.points ?? []; },
    get errors() { return state.jobs.errors?.points ?? []; },
    get reference() { return state.jobs.reference?.points ?? []; },
    get race() { return state.jobs.race?.points ?? []; },
    get workers() { return theirs('a')?.run.workers ?? 0; },
    /** Of each job, its state and the workers that do its runs. */
    get jobs() {
      const told = (/** @type {JobState} */ { state: now, workers, part }) => ({ state: now, workers, part });
      const all = Object.entries(state.jobs);
      return Object.fromEntries(all.flatMap(([name, job]) => (job ? [[name, told(job)]] : [])));
    },
    /** Shares that each worker beside the first has at present. */
    shares: () => client.pool.held(),
    compiled: () => client.compiled(),
    /** @param {SideId} [side] */
    samples: (side = 'a') => client.samples(theirs(side)?.run.id ?? 0),
  });
  Object.defineProperty(globalThis, '__scorefield', { value: handle });
}
