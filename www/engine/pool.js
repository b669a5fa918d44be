// Workers that help the CPU engine: each is one more instance of it, and moves a share of the particles of a large run, or does some of the
// runs of a job. They start when the first such run is there, and go when none has come for a while.
import { Host } from './host.js';

/**
 * @typedef {import('../types.js').Fault} Fault
 * @typedef {import('./host.js').Addresses} Addresses
 */

const CORES = 8; // that are used, at most
const PER_GB = 2; // workers for each gigabyte of memory, where the browser tells it
const IDLE_MS = 60_000; // without a run, and they go
const PATIENCE_MS = 5000; // one that is not there by then does not help this run
const BEAT_MS = 2000; // between two looks at whether those that are asked something have answered
const MISSED = 3; // looks in turn without an answer, and a worker is lost; a single one may be late because the whole page has slept

/**
 * silent: looks since it answered last, while it is asked something; late: it was too late with a part, and has not answered since.
 * @typedef {{ host: Host, free: () => void, silent: number, late: boolean }} Helper
 */

/** @type {Fault} */
const SILENT = { kind: 'silent', message: 'it does not answer' };

export class Pool {
  /** @param {Addresses} addresses */
  constructor(addresses) {
    this.addresses = addresses;
    const memory = /** @type {{ deviceMemory?: number }} */ (navigator).deviceMemory ?? Infinity;
    /** Beside the first worker. */
    this.most = Math.max(1, Math.min(CORES, navigator.hardwareConcurrency || 1, Math.floor(PER_GB * memory))) - 1;
    /** @type {Helper[]} */
    this.helpers = [];
    /** @type {Promise<void>|null} */
    this.starting = null;
    this.timer = 0;
    this.beat = 0;
  }

  /**
   * Workers that can take parts of a run or a job, each with its end of a channel.
   * @param {number} id  of the run @param {(host: Host, port: MessagePort) => Promise<void>} prepare  makes a worker ready for its part
   * @param {(part: number, fault: Fault) => void} gone  the worker that has this part is gone
   * @returns {Promise<MessagePort[]>}
   */
  async take(id, prepare, gone) {
    await (this.starting ??= this.#start().finally(() => (this.starting = null)));
    this.#rest();
    const latest = performance.now() + PATIENCE_MS;
    const prompt = this.helpers.filter(({ late }) => !late);
    const made = await Promise.all(prompt.map((own) => within(PATIENCE_MS, this.#begin(own, prepare, latest))));
    const able = made.flatMap((one) => (one && !one.host.lost ? [one] : []));
    able.forEach(({ host }, i) => {
      const forget = () => void host.jobs.delete(id);
      host.jobs.set(id, { step() {}, done: forget, failed: (fault) => gone(i + 1, fault) });
    });
    this.#watch();
    return able.map(({ port }) => port);
  }

  /**
   * Makes a worker ready for its part. One that is too late is asked whether it is there: if it hangs, it is lost, and the next run has
   * another one in its place; until it answers, no other run waits for it.
   * @param {Helper} own @param {(host: Host, port: MessagePort) => Promise<void>} prepare @param {number} latest
   */
  async #begin(own, prepare, latest) {
    const { host } = own;
    await host.ready;
    const { port1, port2 } = new MessageChannel();
    const timer = setTimeout(() => {
      own.late = true;
      this.#ask(own, 'held');
      this.#watch();
    }, latest - performance.now());
    try {
      await prepare(host, port1);
    } finally {
      clearTimeout(timer);
      own.late = false;
    }
    if (performance.now() < latest) return { host, port: port2 };
    port2.postMessage({ over: true }); // nobody waits any more
    return null;
  }

  /** A run is over. @param {number} id */
  drop(id) {
    for (const own of this.helpers) if (own.host.jobs.delete(id)) this.#ask(own, 'drop', id);
    this.#watch();
  }

  /** Parts that each has. @returns {Promise<number[]>} */
  held() {
    return Promise.all(this.helpers.map(({ host }) => host.call('held')));
  }

  /** Starts those that are missing. */
  async #start() {
    // one that was lost has a successor in its place: a place that is given back is not free at once
    this.helpers = this.helpers.map((own) => (own.host.lost ? helper(this.#fresh(), own.free) : own));
    for (let left = this.most - this.helpers.length; left > 0; left--) {
      const free = await seat(this.most);
      if (!free) return;
      this.helpers.push(helper(this.#fresh(), free));
    }
  }

  #fresh() {
    return new Host('cpu', this.addresses, () => {}, { fresh: false });
  }

  /** Loses those that do not answer: a browser ends a worker that takes too much memory, and may not say so. */
  #watch() {
    this.beat ||= window.setInterval(() => {
      const asked = this.helpers.filter(({ host, silent }) => !host.lost && (silent > 0 || host.jobs.size > 0));
      for (const own of asked) own.silent++ < MISSED ? this.#ask(own, 'held') : own.host.lose(SILENT);
      if (asked.length > 0) return;
      clearInterval(this.beat);
      this.beat = 0;
    }, BEAT_MS);
  }

  /** @param {Helper} own @param {string} op @param {...unknown} args */
  #ask(own, op, ...args) {
    own.silent ||= 1;
    own.host.call(op, ...args).catch(() => {}).then(() => void (own.silent = 0));
  }

  /** They go after a while, unless a run is there. */
  #rest() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      if (this.helpers.some(({ host }) => host.jobs.size > 0)) return this.#rest();
      for (const { host, free } of this.helpers) {
        host.lose({ kind: 'gone', message: 'The worker was closed.' });
        free();
      }
      this.helpers = [];
    }, IDLE_MS);
  }
}

/** @param {Host} host @param {() => void} free @returns {Helper} */
const helper = (host, free) => ({ host, free, silent: 0, late: false });

/**
 * A place for one worker, of so many that all pages of this origin have together: ten embeds on one page start no more than one does. What
 * gives it back; null where none is free. A browser that does not count them gives a page its places, and a frame none.
 * @param {number} most
 * @returns {Promise<(() => void)|null>}
 */
async function seat(most) {
  if (!navigator.locks || self.origin === 'null') return self === top ? () => {} : null;
  for (let i = 1; i <= most; i++) {
    /** @type {(() => void)|null} */
    const free = await new Promise((resolve, reject) => {
      navigator.locks.request(`scorefield-helper-${i}`, { ifAvailable: true }, (lock) => (
        lock ? new Promise((/** @type {(v: void) => void} */ done) => resolve(() => done())) : resolve(null)
      )).catch(reject);
    });
    if (free) return free;
  }
  return null;
}

/** Null where it fails, or is not there in time. @template T @param {number} ms @param {Promise<T>} answer @returns {Promise<T|null>} */
function within(ms, answer) {
  return Promise.race([answer.catch(() => null), new Promise((/** @type {(v: null) => void} */ late) => void setTimeout(late, ms, null))]);
}
