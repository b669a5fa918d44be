// A page that is cut down by its query, the builder that finds the query by clicks, and the presentation of several links.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, launch, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
const LINK = 'lab=toy1d&n=500&engine=cpu&seed=0';
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** @param {string} query */
async function open(query) {
  const opened = await newPage(browser);
  /** @type {string[]} */
  const warnings = [];
  opened.page.on('console', (message) => void (message.type() === 'warning' && warnings.push(message.text())));
  await opened.page.goto(`${DEV}?${query}#${LINK}`);
  await done(opened.page);
  const seen = (/** @type {string} */ place) => opened.page.locator(place).first().isVisible();
  return { ...opened, warnings, seen };
}

for (const embed of ['', 'embed=1&']) {
  test(`?${embed}hide=…: what is hidden is not seen`, async () => {
    const { seen, warnings, close } = await open(`${embed}ui=full&hide=numbers,play,words,controls,views,caption,options,compare,lesson`);
    for (const place of ['#metrics', '#transport', '#words', '#panel', '#stagebar', '#caption b', '#lesson']) assert.equal(await seen(place), false, place);
    assert.equal(await seen('#plot'), true);
    assert.deepEqual(warnings, []);
    await close();
  });
}

test('show names the only controls and views that an embed has, and unknown names are told', async () => {
  const { page, seen, warnings, close } = await open('embed=1&show=steps,seed,histogram,density,nothing');
  assert.deepEqual(await page.locator('#panel .field [id^="c-"]:is(input, select)').evaluateAll((all) => all.map((el) => el.id)), ['c-steps', 'c-seed']);
  assert.deepEqual(await page.locator('#stagebar input[name="view"]').evaluateAll((all) => all.map((el) => /** @type {HTMLInputElement} */ (el).value)), ['density', 'histogram']);
  assert.equal(await seen('#panel'), true);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /"nothing"/);
  await close();
});

test('a click in the result leaves a part out, in the link, the frame and the element', async () => {
  const { page, errors, close } = await open('');
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByText('Cut it down').click();
  await page.locator('.builder iframe').scrollIntoViewIfNeeded(); // it starts when it is seen
  const result = page.frameLocator('.builder iframe');
  await result.locator('#metrics .number').first().click();
  await page.getByRole('button', { name: 'Numbers', pressed: false }).waitFor();
  await result.locator('#metrics').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Steps N', exact: true }).click();
  await result.locator('#c-steps').waitFor();
  const text = (/** @type {string} */ name) => page.getByRole('textbox', { name, exact: true }).inputValue();
  assert.match(await text('Link'), /\?hide=numbers&show=steps#/);
  assert.match(await text('Embed code'), /\?embed=1&amp;hide=numbers&amp;show=steps#/);
  assert.match(await text('Element code'), /<score-field [^>]* hide="numbers" show="steps">/);
  assert.deepEqual(errors, []);
  await close();
});

test('a presenter leads through the links by its keys', async () => {
  const slides = [8, 16, 32].map((steps) => `lab=toy1d&n=500&engine=cpu&steps=${steps}&seed=0`);
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}?present=1${slides.map((slide) => `&slide=${encodeURIComponent(slide)}`).join('')}`);
  const at = (/** @type {number} */ steps) => page.waitForFunction((n) => /** @type {any} */ (globalThis).__scorefield.opened?.link.includes(`steps=${n}`), steps);
  await at(8);
  for (const [key, steps] of /** @type {[string, number][]} */ ([['PageDown', 16], ['ArrowRight', 32], ['PageUp', 16], ['Home', 8], ['End', 32], ['ArrowLeft', 16]])) {
    await page.keyboard.press(key);
    await at(steps);
  }
  await page.getByText('2 / 3').waitFor();
  await page.getByRole('button', { name: /^Next/ }).click();
  await at(32);
  assert.equal(await page.locator('#panel').isVisible(), false);
  assert.deepEqual(errors, []);
  await close();
});
