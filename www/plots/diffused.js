// The exact law of a chain on its way from noise to data, as the samples are drawn.

/** @typedef {{ mean: ArrayLike<number>, sd: ArrayLike<number> }} Law */

/**
 * Mean αm and deviation √(α²s² + σ²) of x_t at a frame, or between two, over the frame's scale; at the last frame the
 * law of the data itself, which the end is held against.
 * @param {{ alpha: ArrayLike<number>, sigma: ArrayLike<number>, scale: ArrayLike<number>, frames: number }} scene
 * @param {Law} exact  of the data
 * @param {number} place
 * @returns {Law}
 */
export function diffused({ alpha, sigma, scale, frames }, exact, place) {
  const last = frames - 1;
  const f = Math.max(0, Math.min(last, Math.floor(place)));
  const part = Math.min(last, place) - f;
  if (f === last) return exact;
  const at = (/** @type {number} */ g) => (g === last ? { a: 1, v: 0, c: 1 } : { a: alpha[g], v: sigma[g] ** 2, c: scale[g] });
  const [p, q] = [at(f), at(f + 1)];
  const mix = (/** @type {(w: { a: number, v: number, c: number }) => number} */ of) => (1 - part) * of(p) + (part > 0 ? part * of(q) : 0);
  const k = mix(({ a, c }) => a / c);
  return {
    mean: Float64Array.from(exact.mean, (m) => k * m),
    sd: Float64Array.from(exact.sd, (s) => mix(({ a, v, c }) => Math.sqrt(a * a * s * s + v) / c)),
  };
}
