// Drawing a law: points by pointer, finger, keyboard or text, on a picture of [−2, 2]².
import { label, surface } from '../../plots/kit.js';
import { dice } from '../../plots/dice.js';
import { Splats, rgb } from '../../plots/particles.js';
import { axes, inside, plane } from '../../plots/plane.js';
import { drawCross } from '../../plots/trajectories.js';
import { h } from '../../ui/dom.js';
import { fileInput } from '../../ui/files.js';
import { placeOn, wayOf } from '../../ui/pointer.js';
import { prose } from '../../plots/prose.js';
import { placeText } from './text.js';

/**
 * @typedef {import('../../app/stage.js').Tools} Tools
 * @typedef {import('../../plots/plane.js').Plane} Plane
 */

const MOST = 1000;
const REACH = 2;
const GAP = 0.035; // between sprayed points, in data units
const JITTER = 0.05;

const WORDS = {
  paste: prose`Two numbers a line, apart by comma, semicolon, space or tab. If a point is outside [−2, 2], all are shifted and scaled. Of
    more than ${MOST} points, ${MOST} are drawn at random.`,
  how: prose`Draw with pointer or finger: points fall along the stroke. With the keyboard: arrow keys move a cross, with Shift faster;
    Enter adds a point, Backspace takes it back, Escape leaves.`,
  picture: prose`The drawing of a law. Arrow keys move a cross, with Shift faster; Enter adds a point there, Backspace takes the last back,
    Escape leaves.`,
};

/** Pairs of numbers that stand one after the other. @param {Float64Array} flat */
export const pairs = (flat) => Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);

export class Drawing {
  shape = 'drawing'; // a class of the whole plot

  /**
   * @param {Tools} tools
   * @param {number[][]} points
   * @param {{ use: (code: string) => Promise<import('../../app/store.js').LinkError|null>, leave: () => void }} on
   */
  constructor(tools, points, on) {
    this.tools = tools;
    this.on = on;
    this.points = points.slice(0, MOST);
    /** @type {number[][][]} */
    this.past = [];
    this.roll = dice(points.length + 1);
    this.splats = new Splats();
    /** @type {Plane|null} */
    this.plane = null;
    /** @type {[number, number]|null} */
    this.cross = null;
    /** @type {[number, number]|null} */
    this.pen = null;
    const button = (/** @type {string} */ name, /** @type {() => void} */ onclick, kind = 'chip') =>
      h(`button.${kind}`, { type: 'button', onclick }, name);
    this.canvas = h('canvas.live', { role: 'application', tabindex: 0, 'aria-roledescription': 'drawing' });
    this.count = h('output.drawn');
    this.undoButton = button('Undo', () => this.undo());
    this.clearButton = button('Clear', () => this.#put([], 'All points are gone; Undo brings them back.'));
    this.useButton = button('Use this law', () => this.#use(), 'primary');
    this.error = h('p.refused', { role: 'alert', hidden: true });
    this.note = h('p.help', { role: 'status' });
    this.text = h('textarea', {
      rows: 4, 'aria-label': 'Points: two numbers a line', placeholder: '0.5, -0.2\n0.7, 0.1', spellcheck: 'false',
    });
    const file = fileInput({ accept: '.csv,.txt,.tsv,text/*', name: 'A file of points', hidden: false }, tools.open);
    this.paste = h('div.paste', { hidden: true },
      h('p.help', {}, WORDS.paste), this.text,
      h('p.row', {}, button('Read these points', () => this.read(this.text.value)), file));
    this.opener = button('Paste or drop CSV', () => this.#unfold(Boolean(this.paste.hidden)));
    this.opener.setAttribute('aria-expanded', 'false');
    this.el = h('figure.draw', { 'aria-label': 'Draw a law' },
      h('div.drawbar', {},
        this.count, this.undoButton, this.clearButton, this.opener, h('span.grow'),
        button('Cancel', () => this.on.leave()), this.useButton),
      this.error, this.note, this.paste, this.canvas);
    this.#listen();
    this.#tell();
  }

  #listen() {
    const { canvas } = this;
    const at = (/** @type {PointerEvent} */ e) => {
      const { x, y } = placeOn(canvas, e);
      return this.plane?.at(x, y) ?? null;
    };
    canvas.addEventListener('pointerdown', (e) => {
      const place = at(e);
      if (e.button || !place) return;
      canvas.setPointerCapture(e.pointerId);
      this.past.push(this.points);
      this.points = [...this.points];
      this.pen = place;
      this.#spray(place, 1);
    });
    canvas.addEventListener('pointermove', (e) => {
      if (!this.pen) return;
      for (const part of e.getCoalescedEvents?.().length ? e.getCoalescedEvents() : [e]) {
        const place = at(part);
        if (!place || !this.pen) continue;
        const steps = Math.floor(Math.hypot(place[0] - this.pen[0], place[1] - this.pen[1]) / GAP);
        const [[x, y], [toX, toY]] = [this.pen, place];
        for (let i = 1; i <= steps; i++) this.#spray([x + ((toX - x) * i) / steps, y + ((toY - y) * i) / steps], 1);
        if (steps) this.pen = place;
      }
    });
    for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => this.lift());
    canvas.addEventListener('keydown', (e) => this.#key(e));
    canvas.addEventListener('blur', () => {
      this.cross = null;
      this.tools.redraw();
    });
    const { el } = this;
    const isFile = (/** @type {DragEvent} */ e) => e.dataTransfer?.types.includes('Files'); // the page takes it
    el.addEventListener('dragover', (e) => {
      if (isFile(e)) return;
      e.preventDefault();
      el.classList.add('over');
    });
    el.addEventListener('dragleave', () => el.classList.remove('over'));
    el.addEventListener('drop', (e) => {
      el.classList.remove('over');
      if (isFile(e)) return;
      e.preventDefault();
      this.read(e.dataTransfer?.getData('text/plain') ?? '');
    });
  }

  /** A stroke ends. */
  lift() {
    this.pen = null;
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    const back = (e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'z' && !e.shiftKey;
    if (e.altKey || ((e.ctrlKey || e.metaKey) && !back)) return;
    const way = wayOf(e);
    if (back) this.undo();
    else if (way) {
      const [dx, dy] = way;
      const step = e.shiftKey ? 0.25 : 0.05;
      const within = (/** @type {number} */ v) => Math.max(-REACH, Math.min(REACH, Math.round(v * 1e6) / 1e6));
      this.cross = this.cross ? [within(this.cross[0] + dx * step), within(this.cross[1] + dy * step)] : [0, 0];
      this.tools.say(placeText(this.cross));
    } else if (e.key === 'Enter') {
      this.cross ??= [0, 0];
      this.past.push(this.points);
      this.points = [...this.points];
      this.#spray(this.cross, 0);
    } else if (e.key === 'Backspace') this.undo();
    else if (e.key === 'Escape') this.on.leave();
    else return;
    e.preventDefault();
    this.tools.redraw();
  }

  /** @param {[number, number]} place @param {number} jitter */
  #spray([x, y], jitter) {
    if (this.points.length >= MOST) return this.#tell(`${MOST} points are the most that a link carries.`);
    const angle = 2 * Math.PI * this.roll();
    const far = jitter * JITTER * Math.sqrt(this.roll());
    const within = (/** @type {number} */ v) => Math.max(-REACH, Math.min(REACH, v));
    this.points.push([within(x + far * Math.cos(angle)), within(y + far * Math.sin(angle))]);
    this.#tell();
  }

  undo() {
    const before = this.past.pop();
    if (before) this.points = before;
    this.#tell();
  }

  /** Other points in place of these. @param {number[][]} points @param {string} note */
  #put(points, note) {
    this.past.push(this.points);
    this.points = points;
    this.#tell(note);
  }

  /** @param {string} [note] */
  #tell(note = '') {
    const n = this.points.length;
    this.count.textContent = `${n} of ${MOST} points`;
    this.note.textContent = note;
    this.error.hidden = true;
    this.undoButton.disabled = this.past.length === 0;
    this.clearButton.disabled = n === 0;
    this.useButton.disabled = n === 0;
    this.tools.redraw();
  }

