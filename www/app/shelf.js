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

  /** Asks for a lab once more. @param {string} id */
  again(id) {
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
      await this.#fail(entry, await reason(e));
    } finally {
      clearTimeout(silent);
      this.coming.delete(id);
      this.changed();
    }
  }

  /** @param {Entry<Lab>} entry @param {string} why */
  #fail({ id, label }, why) {
    this.faults.set(id, {
      kind: 'load',
      message: `The files of the lab “${label}” have not come: ${why}.`,
      remedy: 'If it fails again, reload the page: the link keeps everything.',
    });
    this.changed();
  }
}

/** Why an import failed, as far as browser and server tell. @param {unknown} e */
async function reason(e) {
  const said = String(/** @type {any} */ (e)?.message ?? e);
  const url = /https?:\/\/\S+\.js/.exec(said)?.[0];
  if (!url) return said.replace(/\.$/, '');
  const base = new URL('.', document.baseURI).href;
  return `${url.replace(base, '')}, ${await whyNot(url)}`;
}
