// Lab torus: the uniform law on a torus in space; drag or arrow keys turn it.
import '../shared/common.js';
import { drawAngles, topOf } from '../../plots/angles.js';
import { number } from '../../plots/kit.js';
import { Splats, cloudAt, thereOf } from '../../plots/particles.js';
import { inside, plane } from '../../plots/plane.js';
import { readable } from '../../plots/reading.js';
import { MANY, denseKey } from '../../plots/swarm.js';
import { distance, drawSpace, drawTriad, drawWires, farTint } from './space.js';
import { basis } from '../../plots/turn.js';
import { listenDrag, wayOf } from '../../ui/pointer.js';
import { IN_SPACE, errorsView } from '../shared/errors.js';
import { equations, seen } from '../shared/words.js';
import { TRIES } from './gallery.js';
import { HELP, NOTES, VIEWS, anglesInWords, lawOf, particlesInWords, rms } from './words.js';

/**
 * @typedef {import('../../app/store.js').SpaceScene} SpaceScene
 * @typedef {import('../../app/stage.js').Canvas} Canvas
 * @typedef {import('../../app/stage.js').Tools} Tools
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('../../app/stage.js').Lab} Lab
 */

/** @typedef {import('../../app/stage.js').Look<Turning, SpaceScene, { splats: Splats }>} Look */

const ZOOM = 1.06; // the window holds 1.15 times the torus; less would cut it when it is seen from above
const NEAR = 16; // pixels from the pointer to the particle that is read
const REST_MS = 160; // after the last turn the picture stands, and has all particles
const WIDE = 700; // from here on there is room for notes beside the picture

/** How the torus is turned, the same for both sides. */
class Turning {
  /** @param {Tools} tools */
  constructor(tools) {
    this.tools = tools;
    this.turn = { yaw: 0.6, pitch: 0.62 };
    this.moves = false; // it is being turned: as many particles are drawn as there is time for
    this.rest = 0;
  }

  /** @param {number} yaw @param {number} pitch */
  by(yaw, pitch) {
    this.moves = true;
    clearTimeout(this.rest);
    this.rest = self.setTimeout(() => {
      this.moves = false;
      this.tools.redraw();
    }, REST_MS);
    this.turn.yaw = (this.turn.yaw + yaw) % (2 * Math.PI);
    this.turn.pitch = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, this.turn.pitch + pitch));
    this.tools.redraw();
  }

  /** @param {KeyboardEvent} e @param {{ view: View }} on */
  key(e, { view }) {
    const way = wayOf(e);
    if (!way || view.canvas !== TURNED) return false;
    const step = e.shiftKey ? 0.5 : 0.1;
    this.by(-way[0] * step, -way[1] * step);
    return true;
  }
}

/** A picture that a drag turns. @type {Canvas} */
const TURNED = {
  live: 'picture in space',
  looks: 'live turn',
  keep: () => ({ splats: new Splats() }),
  listen({ canvas }, own) {
    listenDrag(canvas, {
      begin: () => true,
      move(to, from) {
        const half = Math.PI / Math.min(canvas.clientWidth, canvas.clientHeight);
        own.by(-(to.x - from.x) * half, (to.y - from.y) * half);
      },
    });
  },
};

/** What stands beside the picture, or above it where that is narrow. @param {Look} look @param {boolean} wide */
function notesOf({ side: { scene, run }, frame, paper }, wide) {
  const c = scene.scale[frame];
  const off = rms(scene, run, frame);
  const scaled = Math.abs(c - 1) > 0.005;
  if (wide)
    return [scaled && NOTES.scaled(c), off !== null && NOTES.off(off), !paper && NOTES.turn].filter((note) => typeof note === 'string');
  return [[scaled && `κ = ${number(c)}`, off !== null && NOTES.offBrief(off)].filter(Boolean).join('; ')];
}

/**
 * The particle that is seen nearest to a place of the picture; null where none is near.
 * @param {import('../../plots/particles.js').Cloud} cloud @param {Turning['turn']} turn @param {import('../../plots/plane.js').Plane} plane
 * @param {number} x @param {number} y
 */
function nearestOf({ now, then, p, q }, turn, { px, py }, x, y) {
  const { right, up } = basis(turn);
  const at = [0, 0, 0];
  const seen = (/** @type {number} */ i) => {
    for (let c = 0; c < 3; c++) at[c] = p * now[3 * i + c] + q * then[3 * i + c];
    return { x: px(right[0] * at[0] + right[1] * at[1]), y: py(up[0] * at[0] + up[1] * at[1] + up[2] * at[2]) };
  };
  let [best, found] = [NEAR, -1];
  for (let i = 0; i < now.length / 3; i++) {
    const one = seen(i);
    const far = Math.hypot(one.x - x, one.y - y);
    if (far <= best) [best, found] = [far, i];
  }
  return found < 0 ? null : { i: found, ...seen(found), at };
}

/** @type {View} */
const particles = {
  id: 'particles',
  canvas: TURNED,
  draw(s, look) {
    const { state, side, sides, pane, own: { turn, moves }, place, pal } = /** @type {Look} */ (look);
    const { scene, run } = side;
    const tint = farTint(pal, side.id);
    const far = s.w < 900 ? 'distance ÷ minor radius' : 'distance from the surface ÷ minor radius';
    const there = thereOf(scene, run, place);
    const most = pane.kept.splats.most(there, state.playing || moves, sides.length);
    const p = plane(s, [
      { kind: 'ramp', text: far, ramp: (v) => `rgb(${tint(v).join(' ')})`, lo: '0', hi: '≥ 1' },
      there > MANY ? denseKey(pal[side.id], most, scene.n) : { kind: 'dots', text: 'larger: nearer to you', color: pal[side.id] },
      { kind: 'line', text: 'exact: the torus', width: 1 },
    ], notesOf(look, s.w > WIDE), pal, scene.reach / ZOOM, 8, 8);
    inside(s, p.box, () => {
      drawWires(s, p, turn, scene, pal.ink, 'back');
      if (run.reached > 0) drawSpace(s, p, cloudAt(scene, run, place), pane.kept.splats, { turn, radii: scene, tint, most });
      drawWires(s, p, turn, scene, pal.ink, 'front');
      drawTriad(s, p, turn, pal);
    });
    readable(s, p.box, (x, y) => {
      if (run.reached === 0) return null;
      const found = nearestOf(cloudAt(scene, run, place), turn, p, x, y);
      return found && { at: `particle ${found.i + 1} of ${scene.n}`, x: found.x, y: found.y, values: [
        ['distance from the surface', distance(found.at[0], found.at[1], found.at[2], scene)],
        ['x₁', found.at[0]], ['x₂', found.at[1]], ['x₃', found.at[2]],
      ] };
    });
  },
  describe: particlesInWords,
  words: () => VIEWS.particles,
  how: () => HELP.words,
};

/** @type {View} */
const angles = {
  id: 'angles',
  common: (sides) => Math.max(...sides.map((side) => topOf(side.scene, side.run))),
  draw(s, { side, frame, pal, common: top }) {
    drawAngles(s, { scene: side.scene, run: side.run, frame, side: side.id, pal, top });
  },
  describe: anglesInWords,
  words: () => VIEWS.angles,
};

/** @type {Lab} */
export default {
  id: 'torus',
  views: [particles, angles, errorsView(IN_SPACE)],
  make: (tools) => new Turning(tools),
  story: (side, color) => seen(lawOf(side.info.values), side, color),
  equations: (side) => equations(lawOf(side.info.values), side, 3),
  tries: TRIES,
  help: HELP,
};
