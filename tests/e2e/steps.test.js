// Undo and redo over links, what is an entry of the browser's history, and that each lab is found as it was left.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Steps } from '../../www/app/steps.js';
import { DEV, done, launch, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** Numbers of a fixed seed in [0, 1). @param {number} seed */
function draws(seed) {
  let x = seed;
  return () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x / 2 ** 32;
  };
}

/** The link that is open. @param {import('playwright-core').Page} page @returns {Promise<string>} */
const linkOf = (page) => page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.opened.link);

/** Waits until a link is open that is not this one. @param {import('playwright-core').Page} page @param {string} link */
const other = (page, link) => page.waitForFunction((l) => /** @type {any} */ (globalThis).__scorefield.opened.link !== l, link, { polling: 20 });

/** Waits until this link is open. @param {import('playwright-core').Page} page @param {string} link */
const reaches = (page, link) => page.waitForFunction((l) => /** @type {any} */ (globalThis).__scorefield.opened.link === l, link, { polling: 20, timeout: 15_000 });

/** Waits until the address is that of a link. @param {import('playwright-core').Page} page @param {string} link */
const addressed = (page, link) => page.waitForFunction((l) => location.hash === `#${l}`, link, { polling: 20, timeout: 15_000 });

/** Waits until a button of the steps leads nowhere: it follows the link with the next picture. @param {import('playwright-core').Page} page @param {string} name */
const spent = (page, name) => page.locator(`button[aria-label="${name}"][aria-disabled="true"]`).waitFor();

test('all steps undone and made again give the same links, for random steps, gestures and scrubs', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const draw = draws(seed);
    const steps = new Steps();
    steps.take('lab', 'start', 'step');
    const links = ['start'];
    for (let i = 0; i < 40; i++) {
      const link = `link ${Math.floor(9 * draw())}`; // some come again
      const kind = draw();
      if (kind < 0.2) {
        steps.take('lab', link, 'amend');
        links[links.length - 1] = link;
      } else if (kind < 0.5) {
        const before = steps.now;
        const fresh = steps.take('lab', link, { gesture: `g${i % 7 < 4 ? Math.floor(i / 7) : i}` });
        if (fresh) links.push(link);
        else if (before !== link) links[links.length - 1] = link;
      } else if (steps.take('lab', link, 'step')) links.push(link);
      assert.equal(steps.now, link);
      assert.deepEqual([...steps.past, steps.now], links);
    }
    const seen = [steps.now];
    for (let back = steps.before; back !== null; back = steps.before) {
      steps.take('lab', back, 'undo');
      assert.equal(steps.now, back);
      seen.push(back);
    }
    assert.equal(steps.past.filter((link) => link !== steps.now).length, 0);
    for (let forth = steps.after; forth !== null; forth = steps.after) {
      seen.pop();
      steps.take('lab', forth, 'redo');
      assert.equal(forth, seen[seen.length - 1]);
    }
    assert.equal(seen.length, 1);
    assert.equal(steps.now, links[links.length - 1]);
  }
});

test('random changes of controls are undone by Ctrl+Z one by one, and made again to the same links', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#v=1&lab=toy1d&n=50&steps=6&at=1&seed=0`);
  await done(page);
  const draw = draws(7);
  const links = [await linkOf(page)];
  while (links.length < 13) {
    const selects = page.locator('#panel .fields select:visible');
    const select = selects.nth(Math.floor(draw() * (await selects.count())));
    const values = await select.locator('option').evaluateAll((all) => all.map((o) => /** @type {HTMLOptionElement} */ (o).value));
    const value = values.filter((v) => v !== 'trained')[Math.floor(draw() * values.filter((v) => v !== 'trained').length)];
    if (value === await select.inputValue()) continue;
    const before = await linkOf(page);
    await select.selectOption(value);
    const changed = await other(page, before).then(() => true);
    assert.ok(changed);
    await done(page);
    links.push(await linkOf(page));
  }
  await page.locator('#plot').focus();
  for (const link of [...links].reverse().slice(1)) {
    await page.keyboard.press('Control+z');
    await reaches(page, link);
  }
  await spent(page, 'Undo');
  for (const [i, link] of links.slice(1).entries()) {
    await page.keyboard.press(i % 2 ? 'Control+y' : 'Control+Shift+Z');
    await reaches(page, link);
  }
  await spent(page, 'Redo');
  await addressed(page, links[links.length - 1]);
  for (let i = 1; i < links.length; i++) page.keyboard.press('Control+z'); // faster than links open
  await reaches(page, links[0]);
  assert.deepEqual(errors, []);
  await close();
});

