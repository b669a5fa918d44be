// One particle's step below the picture, in labs whose runs follow a plan: drawn with its parts, and as the sum that its row says.
import { number, palette, surface } from '../../plots/kit.js';
import { MOST, drawStep, heightOf } from '../../plots/step.js';
import { answerOf } from '../../app/answers.js';
import { reducedMotion } from '../../app/session.js';
import { frameAt } from '../../app/store.js';
import { tick } from '../../ui/choices.js';
import { h } from '../../ui/dom.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/store.js').SideState} SideState
 * @typedef {import('../../app/stage.js').Tools} Tools
 * @typedef {import('../../app/answers.js').Need} Need
 * @typedef {import('../../../pkg/cpu/scorefield.js').Step} Step
 * @typedef {import('../../../pkg/cpu/scorefield.js').StepStage} StepStage
 */

const PLAY_MS = 900; // for one step that is gone forward
const KEPT = 240; // answers: one a frame

/** A panel of one side. */
class Panel {
  constructor() {
    this.canvas = h('canvas', { role: 'img', 'aria-label': 'One step of a particle' });
    this.words = h('p.help');
    this.el = h('div.onestep', { hidden: true }); // empty while it is not shown
    this.shown = { step: -1, since: -Infinity };
  }

  /** Returns whether there is more to play. @param {SideState} side @param {Step} step @param {{ name: string, playing: boolean }} how */
  draw({ scene, id, run }, step, { name, playing }) {
    const { canvas } = this;
    const now = performance.now();
    if (this.shown.step !== step.step) {
      const forward = step.step > this.shown.step && this.shown.step >= 0 && !playing && !reducedMotion();
      this.shown = { step: step.step, since: forward ? now : -Infinity };
    }
    const part = Math.min(1, (now - this.shown.since) / PLAY_MS);
    this.el.classList.toggle('plane', step.stages[0]?.base.length === 2);
    const high = `${step.stages.length ? heightOf(step.stages) : 0}px`;
    if (canvas.style.height !== high) canvas.style.height = high;
    canvas.hidden = step.stages.length === 0;
    const pal = palette(canvas);
    const s = canvas.hidden ? null : surface(canvas);
    if (s) drawStep(s, { stages: step.stages, part, color: pal[id], pal });
    const device = run.engine === 'webgpu' ? ' The CPU engine computes it; WebGPU rounds its numbers to single precision.' : '';
    const words = inWords(step, scene.steps, name) + device;
    if (canvas.getAttribute('aria-label') !== words) canvas.setAttribute('aria-label', words);
    if (this.words.textContent !== words) this.words.textContent = words;
    return part < 1;
  }
}

/** What a lab keeps to show the step of one particle. */
export class OneStep {
  /** @param {Tools} tools */
  constructor(tools) {
    this.tools = tools;
    this.on = false;
    this.particle = 0;
    this.panels = { a: new Panel(), b: new Panel() };
    this.below = [this.panels.a.el, this.panels.b.el];
  }

  /** @param {number} frame @param {number} particle @returns {Need} */
  need(frame, particle) {
    return { question: 'step', args: { frame, particle }, learned: true, keep: KEPT };
  }

  /** What a view asks. @param {State} state @param {SideState} side @returns {Need[]} */
  needs(state, side) {
    return this.on && !state.playing ? [this.need(frameAt(side, state.at), this.numberIn(side))] : [];
  }

  /** The particle of a side; a smaller run has its last. @param {SideState} side */
  numberIn({ info }) {
    return Math.min(this.particle, Number(info.values.n) - 1);
  }

  /** @returns {HTMLElement[]} */
  options() {
    const box = tick(this.on, (on) => {
      this.on = on;
      this.tools.redraw();
    }, 'one step');
    if (!this.on) return [box];
    return [box, h('button.chip', { type: 'button', onclick: () => {
      this.particle = (this.particle + 1) % 48;
      this.tools.redraw();
    } }, 'Another particle')];
  }

  /** Draws the panels. @param {State} state @param {boolean} there  the view shows them */
  settle(state, there) {
    for (const id of /** @type {const} */ (['a', 'b'])) {
      const side = state[id];
      const panel = this.panels[id];
      const shows = Boolean(this.on && there && side && state.opened?.[id]);
      if (panel.el.hidden === shows) {
        panel.el.hidden = !shows;
        panel.el.replaceChildren(...(shows ? [panel.canvas, panel.words] : []));
      }
      if (!shows || !side) continue;
      const frame = frameAt(side, state.at);
      const step = answerOf(side, 'step', { frame, particle: this.numberIn(side) });
      const name = state.opened?.b ? `${id.toUpperCase()} · ` : '';
      if (step && panel.draw(side, step, { name, playing: state.playing })) requestAnimationFrame(() => this.tools.redraw());
      else if (!step && panel.words.textContent === '') panel.words.textContent = 'The step is computed when the picture stands still.';
    }
  }
}

/** A point: one number, or those of the plane. @param {ArrayLike<number>} v */
const point = (v) => (v.length === 1 ? number(v[0], 4) : `(${Array.from(v, (x) => number(x, 4)).join(', ')})`);

/** @param {StepStage} stage */
function sumOf({ stage, t, factors: [keep, pull, before, z], kept, pulled, recalled, noise, after, commits }) {
  const all = /** @type {[string, number, ArrayLike<number>][]} */ ([
    ['x', keep, kept], ['x̂', pull, pulled], ['x̂₋₁', before, recalled], ['z', z, noise],
  ]);
  const parts = all.filter(([, factor]) => factor !== 0);
  const at = t === undefined || t === null ? '' : `, t = ${number(t)}`;
  const rule = parts.map(([name, factor]) => (factor === 1 ? name : `${number(factor, 4)}·${name}`)).join(' + ').replaceAll('+ −', '− ');
  const numbers = parts.map(([, , v]) => point(v)).join(' + ').replaceAll('+ −', '− ');
  const lands = rule === 'x̂' && commits ? ', so the step lands on x̂' : '';
  const sum = parts.length > 1 ? `${rule} = ${numbers}` : rule;
  return `Stage ${stage}${at}: ${commits ? 'x' : 'x̃'} = ${sum} = ${point(after)}${lands}.`;
}

/** @param {Step} step @param {number} steps @param {string} name */
function inWords({ step, particle, stages }, steps, name) {
  if (!stages.length) return `${name}Particle ${particle + 1} at its start: no step leads here. Press . to go on one step.`;
  const more = stages.length > MOST ? ` The first ${MOST} of ${stages.length} stages are drawn.` : '';
  return `${name}Step ${step} of ${steps}, particle ${particle + 1}. ${stages.map(sumOf).join(' ')}${more}`;
}
