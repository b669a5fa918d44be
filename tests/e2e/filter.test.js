// The lab of filters in the page: the numbers and the fingerprint of the command line, the cycle under the slider, the update of a cycle,
// a comparison, a filter that loses the truth, one that overflows, and a wrong link.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CLI, DEV, done, handle, launch, metric, newPage, painted } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** What the command line answers. @param {string} link */
const native = (link) => JSON.parse(execFileSync(CLI, ['run', link], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));

/** Waits for words of the picture. @param {import('playwright-core').Page} page @param {string} words */
const says = (page, words) => page.waitForFunction(
  (text) => [...document.querySelectorAll('#plot canvas')].some((c) => c.getAttribute('aria-label')?.includes(text)), words);

/** A page that does not move by itself. */
const still = () => newPage(browser, { reducedMotion: 'reduce' });

for (const link of [
  'lab=filter&method=pf&n=500&cycles=12&seed=3',
  'lab=filter&n=80&cycles=6&seed=3',
  'lab=filter&method=ensf&n=80&cycles=6&operator=abs&noise-y=0.2&seed=3',
  'lab=filter&model=lorenz63&method=enkf&n=100&cycles=30&seed=3',
  'lab=filter&model=lorenz96&states=12&method=letkf&n=10&cycles=30&seed=3',
  'lab=filter&method=exact&seed=3',
]) {
  test(`#${link} has the bits and the numbers of the command line`, async () => {
    const { page, errors, close } = await still();
    await page.goto(`${DEV}#${link}&at=1`);
    await done(page);
    await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.metrics?.final);
    const { fingerprint, metrics } = await handle(page);
    const own = native(link);
    assert.equal(fingerprint, own.fingerprint);
    for (const [key, value] of Object.entries(own.metrics)) assert.equal(metric(metrics, key).value, value, key);
    assert.ok(await painted(page));
    assert.doesNotMatch(await page.locator('body').innerText(), /undefined|NaN|Infinity/);
    assert.deepEqual(errors, []);
    await close();
  });
}

test('the slider walks from cycle to cycle, in every view', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&method=pf&n=300&cycles=20&seed=1`);
  await done(page);
  const slider = page.getByRole('slider', { name: 'Position from start to end' });
  await slider.fill('500');
  await says(page, 'At cycle 10: x = ');
  await page.locator('.readout').filter({ hasText: /^cycle 10 of 20$/ }).waitFor();
  await page.getByText('One update', { exact: true }).click();
  await says(page, 'The update of cycle 10:');
  await says(page, 'The exact law goes from');
  await slider.fill('0');
  await says(page, 'The update of cycle 0:');
  await page.getByText('Ranks', { exact: true }).click();
  await says(page, 'No analysed cycle after burn-in yet');
  await slider.fill('1000');
  await says(page, '18 cases');
  await page.getByText('Accuracy', { exact: true }).click();
  await says(page, 'The exact filter has error');
  assert.deepEqual(errors, []);
  await close();
});

test('a comparison shows two methods on the same observations', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&method=pf&n=100&cycles=10&seed=1`);
  await done(page);
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.opened?.link.includes('b.method=enkf'));
  await done(page);
  const captions = await page.locator('#plot figcaption').allInnerTexts();
  assert.deepEqual(captions, ['A · Particle filter · N = 100', 'B · EnKF · N = 100']);
  assert.deepEqual(errors, []);
  await close();
});

test('the picture of Lorenz-63 is turned by keys', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&model=lorenz63&method=enkf&cycles=20&seed=1`);
  await done(page);
  const canvas = page.locator('#plot canvas');
  const before = await canvas.screenshot();
  await canvas.focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForTimeout(200);
  assert.notDeepEqual(await canvas.screenshot(), before);
  await page.getByText('over time', { exact: true }).click();
  assert.ok(await painted(page));
  assert.deepEqual(errors, []);
  await close();
});

test('a filter that loses the truth is told, with its cycle and a remedy', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&model=lorenz96&method=enkf&n=20&inflation=1.01&cycles=200&at=1&seed=0`);
  await done(page);
  await page.getByText(/Cycle \d+: The filter has lost the truth/).waitFor();
  assert.deepEqual(errors, []);
  await close();
});

