// Lab lgssm, the words: the model, the score, the guidance rules and the views.
import { number } from '../plots/kit.js';
import { isLearned } from '../app/store.js';
import { h } from '../ui/dom.js';
import { movable, nameOf, placed } from './lgssm-marks.js';
import { placeless, windowsOf } from './lgssm-text.js';
import { named } from './lgssm-title.js';
import { block, levels, many, network, num, process, sameNoise, sampler } from './words.js';

/**
 * @typedef {import('./words.js').Values} Values
 * @typedef {import('./words.js').Formula} Formula
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').ChainScene} ChainScene
 * @typedef {import('./lgssm.js').Side} Side
 */

const MODELS = /** @type {Record<string, string>} */ ({
  ar1: 'a stationary autoregressive chain', 'damped-spring': 'a damped spring pushed by noise', rotation: 'a rotation that forgets', custom: 'a linear-Gaussian chain',
});

const METHODS = /** @type {Record<string, string>} */ ({ ar: 'Segment after segment', exact: 'Exact draws' });

/** A matrix in a line. @param {ArrayLike<number>} m @param {number} p */
const rows = (m, p) => `(${Array.from({ length: m.length / p }, (_, i) => Array.from({ length: p }, (_, j) => number(m[i * p + j])).join('  ')).join(';  ')})`;

/** What the presets of two coordinates are made of (src/process/lgssm/model.rs). @type {Record<string, { tex: string, note: string, sigma: number[] }>} */
const PRESETS = {
  'damped-spring': { tex: 'T = \\exp F , \\; F = (0 , \\, 1 ; \\, -\\omega^2 , \\, -2 \\zeta \\omega) , \\; \\omega = 0.5 , \\; \\zeta = 0.1', note: 'An angle of ω√(1 − ζ²) an index: a turn in 12.6 of them; an amplitude falls by e in 1/(ζω) = 20.', sigma: [1, 0, 0, 0.25] },
  rotation: { tex: 'T = 0.95 \\cdot (\\cos \\theta , \\, -\\sin \\theta ; \\, \\sin \\theta , \\, \\cos \\theta) , \\; \\theta = \\pi / 8', note: 'A turn in 16 indices; 0.95 is what is left of an amplitude after one.', sigma: [1, 0, 0, 1] },
};

/** Q = Σ − TΣTᵀ, of two coordinates. @param {ArrayLike<number>} t @param {number[]} sigma */
function pushed(t, sigma) {
  const from = (/** @type {number} */ i, /** @type {number} */ j) => [0, 1].reduce((sum, k) => sum + t[2 * i + k] * sigma[3 * k] * t[2 * j + k], 0);
  return sigma.map((v, n) => Number((v - from(n >> 1, n & 1)).toPrecision(6))).map((v) => (Math.abs(v) < 1e-12 ? 0 : v));
}

/** @param {Values} v @param {ChainScene} scene @returns {Formula[]} */
function model(v, { transition, states, length }) {
  if (v.model === 'ar1') {
    const a = Number(v.a ?? 0.9);
    const b = Number(v.b ?? Math.sqrt(0.19));
    return [
      { tex: 'x_i = a x_{i-1} + b \\epsilon_i , \\; y_i = c x_i + d \\eta_i', note: `a = ${number(a)}, b = ${number(b)}, c = ${num(v.c, '1')}, d = ${num(v.d, '0.5')}; ε and η are standard normal and independent.` },
      { tex: `x_i \\sim {\\cal N}(0, s^2) , \\; s^2 = \\frac{b^2}{1 - a^2} = ${number((b * b) / (1 - a * a))} , \\; \\text{cov}(x_i , x_{i-k}) = a^{|k|} s^2`, note: `The stationary law; Σ₀ holds these for the whole chain, ${length} × ${length}.` },
    ];
  }
  const preset = PRESETS[v.model];
  const what = { 'damped-spring': 'Position and velocity; the position is observed', rotation: 'The first coordinate is observed' }[v.model];
  return [
    ...(preset ? [{ tex: preset.tex, note: `${preset.note} T = ${rows(transition, 2)}, Σ = ${rows(preset.sigma, 2)}, Q = Σ − TΣTᵀ = ${rows(pushed(transition, preset.sigma), 2)}, by rows.` }] : []),
    { tex: 'x_i = T x_{i-1} + {\\cal N}(0, Q) , \\; y_i = O x_i + {\\cal N}(0, R)', note: `${preset ? '' : `T = ${rows(transition, states)}, by rows. `}${what ? `${what}, with noise d = ${num(v.d, '0.5')}.` : `O = (${(v.O ?? '').replaceAll(';', '; ')}), R = (${(v.R ?? '').replaceAll(';', '; ')}).`}` },
    { tex: 'x_i \\sim {\\cal N}(0, \\Sigma) , \\; \\text{vec} \\Sigma = (I - T \\otimes T)^{-1} \\text{vec} Q , \\; \\text{cov}(x_i , x_{i-k}) = T^k \\Sigma', note: `The stationary law; Σ₀ holds these for the whole chain, ${length * states} × ${length * states}.` },
  ];
}

