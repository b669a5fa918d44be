// The only module that knows the workers: one for each engine, replaced when lost.

import { DISPLAY } from './store.js';

/**
 * @typedef {import('./store.js').EngineId} EngineId
 * @typedef {import('./store.js').SideId} SideId
 * @typedef {import('./store.js').Fault} Fault
 * @typedef {import('./store.js').Opened} Opened
 * @typedef {import('./store.js').SweepPoint} SweepPoint
 * @typedef {import('./store.js').SweepPlan} SweepPlan
 * @typedef {import('./store.js').ErrorPoint} ErrorPoint
 * @typedef {import('./store.js').ErrorPlan} ErrorPlan
 * @typedef {import('../pkg/cpu/scorefield.js').Frames} Frames
 * @typedef {import('../pkg/cpu/scorefield.js').Progress} Progress
 */

/** @typedef {{ worker: string, nets: string, cpu: { js: string, wasm: string }, webgpu: { js: string, wasm: string } }} Addresses */

/**
 * What a job tells while it is running.
 * @typedef {object} Listener
 * @property {(progress: Progress, ms: number, frames: Frames|null, points: (SweepPoint|ErrorPoint)[]) => void} step
 * @property {(ms: number, fingerprint: string, products: number|null) => void} done
 * @property {(fault: Fault) => void} failed
 * @property {(news: TrainingEvent) => void} [training]
 */

/** @typedef {import('../pkg/cpu/scorefield.js').TrainingNews & { progress: import('../pkg/cpu/scorefield.js').TrainingProgress, ms: number, serial: number }} TrainingEvent */

const ANSWER_MS = 4000; // an engine that is asked to stop, or for a link, answers within this time, or its worker is replaced
const SUCCESSORS = 3; // workers, at most, that one question is put to
/** Of whatever a replaced worker was asked. @type {Fault} */
const SILENT = { kind: 'silent', message: 'The engine did not answer and was restarted.', remedy: 'Run again.' };

/** The addresses, from the page's one script tag. @returns {Addresses} */
export function readAddresses() {
  const script = /** @type {HTMLScriptElement} */ (document.querySelector('script[data-worker]'));
  const at = (/** @type {string} */ name) => new URL(script.dataset[name] ?? '', document.baseURI).href;
  return { worker: at('worker'), nets: at('nets'), cpu: { js: at('cpu'), wasm: at('cpuWasm') }, webgpu: { js: at('webgpu'), wasm: at('webgpuWasm') } };
}

/**
 * The worker, also where the page has an opaque origin (a sandboxed frame): there it may not be started by address, nor as a
 * module from a blob; a classic one from a blob imports the module and gives it the messages that came meanwhile.
 * @param {string} url
 */
function spawn(url) {
  if (self.origin !== 'null') {
    try {
      return new Worker(url, { type: 'module' });
    } catch {
      // from a blob, then
    }
  }
  const blob = URL.createObjectURL(new Blob([`const early = [];
self.onmessage = (e) => early.push(e);
import(${JSON.stringify(url)}).then(() => early.forEach((e) => self.onmessage(e)), (e) => setTimeout(() => { throw e; }));`], { type: 'text/javascript' }));
  const worker = new Worker(blob);
  setTimeout(() => URL.revokeObjectURL(blob), 60_000);
  return worker;
}

/** One engine in its own worker. */
class Host {
  /**
   * @param {EngineId} kind
   * @param {Addresses} addresses
   * @param {(bytes: number, total: number) => void} onLoad
   */
  constructor(kind, addresses, onLoad) {
    this.kind = kind;
    /** @type {Map<number, { resolve: (v: any) => void, reject: (e: Fault) => void }>} */
    this.calls = new Map();
    /** @type {Map<number, Listener>} */
    this.jobs = new Map();
    this.last = 0;
    this.lost = false;
    this.worker = spawn(addresses.worker);
    this.worker.onmessage = ({ data }) => {
      if (data.event === 'load') onLoad(data.bytes, data.total);
      else if (data.event) this.#event(data);
      else this.#answer(data);
    };
    this.worker.onerror = (e) => {
      e.preventDefault?.();
      this.lose({ kind: 'crash', message: `The ${kind === 'cpu' ? 'CPU' : 'WebGPU'} engine could not be started or was lost${e.message ? ` (${e.message})` : ''}.`, remedy: kind === 'cpu' ? 'It is started afresh when you run again.' : '' });
    };
    /** @type {Promise<{ version: string, adapter: string }>} */
    this.ready = this.call('load', { kind, nets: addresses.nets, ...addresses[kind] });
    this.ready.catch((fault) => this.lose(fault));
  }

