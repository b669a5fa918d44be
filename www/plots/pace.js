// How many particles are drawn while a picture moves: no more than there is time for. A picture that stands has all.

const BUDGET_MS = 12; // of the 16 between two pictures, for all sides together
const REMEMBERED = 5; // the fastest of so many pictures counts: others may have waited for something else

export class Pace {
  constructor() {
    /** Milliseconds a particle, of the last pictures. @type {number[]} */
    this.times = [];
    this.halved = 0; // so often, since the picture began to move
  }

  /**
   * How many of n particles are drawn.
   * @param {number} n @param {boolean} moving @param {number} [sides]  pictures that are drawn together @param {number} [least]
   */
  most(n, moving, sides = 1, least = 1) {
    if (!moving) {
      this.halved = 0;
      return n;
    }
    const time = Math.min(...this.times); // of none it is infinite
    if (this.times.length) while (this.#left(n) > least && this.#left(n) * time > BUDGET_MS / sides) this.halved++;
    return Math.min(n, Math.max(least, this.#left(n)));
  }

  /** @param {number} n */
  #left(n) {
    return Math.ceil(n / 2 ** this.halved);
  }

  /** A picture of n particles took so long. @param {number} n @param {number} ms */
  took(n, ms) {
    this.times.push(ms / Math.max(1, n));
    if (this.times.length > REMEMBERED) this.times.shift();
  }
}
