// The labs in the plane and on the torus: the text of their pictures, dropping particles, drawing a law, turning.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { DEV, done, handle, landed, launch, metric, newPage, painted } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** A page whose run is done. @param {string} link @param {import('playwright-core').BrowserContextOptions} [options] */
async function opened(link, options) {
  const made = await newPage(browser, options);
  await made.page.goto(`${DEV}#${link}`);
  await done(made.page);
  return made;
}

/**
 * What the picture says, once it says what is looked for.
 * @param {import('playwright-core').Page} page
 * @param {RegExp} words
 */
async function says(page, words) {
  await page.waitForFunction(([source]) => new RegExp(source, 'u').test(document.querySelector('canvas')?.getAttribute('aria-label') ?? ''), [words.source], { timeout: 10_000, polling: 50 });
  return (await page.locator('canvas').first().getAttribute('aria-label')) ?? '';
}

/** A picture as text, to see whether it has changed. @param {import('playwright-core').Page} page */
const pixels = (page) => page.evaluate(() => document.querySelector('canvas')?.toDataURL() ?? '');

/** A place of the largest canvas, as shares of it. @param {import('playwright-core').Page} page @param {number} x @param {number} y */
async function at(page, x, y) {
  const box = await page.locator('.plot canvas').first().boundingBox();
  if (!box) throw new Error('there is no picture');
  return /** @type {const} */ ([box.x + box.width * x, box.y + box.height * y]);
}

const THIN = '\u202f';

test('particles in the plane: the picture names the law, the share inside, the distance shown below it', async () => {
  const { page, errors, close } = await opened('lab=toy2d&target=gaussians8&n=3000&steps=30&at=1&seed=1');
  const { metrics } = await landed(page);
  const label = await says(page, /energy distance/);
  assert.match(label, new RegExp(`3${THIN}000 particles in the plane on their way to eight normals on a circle`));
  const [, got, exact] = /(\d+\.?\d*) % of the particles lie where the exact law has (\d+\.?\d*) %/.exec(await says(page, /lie where/)) ?? [];
  assert.ok(Math.abs(Number(exact) - 80) < 2, label);
  assert.ok(Math.abs(Number(got) - Number(exact)) < 4, `${got} % of the particles in ${exact} % of the exact mass`);
  const said = /energy distance to the exact law is (\S+);/.exec(label)?.[1];
  assert.equal(Number(said), Number(metric(metrics, 'energy_distance').value.toPrecision(3)));
  assert.ok(await painted(page));
  assert.deepEqual(errors, []);
  await close();
});

for (const [view, words] of /** @type {const} */ ([
  ['flow', /95 % of the arrows are slower than [\d.]+/],
  ['density', /its maximum is [\d.]+/],
  ['trajectories', /Paths of 60 particles/],
])) {
  test(`the view ${view} draws and says its number`, async () => {
    const { page, errors, close } = await opened(`lab=toy2d&target=moons&n=1000&steps=20&view=${view}&at=0.8&seed=1`);
    await says(page, words);
    assert.ok(await painted(page));
    assert.deepEqual(errors, []);
    await close();
  });
}

test('a click and the keyboard drop particles that are followed; Escape and the button clear', async () => {
  const { page, errors, close } = await opened('lab=toy2d&target=moons&n=500&steps=20&at=0.7&seed=1');
  await page.mouse.click(...(await at(page, 0.4, 0.4)));
  await says(page, /1 dropped particle is followed/);
  await page.locator('.plot canvas').focus();
  const before = await page.getByRole('slider', { name: 'Position from noise to data' }).inputValue();
  for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowUp', 'Enter']) await page.keyboard.press(key);
  await says(page, /2 dropped particles are followed/);
  assert.equal(await page.getByRole('slider', { name: 'Position from noise to data' }).inputValue(), before, 'the arrow keys scrubbed as well');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !/dropped/.test(document.querySelector('canvas')?.getAttribute('aria-label') ?? ''));
  await page.mouse.click(...(await at(page, 0.4, 0.4)));
  await page.getByRole('button', { name: 'Clear dropped' }).click();
  await page.waitForFunction(() => !/dropped/.test(document.querySelector('canvas')?.getAttribute('aria-label') ?? ''));
  assert.deepEqual(errors, []);
  await close();
});

