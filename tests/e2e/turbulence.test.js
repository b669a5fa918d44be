// The lab of turbulence in the page: the numbers and the fingerprint of the command line, every view, both clocks, pixels placed by pointer,
// finger and keys, vortices placed by hand, a comparison, cancelling, and wrong links.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CLI, DEV, done, handle, launch, metric, newPage, painted, words } from './browser.js';
import { hears, link, list, presses } from './hand.js';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** What the command line answers. @param {string} text */
const native = (text) => JSON.parse(execFileSync(CLI, ['run', text], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));

/** Waits for words of the picture. @param {Page} page @param {string} words */
const says = (page, words) => page.waitForFunction(
  (text) => [...document.querySelectorAll('#plot canvas')].some((c) => c.getAttribute('aria-label')?.includes(text)), words);

/** A page that does not move by itself, on a link. @param {string} text @param {import('playwright-core').BrowserContextOptions} [how] */
async function opened(text, how = {}) {
  const made = await newPage(browser, { reducedMotion: 'reduce', viewport: { width: 1200, height: 900 }, ...how });
  await made.page.goto(`${DEV}#${text}`);
  await done(made.page);
  // The numbers take room of the picture.
  await made.page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.metrics?.final);
  await made.page.waitForTimeout(200);
  return made;
}

for (const text of [
  'lab=turbulence&frames=6&steps=6&score=gaussian&seed=3',
  'lab=turbulence&frames=6&steps=8&n=2&physics=residual&guidance=pigdm&score=gaussian&seed=3',
  'lab=turbulence&frames=5&steps=16&physics=defect&layout=random&score=gaussian&seed=3',
  'lab=turbulence&frames=9&steps=3&method=ar&task=forecast&score=gaussian&seed=3',
  'lab=turbulence&frames=7&steps=4&score=small&seed=3',
  'lab=turbulence&frames=6&steps=8&n=2&score=small&physics=defect&guidance=pigdm&seed=3',
  'lab=turbulence&frames=8&steps=2&score=small&method=ar&task=forecast&seed=3',
  'lab=turbulence&method=posterior&seed=3',
  'lab=turbulence&frames=5&method=enkf&n=12&seed=3',
]) {
  test(`#${text} has the bits and the numbers of the command line`, async () => {
    const { page, errors, close } = await opened(`${text}&at=1`);
    const { fingerprint, metrics } = await handle(page);
    const own = native(text);
    assert.equal(fingerprint, own.fingerprint);
    for (const [key, value] of Object.entries(own.metrics)) assert.equal(metric(metrics, key).value, value, key);
    assert.ok(await painted(page));
    assert.doesNotMatch(await page.locator('body').innerText(), /undefined|NaN|Infinity/);
    assert.deepEqual(errors, []);
    await close();
  });
}

/** Opens a view. @param {Page} page @param {string} name */
const view = (page, name) => page.locator('#stagebar label').filter({ hasText: new RegExp(`^${name}$`) }).click();

test('64 × 64 pixels have the numbers of the command line up to rounding: their transforms use the sines of the platform', async () => {
  const text = 'lab=turbulence&frames=4&pixels=64&n=6&seed=3';
  const { page, errors, close } = await opened(`${text}&at=1`);
  const { metrics } = await handle(page);
  for (const [key, value] of Object.entries(native(text).metrics)) {
    const own = metric(metrics, key).value ?? NaN;
    assert.ok(Math.abs(own - value) <= 1e-6 * Math.abs(value), `${key}: ${own} and ${value}`);
  }
  assert.deepEqual(errors, []);
  await close();
});

test('every view has its curves and its words', async () => {
  const { page, errors, close } = await opened('lab=turbulence&frames=6&steps=4&at=1&seed=1');
  await says(page, 'Vorticity in frame');
  await view(page, 'Accuracy');
  await says(page, 'Gaussian posterior mean:');
  await view(page, 'Spectrum');
  await says(page, 'This run:');
  await view(page, 'Residual');
  await says(page, 'This run: residual');
  assert.deepEqual(errors, []);
  await close();
});

test('there are two clocks: the noise of the sampler and the time of the flow', async () => {
  const { page, errors, close } = await opened('lab=turbulence&frames=6&steps=8&at=1&seed=1');
  const time = page.getByRole('slider', { name: 'Time of the flow' });
  await time.fill('2');
  await says(page, 'Vorticity in frame 2 of 5');
  await page.getByRole('slider', { name: 'Position from noise to data' }).fill('500');
  await page.locator('.readout').filter({ hasText: /step 4 of 8/ }).waitFor();
  await says(page, 'Vorticity in frame 2 of 5');
  await page.getByRole('button', { name: 'Play the film' }).click();
  await says(page, 'Vorticity in frame 5 of 5');
  await page.getByRole('button', { name: 'Play the film' }).waitFor();
  await page.getByText('with noise', { exact: true }).click();
  assert.deepEqual(errors, []);
  await close();
});

