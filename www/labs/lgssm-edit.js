// Lab lgssm: moving, adding and removing observations; the keyboard. The pointer is in lgssm-pointer.js.
import { number } from '../plots/kit.js';

/**
 * @typedef {import('../store.js').State} State
 * @typedef {import('../store.js').SideId} SideId
 * @typedef {import('../store.js').ChainScene} ChainScene
 * @typedef {import('../store.js').ChainPosterior} ChainPosterior
 * @typedef {import('./lgssm.js').Side} Side
 * @typedef {import('./lgssm.js').Pane} Pane
 * @typedef {import('./index.js').Tools} Tools
 */

/** Observations that are not the link's yet. @typedef {{ id: SideId, both: boolean, scene: ChainScene, observed: number[], marks: number[], exact: Partial<Record<SideId, ChainPosterior>> }} Trial */

const STEP = 0.05;
const REST_MS = 400; // after the last key, before the link follows

/** Whether observations can be dragged: one number each, of one coordinate. @param {ChainScene} scene */
export function movable({ operator, marks, states, seen }) {
  return operator === 'linear' && seen < states && marks.length > 0 && marks.every((v) => v === v);
}

/** Means over windows on the axis of the first coordinate, where that is what is observed. @param {Side} side */
export function windows({ scene, info }) {
  if (scene.operator !== 'window' || scene.rows !== 1 || info.values.model === 'custom') return null;
  return Array.from(scene.y, (v) => v / (info.values.model === 'ar1' ? Number(info.values.c ?? 1) : 1));
}

/** y for one unit of the axis. @param {Side} side */
function ratio({ scene, info }) {
  let k = 0;
  for (let i = 0; i < scene.marks.length; i++) if (Math.abs(scene.marks[i]) > Math.abs(scene.marks[k])) k = i;
  return Math.abs(scene.marks[k]) > 1e-9 ? scene.y[k] / scene.marks[k] : Number(info.values.c ?? 1);
}

/** Whether two sides see the same. @param {Side} p @param {Side} q */
function alike({ scene: p }, { scene: q }) {
  const same = (/** @type {ArrayLike<number>} */ u, /** @type {ArrayLike<number>} */ v) => u.length === v.length && Array.prototype.every.call(u, (x, i) => x === v[i]);
  return p.length === q.length && same(p.observed, q.observed) && same(p.y, q.y) && same(p.marks, q.marks);
}

export class Editor {
  /** @param {Tools} tools @param {() => State|null} state @param {(message: string) => void} refuse */
  constructor(tools, state, refuse) {
    this.tools = tools;
    this.state = state;
    this.refuse = refuse;
    /** @type {Trial|null} */
    this.trial = null;
    /** @type {{ id: SideId, index: number, value: number, there: boolean }|null} */
    this.chosen = null;
    /** @type {{ index: number, shift: number, from: { x: number, y: number }, moved: boolean }|null} */
    this.drag = null;
    this.rest = 0;
    this.hit = false; // the press that a click belongs to was on an observation
    this.added = { index: -1, at: 0 }; // the last one: a double-click adds one and does not take it away again
  }

  /** The observations of a side as they stand. @param {Side} side @returns {{ observed: ArrayLike<number>, marks: ArrayLike<number> }} */
  seen(side) {
    return this.#on(side) ?? side.scene;
  }

  /** What the samples are held against. @param {Side} side @returns {{ mean: ArrayLike<number>, sd: ArrayLike<number> }} */
  exact(side) {
    return this.#on(side)?.exact[side.id] ?? side.scene;
  }

  /** What is chosen on a side, at its present place. @param {Side} side */
  hand(side) {
    const { chosen } = this;
    if (chosen?.id !== side.id) return null;
    const { observed, marks } = this.seen(side);
    const k = Array.prototype.indexOf.call(observed, chosen.index);
    return { ...chosen, there: k >= 0, value: k < 0 ? chosen.value : marks[k] };
  }

