// A run whose particles are shared out over workers: what the worker that has the run does about the shares of the others, which talk to it
// through a port each. Every share is a function of the link and of which particles it has, so whoever moves it finds the same bits.
//
// To the others:   { share } which it is | { more: true } another state may come | { over: true } nothing more is wanted
// From the others: { level, x, spent } a state

/** @typedef {import('../../pkg/cpu/scorefield.js').Run} Run */
/** @typedef {{ level: number, x: Float64Array, spent: Float64Array }} State */

/** States of a share that may be on their way at once. */
export const AHEAD = 2;

/** The shares of a run that other workers have. */
export class Crew {
  /**
   * @param {Run} run @param {MessagePort[]} ports  to the other workers
   * @param {{ idle: () => Promise<void>, wake: () => void }} job  idle: no call into the run is under way; wake: there may be work
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