/** The box of the observations in the picture, by values that are read in it. @param {Page} page */
async function seenBox(page) {
  const canvas = page.locator('#plot canvas').first();
  const box = await canvas.boundingBox();
  assert.ok(box);
  // A click has whole pixels.
  for (let y = Math.ceil(box.y) + 40; y < box.y + box.height; y += 25) {
    for (let x = Math.ceil(box.x) + 10; x < box.x + box.width; x += 25) {
      await page.mouse.move(x, y);
      const text = await page.evaluate(() => /** @type {HTMLElement|null} */ (document.querySelector('.reading'))?.innerText ?? '');
      const found = /^seen: pixel (\d+), (\d+)/.exec(text);
      if (found) return { x, y, pixel: [Number(found[1]), Number(found[2])] };
    }
  }
  return assert.fail('no observations in the picture');
}

test('a pixel is seen by a click, moved by a drag and taken away by a click', async () => {
  const { page, errors, close } = await opened('lab=turbulence&frames=4&layout=placed&mask=600&every=1&method=posterior&at=1&seed=1');
  const { x, y, pixel } = await seenBox(page);
  await page.mouse.click(x, y);
  const added = pixel[1] * 32 + pixel[0];
  const more = await link(page, new RegExp(`mask=(600,${added}|${added},600)&`));
  assert.equal((await handle(page)).fingerprint, native(more).fingerprint);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 30, y, { steps: 4 });
  await page.mouse.up();
  const moved = list(await link(page, new RegExp(`mask=(?!.*\\b${added}\\b)`)), 'mask');
  assert.equal(moved.length, 2);
  const to = moved.find((k) => k !== 600) ?? 0;
  assert.equal(Math.floor(to / 32), pixel[1], 'the row stays');
  assert.ok(to > added, `${to} from ${added}`);
  await page.mouse.click(x + 30, y);
  await link(page, /mask=600&/);
  // The link that was before is one step back.
  await page.goBack();
  await link(page, new RegExp(`${to}`));
  assert.deepEqual(errors, []);
  await close();
});

test('keys choose a pixel, let it be seen and take it away; the last one stays', async () => {
  const { page, errors, close } = await opened('lab=turbulence&frames=4&layout=placed&mask=600&method=posterior&at=1&seed=1');
  const said = hears(page);
  const press = presses(page);
  await page.locator('#plot canvas').focus();
  await press('ArrowRight');
  await said(/pixel 24, 18/);
  await press('Delete');
  await said(/last seen pixel/);
  await press('ArrowRight', 'Shift+ArrowUp', 'Enter');
  await link(page, /mask=600,729&/);
  await press('Enter');
  await link(page, /mask=600&/);
  assert.deepEqual(errors, []);
  await close();
});

test('a finger moves a pixel and does not scroll the page by it', async () => {
  const { page, errors, close } = await opened('lab=turbulence&frames=4&layout=placed&mask=600&every=1&method=posterior&at=1&seed=1', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.locator('#plot canvas').scrollIntoViewIfNeeded();
  const { x, y, pixel } = await seenBox(page);
  // From there to the seen pixel 24, 18 by the width of a pixel.
  const next = await seenNext(page, x, y, pixel);
  const [from, top] = [x + (24 - pixel[0]) * next, y - (18 - pixel[1]) * next];
  const before = await page.evaluate(() => scrollY);
  const client = await page.context().newCDPSession(page);
  const touch = (/** @type {'touchStart'|'touchMove'|'touchEnd'} */ type, /** @type {number} */ down) => client.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x: from, y: top + down }] });
  await touch('touchStart', 0);
  for (let k = 1; k <= 8; k++) await touch('touchMove', 4 * k);
  await touch('touchEnd', 0);
  const moved = list(await link(page, /mask=(?!600&)/), 'mask');
  assert.equal(moved.length, 1);
  assert.ok(moved[0] < 600 - 4 * 32 && Math.abs((moved[0] % 32) - 24) < 4, String(moved));
  assert.equal(await page.evaluate(() => scrollY), before);
  assert.deepEqual(errors, []);
  await close();
});

/** The width of a pixel of the film. @param {Page} page @param {number} x @param {number} y @param {number[]} pixel */
async function seenNext(page, x, y, pixel) {
  for (let d = 1; d < 60; d += 0.5) {
    await page.mouse.move(x + d, y);
    const text = await page.evaluate(() => /** @type {HTMLElement|null} */ (document.querySelector('.reading'))?.innerText ?? '');
    const found = /^seen: pixel (\d+)/.exec(text);
    if (found && Number(found[1]) >= pixel[0] + 4) return d / 4;
  }
  return assert.fail('no next pixel');
}

