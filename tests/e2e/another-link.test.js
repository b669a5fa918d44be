// Nothing of one link is shown or shared as part of another: from the moment a link is asked for, the result on
// display belongs to the earlier link.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CLI, DEV, done, handle, launch, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** @param {string} link */
const run = (link) => JSON.parse(execFileSync(CLI, ['run', link], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));

/** @param {string} link */
const native = (link) => String(run(link).fingerprint);

/** @param {import('playwright-core').Page} page @param {string} link */
const go = (page, link) => page.evaluate((to) => void (location.hash = to), link);

/** @param {import('playwright-core').Page} page @param {string} part  of the open link */
const opened = (page, part) => page.waitForFunction((p) => (/** @type {any} */ (globalThis).__scorefield.opened?.link ?? '').includes(p), part, { timeout: 30_000, polling: 20 });

/** In the page: keeps what is sent to a worker with the operation `scene` while `globalThis.held` is an array. */
const holding = () => {
  const send = Worker.prototype.postMessage;
  Worker.prototype.postMessage = /** @this {Worker} @param {any} message @param {any} rest */ function (message, ...rest) {
    const { held } = /** @type {{ held?: (() => void)[] }} */ (globalThis);
    if (held && message?.op === 'scene') held.push(() => send.call(this, message, ...rest));
    else send.call(this, message, ...rest);
  };
};

/** @param {import('playwright-core').Page} page */
const hold = (page) => page.evaluate(() => void (/** @type {any} */ (globalThis).held = []));

/** @param {import('playwright-core').Page} page */
const held = (page) => page.waitForFunction(() => /** @type {any} */ (globalThis).held.length > 0, null, { polling: 20 });

/** @param {import('playwright-core').Page} page */
const release = (page) => page.evaluate(() => {
  const all = /** @type {any} */ (globalThis);
  const { held } = all;
  all.held = undefined;
  for (const send of held) send();
});

/** What the share panel gives. @param {import('playwright-core').Page} page */
async function shared(page) {
  await page.getByRole('button', { name: 'Share' }).click();
  const url = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  const csv = await page.getByRole('button', { name: 'Samples (CSV)' }).count();
  await page.getByRole('button', { name: 'Picture (PNG)' }).click();
  const said = page.getByRole('dialog').getByRole('status');
  await said.filter({ hasText: /./ }).waitFor();
  const picture = await said.innerText();
  await page.keyboard.press('Escape');
  return { link: url.split('#')[1], csv, picture };
}

/** Nothing is given as the open link's. @param {import('playwright-core').Page} page */
async function givesNothing(page) {
  const now = await handle(page);
  assert.equal(now.state, 'running');
  assert.equal(now.fingerprint, null, 'the fingerprint of the link before');
  assert.equal(now.metrics, null, 'the numbers of the link before');
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.samples().then(() => 'samples', () => 'none')), 'none', 'the samples of the link before');
  assert.match(await page.getByRole('group', { name: 'Numbers' }).innerText(), /waiting/);
  assert.doesNotMatch(await page.getByRole('group', { name: 'Numbers' }).innerText(), /W₁|KS|mean/i);
}

test('while WebGPU is on its way, neither result nor picture of the link before stands under the new link', async () => {
  const link = 'lab=toy1d&target=gaussian&n=2000&at=1&engine=webgpu&seed=2';
  const { page, close } = await newPage(browser);
  await page.addInitScript(() => {
    const adapter = { features: new Set(['timestamp-query']), info: { isFallbackAdapter: true } };
    Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: async () => adapter }, configurable: true });
  });
  let fail = () => {};
  const failed = new Promise((/** @type {(v: void) => void} */ resolve) => { fail = resolve; });
  await page.route('**/pkg/webgpu/**', (route) => failed.then(() => route.abort()));
  await page.goto(`${DEV}#lab=toy1d&target=uniform&n=2000&seed=1`);
  const first = await done(page);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.metrics !== null);
  const asked = page.waitForRequest('**/pkg/webgpu/**');
  await go(page, link);
  await opened(page, 'target=gaussian');
  await asked;
  await givesNothing(page);
  await page.waitForFunction(() => !document.documentElement.classList.contains('earlier'), null, { polling: 20 }); // the exact part of the new link is there
  assert.match(await page.locator('#plot canvas').first().getAttribute('aria-label') ?? '', /a Gaussian of standard deviation 0.5/);
  const panel = await shared(page);
  assert.match(panel.link, /target=gaussian.*seed=2/);
  assert.doesNotMatch(panel.link, /fp=/);
  assert.equal(panel.csv, 0);
  fail();
  const last = await done(page);
  assert.notEqual(last.fingerprint, first.fingerprint);
  assert.equal(last.fingerprint, native(link.replace('&engine=webgpu', '')));
  await close();
});

