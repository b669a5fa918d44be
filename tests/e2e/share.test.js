// A link reproduces, and says so; a link whose result is another one says that too.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, launch, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/**
 * Opens a link, waits for the run, and returns what the share panel offers.
 * @param {string} link
 */
async function shared(link) {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#${link}`);
  await done(page);
  await page.getByRole('button', { name: 'Share' }).click();
  const url = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  const embed = await page.getByRole('textbox', { name: 'Embed code' }).inputValue();
  const command = await page.getByRole('textbox', { name: 'Command' }).inputValue();
  await close();
  return { url, embed, command };
}

/**
 * Opens an address and returns what the page says about the shared result.
 * @param {string} url
 */
async function verdict(url) {
  const { page, errors, close } = await newPage(browser);
  await page.goto(url);
  await done(page);
  const badge = page.locator('.badge[role=status]');
  await badge.waitFor();
  const answer = { kind: await badge.getAttribute('class'), text: await badge.innerText() };
  assert.deepEqual(errors, []);
  await close();
  return answer;
}

for (const link of ['lab=toy1d&seed=0', 'lab=toy1d&target=mixture&process=edm&sampler=heun&steps=18&n=2000&seed=7']) {
  test(`${link}: the shared link reproduces`, async () => {
    const { url, embed, command } = await shared(link);
    assert.match(url, /[#&]fp=[A-Za-z0-9_-]+/);
    assert.match(embed, /^<iframe .*sandbox="allow-scripts.*embed=1#v=1&amp;lab=toy1d|^<iframe .*embed=1#v=1&amp;lab=toy1d.*sandbox="allow-scripts/);
    assert.match(command, /^scorefield run '.*lab=toy1d.*'$/);
    const answer = await verdict(url);
    assert.match(answer.kind ?? '', /\bexact\b/);
    assert.ok(answer.text.length > 5);
  });
}

test('a link whose seed was changed after sharing does not reproduce, and says so', async () => {
  const { url } = await shared('lab=toy1d&n=2000&seed=0');
  const tampered = url.replace(/seed=0$/, 'seed=1');
  assert.notEqual(tampered, url);
  assert.match((await verdict(tampered)).kind ?? '', /\bdifferent\b/);
});

test('the fingerprint of another run does not pass', async () => {
  const [one, other] = await Promise.all([shared('lab=toy1d&n=2000&seed=0'), shared('lab=toy1d&n=2000&seed=1')]);
  const fp = /fp=([A-Za-z0-9_-]+)/.exec(other.url)?.[1];
  assert.ok(fp);
  assert.match((await verdict(one.url.replace(/fp=[A-Za-z0-9_-]+/, `fp=${fp}`))).kind ?? '', /\bdifferent\b/);
});
