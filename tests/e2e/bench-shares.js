// Large runs in the page on one worker and on two, in turns: the time until a run is done, when the second worker starts, and how soon
// all stop when a run is cancelled; trainings in the same way; and how the time of a run grows with particles, steps and length on one thread of the command line
// (`cargo xtask bench --shares`).

import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { CLI, DEV, done, launch, newPage } from './browser.js';
import { machine as computer, markdown, write } from './bench/report.js';
import { rootOf, workersMs } from './processes.js';
import { exponent, median, range } from './statistics.js';

/** Each of three to five seconds on one worker: the page begins a run, and says what it gave, on one. */
const LINKS = [
  'lab=toy1d&target=mixture&n=600000&steps=250&engine=cpu',
  'lab=toy2d&target=moons&n=90000&steps=100&engine=cpu',
  'lab=toy2d&target=checkerboard&score=net&n=20000&steps=50&engine=cpu',
  'lab=torus&n=50000&steps=100&engine=cpu',
  'lab=lgssm&length=33&n=1024&steps=900&engine=cpu',
  'lab=lgssm&length=65&n=1024&guidance=dps&steps=1600&engine=cpu',
  'lab=filter&method=ensf&n=3000&cycles=60&engine=cpu',
  'lab=filter&model=lorenz63&method=ssls&n=1000&cycles=80&engine=cpu',
  'lab=filter&model=lorenz96&method=ensf&n=400&cycles=180&engine=cpu',
];
/** Trained before their run: their steps are shared out. */
const TRAINED = [
  'lab=toy2d&target=moons&score=trained&net-batch=1024&net-steps=500&n=300&engine=cpu',
  'lab=toy2d&target=moons&score=trained&net-width=128&net-batch=512&net-steps=400&n=300&engine=cpu',
];
const CANCELLED = 'lab=toy2d&target=moons&n=1000000&steps=400&engine=cpu&seed=0';
/** What grows, the sizes, and the link before them: each run takes long enough that the start of the program does not count. */
const GROWTH = /** @type {const} */ ([
  ['particles', [100_000, 800_000], 'lab=toy1d&target=mixture&steps=50&n='],
  ['particles', [20_000, 160_000], 'lab=toy2d&target=moons&steps=20&n='],
  ['particles', [1000, 8000], 'lab=lgssm&length=33&steps=50&n='],
  ['steps', [100, 800], 'lab=toy1d&target=mixture&n=40000&steps='],
  ['steps', [200, 1600], 'lab=lgssm&length=33&n=256&steps='],
  ['length', [1250, 10_000], 'lab=lgssm&n=16&steps=20&length='],
  ['length', [1250, 10_000], 'lab=lgssm&n=32&steps=20&score=blanket&length='],
  ['length', [1250, 10_000], 'lab=lgssm&n=64&steps=20&guidance=sda&length='],
  ['length', [1250, 10_000], 'lab=lgssm&n=64&steps=20&method=ar&context=2&horizon=5&guidance=sda&gamma=0.1&length='],
]);
/** The time of a run must not grow faster than this power of its size. */
const MOST = 1.05;
const COUNTS = [1, 2];
/** Two workers must take so much less time than one on two cores that are free: the processor time of the busiest. Of a training less, which could be 1/0.6 times at most. */
const GOAL = { run: 1.7, training: 1.4 };

/** @typedef {import('playwright-core').Page} Page */

/** The milliseconds from a change of the address to the end of the run, and to the second worker. @param {Page} page @param {string} link */
const timed = (page, link) => page.evaluate((to) => new Promise((resolve) => {
  const now = () => /** @type {any} */ (globalThis).__scorefield;
  const began = performance.now();
  let shared = NaN;
  location.hash = to;
  const timer = setInterval(() => {
    if (!now().opened.link.endsWith(to.slice(to.lastIndexOf('&')))) return;
    if (Math.max(now().workers, now().training?.workers ?? 0) > 1 && Number.isNaN(shared)) shared = performance.now() - began;
    if (now().state !== 'done') return;
    clearInterval(timer);
    resolve({ ms: performance.now() - began, shared });
  }, 10);
}), link);

/**
 * Of a machine with so many cores. Without drawing, nothing is put on a canvas: in headless Chromium pictures are made by the processor.
 * @param {import('playwright-core').Browser} browser @param {number} cores @param {boolean} [draws]
 */
async function machine(browser, cores, draws = true) {
  const { page } = await newPage(browser);
  if (!draws) {
    await page.addInitScript(() => {
      for (const name of /** @type {const} */ (['fillRect', 'clearRect', 'fill', 'stroke', 'drawImage', 'putImageData', 'fillText'])) {
        CanvasRenderingContext2D.prototype[name] = () => {};
      }
    });
  }
  await page.addInitScript((n) => Object.defineProperty(navigator, 'hardwareConcurrency', { value: n }), cores);
  await page.goto(`${DEV}#lab=toy1d&n=100&at=1&seed=0`);
  await done(page);
  return page;
}

/** How long it takes from Cancel until no worker has a share. @param {Page} page */
async function cancelled(page) {
  await page.evaluate((to) => void (location.hash = to), CANCELLED);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.workers > 1, null, { polling: 20, timeout: 60_000 });
  return page.evaluate(async () => {
    const now = /** @type {any} */ (globalThis).__scorefield;
    const button = /** @type {HTMLElement} */ ([...document.querySelectorAll('button')].find((own) => own.textContent?.startsWith('Cancel')));
    const before = performance.now();
    button.click();
    while ((await now.shares()).some((/** @type {number} */ count) => count > 0));
    return performance.now() - before;
  });
}