test('before the new law is compiled, the picture of the link before says so and nothing of it is given', async () => {
  const link = 'lab=toy1d&target=gaussian&n=2000&at=1&seed=2';
  const { page, errors, close } = await newPage(browser, { acceptDownloads: true });
  await page.addInitScript(holding);
  await page.goto(`${DEV}#lab=toy1d&target=uniform&n=2000&view=sweep&at=1&seed=1`);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield?.sweep.length > 0, null, { timeout: 30_000 });
  const first = await done(page, 60_000);
  await hold(page);
  await go(page, `${link}&view=sweep`);
  await held(page);
  await opened(page, 'target=gaussian');
  await givesNothing(page);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.sweep), [], 'the sweep of the link before');
  await page.getByText('This is still the picture of the link before.').waitFor();
  await page.waitForFunction(() => Number(getComputedStyle(document.querySelector('#plot canvas') ?? document.body).opacity) < 0.5, null, { polling: 20 }); // it is dimmed
  const panel = await shared(page);
  assert.match(panel.link, /target=gaussian.*seed=2/);
  assert.doesNotMatch(panel.link, /fp=/);
  assert.equal(panel.csv, 0);
  assert.match(panel.picture, /not there yet/);
  await release(page);
  const last = await done(page, 60_000);
  assert.notEqual(last.fingerprint, first.fingerprint);
  assert.equal(last.fingerprint, native(link));
  assert.ok(await page.getByText('This is still the picture of the link before.').isHidden());
  assert.deepEqual(errors, []);
  await close();
});

test('a link that is shared as soon as its model has changed has its own fingerprint or none', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=lgssm&length=300&n=64&steps=8&seed=0`);
  await done(page);
  await page.getByRole('button', { name: 'Share', exact: true }).click(); // its script comes with the first panel
  await page.getByRole('dialog', { name: 'Share' }).waitFor();
  await page.keyboard.press('Escape');
  for (const [by, model] of [['control', 'damped-spring'], ['address', 'rotation']]) {
    await page.evaluate(async ([how, to]) => {
      const select = /** @type {HTMLSelectElement} */ ([...document.querySelectorAll('#panel select')].find((s) => [.../** @type {HTMLSelectElement} */ (s).options].some((o) => o.value === to)));
      if (how === 'control') {
        select.value = to;
        select.dispatchEvent(new Event('input', { bubbles: true }));
        select.dispatchEvent(new Event('change', { bubbles: true }));
      } else location.hash = `lab=lgssm&model=${to}&length=300&n=64&steps=8&seed=0`;
      const { port1, port2 } = new MessageChannel(); // turns without the delay of a timer
      while (!/** @type {any} */ (globalThis).__scorefield.opened.link.includes(to)) {
        await new Promise((resolve) => {
          port1.onmessage = resolve;
          port2.postMessage(0);
        });
      }
      /** @type {HTMLElement} */ ([...document.querySelectorAll('button')].find((b) => b.textContent === 'Share')).click();
    }, [by, model]);
    const link = (await page.getByRole('textbox', { name: 'Link' }).inputValue()).split('#')[1];
    await page.keyboard.press('Escape');
    assert.ok(link.includes(model));
    if (link.includes('fp=')) assert.equal(run(link).reproduced.verdict, 'exact', `shared with another result: ${link}`);
    await done(page);
  }
  assert.deepEqual(errors, []);
  await close();
});

test('an address that is shared while it is being opened is what is shared', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&n=500&steps=5&seed=0`);
  await done(page);
  await page.evaluate(() => {
    location.hash = 'lab=toy1d&n=500&steps=5&seed=1';
    addEventListener('hashchange', () => setTimeout(() => /** @type {HTMLElement} */ ([...document.querySelectorAll('button')].find((b) => b.textContent === 'Share')).click()));
  });
  assert.match(await page.getByRole('textbox', { name: 'Link' }).inputValue(), /seed=1(&|$)/);
  assert.deepEqual(errors, []);
  await close();
});

test('another fingerprint in the address is compared afresh', async () => {
  const { page, close } = await newPage(browser);
  const link = 'lab=toy1d&n=500&steps=5&at=1&seed=0';
  await page.goto(`${DEV}#${link}&fp=${native(link)}`);
  await page.locator('.badge.exact').waitFor();
  await go(page, `${link}&fp=${native('lab=toy1d&n=500&steps=5&seed=1')}`);
  await page.locator('.badge.different').waitFor();
  await go(page, link);
  await page.locator('.badge').waitFor({ state: 'detached' });
  await close();
});
