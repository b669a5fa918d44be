// The words in the pictures: the names of the menus instead of keys, costs that can be distinguished, a band of
// chance for this number of samples, and one meaning for lightness.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, launch, newPage, words } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch({ webgpu: false });
});
after(() => browser?.close());

/** Keeps the texts and the boxes of the last drawing of each canvas. */
function noteDrawing() {
  const { fillText, fillRect, clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    (/** @type {any} */ (this.canvas).texts ??= []).push(text);
    return fillText.call(this, text, ...rest);
  };
  CanvasRenderingContext2D.prototype.fillRect = function (x, y, w, h) {
    (/** @type {any} */ (this.canvas).boxes ??= []).push({ x, y, w, h, style: String(this.fillStyle) });
    return fillRect.call(this, x, y, w, h);
  };
  CanvasRenderingContext2D.prototype.clearRect = function (x, y, w, h) {
    if (x === 0 && y === 0) Object.assign(this.canvas, { texts: [], boxes: [] });
    return clearRect.call(this, x, y, w, h);
  };
}

/** @param {string} link @param {import('playwright-core').BrowserContextOptions} [options] */
async function opened(link, options = { viewport: { width: 1400, height: 900 } }) {
  const made = await newPage(browser, options);
  await made.page.addInitScript(noteDrawing);
  await made.page.goto(`${DEV}#${link}`);
  await done(made.page, 60_000);
  await made.page.locator('progress').waitFor({ state: 'detached', timeout: 60_000 });
  await made.page.evaluate(() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then))));
  return made;
}

const RAW = /(?<![\w-])(toy1d|lgssm|ancestral|ddim|euler|heun|dpmpp2m|em|pc|ddpm|vp|vp-cosine|sda|ou|ve|edm|fm|trig|follmer|ar1|damped-spring|aao|ar|dps|finzi|pigdm|net|empirical|trained|karras|log-snr|uniform-t|truth-seed|data-seed|observed|means|quantile)(?![\w-])\s*(·|=|$|,|:)/;

for (const link of [
  'lab=toy1d&process=ddpm&sampler=dpmpp2m&n=100&at=1&b.sampler=em&b.process=ve&b.score=empirical&seed=0',
  'lab=toy1d&process=vp&sampler=dpmpp2m&n=100&view=sweep&at=1&seed=0',
  'lab=toy1d&process=vp-cosine&sampler=euler&n=100&view=sweep&at=1&b.process=edm&b.sampler=heun&seed=0',
  'lab=toy1d&process=edm&sampler=heun&steps=8&score=net&n=50&view=errors&at=1&b.process=fm&b.sampler=euler&seed=0',
  'lab=toy2d&process=follmer&sampler=pc&n=100&steps=8&at=1&b.process=trig&seed=0',
  'lab=torus&process=ou&sampler=ddim&n=100&steps=8&at=1&b.process=sda&b.score=empirical&seed=0',
  'lab=lgssm&n=32&steps=8&at=1&b.model=damped-spring&b.guidance=pigdm&b.sampler=pc&seed=0',
  'lab=lgssm&n=32&steps=8&guidance=finzi&score=blanket&at=1&b.method=ar&b.guidance=exact&b.every=8&seed=0',
  'lab=lgssm&n=32&steps=8&guidance=lambda&score=net&at=1&b.guidance=dps&b.truth-seed=4&b.operator=window&seed=0',
  'lab=lgssm&n=32&steps=8&view=covariance&at=1&b.method=exact&b.grid=karras&seed=0',
]) {
  test(`titles and legends have the names of the menus: ${link}`, async () => {
    const { page, errors, close } = await opened(link);
    const said = await page.evaluate(() => [
      document.title, ...[...document.querySelectorAll('figcaption, .without, .series label')].map((el) => el.textContent ?? ''),
      ...[...document.querySelectorAll('#plot canvas')].flatMap((c) => [.../** @type {any} */ (c).texts, (c.getAttribute('aria-label') ?? '').split('. ')[0]]),
    ]);
    assert.ok(said.length > 5);
    for (const words of said) assert.doesNotMatch(words, RAW, words);
    assert.deepEqual(errors, []);
    await close();
  });
}

