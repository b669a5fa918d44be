// score=trained: the page trains the network from its link, as the command line does; panel, cancel, files.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { CLI, DEV, WEBGPU, done, handle, launch, newPage, painted, words } from './browser.js';

/** Trains in an instant. */
const SMALL = 'score=trained&net-width=16&net-depth=2&net-steps=60&net-batch=64&n=500&engine=cpu';
/** Trains for a while: there is time to look at it. */
const LONG = 'score=trained&net-steps=20000&n=300&engine=cpu';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** @param {string} link */
const native = (link) => JSON.parse(execFileSync(CLI, ['run', link], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));

/** @param {import('playwright-core').Page} page */
const training = (page) => page.evaluate(() => /** @type {any} */ (globalThis).__scorefield?.training);

/** @param {import('playwright-core').Page} page @param {number} step */
const reached = (page, step) => page.waitForFunction((s) => (/** @type {any} */ (globalThis).__scorefield?.training?.step ?? 0) >= s, step, { timeout: 60_000, polling: 30 });

/** @param {import('playwright-core').Page} page @param {string} state */
const stateIs = (page, state) => page.waitForFunction((s) => /** @type {any} */ (globalThis).__scorefield?.state === s, state, { timeout: 60_000, polling: 30 });

/** Opens a link afresh: a change of the address alone leaves the last run's state there for a moment. @param {import('playwright-core').Page} page @param {string} link */
async function open(page, link) {
  await page.goto('about:blank');
  await page.goto(`${DEV}#${link}`);
}

/** @param {import('playwright-core').Page} page */
const panel = (page) => page.getByRole('region', { name: 'Training' });

/** Counts the trainings that workers are asked for, in `globalThis.trainings`. @param {import('playwright-core').Page} page */
const counted = (page) => page.addInitScript(() => {
  const held = /** @type {any} */ (globalThis);
  held.trainings = 0;
  const send = Worker.prototype.postMessage;
  Worker.prototype.postMessage = /** @this {Worker} @param {any} message @param {any} rest */ function (message, ...rest) {
    if (message?.op === 'train') held.trainings += 1;
    return send.call(this, message, ...rest);
  };
});

for (const lab of [
  'lab=toy1d&target=comb', 'lab=toy2d&target=moons', 'lab=torus&sampler=em',
  'lab=lgssm&k=1&length=12&steps=16', 'lab=lgssm&model=rotation&method=ar&guidance=sda&length=12&context=0&horizon=6&steps=8',
]) {
  test(`page = command line, to the bit: ${lab}`, async () => {
    const link = `${lab}&${SMALL}&net-seed=7&seed=3`;
    const { page, errors, close } = await newPage(browser);
    await page.goto(`${DEV}#${link}`);
    const state = await done(page);
    assert.equal(state.fingerprint, native(link).fingerprint);
    assert.match(await panel(page).innerText(), /Trained in .*a 2 × 16 network on .*loss \d/);
    assert.deepEqual(errors, []);
    await close();
  });
}

