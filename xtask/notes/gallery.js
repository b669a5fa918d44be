// The entries of the gallery, read from the files of the labs. tests/gallery says what may stand in them, and that it is true.

import { readFileSync, readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { parse } from 'smol-toml';

/** @typedef {{ file: string, slug: string, lab: string, name: string, link: string, why: string, tags: string[] }} Entry */

/**
 * All entries, lab by lab in the order of the page, each lab's by the names of its files.
 * @param {string} root  the checkout
 * @returns {Entry[]}
 */
export function entries(root) {
  const folder = join(root, 'src/labs');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\bgallery\b.*\.toml$/.test(name)).sort();
  const order = [...labels(root).keys()];
  return files
    .map((name) => read(root, join(folder, name)))
    .sort((a, b) => order.indexOf(a.lab) - order.indexOf(b.lab));
}

/** @param {string} root @param {string} path @returns {Entry} */
function read(root, path) {
  const file = relative(root, path);
  try {
    const { lab, name, link, why, tags } = /** @type {any} */ (parse(readFileSync(path, 'utf8')));
    return { file, slug: `${lab}-${basename(path, '.toml').replace(/^\d+-/, '')}`, lab, name, link, why, tags };
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** The labs and their names, in the order of the page's tabs. @param {string} root */
export function labels(root) {
  const list = readFileSync(join(root, 'www/labs/index.js'), 'utf8');
  return new Map([...list.matchAll(/id: '(\w+)', label: '([^']+)'/g)].map(([, id, label]) => [id, label]));
}
