// Lab turbulence: seen pixels that are placed, moved and removed by pointer, finger and keys; vortices that are placed.
import { boxOf, pixelAt, seenAt } from '../../plots/film.js';
import { placeOn, wayOf } from '../../ui/pointer.js';

/**
 * @typedef {import('./sides.js').Side} Side
 * @typedef {import('./index.js').Turbulence} Turbulence
 * @typedef {import('../../plots/film.js').Layout} Layout
 * @typedef {import('../../app/stage.js').Pane<{ layout: Layout|null }>} Pane
 * @typedef {import('../../app/store.js').SideId} SideId
 */

/** Pixels that are moved one by one, at most. */
const MOST = 600;

/** Whether the seen pixels of a side can be moved. @param {Side} side */
export const movable = ({ info, scene }) => info.values.task === 'assimilate' && scene.block === 1 && scene.places.length <= MOST;

/** @param {{ x: number, y: number, w: number, h: number }|null|undefined} box @param {{ x: number, y: number }} place */
const within = (box, { x, y }) => Boolean(box && x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h);

/** How many pixels around a place a finger means. @param {string} type */
const reachOf = (type) => (type === 'touch' ? 16 : 9);

export class Pixels {
  /** @param {Turbulence} own */
  constructor(own) {
    this.own = own;
    /** Where the keys are. @type {{ id: SideId, pixel: number }|null} */
    this.chosen = null;
    /** @type {{ id: SideId, from: number, to: number }|null} */
    this.drag = null;
    this.hit = false; // the press that a click belongs to was on a seen pixel or on the strip
    this.strip = false; // the strip is dragged
  }

  /** What a picture marks. @param {Side} side */
  mark(side) {
    const { chosen, drag } = this;
    if (drag?.id === side.id) return { pixel: drag.to, there: true };
    if (chosen?.id !== side.id) return null;
    return { pixel: chosen.pixel, there: Array.prototype.includes.call(side.scene.places, chosen.pixel) };
  }

  /** The side of a pane, where its pixels can be moved now. @param {Pane} pane @returns {Side|null} */
  side({ side }) {
    const own = /** @type {Side|null} */ (/** @type {unknown} */ (side));
    const { opened } = this.own.tools.state();
    return own?.key && opened?.view === 'film' && movable(own) ? own : null;
  }

  /**
   * The seen pixel under a place, or the nearest one.
   * @param {Layout} layout
   * @param {Side} side
   * @param {{ x: number, y: number }} place
   * @param {string} type
   */
  near({ boxes, pixels: n }, side, place, type) {
    const { places, block } = side.scene;
    const at = seenAt(places, block, n, pixelAt(boxes.seen, n, place));
    if (at >= 0) return places[at];
    let best = reachOf(type);
    let found = -1;
    for (const pixel of places) {
      const cell = boxOf(boxes.seen, n, pixel);
      const far = Math.hypot(cell.x + cell.w / 2 - place.x, cell.y + cell.h / 2 - place.y);
      if (far < best) [best, found] = [far, pixel];
    }
    return found;
  }

  /** @param {Pane} pane */
  listen(pane) {
    const { canvas } = pane;
    const at = (/** @type {{ clientX: number, clientY: number }} */ e) => placeOn(canvas, e);
    canvas.addEventListener('pointerdown', (e) => {
      const { layout } = pane.kept;
      this.hit = false;
      if (e.button || !layout) return;
      const place = at(e);
      if (within(layout.strip, place)) {
        this.hit = true;
        canvas.setPointerCapture(e.pointerId);
        this.strip = true;
        this.own.setTime(this.timeAt(layout, place.x));
        return;
      }
      const side = this.side(pane);
      if (!side || !within(layout.boxes.seen, place)) return;
      const pixel = this.near(layout, side, place, e.pointerType);
      if (pixel < 0) return;
      this.hit = true;
      canvas.setPointerCapture(e.pointerId);
      this.drag = { id: side.id, from: pixel, to: pixel };
      this.own.tools.redraw();
    });
    canvas.addEventListener('pointermove', (e) => {
      const { layout } = pane.kept;
      if (!layout) return;
      const place = at(e);
      if (this.strip) this.own.setTime(this.timeAt(layout, place.x));
      else if (this.drag) {
        const to = pixelAt(layout.boxes.seen, layout.pixels, place);
        if (to !== this.drag.to) this.own.tools.redraw();
        this.drag.to = to;
      } else {
        const side = this.side(pane);
        const on = side && within(layout.boxes.seen, place);
        const vortices = this.own.placing && within(layout.boxes.truth, place);
        const seen = on && this.near(layout, side, place, e.pointerType) >= 0;
        canvas.style.cursor = within(layout.strip, place) ? 'ew-resize' : seen ? 'move' : on || vortices ? 'copy' : 'default';
      }
    });
    canvas.addEventListener('pointerup', () => {
      const { drag } = this;
      this.strip = false;
      this.drag = null;
      const side = this.side(pane);
      if (!drag || !side || drag.id !== side.id) return;
      if (drag.to !== drag.from) this.moved(side, drag.from, drag.to);
      else this.remove(side, drag.from);
    });
    canvas.addEventListener('pointercancel', () => {
      this.strip = false;
      this.drag = null;
      this.own.tools.redraw();
    });
    // a finger on a seen pixel or on the strip moves it, and scrolls the page everywhere else
    canvas.addEventListener('touchstart', (e) => {
      const { layout } = pane.kept;
      if (!layout || e.touches.length !== 1) return;
      const place = at(e.touches[0]);
      const side = this.side(pane);
      const seen = side && within(layout.boxes.seen, place) && this.near(layout, side, place, 'touch') >= 0;
      if (seen || within(layout.strip, place)) e.preventDefault();
    }, { passive: false });
    canvas.addEventListener('click', (e) => {
      const { layout } = pane.kept;
      if (this.hit || !layout) return;
      const place = at(e);
      const side = this.side(pane);
      if (side && within(layout.boxes.seen, place)) this.add(side, pixelAt(layout.boxes.seen, layout.pixels, place));
      else if (this.own.placing && pane.side && within(layout.boxes.truth, place)) {
        const box = layout.boxes.truth;
        this.own.vortex(pane.side, [(place.x - box.x) / box.w, 1 - (place.y - box.y) / box.h]);
      }
    });
  }

