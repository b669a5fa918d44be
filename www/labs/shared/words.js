// The words that all labs share: the equations of processes, samplers and denoisers, and the story of a run. Formulas follow the
// code's own names.
import { count, number } from '../../plots/kit.js';
import { ratio, time } from '../../plots/time.js';
import { isLearned } from '../../app/store.js';
import { h } from '../../ui/dom.js';
import { sentence, tex } from '../../ui/math.js';
import { formula, prose, sentences } from '../../plots/prose.js';

/**
 * @typedef {Record<string, string>} Values
 * @typedef {import('../../app/store.js').Timeline} Timeline
 * @typedef {import('../../app/store.js').SideState} SideState
 * @typedef {import('../../app/store.js').Side} Info
 * @typedef {{ tex: string, note?: string }} Formula
 * @typedef {{ name: string, formulas: Formula[] }} Named
 * @typedef {{ name: string, law: Formula[], denoiser: Formula[] }} Target  a law: in words, its equations, those of its exact denoiser
 */

/** A real for a formula. @param {string|undefined} v @param {string} fallback */
export const num = (v, fallback) => number(Number(v ?? fallback), 4);

/** @param {number} n @param {string} what */
export const many = (n, what) => `${count(n)} ${what}${n === 1 ? '' : 's'}`;

/** A list of numbers, to be read. @param {string} list */
export const spaced = (list) => list.split(',').map((x) => x.replace('-', '−')).join(', ');

/** A formula and its note, whose own formulas stand between dollar signs. @param {Formula} f */
export const block = (f) => h('div.formula', {}, h('div.parts', {}, ...tex(f.tex)), f.note && h('p', {}, ...sentence(f.note)));

/** One part of the equations. @param {string} name @param {Formula[]} formulas */
export const part = (name, formulas) => h('section', {}, h('h3', {}, name), ...formulas.map(block));

/**
 * How near the samples are, by one of the run's numbers; empty where that is not there yet.
 * @param {import('../../app/store.js').SideState} side
 * @param {string} key
 * @param {string} what
 */
export function nearness({ run }, key, what) {
  const row = run.metrics?.rows.find((r) => r.key === key);
  return row && row.value !== null ? `${what} is ${number(row.value)}; ${row.reference_label}.` : '';
}

// ── noising processes ──────────────────────────────────────────────────────────────────────────
/** @type {Record<string, (v: Values) => Named>} */
const PROCESSES = {
  ddpm: (v) => ({
    name: `DDPM’s noise levels for N = ${v.steps}`,
    formulas: [{
      tex: formula`\alpha(i/N) = \prod_{j \le i} \sqrt{1 - \beta_j} , \; \sigma = \sqrt{1 - \alpha^2} , \; N = ${v.steps}`,
      note: prose`β runs linearly from ${number(0.1 / Number(v.steps))} to ${number(20 / Number(v.steps))} (10⁻⁴ and 0.02, times
        1000/N)${Number(v.steps) < 21 ? ', each at most 0.999' : ''}; log α is linear between the levels.`,
    }],
  }),
  vp: () => ({
    name: 'the variance-preserving SDE',
    formulas: [{
      tex: formula`\alpha(t) = \exp(-\frac{1}{4} t^2 (\beta_1 - \beta_0) - \frac{1}{2} t \beta_0) , \; \sigma = \sqrt{1 - \alpha^2} ,
        \; \beta_0 = 0.1 , \; \beta_1 = 20`,
    }],
  }),
  'vp-cosine': () => ({
    name: 'the cosine schedule',
    formulas: [{
      tex: formula`\alpha(t) = \cos(\omega t) , \; \sigma = \sqrt{1 - \alpha^2 + \eta^2} , \; \omega = \arccos(\sqrt{\eta}) ,
        \; \eta = 0.001`,
    }],
  }),
  sda: () => ({
    name: 'the schedule of score-based data assimilation',
    formulas: [{
      tex: formula`\alpha(t) = \cos(\omega t)^2 , \; \sigma = \sqrt{1 - \alpha^2 + \eta^2} , \; \omega = \arccos(\sqrt{\eta}) ,
        \; \eta = 0.001`,
    }],
  }),
  ou: () => ({
    name: 'the Ornstein–Uhlenbeck process',
    formulas: [{ tex: '\\alpha(t) = \\exp(-5 t) , \\; \\sigma = \\sqrt{1 - \\alpha^2}' }],
  }),
  ve: () => ({ name: 'the variance-exploding process', formulas: [{ tex: '\\alpha = 1 , \\; \\sigma(t) = 0.01 \\cdot 5000^t' }] }),
  edm: () => ({
    name: 'EDM’s noise levels',
    formulas: [{
      tex: formula`\alpha = 1 , \; \sigma(t) = (\sigma_{\text{min}}^{1/\rho} + t (\sigma_{\text{max}}^{1/\rho}
        - \sigma_{\text{min}}^{1/\rho}))^\rho`,
      note: 'σ from 0.002 to 80, ρ = 7; one last step goes from σ(0) = 0.002 to σ = 0.',
    }],
  }),
  fm: () => ({ name: 'flow matching’s straight paths', formulas: [{ tex: '\\alpha(t) = 1 - t , \\; \\sigma(t) = t' }] }),
  trig: () => ({
    name: 'the trigonometric interpolant',
    formulas: [{ tex: '\\alpha(t) = \\cos(\\pi t / 2) , \\; \\sigma(t) = \\sin(\\pi t / 2)' }],
  }),
  follmer: () => ({ name: 'the Föllmer process', formulas: [{ tex: '\\alpha(t) = 1 - t , \\; \\sigma(t) = \\sqrt{t (2 - t)}' }] }),
};

