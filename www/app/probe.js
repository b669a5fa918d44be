// Values under the pointer, and by arrow keys: shows them beside their place, says them, copies them.
import { number, settled } from '../plots/kit.js';
import { h } from '../ui/dom.js';
import { placeOn, wayOf } from '../ui/pointer.js';

/**
 * @typedef {import('./stage.js').Pane} Pane
 * @typedef {import('../plots/reading.js').Panel} Panel
 * @typedef {import('../plots/reading.js').Reading} Reading
 * @typedef {import('../plots/reading.js').Value} Value
 * @typedef {import('../ui/pointer.js').Place} Place
 */

const PARTS = 60; // of the width of a panel, for one arrow key
const FAST = 5; // times as far, with Shift
const MOST = 9; // values that are shown

/** @param {Value} value */
const text = ([name, value, unit, scale = 0]) => `${name} ${number(settled(value, scale), 4)}${unit ? ` ${unit}` : ''}`;

/** What is read, in a line. @param {Reading} reading */
const inLine = ({ at, values }) => `${at}: ${values.slice(0, MOST).map(text).join('; ')}.`;

export class Probe {
  /** @param {(words: string) => void} say  aloud */
  constructor(say) {
    this.say = say;
    /** @type {Pane|null} */
    this.pane = null; // that is read
    /** @type {Place} */
    this.place = { x: 0, y: 0 };
    this.keyed = false; // by keys, not by the pointer
    /** @type {Reading|null} */
    this.reading = null;
    this.next = 0; // the value that is copied next
    /** Pictures that take clicks themselves. @type {WeakSet<Pane>} */
    this.clicks = new WeakSet();
    this.at = h('b');
    this.list = h('ul');
    this.how = h('small');
    this.box = h('div.reading', { 'aria-hidden': 'true' }, this.at, this.list, this.how);
    this.spot = h('i.spot', { 'aria-hidden': 'true' });
  }

  /** @param {Pane} pane @param {boolean} clicks  the picture takes clicks itself */
  listen(pane, clicks) {
    const { canvas } = pane;
    const point = (/** @type {PointerEvent} */ e) => this.#show(pane, placeOn(canvas, e), false);
    canvas.addEventListener('pointermove', point);
    canvas.addEventListener('pointerdown', point);
    canvas.addEventListener('pointerleave', (e) => {
      if (!this.keyed && this.pane === pane && e.pointerType !== 'touch') this.hide();
    });
    if (clicks) this.clicks.add(pane);
    else canvas.addEventListener('click', () => this.copy());
  }

  hide() {
    this.box.remove();
    this.spot.remove();
    this.pane = this.reading = null;
    this.keyed = false;
  }

  /** The picture was drawn again: other values may stand there. */
  refresh() {
    if (this.pane?.canvas.isConnected) this.#show(this.pane, this.place, this.keyed);
    else if (this.pane) this.hide();
  }

  /**
   * A key for the values. Returns whether it was one.
   * @param {KeyboardEvent} e @param {Pane} pane
   */
  key(e, pane) {
    const on = this.keyed && this.pane === pane;
    const way = wayOf(e);
    if (way) this.#move(pane, way, e.shiftKey ? FAST : 1);
    else if (e.key === 'v' && !on) this.#move(pane, [0, 0], 1);
    else if (on && e.key === 'Enter') this.copy();
    else if (on && (e.key === 'Escape' || e.key === 'v')) this.hide();
    else return false;
    return true;
  }

  /** Reads at a place that other keys have chosen. @param {Pane} pane @param {Place} place */
  follow(pane, place) {
    this.#show(pane, place, true);
    if (this.reading) this.say(inLine(this.reading));
  }

  /** Copies a number of what is read, the one after it the next time. Returns whether there is one. */
  copy() {
    if (!this.reading) return false;
    const { values } = this.reading;
    const value = values[this.next % values.length];
    this.next = (this.next + 1) % values.length;
    const refused = () => this.#tell('The browser does not allow this page to copy.');
    if (!navigator.clipboard) refused();
    else navigator.clipboard.writeText(String(value[1])).then(() => this.#tell(`Copied: ${text(value)}.`), refused);
    return true;
  }

  /** @param {string} words */
  #tell(words) {
    this.how.textContent = words;
    this.say(words);
  }

