// Tracers: points that a flow carries with it, on a periodic square of side 1.

const STEPS = 4; // between two frames

/**
 * A velocity at a place, bilinear.
 * @param {ArrayLike<number>} v  [frame][u, v][y][x]
 * @param {number} n
 * @param {number} from
 * @param {number} x
 * @param {number} y
 */
function velocityAt(v, n, from, x, y) {
  const [px, py] = [(((x % 1) + 1) % 1) * n, (((y % 1) + 1) % 1) * n];
  const [i, j] = [Math.floor(px) % n, Math.floor(py) % n];
  const [p, q] = [px - Math.floor(px), py - Math.floor(py)];
  const [i1, j1] = [(i + 1) % n, (j + 1) % n];
  const of = (/** @type {number} */ part) => {
    const at = (/** @type {number} */ c, /** @type {number} */ r) => v[from + part * n * n + r * n + c];
    return (at(i, j) * (1 - p) + at(i1, j) * p) * (1 - q) + (at(i, j1) * (1 - p) + at(i1, j1) * p) * q;
  };
  return [of(0), of(1)];
}

/**
 * The places of tracers in every frame, from a lattice at the first: by the midpoint rule, the velocity linear in time.
 * @param {ArrayLike<number>} velocity  [frames][u, v][y][x], sides a time
 * @param {{ n: number, frames: number, interval: number, across: number }} how  across: tracers along a side
 * @returns {[number, number][][]}
 */
export function traced(velocity, { n, frames, interval, across }) {
  const size = 2 * n * n;
  /** @type {[number, number][]} */
  let now = Array.from({ length: across * across }, (_, k) => [((k % across) + 0.5) / across, (Math.floor(k / across) + 0.5) / across]);
  const out = [now];
  const dt = interval / STEPS;
  for (let f = 0; f + 1 < frames; f++) {
    const speed = (/** @type {number} */ share, /** @type {number} */ x, /** @type {number} */ y) => {
      const [a, b] = [velocityAt(velocity, n, f * size, x, y), velocityAt(velocity, n, (f + 1) * size, x, y)];
      return [a[0] * (1 - share) + b[0] * share, a[1] * (1 - share) + b[1] * share];
    };
    for (let step = 0; step < STEPS; step++) {
      const share = step / STEPS;
      now = now.map(([x, y]) => {
        const [u, v] = speed(share, x, y);
        const [p, q] = speed(share + 0.5 / STEPS, x + 0.5 * dt * u, y + 0.5 * dt * v);
        return [x + dt * p, y + dt * q];
      });
    }
    out.push(now.map(([x, y]) => [((x % 1) + 1) % 1, ((y % 1) + 1) % 1]));
  }
  return out;
}
