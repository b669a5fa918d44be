// Lab toy1d, the words: its laws, and links to try.
import { num, spaced } from './words.js';

/** @typedef {Record<string, string>} Values */

/** @type {Record<string, (v: Values) => import('./words.js').Target>} */
const TARGETS = {
  uniform: () => ({
    name: 'the uniform law on [0, 1]',
    law: [{ tex: 'p_0 = {\\cal U}[0, 1]' }],
    denoiser: [{ tex: '\\hat x = u + s \\frac{\\phi(u/s) - \\phi((u - 1)/s)}{\\Phi(u/s) - \\Phi((u - 1)/s)} , \\; u = x_t/\\alpha , \\; s = \\sigma/\\alpha', note: 'φ and Φ are the standard normal density and distribution function.' }],
  }),
  gaussian: (v) => ({
    name: `a Gaussian of standard deviation ${num(v.sd, '0.5')}`,
    law: [{ tex: `p_0 = {\\cal N}(0, \\sigma_d^2) , \\; \\sigma_d = ${num(v.sd, '0.5')}` }],
    denoiser: [{ tex: '\\hat x = \\frac{\\alpha \\sigma_d^2}{\\alpha^2 \\sigma_d^2 + \\sigma^2} x_t' }],
  }),
  mixture: (v) => ({
    name: v.means?.includes(',') === false ? `a Gaussian of mean ${spaced(v.means)}` : `a mixture of ${(v.means ?? '-1,1').split(',').length} Gaussians`,
    law: [{ tex: 'p_0 = \\sum_k w_k {\\cal N}(m_k, s_k^2)', note: `Means ${spaced(v.means ?? '-1,1')}; standard deviations ${spaced(v.sds ?? '0.2,0.2')}; weights ${spaced(v.weights ?? '0.5,0.5')}, normalised.` }],
    denoiser: [{ tex: '\\hat x = \\sum_k r_k [ m_k + \\frac{\\alpha s_k^2}{\\alpha^2 s_k^2 + \\sigma^2} (x_t - \\alpha m_k) ] , \\; r_k \\propto w_k {\\cal N}(x_t ; \\alpha m_k , \\alpha^2 s_k^2 + \\sigma^2)' }],
  }),
  comb: (v) => ({
    name: `a comb of ${v.teeth ?? 4} teeth`,
    law: [{ tex: `p_0 = \\frac{1}{d} \\, \\text{ on } \\cup_j [\\frac{j}{K} , \\frac{j + d}{K}] , \\; K = ${v.teeth ?? 4} , \\; d = ${num(v.duty, '0.5')}`, note: 'j = 0 … K − 1.' }],
    denoiser: [{ tex: '\\hat x = u + s \\frac{\\sum_j [ \\phi((u - a_j)/s) - \\phi((u - b_j)/s) ]}{\\sum_j [ \\Phi((u - a_j)/s) - \\Phi((u - b_j)/s) ]} , \\; u = x_t/\\alpha , \\; s = \\sigma/\\alpha', note: 'aⱼ = j/K and bⱼ = (j + d)/K are the ends of the teeth; φ and Φ the standard normal density and distribution function.' }],
  }),
};

/** The law of a configuration. @param {Values} v @returns {import('./words.js').Target} */
export function lawOf(v) {
  return TARGETS[v.target]?.(v) ?? { name: v.target, law: [{ tex: 'p_0' }], denoiser: [{ tex: '\\hat x' }] };
}

export const TRIES = [
  ['Too few steps', 'v=1&lab=toy1d&steps=8&seed=0', 'DDPM’s sampler with 8 steps in place of 100.'],
  ['The same in EDM', 'v=1&lab=toy1d&process=edm&sampler=heun&steps=18&seed=0', 'A much wider start, a deterministic path, 35 calls.'],
  ['Exact beside trained', 'v=1&lab=toy1d&process=edm&sampler=heun&steps=18&b.score=net&seed=0', 'The same run with the exact score and with a network, same noise: the difference is what the network has not learned.'],
  ['EDM and VP, trained', 'v=1&lab=toy1d&process=vp&sampler=euler&steps=8&score=net&b.process=edm&b.sampler=heun&seed=0', 'The comparison of the lectures, with one network for both processes.'],
  ['What the network costs', 'v=1&lab=toy1d&process=edm&sampler=heun&steps=18&score=net&view=sweep&seed=0', 'Error against N: the network’s, and the same sampler’s with the exact score.'],
  ['Where errors come from', 'v=1&lab=toy1d&process=edm&sampler=heun&steps=18&score=net&view=errors&seed=0', 'Network, steps and the luck of the draw: three parts that bound the whole.'],
  ['What memorising does', 'v=1&lab=toy1d&score=empirical&m=20&seed=0', 'The score of 20 data points returns those 20 points.'],
  ['Who wins at 8 steps?', 'v=1&lab=toy1d&process=vp&sampler=euler&steps=8&b.process=edm&b.sampler=heun&seed=0', 'VP with Euler against EDM with Heun, same noise. With the exact score the simple one wins here.'],
  ['How error falls with N', 'v=1&lab=toy1d&process=vp&sampler=dpmpp2m&steps=32&view=sweep&seed=0', 'Every sampler on one process, from few steps to many.'],
  ['The flow itself', 'v=1&lab=toy1d&target=mixture&process=fm&sampler=heun&steps=20&view=flow&seed=0', 'Flow matching to two bumps: its paths are straight for each pair of noise and data, the flow of the whole law is not.'],
];
