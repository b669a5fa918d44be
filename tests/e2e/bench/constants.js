// The constants of the stages of an Euler run, as every contestant takes them. They run in the pages and in Node.

/**
 * x ← keep·x + Σ r_k pulled_k, with r = softmax(x·slopes + offsets), or softmax(steep·‖x − scaled_k‖²) where the weights are equal.
 * slopes is [dim × components], pulled and scaled are [components × dim].
 * @typedef {{
 *   keep: number, slopes: number[], offsets: number[], pulled: number[], pull: number, scaled: number[], steep: number,
 * }} MixtureStage
 */
/**
 * x ← keep·x + pull·F(into·x, noise). biases are those of the first layer, with the noise in them.
 * @typedef {{ keep: number, pull: number, into: number, noise: number, biases: number[] }} NetworkStage
 */

const SIGMA_DATA = 0.5;
const CLAMP = [0.002, 80]; // of σ/α, as src/net/mod.rs has it

/**
 * With τ² = α²sd² + σ² and g = α·sd²/τ² (docs/laws.md): x̂ = gx + (1 − gα) Σ r_k c_k, log r_k = (α c_k·x − ½α²‖c_k‖²)/τ² + log w_k + const.
 * @param {import('./work.js').Work} work
 * @returns {MixtureStage[]}
 */
export function mixtureStages({ stages, law, dim }) {
  const { centres, weights, sd } = law;
  return stages.map(({ alpha, sigma, keep, pull }) => {
    const spread = alpha ** 2 * sd ** 2 + sigma ** 2;
    const gain = (alpha * sd ** 2) / spread;
    const own = pull * (1 - gain * alpha);
    const square = (/** @type {number[]} */ c) => c.reduce((sum, x) => sum + x * x, 0);
    return {
      keep: keep + pull * gain,
      pull: own,
      slopes: Array.from({ length: dim }, (_, d) => centres.map((c) => (alpha * c[d]) / spread)).flat(),
      offsets: centres.map((c, k) => Math.log(weights[k]) - (alpha ** 2 * square(c)) / (2 * spread)),
      pulled: centres.flatMap((c) => c.map((x) => own * x)),
      scaled: centres.flatMap((c) => c.map((x) => alpha * x)),
      steep: -1 / (2 * spread),
    };
  });
}

/**
 * The preconditioning of EDM: x̂ = skip·u + out·F(into·u, ¼ ln s), u = x/α, s = σ/α (src/net/mod.rs).
 * @param {import('./work.js').Work} work
 * @returns {NetworkStage[]}
 */
export function networkStages({ stages, layers, dim }) {
  const { outputs, weights, biases } = layers[0];
  return stages.map(({ alpha, sigma, keep, pull }) => {
    const s = Math.min(CLAMP[1], Math.max(CLAMP[0], sigma / alpha));
    const scale = sigma / alpha > CLAMP[1] ? CLAMP[1] / sigma : 1 / alpha;
    const total = s ** 2 + SIGMA_DATA ** 2;
    const noise = Math.log(s) / 4;
    return {
      keep: keep + (pull * scale * SIGMA_DATA ** 2) / total,
      pull: (pull * s * SIGMA_DATA) / Math.sqrt(total),
      into: scale / Math.sqrt(total),
      noise,
      biases: biases.map((b, j) => b + noise * weights[dim * outputs + j]),
    };
  });
}
