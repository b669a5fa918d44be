// Lab lgssm: chains of states, observed here and there, sampled all at once. Observations can be moved.
import '../shared/common.js';
import { SINGLE, crowdOf, drawChain, isCrowded } from '../../plots/chain.js';
import { drawCost } from '../../plots/cost.js';
import { diffused } from '../../plots/diffused.js';
import { drawMatrices, scaleOf, thinning } from '../../plots/matrices.js';
import { drawPhase } from '../../plots/phase.js';
import { drawScoreErrors } from '../../plots/score-curves.js';
import { answerOf } from '../../app/answers.js';
import { tick } from '../../ui/choices.js';
import { waiting } from '../../app/stage.js';
import { many } from '../shared/words.js';
import { edited } from '../shared/observe-link.js';
import { listen } from '../shared/observe-pointer.js';
import { resetButton } from '../shared/observe.js';
import { Observing } from '../shared/observing.js';
import { TRIES } from './gallery.js';
import { MARKS, movable, places, windows } from './marks.js';
import * as text from './text.js';
import { titleOf } from './title.js';
import * as views from './views.js';
import { HELP, against, equations, lacking, story } from './words.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/store.js').ChainScene} ChainScene
 * @typedef {import('../../app/store.js').SideState & { scene: ChainScene }} Side
 * @typedef {import('../../app/stage.js').Canvas} Canvas
 * @typedef {import('../../app/stage.js').Tools} Tools
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('../../app/stage.js').Lab} Lab
 */

/** What stays with a picture of the chain: where it was drawn. @typedef {{ layout: import('../../plots/observed.js').Layout|null }} Kept */
/** @typedef {import('../../app/stage.js').Pane<Kept>} Pane */
/** @typedef {import('../../app/stage.js').Look<Chains, ChainScene, Kept>} Look */

/** What the lab keeps. @extends {Observing<ChainScene>} */
class Chains extends Observing {
  /** @param {Tools} tools */
  constructor(tools) {
    super(tools, MARKS);
    this.single = true; // single chains are drawn
  }

  /** @param {State} state */
  choices({ opened }) {
    return `${this.single} ${edited(opened?.link)} ${opened?.a.values.n}`;
  }

  /** @param {KeyboardEvent} e @param {{ pane: import('../../app/stage.js').Pane|null, view: View }} on */
  key(e, { pane, view }) {
    return pane !== null && view.canvas === CHAIN && this.editor.key(e, pane);
  }
}

/** A picture whose observations can be moved. @type {Canvas} */
const CHAIN = {
  live: 'picture',
  looks: 'live',
  clicks: true,
  keep: () => /** @type {Kept} */ ({ layout: null }),
  listen: (pane, own) => listen(own.editor, pane),
};

/** What the samples are held against at the shown place, also while an observation is moved. @param {Look} look @param {number} place */
const exactAt = ({ side, own }, place) => diffused(side.scene, own.editor.exact(side) ?? side.scene, place);

/** The observations of a side as they stand, with their places. @param {Chains['editor']} editor @param {Side} side */
function seenOf(editor, side) {
  const seen = editor.seen(side);
  return seen === side.scene ? side.scene : { observed: seen.observed, marks: places(side.scene, Array.from(seen.y)) };
}

/** How the states are called there. @param {Look} look */
function nameOf({ side: { scene }, frame }) {
  if (Math.abs(scene.scale[frame] - 1) > 0.005) return 'xₜ/κ';
  return frame === scene.frames - 1 ? 'x' : 'xₜ';
}

/** @param {State} state @param {Chains} own */
function choices({ opened }, own) {
  const single = tick(own.single, (on) => {
    own.single = on;
    own.tools.redraw();
  }, many(Math.min(SINGLE, Number(opened?.a.values.n ?? SINGLE)), 'single chain'));
  return edited(opened?.link) ? [single, resetButton(own.editor)] : [single];
}

/** @type {View} */
const chain = {
  id: 'chain',
  canvas: CHAIN,
  shape: ({ a, b }) => ([a, b].some((side) => /** @type {any} */ (side)?.scene.states > 1) ? 'stacked' : ''),
  draw(s, look) {
    const { side, pane, own: { editor, single }, place, pal } = /** @type {Look} */ (look);
    const { scene, run, id } = side;
    const chosen = movable(scene) ? editor.hand(side) : null;
    pane.kept.layout = drawChain(s, {
      scene, run, place, side: id, pal, single, name: nameOf(look), exact: exactAt(look, place), seen: seenOf(editor, side),
      edge: chosen ? editor.edge : '',
      chosen: chosen && { ...chosen, live: !editor.drag?.moved },
      windows: windows(side),
      keys: text.chainKeys(side, s.w, pal, single, { states: crowdOf(s, scene), dots: isCrowded(s, scene) }),
    });
  },
  describe: (look) => {
    const crowd = crowdOf({ w: look.pane.canvas.clientWidth }, /** @type {Look} */ (look).side.scene);
    return `${text.chainText(look, exactAt(look, look.frame), crowd)} ${text.howToMove(look.side)}`;
  },
  options: choices,
  words: views.chain,
  how: views.moving,
};

