// Plain JavaScript: one particle after the other, in f64.
import { mixtureStages, networkStages } from '../constants.js';

/** @param {import('../work.js').Work} work */
export async function prepare(work) {
  return work.kind === 'mixture' ? mixture(work) : network(work);
}

/** @param {import('../work.js').Work} work */
function mixture(work) {
  const { dim } = work;
  const stages = mixtureStages(work).map(({ keep, slopes, offsets, pulled }) => ({
    keep, slopes: Float64Array.from(slopes), offsets: Float64Array.from(offsets), pulled: Float64Array.from(pulled),
  }));
  const start = Float64Array.from(work.start);
  const count = stages[0].offsets.length;
  const logits = new Float64Array(count);
  const plane = dim === 2;
  return () => {
    const all = start.slice();
    for (const { keep, slopes, offsets, pulled } of stages) {
      for (let i = 0; i < all.length; i += dim) {
        const x = all[i];
        const y = plane ? all[i + 1] : 0;
        let most = -Infinity;
        for (let k = 0; k < count; k++) {
          const logit = plane ? offsets[k] + x * slopes[k] + y * slopes[count + k] : offsets[k] + x * slopes[k];
          logits[k] = logit;
          if (logit > most) most = logit;
        }
        let [mass, mx, my] = [0, 0, 0];
        for (let k = 0; k < count; k++) {
          const r = Math.exp(logits[k] - most);
          mass += r;
          mx += r * pulled[k * dim];
          if (plane) my += r * pulled[2 * k + 1];
        }
        all[i] = keep * x + mx / mass;
        if (plane) all[i + 1] = keep * y + my / mass;
      }
    }
    return all;
  };
}

/** @param {import('../work.js').Work} work */
function network(work) {
  const stages = networkStages(work).map((stage) => ({ ...stage, biases: Float64Array.from(stage.biases) }));
  const layers = work.layers.map(({ inputs, outputs, weights, biases }) => ({
    inputs, outputs, weights: Float64Array.from(weights), biases: Float64Array.from(biases),
  }));
  const start = Float64Array.from(work.start);
  const rows = layers.map(({ outputs }) => new Float64Array(outputs));
  return () => {
    const all = start.slice();
    for (const { keep, pull, into, biases } of stages) {
      for (let i = 0; i < all.length; i += 2) {
        let from = [into * all[i], into * all[i + 1]];
        for (let l = 0; l < layers.length; l++) {
          const { outputs, weights } = layers[l];
          const to = rows[l];
          to.set(l ? layers[l].biases : biases);
          for (let row = 0; row < from.length; row++) {
            const value = from[row];
            const base = row * outputs;
            for (let j = 0; j < outputs; j++) to[j] += value * weights[base + j];
          }
          if (l < layers.length - 1) for (let j = 0; j < outputs; j++) to[j] /= 1 + Math.exp(-to[j]);
          from = /** @type {any} */ (to);
        }
        all[i] = keep * all[i] + pull * from[0];
        all[i + 1] = keep * all[i + 1] + pull * from[1];
      }
    }
    return all;
  };
}
