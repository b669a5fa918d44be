// Takes the pictures that index.html shows before its engine is there: node xtask/notes/first.js FOLDER ADDRESS CACHE VERSION. FOLDER is
// the dist that is served at ADDRESS; its FOLDER/first gets a picture for wide and narrow windows, light and dark. $CHROMIUM is the browser.

import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { take } from './shots.js';

const [dist, address, cache, version] = process.argv.slice(2);

/** What a page without a link shows. */
const LINK = 'v=1&lab=toy1d&at=1&seed=0';
/** The plot has in these windows the size and the shape that it has in most. */
const WINDOWS = { wide: { width: 1400, height: 900 }, narrow: { width: 390, height: 844 } };
/** Of one picture: with page, style and scripts less than 100 kB. */
const LIMIT_BYTES = 23_500;

mkdirSync(cache, { recursive: true });
mkdirSync(join(dist, 'first'));
const wanted = Object.entries(WINDOWS).flatMap(([window, size]) => ['light', 'dark'].map((theme) => {
  const name = `${window}-${theme}`;
  return { name, link: LINK, named: 'index.html', file: join(cache, `${version}-${name}.webp`), query: `theme=${theme}`, size, limit: LIMIT_BYTES };
}));
// One that is kept may be larger than the limit is now.
const missing = wanted.filter(({ file, limit }) => !(Number(statSync(file, { throwIfNoEntry: false })?.size) <= limit));
if (missing.length) await take({ browser: process.env.CHROMIUM ?? '', page: address, shots: missing, told: () => {} });
for (const { name, file } of wanted) copyFileSync(file, join(dist, 'first', `${name}.webp`));