/** @type {(v: Values) => Named} */
export const process = (v) => PROCESSES[v.process]?.(v) ?? { name: v.process, formulas: [] };

// ── samplers ───────────────────────────────────────────────────────────────────────────────────
const VELOCITY = 'v = \\frac{d \\alpha}{d t} \\hat x + \\frac{d \\sigma}{d t} \\hat \\epsilon';
const SDE = { tex: 'f = \\frac{d \\log \\alpha}{d t} , \\; g^2 = \\frac{d \\sigma^2}{d t} - 2 f \\sigma^2' };
const EPS = '\\hat \\epsilon = (x_t - \\alpha_t \\hat x) / \\sigma_t';
const DDIM = 'x_s = \\frac{\\sigma_s}{\\sigma_t} x_t + (\\alpha_s - \\alpha_t \\frac{\\sigma_s}{\\sigma_t}) \\hat x';
const LANDING = 'a step that ends at σ = 0 is Euler’s.';

/** Noise that Heun's method adds before a step. @param {Values} v @returns {Formula[]} */
function churn(v) {
  if (!(Number(v.churn ?? 0) > 0)) return [];
  const z = `${Number(v['churn-noise'] ?? 1) === 1 ? '' : num(v['churn-noise'], '1')} z`;
  return [{
    tex: formula`\hat \sigma = \sigma_t (1 + \gamma) , \; x \leftarrow x + \sqrt{\hat \sigma^2 - \sigma_t^2} \, ${z} ,
      \; \gamma = \min(${num(v.churn, '0')}/N , \sqrt{2} - 1)`,
    note: prose`Before the step, where σₜ is within ${num(v['churn-min'], '0')} … ${num(v['churn-max'], '80')}; the step then starts at the
      level σ̂ in place of σₜ.`,
  }];
}

