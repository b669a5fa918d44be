// A training with long steps is shared out over workers: the weights are the same to the last bit, cancelling stops all, one that is lost does
// no harm, previews go on. One with short steps starts none.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CLI, DEV, done, launch, newPage } from './browser.js';

/** Steps of several milliseconds. */
const STEP = 'score=trained&net-width=64&net-depth=3&net-batch=1024&n=300&engine=cpu&seed=3';
const LINK = `lab=toy2d&target=moons&net-steps=500&${STEP}`;
/** Long enough to be interrupted. */
const LONG = `lab=toy2d&target=rings&net-steps=1500&${STEP}`;

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** @type {Map<string, string>} */
const known = new Map();

/** The fingerprint on one thread of the command line. @param {string} link */
function native(link) {
  const found = known.get(link) ?? JSON.parse(execFileSync(CLI, ['run', link, '--threads', '1'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).fingerprint;
  known.set(link, found);
  return found;
}

/** A page of a machine with so many cores. @param {number} cores */
async function machine(cores) {
  const opened = await newPage(browser);
  await opened.page.addInitScript((n) => Object.defineProperty(navigator, 'hardwareConcurrency', { value: n }), cores);
  return opened;
}

/** @param {import('playwright-core').Page} page @returns {Promise<{ step: number, workers: number, state: string }>} */
const training = (page) => page.evaluate(() => /** @type {any} */ (globalThis).__scorefield?.training);

/** @param {import('playwright-core').Page} page @param {number} count  workers that do steps */
const shared = (page, count) => page.waitForFunction((n) => /** @type {any} */ (globalThis).__scorefield?.training?.workers === n, count, { timeout: 60_000, polling: 20 });

/** Parts that each worker beside the first has. @param {import('playwright-core').Page} page */
const held = (page) => page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.shares());

for (const cores of [1, 2, 3]) {
  test(`${cores} workers train the weights of one thread of the command line`, async () => {
    const { page, errors, close } = await machine(cores);
    await page.goto(`${DEV}#${LINK}`);
    await shared(page, cores);
    assert.equal((await done(page, 120_000)).fingerprint, native(LINK));
    assert.equal(page.workers().length, cores);
    assert.deepEqual(await held(page), Array(cores - 1).fill(0));
    assert.deepEqual(errors, []);
    await close();
  });
}

test('a chain in another package is trained by several workers too', async () => {
  const link = `lab=lgssm&length=12&k=1&steps=16&net-steps=300&${STEP}`;
  const { page, errors, close } = await machine(2);
  await page.goto(`${DEV}#${link}`);
  await shared(page, 2);
  assert.equal((await done(page, 120_000)).fingerprint, native(link));
  assert.deepEqual(errors, []);
  await close();
});

test('cancelling stops every worker; a training that is taken up is shared out again, with previews', async () => {
  const { page, errors, close } = await machine(3);
  await page.goto(`${DEV}#${LONG}`);
  await shared(page, 3);
  assert.deepEqual(await held(page), [1, 1]);
  await page.getByRole('region', { name: 'Training' }).getByRole('button', { name: 'Cancel' }).click();
  assert.deepEqual(await held(page), [0, 0]);
  const { step, workers } = await training(page);
  assert.equal(workers, 1);
  await page.getByRole('button', { name: 'Go on' }).click();
  await shared(page, 3);
  const painted = () => page.evaluate(() => [...document.querySelectorAll('canvas')].map((own) => own.toDataURL()).join());
  const before = await painted();
  await page.waitForFunction((from) => /** @type {any} */ (globalThis).__scorefield.training.step > from + 200, step, { timeout: 60_000 });
  assert.notEqual(await painted(), before);
  assert.equal((await done(page, 120_000)).fingerprint, native(LONG));
  assert.deepEqual(errors, []);
  await close();
});

test('a training that is cancelled while its helpers get ready, and taken up at once, ends with the same weights', async () => {
  const { page, errors, close } = await machine(3);
  await page.goto(`${DEV}#${LONG}`);
  // the second and third worker begin to load: the training is cancelled and taken up again before they are there
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield?.training?.step > 0, null, { timeout: 60_000, polling: 5 });
  for (let i = 0; i < 4; i++) {
    await page.waitForTimeout(60 * (i + 1));
    await page.getByRole('region', { name: 'Training' }).getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Go on' }).click();
  }
  await shared(page, 3);
  assert.equal((await done(page, 120_000)).fingerprint, native(LONG));
  assert.deepEqual(await held(page), [0, 0]);
  assert.deepEqual(errors, []);
  await close();
});

test('a worker that is lost does no harm: the first does all, and the page says so', async () => {
  const { page, close } = await machine(3);
  await page.goto(`${DEV}#${LONG}`);
  await shared(page, 3);
  const [, second] = page.workers();
  second.evaluate(() => setTimeout(() => { throw new Error('lost on purpose'); })).catch(() => {});
  await page.getByText('The first one goes on alone: the result is the same.').waitFor({ timeout: 30_000 });
  // cancelled and taken up, it is shared out again: with the worker that stayed, and a new one
  await page.getByRole('region', { name: 'Training' }).getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Go on' }).click();
  await shared(page, 3);
  assert.equal((await done(page, 120_000)).fingerprint, native(LONG));
  await close();
});

test('a training with short steps starts no worker', async () => {
  const { page, close } = await machine(3);
  await page.goto(`${DEV}#lab=toy1d&score=trained&net-width=16&net-depth=2&net-steps=2000&net-batch=64&n=300&engine=cpu&seed=0`);
  await done(page, 120_000);
  assert.equal(page.workers().length, 1);
  await close();
});
