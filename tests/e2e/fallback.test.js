// If WebGPU is missing, lacks a feature that the engine needs, fails to start, or is lost during a run, the page says
// so in a plain sentence and the CPU engine continues.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DEV, DIST, WEBGPU, done, handle, launch, newPage } from './browser.js';
import { hurt } from './hurt.js';

const LINK = 'lab=toy1d&n=512&steps=20&engine=webgpu&seed=0';

/** Long enough on a software adapter to be interrupted. */
const LONG = 'lab=toy1d&n=200000&steps=1000&engine=webgpu&seed=0';

/**
 * In the page: whether a run is under way on this engine.
 * @param {string} engine
 */
const running = (engine) => {
  const now = /** @type {any} */ (globalThis).__scorefield;
  return now?.state === 'running' && now.engine === engine;
};

/** The engine that the numbers of a result name. @param {import('playwright-core').Page} page */
const named = (page) => page.locator('.row.a .number', { has: page.locator('dt', { hasText: /^time$/ }) }).locator('small').textContent();

/**
 * Opens a link that asks for WebGPU; the run must be done by the CPU engine, which its numbers name, and the reason be shown.
 * @param {import('playwright-core').Browser} browser
 * @param {RegExp} reason
 * @param {{ url?: string, init?: () => void }} [options]
 */
async function fallsBack(browser, reason, { url = DEV, init } = {}) {
  const { page, errors, requests, close } = await newPage(browser);
  if (init) await page.addInitScript(init);
  await page.goto(`${url}#${LINK}`);
  const state = await done(page, 60_000);
  assert.equal(state.engine, 'cpu');
  assert.match(state.opened?.link ?? '', /engine=webgpu/, 'the link lost what it asked for');
  assert.equal(await named(page), 'CPU');
  const sentence = page.getByText(reason).first();
  await sentence.waitFor();
  assert.doesNotMatch(await sentence.innerText(), /undefined|\[object|Error:|panicked/);
  await close();
  return { errors, requests };
}

describe('without WebGPU', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  before(async () => void (browser = await launch({ webgpu: false })));
  after(() => browser?.close());

  for (const [name, url] of [['the sources', DEV], ['dist', DIST]]) {
    test(`${name}: says so and goes on`, async () => {
      const { errors, requests } = await fallsBack(browser, /WebGPU was asked for, but .*(WebGPU|adapter)/, { url });
      assert.deepEqual(errors, []);
      assert.ok(!requests.some((request) => /webgpu[^/]*\/scorefield/.test(request)), 'the large package was loaded in vain');
    });
  }

  test('an adapter that is there for the page and fails in the worker', { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
    await fallsBack(browser, /WebGPU was asked for, but it did not start/, {
      init: () => {
        const adapter = { features: new Set(['timestamp-query']), info: { isFallbackAdapter: false } };
        Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: async () => adapter }, configurable: true });
      },
    });
  });
});

/** Longer than an adapter or a file is waited for. */
const PATIENCE_MS = 22_000;

/**
 * A page whose worker is given a script before it is asked for anything; the page's clock can be moved on.
 * @param {import('playwright-core').Browser} browser
 * @param {string} script
 * @param {string} [link]
 */
async function meddled(browser, script, link = LINK) {
  const site = await hurt(DEV, [[/\/worker\.js/, { change: (body) => `${body}\n${script}` }]]);
  const { page, errors, close } = await newPage(browser);
  await page.clock.install();
  await page.goto(`${site.url}#${link}`);
  return {
    page, site, errors,
    async close() {
      await close();
      await site.close();
    },
  };
}

test('an adapter that never answers is waited for once, and the CPU engine goes on', async () => {
  const browser = await launch({ webgpu: false });
  const { page, errors } = await newPage(browser);
  await page.clock.install();
  await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: () => new Promise(() => {}) }, configurable: true }));
  await page.goto(`${DEV}#${LINK}`);
  await page.getByText('Waiting for the graphics adapter.', { exact: true }).waitFor();
  await page.clock.runFor(PATIENCE_MS);
  assert.equal((await done(page)).engine, 'cpu');
  await page.getByText('WebGPU was asked for, but the graphics adapter has not answered for 20 s. The CPU engine runs it.').waitFor();
  await page.evaluate(() => void (location.hash = location.hash.replace('seed=0', 'seed=1')));
  await page.waitForFunction(() => {
    const now = /** @type {any} */ (globalThis).__scorefield;
    return now.state === 'done' && now.opened.link.includes('seed=1');
  }, null, { timeout: 15_000 }); // shorter than another wait
  assert.deepEqual(errors, []);
  await browser.close();
});

