// Lab lgssm, the words: the story of a run and its equations. What the views show is in views.js, the rules are in rules.js.
import { number, settled } from '../../plots/kit.js';
import { isLearned } from '../../app/store.js';
import { named } from '../../app/title.js';
import { h } from '../../ui/dom.js';
import { formula, prose, sentences } from '../../plots/prose.js';
import { gap, levels, many, network, num, part, process, sampler } from '../shared/words.js';
import { RULES, guidance } from './rules.js';
import { windowsOf } from './text.js';

/**
 * @typedef {import('../shared/words.js').Values} Values
 * @typedef {import('../shared/words.js').Formula} Formula
 * @typedef {import('../../app/store.js').ChainScene} ChainScene
 * @typedef {import('./index.js').Side} Side
 */

const MODELS = /** @type {Record<string, string>} */ ({
  ar1: 'a stationary autoregressive chain', 'damped-spring': 'a damped spring pushed by noise', rotation: 'a damped rotation',
  custom: 'a linear-Gaussian chain',
});

const METHODS = /** @type {Record<string, string>} */ ({ ar: 'Segment after segment', exact: 'Exact draws' });

/** How to use the picture, and its keys. */
export const HELP = {
  words: prose`From left to right runs the index of the chain. Grey is the simulated truth, diamonds are what is observed of it. Drag a
    diamond up or down: the exact posterior follows at once, the samples when you let go. Click at an index without a diamond to observe
    there. A double-click on a diamond, or its ×, takes it away.`,
  keys: [
    ['← and →', 'choose the observation before or after; with Shift any index'],
    ['↑ and ↓', 'move what is chosen; with Shift five times as far'],
    ['Enter', 'observe at the chosen index'],
    ['Delete', 'take the chosen observation away'],
    ['Escape', 'put back what is being dragged, choose nothing'],
  ],
};

/** Why a number at the end is not there. @param {string} key @param {ChainScene} scene */
export function lacking(key, { length, formed }) {
  if (key !== 'lag1') return '';
  return length === 1 ? 'one state has none' : formed ? '' : 'not formed at this length';
}

/** What a number is held against. @param {string} key @param {Values} v */
export const against = (key, v) => (key !== 'score_err' ? '' : isLearned(v) ? 'exact windows' : 'full score');

// ── the story of a run ─────────────────────────────────────────────────────────────────────────
/**
 * Whether a segment ends before an observation: it then misses what the exact posterior knows.
 * @param {Values} v
 * @param {ChainScene} scene
 */
function early(v, { observed, length }) {
  return observed[observed.length - 1] >= Math.min(length, Number(v.context ?? 1) + Number(v.horizon ?? 8));
}

/** What a run in segments misses. @param {Values} v @param {ChainScene} scene */
function filters(v, scene) {
  const heard = 'A segment hears of the observations up to its own end only';
  return early(v, scene)
    ? prose`${heard}: it filters where the exact posterior smooths, so that the samples stray wherever an observation is still to come.`
    : `${heard}; here none comes later.`;
}

/** What windows give up. @param {NonNullable<ReturnType<typeof windowsOf>>} own */
const windowed = ({ k, learned }) => sentences(
  `The score is put together from windows of ${2 * k + 1} states:`,
  learned
    ? 'those of a small network, so that its own error comes on top of what the windows do not see.'
    : 'exact at both ends of the noise and wrong between.');

/** "What you see" of one configuration. @param {Side} side @param {string} color */
export function story({ info, scene }, color) {
  const v = info.values;
  const free = v.guidance === 'none';
  const chains = `${many(Number(v.n), 'chain')} of ${many(scene.length, 'state')}`;
  const law = `${MODELS[v.model] ?? v.model}${free ? '' : ` given ${many(scene.observed.length, 'observation')}`}`;
  if (v.method === 'exact') {
    return prose`${chains} are drawn from the exact distribution, the law, of ${law}: no sampler, no score. What is left between
      ${gap(color)} is the luck of the draw.`;
  }
  const ar = v.method === 'ar';
  const own = windowsOf(v);
  const bias = RULES[v.guidance]?.bias ?? '';
  const exact = !ar && !own && !bias && scene.operator !== 'saturating';
  return sentences(
    prose`${chains} start as noise and are carried, ${ar ? 'segment after segment' : 'all states at once'}, by ${sampler(info).name} through
      ${many(Number(v.steps), 'step')} along ${process(v).name} to ${ar ? 'a' : 'the'} distribution, ${ar ? 'a' : 'the'} law, of ${law}.`,
    ar && !free && filters(v, scene),
    own && windowed(own),
    bias,
    exact && prose`Score${free ? ' is' : ' and guidance are'} exact, so what is left between ${gap(color)} is the sampler’s own error
      and the luck of the draw.`,
    !free && scene.operator === 'saturating' && prose`The operator is not linear, so every rule uses its derivative in its place: guidance
      is an approximation here.`);
}

