// The engine of a run that names none: the one that is expected to be faster by what was measured on this device, with the reason; a link
// that names one, or that has a result to compare with, decides itself.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { calibrate } from '../../www/engine/calibrate.js';
import { cardOf, choose, expected, paceOf } from '../../www/engine/choice.js';
import { Engines } from '../../www/engine/engines.js';
import { Measured } from '../../www/engine/measured.js';
import { CLI, DEV, WEBGPU, done, launch, newPage } from './browser.js';

/** A device: 17 ns a unit on the CPU; a card that takes a second to start, 2 ms a step and 0.1 ns a unit. */
const DEVICE = { cpu: 17e-6, webgpu: { start: 1000, step: 2, unit: 1e-7 } };

test('what a run takes is its price at the pace of each engine, with the start of WebGPU where it is the first of its kind', () => {
  const run = { price: 1e9, steps: 100, workers: 1, begun: false };
  assert.deepEqual(expected(DEVICE, run), { cpu: 17_000, webgpu: 1000 + 200 + 100 });
  assert.deepEqual(expected(DEVICE, { ...run, begun: true, workers: 4 }), { cpu: 4250, webgpu: 300 });
  assert.equal(expected(DEVICE, { ...run, price: 4e7, workers: 4 }).cpu, 500, 'the first half second is on one worker');
});

test('the faster engine is chosen, and the reason has both times', () => {
  const choice = (/** @type {number} */ price, begun = false) => choose(DEVICE, { price, steps: 100, workers: 1, begun });
  assert.deepEqual(choice(1e9), { engine: 'webgpu', reason: '1.3 s expected with its start, CPU 17 s' });
  assert.deepEqual(choice(1e9, true), { engine: 'webgpu', reason: '0.3 s expected, CPU 17 s' });
  assert.deepEqual(choice(2e7), { engine: 'cpu', reason: '0.3 s expected, WebGPU 1.2 s with its start' });
  assert.deepEqual(choice(2e7, true), { engine: 'cpu', reason: '0.3 s expected, WebGPU 0.2 s' }, 'it is over before another could help');
  assert.equal(choice(8e7).engine, 'cpu', 'nearly as fast is not faster');
});

test('three runs say what a card takes: its start, a step, a unit', () => {
  const [few, many] = [1e4, 1e6];
  const ms = (/** @type {number} */ price) => 20 * 3 + price * 1e-5;
  const card = cardOf({ ms: 700 + ms(few), price: few, steps: 20 }, { ms: ms(few), price: few, steps: 20 }, { ms: ms(many), price: many, steps: 20 });
  for (const [name, value] of /** @type {const} */ ([['start', 700], ['step', 3], ['unit', 1e-5]])) assert.ok(Math.abs(card[name] / value - 1) < 1e-9, name);
  const still = cardOf({ ms: 5, price: few, steps: 20 }, { ms: 9, price: few, steps: 20 }, { ms: 9, price: many, steps: 20 });
  assert.ok(still.unit > 0 && still.start === 0 && still.step > 0, 'a clock that stood still costs nothing');
  assert.equal(paceOf({ ms: 17, price: 1e6, steps: 20 }), 17e-6);
});

/** A storage in memory. @param {string|null} [text] */
function memory(text = null) {
  const kept = { text };
  const storage = () => /** @type {Storage} */ (/** @type {unknown} */ ({
    getItem: () => kept.text,
    setItem: (/** @type {string} */ _, /** @type {string} */ v) => void (kept.text = v),
  }));
  return { kept, storage };
}

test('what was measured is there at the next visit, but not for another build', () => {
  const { storage } = memory();
  const visit = (/** @type {string} */ build, /** @type {string} */ adapter) => {
    const measured = new Measured(build, storage);
    measured.on(adapter);
    return measured;
  };
  visit('one', 'a card').keep(DEVICE);
  const again = visit('one', 'a card');
  assert.deepEqual({ cpu: again.cpu, webgpu: again.webgpu }, DEVICE);
  const other = visit('two', 'a card');
  assert.deepEqual([other.cpu, other.webgpu], [null, null]);
});

test('what was measured of an adapter holds for that one alone, and a few are kept', () => {
  const { kept, storage } = memory();
  const visit = (/** @type {string} */ adapter) => {
    const measured = new Measured('one', storage);
    assert.equal(measured.webgpu, null, 'before the adapter is known nothing is');
    measured.on(adapter);
    return measured;
  };
  const card = (/** @type {number} */ start) => ({ ...DEVICE.webgpu, start });
  visit('first').keep({ cpu: DEVICE.cpu, webgpu: card(1) });
  const second = visit('second');
  assert.deepEqual([second.cpu, second.webgpu], [DEVICE.cpu, null], 'the pace of the CPU does not depend on the card');
  second.keep({ webgpu: card(2) });
  assert.equal(visit('first').webgpu?.start, 1);
  assert.equal(visit('second').webgpu?.start, 2);
  second.keep({ cpu: 2e-5 });
  assert.equal(visit('first').webgpu?.start, 1, 'a run on the CPU forgets no card');
  for (const [i, name] of ['third', 'fourth', 'fifth'].entries()) visit(name).keep({ webgpu: card(3 + i) });
  assert.equal(JSON.parse(kept.text ?? '').cards.length, 4);
  assert.equal(visit('fifth').webgpu?.start, 5);
});

