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

/** @param {Client} client @param {EngineId} kind @param {string} link @returns {Promise<Timed>} */
function timed(client, kind, link) {
  return new Promise((resolve, reject) => {
    const id = client.run(kind, link, 'a', {
      step() {},
      done(ms) {
        client.askRun(id, 'price', {}).then((price) => resolve({ ms, price, steps: STEPS }), reject).finally(() => client.drop(id));
      },
      failed(fault) {
        client.drop(id);
        reject(fault);
      },
    });
  });
}

/**
 * Measures what is not known yet. Rejects where an engine fails.
 * @param {Client} client @param {import('./measured.js').Measured} measured
 * @param {{ wait: () => Promise<void>, isQuiet: () => boolean, link: (n: number, steps: number) => string }} page  wait: until it has
 *   nothing to do; link: of a run of so many particles and calls of the denoiser
 */
export async function calibrate(client, measured, { wait, isQuiet, link }) {
  const [few, many] = [FEW, MANY].map((n) => link(n, STEPS));
  /** @type {Timed|null} */
  let first = null; // shaders are compiled once
  for (let tries = 0; tries < TRIES && !(measured.cpu && measured.webgpu); tries++) {
    await wait();
    if (!measured.cpu) {
      await timed(client, 'cpu', few); // its code is compiled
      const run = await timed(client, 'cpu', many);
      if (isQuiet()) measured.keep({ cpu: paceOf(run) });
    }
    await wait();
    if (!measured.webgpu) {
      first ??= await timed(client, 'webgpu', few);
      const again = await timed(client, 'webgpu', few);
      const large = await timed(client, 'webgpu', many);
      if (isQuiet()) measured.keep({ webgpu: cardOf(first, again, large) });
    }
  }
}
