// Marks, numbers of axes and legends are whole, also where there is little room.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, launch, newPage, words } from './browser.js';

const KIT = new URL('../../www/plots/kit.js', import.meta.url).href;

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

test('a logarithmic axis has two numbers at least, inside of it', async () => {
  const { logTicks } = await import(KIT);
  assert.deepEqual(logTicks(0.1, 100, 4), [0.1, 1, 10, 100]);
  for (const [lo, hi] of [[0.27, 0.47], [0.26, 0.33], [0.02, 0.9], [5.1, 9.7], [3, 3.5], [1e-6, 1.2e-6], [0.9, 2.2], [0.3, 40]]) {
    for (const most of [2, 3, 4.5, 8]) {
      /** @type {number[]} */
      const found = logTicks(lo, hi, most);
      assert.ok(found.length > 1, `${lo} to ${hi}, at most ${most}: ${found}`);
      for (const v of found) assert.ok(v >= lo * 0.999 && v <= hi * 1.001, `${v} is not between ${lo} and ${hi}`);
    }
  }
});

test('a legend’s entry that is wider than its column goes on in the next line, and nothing is cut', async () => {
  const { legend } = await import(KIT);
  /** @type {{ text: string, y: number }[]} */
  const written = [];
  const ctx = new Proxy({}, { get: (_, name) => {
    if (name === 'measureText') return (/** @type {string} */ text) => ({ width: 7 * text.length });
    if (name === 'fillText') return (/** @type {string} */ text, /** @type {number} */ _x, /** @type {number} */ y) => written.push({ text, y });
    return () => {};
  }, set: () => true });
  const keys = [{ kind: 'line', text: 'density over its mean, 59 701 of 100 000 particles' }, { kind: 'line', text: 'exact' }];
  const high = legend({ ctx }, keys, 0, 0, 180, { ink: '', muted: '' });
  assert.equal(written.map(({ text }) => text).join(' '), keys.map(({ text }) => text).join(' '));
  assert.equal(new Set(written.map(({ y }) => y)).size, written.length, 'two lines lie on each other');
  assert.ok(high > Math.max(...written.map(({ y }) => y)));
});

test('a seen pixel at the edge of its picture has a whole mark', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&n=100&steps=4&seed=0`);
  await done(page);
  const over = await page.evaluate(async () => {
    const { drawFilm } = await import(new URL('www/plots/film.js', document.baseURI).href);
    const { palette } = await import(new URL('www/plots/kit.js', document.baseURI).href);
    const draw = (/** @type {number[]} */ places) => {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 160;
      const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      const layout = drawFilm({ ctx, w: 160, h: 160, panels: [] }, {
        panels: [{ id: 'seen', title: 'seen', film: null, note: '', bare: true }], pixels: 64, frames: 1, time: 0, interval: 1, strip: [],
        seen: [0], places, block: 1, y: places.map(() => 0), chosen: null, tracers: null, vortices: [], pal: palette(document.body),
      });
      const box = layout.boxes.seen;
      return { box, at: ctx.getImageData(0, 0, 160, 160).data };
    };
    const [a, b] = [draw([32]), draw([32, 64 * 40])]; // the second at the left edge
    let count = 0;
    for (let y = 0; y < 160; y++) for (let x = 0; x < Math.floor(a.box.x) - 1; x++) if (a.at[4 * (160 * y + x) + 3] !== b.at[4 * (160 * y + x) + 3]) count++;
    return { count, same: a.box.x === b.box.x };
  });
  assert.ok(over.same);
  assert.ok(over.count > 0, 'the mark is cut at the edge');
  assert.deepEqual(errors, []);
  await close();
});

test('colours are named where the picture has them', async () => {
  const { page, errors, close } = await newPage(browser);
  const story = async (/** @type {string} */ link) => {
    await page.goto(`${DEV}#${link}`);
    await done(page, 60_000);
    return words(page);
  };
  const filter = 'lab=filter&model=ar1&method=enkf&n=20&cycles=3&seed=0';
  assert.match(await story(filter), /In blue, 20 members: EnKF/);
  assert.match(await story(`${filter}&view=race`), /Method, 20 members: EnKF/);
  const line = 'lab=toy1d&n=100&steps=4&target=mixture&score=net&seed=0';
  assert.match(await story(line), /between blue and ink/);
  assert.match(await story(`${line}&view=errors`), /between the samples and the exact law/);
  assert.deepEqual(errors, []);
  await close();
});

test('small embeds: errors have room for both charts, a race for its table', async () => {
  const { page, errors, close } = await newPage(browser, { viewport: { width: 320, height: 480 } });
  await page.goto(`${DEV}?embed=1#lab=toy1d&target=mixture&score=net&view=errors&n=100&steps=4&seed=0`);
  await done(page);
  await page.locator('#plot.errors canvas').waitFor();
  assert.ok(await page.locator('#plot').evaluate((el) => el.clientHeight) >= 138 + 380); // www/plots/errors.js: the bar and STACKED
  for (const width of [320, 640]) {
    await page.setViewportSize({ width, height: 480 });
    await page.goto(`${DEV}?embed=1#lab=filter&view=race&model=ar1&method=enkf&n=20&cycles=3&seed=${width}`);
    await page.waitForFunction((seed) => {
      const all = document.querySelectorAll('.race-table .scroll tbody tr');
      return location.hash.endsWith(`seed=${seed}`) && all.length > 5 && /** @type {Element} */ (all[0].closest('.scroll')).clientHeight > 80;
    }, width);
    const [own, plot] = await page.evaluate(() => ['.race-table', '#plot'].map((what) => document.querySelector(what)?.getBoundingClientRect().bottom ?? NaN));
    assert.ok(own <= plot + 1, `it reaches over what follows in a frame of ${width}: ${own} of ${plot}`);
  }
  assert.deepEqual(errors, []);
  await close();
});

test('no line of an embed’s name begins with a sign, and none ends with “N =”', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}?embed=1#lab=filter&model=ar1&method=enkf&n=20&cycles=3&seed=0`);
  await done(page);
  const name = await page.locator('#caption b').evaluate((el) => el.textContent ?? '');
  assert.match(name, /EnKF\u00a0· N\u00a0=\u00a020/);
  await close();
});