  /** @param {Pane} pane @param {Place} place @param {boolean} keyed */
  #show(pane, place, keyed) {
    const fresh = this.pane !== pane || this.place.x !== place.x || this.place.y !== place.y;
    Object.assign(this, { pane, place, keyed });
    const panel = panelAt(pane.panels, place);
    const reading = panel?.read(place.x, place.y) ?? null;
    this.reading = reading && { ...reading, values: reading.values.filter(([, v]) => typeof v === 'number') };
    if (fresh) {
      this.next = 0;
      this.how.textContent = keyed ? 'Enter copies' : this.clicks.has(pane) ? 'Ctrl+C copies' : 'click copies';
    }
    if (!this.reading?.values.length) {
      this.box.remove();
      this.spot.remove();
      this.reading = null;
      return;
    }
    const { at, values, x = place.x, y = place.y } = this.reading;
    if (this.at.textContent !== at) this.at.textContent = at;
    const lines = values.slice(0, MOST).map(text);
    if (this.list.textContent !== lines.join('')) this.list.replaceChildren(...lines.map((line) => h('li', {}, line)));
    const { canvas } = pane;
    const figure = /** @type {HTMLElement} */ (canvas.parentElement);
    if (this.box.parentElement !== figure) figure.append(this.spot, this.box);
    const [left, top] = [canvas.offsetLeft + x, canvas.offsetTop + y];
    this.spot.style.translate = `${left}px ${top}px`;
    const { offsetWidth: w, offsetHeight: tall } = this.box;
    const right = left + 14 + w <= figure.clientWidth;
    const fits = right || left - 14 - w >= 0;
    const across = fits ? (right ? left + 14 : left - 14 - w) : Math.max(0, Math.min(figure.clientWidth - w, left - w / 2));
    const up = fits ? top - tall / 2 : top - tall - 16 >= 0 ? top - tall - 16 : top + 16;
    this.box.style.translate = `${across}px ${Math.max(0, Math.min(figure.clientHeight - tall, up))}px`;
  }

  /** @param {Pane} pane @param {[number, number]} way @param {number} times */
  #move(pane, [dx, dy], times) {
    const { panels } = pane;
    if (!panels.length) return this.say('There is nothing to read in this picture yet.');
    const begun = this.pane === pane && panelAt(panels, this.place);
    const from = begun ? this.place : middle(panels[0].box);
    const { box } = panelAt(panels, from) ?? panels[0];
    const step = (begun ? times : 0) * Math.max(1, box.w / PARTS);
    this.follow(pane, into(panels, { x: from.x + dx * step, y: from.y - dy * step }, box, [dx, dy]));
    if (!this.reading) this.say('Nothing to read here.');
  }
}

/** @param {Panel['box']} box */
const middle = ({ x, y, w, h: tall }) => ({ x: x + w / 2, y: y + tall / 2 });

/** @param {Panel['box']} box @param {Place} place */
const within = (box, { x, y }) => x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h;

/** @param {Panel[]} panels @param {Place} place */
const panelAt = (panels, place) => panels.find(({ box }) => within(box, place)) ?? null;

/**
 * A place in a panel: that of a move that leaves one is in the nearest one that way, or at the edge.
 * @param {Panel[]} panels @param {Place} to @param {Panel['box']} box  where it comes from @param {[number, number]} way
 */
function into(panels, to, box, [dx, dy]) {
  if (panelAt(panels, to)) return to;
  const clamp = (/** @type {Panel['box']} */ b) => ({
    x: Math.max(b.x, Math.min(b.x + b.w, to.x)), y: Math.max(b.y, Math.min(b.y + b.h, to.y)),
  });
  const ahead = panels.map((p) => clamp(p.box)).filter((p) => (p.x - to.x) * dx >= 0 && (p.y - to.y) * -dy >= 0);
  const far = (/** @type {Place} */ p) => Math.hypot(p.x - to.x, p.y - to.y);
  const next = ahead.filter((p) => !within(box, p)).sort((p, q) => far(p) - far(q))[0];
  return next ?? clamp(box);
}
