// A run with a problem shows a warning next to its result, and a run that a page cannot hold is refused with a
// message.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CLI, DEV, done, handle, launch, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

const WIDE = 'lab=lgssm&a=0.999&b=10&process=edm&guidance=none&n=20&steps=8&seed=1';

/** The boxes that warn. @param {import('playwright-core').Page} page */
const warning = (page) => page.locator('.box.notice').filter({ hasText: 'does not cover' });

test('a start that does not cover the data is said in the words of the command line, and no longer once it is mended', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#${WIDE}`);
  await done(page);
  const [said] = JSON.parse(execFileSync(CLI, ['run', WIDE], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).warnings;
  assert.match(said, /% too small/);
  // A sentence first, the rest when it is opened.
  const [first, rest] = [warning(page).locator('summary'), warning(page).locator('p')];
  assert.equal(await rest.isVisible(), false);
  await first.click();
  assert.equal(`${await first.innerText()} ${await rest.innerText()}`, said);
  await page.evaluate((link) => void (location.hash = `#${link}&method=exact`), WIDE);
  await warning(page).waitFor({ state: 'detached' });
  await done(page);
  assert.deepEqual(errors, []);
  await close();
});

test('of a comparison the side is named', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&target=gaussian&sd=10&n=100&steps=10&b.process=ve&seed=1`);
  await done(page);
  assert.match(await warning(page).innerText(), /^B: /);
  assert.equal(await warning(page).count(), 1);
  assert.deepEqual(errors, []);
  await close();
});

test('a run that a page cannot hold is refused with its size, and a smaller one opens', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=lgssm&length=1000&n=20000&model=rotation&guidance=sda&b.sampler=ddim&seed=1`);
  const box = page.getByRole('alert').filter({ hasText: /of memory, more than 80 % of the 2\.0 GB/ });
  await box.waitFor();
  assert.match(await box.innerText(), /Choose n=\d+ or less/);
  assert.equal((await handle(page)).fingerprint, null);
  await page.evaluate(() => void (location.hash = '#lab=lgssm&n=20&steps=8&seed=1'));
  await done(page);
  await box.waitFor({ state: 'detached' });
  assert.deepEqual(errors, []);
  await close();
});
