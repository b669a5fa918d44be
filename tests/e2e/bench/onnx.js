// Models for onnxruntime: a whole Euler run as one graph, written as the protocol buffers of ONNX
// (https://onnx.ai/onnx/repo-docs/IR.html; the numbers of fields are those of onnx.proto).

/** @typedef {import('./constants.js').MixtureStage} MixtureStage */
/** @typedef {import('./constants.js').NetworkStage} NetworkStage */
/** @typedef {import('./work.js').Work} Work */

const [FLOAT, WHOLE] = [1, 7]; // TensorProto.DataType: 32 bits, and whole numbers of 64 bits
const NUMBER = 2; // AttributeProto.AttributeType of one whole number
const OPSET = 17;
const IR_VERSION = 8;

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

const whole = (/** @type {number} */ field, /** @type {number} */ value) => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (/** @type {number} */ field, /** @type {Uint8Array} */ value) => Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);
const text = (/** @type {number} */ field, /** @type {string} */ value) => bytes(field, Buffer.from(value));
const message = (/** @type {number} */ field, /** @type {Uint8Array[]} */ ...parts) => bytes(field, Buffer.concat(parts));

/** A constant of the graph. @param {string} name @param {number[]} shape @param {number[]} values */
const constant = (name, shape, values) => message(5, ...shape.map((size) => whole(1, size)), whole(2, FLOAT), text(8, name),
  bytes(9, new Uint8Array(Float32Array.from(values).buffer)));

/** Axes of an operation. @param {string} name @param {number[]} values */
const axes = (name, values) => message(5, whole(1, values.length), whole(2, WHOLE), text(8, name),
  bytes(9, new Uint8Array(BigInt64Array.from(values, BigInt).buffer)));

/** @param {string} op @param {string[]} inputs @param {string} output @param {Record<string, number>} [settings] */
const node = (op, inputs, output, settings = {}) => message(1, ...inputs.map((name) => text(1, name)), text(2, output), text(3, output), text(4, op),
  ...Object.entries(settings).map(([name, value]) => message(5, text(1, name), whole(3, value), whole(20, NUMBER))));

/** An input (11) or output (12) of n rows. @param {number} field @param {string} name @param {number} columns */
const place = (field, name, columns) => message(field, text(1, name), message(2, message(1, whole(1, FLOAT), message(2,
  message(1, text(2, 'n')), message(1, whole(1, columns))))));

/** @param {Uint8Array[]} parts  of the graph @param {number} dim @param {string} output */
const model = (parts, dim, output) => Buffer.concat([
  whole(1, IR_VERSION), text(2, 'scorefield-bench'),
  message(7, text(2, 'run'), ...parts, place(11, 'x', dim), place(12, output, dim)),
  message(8, text(1, ''), whole(2, OPSET)),
]);

/** x ← keep·x + softmax(x·slopes + offsets)·pulled, a stage after the other. @param {Work} work @param {MixtureStage[]} stages */
export function mixtureModel({ dim }, stages) {
  const parts = stages.flatMap(({ keep, slopes, offsets, pulled }, i) => {
    const count = offsets.length;
    const own = (/** @type {string} */ name) => `${name}${i}`;
    const x = i ? own('x') : 'x';
    return [
      constant(own('keep'), [1], [keep]),
      constant(own('slopes'), [dim, count], slopes),
      constant(own('offsets'), [count], offsets),
      constant(own('pulled'), [count, dim], pulled),
      node('Gemm', [x, own('slopes'), own('offsets')], own('logits')),
      node('Softmax', [own('logits')], own('shares')),
      node('MatMul', [own('shares'), own('pulled')], own('mean')),
      node('Mul', [x, own('keep')], own('kept')),
      node('Add', [own('kept'), own('mean')], `x${i + 1}`),
    ];
  });
  return model(parts, dim, `x${stages.length}`);
}

/** The same by distances: softmax(−‖x − αc‖²/2τ²). @param {Work} work @param {MixtureStage[]} stages */
export function distanceModel({ dim, law: { centres } }, stages) {
  const count = centres.length;
  const parts = [axes('between', [1]), axes('across', [2])];
  stages.forEach(({ keep, pulled, scaled, steep }, i) => {
    const own = (/** @type {string} */ name) => `${name}${i}`;
    const x = i ? own('x') : 'x';
    parts.push(constant(own('keep'), [1], [keep]), constant(own('centres'), [1, count, dim], scaled), constant(own('steep'), [1], [steep]),
      constant(own('pulled'), [count, dim], pulled),
      node('Unsqueeze', [x, 'between'], own('apart')), node('Sub', [own('apart'), own('centres')], own('difference')),
      node('Mul', [own('difference'), own('difference')], own('square')),
      node('ReduceSum', [own('square'), 'across'], own('distance'), { keepdims: 0 }), node('Mul', [own('distance'), own('steep')], own('logits')),
      node('Softmax', [own('logits')], own('shares')), node('MatMul', [own('shares'), own('pulled')], own('mean')),
      node('Mul', [x, own('keep')], own('kept')), node('Add', [own('kept'), own('mean')], `x${i + 1}`));
  });
  return model(parts, dim, `x${stages.length}`);
}

/** x ← keep·x + pull·F(into·x), where the noise of a stage is in the biases of its first layer. @param {Work} work @param {NetworkStage[]} stages */
export function networkModel({ dim, layers }, stages) {
  const first = layers[0];
  const parts = [constant('first', [dim, first.outputs], first.weights.slice(0, dim * first.outputs))];
  layers.slice(1).forEach(({ inputs, outputs, weights, biases }, l) => {
    parts.push(constant(`weights${l}`, [inputs, outputs], weights), constant(`biases${l}`, [outputs], biases));
  });
  stages.forEach(({ keep, pull, into, biases }, i) => {
    const own = (/** @type {string} */ name) => `${name}${i}`;
    const x = i ? own('x') : 'x';
    parts.push(constant(own('keep'), [1], [keep]), constant(own('pull'), [1], [pull]), constant(own('into'), [1], [into]),
      constant(own('start'), [first.outputs], biases),
      node('Mul', [x, own('into')], own('scaled')), node('Gemm', [own('scaled'), 'first', own('start')], own('layer')));
    layers.slice(1).forEach((_, l) => {
      const at = (/** @type {string} */ name, /** @type {number} */ layer) => (layer ? `${own(name)}.${layer}` : own(name));
      parts.push(node('Sigmoid', [at('layer', l)], at('gate', l)), node('Mul', [at('layer', l), at('gate', l)], at('bent', l)),
        node('Gemm', [at('bent', l), `weights${l}`, `biases${l}`], at('layer', l + 1)));
    });
    parts.push(node('Mul', [`${own('layer')}.${layers.length - 1}`, own('pull')], own('pulled')), node('Mul', [x, own('keep')], own('kept')),
      node('Add', [own('kept'), own('pulled')], `x${i + 1}`));
  });
  return model(parts, dim, `x${stages.length}`);
}
