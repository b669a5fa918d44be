// Lab toy2d, the words: its laws and its views.
import { number } from '../../plots/kit.js';
import { formula, prose } from '../../plots/prose.js';

/** @typedef {Record<string, string>} Values */
/** @typedef {import('../shared/words.js').Target} Target */

/** A mixture's denoiser: normals along a curve, close enough to leave no ripple, are one. */
const MIXTURE = [{
  tex: formula`\hat x = \sum_k r_k [ m_k + \frac{\alpha s^2}{\alpha^2 s^2 + \sigma^2} (x_t - \alpha m_k) ] ,
    \; r_k \propto w_k {\cal N}(x_t ; \alpha m_k , (\alpha^2 s^2 + \sigma^2) I)`,
}];

/** @param {string} name @param {string} s @param {string} note @param {string} [curve]  the means, as a formula @returns {Target} */
function mixture(name, s, note, curve) {
  const tex = `p_0 = \\sum_k w_k {\\cal N}(m_k, s^2 I) , \\; s = ${s}`;
  return { name, law: curve ? [{ tex }, { tex: curve, note }] : [{ tex, note }], denoiser: MIXTURE };
}

/** @type {Record<string, Target>} */
const TARGETS = {
  gaussians8: mixture('eight normals on a circle', '0.08', 'k = 0 … 7, equal weights.',
    'm_k = 0.8 (\\cos(\\pi k / 4) , \\sin(\\pi k / 4))'),
  moons: mixture('two moons', '0.05',
    'θ from 0 to π along each; the picture is moved by (−½, −¼) and drawn 0.7 times as large.',
    formula`m = (\cos \theta , \sin \theta) \; \text{or} \; (1 - \cos \theta , \frac{1}{2} - \sin \theta)`),
  checkerboard: {
    name: 'a checkerboard',
    law: [{
      tex: 'p_0 = \\frac{1}{8} \\sum_k {\\cal U}(S_k)',
      note: 'S are 8 of the 16 squares of side ½ in [−1, 1]², like the dark ones of a board.',
    }],
    denoiser: [{
      tex: '\\hat x = \\sum_k r_k E[x_0 | x_t, S_k] , \\; r_k = P(S_k | x_t)',
      note: prose`In a square both coordinates are those of a uniform law on an interval: differences of normal densities over differences
        of normal distribution functions.`,
    }],
  },
  swissroll: mixture('a Swiss roll', '0.04', 'τ from 3π/2 to 9π/2, evenly.', 'm = \\frac{\\tau}{12} (\\cos \\tau , \\sin \\tau)'),
  rings: mixture('two rings', '0.05', 'θ all round; each ring has half of the mass.',
    formula`m = \rho (\cos \theta , \sin \theta) , \; \rho = 1 \; \text{or} \; \frac{1}{2}`),
  pinwheel: mixture('a pinwheel', '0.05', 'Five arms, j = 0 … 4; ρ has the law N(1, 0.3²), cut at three deviations.',
    formula`m = 0.65 \rho (\cos \theta , \sin \theta) , \; \theta = 2 \pi j / 5 + \frac{1}{4} e^\rho`),
  drawn: mixture('the drawn law', '0.05', 'A small round normal at each drawn point, all of one weight.'),
};

/** The law of a configuration. @param {Values} v @returns {Target} */
export function lawOf(v) {
  return TARGETS[v.target] ?? { name: v.target, law: [{ tex: 'p_0' }], denoiser: [{ tex: '\\hat x' }] };
}

export const SCALE = prose`The picture is zoomed so that the cloud keeps its size: everything is divided by κ(t) = √(α² + σ²/v), v the
  variance of the data. Noise would leave the picture otherwise.`;

/** More particles than dots can show. */
const DENSE = prose`More than 10,000 particles are drawn as their density on the pixels: the number on a pixel over the mean of the square,
  with opacity 1 − exp(−density/4). The frames of a long run have room for the first particles only, and a slow device draws fewer while it
  plays: the legend says how many are drawn.`;

/** What each view shows. */
export const VIEWS = {
  particles: prose`Dots are particles. The ink lines enclose 50, 80 and 95 % of the mass of the exact distribution, the law, at this level.
    ${SCALE} While it plays, particles move straight from one step to the next. ${DENSE}`,
  density: prose`The exact density at this level, with the outlines that enclose 50, 80 and 95 % of its mass. ${SCALE} Play it from noise to
    data to see when the distribution, the law, breaks up into its parts.`,
  trajectories: prose`The paths of the first particles of the run, from their ring in the noise to their dot at this level, over outlines of
    the exact distribution, the law. ${SCALE} The paths of an ODE sampler bend together; those of a stochastic one tremble.`,
};

/** The view of the flow: of samplers that go through noise, and of walks that stay at one level. */
export const FLOW = {
  time: prose`The arrows are the probability flow at this moment: dy/dτ with y = xₜ/κ and τ running from 0 (noise) to 1 (data) along the
    run. It is the flow of the score that the sampler uses.`,
  walk: prose`A Langevin walk stays at one noise level and has no probability flow. Its arrows are its drift, h ∇log p/κ an iteration, times
    the number of iterations; the noise of the walk is not in them.`,
  both: 'While it plays, light streaks follow the arrows.',
};

/** Where nothing can be dropped. */
export const NO_DROP = 'No particle can be dropped here: a walk at one noise level has no flow to follow.';

/** How to use the picture. */
export const HELP = {
  words: 'Click to drop a particle. The flow is followed back to noise and on to data.',
  keys: [['arrows', 'move a cross; with Shift faster'], ['Enter', 'drop a particle at the cross'], ['Escape', 'clear what was dropped']],
};

/** Notes beside the picture, and words of its legend. */
export const NOTES = {
  scaled: (/** @type {number} */ kappa) => `Zoomed so that the cloud keeps its size: drawn over κ = √(α² + σ²/v) = ${number(kappa)}.`,
  share: (/** @type {string} */ line, /** @type {string} */ got, /** @type {string} */ exact) =>
    `Inside the ${line} line: ${got} of the particles, ${exact} of the exact law.`,
  drop: 'Click to drop a particle and follow it to noise and to data.',
  arrow: (/** @type {number} */ top) => `speed ${number(top, 2)}; 95 % are slower`,
};
