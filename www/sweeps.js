// The sweep over the number of steps: one job beside the runs, started when its view is open.

import { asFault, keyOf } from './store.js';

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').Opened} Opened
 * @typedef {import('./client.js').Client} Client
 * @typedef {import('./engines.js').Engines} Engines
 */

export class Sweeps {
  /**
   * @param {Store} store
   * @param {Client} client
   * @param {Engines} engines
   */
  constructor(store, client, engines) {
    this.store = store;
    this.client = client;
    this.engines = engines;
  }

  /** Starts the sweep of a link unless it is there. @param {Opened} opened */
  need(opened) {
    const key = keyOf(opened.a.values, ['steps']) + (opened.b ? keyOf(opened.b.values, ['steps']) : '');
    const old = this.store.state.sweep;
    if (old?.key === key && old.state !== 'error') return;
    if (old) this.client.drop(old.id);
    const engine = opened.engine === 'webgpu' && this.engines.ready ? 'webgpu' : 'cpu';
    /** @type {import('./store.js').SweepState} */
    const sweep = { id: 0, key, plan: null, points: [], state: 'running', evaluations: 0, total: 0, started: performance.now(), fault: null };
    sweep.id = this.client.sweep(engine, opened.link, {
      step: (progress, _ms, _frames, points) => {
        sweep.evaluations = progress.evaluations;
        sweep.total = progress.total;
        sweep.points.push(...points);
        this.store.touch();
      },
      done: () => {
        sweep.state = 'done';
        this.store.touch();
      },
      failed: (fault) => {
        if (engine === 'webgpu') this.engines.lost(fault.message);
        Object.assign(sweep, { state: 'error', fault: asFault(fault) });
        this.store.touch();
      },
    }, (plan, total) => {
      sweep.plan = plan;
      sweep.total = total;
      this.store.touch();
    });
    this.store.patch({ sweep });
  }

  /** Stops; the points so far stay. */
  cancel() {
    const { sweep } = this.store.state;
    if (sweep?.state !== 'running') return;
    sweep.state = 'cancelled';
    this.client.stop(sweep.id);
  }

  /** Its view is closed: an unfinished one is given up. */
  leave() {
    if (this.store.state.sweep?.state === 'running') this.forget();
  }

  forget() {
    const { sweep } = this.store.state;
    if (!sweep) return;
    this.client.drop(sweep.id);
    this.store.patch({ sweep: null });
  }
}
