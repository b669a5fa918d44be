// The network of the lab of turbulence on WebGPU: the film of the command line within tolerance, the time until its first step, a run that is
// stopped, one whose graphics card is lost in the middle, and runs that have no network.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CLI, DEV, WEBGPU, done, handle, launch, newPage, painted } from './browser.js';

const how = { skip: WEBGPU ? false : 'the WebGPU package was not built' };

/** A few calls of one window and of two: a software card takes a while for each. */
const SMALL = [
  'lab=turbulence&frames=5&steps=2&corrections=0&score=small&seed=3',
  'lab=turbulence&frames=6&steps=2&sampler=ddim&guidance=pigdm&physics=residual&score=small&seed=3',
];

/** Long enough to be interrupted. */
const LONG = 'lab=turbulence&frames=5&steps=40&corrections=0&score=small&seed=3';

const folder = mkdtempSync(join(tmpdir(), 'scorefield-'));
/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: WEBGPU })));
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** What the command line answers. @param {string} link */
function native(link) {
  const file = join(folder, 'samples.csv');
  const answer = JSON.parse(execFileSync(CLI, ['run', link, '--samples', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  return { fingerprint: String(answer.fingerprint), samples: lines.flatMap((line) => line.split(',').map(Number)) };
}

/** Opens a link in a page of its own. @param {string} link */
async function opened(link) {
  const made = await newPage(browser, { reducedMotion: 'reduce' });
  await made.page.goto(`${DEV}#${link}`);
  return made;
}

/** Waits until WebGPU has answered so many calls. @param {import('playwright-core').Page} page @param {number} calls */
const answered = (page, calls) => page.waitForFunction((calls) => {
  const now = /** @type {any} */ (globalThis).__scorefield;
  return now?.engine === 'webgpu' && now.evaluations >= calls;
}, calls, { timeout: 120_000 });

for (const link of SMALL) {
  test(`#${link} has the film of the command line within tolerance`, how, async (t) => {
    const wanted = native(link);
    const start = performance.now();
    const { page, errors, close } = await opened(`${link}&engine=webgpu&fp=${wanted.fingerprint}`);
    await answered(page, 1);
    t.diagnostic(`first step after ${Math.round(performance.now() - start)} ms`);
    const { engine } = await done(page, 240_000);
    t.diagnostic(`done after ${Math.round(performance.now() - start)} ms`);
    assert.equal(engine, 'webgpu');
    const samples = await page.evaluate(async () => Array.from(await /** @type {any} */ (globalThis).__scorefield.samples()));
    assert.equal(samples.length, wanted.samples.length);
    const gap = samples.reduce((most, x, i) => Math.max(most, Math.abs(x - wanted.samples[i])), 0);
    t.diagnostic(`largest difference: ${gap}`);
    assert.ok(gap < 1e-3, `samples differ by ${gap}`);
    assert.ok(gap > 0, 'the graphics card was not asked');
    await page.getByText(/^≈ Reproduced within tolerance/).waitFor();
    await page.getByText(/WebGPU, network alone/).first().waitFor();
    assert.ok(await painted(page));
    assert.deepEqual(errors, []);
    await close();
  });
}

test('a run on WebGPU shows its levels as they come, and stops when it is cancelled', how, async () => {
  const { page, errors, close } = await opened(`${LONG}&engine=webgpu`);
  await answered(page, 2);
  await page.getByText(/^Sampling .*step \d+ of 40/).first().waitFor();
  await page.getByRole('button', { name: 'Cancel' }).first().click();
  await page.getByText(/^Cancelled at step \d+ of 40/).first().waitFor();
  assert.deepEqual(errors, []);
  await close();
});

test('a graphics card that is lost: the CPU goes on from the last level, and the result is shown without a fingerprint', how, async () => {
  const own = await launch({ webgpu: true });
  const { page } = await newPage(own, { reducedMotion: 'reduce' });
  await page.goto(`${DEV}#${LONG}&engine=webgpu`);
  await answered(page, 2);
  const devtools = await own.newBrowserCDPSession();
  await devtools.send('Browser.crashGpuProcess');
  const state = await done(page, 60_000);
  assert.equal(state.engine, 'webgpu', 'the run began afresh');
  assert.equal(state.fingerprint, '');
  const words = await page.getByText(/graphics device was lost after step \d+ of 40\. The CPU went on from there/).first().innerText();
  assert.ok(Number(/step (\d+)/.exec(words)?.[1]) >= 1, words);
  await page.getByText(/WebGPU, then CPU/).first().waitFor();
  // Its numbers and its samples are still there.
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.metrics?.final);
  const samples = await page.evaluate(async () => Array.from(await /** @type {any} */ (globalThis).__scorefield.samples()));
  const wanted = native(LONG).samples;
  assert.ok(samples.every((x, i) => Math.abs(x - wanted[i]) < 0.05), 'another film');
  await page.getByRole('button', { name: 'Share' }).first().click();
  await page.getByText(/The run lost its graphics card on the way, so the link carries no fingerprint/).waitFor();
  await page.keyboard.press('Escape');
  // The next run has an engine again, or says why not.
  await page.evaluate(() => void (location.hash = location.hash.replace('steps=40', 'steps=1')));
  await page.waitForFunction(() => {
    const now = /** @type {any} */ (globalThis).__scorefield;
    return now.state === 'done' && /steps=1&/.test(now.opened.link) && now.fingerprint;
  }, null, { timeout: 120_000 });
  await own.close();
});

for (const [what, link] of [['the Gaussian score', 'lab=turbulence&frames=4&steps=4&score=gaussian'], ['another method', 'lab=turbulence&frames=4&method=posterior']]) {
  test(`${what} has no network: the CPU runs it, and the page says why`, how, async () => {
    const { page, errors, close } = await opened(`${link}&engine=webgpu&seed=3`);
    assert.equal((await done(page, 60_000)).engine, 'cpu');
    await page.getByText('WebGPU computes the network alone, and this run has none. This run goes on with the CPU engine.').first().waitFor();
    assert.equal((await handle(page)).fingerprint, native(`${link}&seed=3`).fingerprint);
    assert.deepEqual(errors, []);
    await close();
  });
}
