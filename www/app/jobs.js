// Jobs beside the runs: one is started when a view that shows it is open and given up when that is left. Its points come one by one.
import { SHARED_MS } from '../engine/choice.js';
import { tellLost, trained } from './helped.js';
import { asFault, keyOf } from './store.js';

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').Opened} Opened
 * @typedef {import('./store.js').JobState} JobState
 * @typedef {import('../engine/client.js').Client} Client
 * @typedef {import('../engine/engines.js').Engines} Engines
 */

/**
 * The job that a view shows.
 * @typedef {object} JobNeed
 * @property {string} name  a job of the lab's experiments
 * @property {string[]} [without]  keys that it does not depend on
 * @property {string[]} [only]  the only keys that it depends on
 * @property {boolean} [card]  it may be done on the graphics card
 */

export class Jobs {
  /**
   * @param {Store} store @param {Client} client @param {Engines} engines @param {import('../ui/rate.js').Rate} rate
   * @param {() => boolean} isSeen  the picture is on screen
   */
  constructor(store, client, engines, rate, isSeen) {
    this.rate = rate;
    this.isSeen = isSeen;
    this.store = store;
    this.client = client;
    this.engines = engines;
    /** What each depends on. @type {Record<string, (opened: Opened) => string>} */
    this.keys = {};
  }

  /**
   * Starts the job of the open view unless it is there; those of other views are given up where they are not done.
   * @param {Opened} opened @param {JobNeed} [job]
   */
  need(opened, job) {
    this.leave(job?.name);
    if (!job) return;
    const { name, without = [], only = null, card = false } = job;
    this.keys[name] = (link) => JSON.stringify(/** @type {const} */ (['a', 'b']).map((id) => {
      const values = link[id]?.values ?? {};
      return only ? only.map((key) => values[key] ?? '') : keyOf(link, id, without);
    }));
    const engine = card && opened.engine === 'webgpu' && this.engines.ready ? 'webgpu' : 'cpu';
    const key = this.keys[name](opened);
    const old = this.store.state.jobs[name];
    if (old?.key === key && !(old.state === 'error' && old.engine !== engine)) return; // what failed begins again on another engine only
    if (old) this.client.drop(old.id);
    this.#set(name, this.#start(name, opened.link, key, engine));
  }

  /** @param {string} name @param {string} link @param {string} key @param {import('./store.js').EngineId} engine */
  #start(name, link, key, engine) {
    /** @type {JobState} */
    const job = {
      id: 0, key, engine, plan: null, points: [], state: 'running', evaluations: 0, total: 0, part: 0, ms: 0, work: 0, expected: NaN,
      workers: 1, started: performance.now(),
      fault: null,
    };
    const change = (/** @type {Partial<JobState>} */ now) => {
      Object.assign(job, now);
      this.store.touch();
    };
    job.id = this.client.job(engine, link, name, {
      step: (progress, ms, _frames, points) => {
        const { evaluations, total, part, work } = progress;
        job.work += work;
        if (job.state === 'cancelled') return; // the piece that was under way
        job.points.push(...points);
        change({ evaluations, total, part, ms });
      },
      done: () => {
        if (job.state === 'cancelled') return;
        if (engine === 'cpu') this.rate.learn(job.ms, job.work);
        change({ state: 'done' });
      },
      failed: (fault) => {
        if (job.state === 'cancelled') return; // before it had begun
        if (engine === 'webgpu' && fault.kind !== 'network') this.engines.lost(fault.message, job.id);
        change({ state: 'error', fault: asFault(fault) });
      },
    }, (plan, total, price) => {
      change({ plan, total, expected: engine === 'cpu' ? price * this.rate.unit : NaN });
      if (job.expected > SHARED_MS && job.state === 'running' && this.isSeen()) this.#share(job, link, name);
    });
    return job;
  }

  /** Shares the runs of a job out over more workers. @param {JobState} job @param {string} link @param {string} name */
  async #share(job, link, name) {
    const lost = (/** @type {import('./store.js').Fault} */ fault) => tellLost(this.store, fault, job);
    const workers = await this.client.shareJob(job.id, link, name, trained(this.store), lost).catch(() => 0);
    if (workers === 0) return;
    job.workers = 1 + workers;
    job.expected /= job.workers;
    this.store.touch();
  }

  /** @param {string} name @param {JobState|undefined} job */
  #set(name, job) {
    this.store.patch({ jobs: { ...this.store.state.jobs, [name]: job } });
  }

  /** Another link is open: the jobs of earlier ones go. @param {Opened} opened */
  adopt(opened) {
    for (const [name, job] of this.#all()) if (job.key !== this.keys[name](opened)) this.#forget(name, job);
  }

  /** Gives up what is not done. @param {string} [but] */
  leave(but) {
    for (const [name, job] of this.#all()) if (name !== but && job.state !== 'done') this.#forget(name, job);
  }

  /** Stops; the points so far stay. Returns whether there was something to stop. */
  cancel() {
    let some = false;
    for (const [, job] of this.#all()) {
      if (job.state !== 'running') continue;
      job.state = 'cancelled';
      this.client.stop(job.id);
      some = true;
    }
    return some;
  }

  forget() {
    for (const [name, job] of this.#all()) this.#forget(name, job);
  }

  #all() {
    return Object.entries(this.store.state.jobs).flatMap(([name, job]) => (job ? [/** @type {const} */ ([name, job])] : []));
  }

  /** @param {string} name @param {JobState} job */
  #forget(name, job) {
    this.client.drop(job.id);
    this.#set(name, undefined);
  }
}