test('kept values that cannot be are not believed, and no storage is no fault', () => {
  for (const text of ['', '{', '7', 'null', '[]', '{"build":"one","cpu":"fast","webgpu":[1,2,3]}', '{"build":"one","cpu":1e-30,"webgpu":{"start":1,"step":-1,"unit":1e-6}}',
    '{"build":"one","cpu":null,"cards":[["",{"start":1e99,"step":1,"unit":1e-6}],7,[{}]]}', '{"build":"one","cards":{"length":3}}']) {
    const read = new Measured('one', memory(text).storage);
    read.on('');
    assert.deepEqual([read.cpu, read.webgpu], [null, null], text);
  }
  const without = new Measured('one', () => { throw new Error('a sandboxed frame'); });
  without.keep({ cpu: 2e-5 });
  without.keep({ cpu: NaN, webgpu: { start: 0, step: NaN, unit: 1 } });
  assert.deepEqual([without.cpu, without.webgpu], [2e-5, null]);
});

/** Engines on which WebGPU is ready. @param {Partial<typeof DEVICE>} known */
function engines(known) {
  const measured = new Measured('one', memory().storage);
  measured.keep(known);
  const made = new Engines(/** @type {any} */ ({ pool: { most: 0 } }), () => {}, measured);
  made.ready = true;
  return made;
}

test('a link that names an engine decides, one with a fingerprint stays on the CPU, and without a measure nothing is guessed', async () => {
  const run = { lab: 'stub', evaluations: 1e9, steps: 100, proved: false, kind: 'k', price: async () => 1e9 };
  assert.deepEqual(await engines(DEVICE).pick('cpu', run), { engine: 'cpu', reason: 'chosen in the link' });
  assert.deepEqual(await engines(DEVICE).pick('webgpu', { ...run, proved: true }), { engine: 'webgpu', reason: 'chosen in the link' });
  assert.deepEqual(await engines(DEVICE).pick('auto', { ...run, proved: true }), { engine: 'cpu', reason: 'the link has a result to compare with' });
  assert.deepEqual(await engines(DEVICE).pick('auto', run), { engine: 'webgpu', reason: '1.3 s expected with its start, CPU 17 s', price: 1e9 }, 'with the price: it is asked for once');
  const small = { ...run, evaluations: 9999, price: () => assert.fail('a small run waits for no price') };
  assert.deepEqual(await engines(DEVICE).pick('auto', small), { engine: 'cpu', reason: 'small run' });
  assert.deepEqual(await engines({ cpu: 1e-5 }).pick('auto', run), { engine: 'cpu', reason: 'WebGPU is not measured yet' });
  assert.equal((await engines(DEVICE).pick('auto', { ...run, price: () => Promise.reject(new Error('not trained')) })).reason, 'its price is not known');
  const other = engines(DEVICE);
  other.isTimed = (lab) => lab !== 'stub';
  assert.deepEqual(await other.pick('auto', run), { engine: 'cpu', reason: 'WebGPU only if you choose it' });
  assert.equal((await other.pick('auto', { ...run, lab: 'toy2d' })).engine, 'webgpu');
  const begun = engines(DEVICE);
  begun.begun.add('k');
  assert.equal((await begun.pick('auto', run)).reason, '0.3 s expected, CPU 17 s');
});

/**
 * A client whose runs take what a device would.
 * @param {{ cold: boolean, ran: string[] }} state
 */
const clientOf = (state) => /** @type {any} */ ({
  price: 0,
  run(/** @type {string} */ kind, /** @type {string} */ link, /** @type {string} */ _, /** @type {any} */ listener) {
    const price = Number(/&n=(\d+)/.exec(link)?.[1]) * 100;
    const ms = kind === 'cpu' ? price * 2e-5 : (state.cold ? 900 : 0) + 20 * 2 + price * 1e-6;
    if (kind === 'webgpu') state.cold = false;
    state.ran.push(kind);
    this.price = price;
    queueMicrotask(() => listener.done(ms));
    return state.ran.length;
  },
  askRun() { return Promise.resolve(this.price); },
  drop() {},
});

