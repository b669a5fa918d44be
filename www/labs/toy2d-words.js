// Lab toy2d, the words: its laws, its views, and links to try.

/** @typedef {Record<string, string>} Values */

/** A mixture's denoiser, for what is made of small round normals. */
const MIXTURE = [{ tex: '\\hat x = \\sum_k r_k [ m_k + \\frac{\\alpha s^2}{\\alpha^2 s^2 + \\sigma^2} (x_t - \\alpha m_k) ] , \\; r_k \\propto w_k {\\cal N}(x_t ; \\alpha m_k , (\\alpha^2 s^2 + \\sigma^2) I)' }];

/** @type {Record<string, import('./words.js').Target>} */
const TARGETS = {
  gaussians8: { name: 'eight normals on a circle', law: [{ tex: 'p_0 = \\frac{1}{8} \\sum_k {\\cal N}(m_k, s^2 I)', note: 'The means m lie evenly on a circle.' }], denoiser: MIXTURE },
  moons: { name: 'two moons', law: [{ tex: 'p_0 = \\sum_k w_k {\\cal N}(m_k, s^2 I)', note: 'Two half circles, blurred a little.' }], denoiser: MIXTURE },
  checkerboard: {
    name: 'a checkerboard', law: [{ tex: 'p_0 = \\frac{1}{2} \\, \\text{ on 8 of the 16 squares of } [-1, 1]^2' }],
    denoiser: [{ tex: '\\hat x = \\sum_k r_k E[x_0 | x_t, \\text{square } k] , \\; r_k \\propto P(\\text{square } k | x_t)', note: 'In a square both coordinates are those of a uniform law on an interval: differences of normal densities over differences of normal distribution functions.' }],
  },
  swissroll: { name: 'a Swiss roll', law: [{ tex: 'p_0 = \\sum_k w_k {\\cal N}(m_k, s^2 I)', note: 'A spiral, blurred a little.' }], denoiser: MIXTURE },
  rings: { name: 'two rings', law: [{ tex: 'p_0 = \\sum_k w_k {\\cal N}(m_k, s^2 I)', note: 'Two circles around one centre, blurred a little.' }], denoiser: MIXTURE },
  pinwheel: { name: 'a pinwheel', law: [{ tex: 'p_0 = \\sum_k w_k {\\cal N}(m_k, s^2 I)', note: 'Five bent arms.' }], denoiser: MIXTURE },
  drawn: { name: 'the drawn law', law: [{ tex: 'p_0 = \\frac{1}{K} \\sum_k {\\cal N}(m_k, s^2 I)', note: 'A small round normal at each drawn point.' }], denoiser: MIXTURE },
};

/** The law of a configuration. @param {Values} v @returns {import('./words.js').Target} */
export function lawOf(v) {
  return TARGETS[v.target] ?? { name: v.target, law: [{ tex: 'p_0' }], denoiser: [{ tex: '\\hat x' }] };
}

const SCALE = 'Everything is drawn in units of c(t) = √(α² + σ²/v), v the variance of the data: noise would leave the picture otherwise.';

export const VIEW_WORDS = {
  particles: `Dots are particles; the ink lines enclose 50, 80 and 95 % of the exact law’s mass at this level. ${SCALE} While it plays, particles move straight from one step to the next. Click anywhere to drop a particle and see where the exact flow has it come from and go to.`,
  flow: `The arrows are the probability flow at this moment, dy/dτ with y = x/c and τ running from 0 (noise) to 1 (data) along the run; while it plays, light streaks follow them. It is the flow of the score that the sampler uses. ${SCALE}`,
  density: `The exact density at this level, with the outlines that enclose 50, 80 and 95 % of its mass. ${SCALE} Play it from noise to data to see when the law breaks up into its parts.`,
  trajectories: `The paths of the first particles of the run, from their ring in the noise to their dot at this level, over outlines of the exact law. ${SCALE} An ODE sampler’s paths bend together; a stochastic one’s tremble.`,
};

export const TRIES = [
  ['Too few steps', 'v=1&lab=toy2d&steps=6&seed=0', 'Six steps of Heun in place of 40: the right squares, filled in the wrong places.'],
  ['EDM against flow matching', 'v=1&lab=toy2d&target=moons&steps=5&view=trajectories&b.process=fm&seed=0', 'Five steps each from the same noise: the straighter road needs fewer.'],
  ['What memorising does', 'v=1&lab=toy2d&target=moons&score=empirical&m=30&seed=0', 'The score of 30 data points gives back those 30 points, and nothing between them.'],
  ['Network against exact', 'v=1&lab=toy2d&score=exact&b.score=net&seed=0', 'The same run with the exact score and with a small network: it rounds the corners.'],
  ['Where errors come from', 'v=1&lab=toy2d&score=net&view=errors&seed=0', 'What the network, the steps and the luck of the draw cost on the checkerboard.'],
  ['Langevin gets stuck', 'v=1&lab=toy2d&target=rings&sampler=langevin&steps=400&level=0.05&b.process=edm&b.sampler=heun&b.steps=20&seed=0', 'At one low noise level a particle stays at the ring it starts near, and the outer one keeps too many; from high noise both get their share.'],
  ['The flow itself', 'v=1&lab=toy2d&target=swissroll&view=flow&seed=0', 'Arrows that point inwards, until the law decides where everyone belongs.'],
];
