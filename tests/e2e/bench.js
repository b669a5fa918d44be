// The engine against a scalar loop, and the times of the calls that a page makes into the engine (calls.txt), natively
// and in a worker of a real browser (`cargo xtask bench`). The command line times the same list.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { BESIDE, CLI, DEV, launch, newPage } from './browser.js';
import { draw } from './bench-draw.js';
import { embeds } from './bench-embeds.js';
import { engines } from './bench-engines.js';
import { films } from './bench-films.js';
import { filters, packages } from './bench-filters.js';
import { peers, webgpu } from './bench-peers.js';
import { shares } from './bench-shares.js';
import { start } from './bench-start.js';
import { times } from './bench-times.js';

/**
 * said: seconds of a whole run by its price and the nominal rate; paced: by the pace of the pieces that were timed.
 * @typedef {{ call: string, ms: number, pieces: number, done: boolean, said?: number, paced?: number }} Timed
 * @typedef {{ n: number, steps: number, engine_ms: number, scalar_ms: number, ratio: number }} Size
 */

const SIZES = [[1000, 100], [10_000, 100], [100_000, 100]];
/** A call that takes longer keeps whatever is asked next waiting. */
const LONGEST_MS = 30;

/** Every line of the list: what is called, and the link. */
function list() {
  const text = readFileSync(new URL('calls.txt', import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.split(' '));
  const names = lines.filter(([word]) => /^[A-Z]+$/.test(word));
  const whole = (/** @type {string} */ link) => names.reduce((all, [name, what]) => all.replace(name, what), link);
  return lines.filter((line) => !names.includes(line)).map(([words, link]) => ({ words: words.split(','), link: whole(link) }));
}

/** In a worker: the times of one line. As src/bin/scorefield/calls.rs. */
const timing = `
const TURN_MS = 14, FIRST_WORK = 10_000, LEAST_WORK = 1000, MORE = 2, FADE = 0.9, ENOUGH_MS = 3000, ROUNDS = 2, UNIT_MS = 17e-6;

async function pieces(all, call, enough, piece) {
  let work = FIRST_WORK, unit = 0, ms = 0, sum = 0, count = 0, done = false;
  while (!done && sum < enough) {
    const before = performance.now();
    const [end, did] = await piece(work);
    const own = performance.now() - before;
    done = end;
    [ms, sum, count] = [Math.max(ms, own), sum + own, count + 1];
    unit = Math.max(own / Math.max(did, 1), FADE * unit);
    work = Math.max(LEAST_WORK, Math.min(TURN_MS / unit, MORE * work));
  }
  all.push({ call: call + ' advance', ms, pieces: count, done });
  return sum;
}

function one(all, call, work) {
  const before = performance.now();
  const out = work();
  all.push({ call, ms: performance.now() - before, pieces: 1, done: true });
  return out;
}

async function task(all, call, make) {
  const own = one(all, call, make);
  await pieces(all, call, Infinity, (work) => {
    const before = own.work;
    return [own.advance(work), own.work - before];
  });
  const found = one(all, call + ' answer', () => own.answer());
  own.free();
  return found;
}

function asked(word) {
  const [name, text = ''] = word.split('?');
  const numbers = (list) => (list.includes(';') ? list.split(';').map(Number) : Number(list));
  return [name, Object.fromEntries(text.split('&').filter(Boolean).map((pair) => pair.split('=')).map(([key, value]) => [key, numbers(value)]))];
}

async function once(words, link) {
  const all = [];
  const { Experiment } = await home(link);
  const own = one(all, 'open', () => new Experiment(link));
  let run = null, frame = 0;
  for (const word of words) {
    const [name, args] = asked(word);
    if (name === 'scene') await task(all, name, () => own.scene('a'));
    else if (name === 'run') {
      run = one(all, name, () => own.run('a'));
      const price = await task(all, 'price', () => run.ask('price', {}));
      let did = 0;
      const ms = await pieces(all, name, words.includes('metrics') ? Infinity : ENOUGH_MS, async (work) => {
        const progress = await run.advance(work);
        run.take();
        frame = progress.frame;
        did += progress.work;
        return [progress.done, progress.work];
      });
      Object.assign(all.at(-1), { said: price * UNIT_MS / 1000, paced: (ms / did) * price / 1000 });
    } else if (name === 'metrics') await task(all, name, () => run.ask(name, { frame }));
    else if (name === 'run-covariance') await task(all, name, () => run.ask('covariance', {}));
    else if (name === 'sweep' || name === 'errors') {
      const job = one(all, name, () => own.job(name));
      await pieces(all, 'prepare', Infinity, (work) => [job.prepare(), work]);
      let did = 0;
      const ms = await pieces(all, name, ENOUGH_MS, async (work) => {
        const progress = await job.advance(work);
        job.take();
        did += progress.work;
        return [progress.done, progress.work];
      });
      Object.assign(all.at(-1), { said: job.price * UNIT_MS / 1000, paced: (ms / did) * job.price / 1000 });
      job.free();
    } else await task(all, name, () => own.ask('a', name, args));
  }
  run?.free();
  own.free();
  return all;
}

/** The shortest of some rounds: the longer ones are those of other programs. */
async function times({ words, link }) {
  const rounds = [];
  while (rounds.length < ROUNDS) rounds.push(await once(words, link));
  return rounds[0].map((own, i) => ({
    ...own, ms: Math.min(...rounds.map((all) => all[i].ms)), pieces: Math.max(...rounds.map((all) => all[i].pieces)),
    ...(own.said && { paced: Math.min(...rounds.map((all) => all[i].paced)) }),
  }));
}`;

/**
 * In the page: all of it in a worker.
 * @param {{ sizes: number[][], lines: { words: string[], link: string }[], timing: string }} what
 */
const inWorker = ({ sizes, lines, timing: code }) => new Promise((resolve, reject) => {
  const work = `
    const ORIGIN = '${location.origin}';
    ${code}
    const bring = async (own, { name, file }) => own.add_network(name, new Uint8Array(await (await fetch('${location.origin}/nets/' + file)).arrayBuffer()));
    const rows = [], links = [];
    try {
      for (const [n, steps] of ${JSON.stringify(sizes)}) rows.push({ n, steps, ...pkg.bench(n, steps) });
      for (const line of ${JSON.stringify(lines)}) {
        const own = await home(line.link);
        for (const net of pkg.open_link(line.link).networks) if (!own.has_network(net.name)) await bring(own, net);
        links.push(await times(line));
      }
      postMessage({ rows, links });
    } catch (e) {
      postMessage({ fault: String(e?.message ?? e) });
    }`;
  const worker = new Worker(URL.createObjectURL(new Blob([work], { type: 'text/javascript' })), { type: 'module' });
  worker.onmessage = ({ data }) => (data.fault ? reject(new Error(data.fault)) : resolve(data));
  worker.onerror = (e) => reject(new Error(e.message || 'the worker did not start'));
});

/** @param {number} s */
const seconds = (s) => `${s.toPrecision(2)} s`;

/** @param {Timed[]} calls @param {number} baseline  milliseconds of the scalar loop */
function table(calls, baseline) {
  for (const { call, ms, pieces, done, said, paced } of calls) {
    const count = `${pieces}${done ? ' ' : '+'}`;
    const over = ms > LONGEST_MS ? `  ◀ over ${LONGEST_MS} ms` : '';
    const whole = said && paced ? `  in all ${seconds(said)} said, ${seconds(paced)} at this pace` : '';
    console.log(`  ${call.padEnd(24)} ${`${ms.toFixed(1)} ms`.padStart(10)} ${count.padStart(7)} pieces ${(ms / baseline).toFixed(2).padStart(7)}${over}${whole}`);
  }
}

/** @param {string} where @param {Size[]} sizes @param {{ link: string, calls: Timed[] }[]} links */
function report(where, sizes, links) {
  console.log(`\n${where}\nparticles × steps      engine      scalar   engine/scalar`);
  for (const { n, steps, engine_ms: engine, scalar_ms: scalar, ratio } of sizes) {
    console.log(`${`${n} × ${steps}`.padEnd(18)} ${`${engine.toFixed(1)} ms`.padStart(10)}  ${`${scalar.toFixed(1)} ms`.padStart(10)}  ${ratio.toFixed(2).padStart(12)}`);
  }
  const base = sizes[Math.min(1, sizes.length - 1)];
  console.log(`the longest call of each kind; beside it the number of calls and the ratio to the scalar loop of ${base.n} × ${base.steps}`);
  for (const { link, calls } of links) {
    console.log(link);
    table(calls, base.scalar_ms);
  }
}

const asked = (/** @type {string} */ word) => process.argv.includes(word);
const rounds = Number(process.argv.find((word) => word.startsWith('--rounds='))?.slice(9));
if (asked('--start')) {
  console.log(await start(BESIDE, { rounds, write: asked('--write') }));
  process.exit();
}
if (asked('--engine')) {
  console.log(await engines({ rounds, write: asked('--write') }));
  process.exit();
}
if (asked('--peers')) {
  console.log(await peers({ rounds, many: asked('--many'), write: asked('--write') }));
  process.exit();
}
if (asked('--webgpu')) {
  console.log(await webgpu({ rounds, many: asked('--many'), write: asked('--write') }));
  process.exit();
}
if (asked('--embeds')) {
  console.log(await embeds());
  process.exit();
}
if (asked('--draw')) {
  console.log(await draw());
  process.exit();
}
if (asked('--shares')) {
  console.log(await shares({ rounds, write: asked('--write') }));
  process.exit();
}
const alone = asked('--times') ? times : asked('--filters') ? filters : null; // only this, with what is built
if (!alone) {
  const own = JSON.parse(execFileSync(CLI, ['bench'], { encoding: 'utf8' }));
  report('native', [own], own.links);
}
const browser = await launch({ webgpu: false });
const { page } = await newPage(browser);
await page.route('**/blank.html', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>bench</title>' }));
await page.goto(`${DEV}blank.html`);
if (alone) {
  console.log(await alone(page));
  await browser.close();
  process.exit();
}
const lines = list();
const { rows, links } = /** @type {any} */ (await page.evaluate(inWorker, { sizes: SIZES, lines, timing: packages + timing }));
const told = [await filters(page), await times(page)];
await browser.close();
report('headless Chromium, one worker', rows, lines.map(({ link }, i) => ({ link, calls: links[i] })));
console.log(told.join('\n'));
console.log(await draw());
console.log(await shares({ rounds: 3, write: asked('--write') }));
console.log(await films());
console.log(await embeds());
