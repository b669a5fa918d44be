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
  words: prose`From left to right run the cycles. The line is the simulated truth, diamonds are what is observed of it, dots are the
    members of
    the filter. Move the slider or play to walk from cycle to cycle.`,
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

/** What a number is held against. @param {string} key */
export const against = (key) => (key === 'ess' ? 'of' : 'exact filter');

/** Why a number at the end is not there. @param {string} key @param {FilterScene} scene */
export function lacking(key, { observed, burn_in: burnIn }) {
  if (!observed.some((cycle) => cycle > burnIn)) return 'no analysed cycle after burn-in';
  return key === 'w1' ? 'exact filter ended early' : '';
}

// ── models ─────────────────────────────────────────────────────────────────────────────────────
/** @type {Record<string, (v: Values) => { name: string, formulas: Formula[] }>} */
const MODELS = {
  'double-well': (v) => ({
    name: 'a particle in a double well, carried from one side to the other by noise',
    formulas: [{
      tex: formula`dX = c (X - X^3) dt + s \, dB , \; c = ${number(Number(v.wells))} , \; s = ${number(Number(v['noise-x']))}`,
      note: 'By Euler and Maruyama: x ← x + c(x − x³)h + s√h·z. The wells are at ±1, with the ridge at 0 between them.',
    }],
  }),
  lorenz63: () => ({
    name: 'Lorenz’s model of convection',
    formulas: [{
      tex: formula`\dot x_1 = 10 (x_2 - x_1) , \; \dot x_2 = x_1 (28 - x_3) - x_2 , \; \dot x_3 = x_1 x_2 - \frac{8}{3} x_3`,
      note: 'Chaotic: a small error grows by e in 1.1 time units. Steps by Runge and Kutta, of order 4.',
    }],
  }),
  lorenz96: (v) => ({
    name: `Lorenz’s circle of ${v.states} places`,
    formulas: [{
      tex: formula`\dot x_i = (x_{i+1} - x_{i-2}) x_{i-1} - x_i + F , \; F = ${number(Number(v.forcing))}`,
      note: `Indices modulo ${v.states}. Steps by Runge and Kutta, of order 4.`,
    }],
  }),
  ar1: () => ({
    name: 'an autoregressive process',
    formulas: [{
      tex: 'x_k = 0.9 x_{k-1} + b z_k , \\; b^2 = 0.19',
      note: 'Linear and Gaussian: the Kalman filter is exact. The stationary variance is 1.',
    }],
  }),
  spiral: () => ({
    name: 'a damped rotation pushed by noise',
    formulas: [{
      tex: 'x_k = 0.98 \\, R(0.3) x_{k-1} + 0.1 z_k',
      note: 'R is the rotation of the plane. Linear and Gaussian: the Kalman filter is exact.',
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
    note: `${states > 1 ? `Of ${some} coordinates. ` : ''}At ${many(observed.length, 'cycle')}; the start is not observed.`,
  }];
}

/** @param {Values} v */
const hasError = (v) => ['truth.wells', 'truth.noise-x', 'truth.forcing'].some((key) => v[key] !== undefined);

/** "What you see" of one configuration. @param {any} side @param {string} color */
export function story({ info, scene }, color) {
  const v = info.values;
  return sentences(
    prose`The truth is ${MODELS[v.model]?.(v).name ?? v.model}. The filter knows the
      model${hasError(v) ? ', but with other numbers than the truth has,' : ''}
      and ${many(scene.observed.length, 'observation')} with noise ${number(Number(v['noise-y']))}.`,
    `In ${color}${scene.n > 0 ? `, ${many(scene.n, 'member')}` : ''}: ${named(info, 'method')}.`,
    METHODS[v.method]?.(v).story);
}

/** @param {any} side */
export function equations({ info, scene }) {
  const v = info.values;
  const clock = {
    tex: formula`t_k = ${number(scene.interval)} \, k , \; k = 0 , \dots , ${scene.steps}`,
    note: `${many(scene.substeps, 'step')} of the model between two cycles. Truth and members start in the same law, with draws of their
      own.`,
  };
  return h('div.equations', {},
    part('Model', [...(MODELS[v.model]?.(v).formulas ?? []), clock]),
    part('Observations', observation(v, scene)),
    part(`Method: ${named(info, 'method')}`, METHODS[v.method]?.(v).formulas ?? []));
}
