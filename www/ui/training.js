// The panel of a training: what, the loss so far, how long still; afterwards one line.
import { h } from './dom.js';
import { fileInput } from './files.js';
import { about, lasted } from './rate.js';
import { count } from '../plots/kit.js';
import { drawCurve } from '../plots/loss.js';
import { prose } from '../plots/prose.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').TrainingState} TrainingState
 */

/**
 * @typedef {object} Acts
 * @property {(t: TrainingState) => void} cancel
 * @property {(t: TrainingState) => void} use  as it is
 * @property {(t: TrainingState) => void} resume
 * @property {(t: TrainingState) => void} prove  that a loaded one is what training it here gives
 * @property {(t: TrainingState) => void} save
 * @property {(files: File[]) => void} open
 */

const EXPLAINED =
  prose`Loss: the mean of ‖x̂ − x₀‖² over draws and noise levels, weighted as in EDM, against the training step. The dashed line is the
    exact denoiser: no network is better, on average.`;
const SHOWN = ' The picture shows small runs with the network as it stands.';

export class TrainingPanel {
  /** @param {HTMLElement} host @param {Acts} acts */
  constructor(host, acts) {
    this.host = host;
    this.acts = acts;
    /** @type {Map<TrainingState, ReturnType<TrainingPanel['make']>>} */
    this.boxes = new Map();
    this.timer = 0;
  }

  /** @param {State} s */
  update(s) {
    /** @type {Map<TrainingState, string>} */
    const shown = new Map();
    const focused = this.host.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
    for (const side of [s.a, s.b]) {
      const training = side?.training;
      if (training && s.opened?.[side.id]?.training?.key === training.key)
        shown.set(training, (shown.get(training) ?? '') + side.id.toUpperCase());
    }
    for (const [training, { box }] of this.boxes) {
      if (shown.has(training)) continue;
      box.remove();
      this.boxes.delete(training);
    }
    for (const [training, sides] of shown) {
      let made = this.boxes.get(training);
      if (!made) {
        made = this.make(training);
        this.boxes.set(training, made);
        this.host.append(made.box);
      }
      made.show(s.b && sides.length === 1 ? `${sides}: ` : '');
    }
    if (focused?.hidden || focused?.isConnected === false) { // whoever pressed it keeps the place
      const place = focused.isConnected ? focused.parentElement : this.host;
      const next = place?.querySelector('button:not([hidden])') ?? document.querySelector('#transport .play');
      if (next instanceof HTMLElement) next.focus({ preventScroll: true });
    }
    clearTimeout(this.timer);
    const silent = [...shown.keys()].some((t) => t.state === 'running' && t.step === 0);
    if (silent) this.timer = setTimeout(() => this.update(s), 500); // the seconds go on before the first step
  }

  /** @param {TrainingState} t */
  make(t) {
    const { acts } = this;
    const title = h('b');
    const words = h('span');
    const canvas = h('canvas', { role: 'img' });
    const note = h('p.help');
    const chip = (/** @type {string} */ text, /** @type {() => void} */ onclick) => h('button.chip', { type: 'button', onclick }, text);
    const file = fileInput({ accept: '.bpk', name: 'File of a network', hidden: true }, acts.open);
    const buttons = {
      cancel: chip('Cancel', () => acts.cancel(t)),
      resume: chip('Go on', () => acts.resume(t)),
      use: chip('Use as it is', () => acts.use(t)),
      prove: chip('Check by training it here', () => acts.prove(t)),
      save: chip('Download', () => acts.save(t)),
      load: chip('Load a file', () => file.click()),
    };
    buttons.cancel.setAttribute('aria-label', `Cancel the training of ${t.what}`); // there may be another beside it
    const box = h(
      'section.train',
      { 'aria-label': 'Training' },
      h('p.what', {}, title, ' ', words),
      h('div.acts', {}, ...Object.values(buttons), file),
      canvas,
      note,
    );
    const show = (/** @type {string} */ which) => {
      const { state } = t;
      const proving = t.proof === 'running';
      box.dataset.state = proving ? 'running' : state; // with its curve
      note.textContent = proving ? EXPLAINED : EXPLAINED + SHOWN;
      title.textContent = which + headline(t);
      words.textContent = line(t);
      buttons.cancel.hidden = state !== 'running' && !proving;
      buttons.prove.hidden = !(t.source === 'loaded' && t.stopped === null && t.proof === 'open');
      buttons.resume.hidden = !(state === 'cancelled' || (state === 'done' && t.source === 'stopped'));
      buttons.use.hidden = state === 'done' || t.step === 0;
      buttons.save.hidden = state !== 'done';
      buttons.load.hidden = state === 'running' || proving;
      canvas.hidden = note.hidden = state === 'done' && !proving;
      if (!canvas.hidden) drawCurve(canvas, t);
    };
    return { box, show };
  }
}

/** @param {TrainingState} t */
function headline(t) {
  if (t.state === 'running') return `Training ${t.what}:`;
  if (t.state === 'cancelled') return `The training of ${t.what} was cancelled`;
  if (t.source === 'loaded')
    return t.stopped === null
      ? `Loaded from ${t.name}:`
      : `Loaded from ${t.name}, stopped at step ${count(t.stopped)} of ${count(t.steps)}:`;
  if (t.source === 'stopped') return `Stopped at step ${count(t.step)} of ${count(t.steps)}:`;
  return `Trained in ${seconds(t.ms)}:`;
}

/** @param {TrainingState} t */
function line(t) {
  const loss = `loss ${t.loss.toFixed(3)}${Number.isFinite(t.floor) ? ` (exact denoiser ${t.floor.toFixed(3)})` : ''}`;
  if (t.state === 'running') return t.step === 0 ? starting(t) : `step ${count(t.step)} of ${count(t.steps)}${left(t)}, ${loss}`;
  if (t.state === 'cancelled') return `at step ${count(t.step)} of ${count(t.steps)}.`;
  if (t.stopped !== null) return `${t.what}. These samples are not those of the link, which trains to the end.`;
  if (t.source !== 'loaded') return `${t.what}, ${loss}${t.note && `. ${t.note}`}`;
  if (t.proof === 'running') {
    const far = t.step === 0 ? 'starting' : `step ${count(t.step)} of ${count(t.steps)}${left(t)}, ${loss}`;
    return `${t.what}. Training it here to compare: ${far}`;
  }
  return t.proof === 'same'
    ? `${t.what}. The same weights were trained here.`
    : `${t.what}, not yet checked by training it here. Until then it is shared without a fingerprint.`;
}

/** The first step on a graphics card takes a while. @param {TrainingState} t */
function starting(t) {
  return t.engine === 'webgpu' && Number.isFinite(t.floor)
    ? `compiling shaders for the graphics card, ${Math.round(lasted(t) / 1000)} s so far`
    : 'starting';
}

/** @param {number} ms */
function seconds(ms) {
  return ms < 950 ? `${Math.ceil(ms)} ms` : `${Math.round(ms / 1000)} s`;
}

/** How long still. @param {TrainingState} t */
function left(t) {
  const steppedMs = lasted(t) - t.since.ms;
  const done = t.step - t.since.step;
  if (done < 5 || steppedMs < 300) return '';
  return `, ${about((steppedMs / done) * (t.steps - t.step))} left`;
}
