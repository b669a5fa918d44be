// A lab that is registered by one line in www/labs/index.js goes the whole way through the page: it opens, draws, plays over the
// index, asks, compares, and is shared. The package is pkg/stub, built with the lab; the page is the one that ships.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { DEV, done, handle, landed, launch, metric, newPage, painted } from './browser.js';

/** The one line. */
const LINE = "  { id: 'stub', label: 'Stub', load: () => import('./stub/index.js') },\n";
const LINK = 'lab=stub&persistence=0.8&n=2000&steps=40&seed=7';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** @param {string} path */
const source = (path) => readFile(new URL(`../../${path}`, import.meta.url));
const TYPES = /** @type {Record<string, string>} */ ({ js: 'text/javascript', wasm: 'application/wasm' });

/** A page with the lab. */
async function withStub() {
  const own = await newPage(browser);
  const { context } = own;
  await context.route('**/www/labs/index.js', async (route) => {
    const text = String(await source('www/labs/index.js'));
    assert.ok(text.endsWith('];\n'));
    await route.fulfill({ contentType: TYPES.js, body: text.replace(/\];\n$/, `${LINE}];\n`) });
  });
  await context.route('**/www/labs/stub/*', async (route) => {
    await route.fulfill({ contentType: TYPES.js, body: await source('tests/e2e/stub/index.js') });
  });
  await context.route('**/pkg/cpu/*', async (route) => {
    const name = new URL(route.request().url()).pathname.split('/').pop() ?? '';
    await route.fulfill({ contentType: TYPES[name.split('.').pop() ?? ''] ?? 'text/plain', body: await source(`pkg/stub/${name}`) });
  });
  return own;
}

test('the lab has a tab, and its view draws paths up to the index where the slider stands', async () => {
  const { page, errors, close } = await withStub();
  await page.goto(`${DEV}#lab=toy1d&n=100&steps=4&seed=0`);
  await done(page);
  await page.getByRole('link', { name: 'Stub', exact: true }).click();
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.opened?.link.includes('lab=stub'));
  await done(page);
  await page.goto(`${DEV}#${LINK}`);
  await done(page);
  await page.getByRole('slider', { name: 'Position from start to end' }).fill('300');
  await page.locator('.readout').filter({ hasText: /^index 12 of 40$/ }).waitFor();
  await page.waitForFunction(() => document.querySelector('#plot canvas')?.getAttribute('aria-label')?.includes('up to index 12.'));
  assert.ok(await painted(page));
  assert.match(await page.locator('#plot canvas').getAttribute('aria-label') ?? '', /^Stub · 40 steps\. 100 paths/);
  const body = await page.locator('body').innerText();
  assert.doesNotMatch(body, /undefined|NaN|Infinity/);
  assert.deepEqual(errors, []);
  await close();
});

test('it plays to the end, and its number stands beside its reference', async () => {
  const { page, errors, close } = await withStub();
  await page.goto(`${DEV}#${LINK}`);
  await done(page);
  await landed(page); // it plays by itself
  const { metrics } = await handle(page);
  const error = metric(metrics, 'variance_error');
  assert.ok(error.value < 4 * error.reference, `${error.value}`);
  const numbers = await page.locator('.row.a').innerText();
  assert.match(numbers, /Error of the variance/);
  assert.doesNotMatch(numbers, /calls/);
  assert.deepEqual(errors, []);
  await close();
});

test('its view asks for the exact variance', async () => {
  const { page, errors, close } = await withStub();
  await page.goto(`${DEV}#lab=stub&persistence=0.8&n=2000&steps=5&view=spread&seed=7`);
  await done(page);
  // 1 − 0.8¹⁰
  await page.waitForFunction(() => document.querySelector('#plot canvas')?.getAttribute('aria-label')?.includes('last index: 0.892626.'));
  assert.deepEqual(errors, []);
  await close();
});

test('its control changes the link, and a key of the other labs is not there', async () => {
  const { page, errors, close } = await withStub();
  await page.goto(`${DEV}#${LINK}`);
  await done(page);
  const names = await page.locator('#panel label, #panel legend').allInnerTexts();
  const all = names.join('\n');
  assert.match(all, /Persistence a/);
  assert.doesNotMatch(all, /Sampler|Process|Score/);
  assert.deepEqual(errors, []);
  await close();
});

test('a comparison has two sides of the lab', async () => {
  const { page, errors, close } = await withStub();
  await page.goto(`${DEV}#${LINK}&b.persistence=0.1`);
  await done(page);
  assert.equal(await page.locator('#plot canvas').count(), 2);
  await landed(page);
  const rows = await page.locator('.row.a, .row.b').allInnerTexts();
  assert.equal(rows.length, 2);
  assert.notEqual(rows[0].replace(/^A/, ''), rows[1].replace(/^B/, ''));
  // The page opens one of its own: another draw of the same.
  await page.goto(`${DEV}#${LINK}`);
  await done(page);
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.opened?.link.includes('b.seed=8'));
  assert.deepEqual(errors, []);
  await close();
});

test('the shared link is reproduced to the last bit', async () => {
  const first = await withStub();
  await first.page.goto(`${DEV}#${LINK}`);
  await done(first.page);
  await first.page.getByRole('button', { name: 'Share' }).click();
  const url = await first.page.getByRole('textbox', { name: 'Link' }).inputValue();
  assert.deepEqual(first.errors, []);
  await first.close();
  assert.match(url, /&fp=/);
  const again = await withStub();
  await again.page.goto(url);
  await done(again.page);
  await again.page.locator('.badge.exact[role=status]').waitFor();
  assert.deepEqual(again.errors, []);
  await again.close();
});
