// The lab of filters in the page: the numbers and the fingerprint of the command line, the cycle under the slider, the update of a cycle,
// a comparison, a filter that loses the truth, one that overflows, and a wrong link.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CLI, DEV, done, handle, launch, metric, newPage, painted } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** What the command line answers. @param {string} link */
const native = (link) => JSON.parse(execFileSync(CLI, ['run', link], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));

/** Waits for words of the picture. @param {import('playwright-core').Page} page @param {string} words */
const says = (page, words) => page.waitForFunction(
  (text) => [...document.querySelectorAll('#plot canvas')].some((c) => c.getAttribute('aria-label')?.includes(text)), words);

/** A page that does not move by itself. */
const still = () => newPage(browser, { reducedMotion: 'reduce' });

for (const link of [
  'lab=filter&method=pf&n=500&cycles=12&seed=3',
  'lab=filter&n=80&cycles=6&seed=3',
  'lab=filter&method=ensf&n=80&cycles=6&operator=abs&noise-y=0.2&seed=3',
  'lab=filter&model=lorenz63&method=enkf&n=100&cycles=30&seed=3',
  'lab=filter&model=lorenz96&states=12&method=letkf&n=10&cycles=30&seed=3',
  'lab=filter&method=exact&seed=3',
]) {
  test(`#${link} has the bits and the numbers of the command line`, async () => {
    const { page, errors, close } = await still();
    await page.goto(`${DEV}#${link}&at=1`);
    await done(page);
    await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.metrics?.final);
    const { fingerprint, metrics } = await handle(page);
    const own = native(link);
    assert.equal(fingerprint, own.fingerprint);
    for (const [key, value] of Object.entries(own.metrics)) assert.equal(metric(metrics, key).value, value, key);
    assert.ok(await painted(page));
    assert.doesNotMatch(await page.locator('body').innerText(), /undefined|NaN|Infinity/);
    assert.deepEqual(errors, []);
    await close();
  });
}

test('the slider walks from cycle to cycle, in every view', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&method=pf&n=300&cycles=20&seed=1`);
  await done(page);
  const slider = page.getByRole('slider', { name: 'Position from start to end' });
  await slider.fill('500');
  await says(page, 'At cycle 10: x = ');
  await page.locator('.readout').filter({ hasText: /^cycle 10 of 20$/ }).waitFor();
  await page.getByText('One update', { exact: true }).click();
  await says(page, 'The update of cycle 10:');
  await says(page, 'The exact law goes from');
  await slider.fill('0');
  await says(page, 'The update of cycle 0:');
  await page.getByText('Ranks', { exact: true }).click();
  await says(page, 'No analysed cycle after burn-in yet');
  await slider.fill('1000');
  await says(page, '18 cases');
  await page.getByText('Accuracy', { exact: true }).click();
  await says(page, 'The exact filter has error');
  assert.deepEqual(errors, []);
  await close();
});

test('a comparison shows two methods on the same observations', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&method=pf&n=100&cycles=10&seed=1`);
  await done(page);
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.opened?.link.includes('b.method=enkf'));
  await done(page);
  const captions = await page.locator('#plot figcaption').allInnerTexts();
  assert.deepEqual(captions, ['A · Particle filter · N = 100', 'B · EnKF · N = 100']);
  assert.deepEqual(errors, []);
  await close();
});

test('the picture of Lorenz-63 is turned by keys', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&model=lorenz63&method=enkf&cycles=20&seed=1`);
  await done(page);
  const canvas = page.locator('#plot canvas');
  const before = await canvas.screenshot();
  await canvas.focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForTimeout(200);
  assert.notDeepEqual(await canvas.screenshot(), before);
  await page.getByText('over time', { exact: true }).click();
  assert.ok(await painted(page));
  assert.deepEqual(errors, []);
  await close();
});

test('a filter that loses the truth is told, with its cycle and a remedy', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&model=lorenz96&method=enkf&n=20&inflation=1.01&cycles=200&at=1&seed=0`);
  await done(page);
  await page.getByText(/Cycle \d+: The filter has lost the truth/).waitFor();
  assert.deepEqual(errors, []);
  await close();
});

test('every view says that the exact filter ends early, and the numbers say why one is not there', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&y=1e6&observed=1&method=pf&view=accuracy&at=1&seed=0`);
  await done(page);
  const said = page.locator('.without', { hasText: /The exact filter ends early\. Cycle 1: The observation .* outside of the grid/ });
  await said.waitFor();
  await page.getByText('States', { exact: true }).click();
  await said.waitFor();
  const numbers = page.locator('div.number').filter({ hasText: 'W₁' });
  assert.match(await numbers.innerText(), /exact filter ended early/);
  assert.match(await numbers.getAttribute('title') ?? '', /The exact filter ends early/);
  assert.deepEqual(errors, []);
  await close();
});

test('a filter that overflows says where, and the picture up to there stays', async () => {
  const { page, close } = await still();
  await page.goto(`${DEV}#lab=filter&model=lorenz96&coordinates=2&method=ensf&n=40&cycles=200&at=1&seed=0`);
  const box = page.getByRole('alert').filter({ hasText: /overflowed/ });
  await box.waitFor();
  assert.match(await box.innerText(), /Cycle \d+: .*more members/s);
  assert.ok(await painted(page));
  await close();
});

test('a wrong link says what is right', async () => {
  const { page, close } = await still();
  await page.goto(`${DEV}#lab=filter&method=letkf&seed=3`);
  const box = page.getByRole('alert').filter({ hasText: /lorenz96/ });
  await box.waitFor();
  await box.getByRole('button', { name: 'Open the nearest valid link' }).click();
  const { opened } = await done(page);
  assert.equal(opened?.link, 'v=1&lab=filter&method=etkf&seed=3');
  await close();
});

test('an engine that this lab does not have is said in words', async () => {
  const { page, close } = await still();
  await page.goto(`${DEV}#lab=filter&method=pf&n=50&cycles=5&engine=webgpu&seed=1`);
  const { engine } = await done(page);
  assert.equal(engine, 'cpu');
  await close();
});
