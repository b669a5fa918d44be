// A page without a link begins with a picture: it is there within 100 kB, before any engine, in both themes, and nothing jumps when the
// particles take its place.

import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DIST, done, launch, newPage } from './browser.js';

const LIMIT = 100_000;

/** What a file of dist weighs on its way. @param {string} url */
function bytesOf(url) {
  const name = url.slice(DIST.length).replace(/[?#].*/, '') || 'index.html';
  const file = fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));
  return statSync(existsSync(`${file}.br`) ? `${file}.br` : file).size;
}

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

for (const [window, width, height] of /** @type {[string, number, number][]} */ ([['wide', 1400, 900], ['narrow', 390, 844]])) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`the first picture, ${window} and ${colorScheme}: within 100 kB, before the engine, and nothing jumps`, async (t) => {
      const { page, errors, requests, close } = await newPage(browser, { viewport: { width, height }, colorScheme });
      /** @type {() => void} */
      let go = () => {};
      const held = new Promise((then) => void (go = () => then(null)));
      await page.route(/\.wasm$/, async (route) => { // the engine waits until the picture was looked at
        await held;
        await route.continue();
      });
      await page.addInitScript(() => {
        const shifts = /** @type {any[]} */ ([]);
        new PerformanceObserver((list) => {
          for (const entry of /** @type {any[]} */ (list.getEntries())) {
            for (const { node, previousRect: p, currentRect: q } of entry.sources ?? []) if (node instanceof Element && node.closest('#plot, .plot')) shifts.push({ what: node.className, from: [p.x, p.y, p.width, p.height], to: [q.x, q.y, q.width, q.height] });
          }
        }).observe({ type: 'layout-shift', buffered: true });
        Object.assign(globalThis, { shifts });
      });
      await page.goto(DIST, { waitUntil: 'commit' });
      const picture = page.locator('#plot img.first');
      await picture.waitFor();
      await page.waitForFunction(() => /** @type {HTMLImageElement|null} */ (document.querySelector('#plot img.first'))?.naturalWidth ?? 0 > 0);
      assert.match(await picture.getAttribute('src') ?? '', new RegExp(`${window}-${colorScheme}\\.webp$`));
      const box = await picture.boundingBox();
      assert.ok(box && box.width > 250 && box.height > 250, JSON.stringify(box));
      // Everything but the engine, the lab and the worker, which come after it.
      const before = requests.filter((url) => url.startsWith(DIST) && !/\/cpu-|worker|\/chunks\/(toy1d|index)|stills/.test(url));
      const total = before.reduce((sum, url) => sum + bytesOf(url), 0);
      t.diagnostic(`${before.length} files, ${(total / 1e3).toFixed(1)} kB`);
      assert.ok(total <= LIMIT, `${total} bytes: ${before.map((url) => `${url} ${bytesOf(url)}`).join('\n')}`);
      await page.locator('#boot').filter({ hasText: /Loading|Starting/ }).waitFor();
      const plot = await page.locator('#plot').boundingBox();
      go();
      await done(page);
      assert.equal(await picture.count(), 0);
      const after = await page.locator('#plot').boundingBox();
      assert.ok(plot && after);
      for (const key of /** @type {const} */ (['x', 'y', 'width', 'height'])) assert.ok(Math.abs(plot[key] - after[key]) <= 2, `the plot had ${JSON.stringify(plot)}, has ${JSON.stringify(after)}`);
      assert.deepEqual(errors, []);
      await close();
    });
  }
}

test('a page with a link has no picture of another, and one without JavaScript has a picture', async () => {
  const { page, requests, errors, close } = await newPage(browser);
  await page.goto(`${DIST}#lab=toy1d&target=comb&n=100&seed=1`);
  await done(page);
  assert.equal(requests.filter((url) => url.endsWith('.webp')).length, 0);
  assert.deepEqual(errors, []);
  await close();
  const plain = await newPage(browser, { javaScriptEnabled: false });
  await plain.page.goto(DIST);
  await plain.page.locator('#plot img.first').waitFor({ state: 'attached' }); // with scripts it would be text
  await plain.close();
});
