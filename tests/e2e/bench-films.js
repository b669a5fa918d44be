// The times of the lab of turbulence in the page, each beside its goal: the Gaussian answer of a page that has just been opened, runs with
// a network, and Cancel (`cargo xtask bench`).

import { loadavg } from 'node:os';
import { DEV, done, launch, newPage } from './browser.js';
import { processorMs, rootOf } from './processes.js';
import { median, range } from './statistics.js';

/** What is timed, its link, and the time that it may take in seconds. @type {[words: string, link: string, goal: number][]} */
const RUNS = [
  ['the default assimilation, small network', 'lab=turbulence&score=small', 12],
  ['the same with the large network', 'lab=turbulence&score=large', 20],
  ['the quick setting', 'lab=turbulence&score=small&corrections=0&gamma=0.003&physics=residual', 6],
];
const ANSWER = 'lab=turbulence&method=posterior&at=1';
const ANSWER_S = 1;
const LONG = 'lab=turbulence&score=small&steps=400&corrections=4&physics=defect';
const CANCEL_S = 0.05;
const ROUNDS = 3;
const PATIENCE_MS = 120_000;

/** @typedef {import('playwright-core').Page} Page */
/** Milliseconds, and of processor time of the whole browser. @typedef {{ ms: number, processor: number }} Taken */

/** @param {number} root  process of the browser @param {() => Promise<number>} act  answers with the milliseconds */
async function taken(root, act) {
  const before = processorMs(root);
  return { ms: await act(), processor: processorMs(root) - before };
}

/** The milliseconds from a change of the address to the end of its run. @param {Page} page @param {string} link */
async function run(page, link) {
  const before = await page.evaluate((to) => {
    location.hash = to;
    return performance.now();
  }, link);
  const ends = page.waitForFunction((seed) => {
    const own = /** @type {any} */ (globalThis).__scorefield;
    return own.opened?.link.endsWith(seed) && own.state === 'done' && performance.now();
  }, link.slice(link.lastIndexOf('&')), { polling: 'raf', timeout: PATIENCE_MS });
  return /** @type {number} */ (await (await ends).jsonValue()) - before;
}

/** The milliseconds from an address to the end of its run, in a page of its own. @param {import('playwright-core').Browser} browser */
async function answer(browser) {
  const { page, close } = await newPage(browser);
  const before = performance.now();
  await page.goto(`${DEV}#${ANSWER}&seed=0`, { waitUntil: 'commit' });
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield?.state === 'done', null, { polling: 'raf', timeout: PATIENCE_MS });
  const ms = performance.now() - before;
  await close();
  return ms;
}

/** The milliseconds from Cancel until the worker answers again, in the middle of a long run. @param {Page} page @param {number} seed */
async function cancelled(page, seed) {
  await page.evaluate((to) => void (location.hash = to), `${LONG}&seed=${seed}`);
  const button = page.getByRole('button', { name: 'Cancel' }).first();
  await button.waitFor({ timeout: PATIENCE_MS });
  await page.waitForTimeout(500); // its pieces have the length of later ones
  return page.evaluate(async () => {
    const own = /** @type {HTMLElement} */ ([...document.querySelectorAll('button')].find((one) => one.textContent?.startsWith('Cancel')));
    const before = performance.now();
    own.click();
    await /** @type {any} */ (globalThis).__scorefield.compiled();
    return performance.now() - before;
  });
}

/** A line of the report. @param {string} words @param {number} goal  in seconds @param {Taken[]} all */
function line(words, goal, all) {
  const ms = median(all.map((own) => own.ms));
  const processor = median(all.map((own) => own.processor));
  const over = ms > 1000 * goal ? '  ◀ over it' : '';
  const own = `${ms.toFixed(0)} ms (${range(all.map((one) => one.ms), 0)}), ${processor.toFixed(0)} ms of processor time`;
  return `  ${words}: ${own}; goal ${goal} s${over}`;
}

/** All of it, in words. */
export async function films() {
  const browser = await launch({ webgpu: false });
  const root = await rootOf(browser);
  /** @param {(round: number) => Promise<number>} act */
  const several = async (act) => {
    const all = [];
    for (let round = 1; round <= ROUNDS; round++) all.push(await taken(root, () => act(round)));
    return all;
  };
  const lines = [`\nfilms of a flow in headless Chromium, medians of ${ROUNDS} rounds (load ${loadavg()[0].toFixed(1)} at the start)`];
  lines.push(line('the Gaussian answer, from an empty page', ANSWER_S, await several(() => answer(browser))));
  const { page } = await newPage(browser);
  await page.goto(`${DEV}#lab=turbulence&score=small&frames=5&steps=2&at=1&seed=0`); // the network is there from then on
  await done(page);
  for (const [words, link, goal] of RUNS) lines.push(line(words, goal, await several((round) => run(page, `${link}&seed=${round}`))));
  lines.push(line('from Cancel until the engine answers', CANCEL_S, await several((round) => cancelled(page, round))));
  await browser.close();
  return lines.join('\n');
}
