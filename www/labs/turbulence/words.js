// Lab turbulence, the words: the story of a run and its equations.
import { count, number } from '../../plots/kit.js';
import { formula, prose, sentences } from '../../plots/prose.js';
import { h } from '../../ui/dom.js';
import { many, part, process, sampler } from '../shared/words.js';
import { isNetwork, isSampled } from './sides.js';

/**
 * @typedef {import('../shared/words.js').Values} Values
 * @typedef {import('../shared/words.js').Formula} Formula
 * @typedef {import('../../app/store.js').Side} Info
 * @typedef {import('./sides.js').Scene} Scene
 */

export const HELP = {
  words: prose`Each square is the vorticity of a flow in one frame of a film. A truth is simulated and seen in few pixels; the film is found
    from these. The strip below chooses the time of the flow; the slider at the bottom is the noise of the sampler, where there is one.`,
  keys: [
    ['← ↑ → ↓', 'choose a pixel of the observations'], ['Enter', 'see it, or no longer'], ['Delete', 'no longer see it'],
    ['Esc', 'leave'],
  ],
};

/** How pixels are placed, for those who do not see the picture. */
export const HOW_TO_PLACE = prose`Arrow keys choose a pixel, with Shift four at a time; Enter lets it be seen or takes it away, Delete takes
  it away.`;

/** The name of a choice. @param {Info} info @param {string} key */
function named({ controls, values }, key) {
  const own = controls.find((c) => c.key === key);
  return own?.choices.find((c) => c.value === values[key])?.label ?? values[key] ?? '';
}

/** Keys that are no part of what is compared, or are told of every configuration. */
const OUTSIDE = [
  'task', 'view', 'at', 'engine', 'lab', 'fp', 'method', 'score', 'guidance', 'gamma', 'zeta', 'physics', 'steps', 'corrections',
];

/** What pulls a film towards the observations, in a few letters. @param {Info} info */
function pullOf(info) {
  const v = info.values;
  if (v.guidance === undefined) return null;
  if (v.guidance === 'none') return 'no guidance';
  const own = [['γ', v.gamma], ['ζ', v.zeta]].flatMap(([sign, value]) => (value === undefined ? [] : [`${sign} ${number(Number(value))}`]));
  return [named(info, 'guidance'), ...own].join(' ');
}

/** How a film is found: all that a picture needs to be read alone. @param {Info} info */
function wayOf(info) {
  const v = info.values;
  if (!isSampled(v)) return [named(info, 'method')];
  const law = v.physics === 'none' ? null : `with the ${named(info, 'physics').toLowerCase()}`;
  const steps = `N = ${v.steps}${v.corrections === undefined ? '' : `, C = ${v.corrections}`}`;
  const score = `${named(info, 'score')}${isNetwork(v) ? '' : ' score'}`;
  return [named(info, 'method'), score, pullOf(info), law, steps].flatMap((own) => own ?? []);
}

/** A configuration in a line, with what differs from the other. @param {Info} info @param {Info|null} [other] */
export function titleOf(info, other) {
  const v = info.values;
  const base = wayOf(info).join(' · ');
  if (!other) return `${named(info, 'task')} · ${base} · ${v.frames} frames`;
  const changed = (/** @type {string} */ key) => other.values[key] !== undefined && other.values[key] !== v[key];
  const differs = info.controls.filter(({ key }) => !OUTSIDE.includes(key) && changed(key));
  return [base, ...differs.slice(0, 3).map((c) => `${c.label} ${named(info, c.key)}`)].join(' · ');
}

/** What a number is held against. @param {string} key */
export function against(key) {
  const others = { residual: 'truth', defect: 'truth', spectrum: 'truth', spread: 'its error', time: 'last frame held' };
  return /** @type {Record<string, string>} */ (others)[key] ?? 'Gaussian posterior';
}

/** Why a number at the end is not there. */
export const lacking = () => 'not defined for this film';

/** What the score knows. @param {Values} v */
const knows = (v) => (isNetwork(v)
  ? prose`The score is that of the ${v.score} network, which has learned windows of five frames of this one flow, from 96 simulated
    films: it has never seen an equation.`
  : 'The score knows how likely covariances make windows of five frames.');

