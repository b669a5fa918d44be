// Observations of a filter moved by hand: pointer, finger and keys; the link holds them, the exact law follows at once.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CLI, DEV, done, handle, launch, newPage } from './browser.js';
import { hears, link, list, presses } from './hand.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** What the command line answers. @param {string} link */
const native = (link) => JSON.parse(execFileSync(CLI, ['run', link], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));

/** @typedef {import('playwright-core').Page} Page */

/** @param {string} link @param {Record<string, any>} [how] */
async function opened(link, how = {}) {
  const own = await newPage(browser, { reducedMotion: 'reduce', viewport: { width: 1400, height: 900 }, ...how });
  await own.page.goto(`${DEV}#${link}`);
  await done(own.page);
  return own;
}

/** The edges of the panel: the axis of cycles and of the state. @param {Page} page @param {number} steps */
async function places(page, steps) {
  const box = await page.locator('#plot canvas').boundingBox();
  assert.ok(box);
  const [left, wide] = [48, box.width - 56];
  return { box, x: (/** @type {number} */ k) => box.x + left + (wide * (k + 0.5)) / (steps + 1) };
}

/** Moves the pointer down a column until it is on an observation. @param {Page} page @param {number} x @param {{ y: number, height: number }} box */
async function find(page, x, box) {
  for (let y = box.y + 30; y < box.y + box.height - 45; y += 6) {
    await page.mouse.move(x, y);
    if (await page.locator('#plot canvas').evaluate((el) => /** @type {HTMLElement} */ (el).style.cursor) === 'ns-resize') return y;
  }
  throw new Error(`no observation at ${x}`);
}

/** The exact law as it is drawn, as a picture of some columns. @param {Page} page @param {{ x: number, y: number, width: number, height: number }} clip */
const picture = (page, clip) => page.screenshot({ clip });

