// Lab toy1d: one dimension, every law exact.
import '../shared/common.js';
import { drawDensity, topOf } from '../../plots/density.js';
import { drawFlow } from '../../plots/flow.js';
import { drawHistograms } from '../../plots/histogram.js';
import { answerOf } from '../../app/answers.js';
import { segmented, tick } from '../../ui/choices.js';
import { place } from '../../plots/kit.js';
import { inside } from '../../plots/plane.js';
import { markParticle } from '../../plots/step.js';
import { listenDrag } from '../../ui/pointer.js';
import { waiting } from '../../app/stage.js';
import { ON_A_LINE, errorsView } from '../shared/errors.js';
import { sentences } from '../../plots/prose.js';
import { equations, seen } from '../shared/words.js';
import { TRIES } from './gallery.js';
import { OneStep } from '../shared/step.js';
import { lesson } from './lesson.js';
import { sweep } from './sweep.js';
import { HELP, VIEWS, inWords, lawOf } from './words.js';

/**
 * @typedef {import('../../app/store.js').Scene} Scene
 * @typedef {import('../../app/stage.js').Canvas} Canvas
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('../../app/stage.js').Lab} Lab
 * @typedef {import('../../plots/density.js').Which} Which
 */

/** What the visitor has chosen to see; by: the horizontal axis of the sweep; chosen: its series switched by hand. */
const make = (/** @type {import('../../app/stage.js').Tools} */ tools) => {
  const step = new OneStep(tools);
  return {
    step,
    below: step.below,
    choices: () => `${step.on}`,
    settle: (/** @type {import('../../app/store.js').State} */ state) => step.settle(state, STEPPED.includes(state.opened?.view ?? '')),
    which: /** @type {Which} */ ('reverse'),
    paths: false,
    by: /** @type {'steps'|'nfe'} */ ('steps'),
    chosen: /** @type {Map<string, boolean>} */ (new Map()),
  };
};

/** Views in which one particle's step can be followed. */
const STEPPED = ['density', 'flow'];

/** @typedef {ReturnType<typeof make>} Own */

/**
 * Where time runs in a picture, and the panels that stand for a frame each.
 * @typedef {object} Kept
 * @property {{ x: number, w: number, toAt: (u: number) => number }|null} zone
 * @property {import('../../plots/histogram.js').Panel[]} panels
 */

/** @typedef {import('../../app/stage.js').Look<Own, Scene, Kept>} Look */

/** A picture on which a drag scrubs. @type {Canvas} */
const TIMELINE = {
  clicks: true,
  keep: () => /** @type {Kept} */ ({ zone: null, panels: [] }),
  listen(pane, _own, tools) {
    const kept = /** @type {Kept} */ (pane.kept);
    const scrub = (/** @type {{ x: number }} */ { x }) => {
      if (kept.zone) tools.scrub(kept.zone.toAt(Math.max(0, Math.min(1, (x - kept.zone.x) / kept.zone.w))));
    };
    listenDrag(pane.canvas, {
      begin(place) {
        const { x, y } = place;
        const panel = kept.panels.find(({ box }) => x >= box.x && x < box.x + box.w && y >= box.y && y < box.y + box.h);
        if (panel) tools.scrub(panel.frame / (Math.max(2, pane.side?.scene.frames ?? 2) - 1));
        if (!kept.zone || x > kept.zone.x + kept.zone.w + 10) return false;
        scrub(place);
        return true;
      },
      move: scrub,
    });
  },
};

/** What the plots of a side take. @param {Look} look */
const input = ({ state, side, frame, pal, common }) => ({
  scene: side.scene,
  run: side.run,
  frame,
  at: state.at,
  side: side.id,
  pal,
  n: Number(side.info.values.n),
  top: /** @type {number} */ (common),
});

/** The end of the histograms' scale, the same on both sides. @param {(Look['side'])[]} sides */
const common = (sides) => Math.max(...sides.map((side) => topOf(side.scene, side.run)));

/**
 * The particle whose step is shown: where it was, where it is, and x̂.
 * @param {import('../../plots/kit.js').Surface} s @param {import('../../plots/kit.js').Box} box @param {Look} look
 * @param {import('../shared/step.js').Step} step
 */
function drawParticle(s, box, { side: { scene, id }, frame, pal }, { stages }) {
  if (!stages.length) return;
  const u = place(scene.axis);
  const y = (/** @type {number} */ x) => box.y + box.h * (1 - u(x));
  const x = box.x + (box.w * frame) / Math.max(1, scene.frames - 1);
  const last = stages[stages.length - 1];
  inside(s, { x: box.x - 8, y: box.y - 8, w: box.w + 16, h: box.h + 16 }, () => {
    markParticle(s, [x, y(last.after[0])], last.x_hat.length ? [x, y(last.x_hat[0])] : null, pal[id], pal);
  });
}

/** @type {View} */
const density = {
  id: 'density',
  canvas: TIMELINE,
  needs: (state, side, own) => own.step.needs(state, side),
  common,
  draw(s, look) {
    const box = drawDensity(s, input(look), look.own.which);
    const { step } = look.own;
    const found = step.on && answerOf(look.side, 'step', { frame: look.frame, particle: step.numberIn(look.side) });
    if (found) drawParticle(s, box, look, found);
    Object.assign(look.pane.kept, { zone: { ...box, toAt: (/** @type {number} */ u) => u }, panels: [] });
  },
  describe: inWords.density,
  options({ a }, own, { redraw }) {
    if (!(/** @type {Look['side']|null} */ (a))?.scene.forward.length) return own.step.options();
    return [
      ...own.step.options(),
      segmented(
        'Paths',
        'paths',
        [
          ['reverse', 'sampled'],
          ['forward', 'noising'],
          ['both', 'both'],
          ['none', 'none'],
        ],
        own.which,
        (v) => {
          own.which = v;
          redraw();
        },
      ),
    ];
  },
  words({ a, b }) {
    const clocks = new Set([a, b].map((side) => side?.scene.clock));
    return sentences(clocks.has('time') && VIEWS.level, clocks.has('iteration') && VIEWS.iteration, VIEWS.density);
  },
};

/** @type {View} */
const histogram = {
  id: 'histogram',
  canvas: TIMELINE,
  common,
  draw(s, look) {
    Object.assign(look.pane.kept, { zone: null, panels: drawHistograms(s, input(look)) });
  },
  describe: inWords.histogram,
  words: () => VIEWS.histogram,
  how: () => 'Click a panel to go to its frame.',
};

/** @type {View} */
const flow = {
  id: 'flow',
  canvas: TIMELINE,
  needs: (state, side, own) => [{ question: 'flow', learned: true }, ...own.step.needs(state, side)],
  common,
  draw(s, look) {
    const answer = answerOf(look.side, 'flow');
    Object.assign(look.pane.kept, { zone: answer ? drawFlow(s, input(look), answer, look.own.paths) : null, panels: [] });
    if (!answer) waiting(s, 'Computing the exact flow', look.pal);
  },
  describe: inWords.flow,
  options: (_state, own, { redraw }) => [...own.step.options(), tick(own.paths, (on) => {
    own.paths = on;
    redraw();
  }, 'sampler paths')],
  words: () => VIEWS.flow,
};

/** @type {Lab} */
export default {
  id: 'toy1d',
  views: [density, histogram, flow, sweep, errorsView(ON_A_LINE)],
  make: (tools) => /** @type {any} */ (make(tools)),
  story: (side, color) => seen(lawOf(side.info.values), side, color),
  equations: (side) => equations(lawOf(side.info.values), side),
  lesson,
  tries: TRIES,
  help: HELP,
};
