// Lab toy1d: one dimension, every law exact. Composes the four views, their descriptions and the words.
import { drawDensity, topOf } from '../plots/density.js';
import { drawFlow } from '../plots/flow.js';
import { drawHistograms } from '../plots/histogram.js';
import { count, label, number, palette, surface } from '../plots/kit.js';
import { drawSweep, looks, swatch } from '../plots/sweep.js';
import { levelName } from '../plots/time.js';
import { frameAt, isLearned } from '../app/store.js';
import { h } from '../ui/dom.js';
import { ErrorsView } from './errors-view.js';
import { describe, segmented, told } from './parts.js';
import { lesson } from './toy1d-lesson.js';
import { lawOf } from './toy1d-words.js';
import { TRIES } from './toy1d/gallery.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').Scene} Scene
 * @typedef {import('../app/store.js').SideState & { scene: Scene }} SideState
 * @typedef {import('./index.js').Tools} Tools
 * @typedef {import('./index.js').Lab} Lab
 */

/** @typedef {{ canvas: HTMLCanvasElement, zone: { x: number, w: number, toAt: (u: number) => number }|null, panels: import('../plots/histogram.js').Panel[], caption: HTMLElement }} Pane */

class Toy1d {
  /** @param {HTMLElement} host @param {Tools} tools */
  constructor(host, tools) {
    this.host = host;
    this.tools = tools;
    /** @type {import('../plots/density.js').Which} */
    this.which = 'reverse';
    this.flowPaths = false;
    this.by = /** @type {'steps'|'nfe'} */ ('steps');
    /** @type {Map<string, boolean>} */
    this.chosen = new Map(); // sweep series switched by hand
    /** @type {Pane[]} */
    this.panes = [];
    this.last = { options: '', words: '' };
    this.errors = new ErrorsView(host);
    this.size = new ResizeObserver(() => tools.redraw());
    this.size.observe(host);
  }

  destroy() {
    this.size.disconnect();
    this.errors.leave();
    this.host.replaceChildren();
  }

  pictures() {
    return this.errors.shown ? this.errors.pictures() : this.panes.map((p) => p.canvas);
  }

  /** @param {State} state */
  draw(state) {
    const { opened } = state;
    const a = /** @type {SideState|null} */ (state.a);
    const b = /** @type {SideState|null} */ (state.b);
    if (!opened || !a) return;
    const { view } = opened;
    if (view === 'errors') return this.errors.draw(state);
    this.errors.leave();
    this.frames = Math.max(2, a.scene.frames);
    const sides = /** @type {SideState[]} */ (opened.b && b && view !== 'sweep' ? [a, b] : [a]);
    this.#layout(sides.length);
    const pal = palette(this.host);
    const top = Math.max(...sides.map((side) => topOf(side.scene, side.run)));
    sides.forEach((side, i) => {
      const pane = this.panes[i];
      pane.caption.hidden = sides.length === 1;
      const caption = `${side.id.toUpperCase()} · ${side.info.title}`;
      if (pane.caption.textContent !== caption) pane.caption.textContent = caption;
      pane.caption.className = side.id;
      const s = surface(pane.canvas);
      if (!s) return;
      pane.zone = null;
      pane.panels = [];
      const input = { scene: side.scene, run: side.run, frame: frameAt(side, state.at), at: state.at, side: side.id, pal, n: Number(side.info.values.n), top };
      if (view === 'sweep') {
        if (state.sweep) drawSweep(s, state.sweep, { by: this.by, hidden: this.#hidden(state), steps: a.scene.steps, pal, name: ({ side: id, label: sampler }) => `${opened.b ? `${id.toUpperCase()} · ` : ''}${opened[id]?.title.split(' · ')[0]} · ${sampler}` });
      } else if (view === 'histogram') {
        pane.panels = drawHistograms(s, input);
      } else if (view === 'flow') {
        if (side.flow) pane.zone = drawFlow(s, input, side.flow, this.flowPaths);
        else label(s, 'Computing the exact flow', s.w / 2, s.h / 2, { color: pal.muted, align: 'center' });
      } else {
        const box = drawDensity(s, input, this.which);
        pane.zone = { ...box, toAt: (u) => u };
      }
      if (!state.playing) describe(pane.canvas, text(state, side));
    });
  }

  /** As many canvases as there are sides. @param {number} n */
  #layout(n) {
    if (this.panes.length === n && this.host.contains(this.panes[0].canvas)) return;
    this.panes = Array.from({ length: n }, () => this.#pane());
    this.host.replaceChildren(...this.panes.map((p) => h('figure', {}, p.caption, p.canvas)));
    this.host.classList.toggle('pair', n === 2);
  }

  /** @returns {Pane} */
  #pane() {
    const canvas = h('canvas', { role: 'img' });
    /** @type {Pane} */
    const pane = { canvas, zone: null, panels: [], caption: h('figcaption') };
    let dragging = false;
    const scrub = (/** @type {PointerEvent} */ e) => {
      const at = canvas.getBoundingClientRect();
      if (pane.zone) this.tools.scrub(pane.zone.toAt(Math.max(0, Math.min(1, (e.clientX - at.left - pane.zone.x) / pane.zone.w))));
    };
    canvas.addEventListener('pointerdown', (e) => {
      if (e.button) return;
      const at = canvas.getBoundingClientRect();
      const x = e.clientX - at.left;
      const y = e.clientY - at.top;
      const panel = pane.panels.find(({ box }) => x >= box.x && x < box.x + box.w && y >= box.y && y < box.y + box.h);
      if (panel) this.tools.scrub(panel.frame / (this.frames - 1));
      if (!pane.zone || x > pane.zone.x + pane.zone.w + 10) return;
      dragging = true;
      canvas.setPointerCapture(e.pointerId);
      scrub(e);
    });
    canvas.addEventListener('pointermove', (e) => dragging && scrub(e));
    for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { dragging = false; });
    return pane;
  }