/** @param {Values} v @param {ChainScene} scene @returns {Formula[]} */
function seen(v, scene) {
  const n = scene.observed.length;
  const at = n > 12 ? `${many(n, 'index').replace('indexs', 'indices')}` : `${n === 1 ? 'index' : 'indices'} ${Array.from(scene.observed).join(', ')}`;
  const noise = 'R is the covariance of the noise of all observations.';
  if (scene.operator === 'window') return [{ tex: `y_i = \\frac{1}{w} \\sum_{j=i-w+1}^{i} O x_j + \\text{noise} , \\; w = ${scene.width}`, note: `At ${at}: each is the mean over the window that ends there, shorter where the chain begins. A collects them all. ${noise}` }];
  if (scene.operator === 'saturating') return [{ tex: 'y_i = \\frac{u}{1 + |u|} + \\text{noise} , \\; u = O x_i', note: `At ${at}. A is not linear: the rules use A′ at x̂, and there is no exact posterior to hold against. ${noise}` }];
  return [{ tex: 'y = A x(0) + {\\cal N}(0, R)', note: `x(0) is the whole chain; A picks what is observed, at ${at}. ${noise}` }];
}

/** @param {Values} v @returns {Formula[]} */
function score(v) {
  /** @type {Formula[]} */
  const law = [{ tex: 'x_t \\sim {\\cal N}(0, \\alpha^2 \\Sigma_0 + \\sigma^2 I)' }];
  const own = windowsOf(v);
  if (!own) return [...law, { tex: '\\nabla \\log p_t(x_t) = - (\\alpha^2 \\Sigma_0 + \\sigma^2 I)^{-1} x_t , \\; \\hat x = \\frac{x_t + \\sigma^2 \\nabla \\log p_t}{\\alpha}', note: 'Exact, by a Kalman filter and a smoother in time linear in the length.' }];
  const { k } = own;
  if (own.learned) return [...law,
    { tex: `D_\\theta(x_{t, j-k} , \\dots , x_{t, j+k}) \\approx E[x(0) | \\text{window of } x_t] , \\; k = ${k}`, note: `Unfolded: one network has learned the denoiser of windows of ${2 * k + 1} neighbours from simulated ones, ${v.score === 'trained' ? 'of this chain, before this run' : 'for a = 0.9 and b = √0.19'}.` },
    ...network(v.score === 'trained' ? `${many(Number(v['net-depth']), 'hidden layer')} of ${v['net-width']}` : '2 hidden layers of 32', 'noisy windows of simulated chains'),
    { tex: '\\hat x_i = (D_\\theta)_{\\text{middle}}', note: `Folded as a blanket is: each index takes the middle of its window; the first ${k} are those of the first window, the last ${k} those of the last. Its Jacobian, which guidance asks for, is the network’s, folded in the same way. At best it is the blanket of k = ${k}.` },
  ];
  return [...law,
    { tex: `s_j = - (\\alpha^2 \\Sigma_{2k+1} + \\sigma^2 I)^{-1} (x_{t, j-k} , \\dots , x_{t, j+k}) , \\; k = ${k}`, note: `Unfolded: every window of ${2 * k + 1} neighbours has its own exact score, which knows nothing of the rest.` },
    { tex: '\\nabla \\log p_t(x_t)_i \\approx (s_i)_{\\text{middle}}', note: `Folded: each index takes the middle of its window; the first ${k} are those of the first window, the last ${k} those of the last. Right as σ → 0, where a Markov chain needs only its neighbours, and as σ → ∞, where nobody does; wrong between.` },
  ];
}

