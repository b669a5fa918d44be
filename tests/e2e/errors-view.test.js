// The view of errors: in every lab its parts bound the total, it can be cancelled, and it exists for networks only.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asOne, left } from '../../www/ui/alerts.js';
import { DEV, done, launch, newPage, painted, words } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

const STEPS = [2, 3, 5, 8, 12, 18, 28, 42, 64, 96]; // www/app/errors.js draws axes and tells the time by these

/** A number as the page writes it. @param {string} text */
function read(text) {
  const [, digits, power] = /^([\d.]*)(?:·?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?$/.exec(text) ?? [];
  assert.ok(digits || power, `${text} is no number`);
  const exponent = [...(power ?? '⁰')].map((c) => (c === '⁻' ? '-' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c))).join('');
  return Number(digits || 1) * 10 ** Number(exponent);
}

/** The numbers in a description. @param {string|null} label */
function numbers(label) {
  const found = /total (\S+), at most the sum (\S+) of (.*?)\. (?:The|$)/.exec(label ?? '');
  assert.ok(found, `no numbers in: ${label}`);
  return { total: read(found[1]), sum: read(found[2]), parts: found[3].split(', ').map((part) => read(part.split(' ').at(-1) ?? '')) };
}

/** @param {import('playwright-core').Page} page */
const points = (page) => page.evaluate(() => /** @type {{ side: string, steps: number, total: number, score: number, exact: number, discretisation: number|null, floor: number }[]} */ (/** @type {any} */ (globalThis).__scorefield.errors));

for (const [lab, own, link] of /** @type {const} */ ([
  ['toy1d', 18, 'lab=toy1d&process=edm&sampler=heun&steps=18&score=net&view=errors&n=200&seed=3'],
  ['toy1d, noise on every step', 40, 'lab=toy1d&process=vp&sampler=em&steps=40&score=net&view=errors&n=200&seed=3'],
  ['toy2d', 20, 'lab=toy2d&steps=20&score=net&view=errors&n=200&seed=3'],
  ['torus', 20, 'lab=torus&steps=20&score=net&view=errors&n=200&seed=3'],
])) {
  test(`${lab}: the parts bound the total`, async () => {
    const { page, errors, close } = await newPage(browser);
    await page.goto(`${DEV}#${link}`);
    await done(page, 120_000);
    await page.locator('progress').waitFor({ state: 'detached' });
    assert.ok(await painted(page), 'the plot is empty');
    const { total, sum, parts } = numbers(await page.locator('#plot canvas').getAttribute('aria-label'));
    assert.ok(total > 0 && total <= sum * 1.006, `${total} is more than ${sum}`); // rounded to three figures
    const added = parts.reduce((p, q) => p + q, 0);
    assert.ok(Math.abs(added - sum) < 0.01 * sum, `${parts.join(' + ')} is not ${sum}`);
    assert.equal(parts.length, lab.includes('noise') ? 2 : 3);
    const all = await points(page);
    assert.equal(all[0].steps, own, 'its own number of steps comes first');
    assert.deepEqual(all.slice(1).map((p) => p.steps), STEPS.filter((n) => n !== own));
    for (const p of all) assert.ok(p.total <= (p.score + (p.discretisation === null ? p.exact : p.discretisation + p.floor)) * (1 + 1e-9), JSON.stringify(p));
    await words(page);
    assert.ok(await page.locator('#words math').count() > 4);
    const [picture] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('s')]);
    assert.equal(picture.suggestedFilename(), 'scorefield.png');
    assert.deepEqual(errors, []);
    await close();
  });
}

