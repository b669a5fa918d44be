// The lesson of a run on the line: if the variance is off by more than chance and the score is exact, the page names
// the steps.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ends, lessonOf } from '../../www/labs/toy1d/lesson.js';
import { DEV, done, landed, launch, metric, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch({ webgpu: false });
});
after(() => browser?.close());

/** @param {string} link */
async function ended(link) {
  const opened = await newPage(browser, { viewport: { width: 1400, height: 900 } });
  await opened.page.goto(`${DEV}#${link}`);
  await landed(opened.page);
  await done(opened.page);
  await opened.page.evaluate(() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then))));
  return opened;
}

test('the first run ends with a line that names discretisation; with the steps that it offers the line goes', async () => {
  const { page, errors, close } = await ended('v=1&lab=toy1d&at=1&seed=0');
  const line = page.locator('#lesson p');
  const { metrics } = await done(page);
  const { value, reference } = metric(metrics, 'var');
  assert.match(await line.innerText(), new RegExp(`Variance ${value.toPrecision(3)} in place of ${reference.toPrecision(3)}: 12 standard errors off with an exact score: the error of 100 steps \\(discretisation\\)`));
  const size = await page.locator('#plot canvas').evaluate((c) => c.clientHeight);
  await page.getByRole('slider', { name: 'Position from noise to data' }).fill('300');
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.metrics?.final === false);
  assert.equal(await line.count(), 1, 'the line goes while the run is looked at from another place');
  await line.getByRole('button', { name: /^Try/ }).click();
  await page.waitForFunction(() => /steps=1200&/.test(location.hash));
  await done(page, 60_000);
  await page.keyboard.press('Escape');
  await page.getByRole('slider', { name: 'Position from noise to data' }).fill('1000');
  await landed(page);
  await line.waitFor({ state: 'detached' });
  assert.equal(await page.locator('#plot canvas').evaluate((c) => c.clientHeight), size, 'the line moves the picture');
  assert.deepEqual(errors, []);
  await close();
});

test('the line leads to the sweep over N', async () => {
  const { page, errors, close } = await ended('v=1&lab=toy1d&n=5000&at=1&seed=0');
  await page.getByRole('button', { name: 'Sweep over N' }).click();
  await page.waitForFunction(() => /view=sweep/.test(location.hash));
  await done(page);
  assert.equal(await page.getByRole('button', { name: 'Sweep over N' }).count(), 0);
  assert.deepEqual(errors, []);
  await close();
});

for (const [why, link] of /** @type {const} */ ([
  ['the steps are fine', 'v=1&lab=toy1d&process=ou&sampler=heun&at=1&seed=0'],
  ['the sample is too small to tell', 'v=1&lab=toy1d&n=100&at=1&seed=0'],
  ['the score is that of few points', 'v=1&lab=toy1d&score=empirical&m=5&at=1&seed=0'],
  ['a network gives the score', 'v=1&lab=toy1d&score=net&process=vp&sampler=euler&steps=8&at=1&seed=0'],
  ['the noise level of Langevin stays', 'v=1&lab=toy1d&sampler=langevin&level=0.3&at=1&seed=0'],
])) {
  test(`no line where ${why}`, async () => {
    const { page, errors, close } = await ended(link);
    assert.equal(await page.locator('#lesson p').count(), 0);
    assert.deepEqual(errors, []);
    await close();
  });
}

/** @param {number} value @param {number} reference @param {number} error @returns {any} */
const numbers = (value, reference, error) => ({ final: true, rows: [{ key: 'var', value, reference, error }] });
const CLEAN = { alpha: [0, 1], sigma: [1, 0], frames: 2 };

test('the line is drawn from the numbers of the run alone', () => {
  const v = { score: 'exact', sampler: 'heun', steps: '10' };
  assert.equal(lessonOf(v, CLEAN, numbers(1.049, 1, 0.01), 2000), null);
  assert.deepEqual(lessonOf(v, CLEAN, numbers(1.2, 1, 0.01), 2000), { value: 1.2, exact: 1, errors: (1.2 - 1) / 0.01, steps: 10, more: 200 });
  assert.equal(lessonOf({ ...v, steps: '1500' }, CLEAN, numbers(1.2, 1, 0.01), 2000)?.more, 2000);
  assert.equal(lessonOf({ ...v, steps: '2000' }, CLEAN, numbers(1.2, 1, 0.01), 2000)?.more, null);
  assert.equal(lessonOf(v, CLEAN, { ...numbers(1.2, 1, 0.01), final: false }, 2000), null);
  assert.equal(lessonOf({ ...v, score: 'net' }, CLEAN, numbers(1.2, 1, 0.01), 2000), null);
});

test('what the ends of the run explain is not put down to its steps', () => {
  // VE from σ = 50 to a normal of deviation 10: the start has 2,500 in place of 2,600.
  const ve = { alpha: [1, 1], sigma: [50, 0], frames: 2 };
  assert.ok(Math.abs(ends(ve, 100) - 100 / 2600) < 1e-12);
  assert.equal(lessonOf({ score: 'exact', sampler: 'heun', steps: '200' }, ve, numbers(96.9, 100, 0.1), 2000), null);
  // A run that ends at σ = 0.1 with data of variance 0.01 has twice that.
  assert.ok(Math.abs(ends({ alpha: [0, 1], sigma: [1, 0.1], frames: 2 }, 0.01) - 1) < 1e-12);
});
