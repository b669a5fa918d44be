// A server in front of the server under test, which damages some of the files on their way.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { done } from './browser.js';

/** Longer than the page waits for a file while nothing comes. */
export const PATIENCE_MS = 22_000;

/**
 * What happens to a file.
 * @typedef {object} Wound
 * @property {number} [status]  is the answer, without a body
 * @property {boolean} [silent]  there is no answer
 * @property {number} [cut]  the connection ends after this many bytes
 * @property {{ at: number, until: Promise<unknown> }} [pause]  the rest comes after that
 * @property {(body: Buffer) => Buffer|string} [change]
 * @property {string} [type]
 * @property {boolean} [keep]  a cache may keep it for ever
 */

/**
 * Starts it; the wounds may be changed at any time. `asked` are the paths in the order of the questions, `open` those whose answer is not
 * yet whole.
 * @param {string} target  an address below which everything is passed on
 * @param {[RegExp, Wound][]} [wounds]  by a file's path; the first counts
 */
export async function hurt(target, wounds = []) {
  /** @type {string[]} */
  const asked = [];
  /** @type {Set<string>} */
  const open = new Set();
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    asked.push(path);
    open.add(path);
    response.on('finish', () => open.delete(path));
    const wound = wounds.find(([pattern]) => pattern.test(path))?.[1] ?? {};
    if (wound.silent) return;
    const answer = await fetch(new URL(path, target));
    let body = Buffer.from(await answer.arrayBuffer());
    if (wound.change) body = Buffer.from(wound.change(body));
    const headers = { 'content-type': wound.type ?? answer.headers.get('content-type') ?? '', 'content-length': body.length, 'access-control-allow-origin': '*', 'cache-control': wound.keep ? 'max-age=31536000, immutable' : 'no-cache' };
    if (wound.status) return void response.writeHead(wound.status, { 'content-type': 'text/plain' }).end();
    response.writeHead(answer.status, headers);
    if (wound.cut !== undefined) return void response.write(body.subarray(0, wound.cut), () => response.destroy());
    if (wound.pause) {
      response.write(body.subarray(0, wound.pause.at));
      await wound.pause.until;
      body = body.subarray(wound.pause.at);
    }
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
  server.unref(); // a test that fails does not close it
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  const url = new URL(target);
  url.port = String(address.port);
  const close = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return { url: url.href, wounds, asked, open, close };
}

/** One bit in the middle of a file is turned. @param {Buffer} body */
export function flipped(body) {
  body[body.length >> 1] ^= 16;
  return body;
}

/**
 * The sentence of the failure, which is all that is left of the waiting.
 * @param {import('playwright-core').Page} page
 * @param {RegExp} words
 * @param {RegExp} [waiting]  how the words of waiting begin
 */
export async function told(page, words, waiting = /^(Loading|Starting) the/) {
  const sentence = page.getByRole('alert').filter({ hasText: words });
  await sentence.waitFor();
  assert.equal(await page.getByText(waiting).filter({ visible: true }).count(), 0, 'it still says that something is loading');
  assert.doesNotMatch(await sentence.innerText(), /undefined|\[object|localhost|http:/);
}

/**
 * Until only this file is on its way: the clock that runs on would make the page give up any other, too.
 * @param {import('playwright-core').Page} page @param {{ asked: string[], open: Set<string> }} site @param {RegExp} file
 */
export async function alone(page, site, file) {
  for (let quiet = 0; quiet < 15; quiet++) {
    if (!site.asked.some((path) => file.test(path)) || [...site.open].some((path) => !file.test(path))) quiet = 0;
    await page.waitForTimeout(20);
  }
}

/**
 * Lets the clock of the page run on, a second at a time, until it tells: what comes in between counts.
 * @param {import('playwright-core').Page} page
 * @param {RegExp} words
 */
export async function wait(page, words) {
  const sentence = page.getByRole('alert').filter({ hasText: words });
  for (let second = 0; second < 300 && !(await sentence.count()); second++) {
    await page.clock.runFor(1000);
    await page.waitForTimeout(second < PATIENCE_MS / 1000 ? 20 : 200);
  }
}

/**
 * The files are whole again, and the next try gives the run.
 * @param {import('playwright-core').Page} page
 * @param {{ wounds: unknown[] }} site
 */
export async function again(page, site) {
  site.wounds.length = 0;
  await page.getByRole('button', { name: 'Try again' }).click();
  assert.ok((await done(page)).fingerprint);
}
