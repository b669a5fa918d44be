// Lab toy2d: legends, notes beside the picture, and the picture in words.
import { cividisCss, washCss } from '../plots/color.js';
import { MASSES, regions } from '../plots/contours.js';
import { arrowLength, topSpeed } from '../plots/field.js';
import { count, number } from '../plots/kit.js';
import { TRACED } from '../plots/trajectories.js';
import { levelName } from '../plots/time.js';
import { FLOW_CELLS } from '../app/space.js';
import { frameAt } from '../app/store.js';
import { lawOf } from './toy2d-words.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('./toy2d.js').Side} Side
 * @typedef {import('./toy2d.js').Pane} Pane
 * @typedef {import('../plots/kit.js').Key} Key
 */

/** @param {readonly number[]} y */
export const placeText = ([p, q]) => `x₁ ${number(Number(p.toFixed(2)))}, x₂ ${number(Number(q.toFixed(2)))}`;

const percent = (/** @type {number} */ v) => `${number(100 * v, 3)} %`;

/**
 * @param {object} what
 * @param {import('../plots/kit.js').Surface} what.s @param {string} what.view @param {Side} what.side @param {string} what.behind
 * @param {Float32Array|null} what.velocity @param {number} what.lines
 * @param {import('../plots/kit.js').Palette} what.pal @param {string} what.field
 * @returns {Key[]}
 */
export function keysOf({ s, view, side, behind, velocity, lines, pal, field }) {
  const { scene } = side;
  const many = scene.record.counts ? scene.n : scene.shown;
  const color = pal[side.id];
  /** @type {Key} */
  const cloud = scene.record.counts
    ? { kind: 'ramp', text: `${count(many)} particles: √ of the count`, ramp: (v) => color + Math.round(255 * v).toString(16).padStart(2, '0'), lo: '0', hi: 'max.' }
    : { kind: 'dots', text: `${count(many)} particles`, color };
  /** @type {Key} */
  const outline = { kind: 'line', text: 'exact: 50, 80, 95 % of the mass', width: 1.3 };
  /** @type {Key[]} */
  const keys = [];
  if (view === 'density') {
    keys.push({ kind: 'ramp', text: 'exact density ÷ its maximum', ramp: cividisCss, lo: '0', hi: '1' });
    keys.push({ ...outline, text: '50, 80, 95 % of the mass inside', color: '#fff', back: cividisCss(0.3) });
  } else if (view === 'flow') {
    const side_ = Math.min(s.w, s.h) - 60;
    if (velocity && topSpeed(velocity) > 0) keys.push({ kind: 'arrow', text: `dy/dτ of ${number(topSpeed(velocity), 2)}${s.w > 420 ? '; 95 % are slower' : ''}`, color: field, length: Math.round(Math.min(40, arrowLength(FLOW_CELLS, side_))) });
    if (behind === 'particles') keys.push(cloud, { ...outline, color: pal.muted });
    if (behind === 'density') keys.push({ kind: 'ramp', text: 'exact density ÷ its maximum', ramp: washCss, lo: '0', hi: '1' });
  } else if (view === 'trajectories') {
    keys.push({ kind: 'line', text: `paths of ${Math.min(TRACED, scene.shown)} particles`, color, width: 1.5 }, { kind: 'ring', text: 'start', color, width: 1.2 }, { kind: 'dots', text: 'now', color }, outline);
  } else keys.push(cloud, outline);
  if (lines) keys.push({ kind: 'line', text: `dropped: ○ noise, ● now, ■ data`, width: 1.75 });
  return keys;
}

/**
 * What stands beside the picture where there is room: the scale, the shares, what is under the pointer.
 * @param {Side} side @param {number} frame @param {State} state @param {Pane} pane @param {[number, number]|null} place
 */
export function notesOf(side, frame, state, pane, place) {
  const { scene } = side;
  const f = Math.max(0, frame);
  const c = scene.scale[f];
  const notes = [];
  if (Math.abs(c - 1) > 0.005) notes.push(`Drawn in units of c = √(α² + σ²/v) = ${number(c)}, so that the cloud keeps its size.`);
  const found = share(side, frame, pane.density);
  if (found && state.opened?.view === 'particles') notes.push(`Inside the ${percent(MASSES[1])} line: ${percent(found.got)} of the particles, ${percent(found.exact)} of the exact law.`);
  if (state.opened?.view === 'density' && pane.density) notes.push(`Maximum ${number(regions(pane.density, scene.cells).peak)}.`);
  if (place) notes.push(underText(side, pane.density, place));
  else if (scene.clock === 'time' && !state.drops.length) notes.push('Click to drop a particle and follow it to noise and to data.');
  return notes;
}

