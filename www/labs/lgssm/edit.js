// Lab lgssm: moving, adding and removing observations; the keyboard. The pointer is in lgssm-pointer.js.
import { number } from '../../plots/kit.js';
import { isEarlier } from '../../app/store.js';
import { observing, ownOf } from './link.js';
import { alike, edgeWords, expected, gain, movable, nameOf, placed, places, tidy, unitOf, written } from './marks.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/store.js').SideId} SideId
 * @typedef {import('../../app/store.js').ChainScene} ChainScene
 * @typedef {import('../../../pkg/cpu/scorefield.js').ChainPosterior} ChainPosterior
 * @typedef {import('./index.js').Side} Side
 * @typedef {import('./index.js').Pane} Pane
 * @typedef {import('../../app/stage.js').Tools} Tools
 */

/**
 * Observations that are not the link's yet.
 * @typedef {object} Trial
 * @property {SideId} id
 * @property {boolean} both
 * @property {ChainScene} scene
 * @property {number[]} observed
 * @property {number[]} y
 * @property {Partial<Record<SideId, ChainPosterior>>} exact
 */

const STEP = 0.05; // of the axis
const REST_MS = 400; // after the last key, before the link follows

export class Editor {
  /** @param {Tools} tools @param {(message: string) => void} refuse */
  constructor(tools, refuse) {
    this.tools = tools;
    this.refuse = refuse;
    /** @type {Trial|null} */
    this.trial = null;
    /** One number of an observation. @type {{ id: SideId, index: number, row: number, value: number, there: boolean }|null} */
    this.chosen = null;
    /** @type {{ index: number, row: number, shift: number, from: { x: number, y: number }, moved: boolean }|null} */
    this.drag = null;
    this.rest = 0;
    this.edge = ''; // what is said where the frame stops a move
    this.hit = false; // the press that a click belongs to was on an observation
    this.added = { index: -1, at: 0 }; // the last one: a double-click adds one and does not take it away again
  }

  /** The observations of a side as they stand. @param {Side} side @returns {{ observed: ArrayLike<number>, marks: ArrayLike<number> }} */
  seen(side) {
    const trial = this.#on(side);
    return trial ? { observed: trial.observed, marks: places(trial.scene, trial.y) } : side.scene;
  }

  /** What the samples are held against. @param {Side} side @returns {{ mean: ArrayLike<number>, sd: ArrayLike<number> }} */
  exact(side) {
    return this.#on(side)?.exact[side.id] ?? side.scene;
  }

  /** What is chosen on a side, at its present place; of a new observation also where its other numbers would be. @param {Side} side */
  hand(side) {
    const { chosen } = this;
    if (chosen?.id !== side.id) return null;
    const { scene } = side;
    const { observed, marks } = this.seen(side);
    const k = Array.prototype.indexOf.call(observed, chosen.index);
    const value = k < 0 ? chosen.value : marks[k * scene.rows + chosen.row];
    const all = k < 0 ? places(scene, expected(scene, this.exact(side).mean, chosen.index)) : [];
    if (k < 0) all[chosen.row] = value;
    return { ...chosen, there: k >= 0, value, all };
  }

