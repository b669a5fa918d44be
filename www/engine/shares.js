// What is shared out over workers: what the worker that has it does about the parts of the others, which talk to it through a port each.
// Every part is a function of the link and of its number, so whoever does it finds the same bits.
//
// Of a run the parts are shares of its particles:
// To the others:   { share } which it is | { more: true } another state may come | { over: true } nothing more is wanted
//                  | { given } the particles of all, where they need each other
// From the others: { level, x, spent } a state
// Of a job the parts are its runs; of a question the parts of its answer, which are dealt out in the same way:
// To the others:   { given } what a question is about, once
// To the others:   { run } another one to do | { over: true } nothing more is wanted
// From the others: { run, spent, found } what a run has taken so far, in units of work, and at its end what it has found

/** @typedef {import('../../pkg/cpu/scorefield.js').Run} Run */
/** @typedef {import('../../pkg/cpu/scorefield.js').Job} Points */
/** @typedef {import('../../pkg/cpu/scorefield.js').Task} Task */
/** @typedef {{ level: number, x: Float64Array, spent: Float64Array }} State */
/** @typedef {{ run: number, spent: number, found: Float64Array|null }} News */

/**
 * idle: no call into the run or job is under way; wake: there may be work.
 * @typedef {{ idle: () => Promise<void>, wake: () => void }} Own
 */

/** What other workers have a part of. */
class Shared {
  /** @param {MessagePort[]} ports  to the other workers @param {Own} own */
  constructor(ports, { idle, wake }) {
    this.ports = ports;
    this.idle = idle;
    this.wake = wake;
    this.over = false;
    /** Workers that have a part. */
    this.size = 0;
  }

  /**
   * What the worker is gone that had it is done here, or by the others.
   * @param {number} part  1 is the first worker beside the one that has the run
   */
  async takeBack(part) {
    await this.idle();
    if (this.over) return;
    this.giveUp(part);
    this.wake();
  }

  /** @param {number} _part  as in `takeBack` */
  giveUp(_part) {}

  /** Nothing more is wanted of the others. */
  end() {
    if (this.over) return;
    this.over = true;
    for (const port of this.ports) port.postMessage({ over: true });
  }
}

/** The shares of a run that other workers have. */
export class SharedRun extends Shared {
  /** @param {Run} run @param {number} price  of the run, in units @param {MessagePort[]} ports  to the other workers @param {Own} own */
  constructor(run, price, ports, own) {
    super(ports, own);
    this.run = run;
    /** Shares of which another state may be asked for once there is room, one entry a state. @type {number[]} */
    this.owed = [];
    const shares = run.split(ports.length + 1, price);
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

  /** Tells the others what they need, and asks for what there is room for. Returns whether the run has something to do. */
  goOn() {
    const given = this.run.gives();
    if (given) for (const port of this.ports) port.postMessage({ given });
    this.owed = this.owed.filter((part) => {
      if (!this.run.has_room(part)) return true;
      this.ports[part - 1].postMessage({ more: true });
      return false;
    });
    return !this.run.awaits();
  }

  /** The share is moved here. @override @param {number} part */
  giveUp(part) {
    this.run.take_back(part);
  }
}

/** The runs of a job, or the parts of an answer, that other workers do. */
export class DealtRuns extends Shared {
  /** @param {Points|Task} points @param {MessagePort[]} ports  to the other workers @param {Own} own */
  constructor(points, ports, own) {
    super(ports, own);
    this.points = points;
    /** The runs that each has. @type {Set<number>[]} */
    this.held = ports.map(() => new Set());
    /** Those that get nothing more: their result was refused, or they are gone. @type {Set<number>} */
    this.refused = new Set();
    ports.forEach((port, i) => {
      port.onmessage = ({ data }) => this.#hear(i, data);
      this.#deal(i);
    });
    this.size = this.held.filter((runs) => runs.size > 0).length;
  }

  /** Gives a worker runs that nobody has begun: another one when what it has is nearly done. @param {number} i */
  #deal(i) {
    while (!this.refused.has(i) && this.points.wants(Uint32Array.from(this.held[i]))) {
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
      this.#use(i, run, found);
      this.held[i].delete(run);
    }
    this.#deal(i);
    this.wake();
  }

  /** What is refused is done again, by another. @param {number} i  whose it is @param {number} run @param {Float64Array} found */
  #use(i, run, found) {
    try {
      this.points.receive(run, found);
    } catch (e) {
      console.error(e);
      this.refused.add(i);
      this.points.take_back(run);
    }
  }

  /** Whether the job has something to do here. */
  goOn() {
    return !this.points.awaits();
  }

  /** Its runs are done by the others, and it gets nothing more. @override @param {number} part */
  giveUp(part) {
    this.refused.add(part - 1);
    for (const run of this.held[part - 1]) this.points.take_back(run);
    this.held[part - 1].clear();
    this.held.forEach((_, i) => i !== part - 1 && this.#deal(i)); // those that had nothing left
  }
}
