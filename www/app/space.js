// The exact part of the labs in space, asked for frame by frame: one question at a time a side, the shown frame first.
import { asFault, frameAt, waits } from './store.js';

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').State} State
 * @typedef {import('./store.js').SideId} SideId
 * @typedef {import('./store.js').SideState} SideState
 * @typedef {import('./store.js').Opened} Opened
 * @typedef {import('./store.js').SpaceScene} SpaceScene
 * @typedef {import('../engine/client.js').Client} Client
 */

/** Cells along each side of the grid of the flow. */
export const FLOW_CELLS = 45;
const AHEAD = 2; // frames asked for before their time, while playing
const KEPT = 96; // frames
const MOST_DROPS = 24;

/** @typedef {{ name: 'density'|'velocity'|'lines', key: number, ask: () => Promise<Float32Array> }} Question */

export class Space {
  /**
   * @param {Store} store
   * @param {Client} client
   */
  constructor(store, client) {
    this.store = store;
    this.client = client;
    this.asking = { a: false, b: false };
    /** @type {WeakSet<object>} */
    this.refused = new WeakSet(); // answers that stay empty
    this.last = 0;
  }

  /** Another law: what was dropped into the old one goes. @param {Opened} opened */
  adopt({ lab, a, b }) {
    const law = JSON.stringify([lab, a.values.target, a.values.points, b?.values.target, b?.values.points]);
    if (law !== this.law) this.clear();
    this.law = law;
  }

  law = '';

  /** A particle at a place of the picture, at the present moment. @param {number[]} y */
  drop(y) {
    const { at, drops } = this.store.state;
    this.store.patch({ drops: [...drops, { id: ++this.last, at, y }].slice(-MOST_DROPS) });
  }

  clear() {
    if (this.store.state.drops.length) this.store.patch({ drops: [] });
  }

  /** Asks for what the shown picture lacks. */
  need() {
    const { a, b } = this.store.state;
    for (const side of [a, b]) if (side) this.#ask(side);
  }

  /** Whether a side's picture still lacks something. @param {SideState} side */
  busy(side) {
    return this.asking[side.id] || (!this.refused.has(side.answers) && this.#next(side) !== null);
  }

  /** @param {SideState} side */
  async #ask(side) {
    const { id, answers } = side;
    if (this.asking[id] || this.refused.has(answers)) return;
    const question = this.#next(side);
    if (!question) return;
    this.asking[id] = true;
    try {
      const answer = await question.ask();
      const known = answers[question.name];
      known.set(question.key, answer);
      if (known.size > KEPT && question.name !== 'lines') known.delete(/** @type {number} */ (known.keys().next().value));
    } catch (e) {
      this.refused.add(answers);
      if (this.store.state[id]?.answers === answers) this.store.patch({ fault: asFault(e) });
    }
    this.asking[id] = false;
    this.store.touch(); // whatever is missing now is asked for when this is drawn
  }

  /** @param {SideState} side @returns {Question|null} */
  #next(side) {
    const { id, link, scene, run, answers } = side;
    const learned = !waits(side); // what asks for a network waits for it
    const state = this.store.state;
    const { opened, at, drops, playing } = state;
    if (!opened || scene.lab === 'toy1d' || scene.lab === 'lgssm' || scene.lab !== opened.lab) return null;
    const { view } = opened;
    if (view === 'errors') return null;
    const last = scene.frames - 1;
    if (learned) for (const drop of drops) {
      if (!answers.lines.has(drop.id)) return { name: 'lines', key: drop.id, ask: () => this.client.follow(link, id, Math.round(drop.at * last), drop.y) };
    }
    if (scene.lab !== 'toy2d') return null;
    const now = frameAt({ scene, run }, at);
    for (let frame = Math.max(0, now); frame <= Math.min(last, now + (playing ? AHEAD : 0)); frame++) {
      if (!answers.density.has(frame)) return { name: 'density', key: frame, ask: () => this.client.density(link, id, frame) };
      if (view === 'flow' && learned && !answers.velocity.has(frame)) return { name: 'velocity', key: frame, ask: () => this.client.velocity(link, id, frame, FLOW_CELLS) };
    }
    return null;
  }
}
