// The square of a lab in the plane: equal axes, the legend beside or above it, places of points.
import { broken, frame as border, font, label, legend, line, number, ticks } from './kit.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Key} Key
 * @typedef {import('./kit.js').Palette} Palette
 */

/**
 * A square [−reach, reach]² on a surface.
 * @typedef {object} Plane
 * @property {Box} box
 * @property {number} reach
 * @property {(x: number) => number} px
 * @property {(y: number) => number} py
 * @property {(x: number, y: number) => [number, number]|null} at  the point under a place of the surface
 */

const LEFT = 46;
const BOTTOM = 38;
const COLUMN = 216;

/**
 * A square on whole pixels: a picture of pixels that is drawn between them is smeared.
 * @param {number} x @param {number} y @param {number} side @returns {Box}
 */
const square = (x, y, side) => ({ x: Math.round(x), y: Math.round(y), w: Math.floor(side), h: Math.floor(side) });

/**
 * The place for a square and its words, by the shape of the surface.
 * @param {Surface} s
 * @param {Key[]} keys
 * @param {string[]} notes
 * @param {Palette} pal
 * @param {number} reach
 * @param {number} [left]
 * @param {number} [bottom]
 * @returns {Plane}
 */
export function plane(s, keys, notes, pal, reach, left = LEFT, bottom = BOTTOM) {
  const tall = s.h - bottom - 10;
  const beside = s.w - left - tall > COLUMN + 20;
  /** @type {Box} */
  let box;
  if (beside) {
    const rest = s.w - left - tall - 24;
    const column = Math.min(280, rest);
    box = square(left + Math.max(0, (rest - column) / 2), 8, tall);
    const x = box.x + box.w + 24;
    let y = box.y - 2;
    for (const key of keys) y += legend(s, [key], x, y, s.w - x, pal) + 4;
    y += 6;
    for (const note of notes) y += paragraph(s, note, x, y, Math.min(column, s.w - x), pal.muted) + 6;
  } else {
    let top = keys.length ? legend(s, keys, 4, 0, s.w - 8, pal) + 2 : 0;
    for (const note of notes) top += paragraph(s, note, 4, top, s.w - 8, pal.muted);
    top += 8;
    const side = Math.max(60, Math.min(s.w - left - 10, s.h - top - bottom));
    box = square(Math.max(left, (s.w - side) / 2), top, side);
  }
  const px = (/** @type {number} */ x) => box.x + (box.w * (x + reach)) / (2 * reach);
  const py = (/** @type {number} */ y) => box.y + (box.h * (reach - y)) / (2 * reach);
  return {
    box, reach, px, py,
    at: (x, y) => {
      const p = ((x - box.x) / box.w) * 2 * reach - reach;
      const q = reach - ((y - box.y) / box.h) * 2 * reach;
      return Math.max(Math.abs(p), Math.abs(q)) <= reach ? [p, q] : null;
    },
  };
}

/** Draws only inside the square. @param {Surface} s @param {Box} box @param {() => void} draw */
export function inside(s, box, draw) {
  s.ctx.save();
  s.ctx.beginPath();
  s.ctx.rect(box.x, box.y, box.w, box.h);
  s.ctx.clip();
  draw();
  s.ctx.restore();
}

/** Frame, ticks and names. @param {Surface} s @param {Plane} p @param {Palette} pal @param {[string, string]} names */
export function axes(s, { box, reach, px, py }, pal, names) {
  const { ctx } = s;
  border(s, box, pal);
  ctx.strokeStyle = pal.muted;
  ctx.lineWidth = 1;
  const bottom = box.y + box.h;
  for (const v of ticks(-reach, reach, Math.max(2, Math.min(8, box.w / 64)))) {
    line(ctx, px(v), bottom + 1, px(v), bottom + 5);
    label(s, number(v), px(v), bottom + 13, { color: pal.muted, align: 'center' });
    line(ctx, box.x - 5, py(v), box.x - 1, py(v));
    label(s, number(v), box.x - 8, py(v), { color: pal.muted, align: 'right' });
  }
  label(s, names[0], box.x + box.w / 2, bottom + 29, { color: pal.ink, align: 'center' });
  ctx.save();
  ctx.translate(box.x - 38, box.y + box.h / 2);
  ctx.rotate(-Math.PI / 2);
  label(s, names[1], 0, 0, { color: pal.ink, align: 'center' });
  ctx.restore();
}

/**
 * Text in lines of a width; returns its height.
 * @param {Surface} s
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {string} color
 */
export function paragraph(s, text, x, y, width, color) {
  const row = 17;
  s.ctx.save();
  s.ctx.font = font(12);
  const lines = text ? broken(s.ctx, text, width) : [];
  lines.forEach((words, i) => label(s, words, x, y + row * (i + 0.5), { color }));
  s.ctx.restore();
  return lines.length * row;
}
