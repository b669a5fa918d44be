// Lab filter, view "density": the update of one cycle, along one coordinate.
import { number, settled } from '../../plots/kit.js';
import { prose, sentences } from '../../plots/prose.js';
import { drawUpdate } from '../../plots/update.js';
import { answerOf } from '../../app/answers.js';
import { frameAt } from '../../app/store.js';
import { segmented } from '../../ui/choices.js';
import { h } from '../../ui/dom.js';
import { many } from '../shared/words.js';
import { OPERATORS, column, isLaw, lawsAt, observedAt, ownAt, placesOf, spanOf, weightsAt } from './laws.js';
import { heldOf, referenceJob, referenceWords } from './reference.js';
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
 * @param {Record<'before'|'before_sd'|'mean'|'sd', ArrayLike<number>>|undefined} exact
 * @returns {[number, number]}
 */
function around(side, cycle, c, parts, exact) {
  const { scene } = side;
  const wide = spanOf([side], c);
  if (scene.states === 1 || (!exact && !parts.forecast && !isLaw(side))) return wide;
  let lo = scene.truth[cycle * scene.states + c];
  let hi = lo;
  const add = (/** @type {number} */ x) => {
    lo = Math.min(lo, x);
    hi = Math.max(hi, x);
  };
  const known = exact && cycle * scene.states < exact.mean.length;
  if (known) {
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
function waysOf(update, { states, n, coordinates }, c, noise) {
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
  const told = [way, noise && 'from noise', gainText(update, coordinates, c)].filter(Boolean).join(', ');
  return { paths: Array.from({ length: few }, (_, j) => one(j)), way: told };
}

/**
 * The gain of a coordinate from its own observation; empty where there is none.
 * @param {FilterUpdate} update @param {ArrayLike<number>} coordinates @param {number} c
 */
function gainText({ gain }, coordinates, c) {
  const r = Array.from(coordinates).indexOf(c);
  return gain.length && r >= 0 ? `gain ${number(gain[c * coordinates.length + r])}` : '';
}

/**
 * The members of a cycle without an update, as far as a frame has them.
 * @param {Side} side @param {number} frame @param {number} cycle @param {number} c
 */
function forecastOf({ scene, run }, frame, cycle, c) {
  if (scene.observed.includes(cycle) || !scene.shown || run.reached <= frame) return null;
  const size = scene.shown * scene.states;
  return column(run.data.members.subarray(frame * size, (frame + 1) * size), scene.states, c);
}

/** Weights that add up to 1. @param {ArrayLike<number>} all */
function shares(all) {
  const sum = Array.from(all).reduce((p, w) => p + w, 0);
  return Float64Array.from(all, (w) => w / sum);
}

/**
 * The reference at a cycle, before and after the update, in bins.
 * @param {import('./reference.js').Reference} reference @param {number} cycle @param {number} c
 */
function binsAt({ points }, cycle, c) {
  const point = points[cycle];
  if (!point) return { prior: null, posterior: null };
  const [first, width] = point.axis.slice(2 * c, 2 * c + 2);
  const bins = (2 * point.density.length) / point.axis.length;
  const xs = Array.from({ length: bins }, (_, i) => first + i * width);
  const cut = (/** @type {ArrayLike<number>} */ p) => ({ xs, p: Array.from(p).slice(c * bins, (c + 1) * bins) });
  return { prior: cut(point.prior), posterior: cut(point.density) };
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

/**
 * Where in the way of a member the score is drawn, and what it is there; null where no score on the line is known.
 * @param {FilterUpdate|null} update @param {boolean} noise  the way begins behind the forecast
 * @returns {import('../../plots/update.js').Field|null}
 */
function fieldOf(update, noise) {
  if (!update?.field_steps.length || !update.watched) return null;
  const { field, field_axis: [first, spacing], field_steps: steps, watched, paths } = update;
  const skipped = noise ? 1 : 0;
  const count = field.length / steps.length;
  const last = paths.length / watched - 1 - skipped; // of a state of one number
  return {
    first, spacing, count, score: field,
    heights: Array.from(steps, (step) => (step - skipped) / last),
  };
}

/** @param {Look} look */
function describe({ state, side, frame, own }) {
  const { scene } = side;
  const cycle = scene.level_index[frame];
  const c = Math.min(own.coordinate, scene.states - 1);
  const y = observedAt(scene, cycle, c);
  const held = heldOf(state, side);
  const i = cycle * scene.states + c;
  const law = held && i < held.law.mean.length ? held.law : null;
  const spread = (/** @type {number} */ m, /** @type {number} */ s) => `${number(settled(m, s))} ± ${number(s)}`;
  return sentences(
    `The update of cycle ${cycle}${scene.states > 1 ? `, coordinate ${c + 1}` : ''}:`,
    y === null ? 'not observed.' : `observed ${number(y)}, truth ${number(scene.truth[i])}.`,
    cycle > 0 && !scene.observed.includes(cycle) && 'The analysis is the forecast: both panels are equal.',
    law && prose`The ${held?.reference ? 'reference' : 'exact law'} goes from ${spread(law.before[i], law.before_sd[i])} to
      ${spread(law.mean[i], law.sd[i])}.`);
}

/** Whether members are moved by a score on the line. @param {Side} side */
const isMoved = ({ scene, info: { values } }) => scene.states === 1
  && (values.method === 'ssls' || (values.method === 'ensf' && values.pairing === 'full'));

/** @type {View} */
export const density = {
  id: 'density',
  job: referenceJob,
  needs: (state, side) => [...asked(side), { question: 'update', of: 'run', args: { cycle: cycleOf(state, side) }, keep: 40 }],
  note,
  draw(s, look) {
    const { state, side, frame, pal, own } = /** @type {Look} */ (look);
    const { scene, id, info } = side;
    const held = heldOf(state, side);
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
    const kept = left ? shares(weightsAt(side, frame)) : [];
    const parts = {
      forecast: some ? column(shown.forecast, scene.states, c) : left,
      analysis: some ? column(shown.analysis, scene.states, c) : left,
      carried: some ? shown.carried : kept,
      weights: some ? shown.weights : kept,
      keeps: some ? shown.keeps : kept.length > 0,
    };
    const span = around(side, cycle, c, parts, held?.law);
    const noise = info.values.method === 'ensf';
    const laws = held?.reference ? binsAt(held.reference, cycle, c) : lawsAt(held?.law, scene, cycle, c, span);
    drawUpdate(s, {
      ...parts, ...laws, ...waysOf(shown, scene, c, noise), field: fieldOf(shown, noise),
      law: held?.reference ? 'reference density' : 'exact density',
      truth: scene.truth[cycle * scene.states + c], span, side: id, pal,
      likelihood: y === null ? null : (x) => Math.exp(-0.5 * ((y - seen(x)) / sd) ** 2),
      marks: y === null ? [] : placesOf(side)(y),
      name: `${scene.states > 1 ? `x${sub(c + 1)}` : 'state x'} at cycle ${cycle}`,
      own: isLaw(side) && side.run.reached > frame ? ownAt(side, frame, c, span) : null,
      note: noteOf(side, cycle, update),
      equal: cycle > 0 && !scene.observed.includes(cycle),
    });
  },
  describe,
  words({ a }) {
    const side = /** @type {Side|null} */ (/** @type {unknown} */ (a));
    if (!side) return '';
    return sentences(
      prose`Above is the forecast of the shown cycle, below the analysis: the forecast times the likelihood of the observation, normalised.
        ${side.scene.n > 0 ? 'Bars are members, lines between the two panels the way of some of them; a way in one jump is an arrow.'
        : isLaw(side) ? 'The method has no members: its analysis is drawn as the normal law with its mean and spread.' : ''}`,
      side.scene.known ? 'Ink is exact.' : referenceWords(side),
      side.run.data.ess && 'Dots between the panels are members of the forecast: their area is the weight that the observation gives them.',
      isMoved(side) && prose`Arrows are the score that moves the members: of the forecast, learned from its members, and of the likelihood.
        A score says where to go, not how much weight a mode has.`,
      'At a cycle that is not observed the analysis is the forecast: both panels are equal. Of a large run not every update is kept.',
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