/** @type {Record<string, (v: Values, dim: number, facts: Info['facts']) => Named>} */
const SAMPLERS = {
  ancestral: () => ({
    name: 'DDPM’s ancestral sampler',
    formulas: [{
      tex: formula`x_s = \alpha_s \hat x + \sigma_s \sqrt{1 - \tau} \, \frac{x_t - \alpha_t \hat x}{\sigma_t}
        + \sigma_s \sqrt{\tau} \, z , \; \tau = 1 - (\frac{\alpha_t \sigma_s}{\alpha_s \sigma_t})^2`,
    }],
  }),
  ddim: () => ({ name: 'DDIM', formulas: [{ tex: DDIM, note: 'The first-order exponential integrator of the probability flow.' }] }),
  euler: (v) => ({
    name: 'Euler’s method',
    formulas: v.process === 'edm'
      ? [{ tex: 'x_s = x_t + (\\sigma_s - \\sigma_t) d , \\; d = (x_t - \\hat x) / \\sigma_t', note: 'The probability flow, in σ.' }]
      : [{ tex: `x_s = x_t + (s - t) v , \\; ${VELOCITY} , \\; ${EPS}`, note: 'The probability flow, in t.' }],
  }),
  heun: (v) => ({
    name: 'Heun’s method',
    formulas: [
      v.process === 'edm'
        ? {
          tex: formula`x′ = x_t + (\sigma_s - \sigma_t) d_t , \; x_s = x_t + \frac{1}{2} (\sigma_s - \sigma_t) (d_t + d_s(x′)) ,
            \; d = (x - \hat x) / \sigma`,
          note: `The probability flow, in σ; ${LANDING}`,
        }
        : {
          tex: `x′ = x_t + (s - t) v_t , \\; x_s = x_t + \\frac{1}{2} (s - t) (v_t + v_s(x′)) , \\; ${VELOCITY} , \\; ${EPS}`,
          note: `The probability flow, in t; ${LANDING}`,
        },
      ...churn(v),
    ],
  }),
  dpmpp2m: () => ({
    name: 'DPM-Solver++(2M)',
    formulas: [{
      tex: formula`x_s = \frac{\sigma_s}{\sigma_t} x_t - \alpha_s (e^{-h} - 1) D ,
        \; D = (1 + \frac{1}{2 r}) \hat x - \frac{1}{2 r} \hat x_{\text{prev}}`,
      note: prose`h is the step in λ = log(α/σ), r the previous step over it. First order at the first step, where σₛ = 0 or αₜ = 0, and at
        the last step when N < 10.`,
    }],
  }),
  em: (v, _dim, { steep }) => ({
    name: 'Euler–Maruyama on the reverse SDE',
    formulas: v.process === 'edm'
      ? [{
        tex: formula`x_s = x_t + (\sigma_t - \sigma_s) g^2 \nabla \log p_t + g \sqrt{\sigma_t - \sigma_s} \, z , \; g^2 = 2 \sigma_t`,
        note: 'Fresh noise on every step. The clock is σ, where g² = dσ²/dσ.',
      }]
      : [{
        tex: 'x_s = x_t + (s - t) [ f x_t - g^2 \\nabla \\log p_t ] + g \\sqrt{t - s} \\, z',
        note: steep ? 'Fresh noise on every step; the start is at t = 0.999, where g is still finite.' : 'Fresh noise on every step.',
      }, SDE],
  }),
  pc: (v, dim) => (v.corrections === '0' ? { name: 'DDIM, without corrections', formulas: [{ tex: DDIM }] } : {
    name: `DDIM with ${many(Number(v.corrections ?? 1), 'Langevin correction')} a step`,
    formulas: [
      { tex: DDIM },
      {
        tex: formula`x \leftarrow x - (\delta \hat \epsilon + \sqrt{2 \delta} \, z) \sigma_s ,
          \; \delta = ${dim < 8 ? '' : '\\tau / \\text{mean}(\\hat \\epsilon^2) , \\; '}\tau = ${num(v.tau, '0.25')}`,
        note: `${v.corrections ?? 1} after each step that ends at σ > 0, each with a new call and fresh noise.`,
      },
    ],
  }),
  langevin: (v) => ({
    name: 'unadjusted Langevin dynamics at one noise level',
    formulas: [{
      tex: formula`\alpha = 1 , \; \sigma = \ell = ${num(v.level, '0.1')} , \; x \leftarrow x + h \nabla \log p_\ell + \sqrt{2 h} \, z ,
        \; h = ${num(v.step, '0.1')} \ell^2`,
      note: prose`The noise level stays fixed; the start is N(0, 1). The exact law drawn is the data law blurred by ℓ; the numbers after the
        last iteration are against the data law itself.`,
    }],
  }),
};

