// TensorFlow.js on its WebGPU backend.
import '@tensorflow/tfjs-backend-webgpu';
import { contestant } from '../tfjs.js';

export const prepare = contestant('webgpu');
