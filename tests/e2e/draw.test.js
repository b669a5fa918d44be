// Many particles are drawn as their density: the sums are right, a graphics card gives the same picture and may be lost, a picture that moves
// draws what there is time for, and the page says what it shows.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Pace } from '../../www/plots/pace.js';
import { DEV, done, launch, newPage, painted } from './browser.js';
import { plane } from '../../www/plots/plane.js';

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('playwright-core').Page} */
let page;
before(async () => {
  browser = await launch({ webgpu: false });
  ({ page } = await newPage(browser));
  await page.route('**/blank.html', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>blank</title>' }));
  await page.goto(`${DEV}blank.html`);
});
after(() => browser?.close());

/** How opaque a pixel of so many times the mean density is, of 255. @param {number} d */
const opaque = (d) => 255 * (1 - Math.exp(-d / 4));

/**
 * The pixels of particles, each one [red, green, blue, opacity], drawn without a card, with a software one, or with one that was lost.
 * @param {{ w: number, h: number, rows: number[][], numbers: number[], times: number, card: 'none'|'software'|'lost', shade?: boolean }} what
 * @returns {Promise<{ pixels: number[], asked: number }>}
 */
const drawn = (what) => page.evaluate(async ({ w, h, rows, numbers, times, card: which, shade }) => {
  const at = '/www/plots/';
  const { Swarm } = await import(`${at}swarm.js`);
  const { Card } = await import(`${at}swarm-card.js`);
  const card = which === 'none' ? null : Card.open({ software: true });
  if (which === 'lost') card.gl.getExtension('WEBGL_lose_context').loseContext();
  let asked = 0;
  const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const now = new Float32Array(numbers.length * times);
  for (let k = 0; k < times; k++) now.set(numbers, k * numbers.length);
  const swarm = new Swarm(() => {
    asked++;
    return card;
  });
  const of = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ z) => Math.min(1, Math.abs(x + y + z));
  swarm.draw({ ctx }, { x: 0, y: 0, w, h }, { now, then: now, p: 0.5, q: 0.5 }, {
    rows, colors: [[200, 100, 0], [0, 100, 200]], ...(shade && { shade: { of, glsl: 'float shade(vec3 x) { return min(1.0, abs(x.x + x.y + x.z)); }' } }),
  });
  return { pixels: [...ctx.getImageData(0, 0, w, h).data], asked };
}, what);

const FLAT = [[1, 0], [0, 1]];

test('a particle in the middle of every pixel makes every pixel of the mean density', async () => {
  const [w, h] = [20, 10];
  const numbers = Array.from({ length: w * h }, (_, i) => [(2 * (i % w) + 1) / w - 1, (2 * Math.floor(i / w) + 1) / h - 1]).flat();
  const { pixels } = await drawn({ w, h, rows: FLAT, numbers, times: 1, card: 'none' });
  for (let i = 3; i < pixels.length; i += 4) assert.ok(Math.abs(pixels[i] - opaque(1)) <= 1, `pixel ${(i - 3) / 4}: ${pixels[i]}`);
});

test('a particle is shared out over four pixels by its place among them; what is no number or outside is not drawn', async () => {
  // In a box of 4 × 2 pixels, a quarter to the right of the middle of the second pixel of the lower row, and a quarter above it.
  const numbers = [(1.75 / 4) * 2 - 1, (0.75 / 2) * 2 - 1, NaN, 0, 3, 0, 0, -1.2];
  const { pixels } = await drawn({ w: 4, h: 2, rows: FLAT, numbers, times: 1, card: 'none' });
  const of = (/** @type {number} */ column, /** @type {number} */ row) => pixels[4 * (row * 4 + column) + 3];
  const mean = 4 / 8; // of all that were given
  for (const [column, row, part] of [[1, 1, 0.75 * 0.75], [2, 1, 0.25 * 0.75], [1, 0, 0.75 * 0.25], [2, 0, 0.25 * 0.25]]) {
    assert.ok(Math.abs(of(column, row) - opaque(part / mean)) <= 2, `${column} ${row}: ${of(column, row)}`);
  }
  assert.equal(pixels.filter((v, i) => i % 4 === 3 && v > 0).length, 4);
});

test('the square of a plane has whole pixels on every surface, so that particles are not smeared to dashes', () => {
  for (const [w, h] of [[979, 617], [978.5, 610.25], [320, 480], [701, 700.5]]) {
    const { box } = plane(/** @type {any} */ ({ w, h }), [], [], /** @type {any} */ ({}), 1);
    assert.ok(Object.values(box).every(Number.isInteger), `${w} × ${h}: ${JSON.stringify(box)}`);
  }
});

