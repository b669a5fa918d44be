// Lab toy1d, the words: its laws, its views, its pictures for those who do not see them.
import { count, number, settled } from '../../plots/kit.js';
import { levelName } from '../../plots/time.js';
import { formula, prose, sentences } from '../../plots/prose.js';
import { nearness, num, spaced } from '../shared/words.js';

/** @typedef {Record<string, string>} Values */
/** @typedef {import('./index.js').Look} Look */

/** The denoiser of mixtures of intervals, from the densities and distribution functions at their ends. */
const NORMAL = 'φ and Φ are the standard normal density and distribution function.';

/** @type {Record<string, (v: Values) => import('../shared/words.js').Target>} */
const TARGETS = {
  uniform: () => ({
    name: 'the uniform law on [0, 1]',
    law: [{ tex: 'p_0 = {\\cal U}[0, 1]' }],
    denoiser: [{
      tex: formula`\hat x = u + s \frac{\phi(u/s) - \phi((u - 1)/s)}{\Phi(u/s) - \Phi((u - 1)/s)} ,
        \; u = x_t/\alpha , \; s = \sigma/\alpha`,
      note: NORMAL,
    }],
  }),
  gaussian: (v) => ({
    name: `a Gaussian of standard deviation ${num(v.sd, '0.5')}`,
    law: [{ tex: `p_0 = {\\cal N}(0, \\sigma_d^2) , \\; \\sigma_d = ${num(v.sd, '0.5')}` }],
    denoiser: [{ tex: '\\hat x = \\frac{\\alpha \\sigma_d^2}{\\alpha^2 \\sigma_d^2 + \\sigma^2} x_t' }],
  }),
  mixture: (v) => ({
    name: v.means?.includes(',') === false
      ? `a Gaussian of mean ${spaced(v.means)}`
      : `a mixture of ${(v.means ?? '-1,1').split(',').length} Gaussians`,
    law: [{
      tex: 'p_0 = \\sum_k w_k {\\cal N}(m_k, s_k^2)',
      note: prose`Means ${spaced(v.means ?? '-1,1')}; standard deviations ${spaced(v.sds ?? '0.2,0.2')};
        weights ${spaced(v.weights ?? '0.5,0.5')}, divided by their sum.`,
    }],
    denoiser: [{
      tex: formula`\hat x = \sum_k r_k [ m_k + \frac{\alpha s_k^2}{\alpha^2 s_k^2 + \sigma^2} (x_t - \alpha m_k) ] ,
        \; r_k \propto w_k {\cal N}(x_t ; \alpha m_k , \alpha^2 s_k^2 + \sigma^2)`,
    }],
  }),
  comb: (v) => ({
    name: `a comb of ${v.teeth ?? 4} teeth`,
    law: [{
      tex: formula`p_0 = \frac{1}{d} \, \text{ on } \cup_j [\frac{j}{K} , \frac{j + d}{K}] ,
        \; K = ${v.teeth ?? 4} , \; d = ${num(v.duty, '0.5')}`,
      note: 'j = 0 … K − 1.',
    }],
    denoiser: [{
      tex: formula`\hat x = u + s \frac{\sum_j [ \phi((u - a_j)/s) - \phi((u - b_j)/s) ]}{\sum_j [ \Phi((u - a_j)/s) - \Phi((u - b_j)/s) ]}
        , \; u = x_t/\alpha , \; s = \sigma/\alpha`,
      note: `aⱼ = j/K and bⱼ = (j + d)/K are the ends of the teeth; ${NORMAL}`,
    }],
  }),
};

/** The law of a configuration. @param {Values} v @returns {import('../shared/words.js').Target} */
export function lawOf(v) {
  return TARGETS[v.target]?.(v) ?? { name: v.target, law: [{ tex: 'p_0' }], denoiser: [{ tex: '\\hat x' }] };
}

