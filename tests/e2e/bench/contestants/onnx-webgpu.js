// onnxruntime-web on WebGPU.
import * as ort from 'onnxruntime-web/webgpu';
import { contestant } from '../onnxruntime.js';

export const prepare = contestant(ort, 'webgpu');