  /**
   * @param {string} op
   * @param {...unknown} args
   * @returns {Promise<any>}
   */
  call(op, ...args) {
    if (this.lost) return Promise.reject({ kind: 'gone', message: 'The engine was lost.' });
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      this.calls.set(id, { resolve, reject });
      this.worker.postMessage({ id, op, args });
    });
  }

  /** @param {{ id: number, value: unknown, fault?: Fault }} data */
  #answer({ id, value, fault }) {
    const call = this.calls.get(id);
    this.calls.delete(id);
    if (!call) return;
    if (!fault) return call.resolve(value);
    call.reject(fault);
    if (fault.kind === 'crash') this.lose(fault);
  }

  /** @param {any} data */
  #event(data) {
    const listener = this.jobs.get(data.job);
    if (!listener) return; // a stale job: its frames are dropped
    if (data.event === 'done') listener.done(data.ms, data.fingerprint, data.products);
    else if (data.event === 'failed') {
      this.jobs.delete(data.job);
      listener.failed(data.fault);
      if (data.fault.kind === 'crash') this.lose(data.fault);
    } else if (data.event === 'training') listener.training?.(data);
    else listener.step(data.progress, data.ms, data.frames ?? null, data.points ?? []);
  }

  /** Gives the worker up. @param {Fault} fault */
  lose(fault) {
    if (this.lost) return;
    this.lost = true;
    this.worker.terminate();
    for (const { reject } of this.calls.values()) reject(fault);
    this.calls.clear();
    const jobs = [...this.jobs.values()];
    this.jobs.clear();
    for (const listener of jobs) listener.failed(fault);
  }
}

export class Client {
  /**
   * @param {Addresses} addresses
   * @param {(bytes: number, total: number) => void} onLoad  bytes of the WebGPU package so far
   */
  constructor(addresses, onLoad) {
    this.addresses = addresses;
    this.onLoad = onLoad;
    this.lastJob = 0;
    /** @type {Map<number, Host>} */
    this.where = new Map();
    /** @type {Host} */
    this.cpu = new Host('cpu', addresses, () => {});
    /** @type {Host|null} */
    this.gpu = null;
  }

  /** @param {EngineId} kind @returns {Host} */
  host(kind) {
    if (kind === 'webgpu') {
      if (!this.gpu || this.gpu.lost) this.gpu = new Host('webgpu', this.addresses, this.onLoad);
      return this.gpu;
    }
    if (this.cpu.lost) this.cpu = new Host('cpu', this.addresses, () => {});
    return this.cpu;
  }

  /**
   * Loads an engine; resolves with the adapter in words.
   * @param {EngineId} kind
   */
  async ready(kind) {
    return (await this.host(kind).ready).adapter;
  }

  /** Gives up an engine. @param {EngineId} kind */
  close(kind) {
    (kind === 'cpu' ? this.cpu : this.gpu)?.lose({ kind: 'gone', message: 'The engine was closed.' });
  }