/** What each method knows. @type {Record<string, (v: Values) => { story: string, formulas: Formula[] }>} */
const METHODS = {
  aao: (v) => ({
    story: prose`All frames go through noise together. ${knows(v)} Each frame is taken from the middle of its window.`,
    formulas: [{
      tex: formula`\hat x_i = (D(x_{t, i-2} , \dots , x_{t, i+2}))_{\text{middle}}`,
      note: prose`D is x̂ of a window. The first two frames are those of the first window, the last two those of the last. The
        transpose of the Jacobian goes the other way: zeros where a window is not used, then each window’s own, added up.`,
    }],
  }),
  ar: (v) => ({
    story: prose`Segments one after the other: each is given the last ${many(Number(v.context), 'frame')} of the one before as an
      observation of whole frames, and goes on by ${v.horizon}. What is seen later is not known earlier. ${knows(v)}`,
    formulas: [{
      tex: formula`p(x_{s:s+\ell+h-1} | x_{s:s+\ell-1} , y) , \; \ell = ${v.context} , \; h = ${v.horizon}`,
      note: prose`Given frames have V = .05² + γσ²/α², γ = ${v['context-gamma']}. Below γ = .1 a run blows up: a step moves a whole frame by
        J/γ of its misfit. Scattered pixels bear less.`,
    }],
  }),
  posterior: (v) => ({
    story: prose`The exact mean of a normal law given
      ${v.task === 'forecast' ? 'each second pixel of the known frames' : 'the observations'}.
      The law has the measured mean and covariance of the flow in space and time: it knows how alike places and times are, and no
      equation.`,
    formulas: [{
      tex: formula`E[x | y] = m + C A^{\top} (A C A^{\top} + r^2 I)^{-1} (y - A m)`,
      note: 'One dense solve, at most 2000 observed numbers.',
    }],
  }),
  interpolate: (v) => (v.task === 'forecast' ? {
    story: 'The last known frame is held: persistence.',
    formulas: [{ tex: 'x_i = y_{\\text{last}}' }],
  } : {
    story: prose`Bilinear in space between the seen pixels, linear in time between the seen frames; after the last one nothing moves. It
      knows nothing.`,
    formulas: [{ tex: formula`x = \sum_j w_j y_j`, note: 'w are products of hat functions in x, y and time.' }],
  }),
  enkf: (v) => ({
    story: prose`${many(Number(v.n), 'member')} that the true equations move; each seen frame corrects them by the gain of their own
      covariance. It knows the equations, which the scores do not, and only the past: it is a filter, so its first frames are bad and its
      last good. The bar that an expert would ask for.`,
    formulas: [{
      tex: formula`x_j \leftarrow x_j + K (y + e_j - A x_j) , \; K = C A^{\top} (A C A^{\top} + r^2 I)^{-1}`,
      note: prose`C is the covariance of the members, without inflation or localisation. They start from other states of the same flow.`,
    }],
  }),
  free: (v) => ({
    story: v.task === 'forecast'
      ? prose`${many(Number(v.n), 'member')} start from the last known frame with its noise, and the true equations move them: what can be
        known of the future, with the equations.`
      : prose`${many(Number(v.n), 'member')} start from other states of the flow, and the true equations move them: what is known without
        any observation.`,
    formulas: [{ tex: formula`x_{j, i+1} = \Phi_\Delta (x_{j, i})` }],
  }),
};

/** @type {Record<string, (v: Values) => Formula>} */
const RULES = {
  none: () => ({ tex: '\\nabla \\log p(y | x_t) \\approx 0', note: 'The observations are not used.' }),
  sda: (v) => ({
    tex: formula`V = r^2 + \gamma \sigma^2/\alpha^2 , \; \gamma = ${number(Number(v.gamma))}`,
    note: 'A number in place of the covariance of x₀ given xₜ: a small one lets observations pull strongly.',
  }),
  diagonal: () => ({ tex: 'V = r^2 + \\sigma^2/\\alpha^2', note: 'As without any prior: the observations pull too little.' }),
  pigdm: () => ({ tex: 'V = r^2 + \\frac{\\sigma^2}{\\alpha^2 + \\sigma^2}', note: 'As if all numbers were independent with variance 1.' }),
  dps: (v) => ({
    tex: formula`- \zeta \nabla |y - A \hat x| , \; \zeta = ${number(Number(v.zeta))}`,
    note: 'A step of fixed length in place of a covariance.',
  }),
  replace: () => ({ tex: '\\hat x = y \\, \\text{ where seen}', note: 'The other pixels hear of it through their noisy neighbours only.' }),
};