/** What each view shows. */
export const VIEWS = {
  level: 'Each column of the map is the exact distribution, the law, at one noise level.',
  /** Of a walk that stays at one noise level. */
  iteration: prose`Each column of the map is one iteration. A Langevin walk stays at one noise level, so every column is the same exact
    distribution, its law.`,
  density: prose`The lines are particles on their way. The bars at the right are all particles at the column of the upright line, and the
    ink line beside them is the exact density. A broken bar goes on beyond the scale.`,
  histogram: prose`Each panel is one frame on the way from start to end: bars are samples, ink is exact. Both are in units of that frame’s
    exact maximum, which stands above at the right.`,
  flow: prose`The arrows are the probability flow: follow them and noise becomes data. The ink curves are exact solutions, one for each
    quantile. They never cross.`,
  sweep: prose`Above, the sampled law for each number of steps beside the exact one; an arrow marks the N of this run. Below, its distance
    from the exact law. The dashed line is the mean distance of a perfect sampler, which draws the same number of particles from the exact
    law itself: those of the run, and 10 000 if they are more. 95 of 100 such samples lie in the band: a curve in it cannot be told from
    exact draws.`,
  learnedSweep: prose`Beside the network stands the same sampler with the exact score. The gap between the two curves is what the network
    has not learned. The rest, down to the band, is the sampler’s error; the band is the luck of the draw.`,
};

/** How to use the picture. */
export const HELP = {
  words: 'The picture itself runs from noise to data: drag on it to scrub. In the histograms, click a panel to go to its frame.',
};

/** @param {Look} look */
const here = ({ side: { scene }, frame }) => prose`At ${levelName(scene, frame)} the exact law has mean
  ${number(settled(scene.mean[frame], scene.sd[frame]))} and standard deviation ${number(scene.sd[frame])}.`;

/** @param {Look} look */
const near = ({ side }) => nearness(side, 'w1', 'W₁ to the exact law');

/** The pictures of one side in words. */
export const inWords = {
  density: (/** @type {Look} */ look) => {
    const { scene, info } = look.side;
    const { n } = info.values;
    const map = scene.clock === 'iteration'
      ? `Heat map of the exact density at one noise level, iteration by iteration, ${lawOf(info.values).name}`
      : `Heat map of the exact density from noise (left) to data (right), ${lawOf(info.values).name}`;
    const paths = Math.min(scene.paths, Number(n));
    const over = `, with ${paths} of ${count(Number(n))} particle paths over it and a histogram of the samples beside it.`;
    return sentences(map + over, here(look), near(look));
  },
  histogram: (/** @type {Look} */ look) => sentences(
    prose`Histograms of ${count(Number(look.side.info.values.n))} samples at a few levels from noise to data, each with the exact density
      as a line.`, here(look), near(look)),
  flow: (/** @type {Look} */ look) => sentences(
    prose`Arrows and curves of the exact probability flow from noise (left) to data (right),
      ${lawOf(look.side.info.values).name}.`, here(look)),
};

/** @param {import('../../app/store.js').State} state */
export function sweepWords({ jobs: { sweep } }) {
  /** @type {import('../../../pkg/cpu/scorefield.js').SweepPlan|null} */
  const plan = sweep?.plan ?? null;
  if (!sweep || !plan) return 'The sweep is being prepared.';
  const series = plan.series.map(({ id, label }) => {
    const own = sweep.points.filter((p) => p.series === id).sort((p, q) => p.steps - q.steps);
    if (!own.length) return '';
    const last = own[own.length - 1];
    return `${label}: W₁ ${number(own[0].w1)} at N = ${own[0].steps}, ${number(last.w1)} at N = ${last.steps}.`;
  });
  return sentences('Sampled law and its W₁ distance to the exact law against the number of steps N.', ...series,
    prose`A perfect sampler’s ${count(plan.n)} draws would have ${number(plan.iid)} in the mean, and 95 of 100 such samples between
      ${number(plan.chance[0])} and ${number(plan.chance[1])}.`);
}
