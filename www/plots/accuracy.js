// Errors of a filter over its cycles: a panel each, with the exact filter's curve where there is one.
import { cycleAxis, path } from './cycles.js';
import { frame as border, label, leftAxis, legend, line, number } from './kit.js';
import { inside } from './plane.js';
import { nearestInt, readable } from './reading.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Palette} Palette
 * @typedef {import('./kit.js').Key} Key
 */

/**
 * A number over the cycles.
 * @typedef {object} Curve
 * @property {string} name
 * @property {ArrayLike<number>} own  by cycle
 * @property {ArrayLike<number>} beside  the exact filter's; empty where there is none
 * @property {string} whose  these are: the exact filter, or the reference
 * @property {ArrayLike<number>} [floor]  what a perfect sample has, dashed
 * @property {ArrayLike<number>} [second]  another of the run, dashed
 * @property {number} top  of the axis, for both sides
 */

/**
 * @typedef {object} Input
 * @property {Curve[]} curves
 * @property {number} steps  cycles
 * @property {number} burnIn
 * @property {number} last  the cycle up to which the run is shown
 * @property {Key[]} keys
 * @property {'a'|'b'} side
 * @property {Palette} pal
 */

const LEFT = 56;
const ROWS = 38;

/** @param {Surface} s @param {Input} input */
export function drawAccuracy(s, { curves, steps, burnIn, last, keys, side, pal }) {
  const top = legend(s, keys, 4, 0, s.w - 8, pal) + 6;
  const columns = s.w > 860 && curves.length > 2 ? 2 : 1;
  const rows = Math.ceil(curves.length / columns);
  const gap = 14;
  const wide = (s.w - 8 * columns) / columns;
  const high = (s.h - top - ROWS - gap * (rows - 1) - 4) / rows;
  curves.forEach((curve, i) => {
    const column = Math.floor(i / rows);
    const row = i % rows;
    const box = { x: column * (wide + 8) + LEFT, y: top + row * (high + gap), w: wide - LEFT - 8, h: high };
    const px = (/** @type {number} */ k) => box.x + (box.w * (k + 0.5)) / (steps + 1); // a single cycle is off the edge
    const py = (/** @type {number} */ v) => box.y + box.h * (1 - v / curve.top);
    inside(s, box, () => {
      if (burnIn > 0) {
        s.ctx.fillStyle = pal.line;
        s.ctx.globalAlpha = 0.45;
        s.ctx.fillRect(box.x, box.y, px(burnIn) - box.x, box.h);
        s.ctx.globalAlpha = 1;
      }
      if (curve.beside.length) path(s.ctx, curve.beside.length, px, (k) => py(curve.beside[k]), pal.ink, 1.3);
      const dashed = (/** @type {ArrayLike<number>} */ v, /** @type {number} */ n, /** @type {string} */ color) => {
        s.ctx.setLineDash([4, 3]);
        path(s.ctx, n, px, (k) => py(v[k]), color, 1.4);
        s.ctx.setLineDash([]);
      };
      if (curve.floor) dashed(curve.floor, curve.floor.length, pal.muted);
      if (curve.second) dashed(curve.second, last + 1, pal[side]);
      path(s.ctx, last + 1, px, (k) => py(curve.own[k]), pal[side], 2);
      s.ctx.strokeStyle = pal.ink;
      s.ctx.globalAlpha = 0.5;
      s.ctx.lineWidth = 1;
      s.ctx.setLineDash([3, 3]);
      line(s.ctx, px(last), box.y, px(last), box.y + box.h);
      s.ctx.setLineDash([]);
      s.ctx.globalAlpha = 1;
    });
    readable(s, box, (x) => {
      const k = nearestInt(((x - box.x) / box.w) * (steps + 1) - 0.5, 0, steps);
      /** @type {import('./reading.js').Value[]} */
      const values = k <= last ? [[curve.name, curve.own[k]]] : [];
      if (curve.second && k <= last) values.push(['spread', curve.second[k]]);
      if (curve.beside.length > k) values.push([`${curve.name} of the ${curve.whose}`, curve.beside[k]]);
      if (curve.floor && curve.floor.length > k) values.push(['of as many perfect draws', curve.floor[k]]);
      return values.length ? { at: `cycle ${k}`, x: px(k), values } : null;
    });
    border(s, box, pal);
    leftAxis(s, box, { kind: 'linear', lo: 0, hi: curve.top, scale: 1 }, pal, curve.name);
    const beyond = [curve.own, curve.second ?? []].some((v) => Array.from({ length: last + 1 }, (_, k) => v[k]).some((x) => x > curve.top));
    if (beyond) label(s, 'leaves the axis', box.x + box.w - 6, box.y + 11, { color: pal.muted, align: 'right', size: 11, max: box.w / 2 });
    const bottom = row === rows - 1 || i === curves.length - 1;
    if (bottom) cycleAxis(s, box, px, steps, pal, 'cycle');
    const room = px(burnIn) - box.x > 52;
    if (burnIn > 0 && i === 0 && room) label(s, 'burn-in', box.x + 5, box.y + box.h - 10, { color: pal.muted, size: 11 });
  });
}

/**
 * The mean of a curve over cycles that count, up to one.
 * @param {ArrayLike<number>} v
 * @param {(k: number) => boolean} counts
 * @param {number} last
 */
export function meanOf(v, counts, last) {
  let sum = 0;
  let n = 0;
  for (let k = 0; k <= Math.min(last, v.length - 1); k++) {
    if (!counts(k)) continue;
    sum += v[k];
    n++;
  }
  return n ? sum / n : NaN;
}

/** A mean in words. @param {number} v */
export const meanText = (v) => (Number.isFinite(v) ? number(v) : '–');
