// Lab filter: what the pictures compute of a scene and its answers: exact laws as densities, places of observations, shared axes.
import { answerOf } from '../../app/answers.js';

/**
 * @typedef {import('../../../pkg/cpu/scorefield.js').FilterScene} FilterScene
 * @typedef {Omit<import('../../app/store.js').SideState, 'scene'> & { scene: FilterScene }} Side
 * @typedef {import('../../app/stage.js').Look<import('./index.js').Filters, any, any>} AnyLook
 * @typedef {Omit<AnyLook, 'side'|'sides'> & { side: Side }} Look
 * @typedef {import('../../../pkg/cpu/scorefield.js').FilterExact} FilterExact
 * @typedef {import('../../../pkg/cpu/scorefield.js').FilterUpdate} FilterUpdate
 */

/** What an instrument sees of u. @type {Record<string, (u: number) => number>} */
export const OPERATORS = {
  identity: (u) => u, abs: Math.abs, square: (u) => u * u, cubic: (u) => u ** 3, arctan: Math.atan,
};

/** The states that an observed value stands for: none where no state gives it. @type {Record<string, (y: number) => number[]>} */
const PLACES = {
  identity: (y) => [y],
  abs: (y) => (y < 0 ? [] : [y, -y]),
  square: (y) => (y < 0 ? [] : [Math.sqrt(y), -Math.sqrt(y)]),
  cubic: (y) => [Math.cbrt(y)],
  arctan: (y) => (Math.abs(y) < Math.PI / 2 ? [Math.tan(y)] : []),
};

/** @param {Pick<Side, 'info'>} side */
export const placesOf = ({ info }) => PLACES[info.values.operator] ?? PLACES.identity;

/**
 * The exact filter of a side; undefined while it is on its way, null where there is none.
 * @param {Side} side
 * @returns {FilterExact|null|undefined}
 */
export const exactOf = (side) => (side.scene.known ? answerOf(side, 'exact') : null);

/** @type {WeakMap<FilterExact, [number, number]>} */
const supports = new WeakMap();
const FAINT = 0.05; // of the maximum, which is hardly seen

/** Where the exact densities of all cycles are more than faint. @param {FilterExact} exact @returns {[number, number]} */
function supportOf(exact) {
  const known = supports.get(exact);
  if (known) return known;
  const { xs, density } = exact;
  const n = xs.length;
  let [first, last] = [n - 1, 0];
  for (let at = 0; at < density.length; at += n) {
    const own = density.subarray(at, at + n);
    const faint = FAINT * own.reduce((p, q) => Math.max(p, q), 0);
    first = Math.min(first, own.findIndex((p) => p > faint));
    last = Math.max(last, own.findLastIndex((p) => p > faint));
  }
  /** @type {[number, number]} */
  const found = [xs[first], xs[last]];
  supports.set(exact, found);
  return found;
}

/**
 * From where to where the axis of a coordinate goes, for all sides: it holds the truth, the exact law, and observations that are not
 * far out.
 * @param {Side[]} sides
 * @param {number} c
 * @returns {[number, number]}
 */
export function spanOf(sides, c) {
  let [lo, hi] = [Infinity, -Infinity];
  for (const side of sides) {
    const { scene, info } = side;
    const { states, truth } = scene;
    for (let k = c; k < truth.length; k += states) {
      lo = Math.min(lo, truth[k]);
      hi = Math.max(hi, truth[k]);
    }
    const exact = exactOf(side);
    if (exact?.xs.length) {
      const [from, to] = supportOf(exact);
      [lo, hi] = [Math.min(lo, from), Math.max(hi, to)];
    } else if (exact) {
      for (let k = states > 1 ? 1 : 0; k < exact.mean.length / states; k++) {
        const [m, s] = [exact.mean[k * states + c], exact.sd[k * states + c]];
        [lo, hi] = [Math.min(lo, m - 2.2 * s), Math.max(hi, m + 2.2 * s)];
      }
    }
    if (info.values.model === 'double-well') [lo, hi] = [Math.min(lo, -1.6), Math.max(hi, 1.6)];
    // Observations may be far out: up to half of the truth's range beyond it they are shown.
    const room = 0.5 * (hi - lo);
    const [from, to] = [lo - room, hi + room];
    const r = scene.coordinates.indexOf(c);
    for (let i = r; r >= 0 && i < scene.y.length; i += scene.coordinates.length) {
      for (const x of placesOf({ info })(scene.y[i])) {
        if (x >= from && x <= to) [lo, hi] = [Math.min(lo, x), Math.max(hi, x)];
      }
    }
  }
  const pad = 0.07 * (hi - lo) || 1;
  return [lo - pad, hi + pad];
}

