// A link is compiled once, whatever is asked of it: scenes, runs and the questions of views share what was compiled.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, launch, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** How many experiments the CPU engine has compiled. @param {import('playwright-core').Page} page */
const compiled = (page) => page.evaluate(() => /** @type {Promise<number>} */ (/** @type {any} */ (globalThis).__scorefield.compiled()));

/** Waits until every picture says something. @param {import('playwright-core').Page} page @param {string} words */
const says = (page, words) => page.waitForFunction((text) => {
  const pictures = [...document.querySelectorAll('#plot canvas')];
  return pictures.length > 0 && pictures.every((c) => c.getAttribute('aria-label')?.includes(text));
}, words, { polling: 50 });

const PAIR = 'lab=lgssm&n=64&steps=8&at=1&b.guidance=sda&b.gamma=0.1';

test('a comparison of chains is compiled once, for scenes, runs, numbers and the questions of its views', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#${PAIR}&view=covariance&seed=3`);
  await done(page);
  await says(page, 'their difference has');
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.metrics?.final);
  assert.equal(await compiled(page), 1);
  await page.locator('#stagebar').getByText('Cost', { exact: true }).click(); // nothing that is compiled depends on the view
  await page.waitForFunction(() => document.querySelectorAll('#plot canvas').length === 1);
  assert.equal(await compiled(page), 1);
  assert.deepEqual(errors, []);
  await close();
});

test('an edit compiles its own link once, and the link before is at hand for a while', async () => {
  const { page, errors, close } = await newPage(browser);
  const go = async (/** @type {number} */ seed) => {
    await page.goto(`${DEV}#${PAIR}&seed=${seed}`);
    await page.waitForFunction((s) => /** @type {any} */ (globalThis).__scorefield?.opened?.link.endsWith(`seed=${s}`), seed);
    await done(page);
  };
  await go(3);
  await go(4);
  assert.equal(await compiled(page), 2);
  await go(3);
  assert.equal(await compiled(page), 2);
  assert.deepEqual(errors, []);
  await close();
});
