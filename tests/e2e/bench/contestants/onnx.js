// onnxruntime-web on WebAssembly.
import * as ort from 'onnxruntime-web/wasm';
import { contestant } from '../onnxruntime.js';

export const prepare = contestant(ort, 'wasm');
