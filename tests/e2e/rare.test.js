// What is asked for now and then: help, plan, share panel and saved pictures. Their script comes when they are first asked for, and the
// page says so where it does not.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, DIST, done, launch, newPage } from './browser.js';

const LINK = '#lab=toy1d&n=100&steps=10&seed=0';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

test('the script of the dialogs comes with the first of them, and once', async () => {
  const { page, requests, errors, close } = await newPage(browser);
  const asked = () => requests.filter((url) => /\/chunks\/rare-\w+\.js$/.test(url)).length;
  await page.goto(DIST + LINK);
  await done(page);
  assert.equal(asked(), 0);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Help' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('dialog', { name: 'Share' }).waitFor();
  assert.equal(asked(), 1);
  assert.deepEqual(errors, []);
  await close();
});

const ASKS = /** @type {[string, (page: import('playwright-core').Page) => Promise<void>][]} */ ([
  ['The help', (page) => page.keyboard.press('?')],
  ['The share panel', (page) => page.getByRole('button', { name: 'Share' }).click()],
  ['The plan', (page) => page.getByRole('button', { name: 'Plan', exact: true }).click()],
  ['The script that saves pictures', (page) => page.keyboard.press('s')],
]);

for (const [what, ask] of ASKS) {
  test(`${what} did not load: the page says why, and opens it when it is asked for again`, async () => {
    const { page, close } = await newPage(browser);
    let answers = 0; // two for each time: the import, and the question why it failed
    await page.route('**/ui/rare.js', async (route) => {
      await route.fulfill({ status: 503, body: 'later' });
      answers++;
    });
    await page.goto(DEV + LINK);
    await done(page);
    await ask(page);
    const notice = page.getByText(`${what} did not load: www/ui/rare.js, the server answered 503.`);
    await notice.waitFor();
    await ask(page);
    while (answers < 4) await page.waitForTimeout(20);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    assert.equal(await notice.count(), 1, 'it is said twice');
    await page.unroute('**/ui/rare.js');
    const saved = what.includes('pictures') ? page.waitForEvent('download') : page.getByRole('dialog').waitFor();
    await ask(page);
    await saved;
    await notice.waitFor({ state: 'detached' });
    await close();
  });
}

test('two that are asked for while the script comes: the last one opens alone', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.route('**/ui/rare.js', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue();
  });
  await page.goto(DEV + LINK);
  await done(page);
  await page.keyboard.press('?');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Help' }).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog'));
  assert.deepEqual(errors, []);
  await close();
});
