// Lab toy2d: laws in the plane; a click or Enter drops a particle, a law can be drawn.
import '../shared/common.js';
import { drawCross, drawDropped, drawPaths } from '../../plots/trajectories.js';
import { inkRegions } from '../../plots/contours.js';
import { Streams, drawArrows } from '../../plots/field.js';
import { number } from '../../plots/kit.js';
import { Splats, cloudAt, drawCloud, thereOf } from '../../plots/particles.js';
import { axes, inside, plane } from '../../plots/plane.js';
import { readable } from '../../plots/reading.js';
import { markParticle } from '../../plots/step.js';
import { drawRaster, drawWash } from '../../plots/raster.js';
import { answerOf } from '../../app/answers.js';
import { reducedMotion } from '../../app/session.js';
import { frameAt, isLearned } from '../../app/store.js';
import { segmented } from '../../ui/choices.js';
import { h } from '../../ui/dom.js';
import { placeOn } from '../../ui/pointer.js';
import { IN_SPACE, errorsView } from '../shared/errors.js';
import { sentences } from '../../plots/prose.js';
import { equations, seen } from '../shared/words.js';
import { TRIES } from './gallery.js';
import { Hand, MOST_DROPS } from './hand.js';
import { FLOW_CELLS, describe, keysOf, notesOf, readingOf } from './text.js';
import { FLOW, HELP, NO_DROP, SCALE, VIEWS, lawOf } from './words.js';

/**
 * @typedef {import('../../app/answers.js').Need} Need
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/store.js').SpaceScene} SpaceScene
 * @typedef {import('../../plots/kit.js').Surface} Surface
 * @typedef {import('../../plots/plane.js').Plane} Plane
 * @typedef {import('../../app/stage.js').Canvas} Canvas
 * @typedef {import('../../app/stage.js').Tools} Tools
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('../../app/stage.js').Lab} Lab
 */

/**
 * What stays with a picture: where it was drawn, and the last answers, which are shown until those for the next frame are there.
 * @typedef {object} Kept
 * @property {Plane|null} plane
 * @property {Splats} splats
 * @property {Streams} streams
 * @property {Float32Array|null} density
 * @property {Float32Array|null} velocity
 */

/** @typedef {import('../../app/stage.js').Look<Hand, SpaceScene, Kept>} Look */

const WIDE = 700; // from here on there is room for notes beside the picture
const AHEAD = 2; // frames asked for before their time, while playing
const KEPT = 96; // answers of each question

/** A picture into which particles are dropped. @type {Canvas} */
const PLANE = {
  live: 'picture',
  looks: 'live',
  keep: () => /** @type {Kept} */ ({ plane: null, splats: new Splats(), streams: new Streams(), density: null, velocity: null }),
  clicks: true,
  listen(pane, hand) {
    const { canvas } = pane;
    const at = (/** @type {MouseEvent} */ e) => {
      const { x, y } = placeOn(canvas, e);
      return /** @type {Kept} */ (pane.kept).plane?.at(x, y) ?? null;
    };
    canvas.addEventListener('click', (e) => {
      const y = at(e);
      if (y) hand.drop(y);
    });
  },
};

/** The paths of what was dropped. @param {Look['side']} side @param {Hand} hand @returns {Need[]} */
const follows = ({ scene }, { drops }) => drops.map(({ at, y }) => (
  { question: 'follow', args: { frame: Math.round(at * (scene.frames - 1)), y }, learned: true, keep: 2 * MOST_DROPS }));

/** @param {number} frame @returns {Need} */
const densityAt = (frame) => ({ question: 'density', args: { frame }, keep: KEPT });
/** @param {number} frame @returns {Need} */
const velocityAt = (frame) => ({ question: 'velocity', args: { frame, count: FLOW_CELLS }, learned: true, keep: KEPT });

/**
 * Answers for the shown frame, and for the next ones while it plays.
 * @param {((frame: number) => Need)[]} questions
 * @returns {View['needs']}
 */
