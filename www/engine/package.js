// Loads a package into a worker: the browser is asked first, the files are checked, and each way to fail has its own sentence.
import { bring, bringSums, giveUp, loadFault, nameBelow, nameOf } from './files.js';

/** @typedef {typeof import('../../pkg/cpu/scorefield.js')} Package */
/** @typedef {import('./host.js').PackageFiles} PackageFiles */

/** A module with one function: i32.const 0, i8x16.splat, drop. It is valid only where there is SIMD. */
const SIMD = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11);

const OFF = 'A lockdown mode or a setting may have switched it off.';
const BROWSERS = 'Chrome and Edge have it from version 91, Firefox from 89, Safari from 16.4.';

/**
 * @param {PackageFiles} files
 * @param {{ base: string, role: 'engine'|'lab', fresh: boolean }} how  base: the folder of the page; fresh: past every cache
 * @returns {Promise<Package>}
 */
export async function loadPackage({ files, js, wasm }, { base, role, fresh }) {
  nameBelow(base);
  if (typeof WebAssembly === 'undefined') throw loadFault('This browser has no WebAssembly, in which the engine is written.', OFF);
  const sums = bringSums(files, { role, fresh });
  /** It is compiled while it comes and is checked, and used only if it is whole. */
  let compiled = /** @type {Promise<WebAssembly.Module>|undefined} */ (undefined);
  const early = (/** @type {ReadableStream<Uint8Array>} */ bytes) => {
    compiled = WebAssembly.compileStreaming(new Response(bytes, { headers: { 'content-type': 'application/wasm' } }));
    compiled.catch(() => {}); // told below
  };
  const script = bring(js, { role, fresh, sums }).then(() => run(js, base));
  const coming = [bring(wasm, { role, fresh, sums, early }), sums];
  const [pkg] = await Promise.all([script, needSimd(), ...coming]).catch(async (fault) => {
    for (const url of [js, wasm]) giveUp(nameOf(url), fault);
    await Promise.allSettled([script, ...coming]); // nothing of it is on its way when the failure is told
    throw fault;
  });
  await pkg.default({ module_or_path: compiled }).catch((/** @type {unknown} */ e) => {
    const why = `${nameOf(wasm)} came whole, but this browser does not run it (${said(e)}).`;
    throw loadFault(why, 'Close what else needs memory, or take another browser.');
  });
  return pkg;
}

/** Refuses a browser without SIMD. It takes a while at first, so it is asked when the files are on their way. */
async function needSimd() {
  if (!WebAssembly.validate(SIMD)) throw loadFault('This browser has no SIMD in WebAssembly, which the engine needs.', BROWSERS);
}

/** @param {string} js @param {string} base @returns {Promise<Package>} */
function run(js, base) {
  return import(js).catch((e) => {
    const why = said(e).replace(base, '');
    throw loadFault(`${nameOf(js)} came whole, but this browser does not run it (${why}).`, 'The server must send it as text/javascript.');
  });
}

/** @param {unknown} e */
const said = (e) => String(/** @type {any} */ (e)?.message ?? e).split('\n')[0].replace(/\.$/, '');
