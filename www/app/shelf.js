// The labs whose files are there. A lab's files come when it is opened; one that does not come is told, and asked for again on demand.
import { LIMIT_S, whyNot } from '../engine/loading.js';

/**
 * @template Lab
 * @typedef {{ id: string, label: string, load: () => Promise<{ default: Lab }> }} Entry
 */

/** @typedef {import('./store.js').Fault} Fault */

/** @template Lab */
export class Shelf {
  /**
   * @param {Entry<Lab>[]} entries
   * @param {() => void} changed  a lab has come, or will not
   */
  constructor(entries, changed) {
    this.entries = new Map(entries.map((entry) => [entry.id, entry]));
    this.changed = changed;
    /** @type {Map<string, Lab>} */
    this.there = new Map();
    /** @type {Map<string, Fault>} */
    this.faults = new Map();
    /** @type {Set<string>} */
    this.coming = new Set();
    /** Labs whose files came and do not run: the browser keeps what it has of a module. @type {Set<string>} */
    this.broken = new Set();
  }

  /** A lab, where its files are there; they are asked for where nobody has. @param {string} id @returns {Lab|null} */
  get(id) {
    if (!this.there.has(id) && !this.coming.has(id) && !this.faults.has(id)) this.#bring(id);
    return this.there.get(id) ?? null;
  }

  /** Why a lab has not come. @param {string} id @returns {Fault|null} */
  fault(id) {
    return this.faults.get(id) ?? null;
  }

  /** Asks for a lab once more; for one whose files do not run that needs a fresh page. @param {string} id */
  async again(id) {
    if (this.broken.has(id)) {
      await refresh();
      return location.reload();
    }
    this.faults.delete(id);
    this.coming.delete(id);
    this.changed();
  }

  /** @param {string} id */
  async #bring(id) {
    const entry = this.entries.get(id);
    if (!entry) {
      this.faults.set(id, { kind: 'load', message: `This page has no pictures for the lab “${id}”.`, remedy: '' });
      return this.changed();
    }
    this.coming.add(id);
    // What comes late is used all the same.
    const silent = setTimeout(() => this.#fail(entry, `they did not arrive within ${LIMIT_S} s`), 1000 * LIMIT_S);
    try {
      const { default: lab } = await entry.load();
      if (!lab) throw new Error('its file came empty');
      this.there.set(id, lab);
      this.faults.delete(id);
    } catch (e) {
      const { why, came } = await whyImport(e);
      if (came) this.broken.add(id);
      await this.#fail(entry, why);
    } finally {
      clearTimeout(silent);
      this.coming.delete(id);
      this.changed();
    }
  }

  /** @param {Entry<Lab>} entry @param {string} why */
  #fail({ id, label }, why) {
    const broken = this.broken.has(id);
    this.faults.set(id, {
      kind: broken ? 'broken' : 'load',
      message: `The files of the lab “${label}” ${broken ? 'have come, but do not run' : 'have not come'}: ${why}.`,
      remedy: broken ? 'The page has to be loaded again: the link keeps everything.'
        : 'If it fails again, reload the page: the link keeps everything.',
    });
    this.changed();
  }
}

/**
 * Why an import failed, as far as browser and server tell; came: its files did, and are no scripts that run.
 * @param {unknown} e
 */
export async function whyImport(e) {
  const said = String(/** @type {any} */ (e)?.message ?? e);
  const url = /https?:\/\/\S+\.js/.exec(said)?.[0];
  if (!url) return { why: said.replace(/\.$/, ''), came: navigator.onLine };
  const base = new URL('.', document.baseURI).href;
  return { why: `${url.replace(base, '')}, ${await whyNot(url)}`, came: false };
}

/** The scripts of the page come past every cache: a damaged one may be kept there. */
async function refresh() {
  const base = new URL('.', document.baseURI).href;
  const files = performance.getEntriesByType('resource').map(({ name }) => name);
  const scripts = new Set(files.filter((name) => name.startsWith(base) && /\.js(\?|$)/.test(name)));
  await Promise.allSettled([...scripts].map((url) => fetch(url, { cache: 'reload' })));
}
