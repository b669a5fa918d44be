// Brings files to a worker: tells how far each has come, and refuses by name what is missing, cut or damaged.

/**
 * @typedef {import('../types.js').Fault} Fault
 * @typedef {{ bytes: number, crc32: number }} Sum  what the build wrote of a file
 * @typedef {Record<string, Sum>} Sums
 */

/** Files on their way, which the page may give up. @type {Map<string, AbortController>} */
const coming = new Map();

const TELL_MS = 100; // between two reports of a file

/** Until the page has said it: the folder of the page. */
let base = '';

/** @param {string} folder  the folder of the page, which names leave out */
export function nameBelow(folder) {
  base = folder;
}

/** The name of a file as the page's folder has it. @param {string} url */
export const nameOf = (url) => (url.startsWith(base) ? url.slice(base.length) : url).replace(/\?.*$/, '');

const exact = (/** @type {number} */ n) => n.toLocaleString('en');

/**
 * A failure to load, in words.
 * @param {string} message
 * @param {string} [remedy]
 * @returns {Fault}
 */
export const loadFault = (message, remedy = '') => ({ kind: 'load', message, remedy });

/** @param {string} message @returns {Fault} */
export const netFault = (message) => ({ kind: 'network', message, remedy: 'Try again, or choose another score.' });

/**
 * The bytes of a file.
 * @param {string} url
 * @param {{
 *   role: 'engine'|'lab'|'network', fresh?: boolean, sums?: Promise<Sums>, early?: (bytes: ReadableStream<Uint8Array>) => void,
 * }} how
 *   fresh: past every cache; sums: the file is checked against its own; early: gets the bytes as they come, before they are checked
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function bring(url, { role, fresh = false, sums, early }) {
  const file = nameOf(url);
  const stop = new AbortController();
  coming.set(file, stop);
  const failed = (/** @type {string} */ message) => (role === 'network' ? netFault(message) : loadFault(message));
  let bytes = 0;
  let total = 0;
  let timer = 0;
  sums?.then((all) => void (total = sumOf(all, url)?.bytes ?? total), () => {}); // told by whoever asked for them
  const tell = (done = false) => self.postMessage({ event: 'load', file, role, bytes, total, done });
  tell();
  try {
    const answer = await fetch(url, { signal: stop.signal, cache: fresh ? 'reload' : 'default' }).catch(() => {
      const why = navigator.onLine ? 'the server does not answer' : 'this device is offline';
      throw stop.signal.reason ?? failed(`${file} could not be loaded: ${why}.`);
    });
    if (!answer.ok) throw failed(`${file} could not be loaded: the server answered ${answer.status}.`);
    // Some hosts answer every unknown address with their start page.
    const page = /^text\/html/.test(answer.headers.get('content-type') ?? '');
    if (page) throw failed(`${file} is not on the server, which sent a web page in its place.`);
    if (!total && !answer.headers.get('content-encoding')) total = Number(answer.headers.get('content-length') ?? 0);
    const parts = [];
    const ahead = early && new Ahead();
    if (ahead) early(ahead.stream);
    const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (answer.body).getReader();
    const next = () => reader.read().catch(() => {
      ahead?.end();
      throw stop.signal.reason ?? failed(`${file} was cut off after ${exact(bytes)}${total ? ` of ${exact(total)}` : ''} bytes.`);
    });
    for (let part = await next(); !part.done; part = await next()) {
      parts.push(part.value);
      ahead?.push(part.value);
      bytes += part.value.byteLength;
      timer ||= setTimeout(() => {
        timer = 0;
        tell();
      }, TELL_MS);
    }
    ahead?.end();
    const whole = joined(parts, bytes);
    if (sums) check(file, whole, sumOf(await sums, url));
    return whole;
  } finally {
    if (coming.get(file) === stop) coming.delete(file);
    clearTimeout(timer);
    tell(true);
  }
}

/** The bytes of a file as they come, for whoever can begin with a part. */
class Ahead {
  constructor() {
    /** @type {ReadableStreamDefaultController<Uint8Array>|null} */
    this.feed = null;
    this.stream = new ReadableStream({
      start: (feed) => void (this.feed = feed),
      cancel: () => void (this.feed = null), // nobody reads on
    });
  }

  /** @param {Uint8Array} part */
  push(part) {
    this.feed?.enqueue(part);
  }

  /** There is no more, because all has come or nothing more will. */
  end() {
    this.feed?.close();
    this.feed = null;
  }
}

/** Gives up a file that does not come. @param {string} file @param {Fault} fault */
export function giveUp(file, fault) {
  coming.get(file)?.abort(fault);
}

/** The list of a package's files. @param {string} url @param {{ role: 'engine'|'lab', fresh: boolean }} how @returns {Promise<Sums>} */
export async function bringSums(url, how) {
  const bytes = await bring(url, how);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw loadFault(`${nameOf(url)} is damaged: it is not the list of files that the build wrote.`);
  }
}

/** @param {Sums} sums @param {string} url @returns {Sum|undefined} */
const sumOf = (sums, url) => sums[nameOf(url).split('/').pop() ?? ''];

/** @param {Uint8Array<ArrayBuffer>[]} parts @param {number} length */
function joined(parts, length) {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** @param {string} file @param {Uint8Array<ArrayBuffer>} bytes @param {Sum|undefined} sum */
function check(file, bytes, sum) {
  if (!sum) throw loadFault(`${file} cannot be checked: the build wrote no checksum of it.`, 'Build the page again.');
  if (bytes.length < sum.bytes) throw loadFault(`${file} is cut: ${exact(bytes.length)} of ${exact(sum.bytes)} bytes came.`);
  const [came, built] = [bytes.length, sum.bytes].map(exact);
  if (bytes.length > sum.bytes) throw loadFault(`${file} is not the file that was built: ${came} bytes came, ${built} were built.`);
  if (crc32(bytes) !== sum.crc32) throw loadFault(`${file} is damaged: its length is right, but its checksum is not.`);
}

/**
 * Remainders (polynomial of ISO-HDLC, bits reversed): row r holds those of all bytes that r bytes of zeros follow.
 */
const TABLE = new Uint32Array(4 * 256);
for (let byte = 0; byte < 256; byte++) {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  TABLE[byte] = rest;
}
for (let i = 256; i < TABLE.length; i++) TABLE[i] = (TABLE[i - 256] >>> 8) ^ TABLE[TABLE[i - 256] & 0xff];

/**
 * CRC-32, as xtask/src/sums.rs writes it: it notices every single changed bit. Four bytes at a time: it is on the way to the first picture.
 * @param {Uint8Array<ArrayBuffer>} bytes  from the beginning of their buffer
 */
function crc32(bytes) {
  const words = new Uint32Array(bytes.buffer, 0, bytes.length >> 2); // browsers run on machines with the lowest byte first
  let rest = 0xffffffff;
  for (let i = 0; i < words.length; i++) {
    rest ^= words[i];
    rest = TABLE[768 + (rest & 0xff)] ^ TABLE[512 + ((rest >>> 8) & 0xff)] ^ TABLE[256 + ((rest >>> 16) & 0xff)] ^ TABLE[rest >>> 24];
  }
  for (let i = 4 * words.length; i < bytes.length; i++) rest = (rest >>> 8) ^ TABLE[(rest ^ bytes[i]) & 0xff];
  return ~rest >>> 0;
}
