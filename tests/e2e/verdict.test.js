// Every link of the gallery and of the lessons has the same fingerprints on the command line and on the page, both sides of a comparison.
// What the page showed when the stills of dist were taken is not computed once more, but for one link of each lab.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { entries } from '../../xtask/notes/gallery.js';
import { lessons } from '../../xtask/notes/lessons.js';
import { linkText } from '../../xtask/notes/links.js';
import { shown } from '../../xtask/notes/shown.js';
import { CLI, DEV, launch, newPage } from './browser.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** Links by their texts, each once: one experiment may stand in the gallery and in a lesson. @type {Map<string, { link: string, file: string }>} */
const LINKS = new Map();
for (const { link, file } of entries(ROOT)) LINKS.set(linkText(link), { link, file });
for (const { file, stops } of lessons(ROOT)) for (const { figure: { link } } of stops) LINKS.set(linkText(link), { link, file });

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** Fingerprints of the command line. @param {string} link */
async function native(link) {
  const { stdout } = await run(CLI, ['run', link], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const answer = JSON.parse(stdout);
  return [answer, answer.b].filter(Boolean).map(({ fingerprint }) => String(fingerprint));
}

/**
 * Fingerprints of the page, as soon as the runs are done: what a view computes beside them is not waited for.
 * @param {import('playwright-core').Page} page
 * @param {string} link
 */
async function opened(page, link) {
  await page.evaluate((hash) => { location.hash = hash; }, link);
  const told = await page.waitForFunction((wanted) => {
    const s = /** @type {any} */ (globalThis).__scorefield;
    const pairs = s.opened?.link.split('&').filter((/** @type {string} */ pair) => pair !== 'v=1').sort().join('&');
    if (pairs !== wanted) return null;
    return s.state === 'error' ? ['the page shows an error'] : s.fingerprints.every(Boolean) && s.fingerprints;
  }, linkText(link), { timeout: 120_000, polling: 30 });
  return told.jsonValue();
}

test('every link of gallery and lessons: the page and the command line give the same fingerprints', { timeout: 500_000 }, async (t) => {
  const { page, errors, close } = await newPage(browser, { reducedMotion: 'reduce' });
  await page.goto(`${DEV}#lab=toy1d&n=100&steps=2&seed=0`);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield?.state === 'done');
  const stills = shown(join(ROOT, 'target/stills'), join(ROOT, 'dist'));
  const labs = new Set();
  /** @type {string[]} */
  const faults = [];
  /** @type {string[]} */
  const fresh = [];
  for (const [text, { link, file }] of LINKS) {
    const lab = new URLSearchParams(text).get('lab');
    const known = labs.has(lab) ? stills[text] : null;
    labs.add(lab);
    if (!known) fresh.push(link);
    const [wanted, given] = await Promise.all([native(link), known ?? opened(page, link).catch((e) => [String(e)])]);
    if (wanted.join() !== given.join()) faults.push(`${file}: ${link}: ${given} in place of ${wanted}`);
  }
  t.diagnostic(`${LINKS.size} links, ${fresh.length} of them opened here, the others for their stills`);
  assert.ok(LINKS.size >= 80, `${LINKS.size} links`);
  assert.ok(fresh.length >= 5, `${fresh.length} links were opened`);
  assert.deepEqual(faults, []);
  assert.deepEqual(errors, []);
  await close();
});
