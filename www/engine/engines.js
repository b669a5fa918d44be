// Which engine a run gets, and why: the one that the link names, else the one that is expected to be faster. Tells what is being loaded and
// what is known about WebGPU.
import { calibrate } from './calibrate.js';
import { choose } from './choice.js';
import { probeWebgpu } from './probe.js';

/**
 * @typedef {import('../types.js').EngineId} EngineId
 * @typedef {import('../types.js').Fault} Fault
 * @typedef {import('./client.js').Client} Client
 */

/**
 * What is told, each where it has changed. busy: what is being loaded, or empty; webgpu: what is known about it, in words;
 * refused: it did not start and is not asked again by itself.
 * @typedef {Partial<{ busy: string, webgpu: string, refused: boolean }>} News
 */

const LARGE = 2e7; // particle × call: a smaller run is over soon on any engine
const SMALL = 1e4; // a run of fewer is over on the CPU before its price would have come, whatever its denoiser

/**
 * A run whose engine is chosen. proved: its link has a fingerprint; kind: what its shaders depend on.
 * @typedef {object} Candidate
 * @property {string|undefined} lab
 * @property {number} evaluations  particle × call
 * @property {number} steps  calls of the denoiser, one after the other
 * @property {boolean} proved
 * @property {string} kind
 * @property {() => Promise<number>} price  in units of work
 */

const PATIENCE_MS = 500; // shorter waits go without words

export class Engines {
  /** @param {Client} client @param {(news: News) => void} tell @param {import('./measured.js').Measured} measured */
  constructor(client, tell, measured) {
    this.client = client;
    this.tell = tell;
    this.measured = measured;
    /** Kinds of runs that were on WebGPU in this visit. @type {Set<string>} */
    this.begun = new Set();
    /** When nothing else runs. @type {Parameters<typeof calibrate>[2]|null} */
    this.quiet = null;
    this.calibrating = false;
    this.unmeasured = ''; // why WebGPU is not measured
    /** Whether what is measured holds for the runs of a lab. @type {(lab: string|undefined) => boolean} */
    this.isTimed = () => true;
    this.ready = false; // the WebGPU engine is loaded and prepared
    this.refused = false; // it did not start
    this.busy = '';
    /** @type {Promise<void>|null} */
    this.loading = null;
    this.failure = '';
    /** @type {Record<EngineId, string>} */
    this.words = { cpu: '', webgpu: '' }; // of what each loads
  }

  /**
   * The engine for a run.
   * @param {'auto'|EngineId} choice  in the link
   * @param {Candidate} run
   * @returns {Promise<{ engine: EngineId, reason: string, notice?: string, price?: number }>}  price: where it was asked for
   */
  async pick(choice, run) {
    if (choice === 'cpu') return { engine: 'cpu', reason: 'chosen in the link' };
    if (choice === 'webgpu') {
      if (!this.refused) await this.load();
      if (this.ready) return { engine: 'webgpu', reason: 'chosen in the link' };
      const reason = `WebGPU was asked for, but ${this.failure}`;
      return { engine: 'cpu', reason, notice: `${reason}. The CPU engine runs it.` };
    }
    if (!this.isTimed(run.lab)) return { engine: 'cpu', reason: 'WebGPU only if you choose it' };
    if (this.ready) return this.#faster(run);
    if (run.evaluations < LARGE) return { engine: 'cpu', reason: 'small run' };
    if (this.loading) return { engine: 'cpu', reason: 'WebGPU is still loading' };
    return { engine: 'cpu', reason: this.failure ? `no WebGPU: ${this.failure}` : 'WebGPU is not loaded' };
  }

