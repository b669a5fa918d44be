// Lab toy2d: legends, notes beside the picture, and the picture in words.
import { cividisCss, washCss } from '../../plots/color.js';
import { MASSES, regions } from '../../plots/contours.js';
import { arrowLength, topSpeed } from '../../plots/field.js';
import { count, number } from '../../plots/kit.js';
import { thereOf } from '../../plots/particles.js';
import { MANY, denseKey, denseWords } from '../../plots/swarm.js';
import { levelName } from '../../plots/time.js';
import { TRACED } from '../../plots/trajectories.js';
import { answerOf } from '../../app/answers.js';
import { prose, sentences } from '../../plots/prose.js';
import { many, nearness } from '../shared/words.js';
import { NOTES, lawOf } from './words.js';

/**
 * @typedef {import('./index.js').Look} Look
 * @typedef {Look['side']} Side
 * @typedef {import('../../plots/kit.js').Key} Key
 */

/** Cells along each side of the grid of the flow. */
export const FLOW_CELLS = 45;

/** @param {readonly number[]} y */
export const placeText = ([p, q]) => `x₁ ${number(Number(p.toFixed(2)))}, x₂ ${number(Number(q.toFixed(2)))}`;

const percent = (/** @type {number} */ v) => `${number(100 * v, 3)} %`;

/**
 * The samples in a legend: as a density where `drawCloud` draws one.
 * @param {Side} side @param {string} color @param {number} most  that are drawn @param {number} there  particles of the frame
 * @returns {Key}
 */
function cloudKey({ scene: { n } }, color, most, there) {
  return there > MANY ? denseKey(color, most, n) : { kind: 'dots', text: `${count(there)} particles`, color };
}

/** @type {Key} */
const OUTLINE = { kind: 'line', text: 'exact: 50, 80, 95 % of the mass', width: 1.3 };
/** @type {Key} */
const ON_MAP = { kind: 'line', text: '50, 80, 95 % of the mass inside', width: 1.3, color: '#fff', back: cividisCss(0.3) };

/** @param {(v: number) => string} ramp @returns {Key} */
const densityKey = (ramp) => ({ kind: 'ramp', text: 'exact density ÷ its maximum', ramp, lo: '0', hi: '1' });

/**
 * @param {object} what
 * @param {import('../../plots/kit.js').Surface} what.s
 * @param {string} what.view
 * @param {Side} what.side
 * @param {number} what.most  particles that are drawn
 * @param {number} what.there  particles of the frame: the previews of a training have few
 * @param {string} what.behind
 * @param {Float32Array|null} what.velocity
 * @param {number} what.lines
 * @param {import('../../plots/kit.js').Palette} what.pal
 * @param {string} what.field
 * @returns {Key[]}
 */
export function keysOf({ s, view, side, most, there, behind, velocity, lines, pal, field }) {
  const color = pal[side.id];
  /** @type {Key[]} */
  const keys = [];
  if (view === 'density') keys.push(densityKey(cividisCss), ON_MAP);
  else if (view === 'flow') {
    const top = velocity ? topSpeed(velocity) : 0;
    const length = Math.round(Math.min(40, arrowLength(FLOW_CELLS, Math.min(s.w, s.h) - 60)));
    if (top > 0) keys.push({ kind: 'arrow', text: NOTES.arrow(top), color: field, length });
    if (behind === 'particles') keys.push(cloudKey(side, color, most, there), { ...OUTLINE, color: pal.muted });
    if (behind === 'density') keys.push(densityKey(washCss));
  } else if (view === 'trajectories') {
    keys.push(
      { kind: 'line', text: `paths of ${Math.min(TRACED, side.scene.shown)} particles`, color, width: 1.5 },
      { kind: 'ring', text: 'start', color, width: 1.2 }, { kind: 'dots', text: 'now', color }, OUTLINE);
  } else keys.push(cloudKey(side, color, most, there), OUTLINE);
  if (lines) keys.push({ kind: 'line', text: 'dropped: ○ noise, ● now, ■ data', width: 1.75 });
  return keys;
}

/** What stands beside the picture where there is room: the scale, the shares, how to drop a particle. @param {Look} look */
export function notesOf({ state, side, pane: { kept: { density } }, own, frame, paper }) {
  const { scene } = side;
  const c = scene.scale[frame];
  const view = state.opened?.view;
  const found = view === 'particles' ? share(side, frame) : null;
  return [
    Math.abs(c - 1) > 0.005 && NOTES.scaled(c),
    found && NOTES.share(percent(MASSES[1]), percent(found.got), percent(found.exact)),
    view === 'density' && density && `Maximum ${number(regions(density, scene.cells).peak)}.`,
    !paper && scene.clock === 'time' && !own.drops.length && NOTES.drop,
  ].filter((note) => typeof note === 'string');
}

/**
 * The numbers at a point of the plane.
 * @param {Side} side @param {{ density: Float32Array|null, velocity: Float32Array|null }} kept @param {string} view
 * @param {readonly number[]} place
 * @returns {import('../../plots/reading.js').Reading}
 */