  frames = 2;

  /** @param {State} state */
  #hidden(state) {
    const { plan } = state.sweep ?? {};
    const out = new Set();
    for (const series of plan?.series ?? []) {
      const wanted = this.chosen.get(series.id) ?? (series.main || !state.opened?.b);
      if (!wanted) out.add(series.id);
    }
    return out;
  }

  /** @param {State} state @returns {HTMLElement[]} */
  options(state) {
    const view = state.opened?.view;
    const redo = () => this.tools.redraw();
    if (view === 'density') {
      if (!(/** @type {SideState|null} */ (state.a))?.scene.forward.length) return [];
      return [segmented('Paths', 'paths', [['reverse', 'sampled'], ['forward', 'noising'], ['both', 'both'], ['none', 'none']], this.which, (v) => {
        this.which = /** @type {import('../plots/density.js').Which} */ (v);
        redo();
      })];
    }
    if (view === 'flow') {
      return [h('label.tick', {}, h('input', { type: 'checkbox', checked: this.flowPaths, onchange: (/** @type {Event} */ e) => {
        this.flowPaths = /** @type {HTMLInputElement} */ (e.target).checked;
        redo();
      } }), h('span', {}, 'sampler paths'))];
    }
    if (view !== 'sweep' || !state.sweep?.plan) return [];
    const { plan } = state.sweep;
    const hidden = this.#hidden(state);
    const styles = looks(plan, palette(this.host));
    const pair = Boolean(state.opened?.b);
    return [
      segmented('Horizontal axis', 'by', [['steps', 'steps N'], ['nfe', 'denoiser calls']], this.by, (v) => {
        this.by = v === 'nfe' ? 'nfe' : 'steps';
        redo();
      }),
      group(pair, plan.series.map((series) => {
        const box = h('input', { type: 'checkbox', checked: !hidden.has(series.id), onchange: () => {
          this.chosen.set(series.id, box.checked);
          redo();
        } });
        const look = styles.get(series.id);
        return h('label.tick', {}, box, look && swatch(look), h(series.main ? 'b' : 'span', {}, (pair ? `${series.side.toUpperCase()} ` : '') + series.label));
      })),
    ];
  }
}

