// Keyboard, motion, and control over long work.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, launch, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/**
 * A page whose run is done, standing still at the middle.
 * @param {string} link
 */
async function still(link = 'lab=toy1d&n=1000&at=0.5&seed=0') {
  const opened = await newPage(browser);
  await opened.page.goto(`${DEV}#${link}`);
  await done(opened.page);
  const { page } = opened;
  const scrub = page.getByRole('slider', { name: 'Position from noise to data' });
  const position = async () => Number(await scrub.inputValue());
  return { ...opened, scrub, position, playing: () => page.getByRole('button', { name: 'Pause' }).count() };
}

test('Space plays and pauses', async () => {
  const { page, playing, position, close } = await still();
  assert.equal(await playing(), 0);
  const before = await position();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.waitForTimeout(300);
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Play' }).waitFor();
  assert.ok((await position()) > before, 'nothing moved');
  await close();
});

test('. and , go one step on and back, r starts from noise, ? opens the help and Escape closes it', async () => {
  const { page, position, close } = await still();
  const before = await position();
  await page.keyboard.press('.');
  await page.waitForFunction((b) => Number(document.querySelector('input.scrub')?.getAttribute('value') ?? /** @type {any} */ (document.querySelector('input.scrub')).value) !== b, before);
  const after = await position();
  assert.ok(after > before);
  await page.keyboard.press(',');
  await page.waitForFunction((b) => Number(/** @type {any} */ (document.querySelector('input.scrub')).value) === b, before);
  await page.keyboard.press('r');
  await page.waitForFunction((b) => Number(/** @type {any} */ (document.querySelector('input.scrub')).value) < b, before);
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Help' });
  await help.waitFor();
  const names = await page.locator('#metrics .number:has(b):not(:has-text("calls")):not(:has-text("time")) dt').allInnerTexts();
  assert.ok(names.length > 0);
  for (const name of names) {
    await help.locator('tr', { has: page.locator('th', { hasText: name }) }).first().waitFor(); // what each number below the picture is
  }
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Help' }).waitFor({ state: 'hidden' });
  await close();
});

test('no key acts while typing', async () => {
  const { page, playing, position, close } = await still();
  const field = page.getByRole('textbox', { name: /seed/i }).first();
  await field.focus();
  const before = await position();
  await page.keyboard.type('r.,? ');
  assert.equal(await playing(), 0);
  assert.equal(await position(), before);
  assert.equal(await page.getByRole('dialog').count(), 0);
  await close();
});

test('reduced motion starts at the end state and stands still', async () => {
  const { page, close } = await newPage(browser, { reducedMotion: 'reduce' });
  await page.goto(`${DEV}#lab=toy1d&n=1000&seed=0`);
  await done(page);
  assert.equal(await page.getByRole('button', { name: 'Pause' }).count(), 0);
  assert.equal(await page.getByRole('slider', { name: 'Position from noise to data' }).inputValue(), '1000');
  await close();
});

test('a control that is made anew after each press keeps the focus', async () => {
  const { page, errors, close } = await still('lab=toy2d&n=200&steps=8&view=flow&at=0.5&seed=0');
  const focused = (/** @type {string} */ name) => page.waitForFunction((words) => {
    const at = document.activeElement;
    return at && at.closest('#stagebar') && (at.closest('label') ?? at).textContent === words;
  }, name);
  const made = await page.evaluateHandle(() => document.querySelector('#stagebar input[type=checkbox]'));
  await page.getByRole('checkbox', { name: 'one step' }).focus();
  await page.keyboard.press('Space');
  const other = page.getByRole('button', { name: 'Another particle' });
  await other.waitFor();
  assert.equal(await made.evaluate((box) => box?.isConnected), false, 'the row is the same: this test is about another');
  await focused('one step');
  await other.focus();
  await page.keyboard.press('Enter');
  await focused('Another particle');
  await page.getByRole('radiogroup', { name: 'Behind the arrows' }).getByLabel('particles').focus();
  await page.keyboard.press('ArrowRight');
  await focused('density');
  assert.deepEqual(errors, []);
  await close();
});

test('every control has a name', async () => {
  const { page, close } = await still();
  const nameless = await page.evaluate(() => [...document.querySelectorAll('button, input, select, textarea, a[href], summary')]
    .filter((el) => {
      const labels = /** @type {any} */ (el).labels;
      return !el.getAttribute('aria-label') && !el.getAttribute('aria-labelledby') && !el.textContent?.trim() && !(labels?.length > 0);
    })
    .map((el) => el.outerHTML.slice(0, 120)));
  assert.deepEqual(nameless, []);
  await close();
});

