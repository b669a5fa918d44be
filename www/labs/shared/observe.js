// Moving, adding and removing observations by hand, in the labs whose states follow each other; the keyboard. The pointer is in
// observe-pointer.js, what stands in a link in observe-link.js.
import { number, settled } from '../../plots/kit.js';
import { isEarlier } from '../../app/store.js';
import { h } from '../../ui/dom.js';
import { lengthened, observing, ownOf, reset, thinned } from './observe-link.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/store.js').SideId} SideId
 * @typedef {import('../../app/stage.js').Tools} Tools
 * @typedef {import('../../plots/observed.js').Layout} Layout
 * @typedef {import('./observe-link.js').Observed} Observed
 */

/** What the scenes of these labs have in common. @typedef {{ observed: ArrayLike<number>, y: ArrayLike<number> }} Scene */
/** @template {Scene} S @typedef {Omit<import('../../app/store.js').SideState, 'scene'> & { scene: S }} Side */
/** @typedef {import('../../app/stage.js').Pane<{ layout: Layout|null }>} Pane */
/** A law of the states by index; what else an answer has is the lab's. @typedef {{ mean: ArrayLike<number>, sd: ArrayLike<number> }} Law */

/**
 * What a lab says of its observations: an observation is one or several numbers at an index, and some of these (the rows) have a place on
 * the axis of a panel.
 * @template {Scene} S
 * @typedef {object} Marks
 * @property {string} view  in which they are moved
 * @property {import('./observe-link.js').Axis} axis  the indices, as a link has them
 * @property {(side: Side<S>) => boolean} movable
 * @property {(scene: S) => number} states  numbers of a state
 * @property {(scene: S) => [number, number]} indices  the first and the last that can be observed
 * @property {(scene: S) => number} count  numbers of an observation
 * @property {(scene: S) => number[]} rows  those that have a place, from the top panel to the lowest
 * @property {(scene: S, row: number) => number} panel  on which that is
 * @property {(side: Side<S>, row: number, y: number) => number[]} places  that a value stands for
 * @property {(side: Side<S>, row: number, place: number) => number} value  that stands for a place
 * @property {(side: Side<S>) => [number, number]} frame  where a move stops
 * @property {(side: Side<S>) => string} edge  what is said there
 * @property {(side: Side<S>) => number} unit  a power of ten that makes the frame a few units high: steps and rounding go with it
 * @property {(side: Side<S>, mean: ArrayLike<number>, index: number) => number[]} expected  an observation that says nothing new
 * @property {(side: Side<S>, y: number[]) => string[]} written  values as a link holds them
 * @property {(side: Side<S>, row: number) => string} name  of a value
 * @property {(side: Side<S>, row: number) => string} law  of a number of the exact law, where it is not that of the value
 * @property {(side: Side<S>) => Law|null|undefined} exact  what the samples are held against
 * @property {(p: Side<S>, q: Side<S>) => boolean} alike  whether two sides see the same
 * @property {string} last  why the last observation stays
 * @property {string} again  that the observations are drawn ones again
 */

/**
 * Observations that are not the link's yet.
 * @template {Scene} S
 * @typedef {object} Trial
 * @property {SideId} id
 * @property {boolean} both
 * @property {S} scene
 * @property {number[]} observed
 * @property {number[]} y
 * @property {Partial<Record<SideId, Law>>} exact
 */

const STEP = 0.05; // of the axis
const REST_MS = 400; // after the last key, before the link follows

