// What a visitor loads before the first sample, as requested by a real browser: under 0.6 MB after brotli.

import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DIST, done, launch, newPage } from './browser.js';

const BUDGET = 600_000;

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
    const name = url.slice(DIST.length).replace(/[?#].*/, '') || 'index.html';
    const file = fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));
    const bytes = statSync(existsSync(`${file}.br`) ? `${file}.br` : file).size;
    t.diagnostic(`${name}: ${(bytes / 1e3).toFixed(1)} kB`);
    total += bytes;
  }
  t.diagnostic(`${loaded.length} requests, ${(total / 1e3).toFixed(1)} kB after brotli`);
  assert.ok(loaded.some((url) => url.endsWith('.wasm')) && loaded.some((url) => /worker/.test(url)));
  assert.ok(total <= BUDGET, `${total} bytes`);
});