test('a law is drawn by pointer: its link has the points, and it runs', async () => {
  const { page, errors, close } = await opened('lab=toy2d&n=500&steps=10&at=1&seed=5');
  await page.getByRole('button', { name: 'Draw a law' }).click();
  await page.getByText('0 of 1000 points', { exact: true }).waitFor();
  await page.mouse.move(...(await at(page, 0.4, 0.3)));
  await page.mouse.down();
  for (let i = 1; i <= 10; i++) await page.mouse.move(...(await at(page, 0.4 + 0.01 * i, 0.3 + 0.03 * i)));
  await page.mouse.up();
  const count = Number(/^(\d+) of/.exec(await page.locator('.drawn').innerText())?.[1]);
  assert.ok(count > 5, `${count} points`);
  await page.locator('.plot canvas').focus();
  for (const key of ['ArrowUp', 'Enter']) await page.keyboard.press(key);
  await page.getByText(`${count + 1} of 1000 points`, { exact: true }).waitFor();
  await page.locator('#plot').getByRole('button', { name: 'Undo' }).click();
  await page.getByText(`${count} of 1000 points`, { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Use this law' }).click();
  await page.waitForFunction(() => /target=drawn/.test(location.hash));
  const { opened: link } = await done(page);
  assert.match(link?.link ?? '', /target=drawn&points=[\w-]{20,}&.*seed=5$/);
  await says(page, /the drawn law/);

  // Drawn again, it begins with these points; Cancel changes nothing.
  await page.getByRole('button', { name: 'Draw a law' }).click();
  await page.getByText(`${count} of 1000 points`, { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await handle(page)).opened?.link, link?.link);
  assert.deepEqual(errors, []);
  await close();
});

test('choosing Drawn in the controls opens the drawing; what is left there is kept', async () => {
  const { page, errors, close } = await opened('lab=toy2d&n=500&steps=10&at=1&seed=5');
  const before = (await handle(page)).opened?.link;
  await page.getByLabel('Law', { exact: true }).selectOption('drawn');
  await page.getByText('0 of 1000 points', { exact: true }).waitFor();
  for (const key of ['ArrowUp', 'Enter', 'Escape']) await page.keyboard.press(key);
  await page.getByRole('button', { name: 'Draw a law' }).click();
  await page.getByText('1 of 1000 points', { exact: true }).waitFor();
  assert.equal((await handle(page)).opened?.link, before);
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector('#c-target')).value === 'checkerboard');
  assert.deepEqual(errors, []);
  await close();
});

test('a drawing is there again after a visit to another lab, as it was left', async () => {
  const { page, errors, close } = await opened('lab=toy2d&n=500&steps=10&at=1&seed=5');
  await page.getByRole('button', { name: 'Draw a law' }).click();
  await page.getByText('0 of 1000 points', { exact: true }).waitFor();
  for (const key of ['ArrowUp', 'Enter', 'ArrowLeft', 'Enter']) await page.keyboard.press(key);
  await page.getByText('2 of 1000 points', { exact: true }).waitFor();
  const visit = async (/** @type {string} */ lab) => {
    await page.goto(`${DEV}#lab=${lab}&n=300&steps=8&at=1&seed=5`);
    await done(page);
  };
  await visit('torus');
  await page.locator('.draw').waitFor({ state: 'detached' });
  await visit('toy2d');
  await page.getByText('2 of 1000 points', { exact: true }).waitFor();
  await page.locator('#plot').getByRole('button', { name: 'Undo' }).click();
  await page.getByText('1 of 1000 points', { exact: true }).waitFor();
  // The change of a drawn law is kept too, while the law is the same.
  await page.getByRole('button', { name: 'Use this law' }).click();
  await page.waitForFunction(() => /target=drawn/.test(location.hash));
  const drawn = (await done(page)).opened?.link ?? '';
  await page.getByRole('button', { name: 'Draw a law' }).click();
  await page.getByText('1 of 1000 points', { exact: true }).waitFor();
  for (const key of ['ArrowUp', 'ArrowUp', 'Enter']) await page.keyboard.press(key);
  await page.getByText('2 of 1000 points', { exact: true }).waitFor();
  await page.locator('label').filter({ hasText: 'Density' }).click(); // another view closes the drawing
  await page.locator('.draw').waitFor({ state: 'detached' });
  await visit('torus');
  await page.goto(`${DEV}#${drawn}`);
  await done(page);
  await page.getByRole('button', { name: 'Draw a law' }).click();
  await page.getByText('2 of 1000 points', { exact: true }).waitFor();
  assert.deepEqual(errors, []);
  await close();
});

