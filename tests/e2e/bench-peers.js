// The engines against other libraries and loops (`cargo xtask bench --peers` and `--webgpu`): a page for each contestant in one browser, the
// same work with the same weights and the same start, in turns. Nobody is timed before the result is that of a reference in f64.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { mixtureStages, networkStages } from './bench/constants.js';
import { distanceModel, mixtureModel, networkModel } from './bench/onnx.js';
import { reference } from './bench/reference.js';
import { ENTRIES, STEPS, workOf } from './bench/work.js';
import { BESIDE, launch, newPage } from './browser.js';
import { machine, markdown, write } from './bench/report.js';
import { median, range, ratios } from './statistics.js';

/** @typedef {import('./bench/work.js').Work} Work */
/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Browser} Browser */
/** Milliseconds of each round. @typedef {{ work: Work, times: Record<string, number[]> }} Row */

/** Names of the contestants. */
const CONTESTANTS = {
  limit: 'hand-written simd128 loop, f32', engine: 'Scorefield, CPU engine, f64', tfjs: 'TensorFlow.js wasm, f32',
  onnx: 'onnxruntime-web wasm, f32', plain: 'plain JavaScript, f64',
  webgpu: 'Scorefield, WebGPU, f32', 'tfjs-webgpu': 'TensorFlow.js WebGPU, f32', 'onnx-webgpu': 'onnxruntime-web WebGPU, f32',
};
/** @typedef {keyof typeof CONTESTANTS} Name */

/**
 * A race.
 * @typedef {object} Race
 * @property {'peers'|'webgpu'} part  its table in docs/speed.md
 * @property {Name[]} names  the yardstick first
 * @property {Name[]} own  those that do the work of the engine alone
 * @property {import('./bench/work.js').Entry[]} entries
 * @property {number[]} sizes  numbers of particles
 * @property {number} steps
 */

/** @type {Race} */
const PEERS = { part: 'peers', names: ['limit', 'engine', 'tfjs', 'onnx', 'plain'], own: ['engine'], entries: ENTRIES, sizes: [1000, 10_000], steps: STEPS };
/**
 * On a graphics card in software the libraries take seconds for a step of a few operations: fewer steps, and no second form of a mixture.
 * @type {Race}
 */
const WEBGPU = {
  part: 'webgpu', names: ['webgpu', 'tfjs-webgpu', 'onnx-webgpu', 'engine', 'limit'], own: ['webgpu', 'engine'],
  entries: ENTRIES.filter(({ distances }) => !distances), sizes: [1000], steps: 10,
};
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = `${ROOT}target/bench/`;
const LIBRARIES = `${ROOT}tests/e2e/bench/node_modules/`;
/** Files that the libraries ask for beside their script. */
const FILES = [
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm', '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  'onnxruntime-web/dist/ort-wasm-simd-threaded.mjs', 'onnxruntime-web/dist/ort-wasm-simd-threaded.wasm',
  'onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs', 'onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm',
];
const MANY = 100_000;
const CHECKED = 200; // particles that are compared with the reference
const TOLERANCE = 1e-4;
/** Milliseconds for which each contestant runs before it is timed. */
const WARM_UP = 200;
const PATIENCE_MS = 600_000;

/** Bundles contestants into the served folder, beside the packages that are there. @param {string[]} names */
export async function bundle(names) {
  await build({
    entryPoints: names.map((name) => `${ROOT}tests/e2e/bench/contestants/${name}.js`), outdir: FOLDER, bundle: true, minify: true,
    format: 'esm', external: ['./limit/*'], nodePaths: [LIBRARIES], logLevel: 'warning', legalComments: 'none',
  });
  writeFileSync(`${FOLDER}index.html`, '<!doctype html><title>bench</title>');
}

/** Writes the graphs that onnxruntime runs; the name of a file stands in its work. @param {Work} work @param {number} i */
function withModel(work, i) {
  if (work.kind === 'engine') return work;
  const mixture = work.distances ? distanceModel : mixtureModel;
  writeFileSync(`${FOLDER}${i}.onnx`, work.kind === 'mixture' ? mixture(work, mixtureStages(work)) : networkModel(work, networkStages(work)));
  return { ...work, model: `${i}.onnx` };
}

/** A contestant's page. @param {Browser} browser */
export async function open(browser) {
  const own = await newPage(browser);
  own.page.setDefaultTimeout(PATIENCE_MS);
  await own.page.goto(BESIDE);
  return own;
}

/** What a contestant is told: not what has to come out. @param {Work} work */
const told = (work) => ({ ...work, end: [] });

