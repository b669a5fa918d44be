// Lab toy2d: laws in the plane. Composes its views; a click or Enter drops a particle, a law can be drawn.
import { drawCross, drawDropped, drawPaths } from '../plots/trajectories.js';
import { inkRegions } from '../plots/contours.js';
import { Streams, drawArrows } from '../plots/field.js';
import { number, palette, surface } from '../plots/kit.js';
import { Splats, cloudAt, drawCloud, drawCounts } from '../plots/particles.js';
import { axes, inside, plane, readout } from '../plots/plane.js';
import { drawRaster, drawWash } from '../plots/raster.js';
import { reducedMotion } from '../app/session.js';
import { FLOW_CELLS } from '../app/space.js';
import { frameAt, isLearned } from '../app/store.js';
import { h } from '../ui/dom.js';
import { Drawing } from './drawing.js';
import { ErrorsView } from './errors-view.js';
import { describe, segmented, told } from './parts.js';
import { keysOf, notesOf, placeText, text, underText } from './toy2d-text.js';
import { VIEW_WORDS, lawOf } from './toy2d-words.js';
import { TRIES } from './toy2d/gallery.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').SpaceScene} SpaceScene
 * @typedef {import('../app/store.js').SideState & { scene: SpaceScene }} Side
 * @typedef {import('../app/store.js').SideId} SideId
 * @typedef {import('./index.js').Tools} Tools
 * @typedef {import('./index.js').Lab} Lab
 * @typedef {import('../plots/kit.js').Palette} Palette
 * @typedef {import('../plots/kit.js').Surface} Surface
 * @typedef {import('../plots/plane.js').Plane} Plane
 */

/** @typedef {{ canvas: HTMLCanvasElement, caption: HTMLElement, plane: Plane|null, side: Side|null, splats: Splats, streams: Streams, density: Float32Array|null, velocity: Float32Array|null }} Pane */

/** @typedef {'particles'|'density'|'nothing'} Behind */

const WIDE = 700; // from here on there is room for notes beside the picture
const STEP = 0.02; // of the picture, for one arrow key

class Toy2d {
  /** @param {HTMLElement} host @param {Tools} tools */
  constructor(host, tools) {
    this.host = host;
    this.tools = tools;
    /** @type {Behind} */
    this.behind = 'particles';
    /** @type {Pane[]} */
    this.panes = [];
    this.errors = new ErrorsView(host);
    /** @type {[number, number]|null} */
    this.cross = null; // moved by keys
    /** @type {[number, number]|null} */
    this.pointer = null;
    /** @type {Drawing|null} */
    this.drawing = null;
    this.kept = /** @type {number[][]} */ ([]); // what was being drawn when it was left
    /** @type {State|null} */
    this.state = null;
    this.size = new ResizeObserver(() => tools.redraw());
    this.size.observe(host);
    this.keys = (/** @type {KeyboardEvent} */ e) => this.#key(e);
    host.addEventListener('keydown', this.keys);
    this.away = () => {
      this.cross = null;
      tools.redraw();
    };
    host.addEventListener('focusout', this.away);
  }

  destroy() {
    this.size.disconnect();
    this.errors.leave();
    this.host.removeEventListener('keydown', this.keys);
    this.host.removeEventListener('focusout', this.away);
    this.host.classList.remove('drawing', 'pair');
    this.host.replaceChildren();
  }

  pictures() {
    if (this.errors.shown) return this.errors.pictures();
    return this.drawing ? [this.drawing.canvas] : this.panes.map((p) => p.canvas);
  }

  choices() {
    return `${Boolean(this.drawing)} ${this.behind}`;
  }

  /** The control cannot choose a drawn law without points. @param {SideId} side @param {string} key @param {string} value */
  edit(side, key, value) {
    if (key !== 'target' || value !== 'drawn') return false;
    this.#open(side);
    return true;
  }

  /** @param {State} state */
  draw(state) {
    const { opened } = state;
    const a = /** @type {Side|null} */ (state.a);
    const b = /** @type {Side|null} */ (state.b);
    if (!opened || !a) return;
    if (this.drawing && this.state?.opened && this.state.opened.view !== opened.view) this.#leave();
    this.state = state;
    const pal = palette(this.host);
    if (this.drawing) {
      this.drawing.draw(pal);
      return;
    }
    if (opened.view === 'errors') return this.errors.draw(state);
    this.errors.leave();
    const sides = opened.b && b ? [a, b] : [a];
    this.#layout(sides.length);
    sides.forEach((side, i) => {
      const pane = this.panes[i];
      pane.side = side;
      pane.caption.hidden = sides.length === 1;
      const caption = `${side.id.toUpperCase()} · ${side.info.title}`;
      if (pane.caption.textContent !== caption) pane.caption.textContent = caption;
      pane.caption.className = side.id;
      const s = surface(pane.canvas);
      if (s) this.#pane(s, pane, side, state, pal);
      if (!state.playing) describe(pane.canvas, text(state, side, pane.density));
    });
  }