test('a dragged observation comes back by the button, and by the browser’s', async () => {
  const { page, errors, close } = await newPage(browser, { viewport: { width: 1200, height: 800 } });
  await page.goto(`${DEV}#v=1&lab=lgssm&n=16&steps=6&at=1&seed=0`);
  await done(page);
  const first = await linkOf(page);
  await addressed(page, first);
  const entries = () => page.evaluate(() => history.length);
  const before = await entries();
  await page.locator('#plot canvas').focus();
  await page.keyboard.press('ArrowRight');
  for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowUp'); // one move
  await other(page, first);
  const moved = await linkOf(page);
  assert.match(moved, /y=/);
  await addressed(page, moved);
  assert.equal(await entries(), before + 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await reaches(page, first);
  await page.getByRole('button', { name: 'Redo' }).click();
  await reaches(page, moved);
  await addressed(page, moved);
  await page.goBack();
  await reaches(page, first);
  await page.goForward();
  await reaches(page, moved);
  assert.deepEqual(errors, []);
  await close();
});

test('a slider’s drag is one entry of the history, playing and scrubbing are none', async () => {
  const { page, errors, close } = await newPage(browser, { viewport: { width: 1200, height: 900 } });
  await page.goto(`${DEV}#v=1&lab=toy1d&n=50&steps=6&at=1&seed=0`);
  await done(page);
  const first = await linkOf(page);
  await addressed(page, first);
  const entries = () => page.evaluate(() => history.length);
  const before = await entries();
  const box = await page.locator('#panel input[type=range]:visible').first().boundingBox();
  assert.ok(box);
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + 0.2 * box.width, y);
  await page.mouse.down();
  for (let i = 3; i <= 8; i++) {
    await page.mouse.move(box.x + (i / 10) * box.width, y);
    await page.waitForTimeout(220);
  }
  await page.mouse.up();
  await done(page);
  await page.waitForTimeout(300);
  const dragged = await linkOf(page);
  assert.notEqual(dragged, first);
  await addressed(page, dragged);
  assert.equal(await entries(), before + 1);
  // scrubbing changes the entry, and adds none
  await page.locator('#plot').focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowLeft');
  await other(page, dragged);
  const scrubbed = await linkOf(page);
  assert.match(scrubbed, /at=0\.96/);
  await addressed(page, scrubbed);
  await page.keyboard.press('Space');
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.at === 1, null, { timeout: 15_000 });
  assert.equal(await entries(), before + 1);
  await page.keyboard.press('Control+z');
  await reaches(page, first);
  await page.keyboard.press('Control+y');
  await reaches(page, scrubbed);
  assert.deepEqual(errors, []);
  await close();
});

test('the link that is open, entered in another way, is no step: one step back leaves it', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#v=1&lab=toy1d&n=50&steps=6&at=1&seed=0`);
  await done(page);
  const first = await linkOf(page);
  await addressed(page, first);
  await page.evaluate(() => void (location.hash = 'lab=toy1d&target=uniform&n=50&steps=6&at=1&seed=1')); // the law is the default one
  await other(page, first);
  const second = await linkOf(page);
  await addressed(page, second);
  for (const again of ['lab=toy1d&n=50&target=uniform&steps=6&at=1&seed=1', `${second}&`]) {
    await page.evaluate((text) => void (location.hash = text), again);
    await addressed(page, second);
    assert.equal(await page.evaluate(() => history.state?.scorefield), true);
  }
  await page.goBack();
  await addressed(page, first);
  await reaches(page, first);
  assert.deepEqual(errors, []);
  await close();
});