test('every view says that the exact filter ends early, and the numbers say why one is not there', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&y=1e6&observed=1&method=pf&view=accuracy&at=1&seed=0`);
  await done(page);
  const said = page.locator('.without', { hasText: /The exact filter ends early\. Cycle 1: The observation .* outside of the grid/ });
  await said.waitFor();
  await page.getByText('States', { exact: true }).click();
  await said.waitFor();
  const numbers = page.locator('div.number').filter({ hasText: 'W₁' });
  assert.match(await numbers.innerText(), /exact filter ended early/);
  assert.match(await numbers.getAttribute('title') ?? '', /The exact filter ends early/);
  assert.deepEqual(errors, []);
  await close();
});

test('a filter that overflows says where, and the picture up to there stays', async () => {
  const { page, close } = await still();
  await page.goto(`${DEV}#lab=filter&model=lorenz96&coordinates=2&method=ensf&n=40&cycles=200&at=1&seed=0`);
  const box = page.getByRole('alert').filter({ hasText: /overflowed/ });
  await box.waitFor();
  assert.match(await box.innerText(), /Cycle \d+: .*more members/s);
  assert.ok(await painted(page));
  await close();
});

test('a wrong link says what is right', async () => {
  const { page, close } = await still();
  await page.goto(`${DEV}#lab=filter&method=letkf&seed=3`);
  const box = page.getByRole('alert').filter({ hasText: /Lorenz-96/ });
  await box.waitFor();
  await box.getByRole('button', { name: 'Open the nearest valid link' }).click();
  const { opened } = await done(page);
  assert.equal(opened?.link, 'v=1&lab=filter&method=etkf&seed=3');
  await close();
});

test('an engine that this lab does not have is said in words', async () => {
  const { page, close } = await still();
  const link = 'lab=filter&method=pf&n=50&cycles=5&seed=1';
  await page.goto(`${DEV}#${link}&engine=webgpu`);
  const { engine, opened, fingerprint } = await done(page);
  const reason = await page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.reason);
  assert.equal(engine, 'cpu');
  assert.match(opened?.link ?? '', /engine=webgpu/, 'the link lost what it asked for');
  assert.match(reason, /^WebGPU was asked for, but /);
  await page.getByRole('status').getByText(/WebGPU was asked for, but .* The CPU engine runs it\./).waitFor();
  assert.equal(fingerprint, native(link).fingerprint);
  await close();
});

/** Notes what the last drawing of each canvas has: words with their places, bars with the frame that holds them, marks, points of lines. */
function noteDrawing() {
  const proto = CanvasRenderingContext2D.prototype;
  const { fillText, fillRect, arc, rect, lineTo, clearRect, clip, save, restore } = proto;
  const of = (/** @type {any} */ ctx) => (ctx.canvas.drawn ??= { texts: [], bars: [], marks: [], points: [] });
  const place = (/** @type {any} */ ctx, /** @type {number} */ x, /** @type {number} */ y) => {
    const p = ctx.getTransform().transformPoint({ x, y });
    return { x: p.x / devicePixelRatio, y: p.y / devicePixelRatio };
  };
  proto.rect = function (x, y, w, h) {
    /** @type {any} */ (this).last = { left: x, top: y, right: x + w, bottom: y + h };
    return rect.call(this, x, y, w, h);
  };
  proto.clip = function (/** @type {any[]} */ ...how) {
    const own = /** @type {any} */ (this);
    own.held = own.last;
    return /** @type {any} */ (clip).apply(this, how);
  };
  proto.save = function () {
    const own = /** @type {any} */ (this);
    (own.stack ??= []).push(own.held);
    return save.call(this);
  };
  proto.restore = function () {
    const own = /** @type {any} */ (this);
    own.held = own.stack?.pop();
    return restore.call(this);
  };
  proto.fillRect = function (x, y, w, h) {
    of(this).bars.push({ left: x, top: y, right: x + w, bottom: y + h, frame: /** @type {any} */ (this).held });
    return fillRect.call(this, x, y, w, h);
  };
  proto.arc = function (x, y, r, ...rest) {
    of(this).marks.push({ x, y, r, color: this.fillStyle, frame: /** @type {any} */ (this).held });
    return arc.call(this, x, y, r, ...rest);
  };
  proto.lineTo = function (x, y) {
    of(this).points.push({ x, y, frame: /** @type {any} */ (this).held });
    return lineTo.call(this, x, y);
  };
  proto.fillText = function (text, x, y, ...rest) {
    const m = this.measureText(text);
    const corners = [place(this, x - m.actualBoundingBoxLeft, y - m.actualBoundingBoxAscent), place(this, x + m.actualBoundingBoxRight, y + m.actualBoundingBoxDescent)];
    const [xs, ys] = [corners.map((c) => c.x), corners.map((c) => c.y)];
    of(this).texts.push({ text, left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) });
    return fillText.call(this, text, x, y, ...rest);
  };
  proto.clearRect = function (x, y, w, h) {
    if (x === 0 && y === 0) /** @type {any} */ (this.canvas).drawn = undefined;
    return clearRect.call(this, x, y, w, h);
  };
}

