// Lab filter: nonlinear systems observed in time, and filters that walk from cycle to cycle.
import '../shared/common.js';
import { TRIES } from './gallery.js';
import { accuracy } from './accuracy.js';
import { density } from './density.js';
import { SETTING } from './keys.js';
import { RaceTable, race } from './race.js';
import { ranks } from './ranks.js';
import { besideRun } from './reference.js';
import { MOVED, TURNED, states } from './states.js';
import { edited } from '../shared/observe-link.js';
import { Observing } from '../shared/observing.js';
import { MARKS } from './marks.js';
import { wayOf } from '../../ui/pointer.js';
import { HELP, against, equations, lacking, story, titleOf } from './words.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/stage.js').Tools} Tools
 * @typedef {import('../../app/stage.js').Lab} Lab
 * @typedef {import('../../app/stage.js').View} View
 */

/** What the lab keeps. @extends {Observing<import('./laws.js').FilterScene>} */
export class Filters extends Observing {
  /** @param {Tools} tools */
  constructor(tools) {
    super(tools, MARKS);
    this.coordinate = 0; // of the view of one update
    this.space = true; // three numbers are shown in space, not over time
    this.near = false; // and only where the members are
    this.turn = { yaw: -0.75, pitch: 0.25 }; // the same for both sides
    this.race = new RaceTable();
    this.below.push(this.race.el);
  }

  /** @param {State} state */
  settle(state) {
    super.settle(state);
    this.race.update(state);
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
