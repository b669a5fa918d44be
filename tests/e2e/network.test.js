// score=net: the file of the network is fetched when a link needs it and is checked. If it is missing, the page names
// it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CLI, DEV, DIST, done, handle, launch, newPage, words } from './browser.js';

const LINK = '#v=1&lab=toy1d&process=edm&sampler=heun&steps=18&score=net&n=2000&engine=cpu&seed=1';
const FILE = readFileSync(new URL('../../nets/uniform.bpk', import.meta.url));

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

test('a link with a network gives the numbers of the command line, from the sources and from dist', async () => {
  const answer = JSON.parse(execFileSync(CLI, ['run', LINK], { encoding: 'utf8' }));
  for (const url of [DEV, DIST]) {
    const { page, errors, requests, close } = await newPage(browser);
    await page.goto(url + LINK);
    const state = await done(page);
    assert.equal(state.fingerprint, answer.fingerprint);
    assert.equal(requests.filter((r) => r.includes('.bpk')).length, 1, 'the one file, once');
    assert.deepEqual(errors, []);
    await close();
  }
});

test('a link without a network fetches none', async () => {
  const { page, requests, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&n=500&seed=0`);
  await done(page);
  assert.ok(!requests.some((r) => r.includes('.bpk')));
  await close();
});

test('a network for windows of a chain is put together as on the command line; its error stands beside the exact one', async () => {
  const chain = '#v=1&lab=lgssm&steps=16&score=net&k=1&guidance=sda&n=40&engine=cpu&seed=3';
  const answer = JSON.parse(execFileSync(CLI, ['run', chain], { encoding: 'utf8' }));
  const { page, errors, requests, close } = await newPage(browser);
  await page.goto(DEV + chain);
  const state = await done(page);
  assert.equal(state.fingerprint, answer.fingerprint);
  assert.deepEqual(requests.filter((r) => r.includes('.bpk')).map((r) => /[^/]*\.bpk/.exec(r)?.[0]), ['window1.bpk']);
  assert.match(await words(page), /Score of a network[\s\S]*windows of 3 neighbours/);
  await page.goto(`${DEV}${chain.replace('seed=3', 'view=score-error&seed=3')}`);
  await page.waitForFunction(() => /network, k = 1: [\d.]+ at .* this run’s/u.test(document.querySelector('#plot canvas')?.getAttribute('aria-label') ?? ''));
  assert.match((await page.locator('#plot canvas').getAttribute('aria-label')) ?? '', /exact windows, k = 1: 0\.310/);
  assert.deepEqual(errors, []);
  await close();
});

test('a network asked for another chain is a link error that offers exact windows', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#v=1&lab=lgssm&a=0.8&score=net&n=40&seed=0`);
  await page.getByText('the pretrained networks are for model=ar1 with a=0.9').waitFor();
  await page.getByRole('button', { name: 'blanket' }).first().click();
  assert.match((await done(page)).opened?.link ?? '', /a=0\.8.*score=blanket/);
  await close();
});

const other = Buffer.from(FILE);
other[20_000] ^= 1;
for (const [name, reason, answer] of /** @type {const} */ ([
  ['missing', /uniform\.bpk could not be loaded: the server answered 404/, { status: 404, body: '' }],
  ['cut', /uniform\.bpk has 3000 bytes instead of 35076/, { status: 200, body: FILE.subarray(0, 3000) }],
  ['wrong', /uniform\.bpk is not the expected file/, { status: 200, body: other }],
])) {
  test(`a ${name} file is told by its name, and the next try succeeds`, async () => {
    const { page, close } = await newPage(browser);
    await page.route('**/*.bpk*', (route) => route.fulfill({ ...answer, contentType: 'application/octet-stream' }));
    await page.goto(DEV + LINK);
    await page.getByText(reason).first().waitFor({ timeout: 15_000 });
    assert.equal((await handle(page)).state, 'error');
    await page.unroute('**/*.bpk*');
    await page.goto(`${DEV}${LINK.replace('seed=1', 'seed=2')}`);
    const state = await done(page);
    assert.match(state.opened?.link ?? '', /score=net/);
    await close();
  });
}
