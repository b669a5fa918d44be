// The sweep over the number of steps.
import { Beside } from './beside.js';
import { keyOf } from './store.js';

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').Opened} Opened
 * @typedef {import('../engine/client.js').Client} Client
 * @typedef {import('../engine/engines.js').Engines} Engines
 */

export class Sweeps extends Beside {
  /**
   * @param {Store} store
   * @param {Client} client
   * @param {Engines} engines
   */
  constructor(store, client, engines) {
    super(store, client, 'sweep', ({ a, b }) => keyOf(a.values, ['steps']) + (b ? keyOf(b.values, ['steps']) : ''));
    this.engines = engines;
  }

  /** Starts the sweep of a link unless it is there. @param {Opened} opened */
  need(opened) {
    const engine = opened.engine === 'webgpu' && this.engines.ready ? 'webgpu' : 'cpu';
    this.begin(opened, (listener, planned) => this.client.sweep(engine, opened.link, listener, planned), {
      engine,
      failed: ({ kind, message }) => {
        if (engine === 'webgpu' && kind !== 'network') this.engines.lost(message);
      },
    });
  }
}