  /** @param {Layout} layout @param {number} x */
  timeAt({ strip, frames }, x) {
    return strip ? Math.floor(((x - strip.x) / strip.w) * frames) : 0;
  }

  /** @param {Side} side @param {number} pixel */
  add(side, pixel) {
    const { places } = side.scene;
    if (Array.prototype.includes.call(places, pixel)) return;
    this.write(side, [...places, pixel], `The pixel ${this.name(side, pixel)} is seen.`);
  }

  /** @param {Side} side @param {number} from @param {number} to */
  moved(side, from, to) {
    const rest = Array.from(side.scene.places).filter((p) => p !== from && p !== to);
    this.write(side, [...rest, to], `The seen pixel is at ${this.name(side, to)}.`);
  }

  /** @param {Side} side @param {number} pixel */
  remove(side, pixel) {
    const rest = Array.from(side.scene.places).filter((p) => p !== pixel);
    if (!rest.length) {
      // after the values at the place that the keys have chosen
      const say = () => this.own.tools.say('This is the last seen pixel: it stays. The task “No observation” does without.');
      requestAnimationFrame(() => requestAnimationFrame(say));
      return;
    }
    this.write(side, rest, `The pixel ${this.name(side, pixel)} is no longer seen; ${rest.length} are left.`);
  }

  /** @param {Side} side @param {number} pixel */
  name({ scene: { pixels: n } }, pixel) {
    return `${pixel % n}, ${Math.floor(pixel / n)}`;
  }

  /** @param {Side} side @param {number[]} places @param {string} words */
  async write(side, places, words) {
    const mask = [...places].sort((p, q) => p - q).join(',');
    const refused = await this.own.tools.set(side.id, [['layout', 'placed'], ['mask', mask]]);
    this.own.tools.say(refused ? refused.message : words);
    if (refused) this.own.tools.notice(refused.message);
  }

  /** Whether a key was for the pixels. @param {KeyboardEvent} e @param {Pane} pane */
  key(e, pane) {
    const side = this.side(pane);
    if (!side) return false;
    const { pixels: n, places } = side.scene;
    const { chosen } = this;
    const on = chosen?.id === side.id;
    if (e.key === 'Escape' && on) {
      this.chosen = null;
      this.own.tools.redraw();
      return true;
    }
    const way = wayOf(e);
    if (way) {
      const from = on ? chosen.pixel : places[0] ?? 0;
      const far = on ? (e.shiftKey ? 4 : 1) : 0;
      const [x, y] = [(from % n) + way[0] * far, Math.floor(from / n) + way[1] * far].map((v) => ((v % n) + n) % n);
      this.chosen = { id: side.id, pixel: y * n + x };
      this.own.tools.redraw();
      return true;
    }
    if (!on) return false;
    const there = Array.prototype.includes.call(places, chosen.pixel);
    if (e.key === 'Enter' && !there) this.add(side, chosen.pixel);
    else if ((e.key === 'Enter' || e.key === 'Delete' || e.key === 'Backspace') && there) this.remove(side, chosen.pixel);
    else return false;
    return true;
  }

  /** Where values are read. @param {Pane} pane */
  place(pane) {
    const { layout } = pane.kept ?? {};
    const side = pane.side && this.side(pane);
    const box = layout?.boxes.seen;
    if (!box || !side || this.chosen?.id !== side.id) return null;
    const cell = boxOf(box, layout.pixels, this.chosen.pixel);
    return { x: cell.x + cell.w / 2, y: cell.y + cell.h / 2 };
  }
}