  /** Says why not; what was drawn stays. @param {unknown} e */
  refuse(e) {
    const fault = /** @type {{ message?: string, remedy?: string }} */ (e);
    this.error.hidden = false;
    this.error.textContent = `${fault?.message ?? String(e)} ${fault?.remedy ?? ''}`.trim();
    this.tools.redraw();
  }

  /** The place for text. @param {boolean} open */
  #unfold(open) {
    this.paste.hidden = !open;
    this.opener.setAttribute('aria-expanded', String(open));
    if (open) this.text.focus();
    this.tools.redraw();
  }

  /** Reads points as text. @param {string} text */
  async read(text) {
    try {
      await this.take(await this.tools.points.read(text));
    } catch (e) {
      this.refuse(e);
    }
  }

  /** Points of a table in place of these. @param {import('../../app/stage.js').PointsTable} table */
  async take({ points, count, note }) {
    const flat = await this.tools.points.decode(points);
    this.#put(pairs(flat), `${count} points read. ${note}`.trim());
    if (this.paste.contains(document.activeElement)) this.useButton.focus();
    this.#unfold(false);
  }

  async #use() {
    try {
      const refused = await this.on.use(await this.tools.points.encode(Float64Array.from(this.points.flat())));
      if (refused) this.refuse(refused);
      else this.on.leave();
    } catch (e) {
      this.refuse(e);
    }
  }

  /** @param {import('../../plots/kit.js').Palette} pal */
  draw(pal) {
    const { canvas } = this;
    const s = surface(canvas);
    if (!s) return;
    const p = plane(s, [], s.w > 700 ? [WORDS.how] : [], pal, REACH);
    this.plane = p;
    const { w, h: high } = this.splats.begin(s, p.box);
    const paint = rgb(pal.a);
    for (const [x, y] of this.points) {
      this.splats.dot(((x + REACH) / (2 * REACH)) * w, ((REACH - y) / (2 * REACH)) * high, 2.6, 0.85, paint);
    }
    inside(s, p.box, () => {
      this.splats.end(s, p.box);
      if (this.cross) drawCross(s, p, this.cross, pal);
      if (this.points.length || this.cross) return;
      label(s, 'Draw here', p.box.x + p.box.w / 2, p.box.y + p.box.h / 2, { color: pal.muted, align: 'center', size: 15 });
    });
    axes(s, p, pal, ['x₁', 'x₂']);
    if (canvas.getAttribute('aria-label') !== WORDS.picture) canvas.setAttribute('aria-label', WORDS.picture);
  }
}
