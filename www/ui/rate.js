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

/** A time for people. @param {number} ms */
export function about(ms) {
  if (ms < 90_000) return `about ${Math.ceil(ms / 1000)} s`;
  return ms < 5_400_000 ? `about ${Math.ceil(ms / 60_000)} min` : `about ${Math.ceil(ms / 3_600_000)} h`;
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
