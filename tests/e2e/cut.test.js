// A page that is cut down by its query, the builder that finds the query by clicks, and the presentation of several links.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, handle, launch, newPage } from './browser.js';
import { list } from './hand.js';

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

test('names in hide and show are held against every link that is opened', async () => {
  const { page, warnings, close } = await open('show=steps,operator&hide=nothing');
  assert.equal(warnings.length, 1, warnings.join('\n'));
  assert.match(warnings[0], /"nothing", "operator".*lab=toy1d|"operator", "nothing".*lab=toy1d/);
  await page.evaluate(() => { location.hash = 'lab=filter&n=20&cycles=5&seed=0'; });
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.opened.lab === 'filter');
  await done(page);
  assert.equal(warnings.length, 2, warnings.join('\n'));
  assert.match(warnings[1], /"steps".*lab=filter/);
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
  const settled = result.locator(':root[data-state="done"]'); // a frame that is replaced while it loads breaks off its requests
  await settled.waitFor();
  await page.getByRole('button', { name: 'Steps N', exact: true }).click();
  await result.locator('#c-steps').waitFor();
  await settled.waitFor();
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

/** @param {string[]} slides @param {import('playwright-core').BrowserContextOptions} [how] */
async function present(slides, how) {
  const opened = await newPage(browser, how);
  await opened.page.goto(`${DEV}?present=1${slides.map((slide) => `&slide=${encodeURIComponent(slide)}`).join('')}`);
  const at = (/** @type {string} */ part) => opened.page.waitForFunction((text) => {
    const { opened: now, state } = /** @type {any} */ (globalThis).__scorefield;
    return now?.link.includes(text) && state !== 'error';
  }, part);
  const place = (/** @type {string} */ words) => opened.page.getByText(words, { exact: true }).waitFor();
  return { ...opened, at, place };
}

test('a link of a presentation that does not open is named in its place, and the keys lead on and back', async () => {
  const good = (/** @type {number} */ steps) => `lab=toy1d&n=500&engine=cpu&steps=${steps}&seed=0`;
  const { page, at, place, errors, close } = await present([good(8), 'lab=toy1d&steps=x', good(32)]);
  await at('steps=8');
  await done(page);
  await page.keyboard.press('PageDown');
  await page.getByText('This link does not open').waitFor();
  await place('2 / 3');
  assert.match(await page.title(), /^This link does not open/);
  assert.equal(await page.locator('#caption b').innerText(), '');
  await page.keyboard.press('PageDown');
  await at('steps=32');
  await place('3 / 3');
  assert.match(await page.locator('#caption b').innerText(), /32 steps/);
  await page.keyboard.press('Home');
  await at('steps=8');
  await page.goBack();
  await at('steps=32');
  await place('3 / 3');
  assert.deepEqual(errors, []);
  await close();
});

test('a presentation whose first link does not open goes on', async () => {
  const { page, at, place, close } = await present(['lab=nowhere', 'lab=toy1d&n=500&engine=cpu&steps=16&seed=0']);
  await page.getByText('This link does not open').waitFor();
  await place('1 / 2');
  await page.keyboard.press('PageDown');
  await at('steps=16');
  await place('2 / 2');
  await close();
});

for (const width of [1024, 1920]) {
  test(`presented at ${width} pixels: an observation is dragged in full screen, and the keys of the presenter act all the same`, async () => {
    const slides = ['lab=filter&model=ar1&method=exact&cycles=12&at=1&seed=3', 'lab=toy2d&n=200&steps=8&at=0.5&seed=0'];
    const { page, at, place, errors, close } = await present(slides, { viewport: { width, height: Math.round(width * 0.6) }, reducedMotion: 'reduce' });
    await at('lab=filter');
    await done(page);
    await page.keyboard.press('f');
    await page.waitForFunction(() => document.fullscreenElement === document.documentElement);
    await page.waitForTimeout(300); // the window has its new size
    const box = await page.locator('#plot canvas').boundingBox();
    assert.ok(box);
    const larger = await page.evaluate(() => Number(getComputedStyle(document.documentElement).zoom));
    assert.ok(larger > 1.3, `larger by ${larger}`);
    const x = box.x + larger * 48 + (box.width - larger * 56) * (6.5 / 13);
    let y = 0;
    for (let to = box.y + 30; to < box.y + box.height - 60 && !y; to += 7) {
      await page.mouse.move(x, to);
      if (await page.locator('#plot canvas').evaluate((el) => /** @type {HTMLElement} */ (el).style.cursor) === 'ns-resize') y = to;
    }
    assert.ok(y, 'no observation under the pointer');
    /** Drags the observation, and waits for the link and its run; resolves with its value. @param {number} from @param {number} to */
    const drag = async (from, to) => {
      const before = (await handle(page)).opened?.link;
      await page.mouse.move(x, from);
      await page.mouse.down();
      await page.mouse.move(x, (from + to) / 2);
      await page.mouse.move(x, to, { steps: 3 });
      await page.mouse.up();
      await page.waitForFunction((link) => /** @type {any} */ (globalThis).__scorefield.opened.link !== link, before);
      return list((await done(page)).opened?.link ?? '', 'y')[5];
    };
    const low = await drag(y, y + 60);
    const middle = await drag(y + 60, y + 40);
    const high = await drag(y + 40, y);
    assert.ok(Math.abs((high - middle) / (middle - low) - 2) < 0.1, `40 pixels up are ${high - middle}, 20 are ${middle - low}`);
    await page.keyboard.press('f'); // the picture has the focus by now
    await page.waitForFunction(() => !document.fullscreenElement);
    await page.keyboard.press('n');
    await at('lab=toy2d');
    await place('2 / 2');
    await done(page);
    const plane = await page.locator('#plot canvas').boundingBox();
    assert.ok(plane);
    const [px, py] = [plane.x + plane.width / 2 - 20, plane.y + plane.height / 2 + 30];
    await page.mouse.click(px, py);
    await page.waitForFunction(() => /^A particle at x₁ .*, followed/.test(document.querySelector('#live')?.textContent ?? ''));
    const spot = await page.locator('.spot').boundingBox(); // where the values are read
    assert.ok(spot && Math.hypot(spot.x + spot.width / 2 - px, spot.y + spot.height / 2 - py) < 3, JSON.stringify([spot, px, py]));
    await page.keyboard.press('Home');
    await at('lab=filter');
    await place('1 / 2');
    assert.deepEqual(errors, []);
    await close();
  });
}
