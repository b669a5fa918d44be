// What a picture of many particles costs: the processor time of the page's thread, alone and while a run is played, and the pictures of a
// second (`cargo xtask bench --draw`). A headless browser draws without a graphics card.

import { loadavg } from 'node:os';
import { DEV, done, launch, newPage } from './browser.js';
import { median, range } from './statistics.js';

/** @type {[string, string][]} */
const LABS = [
  ['plane', 'lab=toy2d&target=gaussians8&process=vp&sampler=ddim&steps=10'],
  ['torus', 'lab=torus&process=vp&sampler=ddim&steps=10'],
];
const COUNTS = [10_000, 100_000, 1_000_000];
const PLAYED_MS = 4000;
/** A picture of 60 in a second, without a graphics card for so many particles. */
const GOAL_MS = 16;
const GOAL_COUNT = 100_000;
const ROUNDS = 9;
const WARM = 3; // before them
const SIDE = 560; // pixels of CSS

/** Seconds that the page's thread has had of the processor. @param {import('playwright-core').Page} page */
async function clockOf(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;
  };
}

/** Before the page's script: when something was drawn, and how long the callbacks of that animation frame took. */
const watch = () => {
  const held = /** @type {any} */ (globalThis);
  held.pictures = [];
  const next = requestAnimationFrame;
  let [at, ms] = [NaN, 0];
  held.requestAnimationFrame = (/** @type {FrameRequestCallback} */ then) => next((now) => {
    if (now !== at) {
      if (ms > 0.2) held.pictures.push(ms); // less draws nothing
      [at, ms] = [now, 0];
    }
    const before = performance.now();
    then(now);
    ms += performance.now() - before;
  });
};

/**
 * In the page: prepares pictures of all particles of a normal law, by our own loop.
 * @param {{ n: number, dim: number, side: number }} what
 */
const prepare = async ({ n, dim, side }) => {
  const at = '/www/plots/';
  const { Swarm } = await import(`${at}swarm.js`);
  const numbers = () => Float32Array.from({ length: n * dim }, () => 0.3 * Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()));
  const cloud = { now: numbers(), then: numbers(), p: 0.6, q: 0.4 };
  const shade = dim === 3 && {
    glsl: '',
    of: (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ z) => Math.min(1, Math.abs(Math.sqrt((Math.sqrt(x * x + y * y) - 0.4) ** 2 + z * z) - 0.1) / 0.1),
  };
  const rows = dim === 2 ? [[1, 0], [0, 1]] : [[0.8, 0.6, 0], [-0.3, 0.4, 0.87]];
  const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const swarm = new Swarm(() => null);
  /** @type {any} */ (globalThis).picture = () => {
    swarm.draw({ ctx }, { x: 0, y: 0, w: side, h: side }, cloud, { rows, colors: [[0, 90, 160], [230, 230, 230]], ...(shade && { shade }) });
  };
};

/** @param {import('playwright-core').Browser} browser */
async function single(browser) {
  const { page, close } = await newPage(browser);
  await page.route('**/blank.html', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>bench</title>' }));
  await page.goto(`${DEV}blank.html`);
  const clock = await clockOf(page);
  const rows = [`a picture of ${SIDE} × ${SIDE} pixels with all particles, processor time (range of ${ROUNDS})`];
  for (const [name, dim] of /** @type {const} */ ([['plane', 2], ['space', 3]])) {
    for (const n of COUNTS) {
      await page.evaluate(prepare, { n, dim, side: SIDE });
      const times = [];
      for (let round = 0; round < WARM + ROUNDS; round++) {
        const before = await clock();
        await page.evaluate(() => {
          for (let i = 0; i < 3; i++) /** @type {any} */ (globalThis).picture();
        });
        if (round >= WARM) times.push(((await clock()) - before) * 1000 / 3);
      }
      rows.push([name.padEnd(6), String(n).padStart(8), `${median(times).toFixed(1)} ms (${range(times, 1)})`.padStart(24), goalOf(n, median(times))].join(' '));
    }
  }
  await close();
  return rows;
}

/** Beside a time. @param {number} n @param {number} ms */
const goalOf = (n, ms) => (n === GOAL_COUNT ? `   goal: ≤ ${GOAL_MS} ms${ms > GOAL_MS ? '  ◀ missed' : ''}` : '');

/** Plays a run that is done. @param {import('playwright-core').Page} page */
async function played(page) {
  const clock = await clockOf(page);
  await page.locator('[aria-label^="Restart"]').click();
  await page.waitForTimeout(500);
  const before = await clock();
  const { pictures, seconds } = await page.evaluate(async (most) => {
    const held = /** @type {any} */ (globalThis);
    held.pictures.length = 0;
    const began = performance.now();
    await new Promise((resolve) => setTimeout(resolve, most));
    return { pictures: /** @type {number[]} */ (held.pictures.slice()), seconds: (performance.now() - began) / 1000 };
  }, PLAYED_MS);
  const worked = (await clock()) - before;
  return { each: (worked * 1000) / pictures.length, rate: pictures.length / seconds, longest: Math.max(...pictures) };
}

/** Both tables. */
export async function draw() {
  const browser = await launch({ webgpu: false });
  const rows = [...await single(browser), '', 'while a run is played: all that the page does for a picture, processor time; pictures a second; the longest'];
  for (const [name, link] of LABS) {
    for (const n of COUNTS) {
      const { page, close } = await newPage(browser, { viewport: { width: 1400, height: 900 } });
      await page.addInitScript(watch);
      await page.goto(`${DEV}#${link}&n=${n}&engine=cpu&at=1&seed=0`);
      await done(page, 300_000);
      const { each, rate, longest } = await played(page);
      rows.push([
        name.padEnd(6), String(n).padStart(8), `${each.toFixed(1)} ms`.padStart(11), `${rate.toFixed(0)}/s`.padStart(6), `${longest.toFixed(0)} ms`.padStart(8),
        goalOf(n, each),
      ].join(' '));
      await close();
    }
  }
  await browser.close();
  return ['', `pictures of many particles, headless, no graphics card; load ${loadavg()[0].toFixed(1)}`, ...rows].join('\n');
}