// ── equations ──────────────────────────────────────────────────────────────────────────────────
/** A matrix in a line. @param {ArrayLike<number>} m @param {number} p */
function rows(m, p) {
  const most = Array.from(m).reduce((all, v) => Math.max(all, Math.abs(v)), 0);
  const row = (/** @type {number} */ i) => Array.from({ length: p }, (_, j) => number(settled(m[i * p + j], most))).join('  ');
  return `(${Array.from({ length: m.length / p }, (_, i) => row(i)).join(';  ')})`;
}

/**
 * What the presets of two coordinates are made of (src/process/lgssm/model.rs).
 * @type {Record<string, { tex: string, note: string, sigma: number[], seen: string }>}
 */
const PRESETS = {
  'damped-spring': {
    tex: 'T = \\exp F , \\; F = (0 , \\, 1 ; \\, -\\nu^2 , \\, -2 \\delta \\nu) , \\; \\nu = 0.5 , \\; \\delta = 0.1',
    note: 'An angle of ν√(1 − δ²) an index: a turn in 12.6 of them; an amplitude falls by e in 1/(δν) = 20.',
    sigma: [1, 0, 0, 0.25],
    seen: 'Position and velocity; the position is observed',
  },
  rotation: {
    tex: 'T = 0.95 \\cdot (\\cos \\theta , \\, -\\sin \\theta ; \\, \\sin \\theta , \\, \\cos \\theta) , \\; \\theta = \\pi / 8',
    note: 'A turn in 16 indices; 0.95 is what is left of an amplitude after one.',
    sigma: [1, 0, 0, 1],
    seen: 'The first coordinate is observed',
  },
};

/** Q = Σ − TΣTᵀ, of two coordinates. @param {ArrayLike<number>} t @param {number[]} sigma */
function pushed(t, sigma) {
  const from = (/** @type {number} */ i, /** @type {number} */ j) =>
    [0, 1].reduce((sum, k) => sum + t[2 * i + k] * sigma[3 * k] * t[2 * j + k], 0);
  const all = sigma.map((v, n) => Number((v - from(n >> 1, n & 1)).toPrecision(6)));
  return all.map((v) => (Math.abs(v) < 1e-12 ? 0 : v));
}

/** @param {Values} v @param {ChainScene} scene @returns {Formula[]} */
function ar1(v, { length }) {
  const a = Number(v.a ?? 0.9);
  const b = Number(v.b ?? Math.sqrt(0.19));
  return [
    {
      tex: 'x_i = a x_{i-1} + {\\cal N}(0, b^2) , \\; y_i = c x_i + {\\cal N}(0, d^2)',
      note: prose`a = ${number(a)}, b = ${number(b)}, c = ${num(v.c, '1')}, d = ${num(v.d, '0.5')}; the two noises are
        independent.`,
    },
    {
      tex: formula`x_i \sim {\cal N}(0, s^2) , \; s^2 = \frac{b^2}{1 - a^2} = ${number((b * b) / (1 - a * a))} ,
        \; \text{cov}(x_i , x_{i-k}) = a^{|k|} s^2`,
      note: `The stationary law; Σ₀ holds these for the whole chain, ${length} × ${length}.`,
    },
  ];
}

