// TensorFlow.js on its WebAssembly backend.
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { contestant } from '../tfjs.js';

setWasmPaths(new URL('./', import.meta.url).href);
export const prepare = contestant('wasm');