const frameByFrame = (...questions) => (state, side, hand) => {
  const last = side.scene.frames - 1;
  const now = frameAt(side, state.at);
  const frames = Array.from({ length: 1 + (state.playing ? AHEAD : 0) }, (_, i) => now + i).filter((frame) => frame <= last);
  return [...hand.step.needs(state, side), ...follows(side, hand), ...frames.flatMap((frame) => questions.map((need) => need(frame)))];
};

/** The answer to a need. @param {Look['side']} side @param {Need} need */
const answer = (side, { question, args }) => answerOf(side, question, args);

/** Takes the answers for a frame into what is kept. @param {Look} look */
function freshen({ side, pane: { kept }, frame }) {
  // where nothing has been answered yet, what is there belongs to another run
  const known = (/** @type {string} */ question) => [...side.answers.keys()].some((name) => name.startsWith(`${question} `));
  kept.density = answer(side, densityAt(frame)) ?? (known('density') ? kept.density : null);
  kept.velocity = answer(side, velocityAt(frame)) ?? (known('velocity') ? kept.velocity : null);
}

/**
 * What is drawn inside of the square.
 * @typedef {{ s: Surface, p: Plane, look: Look, field: string, cloud: (fade: number) => void }} Inner
 */

/** A view of the plane. @param {(inner: Inner) => void} inner @returns {View['draw']} */
const drawing = (inner) => (s, look) => {
  const { state, side, sides, pane, own: hand, frame, place, pal } = /** @type {Look} */ (look);
  const { scene, run } = side;
  const { kept } = pane;
  freshen(look);
  const field = isLearned(side.info.values) ? pal.b : pal.ink;
  const lines = follows(side, hand).flatMap((need) => answer(side, need) ?? []);
  const wide = s.w > WIDE;
  const view = state.opened?.view ?? '';
  const there = thereOf(scene, run, place);
  const most = kept.splats.most(there, state.playing, sides.length);
  const keys = keysOf({ s, view, side, most, there, behind: hand.behind, velocity: kept.velocity, lines: lines.length, pal, field });
  const p = plane(s, keys, wide ? notesOf(look) : [], pal, scene.reach);
  kept.plane = p;
  const cloud = (/** @type {number} */ fade) => {
    if (run.reached > 0) drawCloud(s, p, cloudAt(scene, run, place), kept.splats, { color: pal[side.id], fade, most });
  };
  inside(s, p.box, () => {
    inner({ s, p, look, field, cloud });
    drawDropped(s, p, lines, frame, pal);
    drawParticle(s, p, /** @type {Look} */ (look));
    if (hand.cross) drawCross(s, p, hand.cross, pal);
  });
  const c = scene.scale[frame];
  const unit = Math.abs(c - 1) > 0.005 ? '/κ' : '';
  axes(s, p, pal, [`x₁${unit}${unit && !wide ? `,  κ = ${number(c)}` : ''}`, `x₂${unit}`]);
  readable(s, p.box, (x, y) => {
    const at = p.at(x, y);
    return at && readingOf(side, kept, view, at);
  });
};

/** The particle whose step is shown. @param {Surface} s @param {Plane} p @param {Look} look */
function drawParticle(s, p, { side, own: { step }, frame, pal }) {
  /** @type {import('../shared/step.js').Step|false|undefined} */
  const found = step.on && answerOf(side, 'step', { frame, particle: step.numberIn(side) });
  if (!found || !found.stages.length) return;
  const c = side.scene.scale[frame];
  const at = (/** @type {ArrayLike<number>} */ v) => /** @type {[number, number]} */ ([p.px(v[0] / c), p.py(v[1] / c)]);
  const last = found.stages[found.stages.length - 1];
  markParticle(s, at(last.after), last.x_hat.length ? at(last.x_hat) : null, pal[side.id], pal);
}