const ONE = 'One state N(0, 1), seen as 1.5 with noise 0.5, has the posterior N(1.2, 0.2)';
const SPREAD = 'the covariance of y given xₜ';

/** Each rule: V, and where it is right. @type {Record<string, (v: Values) => { tex: string, note: string, bias: string }>} */
const RULES = {
  none: () => ({ tex: '\\nabla \\log p(y | x_t) \\approx 0', note: 'The observations are not used: these are chains of the prior.', bias: '' }),
  exact: (v) => ({ tex: 'V = R + A \\, \\hat C A^{\\top} , \\; \\hat C = \\frac{\\sigma^2}{\\alpha} \\frac{\\partial \\hat x}{\\partial x_t}', note: `Ĉ is the covariance of x(0) given xₜ, by Tweedie’s formula; V⁻¹ by conjugate gradients, one product with the Jacobian and one with its transpose an iteration. For a Gaussian law and a linear A nothing is approximated.${windowsOf(v) ? ' Put together from windows, Ĉ is neither symmetric nor positive: it is symmetrised, and where V is not positive the run stops.' : ''}`, bias: '' }),
  diagonal: () => ({ tex: 'V = R + \\frac{\\sigma^2}{\\alpha^2} A A^{\\top}', note: 'The covariance of x(0) given xₜ as without any prior. That is too wide at every noise level: the observations pull too little, and most so where the chain says much about itself.', bias: 'The guidance takes x(0) given xₜ to be wider than it is and pulls too little.' }),
  sda: (v) => ({ tex: `V = R + \\gamma \\frac{\\sigma^2}{\\alpha^2} A A^{\\top} , \\; \\gamma = ${num(v.gamma, '0.01')}`, note: `γ stands for Λ(Λ + I)⁻¹ of the prior’s spectrum Λ, which is right for one noise level at most. ${ONE}; in the limit of many ODE steps γ = 0.1 gives N(1.40, 0.075) and γ = 0.01 N(1.72, 0.027): too near to y and too narrow. Langevin corrections repair most of it.`, bias: 'The guidance puts one number γ in place of a covariance: with a small one the samples come too near to the observations and are too narrow.' }),
  lambda: (v) => ({ tex: `V = R + (1 + \\lambda) \\frac{\\sigma^2}{\\alpha^2} A A^{\\top} , \\; \\lambda = ${num(v.lambda, '0')}`, note: 'σ²∇² log pₜ is taken as λI. Near −1 it trusts the observations too much, at 0 too little.', bias: 'The guidance takes σ²∇² log pₜ as one number λ.' }),
  finzi: (v) => ({ tex: `V = \\frac{\\sigma^2}{\\alpha^2 \\cdot \\text{strength}} A A^{\\top} , \\; \\text{strength} = ${num(v.strength, '1')}`, note: 'The noise R of the observations is dropped: in the end the samples go through y itself. Right where observations have no noise, but for the covariance between.', bias: 'The guidance takes the observations as free of noise: the samples are drawn onto them.' }),
  pigdm: () => ({ tex: 'V = R + \\frac{\\sigma^2}{\\alpha^2 + \\sigma^2} A A^{\\top}', note: 'The covariance of x(0) given xₜ for the prior N(0, I), and right for that one alone: a chain, whose states know of each other, is narrower.', bias: 'The guidance takes the states of the chain as independent.' }),
  dps: (v) => ({ tex: `\\nabla \\log p(y | x_t) \\approx - \\zeta \\nabla |y - A \\hat x| , \\; \\zeta = ${num(v.zeta, '1')}`, note: `No covariance at all: a pull of fixed size towards the observations, the Euclidean norm over all of them. ${ONE}; with VP and 256 steps ζ = 1 gives N(0.87, 0.68), ζ = 3 N(1.48, 0.026).`, bias: 'The guidance pulls with a fixed strength whatever the noise: mean and width depend on ζ, not only on the observations.' }),
  replace: () => ({ tex: '\\nabla \\log p(x_t | y) = - \\frac{x_t - \\alpha y}{\\sigma^2} \\, \\text{ where observed}', note: 'Observed coordinates are carried to y as if it had no noise. The others see nothing of y but through their noisy neighbours, which know less than y itself.', bias: 'The guidance replaces the observed states and takes them as free of noise; the others hear of them only through noise.' }),
};

