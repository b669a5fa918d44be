// The race of the filters in the page: the bits of the command line, rows that open, cancel; and the time that is said before a long run.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CLI, DEV, done, handle, launch, newPage, painted } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

const SMALL = 'lab=filter&method=pf&n=40&cycles=8&view=race&seed=3';

/** The race of the command line. @param {string} link */
const native = (link) => JSON.parse(execFileSync(CLI, ['job', 'race', link], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));

/** @param {import('playwright-core').BrowserContextOptions} [options] */
const still = (options) => newPage(browser, { reducedMotion: 'reduce', ...options });

test('a race has the bits of the command line, and its table the rows in their order', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#${SMALL}`);
  await done(page);
  const own = native(SMALL);
  const { race } = /** @type {any} */ (await page.evaluate(() => ({ race: /** @type {any} */ (globalThis).__scorefield.race })));
  assert.deepEqual(race, own.points);
  const rows = page.locator('.race-table tbody tr');
  assert.equal(await rows.count(), own.plan.entrants.length);
  assert.match(await rows.first().innerText(), /^Exact/);
  const shown = (await rows.locator('td:nth-child(2)').allInnerTexts()).slice(1).map(Number);
  assert.deepEqual(shown, [...shown].sort((p, q) => p - q), 'sorted by error');
  assert.match(await page.locator('.race-table tr.own').innerText(), /^Particle filter.*this link/);
  const label = await page.locator('#plot canvas').getAttribute('aria-label') ?? '';
  assert.match(label, /Race of 14 methods, 14 done.*The exact answer has RMSE/);
  await page.getByText('2 methods not in this race').click();
  await page.getByText('it needs the model Lorenz-96').waitFor();
  assert.ok(await painted(page));
  assert.doesNotMatch(await page.locator('body').innerText(), /undefined|NaN|Infinity/);
  assert.deepEqual(errors, []);
  await close();
});

test('a row opens as the link of its run, by keys too, and has its number', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#${SMALL}`);
  await done(page);
  const row = page.locator('.race-table tbody tr', { hasText: 'EnKF' });
  const error = await row.locator('td').first().innerText();
  await row.getByRole('link').focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => location.hash.includes('method=enkf') && !location.hash.includes('view='));
  await done(page);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.metrics?.final);
  const { opened, metrics } = await handle(page);
  assert.equal(opened?.view, 'states');
  const value = Number(metrics?.rows.find(({ key }) => key === 'rmse')?.value);
  assert.equal(value.toPrecision(3), error);
  assert.ok(await page.locator('.race-table').isHidden());
  await page.goBack();
  await done(page);
  assert.ok(await page.locator('.race-table').isVisible());
  assert.deepEqual(errors, []);
  await close();
});

test('a long race says how long it takes, shows its rows as they come, and is cancelled with them', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&model=lorenz96&method=letkf&n=60&view=race&seed=0`);
  const work = page.locator('#work');
  await work.getByText(/Race: \d+ % of the work, \d+ of 11 methods, now .*, about [\d.]+ (s|min) in all, [\d.]+ \1 left/).waitFor({ timeout: 60_000 });
  const rows = page.locator('.race-table tbody tr');
  await page.waitForFunction(() => document.querySelectorAll('.race-table tbody tr').length >= 3, null, { timeout: 60_000 });
  await work.getByRole('button', { name: 'Cancel' }).last().click();
  await page.getByText('The race was cancelled. What has been computed stays. “Run again” starts from the beginning.').waitFor();
  const there = await rows.count();
  assert.ok(there >= 3 && there < 11, String(there));
  await page.waitForTimeout(500);
  assert.equal(await rows.count(), there);
  assert.deepEqual(errors, []);
  await close();
});

test('a narrow page holds a race', async () => {
  const { page, errors, close } = await still({ viewport: { width: 320, height: 640 } });
  await page.goto(`${DEV}#${SMALL}`);
  await done(page);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  const region = page.getByRole('region', { name: 'Race of the methods' });
  assert.ok(await region.evaluate((el) => el.scrollWidth >= el.clientWidth));
  await region.focus();
  assert.ok(await painted(page));
  assert.deepEqual(errors, []);
  await close();
});

test('the dot of the link itself has its name beside it, also where there is little room', async () => {
  const { page, errors, close } = await still({ viewport: { width: 320, height: 640 } });
  await page.addInitScript(() => {
    const { fillText } = CanvasRenderingContext2D.prototype;
    const written = /** @type {string[]} */ ([]);
    Object.assign(globalThis, { written });
    CanvasRenderingContext2D.prototype.fillText = function write(text, ...place) {
      written.push(text);
      fillText.call(this, text, ...place);
    };
  });
  await page.goto(`${DEV}#lab=filter&n=50&cycles=10&view=race&seed=3`);
  await done(page);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.jobs.race?.state === 'done');
  const names = await page.evaluate(async () => {
    const { written } = /** @type {any} */ (globalThis);
    written.length = 0;
    document.dispatchEvent(new Event('theme')); // all is drawn again
    await new Promise((resolve) => setTimeout(resolve, 500));
    return written;
  });
  assert.ok(names.includes('Langevin (SSLS): Kernel density'), names.join(', '));
  assert.deepEqual(errors, []);
  await close();
});

for (const link of [
  'lab=filter&prior=dsm&cycles=400&seed=0', 'lab=filter&model=ar1&method=pf&cycles=2000&n=100000&seed=0',
  'lab=lgssm&length=1000&n=20000&engine=cpu&seed=0', 'lab=toy1d&n=1000000&steps=500&engine=cpu&seed=0',
]) {
  test(`#${link} says how long it takes before it is far`, async () => {
    const { page, errors, close } = await still();
    await page.goto(`${DEV}#${link}`);
    await page.locator('#work').getByText(/: step \d+ of .*, about [\d.]+ (s|min|h) in all, [\d.]+ \1 left\.$/).waitFor({ timeout: 30_000 });
    const now = await page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.state);
    assert.equal(now, 'running');
    await page.locator('#work').getByRole('button', { name: 'Cancel' }).click();
    await page.getByText(/Cancelled at step/).waitFor();
    assert.deepEqual(errors, []);
    await close();
  });
}
