// The messages of the page while its first files load, and when one of them fails: each failure has its own sentence
// and a way to continue.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { DEV, DIST, done, launch, newPage } from './browser.js';
import { PATIENCE_MS, again, alone, flipped, hurt, told, wait } from './hurt.js';

/** @typedef {import('./hurt.js').Wound} Wound */

const LINK = '#v=1&lab=toy1d&n=500&steps=20&engine=cpu&seed=0';
const WASM = /\/cpu[^/]*\/scorefield_bg\.wasm$/;
const JS = /\/cpu[^/]*\/scorefield\.js$/;
const LIST = /\/cpu[^/]*\/files\.json$/;
const WORKER = /\/worker\.js$/;
const MAIN = /\/main\.js$/;

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/**
 * Opens the page with hurt files; its own clock runs on where something is waited for.
 * @param {string} url
 * @param {[RegExp, Wound][]} wounds
 * @param {{ query?: string, init?: () => void, clock?: boolean }} [options]
 */
async function open(url, wounds, { query = '', init, clock = false } = {}) {
  const site = await hurt(url, wounds);
  const { page, close } = await newPage(browser);
  if (init) await page.addInitScript(init);
  if (clock) await page.clock.install();
  await page.goto(site.url + query + LINK, { waitUntil: 'commit' });
  return {
    page, site,
    async close() {
      await close();
      await site.close();
    },
  };
}