describe('with a WebGPU adapter', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  before(async () => void (browser = await launch({ webgpu: true })));
  after(() => browser?.close());

  test('one without timestamp-query: says so and goes on', async () => {
    const { errors } = await fallsBack(browser, /WebGPU was asked for, but .*timestamp-query/, {
      init: () => Object.defineProperty(GPUAdapter.prototype, 'features', { get: () => new Set(['float32-filterable']) }),
    });
    assert.deepEqual(errors, []);
  });

  test('asked for and there: the run is done by WebGPU', { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
    for (const url of [DEV, DIST]) {
      const { page, errors, close } = await newPage(browser);
      await page.goto(`${url}#${LINK}`);
      const state = await done(page, 120_000);
      assert.equal(state.engine, 'webgpu');
      assert.equal(await named(page), 'WebGPU, fused kernel');
      assert.ok(state.fingerprint);
      assert.deepEqual(errors, []);
      await close();
    }
  });

  /** Nothing comes from the device before a message on the channel "go". */
  const HELD = `const map = GPUBuffer.prototype.mapAsync;
    const go = new Promise((resolve) => { new BroadcastChannel('go').onmessage = resolve; });
    GPUBuffer.prototype.mapAsync = function (...how) { return go.then(() => map.apply(this, how)); };`;
  const release = () => new BroadcastChannel('go').postMessage(null);

  test('chains are done by WebGPU, and their numbers say by which of its ways', { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
    for (const [keys, way] of [['', 'fused kernel'], ['&guidance=dps', 'tensor operations']]) {
      const { page, errors, close } = await newPage(browser);
      await page.goto(`${DEV}#lab=lgssm&n=20&steps=5&engine=webgpu&seed=0${keys}`);
      const state = await done(page, 120_000);
      assert.equal(state.engine, 'webgpu');
      assert.equal(await named(page), `WebGPU, ${way}`);
      assert.deepEqual(errors, []);
      await close();
    }
  });

  test('a device that never comes: the CPU engine goes on, and WebGPU can be tried again', { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
    const { page, site, close } = await meddled(browser, 'GPUAdapter.prototype.requestDevice = () => new Promise(() => {});');
    await page.getByText('Waiting for the graphics adapter.', { exact: true }).waitFor({ timeout: 60_000 });
    await page.clock.runFor(PATIENCE_MS);
    assert.equal((await done(page)).engine, 'cpu');
    await page.getByText('WebGPU was asked for, but it did not start (the graphics adapter has not answered for 20 s). The CPU engine runs it.').waitFor();
    site.wounds.length = 0;
    await page.getByRole('button', { name: 'Try WebGPU again' }).click();
    await page.waitForFunction(() => {
      const now = /** @type {any} */ (globalThis).__scorefield;
      return now.state === 'done' && now.engine === 'webgpu';
    }, null, { timeout: 120_000 });
    await close();
  });

  test('a damaged WebGPU package is named and not loaded again with every edit', { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
    const site = await hurt(DEV, [[/webgpu\/scorefield_bg\.wasm$/, { cut: 1_000_000 }]]);
    const { page, close } = await newPage(browser);
    await page.goto(`${site.url}#${LINK}`);
    assert.equal((await done(page, 60_000)).engine, 'cpu');
    await page.getByText(/^WebGPU was asked for, but it did not start \(pkg\/webgpu\/scorefield_bg\.wasm was cut off after [\d,]+ of [\d,]+ bytes\)\. The CPU engine runs it\.$/).waitFor();
    await page.evaluate(() => void (location.hash = location.hash.replace('seed=0', 'seed=1')));
    await page.waitForFunction(() => {
      const now = /** @type {any} */ (globalThis).__scorefield;
      return now.state === 'done' && now.opened.link.includes('seed=1');
    });
    assert.equal(site.asked.filter((path) => path.endsWith('webgpu/scorefield_bg.wasm')).length, 1);
    await close();
    await site.close();
  });

  test('the first run says that shaders are compiled, and for how long, until its first piece has come', { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
    const { page, errors, close } = await meddled(browser, HELD);
    const words = page.getByText(/^Compiling shaders for the graphics card: \d+ s so far/);
    await words.waitFor({ timeout: 60_000 });
    const before = Number(/\d+/.exec(await words.innerText())?.[0]);
    await page.clock.runFor(4000);
    assert.ok(Number(/\d+/.exec(await words.innerText())?.[0]) >= before + 3);
    assert.equal(await page.getByText(/^Sampling .*step 0 of/).count(), 0);
    await page.evaluate(release);
    assert.equal((await done(page, 120_000)).engine, 'webgpu');
    assert.equal(await words.count(), 0);
    assert.deepEqual(errors, []);
    await close();
  });

  test('a run that is cancelled while shaders are compiled stays cancelled', { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
    const { page, errors, close } = await meddled(browser, HELD);
    await page.getByText(/^Compiling shaders for the graphics card/).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.clock.runFor(8000);
    await page.getByText(/^Cancelled at step 0 of 20/).waitFor();
    assert.equal((await handle(page)).engine, 'webgpu', 'it was started again');
    assert.equal(await page.getByText(/did not answer|goes on with the CPU engine/).count(), 0);
    await page.evaluate(release);
    assert.deepEqual(errors, []);
    await close();
  });

  test('a sweep on WebGPU says that shaders are compiled until its first point has come', { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
    const { page, close } = await meddled(browser, `${HELD} ops.run = () => {};`, LINK.replace('n=512', 'n=100000&view=sweep')); // a sweep that lasts longer than a look at it
    const words = page.getByText(/^Compiling shaders for the graphics card: \d+ s so far/);
    await words.first().waitFor({ timeout: 60_000 });
    assert.equal(await page.getByText(/^Sweeping N: 0 of/).count(), 0);
    await page.evaluate(release);
    await page.getByText(/^Sweeping N: [1-9]\d* of/).waitFor({ timeout: 120_000 });
    await close();
  });

  test('a graphics process that crashes in the middle of a run', { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
    const own = await launch({ webgpu: true });
    const { page, errors } = await newPage(own);
    await page.goto(`${DEV}#${LONG}`);
    await page.waitForFunction(running, 'webgpu', { timeout: 120_000 });
    const devtools = await own.newBrowserCDPSession();
    await devtools.send('Browser.crashGpuProcess');
    await page.waitForFunction(running, 'cpu');
    const words = await page.getByText(/WebGPU stopped: .*goes on with the CPU engine/s).innerText();
    assert.doesNotMatch(words, /Backtrace|Caused by|poisoned/, 'this is no plain sentence');
    assert.deepEqual(errors, []);
    await own.close();
  });

  test('a worker that dies in the middle of a run', { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
    const { page, close } = await newPage(browser);
    await page.addInitScript(() => {
      const workers = /** @type {Worker[]} */ (/** @type {any} */ (globalThis).workers = []);
      const Original = Worker;
      globalThis.Worker = class extends Original {
        /** @param {string|URL} url @param {WorkerOptions} [options] */
        constructor(url, options) {
          super(url, options);
          workers.push(this);
        }
      };
    });
    await page.goto(`${DEV}#${LONG}`);
    await page.waitForFunction(running, 'webgpu', { timeout: 120_000 });
    await page.evaluate(() => {
      const worker = /** @type {any} */ (globalThis).workers.at(-1);
      worker.terminate();
      worker.dispatchEvent(new ErrorEvent('error', { message: 'device lost' }));
    });
    await page.waitForFunction(running, 'cpu');
    await page.getByText(/WebGPU stopped: .*goes on with the CPU engine/s).waitFor();
    await close();
  });
});
