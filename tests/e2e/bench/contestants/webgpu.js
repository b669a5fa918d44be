// The WebGPU engine.
import { contestant } from '../scorefield.js';

export const { prepare } = contestant('webgpu');