test('vortices are placed by clicks, and the solver carries them', async () => {
  const { page, errors, close } = await opened('lab=turbulence&frames=4&method=interpolate&at=1&seed=1');
  await page.getByRole('checkbox', { name: 'place vortices' }).check();
  const canvas = await page.locator('#plot canvas').first().boundingBox();
  assert.ok(canvas);
  const { y } = await seenBox(page);
  await page.mouse.click(canvas.x + 60, y);
  const own = await link(page, /vortices=/);
  assert.equal((await handle(page)).fingerprint, native(own).fingerprint);
  await page.getByRole('button', { name: 'Back to the turbulent truth' }).click();
  await link(page, /^(?!.*vortices)/);
  assert.deepEqual(errors, []);
  await close();
});

test('two methods share truth and observations, and each has its numbers', async () => {
  const { page, errors, close } = await opened('lab=turbulence&frames=5&method=posterior&b.method=interpolate&at=1&seed=1');
  await says(page, 'Configuration A, ');
  await says(page, 'Configuration B, ');
  const own = await handle(page);
  const both = native(own.opened?.link ?? '');
  assert.equal(own.fingerprint, both.fingerprint);
  assert.notEqual(both.fingerprint, both.b.fingerprint);
  assert.deepEqual(errors, []);
  await close();
});

