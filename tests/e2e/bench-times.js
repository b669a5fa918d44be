// The time that is said before a run or a job, by its price and the nominal pace of a fresh page, against the time that it takes in a
// worker of a real browser (`cargo xtask bench`; alone: `cargo xtask bench --times`).

import { loadavg } from 'node:os';
import { NOMINAL_MS } from '../../www/ui/rate.js';
import { packages } from './bench-filters.js';
import { median } from './statistics.js';

/** A link of each kind of run, and of each job with its name; each of a second or some. @type {[link: string, job?: string][]} */
const LINKS = [
  ['lab=filter&n=3000&cycles=20'],
  ['lab=filter&n=400&cycles=20&anneal=1&operator=abs'],
  ['lab=filter&n=40000&cycles=20&prior=gauss'],
  ['lab=filter&n=20000&cycles=20&prior=ism'],
  ['lab=filter&n=200&cycles=10&prior=dsm'],
  ['lab=filter&n=2000&cycles=20&method=ensf'],
  ['lab=filter&n=20000&cycles=20&method=ensf&pairing=own'],
  ['lab=filter&n=1000&cycles=20&method=ensf&likelihood=exact'],
  ['lab=filter&n=20000&method=pf'],
  ['lab=filter&n=20000&method=enkf'],
  ['lab=filter&n=20000&method=etkf'],
  ['lab=filter&method=ekf&cycles=2000'],
  ['lab=filter&method=climatology&cycles=2000'],
  ['lab=filter&method=var3d&cycles=2000'],
  ['lab=filter&n=20000&method=free'],
  ['lab=filter&method=exact&cycles=2000'],
  ['lab=filter&model=lorenz63&n=300&cycles=60'],
  ['lab=filter&model=lorenz63&n=2000&cycles=100&prior=gauss'],
  ['lab=filter&model=lorenz63&n=1000&cycles=100&prior=ism'],
  ['lab=filter&model=lorenz63&n=200&cycles=5&prior=dsm'],
  ['lab=filter&model=lorenz63&n=2000&cycles=100&method=ensf'],
  ['lab=filter&model=lorenz63&n=4000&cycles=200&method=pf'],
  ['lab=filter&model=lorenz63&n=4000&cycles=200&method=enkf'],
  ['lab=filter&model=lorenz63&n=4000&cycles=200&method=etkf'],
  ['lab=filter&model=lorenz63&cycles=2000&method=var3d'],
  ['lab=filter&model=lorenz63&cycles=60&method=reference'],
  ['lab=filter&model=lorenz96&cycles=60'],
  ['lab=filter&model=lorenz96&n=200&cycles=100&method=ensf'],
  ['lab=filter&model=lorenz96&n=200&cycles=200&method=enkf'],
  ['lab=filter&model=lorenz96&n=200&cycles=200&method=etkf'],
  ['lab=filter&model=lorenz96&n=20&cycles=400&method=letkf'],
  ['lab=filter&model=lorenz96&n=60&cycles=40&method=letkf'],
  ['lab=filter&model=lorenz96&cycles=1000&method=var3d'],
  ['lab=filter&model=lorenz96&n=500&cycles=100&method=pf'],
  ['lab=filter&model=lorenz96&states=120&n=100&cycles=60&method=enkf'],
  ['lab=filter&model=ar1&n=10000&cycles=200&method=enkf'],
  ['lab=filter&model=ar1&cycles=2000&method=exact'],
  ['lab=filter&model=spiral&n=10000&cycles=100&method=pf'],
  ['lab=filter&model=spiral&n=300&cycles=30'],
  ['lab=filter&model=static&states=40&n=2000&cycles=10&method=pf'],
  ['lab=toy1d&n=40000&engine=cpu'],
  ['lab=toy1d&target=comb&teeth=16&n=20000&engine=cpu'],
  ['lab=toy1d&target=mixture&process=edm&sampler=langevin&n=20000&engine=cpu'],
  ['lab=toy1d&score=empirical&m=2000&n=10000&engine=cpu'],
  ['lab=toy1d&score=net&n=4000&engine=cpu'],
  ['lab=toy2d&target=swissroll&n=4000&engine=cpu'],
  ['lab=toy2d&target=checkerboard&n=20000&engine=cpu'],
  ['lab=toy2d&score=empirical&m=1000&n=2000&engine=cpu'],
  ['lab=toy2d&target=moons&score=net&n=2000&engine=cpu'],
  ['lab=torus&n=10000&engine=cpu'],
  ['lab=lgssm&n=200&engine=cpu'],
  ['lab=lgssm&length=100&n=2000&guidance=none&engine=cpu'],
  ['lab=lgssm&length=100&n=500&guidance=dps&engine=cpu'],
  ['lab=lgssm&length=100&n=500&guidance=pigdm&engine=cpu'],
  ['lab=lgssm&length=100&n=500&guidance=sda&gamma=0.1&engine=cpu'],
  ['lab=lgssm&length=200&every=1&n=20&engine=cpu'],
  ['lab=lgssm&length=100&operator=saturating&every=2&n=20&engine=cpu'],
  ['lab=lgssm&length=100&score=blanket&k=3&n=40&engine=cpu'],
  ['lab=lgssm&length=60&score=net&k=2&guidance=sda&gamma=0.1&n=40&engine=cpu'],
  ['lab=lgssm&length=100&method=ar&context=3&horizon=6&n=100&engine=cpu'],
  ['lab=lgssm&length=400&method=exact&n=20000&engine=cpu'],
  ['lab=turbulence'],
  ['lab=turbulence&score=gaussian'],
  ['lab=turbulence&corrections=0&gamma=0.003&physics=residual'],
  ['lab=turbulence&physics=defect&steps=8'],
  ['lab=turbulence&task=forecast&frames=32&method=ar'],
  ['lab=toy1d&n=1000&view=sweep', 'sweep'],
  ['lab=toy1d&target=comb&teeth=16&n=500&view=sweep', 'sweep'],
  ['lab=toy1d&score=net&n=100&view=sweep', 'sweep'],
  ['lab=toy1d&score=net&n=500&view=errors', 'errors'],
  ['lab=toy2d&target=moons&score=net&n=300&view=errors', 'errors'],
  ['lab=torus&score=net&n=300&view=errors', 'errors'],
  ['lab=filter&model=lorenz63&cycles=60', 'reference'],
  ['lab=filter&view=race&n=60&cycles=20', 'race'],
  ['lab=filter&model=lorenz96&view=race&n=20&cycles=40', 'race'],
];
const ROUNDS = 2;
/** What is said may be wrong by this factor. */
const FACTOR = 2;

