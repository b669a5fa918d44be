// Every view of every lab tells the numbers under the pointer, tells them by keys, and copies one.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, launch, newPage } from './browser.js';

/** A link for each view, and what has to be read in it. @type {[string, RegExp][]} */
const VIEWS = [
  ['lab=toy1d&n=500&steps=10&at=0.5', /t = 0\.\d+, x = .*exact density/s],
  ['lab=toy1d&n=500&steps=10&view=histogram&at=1', /exact density.*density of the samples in this bin/s],
  ['lab=toy1d&target=mixture&process=edm&n=500&steps=10&view=flow&at=1', /velocity of the flow, dx\/dt.*exact density/s],
  ['lab=toy1d&n=200&steps=10&view=sweep&at=1', /N = \d+.*(density of the samples|W₁ to the exact law)/s],
  ['lab=toy1d&process=edm&sampler=heun&steps=18&score=net&n=100&view=errors&at=1', /N = \d+|σ\/α = /],
  ['lab=toy2d&n=500&steps=10&at=1', /x₁ .*, x₂ .*exact density/s],
  ['lab=toy2d&n=500&steps=10&view=flow&at=0.6', /velocity along x₁, to the data/],
  ['lab=toy2d&n=500&steps=10&view=density&at=0.8', /exact density/],
  ['lab=toy2d&n=500&steps=10&view=trajectories&at=0.8', /exact density/],
  ['lab=torus&n=4000&steps=10&at=1', /particle \d+ of \d+.*distance from the surface/s],
  ['lab=torus&n=500&steps=10&view=angles&at=1', /= .* rad.*exact density .* per rad/s],
  ['lab=lgssm&n=64&steps=8&at=1', /at index \d+.*exact mean.*mean of the samples.*truth/s],
  ['lab=lgssm&n=64&steps=8&score=blanket&k=2&guidance=none&view=score-error&at=1', /relative error of the score/],
  ['lab=lgssm&n=64&steps=8&view=covariance&at=1', /covariance of xᵢ and xⱼ|mean covariance/],
  ['lab=lgssm&n=64&steps=8&view=cost&at=1', /index \d+.*(\|mean − exact\||sd\/exact − 1)/s],
  ['lab=lgssm&model=damped-spring&n=64&steps=8&view=phase&at=1', /index \d+.*position/s],
  ['lab=filter&at=1', /at cycle \d+, time .*mean of the filter.*truth/s],
  ['lab=filter&model=lorenz63&at=1', /cycle \d+.*x₁ .*x₂ .*x₃/s],
  ['lab=filter&model=lorenz96&at=1', /coordinate \d+, cycle \d+/],
  ['lab=filter&view=density&at=0.5', /exact density/],
  ['lab=filter&view=ranks&at=1', /share of the cases|error \(rms\)/],
  ['lab=filter&n=20&cycles=12&view=race&at=1', /RMSE .*time of the filter .* ms/s],
  ['lab=filter&view=accuracy&at=1', /cycle \d+.*(error|CRPS|W₁|ESS)/s],
  ['lab=turbulence&frames=5&method=posterior&at=1', /pixel \d+, \d+, frame \d+ of 5/],
  ['lab=turbulence&frames=5&method=posterior&view=accuracy&at=1', /(RMSE|correlation), frame \d+.*this run/s],
  ['lab=turbulence&frames=5&method=posterior&view=spectrum&at=1', /enstrophy Z\(k\), k = \d+.*truth/s],
  ['lab=turbulence&frames=5&method=posterior&view=residual&at=1', /(residual|defect), frame \d+.*truth/s],
];

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** What is shown beside the pointer. @param {import('playwright-core').Page} page */
const shown = (page) => page.evaluate(() => /** @type {HTMLElement|null} */ (document.querySelector('.reading'))?.innerText ?? '');

/** Moves over a picture until something is read. @param {import('playwright-core').Page} page @returns {Promise<{ x: number, y: number, text: string }|null>} */
async function find(page) {
  const box = await page.locator('#plot canvas').first().boundingBox();
  assert.ok(box);
  for (const v of [0.72, 0.5, 0.35, 0.85]) {
    for (const u of [0.5, 0.3, 0.7, 0.62, 0.4]) {
      const [x, y] = [box.x + u * box.width, box.y + v * box.height];
      await page.mouse.move(x, y);
      const text = await shown(page);
      if (text) return { x, y, text };
    }
  }
  return null;
}

