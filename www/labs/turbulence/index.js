// Lab turbulence: films of a two-dimensional flow, found from few of their pixels.
import { reducedMotion } from '../../app/session.js';
import { h } from '../../ui/dom.js';
import '../shared/common.js';
import { accuracy, residual, spectrum } from './curves.js';
import { film } from './film.js';
import { TRIES } from './gallery.js';
import { lesson } from './lesson.js';
import { Pixels } from './pixels.js';
import { HELP, against, equations, lacking, story, titleOf } from './words.js';

/**
 * @typedef {import('../../app/stage.js').Tools} Tools
 * @typedef {import('../../app/stage.js').Lab} Lab
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('./sides.js').Side} Side
 */

const FRAME_MS = 180; // of the film while it plays

/** What the lab keeps. */
export class Turbulence {
  /** @param {Tools} tools */
  constructor(tools) {
    this.tools = tools;
    this.time = 8; // the frame of the film that is shown
    this.frames = 16;
    this.noisy = false; // the sample is shown with its noise
    this.tracers = true;
    this.placing = false; // clicks place vortices
    this.pixels = new Pixels(this);
    this.timer = 0;
    this.slider = h('input', {
      type: 'range', min: 0, max: 15, step: 1, value: 8, 'aria-label': 'Time of the flow',
      oninput: () => this.setTime(Number(this.slider.value)),
    });
    this.button = h('button.chip', { type: 'button', onclick: () => this.toggle() }, 'Play the film');
    this.clock = h('label.tick.flow-time', {}, 'Time of the flow', this.slider);
  }

  /** @param {number} frame */
  setTime(frame) {
    this.time = Math.max(0, Math.min(this.frames - 1, frame));
    this.slider.value = String(this.time);
    this.tools.redraw();
  }

  /** The film plays once, or stops. */
  toggle() {
    if (this.timer) return this.halt();
    if (this.time >= this.frames - 1) this.setTime(0);
    this.button.textContent = 'Stop the film';
    this.timer = setInterval(() => {
      if (this.time >= this.frames - 1) this.halt();
      else this.setTime(this.time + 1);
    }, reducedMotion() ? 4 * FRAME_MS : FRAME_MS);
  }

  halt() {
    clearInterval(this.timer);
    this.timer = 0;
    this.button.textContent = 'Play the film';
  }

  /** @param {State} state */
  settle({ a }) {
    const scene = /** @type {Side['scene']|undefined} */ (/** @type {unknown} */ (a?.scene));
    if (!scene || scene.film_frames === this.frames) return;
    this.frames = scene.film_frames;
    this.slider.max = String(this.frames - 1);
    this.setTime(Math.min(this.time, this.frames - 1));
  }

  turned() {
    this.halt();
    this.away();
  }

  away() {
    if (!this.pixels.chosen) return;
    this.pixels.chosen = null;
    this.tools.redraw();
  }

  stop() {
    this.turned();
  }

  /** @param {KeyboardEvent} e @param {{ pane: import('../../app/stage.js').Pane|null, view: import('../../app/stage.js').View }} on */
  key(e, { pane, view }) {
    return pane !== null && view === film && this.pixels.key(e, pane);
  }

  /** @param {import('../../app/stage.js').Pane} pane */
  place(pane) {
    return this.pixels.place(pane);
  }

  /** @param {State} state */
  choices({ opened, a }) {
    const { method, vortices } = opened?.a.values ?? {};
    return `${this.noisy} ${this.tracers} ${this.placing} ${method} ${vortices} ${/** @type {any} */ (a?.scene)?.film_frames}`;
  }

  /** Adds a vortex. @param {import('../../app/store.js').SideState} side @param {[number, number]} at  on the unit square */
  async vortex(side, at) {
    const old = side.info.values.vortices ? await this.tools.points.decode(side.info.values.vortices) : new Float64Array(0);
    const xy = Float64Array.from([...old, ...at.map((u) => 4 * u - 2)]);
    const refused = await this.tools.set(side.id, [['vortices', await this.tools.points.encode(xy)]]);
    if (refused) this.tools.notice(refused.message);
    else this.tools.say(`A vortex is placed; there are ${xy.length / 2}.`);
  }
}

/** @type {Lab} */
export default {
  id: 'turbulence',
  views: [film, accuracy, spectrum, residual],
  make: (tools) => new Turbulence(tools),
  title: titleOf,
  story,
  equations,
  lacking,
  against,
  lesson,
  plan: 'What the run does, row by row, computed before it begins.',
  tries: TRIES,
  help: HELP,
  controls: {
    first: [
      'task', 'method', 'score', 'guidance', 'gamma', 'zeta', 'physics', 'given', 'given-noise', 'layout', 'spacing', 'count', 'every',
      'noise-y',
    ],
    fold: {
      name: 'Flow and observations',
      keys: ['pixels', 'viscosity', 'drag', 'forcing', 'wave', 'interval', 'frames', 'truth-seed', 'vortices', 'mask', 'y-seed'],
      open: () => false,
    },
  },
};
