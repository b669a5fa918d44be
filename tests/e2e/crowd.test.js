// More than a picture has pixels for: long chains are bands, tracers of a film keep apart, a torus that is turned is thinned; and pictures
// that are saved say of which side they are.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { columns, perColumn } from '../../www/plots/columns.js';
import { apart } from '../../www/plots/film.js';
import { thereOf } from '../../www/plots/particles.js';
import { DEV, done, launch, newPage } from './browser.js';

test('columns have the smallest, the largest and the mean value of their points, and every point is in one', () => {
  const v = Array.from({ length: 1003 }, (_, i) => Math.sin(i * i) + (i === 517 ? 9 : 0));
  const per = perColumn(v.length, 300);
  assert.equal(per, 7);
  const { at, lo, hi, mean } = columns(v.length, per, (i) => v[i]);
  assert.equal(at.length, Math.ceil(1003 / 7));
  at.forEach((middle, j) => {
    const own = v.slice(7 * j, 7 * j + 7);
    assert.equal(middle, 7 * j + (own.length - 1) / 2);
    assert.equal(lo[j], Math.min(...own));
    assert.equal(hi[j], Math.max(...own));
    assert.ok(Math.abs(mean[j] - own.reduce((p, q) => p + q, 0) / own.length) < 1e-12);
  });
  assert.equal(Math.max(...hi), Math.max(...v), 'a single point that is far out is not lost');
  assert.equal(perColumn(300, 300), 1);
  assert.equal(perColumn(301, 300), 3, 'columns are two pixels wide');
  assert.deepEqual(columns(3, 3, (i) => (i ? NaN : 5)), { at: [1], lo: [5], hi: [5], mean: [5] }, 'what is no number is left out');
});

test('tracers of a small picture are a coarser lattice of the same', () => {
  const all = Array.from({ length: 256 }, (_, i) => /** @type {[number, number]} */ ([i % 16, Math.floor(i / 16)]));
  assert.equal(apart(all, 400).length, 256);
  assert.equal(apart(all, 60).length, 36);
  assert.deepEqual([...new Set(apart(all, 60).map(([x]) => x))], [0, 3, 6, 9, 12, 15]);
});

test('the previews of a training count the particles that they have', () => {
  const points = new Float32Array(2 * 20_000).fill(NaN);
  points.fill(0.5, 0, 2 * 300);
  const scene = /** @type {any} */ ({ n: 20_000, shown: 20_000, dim: 2, record: { points: points.length }, scale: [1] });
  assert.equal(thereOf(scene, /** @type {any} */ ({ reached: 1, data: { points } }), 0), 300);
  assert.equal(thereOf(scene, /** @type {any} */ ({ reached: 0, data: { points } }), 0), 20_000);
});

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** Notes all texts that are written into canvases, with their colour. */
function noteAll() {
  const { fillText } = CanvasRenderingContext2D.prototype;
  /** @type {any} */ (globalThis).written = [];
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    /** @type {any} */ (globalThis).written.push({ text, y: rest[1], color: String(this.fillStyle), page: this.canvas.isConnected });
    return fillText.call(this, text, ...rest);
  };
}

test('a chain of more states than pixels is drawn as bands, and legend and words say so', async () => {
  const { page, errors, close } = await newPage(browser, { viewport: { width: 1000, height: 800 } });
  await page.addInitScript(noteAll);
  await page.goto(`${DEV}#lab=lgssm&length=3000&n=16&steps=4&at=1&seed=0`);
  await done(page, 120_000);
  const label = await page.locator('#plot canvas').getAttribute('aria-label') ?? '';
  const states = Number(/each column of the picture has (\d+) of them/.exec(label)?.[1]);
  assert.ok(states >= 8, label);
  const texts = await page.evaluate(() => /** @type {{ text: string }[]} */ (/** @type {any} */ (globalThis).written).map(({ text }) => text));
  assert.ok(texts.some((text) => text.startsWith(`${states} states a column`)), 'the legend is silent');
  assert.ok(texts.includes('truth, smallest to largest'));
  await page.goto(`${DEV}#lab=lgssm&length=300&n=16&steps=4&at=1&seed=0`);
  await done(page);
  await page.waitForFunction(() => /of 300 states/.test(document.querySelector('#plot canvas')?.getAttribute('aria-label') ?? ''));
  assert.doesNotMatch(await page.locator('#plot canvas').getAttribute('aria-label') ?? '', /column/, 'here each state has its pixels');
  assert.deepEqual(errors, []);
  await close();
});

