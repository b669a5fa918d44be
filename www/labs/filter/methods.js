// Lab filter, the words of its methods: what each does, and its equations.
import { number } from '../../plots/kit.js';
import { formula, prose, sentences } from '../../plots/prose.js';

/**
 * @typedef {import('../shared/words.js').Values} Values
 * @typedef {import('../shared/words.js').Formula} Formula
 */

/** Inflation and localisation, where they are on. @param {Values} v @returns {Formula[]} */
const helped = (v) => [
  ...(Number(v.inflation ?? 1) !== 1 ? [{
    tex: `x_j \\leftarrow \\bar x + ${number(Number(v.inflation), 5)} (x_j - \\bar x)`,
    note: 'Inflation, after the update: it makes up for the spread that a small ensemble loses.',
  }] : []),
  ...(Number(v.locality ?? 0) > 0 ? [{
    tex: 'C \\leftarrow \\rho(\\text{distance}/c) \\circ C',
    note: prose`Localisation by Gaspari and Cohn’s function with c = ${number(Number(v.locality))}: covariances of distant places, which
      in a small
      ensemble are mostly chance, are taken away.`,
  }] : []),
];

/** Inflation of a covariance. @param {Values} v @returns {Formula[]} */
const widened = (v) => (Number(v.inflation ?? 1) !== 1 ? [{
  tex: `P \\leftarrow ${number(Number(v.inflation), 5)}^2 P`,
  note: 'Inflation, after the update.',
}] : []);

/** @type {Formula} */
const GAIN = {
  tex: 'K = P H^{\\top} (H P H^{\\top} + R)^{-1} , \\; m \\leftarrow m + K (y - h(m)) , \\; P \\leftarrow P - K H P',
  note: 'H is h′ at m, R = r² I.',
};

/** When a covariance goes through the model. */
const STEP_NOISE = 'In every step of the model; Q is the covariance of its noise.';

/** What the kernel prior is on several levels. @param {Values} v */
const isAnnealed = (v) => v.prior === 'kde' && Number(v.anneal) > 1;

/** Where the score of the forecast comes from. @type {Record<string, (v: Values) => Formula>} */
const PRIORS = {
  kde: (v) => ({
    tex: formula`\nabla \log p(x) = \sum_j \pi_j (x) \frac{x_j - x}{b^2} , \; \pi_j \propto \exp(- \frac{|x - x_j|^2}{2 b^2}) ,
      \; b = ${number(Number(v.bandwidth))} (\frac{4}{(d + 2) N})^{1/(d+4)}`,
    note: sentences(
      prose`Kernels at the members, in units in which their covariance is I; the πⱼ add up to 1. A kernel blurs: the
        prior’s variance is that of the members times 1 + b².`,
      Number(v.anneal) > 1 && prose`On the levels before the last, ${v.anneal} in all, b is wider, from 1 on, with R widened alike, so that
        members can pass between modes while these are blurred.`),
  }),
  gauss: () => ({
    tex: '\\nabla \\log p(x) = - C^{-1} (x - \\bar x)',
    note: 'The normal law with mean and covariance of the members: exact for linear models, blind to modes.',
  }),
  ism: () => ({
    tex: formula`\log p(x) = \sum_k \theta_k \phi_k(x) , \; A \theta = - \beta , \; A_{kl} = E \, \nabla \phi_k \cdot \nabla \phi_l , \;
      \beta_k = E \, \Delta \phi_k`,
    note: prose`Implicit score matching with monomials: one linear system, and no blur. It sees the shape of each mode, and hardly the
      weight
      between modes that are apart.`,
  }),
  dsm: () => ({
    tex: formula`\min_\theta E \, | s_\theta(x + \sigma z) + z / \sigma |^2 , \; \sigma = 0.2`,
    note: prose`Denoising score matching at one level, by a small network that is trained anew at each cycle: it learns the forecast
      blurred by σ.`,
  }),
};

