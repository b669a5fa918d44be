// What an engine still waits for: in words for the page, and given up by name where nothing has come for too long.

/**
 * @typedef {import('../types.js').Fault} Fault
 * @typedef {'script'|'engine'|'lab'|'network'|'adapter'} Role
 * @typedef {{ role: Role, bytes: number, total: number, age: number, done: boolean }} Awaited
 */

/** Seconds in which nothing comes. A slow connection may take as long as it likes, while something comes. */
export const LIMIT_S = 20;

const SHORT_MS = 300; // shorter waits go without words: drawing them delays the engine

const HUSH_S = 3; // silence is told from here on

export class Loading {
  /** Those that wait: what comes for one shows that the connection lives, which all share. @type {Set<Loading>} */
  static active = new Set();

  /**
   * @param {string} engine  in words
   * @param {(words: string) => void} say
   * @param {(name: string, awaited: Awaited, fault: Fault) => void} silent
   */
  constructor(engine, say, silent) {
    this.engine = engine;
    this.say = say;
    this.silent = silent;
    /** @type {Map<string, Awaited>} */
    this.awaited = new Map();
    this.quiet = 0;
    this.timer = 0;
    this.since = 0;
    this.later = 0;
  }

  /** @param {string} name @param {Role} role */
  begin(name, role) {
    this.report(name, { role, bytes: 0, total: 0, done: false });
  }

  /** How far a file is. @param {string} name @param {Omit<Awaited, 'age'>} now */
  report(name, now) {
    const age = this.awaited.get(name)?.age ?? 0;
    this.awaited.set(name, { age, ...now });
    if (now.done && now.role === 'network') this.awaited.delete(name);
    if (now.role === 'lab') this.#settle('lab');
    for (const loading of Loading.active) loading.quiet = 0;
    this.quiet = 0;
    Loading.active.add(this);
    // Ticks are counted, not the clock: a device that slept has not waited.
    if (!this.timer) this.#watch();
    this.#tell();
  }

  #watch() {
    this.since = performance.now();
    this.timer = self.setInterval(() => this.#tick(), 1000);
    this.later = self.setTimeout(() => this.#tell(), SHORT_MS + 5);
  }

  /** @param {string} name */
  end(name) {
    this.awaited.delete(name);
    this.#tell();
  }

  /** Files that are counted together are there, or given up. @param {Role} role */
  #settle(role) {
    const files = [...this.awaited].filter(([, file]) => file.role === role);
    if (files.every(([, { done }]) => done)) for (const [name] of files) this.awaited.delete(name);
  }

  /** The engine is there; what its labs need may be on its way. */
  begun() {
    for (const [name, { role }] of this.awaited) if (role !== 'lab' && role !== 'network') this.awaited.delete(name);
    this.#tell();
  }

  /** Everything is there, or given up. */
  close() {
    this.awaited.clear();
    this.#tell();
  }

  #tick() {
    this.quiet++;
    for (const awaited of this.awaited.values()) awaited.age++;
    this.#tell();
    if (this.quiet < LIMIT_S) return;
    this.quiet = 0;
    for (const [name, awaited] of this.#open()) this.silent(name, awaited, silence(name, awaited));
  }

  #open() {
    return [...this.awaited].filter(([, { done }]) => !done);
  }

  #tell() {
    if (!this.#open().length) {
      clearInterval(this.timer);
      clearTimeout(this.later);
      this.timer = 0;
      Loading.active.delete(this);
    }
    const words = performance.now() - this.since < SHORT_MS ? '' : this.#words();
    this.say(words && this.quiet >= HUSH_S ? `${words}, nothing for ${this.quiet} s` : words);
  }

  #words() {
    if (this.awaited.has('adapter')) return 'Waiting for the graphics adapter';
    for (const [name, { role, bytes, total, age }] of this.awaited) {
      if (role === 'network' && age > 0) return `Loading the network ${name}: ${amount(bytes, total)}`; // most come before it could be read
    }
    for (const [part, what] of Object.entries({ engine: this.engine, lab: 'the engine of this lab' })) {
      const files = [...this.awaited.values()].filter(({ role }) => role === part);
      const sum = (/** @type {'bytes'|'total'} */ key) => files.reduce((all, file) => all + file[key], 0);
      if (files.length) return `Loading ${what}: ${amount(sum('bytes'), files.every(({ total }) => total) ? sum('total') : 0)}`;
    }
    return [...this.awaited.values()].some(({ role }) => role === 'script') ? `Loading ${this.engine}` : '';
  }
}

/** @param {string} name @param {Awaited} awaited @returns {Fault} */
function silence(name, { role, bytes, total }) {
  if (role === 'adapter') return { kind: 'load', message: `The graphics adapter has not answered for ${LIMIT_S} s.`, remedy: '' };
  const message = bytes
    ? `${name} has stopped coming: nothing has arrived for ${LIMIT_S} s, after ${amount(bytes, total)}.`
    : `${name} has not come: nothing has arrived for ${LIMIT_S} s.`;
  if (role !== 'network') return { kind: 'load', message, remedy: '' };
  return { kind: 'network', message, remedy: 'Try again, or choose another score.' };
}

/**
 * Why a script did not start, as far as its server tells.
 * @param {string} url
 * @returns {Promise<string>}
 */
export async function whyNot(url) {
  try {
    const answer = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    answer.body?.cancel();
    const type = answer.headers.get('content-type') ?? '';
    if (!answer.ok) return `the server answered ${answer.status}`;
    if (/^text\/html/.test(type)) return 'the server sent a web page in its place';
    if (!/javascript/.test(type)) return `it came as ${type || 'a file without a type'}, and browsers start text/javascript only`;
    return 'the file is there, but it or one that it imports did not start';
  } catch {
    return navigator.onLine ? 'the server does not answer' : 'this device is offline';
  }
}

/** @param {number} bytes @param {number} total */
function amount(bytes, total) {
  const small = Math.max(bytes, total) < 1e5;
  const number = (/** @type {number} */ n) => (n / (small ? 1e3 : 1e6)).toFixed(1);
  return `${number(bytes)}${total ? ` of ${number(total)}` : ''} ${small ? 'kB' : 'MB'}`;
}
