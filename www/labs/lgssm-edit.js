// Lab lgssm: moving, adding and removing observations by pointer, finger and keyboard.
import { CROSS, crossAt } from '../plots/chain.js';
import { number } from '../plots/kit.js';

/**
 * @typedef {import('../store.js').State} State
 * @typedef {import('../store.js').SideId} SideId
 * @typedef {import('../store.js').ChainScene} ChainScene
 * @typedef {import('../store.js').ChainPosterior} ChainPosterior
 * @typedef {import('../plots/chain.js').Layout} Layout
 * @typedef {import('./lgssm.js').Side} Side
 * @typedef {import('./lgssm.js').Pane} Pane
 * @typedef {import('./index.js').Tools} Tools
 */

/** Observations that are not the link's yet. @typedef {{ id: SideId, both: boolean, scene: ChainScene, observed: number[], marks: number[], exact: Partial<Record<SideId, ChainPosterior>> }} Trial */

const NEAR = { mouse: 13, touch: 24 }; // pixels
const STEP = 0.05;
const REST_MS = 400; // after the last key, before the link follows

/** Whether observations can be dragged: one number each, of one coordinate. @param {ChainScene} scene */
export function movable({ operator, marks, states, seen }) {
  return operator === 'linear' && seen < states && marks.length > 0 && marks.every((v) => v === v);
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
    this.added = 0; // when the last one was added
  }

  /** The observations of a side as they stand. @param {Side} side @returns {{ observed: ArrayLike<number>, marks: ArrayLike<number> }} */
  seen(side) {
    return this.#on(side) ?? side.scene;
  }

  /** What the samples are held against. @param {Side} side @returns {{ mean: ArrayLike<number>, sd: ArrayLike<number> }} */
  exact(side) {
    return this.#on(side)?.exact[side.id] ?? side.scene;
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
  #side({ side }) {
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
  #move(side, index, value) {
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
  async #commit(side) {
    clearTimeout(this.rest);
    this.rest = 0;
    const { trial } = this;
    if (!trial) return;
    const refused = await this.tools.set(trial.id, [['observed', trial.observed.join(',')], ['y', this.#values(trial, side).join(',')]]);
    this.refuse(refused ? refused.message : '');
    if (!refused) return;
    this.stop();
    this.tools.redraw();
  }

  /** @param {Side} side @param {number} index @param {number} value */
  #add(side, index, value) {
    const trial = this.#begin(side);
    let k = 0;
    while (k < trial.observed.length && trial.observed[k] < index) k++;
    if (trial.observed[k] === index) return;
    trial.observed.splice(k, 0, index);
    trial.marks.splice(k, 0, value);
    this.chosen = { id: side.id, index, value, there: true };
    this.added = performance.now();
    this.tools.say(`An observation is added at index ${index}: ${this.#yText(side, value)}.`);
    this.tools.redraw();
    this.#commit(side);
  }

  /** @param {Side} side @param {number} index */
  #remove(side, index) {
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
    this.#commit(side);
  }

  /** @param {Side} side @param {number} value */
  #yText(side, value) {
    return `y = ${number(Number((value * ratio(side)).toFixed(3)))}`;
  }

  // ── pointer ──────────────────────────────────────────────────────────────────────────────────
  /** @param {Pane} pane */
  listen(pane) {
    const { canvas } = pane;
    const at = (/** @type {{ clientX: number, clientY: number }} */ e) => {
      const box = canvas.getBoundingClientRect();
      return { x: e.clientX - box.left, y: e.clientY - box.top };
    };
    canvas.addEventListener('pointerdown', (e) => {
      const side = this.#side(pane);
      this.hit = false;
      if (e.button || !side) return;
      const place = at(e);
      if (this.#onCross(pane, side, place)) {
        this.hit = true;
        return this.#remove(side, /** @type {NonNullable<Editor['chosen']>} */ (this.chosen).index);
      }
      const found = this.#near(pane, side, place, e.pointerType);
      if (!found) return;
      this.hit = true;
      canvas.setPointerCapture(e.pointerId);
      this.drag = { index: found.index, shift: found.value - /** @type {Layout} */ (pane.layout).value(side.scene.seen, place.y), from: place, moved: false };
      this.chosen = { id: side.id, ...found, there: true };
      this.tools.redraw();
    });
    canvas.addEventListener('pointermove', (e) => {
      const side = this.#side(pane);
      if (!side || !pane.layout) return;
      const place = at(e);
      const { drag } = this;
      if (drag) {
        if (!drag.moved && Math.hypot(place.x - drag.from.x, place.y - drag.from.y) < 3) return;
        drag.moved = true;
        this.#move(side, drag.index, pane.layout.value(side.scene.seen, place.y) + drag.shift);
      } else if (e.pointerType !== 'touch') this.#hover(pane, side, place);
    });
    canvas.addEventListener('pointerup', () => {
      const { drag } = this;
      const side = this.#side(pane);
      this.drag = null;
      if (!drag?.moved || !side) return;
      if (this.chosen) this.tools.say(`Index ${drag.index}: ${this.#yText(side, this.chosen.value)}.`);
      this.#commit(side);
    });
    canvas.addEventListener('pointercancel', () => this.cancel());
    canvas.addEventListener('pointerleave', () => {
      if (this.drag) return;
      if (this.chosen && document.activeElement !== canvas) this.chosen = null;
      this.tools.redraw();
    });
    // a finger on an observation moves it, and scrolls the page everywhere else
    canvas.addEventListener('touchstart', (e) => {
      const side = this.#side(pane);
      if (side && e.touches.length === 1 && (this.#near(pane, side, at(e.touches[0]), 'touch') || this.#onCross(pane, side, at(e.touches[0])))) e.preventDefault();
    }, { passive: false });
    canvas.addEventListener('click', (e) => {
      const side = this.#side(pane);
      if (!side || this.hit) return;
      const free = this.#free(pane, side, at(e));
      if (free) this.#add(side, free.index, free.value);
    });
    canvas.addEventListener('dblclick', (e) => {
      const side = this.#side(pane);
      const found = side && this.#near(pane, side, at(e), 'mouse');
      if (side && found && performance.now() - this.added > 700) this.#remove(side, found.index);
    });
  }

  /** Puts back what is being dragged. */
  cancel() {
    if (!this.drag) return false;
    this.stop();
    this.tools.redraw();
    return true;
  }

  /** The observation under a place. @param {Pane} pane @param {Side} side @param {{ x: number, y: number }} place @param {string} pointer */
  #near({ layout }, side, { x, y }, pointer) {
    if (!layout) return null;
    const { observed, marks } = this.seen(side);
    let best = pointer === 'touch' ? NEAR.touch : NEAR.mouse;
    let found = null;
    for (let k = 0; k < observed.length; k++) {
      const far = Math.hypot(layout.px(observed[k]) - x, layout.py(side.scene.seen, marks[k]) - y);
      if (far > best) continue;
      best = far;
      found = { index: observed[k], value: marks[k] };
    }
    return found;
  }

  /** @param {Pane} pane @param {Side} side @param {{ x: number, y: number }} place */
  #onCross({ layout }, side, { x, y }) {
    const { chosen } = this;
    if (!layout || !chosen?.there || chosen.id !== side.id) return false;
    const c = side.scene.seen;
    const cross = crossAt(layout.panels[c], layout.px(chosen.index), layout.py(c, chosen.value));
    return Math.hypot(cross.x - x, cross.y - y) <= CROSS.r + 3;
  }

  /** The place of a new observation. @param {Pane} pane @param {Side} side @param {{ x: number, y: number }} place */
  #free({ layout }, side, { x, y }) {
    const box = layout?.panels[side.scene.seen];
    if (!layout || !box || x < box.x - 4 || x > box.x + box.w + 4 || y < box.y || y > box.y + box.h) return null;
    const index = layout.index(x);
    if (Array.prototype.includes.call(this.seen(side).observed, index)) return null;
    return { index, value: Number(layout.value(side.scene.seen, y).toFixed(3)) };
  }

  /** @param {Pane} pane @param {Side} side @param {{ x: number, y: number }} place */
  #hover(pane, side, place) {
    if (this.#onCross(pane, side, place)) {
      pane.canvas.style.cursor = 'pointer';
      return;
    }
    const found = this.#near(pane, side, place, 'mouse');
    const free = found ? null : this.#free(pane, side, place);
    this.chosen = found ? { id: side.id, ...found, there: true } : free ? { id: side.id, ...free, there: false } : null;
    pane.canvas.style.cursor = found ? 'ns-resize' : free ? 'copy' : 'default';
    this.tools.redraw();
  }

  // ── keyboard ─────────────────────────────────────────────────────────────────────────────────
  /** Whether a key was for the observations. @param {KeyboardEvent} e @param {Pane} pane */
  key(e, pane) {
    const side = this.#side(pane);
    if (e.key === 'Escape' && (this.chosen || this.drag)) {
      this.cancel();
      this.chosen = null;
      this.tools.redraw();
      return true;
    }
    if (!side) return false;
    const { observed, marks } = this.seen(side);
    const chosen = this.chosen?.id === side.id ? this.chosen : null;
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
          this.#move(side, chosen.index, value);
          clearTimeout(this.rest);
          this.rest = setTimeout(() => this.#commit(side), REST_MS);
        } else this.chosen = { ...chosen, value };
        this.tools.say(`Index ${chosen.index}: ${this.#yText(side, this.chosen?.value ?? value)}`);
        this.tools.redraw();
      }
      return true;
    }
    if (e.key === 'Enter' && chosen && !chosen.there) this.#add(side, chosen.index, Number(chosen.value.toFixed(3)));
    else if ((e.key === 'Delete' || e.key === 'Backspace') && chosen?.there) this.#remove(side, chosen.index);
    else return false;
    return true;
  }

  /** @param {Side} side @param {number} index @param {ArrayLike<number>} observed @param {ArrayLike<number>} marks */
  #choose(side, index, observed, marks) {
    const k = Array.prototype.indexOf.call(observed, index);
    const { mean, sd } = this.exact(side);
    const i = index * side.scene.states + side.scene.seen;
    this.chosen = { id: side.id, index, value: k < 0 ? mean[i] ?? 0 : marks[k], there: k >= 0 };
    this.tools.say(`Index ${index}${k < 0 ? ', not observed' : `, observed: ${this.#yText(side, marks[k])}`}. Exact: ${number(mean[i])} ± ${number(sd[i])}.`);
    this.tools.redraw();
  }
}

/** The next observed index in a direction, or the end one. @param {ArrayLike<number>} observed @param {number|null} from @param {number} way */
function beyond(observed, from, way) {
  const all = Array.from(observed);
  if (way < 0) all.reverse();
  return all.find((i) => from === null || (i - from) * way > 0) ?? all[all.length - 1];
}