/** @param {Values} v @returns {Formula[]} */
function guidance(v) {
  const rule = RULES[v.guidance]?.(v) ?? { tex: 'V', note: '' };
  const whole = { tex: '\\nabla \\log p(y | x_t) = (\\frac{\\partial \\hat x}{\\partial x_t})^{\\top} A^{\\top} V^{-1} (y - A \\hat x)', note: `Added to the score. V is ${SPREAD}, held constant under the gradient; the rules differ in it.` };
  return [...(['none', 'dps', 'replace'].includes(v.guidance) ? [] : [whole]), rule];
}

/** How the states are made. @param {Values} v @param {ChainScene} scene @returns {Formula[]} */
function method(v, scene) {
  if (v.method === 'exact') return [{ tex: scene.reference === 'prior' ? 'x(0) \\sim p(x(0))' : 'x(0) \\sim p(x(0) | y)', note: 'Drawn from the exact law, without a score; score, guidance and sampler have no say. The frames on the way are α x(0) + σ z of the draws, with the noise z from which every method starts.' }];
  const sum = ['none', 'replace'].includes(v.guidance) ? 'x_t = (x_{t, 0} , \\dots , x_{t, L-1})' : '\\nabla \\log p_t(x_t | y) = \\nabla \\log p_t(x_t) + \\nabla \\log p(y | x_t)';
  if (v.method !== 'ar') return [{ tex: sum, note: `One run carries all ${many(scene.length, 'state')}${v.guidance === 'none' || v.guidance === 'replace' || windowsOf(v) ? '.' : ', and every observation reaches every state.'}` }];
  const [context, horizon] = [Number(v.context ?? 1), Number(v.horizon ?? 8)];
  const given = context === 0 ? 'with no context: each segment knows nothing of the one before' : `given the last ${many(context, 'state')} of the one before, which enter as observations without noise`;
  return [{ tex: 'p(x_{s:s+c+h-1} | x_{s:s+c-1} , y_{s+c:s+c+h-1}) , \\; s = h, 2h, \\dots', note: `Autoregressive, c = ${context}, h = ${horizon}: the first segment has ${many(context + horizon, 'state')}, each next one ${horizon} more, ${given}. What is observed later, a segment does not know and no later one repairs. A frame is one noise level of all segments, put together.` }];
}

/** @param {import('../app/store.js').Side} info @param {ChainScene} scene */
function equations(info, scene) {
  const v = info.values;
  const part = (/** @type {string} */ name, /** @type {Formula[]} */ formulas) => h('section', {}, h('h3', {}, name), ...formulas.map(block));
  return h('div.equations', {},
    part('Model', model(v, scene)),
    part('Observations', seen(v, scene)),
    part('Noising', [{ tex: 'x_t = \\alpha(t) x(0) + \\sigma(t) z , \\; z \\sim {\\cal N}(0, I)', note: 't = 0 is data, t = 1 is noise; the whole chain at once. x(0) is the clean chain, of the states xᵢ; xₜ is the noised chain, whose states have both subscripts.' }, ...process(v).formulas]),
    part('Levels and start', levels(v, scene)),
    part({ blanket: 'Score of a blanket', net: 'Score of a network', trained: 'Score of a network' }[v.score] ?? 'Score', score(v)),
    part(`Guidance: ${named(info, 'guidance')}`, guidance(v)),
    part(METHODS[v.method] ?? 'All at once', method(v, scene)),
    part('Step from t down to s', sampler(v, scene.length * scene.states).formulas));
}

/** Whether a segment ends before an observation: it then misses what the exact posterior knows. @param {Values} v @param {ChainScene} scene */
const early = (v, { observed, length }) => observed[observed.length - 1] >= Math.min(length, Number(v.context ?? 1) + Number(v.horizon ?? 8));

