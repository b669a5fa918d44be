// Time from an empty page to the first samples and to the end of the default run, of dist as it stands and of another dist in turns
// (`cargo xtask bench --start DIR`).

import { existsSync } from 'node:fs';
import { distOf, machine, markdown, write } from './bench/report.js';
import { DIST, launch } from './browser.js';
import { processorMs, rootOf } from './processes.js';
import { median, range, ratios } from './statistics.js';

/**
 * Milliseconds since the address was opened, and of processor time of the whole browser until the end.
 * @typedef {{ engine: number, first: number, done: number, processor: number }} Marks
 */

const PATIENCE_MS = 60_000;
const NAMES = {
  engine: 'the engine is there', first: 'first frame with samples', done: 'the default run is done', processor: 'processor time of the browser',
};

/** In the page, before any of its scripts: notes the times. It draws no frame of its own before the run is over. */
function note() {
  /** @type {Record<string, number>} */
  const marks = {};
  const own = /** @type {any} */ (globalThis);
  own.marks = marks;
  const seen = (/** @type {string} */ name) => (marks[name] ??= performance.now());
  // the frame that is drawn next has them, and is on its way to the screen when the one after it begins
  const shown = () => requestAnimationFrame(() => requestAnimationFrame(() => seen('first')));
  const over = () => (own.__scorefield?.state === 'done' ? seen('done') : requestAnimationFrame(over));
  own.Worker = class extends Worker {
    /** @param {string|URL} url @param {WorkerOptions} [options] */
    constructor(url, options) {
      super(url, options);
      this.addEventListener('message', ({ data }) => {
        if (data.id !== undefined && !data.event) seen('engine');
        if (data.event === 'frames' && data.frames && marks.told === undefined) {
          seen('told');
          shown();
        }
        if (data.event === 'done') over();
      });
    }
  };
}

/** Opens an address in a fresh profile. @param {import('playwright-core').Browser} browser @param {number} root @param {string} url */
async function once(browser, root, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(note);
  await page.goto('about:blank');
  const before = processorMs(root);
  await page.goto(url, { waitUntil: 'commit' });
  await page.waitForFunction(() => /** @type {any} */ (globalThis).marks?.done > 0, null, { timeout: PATIENCE_MS, polling: 25 });
  const processor = processorMs(root) - before;
  const marks = /** @type {Marks} */ (await page.evaluate(() => /** @type {any} */ (globalThis).marks));
  await context.close();
  return { ...marks, processor };
}

/**
 * The report.
 * @param {string} other  address of the other dist
 * @param {{ rounds: number, write: boolean }} how
 */
export async function start(other, { rounds, write: kept }) {
  if (!existsSync('/proc/self/schedstat')) throw new Error('The times of the start need /proc of Linux.');
  const pages = { other, 'this dist': DIST };
  const names = await Promise.all(Object.values(pages).map(async (url) => distOf(await (await fetch(url)).text())));
  const browser = await launch({ webgpu: false });
  const root = await rootOf(browser);
  /** @type {Record<string, Marks[]>} */
  const all = Object.fromEntries(Object.keys(pages).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    const order = Object.entries(pages);
    if (round % 2) order.reverse();
    for (const [name, url] of order) {
      const marks = await once(browser, root, url);
      if (round) all[name].push(marks); // the first round fills the caches of the system
    }
  }
  const where = machine(browser);
  await browser.close();
  const [before, now] = Object.values(all);
  const ms = (/** @type {number[]} */ values) => `${median(values).toFixed(0)} (${range(values, 0)})`;
  const rows = Object.entries(NAMES).map(([key, words]) => {
    const of = (/** @type {Marks[]} */ marks) => marks.map((own) => own[/** @type {keyof Marks} */ (key)]);
    const [p, q] = [of(before), of(now)];
    return [words, ms(p), ms(q), ratios(q, p)];
  });
  const told = [
    `From an empty page to the end of the default run, a fresh profile each time, ${rounds} rounds in turns; milliseconds.`,
    `The other dist is ${names[0]}; this one is ${names[1]}.`,
    markdown([['', 'the other dist', 'this dist', 'this / the other, pair by pair'], ...rows]),
  ].join('\n\n');
  if (kept) write('start', `cargo xtask bench --start DIR --write --rounds ${rounds}`, where, told);
  return `\n${where}\n${told}`;
}
