// What was measured of the engines on this device, kept for the next visit: of the CPU, and of each graphics adapter. What is kept is read
// as if anyone had written it.

/** @typedef {import('./choice.js').Card} Card */

const NAME = 'scorefield-engines';
const MOST = 4; // adapters that are kept, those used last: a laptop has two, and a card can be changed
/** The least and the most that is believed, in milliseconds. @type {Record<string, [number, number]>} */
const BOUNDS = { cpu: [1e-8, 1], start: [0, 600_000], step: [0, 60_000], unit: [1e-9, 1] };

/** A number within its bounds, or null. @param {unknown} v @param {string} name */
function sane(v, name) {
  const [least, most] = BOUNDS[name];
  return typeof v === 'number' && v >= least && v <= most ? v : null;
}

/** @param {any} v @returns {Card|null} */
function cardIn(v) {
  const [start, step, unit] = ['start', 'step', 'unit'].map((name) => sane(v?.[name], name));
  return start === null || step === null || unit === null ? null : { start, step, unit };
}

export class Measured {
  /**
   * @param {string} build  what was measured of another one does not count
   * @param {() => Storage} [storage]  a sandboxed frame has none, and throws
   */
  constructor(build, storage = () => localStorage) {
    this.build = build;
    this.storage = storage;
    /** Milliseconds of a unit of work on the CPU. @type {number|null} */
    this.cpu = null;
    /** Of the adapter that is used; null where that is not known yet. @type {Card|null} */
    this.webgpu = null;
    this.adapter = '';
    /** Of each adapter, the one used last at the end. @type {[string, Card][]} */
    this.cards = [];
    try {
      const kept = JSON.parse(storage().getItem(NAME) ?? 'null');
      if (kept?.build !== build) return;
      this.cpu = sane(kept.cpu, 'cpu');
      for (const [adapter, what] of Array.isArray(kept.cards) ? kept.cards.slice(-MOST) : []) {
        const card = cardIn(what);
        if (typeof adapter === 'string' && card) this.cards.push([adapter, card]);
      }
    } catch {
      // nothing is known, then
    }
  }

  /** WebGPU computes on this adapter from now on. @param {string} adapter  in words */
  on(adapter) {
    this.adapter = adapter;
    this.webgpu = this.cards.find(([name]) => name === adapter)?.[1] ?? null;
  }

  /** Takes what was measured, of the adapter that is used. What cannot be is left out. @param {{ cpu?: number, webgpu?: Card }} what */
  keep({ cpu, webgpu }) {
    this.cpu = sane(cpu, 'cpu') ?? this.cpu;
    this.webgpu = cardIn(webgpu) ?? this.webgpu;
    if (this.webgpu) {
      this.cards = this.cards.filter(([name]) => name !== this.adapter).slice(1 - MOST);
      this.cards.push([this.adapter, this.webgpu]);
    }
    try {
      this.storage().setItem(NAME, JSON.stringify({ build: this.build, cpu: this.cpu, cards: this.cards }));
    } catch {
      // full, or none: it is measured again
    }
  }
}