/** "What you see" of one configuration. @param {Values} v @param {ChainScene} scene @param {string} color */
function story(v, scene, color) {
  const n = scene.observed.length;
  const free = v.guidance === 'none';
  const law = `${MODELS[v.model] ?? v.model}${free ? '' : ` given ${many(n, 'observation')}`}`;
  if (v.method === 'exact') return `${many(Number(v.n), 'chain')} of ${many(scene.length, 'state')} are drawn from the exact law of ${law}: no sampler, no score. What is left between ${color} and ink is the luck of the draw.`;
  const ar = v.method === 'ar';
  const how = ar ? 'segment after segment' : 'all states at once';
  const start = `${many(Number(v.n), 'chain')} of ${many(scene.length, 'state')} start as noise and are carried, ${how}, by ${sampler(v).name} through ${many(Number(v.steps), 'step')} along ${process(v).name} to ${ar ? 'a' : 'the'} law of ${law}.${ar && !free ? ` A segment hears of the observations up to its own end only${early(v, scene) ? ': it filters where the exact posterior smooths, so that the samples stray wherever an observation is still to come' : '; here none comes later'}.` : ''}`;
  const own = windowsOf(v);
  const blanket = own ? ` The score is put together from windows of ${2 * own.k + 1} states: ${own.learned ? 'those of a small network, so that its own error comes on top of what the windows do not see' : 'exact at both ends of the noise and wrong between'}.` : '';
  const { bias } = RULES[v.guidance]?.(v) ?? { bias: '' };
  const ends = !ar && !blanket && !bias && scene.operator !== 'saturating' ? ` Score${free ? ' is' : ' and guidance are'} exact, so what is left between ${color} and ink is the sampler’s own error and the luck of the draw.` : '';
  return start + blanket + (bias ? ` ${bias}` : '') + ends;
}

/** @param {State} state @param {Side} a @returns {string} */
function viewWords({ opened, b }, { scene }) {
  const both = opened?.b && b?.scene.lab === 'lgssm' ? [scene, b.scene] : [scene];
  const held = both.filter(({ reference }) => reference !== 'none');
  const exact = `exact ${held[0]?.reference === 'prior' ? 'prior' : 'posterior'}`;
  const ink = (/** @type {string} */ what) => (held.length === 0 ? 'There is no ink: with a saturating operator the exact posterior is not known.' : `Ink is${held.length < both.length ? ', where it is known,' : ''} ${what}.`);
  const way = held.length ? ' On the way it is the law with mean αm and variance α²s² + σ² that the noisy chain should have at this level, drawn as the samples are: over κ = √(α² + σ²/v), v the variance of a state, so that the picture keeps its size. At the end nothing is scaled.' : '';
  const without = Array.from(scene.seen, (_, r) => r).filter((r) => scene.seen[r] < 0);
  const rest = [
    placed(scene).length > 1 ? ' A new observation is a number on every panel that has diamonds: those that you do not place are put on the exact mean.' : '',
    without.length > 0 ? ` Of each observation ${without.map((r) => nameOf(scene, r)).join(', ')} ${without.length > 1 ? 'see' : 'sees'} several coordinates: there is no place for that here, so it stays, and is put on the exact mean where an observation is added.` : '',
  ].join('');
  const saturating = both.some(({ operator }) => operator === 'saturating') ? ` A diamond of the saturating operator stands at u = y/(1 − |y|), its bar reaches from there for y − 2d to there for y + 2d, without an end where no state is that far.${[...new Set(both.map(placeless))].join('')}` : '';
  const drag = opened?.view === 'chain' && !movable(scene)
    ? ` Observations cannot be moved here: ${scene.operator === 'linear' ? 'each number of them sees several coordinates' : `with the operator “${scene.operator}” none belongs to one place of one state`}.`
    : ' Drag a diamond: the exact posterior follows at once, the run when you let go. Click at an index without one to observe there; a double-click, its × or Delete takes one away. Keys: left and right go from one to the next, with Shift index by index; up and down move it, Enter adds.' + rest;
  const words = {
    chain: `From left to right runs the index of the chain; the diffusion is the slider below. ${ink(`the ${exact}: its mean, and the bands that hold 50 and 95 %`)}${way} Colour is the samples’: mean, 50 % between the solid outlines, 95 % between the dotted ones, and some chains one by one. Grey is the simulated truth that was observed.${saturating}${drag}`,
    'score-error': `${isLearned(opened?.a.values) || isLearned(opened?.b?.values) ? 'The thick line is the score of the network; the others are exact scores of windows, which it can reach at best. ' : ''}How wrong the score of a blanket is at each noise level, root mean square over noised chains and relative to the full score, for several half-windows k. It is exact at both ends and wrong in between: clean, a Markov state needs only its neighbours; drowned in noise, it learns nothing from anyone; but a noised chain is no longer Markov, and there the far states matter. The dots below are the levels that this run visits.`,
    covariance: `Covariances of all pairs of states: ${held.length ? `of the ${exact}, of the samples at the end, and their difference, on one scale` : 'of the samples at the end; with a saturating operator the exact ones are not known'}. The sampling noise of ${many(scene.n, 'chain')} is in it.`,
    cost: `What the run asks for: evaluations of the score; products with its Jacobian, each about as dear as an evaluation; and the numbers held at once: the whole chain, or with method=ar the longest segment. The products are counted while it runs on the CPU; the pale bar is the most they can be but for rounding: the exact rule solves by conjugate gradients, which are often done before.${held.length ? ` Below, where along the chain mean and deviation of the samples are off at the end of the run: above zero the deviation is too wide, below it too narrow. Dashed is what the luck of the draw alone would do.${both.some((v) => v.states > 1) ? ' The thick line is that of the first coordinate, thinner ones are those of the next.' : ''}` : ''}`,
    phase: `The two coordinates against each other; a ring is index 0. Arrows are the next step without noise, (T − I)x. ${ink('the exact mean')} Colour is the samples, grey the truth.${scene.observation.every((v, i) => i % 2 === 0 || v === 0) ? ' What is observed is the first coordinate: the second is known only through the motion.' : ''}`,
  };
  return words[/** @type {keyof typeof words} */ (opened?.view)] ?? '';
}