test('the Gaussian answer is there before the network has come, which is told with its size', async () => {
  const { page, errors, close } = await newPage(browser, { reducedMotion: 'reduce', viewport: { width: 1200, height: 900 } });
  /** @type {(go: unknown) => void} */
  let go = () => {};
  const held = new Promise((resolve) => void (go = resolve));
  await page.route('**/turbulence-small.bpk*', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${DEV}#lab=turbulence&frames=6&steps=4&at=1&seed=1`);
  await says(page, 'The film is on its way. Gaussian posterior mean: error');
  await page.getByText('Loading the network nets/turbulence-small.bpk').first().waitFor();
  go(null);
  await done(page);
  await says(page, 'Error of this frame');
  assert.deepEqual(errors, []);
  await close();
});

test('a network that is missing is told by its name with the way out, and the next try succeeds', async () => {
  const { page, close } = await newPage(browser, { reducedMotion: 'reduce' });
  await page.route('**/turbulence-small.bpk*', (route) => route.fulfill({ status: 404, body: '' }));
  await page.goto(`${DEV}#lab=turbulence&frames=5&steps=2&seed=1`);
  await page.getByText(/turbulence-small\.bpk could not be loaded: the server answered 404.*choose another score/).first().waitFor();
  await page.unroute('**/turbulence-small.bpk*');
  await page.goto(`${DEV}#lab=turbulence&frames=5&steps=2&seed=2`);
  await done(page);
  await close();
});

test('a run stops soon after it is cancelled', async () => {
  const { page, errors, close } = await newPage(browser, { reducedMotion: 'reduce' });
  await page.goto(`${DEV}#lab=turbulence&steps=400&corrections=4&physics=defect&seed=1`);
  await page.getByRole('button', { name: 'Cancel' }).first().click({ timeout: 20_000 });
  await page.getByText(/^Cancelled at step \d+ of 400/).first().waitFor({ timeout: 5000 });
  assert.deepEqual(errors, []);
  await close();
});

test('another viscosity has another method, and a score for it is refused with the way out', async () => {
  const { page, errors, close } = await opened('lab=turbulence&frames=4&viscosity=0.03&n=2&at=1&seed=1');
  assert.match((await handle(page)).opened?.link ?? '', /viscosity=0.03/);
  await page.goto(`${DEV}#lab=turbulence&viscosity=0.03&method=aao&seed=1`);
  await page.getByText(/the measured law and the networks know/).first().waitFor();
  assert.deepEqual(errors, []);
  await close();
});

test('in a comparison, a network that does not come stops only the side that needs it', async () => {
  const { page, close } = await newPage(browser, { reducedMotion: 'reduce' });
  await page.route('**/turbulence-small.bpk*', (route) => route.fulfill({ status: 404, body: '' }));
  await page.goto(`${DEV}#lab=turbulence&frames=5&steps=2&b.method=posterior&seed=1`);
  await page.getByText(/^A: .*turbulence-small\.bpk could not be loaded/).first().waitFor();
  await page.locator('.row.b .number').filter({ hasText: 'RMSE' }).waitFor();
  await says(page, 'Configuration B, ');
  const label = await page.locator('#plot canvas').last().getAttribute('aria-label');
  assert.match(label ?? '', /Configuration B, .*Error of this frame/);
  await page.unroute('**/turbulence-small.bpk*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.row.a .number').filter({ hasText: 'RMSE' }).waitFor();
  await close();
});

test('where one side of a comparison failed, the other is played, and the readout says whose time it is', async () => {
  const { page, close } = await newPage(browser);
  await page.route('**/turbulence-small.bpk*', (route) => route.fulfill({ status: 404, body: '' }));
  await page.goto(`${DEV}#lab=turbulence&frames=5&steps=4&score=small&b.score=gaussian&seed=1`);
  await page.getByText(/^A: .*turbulence-small\.bpk could not be loaded/).first().waitFor();
  await page.locator('.readout').getByText('step 4 of 4').waitFor();
  assert.match(await page.locator('.readout').innerText(), /^B: t 0/);
  await close();
});

test('Cancel gives up a network on its way: its progress goes, and the run can be begun again', async () => {
  const { page, close } = await newPage(browser, { reducedMotion: 'reduce' });
  let tries = 0;
  /** @type {(go: unknown) => void} */
  let go = () => {};
  const held = new Promise((resolve) => void (go = resolve));
  await page.route('**/turbulence-small.bpk*', async (route) => {
    if (++tries === 1) await held;
    await route.continue().catch(() => {}); // it was given up
  });
  await page.goto(`${DEV}#lab=turbulence&frames=5&steps=2&seed=1`);
  const loading = page.locator('#work').getByText('Loading the network');
  await loading.waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await loading.waitFor({ state: 'detached' });
  await page.getByText(/^Cancelled at step 0 of 2\. “Run again” starts from the beginning\.$/).waitFor();
  await page.getByRole('button', { name: 'Run again' }).click();
  await done(page);
  assert.equal(tries, 2);
  go(null);
  await close();
});

test('Play during a failure leaves the next try where a link begins', async () => {
  const { page, close } = await newPage(browser, { reducedMotion: 'reduce' });
  await page.route('**/turbulence-small.bpk*', (route) => route.fulfill({ status: 404, body: '' }));
  await page.goto(`${DEV}#lab=turbulence&frames=5&steps=2&seed=1`);
  await page.getByText(/turbulence-small\.bpk could not be loaded/).first().waitFor();
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.unroute('**/turbulence-small.bpk*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await done(page);
  await page.locator('.readout').filter({ hasText: 'step 2 of 2' }).waitFor();
  await close();
});

test('a flow that no score knows says what becomes of the method, in a link and after a control', async () => {
  const { page, errors, close } = await opened('lab=turbulence&frames=4&pixels=64&n=2&at=1&seed=1');
  const said = page.locator('.box.notice').filter({ hasText: /method=free is used: no score knows this flow.*method=enkf/ });
  await said.waitFor();
  await page.goto(`${DEV}#lab=turbulence&frames=4&steps=2&score=gaussian&at=1&seed=1`);
  await said.waitFor({ state: 'detached' });
  await page.getByText('Flow and observations', { exact: true }).click();
  await page.getByRole('combobox', { name: 'Pixels', exact: true }).selectOption('64');
  await said.waitFor();
  await link(page, /pixels=64.*method=free/);
  assert.deepEqual(errors, []);
  await close();
});

test('captions name method, score, guidance and equations; without corrections none are spoken of', async () => {
  const { page, errors, close } = await opened(
    'lab=turbulence&frames=5&steps=2&corrections=0&score=gaussian&gamma=0.02&physics=residual&b.score=small&b.guidance=none&b.physics=none&at=1&seed=1');
  assert.deepEqual(await page.locator('#plot figcaption').allInnerTexts(), [
    'A · All at once · Gaussian score · SDA γ 0.02 · with the residual · N = 2, C = 0',
    'B · All at once · Small network · no guidance · N = 2, C = 0',
  ]);
  const told = await words(page);
  assert.match(told, /RMSE is the root mean square/);
  assert.doesNotMatch(told, /Langevin correction/);
  assert.deepEqual(errors, []);
  await close();
});

test('a setting that does not use the observations is told, with the way out', async () => {
  const { page, errors, close } = await opened('lab=turbulence&frames=6&steps=16&score=gaussian&guidance=none&at=1&seed=0');
  const told = page.locator('#lesson');
  await told.getByText(/The observations are not used\. The error of the film, 1\.\d+, is more than that of the mean of the flow, 0\.87/).waitFor();
  await told.getByRole('button', { name: 'Guidance = SDA' }).click();
  await link(page, /^(?!.*guidance=none)/);
  await told.waitFor({ state: 'hidden' });
  assert.deepEqual(errors, []);
  await close();
});