/** Places that repeat nothing, in [−1.1, 1.1]. @param {number} count */
const scattered = (count) => Array.from({ length: count }, (_, i) => 2.2 * ((i * i * 0.6180339887) % 1) - 1.1);

for (const [name, rows, shade] of /** @type {[string, number[][], boolean][]} */ ([
  ['in the plane', FLAT, false], ['in space, with shades', [[0.8, 0.3, 0.1], [-0.2, 0.5, 0.6]], true],
])) {
  test(`a graphics card gives the picture of the loop ${name}`, async () => {
    const what = { w: 60, h: 40, rows, numbers: scattered(600 * rows[0].length), times: 400, shade };
    const [loop, card] = [await drawn({ ...what, card: 'none' }), await drawn({ ...what, card: 'software' })];
    assert.ok(loop.pixels.filter((v, i) => i % 4 === 3 && v > 20).length > 500, 'the picture is empty');
    assert.deepEqual([loop.asked, card.asked], [1, 1]);
    let worst = 0;
    for (let i = 0; i < loop.pixels.length; i += 4) {
      const strong = loop.pixels[i + 3] > 60; // a canvas rounds the colour of what is nearly transparent
      for (let c = strong ? 0 : 3; c < 4; c++) worst = Math.max(worst, Math.abs(loop.pixels[i + c] - card.pixels[i + c]));
    }
    assert.ok(worst <= 8, `${worst} of 255`); // a shade is one of 32
  });
}

test('where the card is lost the loop draws; few particles never ask for one', async () => {
  const what = { w: 30, h: 20, rows: FLAT, numbers: scattered(1200), shade: false };
  const loop = await drawn({ ...what, times: 400, card: 'none' });
  const lost = await drawn({ ...what, times: 400, card: 'lost' });
  assert.deepEqual(lost.pixels, loop.pixels);
  assert.equal((await drawn({ ...what, times: 20, card: 'software' })).asked, 0);
});

test('a picture that moves draws what there is time for, one that stands draws all', () => {
  const pace = new Pace();
  assert.equal(pace.most(1_000_000, true), 1_000_000, 'nothing is known yet');
  for (const ms of [40, 900, 40, 48]) pace.took(1_000_000, ms);
  assert.equal(pace.most(1_000_000, true), 250_000, 'a quarter takes 10 ms; the 900 ms were those of another program');
  assert.equal(pace.most(1_000_000, true, 2), 125_000, 'two sides');
  assert.equal(pace.most(1_000_000, true), 125_000, 'it does not come and go');
  assert.equal(pace.most(1_000_000, false), 1_000_000);
  for (let i = 0; i < 5; i++) pace.took(1_000_000, 10);
  assert.equal(pace.most(1_000_000, true), 1_000_000);
  for (let i = 0; i < 5; i++) pace.took(20_000, 1000);
  assert.equal(pace.most(1_000_000, true, 1, 10_001), 10_001);
});

/** What the picture says at the data. @param {string} link */
async function said(link) {
  const { page: own, errors, close } = await newPage(browser);
  await own.goto(`${DEV}#${link}&at=1&engine=cpu&seed=0`);
  await done(own, 60_000);
  await own.waitForFunction(() => /energy distance/.test(document.querySelector('canvas')?.getAttribute('aria-label') ?? ''), null, { timeout: 20_000 });
  const words = (await own.locator('canvas').first().getAttribute('aria-label')) ?? '';
  assert.ok(await painted(own));
  assert.deepEqual(errors, []);
  await close();
  return words.replaceAll('\u202f', ' ');
}

test('the page says that it draws a density, and of how many particles', async () => {
  assert.match(await said('lab=toy2d&target=gaussians8&process=vp&sampler=ddim&n=20000&steps=4'), /^.*20 000 particles in the plane.* Their density is drawn\./s);
  assert.match(await said('lab=torus&process=vp&sampler=ddim&n=12000&steps=4'), /12 000 particles in space.* Their density is drawn\./s);
  assert.match(await said('lab=toy2d&target=gaussians8&process=vp&sampler=ddim&n=130000&steps=100'), /130 000 particles in the plane.* The density of the first 118 811 is drawn\./s);
  assert.doesNotMatch(await said('lab=toy2d&target=gaussians8&process=vp&sampler=ddim&n=10000&steps=4'), /density of|Their density/);
});
