// The CPU engine.
import { contestant } from '../scorefield.js';

export const { prepare, plan } = contestant('cpu');
