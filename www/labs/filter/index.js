// Lab filter: nonlinear systems observed in time, and filters that walk from cycle to cycle.
import { TRIES } from './gallery.js';
import { accuracy } from './accuracy.js';
import { density } from './density.js';
import { ranks } from './ranks.js';
import { states } from './states.js';
import { HELP, against, equations, lacking, story, titleOf } from './words.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/stage.js').Tools} Tools
 * @typedef {import('../../app/stage.js').Lab} Lab
 */

/** What the lab keeps. */
export class Filters {
  /** @param {Tools} tools */
  constructor(tools) {
    this.tools = tools;
    this.coordinate = 0; // of the view of one update
  }

  /** @param {State} state */
  choices({ a }) {
    return `${this.coordinate} ${/** @type {any} */ (a?.scene)?.states}`;
  }
}

/** @type {Lab} */
export default {
  id: 'filter',
  views: [states, density, ranks, accuracy],
  make: (tools) => new Filters(tools),
  title: titleOf,
  story,
  equations,
  lacking,
  against,
  plural: 'members',
  tries: TRIES,
  help: HELP,
  controls: {
    first: ['model', 'method'],
    fold: {
      name: 'Model and observations',
      keys: ['wells', 'noise-x', 'states', 'forcing', 'model-noise', 'truth.wells', 'truth.noise-x', 'truth.forcing', 'cycles', 'interval',
        'dt', 'initial', 'burn-in', 'operator', 'mask', 'coordinates', 'observed', 'every', 'noise-y', 'y', 'truth-seed'],
      open: () => false,
    },
  },
};
