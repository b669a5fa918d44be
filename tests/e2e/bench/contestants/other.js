// The CPU engine of another state of this repository.
import { contestant } from '../scorefield.js';

export const { prepare, plan } = contestant('cpu', 'other');