export function readingOf({ scene }, { density, velocity }, view, place) {
  /** @type {import('../../plots/reading.js').Value[]} */
  const values = [];
  if (density) values.push(['exact density', density[cellOf(place, scene.reach, scene.cells)]]);
  if (velocity && view === 'flow') {
    const k = 2 * cellOf(place, scene.reach, FLOW_CELLS);
    const name = scene.clock === 'time' ? 'velocity' : 'drift';
    values.push([`${name} along x₁, to the data`, velocity[k]], [`${name} along x₂, to the data`, velocity[k + 1]]);
  }
  return { at: placeText(place), values };
}

/** @param {readonly number[]} y @param {number} reach @param {number} cells */
function cellOf([p, q], reach, cells) {
  const to = (/** @type {number} */ v) => Math.max(0, Math.min(cells - 1, Math.floor(((v + reach) / (2 * reach)) * cells)));
  return to(q) * cells + to(p);
}

/**
 * The share of the particles in the region of 80 % of the exact mass, and what that region really holds.
 * @param {Side} side
 * @param {number} frame
 */
function share(side, frame) {
  const { scene, run } = side;
  const density = /** @type {Float32Array|undefined} */ (answerOf(side, 'density', { frame }));
  if (!density || run.reached === 0) return null;
  const { levels, masses } = regions(density, scene.cells);
  if (!(levels[1] > 0) || masses[1] > MASSES[1] + 0.02) return null; // a plateau has no such region
  let inside = 0;
  let all = 0;
  if (run.data.counts) {
    const size = scene.record.counts;
    for (let i = 0; i < size; i++) if (density[i] >= levels[1]) inside += run.data.counts[frame * size + i];
    all = scene.n;
  } else {
    const size = scene.record.points;
    for (let i = 0; i < size; i += 2) {
      const p = run.data.points[frame * size + i] / scene.scale[frame];
      const q = run.data.points[frame * size + i + 1] / scene.scale[frame];
      if (p !== p) continue;
      all++;
      const seen = Math.max(Math.abs(p), Math.abs(q)) <= scene.reach;
      if (seen && density[cellOf([p, q], scene.reach, scene.cells)] >= levels[1]) inside++;
    }
  }
  return all ? { got: inside / all, exact: masses[1] } : null;
}

/** The picture of a side in words, by its view. @type {Record<string, (look: Look) => string>} */
const PICTURES = {
  particles: (look) => sentences(
    prose`${count(look.side.scene.n)} particles in the plane on their way to ${lawOf(look.side.info.values).name},
      with outlines of the exact law.`, denseWords(look.side.scene, thereOf(look.side.scene, look.side.run, look.frame)),
    here(look), near(look)),
  flow({ side, frame }) {
    const { scene, info } = side;
    const v = /** @type {Float32Array|undefined} */ (answerOf(side, 'velocity', { frame, count: FLOW_CELLS }));
    const top = v ? topSpeed(v) : 0;
    const speed = top > 0 ? `, 95 % of the arrows are slower than ${number(top, 2)} picture units for the whole way` : '';
    return sentences(
      `Arrows of the ${scene.clock === 'time' ? 'probability flow' : 'drift'} that carries the particles to ${lawOf(info.values).name}.`,
      `At ${levelName(scene, frame)}${speed}.`,
      v && !(top > 0) && 'The flow has no speed there, so no arrows are drawn.');
  },
  density({ side, frame }) {
    const { scene, info } = side;
    const exact = /** @type {Float32Array|undefined} */ (answerOf(side, 'density', { frame }));
    return sentences(
      `Map of the exact density on its way to ${lawOf(info.values).name}, with outlines that hold 50, 80 and 95 % of the mass.`,
      `At ${levelName(scene, frame)}${exact ? ` its maximum is ${number(regions(exact, scene.cells).peak)}` : ''}.`);
  },
  trajectories: (look) => sentences(
    `Paths of ${Math.min(TRACED, look.side.scene.shown)} particles from noise to ${levelName(look.side.scene, look.frame)},`,
    'over outlines of the exact law.', here(look), near(look)),
};

/** @param {Look} look */
function here({ side, frame }) {
  const found = share(side, frame);
  const part = found ? `, ${percent(found.got)} of the particles lie where the exact law has ${percent(found.exact)} of its mass` : '';
  return `At ${levelName(side.scene, frame)}${part}.`;
}

/** @param {Look} look */
const near = ({ side }) => nearness(side, 'energy_distance', 'The energy distance to the exact law');

/** What a side's picture shows, in words. @param {Look} look */
export function describe(look) {
  const n = look.own.drops.length;
  return sentences(
    PICTURES[look.state.opened?.view ?? '']?.(look),
    n > 0 && `${many(n, 'dropped particle')} ${n === 1 ? 'is' : 'are'} followed to noise and to data.`,
    'Arrow keys move a cross, with Shift faster.', look.side.scene.clock === 'time' && 'Enter drops a particle there, Escape clears.');
}