/** Seconds of a run of the command line on one thread. @param {string} link */
const alone = (link) => JSON.parse(execFileSync(CLI, ['run', link, '--threads', '1'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).seconds;

/** How time grows: what grows, as which power, in words and as rows of a table. @param {number} count  of rounds */
function growth(count) {
  const lines = [`\ntime grows as a power of the size (command line, one thread, the shortest of ${count} rounds):`];
  const rows = [['link', 'what grows', 'power', 'times, ms']];
  for (const [what, sizes, link] of GROWTH) {
    const rounds = Array.from({ length: count }, () => sizes.map((size) => alone(link + size)));
    const times = sizes.map((_, i) => Math.min(...rounds.map((own) => own[i])));
    const power = exponent([...sizes], times);
    const shown = times.map((s, i) => `${sizes[i]}: ${(1000 * s).toFixed(0)} ms`).join(', ');
    rows.push([code(link.slice(0, link.lastIndexOf('&'))), what, power.toFixed(2), sizes.map((size, i) => `${size}: ${(1000 * times[i]).toFixed(0)}`).join(', ')]);
    lines.push(`  ${what.padEnd(9)} ${power.toFixed(2)}  (${shown})  ${link.slice(0, link.lastIndexOf('&'))}${power > MOST ? `  ◀ above ${MOST}` : ''}`);
  }
  return { lines, rows };
}

/** @param {string} link */
const code = (link) => `\`${link}\``;

/**
 * A link on one worker and on two, in turns: in words, and as a cell of a table.
 * @param {import('playwright-core').Browser} browser @param {string} link @param {boolean} draws @param {number} count  of rounds
 */
async function paired(browser, link, draws, count) {
  const pages = await Promise.all(COUNTS.map((cores) => machine(browser, cores, draws)));
  const root = await rootOf(browser);
  /** @type {{ ms: number, shared: number, busiest: number }[][]} */
  const times = COUNTS.map(() => []);
  for (let round = 0; round < count; round++) {
    const fresh = TRAINED.includes(link) ? `&net-seed=${round + 1 + (draws ? 0 : count)}` : ''; // a network is trained once
    for (const [i, page] of pages.entries()) {
      await page.bringToFront();
      const before = workersMs(root);
      const own = await timed(page, `${link}${fresh}&seed=${round + 1}`);
      const spent = [...workersMs(root)].map(([worker, ms]) => ms - (before.get(worker) ?? 0));
      times[i].push({ ...own, busiest: Math.max(...spent) });
    }
  }
  for (const page of pages) await page.context().close();
  const [whole, worker] = /** @type {const} */ (['ms', 'busiest']).map((what) => {
    const [one, two] = times.map((all) => median(all.map((own) => own[what])));
    const ratios = times[0].map((own, round) => own[what] / times[1][round][what]);
    return { one, two, ratios, ratio: median(ratios), cell: `${one.toFixed(0)} → ${two.toFixed(0)} (${median(ratios).toFixed(2)})` };
  });
  const goal = TRAINED.includes(link) ? GOAL.training : GOAL.run;
  const words = `  ${draws ? 'drawn    ' : 'not drawn'} ${whole.one.toFixed(0)} ms, ${whole.two.toFixed(0)} ms: ${whole.ratio.toFixed(2)} × (${range(whole.ratios, 2)}); ${
    worker.one.toFixed(0)} ms, ${worker.two.toFixed(0)} ms of processor of the busiest worker: ${worker.ratio.toFixed(2)} × (${range(worker.ratios, 2)})${
    worker.ratio < goal ? `  ◀ below ${goal}` : ''}; the second worker has its share after ${times[1][0].shared.toFixed(0)} ms, later ${
    median(times[1].slice(1).map(({ shared }) => shared)).toFixed(0)} ms`;
  return { words, cell: whole.cell, worker: worker.cell };
}

/** All of it, in words. @param {{ rounds: number, write: boolean }} how */
export async function shares({ rounds, write: kept }) {
  const browser = await launch({ webgpu: false });
  const where = computer(browser);
  const lines = [`\nlarge runs on one worker and on two, medians of ${rounds} rounds in turns (load ${loadavg()[0].toFixed(1)} at the start)`];
  const rows = [['link', 'one worker → two, ms (ratio)', 'without drawing', 'processor time of the busiest worker']];
  for (const link of [...LINKS, ...TRAINED]) {
    const [drawn, plain] = [await paired(browser, link, true, rounds), await paired(browser, link, false, rounds)];
    lines.push(link, drawn.words, plain.words);
    rows.push([code(link.replace('&engine=cpu', '')), drawn.cell, plain.cell, drawn.worker]);
  }
  const page = await machine(browser, 2);
  const stopped = `All workers have stopped ${(await cancelled(page)).toFixed(0)} ms after Cancel.`;
  await browser.close();
  const grown = growth(rounds);
  const text = [
    `Medians of ${rounds} rounds in turns, of the time until the run is done, and of the ratio.`, markdown(rows), stopped,
    `Time as a power of the size, on one thread of the command line, the shortest of ${rounds} rounds:`, markdown(grown.rows),
  ].join('\n\n');
  if (kept) write('shares', `cargo xtask bench --shares --write --rounds ${rounds}`, where, text);
  return [...lines, stopped, ...grown.lines].join('\n');
}
