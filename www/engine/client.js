// What the page asks of the engines, each in a worker of its own, which is replaced when lost.
import { GONE, Host } from './host.js';
import { Pool } from './pool.js';

/**
 * @typedef {import('../types.js').EngineId} EngineId
 * @typedef {import('../types.js').SideId} SideId
 * @typedef {import('../types.js').Fault} Fault
 * @typedef {{ side: SideId, bytes: Uint8Array }} Trained  the network that a side was trained to
 * @typedef {import('./host.js').Addresses} Addresses
 * @typedef {import('./host.js').Listener} Listener
 * @typedef {typeof import('../../pkg/cpu/scorefield.js')} Package
 * @typedef {import('../../pkg/cpu/scorefield.js').Scene} Scene
 * @typedef {import('../../pkg/cpu/scorefield.js').SpaceScene} SpaceScene
 * @typedef {import('../../pkg/cpu/scorefield.js').ChainScene} ChainScene
 * @typedef {import('../../pkg/cpu/scorefield.js').Check} Check
 */

/**
 * Functions of the package that are called as they are.
 * @typedef {'open_link'|'edit_link'|'edit_keys'|'compare_link'|'share_link'|'encode_points'|'decode_points'|'read_points'|'recognise'|
 *   'load_network'|'same_weights'} Plain
 */

/**
 * An engine that is asked to stop, or for a link, answers within this time, or its worker is replaced. A graphics card compiles shaders at
 * its own pace.
 */
const ANSWER_MS = { cpu: 4000, webgpu: 60_000 };
const SUCCESSORS = 3; // workers, at most, that one question is put to
/** Of whatever a replaced worker was asked. @type {Fault} */
const SILENT = { kind: 'silent', message: 'The engine did not answer and was restarted.', remedy: 'Run again.' };

export class Client {
  /**
   * @param {import('../types.js').Begun} begun  where the files are, and the worker that index.html has started
   * @param {(kind: EngineId, words: string) => void} onLoad  what an engine is loading, or empty
   */
  constructor(begun, onLoad) {
    this.addresses = begun.addresses;
    this.onLoad = onLoad;
    this.pool = new Pool(begun.addresses);
    this.lastJob = 0;
    /** @type {Map<number, Host>} */
    this.where = new Map();
    /** @type {Host} */
    this.cpu = this.#host('cpu', null, begun);
    this.asked = false;
    /** @type {Host|null} */
    this.gpu = null;
  }

  /** @param {EngineId} kind @returns {Host} */
  host(kind) {
    if (kind === 'webgpu') {
      if (!this.gpu || this.gpu.lost) this.gpu = this.#host(kind, this.gpu);
      return this.gpu;
    }
    // One that failed before anything was asked tells the first who asks why.
    if (this.cpu.lost && this.asked) this.cpu = this.#host(kind, this.cpu);
    this.asked = true;
    return this.cpu;
  }

