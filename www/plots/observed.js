// The observation in hand in a picture of states over an index: its × , or the place of a new one.
import { diamond, label, line } from './kit.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 */

/**
 * Where things are on a surface.
 * @typedef {object} Layout
 * @property {Box[]} panels  one a coordinate
 * @property {(i: number) => number} px
 * @property {(c: number, v: number) => number} py
 * @property {(x: number) => number} index  the nearest index
 * @property {(c: number, y: number) => number} value
 */

/** @typedef {{ index: number, row: number, value: number, there: boolean, all: number[], live: boolean }} Chosen */

export const DIAMOND = 6.5;
/** The small × beside a chosen observation. */
export const CROSS = { x: 15, y: -15, r: 8 };

/**
 * The × of an observation that is there, or the places of a new one.
 * @param {Surface} s @param {Box} box @param {Chosen} chosen @param {Layout} at @param {number} c  the panel
 * @param {number[]} rows  that have a place on it
 * @param {Palette} pal
 */
export function drawHand(s, box, chosen, at, c, rows, pal) {
  const { ctx } = s;
  const x = at.px(chosen.index);
  if (!chosen.there) {
    for (const r of rows) {
      const y = at.py(c, chosen.all[r]);
      diamond(ctx, x, y, r === chosen.row ? DIAMOND + 3 : DIAMOND, pal.paper, pal.muted);
      if (r !== chosen.row) continue;
      ctx.strokeStyle = pal.ink;
      line(ctx, x - 3, y, x + 3, y);
      line(ctx, x, y - 3, x, y + 3);
    }
    return;
  }
  if (!chosen.live || !rows.includes(chosen.row)) return;
  const y = at.py(c, chosen.value);
  const { x: cx, y: cy } = crossAt(box, x, y);
  ctx.fillStyle = pal.paper;
  ctx.strokeStyle = pal.muted;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.arc(cx, cy, CROSS.r, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
  ctx.strokeStyle = pal.ink;
  ctx.lineWidth = 1.4;
  line(ctx, cx - 3, cy - 3, cx + 3, cy + 3);
  line(ctx, cx - 3, cy + 3, cx + 3, cy - 3);
}

/** The × of an observation, inside the panel. @param {Box} box @param {number} x @param {number} y */
export function crossAt(box, x, y) {
  const right = x + CROSS.x + CROSS.r < box.x + box.w + 10;
  return { x: x + (right ? CROSS.x : -CROSS.x), y: y + CROSS.y - CROSS.r > box.y ? y + CROSS.y : y - CROSS.y };
}

/**
 * What is said where the frame stops a move.
 * @param {Surface} s @param {Layout} at @param {number} c @param {Chosen} chosen @param {string} words @param {Palette} pal
 */
export function drawEdge(s, at, c, { index, value }, words, pal) {
  const box = at.panels[c];
  const right = at.px(index) > box.x + box.w / 2;
  const high = at.py(c, value) < box.y + box.h / 2;
  label(s, words, right ? box.x + 8 : box.x + box.w - 8, high ? box.y + 14 : box.y + box.h - 14, {
    color: pal.ink, align: right ? 'left' : 'right', max: box.w - 16,
  });
}
