// Lab filter: observations that are moved by hand, in models of one number.
import { OPERATORS, exactOf, placesOf, spanOf } from './laws.js';

/** @typedef {import('./laws.js').FilterScene} FilterScene */

/** A power of ten that makes an axis a few units high. @param {[number, number]} span */
const unitOf = ([lo, hi]) => 10 ** Math.round(Math.log10((hi - lo) / 6));

/** @type {import('../shared/observe.js').Marks<FilterScene>} */
export const MARKS = {
  view: 'states',
  axis: {
    key: 'cycles', first: 1, most: 2000, every: 1, state: 'cycle', index: 'cycle', indices: 'cycles', whole: 'run',
    regular: (length, every) => Array.from({ length: Math.floor(length / every) }, (_, k) => (k + 1) * every),
  },
  movable: ({ scene }) => scene.states === 1,
  states: () => 1,
  indices: ({ steps }) => [1, steps],
  count: () => 1,
  rows: () => [0],
  panel: () => 0,
  places: (side, _row, y) => placesOf(side)(y),
  value: ({ info }, _row, place) => (OPERATORS[info.values.operator] ?? OPERATORS.identity)(place),
  frame: (side) => spanOf([side], 0),
  edge: () => 'The frame ends here: values further out go into the field “Observed values”.',
  unit: (side) => unitOf(spanOf([side], 0)),
  expected: ({ info }, mean, index) => [(OPERATORS[info.values.operator] ?? OPERATORS.identity)(mean[index] ?? 0)],
  written: (_side, y) => y.map((v) => String(Number(v.toFixed(4)))),
  name: () => 'y',
  law: ({ info }) => (info.values.operator === 'identity' ? '' : ' x'),
  exact: exactOf,
  alike({ scene: p, info: u }, { scene: q, info: v }) {
    const same = (/** @type {ArrayLike<number>} */ x, /** @type {ArrayLike<number>} */ y) =>
      x.length === y.length && Array.prototype.every.call(x, (own, i) => own === y[i]);
    return u.values.operator === v.values.operator && p.steps === q.steps && same(p.observed, q.observed) && same(p.y, q.y);
  },
  last: 'This is the last observation: it stays. The method “Free run” does not use the observations at all.',
  again: 'The observations are those of the simulated truth again.',
};

/** How observations are moved, for those who do not see the picture. */
export const HOW_TO_MOVE = `Left and right arrows choose an observation, with Shift any cycle; up and down move it, with Shift five times as
  far; Enter adds one, Delete takes it away.`.replace(/\s+/g, ' ');