/** @param {Values} v @param {ChainScene} scene @returns {Formula[]} */
function model(v, scene) {
  if (v.model === 'ar1') return ar1(v, scene);
  const { transition, states, length } = scene;
  const preset = PRESETS[v.model];
  const what = preset?.seen;
  const T = `T = ${rows(transition, states)}`;
  const seen = what
    ? `${what}, with noise d = ${num(v.d, '0.5')}.`
    : `O = (${(v.O ?? '').replaceAll(';', '; ')}), R = (${(v.R ?? '').replaceAll(';', '; ')}).`;
  return [
    ...(preset ? [{
      tex: preset.tex,
      note: prose`${preset.note} ${T}, Σ = ${rows(preset.sigma, 2)}, Q = Σ − TΣTᵀ = ${rows(pushed(transition, preset.sigma), 2)}, by rows.`,
    }] : []),
    { tex: 'x_i = T x_{i-1} + {\\cal N}(0, Q) , \\; y_i = O x_i + {\\cal N}(0, R)', note: preset ? seen : `${T}, by rows. ${seen}` },
    {
      tex: formula`x_i \sim {\cal N}(0, \Sigma) , \; \text{vec} \Sigma = (I - T \otimes T)^{-1} \text{vec} Q ,
        \; \text{cov}(x_i , x_{i-k}) = T^k \Sigma`,
      note: `The stationary law; Σ₀ holds these for the whole chain, ${length * states} × ${length * states}.`,
    },
  ];
}

/** Where it is observed. @param {ChainScene} scene */
function indices({ observed }) {
  if (observed.length > 12) return `${observed.length} indices`;
  return `${observed.length === 1 ? 'index' : 'indices'} ${Array.from(observed).join(', ')}`;
}

/** @param {ChainScene} scene @returns {Formula[]} */
function seen(scene) {
  const at = indices(scene);
  const noise = 'R is the covariance of the noise of all observations.';
  switch (scene.operator) {
    case 'window':
      return [
        {
          tex: `y_i = \\frac{1}{w} \\sum_{j=i-w+1}^{i} O x_j + \\text{noise} , \\; w = ${scene.width}`,
          note: prose`At ${at}: each is the mean over the window that ends there, shorter where the chain begins. A collects them all.
        ${noise}`,
        },
      ];
    case 'saturating':
      return [
        {
          tex: 'y_i = \\frac{u}{1 + |u|} + \\text{noise} , \\; u = O x_i',
          note: prose`At ${at}. A is not linear: the rules use A′ at x̂, and there is no exact posterior to hold against. ${noise}`,
        },
      ];
    default:
      return [{ tex: 'y = A x(0) + {\\cal N}(0, R)', note: `x(0) is the whole chain; A picks what is observed, at ${at}. ${noise}` }];
  }
}

/** Of a network or a blanket: which window an index takes. @param {number} k */
const folded = (k) => prose`each index takes the middle of its window; the first ${k} are those of the first window, the last ${k} those of
  the last.`;

/** @param {Values} v @param {number} k @returns {Formula[]} */
function learned(v, k) {
  const trained = v.score === 'trained';
  const shape = trained ? `${many(Number(v['net-depth']), 'hidden layer')} of ${v['net-width']}` : '2 hidden layers of 32';
  return [
    {
      tex: `D_\\theta(x_{t, j-k} , \\dots , x_{t, j+k}) \\approx E[x(0) | \\text{window of } x_t] , \\; k = ${k}`,
      note: prose`Unfolded: one network has learned the denoiser of windows of ${2 * k + 1} neighbours from simulated ones,
        ${trained ? 'of this chain, before this run' : 'for a = 0.9 and b = √0.19'}.`,
    },
    ...network(shape, 'noisy windows of simulated chains'),
    {
      tex: '\\hat x_i = (D_\\theta)_{\\text{middle}}',
      note: prose`Folded as a blanket is: ${folded(k)} Its Jacobian, which guidance asks for, is the network’s, folded in the same way. At
        best it is the blanket of k = ${k}.`,
    },
  ];
}

