// With the keyboard alone: the focus is never lost, it is seen, and what is open closes.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, launch, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** @param {string} link @param {import('playwright-core').BrowserContextOptions} [options] @param {string} [query] */
async function open(link, options, query = '') {
  const opened = await newPage(browser, options);
  await opened.page.goto(`${DEV}${query}#${link}`);
  await done(opened.page);
  const { page } = opened;
  /** Until this has the focus. @param {string} selector */
  const focused = (selector) => page.waitForFunction((what) => document.activeElement?.matches(what), selector);
  return { ...opened, focused };
}

const PLAIN = 'lab=toy1d&n=500&at=1&seed=0';

test('a button that goes by what it does leaves the focus on the picture', async () => {
  const { page, focused, errors, close } = await open('lab=toy1d&process=ddpm&sampler=ancestral&steps=8&n=5000&at=1&seed=0');
  const offer = page.locator('#lesson button').first();
  await offer.focus();
  await page.keyboard.press('Enter');
  await offer.waitFor({ state: 'detached' });
  await focused('#plot');
  await page.goto(`${DEV}#lab=filter&model=ar1&method=enkf&n=20&cycles=3&view=race&seed=0`);
  const method = page.locator('.race-table a').nth(2);
  await method.focus();
  await page.keyboard.press('Enter');
  await page.locator('.race-table').waitFor({ state: 'hidden' });
  await focused('#plot');
  assert.deepEqual(errors, []);
  await close();
});

test('controls that are hidden give the focus back; a click on nothing takes it', async () => {
  const { page, focused, errors, close } = await open(PLAIN);
  await page.locator('#panel input[type="range"]').first().focus();
  await page.keyboard.press('h');
  await focused('#plot');
  await page.keyboard.press('h');
  await page.locator('#panel input[type="range"]').first().focus();
  await page.locator('#foot').click({ position: { x: 2, y: 2 } });
  await focused('body');
  assert.deepEqual(errors, []);
  await close();
});

test('the sheet of controls takes the focus and gives it back', async () => {
  const { page, focused, errors, close } = await open(PLAIN, { viewport: { width: 500, height: 800 } });
  await page.getByRole('button', { name: 'Controls' }).focus();
  await page.keyboard.press('Enter');
  await focused('#panel button[aria-label="Close the controls"]');
  await page.keyboard.press('Escape');
  await focused('#sheet');
  assert.deepEqual(errors, []);
  await close();
});

test('the menu of engines closes where the focus goes on', async () => {
  const { page, focused, close } = await open(PLAIN);
  const menu = page.locator('details.menu');
  await menu.locator('summary').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await menu.evaluate((el) => el.matches('[open]')), true);
  await page.keyboard.press('Tab');
  await focused('button[aria-label="Undo"]');
  await page.waitForFunction(() => !document.querySelector('details.menu[open]'));
  await close();
});

test('the last slide leaves the focus on the button that led there', async () => {
  const slides = ['lab=toy1d&n=100&seed=0', 'lab=toy1d&n=100&seed=1'];
  const query = `?present=1${slides.map((link) => `&slide=${encodeURIComponent(link)}`).join('')}`;
  const { page, focused, close } = await open(slides[0], {}, query);
  await page.getByRole('button', { name: 'Next (PageDown)' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('.slides output').getByText('2 / 2').waitFor();
  await focused('button[aria-label="Next (PageDown)"][aria-disabled="true"]');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Shift+Tab');
  await focused('button[aria-label="Previous (PageUp)"]');
  await close();
});

test('every place of the Tab key shows that it has the focus', async () => {
  for (const [link, options] of /** @type {const} */ ([[PLAIN, {}], ['lab=filter&model=ar1&method=enkf&n=20&cycles=3&seed=0', { colorScheme: 'dark' }]])) {
    const { page, close } = await open(link, options);
    const unseen = [];
    for (let i = 0; i < 70; i++) {
      await page.keyboard.press('Tab');
      const bad = await page.evaluate(() => {
        const on = document.activeElement;
        if (!on || on === document.body) return 'end';
        const ringed = (/** @type {Element|null} */ el) => {
          const { outlineStyle, outlineWidth } = el ? getComputedStyle(el) : { outlineStyle: 'none', outlineWidth: '0' };
          return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
        };
        const { bottom, top, width, height } = on.getBoundingClientRect();
        const there = [on, on.nextElementSibling, on.parentElement].some(ringed) && bottom > 0 && top < innerHeight && width > 1 && height > 1;
        return there ? '' : on.outerHTML.slice(0, 100);
      });
      if (bad === 'end') break;
      if (bad) unseen.push(bad);
    }
    assert.deepEqual(unseen, []);
    await close();
  }
});
