// The only module that knows the workers: one for each engine, replaced when lost.
import { Loading, whyNot } from './loading.js';

import { DISPLAY } from '../app/store.js';

/**
 * @typedef {import('../app/store.js').EngineId} EngineId
 * @typedef {import('../app/store.js').SideId} SideId
 * @typedef {import('../app/store.js').Fault} Fault
 * @typedef {import('../app/store.js').Opened} Opened
 * @typedef {import('../app/store.js').SweepPoint} SweepPoint
 * @typedef {import('../app/store.js').SweepPlan} SweepPlan
 * @typedef {import('../app/store.js').ErrorPoint} ErrorPoint
 * @typedef {import('../app/store.js').ErrorPlan} ErrorPlan
 * @typedef {import('../../pkg/cpu/scorefield.js').Frames} Frames
 * @typedef {import('../../pkg/cpu/scorefield.js').Progress} Progress
 */

/**
 * Where the files are. base: the folder of the page; webgpu: null in a page that was built without it.
 * @typedef {{ files: string, js: string, wasm: string }} PackageAddresses
 * @typedef {{ base: string, worker: string, nets: string, cpu: PackageAddresses, webgpu: PackageAddresses|null }} Addresses
 */

/**
 * What a job tells while it is running.
 * @typedef {object} Listener
 * @property {(progress: Progress, ms: number, frames: Frames|null, points: (SweepPoint|ErrorPoint)[]) => void} step
 * @property {(ms: number, fingerprint: string, products: number|null) => void} done
 * @property {(fault: Fault) => void} failed
 * @property {(news: TrainingEvent) => void} [training]
 */

/** @typedef {import('../../pkg/cpu/scorefield.js').TrainingNews & { progress: import('../../pkg/cpu/scorefield.js').TrainingProgress, ms: number, serial: number }} TrainingEvent */

/** An engine that is asked to stop, or for a link, answers within this time, or its worker is replaced. A graphics card compiles shaders at its own pace. */
const ANSWER_MS = { cpu: 4000, webgpu: 60_000 };
const SUCCESSORS = 3; // workers, at most, that one question is put to
/** Of whatever a replaced worker was asked. @type {Fault} */
const SILENT = { kind: 'silent', message: 'The engine did not answer and was restarted.', remedy: 'Run again.' };

/** @type {Fault} */
const GONE = { kind: 'gone', message: 'This run is no longer held.' };
/** @type {Fault} */
const GIVEN_UP = { kind: 'gone', message: 'This question was given up.' };