/** Ways of a file to fail at once. @type {[string, RegExp, Wound, RegExp][]} */
const FAILURES = [
  ['a missing wasm file', WASM, { status: 404 }, /cpu[^/]*\/scorefield_bg\.wasm could not be loaded: the server answered 404/],
  ['a server in trouble', WASM, { status: 503 }, /scorefield_bg\.wasm could not be loaded: the server answered 503/],
  ['a start page in place of the wasm file', WASM, { change: () => '<!doctype html>', type: 'text/html' }, /scorefield_bg\.wasm is not on the server, which sent a web page/],
  ['a wasm file that breaks off', WASM, { cut: 400_000 }, /scorefield_bg\.wasm was cut off after [\d,]+ of [\d,]+ bytes/],
  ['a short wasm file', WASM, { change: (body) => body.subarray(0, 400_000) }, /scorefield_bg\.wasm is cut: 400,000 of [\d,]+ bytes came/],
  ['an empty wasm file', WASM, { change: () => '' }, /scorefield_bg\.wasm is cut: 0 of [\d,]+ bytes came/],
  ['garbage in place of the wasm file', WASM, { change: (body) => body.fill(7) }, /scorefield_bg\.wasm is damaged: .*its checksum is not/],
  ['one bit of the wasm file', WASM, { change: flipped }, /scorefield_bg\.wasm is damaged: its length is right, but its checksum is not/],
  ['a longer wasm file', WASM, { change: (body) => Buffer.concat([body, body]) }, /scorefield_bg\.wasm is not the file that was built: [\d,]+ bytes came/],
  ['a missing package script', JS, { status: 404 }, /cpu[^/]*\/scorefield\.js could not be loaded: the server answered 404/],
  ['one bit of the package script', JS, { change: flipped }, /scorefield\.js is damaged/],
  ['a package script of another type', JS, { type: 'text/plain' }, /scorefield\.js came whole, but this browser does not run it .*The server must send it as text\/javascript/],
  ['a missing list of files', LIST, { status: 404 }, /cpu[^/]*\/files\.json could not be loaded: the server answered 404/],
  ['garbage in place of the list', LIST, { change: () => '{' }, /files\.json is damaged/],
  ['a missing worker', WORKER, { status: 404 }, /www[^/]*\/worker\.js, in which the engine runs, did not start: the server answered 404/],
  ['a start page in place of the worker', WORKER, { change: () => '<!doctype html>', type: 'text/html' }, /worker\.js, .* did not start: the server sent a web page/],
  ['a worker of another type', WORKER, { type: 'application/octet-stream' }, /worker\.js, .* did not start: it came as application\/octet-stream/],
  ['a worker that is cut', WORKER, { change: (body) => body.subarray(0, body.lastIndexOf('}')) }, /worker\.js, .* did not start: the file is there, but/],
  ['a worker that is cut between two statements', WORKER, { change: (body) => body.subarray(0, body.lastIndexOf('self.onmessage')) }, /worker\.js, .* did not start: the file is there, but/],
  ['a missing main script', MAIN, { status: 404 }, /www[^/]*\/main\.js could not be loaded: the server answered 404/],
  ['a main script of another type', MAIN, { type: 'text/plain' }, /main\.js, or a file that it imports, did not come whole or is no script/],
  ['a main script that is cut', MAIN, { change: (body) => body.subarray(0, 3000) }, /main\.js, or a file that it imports, did not come whole|The page stopped while it was starting \(|ended before the page had started/],
  ['an empty main script', MAIN, { change: () => '' }, /main\.js ended before the page had started, so it did not come whole/],
];

for (const [name, url] of [['the sources', DEV], ['dist', DIST]]) {
  describe(name, () => {
    for (const [what, file, wound, words] of FAILURES) {
      test(`${what}: is named, and the next try gives the run`, async () => {
        const { page, site, close } = await open(url, [[file, wound]]);
        await told(page, words);
        await again(page, site);
        await close();
      });
    }

    /** Files that are asked for and never come. @type {[RegExp, RegExp][]} */
    const STALLS = [
      [WASM, /scorefield_bg\.wasm has not come: nothing has arrived for 20 s/],
      [JS, /scorefield\.js has not come: nothing has arrived for 20 s/],
      [LIST, /files\.json has not come: nothing has arrived for 20 s/],
      [WORKER, /worker\.js has not come: nothing has arrived for 20 s/],
      [MAIN, /main\.js( and www\S*\/style\.css)? has not come: nothing has arrived for 20 s/], // the clock of the test hides what has come
    ];
    for (const [file, words] of STALLS) {
      test(`${file.source} that never comes: is named after a while, and the next try gives the run`, async () => {
        const { page, site, close } = await open(url, [[file, { silent: true }]], { clock: true });
        await alone(page, site, file);
        await wait(page, words);
        await told(page, words);
        await again(page, site);
        await close();
      });
    }

    test('a wasm file that stops in the middle: says how much has come', async () => {
      const { page, site, close } = await open(url, [[WASM, { pause: { at: 400_000, until: new Promise(() => {}) } }]], { clock: true });
      await page.getByText(/^Loading the engine: 0\.[3-9] of \d\.\d MB/).waitFor();
      await alone(page, site, WASM);
      await page.clock.runFor(PATIENCE_MS);
      await told(page, /scorefield_bg\.wasm has stopped coming: nothing has arrived for 20 s, after 0\.[3-9] of \d\.\d MB/);
      await close();
    });

    test('a style that never comes does not keep the page empty', async () => {
      /** @type {(v?: unknown) => void} */
      let go = () => {};
      const until = new Promise((resolve) => void (go = resolve));
      const { page, site, close } = await open(url, [[/\/style\.css$/, { pause: { at: 0, until } }]], { clock: true });
      await asked(page, site, /\/style\.css$/);
      await page.clock.runFor(5000);
      const words = page.getByText('style.css has not come, so the page has no layout');
      await words.waitFor();
      assert.ok((await done(page)).fingerprint);
      go();
      await words.waitFor({ state: 'detached' });
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--paper')) !== '', true);
      await close();
    });

    test('an embed says how far the engine has come, in megabytes, and then runs', async () => {
      /** @type {(v?: unknown) => void} */
      let go = () => {};
      const until = new Promise((resolve) => void (go = resolve));
      const { page, close } = await open(url, [[WASM, { pause: { at: 400_000, until } }]], { query: '?embed=1' });
      const words = page.getByText(/^Loading the engine: 0\.[3-9] of \d\.\d MB/);
      await words.waitFor();
      assert.ok(await words.isVisible());
      go();
      assert.ok((await done(page)).fingerprint);
      await close();
    });
  });
}

/** Until a file has been asked for. @param {import('playwright-core').Page} page @param {{ asked: string[] }} site @param {RegExp} file */
async function asked(page, site, file) {
  while (!site.asked.some((path) => file.test(path))) await page.waitForTimeout(20);
}

test('the page says from the first second that it is loading, before any script has come', async () => {
  const { page, close } = await open(DEV, [[MAIN, { silent: true }]], { clock: true });
  await page.getByText('Loading the page.', { exact: true }).waitFor();
  await page.clock.runFor(1500);
  await page.getByText(/^Loading the page: [12] s\.$/).waitFor();
  await close();
});

test('a slow file that comes piece by piece is waited for', async () => {
  /** @type {(v?: unknown) => void} */
  let go = () => {};
  const until = new Promise((resolve) => void (go = resolve));
  const { page, close } = await open(DEV, [[WASM, { pause: { at: 400_000, until } }], [JS, { silent: true }]], { clock: true });
  await page.getByText(/^Loading the engine: 0\.[3-9]/).waitFor();
  await page.clock.runFor(15_000);
  await page.getByText(/^Loading the engine: .*nothing for 1\d s/).waitFor();
  go();
  const whole = (statSync('pkg/cpu/scorefield_bg.wasm').size / 1e6).toFixed(1).replace('.', '\\.');
  await page.getByText(new RegExp(`^Loading the engine: ${whole}(?! of| MB, nothing)`)).waitFor(); // what comes for one file counts for all
  await page.clock.runFor(15_000);
  assert.equal(await page.getByRole('alert').filter({ hasText: 'has not come' }).count(), 0);
  await page.clock.runFor(8_000);
  await told(page, /scorefield\.js has not come/);
  await close();
});

test('a module inside the sources that is missing is named', async () => {
  const { page, close } = await open(DEV, [[/\/store\.js$/, { status: 404 }]]);
  await told(page, /www\/app\/store\.js could not be loaded: the server answered 404/);
  await close();
});

test('a script that fails while it starts says so in place of waiting for ever', async () => {
  const { page, close } = await open(DEV, [], { init: () => Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined }) });
  await told(page, /The page stopped while it was starting \(.*IntersectionObserver/);
  await close();
});