  /** @param {string} op @param {...unknown} args @returns {Promise<any>} */
  async #ask(op, ...args) {
    const host = this.host('cpu');
    await host.ready;
    return host.call(op, ...args);
  }

  /**
   * A question that takes no time: a worker that is too busy to answer it is replaced, and its successor is asked.
   * @param {string} op @param {...unknown} args @returns {Promise<any>}
   */
  async #now(op, ...args) {
    for (let left = SUCCESSORS; ; left--) {
      const host = this.host('cpu');
      await host.ready;
      const answer = host.call(op, ...args);
      this.#within(host, answer);
      try {
        return await answer;
      } catch (e) {
        if (/** @type {Fault} */ (e).kind !== 'silent' || left <= 1) throw e;
      }
    }
  }

  /** @param {string} text @returns {Promise<Opened>} */
  open(text) { return this.#now('open', text); }
  /** @param {string} link @param {SideId} side @param {string} key @param {string} value @returns {Promise<Opened>} */
  edit(link, side, key, value) { return DISPLAY.has(key) ? this.#ask('edit', link, side, key, value) : this.#now('edit', link, side, key, value); }
  /** @param {string} link @param {boolean} on @returns {Promise<Opened>} */
  compare(link, on) { return this.#now('compare', link, on); }
  /** @param {string} link @param {string} fp @returns {Promise<string>} */
  share(link, fp) { return this.#ask('share', link, fp); }
  /** Several keys at once. @param {string} link @param {SideId} side @param {[string, string][]} pairs @returns {Promise<Opened>} */
  editKeys(link, side, pairs) { return this.#now('editKeys', link, side, pairs); }
  /** @param {string} link @param {SideId} side @returns {Promise<import('./store.js').Scene|import('./store.js').SpaceScene|import('./store.js').ChainScene>} */
  scene(link, side) { return this.#ask('scene', link, side); }
  /** @param {string} link @param {SideId} side @returns {Promise<import('./store.js').Flow>} */
  flow(link, side) { return this.#ask('flow', link, side); }
  /** The exact density of a frame. @param {string} link @param {SideId} side @param {number} frame @returns {Promise<Float32Array>} */
  density(link, side, frame) { return this.#ask('density', link, side, frame); }
  /** The flow of a frame on count × count cells. @param {string} link @param {SideId} side @param {number} frame @param {number} count @returns {Promise<Float32Array>} */
  velocity(link, side, frame, count) { return this.#ask('velocity', link, side, frame, count); }
  /** The trajectory through a point. @param {string} link @param {SideId} side @param {number} frame @param {number[]} y @returns {Promise<Float32Array>} */
  follow(link, side, frame, y) { return this.#ask('follow', link, side, frame, y); }
  /** A chain's reference for other observations. @param {string} link @param {SideId} side @param {Float64Array} y @returns {Promise<import('./store.js').ChainPosterior>} */
  chainPosterior(link, side, y) { return this.#ask('chainPosterior', link, side, y); }
  /** @param {string} link @param {SideId} side @returns {Promise<import('./store.js').ChainCovariance>} */
  chainCovariance(link, side) { return this.#ask('chainCovariance', link, side); }
  /** @param {string} link @param {SideId} side @returns {Promise<import('./store.js').ChainScoreErrors>} */
  chainScores(link, side) { return this.#ask('chainScores', link, side); }
  /** @param {Float64Array} xy @returns {Promise<string>} */
  encodePoints(xy) { return this.#ask('encodePoints', xy); }
  /** @param {string} points @returns {Promise<Float64Array>} */
  decodePoints(points) { return this.#ask('decodePoints', points); }
  /** @param {string} text @returns {Promise<{ points: string, count: number, note: string }>} */
  readPoints(text) { return this.#ask('readPoints', text); }
  /** @param {string} link @param {SideId} side @returns {Promise<{ columns: string[], rows: (string|number)[][], note: string }>} */
  plan(link, side) { return this.#ask('plan', link, side); }

  /**
   * Starts a run; the answer is its number. A refusal comes to `failed`.
   * @param {EngineId} kind
   * @param {string} link
   * @param {SideId} side
   * @param {Listener} listener
   */
  run(kind, link, side, listener) {
    return this.#start(kind, listener, 'run', [link, side], () => {});
  }

  /**
   * @param {EngineId} kind
   * @param {string} link
   * @param {Listener} listener
   * @param {(plan: SweepPlan, total: number) => void} planned
   */
  sweep(kind, link, listener, planned) {
    return this.#start(kind, listener, 'sweep', [link], (v) => planned(v.plan, v.total));
  }

  /** @param {string} link @param {Listener} listener @param {(plan: ErrorPlan, total: number) => void} planned */
  errors(link, listener, planned) {
    return this.#start('cpu', listener, 'errors', [link], (v) => planned(v.plan, v.total));
  }

  /** Starts the training that a side asks for. @param {EngineId} kind @param {string} link @param {SideId} side @param {Listener} listener */
  train(kind, link, side, listener) { return this.#start(kind, listener, 'train', [link, side], () => {}); }
  /** @param {number} id @param {string} link @param {string} sides @param {number} serial @returns {Promise<void>} */
  async aim(id, link, sides, serial) {
    await this.where.get(id)?.ready;
    return this.#of(id, 'aim', link, sides, serial);
  }
  /** @param {number} id */
  resume(id) { this.#of(id, 'resume').catch(() => {}); }
  /** @param {number} id @param {string} link @param {SideId} side @returns {Promise<Uint8Array>} */
  finishTraining(id, link, side) { return this.#of(id, 'finishTraining', link, side); }
  /** The network of a side, once its engine has it. @param {EngineId} kind @param {string} link @param {SideId} side @returns {Promise<Uint8Array>} */
  networkFile(kind, link, side) { return this.host(kind).call('networkFile', link, side); }
  /** Hands a network to an engine. @param {EngineId} kind @param {string} link @param {SideId} side @param {Uint8Array} bytes */
  async addTrained(kind, link, side, bytes) {
    const host = this.host(kind);
    await host.ready;
    await host.call('addTrained', link, side, bytes);
  }
  /** @param {string} name @param {Uint8Array} bytes @param {string} link @returns {Promise<import('../pkg/cpu/scorefield.js').LoadedNetwork>} */
  loadNetwork(name, bytes, link) { return this.#ask('loadNetwork', name, bytes, link); }

  /**
   * @param {EngineId} kind
   * @param {Listener} listener
   * @param {string} op
   * @param {unknown[]} args
   * @param {(value: any) => void} begun
   */
  #start(kind, listener, op, args, begun) {
    const host = this.host(kind);
    const id = ++this.lastJob;
    host.jobs.set(id, listener);
    this.where.set(id, host);
    host.ready.then(() => host.call(op, id, ...args)).then(begun, (fault) => {
      if (host.jobs.delete(id)) listener.failed(fault);
    });
    return id;
  }

  /** Stops a job and keeps what it has. @param {number} id */
  stop(id) {
    const host = this.where.get(id);
    if (host) this.#within(host, host.call('stop', id));
  }

  /** Stops a job and forgets it; nothing more comes from it. @param {number} id */
  drop(id) {
    const host = this.where.get(id);
    this.where.delete(id);
    if (!host) return;
    host.jobs.delete(id);
    this.#within(host, host.call('drop', id));
  }

  /**
   * A worker that does not answer is replaced.
   * @param {Host} host
   * @param {Promise<unknown>} answer
   */
  #within(host, answer) {
    const timer = setTimeout(() => host.lose(SILENT), ANSWER_MS);
    answer.catch(() => {}).finally(() => clearTimeout(timer));
  }

  /** @param {number} id @param {string} op @param {...unknown} args @returns {Promise<any>} */
  #of(id, op, ...args) {
    const host = this.where.get(id);
    return host ? host.call(op, id, ...args) : Promise.reject({ kind: 'gone', message: 'This run is no longer held.' });
  }

  /** @param {number} id @param {number} frame @returns {Promise<import('./store.js').Metrics|null>} */
  metrics(id, frame) { return this.#of(id, 'metrics', frame); }
  /** Of the samples of chains at the end. @param {number} id @returns {Promise<Float32Array|null>} */
  covariance(id) { return this.#of(id, 'covariance'); }
  /** @param {number} id @param {string} fp @returns {Promise<import('./store.js').Check>} */
  check(id, fp) { return this.#of(id, 'check', fp); }
  /** @param {number} id @returns {Promise<Float64Array>} */
  samples(id) { return this.#of(id, 'samples'); }
  /** @param {number} id @returns {Promise<string>} */
  csv(id) { return this.#of(id, 'csv'); }
}
