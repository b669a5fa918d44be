// Reads the weights of a pretrained network (src/net/burnpack.rs: magic, version, an index in CBOR, then the tensors).

/** One affine layer: weights [inputs × outputs] by rows. @typedef {{ inputs: number, outputs: number, weights: number[], biases: number[] }} Layer */

const ALIGNMENT = 256;

/** The next item of CBOR (RFC 8949): numbers, texts, lists and maps. @param {Buffer} data @param {{ at: number }} place @returns {any} */
function item(data, place) {
  const head = data[place.at++];
  const [kind, short] = [head >> 5, head & 31];
  const size = { 24: 1, 25: 2, 26: 4 }[short] ?? 0;
  const value = size ? data.readUIntBE(place.at, size) : short;
  place.at += size;
  if (kind === 0) return value;
  if (kind === 3) return data.toString('utf8', place.at, (place.at += value));
  if (kind === 4) return Array.from({ length: value }, () => item(data, place));
  if (kind === 5) return Object.fromEntries(Array.from({ length: value }, () => [item(data, place), item(data, place)]));
  throw new Error(`an item of kind ${kind} in the index of a network`);
}

/** The layers of a perceptron, from its inputs on. @param {Buffer} file @returns {Layer[]} */
export function layersOf(file) {
  if (file.toString('latin1', 0, 4) !== 'NRUB') throw new Error('the file of a network begins with NRUB');
  const length = file.readUInt32LE(6);
  const { tensors } = item(file.subarray(10, 10 + length), { at: 0 });
  const start = Math.ceil((10 + length) / ALIGNMENT) * ALIGNMENT;
  const numbers = (/** @type {string} */ name) => {
    const [from, to] = tensors[name].data_offsets;
    return [...new Float32Array(Uint8Array.from(file.subarray(start + from, start + to)).buffer)];
  };
  const layers = [];
  for (let i = 0; tensors[`layers.${i}.weight`]; i++) {
    const [inputs, outputs] = tensors[`layers.${i}.weight`].shape;
    layers.push({ inputs, outputs, weights: numbers(`layers.${i}.weight`), biases: numbers(`layers.${i}.bias`) });
  }
  return layers;
}
