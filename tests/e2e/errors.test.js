// A wrong link gives a visible error with the valid choices and a way to continue. It never opens anything else.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, handle, launch, newPage, painted } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** A wrong link, words that the message must contain, and a choice that must be offered (if there are any). */
const WRONG = /** @type {[string, RegExp, string|null][]} */ ([
  ['lab=toy1d&process=edmm&seed=3', /edmm/, 'edm'],
  ['lab=toy9d&seed=3', /toy9d/, 'toy1d'],
  ['lab=toy1d&sampler=dpm&seed=3', /dpm/, 'dpmpp2m'],
  ['lab=toy1d&target=mixtur&seed=3', /mixtur/, 'mixture'],
  ['lab=toy1d&proces=edm&seed=3', /proces/, null],
  ['lab=toy1d&steps=many&seed=3', /many/, null],
  ['lab=toy1d&steps=&seed=3', /steps/, null],
  ['lab=toy1d&sd=NaN&target=gaussian&seed=3', /sd/, null],
  ['lab=toy1d&churn=10&sampler=ddim&seed=3', /churn/, null],
  ['lab=toy1d&seed=3&seed=4', /seed/, null],
  ['lab=toy1d&process=ddpm&grid=karras&seed=3', /karras|grid/, null],
  ['v=99&lab=toy1d&seed=3', /99/, '1'],
  ['lab=toy1d&seed=-1', /seed/, null],
]);

for (const [link, words, choice] of WRONG) {
  test(`#${link}`, async () => {
    const { page, errors, close } = await newPage(browser);
    await page.goto(`${DEV}#${link}`);
    const box = page.getByRole('alert').filter({ hasText: /./ });
    await box.waitFor();
    assert.match(await box.innerText(), words);
    assert.equal(await page.evaluate(() => location.hash), `#${link}`, 'the address was changed before the reader chose');
    if (choice) assert.ok(await box.getByText(choice, { exact: true }).count() > 0, `${choice} is not offered: ${await box.innerText()}`);

    await box.getByRole('button', { name: 'Open the nearest valid link' }).click();
    const { opened } = await done(page);
    assert.match(opened?.link ?? '', /^v=1&lab=toy1d&/);
    if (!/seed=-1|seed=3&seed/.test(link)) assert.match(opened?.link ?? '', /seed=3$/, 'the seed was lost');
    await box.waitFor({ state: 'hidden' });
    assert.deepEqual(errors, []);
    await close();
  });
}

test('a wrong link typed into an open page keeps what is on screen, and the link before brings its result back', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&n=1000&seed=5`);
  const before = await done(page);
  await page.evaluate(() => void (location.hash = '#lab=toy1d&process=nothing'));
  await page.getByRole('alert').filter({ hasText: /nothing/ }).waitFor();
  const now = await handle(page);
  assert.equal(now.opened?.link, before.opened?.link);
  assert.equal(now.fingerprint, null, 'it is not the result of the address');
  assert.ok(await painted(page));
  await page.goBack();
  await page.getByRole('alert').filter({ hasText: /nothing/ }).waitFor({ state: 'detached' });
  assert.equal((await done(page)).fingerprint, before.fingerprint);
  await close();
});

test('a number out of range is set to the nearest one and reported', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&steps=9999999&n=100&seed=5`);
  const { opened } = await done(page, 60_000);
  assert.match(opened?.link ?? '', /steps=2000/);
  await page.getByRole('status').filter({ hasText: /9999999/ }).first().waitFor();
  await close();
});

test('the box names every change of the repair, and so does the notice once it is open', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&process=vpp&sampler=huen&steps=-3&n=abc&seed=4x`);
  const box = page.getByRole('alert').filter({ hasText: /./ });
  await box.waitFor();
  const changes = [/process=vp is used/, /sampler=heun is used/, /steps=-3 is outside 1 to 2000. 1 is used/, /n=10000 is used/, /seed=4 is used/];
  for (const change of changes) assert.match(await box.innerText(), change);
  await box.getByRole('button', { name: 'Open the nearest valid link' }).click();
  const { opened } = await done(page);
  assert.equal(opened?.link, 'v=1&lab=toy1d&process=vp&sampler=heun&steps=1&seed=4');
  const notice = page.locator('.box.notice');
  for (const change of changes) assert.match(await notice.innerText(), change);
  await close();
});

test('a choice in the box names what else it changes', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&target=mixtur&n=500&means=0,1&seed=4x`);
  await page.getByRole('alert').getByRole('button', { name: 'comb', exact: true }).click();
  const { opened } = await done(page);
  assert.equal(opened?.link, 'v=1&lab=toy1d&target=comb&n=500&seed=4');
  const notice = page.locator('.box.notice');
  for (const change of [/target=comb is used/, /means=0,1 is left out/, /seed=4 is used/]) assert.match(await notice.innerText(), change);
  await close();
});