/** Makes a work ready in its page; what it needs stays there. @param {Page} page @param {string} name @param {Work} work */
export const prepare = (page, name, work) => page.evaluate(async ([file, given]) => {
  const own = /** @type {any} */ (globalThis);
  own.runs ??= new Map();
  const { prepare: ready } = await import(file);
  own.runs.set(`${given.name} ${given.n}`, await ready(given));
}, /** @type {const} */ ([`${BESIDE}${name}.js`, told(work)]));

/** Asks the engine for the plan of a link. @param {Page} page */
export const planner = (page) => (/** @type {string} */ link) => page.evaluate(async ([file, text]) => (await import(file)).plan(text),
  /** @type {const} */ ([`${BESIDE}engine.js`, link]));

/** Runs it once: the milliseconds, and the first positions. @param {Page} page @param {Work} work @param {number} [count]  of them */
export const run = (page, { name, n }, count = 0) => page.evaluate(async ([key, most]) => {
  const go = /** @type {any} */ (globalThis).runs.get(key);
  const before = performance.now();
  const out = await go();
  return { ms: performance.now() - before, out: [...out.slice(0, most)] };
}, /** @type {const} */ ([`${name} ${n}`, count]));

/** Holds a result against what it has to be: the CPU engine alone has the bits of the command line. @param {Name} name @param {Work} work @param {number[]} out @param {number[]} exact */
function check(name, work, out, exact) {
  const worst = exact.reduce((most, x, i) => Math.max(most, Number.isFinite(out[i]) ? Math.abs(out[i] - x) : Infinity), 0);
  if (worst > (work.kind === 'engine' && name === 'engine' ? 0 : TOLERANCE)) {
    throw new Error(`${CONTESTANTS[name]} is ${worst} off the reference: ${work.link}`);
  }
  return worst;
}

/**
 * All works in turns.
 * @param {Browser} browser @param {Race} of @param {{ rounds: number, many: boolean }} how
 */
async function race(browser, { names: all, own, entries, sizes: few, steps }, { rounds, many }) {
  const open_ = await Promise.all(all.map(async (name) => /** @type {const} */ ([name, await open(browser)])));
  const pages = /** @type {Record<Name, Awaited<ReturnType<typeof open>>>} */ (Object.fromEntries(open_));
  const plan = planner(pages.engine.page);
  /** @type {Row[]} */
  const rows = [];
  const sizes = many ? [...few, MANY] : few;
  for (const entry of entries) {
    const counts = new Set(sizes.map((n) => Math.min(n, entry.most ?? n)));
    for (const n of counts) {
      const work = withModel(await workOf(entry, [n, steps], ROOT, plan), rows.length);
      const names = all.filter((name) => own.includes(name) || (work.kind !== 'engine' && (name !== 'plain' || n <= (entry.plain ?? n))));
      const exact = work.kind === 'engine' ? work.end : reference(work, CHECKED);
      /** @type {Row} */
      const row = { work, times: Object.fromEntries(names.map((name) => [name, []])) };
      for (const name of names) {
        await prepare(pages[name].page, name, work);
        check(name, work, (await run(pages[name].page, work, exact.length)).out, exact);
        // V8 compiles for speed what has run for a while: the first dozen runs of a thousand particles take longer than all later ones.
        for (let ms = 0; ms < WARM_UP;) ms += (await run(pages[name].page, work)).ms;
      }
      for (let round = 0; round < rounds; round++) {
        const order = names.map((_, i) => names[(i + round) % names.length]);
        for (const name of order) row.times[name].push((await run(pages[name].page, work)).ms);
      }
      console.log(plainRow(row, all[0]));
      rows.push(row);
    }
  }
  const bytes = /** @type {Record<Name, number>} */ ({});
  for (const name of all) {
    bytes[name] = shipped(pages[name].requests);
    await pages[name].close();
  }
  return { rows, bytes };
}

/** What `shipped` counts. */
const LOADED = 'What is loaded for a mixture, after brotli (scripts and modules; of the engine the first package, without that of the chains)';

/** Bytes after brotli of what a page has asked for, without the works. @param {string[]} requests */
function shipped(requests) {
  const files = new Set(requests.filter((url) => url.startsWith(BESIDE)).map((url) => url.slice(BESIDE.length)));
  const code = [...files].filter((file) => /\.(js|mjs|wasm)$/.test(file) && !file.startsWith('chains/'));
  return code.reduce((all, file) => all + brotliCompressSync(readFileSync(FOLDER + file)).length, 0);
}

/** From a fresh profile to the end of the first run of a thousand particles, in turns. @param {Browser} browser @param {Race} of @param {number} rounds */
async function cold(browser, { names, sizes, steps }, rounds) {
  const entry = ENTRIES[1];
  const { page, close } = await open(browser);
  const work = withModel(await workOf(entry, [sizes[0], steps], ROOT, planner(page)), 0);
  await close();
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const own = await open(browser);
      const ms = await own.page.evaluate(async ([file, what]) => {
        const before = performance.now();
        const { prepare: ready } = await import(file);
        await (await ready(what))();
        return performance.now() - before;
      }, /** @type {const} */ ([`${BESIDE}${name}.js`, told(work)]));
      if (round) times[name].push(ms); // the first round fills the caches of the system
      await own.close();
    }
  }
  return times;
}