/** @type {Record<string, (v: Values) => { story: string, formulas: Formula[] }>} */
export const METHODS = {
  ssls: (v) => ({
    story: prose`The members move by Langevin steps towards the posterior: the score of the forecast, learned from the members, plus the
      gradient
      of the likelihood. A particle that is moved by a score does not carry its mode’s weight: in affordable time the modes keep the
        weights ${v.start === 'weighted' ? 'of the start, which here are those of the likelihood.'
        : isAnnealed(v) ? 'that they have once the kernels are too narrow for members to pass.' : 'of the forecast.'}`,
    formulas: [
      {
        tex: v.langevin === 'ula'
          ? formula`x \leftarrow x + h M [s(x) + \nabla \log p(y | x)] + \sqrt{2h} M^{1/2} z , \; h = ${number(Number(v['langevin-step']))}`
          : formula`x \leftarrow x + h M [s(x) + \nabla \log p(y | x)] + \sqrt{h (2 - h)} M^{1/2} z , \; h =
            ${number(Number(v['langevin-step']))}`,
        note: sentences(
          prose`${v['langevin-steps']} steps. s is the score of the forecast. M⁻¹ = B⁻¹ + the mean of h′²/R over the moved members, with
            B = ${v.prior === 'kde' ? 'b²C' : 'C'}, where C is the covariance of the forecast.`,
          v.langevin === 'ula'
            ? 'Unadjusted Langevin: on a normal law its variance is 1/(1 − h/2) times too large.'
            : 'Exact on a normal law for any h ≤ 1.'),
      },
      ...(PRIORS[v.prior] ? [PRIORS[v.prior](v)] : []),
      ...helped(v),
    ],
  }),
  ensf: (v) => ({
    story: prose`Noise becomes the analysis in a reverse diffusion, whose score is that of the forecast members, diffused, plus a gradient
      of the
      likelihood. ${v.likelihood === 'exact' ? 'Here the members are weighted by the likelihood: a particle filter with blur.'
        : 'That gradient is a guess for times before the end, so the result is biased even for a normal law.'}`,
    formulas: [
      {
        tex: formula`\alpha = 1 - (1 - \epsilon_a) t , \; \beta^2 = \epsilon_b + (1 - \epsilon_b) t , \; \epsilon_a =
          ${number(Number(v['eps-a']))} , \; \epsilon_b = ${number(Number(v['eps-b']))}`,
        note: prose`${v.steps} steps from t = 1 to 0, in
          ${v.scale === 'ens' ? 'units of mean and deviation of the forecast' : 'the units of the state'}.
          z is the forecast in these units. What is left of β at t = 0 is blur.`,
      },
      {
        tex: v.pairing === 'own'
          ? formula`s = - \frac{x - \alpha z_j}{\beta^2}`
          : formula`s = - \frac{x - \alpha \mu}{\beta^2} , \; \mu = \sum_j w_j z_j ,
            \; w_j \propto \exp(- \frac{|x - \alpha z_j|^2}{2 \beta^2})${v.likelihood === 'exact' ? '\\, p(y | z_j)' : ''}`,
        note: v.pairing === 'own'
          ? 'Particle j sees member j alone, as in the published code: another law than that of the ensemble.'
          : 'The score of the diffused ensemble; the wⱼ add up to 1.',
      },
      ...(v.likelihood === 'exact' ? [] : [{
        tex: formula`x \leftarrow \frac{1}{D} ( x - \Delta [f x - g^2 v] + \sqrt{\Delta} \, g \, \xi ) ,
          \; v = s + (1 - t) \nabla \log p(y | x)`,
        note: sentences(
          `Δ = 1/${v.steps}, f = α′/α, g² = (β²)′ − 2fβ².`,
          v.implicit === 'yes'
            ? prose`D = 1 + Δg²(1 − t)(u h′)²/R, with u the unit of the coordinate: an implicit step, stable for any noise.`
            : prose`D = 1: explicit, as published. It explodes where Δg²(1 − t)(u h′)²/R > 2, with u the unit of the coordinate.`),
      }]),
      ...helped(v),
    ],
  }),
  pf: (v) => ({
    story: prose`Each member is weighted by the likelihood of the observation, and members are drawn again by their weights: right for any
      law as
      N grows, as long as enough members carry weight.`,
    formulas: [
      { tex: 'w_j \\propto w_j \\, p(y | x_j)', note: 'The weights that the exact posterior gives to the members that are there.' },
      {
        tex: Number(v.resample) === 0 ? formula`\frac{1}{\sum_j w_j^2} = \text{ESS}`
          : formula`${Number(v.resample) < 1 ? formula`\frac{1}{\sum_j w_j^2} < ${number(Number(v.resample))} \, N : \; ` : ''}x_j \sim
            \sum_i w_i \delta_{x_i}`,
        note: Number(v.resample) === 0 ? 'Members are never drawn again: they keep their weights.' : prose`Resampled
          systematically: one uniform number, N even steps${Number(v.jitter) > 0
          ? `; then each gets noise of $${number(Number(v.jitter))} \\, N^{-1/(d+4)}$ deviations, so that copies part.`
          : '. Copies part by the noise of the model.'}`,
      },
    ],
  }),
  enkf: (v) => ({
    story: prose`The members are moved by a linear rule with the gain of their own covariance, each towards an observation with noise of
      its own:
      exact for a normal law as N grows, and blind to anything but mean and covariance.`,
    formulas: [
      {
        tex: 'x_j \\leftarrow x_j + K (y + e_j - h(x_j)) , \\; K = C_{xh} (C_{hh} + R)^{-1}',
        note: 'C are covariances of the members, over N − 1; the $e_j$ are noise of mean 0 and variance R = r².',
      },
      ...helped(v),
    ],
  }),
  etkf: (v) => ({
    story: prose`A linear transform of the members gives mean and covariance that Kalman’s rule asks for, without noise on the
      observations: less
      chance in a small ensemble than with the stochastic filter.`,
    formulas: [
      {
        tex: formula`w = G^{-1} S (y - \bar z)/r , \; T = \sqrt{N - 1} \, G^{-1/2} , \; G = (N - 1) I + S S^{\top} ,
          \; S = (Z - \bar z)/r`,
        note: 'Z = h(X). The mean moves by w, the anomalies are multiplied by T and turned by a random rotation that keeps the mean.',
      },
      ...helped(v),
    ],
  }),
  letkf: (v) => ({
    story: prose`The transform filter, for each coordinate on its own, with the observations near it: few members are enough for a large
      circle.`,
    formulas: [
      {
        tex: 'R^{-1} \\leftarrow \\rho(\\text{distance}/c) \\, R^{-1} , \\; \\text{for each coordinate}',
        note: prose`ρ is Gaspari and Cohn’s function with c = ${number(Number(v.locality))}: what is further than 2c away does not count.
          One rotation
          for all coordinates.`,
      },
      {
        tex: formula`w = G^{-1} S (y - \bar z)/r , \; T = \sqrt{N - 1} \, G^{-1/2} , \; G = (N - 1) I + S S^{\top} ,
          \; S = (Z - \bar z)/r`,
        note: 'As in the ETKF, with the R of the coordinate: Z = h(X), the mean moves by w, the anomalies are multiplied by T.',
      },
      ...helped({ ...v, locality: '0' }),
    ],
  }),
  var3d: (v) => ({
    story: 'One state, corrected with a covariance that never changes: cheap, and blind to the weather of the day.',
    formulas: [{
      tex: formula`x \leftarrow x + K (y - h(x)) , \; K = \beta C H^{\top} (\beta H C H^{\top} + R)^{-1} , \; \beta =
        ${number(Number(v.background))}`,
      note: 'C is the covariance of a long run of the model.',
    }],
  }),
  climatology: () => ({
    story: 'Mean and covariance of a long run of the model, whatever is observed: what a filter has to beat.',
    formulas: [{ tex: 'm = E \\, x , \\; P = \\text{cov} \\, x', note: 'Over a long time.' }],
  }),
  reference: () => ({
    story: prose`A particle filter of 16,384 members: as near to the exact law as is shown here for a model that has no exact filter. It
      is a
      reference, not an exact answer.`,
    formulas: [{ tex: 'w_j \\propto w_j \\, p(y | x_j)', note: 'Resampled below .2 N, with jitter.' }],
  }),
  ekf: (v) => ({
    story: prose`One normal law in place of members: its mean goes through the model, its covariance through the model’s tangent. It
      cannot be on
      both sides of a ridge.`,
    formulas: [
      { tex: 'm \\leftarrow F(m) , \\; P \\leftarrow F^{\\prime} P F^{\\prime \\top} + Q', note: STEP_NOISE },
      GAIN,
      ...widened(v),
    ],
  }),
  free: () => ({
    story: 'The members go with the model and never see an observation: what every filter has to beat.',
    formulas: [{ tex: 'x_j \\leftarrow x_j', note: 'No update.' }],
  }),
  exact: (v) => ({
    story: 'The exact law of the state given all observations so far: what the other methods approximate.',
    formulas: v.model === 'double-well' ? [
      {
        tex: formula`p(x) \leftarrow \int {\cal N}(x ; u + c (u - u^3) h , ${Number(v['model-noise'] ?? 0) > 0
          ? '(s^2 + q^2)' : 's^2'} h) \, p(u) \, du`,
        note: 'A step of length h, on a fine grid.',
      },
      { tex: 'p(x) \\leftarrow \\frac{p(y | x) p(x)}{\\int p(y | u) p(u) du}', note: 'The update, by the same grid.' },
    ] : [
      { tex: 'm \\leftarrow F m , \\; P \\leftarrow F P F^{\\top} + Q', note: STEP_NOISE },
      GAIN,
    ],
  }),
};
