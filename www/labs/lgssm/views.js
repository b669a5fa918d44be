// Lab lgssm, the words of its views: what each shows, and why.
import { isLearned } from '../../app/store.js';
import { named } from '../../app/title.js';
import { h } from '../../ui/dom.js';
import { formula, prose, sentences } from '../../plots/prose.js';
import { block, many } from '../shared/words.js';
import { movable, nameOf, placed } from './marks.js';
import { placeless } from './text.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/store.js').ChainScene} ChainScene
 */

/** The scenes of the open sides. @param {State} state */
function scenesOf({ opened, a, b }) {
  const sides = opened?.b && b?.scene.lab === a?.scene.lab ? [a, b] : [a];
  return sides.flatMap((side) => (side ? [/** @type {ChainScene} */ (side.scene)] : []));
}

/** Those for which an exact distribution is known. @param {ChainScene[]} all */
const known = (all) => all.filter(({ reference }) => reference !== 'none');

/** @param {ChainScene[]} all */
const exactName = (all) => `exact ${known(all)[0]?.reference === 'prior' ? 'prior' : 'posterior'}`;

/** What ink is. @param {ChainScene[]} all @param {string} what */
function ink(all, what) {
  const held = known(all);
  if (held.length === 0) return 'There is no ink: with a saturating operator the exact posterior is not known.';
  return `Ink is${held.length < all.length ? ', where it is known,' : ''} ${what}.`;
}

const WAY = prose`On the way it is the distribution, the law, that the noisy chain should have at this level, with mean αm and variance
  α²s² + σ². It is drawn as the samples are: over κ = √(α² + σ²/v), v the variance of a state, so that the picture keeps its size. At the
  end nothing is scaled.`;

/** Where a diamond of the saturating operator stands. @param {ChainScene[]} all */
function saturating(all) {
  if (!all.some(({ operator }) => operator === 'saturating')) return '';
  return sentences(
    prose`A diamond of the saturating operator stands at u = y/(1 − |y|). Its bar reaches from there for y − 2d to there for y + 2d: that
      is the noise of y carried back through the operator, not two deviations of the state. It has no end where no state is that far.`,
    ...new Set(all.map(placeless)));
}

/** How observations are moved, or why they cannot be. @param {State} state */
export function moving(state) {
  const [scene] = scenesOf(state);
  if (!movable(scene)) {
    const why = scene.operator === 'linear'
      ? 'each number of them sees several coordinates'
      : prose`the operator “${state.opened ? named(state.opened.a, 'operator') : ''}” bends the axis of an observation, or spreads it over
        several states`;
    return `Observations cannot be moved here: ${why}.`;
  }
  const without = Array.from(scene.seen, (_, r) => r).filter((r) => scene.seen[r] < 0);
  const names = `${without.map((r) => nameOf(scene, r)).join(', ')} ${without.length > 1 ? 'see' : 'sees'}`;
  return sentences(
    prose`Drag a diamond: the exact posterior follows at once, the run when you let go. Click at an index without one to observe there. A
      double-click, its × or Delete takes one away. Keys: left and right go from one to the next, with Shift index by index; up and down
      move it, Enter adds.`,
    placed(scene).length > 1 && prose`A new observation is a number on every panel that has diamonds: those that you do not place are put
      on the exact mean.`,
    without.length > 0 && prose`Of each observation ${names} several coordinates: there is no place for that here, so it stays, and is put
      on the exact mean where an observation is added.`);
}

/** @param {State} state */
export function chain(state) {
  const all = scenesOf(state);
  return sentences(
    'From left to right runs the index of the chain; the diffusion is the slider below.',
    ink(all, `the ${exactName(all)}: its mean, and the bands that hold 50 and 95 %`),
    known(all).length > 0 && WAY,
    prose`Colour is the samples’: mean, 50 % between the solid outlines, 95 % between the dotted ones, and some chains one by one. Grey is
      the simulated truth that was observed.`,
    saturating(all));
}

const BLANKET = {
  tex: formula`\text{error}^2 = \frac{E \| s - s_{\text{full}} \|^2}{E \| s_{\text{full}} \|^2} ,
    \; \text{blanket: } \frac{\text{tr} [ (B - F) C (B - F)^{\top} ]}{\text{tr} [ F C F^{\top} ]} , \; C = \alpha^2 \Sigma_0 + \sigma^2 I`,
  note: prose`B and F are the matrices of the blanket’s and the full score. It depends on σ/α only, the same for every noising process.`,
};

const NETWORK = {
  tex: formula`\text{error}_{\text{network}}^2 = \text{error}_{\text{blanket}}^2 + r^2 ,
    \; r^2 = \frac{E \| s_\theta - s_{\text{blanket}} \|^2}{E \| s_{\text{full}} \|^2}`,
  note: prose`What a window cannot know and what the network has not learned are orthogonal, because the exact score of a window is the full
    one’s best guess from it. The second part is a mean over a thousand windows. It grows towards the data, where the score of a smooth law
    is small beside the noise 1/σ that the network predicts. Samples hardly feel it there, because a step moves them by σ² times the
    score.`,
};

/** @param {State} state @returns {Node[]} */
export function scoreError({ opened }) {
  const learned = [opened?.a, opened?.b].some((side) => isLearned(side?.values));
  const words = sentences(
    learned && prose`The thick line is the score of the network; the others are exact scores of windows, which it can reach at best.`,
    prose`A blanket of half-window k uses only the 2k + 1 nearest states. The curves show how wrong its score is at each noise level,
      root mean square over noised chains and relative to the full score. It is exact at both ends and wrong in between. Without noise,
      the score of a state depends on its neighbours only. In strong noise, it depends on the state alone. In between, a noised chain is
      not Markov, and far states matter. The dots below are the levels that this run visits.`);
  return [h('p', {}, words), block(BLANKET), ...(learned ? [block(NETWORK)] : [])];
}

/** @param {State} state */
export function covariance(state) {
  const all = scenesOf(state);
  const what = known(all).length
    ? `of the ${exactName(all)}, of the samples at the end, and their difference, on one scale`
    : 'of the samples at the end; with a saturating operator the exact ones are not known';
  return `Covariances of all pairs of states: ${what}. The sampling noise of ${many(all[0].n, 'chain')} is in it.`;
}

/** @param {State} state */
export function cost(state) {
  const all = scenesOf(state);
  const held = known(all).length > 0;
  return sentences(
    prose`What the run asks for: evaluations of the score; products with its Jacobian, the extra cost of guidance, each about as costly as
      an evaluation; and the numbers held at once: the whole chain, or with the method Autoregressive the longest segment. The products
      are counted while it runs on the CPU. The pale bar is their upper bound without rounding. The exact rule solves by conjugate
      gradients, which often need fewer.`,
    held && prose`Below, where along the chain mean and deviation of the samples are off at the end of the run. In the right panel, above
      zero the deviation is too wide, below it too narrow. Dashed is what the luck of the draw alone would do.`,
    held && all.some(({ states }) => states > 1) && prose`The thick line is that of the first coordinate, thinner ones are those of the
      next.`);
}

/** @param {State} state */
export function phase(state) {
  const all = scenesOf(state);
  const first = all[0].observation.every((v, i) => i % 2 === 0 || v === 0);
  return sentences(
    'The two coordinates against each other; a ring is index 0, a dot the last state of a single chain.',
    'Arrows are the next step without noise, (T − I)x.',
    ink(all, 'the exact mean'),
    'Colour is the samples, grey the truth.',
    first && 'What is observed is the first coordinate: the second is known only through the motion.');
}
