// Curves of more points than there are pixels: what is in a column of the picture, from its smallest to its largest value, and its mean.

/** Pixels of a column. */
const WIDE = 2;

/** How many points share a column of a picture; 1 where each has a pixel of its own. @param {number} length @param {number} w  pixels */
export const perColumn = (length, w) => (length <= w ? 1 : Math.ceil(length / Math.max(1, Math.floor(w / WIDE))));

/**
 * A curve in columns of `per` points; the last one may have fewer. What is no number is left out.
 * @typedef {{ at: number[], lo: number[], hi: number[], mean: number[] }} Columns  at: the middle of each, as an index
 */

/**
 * @param {number} length @param {number} per @param {(i: number) => number} of
 * @returns {Columns}
 */
export function columns(length, per, of) {
  /** @type {Columns} */
  const out = { at: [], lo: [], hi: [], mean: [] };
  for (let from = 0; from < length; from += per) {
    const to = Math.min(length, from + per);
    let [lo, hi, sum, n] = [Infinity, -Infinity, 0, 0];
    for (let i = from; i < to; i++) {
      const v = of(i);
      if (!Number.isFinite(v)) continue;
      lo = Math.min(lo, v);
      hi = Math.max(hi, v);
      sum += v;
      n++;
    }
    if (n === 0) continue;
    out.at.push((from + to - 1) / 2);
    out.lo.push(lo);
    out.hi.push(hi);
    out.mean.push(sum / n);
  }
  return out;
}
