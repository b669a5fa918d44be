// Every view, wide and narrow, light and dark: without errors and without overflow. A picture of each is written to
// target/screenshots for a human to look at.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DEV, done, launch, newPage, painted } from './browser.js';

const FOLDER = fileURLToPath(new URL('../../target/screenshots/', import.meta.url));
const VIEWS = {
  density: 'lab=toy1d&target=mixture&n=4000&view=density&at=1&seed=0',
  histogram: 'lab=toy1d&n=4000&view=histogram&at=1&seed=0',
  flow: 'lab=toy1d&target=mixture&process=edm&sampler=heun&steps=18&n=4000&view=flow&at=1&seed=0',
  sweep: 'lab=toy1d&target=mixture&process=vp&sampler=heun&steps=10&n=1000&view=sweep&at=1&seed=0',
  compare: 'lab=toy1d&target=mixture&process=vp&sampler=ddim&steps=10&n=4000&view=histogram&at=1&b.sampler=heun&seed=0',
  errors: 'lab=toy2d&steps=20&score=net&n=300&view=errors&at=1&seed=0',
  plane: 'lab=toy2d&n=4000&steps=20&at=1&seed=0',
  'plane-raster': 'lab=toy2d&target=rings&n=30000&steps=8&at=1&seed=0',
  'plane-flow': 'lab=toy2d&target=swissroll&n=2000&steps=20&view=flow&at=0.8&seed=0',
  'plane-density': 'lab=toy2d&target=pinwheel&n=1000&steps=20&view=density&at=0.7&seed=0',
  'plane-trajectories': 'lab=toy2d&target=moons&n=1000&steps=20&view=trajectories&at=0.8&seed=0',
  'plane-compare': 'lab=toy2d&target=moons&n=2000&steps=12&at=0.7&b.process=fm&seed=0',
  torus: 'lab=torus&n=2000&steps=20&at=0.8&seed=0',
  'torus-compare': 'lab=torus&n=2000&steps=12&at=1&b.process=fm&seed=0',
  angles: 'lab=torus&n=2000&steps=20&view=angles&at=1&seed=0',
  chain: 'lab=lgssm&at=1&seed=0',
  'chain-noise': 'lab=lgssm&every=16&at=0.5&seed=0',
  'chain-compare': 'lab=lgssm&model=damped-spring&at=1&b.guidance=dps&seed=0',
  'chain-window': 'lab=lgssm&operator=window&at=1&seed=0',
  'chain-score-error': 'lab=lgssm&score=blanket&k=2&guidance=none&view=score-error&at=1&seed=0',
  'chain-covariance': 'lab=lgssm&view=covariance&at=1&seed=0',
  'chain-covariance-compare': 'lab=lgssm&model=rotation&view=covariance&at=1&b.guidance=pigdm&seed=0',
  'chain-cost': 'lab=lgssm&view=cost&at=1&b.guidance=sda&b.gamma=0.1&seed=0',
  'chain-phase': 'lab=lgssm&model=damped-spring&view=phase&at=1&seed=0',
  'filter-states': 'lab=filter&at=1&seed=0',
  'filter-update': 'lab=filter&view=density&at=0.5&seed=0',
  'filter-ranks': 'lab=filter&view=ranks&at=1&b.method=pf&seed=0',
  'filter-accuracy': 'lab=filter&view=accuracy&at=1&b.method=enkf&seed=0',
  'filter-race': 'lab=filter&cycles=10&n=40&view=race&at=1&seed=0',
  'filter-attractor': 'lab=filter&model=lorenz63&method=enkf&cycles=100&at=1&seed=0',
  'filter-maps': 'lab=filter&model=lorenz96&method=letkf&n=20&cycles=100&at=1&seed=0',
  error: 'lab=toy1d&process=edmm&seed=0',
};
const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const SCHEMES = /** @type {('light'|'dark')[]} */ (['light', 'dark']);

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  mkdirSync(FOLDER, { recursive: true });
  browser = await launch({ webgpu: false });
});
after(() => browser?.close());

/** Waits until what is laid out when the page is idle stands, and is drawn, five seconds at most. @param {import('playwright-core').Page} page */
const atRest = (page) => page.evaluate(() => Promise.race([
  new Promise((then) => setTimeout(then, 5000)),
  new Promise((then) => requestIdleCallback(() => requestAnimationFrame(() => requestAnimationFrame(then)))),
]));

for (const [view, link] of Object.entries(VIEWS)) {
  test(view, async (t) => {
    // Opened once: then the window changes its size and its colours.
    const { page, errors, close } = await newPage(browser, { viewport: SIZES.wide, colorScheme: SCHEMES[0] });
    await page.goto(`${DEV}#${link}`);
    if (view === 'error') await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
    else await done(page);
    // The sweep goes on after the run: until nothing is being worked on.
    await page.locator('progress').waitFor({ state: 'detached', timeout: 120_000 });
    for (const [size, viewport] of Object.entries(SIZES)) {
      for (const colorScheme of SCHEMES) {
        await t.test(`${view}, ${size}, ${colorScheme}`, async () => {
          await page.setViewportSize(viewport);
          await page.emulateMedia({ colorScheme });
          await atRest(page);
          if (view !== 'error') assert.ok(await painted(page), 'the plot is empty');
          await page.screenshot({ path: `${FOLDER}${view}-${size}-${colorScheme}.png` });
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert.ok(overflow <= 0, `the page is ${overflow} pixels wider than the window`);
        });
      }
    }
    assert.deepEqual(errors, []);
    await close();
  });
}
