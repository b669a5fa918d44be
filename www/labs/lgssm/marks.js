// Lab lgssm: which observed numbers have a place in the picture, and where.

/** @typedef {import('../shared/observe.js').Marks<ChainScene>} Marks */

/**
 * @typedef {import('../../app/store.js').ChainScene} ChainScene
 * @typedef {import('./index.js').Side} Side
 */

/** The rows of an observation that see just one coordinate, from the top panel to the lowest. @param {ChainScene} scene */
export function placed({ seen }) {
  const rows = Array.from(seen, (_, r) => r).filter((r) => seen[r] >= 0);
  return rows.sort((p, q) => seen[p] - seen[q] || p - q);
}

/** Whether observations can be moved: numbers of one coordinate of one state each, at least some of them. @param {ChainScene} scene */
export function movable(scene) {
  return scene.operator === 'linear' && placed(scene).length > 0;
}

/** y for one unit of the axis of a row's coordinate. @param {ChainScene} scene @param {number} row */
const gain = ({ observation, seen, states }, row) => observation[row * states + seen[row]];

/** Places of values on their axes, NaN where there is none; of a linear operator. @param {ChainScene} scene @param {number[]} y */
export function places(scene, y) {
  return y.map((v, i) => (scene.seen[i % scene.rows] >= 0 ? v / gain(scene, i % scene.rows) : NaN));
}

/**
 * O times a mean at an index: the values of an observation that says nothing new.
 * @param {ChainScene} scene
 * @param {ArrayLike<number>} mean
 * @param {number} index
 */
function expected({ observation, rows, states }, mean, index) {
  return Array.from({ length: rows }, (_, r) => {
    let sum = 0;
    for (let j = 0; j < states; j++) sum += observation[r * states + j] * (mean[index * states + j] ?? 0);
    return sum;
  });
}

/** Values as a link holds them: four decimals on the axis, or of y where that is more. @param {ChainScene} scene @param {number[]} y */
function written({ observation, rows, states }, y) {
  const most = Array.from({ length: rows }, (_, r) => Math.max(...Array.from(observation.slice(r * states, (r + 1) * states), Math.abs)));
  return y.map((v, i) => {
    const unit = most[i % rows];
    const digits = unit > 0 && unit < 1 ? Math.min(12, 4 + Math.ceil(-Math.log10(unit))) : 4;
    return String(Number(v.toFixed(digits)));
  });
}

/** A power of ten that makes the picture a few units high. @param {ChainScene} scene */
const unitOf = ({ reach }) => 10 ** Math.round(Math.log10(reach / 3));

/** The name of a row's value. @param {ChainScene} scene @param {number} row */
export const nameOf = ({ rows }, row) => (rows > 1 ? `y${'₁₂₃₄'[row]}` : 'y');

/** Means over windows on the axis of the first coordinate, where that is what is observed. @param {Side} side */
export function windows({ scene, info }) {
  if (scene.operator !== 'window' || scene.rows !== 1 || info.values.model === 'custom') return null;
  return Array.from(scene.y, (v) => v / (info.values.model === 'ar1' ? Number(info.values.c ?? 1) : 1));
}

/** Whether two sides see the same. @param {Side} p @param {Side} q */
function alike({ scene: p }, { scene: q }) {
  const same = (/** @type {ArrayLike<number>} */ u, /** @type {ArrayLike<number>} */ v) =>
    u.length === v.length && Array.prototype.every.call(u, (x, i) => x === v[i]);
  return p.length === q.length && p.operator === q.operator
    && same(p.observed, q.observed) && same(p.y, q.y) && same(p.observation, q.observation);
}

/** Where the frame stops a move. @param {ChainScene} scene */
function edgeWords({ reach, most }) {
  return reach < 0.99 * most
    ? 'The frame ends here: it grows when the move is over.'
    : 'The frame ends here: values further out go into the field “Observed values”.';
}

/** The observations of a chain, moved by hand. @type {Marks} */
export const MARKS = {
  view: 'chain',
  axis: {
    key: 'length', first: 0, most: 1000, every: 4, state: 'state', index: 'index', indices: 'indices', whole: 'chain',
    regular: (length, every) => Array.from({ length: Math.ceil(length / every) }, (_, k) => k * every),
  },
  movable: ({ scene }) => movable(scene),
  states: ({ states }) => states,
  indices: ({ length }) => [0, length - 1],
  count: ({ rows }) => rows,
  rows: placed,
  panel: ({ seen }, row) => seen[row],
  places: ({ scene }, row, y) => (scene.seen[row] >= 0 ? [y / gain(scene, row)] : []),
  value: ({ scene }, row, place) => place * gain(scene, row),
  frame: ({ scene: { reach } }) => [-reach, reach],
  edge: ({ scene }) => edgeWords(scene),
  unit: ({ scene }) => unitOf(scene),
  expected: ({ scene }, mean, index) => expected(scene, mean, index),
  written: ({ scene }, y) => written(scene, y),
  name: ({ scene }, row) => nameOf(scene, row),
  law: ({ scene }, row) => (scene.states > 1 ? ` x${'₁₂₃₄'[scene.seen[row]]}` : gain(scene, row) === 1 ? '' : ' x'), // y is in other units
  exact: ({ scene }) => scene,
  alike,
  last: 'This is the last observation: it stays. With the guidance “None” the observations are not used at all.',
  again: 'The observations are those of the simulated chain again.',
};
