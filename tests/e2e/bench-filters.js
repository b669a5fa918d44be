// Times of whole runs of the filters in a worker of a real browser, held against what they must reach, how they grow with N, and what a
// cycle takes against an exchange of its members with another worker (`cargo xtask bench`; this alone, with what is built: `node tests/e2e/bench.js --filters`).

import { loadavg } from 'node:os';
import { exponent, median } from './statistics.js';

/** What is run, its link, and the seconds that it may take. @type {[string, string, number][]} */
const RUNS = [
  ['double well, enkf', 'lab=filter&method=enkf&seed=0', 0.5],
  ['double well, etkf', 'lab=filter&method=etkf&seed=0', 0.5],
  ['double well, ekf', 'lab=filter&method=ekf&seed=0', 0.5],
  ['double well, pf', 'lab=filter&method=pf&seed=0', 0.5],
  ['double well, kde', 'lab=filter&seed=0', 3],
  ['double well, ensf full', 'lab=filter&method=ensf&seed=0', 3],
  ['double well, dsm', 'lab=filter&prior=dsm&seed=0', 40],
  ['L96, letkf N = 20, 400 cycles', 'lab=filter&model=lorenz96&method=letkf&n=20&seed=0', 4],
  ['L96, ssls gauss N = 100, 100 cycles', 'lab=filter&model=lorenz96&cycles=100&seed=0', 6],
];
/** By method: the sizes at which the growth with N is measured, on the double well. @type {[string, string, number[]][]} */
const GROWTH = [
  ['enkf', 'method=enkf', [2000, 4000, 8000, 16_000]],
  ['etkf', 'method=etkf', [2000, 4000, 8000, 16_000]],
  ['ensf own', 'method=ensf&pairing=own', [1000, 2000, 4000, 8000]],
  ['pf', 'method=pf', [2000, 4000, 8000, 16_000]],
  ['ssls gauss', 'prior=gauss', [1000, 2000, 4000, 8000]],
  ['ssls ism', 'prior=ism', [1000, 2000, 4000, 8000]],
  ['ssls kde', 'prior=kde', [600, 1200, 2400, 4800]],
  ['ensf full', 'method=ensf&pairing=full', [600, 1200, 2400, 4800]],
];
const ROUNDS = 3;

/** In a worker with `ORIGIN`: the package of a link; `pkg` reads the links of all labs. */
export const packages = `
const load = async (name) => {
  const own = await import(ORIGIN + '/pkg/' + name + '/scorefield.js');
  await own.default({ module_or_path: ORIGIN + '/pkg/' + name + '/scorefield_bg.wasm' });
  return own;
};
const pkg = await load('cpu');
const others = {};
const home = async (link) => {
  const name = pkg.other_package(link);
  return name ? (others[name] ??= await load(name)) : pkg;
};`;

/** @typedef {{ times: number[], price: number, cycles: number, numbers: number, exchange: number }} Timed */

/**
 * In the page: the milliseconds of each whole run, in pieces as the page has them, in some rounds; beside them its price, its cycles, the
 * numbers of its ensemble, and the milliseconds until these have gone to another worker and half of them have come back.
 * @param {{ links: string[], rounds: number, packages: string }} what
 */
const inWorker = ({ links, rounds, packages: code }) => new Promise((resolve, reject) => {
  const work = `
    const ORIGIN = '${location.origin}';
    ${code}
    const all = [];
    const echo = 'onmessage = ({ data }) => { const half = data.slice(data.length / 2); postMessage(half, [half.buffer]); }';
    const other = new Worker(URL.createObjectURL(new Blob([echo], { type: 'text/javascript' })));
    const exchange = async (members) => {
      const before = performance.now();
      for (let i = 0; i < 500; i++) {
        const sent = members.slice();
        const back = new Promise((heard) => { other.onmessage = heard; });
        other.postMessage(sent, [sent.buffer]);
        await back;
      }
      return (performance.now() - before) / 500;
    };
    try {
      for (const link of ${JSON.stringify(links)}) {
        const { Experiment } = await home(link);
        const times = [];
        let [price, cycles, members] = [0, 0, null];
        for (let round = 0; round < ${rounds}; round++) {
          const own = new Experiment(link);
          const run = own.run('a');
          const asked = run.ask('price', {});
          while (!asked.advance(1e6));
          price = asked.answer();
          const before = performance.now();
          for (let done = false; !done; run.take()) ({ done, frame: cycles } = await run.advance(400_000));
          times.push(performance.now() - before);
          members = run.samples();
          run.free();
          own.free();
        }
        all.push({ times, price, cycles, numbers: members.length, exchange: await exchange(members) });
      }
      postMessage({ all });
    } catch (e) {
      postMessage({ fault: String(e?.message ?? e) });
    }`;
  const worker = new Worker(URL.createObjectURL(new Blob([work], { type: 'text/javascript' })), { type: 'module' });
  worker.onmessage = ({ data }) => (data.fault ? reject(new Error(data.fault)) : resolve(data.all));
  worker.onerror = (e) => reject(new Error(e.message || 'the worker did not start'));
});

/** The report on the filters. @param {import('playwright-core').Page} page  of the served sources */
export async function filters(page) {
  const sized = GROWTH.flatMap(([, keys, sizes]) => sizes.map((n) => `lab=filter&cycles=4&${keys}&n=${n}&seed=0`));
  const links = [...RUNS.map(([, link]) => link), ...sized];
  /** @type {Timed[]} */
  const all = /** @type {any} */ (await page.evaluate(inWorker, { links, rounds: ROUNDS, packages }));
  const lines = [`\nfilters, headless Chromium, the median of ${ROUNDS} whole runs; load ${loadavg()[0].toFixed(1)}`];
  RUNS.forEach(([name, , most], i) => {
    const s = median(all[i].times) / 1000;
    const rate = (Math.min(...all[i].times) * 1e6) / all[i].price;
    lines.push(`  ${name.padEnd(36)} ${s.toFixed(2).padStart(7)} s of ${most} s ${rate.toFixed(1).padStart(7)} ns a unit${s > most ? '  ◀ over' : ''}`);
  });
  lines.push('a cycle, and an exchange of its members with another worker (there whole, back half):');
  RUNS.forEach(([name], i) => {
    const { times, cycles, numbers, exchange } = all[i];
    lines.push(`  ${name.padEnd(36)} ${(median(times) / cycles).toFixed(2).padStart(7)} ms ${exchange.toFixed(3).padStart(7)} ms (${numbers} numbers)`);
  });
  lines.push('time grows as a power of N (the shortest of the rounds, double well, 4 cycles):');
  let next = RUNS.length;
  for (const [name, , sizes] of GROWTH) {
    const times = sizes.map(() => Math.min(...all[next++].times));
    const shown = times.map((ms, i) => `${sizes[i]}: ${ms.toFixed(0)} ms`).join(', ');
    lines.push(`  ${name.padEnd(12)} N^${exponent(sizes, times).toFixed(2)}  (${shown})`);
  }
  return lines.join('\n');
}
