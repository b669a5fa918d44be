// A large run is shared out over workers, and the runs of a job: the result is the same to the last bit, cancelling stops them all, and a worker
// that is lost does no harm. Small runs, and runs that nobody sees, start none.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CLI, DEV, done, landed, launch, metric, newPage } from './browser.js';
import { serve } from './host.js';

/** Runs of about a second, of each lab whose particles go alone. */
const LARGE = [
  'lab=toy1d&target=mixture&n=1000000&steps=60&engine=cpu&seed=1',
  'lab=toy2d&target=moons&process=vp&sampler=pc&n=100000&steps=30&engine=cpu&seed=2',
  'lab=toy2d&score=net&n=40000&steps=20&engine=cpu&seed=3',
  'lab=lgssm&length=65&n=1500&steps=100&engine=cpu&seed=4',
  'lab=lgssm&length=64&n=5000&method=ar&context=2&horizon=5&steps=60&engine=cpu&seed=5',
  'lab=filter&method=ensf&n=1500&cycles=60&engine=cpu&seed=6',
  'lab=filter&model=lorenz63&method=ssls&operator=square&n=900&cycles=20&engine=cpu&seed=7',
  'lab=turbulence&score=small&frames=12&steps=40&engine=cpu&seed=8',
];
/** Long enough to be interrupted. */
const LONG = 'lab=toy2d&target=moons&n=400000&steps=400&engine=cpu&seed=6';
const LONG_FILTER = 'lab=filter&method=ensf&n=5000&cycles=60&engine=cpu&seed=8';
const LONG_FILM = 'lab=turbulence&score=small&steps=40&engine=cpu&seed=9';

/** Jobs of seconds, by their names. */
const JOBS = /** @type {const} */ ([
  ['sweep', 'lab=toy1d&target=mixture&n=240000&view=sweep&engine=cpu&seed=1'],
  ['errors', 'lab=toy2d&score=net&n=9000&steps=20&view=errors&engine=cpu&seed=2'],
  ['race', 'lab=filter&n=500&cycles=25&method=pf&view=race&engine=cpu&seed=3'],
]);

/** The same, of many seconds. */
const LONG_JOBS = /** @type {const} */ ([
  ['sweep', 'lab=toy1d&score=empirical&m=2000&n=20000&view=sweep&engine=cpu&seed=1'],
  ['errors', 'lab=toy2d&score=net&n=4000&steps=1000&view=errors&engine=cpu&seed=2&b.seed=3'],
]);

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** @param {string} link */
const native = (link) => JSON.parse(execFileSync(CLI, ['run', link], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).fingerprint;

/** A page of a machine with so many cores. @param {number} cores */
async function machine(cores) {
  const opened = await newPage(browser);
  await opened.page.addInitScript((n) => Object.defineProperty(navigator, 'hardwareConcurrency', { value: n }), cores);
  return opened;
}

/** How many workers have a share of the run. @param {import('playwright-core').Page} page */
const workers = (page) => page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.workers);

/** @param {import('playwright-core').Page} page @param {number} count */
const shared = (page, count) => page.waitForFunction((n) => /** @type {any} */ (globalThis).__scorefield?.workers === n, count, { timeout: 30_000, polling: 20 });

/** Shares that each worker beside the first has. @param {import('playwright-core').Page} page */
const held = (page) => page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.shares());

for (const link of LARGE) {
  test(`one worker and several give the bits of the command line: ${link}`, async () => {
    const own = native(link);
    for (const cores of [1, 3]) {
      const { page, errors, close } = await machine(cores);
      await page.goto(`${DEV}#${link}`);
      await shared(page, cores);
      assert.equal((await done(page, 120_000)).fingerprint, own, `${cores} cores`);
      assert.equal(page.workers().length, cores);
      assert.deepEqual(errors, []);
      await close();
    }
  });
}

