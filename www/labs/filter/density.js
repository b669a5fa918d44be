// Lab filter, view "density": the update of one cycle, along one coordinate.
import { number } from '../../plots/kit.js';
import { prose, sentences } from '../../plots/prose.js';
import { drawUpdate } from '../../plots/update.js';
import { answerOf } from '../../app/answers.js';
import { frameAt } from '../../app/store.js';
import { segmented } from '../../ui/choices.js';
import { h } from '../../ui/dom.js';
import { many } from '../shared/words.js';
import { OPERATORS, column, exactOf, isLaw, lawsAt, observedAt, ownAt, placesOf, spanOf } from './laws.js';
import { asked, note, sub } from './states.js';

/**
 * @typedef {import('./laws.js').Side} Side
 * @typedef {import('./laws.js').FilterExact} FilterExact
 * @typedef {import('./laws.js').FilterUpdate} FilterUpdate
 * @typedef {import('./laws.js').FilterScene} FilterScene
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('./laws.js').Look} Look
 */

const WAYS = 24;
const FEW = 9; // paths of many steps
const FEW_NAMES = 4; // coordinates that are a row of choices; more are a menu

/** The cycle where the slider stands. @param {State} state @param {Side} side */
const cycleOf = (state, side) => side.scene.level_index[Math.max(0, frameAt(/** @type {any} */ (side), state.at))];

/**
 * The axis of one update: where forecast and analysis are.
 * @param {Side} side @param {number} cycle @param {number} c
 * @param {{ forecast: Float64Array|null, analysis: Float64Array|null }} parts
 * @returns {[number, number]}
 */
function around(side, cycle, c, parts) {
  const { scene } = side;
  const exact = exactOf(side);
  const wide = spanOf([side], c);
  if (scene.states === 1 || (!exact && !parts.forecast && !isLaw(side))) return wide;
  let lo = scene.truth[cycle * scene.states + c];
  let hi = lo;
  const add = (/** @type {number} */ x) => {
    lo = Math.min(lo, x);
    hi = Math.max(hi, x);
  };
  if (exact) {
    const i = cycle * scene.states + c;
    for (const k of [-3, 3]) {
      add(exact.before[i] + k * exact.before_sd[i]);
      add(exact.mean[i] + k * exact.sd[i]);
    }
  }
  const frame = scene.level_index.indexOf(cycle);
  if (isLaw(side) && side.run.reached > frame) {
    const i = frame * scene.states + c;
    const reach = wide[1] - wide[0]; // a filter that has lost the truth may have any spread
    for (const k of [-3, 3]) add(Math.max(wide[0] - reach, Math.min(wide[1] + reach, side.run.data.mean[i] + k * side.run.data.sd[i])));
  }
  for (const all of [parts.forecast, parts.analysis]) all?.forEach(add);
  const y = observedAt(scene, cycle, c);
  if (y !== null) placesOf(side)(y).forEach((x) => Math.abs(x) < 1e3 && add(x));
  const pad = 0.08 * (hi - lo) || 1;
  return [lo - pad, hi + pad];
}

/**
 * The way of some members, from the forecast to the analysis.
 * @param {FilterUpdate|null} update @param {FilterScene} scene @param {number} c @param {boolean} noise  it begins with noise
 * @returns {{ paths: number[][], way: string }}
 */
function waysOf(update, { states, n }, c, noise) {
  if (!update || n === 0) return { paths: [], way: '' };
  const { watched, paths, ancestors, forecast, analysis } = update;
  const places = watched ? paths.length / (watched * states) : 0;
  if (ancestors.length && places <= 2) {
    const every = Math.max(1, Math.floor(n / WAYS));
    const some = Array.from({ length: Math.min(WAYS, n) }, (_, i) => i * every);
    return { paths: some.map((j) => [forecast[ancestors[j] * states + c], analysis[j * states + c]]), way: 'which member is drawn again' };
  }
  const first = noise && places > 2 ? 1 : 0; // a reverse diffusion begins with noise, not with the forecast
  const at = (/** @type {number} */ i, /** @type {number} */ j) => paths[((i + first) * watched + j) * states + c];
  const one = (/** @type {number} */ j) => Array.from({ length: places - first }, (_, i) => at(i, j));
  const few = places > 2 ? Math.min(FEW, watched) : watched;
  const way = places > 2 ? `the steps of ${many(few, 'member')}` : `the way of ${many(few, 'member')}`;
  return { paths: Array.from({ length: few }, (_, j) => one(j)), way: noise ? `${way}, from noise` : way };
}

/**
 * The members of a cycle without an update, as far as a frame has them; none where their weights are not known.
 * @param {Side} side @param {number} frame @param {number} cycle @param {number} c
 */