test('pasted text becomes a law; text that is none is refused with its reason, and the drawing stays', async () => {
  const { page, errors, close } = await opened('lab=toy2d&n=500&steps=10&at=1&seed=5');
  await page.getByRole('button', { name: 'Draw a law' }).click();
  const fold = page.getByRole('button', { name: 'Paste or drop CSV' });
  await fold.click();
  const text = page.getByRole('textbox', { name: 'Points: two numbers a line' });
  const read = page.getByRole('button', { name: 'Read these points' });
  await text.fill('0.5, 0.5\n-0.5, 0.5\n0, -0.5');
  await read.click();
  await page.getByText('3 of 1000 points', { exact: true }).waitFor();
  await text.waitFor({ state: 'hidden' });
  await fold.click();
  for (const [bad, reason] of /** @type {const} */ ([['1, 2\n3, x', /line 2.*x/i], ['1 2 3\n4 5 6', /3|two/i], ['', /point/i], ['1, 2\n1, NaN', /line 2.*NaN/i]])) {
    await text.fill(bad);
    await read.click();
    await page.locator('.draw [role=alert]:visible').filter({ hasText: reason }).waitFor({ timeout: 10_000 }); // the last refusal gives way to this one
    await page.getByText('3 of 1000 points', { exact: true }).waitFor();
  }
  await page.locator('.draw input[type=file]').setInputFiles({ name: 'points.csv', mimeType: 'text/csv', buffer: Buffer.from('100,200\n101,201\n102,200\n101,199\n') });
  await page.getByText('4 of 1000 points', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Use this law' }).click();
  const { opened: link } = await done(page);
  await page.waitForFunction(() => /points=/.test(location.hash));
  assert.match((await handle(page)).opened?.link ?? link?.link ?? '', /target=drawn&points=[\w-]+&.*seed=5$/);
  assert.deepEqual(errors, []);
  await close();
});

/**
 * Brings files to a place of the page, by hand or by the clipboard.
 * @param {import('playwright-core').Page} page
 * @param {string} place
 * @param {[string, Buffer][]} files
 * @param {'drop'|'paste'} how
 */
async function bring(page, place, files, how = 'drop') {
  await page.evaluate(([selector, list, kind]) => {
    const transfer = new DataTransfer();
    for (const [name, bytes] of list) transfer.items.add(new File([new Uint8Array(bytes)], name));
    const event = kind === 'drop' ? new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }) : new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true });
    document.querySelector(selector)?.dispatchEvent(event);
  }, /** @type {const} */ ([place, files.map(([name, bytes]) => /** @type {const} */ ([name, [...bytes]])), how]));
}

/** Waits for words in the boxes above the picture. @param {import('playwright-core').Page} page @param {string} words */
const told = (page, words) => page.locator('#alerts').getByText(words).waitFor({ timeout: 10_000 });