test('a failure without a message is told in words, with its place where the browser names one', async () => {
  const bare = await open(DEV, [[MAIN, { change: () => "dispatchEvent(new Event('error'));" }]]);
  await told(bare.page, /The page stopped while it was starting \(the browser names no reason\)\./);
  await bare.close();
  const placed = await open(DEV, [[MAIN, { change: () => '\n\nthrow new Error("broken");' }]]);
  await told(placed.page, /The page stopped while it was starting \(.*broken, www\/main\.js line 3\)\./);
  await placed.close();
});

test('a damaged network is named with what to do, and the next try passes over the cache', async () => {
  const site = await hurt(DEV, [[/\.bpk/, { change: flipped, keep: true }]]);
  const { page, close } = await newPage(browser);
  await page.goto(`${site.url}#v=1&lab=toy1d&process=edm&sampler=heun&steps=18&score=net&n=500&engine=cpu&seed=1`);
  await told(page, /nets\/uniform\.bpk is damaged: .*Try again, or choose another score\./);
  await again(page, site);
  await close();
  await site.close();
});

/** What a browser may lack. @type {[string, () => void, RegExp][]} */
const LACKS = [
  ['workers', () => Object.defineProperty(globalThis, 'Worker', { value: undefined }), /runs in a worker, and this browser starts none here/],
];
for (const [what, init, words] of LACKS) {
  test(`a browser without ${what}: says so`, async () => {
    const { page, close } = await open(DEV, [], { init });
    await told(page, words);
    await close();
  });
}

/** What a worker may lack, put before its script. @type {[string, string, RegExp][]} */
const WORKER_LACKS = [
  ['WebAssembly', 'delete globalThis.WebAssembly;', /This browser has no WebAssembly, in which the engine is written/],
  ['SIMD', 'WebAssembly.validate = () => false;', /This browser has no SIMD in WebAssembly, which the engine needs.*Safari from 16\.4/],
  ['memory', 'WebAssembly.instantiate = async () => { throw new RangeError("WebAssembly.Memory(): could not allocate memory"); };', /scorefield_bg\.wasm came whole, but this browser does not run it \(.*could not allocate memory/],
];
for (const [what, script, words] of WORKER_LACKS) {
  test(`a browser without ${what}: says so, and blames no file`, async () => {
    const { page, close } = await open(DEV, [[WORKER, { change: (body) => `${body}\n${script}` }]]);
    await told(page, words);
    await close();
  });
}

test('a damaged file in a cache is passed over by the next try', async () => {
  const { page, site, close } = await open(DEV, [[WASM, { change: flipped, keep: true }]]);
  await told(page, /is damaged/);
  await again(page, site);
  await close();
});

test('a network that never comes: is named, and the engine stays', async () => {
  const site = await hurt(DEV, [[/\.bpk/, { silent: true }]]);
  const { page, close } = await newPage(browser);
  await page.clock.install();
  await page.goto(`${site.url}#v=1&lab=toy1d&process=edm&sampler=heun&steps=18&score=net&n=500&engine=cpu&seed=1`);
  await alone(page, site, /\.bpk/);
  await page.clock.runFor(2000);
  await page.getByText(/^Loading the network nets\/uniform\.bpk: /).waitFor();
  await page.clock.runFor(PATIENCE_MS);
  await told(page, /nets\/uniform\.bpk has not come: nothing has arrived for 20 s\. Try again, or choose another score/);
  const workers = site.asked.filter((path) => WORKER.test(path)).length;
  await again(page, site);
  assert.equal(site.asked.filter((path) => WORKER.test(path)).length, workers, 'the engine was started afresh');
  await close();
  await site.close();
});
