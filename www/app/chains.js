// The exact part of the lab of chains, asked for view by view; the posterior of a dragged observation, the latest wins.
import { asFault, waits } from './store.js';

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').SideId} SideId
 * @typedef {import('./store.js').SideState} SideState
 * @typedef {import('./store.js').ChainPosterior} ChainPosterior
 * @typedef {import('../engine/client.js').Client} Client
 */

export class Chains {
  /**
   * @param {Store} store
   * @param {Client} client
   */
  constructor(store, client) {
    this.store = store;
    this.client = client;
    /** @type {Record<SideId, { busy: boolean, next: { y: Float64Array, tell: (v: ChainPosterior|null) => void }|null }>} */
    this.trials = { a: { busy: false, next: null }, b: { busy: false, next: null } };
    /** @type {WeakMap<object, Set<string>>} */
    this.asked = new WeakMap();
  }

  /** Asks for what the open view lacks. */
  need() {
    const { opened, a, b } = this.store.state;
    if (opened?.lab !== 'lgssm') return;
    for (const side of [a, b]) {
      if (side?.scene.lab !== 'lgssm') continue;
      const { id, link, answers, run } = side;
      if (opened.view === 'covariance') {
        this.#once(side, 'covariance', async () => void (answers.covariance = await this.client.chainCovariance(link, id)));
        if (run.state === 'done') this.#once(side, 'sampled', async () => void (answers.sampled = (await this.client.covariance(run.id)) ?? new Float32Array(0)));
      }
      if (opened.view === 'score-error' && side.scene.length > 2 && !waits(side)) this.#once(side, 'scores', async () => void (answers.scores = await this.client.chainScores(link, id)));
    }
  }

  /** @param {SideState} side @param {string} what @param {() => Promise<void>} ask */
  async #once({ id, answers }, what, ask) {
    const asked = this.asked.get(answers) ?? new Set();
    this.asked.set(answers, asked);
    if (asked.has(what)) return;
    asked.add(what);
    try {
      await ask();
      this.store.touch();
    } catch (e) {
      if (this.store.state[id]?.answers === answers) this.store.patch({ fault: asFault(e) });
    }
  }

  /**
   * The reference of a side's link for other values of its observations.
   * @param {SideId} id
   * @param {Float64Array} y
   * @returns {Promise<ChainPosterior|null>}
   */
  posterior(id, y) {
    const trial = this.trials[id];
    trial.next?.tell(null);
    return new Promise((tell) => {
      trial.next = { y, tell };
      this.#try(id);
    });
  }

  /** @param {SideId} id */
  async #try(id) {
    const trial = this.trials[id];
    const { next } = trial;
    const side = this.store.state[id];
    if (trial.busy || !next) return;
    trial.next = null;
    trial.busy = true;
    next.tell(side ? await this.client.chainPosterior(side.link, id, next.y).catch(() => null) : null);
    trial.busy = false;
    this.#try(id);
  }
}