test('a file dropped anywhere is recognised by its content, and points give the same link in every style', async () => {
  const { page, errors, close } = await opened('lab=toy1d&n=300&steps=10&at=1&seed=5');
  const link = () => page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.opened.link);
  const plain = '0.5,1.25\n-0.5,0.5\n0,-0.5\n';
  const german = '\ufeffx;y\r\n0,5;1,25\r\n-0,5;0,5\r\n0;-0,5\r\n';
  await bring(page, '#plot', [['points.csv', Buffer.from(plain)], ['second.csv', Buffer.from('1,1')]]);
  await told(page, '3 points were read from points.csv.');
  await told(page, 'points.csv was opened alone: of 2 files the first.');
  const first = await link();
  assert.match(first, /^v=1&lab=toy2d&target=drawn&points=[\w-]{16}&seed=5$/, 'a law of the plane, with the seed of what was open');
  await says(page, /the drawn law/);

  // Another law between, so that each file must bring the points by itself.
  const away = async () => {
    await page.waitForFunction(() => location.hash === `#${/** @type {any} */ (globalThis).__scorefield.opened.link}`); // the address has been written
    await page.evaluate(() => { location.hash = 'lab=toy2d&target=moons&n=300&steps=10&at=1&seed=5'; });
    await page.waitForFunction(() => /target=moons/.test(/** @type {any} */ (globalThis).__scorefield.opened.link));
    await done(page);
  };
  const points = /points=([\w-]+)/.exec(first)?.[1];
  for (const [place, name, bytes] of /** @type {[string, string, Buffer][]} */ ([
    ['#panel', 'german.txt', Buffer.from(german)],
    ['#plot canvas', 'utf16.bpk', Buffer.from(german.replaceAll(';', '\t'), 'utf16le')],
    ['.transport', 'mac', Buffer.from(plain.replaceAll('\n', '\r'))],
  ])) {
    await away();
    await bring(page, place, [[name, bytes]]);
    await told(page, `3 points were read from ${name}.`);
    assert.match(await link(), new RegExp(`target=drawn&points=${points}&`), name);
  }
  await away();
  await bring(page, 'body', [['pasted.csv', Buffer.from(plain)]], 'paste');
  await told(page, '3 points were read from pasted.csv.');

  const before = await link();
  for (const [name, bytes, words] of /** @type {[string, Buffer, string][]} */ ([
    ['photo.png', Buffer.from('\x89PNG\r\n\x1a\n\0\0', 'latin1'), 'photo.png is neither the file of a network (burnpack) nor a table of points: this is not text.'],
    ['four.csv', Buffer.from('1,5,2,5\n'), 'four.csv is neither the file of a network (burnpack) nor a table of points: line 1 has 4 columns'],
  ])) {
    await bring(page, '#plot', [[name, bytes]]);
    await told(page, words);
    assert.equal(await link(), before, 'the link was lost');
    await page.getByRole('button', { name: 'Dismiss' }).first().click();
  }
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([new Uint8Array(20_000_001)], 'large.csv'));
    document.querySelector('#plot')?.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  });
  await told(page, 'large.csv has 21 MB.');
  assert.deepEqual(errors, []);
  await close();
});

