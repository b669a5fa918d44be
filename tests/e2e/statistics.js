// What the benches say of repeated times: medians, ranges, and ratios pair by pair.

/** @param {number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/** The quantile by linear interpolation. @param {number[]} values @param {number} p */
export function quantile(values, p) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * p;
  const [low, part] = [Math.floor(at), at % 1];
  return sorted[low] + (part ? part * (sorted[low + 1] - sorted[low]) : 0);
}

/** The smallest and the largest. @param {number[]} values @param {number} digits  after the point */
export function range(values, digits) {
  return `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;
}

/** The median of the ratios of pairs, and their quartiles. @param {number[]} values @param {number[]} base  of the same rounds */
export function ratios(values, base) {
  const all = values.map((value, i) => value / base[i]);
  return `${median(all).toFixed(2)} (half of them ${quantile(all, 0.25).toFixed(2)}–${quantile(all, 0.75).toFixed(2)})`;
}

/** The exponent of time ∝ Nᵖ, by least squares on logarithms. @param {number[]} sizes @param {number[]} times */
export function exponent(sizes, times) {
  const [x, y] = [sizes.map(Math.log), times.map(Math.log)];
  const mean = (/** @type {number[]} */ v) => v.reduce((p, q) => p + q, 0) / v.length;
  const [mx, my] = [mean(x), mean(y)];
  return x.reduce((sum, v, i) => sum + (v - mx) * (y[i] - my), 0) / x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
}
