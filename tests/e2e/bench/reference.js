// What every contestant is held against: the textbook formulas in f64, a particle after the other.

/** @typedef {import('./work.js').Work} Work */
/** @typedef {import('./work.js').Stage} Stage */

/** Final positions of the first `count` particles. @param {Work} work @param {number} count */
export function reference(work, count) {
  const x_hat = work.kind === 'mixture' ? mixture(work) : network(work);
  const all = [];
  for (let i = 0; i < Math.min(count, work.n); i++) {
    let x = work.start.slice(i * work.dim, (i + 1) * work.dim);
    for (const stage of work.stages) {
      const to = x_hat(x, stage);
      x = x.map((value, d) => stage.keep * value + stage.pull * to[d]);
    }
    all.push(...x);
  }
  return all;
}

/** x̂ = Σ r_k [c_k + g(x − αc_k)], r_k ∝ w_k exp(−‖x − αc_k‖²/2τ²) (docs/laws.md). @param {Work} work */
function mixture({ law: { centres, weights, sd } }) {
  return (/** @type {number[]} */ x, /** @type {Stage} */ { alpha, sigma }) => {
    const spread = alpha ** 2 * sd ** 2 + sigma ** 2;
    const logs = centres.map((c, k) => Math.log(weights[k]) - c.reduce((sum, value, d) => sum + (x[d] - alpha * value) ** 2, 0) / (2 * spread));
    const most = Math.max(...logs);
    const shares = logs.map((log) => Math.exp(log - most));
    const mass = shares.reduce((a, b) => a + b);
    return x.map((value, d) => centres.reduce((sum, c, k) => (
      sum + (shares[k] / mass) * (c[d] + ((alpha * sd ** 2) / spread) * (value - alpha * c[d]))), 0));
  };
}

/** The perceptron with SiLU behind the preconditioning of EDM, s = σ/α at most 80 (src/net/mod.rs). @param {Work} work */
function network({ layers }) {
  return (/** @type {number[]} */ x, /** @type {Stage} */ { alpha, sigma }) => {
    const far = sigma / alpha > 80;
    const s = far ? 80 : Math.max(0.002, sigma / alpha);
    const u = x.map((value) => (far ? (80 * value) / sigma : value / alpha));
    const total = s ** 2 + 0.25;
    let row = [...u.map((value) => value / Math.sqrt(total)), Math.log(s) / 4];
    layers.forEach(({ outputs, weights, biases }, l) => {
      const sums = biases.map((b, j) => row.reduce((sum, value, i) => sum + value * weights[i * outputs + j], b));
      row = l < layers.length - 1 ? sums.map((y) => y / (1 + Math.exp(-y))) : sums;
    });
    return u.map((value, d) => (0.25 / total) * value + ((0.5 * s) / Math.sqrt(total)) * row[d]);
  };
}
