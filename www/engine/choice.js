// The faster engine for a run, by its price and by what was measured of the engines on this device.

/** @typedef {import('../types.js').EngineId} EngineId */

/**
 * What was measured of WebGPU, in milliseconds: until its first step of a kind of run, of each call of the denoiser, of a unit of work.
 * @typedef {{ start: number, step: number, unit: number }} Card
 */

/**
 * What a run takes. price: in units of work; steps: calls of the denoiser, one after the other; workers: that a long run on the CPU is
 * shared out to; begun: such a run was on WebGPU in this visit, so that its shaders are there.
 * @typedef {{ price: number, steps: number, workers: number, begun: boolean }} Cost
 */

/** A run or job on the CPU that takes longer is shared out over more workers. */
export const SHARED_MS = 500;
const WORTH_MS = 800; // a shorter run is over before another engine could help
const SURE = 0.8; // the other engine has to be so much faster: an estimate is rough, and the CPU gives the same bits everywhere

/** How long a run takes on each engine, in milliseconds. @param {{ cpu: number, webgpu: Card }} measured @param {Cost} cost */
export function expected({ cpu, webgpu }, { price, steps, workers, begun }) {
  const alone = price * cpu;
  return {
    cpu: alone > SHARED_MS ? Math.max(SHARED_MS, alone / workers) : alone,
    webgpu: (begun ? 0 : webgpu.start) + steps * webgpu.step + price * webgpu.unit,
  };
}

/**
 * The engine of a run, and why.
 * @param {{ cpu: number, webgpu: Card }} measured @param {Cost} cost
 * @returns {{ engine: EngineId, reason: string }}
 */
export function choose(measured, cost) {
  const ms = expected(measured, cost);
  const with_ = cost.begun ? '' : ' with its start';
  if (ms.cpu > WORTH_MS && ms.webgpu < SURE * ms.cpu) {
    return { engine: 'webgpu', reason: `${seconds(ms.webgpu)} expected${with_}, CPU ${seconds(ms.cpu)}` };
  }
  return { engine: 'cpu', reason: `${seconds(ms.cpu)} expected, WebGPU ${seconds(ms.webgpu)}${with_}` };
}

/** @param {number} ms */
function seconds(ms) {
  if (ms < 10) return '0.01 s';
  return `${ms < 100 ? (ms / 1000).toFixed(2) : ms < 10_000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)} s`;
}

/**
 * A run that was timed: its price, its calls of the denoiser, and the time that it took.
 * @typedef {{ ms: number, price: number, steps: number }} Timed
 */

const LEAST_MS = 1e-9; // of a unit: a clock that does not move would make a run cost nothing

/** The pace of the CPU. @param {Timed} run */
export const paceOf = ({ ms, price }) => Math.max(LEAST_MS, ms / price);

/**
 * What three runs of one kind say of WebGPU: a small one that is the first, the same again, and a large one.
 * @param {Timed} first @param {Timed} again @param {Timed} large
 * @returns {Card}
 */
export function cardOf(first, again, large) {
  const unit = Math.max(LEAST_MS, (large.ms - again.ms) / (large.price - again.price));
  return {
    start: Math.max(0, first.ms - again.ms),
    step: Math.max(0, again.ms - again.price * unit) / again.steps,
    unit,
  };
}