/** The addresses, from the page's one script tag. @returns {Addresses} */
export function readAddresses() {
  const script = /** @type {HTMLScriptElement} */ (document.querySelector('script[data-worker]'));
  const at = (/** @type {string} */ name) => new URL(script.dataset[name] ?? '', document.baseURI).href;
  const pack = (/** @type {EngineId} */ kind) => ({ files: at(`${kind}Files`), js: at(kind), wasm: at(`${kind}Wasm`) });
  return { base: new URL('.', document.baseURI).href, worker: at('worker'), nets: at('nets'), cpu: pack('cpu'), webgpu: script.dataset.webgpu ? pack('webgpu') : null };
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

let tries = 0; // of workers that did not come

/** One engine in its own worker. */
class Host {
  /**
   * @param {EngineId} kind
   * @param {Addresses} addresses
   * @param {(words: string) => void} onLoad  what is being loaded, or empty
   * @param {boolean} fresh  load past every cache: what was there is damaged
   */
  constructor(kind, addresses, onLoad, fresh) {
    this.kind = kind;
    /** @type {Map<number, { resolve: (v: any) => void, reject: (e: Fault) => void }>} */
    this.calls = new Map();
    /** @type {Map<number, Listener>} */
    this.jobs = new Map();
    this.last = 0;
    this.lost = false;
    /** @type {Fault|null} */
    this.fault = null; // why it was lost
    this.script = addresses.worker;
    this.name = addresses.worker.slice(addresses.base.length);
    this.spoken = false; // the worker's script is running
    this.loading = new Loading(kind === 'cpu' ? 'the engine' : 'the WebGPU engine', onLoad, (name, { role }, fault) => {
      if (role === 'network') this.call('giveUp', name, fault).catch(() => {}); // the engine stays
      else this.lose(fault);
    });
    /** @type {Promise<{ version: string, adapter: string }>} */
    this.ready = this.#start(addresses, fresh);
    this.ready.then(() => this.loading.close(), (fault) => this.lose(fault));
  }

  /** @param {Addresses} addresses @param {boolean} fresh @returns {Promise<any>} */
  #start({ base, worker, nets, ...packages }, fresh) {
    const files = packages[this.kind];
    if (!files) return Promise.reject({ kind: 'load', message: 'This page was built without it.' });
    try {
      this.worker = spawn(fresh ? `${worker}?${++tries}` : worker); // an address of its own: the old question may still be open
    } catch (e) {
      return Promise.reject({ kind: 'load', message: `The engine runs in a worker, and this browser starts none here (${/** @type {any} */ (e)?.message ?? e}).`, remedy: 'An extension, a setting or the page around this one may forbid workers.' });
    }
    this.worker.onmessage = ({ data }) => {
      this.#hear();
      if (data.event) this.#event(data);
      else this.#answer(data);
    };
    this.worker.onerror = (e) => {
      e.preventDefault?.();
      this.#broken(e.message ?? '');
    };
    this.loading.begin(this.name, 'script');
    return this.call('load', { kind: this.kind, base, nets, ...files, fresh });
  }

  /** The worker's script has come. */
  #hear() {
    if (this.spoken) return;
    this.spoken = true;
    this.loading.end(this.name);
  }

  /** The worker has failed as a whole. @param {string} message */
  async #broken(message) {
    const cpu = this.kind === 'cpu';
    if (!this.spoken) {
      const why = await whyNot(this.script);
      return this.lose({ kind: 'load', message: `${this.name}, in which the engine runs, did not start: ${why}.`, remedy: '' });
    }
    this.lose({ kind: 'crash', message: `The ${cpu ? 'CPU' : 'WebGPU'} engine was lost${message ? ` (${message})` : ''}.`, remedy: cpu ? 'It is started afresh when you run again.' : '' });
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
      this.worker?.postMessage({ id, op, args });
    });
  }

  /** Gives up a question. @param {number} id */
  drop(id) {
    const call = this.calls.get(id);
    if (!call) return;
    this.calls.delete(id);
    call.reject(GIVEN_UP);
    this.call('forget', id).catch(() => {});
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
    if (data.event === 'load') return this.loading.report(data.file, data);
    if (data.event === 'stage') return data.stage === 'adapter' ? this.loading.begin('adapter', 'adapter') : undefined;
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
    this.fault = fault;
    this.loading.close();
    this.worker?.terminate();
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
   * @param {(kind: EngineId, words: string) => void} onLoad  what an engine is loading, or empty
   */
  constructor(addresses, onLoad) {
    this.addresses = addresses;
    this.onLoad = onLoad;
    this.lastJob = 0;
    /** @type {Map<number, Host>} */
    this.where = new Map();
    /** @type {Host} */
    this.cpu = this.#host('cpu', null);
    /** @type {Host|null} */
    this.gpu = null;
  }

  /** @param {EngineId} kind @returns {Host} */
  host(kind) {
    if (kind === 'webgpu') {
      if (!this.gpu || this.gpu.lost) this.gpu = this.#host(kind, this.gpu);
      return this.gpu;
    }
    if (this.cpu.lost) this.cpu = this.#host(kind, this.cpu);
    return this.cpu;
  }

  /** @param {EngineId} kind @param {Host|null} old  which was lost */
  #host(kind, old) {
    return new Host(kind, this.addresses, (words) => this.onLoad(kind, words), old?.fault?.kind === 'load');
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
  /** @param {string} link @param {SideId} side @returns {Promise<import('../app/store.js').Scene|import('../app/store.js').SpaceScene|import('../app/store.js').ChainScene>} */
  scene(link, side) { return this.#ask('scene', link, side); }
  /**
   * Asks what is exact and known of a side.
   * @param {string} link @param {SideId} side @param {string} question @param {Record<string, any>} args @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  ask(link, side, question, args, signal) { return this.#task('ask', [link, side, question, args], this.host('cpu'), signal); }
  /**
   * Asks about the samples of a run.
   * @param {number} id @param {string} question @param {Record<string, any>} args @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  askRun(id, question, args, signal) { return this.#task('askRun', [id, question, args], this.where.get(id), signal); }

  /**
   * A question that may take a while, and may be given up.
   * @param {string} op @param {unknown[]} args @param {Host|undefined} host @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async #task(op, args, host, signal) {
    if (!host) throw GONE;
    await host.ready;
    if (signal?.aborted) throw GIVEN_UP;
    const answer = host.call(op, ...args);
    const id = host.last;
    const giveUp = () => host.drop(id);
    signal?.addEventListener('abort', giveUp);
    return answer.finally(() => signal?.removeEventListener('abort', giveUp));
  }

  /** @param {string} link @param {SideId} side @returns {Promise<import('../app/store.js').Flow>} */
  flow(link, side) { return this.#ask('flow', link, side); }
  /** The exact density of a frame. @param {string} link @param {SideId} side @param {number} frame @returns {Promise<Float32Array>} */
  density(link, side, frame) { return this.#ask('density', link, side, frame); }
  /** The flow of a frame on count × count cells. @param {string} link @param {SideId} side @param {number} frame @param {number} count @returns {Promise<Float32Array>} */
  velocity(link, side, frame, count) { return this.#ask('velocity', link, side, frame, count); }
  /** The trajectory through a point. @param {string} link @param {SideId} side @param {number} frame @param {number[]} y @returns {Promise<Float32Array>} */
  follow(link, side, frame, y) { return this.#ask('follow', link, side, frame, y); }
  /** A chain's reference for other observations. @param {string} link @param {SideId} side @param {Float64Array} y @returns {Promise<import('../app/store.js').ChainPosterior>} */
  chainPosterior(link, side, y) { return this.#ask('chainPosterior', link, side, y); }
  /** @param {string} link @param {SideId} side @returns {Promise<import('../app/store.js').ChainCovariance>} */
  chainCovariance(link, side) { return this.#ask('chainCovariance', link, side); }
  /** @param {string} link @param {SideId} side @returns {Promise<import('../app/store.js').ChainScoreErrors>} */
  chainScores(link, side) { return this.#ask('chainScores', link, side); }
  /** @param {Float64Array} xy @returns {Promise<string>} */
  encodePoints(xy) { return this.#ask('encodePoints', xy); }
  /** @param {string} points @returns {Promise<Float64Array>} */
  decodePoints(points) { return this.#ask('decodePoints', points); }
  /** @param {string} text @returns {Promise<import('../../pkg/cpu/scorefield.js').PointsTable>} */
  readPoints(text) { return this.#ask('readPoints', new TextEncoder().encode(text)); }
  /** Tells what a file holds. @param {string} name @param {Uint8Array} bytes @returns {Promise<import('../../pkg/cpu/scorefield.js').FileContent>} */
  recognise(name, bytes) { return this.#ask('recognise', name, bytes); }
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
  /** Whether two files hold the same network. @param {Uint8Array} one @param {Uint8Array} other @returns {Promise<boolean>} */
  sameWeights(one, other) { return this.#ask('sameWeights', one, other); }
  /** @param {string} name @param {Uint8Array} bytes @param {string} link @returns {Promise<import('../../pkg/cpu/scorefield.js').LoadedNetwork>} */
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
    const timer = setTimeout(() => host.lose(SILENT), ANSWER_MS[host.kind]);
    answer.catch(() => {}).finally(() => clearTimeout(timer));
  }

  /** @param {number} id @param {string} op @param {...unknown} args @returns {Promise<any>} */
  #of(id, op, ...args) {
    const host = this.where.get(id);
    return host ? host.call(op, id, ...args) : Promise.reject({ kind: 'gone', message: 'This run is no longer held.' });
  }

  /** @param {number} id @param {number} frame @returns {Promise<import('../app/store.js').Metrics|null>} */
  metrics(id, frame) { return this.#of(id, 'metrics', frame); }
  /** Of the samples of chains at the end. @param {number} id @returns {Promise<Float32Array|null>} */
  covariance(id) { return this.#of(id, 'covariance'); }
  /** With the fingerprint in the link. @param {number} id @param {string} link @returns {Promise<import('../app/store.js').Check>} */
  check(id, link) { return this.#of(id, 'check', link); }
  /** @param {number} id @returns {Promise<Float64Array>} */
  samples(id) { return this.#of(id, 'samples'); }
  /** @param {number} id @returns {Promise<string>} */
  csv(id) { return this.#of(id, 'csv'); }
}