/** What is under the pointer or the cross. @param {Side} side @param {Float32Array|null} density @param {readonly number[]} place */
export function underText({ scene }, density, place) {
  return placeText(place) + (density ? `: exact density ${number(density[cellOf(place, scene.reach, scene.cells)], 2)}` : '');
}

/** @param {readonly number[]} y @param {number} reach @param {number} cells */
function cellOf([p, q], reach, cells) {
  const to = (/** @type {number} */ v) => Math.max(0, Math.min(cells - 1, Math.floor(((v + reach) / (2 * reach)) * cells)));
  return to(q) * cells + to(p);
}

/** The share of the particles in the region of 80 % of the exact mass, and what that region really holds. @param {Side} side @param {number} frame @param {Float32Array|null} density */
function share({ scene, run, answers }, frame, density) {
  if (!density || run.reached === 0 || answers.density.get(frame) !== density) return null;
  const { levels, masses } = regions(density, scene.cells);
  if (!(levels[1] > 0) || masses[1] > MASSES[1] + 0.02) return null; // a plateau has no such region
  let inside = 0;
  let all = 0;
  if (run.data.counts) {
    const size = scene.record.counts;
    for (let i = 0; i < size; i++) {
      const v = run.data.counts[frame * size + i];
      if (density[i] >= levels[1]) inside += v;
    }
    all = scene.n;
  } else {
    const size = scene.record.points;
    for (let i = 0; i < size; i += 2) {
      const p = run.data.points[frame * size + i] / scene.scale[frame];
      const q = run.data.points[frame * size + i + 1] / scene.scale[frame];
      if (p !== p) continue;
      all++;
      if (Math.max(Math.abs(p), Math.abs(q)) <= scene.reach && density[cellOf([p, q], scene.reach, scene.cells)] >= levels[1]) inside++;
    }
  }
  return all ? { got: inside / all, exact: masses[1] } : null;
}

/** What a side's picture shows, in words. @param {State} state @param {Side} side @param {Float32Array|null} density */
export function text(state, side, density) {
  const { scene, run, info, answers } = side;
  const f = Math.max(0, frameAt(side, state.at));
  const { name } = lawOf(info.values);
  const who = state.opened?.b ? `Configuration ${side.id.toUpperCase()}, ${info.title}. ` : `${info.title}. `;
  const far = run.metrics?.rows.find((r) => r.key === 'energy_distance');
  const near = far && far.value !== null ? ` The energy distance to the exact law is ${number(far.value)}; ${far.reference_label}.` : '';
  const found = share(side, f, density);
  const here = `At ${levelName(scene, f)}${found ? `, ${percent(found.got)} of the particles lie where the exact law has ${percent(found.exact)} of its mass` : ''}.`;
  const v = answers.velocity.get(f);
  const exact = answers.density.get(f);
  const views = {
    particles: `${count(scene.n)} particles in the plane on their way to ${name}, with outlines of the exact law. ${here}${near}`,
    flow: `Arrows of the ${scene.clock === 'time' ? 'probability flow' : 'drift'} that carries the particles to ${name}. At ${levelName(scene, f)}${v ? `, 95 % of the arrows are slower than ${number(topSpeed(v), 2)} picture units for the whole way` : ''}.`,
    density: `Map of the exact density on its way to ${name}, with outlines that hold 50, 80 and 95 % of the mass. At ${levelName(scene, f)}${exact ? ` its maximum is ${number(regions(exact, scene.cells).peak)}` : ''}.`,
    trajectories: `Paths of ${Math.min(TRACED, scene.shown)} particles from noise to ${levelName(scene, f)}, over outlines of the exact law. ${here}${near}`,
  };
  const dropped = state.drops.length ? ` ${state.drops.length} dropped ${state.drops.length === 1 ? 'particle is' : 'particles are'} followed to noise and to data.` : '';
  return `${who}${views[/** @type {keyof typeof views} */ (state.opened?.view)] ?? ''}${dropped} Arrow keys move a cross, Enter drops a particle there, Escape clears.`;
}
