// Lab toy1d, the words: its laws.
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