test('a chain trains a network for its windows: previews on the way, then samples, words and the error of its score', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=lgssm&model=damped-spring&k=1&length=20&guidance=sda&steps=16&net-steps=3000&score=trained&n=100&engine=cpu&view=score-error&seed=0`);
  await page.getByText('Training a 3 × 64 network on windows of 3 states of the damped spring').waitFor();
  await page.getByText('step 16 of 16').first().waitFor({ timeout: 30_000 }); // the last frame of a preview
  const readout = page.locator('.readout');
  assert.match(await readout.innerText(), /^preview: t /, 'no word that this is not the run');
  await done(page, 60_000);
  await readout.filter({ hasText: /^t / }).waitFor();
  assert.match(await panel(page).innerText(), /Trained in .* network on windows of 3 states of the damped spring, loss [\d.]+ \(exact denoiser [\d.]+\)/);
  await page.waitForFunction(() => /network, k = 1: [\d.]+ at .* this run’s/u.test(document.querySelector('#plot canvas')?.getAttribute('aria-label') ?? ''));
  assert.match(await words(page), /one network has learned the denoiser of windows of 3 neighbours from simulated ones, of this chain, before this run[\s\S]*3 hidden layers of 64/);
  await page.getByText('Model and observations').click();
  await page.getByRole('textbox', { name: 'Observe every' }).fill('2');
  await page.getByRole('textbox', { name: 'Observe every' }).press('Enter');
  await page.waitForFunction(() => /every=2/.test(location.hash));
  await done(page);
  assert.match(await panel(page).innerText(), /Trained in/, 'what is observed is no part of the training');
  assert.deepEqual(errors, []);
  await close();
});

test('the panel tells what, how far and how long; the picture shows previews; cancel is at once', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy2d&${LONG}&seed=0`);
  await reached(page, 300);
  assert.equal((await handle(page)).state, 'running');
  await page.waitForFunction(() => /Training a 3 × 64 network on the checkerboard: step [\d\s]+ of 20\s000, about [\d.]+ (s|min) left, loss \d/.test(document.getElementById('training')?.innerText ?? ''), null, { timeout: 20_000 });
  await page.getByText('step 40 of 40').first().waitFor({ timeout: 20_000 }); // the last frame of a preview
  assert.ok(await painted(page));
  const curve = panel(page).getByRole('img');
  assert.match(await curve.getAttribute('aria-label') ?? '', /Loss over training steps: \d\.\d+ at step \d+ of 20000; the exact denoiser has \d/);
  await panel(page).getByRole('button', { name: 'Cancel' }).click();
  await stateIs(page, 'cancelled');
  await page.waitForTimeout(500); // the piece that was under way
  const { step } = await training(page);
  await page.waitForTimeout(300);
  assert.equal((await training(page)).step, step, 'it went on');
  assert.match(await panel(page).innerText(), /was cancelled at step/);
  assert.equal((await handle(page)).fingerprint, null, 'a cancelled training gives no result');
  assert.deepEqual(errors, []);
  await close();
});

test('whoever presses a button of the panel keeps the place; the time left takes no pause for work', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.addInitScript(() => {
    const now = performance.now.bind(performance);
    const held = /** @type {any} */ (globalThis);
    Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 }); // no other takes a part of it: its pace stays
    held.ahead = 0;
    performance.now = () => now() + held.ahead;
  });
  await page.goto(`${DEV}#lab=toy2d&${LONG}&seed=0`);
  const left = panel(page).getByText(/about [\d.]+ (s|min) left/);
  await left.waitFor({ timeout: 20_000 });
  const seconds = (/** @type {string} */ words) => {
    const [, value, unit] = /about (\d+) (s|min) left/.exec(words) ?? [];
    return Number(value) * (unit === 'min' ? 60 : 1);
  };
  const before = seconds(await left.innerText());
  const focus = (/** @type {string} */ name) => page.waitForFunction((words) => document.activeElement?.closest('#training') && document.activeElement.textContent === words, name);
  await panel(page).getByRole('button', { name: 'Cancel' }).focus();
  await page.keyboard.press('Enter');
  await stateIs(page, 'cancelled');
  await focus('Go on');
  await page.evaluate(() => {
    const held = /** @type {any} */ (globalThis);
    held.ahead = 3.6e6; // an hour of nothing
    held.said = [];
    new MutationObserver(() => held.said.push(/** @type {HTMLElement} */ (document.querySelector('#training .what')).innerText))
      .observe(/** @type {HTMLElement} */ (document.getElementById('training')), { subtree: true, childList: true, characterData: true });
  });
  await page.keyboard.press('Enter');
  await focus('Cancel');
  await page.waitForFunction(() => /** @type {any} */ (globalThis).said.filter((/** @type {string} */ words) => words.startsWith('Training')).length > 4);
  const said = (await page.evaluate(() => /** @type {string[]} */ (/** @type {any} */ (globalThis).said))).filter((words) => words.startsWith('Training'));
  for (const words of said) assert.ok(seconds(words) < 10 * before, `${before} s, and after the pause: ${words}`);
  await panel(page).getByRole('button', { name: 'Use as it is' }).focus();
  await page.keyboard.press('Enter');
  await done(page);
  await focus('Go on');
  assert.deepEqual(errors, []);
  await close();
});

