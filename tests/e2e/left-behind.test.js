// Work that was begun for one link and ends under another: files, the share panel, notices, links that do not open.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, launch, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** @param {import('playwright-core').Page} page @param {string} link */
const go = (page, link) => page.evaluate((to) => void (location.hash = to), link);

/** @param {import('playwright-core').Page} page @param {string} part  of the open link */
const opened = (page, part) => page.waitForFunction((p) => (/** @type {any} */ (globalThis).__scorefield.opened?.link ?? '').includes(p), part, { timeout: 30_000, polling: 20 });

/** Drops a table of points on the page. @param {import('playwright-core').Page} page @param {number} rows */
const drop = (page, rows) => page.evaluate((count) => {
  const text = Array.from({ length: count }, (_, i) => `${Math.cos(i)},${Math.sin(i)}`).join('\n');
  const data = new DataTransfer();
  data.items.add(new File([text], 'ring.csv', { type: 'text/csv' }));
  document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
}, rows);

for (const [from, to] of [['lab=toy1d&n=300&seed=2', 'lab=lgssm&n=30&seed=2'], ['lab=toy2d&n=300&steps=8&seed=1', 'lab=toy2d&n=300&steps=8&view=density&seed=1']]) {
  test(`a file that was given to ${from} is not used for a link that was opened after it`, async () => {
    const { page, errors, close } = await newPage(browser);
    // The answer about the file waits until the other link is open.
    await page.addInitScript(() => {
      const send = Worker.prototype.postMessage;
      Worker.prototype.postMessage = /** @this {Worker} @param {any} message @param {any} rest */ function (message, ...rest) {
        if (message?.op === 'recognise') /** @type {any} */ (globalThis).held = () => send.call(this, message, ...rest);
        else send.call(this, message, ...rest);
      };
    });
    await page.goto(`${DEV}#${from}`);
    await done(page);
    await drop(page, 300);
    await page.waitForFunction(() => Boolean(/** @type {any} */ (globalThis).held));
    await go(page, to);
    await opened(page, to.includes('density') ? 'view=density' : 'lab=lgssm');
    await page.evaluate(() => /** @type {any} */ (globalThis).held());
    await page.getByText('ring.csv was not used: another link was opened meanwhile.').waitFor();
    await done(page);
    const link = await page.evaluate(() => location.hash);
    assert.doesNotMatch(link, /points=/);
    assert.equal(await page.getByText(/points were read/).count(), 0);
    assert.deepEqual(errors, []);
    await close();
  });
}

test('the share panel closes when another experiment is opened, not when only the view changes', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#v=1&lab=toy1d&target=comb&n=300&at=1&seed=2`);
  await done(page);
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('dialog').waitFor();
  await go(page, 'v=1&lab=toy1d&target=comb&n=300&view=histogram&at=1&seed=2');
  await opened(page, 'view=histogram');
  await done(page);
  assert.equal(await page.getByRole('dialog').count(), 1);
  await go(page, 'v=1&lab=torus&n=300&at=1&seed=2');
  await opened(page, 'lab=torus');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.deepEqual(errors, []);
  await close();
});

test('a notice goes with its link, also when the next one is the same experiment or does not open', async () => {
  const { page, errors, close } = await newPage(browser);
  const link = 'v=1&lab=toy1d&n=300&at=1&seed=1';
  await page.goto(`${DEV}#${link}).`);
  const notice = page.getByText('is read as seed=1');
  await notice.waitFor();
  await go(page, link.replace('n=300', 'view=histogram&n=300'));
  await notice.waitFor({ state: 'detached' });
  await go(page, `${link}).`);
  await notice.waitFor();
  await go(page, 'v=1&lab=torus&n=abc&seed=3');
  await page.getByText('This link does not open').waitFor();
  assert.equal(await notice.count(), 0);
  assert.deepEqual(errors, []);
  await close();
});

test('under a link that does not open the run before is marked as the earlier one’s and gives nothing', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#v=1&lab=toy1d&n=300&at=1&seed=1`);
  await done(page);
  await go(page, 'v=1&lab=torus&n=abc&seed=3');
  await page.getByText('This link does not open').waitFor();
  await page.getByText('This is still the picture of the link before.').waitFor();
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.fingerprint), null);
  assert.doesNotMatch(await page.getByRole('group', { name: 'Numbers' }).innerText(), /W₁|KS|Reproduced/);
  assert.match(await page.title(), /^This link does not open/);
  await page.getByRole('application', { name: /^This is still the picture of the link before\.$/ }).waitFor(); // also for those who do not see it
  const picture = await page.locator('#plot canvas').boundingBox();
  assert.ok(picture && picture.height > 280, `the picture is ${picture?.height} pixels high`);
  assert.equal(await page.getByRole('link', { name: 'Torus' }).getAttribute('aria-current'), 'page');
  await page.getByRole('button', { name: 'Open the nearest valid link' }).click();
  const end = await done(page);
  assert.match(end.opened?.link ?? '', /lab=torus/);
  assert.equal(await page.getByText('This is still the picture of the link before.').count(), 0);
  assert.deepEqual(errors, []);
  await close();
});