/** @type {(info: Info, dim?: number) => Named} */
export const sampler = ({ values: v, facts }, dim = 1) => SAMPLERS[v.sampler]?.(v, dim, facts) ?? { name: v.sampler, formulas: [] };

// ── the story of a run ─────────────────────────────────────────────────────────────────────────
/** What is left between samples and exact, beside the sampler's own error. @param {Info} info */
function luckOf({ values, facts }) {
  const fixed = values.init === 'quantile' && facts.ode;
  return fixed ? ': even starts leave nothing to the luck of the draw' : ' and the luck of the draw';
}

/** Samples and exact answer. @param {string} color  of the samples, where they are in the picture */
export const gap = (color) => (color ? `${color} and ink` : 'the samples and the exact law');

/** What gives the score, and what that means for the result. @param {Info} info @param {string} color  of the samples */
function scoreOf(info, color) {
  const v = info.values;
  if (isLearned(v)) {
    const draws = many(Number(v['net-steps']) * Number(v['net-batch']), 'fresh draw');
    return prose`The score is that of a small network that has learned the law from
      samples${v.score === 'trained' ? `, ${draws} in all, before this run` : ''}. What is left between ${gap(color)} is the network’s
      error, the sampler’s own${luckOf(info)}.`;
  }
  if (v.score === 'empirical') {
    return prose`The score is that of ${many(Number(v.m ?? 100), 'data point')} instead of the law itself: followed to the end, it gives
      back just ${v.m === '1' ? 'that point' : 'those points'}. That is what memorising looks like.`;
  }
  return `The score is exact, so what is left between ${gap(color)} is the sampler’s own error${luckOf(info)}.`;
}

/**
 * "What you see", for one configuration.
 * @param {Target} target
 * @param {SideState} side
 * @param {string} color  of its samples, where they are in the picture
 */
export function seen(target, { info, scene }, color) {
  const v = info.values;
  const even = v.init === 'quantile';
  const particles = many(Number(v.n), 'particle');
  const one = Number(v.n) === 1;
  const verb = (/** @type {string} */ word) => (one ? `${word}s` : word);
  const start = info.facts.one_level
    ? prose`${particles} ${verb('start')} as standard normal noise${even ? ' (its quantiles)' : ''} and ${verb('make')}
      ${many(Number(v.steps), 'step')} of ${sampler(info).name}, towards ${target.name}.`
    : prose`${particles} ${verb('start')} as ${even ? 'the quantiles of the noise' : 'noise'} and ${one ? 'is' : 'are'} carried by
      ${sampler(info).name} through ${many(Number(v.steps), 'step')} along ${process(v).name} to ${target.name}. Each particle asks the
      denoiser ${scene.nfe === 1 ? 'once' : many(scene.nfe, 'time')}.`;
  return sentences(start, scoreOf(info, color));
}

// ── equations ──────────────────────────────────────────────────────────────────────────────────
/** Where the steps are: the levels from noise to data, and the start. @param {Info} info @param {Timeline} scene @returns {Formula[]} */
export function levels({ values: v, facts: { grid } }, scene) {
  const last = scene.frames - 1;
  const zero = v.process === 'edm' && grid !== 'uniform-t'; // the last step lands on σ = 0, beyond the spacing
  const single = zero && Number(v.steps) === 1; // from the first level to σ = 0
  const [N, M] = zero ? ['N - 1', '(N - 1)'] : ['N', 'N'];
  const reached = `${time(scene.t[last])} (σ/α = ${number(ratio(scene, last), 2)})`;
  const end = single ? 'σ = 0' : zero ? 'σ/α = 0.002, then σ = 0' : `t = ${reached}`;
  const spacing = /** @type {Record<string, string>} */ ({
    karras: `\\psi_i^{1/7} = \\psi_0^{1/7} + i (\\psi_{${N}}^{1/7} - \\psi_0^{1/7}) / ${M} , \\; \\psi = \\sigma/\\alpha`,
    'log-snr': `\\lambda_i = \\lambda_0 + i (\\lambda_{${N}} - \\lambda_0) / ${M} , \\; \\lambda = \\log (\\alpha/\\sigma)`,
  })[grid] ?? 't_i = t_0 + i (t_N - t_0) / N';
  const even = v.init === 'quantile';
  return [
    {
      tex: single ? 't_0 = 1 , \\; t_1 = 0' : spacing,
      note: `From t = ${time(scene.t[0])} (σ/α = ${number(ratio(scene, 0), 2)}) to ${end}.`,
    },
    even
      ? { tex: 'x^{(i)} = \\sigma(t_0) \\Phi^{-1}((i + \\frac{1}{2})/n)', note: 'The start: quantiles in place of draws, i = 0 … n − 1.' }
      : { tex: 'x = \\sigma(t_0) z', note: 'The start: noise alone.' },
  ];
}

