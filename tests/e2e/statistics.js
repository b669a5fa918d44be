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
