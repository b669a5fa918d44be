// Shared by the browser tests: the browser, pages that record their errors and requests, and waiting for the state of
// the page. `cargo xtask test` serves the folders and sets the environment.

import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/**
 * The handle that the page leaves for tests (www/app/handle.js).
 * @typedef {object} Handle
 * @property {{ link: string, fp: string|null, view: string }|null} opened
 * @property {string} engine
 * @property {'booting'|'running'|'done'|'error'} state
 * @property {{ rows: { key: string, value: number|null, reference: number }[] }|null} metrics
 * @property {string|null} fingerprint
 * @property {() => Promise<Float64Array>} samples
 */

/** @param {string} name */
function setting(name) {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests by \`cargo xtask test --only browser\``);
  return value;
}

/** The sources as they stand, at the root of a host. */
export const DEV = setting('SCOREFIELD_DEV');
/** dist, below a path of the same host. */
export const DIST = setting('SCOREFIELD_DIST');
/** Another folder below a path of the same host: another dist, or the contestants of the bench. */
export const BESIDE = process.env.SCOREFIELD_BESIDE ?? '';
/** The command line. */
export const CLI = setting('SCOREFIELD_CLI');
/** Whether the WebGPU package was built. */
export const WEBGPU = setting('SCOREFIELD_WEBGPU') !== '';

const QUIET = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const SOFTWARE_WEBGPU = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-webgpu-adapter=swiftshader', '--use-vulkan=swiftshader'];

/**
 * A browser, with a software WebGPU adapter or without any.
 * @param {{ webgpu: boolean }} options
 */
export function launch({ webgpu }) {
  return chromium.launch({ executablePath: setting('CHROMIUM'), args: webgpu ? [...QUIET, ...SOFTWARE_WEBGPU] : [...QUIET, '--disable-features=WebGPU'] });
}

/**
 * A page that remembers what went wrong and what it asked for.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function newPage(browser, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  /** @type {string[]} */
  const errors = [];
  /** @type {string[]} */
  const requests = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('requestfailed', (request) => errors.push(`${request.url()} failed: ${request.failure()?.errorText}`));
  page.on('request', (request) => requests.push(request.url()));
  return { context, page, errors, requests, close: () => context.close() };
}

/**
 * Reads plain values of the page's handle.
 * @param {import('playwright-core').Page | import('playwright-core').Frame} page
 */
export function handle(page) {
  return page.evaluate(() => {
    const h = /** @type {Handle} */ (/** @type {any} */ (globalThis).__scorefield);
    return h && { opened: h.opened, engine: h.engine, state: h.state, metrics: h.metrics, fingerprint: h.fingerprint };
  });
}

/** What a file of dist weighs on its way: after brotli, where it is compressed. @param {string} url */
export function onItsWay(url) {
  const name = url.slice(DIST.length).replace(/[?#].*/, '') || 'index.html';
  const file = fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));
  return { name, bytes: statSync(existsSync(`${file}.br`) ? `${file}.br` : file).size };
}

/**
 * Waits until the page's run is done.
 * @param {import('playwright-core').Page | import('playwright-core').Frame} page
 * @param {number} [timeout]
 */
export async function done(page, timeout = 30_000) {
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield?.state === 'done', null, { timeout, polling: 50 });
  return handle(page);
}

/**
 * What the page says below the picture. It is laid out when the page is idle, so it is waited for.
 * @param {import('playwright-core').Page} page
 */
export async function words(page) {
  await page.locator('#words > *').first().waitFor();
  return page.locator('#words').innerText();
}

/**
 * A number of the page's metrics.
 * @param {Handle['metrics']} metrics
 * @param {string} key
 */
export function metric(metrics, key) {
  const row = metrics?.rows.find((r) => r.key === key);
  if (!row || row.value === null) throw new Error(`the page shows no ${key}: ${JSON.stringify(metrics)}`);
  return { value: row.value, reference: row.reference };
}

/**
 * Waits until the clock stands at the data, where the numbers are those of the whole run.
 * @param {import('playwright-core').Page | import('playwright-core').Frame} page
 */
export async function landed(page) {
  await page.waitForFunction(() => /** @type {any} */ (globalThis).__scorefield?.metrics?.final === true, null, { timeout: 30_000, polling: 50 });
  return handle(page);
}

/**
 * Whether the plot shows more than a background: the number of colours on its largest canvas.
 * @param {import('playwright-core').Page | import('playwright-core').Frame} page
 */
export function painted(page) {
  return page.evaluate(() => {
    const canvases = [...document.querySelectorAll('canvas')].sort((a, b) => b.width * b.height - a.width * a.height);
    const context = canvases[0]?.getContext('2d');
    if (!context) return false;
    const { data } = context.getImageData(0, 0, canvases[0].width, canvases[0].height);
    const colours = new Set(new Uint32Array(data.buffer));
    return colours.size > 8;
  });
}

/** A number that the page says, after some words. @param {string} label @param {RegExp} before */
export function number(label, before) {
  const found = new RegExp(`${before.source}\\s*([\\d.−]+)`, 'u').exec(label);
  if (!found) throw new Error(`no number after ${before} in: ${label}`);
  return Number(found[1].replace('−', '-').replace(/\.$/, ''));
}