test('a stopped network can be used, is not shared as the result of its link, and can go on to the end', async () => {
  const link = 'lab=toy1d&score=trained&net-width=16&net-depth=2&net-steps=20000&net-batch=128&n=300&engine=cpu&seed=0';
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#${link}`);
  await reached(page, 50);
  await panel(page).getByRole('button', { name: 'Use as it is' }).click();
  const stopped = await done(page);
  assert.ok((await training(page)).stopped >= 50);
  assert.match(await panel(page).innerText(), /Stopped at step .* not those of the link/);
  await page.getByRole('button', { name: 'Share' }).click();
  assert.doesNotMatch(await page.getByLabel('Link', { exact: true }).inputValue(), /fp=/);
  await page.keyboard.press('Escape');
  await panel(page).getByRole('button', { name: 'Go on' }).click();
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.training?.source === 'trained' && /** @type {any} */ (globalThis).__scorefield.state === 'done', null, { timeout: 60_000 });
  const whole = await handle(page);
  assert.notEqual(whole.fingerprint, stopped.fingerprint);
  assert.equal(whole.fingerprint, native(link).fingerprint);
  await close();
});

test('a downloaded network opens its link again, chosen or dropped; a bad file is refused by name and nothing is lost', async () => {
  const link = `lab=toy2d&target=rings&${SMALL}&net-seed=5&seed=1`;
  const { page, errors, close } = await newPage(browser, { acceptDownloads: true });
  await page.goto(`${DEV}#${link}`);
  const first = await done(page);
  const [file] = await Promise.all([page.waitForEvent('download'), panel(page).getByRole('button', { name: 'Download' }).click()]);
  assert.equal(file.suggestedFilename(), 'rings.bpk');
  const bytes = readFileSync(await file.path());

  await open(page, `lab=toy1d&${SMALL}&net-seed=6&seed=1`);
  const other = await done(page);
  const input = page.locator('#training input[type=file]');
  const uniform = readFileSync(new URL('../../nets/uniform.bpk', import.meta.url));
  for (const [name, buffer, words] of /** @type {[string, Buffer, RegExp][]} */ ([
    ['cut.bpk', bytes.subarray(0, 700), /cut\.bpk is not a complete burnpack file/],
    ['text.bpk', Buffer.from('not a network'), /text\.bpk is not a complete burnpack file/],
    ['flipped.bpk', Buffer.from(uniform).fill(0, 0, 40), /flipped\.bpk is/],
  ])) {
    await input.setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
    await page.getByRole('alert').getByText(words).waitFor();
    const now = await handle(page);
    assert.equal(now.fingerprint, other.fingerprint, 'the run was lost');
    assert.equal(now.opened?.link, other.opened?.link);
    await page.getByRole('button', { name: 'Dismiss' }).first().click();
  }

  await input.setInputFiles({ name: 'mine.bpk', mimeType: 'application/octet-stream', buffer: bytes });
  await page.getByText('Loaded from mine.bpk').waitFor();
  const again = await done(page);
  assert.equal(again.fingerprint, first.fingerprint, 'the file gives another run than the training');
  assert.match(await panel(page).innerText(), /Loaded from mine\.bpk: a 2 × 16 network on the rings/);

  await open(page, 'lab=torus&n=200&engine=cpu&seed=1');
  await done(page);
  const data = await page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(list)], 'dropped.bpk'));
    return transfer;
  }, [...bytes]);
  await page.dispatchEvent('#plot', 'drop', { dataTransfer: data });
  await page.getByText('Loaded from dropped.bpk').waitFor();
  const { opened } = await done(page);
  assert.match(opened?.link ?? '', /lab=toy2d&target=rings.*score=trained/);
  assert.deepEqual(errors, []);
  await close();
});

/**
 * The file of a 2 × 16 network for two coordinates with other weights under a checksum that fits them.
 * @param {Buffer} bytes
 */
function forged(bytes) {
  const out = Buffer.from(bytes);
  const text = out.toString('latin1');
  const recipe = /law = [^\0]*?net-seed = \d+\n|law = [^\0]*?\nseed = \d+\n/.exec(text)?.[0] ?? '';
  const aligned = (/** @type {number} */ at) => Math.ceil(at / 256) * 256;
  let at = aligned(10 + out.readUInt32LE(6)); // after magic, version, length and the metadata
  const hash = createHash('sha256').update(`${recipe.length} ${recipe}`);
  for (const [i, [inputs, outputs]] of [[3, 16], [16, 16], [16, 2]].entries()) {
    for (const [name, shape] of /** @type {[string, number[]][]} */ ([['weight', [inputs, outputs]], ['bias', [outputs]]])) {
      const length = 4 * shape.reduce((p, q) => p * q);
      for (let w = at; w < at + length; w += 64) out[w] ^= 1; // the last bit of every 16th weight
      hash.update(`layers.${i}.${name} [${shape.join(', ')}] `).update(out.subarray(at, at + length));
      at = aligned(at + length);
    }
  }
  const old = /[0-9a-f]{64}/.exec(text);
  assert.ok(old && recipe);
  out.write(hash.digest('hex'), old.index, 'latin1');
  return out;
}