for (const [width, link, heads] of /** @type {const} */ ([
  [1400, 'lab=toy1d&process=vp&sampler=ddim&steps=10&n=300&at=1&b.sampler=heun&seed=0', ['A · VP · DDIM · 10 steps', 'B · VP · Heun · 10 steps']],
  [390, 'lab=toy2d&target=moons&n=300&steps=12&at=0.7&b.process=fm&seed=0', ['A · EDM · Heun · 12 steps', 'B · Flow matching · Heun · 12 steps']],
  [1400, 'lab=lgssm&n=16&steps=8&view=cost&at=1&b.guidance=sda&seed=0', ['A · ', 'B · ']],
])) {
  test(`a saved picture of a comparison says which side is A and which is B, at ${width}: ${heads.join(', ')}`, async () => {
    const { page, errors, close } = await newPage(browser, { viewport: { width, height: 900 } });
    await page.addInitScript(noteAll);
    await page.goto(`${DEV}#${link}`);
    await done(page, 60_000);
    await page.evaluate(() => void (/** @type {any} */ (globalThis).written.length = 0));
    await Promise.all([page.waitForEvent('download'), page.keyboard.press('s')]);
    const own = await page.evaluate(() => /** @type {{ text: string, y: number, color: string, page: boolean }[]} */ (/** @type {any} */ (globalThis).written).filter((one) => !one.page));
    assert.match(own[0].text, /^Scorefield: /);
    for (const head of heads) assert.ok(own.some(({ text }) => text.startsWith(head)), `${head} is not in ${JSON.stringify(own)}`);
    const [a, b] = ['A · ', 'B · '].map((letter) => own.find(({ text }) => text.startsWith(letter))?.y ?? NaN);
    if (link.includes('lab=toy')) assert.equal(b > a + 100, width < 760, 'the sides stand as they do on the page');
    const colors = ['A · ', 'B · '].map((letter) => own.find(({ text }) => text.startsWith(letter))?.color);
    assert.notEqual(colors[0], colors[1], 'each side has its colour');
    assert.deepEqual(errors, []);
    await close();
  });
}

test('a torus that is turned is drawn as a moving picture, and as a whole when it stands', async () => {
  const { page, errors, close } = await newPage(browser, { viewport: { width: 1000, height: 800 } });
  await page.goto(`${DEV}#lab=torus&n=20000&steps=4&at=1&seed=0`);
  await done(page, 60_000);
  await page.evaluate(async (file) => {
    const { Pace } = await import(file);
    const { most } = Pace.prototype;
    /** @type {any} */ (globalThis).moved = [];
    Pace.prototype.most = function (/** @type {number} */ n, /** @type {boolean} */ moving, /** @type {any[]} */ ...rest) {
      /** @type {any} */ (globalThis).moved.push(moving);
      return most.call(this, n, moving, ...rest);
    };
  }, '/www/plots/pace.js');
  await page.locator('#plot canvas').focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => {
    const { moved } = /** @type {any} */ (globalThis);
    return moved.includes(true) && moved.at(-1) === false;
  }, null, { timeout: 5000 });
  assert.deepEqual(errors, []);
  await close();
});

test('at its end, at t = 0 of EDM, the flow has arrows with a speed', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy2d&n=1000&steps=10&view=flow&at=1&seed=0`);
  await done(page);
  await page.waitForFunction(() => /At t = 0, 95 % of the arrows are slower than/.test(document.querySelector('#plot canvas')?.getAttribute('aria-label') ?? ''));
  assert.doesNotMatch(await page.locator('#plot canvas').getAttribute('aria-label') ?? '', /slower than 0 |no arrows are drawn/);
  assert.deepEqual(errors, []);
  await close();
});