/** What each canvas has, once two frames have passed. @param {import('playwright-core').Page} page */
const drawing = (page) => page.evaluate(async () => {
  await new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)));
  return /** @type {HTMLCanvasElement[]} */ ([...document.querySelectorAll('#plot canvas')]).map((canvas) => (
    { ...(/** @type {any} */ (canvas).drawn), width: canvas.clientWidth, height: canvas.clientHeight }));
});

/** A page whose drawing is noted. @param {string} link @param {[number, number]} [size] */
async function noted(link, [width, height] = [1400, 900]) {
  const opened = await newPage(browser, { reducedMotion: 'reduce', viewport: { width, height } });
  await opened.page.addInitScript(noteDrawing);
  await opened.page.goto(`${DEV}#${link}`);
  await done(opened.page);
  return opened;
}

const SIZES = /** @type {[number, number][]} */ ([[320, 700], [768, 800], [1400, 900]]);

/** Words that lie on other words, or leave the canvas. @param {any} drawn */
function collisions({ texts, width, height }) {
  const wrong = [];
  for (const [i, p] of texts.entries()) {
    if (p.left < -1 || p.top < -1 || p.right > width + 1 || p.bottom > height + 1) wrong.push(`“${p.text}” leaves the canvas`);
    if (p.text.endsWith('…')) wrong.push(`“${p.text}” is cut`);
    for (const q of texts.slice(i + 1)) {
      const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
      const up = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
      if (across > 1 && up > 1) wrong.push(`“${p.text}” lies on “${q.text}”`);
    }
  }
  return wrong;
}

for (const link of [
  'lab=filter&n=60&cycles=12&view=accuracy&at=1&seed=0',
  'lab=filter&method=pf&n=60&cycles=12&view=accuracy&at=1&seed=0',
  'lab=filter&method=pf&n=60&cycles=12&view=accuracy&at=1&b.method=enkf&seed=0',
  'lab=filter&method=climatology&truth.noise-x=1.5&view=accuracy&at=1&seed=0',
  'lab=filter&model=ar1&method=enkf&n=40&cycles=2000&at=1&seed=0',
  'lab=filter&model=ar1&method=climatology&view=density&at=1&seed=0',
  'lab=filter&model=lorenz63&method=var3d&cycles=20&at=1&seed=0',
  'lab=filter&method=pf&n=60&cycles=12&view=density&at=0.5&seed=0',
  'lab=filter&method=pf&n=60&cycles=20&view=ranks&at=0.3&burn-in=0&seed=0',
  'lab=filter&model=lorenz63&method=enkf&n=60&cycles=12&view=accuracy&at=1&seed=0',
  'lab=filter&model=lorenz63&method=pf&n=60&cycles=12&view=density&at=0.5&seed=0',
  'lab=filter&model=lorenz63&method=pf&n=60&cycles=12&at=0.5&seed=0',
  'lab=filter&n=60&cycles=12&view=density&at=0.5&seed=0',
  'lab=filter&method=pf&resample=0.3&n=60&cycles=12&every=2&view=density&at=0.25&seed=0',
  'lab=filter&method=enkf&n=60&cycles=12&view=density&at=0.5&seed=0',
  'lab=filter&n=60&cycles=12&view=race&seed=0',
  'lab=filter&model=lorenz96&states=12&n=20&cycles=20&view=race&seed=0',
]) {
  test(`no words lie on others or are cut in #${link}`, async () => {
    const { page, errors, close } = await noted(link, SIZES[0]);
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      await page.waitForFunction(() => [...document.querySelectorAll('#plot canvas')].every((c) => {
        const canvas = /** @type {HTMLCanvasElement} */ (c);
        return canvas.width === Math.round(canvas.clientWidth * devicePixelRatio);
      }));
      for (const own of await drawing(page)) assert.deepEqual(collisions(own), [], `at ${width}`);
    }
    assert.deepEqual(errors, []);
    await close();
  });
}