test('an unknown key offers the closest key of its lab first, and the others folded', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&prcess=edm&n=500&seed=3`);
  const box = page.getByRole('alert').filter({ hasText: /prcess/ });
  await box.waitFor();
  assert.match(await box.innerText(), /Did you mean “process”\?/);
  const chips = box.locator('.choices .chip:visible');
  assert.ok(await chips.count() <= 4, `${await chips.count()} chips`);
  assert.equal(await chips.first().innerText(), 'process');
  await box.getByText('Other valid keys').click();
  assert.ok(await box.getByText('sampler', { exact: true }).isVisible());
  assert.equal(await box.getByText('guidance', { exact: true }).count(), 0, 'a key of another lab');
  await chips.first().click();
  assert.equal((await done(page)).opened?.link, 'v=1&lab=toy1d&process=edm&n=500&seed=3');
  await close();
});

/** Texts as chats and papers make them, the link that opens, and what the notice says. */
const PASTED = /** @type {[string, string, RegExp[]][]} */ ([
  ['v=1%26lab=toy2d%26n=500%26seed=0', 'v=1&lab=toy2d&n=500&seed=0', [/percent-encoding/]],
  ['V=1&LAB=lgssm&PROCESS=fm&N=20&SEED=3', 'v=1&lab=lgssm&process=fm&n=20&seed=3', [/“PROCESS” is read as “process”/, /“SEED”/]],
  ['“v=1&lab=toy1d&n=500&seed=3”', 'v=1&lab=toy1d&n=500&seed=3', [/is read as “v”/, /is read as seed=3/]],
  ['lab=toy1d&n=500&seed=3.', 'v=1&lab=toy1d&n=500&seed=3', [/“seed=3.” is read as seed=3/]],
  ['lab=toy1d&n=500&seed=3)', 'v=1&lab=toy1d&n=500&seed=3', [/“seed=3\)” is read as seed=3/]],
  ['v%3D1%26lab%3Dtoy1d%26n%3D500%26seed%3D3', 'v=1&lab=toy1d&n=500&seed=3', [/percent-encoding/]],
  ['v=1&amp;lab=toy1d&amp;n=500&amp;seed=3', 'v=1&lab=toy1d&n=500&seed=3', [/“&amp;” is read as “&”/]],
  ['v=1&lab=toy1d&n=500&seed=3&fbclid=IwAR0x&utm_source=chat', 'v=1&lab=toy1d&n=500&seed=3', [/“fbclid” is left out/, /“utm_source” is left out/]],
  ['lab=toy1d&target=mixture&means=−1, 0, 1&n=500&seed=3', 'v=1&lab=toy1d&target=mixture&means=-1,0,1&n=500&seed=3', [/is read as means=-1,0,1/]],
]);

for (const [text, link, words] of PASTED) {
  for (const query of ['', '?embed=1']) {
    test(`${query}#${text} opens at once and says what was changed`, async () => {
      const { page, errors, close } = await newPage(browser);
      await page.goto(`${DEV}${query}#${text}`);
      const { opened } = await done(page);
      assert.equal(opened?.link, link);
      const notice = page.locator('.box.notice');
      await notice.waitFor();
      for (const word of words) assert.match(await notice.innerText(), word);
      await page.waitForFunction((hash) => location.hash === hash, `#${link}`);
      assert.deepEqual(errors, []);
      await close();
    });
  }
}

test('a list with spaces and minus signs is read in a control', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&target=mixture&n=500&seed=3`);
  await done(page);
  const means = page.getByRole('textbox', { name: 'Means' });
  await means.fill('−1, 0, 1');
  await means.press('Enter');
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.opened.link.includes('&means=-1,0,1&'));
  assert.equal(await means.getAttribute('aria-invalid'), 'false');
  await means.fill('-1 0; 1, 2');
  await means.press('Enter');
  await page.locator('#c-means-error').filter({ hasText: /by comma/ }).waitFor();
  await close();
});

test('where nothing can run nothing is said to start: an invalid link, and a model that is none', async () => {
  const { page, close } = await newPage(browser);
  for (const link of ['lab=toy1d&process=nope', 'lab=lgssm&model=custom&T=1.5&Q=1&O=1&R=1&seed=0']) {
    await page.goto('about:blank');
    await page.goto(`${DEV}#${link}`);
    await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield?.state === 'error');
    await page.waitForFunction(() => document.querySelector('#tools .why')?.textContent === ' · nothing runs');
    assert.doesNotMatch(await page.locator('body').innerText(), /starting/i);
  }
  await page.getByRole('link', { name: '1-D' }).click();
  await done(page);
  assert.equal(await page.locator('#tools .why').textContent(), ' · small run');
  await close();
});
