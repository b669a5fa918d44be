// A lab's files come when it is opened: its own and no other's; where they do not come the page says so and asks again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hurt } from './hurt.js';
import { DEV, DIST, done, launch, newPage, words } from './browser.js';

const LABS = ['toy1d', 'toy2d', 'torus', 'lgssm', 'turbulence'];

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch({ webgpu: false });
});
after(() => browser?.close());

/** The labs whose own chunk was asked for. @param {string[]} requests */
const asked = (requests) => LABS.filter((lab) => requests.some((url) => new RegExp(`/chunks/${lab}-\\w+\\.js$`).test(url)));

test('an address loads the files of its lab alone, and a tab those of the next', async () => {
  const { page, requests, errors, close } = await newPage(browser);
  await page.goto(DIST);
  await done(page);
  assert.deepEqual(asked(requests), ['toy1d']);
  await page.getByRole('link', { name: 'Torus', exact: true }).click();
  await page.locator('#plot canvas.turn').waitFor();
  await done(page, 60_000);
  assert.deepEqual(asked(requests), ['toy1d', 'torus']);
  assert.deepEqual(errors, []);
  await close();
});

test('what main.js imports is named in the page, so that it is asked for at once', async () => {
  const { page, requests, close } = await newPage(browser);
  await page.goto(`${DIST}#lab=toy1d&n=100&seed=0`);
  await done(page);
  const early = await page.locator('link[rel="modulepreload"]').evaluateAll((links) => links.map((link) => /** @type {HTMLLinkElement} */ (link).href));
  assert.ok(early.length > 0);
  for (const url of early) assert.equal(requests.filter((one) => one === url).length, 1, `${url} is asked for ${requests.filter((one) => one === url).length} times`);
  await close();
});

test('a lab whose files do not come is told with the cause, and comes when it is asked for again', async () => {
  const { page, close } = await newPage(browser);
  await page.route('**/labs/torus/index.js', (route) => route.fulfill({ status: 503, body: 'later' }));
  await page.goto(`${DEV}#lab=torus&n=100&steps=4&seed=0`);
  const alert = page.getByRole('alert').filter({ hasText: 'The files of the lab “Torus” have not come' });
  await alert.waitFor();
  assert.match(await alert.innerText(), /www\/labs\/torus\/index\.js, the server answered 503\./);
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.state), 'error');
  await page.unroute('**/labs/torus/index.js');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await page.locator('#plot canvas.turn').waitFor();
  await done(page);
  await alert.waitFor({ state: 'detached' });
  await close();
});

for (const [what, body] of /** @type {const} */ ([['is cut', (/** @type {Buffer} */ b) => b.subarray(0, 2000)], ['came empty', () => '']])) {
  test(`a lab whose file ${what} and stays in the cache: the page is loaded again past every cache, and the lab is there`, async () => {
    const site = await hurt(DEV, [[/labs\/torus\/index\.js$/, { change: body, keep: true }]]);
    const { page, close } = await newPage(browser);
    await page.goto(`${site.url}#lab=torus&n=100&steps=4&seed=0`);
    const alert = page.getByRole('alert').filter({ hasText: 'The files of the lab “Torus” have come, but do not run' });
    await alert.waitFor();
    assert.equal(await alert.getByRole('button', { name: 'Try again' }).count(), 0, 'the browser keeps a module that does not run');
    site.wounds.length = 0;
    await alert.getByRole('button', { name: 'Reload the page' }).click();
    await page.locator('#plot canvas.turn').waitFor();
    await done(page);
    assert.match(page.url(), /lab=torus&steps=4&n=100|lab=torus&n=100&steps=4/);
    await close();
    await site.close();
  });
}

test('a lab that comes after another address was entered does not take its place', async () => {
  const { page, errors, close } = await newPage(browser);
  /** @type {() => void} */
  let release = () => {};
  const held = new Promise((resolve) => { release = () => resolve(null); });
  await page.route('**/labs/torus/index.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${DEV}#lab=torus&n=100&steps=4&seed=0`);
  await page.getByText('Loading the lab “Torus”.').waitFor();
  await page.evaluate(() => { location.hash = '#lab=toy1d&n=100&steps=4&at=1&seed=0'; });
  await done(page);
  const label = () => page.locator('#plot canvas').getAttribute('aria-label');
  const line = await label();
  assert.match(line ?? '', /Heat map of the exact density/);
  const came = page.waitForResponse('**/labs/torus/index.js');
  release();
  await came;
  await page.waitForTimeout(300);
  assert.equal(await label(), line);
  assert.equal(await page.locator('#plot canvas.turn').count(), 0);
  assert.deepEqual(errors, []);
  await close();
});

test('what a run samples is said in the words of its lab, also while the files of the lab are on their way', async () => {
  const { page, errors, close } = await newPage(browser);
  /** @type {() => void} */
  let release = () => {};
  const held = new Promise((resolve) => { release = () => resolve(null); });
  await page.route('**/labs/lgssm/index.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${DEV}#lab=lgssm&length=256&n=5000&steps=2000&seed=0`);
  await page.getByText(/^Sampling 5.000 chains: step \d+ of 2.000/).waitFor();
  const came = page.waitForResponse('**/labs/lgssm/index.js');
  release();
  await came;
  await page.getByRole('button', { name: 'Cancel' }).first().click();
  await page.getByText(/^Cancelled at step/).waitFor();
  assert.deepEqual(errors, []);
  await close();
});

test('a lab whose file comes empty is told, and nothing of the lab before stands beside it', async () => {
  const { page, close } = await newPage(browser);
  await page.route('**/labs/torus/index.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  await page.goto(`${DEV}#lab=toy1d&target=comb&n=100&steps=4&at=1&seed=0`);
  await done(page);
  assert.match(await words(page), /comb|separate intervals/i);
  await page.evaluate(() => { location.hash = '#lab=torus&n=100&steps=4&at=1&seed=0'; });
  const alert = page.getByRole('alert').filter({ hasText: 'The files of the lab “Torus” have come, but do not run' });
  await alert.waitFor();
  assert.equal(await page.locator('#words').innerText(), '');
  assert.match(await page.title(), /^EDM · Heun · 4 steps/);
  await close();
});

test('the words of a picture are never those of another link, also while it plays', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy2d&target=moons&n=100&at=1&seed=0`);
  await done(page);
  const label = () => page.locator('#plot canvas').first().getAttribute('aria-label');
  assert.match(await label() ?? '', /^EDM · Heun · 40 steps/);
  await page.evaluate(() => { location.hash = '#lab=toy2d&target=rings&process=vp&sampler=em&steps=50&n=100&seed=0'; });
  await page.waitForFunction(() => document.title.startsWith('VP'));
  await page.waitForFunction(() => document.querySelector('#plot canvas')?.getAttribute('aria-label')?.startsWith('VP · Euler–Maruyama · 50 steps'));
  assert.deepEqual(errors, []);
  await close();
});