/** The link of the share panel. @param {import('playwright-core').Page} page */
async function shared(page) {
  await page.getByRole('button', { name: 'Share' }).click();
  const link = await page.getByLabel('Link', { exact: true }).inputValue();
  const words = await page.getByRole('dialog').innerText();
  await page.keyboard.press('Escape');
  return { link, words };
}

test('a loaded network is shared without a fingerprint until training it here gave the same weights; a forged one never', async () => {
  const link = `lab=toy2d&target=rings&${SMALL}&net-seed=5&seed=1`;
  const { page, errors, close } = await newPage(browser, { acceptDownloads: true });
  await page.goto(`${DEV}#${link}`);
  const first = await done(page);
  const withFp = (await shared(page)).link;
  assert.match(withFp, /fp=/);
  const [file] = await Promise.all([page.waitForEvent('download'), panel(page).getByRole('button', { name: 'Download' }).click()]);
  const bytes = readFileSync(await file.path());
  const input = page.locator('#training input[type=file]');
  const check = panel(page).getByRole('button', { name: 'Check by training it here' });
  const load = async (/** @type {string} */ name, /** @type {Buffer} */ buffer) => {
    await input.setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
    await page.getByText(`Loaded from ${name}`).waitFor();
    await done(page);
    assert.match(await panel(page).innerText(), /on the rings, not yet checked by training it here/);
    const { link: unproved, words } = await shared(page);
    assert.doesNotMatch(unproved, /fp=/);
    assert.match(words, /carries no fingerprint/);
  };

  await load('mine.bpk', bytes);
  await check.click();
  await panel(page).getByText('The same weights were trained here.').waitFor();
  assert.equal((await handle(page)).fingerprint, first.fingerprint);
  assert.equal((await shared(page)).link, withFp);
  assert.equal(await check.count(), 0);

  await load('forged.bpk', forged(bytes));
  const forgery = await handle(page);
  assert.notEqual(forgery.fingerprint, first.fingerprint, 'the forged weights run');
  await page.evaluate((to) => { location.hash = to; }, withFp.split('#')[1]);
  await page.getByText('Not compared with the shared result').waitFor();
  await check.click();
  await panel(page).getByText('forged.bpk holds other weights than its recipe gives').waitFor();
  const again = await done(page);
  assert.equal(again.fingerprint, first.fingerprint, 'the one trained here does not run');
  await page.locator('.badge.exact').waitFor();
  assert.equal((await shared(page)).link, withFp);
  assert.deepEqual(errors, []);
  await close();
});

test('the check of a loaded network can be given up, and ends with its link', async () => {
  const link = 'lab=toy1d&score=trained&net-width=16&net-depth=2&net-steps=20000&net-batch=2048&n=300&engine=cpu&seed=0';
  const uniform = readFileSync(new URL('../../nets/uniform.bpk', import.meta.url)); // 12,000 steps of 1,024
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#${link}`);
  await reached(page, 1);
  await panel(page).getByRole('button', { name: 'Cancel' }).click();
  await page.locator('#training input[type=file]').setInputFiles({ name: 'uniform.bpk', mimeType: 'application/octet-stream', buffer: uniform });
  await page.getByText('Loaded from uniform.bpk').waitFor();
  const { fingerprint } = await done(page);
  const check = panel(page).getByRole('button', { name: 'Check by training it here' });
  await check.click();
  await panel(page).getByText(/Training it here to compare: step/).waitFor();
  await panel(page).getByRole('button', { name: 'Cancel' }).click();
  await panel(page).getByText('not yet checked').waitFor();
  await check.click();
  await panel(page).getByText(/Training it here to compare: step/).waitFor();
  await page.getByLabel('Law', { exact: true }).selectOption('comb');
  await page.waitForFunction(() => /target=comb/.test(location.hash));
  await page.getByLabel('Law', { exact: true }).selectOption('uniform');
  await page.getByText('Loaded from uniform.bpk').waitFor();
  assert.equal((await done(page)).fingerprint, fingerprint, 'the loaded network was lost');
  assert.match(await panel(page).innerText(), /not yet checked by training it here/);
  assert.deepEqual(errors, []);
  await close();
});