  /** The trial that a side shows. @param {Side} side */
  #on(side) {
    const { trial } = this;
    return trial && (trial.both || trial.id === side.id) ? trial : null;
  }

  /** A new scene has the observations of the link: what was tried is over, unless it still goes on. @param {State} state */
  settle(state) {
    const { trial } = this;
    const scene = trial && state[trial.id]?.scene;
    if (!trial || scene === trial.scene) return;
    if (scene?.lab === 'lgssm' && (this.drag || this.rest) && scene.observed.length === trial.observed.length) trial.scene = scene;
    else this.stop();
  }

  stop() {
    clearTimeout(this.rest);
    this.rest = 0;
    this.drag = null;
    this.trial = null;
  }

  /** The side that a pane shows, where it can be edited. @param {Pane} pane @returns {Side|null} */
  side({ side }) {
    return side && movable(side.scene) && this.state()?.opened?.view === 'chain' ? side : null;
  }

  /** @param {Side} side @returns {Trial} */
  #begin(side) {
    const { trial } = this;
    if (trial && (trial.both || trial.id === side.id)) return trial;
    const { a, b } = this.state() ?? {};
    const both = Boolean(a && b && a.scene.lab === 'lgssm' && b.scene.lab === 'lgssm' && alike(/** @type {Side} */ (a), /** @type {Side} */ (b)));
    const from = both ? /** @type {Side} */ (a) : side;
    this.trial = { id: from.id, both, scene: from.scene, observed: [...from.scene.observed], marks: [...from.scene.marks], exact: {} };
    return this.trial;
  }

  /** Another value of one observation: the exact law follows at once. @param {Side} side @param {number} index @param {number} value */
  move(side, index, value) {
    const trial = this.#begin(side);
    const k = trial.observed.indexOf(index);
    if (k < 0) return;
    const { reach } = side.scene;
    trial.marks[k] = Math.max(-reach, Math.min(reach, value));
    this.chosen = { id: side.id, index, value: trial.marks[k], there: true };
    this.tools.redraw();
    for (const id of /** @type {SideId[]} */ (trial.both ? ['a', 'b'] : [trial.id])) {
      const on = /** @type {Side|null} */ (this.state()?.[id] ?? null);
      if (!on || on.scene.observed.length !== trial.observed.length) continue;
      this.tools.posterior(id, Float64Array.from(this.#values(trial, on), Number)).then((exact) => {
        if (!exact || this.trial !== trial) return;
        trial.exact[id] = exact;
        this.tools.redraw();
      });
    }
  }

  /** y as the link holds it. @param {Trial} trial @param {Side} side */
  #values(trial, side) {
    const unit = ratio(side);
    return trial.marks.map((v) => String(Number((v * unit).toFixed(4))));
  }

  /** The link follows. @param {Side} side */
  async commit(side) {
    clearTimeout(this.rest);
    this.rest = 0;
    const { trial } = this;
    if (!trial) return;
    /** @type {[string, string][]} */
    const pairs = [['observed', trial.observed.join(',')], ['y', this.#values(trial, side).join(',')]];
    const b = trial.id === 'b' ? 'b.' : '';
    const regular = `&${this.state()?.opened?.link}`.includes(`&${b}every=`); // single indices stand in its place
    const refused = await (regular
      ? this.tools.rewrite((link) => [...link.split('&').filter((p) => ![`${b}every`, `${b}observed`, `${b}y`, 'fp'].includes(p.split('=')[0])), ...pairs.map(([key, value]) => `${b}${key}=${value}`)].join('&'))
      : this.tools.set(trial.id, pairs));
    this.refuse(refused ? refused.message : '');
    if (!refused) return;
    this.stop();
    this.tools.redraw();
  }

  /** @param {Side} side @param {number} index @param {number} value */
  add(side, index, value) {
    const trial = this.#begin(side);
    let k = 0;
    while (k < trial.observed.length && trial.observed[k] < index) k++;
    if (trial.observed[k] === index) return;
    trial.observed.splice(k, 0, index);
    trial.marks.splice(k, 0, value);
    this.chosen = { id: side.id, index, value, there: true };
    this.added = { index, at: performance.now() };
    this.tools.say(`An observation is added at index ${index}: ${this.yText(side, value)}.`);
    this.tools.redraw();
    this.commit(side);
  }

  /** @param {Side} side @param {number} index */
  remove(side, index) {
    const trial = this.#begin(side);
    const k = trial.observed.indexOf(index);
    if (k < 0) return;
    if (trial.observed.length === 1) {
      this.tools.say('This is the last observation: it stays. With the guidance “none” there is no conditioning at all.');
      return;
    }
    trial.observed.splice(k, 1);
    trial.marks.splice(k, 1);
    this.chosen = null;
    this.tools.say(`The observation at index ${index} is gone; ${trial.observed.length} are left.`);
    this.tools.redraw();
    this.commit(side);
  }

  /** @param {Side} side @param {number} value */
  yText(side, value) {
    return `y = ${number(Number((value * ratio(side)).toFixed(3)))}`;
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
    const { observed, marks } = this.seen(side);
    const chosen = this.hand(side);
    if (e.key === 'ArrowLeft' || e.key === 'ArrowRight') {
      const way = e.key === 'ArrowLeft' ? -1 : 1;
      const index = e.shiftKey ? Math.max(0, Math.min(side.scene.length - 1, (chosen?.index ?? (way > 0 ? -1 : side.scene.length)) + way)) : beyond(observed, chosen?.index ?? null, way);
      this.#choose(side, index, observed, marks);
      return true;
    }
    const up = { ArrowUp: 1, ArrowDown: -1 }[e.key];
    if (up) {
      if (!chosen) this.#choose(side, observed[0], observed, marks);
      else {
        const value = chosen.value + (up * STEP * (e.shiftKey ? 5 : 1)) / Math.abs(ratio(side));
        if (chosen.there) {
          this.move(side, chosen.index, value);
          clearTimeout(this.rest);
          this.rest = setTimeout(() => this.commit(side), REST_MS);
        } else this.chosen = { ...chosen, value };
        this.tools.say(`Index ${chosen.index}: ${this.yText(side, this.chosen?.value ?? value)}`);
        this.tools.redraw();
      }
      return true;
    }
    if (e.key === 'Enter' && chosen && !chosen.there) this.add(side, chosen.index, Number(chosen.value.toFixed(3)));
    else if ((e.key === 'Delete' || e.key === 'Backspace') && chosen?.there) this.remove(side, chosen.index);
    else return false;
    return true;
  }

  /** @param {Side} side @param {number} index @param {ArrayLike<number>} observed @param {ArrayLike<number>} marks */
  #choose(side, index, observed, marks) {
    const k = Array.prototype.indexOf.call(observed, index);
    const { mean, sd } = this.exact(side);
    const i = index * side.scene.states + side.scene.seen;
    this.chosen = { id: side.id, index, value: k < 0 ? mean[i] ?? 0 : marks[k], there: k >= 0 };
    this.tools.say(`Index ${index}${k < 0 ? ', not observed' : `, observed: ${this.yText(side, marks[k])}`}. Exact: ${number(mean[i])} ± ${number(sd[i])}.`);
    this.tools.redraw();
  }
}

/** The next observed index in a direction, or the end one. @param {ArrayLike<number>} observed @param {number|null} from @param {number} way */
function beyond(observed, from, way) {
  const all = Array.from(observed);
  if (way < 0) all.reverse();
  return all.find((i) => from === null || (i - from) * way > 0) ?? all[all.length - 1];
}
