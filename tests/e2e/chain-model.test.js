// The lab of chains: pictures in the middle of a run are right, custom matrices can be made in the page, and an error
// in a comparison belongs to its side.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, handle, launch, newPage, number } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

for (const process of ['vp', 've', 'fm']) {
  test(`on the way the samples are held against the diffused posterior: ${process}`, async () => {
    const { page, errors, close } = await newPage(browser);
    await page.goto(`${DEV}#v=1&lab=lgssm&process=${process}&n=4000&length=17&at=0.55&seed=0`);
    await done(page);
    await page.waitForFunction(() => /off the diffused exact posterior/.test(document.querySelector('#plot canvas')?.getAttribute('aria-label') ?? ''));
    const said = (await page.locator('#plot canvas').getAttribute('aria-label')) ?? '';
    const [off, luck] = [number(said, /posterior’s by/), number(said, /root mean square \(/)];
    assert.ok(off < 3 * luck, said);
    const [own, exact] = [number(said, /standard deviation is/), number(said, /the exact one is/)];
    assert.ok(Math.abs(own / exact - 1) < 0.03, said);
    assert.deepEqual(errors, []);
    await close();
  });
}

test('own matrices begin as those of the model that was there; a T of another size brings the others along', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#v=1&lab=lgssm&n=40&steps=8&length=9&seed=0`);
  await done(page);
  const link = async (/** @type {RegExp} */ like) => {
    await page.waitForFunction(([source]) => new RegExp(source).test(/** @type {any} */ (globalThis).__scorefield.opened?.link ?? ''), [like.source]);
    await done(page);
    return (await handle(page)).opened?.link ?? '';
  };
  await page.getByLabel('Model', { exact: true }).selectOption('custom');
  assert.match(await link(/model=custom/), /T=0\.9&Q=0\.19\d*&O=1&R=0\.25/);
  const field = page.getByLabel('Transition T');
  await field.fill('0.9,0.2;-0.2,0.9');
  await field.press('Enter');
  assert.match(await link(/T=0\.9,0\.2/), /Q=0\.19\d*,0;0,1&O=1,0&R=0\.25/);
  await page.getByRole('button', { name: 'Phase' }).or(page.getByRole('tab', { name: 'Phase' })).or(page.getByLabel('Phase')).first().waitFor();
  assert.deepEqual(errors, []);
  await close();
});

test('an error of one side names it, leaves the other, and offers no run that would end the same', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#v=1&lab=lgssm&c=2&n=40&b.guidance=replace&seed=0`);
  await page.getByText('B: guidance=replace needs an observation of plain coordinates.').waitFor();
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.fingerprint !== null);
  assert.equal(await page.getByRole('button', { name: 'Run again' }).count(), 0);
  assert.equal(await page.locator('#plot canvas').count(), 1);
  await close();
});