test('a run of a million particles is cancelled at once, and its result stays usable', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&n=1000000&seed=0`);
  const cancel = page.getByRole('button', { name: 'Cancel' });
  await cancel.waitFor({ timeout: 60_000 });
  await cancel.click();
  const words = page.getByText(/Cancelled at step \d+ of 100/);
  await words.waitFor();
  const text = await words.innerText();
  await page.waitForTimeout(1000);
  assert.equal(await words.innerText(), text, 'the run went on');
  assert.deepEqual(errors, []);
  await close();
});

test('Escape cancels from anywhere, one button stops all and says the key, and the focus is not lost', async () => {
  const { page, errors, close } = await newPage(browser, { viewport: { width: 1200, height: 900 } });
  await page.goto(`${DEV}#lab=toy2d&steps=400&score=net&view=errors&n=30000&seed=0`);
  const cancel = page.getByRole('button', { name: /^Cancel/ });
  await cancel.waitFor({ timeout: 60_000 });
  assert.equal(await cancel.count(), 1);
  assert.equal(await cancel.getAttribute('aria-keyshortcuts'), 'Escape');
  await page.locator('details.menu summary').first().focus();
  await page.keyboard.press('Enter');
  await page.locator('details.menu[open]').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('details.menu[open]').waitFor({ state: 'detached' });
  assert.equal(await cancel.count(), 1, 'Escape closes an open menu, and cancels nothing');
  await page.locator('#plot canvas').focus();
  await page.keyboard.press('Escape');
  await page.getByText(/^Cancelled at step \d+ of 400/).waitFor();
  await cancel.waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'CANVAS', 'the focus stays where it was');
  const again = page.getByRole('button', { name: 'Run again' });
  await again.focus();
  await page.keyboard.press('Enter');
  await cancel.waitFor({ timeout: 60_000 });
  await page.waitForFunction(() => /^Cancel/.test(document.activeElement?.textContent ?? '')); // the button is gone: what stops again has the focus
  await page.keyboard.press('Enter');
  await again.waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent === 'Run again');
  await page.keyboard.press('?');
  await page.locator('dialog[open] tr', { hasText: 'Escape' }).getByText('cancel what is being computed').waitFor();
  assert.deepEqual(errors, []);
  await close();
});

test('what is being computed is cancelled two Tabs from the top of the page, and the focus is not lost', async () => {
  const { page, errors, close } = await newPage(browser, { viewport: { width: 1200, height: 900 } });
  await page.goto(`${DEV}#lab=toy1d&n=1000000&steps=500&engine=cpu&seed=0`);
  await page.getByRole('button', { name: 'Cancel', exact: true }).waitFor({ timeout: 60_000 });
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Stop what is being computed (Escape)');
  await page.keyboard.press('Enter');
  await page.getByText(/^Cancelled at step \d+ of 500/).waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent === 'Run again');
  assert.equal(await page.locator('#stop').isVisible(), false);
  assert.deepEqual(errors, []);
  await close();
});

test('a focus in what is made anew goes to the control of the same name, and of several to that of its rank', async () => {
  const { page, errors, close } = await still();
  const focused = await page.evaluate(async () => {
    const { h, refill } = await import(new URL('www/ui/dom.js', document.baseURI).href);
    const host = h('div');
    document.body.append(host);
    let serial = 0;
    const after = (/** @type {number} */ at, /** @type {string[][]} */ old, /** @type {string[][]} */ now) => {
      const made = (/** @type {string[][]} */ all) => all.map(([text, label]) => h('button', { 'aria-label': label }, text));
      refill(host, String(serial++), () => made(old));
      /** @type {HTMLElement} */ (host.children[at]).focus();
      refill(host, String(serial++), () => made(now));
      return [...host.children].indexOf(/** @type {Element} */ (document.activeElement));
    };
    const named = after(1, [['×', 'Remove a'], ['×', 'Remove b']], [['+', 'Add'], ['×', 'Remove a'], ['×', 'Remove b']]);
    const ranked = after(2, [['Go'], ['Stop'], ['Go']], [['Go'], ['Stop'], ['Go'], ['Go']]);
    const fewer = after(2, [['Go'], ['Stop'], ['Go']], [['Go'], ['Stop']]);
    const place = after(1, [['a'], ['b'], ['c']], [['x'], ['y']]);
    host.remove();
    return { named, ranked, fewer, place };
  });
  assert.deepEqual(focused, { named: 2, ranked: 2, fewer: 0, place: 1 });
  assert.deepEqual(errors, []);
  await close();
});

test('an edit in the middle of a run of a million particles starts the new run at once', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&n=1000000&seed=0`);
  await page.getByRole('button', { name: 'Cancel' }).waitFor({ timeout: 60_000 });
  await page.evaluate(() => void (location.hash = '#lab=toy1d&n=1000&seed=3'));
  const { opened } = await done(page, 5000);
  assert.match(opened?.link ?? '', /n=1000&.*seed=3|n=1000&seed=3/);
  await close();
});

/** Every place that names arrow keys says what Shift does, where Shift does something. */
test('the help names Shift beside the arrows', async () => {
  const { page, errors, close } = await newPage(browser);
  for (const lab of ['toy1d', 'toy2d', 'torus', 'lgssm']) {
    await page.goto(`${DEV}#lab=${lab}&n=200&steps=8&at=1&seed=0`);
    await done(page);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Help' }).waitFor();
    const rows = await page.locator('dialog[open] table.keys tr').allInnerTexts();
    const arrows = rows.filter((row) => /^(← and →|↑ and ↓|arrows)/.test(row));
    assert.ok(arrows.length > 0, lab);
    for (const row of arrows) assert.match(row, /Shift/, `${lab}: ${row}`);
    await page.keyboard.press('Escape');
  }
  // Scrubbing: a hundredth, with Shift a tenth.
  await page.goto(`${DEV}#lab=toy1d&n=200&steps=8&at=0.5&seed=0`);
  await done(page);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await page.waitForFunction(() => Math.abs(/** @type {any} */ (globalThis).__scorefield.at - 0.61) < 1e-9);
  assert.deepEqual(errors, []);
  await close();
});

test('a key that goes with a change is named as its control is', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&n=200&steps=8&process=edm&sampler=heun&churn=3&at=1&seed=0`);
  await done(page);
  await page.getByLabel('Sampler', { exact: true }).selectOption('ddim');
  await page.locator('#alerts .notice').getByText('“Churn” = 3 is left out: it does not go with this change.').waitFor();
  assert.deepEqual(errors, []);
  await close();
});
