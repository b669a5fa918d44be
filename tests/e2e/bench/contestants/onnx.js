// onnxruntime-web on WebAssembly, one thread: the whole run as one graph (../onnx.js).
import * as ort from 'onnxruntime-web/wasm';

const folder = new URL('./', import.meta.url).href;
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = folder;

/** @param {import('../work.js').Work} work */
export async function prepare(work) {
  const session = await ort.InferenceSession.create(new URL(/** @type {string} */ (work.model), folder).href, { executionProviders: ['wasm'] });
  const x = new ort.Tensor('float32', Float32Array.from(work.start), [work.n, work.dim]);
  const [name] = session.outputNames;
  return async () => {
    const { [name]: end } = await session.run({ x });
    return /** @type {Float32Array} */ (end.data);
  };
}
