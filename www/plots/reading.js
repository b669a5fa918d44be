// Values under a place of a picture: each plot says for its boxes how they are read.
import { settled } from './kit.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Axis} Axis
 */

/**
 * A number with its name, and with a unit where it has one; scale: of what it is made, where it may be 0 but for rounding.
 * @typedef {[name: string, value: number, unit?: string, scale?: number]} Value
 */
/**
 * What is read: the place in words, the numbers there, and where in the picture that is, if not just under the pointer.
 * @typedef {{ at: string, values: Value[], x?: number, y?: number }} Reading
 */
/** @typedef {{ box: Box, read: (x: number, y: number) => Reading|null }} Panel */

/** How a box of a picture is read, in CSS pixels. @param {Surface} s @param {Box} box @param {Panel['read']} read */
export function readable(s, box, read) {
  s.panels.push({ box, read });
}

/** The value at a place of an axis, from 0 at lo to 1 at hi. @param {Axis} axis @returns {(u: number) => number} */
export function valueOn({ kind, lo, hi, scale }) {
  if (kind === 'linear') return (u) => settled(lo + u * (hi - lo), hi - lo);
  const [from, to] = [Math.asinh(lo / scale), Math.asinh(hi / scale)];
  return (u) => settled(scale * Math.sinh(from + u * (to - from)), scale);
}

/** The last of rising numbers that is not above x; −1 where all are. @param {ArrayLike<number>} rising @param {number} x */
export function below(rising, x) {
  let [lo, hi] = [-1, rising.length];
  while (hi - lo > 1) {
    const mid = (lo + hi) >> 1;
    if (rising[mid] <= x) lo = mid;
    else hi = mid;
  }
  return lo;
}

/**
 * A function given at rising places, in between on a line; 0 beyond them.
 * @param {ArrayLike<number>} xs @param {ArrayLike<number>} values @param {number} x @param {number} [from]  where its values begin
 */
export function between(xs, values, x, from = 0) {
  const i = below(xs, x);
  if (i < 0 || (i === xs.length - 1 && x > xs[i])) return 0;
  if (i === xs.length - 1) return values[from + i];
  const part = (x - xs[i]) / (xs[i + 1] - xs[i]);
  return values[from + i] + part * (values[from + i + 1] - values[from + i]);
}

/**
 * The point that is drawn nearest to a place.
 * @template {{ x: number, y: number }} T
 * @param {Iterable<T>} points @param {number} x @param {number} y @param {number} [far]  pixels
 * @returns {T|null}
 */
export function nearest(points, x, y, far = Infinity) {
  let best = far;
  let found = null;
  for (const p of points) {
    const d = Math.hypot(p.x - x, p.y - y);
    if (d <= best) [best, found] = [d, p];
  }
  return found;
}

/** The whole number from lo to hi that is nearest. @param {number} v @param {number} lo @param {number} hi */
export const nearestInt = (v, lo, hi) => Math.max(lo, Math.min(hi, Math.round(v)));