  /** @param {EngineId} kind @param {Host|null} old  which was lost @param {import('../types.js').Begun} [begun] */
  #host(kind, old, begun) {
    return new Host(kind, this.addresses, (words) => this.onLoad(kind, words), { fresh: old?.fault?.kind === 'load', begun });
  }

  /** Brings a package that a link will need, beside the first. @param {string} name */
  bring(name) {
    this.cpu.call('bring', name).catch(() => {}); // told by whatever needs it
  }

  /** Loads an engine; resolves with the adapter in words. @param {EngineId} kind */
  async ready(kind) {
    return (await this.host(kind).ready).adapter;
  }

  /** Gives up the WebGPU engine that has this run or job. Returns whether it was the one in use. @param {number} id */
  close(id) {
    if (!this.gpu || this.where.get(id) !== this.gpu) return false;
    this.gpu.lose({ kind: 'gone', message: 'The engine was closed.' });
    return true;
  }

  /**
   * Nothing more is asked of the WebGPU engine that has this run; it ends with the last of its runs. Returns whether it was the one in use.
   * @param {number} id
   */
  leave(id) {
    const inUse = this.gpu !== null && this.where.get(id) === this.gpu;
    if (inUse) this.gpu = null;
    return inUse;
  }

  /**
   * Calls a function of the package in the CPU engine.
   * @template {Plain} F
   * @param {F} name @param {Parameters<Package[F]>} args
   * @returns {Promise<ReturnType<Package[F]>>}
   */
  call(name, ...args) { return this.#ask(name, ...args); }

  /**
   * The same for what takes no time: a worker that is too busy to answer is replaced, and its successor is asked.
   * @template {Plain} F
   * @param {F} name @param {Parameters<Package[F]>} args
   * @returns {Promise<ReturnType<Package[F]>>}
   */
  async now(name, ...args) {
    for (let left = SUCCESSORS; ; left--) {
      const host = this.host('cpu');
      const answer = host.lost ? host.ready : host.call(name, ...args); // an engine that is still loading answers when it is there
      host.ready.then(() => this.#within(host, answer), () => {});
      try {
        return await answer;
      } catch (e) {
        if (/** @type {Fault} */ (e).kind !== 'silent' || left <= 1) throw e;
      }
    }
  }

  /** @param {string} op @param {...unknown} args @returns {Promise<any>} */
  async #ask(op, ...args) {
    const host = this.host('cpu');
    await host.ready;
    return host.call(op, ...args);
  }

  /** @param {string} link @param {SideId} side @returns {Promise<import('../../pkg/cpu/scorefield.js').PlanTable>} */
  plan(link, side) { return this.#ask('plan', link, side); }
  /** How many experiments the CPU engine has compiled. @returns {Promise<number>} */
  compiled() { return this.#ask('compiled'); }

  /**
   * What is exact and known of a side before its run.
   * @param {string} link @param {SideId} side @param {AbortSignal} [signal]
   * @returns {Promise<Scene|SpaceScene|ChainScene>}
   */
  scene(link, side, signal) { return this.#task(this.host('cpu'), signal, 'scene', link, side); }
  /**
   * A question about what is exact. learned: it asks the side's network.
   * @param {string} link @param {SideId} side @param {string} question @param {object} args
   * @param {{ learned?: boolean, signal?: AbortSignal }} [how]
   * @returns {Promise<any>}
   */
  ask(link, side, question, args, { learned = false, signal } = {}) {
    return this.#task(this.host('cpu'), signal, 'ask', link, side, question, args, learned);
  }
  /**
   * A question about the samples of a run.
   * @param {number} id @param {string} question @param {object} args @param {{ signal?: AbortSignal }} [how]
   * @returns {Promise<any>}
   */
  askRun(id, question, args, { signal } = {}) { return this.#task(this.where.get(id), signal, 'askRun', id, question, args); }

  /**
   * The numbers of a frame of a run; more workers do parts of them where that takes long, as at the end.
   * @param {number} id @param {string} link @param {SideId} side @param {number} frame
   * @param {(price: number) => boolean} isLong  whether so many units of work take long
   * @returns {Promise<any>}
   */
  async numbers(id, link, side, frame, isLong) {
    const host = this.where.get(id);
    if (!host) throw GONE;
    await host.ready;
    const answer = host.call('askRun', id, 'metrics', { frame });
    const asked = host.last;
    const over = this.#shareAnswer(host, asked, isLong, (own, job, port) => own.call('numbers', job, link, side, port));
    answer.catch(() => {}).then(async () => this.pool.drop(await over));
    return answer;
  }

  /**
   * Shares an answer that takes long out over more workers. Resolves to the number that they know it by.
   * @param {Host} host @param {number} asked  the number of the question there @param {(price: number) => boolean} isLong
   * @param {(own: Host, job: number, port: MessagePort) => Promise<void>} prepare
   */
  async #shareAnswer(host, asked, isLong, prepare) {
    if (!isLong(await host.call('worth', asked).catch(() => 0))) return 0;
    const job = ++this.lastJob;
    /** @type {number[]} */
    const gone = [];
    const takeBack = (/** @type {number} */ part) => void host.call('answerBack', asked, part).catch(() => {});
    const ports = await this.pool.take(job, (own, port) => prepare(own, job, port), (part) => {
      gone.push(part);
      takeBack(part);
    });
    // where the first worker is gone, the others are dropped with the answer
    if (ports.length > 0) await host.call('shareAnswer', asked, ports).catch(() => {});
    gone.forEach(takeBack); // a worker that was gone before it had its part
    return job;
  }

  /** The price of a run, in units of work, before it is begun. @param {string} link @param {SideId} side @returns {Promise<number>} */
  price(link, side) { return this.#task(this.host('cpu'), undefined, 'price', link, side); }

  /**
   * What may take a while, and can be given up.
   * @param {Host|undefined} host @param {AbortSignal|undefined} signal @param {string} op @param {...unknown} args
   * @returns {Promise<any>}
   */
  async #task(host, signal, op, ...args) {
    if (!host) throw GONE;
    await host.ready;
    if (signal?.aborted) throw GONE;
    const answer = host.call(op, ...args);
    const id = host.last;
    const giveUp = () => host.giveUp(id);
    signal?.addEventListener('abort', giveUp);
    return answer.finally(() => signal?.removeEventListener('abort', giveUp));
  }

  /**
   * Starts a run; the answer is its number. A refusal comes to `failed`.
   * @param {EngineId} kind @param {string} link @param {SideId} side @param {Listener} listener
   */
  run(kind, link, side, listener) {
    return this.#start(kind, listener, 'run', [link, side], () => {});
  }

  /**
   * Shares a run on the CPU out over more workers. Resolves with how many have a share beside the first.
   * @param {number} id @param {string} link @param {SideId} side @param {number} price  in units of work @param {Trained[]} networks
   * @param {(fault: Fault) => void} lost  a worker is gone, and the first moves its share
   */
  share(id, link, side, price, networks, lost) {
    return this.#share(id, async (host, port) => {
      await equip(host, link, networks);
      await host.call('portion', id, link, side, port);
    }, lost, price);
  }

  /**
   * The same for the runs of a job.
   * @param {number} id @param {string} link @param {string} name @param {Trained[]} networks @param {(fault: Fault) => void} lost
   */
  shareJob(id, link, name, networks, lost) {
    return this.#share(id, async (host, port) => {
      await equip(host, link, networks);
      await host.call('jobRuns', id, link, name, port);
    }, lost);
  }

  /**
   * The same for the draws of each step of a training.
   * @param {number} id @param {string} link @param {SideId} side @param {(fault: Fault) => void} lost
   */
  shareTraining(id, link, side, lost) {
    return this.#share(id, (host, port) => host.call('trainingShare', id, link, side, port), lost);
  }

  /**
   * @param {number} id @param {(host: Host, port: MessagePort) => Promise<void>} prepare @param {(fault: Fault) => void} lost
   * @param {number} [price]  of a run
   * @returns {Promise<number>}
   */
  async #share(id, prepare, lost, price = 0) {
    const host = this.where.get(id);
    if (!(await host?.call('dealt', id))) return 0; // no worker starts for nothing
    /** @type {Set<number>} */
    const gone = new Set();
    const takeBack = (/** @type {number} */ part) => void host?.call('takeBack', id, part).catch(() => {}); // it is gone too
    const ports = await this.pool.take(id, prepare, (part, fault) => {
      gone.add(part);
      takeBack(part);
      lost(fault);
    });
    if (ports.length === 0) return 0;
    if (!host || this.where.get(id) !== host || !host.jobs.has(id)) {
      this.pool.drop(id);
      return 0;
    }
    const workers = await host.call('share', id, ports, price);
    if (workers === 0) this.pool.drop(id); // it was stopped meanwhile, or is one part only
    gone.forEach(takeBack); // a worker that was gone before it had its part
    return workers;
  }

  /** What is over gives its workers back. @param {number} id @param {Listener} listener @returns {Listener} */
  #shareable(id, listener) {
    return {
      ...listener,
      done: (...end) => {
        this.pool.drop(id);
        listener.done(...end);
      },
      failed: (fault) => {
        this.pool.drop(id);
        listener.failed(fault);
      },
    };
  }

  /**
   * Starts a job beside the runs.
   * @param {EngineId} kind @param {string} link @param {string} name @param {Listener} listener
   * @param {(plan: any, total: number, price: number) => void} planned  price: in units of work
   */
  job(kind, link, name, listener, planned) {
    return this.#start(kind, listener, 'job', [link, name], (v) => planned(v.plan, v.total, v.price));
  }

  /** Starts a side's training. @param {EngineId} kind @param {string} link @param {SideId} side @param {Listener} listener */
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
  /** A side's network, once it is there. @param {EngineId} kind @param {string} link @param {SideId} side @returns {Promise<Uint8Array>} */
  networkFile(kind, link, side) { return this.host(kind).call('network_file', link, side); }
  /** Hands a network to an engine. @param {EngineId} kind @param {string} link @param {SideId} side @param {Uint8Array} bytes */
  async addTrained(kind, link, side, bytes) {
    const host = this.host(kind);
    await host.ready;
    await host.call('add_trained', link, side, bytes);
  }

  /** @param {EngineId} kind @param {Listener} listener @param {string} op @param {unknown[]} args @param {(value: any) => void} begun */
  #start(kind, listener, op, args, begun) {
    const host = this.host(kind);
    const id = ++this.lastJob;
    const own = this.#shareable(id, listener);
    host.jobs.set(id, own);
    this.where.set(id, host);
    host.ready.then(() => host.call(op, id, ...args)).then(begun, (fault) => {
      if (host.jobs.delete(id)) own.failed(fault);
    });
    return id;
  }

  /** Stops a job and keeps what it has. @param {number} id */
  stop(id) {
    this.pool.drop(id);
    const host = this.where.get(id);
    if (host) this.#within(host, host.call('stop', id));
  }

  /** Stops a job and forgets it; nothing more comes from it. @param {number} id */
  drop(id) {
    this.pool.drop(id);
    const host = this.where.get(id);
    this.where.delete(id);
    if (!host) return;
    host.jobs.delete(id);
    this.#within(host, host.call('drop', id));
    if (host.kind === 'webgpu' && host !== this.gpu && host.jobs.size === 0) host.lose(GONE); // nothing more is asked of it
  }

  /** A worker that does not answer is replaced. @param {Host} host @param {Promise<unknown>} answer */
  #within(host, answer) {
    const timer = setTimeout(() => host.lose(SILENT), ANSWER_MS[host.kind]);
    answer.catch(() => {}).finally(() => clearTimeout(timer));
  }

  /** @param {number} id @param {string} op @param {...unknown} args @returns {Promise<any>} */
  #of(id, op, ...args) {
    const host = this.where.get(id);
    return host ? host.call(op, id, ...args) : Promise.reject(GONE);
  }

  /**
   * With the fingerprint in the link; null where the link has none of that side.
   * @param {number} id @param {string} link @param {SideId} side  whose run it is
   * @returns {Promise<Check|null>}
   */
  check(id, link, side) { return this.#of(id, 'check', link, side); }
  /** @param {number} id @returns {Promise<Float64Array>} */
  samples(id) { return this.#of(id, 'samples'); }
  /** @param {number} id @returns {Promise<string>} */
  csv(id) { return this.#of(id, 'csv'); }
}

/** Gives a helper the networks that were trained for a link. @param {Host} host @param {string} link @param {Trained[]} networks */
async function equip(host, link, networks) {
  for (const { side, bytes } of networks) await host.call('add_trained', link, side, bytes);
}