test('the bars of ranks stay inside their frame at every cycle', async () => {
  const { page, errors, close } = await noted('lab=filter&method=pf&n=60&cycles=30&burn-in=0&view=ranks&at=0.05&seed=0');
  const slider = page.getByRole('slider', { name: 'Position from start to end' });
  for (const at of ['50', '100', '200', '500', '1000']) {
    await slider.fill(at);
    const [{ bars }] = await drawing(page);
    const held = bars.filter((/** @type {any} */ b) => b.frame);
    assert.ok(held.length > 3, `${held.length} bars at ${at}`);
    for (const b of held) assert.ok(b.top >= b.frame.top - 1 && b.right <= b.frame.right + 1, `${JSON.stringify(b)} at ${at}`);
    assert.ok(held.some((/** @type {any} */ b) => b.bottom - b.top > 0.3 * (b.frame.bottom - b.frame.top)), `bars are flat at ${at}`);
  }
  assert.deepEqual(errors, []);
  await close();
});

test('the ways of members in one update are held by the axis', async () => {
  const { page, errors, close } = await noted('lab=filter&view=density&at=0.25&seed=0');
  await says(page, 'The update of cycle 10:');
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector('#plot canvas')).drawn?.texts.some((/** @type {any} */ t) => t.text.startsWith('the steps of')));
  const [{ points, width }] = await drawing(page);
  const out = points.filter((/** @type {any} */ p) => p.x > width - 10 && !p.frame);
  assert.deepEqual(out, [], 'a line beyond the axis that no frame holds');
  assert.deepEqual(errors, []);
  await close();
});

test('a curve of one number is a mark', async () => {
  const { page, errors, close } = await noted('lab=filter&model=static&states=1&cycles=1&method=pf&n=100&view=accuracy&at=1&seed=0');
  const [{ marks, texts }] = await drawing(page);
  assert.ok(texts.some((/** @type {any} */ t) => t.text === 'ESS'));
  assert.equal(marks.filter((/** @type {any} */ m) => m.frame).length >= 1, true, 'no mark in the panels');
  assert.deepEqual(errors, []);
  await close();
});

test('the curve of the exact filter is inside its panel', async () => {
  const { page, errors, close } = await noted('lab=filter&method=climatology&truth.noise-x=1.5&view=accuracy&at=1&seed=0');
  await says(page, 'The exact filter of this model has error');
  const [{ points }] = await drawing(page);
  const held = points.filter((/** @type {any} */ p) => p.frame && Number.isFinite(p.y));
  assert.ok(held.length > 80);
  for (const p of held) assert.ok(p.y >= p.frame.top - 1, JSON.stringify(p));
  await page.getByText('another filter may have a smaller expected error').waitFor();
  assert.deepEqual(errors, []);
  await close();
});

test('a method without members is drawn as its normal law', async () => {
  const { page, errors, close } = await noted('lab=filter&model=ar1&method=climatology&view=density&at=1&seed=0');
  const [{ texts }] = await drawing(page);
  assert.ok(texts.some((/** @type {any} */ t) => t.text === 'analysis: normal law'));
  await page.getByText('States', { exact: true }).click();
  await says(page, 'At cycle 40');
  const [over] = await drawing(page);
  assert.ok(over.texts.some((/** @type {any} */ t) => t.text === 'mean, 95 %'));
  assert.deepEqual(errors, []);
  await close();
});

/** The words of the equations that no reader should see: commands that are not known, as they are written. */
const commands = () => [...document.querySelectorAll('math mo, math mi')].map((el) => el.textContent ?? '')
  .filter((text) => /^[A-Za-z]{2,}$/.test(text) && !['log', 'exp', 'min', 'max', 'cos', 'sin', 'ln', 'arccos', 'arctan'].includes(text));