test('two sides with the same network train it once', async () => {
  const { page, close } = await newPage(browser);
  await counted(page);
  await page.goto(`${DEV}#lab=toy1d&${SMALL}&process=vp&b.process=edm&seed=0`);
  await done(page);
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).trainings), 1);
  assert.equal(await panel(page).count(), 1);
  await open(page, `lab=toy1d&${SMALL}&b.net-seed=1&seed=0`);
  await done(page);
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).trainings), 2);
  assert.equal(await panel(page).count(), 2);
  await close();
});

test('while it trains the page answers; what the network depends on restarts it, the rest does not', async () => {
  const { page, errors, close } = await newPage(browser);
  await counted(page);
  await page.goto(`${DEV}#lab=toy2d&${LONG}&seed=0`);
  await reached(page, 100);
  const trainings = () => page.evaluate(() => /** @type {any} */ (globalThis).trainings);
  await page.getByLabel('Sampler').selectOption('euler');
  await page.waitForFunction(() => /sampler=euler/.test(location.hash));
  await reached(page, 100); // the new run takes the training up a moment after the address has changed
  assert.equal(await trainings(), 1, 'the sampler restarted the training');
  const { step } = await training(page);
  await reached(page, step + 50);
  await page.getByRole('radiogroup', { name: 'View' }).getByText('Flow', { exact: true }).click();
  await page.waitForFunction(() => /view=flow/.test(location.hash));
  await page.waitForTimeout(300);
  assert.equal((await handle(page)).state, 'running');
  await page.getByLabel('Law').selectOption('moons');
  await page.waitForFunction(() => /target=moons/.test(location.hash));
  await page.getByText('Training a 3 × 64 network on the two moons').waitFor();
  assert.equal(await trainings(), 2);
  assert.equal(await panel(page).count(), 1);
  await page.getByLabel('Score').selectOption('exact');
  await done(page);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.at < 0.9, null, { timeout: 5000 }); // the clock goes on from the noise
  assert.equal(await panel(page).count(), 0);
  assert.deepEqual(errors, []);
  await close();
});

test('where there is no pretrained network, the error offers to train one', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&target=gaussian&score=net&n=300&engine=cpu&seed=0`);
  await page.getByRole('button', { name: 'Train a network here' }).click();
  await page.getByText('Training a 3 × 64 network on the normal law').waitFor();
  await page.waitForFunction(() => /score=trained/.test(location.hash));
  await close();
});

test('a link that asks for WebGPU trains there, and its samples are close to those of the CPU', { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
  const link = 'lab=toy2d&target=moons&score=trained&net-width=8&net-depth=1&net-steps=24&net-batch=32&n=64&steps=6&seed=3';
  const gpu = await launch({ webgpu: true });
  const { page, close } = await newPage(gpu);
  await page.goto(`${DEV}#${link}&engine=webgpu`);
  await done(page);
  assert.equal((await handle(page)).engine, 'webgpu');
  assert.match(await panel(page).innerText(), /a 1 × 8 network on .*, on WebGPU/);
  const samples = () => page.evaluate(async () => Array.from(await /** @type {any} */ (globalThis).__scorefield.samples()));
  const there = await samples();
  await page.goto('about:blank');
  await page.goto(`${DEV}#${link}&engine=cpu`);
  await done(page);
  assert.doesNotMatch(await panel(page).innerText(), /WebGPU/);
  const here = await samples();
  const worst = Math.max(...here.map((x, i) => Math.abs(Number(x) - Number(there[i]))));
  assert.ok(worst < 2e-3 && worst > 0, `the samples differ by ${worst}`);
  await close();
  await gpu.close();
});

test('the shipped files of windows can be loaded by a visitor: the link is that of their training', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=lgssm&n=40&steps=8&at=1&seed=0`);
  await done(page);
  await page.locator('#plot canvas').evaluate(async (canvas) => {
    const bytes = await (await fetch('/nets/window2.bpk')).arrayBuffer();
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], 'window2.bpk'));
    canvas.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  });
  await page.getByText('Loaded from window2.bpk').waitFor();
  const { opened } = await done(page);
  assert.match(opened?.link ?? '', /score=trained.*net-steps=60000/);
  assert.deepEqual(errors, []);
  await close();
});