test('the numbers at the end have the bits of the command line on one worker and on several', async () => {
  const link = 'lab=toy2d&target=moons&n=10000&steps=5&engine=cpu&at=1&seed=8'; // a short run with long numbers
  const { metrics } = JSON.parse(execFileSync(CLI, ['run', link], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  for (const cores of [1, 3]) {
    const { page, errors, close } = await machine(cores);
    await page.goto(`${DEV}#${link}`);
    const own = (await landed(page)).metrics;
    for (const key of ['energy_distance', 'sliced_w2']) assert.equal(metric(own, key).value, metrics[key], `${key} on ${cores} cores`);
    assert.equal(page.workers().length, cores); // nothing else has started them
    assert.deepEqual(await held(page), Array(cores - 1).fill(0));
    assert.deepEqual(errors, []);
    await close();
  }
});

test('a worker that is lost does no harm to the numbers at the end', async () => {
  const link = 'lab=torus&n=10000&steps=5&engine=cpu&at=1&seed=9';
  const { metrics } = JSON.parse(execFileSync(CLI, ['run', link], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  const { page, close } = await machine(2);
  let lost = 0;
  page.on('worker', (worker) => {
    worker.on('close', () => lost++);
    worker.evaluate(() => self.addEventListener('message', ({ data }) => {
      if (data.op === 'numbers') setTimeout(() => { throw new Error('lost on purpose'); }, 30);
    })).catch(() => {});
  });
  await page.goto(`${DEV}#${link}`);
  const own = (await landed(page)).metrics;
  for (const key of ['energy_distance', 'sliced_w2']) assert.equal(metric(own, key).value, metrics[key]);
  assert.equal(lost, 1);
  await close();
});

test('a run on several cores is told ten times a second, so that its pictures do not take one of them', async () => {
  const { page, close } = await machine(3);
  await page.addInitScript(() => {
    const told = /** @type {{ at: number, done: boolean }[]} */ ([]);
    Object.assign(globalThis, { told });
    globalThis.Worker = class extends Worker {
      /** @param {string|URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        this.addEventListener('message', ({ data }) => data.event === 'frames' && told.push({ at: performance.now(), done: data.progress.done }));
      }
    };
  });
  await page.goto(`${DEV}#${LARGE[1]}`);
  await shared(page, 3);
  const from = await page.evaluate(() => performance.now());
  await done(page, 120_000);
  const after = await page.evaluate((early) => /** @type {any} */ (globalThis).told.filter((/** @type {{ at: number }} */ { at }) => at > early), from);
  const last = after.at(-1);
  assert.ok(last.done);
  assert.ok(after.length >= 0.3 * (last.at - from) / 100, `only ${after.length} messages in ${last.at - from} ms`);
  assert.ok(after.length <= 3 + (last.at - from) / 100, `${after.length} messages in ${last.at - from} ms`);
  await close();
});

/** @param {import('playwright-core').Page} page @param {string} name @returns {Promise<{ state: string, workers: number, part: number }|undefined>} */
const jobOf = (page, name) => page.evaluate((own) => /** @type {any} */ (globalThis).__scorefield.jobs[own], name);

/** @param {import('playwright-core').Page} page @param {string} name @param {number} count  workers that do its runs */
const jobShared = (page, name, count) => page.waitForFunction(([own, n]) => (
  /** @type {any} */ (globalThis).__scorefield?.jobs[own]?.workers === n), /** @type {const} */ ([name, count]), { timeout: 60_000, polling: 20 });

/** The points, once all are there. @param {import('playwright-core').Page} page @param {string} name */
async function points(page, name) {
  await page.waitForFunction((own) => /** @type {any} */ (globalThis).__scorefield?.jobs[own]?.state === 'done', name, { timeout: 120_000 });
  return page.evaluate((own) => JSON.stringify(/** @type {any} */ (globalThis).__scorefield[own], (_, v) => (ArrayBuffer.isView(v) ? Array.from(/** @type {any} */ (v)) : v)), name);
}

for (const [name, link] of JOBS) {
  test(`one worker and several give the points of the command line: ${name}`, async () => {
    const own = JSON.parse(execFileSync(CLI, ['job', name, link], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).points;
    for (const cores of [1, 3]) {
      const { page, errors, close } = await machine(cores);
      await page.goto(`${DEV}#${link}`);
      await jobShared(page, name, cores);
      assert.deepEqual(JSON.parse(await points(page, name)), own, `${cores} cores`);
      assert.deepEqual(errors, []);
      assert.deepEqual(await held(page), Array(cores - 1).fill(0));
      await close();
    }
  });

  test(`a worker that is lost does no harm: ${name}`, async () => {
    const own = JSON.parse(execFileSync(CLI, ['job', name, link], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).points;
    const { page, close } = await machine(3);
    await page.goto(`${DEV}#${link}`);
    await jobShared(page, name, 3);
    const [, second] = page.workers();
    second.evaluate(() => setTimeout(() => { throw new Error('lost on purpose'); })).catch(() => {});
    await page.getByText(/A worker that helped was lost \((Uncaught )?Error: lost on purpose\)/).waitFor({ timeout: 30_000 });
    assert.deepEqual(JSON.parse(await points(page, name)), own);
    await close();
  });
}

for (const [name, link] of LONG_JOBS) {
  test(`cancelling stops every worker: ${name}`, async () => {
    const { page, errors, close } = await machine(3);
    await page.goto(`${DEV}#${link}`);
    await jobShared(page, name, 3);
    assert.ok((await held(page)).every((/** @type {number} */ count) => count > 0)); // of the job, and of runs that are shared out too
    await page.getByRole('button', { name: 'Cancel' }).first().click(); // the line of a run has one too: each stops all
    assert.deepEqual(await held(page), [0, 0]);
    assert.equal((await jobOf(page, name))?.state, 'cancelled');
    assert.deepEqual(errors, []);
    await close();
  });
}

test('a small run starts no worker', async () => {
  const { page, close } = await machine(4);
  await page.goto(`${DEV}#lab=toy1d&n=500&seed=0`);
  await done(page);
  assert.equal(page.workers().length, 1);
  assert.equal(await workers(page), 1);
  await close();
});

test('a long job whose runs cannot be dealt out starts no worker', async () => {
  const { page, errors, close } = await machine(3);
  await page.goto(`${DEV}#lab=filter&model=lorenz63&n=60&view=density&seed=0`);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield?.jobs.reference?.part > 0.1, null, { timeout: 120_000 });
  assert.equal((await jobOf(page, 'reference'))?.workers, 1);
  assert.equal(page.workers().length, 1);
  assert.deepEqual(errors, []);
  await close();
});

test('a run that is cancelled on several cores has told the page all that it computed', async () => {
  const { page, errors, close } = await machine(3);
  await page.addInitScript(() => {
    const seen = /** @type {{ worker: Worker, job: number, to: number }[]} */ ([]);
    Object.assign(globalThis, {
      seen,
      /** What the worker of the last run answers. @param {string} op @param {unknown[]} args */
      asked: (op, args) => new Promise((resolve) => {
        const { worker, job } = seen[seen.length - 1];
        worker.addEventListener('message', ({ data }) => data.id === -1 && resolve(data.value));
        worker.postMessage({ id: -1, op, args: [job, ...args] });
      }),
    });
    globalThis.Worker = class extends Worker {
      /** @param {string|URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        this.addEventListener('message', ({ data }) => {
          if (data.event === 'frames' && data.frames) seen.push({ worker: this, job: data.job, to: data.frames.to });
        });
      }
    };
  });
  await page.goto(`${DEV}#lab=toy2d&target=moons&sampler=euler&n=8000&steps=1000&engine=cpu&seed=6`);
  await shared(page, 3);
  await page.waitForTimeout(300); // more frames than messages
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText(/Cancelled at step/).waitFor();
  assert.deepEqual(await held(page), [0, 0]);
  const frames = await page.evaluate(async () => {
    const { asked, seen } = /** @type {any} */ (globalThis);
    await asked('stop', []); // has been done: nothing is under way
    const { to } = seen[seen.length - 1];
    const [last, next] = [await asked('askRun', ['metrics', { frame: to - 1 }]), await asked('askRun', ['metrics', { frame: to }])];
    return { to, last, next };
  });
  assert.equal(frames.last.frame, frames.to - 1);
  assert.equal(frames.next, null, 'the worker has a frame that the page has not');
  await page.getByText(`Cancelled at step ${frames.last.nfe} of 1000.`).waitFor({ timeout: 5000 }); // Euler: a call a step
  assert.deepEqual(errors, []);
  await close();
});

for (const link of [LONG, LONG_FILTER, LONG_FILM]) {
  test(`cancelling stops every worker: ${link}`, async () => {
    const { page, errors, close } = await machine(3);
    await page.goto(`${DEV}#${link}`);
    await shared(page, 3);
    assert.deepEqual(await held(page), [1, 1]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    assert.deepEqual(await held(page), [0, 0]);
    assert.deepEqual(errors, []);
    await close();
  });
}

for (const [what, link] of [['particles', LARGE[1]], ['members', LONG_FILTER], ['windows', LONG_FILM]]) {
  test(`a worker that is lost does no harm: the first moves its ${what}, and the page says so`, async () => {
    const { page, close } = await machine(3);
    await page.goto(`${DEV}#${link}`);
    await shared(page, 3);
    const [, second] = page.workers();
    second.evaluate(() => setTimeout(() => { throw new Error('lost on purpose'); })).catch(() => {});
    await page.getByText(/A worker that helped was lost \((Uncaught )?Error: lost on purpose\)\. Its part is done elsewhere: the result is the same\./).waitFor({ timeout: 30_000 });
    assert.equal((await done(page, 120_000)).fingerprint, native(link));
    await close();
  });
}

/** In a worker. */
const SILENCED = {
  'that the browser has ended without a word': () => void setTimeout(() => self.close()),
  'that hangs': () => void setTimeout(() => { for (;;); }),
};

for (const [what, silence] of Object.entries(SILENCED)) {
  test(`a worker ${what} does no harm, and the next run has another one`, async () => {
    const { page, errors, close } = await machine(2);
    await page.goto(`${DEV}#${LARGE[1]}`);
    await shared(page, 2);
    page.workers()[1].evaluate(silence).catch(() => {});
    await page.getByText('A worker that helped was lost (it does not answer)').waitFor({ timeout: 60_000 });
    assert.equal((await done(page, 120_000)).fingerprint, native(LARGE[1]));
    await page.goto(`${DEV}#${LARGE[2]}`);
    await shared(page, 2);
    assert.equal((await done(page, 120_000)).fingerprint, native(LARGE[2]));
    assert.deepEqual(await held(page), [0]);
    assert.deepEqual(errors, []);
    await close();
  });
}

test('a worker that hangs while it prepares its share is waited for once, and replaced', async () => {
  const { page, errors, close } = await machine(2);
  await page.addInitScript(() => {
    let workers = 0;
    globalThis.Worker = class extends Worker {
      /** The second one hangs with its share. @param {string|URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        const script = `import '${url}'; const own = onmessage; onmessage = (e) => { if (e.data.op === 'portion') for (;;); own(e); };`;
        super(++workers === 2 ? URL.createObjectURL(new Blob([script], { type: 'text/javascript' })) : url, options);
      }
    };
  });
  const hung = page.waitForEvent('worker', (worker) => worker.url().startsWith('blob:'));
  const lost = hung.then((worker) => new Promise((resolve) => worker.on('close', resolve)));
  await page.goto(`${DEV}#${LARGE[1]}`);
  assert.equal((await done(page, 120_000)).fingerprint, native(LARGE[1]));
  assert.equal(await workers(page), 1);
  await lost;
  await page.evaluate((link) => { location.hash = link; }, LARGE[2]);
  await shared(page, 2);
  assert.equal((await done(page, 120_000)).fingerprint, native(LARGE[2]));
  assert.deepEqual(await held(page), [0]);
  assert.deepEqual(errors, []);
  await close();
});

test('ten embeds on one page start no more workers than one', async () => {
  const frames = Array.from({ length: 10 }, (_, i) => `<iframe src="${DEV}?embed=1#${LARGE[2]}${i}" width="300" height="400"></iframe>`).join('');
  const host = await serve({ '/': `<!doctype html><title>host</title>${frames}` });
  const { page, close } = await machine(4);
  await page.setViewportSize({ width: 1700, height: 900 });
  await page.goto(host.address);
  for (const frame of page.frames().slice(1)) await done(frame, 240_000);
  assert.ok(page.workers().length <= 10 + 3, `${page.workers().length} workers`);
  await close();
  await host.close();
});
