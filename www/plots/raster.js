// The exact density of one frame as a map, with the outlines of its regions of highest density.
import { heat } from './color.js';
import { regions, strokeRegions } from './contours.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./plane.js').Plane} Plane
 */

/** @type {WeakMap<Float32Array, HTMLCanvasElement>} */
const maps = new WeakMap();
/** @type {WeakMap<Float32Array, HTMLCanvasElement>} */
const washes = new WeakMap();

/** @param {Float32Array} density @param {number} cells @param {boolean} wash */
function mapOf(density, cells, wash) {
  const known = wash ? washes : maps;
  let map = known.get(density);
  if (!map) {
    const peak = Math.max(1e-300, regions(density, cells).peak);
    map = heat(cells, cells, (i, j) => density[j * cells + i] / peak, wash);
    known.set(density, map);
  }
  return map;
}

/** @param {Surface} s @param {Plane} p @param {Float32Array} density @param {number} cells */
export function drawRaster(s, p, density, cells) {
  const { ctx } = s;
  ctx.drawImage(mapOf(density, cells, false), p.box.x, p.box.y, p.box.w, p.box.h);
  ctx.save();
  strokeRegions(ctx, p.box, regions(density, cells), cells, (i) => {
    ctx.strokeStyle = '#fff';
    ctx.globalAlpha = [1, 0.8, 0.6][i];
    ctx.lineWidth = [1.5, 1.2, 1][i];
  });
  ctx.restore();
}

/** Behind other marks. @param {Surface} s @param {Plane} p @param {Float32Array} density @param {number} cells */
export function drawWash(s, p, density, cells) {
  s.ctx.drawImage(mapOf(density, cells, true), p.box.x, p.box.y, p.box.w, p.box.h);
}
