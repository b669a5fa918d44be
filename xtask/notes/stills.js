// Makes the stills of dist: node xtask/notes/stills.js ROOT FOLDER ADDRESS CACHE VERSION. FOLDER is the dist that is served at
// ADDRESS; pictures are kept in CACHE for this VERSION and copied to FOLDER/stills; FOLDER/stills.json says which link has which. The
// fingerprints that the page showed are kept beside the pictures, and all of them in CACHE/shown.json. $CHROMIUM is the browser.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { entries } from './gallery.js';
import { lessons } from './lessons.js';
import { linkText } from './links.js';
import { plainly } from './plainly.js';
import { take } from './shots.js';
import { keep } from './shown.js';

plainly();
const [root, dist, address, cache, version] = process.argv.slice(2);
const start = performance.now();

/** What a page without a link shows. */
const FIRST = { slug: 'first', link: 'v=1&lab=toy1d&seed=0', file: 'index.html' };

const figures = lessons(root).flatMap(({ file, name, stops }) => stops.map(({ figure }, i) => ({ slug: `lesson-${name}-${i + 1}`, link: figure.link, file })));
const wanted = [FIRST, ...entries(root), ...figures];
/** @type {Map<string, { slug: string, link: string, file: string }>} */
const byText = new Map();
for (const one of wanted) if (!byText.has(linkText(one.link))) byText.set(linkText(one.link), one);

mkdirSync(cache, { recursive: true });
const kept = (/** @type {string} */ text) => join(cache, `${createHash('sha256').update(`${version}\n${text}`).digest('hex').slice(0, 20)}.webp`);
const fingerprints = (/** @type {string} */ file) => file.replace(/webp$/, 'json');
const missing = [...byText].filter(([text]) => !existsSync(kept(text)) || !existsSync(fingerprints(kept(text))));
const shots = missing.map(([text, { link, file }]) => ({ link, named: file, file: kept(text) }));
let last = start;
await take({
  browser: process.env.CHROMIUM ?? '',
  page: address,
  shots,
  told(done, shot, shown) {
    writeFileSync(fingerprints(shot.file), JSON.stringify(shown));
    const now = performance.now();
    if (now - last > 5_000) console.log(`      ${done} of ${shots.length} stills; ${shot.link} took ${((now - last) / 1000).toFixed(1)} s`);
    last = now;
  },
});
rmSync(join(dist, 'stills'), { recursive: true, force: true });
mkdirSync(join(dist, 'stills'));
/** @type {Record<string, string>} */
const list = {};
for (const [text, { slug }] of byText) {
  copyFileSync(kept(text), join(dist, 'stills', `${slug}.webp`));
  list[text] = `stills/${slug}.webp`;
}
writeFileSync(join(dist, 'stills.json'), `${JSON.stringify(list, null, 1)}\n`);
keep(cache, dist, Object.fromEntries([...byText.keys()].map((text) => [text, JSON.parse(readFileSync(fingerprints(kept(text)), 'utf8'))])));
console.log(`      ${byText.size} stills, ${shots.length} of them new, in ${((performance.now() - start) / 1000).toFixed(1)} s`);