test('a comparison has both networks in one picture each, one without a network says so', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&process=vp&sampler=euler&steps=8&score=net&b.process=edm&b.sampler=heun&view=errors&n=200&seed=0`);
  await done(page, 120_000);
  assert.equal(await page.locator('#plot canvas').count(), 2);
  for (const canvas of await page.locator('#plot canvas').all()) numbers(await canvas.getAttribute('aria-label'));
  await page.goto(`${DEV}#lab=toy1d&process=vp&sampler=euler&steps=8&score=net&b.score=exact&view=errors&n=200&seed=0`);
  await page.locator('#plot').getByText('no network').waitFor();
  await done(page, 120_000);
  assert.equal(await page.locator('#plot canvas').count(), 1);
  await page.locator('#stagebar').getByText('Density').click();
  await page.locator('#plot canvas').nth(1).waitFor();
  await page.waitForFunction(() => !document.querySelector('#plot')?.classList.contains('errors'));
  assert.deepEqual(errors, []);
  await close();
});

test('Cancel stops it and keeps what is there; Run again begins afresh', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy2d&steps=100&score=net&view=errors&n=1000&seed=0`);
  await page.getByText(/Measuring the errors: [1-9]\d* of 23 runs/).waitFor({ timeout: 60_000 });
  await page.locator('.box.work').filter({ hasText: 'Measuring' }).getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('The measuring of the errors was cancelled').waitFor();
  const said = page.locator('#plot canvas');
  await page.waitForFunction(() => /was cancelled after \d+ of 23 runs\. “Run again” starts it/.test(document.querySelector('#plot canvas')?.getAttribute('aria-label') ?? ''));
  assert.doesNotMatch(await said.getAttribute('aria-label') ?? '', /being computed|being prepared/);
  const kept = (await points(page)).length;
  await page.waitForTimeout(1500);
  assert.equal((await points(page)).length, kept, 'it goes on');
  assert.ok(kept < 10);
  await page.getByRole('button', { name: 'Run again' }).click();
  await page.getByText(/Measuring the errors/).waitFor({ timeout: 60_000 });
  assert.deepEqual(errors, []);
  await close();
});

test('two configurations that both fail are both named', () => {
  const a = { id: 'a', kind: 'run', message: 'It broke.', remedy: 'Mend it.' };
  const b = { id: 'b', kind: 'run', message: 'It is lost.', remedy: 'Look for it.' };
  const words = (/** @type {import('../../www/types.js').Fault|null} */ fault) => fault && `${fault.message} ${fault.remedy}`;
  assert.equal(asOne([], true), null);
  assert.equal(words(asOne([a], false)), 'It broke. Mend it.');
  assert.equal(words(asOne([b], true)), 'B: It is lost. Look for it.');
  assert.equal(words(asOne([a, b], true)), 'A: It broke. Mend it. B: It is lost. Look for it.');
  assert.equal(words(asOne([a, { ...a, id: 'b' }], true)), 'A and B: It broke. Mend it.');
});

test('of what takes longer than was expected nothing is said to be nearly over', () => {
  assert.equal(left(5000, 0, 700), '');
  assert.equal(left(500, 0, 800), ', less than a second left');
  assert.equal(left(8000, 0.5, 700), ', about 16 s in all, 8 s left');
  assert.equal(left(0, 0, 120_000_000), ', about 34 h in all, 34 h left');
});

test('without a network the view is a link error that offers a way on', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&view=errors&n=200&seed=0`);
  const box = page.getByRole('alert').filter({ hasText: /./ });
  await box.waitFor();
  assert.match(await box.innerText(), /score=net/);
  await box.getByRole('button', { name: 'Open the nearest valid link' }).click();
  await done(page);
  await box.waitFor({ state: 'hidden' });
  assert.deepEqual(errors, []);
  await close();
});

test('choosing the exact score in the open view goes back to the first view', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&score=net&view=errors&n=200&seed=0`);
  await done(page, 60_000);
  await page.locator('#panel select').filter({ hasText: 'Network' }).selectOption('exact');
  await page.waitForFunction(() => !location.hash.includes('view=errors') && !location.hash.includes('score=net'));
  await done(page);
  assert.equal(await page.locator('#panel .refused:not([hidden])').filter({ hasText: /./ }).count(), 0);
  assert.deepEqual(errors, []);
  await close();
});
