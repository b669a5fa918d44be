// Costly work yields: whatever runs, the next link opens by itself. The address decides what runs, never the previous
// link.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CLI, DEV, done, handle, launch, newPage } from './browser.js';

const FOUR = 'model=custom&T=0.9,0.05,0,0;0,0.8,0.1,0;0,0,0.7,0.1;0.1,0,0,0.6&Q=1,0,0,0;0,1,0,0;0,0,1,0;0,0,0,1&O=1,0,0,0;0,1,0,0;0,0,1,0;0,0,0,1&R=1,0,0,0;0,1,0,0;0,0,1,0;0,0,0,1';

/** The largest values that controls can be set to, in every lab. */
const LARGEST = [
  'lab=lgssm&length=1000&seed=0',
  'lab=lgssm&length=1000&every=1&n=512&seed=0',
  `lab=lgssm&${FOUR}&length=1000&every=1&n=512&seed=0`,
  `lab=lgssm&${FOUR}&length=1000&every=1&operator=saturating&n=512&seed=0`,
  `lab=lgssm&${FOUR}&length=1000&every=1&score=blanket&k=16&guidance=pigdm&n=512&seed=0`,
  'lab=lgssm&length=1000&every=1&guidance=dps&n=2000&steps=2000&seed=0',
  'lab=lgssm&length=1000&every=1&sampler=langevin&steps=2000&n=2000&seed=0',
  'lab=lgssm&length=1000&every=1&method=ar&context=500&horizon=1&n=512&seed=0',
  `lab=lgssm&${FOUR}&length=1000&every=1&method=ar&context=500&horizon=500&n=512&seed=0`,
  'lab=lgssm&length=1000&every=1&method=exact&n=5000&seed=0',
  'lab=lgssm&length=1000&every=1&score=net&k=4&guidance=pigdm&n=512&view=score-error&seed=0',
  'lab=toy2d&score=empirical&m=5000&n=1000000&steps=2000&view=flow&seed=0',
  'lab=toy2d&target=swissroll&n=1000000&steps=2000&seed=0',
  'lab=toy2d&target=moons&score=net&n=1000000&steps=2000&view=errors&seed=0',
  'lab=toy2d&score=trained&net-width=128&net-depth=4&net-batch=2048&net-steps=20000&n=1000000&seed=0',
  'lab=torus&score=empirical&m=5000&n=1000000&steps=2000&seed=0',
  'lab=torus&n=1000000&steps=2000&seed=0',
  'lab=toy1d&score=empirical&m=5000&n=1000000&steps=2000&view=flow&seed=0',
  'lab=toy1d&target=comb&teeth=16&n=1000000&steps=2000&view=sweep&seed=0',
  'lab=toy1d&score=net&n=1000000&steps=2000&view=errors&seed=0',
];

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** @param {string} link */
const native = (link) => String(JSON.parse(execFileSync(CLI, ['run', link], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).fingerprint);

/** A link that is done in a moment. @param {number} seed */
const small = (seed) => `lab=toy1d&target=gaussian&n=400&steps=5&at=1&engine=cpu&seed=${seed}`;

/** @param {import('playwright-core').Page} page @param {string} link */
const go = (page, link) => page.evaluate((to) => void (location.hash = to), link);

/** In the page: whether a link is open and at work. @param {string} link */
const atWork = (link) => {
  const now = /** @type {any} */ (globalThis).__scorefield;
  return now?.state === 'running' && now.opened?.lab === new URLSearchParams(link).get('lab');
};

/** The small link of a seed is what is open, drawn and in the address. @param {import('playwright-core').Page} page @param {number} seed */
async function isThere(page, seed) {
  await page.waitForFunction((s) => /** @type {any} */ (globalThis).__scorefield.opened?.link.endsWith(`seed=${s}`), seed, { timeout: 60_000, polling: 50 });
  const now = await done(page, 60_000);
  assert.equal(now.fingerprint, native(small(seed)));
  await page.waitForFunction((s) => location.hash.includes('target=gaussian') && location.hash.endsWith(`seed=${s}`), seed, { timeout: 10_000 });
  assert.match(await page.locator('#plot canvas').first().getAttribute('aria-label') ?? '', /a Gaussian of standard deviation 0.5/);
  assert.ok(await page.getByText('This is still the picture of the link before.').isHidden());
}

/** In the page: `deafen()` makes the workers that are there deaf; those that replace them are not. */
const deafness = () => {
  const all = /** @type {any} */ (globalThis);
  /** @type {Worker[]} */
  const workers = [];
  /** @type {Set<Worker>} */
  const deaf = new Set();
  const send = Worker.prototype.postMessage;
  Worker.prototype.postMessage = /** @this {Worker} @param {any} message @param {any} rest */ function (message, ...rest) {
    if (!workers.includes(this)) workers.push(this);
    if (!deaf.has(this)) send.call(this, message, ...rest);
  };
  all.deafen = () => workers.forEach((w) => deaf.add(w));
  all.crash = () => workers.forEach((w) => {
    if (!deaf.has(w)) return;
    w.terminate();
    w.dispatchEvent(new ErrorEvent('error', { message: 'lost' }));
  });
};

/** What the page opens from now on, in order. @param {import('playwright-core').Page} page */
const watch = (page) => page.evaluate(() => {
  const all = /** @type {any} */ (globalThis);
  /** @type {string[]} */
  const seen = all.seen = [];
  const look = () => {
    for (const text of [all.__scorefield.opened?.link ?? '', location.hash]) if (seen.at(-1) !== text && !seen.includes(text)) seen.push(text);
    requestAnimationFrame(look);
  };
  look();
});

for (const [i, link] of LARGEST.entries()) {
  test(`gives way to the next link: ${link.slice(0, 110)}`, async () => {
    const { page, close } = await newPage(browser);
    await page.goto(`${DEV}#${link}`);
    await page.waitForFunction(atWork, link, { timeout: 60_000, polling: 20 });
    await go(page, small(i));
    await isThere(page, i);
    await close();
  });
}

/**
 * In the page: what is sent to workers and what comes back, in order, as `> op` and `< op`, refusals as `< op refused`. `onAsk` is called
 * as soon as a question of this name has been sent.
 * @param {string} question
 */
const traffic = (question) => {
  const all = /** @type {any} */ (globalThis);
  /** @type {string[]} */
  const log = all.traffic = [];
  /** @type {Map<number, string>} */
  const open = new Map();
  const Original = Worker;
  globalThis.Worker = class extends Original {
    /** @param {string|URL} url @param {WorkerOptions} [options] */
    constructor(url, options) {
      super(url, options);
      this.addEventListener('message', ({ data }) => { // before the page hears of it
        if (data.id !== undefined) log.push(`< ${open.get(data.id)}${data.fault ? ' refused' : ''}`);
      });
    }

    /** @param {any} message @param {any} [rest] */
    postMessage(message, rest) {
      const name = message.op === 'ask' ? message.args[2] : message.op;
      open.set(message.id, name);
      log.push(`> ${name}`);
      super.postMessage(message, rest);
      if (name === question) setTimeout(() => all.onAsk());
    }
  };
};

/** A question about all chains that takes the engine many turns. */
const ASKING = `lab=lgssm&${FOUR}&length=1000&n=8&steps=4&view=score-error&at=1&engine=cpu&seed=5`;

for (const [what, op, onAsk] of /** @type {[string, string, () => void][]} */ ([
  ['another view', 'edit_link', () => /** @type {HTMLElement} */ (document.querySelector('input[name="view"][value="cost"]')).click()],
  ['another link', 'open_link', () => void (location.hash = 'lab=toy1d&target=gaussian&n=400&steps=5&at=1&engine=cpu&seed=45')],
])) {
  test(`${what} is answered before a long question that was put first, which is given up`, async () => {
    const { page, errors, close } = await newPage(browser);
    await page.addInitScript(traffic, 'score-errors');
    await page.addInitScript(`globalThis.onAsk = ${onAsk}`);
    await page.goto(`${DEV}#${ASKING}`);
    await page.waitForFunction((answer) => {
      const log = /** @type {string[]} */ (/** @type {any} */ (globalThis).traffic ?? []);
      return log.indexOf(`< ${answer}`, log.indexOf('> score-errors')) > 0 && log.includes('> score-errors');
    }, op, { timeout: 60_000, polling: 20 });
    await done(page, 60_000);
    const log = /** @type {string[]} */ (await page.evaluate(() => /** @type {any} */ (globalThis).traffic));
    const asked = log.indexOf('> score-errors');
    const answered = log.indexOf(`< ${op}`, asked);
    assert.ok(answered > asked, log.join(', '));
    assert.ok(!log.includes('< score-errors'), `it was answered although nobody wants it any more: ${log.join(', ')}`);
    assert.ok(log.indexOf('> forget') > answered, `it was not given up: ${log.join(', ')}`);
    assert.deepEqual(errors, []);
    await close();
  });
}

/** In the page: a job is dropped as soon as it has been sent, before the worker has looked at it. */
const dropJobs = () => {
  const send = Worker.prototype.postMessage;
  Worker.prototype.postMessage = /** @this {Worker} @param {any} message @param {any} rest */ function (message, ...rest) {
    send.call(this, message, ...rest);
    if (message.op === 'job') send.call(this, { id: -1, op: 'drop', args: [message.args[0]] });
  };
};

test('a job that is dropped while it is prepared is given up', async () => {
  const { page, close } = await newPage(browser);
  await page.addInitScript(dropJobs);
  await page.addInitScript(traffic, '');
  await page.goto(`${DEV}#lab=toy1d&n=1000&steps=5&view=sweep&at=1&engine=cpu&seed=6`);
  await page.waitForFunction(() => /** @type {string[]} */ (/** @type {any} */ (globalThis).traffic).some((word) => word.startsWith('< job')), null, { timeout: 30_000, polling: 20 });
  const log = /** @type {string[]} */ (await page.evaluate(() => /** @type {any} */ (globalThis).traffic));
  assert.equal(log.find((word) => word.startsWith('< job')), '< job refused', log.join(', '));
  await close();
});

const LONG = 'lab=toy1d&n=1000000&steps=2000&engine=cpu&seed=77';

for (const cancelled of [true, false]) {
  test(`an engine that does not answer is replaced, and the link of the address runs by itself${cancelled ? ', after Cancel' : ''}`, async () => {
    const { page, close } = await newPage(browser);
    await page.addInitScript(deafness);
    await page.goto(`${DEV}#${LONG}`);
    await page.waitForFunction(atWork, LONG, { timeout: 60_000, polling: 20 });
    const cancel = page.getByRole('button', { name: 'Cancel' });
    await cancel.waitFor();
    await page.evaluate(() => /** @type {any} */ (globalThis).deafen());
    if (cancelled) await cancel.click();
    await go(page, small(41));
    await watch(page);
    await isThere(page, 41);
    const after = await page.evaluate(() => /** @type {string[]} */ (/** @type {any} */ (globalThis).seen));
    const from = after.findIndex((text) => !text.startsWith('#') && text.endsWith('seed=41'));
    assert.ok(from >= 0 && after.slice(from).every((text) => text.endsWith('seed=41')), `the link before came back: ${after.join('\n')}`);
    assert.equal(await page.getByRole('button', { name: 'Run again' }).count(), 0, 'a visitor is asked to run it');
    await close();
  });
}

test('an edit that the engine does not answer is made on its successor, and the run goes on with it', async () => {
  const { page, close } = await newPage(browser);
  await page.addInitScript(deafness);
  await page.goto(`${DEV}#${LONG}`);
  await page.waitForFunction(atWork, LONG, { timeout: 60_000, polling: 20 });
  await page.evaluate(() => /** @type {any} */ (globalThis).deafen());
  await page.getByLabel('Particles n', { exact: false }).first().waitFor();
  await page.evaluate(() => {
    const seed = /** @type {HTMLInputElement} */ ([...document.querySelectorAll('#panel input[type="text"]')].find((i) => /** @type {HTMLInputElement} */ (i).value === '77'));
    seed.value = '78';
    seed.dispatchEvent(new Event('input', { bubbles: true }));
    seed.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.opened.link.endsWith('seed=78'), null, { timeout: 30_000, polling: 50 });
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.state === 'running' && document.querySelector('.box.work') !== null, null, { timeout: 30_000, polling: 50 });
  assert.equal(await page.getByRole('button', { name: 'Run again' }).count(), 0);
  await close();
});

test('“Run again” runs the link of the address, not the one that ran before', async () => {
  const { page, close } = await newPage(browser);
  await page.addInitScript(deafness);
  await page.goto(`${DEV}#${LONG}`);
  await page.waitForFunction(atWork, LONG, { timeout: 60_000, polling: 20 });
  await page.evaluate(() => /** @type {any} */ (globalThis).deafen());
  await go(page, small(43));
  await page.evaluate(() => /** @type {any} */ (globalThis).crash());
  await page.getByRole('button', { name: 'Run again' }).click();
  await isThere(page, 43);
  await close();
});

test('a scrub position that comes to rest while another link is on its way does not take its place', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=toy1d&n=500&steps=5&at=1&engine=cpu&seed=3`);
  await done(page);
  await page.evaluate((to) => {
    const slider = /** @type {HTMLInputElement} */ (document.querySelector('input.scrub'));
    slider.value = '500';
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    setTimeout(() => { location.hash = to; }, 395); // its edit is made at 400
  }, small(44));
  await isThere(page, 44);
  assert.equal((await handle(page)).opened?.link.includes('seed=44'), true);
  assert.deepEqual(errors, []);
  await close();
});
