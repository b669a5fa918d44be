// Large runs in the page on one worker and on two, in turns: the time until a run is done, when the second worker starts, and how soon
// all stop when a run is cancelled (`cargo xtask bench`).

import { loadavg } from 'node:os';
import { DEV, done, launch, newPage } from './browser.js';
import { median, range } from './statistics.js';

/** Each of some seconds on one worker. */
const LINKS = [
  'lab=toy1d&target=mixture&n=1000000&steps=100&engine=cpu',
  'lab=toy2d&target=moons&n=40000&steps=100&engine=cpu',
  'lab=toy2d&target=checkerboard&score=net&n=40000&steps=50&engine=cpu',
  'lab=torus&n=40000&steps=100&engine=cpu',
  'lab=lgssm&length=33&n=512&steps=400&engine=cpu',
  'lab=lgssm&length=65&n=1024&guidance=dps&steps=400&engine=cpu',
];
const CANCELLED = 'lab=toy2d&target=moons&n=1000000&steps=400&engine=cpu&seed=0';
const ROUNDS = 5;
const COUNTS = [1, 2];
/** Two workers must be so much faster than one, on two cores that are free. */
const GOAL = 1.7;

/** @typedef {import('playwright-core').Page} Page */

/** The milliseconds from a change of the address to the end of the run, and to the second worker. @param {Page} page @param {string} link */
const timed = (page, link) => page.evaluate((to) => new Promise((resolve) => {
  const now = () => /** @type {any} */ (globalThis).__scorefield;
  const began = performance.now();
  let shared = NaN;
  location.hash = to;
  const timer = setInterval(() => {
    if (!now().opened.link.endsWith(to.slice(to.lastIndexOf('&')))) return;
    if (now().workers > 1 && Number.isNaN(shared)) shared = performance.now() - began;
    if (now().state !== 'done') return;
    clearInterval(timer);
    resolve({ ms: performance.now() - began, shared });
  }, 2);
}), link);

/** Of a machine with so many cores. @param {import('playwright-core').Browser} browser @param {number} cores */
async function machine(browser, cores) {
  const { page } = await newPage(browser);
  await page.addInitScript((n) => Object.defineProperty(navigator, 'hardwareConcurrency', { value: n }), cores);
  await page.goto(`${DEV}#lab=toy1d&n=100&at=1&seed=0`);
  await done(page);
  return page;
}

/** How long it takes from Cancel until no worker has a share. @param {Page} page */
async function cancelled(page) {
  await page.evaluate((to) => void (location.hash = to), CANCELLED);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.workers > 1, null, { polling: 20, timeout: 60_000 });
  return page.evaluate(async () => {
    const now = /** @type {any} */ (globalThis).__scorefield;
    const button = /** @type {HTMLElement} */ ([...document.querySelectorAll('button')].find((own) => own.textContent === 'Cancel'));
    const before = performance.now();
    button.click();
    while ((await now.shares()).some((/** @type {number} */ count) => count > 0));
    return performance.now() - before;
  });
}

/** All of it, in words. */
export async function shares() {
  const browser = await launch({ webgpu: false });
  const lines = [`\nlarge runs on one worker and on two, medians of ${ROUNDS} rounds in turns (load ${loadavg()[0].toFixed(1)} at the start)`];
  for (const link of LINKS) {
    const pages = await Promise.all(COUNTS.map((count) => machine(browser, count)));
    /** @type {{ ms: number, shared: number }[][]} */
    const times = COUNTS.map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, page] of pages.entries()) {
        await page.bringToFront();
        times[i].push(await timed(page, `${link}&seed=${round + 1}`));
      }
    }
    const [one, two] = times.map((all) => median(all.map(({ ms }) => ms)));
    const ratios = times[0].map(({ ms }, round) => ms / times[1][round].ms);
    const ratio = median(ratios);
    lines.push(`${link}\n  ${one.toFixed(0)} ms, ${two.toFixed(0)} ms: ${ratio.toFixed(2)} × (${range(ratios, 2)})${
      ratio < GOAL ? `  ◀ below ${GOAL}` : ''}; the second worker has its share after ${times[1][0].shared.toFixed(0)} ms, later ${
      median(times[1].slice(1).map(({ shared }) => shared)).toFixed(0)} ms`);
    for (const page of pages) await page.context().close();
  }
  const page = await machine(browser, 2);
  lines.push(`all workers have stopped ${(await cancelled(page)).toFixed(0)} ms after Cancel`);
  await browser.close();
  return lines.join('\n');
}