  /** @param {Surface} s @param {Pane} pane @param {Side} side @param {State} state @param {Palette} pal */
  #pane(s, pane, side, state, pal) {
    const { scene, run, answers } = side;
    const view = state.opened?.view ?? 'particles';
    const frame = frameAt(side, state.at);
    const place = state.playing ? state.at * (scene.frames - 1) : frame;
    // until the answer for this frame is there, the last one stays
    pane.density = answers.density.get(Math.max(0, frame)) ?? (answers.density.size ? pane.density : null);
    pane.velocity = answers.velocity.get(Math.max(0, frame)) ?? (answers.velocity.size ? pane.velocity : null);
    const { density, velocity } = pane;
    const net = isLearned(side.info.values);
    const field = net ? pal.b : pal.ink;
    const here = this.pointer ?? this.cross;
    const lines = state.drops.flatMap((drop) => answers.lines.get(drop.id) ?? []);
    const p = plane(s, keysOf({ s, view, side, behind: this.behind, velocity, lines: lines.length, pal, field }), s.w > WIDE ? notesOf(side, frame, state, pane, here) : [], pal, scene.reach);
    pane.plane = p;
    const color = pal[side.id];
    const cloud = (/** @type {number} */ fade) => {
      if (run.reached === 0) return;
      const { counts } = run.data;
      const numbers = scene.record.counts;
      if (counts) drawCounts(s, p, counts.subarray(frame * numbers, (frame + 1) * numbers), scene.cells, color, fade);
      else drawCloud(s, p, cloudAt(scene, run, place), pane.splats, color, fade);
    };
    inside(s, p.box, () => {
      if (view === 'density') {
        if (density) drawRaster(s, p, density, scene.cells);
      } else if (view === 'flow') {
        if (this.behind === 'particles') cloud(0.6);
        if (this.behind === 'density' && density) drawWash(s, p, density, scene.cells);
        if (density && this.behind === 'particles') inkRegions(s.ctx, p.box, density, scene.cells, pal.muted);
        if (velocity) {
          drawArrows(s, p, velocity, FLOW_CELLS, field);
          if (state.playing && !reducedMotion()) pane.streams.draw(s, p, velocity, FLOW_CELLS, field);
        }
      } else {
        if (view === 'particles') cloud(1);
        if (density) inkRegions(s.ctx, p.box, density, scene.cells, pal.ink);
        if (view === 'trajectories' && run.reached > 0) drawPaths(s, p, scene, run, frame, color, pal);
      }
      drawDropped(s, p, lines, frame, pal);
      if (this.cross) drawCross(s, p, this.cross, pal);
    });
    const c = scene.scale[Math.max(0, frame)];
    const unit = Math.abs(c - 1) > 0.005 ? '/c' : '';
    axes(s, p, pal, [`x₁${unit}${unit && s.w <= WIDE ? `,  c = ${number(c)}` : ''}`, `x₂${unit}`]);
    if (here && s.w <= WIDE) readout(s, p, underText(side, pane.density, here), pal);
  }

  /** As many canvases as there are sides. @param {number} n */
  #layout(n) {
    if (this.panes.length === n && this.host.contains(this.panes[0]?.canvas)) return;
    this.panes = Array.from({ length: n }, () => this.#make());
    this.host.replaceChildren(...this.panes.map((p) => h('figure', {}, p.caption, p.canvas)));
    this.host.classList.toggle('pair', n === 2);
    if (this.back) this.panes[0].canvas.focus({ preventScroll: true });
    this.back = false;
  }

  /** @returns {Pane} */
  #make() {
    const canvas = h('canvas.live', { role: 'application', tabindex: 0, 'aria-roledescription': 'picture' });
    /** @type {Pane} */
    const pane = { canvas, caption: h('figcaption'), plane: null, side: null, splats: new Splats(), streams: new Streams(), density: null, velocity: null };
    const at = (/** @type {MouseEvent} */ e) => {
      const from = canvas.getBoundingClientRect();
      return pane.plane?.at(e.clientX - from.left, e.clientY - from.top) ?? null;
    };
    canvas.addEventListener('pointermove', (e) => {
      if (e.pointerType === 'touch') return;
      this.pointer = at(e);
      this.tools.redraw();
    });
    canvas.addEventListener('pointerleave', () => {
      this.pointer = null;
      this.tools.redraw();
    });
    canvas.addEventListener('click', (e) => {
      const y = at(e);
      if (y) this.#drop(y);
    });
    return pane;
  }

  /** @param {[number, number]} y */
  #drop(y) {
    const { a, b } = this.state ?? {};
    if (![a, b].some((side) => side?.scene.clock === 'time')) return this.tools.say('No time passes in a Langevin walk at one level: there is no flow to follow.');
    this.tools.drop(y);
    this.tools.say(`A particle at ${placeText(y)}, followed to noise and to data.`);
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    const { a } = this.state ?? {};
    if (this.drawing || this.errors.shown || !a || a.scene.lab !== 'toy2d' || e.ctrlKey || e.metaKey || e.altKey) return;
    const { reach } = a.scene;
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key] ?? [0, 0];
    if (dx || dy) {
      const [x, y] = this.cross ?? [0, 0];
      const step = 2 * reach * STEP * (e.shiftKey ? 5 : 1);
      const within = (/** @type {number} */ v) => Math.max(-reach, Math.min(reach, Math.round(v * 1e6) / 1e6));
      this.cross = this.cross ? [within(x + dx * step), within(y + dy * step)] : [0, 0];
      this.tools.say(placeText(this.cross));
    } else if (e.key === 'Enter') {
      if (!this.cross) this.cross = [0, 0];
      else this.#drop(this.cross);
    } else if (e.key === 'Escape' && this.state?.drops.length) {
      this.tools.clear();
      this.tools.say('The dropped particles are gone.');
    } else return;
    e.preventDefault();
    this.tools.redraw();
  }

  back = false; // the focus belongs to the picture again

  // ── drawing a law ────────────────────────────────────────────────────────────────────────────
  /** Begins with the points of the present drawn law, or what was left behind. @param {SideId} side */
  async #open(side) {
    if (this.drawing) return;
    const points = this.state?.opened?.[side]?.values.points;
    const flat = points ? Array.from(await this.tools.points.decode(points)) : [];
    const start = points ? Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]) : this.kept;
    this.drawing = new Drawing(this.tools, start, {
      use: (code) => this.tools.set(side, [['target', 'drawn'], ['points', code]]),
      leave: () => this.#leave(),
    });
    this.panes = [];
    this.host.classList.remove('pair');
    this.host.classList.add('drawing');
    this.host.replaceChildren(this.drawing.el);
    this.drawing.canvas.focus({ preventScroll: true });
    this.tools.redraw();
  }

  #leave() {
    if (!this.drawing) return;
    this.kept = this.drawing.points;
    this.back = this.host.contains(document.activeElement);
    this.drawing = null;
    this.host.classList.remove('drawing');
    this.tools.redraw();
  }

  // ── what is brought from outside belongs to the drawing, while one is open ────────────────────
  /** @param {import('./index.js').PointsTable} table */
  take(table) {
    this.drawing?.take(table).catch((e) => this.drawing?.refuse(e));
    return this.drawing !== null;
  }

  /** @param {import('../app/store.js').Fault} fault */
  refuse(fault) {
    this.drawing?.refuse(fault);
    return this.drawing !== null;
  }

  /** @param {string} text */
  paste(text) {
    this.drawing?.read(text);
  }

  leave() {
    this.#leave();
  }

  /** @param {State} state @returns {HTMLElement[]} */
  options(state) {
    if (this.drawing || state.opened?.view === 'errors') return [];
    const out = [];
    if (state.opened?.view === 'flow') {
      out.push(segmented('Behind the arrows', 'behind', [['particles', 'particles'], ['density', 'density'], ['nothing', 'arrows alone']], this.behind, (v) => {
        this.behind = /** @type {Behind} */ (v);
        this.tools.redraw();
      }));
    }
    if (state.drops.length) out.push(h('button.chip', { type: 'button', onclick: () => this.tools.clear() }, 'Clear dropped'));
    out.push(h('button.chip', { type: 'button', title: 'Draw the points of a law, or paste them', onclick: () => this.#open(this.state?.opened?.b ? this.state.tab : 'a') }, 'Draw a law'));
    return out;
  }
}

/** @type {Lab} */
export const toy2d = {
  id: 'toy2d',
  label: '2-D',
  mount: (host, tools) => new Toy2d(host, tools),
  tries: TRIES,
  words(state) {
    const { opened } = state;
    const view = /** @type {keyof typeof VIEW_WORDS} */ (opened?.view);
    const walks = view === 'flow' && [opened?.a, opened?.b].some((side) => side?.values.sampler === 'langevin');
    return told(state, lawOf, (VIEW_WORDS[view] ?? '') + (walks ? ' A Langevin walk stays at one level: its arrows are the drift towards the law, of all iterations together.' : ''), 2);
  },
};