/** @param {State} state @returns {Node[]} */
export function words(state) {
  const { opened } = state;
  const a = /** @type {Side|null} */ (state.a);
  const b = /** @type {Side|null} */ (state.b);
  if (!opened || a?.scene.lab !== 'lgssm') return [];
  const pair = opened.b && b?.scene.lab === 'lgssm';
  /** @type {Node[]} */
  const out = [h('h2', {}, 'What you see'), h('p', {}, opened.b ? h('b', {}, 'A: ') : null, story(opened.a.values, a.scene, 'blue'))];
  if (opened.b && pair) out.push(h('p', {}, h('b', {}, 'B: '), story(opened.b.values, b.scene, 'orange'), sameNoise(opened.a.values, opened.b.values) ? ' Both start from the same noise.' : ''));
  out.push(h('p', {}, viewWords(state, a)));
  if (opened.view === 'score-error') out.push(block({ tex: '\\text{error}^2 = \\frac{E \\| s - s_{\\text{full}} \\|^2}{E \\| s_{\\text{full}} \\|^2} , \\; \\text{blanket: } \\frac{\\text{tr} [ (B - F) C (B - F)^{\\top} ]}{\\text{tr} [ F C F^{\\top} ]} , \\; C = \\alpha^2 \\Sigma_0 + \\sigma^2 I', note: 'B and F are the matrices of the blanket’s and the full score. It depends on σ/α only, the same for every noising process.' }));
  if (opened.view === 'score-error' && [opened.a, opened.b].some((v) => isLearned(v?.values))) out.push(block({ tex: '\\text{network: } \\text{error}^2 = \\text{blanket} + r^2 , \\; r^2 = \\frac{E \\| s_\\theta - s_{\\text{blanket}} \\|^2}{E \\| s_{\\text{full}} \\|^2}', note: 'What a window cannot know and what the network has not learned are orthogonal, because the exact score of a window is the full one’s best guess from it. The second part is a mean over a thousand windows. It grows towards the data, where the score of a smooth law is small beside the noise 1/σ that the network predicts; samples hardly feel it there, because a step moves them by σ² times the score.' }));
  if (opened.b) out.push(h('div.two', {}, h('div', {}, h('h4.a', {}, 'A'), equations(opened.a, a.scene)), pair && h('div', {}, h('h4.b', {}, 'B'), equations(opened.b, b.scene))));
  else out.push(equations(opened.a, a.scene));
  return out;
}