/** @template {Scene} S */
export class Editor {
  /** @param {Tools} tools @param {Marks<S>} marks */
  constructor(tools, marks) {
    this.tools = tools;
    this.marks = marks;
    this.refused = h('p.refused.without', { role: 'alert', hidden: true });
    /**
     * The last change of a length: before it, and the link after it.
     * @type {{ id: SideId, from: NonNullable<State['opened']>, to: string }|null}
     */
    this.last = null;
    this.every = /** @type {Record<string, string|undefined>} */ ({}); // as it was before single indices were observed
    /** @type {Trial<S>|null} */
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

  /** Says why a change was refused; nothing hides it. @param {string} message */
  refuse(message) {
    this.refused.hidden = !message;
    this.refused.textContent = message;
  }

  /** The observations of a side as they stand. @param {Side<S>} side @returns {Scene} */
  seen(side) {
    return this.#on(side) ?? side.scene;
  }

  /** What the samples are held against. @param {Side<S>} side */
  exact(side) {
    return this.#on(side)?.exact[side.id] ?? this.marks.exact(side);
  }

  /** The places of an observed number; of a square there are two. @param {Side<S>} side @param {number} k @param {number} row */
  placesOf(side, k, row) {
    return this.marks.places(side, row, this.seen(side).y[k * this.marks.count(side.scene) + row]);
  }

  /** What is chosen on a side, at its present place; of a new observation also where its other numbers would be. @param {Side<S>} side */
  hand(side) {
    const { chosen, marks } = this;
    if (chosen?.id !== side.id) return null;
    const k = Array.prototype.indexOf.call(this.seen(side).observed, chosen.index);
    if (k >= 0) return { ...chosen, there: true, value: nearest(this.placesOf(side, k, chosen.row), chosen.value), all: [] };
    const y = marks.expected(side, this.exact(side)?.mean ?? [], chosen.index);
    const all = y.map((v, r) => marks.places(side, r, v)[0] ?? NaN);
    all[chosen.row] = chosen.value;
    return { ...chosen, there: false, all };
  }

  /** The trial that a side shows. @param {Side<S>} side */
  #on(side) {
    const { trial } = this;
    return trial && (trial.both || trial.id === side.id) ? trial : null;
  }

  /** A new scene has the observations of the link: what was tried is over, unless it still goes on. @param {State} state */
  settle(state) {
    for (const side of [state.a, state.b]) if (side?.info.values.every) this.every[side.id] = side.info.values.every;
    const { trial } = this;
    const scene = /** @type {S|undefined} */ (trial ? state[trial.id]?.scene : undefined);
    if (!trial || scene === trial.scene) return;
    if (scene && (this.drag || this.rest) && scene.observed.length === trial.observed.length) trial.scene = scene;
    else this.stop();
  }

  /** The picture is left. */
  leave() {
    this.stop();
    this.chosen = null;
  }

  /** The focus has left the picture. */
  away() {
    this.chosen = null;
    this.tools.redraw();
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
   * @returns {Side<S>|null}
   */
  side({ side }) {
    const state = this.tools.state();
    const own = /** @type {Side<S>|null} */ (/** @type {unknown} */ (side));
    return own && !isEarlier(state) && this.marks.movable(own) && state.opened?.view === this.marks.view ? own : null;
  }

  /** A side of the link. @param {SideId} id @returns {Side<S>|null} */
  #of(id) {
    return /** @type {Side<S>|null} */ (/** @type {unknown} */ (this.tools.state()[id]));
  }

  /** @param {Side<S>} side @returns {Trial<S>} */
  #begin(side) {
    const { trial } = this;
    if (trial && (trial.both || trial.id === side.id)) return trial;
    const [a, b] = [this.#of('a'), this.#of('b')];
    const both = Boolean(a && b && this.marks.movable(a) && this.marks.movable(b) && this.marks.alike(a, b));
    const from = both && a ? a : side;
    const { scene } = from;
    this.trial = { id: from.id, both, scene, observed: Array.from(scene.observed), y: Array.from(scene.y), exact: {} };
    return this.trial;
  }

  /**
   * Another value of one number: the exact law follows at once.
   * @param {Side<S>} side
   * @param {number} index
   * @param {number} row
   * @param {number} place
   */
  move(side, index, row, place) {
    const trial = this.#begin(side);
    const k = trial.observed.indexOf(index);
    if (k < 0) return;
    const { marks } = this;
    const [lo, hi] = marks.frame(side);
    const value = Math.max(lo, Math.min(hi, place));
    const stopped = value !== place;
    if (stopped && !this.edge && this.drag) this.tools.say(marks.edge(side)); // a key says it with the value
    this.edge = stopped ? marks.edge(side) : '';
    trial.y[k * marks.count(side.scene) + row] = marks.value(side, row, value);
    this.chosen = { id: side.id, index, row, value, there: true };
    this.tools.redraw();
    for (const id of /** @type {SideId[]} */ (trial.both ? ['a', 'b'] : [trial.id])) {
      const on = this.#of(id);
      if (!on || on.scene.observed.length !== trial.observed.length) continue;
      const y = Float64Array.from(marks.written(on, trial.y), Number);
      this.tools.trial(/** @type {any} */ (on), 'posterior', { y }).then((exact) => {
        if (!exact || this.trial !== trial) return;
        trial.exact[id] = exact;
        this.tools.redraw();
      });
    }
  }

