// What was measured of the engines on this device, kept for the next visit. What is kept is read as if anyone had written it.

/** @typedef {import('./choice.js').Card} Card */

const NAME = 'scorefield-engines';
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
    /** @type {Card|null} */
    this.webgpu = null;
    try {
      const kept = JSON.parse(storage().getItem(NAME) ?? 'null');
      if (kept?.build !== build) return;
      this.cpu = sane(kept.cpu, 'cpu');
      this.webgpu = cardIn(kept.webgpu);
    } catch {
      // nothing is known, then
    }
  }

  /** Takes what was measured. What cannot be is left out. @param {{ cpu?: number, webgpu?: Card }} what */
  keep({ cpu, webgpu }) {
    this.cpu = sane(cpu, 'cpu') ?? this.cpu;
    this.webgpu = cardIn(webgpu) ?? this.webgpu;
    try {
      this.storage().setItem(NAME, JSON.stringify({ build: this.build, cpu: this.cpu, webgpu: this.webgpu }));
    } catch {
      // full, or none: it is measured again
    }
  }
}