/**
 * A network as a denoiser (Karras et al. 2022, table 1).
 * @param {string} shape  of its hidden layers
 * @param {string} of  what it has seen
 * @returns {Formula[]}
 */
export const network = (shape, of = 'noisy samples of the law') => [
  {
    tex: formula`\hat x = c_{\text{skip}} u + c_{\text{out}} F_\theta(c_{\text{in}} u , \frac{1}{4} \log s) , \; u = x_t/\alpha ,
      \; s = \sigma/\alpha`,
    note: prose`F is a perceptron with ${shape} and SiLU, trained on ${of}. It sees s within 0.002 … 80 and no other time.`,
  },
  {
    tex: formula`c_{\text{skip}} = \frac{\sigma_d^2}{s^2 + \sigma_d^2} , \; c_{\text{out}} = \frac{s \sigma_d}{\sqrt{s^2 + \sigma_d^2}} ,
      \; c_{\text{in}} = \frac{1}{\sqrt{s^2 + \sigma_d^2}} , \; \sigma_d = \frac{1}{2}`,
  },
];

/** @param {Values} v @param {number} dim */
const layers = (v, dim) => (v.score === 'trained'
  ? `${many(Number(v['net-depth']), 'hidden layer')} of ${v['net-width']}`
  : `3 hidden layers of ${dim > 1 ? 128 : 64}`);

/** The score of data points. @param {Values} v @param {number} dim @returns {Formula[]} */
const empirical = (v, dim) => [{
  tex: formula`\hat x = \sum_{j=1}^{${v.m ?? 100}} r_j y_j ,
    \; r_j \propto \exp(- \frac{${dim > 1 ? '|x_t - \\alpha y_j|^2' : '(x_t - \\alpha y_j)^2'}}{2 \sigma^2})`,
  note: `The points y are drawn from p₀ (data seed ${v['data-seed'] ?? 0}).`,
}];

const SCORE = { tex: '\\nabla \\log p_t(x_t) = \\frac{\\alpha \\hat x - x_t}{\\sigma^2} , \\; \\hat x = E[x_0 | x_t]' };

/**
 * The equations of one configuration.
 * @param {Target} target
 * @param {SideState & { scene: Timeline }} side
 * @param {number} [dim]
 */
export function equations(target, { info, scene }, dim = 1) {
  const v = info.values;
  const walk = info.facts.one_level;
  const noising = [
    {
      tex: `x_t = \\alpha(t) x_0 + \\sigma(t) z , \\; z \\sim {\\cal N}(0, ${dim > 1 ? 'I' : '1'})`,
      note: 't = 0 is data, t = 1 is noise.',
    },
    ...process(v).formulas,
  ];
  const denoiser = isLearned(v) ? network(layers(v, dim)) : v.score === 'empirical' ? empirical(v, dim) : target.denoiser;
  return h('div.equations', {},
    part('Law', target.law),
    (!walk || v.view === 'flow') && part('Noising', noising),
    !walk && part('Levels and start', levels(info, scene)),
    part('Denoiser and score', [...denoiser, SCORE]),
    part(walk ? 'Step' : 'Step from t down to s', sampler(info, dim).formulas));
}
