// One engine in its own worker: starts it, carries questions there and answers back, tells how it was lost.
import { Loading, whyNot } from './loading.js';

/**
 * @typedef {import('../types.js').EngineId} EngineId
 * @typedef {import('../types.js').Fault} Fault
 * @typedef {import('../../pkg/cpu/scorefield.js').Frames} Frames
 * @typedef {import('../../pkg/cpu/scorefield.js').Progress} Progress
 * @typedef {import('../../pkg/cpu/scorefield.js').TrainingNews} TrainingNews
 * @typedef {import('../../pkg/cpu/scorefield.js').TrainingProgress} TrainingProgress
 */

/**
 * Where the files are. base: the folder of the page; packages: by name, those of the engines and those of other labs.
 * @typedef {{ files: string, js: string, wasm: string }} PackageFiles
 * @typedef {{ base: string, worker: string, nets: string, packages: Record<string, PackageFiles|undefined> }} Addresses
 */

/**
 * What a job tells while it is running.
 * @typedef {object} Listener
 * @property {(progress: Progress, ms: number, frames: Frames|null, points: any[]) => void} step  points: of a job beside the runs
 * @property {(ms: number, fingerprint: string, path: string, products: number|null) => void} done
 * @property {(fault: Fault) => void} failed
 * @property {(news: TrainingEvent) => void} [training]
 */

/** @typedef {TrainingNews & { progress: TrainingProgress, ms: number, serial: number }} TrainingEvent */

/** Of what was asked and is given up, or is asked of what is gone. @type {Fault} */
export const GONE = { kind: 'gone', message: 'This is no longer held.' };

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
import(${JSON.stringify(url)}).then(() => early.forEach((e) => self.onmessage(e)), (e) => setTimeout(() => { throw e; }));`], {
    type: 'text/javascript',
  }));
  const worker = new Worker(blob);
  setTimeout(() => URL.revokeObjectURL(blob), 60_000);
  return worker;
}

let tries = 0; // of workers that did not come

/** One engine in its own worker. */
export class Host {
  /**
   * @param {EngineId} kind
   * @param {Addresses} addresses
   * @param {(words: string) => void} onLoad  what is being loaded, or empty
   * @param {{ fresh: boolean, begun?: import('../types.js').Begun }} how  fresh: load past every cache, because what was there is damaged;
   *   begun: what index.html has started
   */
  constructor(kind, addresses, onLoad, how) {
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
      if (role === 'network' || role === 'lab') this.call('giveUp', name, fault).catch(() => {}); // the engine stays
      else this.lose(fault);
    });
    /** @type {Promise<{ version: string, adapter: string }>} */
    this.ready = this.#start(addresses, how);
    this.ready.then(() => this.loading.begun(), (fault) => this.lose(fault));
  }

  /** @param {Addresses} addresses @param {{ fresh: boolean, begun?: import('../types.js').Begun }} how @returns {Promise<any>} */
  #start({ base, worker, nets, packages }, { fresh, begun }) {
    if (!packages[this.kind]) return Promise.reject({ kind: 'load', message: 'This page was built without it.' });
    try {
      // a fresh one has an address of its own: the old question may still be open
      this.worker = begun?.worker ?? spawn(fresh ? `${worker}?${++tries}` : worker);
    } catch (e) {
      const message = `The engine runs in a worker, and this browser starts none here (${/** @type {any} */ (e)?.message ?? e}).`;
      return Promise.reject({ kind: 'load', message, remedy: 'An extension, a setting or the page around this one may forbid workers.' });
    }
    const hear = (/** @type {MessageEvent} */ { data }) => {
      this.#hear();
      if (data.event) this.#event(data);
      else this.#answer(data);
    };
    const fail = (/** @type {ErrorEvent} */ e) => {
      e.preventDefault?.();
      this.#broken(e.message ?? '');
    };
    Object.assign(this.worker, { onmessage: hear, onerror: fail });
    this.loading.begin(this.name, 'script');
    if (!begun?.worker) return this.call('load', { kind: this.kind, base, nets, packages, fresh });
    const loaded = this.#expect(); // index.html has asked
    for (const e of begun.heard) 'data' in e ? hear(e) : fail(e);
    return loaded;
  }

  /** The worker's script has come. */
  #hear() {
    if (this.spoken) return;
    this.spoken = true;
    this.loading.end(this.name);
  }

  /** The worker has failed as a whole. @param {string} message */
  async #broken(message) {
    if (!this.spoken) {
      const why = await whyNot(this.script);
      return this.lose({ kind: 'load', message: `${this.name}, in which the engine runs, did not start: ${why}.` });
    }
    const [name, remedy] = this.kind === 'cpu' ? ['CPU', 'It is started afresh when you run again.'] : ['WebGPU', ''];
    this.lose({ kind: 'crash', message: `The ${name} engine was lost${message ? ` (${message})` : ''}.`, cause: message, remedy });
  }

  /** @param {string} op @param {...unknown} args @returns {Promise<any>} */
  call(op, ...args) {
    if (this.lost) return Promise.reject({ kind: 'gone', message: 'The engine was lost.' });
    const answer = this.#expect();
    const ports = args.flat().filter((arg) => arg instanceof MessagePort);
    this.worker?.postMessage({ id: this.last, op, args }, ports);
    return answer;
  }

  /** The answer to the next question. @returns {Promise<any>} */
  #expect() {
    const id = ++this.last;
    return new Promise((resolve, reject) => void this.calls.set(id, { resolve, reject }));
  }

  /** Gives up a question. @param {number} id */
  giveUp(id) {
    const call = this.calls.get(id);
    if (!call) return;
    this.calls.delete(id);
    call.reject(GONE);
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
    if (data.event === 'done') listener.done(data.ms, data.fingerprint, data.path, data.products);
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