/** @type {WeakMap<object, Map<string, import('../../plots/cycles.js').Exact>>} */
const maps = new WeakMap();
const ROWS = 240;

/**
 * The exact law over the cycles, with a density where a state is one number.
 * @param {FilterExact} exact @param {FilterScene} scene @param {[number, number]} span
 * @returns {import('../../plots/cycles.js').Exact}
 */
export function lawOf(exact, { states }, span) {
  const { mean, sd } = exact;
  if (states > 1) return { xs: [], density: new Float32Array(0), mean, sd, name: 'exact' };
  if (exact.xs.length) return { xs: exact.xs, density: exact.density, mean, sd, name: 'exact' };
  const known = maps.get(exact) ?? new Map();
  maps.set(exact, known);
  const key = span.join();
  let found = known.get(key);
  if (!found) {
    const xs = Float64Array.from({ length: ROWS }, (_, i) => span[0] + ((span[1] - span[0]) * i) / (ROWS - 1));
    const density = new Float32Array(mean.length * ROWS);
    mean.forEach((m, k) => xs.forEach((x, i) => (density[k * ROWS + i] = normal(x, m, sd[k]))));
    found = { xs, density, mean, sd, name: 'exact' };
    known.set(key, found);
  }
  return found;
}

/** @param {number} x @param {number} m @param {number} s */
const normal = (x, m, s) => Math.exp(-0.5 * ((x - m) / s) ** 2) / (s * Math.sqrt(2 * Math.PI));

/**
 * The exact law of a coordinate at a cycle, before and after the update.
 * @param {FilterExact|null|undefined} exact
 * @param {FilterScene} scene
 * @param {number} cycle
 * @param {number} c
 * @param {[number, number]} span
 */
export function lawsAt(exact, { states }, cycle, c, span) {
  if (!exact) return { prior: null, posterior: null };
  const n = exact.xs.length;
  if (states === 1 && n) {
    const cut = (/** @type {Float32Array} */ p) => ({ xs: exact.xs, p: p.subarray(cycle * n, (cycle + 1) * n) });
    return { prior: cut(exact.prior), posterior: cut(exact.density) };
  }
  const xs = Float64Array.from({ length: 400 }, (_, i) => span[0] + ((span[1] - span[0]) * i) / 399);
  const i = cycle * states + c;
  const law = (/** @type {number} */ m, /** @type {number} */ s) => ({ xs, p: xs.map((x) => normal(x, m, s)) });
  return { prior: law(exact.before[i], exact.before_sd[i]), posterior: law(exact.mean[i], exact.sd[i]) };
}

/**
 * The observed value of a coordinate at a cycle; null where there is none.
 * @param {FilterScene} scene
 * @param {number} cycle
 * @param {number} c
 */
export function observedAt({ observed, coordinates, y }, cycle, c) {
  const i = observed.indexOf(cycle);
  const r = coordinates.indexOf(c);
  return i < 0 || r < 0 ? null : y[i * coordinates.length + r];
}

/** Whether a run is a law by its mean and deviation alone: no members, and no density on a grid. @param {Side} side */
export const isLaw = ({ scene, info }) => scene.n === 0 && info.values.method !== 'exact';

/**
 * The normal law of a run without members at a frame, of one coordinate.
 * @param {Side} side @param {number} frame @param {number} c @param {[number, number]} span
 */
export function ownAt({ scene, run }, frame, c, span) {
  const i = frame * scene.states + c;
  const [m, s] = [run.data.mean[i], run.data.sd[i]];
  const xs = Float64Array.from({ length: 400 }, (_, j) => span[0] + ((span[1] - span[0]) * j) / 399);
  return { xs, p: xs.map((x) => normal(x, m, s)) };
}

/**
 * The weights of the members of a frame, over those of equal members; empty where all are equal or not known.
 * @param {Side} side @param {number} frame
 * @returns {ArrayLike<number>}
 */
export function weightsAt({ scene, run }, frame) {
  const own = run.data.weights?.subarray(frame * scene.shown, (frame + 1) * scene.shown);
  return own?.some((w) => w !== own[0]) ? own : [];
}

/** One coordinate of members. @param {ArrayLike<number>} x @param {number} states @param {number} c */
export const column = (x, states, c) => Float64Array.from({ length: x.length / states }, (_, j) => x[j * states + c]);

/** Whether a cycle counts in means. @param {FilterScene} scene */
export function counting({ observed, burn_in }) {
  const seen = new Set(observed);
  return (/** @type {number} */ k) => k > burn_in && seen.has(k);
}