  /** The link follows. @param {Side<S>} side */
  async commit(side) {
    clearTimeout(this.rest);
    this.rest = 0;
    const { trial } = this;
    if (!trial) return;
    const now = { observed: trial.observed.join(','), y: this.marks.written(side, trial.y).join(',') };
    const sides = trial.id === 'b' ? { b: now } : { a: now, ...this.#kept(trial) };
    const refused = await this.tools.rewrite((link) => observing(link, sides));
    this.refuse(refused ? refused.message : '');
    if (!refused) return;
    this.stop();
    this.tools.redraw();
  }

  /**
   * What A's change must not reach: what B observes, unless it is moved too.
   * @param {Trial<S>} trial
   * @returns {{ b?: Observed|null }}
   */
  #kept({ both }) {
    const { opened } = this.tools.state();
    const b = this.#of('b');
    if (!b) return opened?.b ? { b: ownOf(this.marks.axis, opened.b.values) } : {};
    const { observed, y } = b.scene;
    return { b: both ? null : { observed: Array.from(observed).join(','), y: Array.from(y, String).join(',') } };
  }

  /**
   * A new observation; what is not given of it is where the exact mean is.
   * @param {Side<S>} side
   * @param {number} index
   * @param {number} row
   * @param {number} value
   */
  add(side, index, row, value) {
    const { marks } = this;
    const trial = this.#begin(side);
    let k = 0;
    while (k < trial.observed.length && trial.observed[k] < index) k++;
    if (trial.observed[k] === index) return;
    trial.observed.splice(k, 0, index);
    const y = marks.expected(side, this.exact(side)?.mean ?? [], index);
    y[row] = marks.value(side, row, value);
    trial.y.splice(k * y.length, 0, ...y);
    this.chosen = { id: side.id, index, row, value, there: true };
    this.added = { index, at: performance.now() };
    this.tools.say(`An observation is added at ${marks.axis.index} ${index}: ${y.map((v, r) => this.#said(side, r, v)).join(', ')}.`);
    this.tools.redraw();
    this.commit(side);
  }

  /** @param {Side<S>} side @param {number} index */
  remove(side, index) {
    const trial = this.#begin(side);
    const k = trial.observed.indexOf(index);
    if (k < 0) return;
    if (trial.observed.length === 1) {
      this.tools.say(this.marks.last);
      return;
    }
    trial.observed.splice(k, 1);
    const count = this.marks.count(side.scene);
    trial.y.splice(k * count, count);
    this.chosen = null;
    const left = trial.observed.length;
    this.tools.say(`The observation at ${this.marks.axis.index} ${index} is gone; ${left === 1 ? '1 is' : `${left} are`} left.`);
    this.tools.redraw();
    this.commit(side);
  }

  /** A place as a value of y. @param {Side<S>} side @param {number} row @param {number} value */
  yText(side, row, value) {
    return this.#said(side, row, this.marks.value(side, row, value));
  }