/** The samplers of a sweep: in a row, or in a menu where there are two configurations of them. @param {boolean} menu @param {HTMLElement[]} boxes */
function group(menu, boxes) {
  const series = h('div.series', { role: 'group', 'aria-label': 'Samplers' }, ...boxes);
  return menu ? h('details.menu.left', {}, h('summary', {}, 'Samplers'), h('div.pop', {}, series)) : series;
}

/** What a side's picture shows, in words. @param {State} state @param {SideState} side */
function text(state, side) {
  const { scene, run, info } = side;
  const v = info.values;
  const f = frameAt(side, state.at);
  const target = lawOf(v);
  const who = state.opened?.b ? `Configuration ${side.id.toUpperCase()}, ${info.title}. ` : `${info.title}. `;
  const w1 = run.metrics?.rows.find((r) => r.key === 'w1');
  const near = w1 && w1.value !== null ? ` W₁ to the exact law is ${number(w1.value)}; ${w1.reference_label}.` : '';
  const here = `At ${levelName(scene, f)} the exact law has mean ${number(scene.mean[f])} and standard deviation ${number(scene.sd[f])}.`;
  const views = {
    density: `Heat map of the exact density from noise (left) to data (right), ${target.name}, with ${scene.paths} of ${count(Number(v.n))} particle paths over it and a histogram of the samples beside it. ${here}${near}`,
    histogram: `Histograms of ${count(Number(v.n))} samples at a few levels from noise to data, each with the exact density as a line. ${here}${near}`,
    flow: `Arrows and curves of the exact probability flow from noise (left) to data (right), ${target.name}. ${here}`,
    sweep: sweepText(state),
  };
  return who + (views[/** @type {keyof typeof views} */ (state.opened?.view ?? 'density')] ?? '');
}

/** @param {State} state */
function sweepText({ sweep }) {
  const plan = sweep?.plan;
  if (!sweep || !plan) return 'The sweep is being prepared.';
  const parts = plan.series.map((series) => {
    const own = sweep.points.filter((p) => p.series === series.id).sort((p, q) => p.steps - q.steps);
    if (!own.length) return '';
    const last = own[own.length - 1];
    return `${series.label}: W₁ ${number(own[0].w1)} at N = ${own[0].steps}, ${number(last.w1)} at N = ${last.steps}.`;
  });
  return `Sampled law and its W₁ distance to the exact law against the number of steps N. ${parts.filter(Boolean).join(' ')} An i.i.d. sample of ${count(plan.n)} would have ${number(plan.iid)} in the mean, and 95 of 100 such samples between ${number(plan.chance[0])} and ${number(plan.chance[1])}.`;
}

const VIEW_WORDS = {
  density: 'Each column of the map is the exact law at one noise level; the lines are particles on their way. The bars at the right are all particles at the level of the upright line, with the exact density in ink; a broken bar goes on beyond the scale.',
  histogram: 'Each panel is one level between noise and data: bars are samples, ink is exact, both in units of that level’s exact maximum, which stands above at the right. Click a panel to go to its level.',
  flow: 'The arrows are the probability flow: follow them and noise becomes data. The ink curves are exact solutions, one for each quantile; they never cross.',
  sweep: 'Above, the sampled law for each number of steps beside the exact one; an arrow marks the N of this run. Below, its distance from the exact law. The dashed line is what as many independent exact draws have in the mean, the band where 95 of 100 such samples lie: a curve within it cannot be told from exact draws.',
};

/** @type {Lab} */
export const toy1d = {
  id: 'toy1d',
  label: '1-D',
  lesson,
  mount: (host, tools) => new Toy1d(host, tools),
  tries: TRIES,
  words(state) {
    const { opened } = state;
    const view = /** @type {keyof typeof VIEW_WORDS} */ (opened?.view);
    const learned = view === 'sweep' && [opened?.a, opened?.b].some((side) => isLearned(side?.values));
    return told(state, lawOf, (VIEW_WORDS[view] ?? '') + (learned ? ' Beside the network stands the same sampler with the exact score: the gap between the two curves is what the network has not learned, the rest is the sampler’s error down to the band, which is the luck of the draw.' : ''));
  },
};