test('no equation of a model or a method shows a command as a word', async () => {
  const { page, errors, close } = await still();
  const all = [
    ...['double-well', 'lorenz63', 'lorenz96', 'ar1', 'spiral', 'static'].map((model) => `model=${model}&method=enkf`),
    ...['ssls', 'ensf', 'pf', 'enkf', 'etkf', 'var3d', 'climatology', 'free', 'ekf', 'exact'].map((method) => `method=${method}`),
    ...['gauss', 'ism', 'dsm', 'kde&anneal=4'].map((prior) => `prior=${prior}`),
    ...['pairing=own', 'pairing=full&likelihood=exact', 'implicit=no'].map((keys) => `method=ensf&${keys}`),
    ...['abs', 'square', 'cubic', 'arctan'].map((operator) => `operator=${operator}&method=enkf`),
    'model=lorenz96&method=letkf&states=8', 'model=lorenz96&method=enkf&states=8&locality=2&inflation=1.1', 'model=lorenz63&method=reference',
    'method=ekf&inflation=1.1&model-noise=0.5', 'method=exact&model-noise=0.5', 'model=ar1&method=exact', 'method=pf&resample=0', 'method=pf&resample=1',
    'model=lorenz63&model-noise=1&method=free', 'method=ssls&langevin=ula&start=weighted', 'method=free&initial=-1,1;0.1,0.2;1,3',
  ];
  for (const keys of all) {
    const small = /n=|climatology|var3d|ekf|exact|reference/.test(keys) ? '' : '&n=30';
    await page.goto(`${DEV}#lab=filter&${keys}${small}&cycles=3&burn-in=0&seed=1`);
    await page.waitForFunction((link) => /** @type {any} */ (globalThis).__scorefield?.opened?.link.includes(link), `seed=1`);
    await done(page);
    await page.waitForFunction(() => document.querySelectorAll('math').length > 3);
    assert.deepEqual(await page.evaluate(commands), [], keys);
  }
  assert.deepEqual(errors, []);
  await close();
});

test('the equations and the story follow model noise, the initial law and the truth’s own numbers', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&model=ar1&model-noise=2&method=enkf&n=30&cycles=5&initial=-1,1;0.1,0.2;1,3&seed=1`);
  await done(page);
  const equations = page.locator('.equations');
  await equations.getByText(/stationary variance is b²\/\.19 = 22\.1/).waitFor({ state: 'attached' });
  assert.match((await equations.textContent()) ?? '', /0\.25.*𝒩\(−1,0\.12\).*0\.75.*𝒩\(1,0\.22\)/s);
  await page.goto(`${DEV}#lab=filter&truth.noise-x=1.5&method=enkf&n=30&cycles=5&seed=1`);
  await done(page);
  await page.getByText('but with s = 0.5 where the truth has 1.5,').waitFor({ state: 'attached' });
  assert.deepEqual(errors, []);
  await close();
});

