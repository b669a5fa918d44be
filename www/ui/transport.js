// Playback: step, play, scrub from noise to data, speed; the readout says where we are.
import { byId, h, icon, refill } from './dom.js';
import { number } from '../plots/kit.js';
import { ratio, time } from '../plots/time.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/player.js').Player} Player
 */

const PLAY = 'M7 4.5v15l12-7.5z';
const PAUSE = 'M7 5h3.5v14H7zM13.5 5H17v14h-3.5z';
const NOTCHES = 1000;
/** What the slider runs from and to, by what goes on from frame to frame. */
const ENDS = { time: ['noise', 'data'], iteration: ['start', 'end'], index: ['start', 'end'] };

/** Gives a button another name, unless it has it. @param {HTMLElement} button @param {string} name */
function named(button, name) {
  if (button.getAttribute('aria-label') === name) return false;
  button.setAttribute('aria-label', name);
  button.title = name;
  return true;
}

export class Transport {
  /**
   * @param {HTMLElement} host
   * @param {Player} player
   * @param {{ plan: () => void, controls: () => void, speed: (v: number) => void }} on
   */
  constructor(host, player, on) {
    const button = (/** @type {string} */ label, /** @type {string} */ d, /** @type {() => void} */ act) =>
      h('button.round', { type: 'button', 'aria-label': label, title: label, onclick: act }, icon(d, true));
    this.play = button('Play', PLAY, () => player.toggle());
    this.play.classList.add('play');
    this.slider = h('input.scrub', {
      type: 'range',
      min: 0,
      max: NOTCHES,
      step: 1,
      value: 0,
      'aria-label': 'Position',
      oninput: () => player.scrub(Number(this.slider.value) / NOTCHES),
    });
    this.from = h('span');
    this.to = h('span');
    this.restart = button('Restart (r)', 'M6 5h2.5v14H6zM20 5v14l-10-7z', () => player.restart());
    this.readout = h('output.readout');
    this.speed = h('select', { 'aria-label': 'Speed', title: 'Speed', onchange: () => on.speed(Number(this.speed.value)) },
      ...[0.25, 0.5, 1, 2, 4].map((v) => h('option', { value: v, selected: v === 1 }, `×${v === 0.25 ? '¼' : v === 0.5 ? '½' : v}`)));
    host.replaceChildren(
      h(
        'button.quiet.sheet',
        { type: 'button', id: 'sheet', 'aria-controls': 'panel', 'aria-expanded': 'false', onclick: on.controls },
        icon('M4 7h9M17 7h3M4 17h3M11 17h9M13 4v6M7 14v6'),
        'Controls',
      ),
      h(
        'div.buttons',
        {},
        this.restart,
        button('Step back (,)', 'M14.5 5v14L5 12zM17 5h2.5v14H17z', () => player.step(-1)),
        this.play,
        button('Step forward (.)', 'M9.5 5v14l9.5-7zM4.5 5H7v14H4.5z', () => player.step(1)),
      ),
      h('div.track', {}, this.from, this.slider, this.to),
      this.readout,
      this.speed,
      h('button.quiet.plan', { type: 'button', onclick: on.plan }, 'Plan'),
    );
  }

  /**
   * @param {State} s @param {import('../app/store.js').SideState|undefined} side  the first that can be played
   * @param {number} f  its frame that is shown
   */
  update(s, side, f) {
    const name = s.playing ? 'Pause' : 'Play';
    if (named(this.play, name)) {
      this.play.title = `${name} (Space)`;
      this.play.replaceChildren(icon(s.playing ? PAUSE : PLAY, true));
    }
    const notch = String(Math.round(s.at * NOTCHES));
    if (this.slider.value !== notch) this.slider.value = notch;
    this.slider.style.setProperty('--fill', `${s.at * 100}%`);
    if (!side) return;
    const { scene } = side;
    const step = scene.level_index[f];
    const [from, to] = ENDS[scene.clock];
    if (this.from.textContent !== from) this.from.textContent = from;
    if (this.to.textContent !== to) this.to.textContent = to;
    const span = `Position from ${from} to ${to}`;
    if (this.slider.getAttribute('aria-label') !== span) this.slider.setAttribute('aria-label', span);
    named(this.restart, `Restart from ${from} (r)`);
    const preview = side.run.state === 'training' || side.run.state === 'untrained' ? 'preview: ' : ''; // of a training: not the run itself
    const whose = `${s.opened?.b ? `${side.id.toUpperCase()}: ` : ''}${preview}`;
    const called = /** @type {{ index_name?: string }} */ (scene).index_name ?? 'index'; // a lab may have a name for it
    const text = {
      time: () => [
        `${whose}t ${time(scene.t[f])}`, `α ${number(scene.alpha[f])}`, `σ ${number(scene.sigma[f])}`, `step ${step} of ${scene.steps}`,
      ],
      iteration: () => [`${whose}iteration ${step} of ${scene.steps}`, `σ ${number(scene.sigma[f])}`],
      index: () => [`${whose}${called} ${step} of ${scene.steps}`],
    }[scene.clock]();
    this.slider.setAttribute(
      'aria-valuetext',
      text.join(', ') + (scene.clock === 'time' ? `, noise ratio ${number(ratio(scene, f), 2)}` : ''),
    );
    refill(this.readout, text.join(), () => text.map((part) => h('span', {}, part)));
  }
}

/** Opens or closes the controls (a sheet on a phone, the left column elsewhere). @param {boolean} [open] */
export function toggleControls(open) {
  const app = byId('app');
  const narrow = matchMedia('(max-width: 760px)').matches;
  const name = narrow ? 'sheet-open' : 'panel-hidden';
  const shown = narrow ? app.classList.contains(name) : !app.classList.contains(name);
  const show = open ?? !shown;
  app.classList.toggle(name, narrow ? show : !show);
  byId('panel').inert = !show;
  byId('sheet').setAttribute('aria-expanded', String(show));
  if (narrow && show) byId('panel').querySelector('button')?.focus();
  if (narrow && !show && byId('panel').contains(document.activeElement)) byId('sheet').focus();
}