/** @type {View} */
const scoreError = {
  id: 'score-error',
  still: true,
  plain: true,
  needs: (_state, { scene }) => (scene.length < 3 ? [] : [{ question: 'score-errors', learned: true }]),
  draw(s, { side, pal }) {
    const { scene, info, id } = side;
    const errors = answerOf(side, 'score-errors');
    if (scene.length < 3) return waiting(s, text.TOO_SHORT, pal);
    if (!errors) return waiting(s, 'The errors of the scores are being computed', pal);
    const own = text.windowsOf(info.values);
    const whose = own?.learned ? 'A network for windows' : 'The score of windows';
    const note = own ? `${whose} of ${2 * own.k + 1}` : 'Blankets, against the full score of this run';
    drawScoreErrors(s, { errors, own, levels: text.levelsOf(scene), side: id, pal, note });
  },
  describe: ({ side }) => text.scoreText(side),
  words: views.scoreError,
};

/** @type {View} */
const covariance = {
  id: 'covariance',
  shape: 'matrices',
  still: true,
  plain: true,
  needs: () => [{ question: 'covariance' }, { question: 'covariance', of: 'run' }],
  draw(s, { side, sides, pal }) {
    const { scene } = side;
    const exact = answerOf(side, 'covariance');
    if (!exact) return waiting(s, 'The covariance is being computed', pal);
    const none = scene.reference === 'none';
    if (!exact.exact.length && (!none || text.sampledOf(side) === null)) return waiting(s, text.TOO_LARGE, pal);
    const scale = scaleOf([...sides.map((v) => answerOf(v, 'covariance')?.exact ?? null), ...sides.map(text.sampledOf)]);
    const by = thinning(exact.size);
    const notes = by > 1 ? [`${exact.size} × ${exact.size} entries; each cell is the mean of ${by} × ${by}.`] : [];
    const all = text.matricesOf(side, s.w > 520 || s.h > 380, pal);
    drawMatrices(s, { all, length: scene.length, states: scene.states, scale, pal, notes });
  },
  describe: ({ side }) => text.covarianceText(side),
  words: views.covariance,
};

/** @type {View} */
const cost = {
  id: 'cost',
  shape: 'cost',
  joint: true,
  still: true,
  plain: true,
  draw: (s, { sides, pal }) => drawCost(s, sides, pal),
  describe: ({ sides }) => text.costText(sides),
  words: views.cost,
};

/** @type {View} */
const phase = {
  id: 'phase',
  draw(s, look) {
    const { side, own: { single }, place, pal } = /** @type {Look} */ (look);
    const { scene, run, id } = side;
    if (scene.states !== 2) return waiting(s, 'This chain has not two coordinates.', pal);
    const reference = text.referenceName(scene);
    const name = nameOf(look);
    const what = side.info.values.model === 'damped-spring' ? ['position ', 'velocity '] : ['first coordinate ', 'second coordinate '];
    const names = /** @type {[string, string]} */ (['₁', '₂'].map((index, i) => what[i] + name.replace('x', `x${index}`)));
    drawPhase(s, { scene, run, place, side: id, pal, single, exact: exactAt(look, place), names, reference });
  },
  describe: (look) => `The two coordinates of ${text.chainText(look, exactAt(look, look.frame))}`,
  options: choices,
  words: views.phase,
};

/** @type {Lab} */
export default {
  id: 'lgssm',
  views: [chain, scoreError, covariance, cost, phase],
  make: (tools) => new Chains(tools),
  title: titleOf,
  story,
  equations,
  lacking,
  against,
  tries: TRIES,
  help: HELP,
  controls: {
    first: ['model', 'guidance', 'zeta', 'strength', 'lambda', 'gamma', 'score', 'k', 'method', 'context', 'horizon'],
    fold: {
      name: 'Model and observations',
      keys: ['a', 'b', 'c', 'd', 'T', 'Q', 'O', 'R', 'length', 'operator', 'width', 'observed', 'every', 'y', 'truth-seed'],
      open: ({ model }) => model === 'custom',
    },
  },
};