test('while a law is drawn, dropped points go into the drawing, what is none is refused there, and a network opens its link', async () => {
  const { page, errors, close } = await opened('lab=toy2d&n=300&steps=10&at=1&seed=5');
  const before = (await handle(page)).opened?.link;
  await page.getByRole('button', { name: 'Draw a law' }).click();
  await page.getByText('0 of 1000 points', { exact: true }).waitFor();
  const many = Array.from({ length: 1500 }, (_, i) => `${i};${i % 7},5`).join('\r\n');
  await bring(page, '.draw canvas', [['many.csv', Buffer.from(many)]]);
  await page.getByText('1000 of 1000 points', { exact: true }).waitFor();
  await page.locator('.draw').getByText('1000 points read. Commas were read as decimal marks. Of 1500 points 1000 were drawn at random, the same ones each time. Not all points were in [−2, 2]: all were shifted to mean 0 and scaled to a deviation of 0.500 a coordinate.').waitFor();
  await bring(page, '#panel', [['nan.csv', Buffer.from('NaN,NaN\n1,2\n')]]);
  await page.locator('.draw [role=alert]:visible').getByText('nan.csv is neither the file of a network (burnpack) nor a table of points: line 1: “NaN” is not a finite number').waitFor();
  await page.getByText('1000 of 1000 points', { exact: true }).waitFor();
  await page.locator('.draw canvas').evaluate((canvas) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', '0.5\t0.5\n1\t1');
    canvas.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  await page.getByText('2 of 1000 points', { exact: true }).waitFor();
  assert.equal((await handle(page)).opened?.link, before, 'the drawing is not used yet');

  await bring(page, '.draw canvas', [['net.csv', readFileSync(new URL('../../nets/moons.bpk', import.meta.url))]]);
  await page.getByText('Loaded from net.csv').waitFor();
  await page.locator('.draw').waitFor({ state: 'detached' });
  assert.match((await done(page)).opened?.link ?? '', /target=moons.*score=trained/);
  // What was drawn is still there.
  await page.getByRole('button', { name: 'Draw a law' }).click();
  await page.getByText('2 of 1000 points', { exact: true }).waitFor();
  assert.deepEqual(errors, []);
  await close();
});

test('the torus: its picture says how far the particles are, and turns by keys and by dragging', async () => {
  const { page, errors, close } = await opened('lab=torus&n=2000&steps=12&process=fm&at=1&seed=2');
  const { metrics } = await landed(page);
  const label = await says(page, /energy distance/);
  const said = Number(/distance from the surface is (\S+) minor radii/.exec(label)?.[1]);
  assert.ok(Math.abs(said - metric(metrics, 'surface_rms').value) < 0.02 * said, label);
  assert.ok(await painted(page));
  const before = await pixels(page);
  await page.locator('.plot canvas').focus();
  await page.keyboard.press('ArrowLeft');
  await page.waitForTimeout(200);
  const turned = await pixels(page);
  assert.notEqual(turned, before, 'the key did nothing');
  await page.mouse.move(...(await at(page, 0.4, 0.4)));
  await page.mouse.down();
  await page.mouse.move(...(await at(page, 0.5, 0.45)), { steps: 4 });
  await page.mouse.up();
  await page.waitForTimeout(200);
  assert.notEqual(await pixels(page), turned, 'the drag did nothing');
  assert.equal(await page.getByRole('slider', { name: 'Position from noise to data' }).inputValue(), '1000', 'turning scrubbed');
  assert.deepEqual(errors, []);
  await close();
});

test('the angles of the torus', async () => {
  const { page, errors, close } = await opened('lab=torus&n=4000&steps=30&view=angles&at=1&seed=2');
  const label = await says(page, /they differ by [\d.]+ at most/);
  assert.ok(Number(/differ by ([\d.]+)/.exec(label)?.[1]) < 0.12, label);
  assert.ok(await painted(page));
  assert.deepEqual(errors, []);
  await close();
});

test('the tabs open the labs, keep the seed, and come back to where a lab was left', async () => {
  const { page, errors, close } = await opened('lab=toy1d&n=500&at=1&seed=77');
  for (const [name, lab] of [['2-D', 'toy2d'], ['Torus', 'torus'], ['Chains', 'lgssm'], ['1-D', 'toy1d']]) {
    await page.getByRole('link', { name, exact: true }).click();
    await page.waitForFunction((id) => /** @type {any} */ (globalThis).__scorefield.opened?.lab === id, lab);
    const { opened: link } = await done(page);
    assert.equal(link?.link, lab === 'toy1d' ? 'v=1&lab=toy1d&n=500&at=1&seed=77' : `v=1&lab=${lab}&seed=77`);
    assert.ok(await painted(page), `${name} is blank`);
    assert.equal(await page.getByRole('link', { name, exact: true }).getAttribute('aria-current'), 'page');
  }
  assert.deepEqual(errors, []);
  await close();
});

test('reduced motion: the flow stands still, with no streaks', async () => {
  const { page, errors, close } = await opened('lab=toy2d&target=moons&n=500&steps=10&view=flow&seed=1', { reducedMotion: 'reduce' });
  await says(page, /95 % of the arrows/);
  await page.waitForTimeout(300);
  const before = await pixels(page);
  await page.waitForTimeout(500);
  assert.equal(await pixels(page), before);
  assert.deepEqual(errors, []);
  await close();
});