test('back and forward go through the steps, and never more than Safari allows are written', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.addInitScript(() => {
    const times = /** @type {number[]} */ ([]);
    for (const name of /** @type {const} */ (['pushState', 'replaceState'])) {
      const own = history[name];
      history[name] = function (...rest) {
        times.push(performance.now());
        return own.apply(this, rest);
      };
    }
    Object.assign(globalThis, { times });
  });
  await page.goto(`${DEV}#v=1&lab=toy1d&n=50&steps=6&at=1&seed=0`);
  await done(page);
  const links = [await linkOf(page)];
  await addressed(page, links[0]);
  for (const view of ['Histogram', 'Flow', 'Density']) {
    await page.getByRole('radio', { name: view }).evaluate((input) => /** @type {HTMLElement} */ (input).click());
    await other(page, links[links.length - 1]);
    links.push(await linkOf(page));
    await addressed(page, links[links.length - 1]);
  }
  for (const link of [...links].reverse().slice(1)) {
    await page.goBack();
    await reaches(page, link);
  }
  for (const link of links.slice(1)) {
    await page.goForward();
    await reaches(page, link);
  }
  for (let i = 0; i < 60; i++) { // faster than any hand
    const before = await linkOf(page);
    await page.getByRole('radio', { name: i % 2 ? 'Density' : 'Histogram' }).evaluate((input) => /** @type {HTMLElement} */ (input).click());
    await other(page, before);
  }
  const times = await page.evaluate(() => /** @type {any} */ (globalThis).times);
  assert.ok(times.length > 40, `${times.length} changes: nothing was held back`);
  for (const [i, time] of times.entries()) assert.ok(i < 50 || time - times[i - 50] > 30_000, `50 changes in ${time - times[i - 50]} ms`);
  assert.deepEqual(errors, []);
  await close();
});

test('Ctrl+Z in a field is the field’s own', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#v=1&lab=toy1d&n=50&steps=6&at=1&seed=0`);
  await done(page);
  const first = await linkOf(page);
  await page.getByRole('radio', { name: 'Histogram' }).evaluate((input) => /** @type {HTMLElement} */ (input).click());
  await other(page, first);
  const second = await linkOf(page);
  await page.getByRole('textbox', { name: /Seed/ }).focus();
  await page.keyboard.type('12');
  await page.keyboard.press('Control+z');
  await page.waitForTimeout(300);
  assert.equal(await linkOf(page), second);
  await close();
});

test('each lab is found as it was left; the tab of the open lab begins afresh', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#v=1&lab=toy1d&target=comb&n=50&steps=6&at=1&seed=4`);
  await done(page);
  const first = await linkOf(page);
  await page.getByRole('link', { name: '2-D' }).click();
  await other(page, first);
  await done(page);
  const second = await linkOf(page);
  assert.match(second, /lab=toy2d.*seed=4/);
  await page.getByRole('link', { name: '1-D' }).click();
  await reaches(page, first);
  await done(page);
  await page.keyboard.press('Control+z');
  await reaches(page, second);
  await page.keyboard.press('Control+z');
  await reaches(page, first);
  await page.getByRole('link', { name: '1-D' }).click();
  await other(page, first);
  assert.equal(await linkOf(page), 'v=1&lab=toy1d&seed=4');
  assert.deepEqual(errors, []);
  await close();
});

test('a link that was entered short, or wrong and repaired, is left by one step back', async () => {
  const { page, errors, close } = await newPage(browser);
  const first = 'v=1&lab=toy1d&at=1&n=50&steps=6&seed=0';
  await page.goto(`${DEV}#${first}`);
  await done(page);
  const begin = await linkOf(page);
  await addressed(page, begin);
  const entries = await page.evaluate(() => history.length);
  await page.evaluate(() => void (location.hash = 'lab=toy1d&n=60&steps=6'));
  await other(page, begin);
  const short = await linkOf(page);
  await addressed(page, short);
  assert.equal(await page.evaluate(() => history.length), entries + 1);
  await page.evaluate(() => void (location.hash = 'lab=toy1d&n=1e2&steps=6'));
  await page.getByText('n=1e2: a whole number from 1 to 1000000 is needed, written out in digits alone.').waitFor();
  await page.getByRole('button', { name: 'Open the nearest valid link' }).click();
  await other(page, short);
  const repaired = await linkOf(page);
  assert.match(repaired, /n=100&/);
  await addressed(page, repaired);
  await page.goBack();
  await reaches(page, short);
  await page.goBack();
  await reaches(page, begin);
  await page.goForward();
  await reaches(page, short);
  assert.deepEqual(errors, []);
  await close();
});

test('undo leads out of a link that does not open', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#v=1&lab=toy1d&n=50&steps=6&at=1&seed=0`);
  await done(page);
  const first = await linkOf(page);
  await page.evaluate(() => void (location.hash = 'lab=toy1d&n=abc'));
  await page.getByText('This link does not open').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('This link does not open').waitFor({ state: 'detached' });
  await addressed(page, first);
  await done(page);
  assert.deepEqual(errors, []);
  await close();
});
