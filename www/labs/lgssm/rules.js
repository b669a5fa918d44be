// Lab lgssm, the words of its guidance rules: what each takes for the covariance of y given xₜ, and where that is right.
import { number } from '../../plots/kit.js';
import { formula, prose, sentences } from '../../plots/prose.js';
import { windowsOf } from './text.js';

/**
 * @typedef {import('../shared/words.js').Values} Values
 * @typedef {import('../shared/words.js').Formula} Formula
 */

/** An example that can be done by hand. */
const ONE = 'One state N(0, 1), seen as 1.5 with noise 0.5, has the posterior N(1.2, 0.2)';

/**
 * note: where a rule is right; bias: what is wrong with the samples, in a sentence.
 * @type {Record<string, { note: string, bias: string }>}
 */
export const RULES = {
  none: {
    note: 'The observations are not used: these are chains of the prior.',
    bias: '',
  },
  exact: {
    note: prose`Ĉ is the covariance of x(0) given xₜ, by Tweedie’s formula; V⁻¹ by conjugate gradients, one product with the Jacobian and
      one with its transpose an iteration. For a Gaussian law and a linear A nothing is approximated.`,
    bias: '',
  },
  diagonal: {
    note: prose`The covariance of x(0) given xₜ as without any prior. That is too wide at every noise level: the observations pull too
      little, and most so where the chain says much about itself.`,
    bias: 'The guidance takes x(0) given xₜ to be wider than it is and pulls too little.',
  },
  sda: {
    note: prose`γ stands for Λ(Λ + I)⁻¹ of the prior’s spectrum Λ, which is right for one noise level at most. ${ONE}; in the limit of many
      ODE steps γ = 0.1 gives N(1.40, 0.075) and γ = 0.01 N(1.72, 0.027): the mean goes too far, for a small γ even past y, and the
      variance is too small. Langevin corrections repair most of it.`,
    bias: prose`SDA puts one number γ in place of a covariance matrix: with a small one the mean goes too far, even past the
      observations, and the samples are too narrow.`,
  },
  lambda: {
    note: 'σ²∇² log pₜ is taken as λI. Near −1 it trusts the observations too much, at 0 too little.',
    bias: 'The guidance takes σ²∇² log pₜ as one number λ.',
  },
  finzi: {
    note: prose`The noise R of the observations is dropped: in the end the samples go through y itself. Right where observations have no
      noise, but for the covariance between.`,
    bias: 'The guidance takes the observations as free of noise: the samples are drawn onto them.',
  },
  pigdm: {
    note: prose`The covariance of x(0) given xₜ for the prior N(0, I), and right for that one alone: a chain, whose states know of each
      other, is narrower.`,
    bias: 'The guidance takes the states of the chain as independent.',
  },
  dps: {
    note: prose`No covariance at all: a pull of fixed size towards the observations, the Euclidean norm over all of them. ${ONE}; with VP
      and 256 steps ζ = 1 gives N(0.87, 0.68), ζ = 3 N(1.48, 0.026).`,
    bias: prose`The guidance pulls with a fixed strength whatever the noise: mean and width depend on ζ, not only on the observations.`,
  },
  replace: {
    note: prose`Observed coordinates are carried to y as if it had no noise. The others see nothing of y but through their noisy neighbours,
      which know less than y itself.`,
    bias: prose`The guidance replaces the observed states and takes them as free of noise; the others hear of them only through noise.`,
  },
};

const WHOLE = {
  tex: formula`\nabla \log p(y | x_t) = (\frac{\partial \hat x}{\partial x_t})^{\top} A^{\top} V^{-1} (y - A \hat x)`,
  note: 'Added to the score. V is the covariance of y given xₜ, held constant under the gradient; the rules differ in it.',
};

const WINDOWED = prose`Put together from windows, Ĉ is neither symmetric nor positive: it is made symmetric, and where V is not positive
  the run stops.`;
const CURVED = 'The operator is not linear here: the rule takes A′ at x̂ for A and is an approximation.';

/**
 * @param {import('../../app/store.js').Side} info
 * @param {import('../../app/store.js').ChainScene} scene
 * @returns {Formula[]}
 */
export function guidance({ values: v, facts: { rule } }, { operator }) {
  if (!rule) return [];
  const exact = v.guidance === 'exact';
  const besides = [exact && windowsOf(v) && WINDOWED, exact && operator === 'saturating' && CURVED];
  const value = rule.number ? ` , \\; ${rule.number[0]} = ${number(rule.number[1], 4)}` : '';
  const own = { tex: rule.formula + value, note: sentences(RULES[v.guidance]?.note, ...besides) };
  return rule.covariance ? [WHOLE, own] : [own];
}
