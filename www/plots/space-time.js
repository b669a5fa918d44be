// Many coordinates over the cycles: truth, mean, error and spread of a filter as maps.
import { cividisCss, heat } from './color.js';
import { cycleAxis } from './cycles.js';
import { frame as border, label, legend, line, number, ticks } from './kit.js';
import { inside } from './plane.js';
import { nearestInt, readable } from './reading.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 */

/**
 * @typedef {object} Input
 * @property {ArrayLike<number>} truth  [(steps + 1) × states]
 * @property {Float32Array} mean  [frames × states]
 * @property {Float32Array} sd
 * @property {number} states
 * @property {number} steps
 * @property {number} reached  frames that are there
 * @property {number} last  the frame that is shown
 * @property {[number, number]} range  of the states, for both sides
 * @property {number} most  of error and spread, for both sides
 * @property {Palette} pal
 */

/** @type {WeakMap<object, { reached: number, maps: HTMLCanvasElement[] }>} */
const kept = new WeakMap();

/** Maps of truth, mean, error, spread. @param {Input} input */
function mapsOf({ truth, mean, sd, states, steps, reached, range: [lo, hi], most }) {
  const known = kept.get(mean);
  if (known?.reached === reached) return known.maps;
  const at = (/** @type {ArrayLike<number>} */ v) => (/** @type {number} */ k, /** @type {number} */ i) => v[k * states + i];
  const level = (/** @type {number} */ x) => (x - lo) / (hi - lo);
  const n = Math.max(1, reached);
  const maps = [
    known?.maps[0] ?? heat(steps + 1, states, (k, i) => level(at(truth)(k, i))),
    heat(n, states, (k, i) => level(at(mean)(k, i))),
    heat(n, states, (k, i) => Math.abs(at(mean)(k, i) - at(truth)(k, i)) / most),
    heat(n, states, (k, i) => at(sd)(k, i) / most),
  ];
  kept.set(mean, { reached, maps });
  return maps;
}

/** @param {Surface} s @param {Input} input */
export function drawSpaceTime(s, input) {
  const { states, steps, last, range, most, pal } = input;
  const top = legend(s, [
    { kind: 'ramp', text: 'truth and mean', ramp: cividisCss, lo: number(range[0], 2), hi: number(range[1], 2) },
    { kind: 'ramp', text: 'error and spread', ramp: cividisCss, lo: '0', hi: `≥ ${number(most, 2)}` },
  ], 4, 0, s.w - 8, pal) + 8;
  const columns = s.w > 700 ? 2 : 1;
  const rows = 4 / columns;
  const [left, right, bottom, gap] = [46, 16, 36, 25];
  const wide = (s.w - columns * (left + right)) / columns;
  const high = (s.h - top - bottom - gap * rows) / rows;
  const maps = mapsOf(input);
  ['truth', 'mean of the filter', 'error, |mean − truth|', 'spread'].forEach((name, m) => {
    const column = columns === 2 ? m % 2 : 0;
    const row = columns === 2 ? Math.floor(m / 2) : m;
    const box = { x: column * (wide + left + right) + left, y: top + gap + row * (high + gap), w: wide, h: high };
    const cell = box.w / (steps + 1);
    const px = (/** @type {number} */ k) => box.x + cell * (k + 0.5);
    inside(s, { ...box, w: m === 0 ? box.w : cell * (last + 1) }, () => {
      s.ctx.imageSmoothingEnabled = false;
      s.ctx.drawImage(maps[m], box.x, box.y, cell * maps[m].width, box.h);
    });
    s.ctx.strokeStyle = pal.ink;
    s.ctx.lineWidth = 1;
    line(s.ctx, px(last), box.y, px(last), box.y + box.h);
    border(s, box, pal);
    label(s, name, box.x, box.y - 10, { color: pal.ink, weight: '600' });
    readable(s, box, (x, y) => {
      const k = nearestInt((x - box.x) / cell - 0.5, 0, steps);
      const i = nearestInt((1 - (y - box.y) / box.h) * states - 0.5, 0, states - 1);
      const [truth, mean, sd] = [input.truth, input.mean, input.sd].map((v) => v[k * states + i]);
      const value = [truth, mean, Math.abs(mean - truth), sd][m];
      return m > 0 && k > last ? null : { at: `coordinate ${i + 1}, cycle ${k}`, x: px(k), values: [[name, value]] };
    });
    for (const i of ticks(0, states - 1, Math.max(2, box.h / 46))) {
      if (!Number.isInteger(i)) continue;
      const y = box.y + box.h * (1 - (i + 0.5) / states);
      line(s.ctx, box.x - 4, y, box.x - 1, y);
      label(s, String(i + 1), box.x - 7, y, { color: pal.muted, align: 'right' });
    }
    s.ctx.save();
    s.ctx.translate(box.x - 36, box.y + box.h / 2);
    const roomy = box.h > 90;
    if (roomy) s.ctx.rotate(-Math.PI / 2);
    label(s, roomy ? 'coordinate i' : 'i', 0, 0, { color: pal.ink, align: 'center' });
    s.ctx.restore();
    if (row === rows - 1) cycleAxis(s, box, px, steps, pal, 'cycle');
  });
}