  /**
   * The engine that is expected to be faster.
   * @param {Candidate} run @returns {Promise<{ engine: EngineId, reason: string, price?: number }>}
   */
  async #faster({ evaluations, steps, proved, kind, price }) {
    const { cpu, webgpu } = this.measured;
    if (proved) return { engine: 'cpu', reason: 'the link has a result to compare with' }; // to the last bit
    if (this.unmeasured) return { engine: 'cpu', reason: `WebGPU is not measured: ${this.unmeasured}` };
    if (!cpu || !webgpu) return { engine: 'cpu', reason: 'WebGPU is not measured yet' };
    if (evaluations < SMALL) return { engine: 'cpu', reason: 'small run' };
    const units = await price().catch(() => NaN); // of a network that is not trained yet none is known
    if (!(units > 0)) return { engine: 'cpu', reason: 'its price is not known' };
    const workers = 1 + this.client.pool.most;
    return { ...choose({ cpu, webgpu }, { price: units, steps, workers, begun: this.begun.has(kind) }), price: units };
  }

  /** Measures both engines once the page has nothing else to do. */
  async #measure() {
    const { quiet, measured } = this;
    if (!quiet || this.calibrating || (measured.cpu && measured.webgpu)) return;
    this.calibrating = true;
    await calibrate(this.client, measured, quiet).catch((fault) => {
      this.unmeasured = lowerFirst(/** @type {Fault} */ (fault).message).replace(/\.$/, '');
    });
    this.calibrating = false;
  }

  /** Loads WebGPU once; afterwards `ready` or `failure` says how it went. */
  load() {
    if (this.ready) return Promise.resolve();
    this.loading ??= this.#load().finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  /** WebGPU failed, and is asked for again. */
  retry() {
    this.#refuse(false);
  }

  /** @param {boolean} refused */
  #refuse(refused) {
    this.refused = refused;
    this.tell({ refused });
  }

  async #load() {
    this.failure = '';
    const slow = setTimeout(() => this.progress('webgpu', 'Waiting for the graphics adapter'), PATIENCE_MS);
    const probe = await probeWebgpu();
    clearTimeout(slow);
    this.progress('webgpu', '');
    if (!probe.ok) return this.#fail(probe.why);
    this.tell({ webgpu: 'loading' });
    try {
      const adapter = await this.client.ready('webgpu');
      this.measured.on(adapter);
      this.ready = true;
      this.tell({ webgpu: `ready${adapter ? `: ${adapter}` : ''}` });
      if (probe.hardware) this.#measure();
      else if (!this.measured.webgpu) this.unmeasured = 'a program takes the place of a card, and would be busy with it for long';
    } catch (e) {
      this.#refuse(true); // a large load, or a long wait: not again with every edit
      this.#fail(`it did not start (${lowerFirst(/** @type {Fault} */ (e).message)})`);
    }
  }

  /** @param {string} why */
  #fail(why) {
    this.failure = why.replace(/\.(?=\)?$)/, '');
    this.tell({ webgpu: `not available: ${this.failure}` });
  }

  /** The device was lost in the middle of a run or job, which had this worker. @param {string} message @param {number} id */
  lost(message, id) {
    if (!this.client.close(id)) return; // another worker has taken its place meanwhile
    this.ready = false;
    this.begun.clear();
    this.#fail(`the graphics device was lost (${lowerFirst(message)})`);
  }

  /** The device was lost in a run that goes on without it: its worker stays for this run, the next one gets another. @param {number} id */
  leave(id) {
    if (!this.client.leave(id)) return;
    this.ready = false;
    this.begun.clear();
    this.#fail('the graphics device was lost');
  }

  /** @param {EngineId} kind @param {string} words  what it loads, or empty */
  progress(kind, words) {
    this.words[kind] = words;
    const busy = this.words.cpu || this.words.webgpu;
    if (busy === this.busy) return;
    this.busy = busy;
    this.tell({ busy });
  }

  /** In the background, after the first picture, where it is likely to help and costs nobody. */
  async preload() {
    const saveData = /** @type {any} */ (navigator).connection?.saveData;
    if (saveData) return this.tell({ webgpu: 'not loaded: this connection saves data' });
    const probe = await probeWebgpu();
    if (!probe.ok) return this.#fail(probe.why);
    if (!probe.hardware) return this.tell({ webgpu: 'not loaded: the adapter is a software one, slower than the CPU engine' });
    whenIdle(() => this.load());
  }
}

/** @param {string} text */
function lowerFirst(text) {
  const t = String(text ?? 'no reason given');
  return /^[A-Z][a-z]/.test(t) ? t[0].toLowerCase() + t.slice(1) : t;
}

/**
 * When the page has nothing else to do; Safari does not say when that is.
 * @param {() => void} act @param {number} [most]  milliseconds that it may take
 */
export function whenIdle(act, most = 0) {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(() => act(), most ? { timeout: most } : {});
  else setTimeout(act, most || 1500);
}
