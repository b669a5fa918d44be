// Where WebGPU is missing, lacks what the engine needs, fails to start or is lost in the middle of a
// run: a plain sentence, and the CPU engine goes on.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DEV, DIST, WEBGPU, done, launch, newPage } from './browser.js';

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

/**
 * Opens a link that asks for WebGPU; the run must be done by the CPU engine and the reason be shown.
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
      assert.ok(state.fingerprint);
      assert.deepEqual(errors, []);
      await close();
    }
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
