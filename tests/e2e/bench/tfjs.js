// TensorFlow.js: the stages as tensor operations, the constants of all stages made before.
import * as tf from '@tensorflow/tfjs-core';
import { mixtureStages, networkStages } from './constants.js';

/** A backend of it as a contestant; its module is imported. @param {'wasm'|'webgpu'} backend */
export function contestant(backend) {
  const ready = tf.setBackend(backend).then(() => tf.ready());
  return async (/** @type {import('./work.js').Work} */ work) => {
    await ready;
    return prepare(work);
  };
}

/** @param {import('./work.js').Work} work */
function prepare(work) {
  const step = work.kind === 'network' ? network(work) : work.distances ? distances(work) : mixture(work);
  const start = tf.tensor2d(Float32Array.from(work.start), [work.n, work.dim]);
  return async () => {
    let x = start.clone();
    for (let i = 0; i < work.stages.length; i++) {
      const next = tf.tidy(() => step(x, i));
      x.dispose();
      x = next;
    }
    const out = await x.data();
    x.dispose();
    return out;
  };
}

/** @param {import('./work.js').Work} work */
function mixture(work) {
  const { dim } = work;
  const stages = mixtureStages(work).map(({ keep, slopes, offsets, pulled }) => ({
    keep: tf.scalar(keep), slopes: tf.tensor2d(slopes, [dim, offsets.length]), offsets: tf.tensor1d(offsets),
    pulled: tf.tensor2d(pulled, [offsets.length, dim]),
  }));
  return (/** @type {tf.Tensor2D} */ x, /** @type {number} */ i) => {
    const { keep, slopes, offsets, pulled } = stages[i];
    const shares = tf.softmax(tf.fused.matMul({ a: x, b: slopes, bias: offsets }));
    return /** @type {tf.Tensor2D} */ (tf.add(tf.mul(x, keep), tf.matMul(shares, pulled)));
  };
}

/** The same with the squared distances written out. @param {import('./work.js').Work} work */
function distances(work) {
  const { dim, n, law: { centres: { length } } } = work;
  const stages = mixtureStages(work).map(({ keep, scaled, steep, pulled }) => ({
    keep: tf.scalar(keep), scaled: tf.tensor3d(scaled, [1, length, dim]), steep: tf.scalar(steep), pulled: tf.tensor2d(pulled, [length, dim]),
  }));
  return (/** @type {tf.Tensor2D} */ x, /** @type {number} */ i) => {
    const { keep, scaled, steep, pulled } = stages[i];
    const squares = tf.sum(tf.square(tf.sub(tf.reshape(x, [n, 1, dim]), scaled)), 2);
    const shares = /** @type {tf.Tensor2D} */ (tf.softmax(tf.mul(squares, steep)));
    return /** @type {tf.Tensor2D} */ (tf.add(tf.mul(x, keep), tf.matMul(shares, pulled)));
  };
}

/** @param {import('./work.js').Work} work */
function network(work) {
  const stages = networkStages(work).map(({ keep, pull, into, biases }) => ({
    keep: tf.scalar(keep), pull: tf.scalar(pull), into: tf.scalar(into), biases: tf.tensor1d(biases),
  }));
  const layers = work.layers.map(({ outputs, weights, biases }, l) => {
    const inputs = l ? work.layers[l].inputs : work.dim; // the noise is in the biases of the first layer
    return { weights: tf.tensor2d(weights.slice(0, inputs * outputs), [inputs, outputs]), biases: tf.tensor1d(biases) };
  });
  return (/** @type {tf.Tensor2D} */ x, /** @type {number} */ i) => {
    const { keep, pull, into, biases } = stages[i];
    let row = /** @type {tf.Tensor2D} */ (tf.mul(x, into));
    layers.forEach((layer, l) => {
      if (l) row = tf.mul(row, tf.sigmoid(row));
      row = tf.fused.matMul({ a: row, b: layer.weights, bias: l ? layer.biases : biases });
    });
    return /** @type {tf.Tensor2D} */ (tf.add(tf.mul(x, keep), tf.mul(row, pull)));
  };
}