/** What the equations add. @param {Values} v @returns {Formula[]} */
function law(v) {
  const [sd, gamma] = [v['physics-sd'], v['physics-gamma']].map((x) => number(Number(x)));
  if (v.physics === 'residual') {
    return [{
      tex: formula`P_i = \frac{\omega_{i+1} - \omega_{i-1}}{2 \Delta} + u \cdot \nabla \omega - \nu \Delta \omega + \alpha \omega - f ,
        \; V = s^2 + 40 \gamma \sigma^2/\alpha^2`,
      note: prose`s = ${sd}, γ = ${gamma}. Drawn towards 0 as if it were observed. For smaller s or γ a run blows up. The divergence has
        nothing to guide here: a field of vorticity has none.`,
    }];
  }
  if (v.physics === 'defect') {
    return [{
      tex: formula`d_i = \omega_{i+1} - \Phi_\Delta (\omega_i) , \; V = s^2 + 2 \gamma \sigma^2/\alpha^2`,
      note: prose`s = ${sd}, γ = ${gamma}; Φ are five steps of the solver, and the gradient goes back through them.`,
    }];
  }
  return [];
}

/** @param {Scene} scene @param {Values} v @returns {Formula[]} */
function observation(scene, v) {
  if (v.task === 'prior') return [{ tex: '\\text{nothing}', note: 'The task is to draw films.' }];
  if (v.task === 'forecast') {
    return [{
      tex: formula`y_i = x_i + {\cal N}(0, r^2) , \; r = ${number(Number(v['given-noise']))} , \; i = 0 , \dots , ${scene.given - 1}`,
      note: 'The first frames, whole.',
    }];
  }
  return [{
    tex: formula`y = A x + {\cal N}(0, r^2) , \; r = ${number(Number(v['noise-y']))}`,
    note: prose`${many(scene.places.length, scene.block > 1 ? 'block' : 'pixel')} of ${scene.pixels ** 2} in
      ${many(scene.seen.length, 'frame')} of ${scene.film_frames}: ${many(scene.places.length * scene.seen.length, 'number')} for
      ${count(scene.film_frames * scene.pixels ** 2)} unknown ones.`,
  }];
}

/** "What you see" of one configuration. @param {any} side @param {string} color */
export function story({ info, scene }, color) {
  const v = /** @type {Values} */ (info.values);
  const s = /** @type {Scene} */ (scene);
  const seen = v.task === 'prior' ? 'Nothing of it is seen.' : v.task === 'forecast'
    ? `Its first ${many(s.given, 'frame')} are known.`
    : prose`Of ${s.film_frames} frames of ${s.pixels} × ${s.pixels} pixels, ${many(s.seen.length, 'frame')} are seen at
      ${many(s.places.length, s.block > 1 ? 'block' : 'pixel')} each, with noise ${number(Number(v['noise-y']))}.`;
  return sentences(
    prose`The truth is a turbulent flow on a periodic square, driven by a shear force and simulated by a spectral solver. ${seen}`,
    `${color ? `In ${color}` : 'Method'}: ${named(info, 'method')}.`,
    METHODS[v.method]?.(v).story);
}

/** What the numbers below the picture are: those that this configuration has. @param {Values} v @param {Scene} scene */
const numbersOf = (v, scene) => sentences(
  prose`The numbers below the picture are of ${isSampled(v) ? 'the whole film' : 'the film so far'}; errors are in units of the standard
    deviation of the vorticity.`,
  v.task !== 'prior' && prose`RMSE is the root mean square difference of the film${scene.n > 1 ? ' (of several, of their mean)' : ''} from
    the truth; correlation is Pearson’s with the truth over the pixels of a frame, on average over the frames.`,
  scene.n > 1 && v.task !== 'prior' && prose`Spread is the square root of the mean variance of the films: as large as the RMSE, if they know
    their own error.`,
  v.task === 'forecast' && prose`High correlation is the time after the last known frame until the correlation falls below .8; all of the
    film, if it does not.`,
  prose`Residual and defect are what the equations leave of ${scene.n > 1 ? 'a film of them' : 'the film'}, the one with central
    differences, the other as the distance of each frame from what the solver makes of the one before: root mean squares.`,
  scene.climate.length > 0 && prose`Spectrum is the root mean square, over the wave numbers, of log₁₀ of the enstrophy over that of the flow
    on average: .3 is a factor of 2.`,
  isSampled(v) && 'Calls are evaluations of the score for each film.');