  /** The trial that a side shows. @param {Side} side */
  #on(side) {
    const { trial } = this;
    return trial && (trial.both || trial.id === side.id) ? trial : null;
  }

  /** A new scene has the observations of the link: what was tried is over, unless it still goes on. @param {State} state */
  settle(state) {
    const { trial } = this;
    const scene = /** @type {ChainScene|undefined} */ (trial ? state[trial.id]?.scene : undefined);
    if (!trial || scene === trial.scene) return;
    if (scene && (this.drag || this.rest) && scene.observed.length === trial.observed.length) trial.scene = scene;
    else this.stop();
  }

  stop() {
    clearTimeout(this.rest);
    this.rest = 0;
    this.drag = null;
    this.trial = null;
    this.edge = '';
  }

  /**
   * The side that a pane shows, where it can be edited: not while it is still that of an earlier link.
   * @param {Pane} pane
   * @returns {Side|null}
   */
  side({ side }) {
    const state = this.tools.state();
    const chain = /** @type {Side|null} */ (side);
    return chain && !isEarlier(state) && movable(chain.scene) && state.opened?.view === 'chain' ? chain : null;
  }

  /** @param {Side} side @returns {Trial} */
  #begin(side) {
    const { trial } = this;
    if (trial && (trial.both || trial.id === side.id)) return trial;
    const { a, b } = this.tools.state();
    const both = Boolean(a && b && alike(/** @type {Side} */ (a), /** @type {Side} */ (b)));
    const from = both ? /** @type {Side} */ (a) : side;
    this.trial = { id: from.id, both, scene: from.scene, observed: [...from.scene.observed], y: [...from.scene.y], exact: {} };
    return this.trial;
  }

  /**
   * Another value of one number: the exact law follows at once.
   * @param {Side} side
   * @param {number} index
   * @param {number} row
   * @param {number} place
   */
  move(side, index, row, place) {
    const trial = this.#begin(side);
    const k = trial.observed.indexOf(index);
    if (k < 0) return;
    const { reach, rows } = side.scene;
    const value = Math.max(-reach, Math.min(reach, place));
    const stopped = value !== place;
    if (stopped && !this.edge && this.drag) this.tools.say(edgeWords(side.scene)); // a key says it with the value
    this.edge = stopped ? edgeWords(side.scene) : '';
    trial.y[k * rows + row] = value * gain(side.scene, row);
    this.chosen = { id: side.id, index, row, value, there: true };
    this.tools.redraw();
    for (const id of /** @type {SideId[]} */ (trial.both ? ['a', 'b'] : [trial.id])) {
      const on = /** @type {Side|null} */ (this.tools.state()[id]);
      if (!on || on.scene.observed.length !== trial.observed.length) continue;
      this.tools.trial(on, 'posterior', { y: Float64Array.from(written(on.scene, trial.y), Number) }).then((exact) => {
        if (!exact || this.trial !== trial) return;
        trial.exact[id] = exact;
        this.tools.redraw();
      });
    }
  }

  /** The link follows. @param {Side} side */
  async commit(side) {
    clearTimeout(this.rest);
    this.rest = 0;
    const { trial } = this;
    if (!trial) return;
    const now = { observed: trial.observed.join(','), y: written(side.scene, trial.y).join(',') };
    const sides = trial.id === 'b' ? { b: now } : { a: now, ...this.#kept(trial) };
    const refused = await this.tools.rewrite((link) => observing(link, sides));
    this.refuse(refused ? refused.message : '');
    if (!refused) return;
    this.stop();
    this.tools.redraw();
  }

  /**
   * What A's change must not reach: what B observes, unless it is moved too.
   * @param {Trial} trial
   * @returns {{ b?: import('./link.js').Observed|null }}
   */
  #kept({ both }) {
    const { b, opened } = this.tools.state();
    if (!b) return opened?.b ? { b: ownOf(opened.b.values) } : {};
    const { observed, y } = /** @type {ChainScene} */ (b.scene);
    return { b: both ? null : { observed: observed.join(','), y: Array.from(y, String).join(',') } };
  }

  /**
   * A new observation; what is not given of it is where the exact mean is.
   * @param {Side} side
   * @param {number} index
   * @param {number} row
   * @param {number} value
   */
  add(side, index, row, value) {
    const { scene } = side;
    const trial = this.#begin(side);
    let k = 0;
    while (k < trial.observed.length && trial.observed[k] < index) k++;
    if (trial.observed[k] === index) return;
    trial.observed.splice(k, 0, index);
    const y = expected(scene, this.exact(side).mean, index);
    y[row] = value * gain(scene, row);
    trial.y.splice(k * scene.rows, 0, ...y);
    this.chosen = { id: side.id, index, row, value, there: true };
    this.added = { index, at: performance.now() };
    this.tools.say(`An observation is added at index ${index}: ${y.map((v, r) => said(scene, r, v)).join(', ')}.`);
    this.tools.redraw();
    this.commit(side);
  }

  /** @param {Side} side @param {number} index */
  remove(side, index) {
    const trial = this.#begin(side);
    const k = trial.observed.indexOf(index);
    if (k < 0) return;
    if (trial.observed.length === 1) {
      this.tools.say('This is the last observation: it stays. With the guidance “None” the observations are not used at all.');
      return;
    }
    trial.observed.splice(k, 1);
    trial.y.splice(k * side.scene.rows, side.scene.rows);
    this.chosen = null;
    this.tools.say(`The observation at index ${index} is gone; ${trial.observed.length} are left.`);
    this.tools.redraw();
    this.commit(side);
  }

  /** A place as a value of y. @param {Side} side @param {number} row @param {number} value */
  yText({ scene }, row, value) {
    return said(scene, row, value * gain(scene, row));
  }

  /** Puts back what is being dragged. */
  cancel() {
    if (!this.drag) return false;
    this.stop();
    this.tools.redraw();
    return true;
  }

  // ── keyboard ─────────────────────────────────────────────────────────────────────────────────
  /** Whether a key was for the observations. @param {KeyboardEvent} e @param {Pane} pane */
  key(e, pane) {
    const side = this.side(pane);
    if (e.key === 'Escape' && (this.chosen || this.drag)) {
      this.cancel();
      this.chosen = null;
      this.tools.redraw();
      return true;
    }
    if (!side) return false;
    const { scene } = side;
    const { observed } = this.seen(side);
    const chosen = this.hand(side);
    const rows = placed(scene);
    if (e.key === 'ArrowLeft' || e.key === 'ArrowRight') {
      const way = e.key === 'ArrowLeft' ? -1 : 1;
      const here = chosen && chosen.index * rows.length + rows.indexOf(chosen.row);
      const last = scene.length * rows.length - 1;
      const next = e.shiftKey
        ? Math.max(0, Math.min(last, (here ?? (way > 0 ? -1 : last + 1)) + way))
        : beyond(observed, rows.length, here, way);
      this.#choose(side, Math.floor(next / rows.length), rows[next % rows.length]);
      return true;
    }
    const up = { ArrowUp: 1, ArrowDown: -1 }[e.key];
    if (up) {
      if (!chosen) this.#choose(side, observed[0], rows[0]);
      else {
        const value = chosen.value + up * STEP * unitOf(scene) * (e.shiftKey ? 5 : 1);
        if (chosen.there) {
          this.move(side, chosen.index, chosen.row, value);
          clearTimeout(this.rest);
          this.rest = setTimeout(() => this.commit(side), REST_MS);
        } else this.chosen = { id: side.id, index: chosen.index, row: chosen.row, value, there: false };
        const now = this.yText(side, chosen.row, this.chosen?.value ?? value);
        this.tools.say(`Index ${chosen.index}: ${now}${this.edge && `. ${this.edge}`}`);
        this.tools.redraw();
      }
      return true;
    }
    if (e.key === 'Enter' && chosen && !chosen.there) this.add(side, chosen.index, chosen.row, tidy(scene, chosen.value));
    else if ((e.key === 'Delete' || e.key === 'Backspace') && chosen?.there) this.remove(side, chosen.index);
    else return false;
    return true;
  }

  /** @param {Side} side @param {number} index @param {number} row */
  #choose(side, index, row) {
    const { scene } = side;
    const { observed, marks } = this.seen(side);
    const k = Array.prototype.indexOf.call(observed, index);
    const { mean, sd } = this.exact(side);
    const i = index * scene.states + scene.seen[row];
    const value = k < 0 ? mean[i] ?? 0 : marks[k * scene.rows + row];
    this.chosen = { id: side.id, index, row, value, there: k >= 0 };
    const which = scene.rows > 1 ? `, ${nameOf(scene, row)}` : '';
    const law = scene.states > 1 ? ` x${'₁₂₃₄'[scene.seen[row]]}` : gain(scene, row) === 1 ? '' : ' x'; // y is in other units
    const there = k < 0 ? `${which}, not observed` : `, observed: ${this.yText(side, row, value)}`;
    this.tools.say(`Index ${index}${there}. Exact${law}: ${number(mean[i])} ± ${number(sd[i])}.`);
    this.tools.redraw();
  }
}

/** @param {ChainScene} scene @param {number} row @param {number} y */
const said = (scene, row, y) => `${nameOf(scene, row)} = ${number(Number(y.toPrecision(4)))}`;

/**
 * The next observed number in a direction, or the end one: index times the numbers of an index, and its own.
 * @param {ArrayLike<number>} observed
 * @param {number} count
 * @param {number|null} from
 * @param {number} way
 */
function beyond(observed, count, from, way) {
  const all = Array.from(observed).flatMap((i) => Array.from({ length: count }, (_, r) => i * count + r));
  if (way < 0) all.reverse();
  return all.find((i) => from === null || (i - from) * way > 0) ?? all[all.length - 1];
}