/** @param {Values} v @returns {Formula[]} */
function score(v) {
  const law = { tex: 'x_t \\sim {\\cal N}(0, \\alpha^2 \\Sigma_0 + \\sigma^2 I)' };
  const own = windowsOf(v);
  if (!own) {
    return [law, {
      tex: formula`\nabla \log p_t(x_t) = - (\alpha^2 \Sigma_0 + \sigma^2 I)^{-1} x_t ,
        \; \hat x = \frac{x_t + \sigma^2 \nabla \log p_t}{\alpha}`,
      note: 'Exact, by a Kalman filter and a smoother in time linear in the length.',
    }];
  }
  const { k } = own;
  if (own.learned) return [law, ...learned(v, k)];
  return [law,
    {
      tex: `s_j = - (\\alpha^2 \\Sigma_{2k+1} + \\sigma^2 I)^{-1} (x_{t, j-k} , \\dots , x_{t, j+k}) , \\; k = ${k}`,
      note: `Unfolded: every window of ${2 * k + 1} neighbours has its own exact score, which knows nothing of the rest.`,
    },
    {
      tex: '\\nabla \\log p_t(x_t)_i \\approx (s_i)_{\\text{middle}}',
      note: prose`Folded: ${folded(k)} Right as σ → 0, where a Markov chain needs only its neighbours, and as σ → ∞, where nobody does;
        wrong between.`,
    },
  ];
}

/** How the states are made. @param {Values} v @param {ChainScene} scene @returns {Formula[]} */
function method(v, scene) {
  if (v.method === 'exact') {
    return [{
      tex: scene.reference === 'prior' ? 'x(0) \\sim p(x(0))' : 'x(0) \\sim p(x(0) | y)',
      note: prose`Drawn from the exact law, without a score: the controls of score, guidance and sampler have no effect. The frames on the
        way are α x(0) + σ z of the draws, with the noise z from which every method starts.`,
    }];
  }
  if (v.method === 'ar') return segments(v);
  const bare = ['none', 'replace'].includes(v.guidance);
  const all = `One run carries all ${many(scene.length, 'state')}`;
  return [{
    tex: bare
      ? 'x_t = (x_{t, 0} , \\dots , x_{t, L-1})'
      : '\\nabla \\log p_t(x_t | y) = \\nabla \\log p_t(x_t) + \\nabla \\log p(y | x_t)',
    note: bare || windowsOf(v) ? `${all}.` : `${all}, and every observation reaches every state.`,
  }];
}

/** @param {Values} v @returns {Formula[]} */
function segments(v) {
  const [context, horizon] = [Number(v.context ?? 1), Number(v.horizon ?? 8)];
  const given = context === 0
    ? 'with no context: each segment knows nothing of the one before'
    : `given the last ${many(context, 'state')} of the one before, which enter as observations without noise`;
  return [{
    tex: 'p(x_{s:s+\\ell+h-1} | x_{s:s+\\ell-1} , y_{s+\\ell:s+\\ell+h-1}) , \\; s = h, 2h, \\dots',
    note: prose`Autoregressive, context ℓ = ${context}, horizon h = ${horizon}: the first segment has
      ${many(context + horizon, 'state')}, each next one ${horizon} more, ${given}. What is observed later, a segment does not
      know and no later one repairs. A frame is one noise level of all segments, put together.`,
  }];
}

const SCORES = /** @type {Record<string, string>} */ ({
  blanket: 'Score of a blanket', net: 'Score of a network', trained: 'Score of a network',
});

/** @param {Side} side */
export function equations({ info, scene }) {
  const v = info.values;
  const scored = v.method !== 'exact';
  const noising = {
    tex: 'x_t = \\alpha(t) x(0) + \\sigma(t) z , \\; z \\sim {\\cal N}(0, I)',
    note: prose`t = 0 is data, t = 1 is noise; the whole chain at once. x(0) is the clean chain, of the states xᵢ; xₜ is the noised chain,
      whose states have both subscripts.`,
  };
  return h('div.equations', {},
    part('Model', model(v, scene)),
    part('Observations', seen(scene)),
    part('Noising', [noising, ...process(v).formulas]),
    part('Levels and start', levels(info, scene)),
    scored && part(SCORES[v.score] ?? 'Score', score(v)),
    scored && part(`Guidance: ${named(info, 'guidance')}`, guidance(info, scene)),
    part(METHODS[v.method] ?? 'All at once', method(v, scene)),
    scored && part('Step from t down to s', sampler(info, scene.length * scene.states).formulas));
}
