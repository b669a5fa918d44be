// A link reproduces and says so; a link with a different result says that too.

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

for (const [what, edit] of /** @type {[string, (url: string) => string][]} */ ([
  ['seed', (url) => url.replace(/seed=0$/, 'seed=1')],
  ['number of steps', (url) => url.replace('&fp=', '&steps=50&fp=')],
])) {
  test(`a link whose ${what} was edited after sharing is called edited: neither reproduced nor not`, async () => {
    const { url } = await shared('lab=toy1d&n=2000&seed=0');
    assert.notEqual(edit(url), url);
    const answer = await verdict(edit(url));
    assert.equal(answer.kind, 'badge edited');
    assert.match(answer.text, /edited after it was shared/);
    assert.doesNotMatch(answer.text, /[✓✗≈]|reproduced/i);
  });
}

test('a link whose view and position were edited after sharing still reproduces', async () => {
  const { url } = await shared('lab=toy1d&n=2000&seed=0');
  const answer = await verdict(url.replace('&fp=', '&view=histogram&at=0.5&fp='));
  assert.match(answer.kind ?? '', /\bexact\b/);
});

const PAIR = 'lab=toy1d&n=2000&b.process=edm&b.sampler=heun&b.steps=18&seed=0';

/** The badges of both sides. @param {string} url */
async function verdicts(url) {
  const { page, errors, close } = await newPage(browser);
  await page.goto(url);
  await done(page);
  await page.locator('.row.a .badge[role=status]').waitFor();
  const badges = page.locator('.row .badge');
  await page.waitForFunction(() => document.querySelectorAll('.row .badge').length === 2);
  const answers = await badges.evaluateAll((all) => all.map((el) => ({ kind: el.className, text: el.textContent ?? '' })));
  assert.deepEqual(errors, []);
  await close();
  return answers;
}

test('a shared comparison proves both sides, each in its row', async () => {
  const { url } = await shared(PAIR);
  const fp = /&fp=([^&]*)/.exec(url)?.[1] ?? '';
  assert.equal(fp.length, 66 + 66 + 6);
  const [a, b] = await verdicts(url);
  assert.equal(a.kind, 'badge exact');
  assert.match(a.text, /Reproduced configuration A/);
  assert.equal(b.kind, 'badge exact');
  assert.match(b.text, /Reproduced configuration B/);
  // Another result of B does not pass, though A's does.
  const wrong = await verdicts(url.replace(fp, fp.slice(0, 66) + fp.slice(0, 66) + fp.slice(132)));
  assert.deepEqual(wrong.map(({ kind }) => kind), ['badge exact', 'badge different']);
  assert.match(wrong[1].text, /Not reproduced configuration B/);
});

test('an older comparison, with one fingerprint, says that it proves configuration A alone', async () => {
  const { url } = await shared(PAIR);
  const [a, b] = await verdicts(url.replace(/(&fp=.{66}).{66}/, '$1'));
  assert.equal(a.kind, 'badge exact');
  assert.match(a.text, /configuration A/);
  assert.equal(b.kind, 'badge');
  assert.match(b.text, /no fingerprint of configuration B/);
});

test('a fingerprint that was cut is called unreadable: neither reproduced nor not', async () => {
  const { url } = await shared('lab=toy1d&n=2000&seed=0');
  const answer = await verdict(url.replace(/(fp=.{60})[A-Za-z0-9_-]+/, '$1'));
  assert.equal(answer.kind, 'badge unread');
  assert.match(answer.text, /cannot be read/);
  assert.doesNotMatch(answer.text, /[✓✗≈]/);
});

test('the fingerprint of another run does not pass', async () => {
  const [one, other] = await Promise.all([shared('lab=toy1d&n=2000&seed=0'), shared('lab=toy1d&n=2000&seed=1')]);
  const [own, fp] = [one, other].map(({ url }) => /fp=([A-Za-z0-9_-]+)/.exec(url)?.[1] ?? '');
  assert.equal(fp.length, 72);
  const passed = async (/** @type {string} */ text) => (await verdict(one.url.replace(own, text))).kind ?? '';
  assert.match(await passed(fp), /\bedited\b/); // it is marked as that of another link
  assert.match(await passed(fp.slice(0, 66)), /\bdifferent\b/); // as it was shared before there were marks
  assert.match(await passed(own.slice(0, 66)), /\bexact\b/);
  assert.match(await passed(fp.slice(0, 66) + own.slice(66)), /\bdifferent\b/);
});