for (const model of ['double-well', 'ar1']) {
  test(`a dragged observation of ${model} takes the exact law with it, and the link holds it when it is let go`, async () => {
    const start = `lab=filter&model=${model}&method=exact&cycles=12&at=1&seed=3`;
    const { page, errors, close } = await opened(start);
    const { x, box } = await places(page, 12);
    const y = await find(page, x(6), box);
    const before = (await handle(page)).opened?.link;
    // Beside the diamond: the law of the cycle after it.
    const clip = { x: x(7) - 4, y: box.y + 30, width: 8, height: box.height - 80 };
    await page.mouse.down();
    const law = await picture(page, clip);
    await page.mouse.move(x(6), y + 20);
    await page.mouse.move(x(6), y + 90, { steps: 3 });
    await page.waitForTimeout(700);
    assert.notDeepEqual(await picture(page, clip), law, 'the exact law does not follow');
    assert.equal((await handle(page)).opened?.link, before, 'the link follows before the pointer is up');
    await page.mouse.up();
    const moved = await link(page, /&y=/);
    assert.equal(list(moved, 'y').length, 12);
    assert.deepEqual(list(moved, 'observed'), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const { fingerprint } = await handle(page);
    assert.equal(fingerprint, native(moved).fingerprint);
    assert.notEqual(fingerprint, native(start).fingerprint);
    // The link that was before is one step back.
    await page.goBack();
    await page.waitForFunction(() => !/** @type {any} */ (globalThis).__scorefield.opened?.link.includes('&y='));
    assert.deepEqual(errors, []);
    await close();
  });
}

test('an observation is added by a click, taken away by a double-click, and all are put back', async () => {
  const { page, errors, close } = await opened('lab=filter&method=pf&n=60&cycles=12&every=3&at=1&seed=3');
  const { x, box } = await places(page, 12);
  await page.mouse.click(x(5), box.y + box.height / 2);
  const more = await link(page, /observed=3,5,6,9,12&/);
  assert.equal(list(more, 'y').length, 5);
  // Cycle 0 is not observed: a click there is one at cycle 1.
  await page.mouse.click(x(0), box.y + box.height / 2);
  await link(page, /observed=1,3,5,6,9,12&/);
  await page.waitForTimeout(800); // what was just added is not taken away by the next click
  const y = await find(page, x(9), box);
  await page.mouse.dblclick(x(9), y);
  await link(page, /observed=1,3,5,6,12&/);
  await page.getByRole('button', { name: 'Reset observations' }).click();
  const again = await link(page, /every=3/);
  assert.doesNotMatch(again, /observed=|&y=/);
  assert.deepEqual(errors, []);
  await close();
});

test('keys choose a cycle, move, add and take away; the last observation stays', async () => {
  const { page, errors, close } = await opened('lab=filter&method=pf&n=60&cycles=12&every=3&at=0.5&seed=3');
  const said = hears(page);
  const press = presses(page);
  await page.locator('#plot canvas').focus();
  await press('ArrowRight');
  await said(/^Cycle 3, observed: y = \S+ Exact: \S+ ± \S+/);
  const y = Number((/y = (\S+)\. /.exec((await page.locator('#live').textContent()) ?? '')?.[1] ?? '').replace('−', '-'));
  await press('ArrowUp', 'ArrowUp', 'Shift+ArrowUp');
  const moved = await link(page, /&y=/);
  assert.ok(Math.abs(list(moved, 'y')[0] - y - 0.35) < 2e-3, `${y} in ${moved}`);
  await press('Shift+ArrowRight');
  await said(/^Cycle 4, not observed/);
  await press('Enter');
  await link(page, /observed=3,4,6/);
  await press('Delete');
  await link(page, /observed=3,6,9/);
  await press('Enter'); // the keys are still there
  await link(page, /observed=3,4,6/);
  await page.goto(`${DEV}#lab=filter&method=pf&n=60&cycles=12&observed=5,7&at=1&seed=3`);
  await link(page, /observed=5,7&/);
  await page.locator('#plot canvas').focus();
  await press('ArrowRight', 'Delete');
  await said(/is gone; 1 is left\.$/);
  await page.goto(`${DEV}#lab=filter&method=pf&n=60&cycles=12&observed=5&at=1&seed=3`);
  await link(page, /observed=5&/);
  await page.locator('#plot canvas').focus();
  await press('ArrowRight', 'Delete');
  await said(/last observation/);
  assert.match((await handle(page)).opened?.link ?? '', /observed=5/);
  assert.deepEqual(errors, []);
  await close();
});

test('a finger moves an observation and does not scroll the page by it', async () => {
  const { page, errors, close } = await opened('lab=filter&method=pf&n=60&cycles=12&at=1&seed=3', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const { x, box } = await places(page, 12);
  const y = await find(page, x(6), box);
  const client = await page.context().newCDPSession(page);
  const touch = (/** @type {'touchStart'|'touchMove'|'touchEnd'} */ type, /** @type {number} */ at) => client.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x: x(6), y: at }] });
  await touch('touchStart', y);
  for (let k = 1; k <= 8; k++) await touch('touchMove', y + 5 * k);
  await touch('touchEnd', 0);
  await link(page, /&y=/);
  assert.equal(await page.evaluate(() => scrollY), 0);
  assert.deepEqual(errors, []);
  await close();
});

test('of an observed absolute value both diamonds are moved, and stand for one value', async () => {
  const { page, errors, close } = await opened('lab=filter&operator=abs&noise-y=0.2&method=pf&n=60&cycles=12&at=1&seed=3');
  const { x, box } = await places(page, 12);
  await find(page, x(6), { y: box.y + box.height / 2, height: box.height / 2 }); // the one below
  await page.mouse.down();
  await page.mouse.move(x(6), box.y + box.height - 60, { steps: 4 });
  await page.mouse.up();
  const moved = await link(page, /&y=/);
  assert.ok(list(moved, 'y')[5] > 0.5, moved);
  assert.deepEqual(errors, []);
  await close();
});

test('fewer cycles keep the observations that fit, and say which are dropped', async () => {
  const { page, errors, close } = await opened('lab=filter&method=pf&n=60&cycles=12&observed=3,6,12&y=0.5,-0.5,1&at=1&seed=3');
  await page.getByText('Model and observations', { exact: true }).click();
  const field = page.getByRole('textbox', { name: 'Cycles', exact: true });
  await field.fill('8');
  await field.press('Enter');
  const fewer = await link(page, /cycles=8/);
  assert.deepEqual([list(fewer, 'observed'), list(fewer, 'y')], [[3, 6], [0.5, -0.5]]);
  await page.getByText('The observation at cycle 12 is dropped: the run has 8 cycles now.').waitFor();
  assert.deepEqual(errors, []);
  await close();
});