/**
 * In the page: the milliseconds of each whole run or job, in pieces as the page has them, the shortest of some rounds; and its price.
 * @param {{ links: [string, string?][], rounds: number, packages: string }} what
 */
const inWorker = ({ links, rounds, packages: code }) => new Promise((resolve, reject) => {
  const work = `
    const ORIGIN = '${location.origin}';
    ${code}
    const bring = async (own, { name, file }) => own.add_network(name, new Uint8Array(await (await fetch(ORIGIN + '/nets/' + file)).arrayBuffer()));
    const priceOf = (run) => {
      const asked = run.ask('price', {});
      while (!asked.advance(1e6));
      return asked.answer();
    };
    const all = [];
    try {
      for (const [text, name] of ${JSON.stringify(links)}) {
        const link = text + '&seed=0';
        const pack = await home(link);
        for (const net of pkg.open_link(link).networks) if (!pack.has_network(net.name)) await bring(pack, net);
        const times = [];
        let price = 0;
        for (let round = 0; round < ${rounds}; round++) {
          const own = new pack.Experiment(link);
          const made = name ? own.job(name) : own.run('a');
          if (name) while (!made.prepare());
          price = name ? made.price : priceOf(made);
          const before = performance.now();
          for (let done = false; !done; made.take()) ({ done } = await made.advance(400_000));
          times.push(performance.now() - before);
          made.free();
          own.free();
          if (name === 'reference') break; // the next one is at hand
        }
        all.push({ ms: Math.min(...times), price });
      }
      postMessage({ all });
    } catch (e) {
      postMessage({ fault: String(e?.message ?? e) + ' (after ' + all.length + ' links)' });
    }`;
  const worker = new Worker(URL.createObjectURL(new Blob([work], { type: 'text/javascript' })), { type: 'module' });
  worker.onmessage = ({ data }) => (data.fault ? reject(new Error(data.fault)) : resolve(data.all));
  worker.onerror = (e) => reject(new Error(e.message || 'the worker did not start'));
});

/** The report. @param {import('playwright-core').Page} page  of the served sources */
export async function times(page) {
  /** @type {{ ms: number, price: number }[]} */
  const all = /** @type {any} */ (await page.evaluate(inWorker, { links: LINKS, rounds: ROUNDS, packages }));
  const unit = NOMINAL_MS;
  const ratios = all.map(({ ms, price }) => ms / (price * unit));
  const lines = [
    `\ntime said before (price × ${unit * 1e6} ns) and taken, headless Chromium, the shorter of ${ROUNDS} runs; load ${loadavg()[0].toFixed(1)}`,
    `  the median of taken / said is ${median(ratios).toFixed(2)}: the pace of this machine; a link is marked where it is off by more than ${FACTOR}`,
  ];
  all.forEach(({ ms, price }, i) => {
    const [link, job] = LINKS[i];
    const own = ratios[i];
    const off = own > FACTOR || own < 1 / FACTOR ? '  ◀' : '';
    const said = `${((price * unit) / 1000).toFixed(2)} s said`;
    lines.push(`  ${said.padStart(12)} ${(ms / 1000).toFixed(2).padStart(7)} s taken ${own.toFixed(2).padStart(6)}  ${job ? `${job}: ` : ''}${link}${off}`);
  });
  return lines.join('\n');
}