test('both engines are measured while the page is quiet; what something else disturbed is measured again', async () => {
  const state = { cold: true, ran: /** @type {string[]} */ ([]) };
  const measured = new Measured('one', memory().storage);
  let waited = 0;
  const link = (/** @type {number} */ n, /** @type {number} */ steps) => `lab=stub&n=${n}&steps=${steps}&seed=0`;
  await calibrate(clientOf(state), measured, { wait: async () => void waited++, isQuiet: () => waited > 2, link });
  assert.ok(Math.abs((measured.cpu ?? 0) / 2e-5 - 1) < 1e-9);
  const { start, step, unit } = measured.webgpu ?? { start: NaN, step: NaN, unit: NaN };
  assert.ok(Math.abs(start - 900) < 1e-6 && Math.abs(step - 2) < 1e-6 && Math.abs(unit / 1e-6 - 1) < 1e-6, `${start} ${step} ${unit}`);
  assert.deepEqual(state.ran, ['cpu', 'cpu', 'webgpu', 'webgpu', 'webgpu', 'cpu', 'cpu', 'webgpu', 'webgpu']);
  await calibrate(clientOf(state), measured, { wait: async () => void waited++, isQuiet: () => true, link });
  assert.equal(state.ran.length, 9, 'what is known is not measured again');
});

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: WEBGPU })));
after(() => browser?.close());

test('the pace of the CPU is kept from run to run, and broken values do no harm', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.addInitScript(() => void localStorage.setItem('scorefield-engines', '{"build":{},"cpu":"x"'));
  await page.goto(`${DEV}#lab=toy2d&target=moons&n=20000&steps=100&at=1&engine=cpu&seed=0`);
  await done(page, 60_000);
  const kept = await page.waitForFunction(() => {
    try {
      return JSON.parse(localStorage.getItem('scorefield-engines') ?? '').cpu;
    } catch {
      return null;
    }
  });
  assert.ok(Number(await kept.jsonValue()) > 0);
  assert.deepEqual(errors, []);
  await close();
});

test('the run by which engines are timed is a link that opens', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&n=100&at=1&seed=0`);
  const link = await page.evaluate(async (file) => (await import(file)).timedLink(100, 20), '/www/labs/index.js');
  await close();
  const { metrics } = JSON.parse(execFileSync(CLI, ['run', link], { encoding: 'utf8' }));
  assert.ok(Number.isFinite(metrics.sliced_w2));
});

/** Waits until the link with this seed is done. @param {import('playwright-core').Page} page @param {string} seed */
async function ran(page, seed) {
  await page.waitForFunction((text) => {
    const now = /** @type {any} */ (globalThis).__scorefield;
    return now?.state === 'done' && now.opened.link.includes(text);
  }, `seed=${seed}`, { timeout: 120_000, polling: 50 });
  return page.evaluate(() => {
    const { engine, reason, fingerprint } = /** @type {any} */ (globalThis).__scorefield;
    return { engine, reason, fingerprint };
  });
}

test('in the page, the engine of an imagined device: the faster one runs and says why', { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
  const { page, errors, close } = await newPage(browser);
  const link = 'lab=toy1d&n=2000&steps=10&at=1';
  const go = (/** @type {string} */ rest) => page.evaluate((to) => void (location.hash = to), `${link}&${rest}`);
  await page.goto(`${DEV}#lab=toy2d&target=moons&n=20000&steps=100&at=1&engine=cpu&seed=0`);
  await ran(page, '0');
  await page.waitForFunction(() => localStorage.getItem('scorefield-engines') !== null);
  await page.evaluate((to) => void (location.hash = to), `${link}&engine=webgpu&seed=9`);
  assert.equal((await ran(page, '9')).engine, 'webgpu');
  const adapter = await page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.adapter);
  /** @param {typeof DEVICE} device */
  const imagine = async (device) => {
    await page.evaluate((what) => {
      const { build } = JSON.parse(localStorage.getItem('scorefield-engines') ?? '');
      localStorage.setItem('scorefield-engines', JSON.stringify({ build, cpu: what.cpu, cards: [[what.adapter, what.webgpu]] }));
    }, { ...device, adapter });
    await page.evaluate((to) => history.replaceState(null, '', `#${to}`), `${link}&engine=webgpu&seed=1`); // nothing loads that is broken off
    await page.reload();
    assert.deepEqual((({ engine, reason }) => ({ engine, reason }))(await ran(page, '1')), { engine: 'webgpu', reason: 'chosen in the link' });
  };
  await imagine({ cpu: 0.5, webgpu: { start: 100, step: 1, unit: 1e-6 } });
  await go('seed=2');
  const fast = await ran(page, '2');
  assert.equal(fast.engine, 'webgpu');
  assert.match(fast.reason, /^[\d.]+ s expected, CPU [\d.]+ s$/, 'it ran there before: no start');
  await go(`seed=3&fp=${fast.fingerprint}`);
  assert.equal((await ran(page, '3')).reason, 'the link has a result to compare with');

  await imagine({ cpu: 0.5, webgpu: { start: 100, step: 60_000, unit: 1e-6 } });
  await go('seed=4');
  const slow = await ran(page, '4');
  assert.equal(slow.engine, 'cpu');
  assert.match(slow.reason, /^[\d.]+ s expected, WebGPU \d+ s$/);
  await page.getByText(slow.reason).first().waitFor();
  assert.deepEqual(errors, []);
  await close();
});