  /** @param {Side<S>} side @param {number} row @param {number} y */
  #said(side, row, y) {
    return `${this.marks.name(side, row)} = ${number(Number(y.toPrecision(4)))}`;
  }

  /**
   * Takes changes into its own hands under which observations of the link would go.
   * @param {SideId} id
   * @param {string} key
   * @param {string} value
   */
  edit(id, key, value) {
    const { opened } = this.tools.state();
    const { axis } = this.marks;
    if (!opened) return false;
    const { last } = this;
    // A slider on its way takes nothing for good.
    const from = key === axis.key && last && last.id === id && last.to === opened.link ? last.from : opened;
    const found = key === axis.key ? lengthened(axis, from, id, value) : key === 'every' ? thinned(axis, opened, value) : null;
    if (!found) return false;
    this.stop();
    this.tools.rewrite(() => found.link).then((refused) => {
      this.refuse(refused ? refused.message : '');
      if (refused) return;
      this.last = { id, from, to: this.tools.state().opened?.link ?? '' };
      if (found.lost) this.tools.notice(found.lost);
    });
    return true;
  }

  /** Back to drawn values at regular indices. */
  async reset() {
    this.stop();
    const refused = await this.tools.rewrite((link) => reset(link, this.every));
    this.tools.say(refused ? refused.message : this.marks.again);
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
    const { marks } = this;
    const { observed } = this.seen(side);
    const chosen = this.hand(side);
    const rows = marks.rows(side.scene);
    if (e.key === 'ArrowLeft' || e.key === 'ArrowRight') {
      const way = e.key === 'ArrowLeft' ? -1 : 1;
      const here = chosen && chosen.index * rows.length + rows.indexOf(chosen.row);
      const ends = marks.indices(side.scene);
      const [first, last] = [ends[0] * rows.length, (ends[1] + 1) * rows.length - 1];
      const next = e.shiftKey
        ? Math.max(first, Math.min(last, (here ?? (way > 0 ? first - 1 : last + 1)) + way))
        : beyond(observed, rows.length, here, way);
      this.#choose(side, Math.floor(next / rows.length), rows[next % rows.length]);
      return true;
    }
    const up = { ArrowUp: 1, ArrowDown: -1 }[e.key];
    if (up) {
      if (!chosen) this.#choose(side, observed[0], rows[0]);
      else {
        const value = chosen.value + up * STEP * marks.unit(side) * (e.shiftKey ? 5 : 1);
        if (chosen.there) {
          this.move(side, chosen.index, chosen.row, value);
          clearTimeout(this.rest);
          this.rest = setTimeout(() => this.commit(side), REST_MS);
        } else this.chosen = { id: side.id, index: chosen.index, row: chosen.row, value, there: false };
        const now = this.yText(side, chosen.row, this.chosen?.value ?? value);
        this.tools.say(`${this.at(chosen.index)}: ${now}${this.edge && `. ${this.edge}`}`);
        this.tools.redraw();
      }
      return true;
    }
    if (e.key === 'Enter' && chosen && !chosen.there) this.add(side, chosen.index, chosen.row, tidy(marks.unit(side), chosen.value));
    else if ((e.key === 'Delete' || e.key === 'Backspace') && chosen?.there) {
      this.remove(side, chosen.index);
      if (!this.chosen) this.chosen = { ...chosen, there: false }; // the keys go on from here, and Enter puts one back
      this.tools.redraw();
    } else return false;
    return true;
  }

  /** An index at the head of a sentence. @param {number} index */
  at(index) {
    const { index: name } = this.marks.axis;
    return `${name[0].toUpperCase()}${name.slice(1)} ${index}`;
  }

  /** @param {Side<S>} side @param {number} index @param {number} row */
  #choose(side, index, row) {
    const { marks } = this;
    const { scene } = side;
    const k = Array.prototype.indexOf.call(this.seen(side).observed, index);
    const { mean = [], sd = [] } = this.exact(side) ?? {};
    const i = index * marks.states(scene) + marks.panel(scene, row);
    const value = k < 0 ? mean[i] ?? 0 : nearest(this.placesOf(side, k, row), mean[i] ?? 0);
    this.chosen = { id: side.id, index, row, value, there: k >= 0 };
    const which = marks.count(scene) > 1 ? `, ${marks.name(side, row)}` : '';
    const there = k < 0 ? `${which}, not observed` : `, observed: ${this.yText(side, row, value)}`;
    const known = Number.isFinite(mean[i]) ? ` Exact${marks.law(side, row)}: ${number(settled(mean[i], sd[i]))} ± ${number(sd[i])}.` : '';
    this.tools.say(`${this.at(index)}${there}.${known}`);
    this.tools.redraw();
  }
}

/** @param {Editor<any>} editor */
export const resetButton = (editor) => h('button.chip', { type: 'button', onclick: () => editor.reset() }, 'Reset observations');

/** A value of an axis to three decimals of its unit. @param {number} unit @param {number} value */
export const tidy = (unit, value) => Number((Math.round((1000 * value) / unit) * unit / 1000).toPrecision(12));

/** The place that is nearest to a value. @param {number[]} places @param {number} value */
const nearest = (places, value) => places.reduce((p, q) => (Math.abs(q - value) < Math.abs(p - value) ? q : p), places[0] ?? NaN);

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
