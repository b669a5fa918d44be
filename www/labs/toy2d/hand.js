// Lab toy2d: what the visitor does in the plane. A cross is moved by keys, particles are dropped, a law is drawn.
import { wayOf } from '../../ui/pointer.js';
import { OneStep } from '../shared/step.js';
import { Drawing, pairs } from './drawing.js';
import { placeText } from './text.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/store.js').SideId} SideId
 * @typedef {import('../../app/store.js').SpaceScene} SpaceScene
 * @typedef {import('../../app/stage.js').Tools} Tools
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('../../app/stage.js').PointsTable} PointsTable
 */

/** A particle dropped by the visitor: a place of the picture at a scrub position. @typedef {{ at: number, y: [number, number] }} Drop */

const STEP = 0.02; // of the picture, for one arrow key

/** Particles that are followed, at most. */
export const MOST_DROPS = 24;

export class Hand {
  /** @param {Tools} tools */
  constructor(tools) {
    this.tools = tools;
    this.step = new OneStep(tools);
    this.below = this.step.below;
    this.behind = /** @type {'particles'|'density'|'nothing'} */ ('particles'); // the arrows of the flow
    /** @type {[number, number]|null} */
    this.cross = null; // moved by keys
    /** @type {Drop[]} */
    this.drops = [];
    this.law = ''; // that particles were dropped into
    /** @type {Drawing|null} */
    this.drawing = null;
    /** What was being drawn when it was left, and the points that it was begun from. @type {{ drawing: Drawing, from: string }|null} */
    this.left = null;
    this.from = '';
    this.side = /** @type {SideId} */ ('a'); // whose law is drawn
  }

  get cover() {
    return this.drawing;
  }

  choices() {
    return `${this.behind} ${this.drops.length > 0} ${this.step.on}`;
  }

  /** Another law: what was dropped into the old one goes. @param {State} state */
  settle(state) {
    const { opened } = state;
    this.step.settle(state, opened?.view !== 'errors');
    const law = JSON.stringify([opened?.a, opened?.b].map((side) => [side?.values.target, side?.values.points]));
    if (law !== this.law) this.drops = [];
    this.law = law;
  }

  turned() {
    this.leave();
  }

  away() {
    this.cross = null;
    this.tools.redraw();
  }

  /** Where the cross is in a picture. @param {import('../../app/stage.js').Pane} pane */
  place({ kept: { plane } }) {
    return this.cross && plane ? { x: plane.px(this.cross[0]), y: plane.py(this.cross[1]) } : null;
  }

  // ── dropped particles ────────────────────────────────────────────────────────────────────────
  /** @param {[number, number]} y */
  drop(y) {
    const { a, b, at } = this.tools.state();
    if (![a, b].some((side) => side?.scene.clock === 'time')) {
      return this.tools.say('No time passes in a Langevin walk at one level: there is no flow to follow.');
    }
    this.drops = [...this.drops, { at, y }].slice(-MOST_DROPS);
    this.tools.redraw();
    this.tools.say(`A particle at ${placeText(y)}, followed to noise and to data.`);
  }

  clear() {
    this.drops = [];
    this.tools.redraw();
  }

  /** @param {KeyboardEvent} e @param {{ view: View }} on */
  key(e, { view }) {
    if (!view.canvas) return false;
    const way = wayOf(e);
    if (way) this.#move(way, e.shiftKey ? 5 : 1);
    else if (e.key === 'Enter' && !this.cross) this.cross = [0, 0];
    else if (e.key === 'Enter' && this.cross) this.drop(this.cross);
    else if (e.key === 'Escape' && this.drops.length) {
      this.clear();
      this.tools.say('The dropped particles are gone.');
    } else return false;
    this.tools.redraw();
    return true;
  }

  /** @param {[number, number]} way @param {number} times */
  #move([dx, dy], times) {
    const scene = /** @type {SpaceScene|undefined} */ (this.tools.state().a?.scene);
    if (!scene) return;
    const { reach } = scene;
    const step = 2 * reach * STEP * times;
    const within = (/** @type {number} */ v) => Math.max(-reach, Math.min(reach, Math.round(v * 1e6) / 1e6));
    this.cross = this.cross ? [within(this.cross[0] + dx * step), within(this.cross[1] + dy * step)] : [0, 0];
    this.tools.say(placeText(this.cross));
  }

  // ── drawing a law ────────────────────────────────────────────────────────────────────────────
  /** The control cannot choose a drawn law without points. @param {SideId} side @param {string} key @param {string} value */
  edit(side, key, value) {
    if (key !== 'target' || value !== 'drawn') return false;
    this.open(side);
    return true;
  }

  /** Goes on with what was left behind, or begins with the points of the present drawn law. @param {SideId} side */
  async open(side) {
    if (this.drawing) return;
    const from = this.tools.state().opened?.[side]?.values.points ?? '';
    const start = from ? pairs(await this.tools.points.decode(from)) : [];
    this.side = side;
    this.from = from;
    this.drawing = this.left?.from === from ? this.left.drawing : new Drawing(this.tools, start, {
      use: (code) => this.tools.set(this.side, [['target', 'drawn'], ['points', code]]),
      leave: () => this.leave(),
    });
    this.tools.redraw();
  }

  /** A stroke ends where the lab leaves the stage; the drawing is open when it comes back. */
  stop() {
    this.drawing?.lift();
    this.cross = null;
  }

  leave() {
    if (!this.drawing) return;
    this.drawing.lift();
    this.left = { drawing: this.drawing, from: this.from };
    this.drawing = null;
    this.tools.redraw();
  }

  // ── what is brought from outside belongs to the drawing, while one is open ────────────────────
  /** @param {PointsTable} table */
  take(table) {
    this.drawing?.take(table).catch((e) => this.drawing?.refuse(e));
    return this.drawing !== null;
  }

  /** @param {import('../../app/store.js').Fault} fault */
  refuse(fault) {
    this.drawing?.refuse(fault);
    return this.drawing !== null;
  }

  /** @param {string} text */
  paste(text) {
    this.drawing?.read(text);
  }
}
