// A short measurement of the engines, while the page has nothing else to do: a few runs of one kind that nobody sees.
import { cardOf, paceOf } from './choice.js';

/**
 * @typedef {import('../types.js').EngineId} EngineId
 * @typedef {import('./client.js').Client} Client
 * @typedef {import('./choice.js').Timed} Timed
 */

const STEPS = 20;
/** Particles of the runs. */
const [FEW, MANY] = [1000, 100_000];
const TRIES = 3; // where something else ran meanwhile

/** @param {number} n */
const link = (n) => `v=1&lab=toy2d&target=gaussians8&process=vp&sampler=ddim&steps=${STEPS}&n=${n}&seed=0`;

/** @param {Client} client @param {EngineId} kind @param {number} n @returns {Promise<Timed>} */
function timed(client, kind, n) {
  return new Promise((resolve, reject) => {
    const id = client.run(kind, link(n), 'a', {
      step() {},
      done(ms) {
        client.askRun(id, 'price', {}).then((price) => resolve({ ms, price, steps: STEPS }), reject).finally(() => client.drop(id));
      },
      failed: reject,
    });
  });
}

/**
 * Measures what is not known yet. Rejects where an engine fails.
 * @param {Client} client @param {import('./measured.js').Measured} measured
 * @param {{ wait: () => Promise<void>, isQuiet: () => boolean }} page  wait: until it has nothing to do
 */
export async function calibrate(client, measured, { wait, isQuiet }) {
  /** @type {Timed|null} */
  let first = null; // shaders are compiled once
  for (let tries = 0; tries < TRIES && !(measured.cpu && measured.webgpu); tries++) {
    await wait();
    if (!measured.cpu) {
      await timed(client, 'cpu', FEW); // its code is compiled
      const run = await timed(client, 'cpu', MANY);
      if (isQuiet()) measured.keep({ cpu: paceOf(run) });
    }
    await wait();
    if (!measured.webgpu) {
      first ??= await timed(client, 'webgpu', FEW);
      const again = await timed(client, 'webgpu', FEW);
      const large = await timed(client, 'webgpu', MANY);
      if (isQuiet()) measured.keep({ webgpu: cardOf(first, again, large) });
    }
  }
}
