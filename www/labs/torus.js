// Lab torus: the uniform law on a torus in space. Composes its views; drag or arrow keys turn it.
import { drawAngles, topOf } from '../plots/angles.js';
import { count, number, palette, surface } from '../plots/kit.js';
import { Splats, cloudAt } from '../plots/particles.js';
import { inside, plane } from '../plots/plane.js';
import { levelName } from '../plots/time.js';
import { distance, drawSpace, drawTriad, drawWires, farTint } from '../plots/torus.js';
import { frameAt } from '../app/store.js';
import { h } from '../ui/dom.js';
import { ErrorsView } from './errors-view.js';
import { describe, told } from './parts.js';
import { VIEW_WORDS, lawOf } from './torus-words.js';
import { TRIES } from './torus/gallery.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').SpaceScene} SpaceScene
 * @typedef {import('../app/store.js').SideState & { scene: SpaceScene }} Side
 * @typedef {import('./index.js').Tools} Tools
 * @typedef {import('./index.js').Lab} Lab
 * @typedef {import('../plots/kit.js').Palette} Palette
 * @typedef {import('../plots/kit.js').Surface} Surface
 */

/** @typedef {{ canvas: HTMLCanvasElement, caption: HTMLElement, splats: Splats }} Pane */

const ZOOM = 1.06; // the window holds 1.15 times the torus; less would cut it when it is seen from above
const START = { yaw: 0.6, pitch: 0.62 };

class TorusLab {
  /** @param {HTMLElement} host @param {Tools} tools */
  constructor(host, tools) {
    this.host = host;
    this.tools = tools;
    this.turn = { ...START };
    this.view = '';
    /** @type {Pane[]} */
    this.panes = [];
    this.errors = new ErrorsView(host);
    this.size = new ResizeObserver(() => tools.redraw());
    this.size.observe(host);
    this.keys = (/** @type {KeyboardEvent} */ e) => this.#key(e);
    host.addEventListener('keydown', this.keys);
  }

  destroy() {
    this.size.disconnect();
    this.errors.leave();
    this.host.removeEventListener('keydown', this.keys);
    this.host.classList.remove('pair');
    this.host.replaceChildren();
  }

  pictures() {
    return this.errors.shown ? this.errors.pictures() : this.panes.map((p) => p.canvas);
  }

  /** @param {State} state */
  draw(state) {
    const { opened } = state;
    const a = /** @type {Side|null} */ (state.a);
    const b = /** @type {Side|null} */ (state.b);
    if (!opened || !a) return;
    if (opened.view === 'errors') return this.errors.draw(state);
    this.errors.leave();
    const sides = opened.b && b ? [a, b] : [a];
    this.#layout(sides.length, opened.view);
    const pal = palette(this.host);
    const top = opened.view === 'angles' ? Math.max(...sides.map((side) => topOf(side.scene, side.run))) : 0;
    sides.forEach((side, i) => {
      const pane = this.panes[i];
      pane.caption.hidden = sides.length === 1;
      const caption = `${side.id.toUpperCase()} · ${side.info.title}`;
      if (pane.caption.textContent !== caption) pane.caption.textContent = caption;
      pane.caption.className = side.id;
      const s = surface(pane.canvas);
      if (s) {
        if (opened.view === 'angles') drawAngles(s, { scene: side.scene, run: side.run, frame: frameAt(side, state.at), side: side.id, pal, top });
        else this.#space(s, pane, side, state, pal);
      }
      if (!state.playing) describe(pane.canvas, text(state, side));
    });
  }