/** Choices of every view of the plane. @param {State} state @param {Hand} hand */
function choices(state, hand) {
  const drops = hand.drops.length > 0 && h('button.chip', { type: 'button', onclick: () => hand.clear() }, 'Clear dropped');
  const draw = h('button.chip', {
    type: 'button', title: 'Draw the points of a law, or paste them', onclick: () => hand.open(state.opened?.b ? state.tab : 'a'),
  }, 'Draw a law');
  return [...hand.step.options(), ...[drops, draw].filter((chip) => chip instanceof HTMLElement)];
}

/** Whether some side goes through noise; or whether some side does not. @param {State} state @param {boolean} through */
const passes = ({ opened }, through) => [opened?.a, opened?.b].some((side) => side && side.facts.one_level !== through);

const how = (/** @type {State} */ state) => (passes(state, true) ? HELP.words : NO_DROP);

/** @type {View} */
const particles = {
  id: 'particles',
  canvas: PLANE,
  needs: frameByFrame(densityAt),
  draw: drawing(({ s, p, look: { side, pane: { kept }, pal }, cloud }) => {
    cloud(1);
    if (kept.density) inkRegions(s.ctx, p.box, kept.density, side.scene.cells, pal.ink);
  }),
  describe,
  options: choices,
  words: () => VIEWS.particles,
  how,
};

/** @type {View} */
const flow = {
  id: 'flow',
  canvas: PLANE,
  needs: frameByFrame(densityAt, velocityAt),
  draw: drawing(({ s, p, look, field, cloud }) => {
    const { state, side, pane: { kept }, own: { behind }, pal } = look;
    const { density, velocity } = kept;
    if (behind === 'particles') cloud(0.6);
    if (behind === 'density' && density) drawWash(s, p, density, side.scene.cells);
    if (behind === 'particles' && density) inkRegions(s.ctx, p.box, density, side.scene.cells, pal.muted);
    if (!velocity) return;
    drawArrows(s, p, velocity, FLOW_CELLS, field);
    if (state.playing && !reducedMotion()) kept.streams.draw(s, p, velocity, FLOW_CELLS, field);
  }),
  describe,
  options(state, hand, { redraw }) {
    const behind = [['particles', 'particles'], ['density', 'density'], ['nothing', 'arrows alone']];
    return [segmented('Behind the arrows', 'behind', behind, hand.behind, (v) => {
      hand.behind = v;
      redraw();
    }), ...choices(state, hand)];
  },
  words: (state) => sentences(passes(state, true) && FLOW.time, passes(state, false) && FLOW.walk, FLOW.both, SCALE),
  how,
};

/** @type {View} */
const density = {
  id: 'density',
  canvas: PLANE,
  needs: frameByFrame(densityAt),
  draw: drawing(({ s, p, look: { side, pane: { kept } } }) => {
    if (kept.density) drawRaster(s, p, kept.density, side.scene.cells);
  }),
  describe,
  options: choices,
  words: () => VIEWS.density,
  how,
};

/** @type {View} */
const trajectories = {
  id: 'trajectories',
  canvas: PLANE,
  needs: frameByFrame(densityAt),
  draw: drawing(({ s, p, look: { side, pane: { kept }, frame, pal } }) => {
    const { scene, run, id, info } = side;
    if (run.reached > 0) drawPaths(s, p, { scene, run, frame, color: pal[id], alpha: info.facts.ode ? 0.7 : 0.35, pal });
    if (kept.density) inkRegions(s.ctx, p.box, kept.density, scene.cells, pal.ink, pal.paper); // the paths would hide it
  }),
  describe,
  options: choices,
  words: () => VIEWS.trajectories,
  how,
};

/** @type {Lab} */
export default {
  id: 'toy2d',
  views: [particles, flow, density, trajectories, errorsView(IN_SPACE)],
  make: (tools) => new Hand(tools),
  story: (side, color) => seen(lawOf(side.info.values), side, color),
  equations: (side) => equations(lawOf(side.info.values), side, 2),
  tries: TRIES,
  help: HELP,
};