/** @param {Row} row @param {Name} yardstick */
function plainRow({ work, times }, yardstick) {
  const lines = Object.entries(times).map(([name, ms]) => {
    const beside = name === yardstick || !times[yardstick] ? '' : `  / ${yardstick} ${ratios(ms, times[yardstick])}`;
    return `    ${CONTESTANTS[/** @type {Name} */ (name)].padEnd(34)} ${`${median(ms).toFixed(1)} ms`.padStart(11)} (${range(ms, 1)})${beside}`;
  });
  return [`  ${work.name}, ${work.n} × ${work.steps}`, ...lines].join('\n');
}

/** The tables for docs/speed.md. @param {Race} of @param {Row[]} rows @param {Record<Name, number>} bytes @param {Record<string, number[]>} starts */
function tables({ names, own, steps }, rows, bytes, starts) {
  const [yardstick] = names;
  const count = (/** @type {number} */ n) => n.toLocaleString('en');
  const ms = (/** @type {number[]} */ values) => (median(values) < 10 ? median(values).toFixed(1) : median(values).toFixed(0));
  const shared = rows.filter(({ work }) => work.kind !== 'engine');
  const base = (/** @type {Row} */ { times }, /** @type {string} */ name) => median(times[name].map((t, i) => t / times[yardstick][i])).toFixed(2);
  return [
    `Milliseconds of a run of ${steps} steps, medians; in brackets the median of the ratios to “${CONTESTANTS[yardstick]}”, round by round.`,
    markdown([['work', 'particles', ...names.map((name) => CONTESTANTS[name])],
      ...shared.map((row) => [row.work.name, count(row.work.n), ...names.map((name) => (
        !row.times[name] ? '–' : name === yardstick ? ms(row.times[name]) : `${ms(row.times[name])} (${base(row, name)})`))])]),
    'Work that only the engine does, in milliseconds:',
    markdown([['work', 'particles', ...own.flatMap((name) => (own.length > 1 ? [CONTESTANTS[name], 'range'] : ['median', 'range']))],
      ...rows.filter(({ work }) => work.kind === 'engine').map(({ work, times }) => (
        [work.name, count(work.n), ...own.flatMap((name) => [ms(times[name]), range(times[name], 1)])]))]),
    `${LOADED}, and the time from \`import\` to the end of the first run of 1,000 particles of \`gaussians8\` in a fresh profile:`,
    markdown([['', 'kB', 'cold start, ms', 'range'],
      ...names.map((name) => [CONTESTANTS[name], (bytes[name] / 1e3).toFixed(0), ms(starts[name]), range(starts[name], 0)])]),
  ].join('\n\n');
}

/** The report of a race. @param {Race} of @param {{ rounds: number, many: boolean, write: boolean }} how */
async function report(of, how) {
  await bundle(of.names);
  for (const file of FILES) copyFileSync(LIBRARIES + file, FOLDER + file.slice(file.lastIndexOf('/') + 1));
  const browser = await launch({ webgpu: of === WEBGPU });
  const where = of === WEBGPU ? `; WebGPU on ${await adapter(browser)}` : '';
  console.log(`\nthe engine and others, ${how.rounds} rounds in turns; ${machine(browser)}${where}`);
  const { rows, bytes } = await race(browser, of, how);
  const starts = await cold(browser, of, how.rounds);
  const told = `${machine(browser)}${where}`;
  await browser.close();
  const found = tables(of, rows, bytes, starts);
  const command = `cargo xtask bench --${of.part} --write --rounds ${how.rounds}${how.many ? ' --many' : ''}`;
  if (how.write) write(of.part, command, told, found);
  return found;
}

/** What the browser says of its graphics card. @param {Browser} browser */
async function adapter(browser) {
  const { page, close } = await open(browser);
  const said = await page.evaluate(async () => {
    const info = (await /** @type {any} */ (navigator).gpu?.requestAdapter())?.info;
    return info && [info.vendor, info.architecture, info.description].filter(Boolean).join(' ');
  });
  await close();
  if (!said) throw new Error('this browser has no WebGPU adapter');
  return said;
}

/** The CPU engine and others. @param {{ rounds: number, many: boolean, write: boolean }} how */
export const peers = (how) => report(PEERS, how);

/** The WebGPU engine and others. @param {{ rounds: number, many: boolean, write: boolean }} how */
export const webgpu = (how) => report(WEBGPU, how);
