// The fingerprints that the page showed when the stills of dist were taken.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folders of a dist that compute on the processor: packages and networks. Their names are of their contents. @param {string} dist */
const computing = (dist) => readdirSync(dist).filter((name) => /^[a-z]+-[0-9a-f]{10}$/.test(name) && !/^(first|webgpu|www)-/.test(name)).sort();

const place = (/** @type {string} */ cache) => join(cache, 'shown.json');

/** Keeps them, by the texts of their links. @param {string} cache @param {string} dist @param {Record<string, string[]>} fingerprints */
export function keep(cache, dist, fingerprints) {
  writeFileSync(place(cache), `${JSON.stringify({ of: computing(dist), fingerprints }, null, 1)}\n`);
}

/** Those that are of the packages and networks of this dist; none if its stills were taken with others. @param {string} cache @param {string} dist @returns {Record<string, string[]>} */
export function shown(cache, dist) {
  if (!existsSync(place(cache))) return {};
  const { of, fingerprints } = JSON.parse(readFileSync(place(cache), 'utf8'));
  return of.join() === computing(dist).join() ? fingerprints : {};
}
