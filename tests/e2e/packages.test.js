// The labs that a package of their own computes: it comes when a link of one of them is opened, and not before; each way to fail has its
// own sentence, and leaves the other labs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { DEV, DIST, done, handle, launch, newPage } from './browser.js';
import { again, alone, flipped, hurt, told, wait } from './hurt.js';
import init, { Experiment, open_link, other_package } from '../../pkg/cpu/scorefield.js';

const LINK = '#v=1&lab=filter&method=enkf&n=50&cycles=5&engine=cpu&seed=3';
const FIRST = '#v=1&lab=toy1d&n=500&steps=20&engine=cpu&seed=0';
const WASM = /\/systems[^/]*\/scorefield_bg\.wasm$/;
const JS = /\/systems[^/]*\/scorefield\.js(\?\d+)?$/;
const LIST = /\/systems[^/]*\/files\.json$/;
const WORKER = /\/worker\.js$/;
const WAITING = /^(Loading|Starting) the/;

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch({ webgpu: false });
  await init({ module_or_path: new WebAssembly.Module(readFileSync(new URL('../../pkg/cpu/scorefield_bg.wasm', import.meta.url))) });
});
after(() => browser?.close());

/** @typedef {import('./hurt.js').Wound} Wound */

/**
 * Opens the page with hurt files.
 * @param {string} url @param {[RegExp, Wound][]} wounds @param {string} link
 */
async function open(url, wounds, link) {
  const site = await hurt(url, wounds);
  const own = await newPage(browser);
  return {
    ...own, site,
    go: () => own.page.goto(site.url + link, { waitUntil: 'commit' }),
    async close() {
      await own.close();
      await site.close();
    },
  };
}

/** Nothing of the lab before stands beside what has failed. @param {import('playwright-core').Page} page */
async function bare(page) {
  assert.equal(await page.locator('#transport').isVisible(), false, 'the playback of the lab before');
  assert.equal(await page.locator('#plot canvas').count(), 0, 'its picture');
  assert.equal(await page.locator('#words').innerText(), '');
  assert.match(await page.title(), /EnKF/);
}

test('the page knows the package of every lab, which the first package says', async () => {
  const list = new URL('../../www/labs/index.js', import.meta.url).href;
  const { LABS } = await import(list);
  assert.ok(LABS.length > 3);
  for (const { id, package: own } of LABS) assert.equal(other_package(`lab=${id}`), own, id);
});

test('the first package reads, repairs and edits the links of every lab, and says which package computes them', () => {
  assert.equal(other_package(LINK.slice(1)), 'systems');
  assert.equal(other_package(FIRST.slice(1)), undefined);
  assert.equal(open_link('lab=filter&method=letkf&model=lorenz96').a.title, 'Lorenz-96 · LETKF · N = 100');
  assert.throws(() => new Experiment(LINK.slice(1)), (/** @type {any} */ e) => /“Filters” is computed by the package `systems`/.test(e.message));
});