test('the plan speaks of cycles and the engine menu of the CPU', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&method=enkf&n=30&cycles=5&seed=1`);
  await done(page);
  await page.locator('details.menu summary').click();
  const menu = await page.locator('details.menu .pop').innerText();
  assert.match(menu, /WebGPU is not needed/);
  assert.doesNotMatch(menu, /for large runs|not loaded/);
  await page.locator('details.menu summary').click();
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  const plan = await page.getByRole('dialog', { name: 'Plan' }).innerText();
  assert.match(plan, /The cycles of the filter/);
  assert.doesNotMatch(plan, /coefficients of every step/);
  assert.deepEqual(errors, []);
  await close();
});

test('one update offers every coordinate, and shows the members of a cycle that is not observed', async () => {
  const { page, errors, close } = await noted('lab=filter&model=lorenz96&states=12&method=letkf&n=10&cycles=10&every=5&view=density&at=0.3&seed=0');
  await page.getByRole('combobox', { name: 'Coordinate' }).selectOption('11');
  await says(page, 'The update of cycle 3, coordinate 12: not observed.');
  const [{ texts, bars }] = await drawing(page);
  const words = texts.map((/** @type {any} */ t) => t.text);
  for (const text of ['members', 'not observed', 'x₁₂ at cycle 3']) assert.ok(words.includes(text), `${text} in ${words}`);
  assert.ok(bars.some((/** @type {any} */ b) => b.frame && b.bottom - b.top > 20));
  assert.deepEqual(errors, []);
  await close();
});

test('the open lab and all views are seen on a narrow screen', async () => {
  const { page, errors, close } = await noted('lab=filter&method=enkf&n=30&cycles=5&seed=1', [320, 700]);
  const row = await page.locator('#labs').boundingBox();
  const own = await page.locator('#labs a[aria-current]').boundingBox();
  assert.ok(row && own && own.x >= row.x - 1 && own.x + own.width <= row.x + row.width + 1, JSON.stringify([row, own]));
  const { scrollWidth, clientWidth } = await page.locator('#stagebar > .segments').evaluate((el) => ({ scrollWidth: el.scrollWidth, clientWidth: el.clientWidth }));
  assert.ok(scrollWidth <= clientWidth, `${scrollWidth} of ${clientWidth}`);
  assert.deepEqual(errors, []);
  await close();
});

test('two models in a comparison have axes of their own', async () => {
  const ticks = async (/** @type {string} */ link) => {
    const { page, errors, close } = await noted(link);
    const all = await drawing(page);
    assert.deepEqual(errors, []);
    await close();
    return all.map(({ texts }) => texts.map((/** @type {any} */ t) => t.text).filter((/** @type {string} */ t) => /^[−\d.]+$/.test(t)).join());
  };
  const [alone] = await ticks('lab=filter&method=enkf&n=30&cycles=20&at=1&seed=0&b.n=40');
  const [beside, map] = await ticks('lab=filter&method=enkf&n=30&cycles=20&at=1&seed=0&b.model=lorenz96&b.states=8');
  assert.equal(beside, alone);
  assert.notEqual(map, beside);
});

test('in space the mean is in front of what is observed, and a long path is a window', async () => {
  const { page, errors, close } = await noted('lab=filter&model=lorenz63&method=var3d&cycles=300&at=1&seed=1');
  const [{ texts, points, bars }] = await drawing(page);
  assert.ok(texts.some((/** @type {any} */ t) => t.text === 'path of the truth, ± 60 cycles'));
  assert.ok(points.length < 300 * 10, `${points.length} points`);
  const mean = bars.filter((/** @type {any} */ b) => b.frame);
  assert.equal(mean.length, 1);
  assert.ok(mean[0].right - mean[0].left < 2 * 6.5, 'the mean hides the ring of the truth');
  assert.deepEqual(errors, []);
  await close();
});

/** The words of the first picture. @param {import('playwright-core').Page} page */
const written = async (page) => (await drawing(page))[0].texts.map((/** @type {any} */ t) => t.text);

test('the reference of Lorenz-63 stands beside every view, is kept for another method and goes with its truth', async () => {
  const { page, errors, close } = await noted('lab=filter&model=lorenz63&method=enkf&n=60&cycles=20&at=0.5&seed=0');
  const points = () => page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.reference);
  assert.equal((await points()).length, 21);
  assert.ok((await written(page)).some((/** @type {string} */ text) => /^reference: 300 of 16.384 members$/.test(text)));
  await page.getByText('It is near the exact law, and not exact.').waitFor({ state: 'attached' });
  assert.doesNotMatch((await written(page)).join(), /exact/);
  await page.getByText('over time', { exact: true }).click();
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector('#plot canvas')).drawn.texts.some((/** @type {any} */ t) => t.text.startsWith('reference: mean')));
  await page.getByText('One update', { exact: true }).click();
  await says(page, 'The reference goes from');
  assert.ok((await written(page)).includes('reference density'));
  await page.getByText('Accuracy', { exact: true }).click();
  await says(page, 'Energy distance to the reference');
  assert.ok((await written(page)).includes('energy distance'));
  const energy = async () => Number(/reference: (\S+);/.exec(await page.locator('#plot canvas').getAttribute('aria-label') ?? '')?.[1]);
  const far = await energy();
  await page.evaluate(() => { /** @type {any} */ (globalThis).before = /** @type {any} */ (globalThis).__scorefield.reference; });
  const same = () => page.evaluate(() => /** @type {any} */ (globalThis).before === /** @type {any} */ (globalThis).__scorefield.reference);
  await page.getByLabel('Method', { exact: true }).selectOption('pf');
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.opened?.link.includes('method=pf'));
  await done(page);
  await says(page, 'Particle filter');
  await says(page, 'Energy distance to the reference');
  assert.ok(await energy() < far, `${await energy()} ${far}`);
  assert.ok(await same(), 'the reference was computed again for another method');
  await page.goto(`${DEV}#lab=filter&model=lorenz63&method=pf&n=60&cycles=20&truth-seed=1&view=accuracy&at=0.5&seed=0`);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.opened?.link.includes('truth-seed=1'));
  await done(page);
  assert.equal(await same(), false, 'the reference of another truth is shown');
  assert.equal((await points()).length, 21);
  assert.deepEqual(errors, []);
  await close();
});