test('every view tells values under the pointer and by keys, inside the picture, and copies them in full', async (t) => {
  const { context, page, errors, close } = await newPage(browser, { viewport: { width: 1200, height: 900 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${DEV}#${VIEWS[0][0]}&seed=1`);
  await done(page);
  const offered = new Set();
  for (const [link, expected] of VIEWS) {
    await t.test(link, async () => {
      await page.evaluate((to) => void (location.hash = to), `${link}&seed=0`);
      await page.waitForFunction((to) => {
        const { opened, state } = /** @type {any} */ (globalThis).__scorefield;
        return state === 'done' && opened.lab === new URLSearchParams(to).get('lab') && opened.view === (new URLSearchParams(to).get('view') ?? opened.view) && opened.link.includes('seed=0');
      }, link, { timeout: 60_000, polling: 50 });
      const view = await page.evaluate(() => `${/** @type {any} */ (globalThis).__scorefield.opened.lab} ${/** @type {any} */ (globalThis).__scorefield.opened.view}`);
      offered.add(view);
      await page.waitForTimeout(150);
      const found = await find(page);
      assert.ok(found, 'nothing is read');
      assert.match(found.text, expected);
      const [box, figure] = [await page.locator('.reading').boundingBox(), await page.locator('#plot figure').first().boundingBox()];
      assert.ok(box && figure && box.x >= figure.x - 1 && box.x + box.width <= figure.x + figure.width + 1 && box.y >= figure.y - 1 && box.y + box.height <= figure.y + figure.height + 1, 'the values leave the picture');
      // by the pointer
      await page.evaluate(() => navigator.clipboard.writeText(''));
      await page.keyboard.press('Control+c');
      await page.getByText(/^Copied: /).first().waitFor();
      const copied = Number(await page.evaluate(() => navigator.clipboard.readText()));
      assert.ok(Number.isFinite(copied), `${copied}`);
      const said = await page.locator('#live').innerText();
      const number = /([−\d.·⁻¹²³⁴⁵⁶⁷⁸⁹⁰]+)( per rad)?\.$/.exec(said);
      assert.ok(number, said);
      if (!number[1].includes('·')) assert.ok(Math.abs(Number(number[1].replace('−', '-')) - copied) <= 6e-4 * Math.abs(copied) + 1e-12, `${said} but ${copied}`);
      // by keys: the picture’s own come first, and v leads to the values there too
      await page.mouse.move(2, 2);
      await page.locator('#plot canvas').first().focus();
      await page.keyboard.press(/torus&n=4000|lgssm&n=64&steps=8&at|filter&at|lorenz63/.test(link) ? 'v' : 'ArrowRight');
      await page.waitForTimeout(60);
      let line = await page.locator('#live').innerText();
      for (let i = 0; i < 12 && !/: .*\d/.test(line); i++) {
        await page.keyboard.press('ArrowLeft');
        await page.waitForTimeout(40);
        line = await page.locator('#live').innerText();
      }
      assert.match(line, /: .*\d/, 'nothing is said');
      const before = await shown(page);
      for (const key of ['Right', 'Left', 'Left', 'Down', 'Down', 'Left', 'Left']) await page.keyboard.press(`Shift+Arrow${key}`);
      await page.waitForTimeout(60);
      assert.notEqual(await shown(page), before, 'arrow keys do not move on');
      await page.keyboard.press('Escape');
    });
  }
  await page.evaluate(() => void (location.hash = 'lab=toy1d&n=100&seed=3'));
  const labs = await page.locator('#labs a').evaluateAll((all) => all.map((a) => /** @type {HTMLElement} */ (a).dataset.lab));
  for (const lab of labs) {
    await page.evaluate((id) => void (location.hash = `lab=${id}&seed=4`), lab);
    // the views are those of the lab once its code is there
    await page.waitForFunction((id) => {
      const { opened } = /** @type {any} */ (globalThis).__scorefield;
      const shows = /** @type {HTMLInputElement|null} */ (document.querySelector('#stagebar input[name=view]:checked'));
      return opened.lab === id && shows?.value === opened.view;
    }, lab);
    for (const view of await page.locator('#stagebar input[name=view]').evaluateAll((all) => all.map((i) => /** @type {HTMLInputElement} */ (i).value)))
      assert.ok(offered.has(`${lab} ${view}`), `${lab} ${view} is not in the list above`);
  }
  assert.deepEqual(errors, []);
  await close();
});

test('a click copies where it has no other use; where it has one it keeps it', async () => {
  const { context, page, errors, close } = await newPage(browser, { viewport: { width: 1200, height: 900 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${DEV}#lab=torus&n=500&steps=10&view=angles&at=1&seed=0`);
  await done(page);
  const found = await find(page);
  assert.ok(found);
  await page.mouse.click(found.x, found.y);
  await page.getByText(/^Copied: exact density/).first().waitFor();
  await page.mouse.click(found.x, found.y);
  await page.getByText(/^Copied: density of the particles/).first().waitFor();
  await page.evaluate(() => navigator.clipboard.writeText('mine'));
  await page.goto(`${DEV}#lab=toy1d&n=500&steps=10&view=histogram&at=1&seed=0`);
  await done(page);
  const panel = await page.locator('#plot canvas').boundingBox();
  assert.ok(panel);
  await page.mouse.click(panel.x + 60, panel.y + 80);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.at === 0);
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'mine');
  assert.deepEqual(errors, []);
  await close();
});
