// How long a unit of work lasts here: what is said of the time of a run before it is far enough to tell.

/** Of a unit, until something has run. */
export const NOMINAL_MS = 17e-6;
const ENOUGH_MS = 200; // a shorter run tells nothing
const SOON = 0.02; // from this part on a run tells its own time: the first steps may be slower than the others

export class Rate {
  /** @param {{ cpu: number|null, keep: (what: { cpu: number }) => void }} measured  kept for the next visit */
  constructor(measured) {
    this.measured = measured;
  }

  get unit() {
    return this.measured.cpu ?? NOMINAL_MS;
  }

  /**
   * A run took so long for so many units. Units of other kinds of runs are a little longer or shorter: none decides alone.
   * @param {number} ms @param {number} work
   */
  learn(ms, work) {
    if (ms > ENOUGH_MS && work > 0) this.measured.keep({ cpu: Math.sqrt(this.unit * (ms / work)) });
  }
}

/**
 * How long something takes in all, in milliseconds; NaN while nothing is known. At first this is what was expected, and then more and more
 * what the part that is done tells; that alone from `SOON` on, and where it has taken longer than was expected.
 *
 * Held by tests/e2e/rate.test.js.
 * @param {number} spent  so far
 * @param {number} part  that is done, 0 … 1
 * @param {number} expected  before it has begun; NaN where it is not known
 */
export function whole(spent, part, expected) {
  if (!(part > 0)) return expected;
  const told = spent / part;
  if (!(expected > spent)) return told;
  const weight = Math.min(1, part / SOON);
  return expected ** (1 - weight) * told ** weight;
}

/** Each with the milliseconds that it has, the longest first. @type {[string, number][]} */
const UNITS = [['h', 3_600_000], ['min', 60_000], ['s', 1000]];
const FROM = 1.5; // of a unit, and times are told in it
const WHOLE = 10; // of a unit, and from there on no halves

/**
 * A time for people, rounded up: in whole seconds below 90 s, then in minutes, from 90 min on in hours; below ten of them in halves.
 *
 * Held by tests/e2e/rate.test.js.
 * @param {number} ms @param {number} [beside]  a longer time on the same line, in whose unit it is told
 */
export function about(ms, beside = ms) {
  const [unit, one] = UNITS.find(([, long]) => beside >= FROM * long) ?? UNITS[2];
  const part = unit === 's' || ms > WHOLE * one ? 1 : 2;
  return `about ${Math.ceil((part * ms) / one) / part} ${unit}`;
}

/** The part of a run that is done: by its price, where that is known. @param {import('../app/store.js').RunState} run */
export function partOf({ spent, price, evaluations, total }) {
  const part = price ? spent / price : evaluations / total;
  return part > 0 ? Math.min(1, part) : 0;
}

/**
 * How long a training has lasted, on all its workers: the time between Cancel and Go on does not count.
 * @param {Pick<import('../app/store.js').TrainingState, 'before'|'taken'>} training
 */
export const lasted = ({ before, taken }) => before + performance.now() - taken;
