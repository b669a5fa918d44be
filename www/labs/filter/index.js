// Lab filter: nonlinear systems observed in time, and filters that walk from cycle to cycle.
import { TRIES } from './gallery.js';
import { accuracy } from './accuracy.js';
import { density } from './density.js';
import { SETTING } from './keys.js';
import { RaceTable, race } from './race.js';
import { ranks } from './ranks.js';
import { besideRun } from './reference.js';
import { MOVED, TURNED, states } from './states.js';
import { edited } from '../shared/observe-link.js';
import { Editor } from '../shared/observe.js';
import { MARKS } from './marks.js';
import { wayOf } from '../../ui/pointer.js';
import { HELP, against, equations, lacking, story, titleOf } from './words.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/stage.js').Tools} Tools
 * @typedef {import('../../app/stage.js').Lab} Lab
 * @typedef {import('../../app/stage.js').View} View
 */

/** What the lab keeps. */
export class Filters {
  /** @param {Tools} tools */
  constructor(tools) {
    this.tools = tools;
    this.coordinate = 0; // of the view of one update
    this.space = true; // three numbers are shown in space, not over time
    this.near = false; // and only where the members are
    this.turn = { yaw: -0.75, pitch: 0.25 }; // the same for both sides
    this.editor = new Editor(tools, MARKS);
    this.race = new RaceTable();
    this.below = [this.editor.refused, this.race.el];
  }

  /** @param {State} state */
  settle(state) {
    this.editor.settle(state);
    this.race.update(state);
  }

  turned() {
    this.editor.leave();
  }

  away() {
    this.editor.away();
  }

  stop() {
    this.turned();
  }

  /** @param {import('../../app/store.js').SideId} id @param {string} key @param {string} value */
  edit(id, key, value) {
    return this.editor.edit(id, key, value);
  }

  /** @param {number} yaw @param {number} pitch */
  by(yaw, pitch) {
    this.turn.yaw = (this.turn.yaw + yaw) % (2 * Math.PI);
    this.turn.pitch = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, this.turn.pitch + pitch));
    this.tools.redraw();
  }

  /** @param {KeyboardEvent} e @param {{ pane: import('../../app/stage.js').Pane|null, view: View }} on */
  key(e, { pane, view }) {
    if (pane && view === states && pane.canvas.getAttribute('aria-roledescription') === MOVED.live) return this.editor.key(e, pane);
    const way = wayOf(e);
    if (!way || !pane || !this.space || view !== states || pane.canvas.getAttribute('aria-roledescription') !== TURNED.live) return false;
    const step = e.shiftKey ? 0.5 : 0.1;
    this.by(-way[0] * step, -way[1] * step);
    return true;
  }

  /** @param {State} state */
  choices({ a, opened }) {
    return `${edited(opened?.link)} ${this.coordinate} ${this.space} ${this.near} ${/** @type {any} */ (a?.scene)?.states}`;
  }
}

/** @type {Lab} */
export default {
  id: 'filter',
  views: [states, density, ranks, accuracy, race],
  make: (tools) => new Filters(tools),
  title: titleOf,
  story,
  equations,
  lacking,
  against,
  beside: besideRun,
  single: ['w1'],
  plural: 'members',
  plan: 'The cycles of the filter, one after the other.',
  cpu: 'Runs of this lab are on the CPU. WebGPU is not needed: a cycle moves few numbers.',
  tries: TRIES,
  help: HELP,
  controls: {
    first: ['model', 'method'],
    fold: {
      name: 'Model and observations',
      keys: SETTING,
      open: () => false,
    },
  },
};
