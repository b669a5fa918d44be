// The CPU engine of another state of this repository and this one: a page for each in one browser, the same links in turns
// (`cargo xtask bench --engine DIR`).

import { bundle, open, planner, prepare, ROOT, run } from './bench-peers.js';
import { machine, markdown, write } from './bench/report.js';
import { ENTRIES, STEPS, workOf } from './bench/work.js';
import { launch } from './browser.js';
import { median, range, ratios } from './statistics.js';

const N = 10_000;
const NAMES = ['other', 'engine'];
const WORKS = ['mixture of 8, plane (gaussians8)', 'mixture of 88, plane (moons)', 'uniform', 'checkerboard', 'torus'];
/** Both states follow the same flow; what it makes of other roundings stays below this. */
const TOLERANCE = 1e-6;

/** The report. @param {{ rounds: number, write: boolean }} how */
export async function engines({ rounds, write: kept }) {
  await bundle(NAMES);
  const browser = await launch({ webgpu: false });
  const [other, own] = await Promise.all(NAMES.map(() => open(browser)));
  /** @type {Record<string, import('playwright-core').Page>} */
  const pages = { other: other.page, engine: own.page };
  const rows = [];
  for (const entry of ENTRIES.filter(({ name }) => WORKS.includes(name))) {
    const work = await workOf(entry, [N, STEPS], ROOT, planner(own.page));
    /** @type {Record<string, number[]>} */
    const times = { other: [], engine: [] };
    for (const name of NAMES) {
      await prepare(pages[name], name, work);
      const { out } = await run(pages[name], work, work.end.length); // warms it up, too
      const worst = work.end.reduce((most, x, i) => Math.max(most, Math.abs(out[i] - x)), 0);
      if (!(worst <= (name === 'engine' ? 0 : TOLERANCE))) throw new Error(`${name} is ${worst} off the command line: ${work.link}`);
    }
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 ? [...NAMES].reverse() : NAMES;
      for (const name of order) times[name].push((await run(pages[name], work)).ms);
    }
    const ms = (/** @type {number[]} */ values) => `${median(values).toFixed(0)} (${range(values, 0)})`;
    rows.push([work.name, ms(times.other), ms(times.engine), ratios(times.other, times.engine)]);
    console.log(rows.at(-1)?.join('  '));
  }
  const where = machine(browser);
  await browser.close();
  const told = [
    `Milliseconds of a run of ${N.toLocaleString('en')} particles × ${STEPS} steps, ${rounds} rounds in turns: median and range.`,
    markdown([['work', 'the other engine', 'this engine', 'the other / this, pair by pair'], ...rows]),
  ].join('\n\n');
  if (kept) write('engine', `cargo xtask bench --engine DIR --write --rounds ${rounds}`, where, told);
  return `\n${where}\n${told}`;
}