test('the bars of the cost can be told apart and read', async () => {
  const { page, errors, close } = await opened('lab=lgssm&view=cost&at=1&seed=0');
  const { texts, boxes } = await page.locator('#plot canvas').evaluate((c) => ({ texts: /** @type {string[]} */ (/** @type {any} */ (c).texts), boxes: /** @type {{ y: number, w: number, h: number }[]} */ (/** @type {any} */ (c).boxes) }));
  const bars = new Map(); // the longest of each row: up to the most that a cost can be
  for (const { y, w, h } of boxes) if (h === 13) bars.set(y, Math.max(bars.get(y) ?? 0, w));
  const [calls, products, held] = [...bars.values()];
  assert.equal(bars.size, 3);
  assert.ok(products > 1.2 * calls && held > 1.2 * products, `${[calls, products, held]}`);
  // One axis: lengths are logarithms of 64, 1,216 and 8,448.
  assert.ok(Math.abs(products / calls - Math.log(1216) / Math.log(64)) < 0.01, `${products / calls}`);
  assert.ok(Math.abs(held / calls - Math.log(8448) / Math.log(64)) < 0.01, `${held / calls}`);
  assert.ok(texts.includes('logarithmic axis'), texts.join());
  for (const value of ['64', '1\u202f000', '8\u202f448']) assert.ok(texts.includes(value), value);
  assert.deepEqual(errors, []);
  await close();
});

test('the band of chance in the sweep is that of its own number of samples', async () => {
  const widths = [];
  for (const n of [100, 10_000]) {
    const { page, errors, close } = await opened(`lab=toy1d&process=vp&sampler=heun&n=${n}&view=sweep&at=1&seed=0`);
    const words = await page.locator('#plot canvas').getAttribute('aria-label') ?? '';
    const [, mean, lo, hi] = (/perfect sampler’s .* draws would have ([\d.]+) in the mean, and 95 of 100 such samples between ([\d.]+) and ([\d.]+)\./.exec(words) ?? []).map(Number);
    assert.ok(lo < mean && mean < hi, words);
    widths.push(hi - lo);
    const { texts, boxes } = await page.locator('#plot canvas').evaluate((c) => ({ texts: /** @type {string[]} */ (/** @type {any} */ (c).texts), boxes: /** @type {{ w: number, h: number, style: string }[]} */ (/** @type {any} */ (c).boxes) }));
    assert.ok(texts.some((t) => t.includes('95 %')), 'the legend does not name the band');
    assert.ok(boxes.some(({ w, h, style }) => w > 500 && h > 4 && /rgba\(.*, 0\.25/.test(style)), 'no band is drawn');
    assert.deepEqual(errors, []);
    await close();
  }
  assert.ok(Math.abs(widths[0] / widths[1] / 10 - 1) < 0.15, `the widths ${widths} do not fall with √n`);
});

test('on the torus lightness is the distance from the surface alone', async () => {
  const { page, errors, close } = await opened('lab=torus&n=200&steps=40&at=1&seed=0');
  // All are on the surface: near or far, a dot is as strong as any other.
  const strongest = await page.locator('#plot canvas').evaluate((el) => {
    const canvas = /** @type {HTMLCanvasElement} */ (el);
    const side = getComputedStyle(canvas).getPropertyValue('--a').trim();
    const color = [1, 3, 5].map((i) => parseInt(side.slice(i, i + 2), 16));
    const { width, height } = canvas;
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, Math.round(width * 0.7), height);
    const w = Math.round(width * 0.7);
    const rows = Array.from({ length: height }, () => 0);
    for (let y = 0; y < height; y++) for (let x = 0; x < w; x++) {
      const i = 4 * (y * w + x);
      if (color.every((v, k) => Math.abs(v - data[i + k]) < 6)) rows[y] = Math.max(rows[y], data[i + 3]);
    }
    const dotted = rows.map((v, y) => (v > 60 ? y : -1)).filter((y) => y >= 0);
    const [first, last] = [dotted[0], dotted[dotted.length - 1]];
    const part = (/** @type {number} */ from, /** @type {number} */ to) => Math.max(...rows.slice(Math.round(first + from * (last - first)), Math.round(first + to * (last - first)) + 1));
    return { far: part(0, 0.12), near: part(0.88, 1) };
  });
  assert.deepEqual(strongest, { far: 255, near: 255 });
  const texts = await page.locator('#plot canvas').evaluate((c) => /** @type {string[]} */ (/** @type {any} */ (c).texts));
  assert.ok(texts.includes('larger: nearer to you'));
  assert.ok(texts.some((t) => t.startsWith('distance from the surface')));
  assert.deepEqual(errors, []);
  await close();
});