test('the names of a race lie on no dot', async () => {
  const { page, errors, close } = await noted('lab=filter&n=60&cycles=12&view=race&seed=0');
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    const [{ texts, marks }] = await drawing(page);
    const names = texts.filter((/** @type {any} */ { text }) => /filter|EnKF|Langevin|EnSF|run|Climatology|Exact/i.test(text) && text !== 'time of the filter');
    assert.ok(names.length >= 6, `${names.length} names at ${width}`);
    for (const { text, left, right, top, bottom } of names) {
      const on = marks.filter((/** @type {any} */ m) => m.x > left - 2 && m.x < right + 2 && m.y > top - 2 && m.y < bottom + 2);
      assert.deepEqual(on, [], `“${text}” at ${width}`);
    }
  }
  assert.deepEqual(errors, []);
  await close();
});

test('numbers of Lorenz-63 stand beside those of the reference, on the way, when it is there, and when it was cancelled', async () => {
  const { page, errors, close } = await noted('lab=filter&model=lorenz63&method=enkf&n=60&cycles=20&at=1&seed=0');
  const beside = page.locator('.number', { has: page.locator('dt', { hasText: 'RMSE' }) }).locator('small');
  await beside.getByText(/^reference [\d.]+$/).waitFor();
  const own = await beside.innerText();
  await page.getByText('Accuracy', { exact: true }).click();
  await says(page, 'Energy distance to the reference');
  const label = await page.locator('#plot canvas').getAttribute('aria-label') ?? '';
  assert.equal(own, `reference ${/The reference has error ([\d.]+),/.exec(label)?.[1]}`);
  await page.getByText('Ranks', { exact: true }).click(); // it does not ask for the reference, and has it
  assert.equal(await beside.innerText(), own);
  await page.goto(`${DEV}#lab=filter&model=lorenz63&method=enkf&n=20&cycles=2000&at=1&seed=0`);
  await beside.getByText('reference to come').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).last().click();
  await beside.getByText('no reference so far').waitFor();
  await page.locator('.without').getByText(/^The reference was cancelled: (it ends at cycle \d+|there is none)\.$/).waitFor();
  assert.deepEqual(errors, []);
  await close();
});

test('the words of a picture follow what it is: in space, over time, maps', async () => {
  const { page, errors, close } = await noted('lab=filter&model=lorenz63&method=pf&n=40&cycles=12&at=1&seed=0');
  const words = page.locator('#words');
  await words.getByText('The three numbers of the state are a place in space.').waitFor();
  assert.doesNotMatch(await words.innerText(), /left to right/);
  // The reference is seen among the members, in the picture of the whole path too.
  const [{ marks }] = await drawing(page);
  const [members, dots] = [3, 1.1].map((r) => marks.flatMap((/** @type {any} */ m, /** @type {number} */ i) => (r === 1.1 ? m.r === r : m.r > 1.2 && m.r < 5) ? [i] : []));
  assert.equal(dots.length, 300);
  assert.ok(Math.min(...dots) > Math.max(...members), 'the members hide the reference');
  await page.getByText('over time', { exact: true }).click();
  await words.getByText('From left to right run the cycles.').waitFor();
  await page.goto(`${DEV}#lab=filter&model=lorenz96&states=8&method=enkf&n=20&cycles=12&at=1&seed=0`);
  await words.getByText('Each map has the cycles from left to right').waitFor();
  assert.deepEqual(errors, []);
  await close();
});

test('one update shows the gain as arrows', async () => {
  const { page, errors, close } = await noted('lab=filter&model=static&states=1&method=enkf&n=4000&cycles=1&at=1&view=density&seed=0');
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector('#plot canvas')).drawn?.texts.some((/** @type {any} */ t) => /gain/.test(t.text)));
  const text = (await written(page)).find((/** @type {string} */ t) => /gain/.test(t));
  const gain = Number(/^the way of 24 members, gain ([\d.]+)$/.exec(text)?.[1]);
  assert.ok(Math.abs(gain - 0.8) < 0.03, `${text}: P/(P + R) with P = 1, R = .25`);
  assert.deepEqual(errors, []);
  await close();
});