/**
 * The words of a view, and below them what the numbers are.
 * @param {import('../../app/store.js').State} state @param {(side: import('./sides.js').Side) => string} of
 */
export function paragraphs({ a }, of) {
  const side = /** @type {import('./sides.js').Side|null} */ (/** @type {unknown} */ (a));
  if (!side) return '';
  return [of(side), numbersOf(side.info.values, side.scene)].map((text) => h('p', {}, text));
}

/** Levels of noise. @param {Values} v @returns {Formula[]} */
function grid(v) {
  if (v['sigma-max'] === undefined) return [{ tex: 'x = \\sigma(t_0) z', note: 'The start: noise alone.' }];
  const [hi, lo] = [v['sigma-max'], v['sigma-min']].map((x) => number(Number(x)));
  return [{
    tex: formula`\sigma_i^{1/7} = \sigma_0^{1/7} + i (\sigma_{N-1}^{1/7} - \sigma_0^{1/7}) / (N - 1)`,
    note: `From σ = ${hi} to ${lo}, then 0, in ${many(Number(v.steps), 'step')}. The start is noise alone.`,
  }];
}

/** What a network adds to Wiener’s filter. @type {Formula[]} */
const NETWORK = [{
  tex: formula`\hat x = \hat x_W + \sqrt{v(s)} \, G(u, \hat x_W, s)`,
  note: prose`v is the mean square error of Wiener’s filter. G is a U-Net: windows of five frames at 16 × 16, 8 × 8 and 4 × 4 pixels,
    residual blocks of circular 3 × 3 convolutions with SiLU, each scaled and shifted by the noise. It was trained on the squared error
    over v, on films whose first frames are not those of the truths here.`,
}];

/** @param {any} side */
export function equations({ info, scene }) {
  const v = /** @type {Values} */ (info.values);
  const s = /** @type {Scene} */ (scene);
  const flow = [{
    tex: formula`\partial_t \omega + u \cdot \nabla \omega = \nu \Delta \omega - \alpha \omega - F k \cos(k y) ,
      \; \omega = \partial_x v - \partial_y u`,
    note: prose`On [0, 2π]², periodic: ν = ${number(Number(v.viscosity))}, drag α = ${number(Number(v.drag))} (below, α is the scale of the
      data), F = ${number(Number(v.forcing))}, k = ${v.wave}. ${s.pixels} × ${s.pixels} pixels, frames ${number(s.interval)} apart. All
      numbers are in units of ${number(s.unit)}, the deviation of the vorticity.`,
  }];
  const wiener = {
    tex: formula`\hat x${isNetwork(v) ? '_W' : ''} = m + C (C + s^2 I)^{-1} (u - m) , \; u = x_t/\alpha , \; s = \sigma/\alpha`,
    note: prose`Wiener’s filter: the exact denoiser of the normal law whose mean m and covariance C, in space and time, were measured over
      96 simulated films.`,
  };
  const rule = RULES[v.guidance]?.(v);
  return h('div.equations', {},
    part('Flow', flow),
    part('Observations', observation(s, v)),
    part(`Method: ${named(info, 'method')}`, METHODS[v.method]?.(v).formulas ?? []),
    isSampled(v) && part(`Score: ${named(info, 'score')}`, isNetwork(v) ? [wiener, ...NETWORK] : [wiener]),
    isSampled(v) && rule && part(`Guidance: ${named(info, 'guidance')}`, [{
      tex: formula`\hat x + \frac{\sigma^2}{\alpha} J^{\top} A^{\top} V^{-1} (y - A \hat x) , \; J = \partial \hat x/\partial x_t`,
    }, rule]),
    isSampled(v) && law(v).length > 0 && part(`Equations: ${named(info, 'physics')}`, law(v)),
    isSampled(v) && part('Noising', [...process(v).formulas, ...grid(v)]),
    isSampled(v) && part('Step from t down to s', sampler(info, s.pixels ** 2).formulas));
}
