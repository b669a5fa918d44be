// What is shared out over workers: what the worker that has it does about the parts of the others, which talk to it through a port each.
// Every part is a function of the link and of its number, so whoever does it finds the same bits.
//
// Of a run the parts are shares of its particles:
// To the others:   { share } which it is | { more: true } another state may come | { over: true } nothing more is wanted
// From the others: { level, x, spent } a state
// Of a job the parts are its runs:
// To the others:   { run } another one to do | { over: true } nothing more is wanted
// From the others: { run, spent, found } what a run has taken so far, in units of work, and at its end what it has found

/** @typedef {import('../../pkg/cpu/scorefield.js').Run} Run */
/** @typedef {import('../../pkg/cpu/scorefield.js').Job} Points */
/** @typedef {{ level: number, x: Float64Array, spent: Float64Array }} State */
/** @typedef {{ run: number, spent: number, found: Float64Array|null }} News */

/** States of a share that may be on their way at once. */
export const AHEAD = 2;

/** Runs of a job that a worker has at once: the next is there when one is done. */
const DEALT = 2;

/**
 * idle: no call into the run or job is under way; wake: there may be work.
 * @typedef {{ idle: () => Promise<void>, wake: () => void }} Own
 */

/** The shares of a run that other workers have. */
export class Crew {
  /**
   * @param {Run} run @param {MessagePort[]} ports  to the other workers
   * @param {Own} job
   */
  constructor(run, ports, { idle, wake }) {
    this.run = run;
    this.ports = ports;
    this.idle = idle;
    this.wake = wake;
    this.over = false;
    /** Shares of which another state may be asked for once there is room, one entry a state. @type {number[]} */
    this.owed = [];
    const shares = run.split(ports.length + 1);
    /** Workers that have a share. */
    this.size = Math.max(0, shares.length - 1);
    ports.forEach((port, i) => {
      const part = i + 1;
      const share = shares[part];
      if (!share) return port.postMessage({ over: true });
      run.hand_over(part);
      port.onmessage = ({ data }) => this.#hear(part, data);
      port.postMessage({ share });
    });
  }

  /** A state of a share has come. @param {number} part @param {State} state */
  async #hear(part, { level, x, spent }) {
    await this.idle();
    if (this.over) return;
    this.run.receive(part, level, x, spent);
    this.owed.push(part);
    this.goOn();
    this.wake();
  }

  /** Asks for what there is room for. Returns whether the run has something to do. */
  goOn() {
    this.owed = this.owed.filter((part) => {
      if (!this.run.has_room(part)) return true;
      this.ports[part - 1].postMessage({ more: true });
      return false;
    });
    return !this.run.awaits();
  }

  /** A share whose worker is gone is moved here. @param {number} part */
  async takeBack(part) {
    await this.idle();
    if (this.over) return;
    this.run.take_back(part);
    this.wake();
  }

  /** Nothing more is wanted of the others. */
  end() {
    if (this.over) return;
    this.over = true;
    for (const port of this.ports) port.postMessage({ over: true });
  }
}

/** The runs of a job that other workers do. */
export class Errands {
  /** @param {Points} points @param {MessagePort[]} ports  to the other workers @param {Own} job */
  constructor(points, ports, { idle, wake }) {
    this.points = points;
    this.ports = ports;
    this.idle = idle;
    this.wake = wake;
    this.over = false;
    /** The runs that each has. @type {Set<number>[]} */
    this.held = ports.map(() => new Set());
    ports.forEach((port, i) => {
      port.onmessage = ({ data }) => this.#hear(i, data);
      this.#deal(i);
    });
    /** Workers that have a run. */
    this.size = this.held.filter((runs) => runs.size > 0).length;
  }

  /** Gives a worker runs that nobody has begun. @param {number} i */
  #deal(i) {
    while (this.held[i].size < DEALT) {
      const run = this.points.give();
      if (run === undefined) return;
      this.held[i].add(run);
      this.ports[i].postMessage({ run });
    }
  }

  /** @param {number} i  whose news @param {News} news */
  async #hear(i, { run, spent, found }) {
    await this.idle();
    if (this.over || !this.held[i].has(run)) return;
    this.points.told(run, spent);
    if (found) {
      this.points.receive(run, found);
      this.held[i].delete(run);
      this.#deal(i);
    }
    this.wake();
  }

  /** Whether the job has something to do here. */
  goOn() {
    return !this.points.awaits();
  }

  /** The runs of a worker that is gone are done by the others. @param {number} part  1 is the first beside the one that has the job */
  async takeBack(part) {
    await this.idle();
    if (this.over) return;
    for (const run of this.held[part - 1]) this.points.take_back(run);
    this.held[part - 1].clear();
    this.held.forEach((_, i) => i !== part - 1 && this.#deal(i)); // those that had nothing left
    this.wake();
  }

  /** Nothing more is wanted of the others. */
  end() {
    if (this.over) return;
    this.over = true;
    for (const port of this.ports) port.postMessage({ over: true });
  }
}