test('a long reference says how far it is and is cancelled; the run beside it stays', async () => {
  const { page, errors, close } = await still();
  await page.goto(`${DEV}#lab=filter&model=lorenz63&method=enkf&n=20&cycles=2000&at=1&seed=0`);
  await page.getByText(/Reference, a particle filter of 16.384 members: cycle [\d\s]+ of 2.000/).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.state !== 'running');
  const count = () => page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.reference.length);
  const there = await count();
  assert.ok(there > 0 && there < 2001, `${there}`);
  await page.waitForTimeout(300);
  assert.equal(await count(), there, 'it goes on');
  assert.ok((await handle(page)).fingerprint);
  assert.deepEqual(errors, []);
  await close();
});

test('the picture in space is seen near the members', async () => {
  const { page, errors, close } = await noted('lab=filter&model=lorenz63&method=enkf&n=60&cycles=12&at=1&seed=0');
  const wide = async () => {
    const [{ marks }] = await drawing(page);
    const xs = marks.filter((/** @type {any} */ m) => m.frame).map((/** @type {any} */ m) => m.x);
    return Math.max(...xs) - Math.min(...xs);
  };
  const whole = await wide();
  await page.getByText('members', { exact: true }).click();
  assert.ok(await wide() > 3 * whole, `${await wide()} ${whole}`);
  assert.deepEqual(errors, []);
  await close();
});

test('weights are areas of dots, over the cycles and in one update', async () => {
  const { page, errors, close } = await noted('lab=filter&method=pf&resample=0&n=40&cycles=6&at=1&seed=0');
  const radii = async () => {
    const [{ marks, texts }] = await drawing(page);
    assert.ok(texts.some((/** @type {any} */ t) => t.text.endsWith('members, area by weight')));
    const own = marks.filter((/** @type {any} */ m) => m.frame).map((/** @type {any} */ m) => m.r);
    return Math.max(...own) / Math.min(...own.filter((/** @type {number} */ r) => r > 0));
  };
  assert.ok(await radii() > 5);
  await page.getByText('One update', { exact: true }).click();
  await says(page, 'The update of cycle 6');
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector('#plot canvas')).drawn.texts.some((/** @type {any} */ t) => t.text === 'members, area by weight'));
  assert.ok(await radii() > 5);
  await page.goto(`${DEV}#lab=filter&method=pf&n=40&cycles=6&at=1&seed=0`);
  await done(page);
  assert.ok((await written(page)).includes('40 members'));
  assert.deepEqual(errors, []);
  await close();
});

test('one update shows the score that moves the members, and says where nothing is observed', async () => {
  const { page, errors, close } = await noted('lab=filter&n=40&cycles=6&every=2&view=density&at=0.6667&seed=0');
  await says(page, 'The update of cycle 4:');
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector('#plot canvas')).drawn.texts.some((/** @type {any} */ t) => t.text === 'score that moves them'));
  await page.getByText('Arrows are the score that moves the members').waitFor({ state: 'attached' });
  await page.getByRole('slider', { name: 'Position from start to end' }).fill('500');
  await says(page, 'not observed. The analysis is the forecast: both panels are equal.');
  const words = await written(page);
  assert.ok(words.includes('equal to the forecast') && !words.includes('score that moves them'), words.join());
  assert.deepEqual(errors, []);
  await close();
});

test('a filter that diverges leaves the axis of errors, and the others stay readable', async () => {
  const { page, close } = await still();
  await page.addInitScript(noteDrawing);
  await page.goto(`${DEV}#lab=filter&operator=abs&method=ekf&view=accuracy&at=1&seed=0`);
  await page.getByRole('alert').filter({ hasText: /diverged/ }).waitFor();
  const words = await written(page);
  assert.ok(words.includes('leaves the axis'), words.join());
  const ticks = words.filter((/** @type {string} */ text) => /^\d+(\.\d+)?$/.test(text)).map(Number);
  assert.ok(Math.max(...ticks) <= 40, words.join()); // of the cycles
  await close();
});
