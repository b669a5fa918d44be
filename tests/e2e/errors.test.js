// A wrong link is a visible error with the valid choices and a way on; it never opens something else.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, handle, launch, newPage } from './browser.js';

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

test('a wrong link typed into an open page keeps what is on screen', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&n=1000&seed=5`);
  const before = await done(page);
  await page.evaluate(() => void (location.hash = '#lab=toy1d&process=nothing'));
  await page.getByRole('alert').filter({ hasText: /nothing/ }).waitFor();
  const now = await handle(page);
  assert.equal(now.opened?.link, before.opened?.link);
  assert.equal(now.fingerprint, before.fingerprint);
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