for (const [name, url] of [['the sources', DEV], ['dist', DIST]]) {
  describe(name, () => {
    test('a package of other labs comes once, when one of them is opened', async () => {
      const { page, site, errors, go, close } = await open(url, [], FIRST);
      await go();
      await done(page);
      const count = () => site.asked.filter((path) => WASM.test(path)).length;
      assert.equal(count(), 0, 'it came with the first lab');
      for (const link of [LINK, FIRST, LINK.replace('seed=3', 'seed=4')]) {
        await page.goto(site.url + link);
        const lab = /lab=\w+/.exec(link)?.[0];
        const seed = /seed=\d+/.exec(link)?.[0];
        await page.waitForFunction((words) => words.every((w) => /** @type {any} */ (globalThis).__scorefield.opened?.link.includes(w)), [lab, seed]);
        assert.ok((await done(page)).fingerprint);
        assert.equal(count(), 1);
      }
      assert.deepEqual(errors, []);
      await close();
    });

    /** Ways of a file to fail at once. @type {[string, RegExp, Wound, RegExp][]} */
    const FAILURES = [
      ['a missing wasm file', WASM, { status: 404 }, /systems[^/]*\/scorefield_bg\.wasm could not be loaded: the server answered 404/],
      ['one bit of the wasm file, kept in a cache', WASM, { change: flipped, keep: true }, /scorefield_bg\.wasm is damaged: its length is right/],
      ['a wasm file that breaks off', WASM, { cut: 300_000 }, /scorefield_bg\.wasm was cut off after [\d,]+ of [\d,]+ bytes/],
      ['a package script of another type', JS, { type: 'text/plain' }, /systems[^/]*\/scorefield\.js came whole, but this browser does not run it/],
      ['a missing list of files', LIST, { status: 404 }, /systems[^/]*\/files\.json could not be loaded: the server answered 404/],
    ];
    for (const [what, file, wound, words] of FAILURES) {
      test(`${what}: is named, the other labs stay, and the next try gives the run`, async () => {
        const { page, site, go, close } = await open(url, [[file, wound]], LINK);
        await go();
        await told(page, words, WAITING);
        const workers = site.asked.filter((path) => WORKER.test(path)).length;
        await page.goto(site.url + FIRST);
        await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.opened?.link.includes('lab=toy1d'));
        assert.ok((await done(page)).fingerprint);
        await page.goto(site.url + LINK);
        await told(page, words, WAITING);
        await bare(page);
        await again(page, site);
        assert.equal(site.asked.filter((path) => WORKER.test(path)).length, workers, 'the engine was started afresh');
        await close();
      });
    }

    test('the page says how far the package has come', async () => {
      /** @type {(v?: unknown) => void} */
      let come = () => {};
      const until = new Promise((resolve) => void (come = resolve));
      const { page, go, close } = await open(url, [[WASM, { pause: { at: 300_000, until } }]], LINK);
      await go();
      await page.getByText(/^Loading the engine of this lab: 0\.3 of 0\.\d MB/).waitFor();
      come();
      assert.ok((await done(page)).fingerprint);
      assert.equal(await page.getByText(/^Loading the/).filter({ visible: true }).count(), 0);
      await close();
    });
  });
}

test('a package that never comes: is named after a while, and the engine stays', async () => {
  const { page, site, go, close } = await open(DEV, [[WASM, { silent: true }]], LINK);
  await page.clock.install();
  await go();
  await page.getByText(/^Loading the engine of this lab/).waitFor(); // the engine itself is there
  await alone(page, site, WASM);
  await wait(page, /pkg\/systems\/scorefield_bg\.wasm has not come: nothing has arrived for 20 s/);
  await told(page, /pkg\/systems\/scorefield_bg\.wasm has not come: nothing has arrived for 20 s/, WAITING);
  const workers = site.asked.filter((path) => WORKER.test(path)).length;
  await again(page, site);
  assert.equal(site.asked.filter((path) => WORKER.test(path)).length, workers, 'the engine was started afresh');
  await close();
});

test('a page that was built without the package says so', async () => {
  const { page, go, close } = await open(DEV, [[/\/$/, { change: (body) => String(body).replace(/ data-systems[\w-]*="[^"]*"/g, ''), type: 'text/html' }]], LINK);
  await go();
  await told(page, /This page was built without the package “systems”, which this lab needs\./);
  await close();
});

test('a sandboxed embed loads the package of its link', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.setContent(`<!doctype html><title>Notes</title><iframe src="${DIST}?embed=1${LINK}" title="Scorefield" sandbox="allow-scripts" width="600" height="480"></iframe>`);
  const frame = page.frames()[1];
  assert.ok((await done(frame)).fingerprint);
  assert.equal((await handle(frame)).engine, 'cpu');
  assert.deepEqual(errors, []);
  await close();
});
