// The loops of limit/src/lib.rs.
import init, { Mixture, Perceptron } from './limit/scorefield_limit.js';
import { mixtureStages, networkStages } from '../constants.js';

const ready = init({ module_or_path: new URL('./limit/scorefield_limit_bg.wasm', import.meta.url).href });

/** @param {import('../work.js').Work} work */
export async function prepare(work) {
  await ready;
  const own = work.kind === 'mixture' ? mixture(work) : network(work);
  return () => own.run();
}

/** @param {import('../work.js').Work} work */
function mixture(work) {
  const { dim, law } = work;
  const stages = mixtureStages(work);
  const logits = stages.flatMap(({ slopes, offsets }) => offsets.flatMap((offset, k) => (
    [...Array.from({ length: dim }, (_, d) => slopes[d * offsets.length + k]), offset])));
  const pulls = stages.flatMap(({ keep, pull }) => [keep, pull]);
  return new Mixture(dim, Float32Array.from(law.centres.flat()), Float32Array.from(pulls), Float32Array.from(logits), Float32Array.from(work.start));
}

/** @param {import('../work.js').Work} work */
function network(work) {
  const widths = [work.layers[0].inputs, ...work.layers.map(({ outputs }) => outputs)];
  const weights = work.layers.flatMap((layer) => [...layer.weights, ...layer.biases]);
  const stages = networkStages(work).flatMap(({ into, noise, keep, pull }) => [into, noise, keep, pull]);
  return new Perceptron(Uint32Array.from(widths), Float32Array.from(weights), Float32Array.from(stages), Float32Array.from(work.start));
}
