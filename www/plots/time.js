// The horizontal axis of all views over time: frames from noise (left) to data (right).
import { label, line, number } from './kit.js';

/**
 * @typedef {import('../app/store.js').Timeline} Timeline
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 */

export const TIME_ROWS = 50; // height of the axis below its box

/** What a level is called: t, or the iteration where the noise level is fixed. @param {Timeline} scene @param {number} f */
export function levelName(scene, f) {
  return scene.clock === 'iteration' ? `iteration ${scene.level_index[f]}` : `t = ${time(scene.t[f])}`;
}

/** @param {number} t */
export function time(t) {
  if (t > 0.99 && t < 1) return number(t); // not 1 yet
  return t === 0 || t >= 0.01 ? number(Number(t.toFixed(t < 0.1 ? 3 : 2))) : number(t, 2);
}

/** @param {Timeline} scene @param {number} f */
export function ratio(scene, f) {
  return scene.alpha[f] === 0 ? Infinity : scene.sigma[f] / scene.alpha[f];
}

/**
 * @param {Surface} s
 * @param {Box} box
 * @param {Timeline} scene
 * @param {Palette} pal
 */
export function timeAxis(s, box, scene, pal) {
  const { ctx } = s;
  const last = scene.frames - 1;
  const n = Math.max(1, Math.min(last, Math.floor(box.w / 74)));
  const y = box.y + box.h;
  const iteration = scene.clock === 'iteration';
  ctx.strokeStyle = pal.muted;
  ctx.lineWidth = 1;
  for (let i = 0; i <= n; i++) {
    const f = Math.round((i * last) / n);
    const x = box.x + (box.w * f) / Math.max(1, last);
    line(ctx, x, y, x, y + 4);
    const align = i === n ? 'right' : i === 0 ? 'left' : 'center';
    const shift = i === n ? 4 : i === 0 ? -4 : 0;
    const how = /** @type {const} */ ({ color: pal.muted, align });
    label(s, iteration ? String(scene.level_index[f]) : time(scene.t[f]), x + shift, y + 12, how);
    if (!iteration) label(s, number(ratio(scene, f), 2), x + shift, y + 27, { ...how, size: 11 });
  }
  const name = /** @type {const} */ ({ color: pal.ink, align: 'right' });
  label(s, iteration ? 'i' : 't', box.x - 12, y + 12, { ...name, weight: 'italic' });
  if (!iteration) label(s, 'σ/α', box.x - 12, y + 27, { ...name, size: 11 });
  label(s, iteration ? 'start' : 'noise', box.x, y + 42, { color: pal.ink });
  label(s, iteration ? 'end' : 'data', box.x + box.w, y + 42, { color: pal.ink, align: 'right' });
  ctx.strokeStyle = pal.line;
  const pad = 44;
  line(ctx, box.x + pad, y + 42.5, box.x + box.w - pad + 6, y + 42.5);
  line(ctx, box.x + box.w - pad + 2, y + 39.5, box.x + box.w - pad + 6, y + 42.5);
  line(ctx, box.x + box.w - pad + 2, y + 45.5, box.x + box.w - pad + 6, y + 42.5);
}
