// onnxruntime-web, on one thread: the whole run as one graph (onnx.js).

const folder = new URL('./', import.meta.url).href;

/**
 * An execution provider as a contestant.
 * @param {typeof import('onnxruntime-web')} ort @param {'wasm'|'webgpu'} provider
 */
export function contestant(ort, provider) {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = folder;
  return async (/** @type {import('./work.js').Work} */ work) => {
    const session = await ort.InferenceSession.create(new URL(work.model, folder).href, { executionProviders: [provider] });
    const x = new ort.Tensor('float32', Float32Array.from(work.start), [work.n, work.dim]);
    const [name] = session.outputNames;
    return async () => {
      const { [name]: end } = await session.run({ x });
      return /** @type {Float32Array} */ (end.data);
    };
  };
}