  /** @param {Surface} s @param {Pane} pane @param {Side} side @param {State} state @param {Palette} pal */
  #space(s, pane, side, state, pal) {
    const { scene, run } = side;
    const frame = Math.max(0, frameAt(side, state.at));
    const tint = farTint(pal, side.id);
    const c = scene.scale[frame];
    const wide = s.w > 700;
    const notes = [];
    const off = rms(side, frame);
    const scaled = Math.abs(c - 1) > 0.005;
    if (wide) {
      if (scaled) notes.push(`Drawn in units of c = √(α² + σ²/v) = ${number(c)}, so that the cloud keeps its size; the wireframe is the torus of the data.`);
      if (off !== null) notes.push(`Root mean square distance from the surface here: ${number(off)} minor radii.`);
    } else notes.push([scaled ? `c = ${number(c)}` : '', off === null ? '' : `${number(off)} minor radii off the surface (r.m.s.)`].filter(Boolean).join('; '));
    if (wide) notes.push('Drag to turn; with the keyboard, arrow keys.');
    const p = plane(s, [
      { kind: 'ramp', text: s.w < 900 ? 'distance ÷ minor radius' : 'distance from the surface ÷ minor radius', ramp: (v) => `rgb(${tint(v).join(' ')})`, lo: '0', hi: '≥ 1' },
      { kind: 'dots', text: 'larger: nearer to you', color: pal[side.id] },
      { kind: 'line', text: 'exact: the torus', width: 1 },
    ], notes, pal, scene.reach / ZOOM, 8, 8);
    inside(s, p.box, () => {
      drawWires(s, p, this.turn, scene, pal.ink, 'back');
      if (run.reached > 0) drawSpace(s, p, cloudAt(scene, run, state.playing ? state.at * (scene.frames - 1) : frame), pane.splats, this.turn, scene, tint);
      drawWires(s, p, this.turn, scene, pal.ink, 'front');
      drawTriad(s, p, this.turn, pal);
    });
  }

  /** As many canvases as there are sides. @param {number} n @param {string} view */
  #layout(n, view) {
    if (this.panes.length === n && this.view === view && this.host.contains(this.panes[0].canvas)) return;
    this.view = view;
    this.panes = Array.from({ length: n }, () => ({ canvas: view === 'angles' ? h('canvas', { role: 'img' }) : this.#turning(), caption: h('figcaption'), splats: new Splats() }));
    this.host.replaceChildren(...this.panes.map((p) => h('figure', {}, p.caption, p.canvas)));
    this.host.classList.toggle('pair', n === 2);
  }

  /** A picture that a drag turns. */
  #turning() {
    const canvas = h('canvas.live.turn', { role: 'application', tabindex: 0, 'aria-roledescription': 'picture in space' });
    /** @type {{ x: number, y: number }|null} */
    let from = null;
    canvas.addEventListener('pointerdown', (e) => {
      if (e.button) return;
      canvas.setPointerCapture(e.pointerId);
      from = { x: e.clientX, y: e.clientY };
    });
    canvas.addEventListener('pointermove', (e) => {
      if (!from) return;
      const full = Math.min(canvas.clientWidth, canvas.clientHeight);
      this.#by((-(e.clientX - from.x) / full) * Math.PI, ((e.clientY - from.y) / full) * Math.PI);
      from = { x: e.clientX, y: e.clientY };
    });
    for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { from = null; });
    return canvas;
  }

  /** @param {number} yaw @param {number} pitch */
  #by(yaw, pitch) {
    this.turn.yaw = (this.turn.yaw + yaw) % (2 * Math.PI);
    this.turn.pitch = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, this.turn.pitch + pitch));
    this.tools.redraw();
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    if (this.view === 'angles' || this.errors.shown || e.ctrlKey || e.metaKey || e.altKey) return;
    const [dx, dy] = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key] ?? [0, 0];
    if (!dx && !dy) return;
    const step = e.shiftKey ? 0.5 : 0.1;
    this.#by(dx * step, dy * step);
    e.preventDefault();
  }

  options() {
    return [];
  }
}

/** How far the shown particles are from the surface, in minor radii. @param {Side} side @param {number} frame */
function rms({ scene, run }, frame) {
  if (run.reached === 0) return null;
  const size = scene.record.points;
  const c = scene.scale[frame];
  let sum = 0;
  let n = 0;
  for (let i = frame * size; i < (frame + 1) * size; i += 3) {
    const d = distance(run.data.points[i] / c, run.data.points[i + 1] / c, run.data.points[i + 2] / c, scene) / scene.minor;
    if (d !== d) continue;
    sum += d * d;
    n++;
  }
  return n ? Math.sqrt(sum / n) : null;
}

/** What a side's picture shows, in words. @param {State} state @param {Side} side */
function text(state, side) {
  const { scene, run, info } = side;
  const f = Math.max(0, frameAt(side, state.at));
  const who = state.opened?.b ? `Configuration ${side.id.toUpperCase()}, ${info.title}. ` : `${info.title}. `;
  const off = rms(side, f);
  const far = run.metrics?.rows.find((r) => r.key === 'energy_distance');
  const near = far && far.value !== null ? ` The energy distance to the exact law is ${number(far.value)}; ${far.reference_label}.` : '';
  if (state.opened?.view === 'angles') {
    let most = 0;
    if (run.reached) for (let k = 0; k < scene.bins; k++) for (const name of /** @type {const} */ (['theta', 'phi'])) most = Math.max(most, Math.abs(run.data[name][f * scene.bins + k] - scene[name][k]));
    return `${who}Histograms of the two angles of ${count(scene.n)} particles, each with the exact density of the data as a line. At ${levelName(scene, f)} they differ by ${number(most, 2)} at most.${near}`;
  }
  return `${who}${count(scene.n)} particles in space on their way to ${lawOf(info.values).name}, which is drawn as a wireframe. At ${levelName(scene, f)}${off === null ? '' : ` their root mean square distance from the surface is ${number(off)} minor radii`}.${near} Arrow keys turn the picture.`;
}

/** @type {Lab} */
export const torus = {
  id: 'torus',
  label: 'Torus',
  mount: (host, tools) => new TorusLab(host, tools),
  tries: TRIES,
  words: (state) => told(state, lawOf, VIEW_WORDS[/** @type {keyof typeof VIEW_WORDS} */ (state.opened?.view)] ?? '', 3),
};
