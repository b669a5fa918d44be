// Lab filter, the words: the story of a run and its equations.
import { number } from '../../plots/kit.js';
import { h } from '../../ui/dom.js';
import { formula, prose, sentences } from '../../plots/prose.js';
import { many, part } from '../shared/words.js';
import { METHODS } from './methods.js';

/**
 * @typedef {import('../shared/words.js').Values} Values
 * @typedef {import('../shared/words.js').Formula} Formula
 * @typedef {import('./laws.js').FilterScene} FilterScene
 * @typedef {import('../../app/store.js').Side} Info
 */

export const HELP = {
  words: prose`The line is the simulated truth, diamonds are what is observed of it, dots are the members of the filter. The cycles run from
    left to right; a system of three numbers is shown in space, where a drag turns it, and one of many numbers as maps. Move the slider or
    play to walk from cycle to cycle.`,
};

/** The name of a choice. @param {Info} info @param {string} key */
function named({ controls, values }, key) {
  const own = controls.find((c) => c.key === key);
  return own?.choices.find((c) => c.value === values[key])?.label ?? values[key] ?? '';
}

/** Keys that are no part of what a filter is. */
const OUTSIDE = ['method', 'n', 'view', 'at', 'engine', 'lab', 'fp'];

/** A configuration in a line, with what differs from the other. @param {Info} info @param {Info|null} [other] */
export function titleOf(info, other) {
  const v = info.values;
  const base = `${named(info, 'method')}${v.n ? ` · N = ${v.n}` : ''}`;
  if (!other) return `${named(info, 'model')} · ${base}`;
  const changed = (/** @type {string} */ key) => other.values[key] !== undefined && other.values[key] !== v[key];
  const differs = info.controls.filter(({ key }) => !OUTSIDE.includes(key) && changed(key));
  return [base, ...differs.slice(0, 3).map((c) => `${c.label} ${named(info, c.key)}`)].join(' · ');
}

/** What a number is held against. @param {string} key @param {Values} values */
export function against(key, { n }) {
  if (key === 'w1' && n !== undefined) return `${n} exact draws`;
  return key === 'ess' ? 'of' : 'exact filter';
}

/** Why a number at the end is not there. @param {string} key @param {FilterScene} scene */
export function lacking(key, { observed, burn_in: burnIn }) {
  if (!observed.some((cycle) => cycle > burnIn)) return 'no analysed cycle after burn-in';
  return key === 'w1' ? 'exact filter ended early' : '';
}

/** The noise that is added to the model. @param {Values} v */
const noiseOf = (v) => Number(v['model-noise'] ?? 0);

/** What it adds to the variance of a linear model. @param {Values} v */
const widened = (v) => (noiseOf(v) > 0 ? formula`+ q^2 , \; q = ${number(noiseOf(v))}` : '');

/** The noise after every step of the others. @param {Values} v @returns {Formula[]} */
const added = (v) => (noiseOf(v) > 0 ? [{
  tex: formula`x \leftarrow x + q \sqrt{h} \, z , \; q = ${number(noiseOf(v))}`,
  note: 'Model noise, added after every step of length h, in truth and filter alike.',
}] : []);

// ── models ─────────────────────────────────────────────────────────────────────────────────────
/** @type {Record<string, (v: Values) => { name: string, formulas: Formula[] }>} */
const MODELS = {
  'double-well': (v) => ({
    name: 'a particle in a double well, carried from one side to the other by noise',
    formulas: [{
      tex: formula`dX = c (X - X^3) dt + s \, dB , \; c = ${number(Number(v.wells))} , \; s = ${number(Number(v['noise-x']))}`,
      note: prose`By Euler and Maruyama: x ← x + c(x − x³)h + s√h·z. The wells are at ±1, with the ridge at 0 between them.`,
    }, ...added(v)],
  }),
  lorenz63: (v) => ({
    name: 'Lorenz’s model of convection',
    formulas: [{
      tex: formula`\dot x_1 = 10 (x_2 - x_1) , \; \dot x_2 = x_1 (28 - x_3) - x_2 , \; \dot x_3 = x_1 x_2 - \frac{8}{3} x_3`,
      note: 'Chaotic: a small error grows by e in 1.1 time units. Steps by Runge and Kutta, of order 4.',
    }, ...added(v)],
  }),
  lorenz96: (v) => ({
    name: `Lorenz’s circle of ${v.states} places`,
    formulas: [{
      tex: formula`\dot x_i = (x_{i+1} - x_{i-2}) x_{i-1} - x_i + F , \; F = ${number(Number(v.forcing))}`,
      note: `Indices modulo ${v.states}. Steps by Runge and Kutta, of order 4.`,
    }, ...added(v)],
  }),
  ar1: (v) => ({
    name: 'an autoregressive process',
    formulas: [{
      tex: formula`x \leftarrow 0.9 x + b z , \; b^2 = 0.19 ${widened(v)}`,
      note: prose`Each unit of time. Linear, with normal noise. The stationary variance is b²/.19 =
        ${number((0.19 + noiseOf(v) ** 2) / 0.19)}.`,
    }],
  }),
  spiral: (v) => ({
    name: 'a damped rotation pushed by noise',
    formulas: [{
      tex: formula`x \leftarrow 0.98 \, R(0.3) x + b z , \; b^2 = 0.01 ${widened(v)}`,
      note: prose`Each unit of time. R is the rotation of the plane. Linear, with normal noise. The stationary variance of a coordinate is
        b²/.0396 = ${number((0.01 + noiseOf(v) ** 2) / 0.0396)}.`,
    }],
  }),
  static: (v) => ({
    name: `a normal law of ${many(Number(v.states), 'number')} that does not move`,
    formulas: [{ tex: 'x_k = x_{k-1} , \\; x_0 \\sim {\\cal N}(0, I)', note: 'What is left is the update.' }],
  }),
};

