// A training that is shared out over workers. Each has a part of the draws of every step, in their order. All take theirs through the
// layers at once; then the sums go from part to part, each adds its draws, and the worker that has the training is the last: it takes the
// step and tells the others the new weights. The order of no sum changes, so the weights have the bits of one worker (src/net/stretch.rs).
//
// To the others:   { first, end, before, after } their draws, and ports to the workers with the parts before and after, where there are any
//                  | { step, weights } a step begins | { over: true } nothing more is wanted
// From the others: { step, loss, gradient } the sums up to the end of a part, to the worker with the next one

/** @typedef {import('../../pkg/cpu/scorefield.js').Training} Training */
/** @typedef {import('../../pkg/cpu/scorefield.js').TrainingPart} TrainingPart */
/** @typedef {import('../../pkg/cpu/scorefield.js').StepSums} StepSums */
/** @typedef {import('./shares.js').Own} Own */

/** The parts of each step of a training that other workers have. */
export class SharedTraining {
  /** @param {Training} training @param {MessagePort[]} ports  to the other workers @param {Own} job */
  constructor(training, ports, { idle, wake }) {
    this.training = training;
    this.idle = idle;
    this.wake = wake;
    const ends = training.split(ports.length + 1);
    /** Workers that have a part. */
    this.size = Math.max(0, ends.length - 1);
    this.over = this.size === 0;
    for (const port of ports.slice(this.size)) port.postMessage({ over: true });
    this.ports = ports.slice(0, this.size);
    /** @type {MessagePort|null} */
    let before = null;
    this.ports.forEach((port, i) => {
      const { port1, port2 } = new MessageChannel();
      const after = i + 1 < this.size ? port1 : null; // the last one's sums come here
      const part = { first: ends[i - 1] ?? 0, end: ends[i], before, after };
      port.postMessage(part, [before, after].filter((own) => own !== null));
      before = port2;
      port.onmessage = ({ data }) => this.#hear(data);
    });
  }

  /** The sums of all others have come. @param {StepSums} sums */
  async #hear({ step, loss, gradient }) {
    await this.idle();
    if (this.over) return;
    this.training.receive(step, loss, gradient);
    this.wake();
  }

  /** Tells the others of a step that begins. Returns whether the training has something to do. */
  goOn() {
    if (this.over) return true;
    const orders = this.training.orders();
    if (orders) for (const port of this.ports) port.postMessage(orders);
    return !this.training.awaits();
  }

  /** A worker is gone: the training goes on with the first one alone. */
  async takeBack() {
    this.end();
    await this.idle();
    this.wake();
  }

  /** Nothing more is wanted of the others. */
  async end() {
    if (this.over) return;
    this.over = true;
    for (const port of this.ports) port.postMessage({ over: true });
    await this.idle();
    this.training.take_back();
  }
}

/** A part of each step of another worker's training. */
export class TrainingShare {
  /**
   * @param {TrainingPart} part @param {MessagePort} port  to the worker that has the training
   * @param {() => void} wake  there may be work
   */
  constructor(part, port, wake) {
    this.part = part;
    this.wake = wake;
    this.draws = [0, 0];
    /** @type {MessagePort|null} */
    this.before = null;
    /** To the worker that needs the sums. */
    this.after = port;
  }

  /**
   * What the worker that has the training says.
   * @param {{ end?: number, first: number, before: MessagePort|null, after: MessagePort|null, step: number, weights: Float32Array }} said
   */
  hear({ end, first, before, after, step, weights }) {
    if (end === undefined) {
      if (!this.part.begin(step, this.draws[0], this.draws[1], weights)) throw new Error('The weights of a step have another length.');
      return this.wake();
    }
    this.draws = [first, end];
    this.after = after ?? this.after;
    this.before = before;
    if (!before) return;
    before.onmessage = ({ data }) => {
      this.part.receive(data.step, data.loss, data.gradient);
      this.wake();
    };
  }

  /** Does a piece. Returns its units of work. @param {number} most  units */
  advance(most) {
    const { work, sums } = this.part.advance(most);
    if (sums) this.after.postMessage(sums, [sums.gradient.buffer]);
    return work;
  }

  /** Whether there is nothing to do until something comes. */
  awaits() {
    return this.part.awaits();
  }

  free() {
    if (this.before) this.before.onmessage = null;
    this.before?.close();
    this.part.free();
  }
}
