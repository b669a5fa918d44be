// What a visitor loads before the first sample, as requested by a real browser: under 0.6 MB after brotli, and of that under
// 50 kB for the page's own scripts, before a lab opens.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { distOf } from './bench/report.js';
import { DIST, done, launch, newPage, onItsWay } from './browser.js';

const BUDGET = 600_000;
const PAGE_BUDGET = 50_000;

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

test('the initial load is within the budget', async (t) => {
  const { page, requests, close } = await newPage(browser);
  await page.goto(DIST);
  await done(page);
  const loaded = [...requests];
  await close();
  let total = 0;
  for (const url of loaded) {
    if (!url.startsWith(DIST)) continue;
    const { name, bytes } = onItsWay(url);
    t.diagnostic(`${name}: ${(bytes / 1e3).toFixed(1)} kB`);
    total += bytes;
  }
  t.diagnostic(`${loaded.length} requests, ${(total / 1e3).toFixed(1)} kB after brotli`);
  assert.ok(loaded.some((url) => url.endsWith('.wasm')) && loaded.some((url) => /worker/.test(url)));
  assert.ok(total <= BUDGET, `${total} bytes`);
});

test('the page’s own scripts are within their budget before a lab opens', async (t) => {
  const { page, close } = await newPage(browser);
  await page.goto(DIST);
  const own = await page.locator('script[src], link[rel="modulepreload"]').evaluateAll((all) =>
    all.map((el) => String(/** @type {any} */ (el).src ?? /** @type {any} */ (el).href)));
  await close();
  const total = own.reduce((sum, url) => sum + onItsWay(url).bytes, 0);
  t.diagnostic(`${own.length} scripts, ${(total / 1e3).toFixed(1)} kB after brotli`);
  assert.ok(own.length > 1 && total <= PAGE_BUDGET, `${total} bytes`);
});

test('the bench of the start names a dist by what is in it', async () => {
  const page = await (await fetch(DIST)).text();
  const [www, cpu] = distOf(page).split(', ');
  for (const file of [`${www}/main.js`, `${cpu}/scorefield.js`]) assert.ok((await fetch(DIST + file)).ok, file);
  assert.throws(() => distOf('<script src="www/main.js">'), /give the folder that `cargo xtask dist` made/);
});
