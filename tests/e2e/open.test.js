// Five seconds: the page opens already sampling, ends near the law, and loads nothing large before that.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CLI, DEV, DIST, WEBGPU, done, handle, landed, launch, metric, newPage, painted } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: true })));
after(() => browser?.close());

for (const [name, url] of [['the sources', DEV], ['dist below a path', DIST]]) {
  test(`${name}: samples by itself, close to the law, and without an error`, async () => {
    const { page, errors, close } = await newPage(browser);
    await page.goto(url);
    const first = await done(page);
    assert.equal(first.engine, 'cpu');
    assert.ok(first.fingerprint);
    assert.ok(await painted(page), 'the plot is empty');

    const { metrics } = await landed(page);
    const w1 = metric(metrics, 'w1');
    // 100 DDPM steps leave a discretisation error of 0.016 on U[0, 1], five times that of an i.i.d. sample.
    assert.ok(w1.value < 0.02, `W1 ${w1.value}, an i.i.d. sample has ${w1.reference}`);
    assert.ok(metric(metrics, 'ks').value < 0.05);

    const samples = await page.evaluate(async () => Array.from(await /** @type {any} */ (globalThis).__scorefield.samples()));
    assert.equal(samples.length, 10_000);
    assert.ok(samples.every((x) => x > -0.2 && x < 1.2));

    const native = JSON.parse(execFileSync(CLI, ['run', 'lab=toy1d&seed=0'], { encoding: 'utf8' }));
    assert.equal(first.fingerprint, native.fingerprint, 'the command line answers the same link differently');
    assert.deepEqual(errors, []);
    await close();
  });
}

test('a link without a seed of its own opens the default experiment and writes the whole of it', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(DEV);
  await done(page);
  await page.waitForFunction(() => location.hash.includes('seed='));
  assert.match(await page.evaluate(() => location.hash), /^#v=1&lab=toy1d&.*seed=0$|^#v=1&lab=toy1d&seed=0$/);
  await close();
});

test('WebGPU is loaded after the first run is on screen, not before', { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
  const { page, close } = await newPage(browser);
  // The software adapter says that it is one, and the page then leaves it alone: let it pass for hardware.
  await page.addInitScript(() => Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { get: () => false }));
  const states = /** @type {string[]} */ ([]);
  await page.route(/webgpu[^/]*\/scorefield/, async (route) => {
    states.push((await handle(page))?.state ?? 'booting');
    await route.abort();
  });
  await page.goto(DEV);
  for (let i = 0; i < 300 && states.length === 0; i++) await page.waitForTimeout(100);
  assert.ok(states.length > 0);
  assert.deepEqual([...new Set(states)], ['done']);
  await close();
});