const SEEN = /** @type {Record<string, string>} */ ({
  identity: 'u', abs: '|u|', square: 'u^2', cubic: 'u^3', arctan: '\\arctan u',
});

/** @param {Values} v @param {FilterScene} scene @returns {Formula[]} */
function observation(v, { observed, coordinates, states }) {
  const some = coordinates.length === states ? 'all' : `${coordinates.length} of ${states}`;
  return [{
    tex: formula`y = h(u) + {\cal N}(0, r^2) , \; h(u) = ${SEEN[v.operator] ?? 'u'} , \; r = ${number(Number(v['noise-y']))}`,
    note: sentences(
      states > 1 && `Of ${some} coordinates, each with noise of its own.`,
      `At ${many(observed.length, 'cycle')}; the start is not observed.`),
  }];
}

/** Numbers that the truth may have of its own, with their letters. */
const OWN = [['wells', 'c'], ['noise-x', 's'], ['forcing', 'F']];

/** The error of the filter’s model in words; empty where it is that of the truth. @param {Values} v */
export function errorOf(v) {
  const wrong = OWN.filter(([key]) => v[`truth.${key}`] !== undefined && Number(v[`truth.${key}`]) !== Number(v[key]));
  return wrong.map(([key, letter]) => prose`${letter} = ${number(Number(v[key]))} where the truth has
    ${number(Number(v[`truth.${key}`]))}`).join(', and ');
}

/** The law of the first state, where the key `initial` does not say. @type {Record<string, string>} */
const FIRST = {
  spiral: '{\\cal N}(0, b^2 /0.0396 \\, I) , \\; b = 0.1',
  lorenz63: '{\\cal N}((1.509, -1.531, 25.46), 2 I)',
  lorenz96: '{\\cal N}((1, 0, \\dots , 0), 0.001 I)',
  static: '{\\cal N}(0, I)',
};

/** The law of the first state. @param {Values} v @returns {string} */
function firstOf(v) {
  if (v.initial === undefined || v.initial === 'model') return FIRST[v.model] ?? '{\\cal N}(0, 1)';
  const [means, sds, weights] = v.initial.split(';').map((row) => row.split(',').map(Number));
  const share = (/** @type {number} */ i) => (weights ? weights[i] / weights.reduce((p, w) => p + w, 0) : 1 / means.length);
  const law = (/** @type {number} */ m, /** @type {number} */ i) => formula`{\cal N}(${number(m)}, ${number(sds[i])}^2)`;
  return means.map((m, i) => (means.length > 1 ? formula`${number(share(i))} \, ${law(m, i)}` : law(m, i))).join(' + ');
}

/** "What you see" of one configuration. @param {any} side @param {string} color */
export function story({ info, scene }, color) {
  const v = info.values;
  const places = scene.coordinates.length;
  const seen = `${many(scene.observed.length, 'observation')}${places > 1 ? ` of ${places} coordinates` : ''}`;
  return sentences(
    prose`The truth is ${MODELS[v.model]?.(v).name ?? v.model}. The filter knows
      the model${errorOf(v) && `, but with ${errorOf(v)},`} and ${seen} with noise ${number(Number(v['noise-y']))}.`,
    `${color ? `In ${color}` : 'Method'}${scene.n > 0 ? `, ${many(scene.n, 'member')}` : ''}: ${named(info, 'method')}.`,
    METHODS[v.method]?.(v).story);
}

/** @param {any} side */
export function equations({ info, scene }) {
  const v = info.values;
  const clock = {
    tex: formula`t_k = ${scene.interval === 1 ? '' : formula`${number(scene.interval)} \, `}k , \; k = 0 , \dots , ${scene.steps} ,
      \; x_0 \sim ${firstOf(v)}`,
    note: prose`${many(scene.substeps, 'step')} of the model between two cycles. Truth and filter start in the same
      law${scene.n > 0 ? ', with draws of their own' : ''}.`,
  };
  return h('div.equations', {},
    part('Model', [...(MODELS[v.model]?.(v).formulas ?? []), clock]),
    part('Observations', observation(v, scene)),
    part(`Method: ${named(info, 'method')}`, METHODS[v.method]?.(v).formulas ?? []));
}
