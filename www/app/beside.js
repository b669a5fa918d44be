// A job beside the runs: started when its view is open, given up when that is left. Its points come one by one.
import { asFault } from './store.js';

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').Opened} Opened
 * @typedef {import('../engine/client.js').Client} Client
 * @typedef {import('../engine/client.js').Listener} Listener
 * @typedef {import('./store.js').JobState<any, any>} Job
 */

export class Beside {
  /**
   * @param {Store} store
   * @param {Client} client
   * @param {'sweep'|'errors'} name  of its state
   * @param {(opened: Opened) => string} key  what it depends on
   */
  constructor(store, client, name, key) {
    this.store = store;
    this.client = client;
    this.name = name;
    this.key = key;
  }

  /** @returns {Job|null} */
  get job() {
    return this.store.state[this.name];
  }

  /**
   * Starts a job on a link unless it is there.
   * @param {Opened} opened
   * @param {(listener: Listener, planned: (plan: any, total: number) => void) => number} start
   * @param {{ engine?: import('./store.js').EngineId, step?: (job: Job, ms: number) => void, failed?: (fault: import('./store.js').Fault) => void }} [on]
   */
  begin(opened, start, on = {}) {
    const key = this.key(opened);
    const old = this.job;
    if (old?.key === key && old.state !== 'error') return;
    if (old) this.client.drop(old.id);
    /** @type {Job} */
    const job = { id: 0, key, engine: on.engine ?? 'cpu', plan: null, points: [], state: 'running', evaluations: 0, total: 0, part: 0, started: performance.now(), fault: null };
    job.id = start({
      step: (progress, ms, _frames, points) => {
        if (job.state === 'cancelled') return; // the piece that was under way
        job.evaluations = progress.evaluations;
        job.total = progress.total;
        job.part = progress.evaluations / progress.total;
        job.points.push(...points);
        on.step?.(job, ms);
        this.store.touch();
      },
      done: () => {
        if (job.state === 'cancelled') return;
        job.state = 'done';
        this.store.touch();
      },
      failed: (fault) => {
        on.failed?.(fault);
        Object.assign(job, { state: 'error', fault: asFault(fault) });
        this.store.touch();
      },
    }, (plan, total) => {
      job.plan = plan;
      job.total = total;
      this.store.touch();
    });
    this.store.patch({ [this.name]: job });
  }

  /** Stops; the points so far stay. */
  cancel() {
    const { job } = this;
    if (job?.state !== 'running') return;
    job.state = 'cancelled';
    this.client.stop(job.id);
  }

  /** Another link is open: the job of an earlier one goes. @param {Opened} opened */
  adopt(opened) {
    if (this.job && this.job.key !== this.key(opened)) this.forget();
  }

  /** Its view is closed: an unfinished one is given up. */
  leave() {
    if (this.job && this.job.state !== 'done') this.forget();
  }

  forget() {
    const { job } = this;
    if (!job) return;
    this.client.drop(job.id);
    this.store.patch({ [this.name]: null });
  }
}