test('“at the end” is not said while the slider stands there', async () => {
  const { page, errors, close } = await newPage(browser);
  const said = () => page.locator('.metrics .number', { hasText: 'W₁' }).locator('small').innerText();
  await page.goto(`${DEV}#lab=toy1d&score=empirical&n=400000&steps=400&at=1&seed=0`);
  await page.getByRole('button', { name: 'Cancel' }).waitFor();
  await page.locator('.metrics .number').first().waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('.metrics small')].some((el) => el.textContent === 'when the run is done'));
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled at step').waitFor();
  assert.equal(await said(), 'not reached');
  await page.getByRole('slider', { name: 'Position from noise to data' }).fill('10');
  await page.waitForFunction(() => [...document.querySelectorAll('.metrics small')].some((el) => el.textContent === 'at the end'));
  assert.deepEqual(errors, []);
  await close();
});

test('of a walk at one noise level the flow is its drift: nothing is said of a probability flow, or of dropping', async () => {
  const link = 'lab=toy2d&view=flow&n=200&steps=20&at=1';
  const said = async (/** @type {string} */ rest) => {
    const { page, errors, close } = await opened(`${link}&${rest}&seed=0`);
    const text = await words(page);
    const described = await page.locator('#plot canvas').first().getAttribute('aria-label') ?? '';
    assert.deepEqual(errors, []);
    await close();
    return { words: text, described };
  };
  const walk = await said('sampler=langevin');
  assert.match(walk.words, /has no probability flow. Its arrows are its drift/);
  assert.doesNotMatch(walk.words, /probability flow at this moment|Click to drop/);
  assert.doesNotMatch(walk.described, /probability flow|drops a particle/);
  const through = await said('sampler=heun');
  assert.match(through.words, /probability flow at this moment/);
  assert.doesNotMatch(through.words, /Langevin walk/);
  assert.match(through.described, /probability flow.*drops a particle/);
  const both = await said('sampler=heun&b.sampler=langevin');
  assert.match(both.words, /probability flow at this moment[^]*has no probability flow/);
});

test('paths of a stochastic sampler leave the exact law to be seen: on the line through them, in the plane over them', async () => {
  // How far the map is changed by the paths, as a part of what another colour everywhere would be.
  const pixels = async (/** @type {import('playwright-core').Page} */ page) => {
    await page.evaluate(() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then))));
    return page.locator('#plot canvas').first().evaluate((el) => {
      const canvas = /** @type {HTMLCanvasElement} */ (el);
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      const { width, height } = canvas;
      return [...context.getImageData(0.1 * width, 0.4 * height, 0.3 * width, 0.2 * height).data];
    });
  };
  const { page, errors, close } = await opened('lab=toy1d&n=1000&at=1&seed=0');
  const covered = await pixels(page);
  await page.locator('#stagebar label').filter({ hasText: /^none$/ }).click();
  const bare = await pixels(page);
  const [blue, all] = [0, 1, 2].reduce((sum, c) => {
    const tint = [0x7e, 0xc8, 0xf2][c];
    for (let i = c; i < bare.length; i += 4) {
      sum[0] += Math.abs(covered[i] - bare[i]);
      sum[1] += Math.abs(tint - bare[i]);
    }
    return sum;
  }, [0, 0]);
  assert.ok(blue / all > 0.05, `the paths are not seen: ${blue / all}`);
  assert.ok(blue / all < 0.5, `the paths cover ${blue / all} of the law`);
  await page.addInitScript(() => {
    const { stroke } = CanvasRenderingContext2D.prototype;
    /** @this {CanvasRenderingContext2D} @param {any[]} path */
    function recorded(...path) {
      (/** @type {any} */ (this.canvas).strokes ??= []).push({ path: path.length > 0, alpha: this.globalAlpha });
      return stroke.apply(this, /** @type {any} */ (path));
    }
    CanvasRenderingContext2D.prototype.stroke = recorded;
    const { clearRect } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
      Object.assign(this.canvas, { strokes: [] });
      return clearRect.apply(this, box);
    };
  });
  await page.goto('about:blank');
  await page.goto(`${DEV}#lab=toy2d&view=trajectories&sampler=em&n=200&steps=20&at=1&seed=0`);
  await done(page);
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector('#plot canvas'))?.strokes?.some((/** @type {any} */ s) => s.path));
  /** @type {{ path: boolean, alpha: number }[]} */
  const strokes = await page.evaluate(() => /** @type {any} */ (document.querySelector('#plot canvas')).strokes);
  const first = strokes.findIndex(({ path }) => path); // an outline; the paths are stroked without one
  const sheer = strokes.map(({ path, alpha }, i) => (!path && Math.abs(alpha - 0.35) < 1e-6 ? i : -1)).filter((i) => i >= 0);
  assert.equal(sheer.length, 60);
  assert.ok(first > Math.max(...sheer), 'the paths lie over the outlines');
  assert.deepEqual(errors, []);
  await close();
});