function forecastOf({ scene, run, info }, frame, cycle, c) {
  const weighted = info.values.method === 'pf' && info.values.resample !== '1';
  if (scene.observed.includes(cycle) || weighted || !scene.shown || run.reached <= frame) return null;
  const size = scene.shown * scene.states;
  return column(run.data.members.subarray(frame * size, (frame + 1) * size), scene.states, c);
}

/** What is said beside or in place of members. @param {Side} side @param {number} cycle @param {FilterUpdate|null|undefined} update */
function noteOf({ scene, run }, cycle, update) {
  if (scene.n === 0) return '';
  if (cycle === 0) return 'the start: no update';
  if (!scene.observed.includes(cycle)) return 'not observed';
  if (run.state === 'error') return 'the run did not end';
  if (run.state !== 'done') return 'members when the run is done';
  return update && update.stride > 1 ? `one update in ${update.stride} is kept` : '';
}

/** @param {Look} look */
function describe({ side, frame, own }) {
  const { scene } = side;
  const cycle = scene.level_index[frame];
  const c = Math.min(own.coordinate, scene.states - 1);
  const y = observedAt(scene, cycle, c);
  const exact = exactOf(side);
  const i = cycle * scene.states + c;
  return sentences(
    `The update of cycle ${cycle}${scene.states > 1 ? `, coordinate ${c + 1}` : ''}:`,
    y === null ? 'not observed.' : `observed ${number(y)}, truth ${number(scene.truth[i])}.`,
    exact && prose`The exact law goes from ${number(exact.before[i])} ± ${number(exact.before_sd[i])} to ${number(exact.mean[i])} ±
      ${number(exact.sd[i])}.`);
}

/** @type {View} */
export const density = {
  id: 'density',
  needs: (state, side) => [...asked(side), { question: 'update', of: 'run', args: { cycle: cycleOf(state, side) }, keep: 40 }],
  note,
  draw(s, look) {
    const { side, frame, pal, own } = /** @type {Look} */ (look);
    const { scene, id, info } = side;
    const cycle = scene.level_index[frame];
    const c = Math.min(own.coordinate, scene.states - 1);
    /** @type {FilterUpdate|null|undefined} */
    const update = answerOf(side, 'update', { cycle }, 'run');
    const shown = update?.cycle === cycle ? update : null;
    const y = observedAt(scene, cycle, c);
    const seen = OPERATORS[info.values.operator] ?? OPERATORS.identity;
    const sd = Number(info.values['noise-y']);
    const some = shown && scene.n > 0;
    const left = some ? null : forecastOf(side, frame, cycle, c);
    const parts = {
      forecast: some ? column(shown.forecast, scene.states, c) : left,
      analysis: some ? column(shown.analysis, scene.states, c) : left,
      weights: some ? shown.weights : [],
    };
    const span = around(side, cycle, c, parts);
    drawUpdate(s, {
      ...parts, ...lawsAt(exactOf(side), scene, cycle, c, span), ...waysOf(shown, scene, c, info.values.method === 'ensf'),
      truth: scene.truth[cycle * scene.states + c], span, side: id, pal,
      likelihood: y === null ? null : (x) => Math.exp(-0.5 * ((y - seen(x)) / sd) ** 2),
      marks: y === null ? [] : placesOf(side)(y),
      name: `${scene.states > 1 ? `x${sub(c + 1)}` : 'state x'} at cycle ${cycle}`,
      own: isLaw(side) && side.run.reached > frame ? ownAt(side, frame, c, span) : null,
      note: noteOf(side, cycle, update),
    });
  },
  describe,
  words({ a }) {
    const side = /** @type {Side|null} */ (/** @type {unknown} */ (a));
    if (!side) return '';
    return sentences(
      prose`Above is the forecast of the shown cycle, below the analysis: the forecast times the likelihood of the observation, normalised.
        ${side.scene.n > 0 ? 'Bars are members, lines between the two panels the way of some of them.'
        : isLaw(side) ? 'The method has no members: its analysis is drawn as the normal law with its mean and spread.' : ''}`,
      side.scene.known ? 'Ink is exact.' : 'No exact law is known here.',
      'At a cycle that is not observed the analysis is the forecast. Of a large run not every update is kept.',
      'Move the slider to see another cycle.');
  },
  options({ a }, own) {
    const n = /** @type {any} */ (a?.scene)?.states ?? 1;
    if (n < 2) return [];
    const names = Array.from({ length: n }, (_, c) => /** @type {[string, string]} */ ([String(c), `x${sub(c + 1)}`]));
    const now = String(Math.min(own.coordinate, n - 1));
    const choose = (/** @type {string} */ v) => {
      own.coordinate = Number(v);
      own.tools.redraw();
    };
    if (n <= FEW_NAMES) return [segmented('Coordinate', 'coordinate', names, now, choose)];
    const menu = h('select', { 'aria-label': 'Coordinate', onchange: () => choose(menu.value) },
      ...names.map(([value, name]) => h('option', { value, selected: value === now }, name)));
    return [menu];
  },
};
