// A thousand runs, one after the other in one page: neither the page nor the worker keeps anything of those that are over.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, launch, newPage } from './browser.js';

const WARM = 200; // runs until caches are full and all code is compiled
const RUNS = 1000;
const MORE = 1.5e6; // bytes that a page may have grown: less than two kilobytes a run, which is less than its frames

/** Bytes: of the objects, of their buffers, and of the memory of the engine. @typedef {{ objects: number, buffers: number, engine: number }} Memory */
/** Sends to a page or a worker. @typedef {(method: string, params?: object) => Promise<any>} Send */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** Opens links of the seeds from … to, each once the run of the one before is done. @param {import('playwright-core').Page} page @param {number[]} seeds */
const run = (page, [from, to]) => page.evaluate(async ([first, last]) => {
  const own = /** @type {any} */ (globalThis);
  for (let seed = first; seed < last; seed++) {
    location.hash = `#v=1&lab=toy1d&steps=4&n=200&seed=${seed}`;
    const is = () => own.__scorefield.state === 'done' && own.__scorefield.opened.link.endsWith(`seed=${seed}`);
    while (!is()) await new Promise(requestAnimationFrame);
  }
}, [from, to]);

test('memory stays the same over a thousand runs', async (t) => {
  const { page, errors, close } = await newPage(browser, { reducedMotion: 'reduce' }); // no playback between the runs
  await page.goto(DEV);
  await done(page);
  const devtools = await page.context().newCDPSession(page);
  const worker = await inWorker(devtools);
  const own = /** @type {Send} */ ((method, params) => devtools.send(/** @type {any} */ (method), /** @type {any} */ (params)));
  const memory = async () => ({ page: await used(own), worker: await used(worker) });
  await run(page, [1, WARM]);
  const first = await memory();
  await run(page, [WARM, WARM + RUNS]);
  const last = await memory();
  for (const where of /** @type {const} */ (['page', 'worker'])) {
    for (const what of /** @type {const} */ (['objects', 'buffers', 'engine'])) {
      const [before, now] = [first[where][what], last[where][what]];
      t.diagnostic(`${where}, ${what}: ${before} bytes, and ${now - before} more after ${RUNS} runs`);
      assert.ok(now - before < MORE, `${what} of the ${where} have grown by ${now - before} bytes`);
    }
  }
  assert.ok(first.worker.engine > 0, 'the memory of the engine was found');
  assert.deepEqual(errors, []);
  await close();
});

/** What is in use once nothing is left to be collected. @param {Send} send @returns {Promise<Memory>} */
async function used(send) {
  await send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize } = await send('Runtime.getHeapUsage');
  const { result: prototype } = await send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' });
  const { objects } = await send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
  const { result: engine } = await send('Runtime.callFunctionOn', {
    objectId: objects.objectId, returnByValue: true,
    functionDeclaration: 'function () { return this.reduce((all, { buffer }) => all + buffer.byteLength, 0); }',
  });
  return { objects: usedSize, buffers: backingStorageSize, engine: engine.value };
}

/** Sends to the first worker of a page. @param {import('playwright-core').CDPSession} devtools */
async function inWorker(devtools) {
  /** @type {Map<number, (value: any) => void>} */
  const open = new Map();
  const attached = /** @type {Promise<string>} */ (new Promise((found) => {
    devtools.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => targetInfo.type === 'worker' && found(sessionId));
  }));
  devtools.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message);
    open.get(id)?.(result);
  });
  await devtools.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const sessionId = await attached;
  let last = 0;
  return /** @type {Send} */ ((method, params) => {
    const id = ++last;
    const answer = new Promise((resolve) => void open.set(id, resolve));
    devtools.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method, params }) });
    return answer;
  });
}
