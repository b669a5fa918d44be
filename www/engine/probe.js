// Whether WebGPU can carry the engine here, found out before a byte of it is loaded.

/**
 * @typedef {object} Probe
 * @property {boolean} ok  it can run
 * @property {boolean} hardware  on a real graphics card
 * @property {string} why  the reason it cannot, in words
 */

const LIMIT_MS = 20_000; // an adapter that has not answered by then is not waited for

/** @type {Promise<Probe>|null} */
let known = null;
let late = false; // the question is open for longer than that

/** @returns {Promise<Probe>} */
export function probeWebgpu() {
  known ??= look().then((probe) => {
    late = false;
    if (!probe.ok) known = null; // ask again when asked again: a driver may have recovered
    return probe;
  });
  const silent = { ok: false, hardware: false, why: `the graphics adapter has not answered for ${LIMIT_MS / 1000} s` };
  if (late) return Promise.resolve(silent);
  let timer = 0;
  return Promise.race([known, new Promise((/** @type {(p: Probe) => void} */ resolve) => {
    timer = self.setTimeout(() => {
      late = true;
      resolve(silent);
    }, LIMIT_MS);
  })]).finally(() => clearTimeout(timer));
}

/** @returns {Promise<Probe>} */
async function look() {
  const no = (/** @type {string} */ why) => ({ ok: false, hardware: false, why });
  const gpu = /** @type {any} */ (navigator).gpu;
  if (!gpu) return no(self.isSecureContext ? 'this browser has no WebGPU' : 'WebGPU needs a secure (https) address');
  try {
    const adapter = await gpu.requestAdapter();
    if (!adapter) return no('this browser offers no graphics adapter to WebGPU');
    const timed = adapter.features.has('timestamp-query');
    if (!timed) return no('the graphics adapter lacks the feature timestamp-query, which the engine needs');
    return { ok: true, hardware: !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false), why: '' };
  } catch (e) {
    return no(`the graphics adapter could not be opened (${e instanceof Error ? e.message : e})`);
  }
}
