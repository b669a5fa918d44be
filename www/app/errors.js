// Where the errors of networks come from: the runs that tell, and how long they still take.
import { Beside } from './beside.js';
import { keyOf } from './store.js';

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').Opened} Opened
 * @typedef {import('./store.js').ErrorPlan} ErrorPlan
 * @typedef {import('../engine/client.js').Client} Client
 */

/** The numbers of steps beside a link's own, in the order of the runs (src/labs/errors.rs). */
export const STEPS = [2, 3, 5, 8, 12, 18, 28, 42, 64, 96];

export class Errors extends Beside {
  /** @param {Store} store @param {Client} client */
  constructor(store, client) {
    super(store, client, 'errors', ({ a, b }) => keyOf(a.values) + (b ? keyOf(b.values) : ''));
  }

  /** Starts on a link unless that is there. @param {Opened} opened */
  need(opened) {
    const laps = [0]; // time when each run was done
    this.begin(opened, (listener, planned) => this.client.errors(opened.link, listener, planned), {
      step: (job, ms) => {
        while (laps.length <= job.evaluations) laps.push(ms);
        job.part = share(job.plan, laps);
      },
    });
  }
}

/** The part of the work that is done: long runs count more, and networks by what they have taken so far. @param {ErrorPlan} plan @param {number[]} laps */
function share(plan, laps) {
  const runs = plan.sides.flatMap(({ fine, own }) => [{ steps: fine, kind: 0 }, ...[own, ...STEPS.filter((n) => n !== own)].flatMap((steps) => [{ steps, kind: 0 }, { steps, kind: 1 }])]);
  const done = laps.length - 1;
  const rate = [0, 1].map((kind) => {
    let ms = 0;
    let steps = 0;
    for (let i = 0; i < Math.min(done, runs.length); i++) {
      if (runs[i].kind !== kind) continue;
      ms += laps[i + 1] - laps[i];
      steps += runs[i].steps;
    }
    return steps ? ms / steps : 0;
  });
  if (!rate[1]) return 0; // not known before a network has run
  const rest = runs.slice(done).reduce((sum, { steps, kind }) => sum + steps * rate[kind], 0);
  return laps[done] / Math.max(1e-9, laps[done] + rest);
}
