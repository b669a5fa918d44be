// What a picture costs while a run of many particles is played: the time on the page's thread, and the pictures of a second
// (`cargo xtask bench --draw`). A headless browser draws without a graphics card.

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

/** Before the page's script: what the callbacks of each animation frame take. */
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

/** Plays a run that is done. @param {import('playwright-core').Page} page */
const played = (page) => page.evaluate(async (most) => {
  const held = /** @type {any} */ (globalThis);
  const speed = /** @type {HTMLSelectElement} */ (document.querySelector('[aria-label="Speed"]'));
  speed.value = '1';
  /** @type {HTMLElement} */ (document.querySelector('[aria-label^="Restart"]')).click();
  await new Promise((resolve) => setTimeout(resolve, 500));
  held.pictures.length = 0;
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, most));
  return { pictures: held.pictures.slice(), seconds: (performance.now() - began) / 1000 };
}, PLAYED_MS);

/** The table of all. */
export async function draw() {
  const browser = await launch({ webgpu: false });
  const rows = ['particles      ms of a picture (range)      pictures/s   longest'];
  for (const [name, link] of LABS) {
    for (const n of COUNTS) {
      const { page, close } = await newPage(browser, { viewport: { width: 1400, height: 900 } });
      await page.addInitScript(watch);
      await page.goto(`${DEV}#${link}&n=${n}&engine=cpu&at=1&seed=0`);
      await done(page, 300_000);
      const { pictures, seconds } = await played(page);
      const goal = n === GOAL_COUNT ? `   goal: ≤ ${GOAL_MS} ms${median(pictures) > GOAL_MS ? '  ◀ missed' : ''}` : '';
      rows.push([
        name, String(n).padStart(8), `${median(pictures).toFixed(1)} (${range(pictures, 1)})`.padStart(24),
        (pictures.length / seconds).toFixed(0).padStart(12), `${Math.max(...pictures).toFixed(0)} ms`.padStart(9), goal,
      ].join(' '));
      await close();
    }
  }
  await browser.close();
  return ['', `pictures while a run is played, headless, no graphics card; load ${loadavg()[0].toFixed(1)}`, ...rows].join('\n');
}
