// View "covariance": covariance matrices of the whole chain side by side, on one scale about zero.
import { indexStep } from './chain.js';
import { diverging } from './color.js';
import { drawLags } from './lags.js';
import { frame as border, label, legend, line, number } from './kit.js';
import { nearestInt, readable } from './reading.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Palette} Palette
 */

/**
 * @typedef {{ title: string, values: Float32Array|null, note: string, color: string }} Matrix  note: what stands in place of values;
 *   color: of its curve over the lag, none where it is empty
 */

const ROOM = 116; // height that the curves over the lag need below the matrices
const NARROW = 120; // pixels of a side
const MOST = 200; // cells along a side that are drawn one by one

/**
 * The same matrix, coordinate by coordinate in place of index by index.
 * @param {Float32Array} values
 * @param {number} length
 * @param {number} states
 */
export function sorted(values, length, states) {
  if (states === 1) return values;
  const size = length * states;
  const from = Array.from({ length: size }, (_, k) => (k % length) * states + Math.floor(k / length));
  const out = new Float32Array(size * size);
  for (let r = 0; r < size; r++) for (let c = 0; c < size; c++) out[r * size + c] = values[from[r] * size + from[c]];
  return out;
}

/** How many entries along a side make one cell. @param {number} size */
export const thinning = (size) => Math.ceil(size / MOST);

/** The end of a scale that holds all of them, a round number. @param {(Float32Array|null)[]} all */
export function scaleOf(all) {
  let most = 0;
  for (const values of all) if (values) for (const v of values) most = Math.max(most, Math.abs(v));
  if (!(most > 0) || !Number.isFinite(most)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return power * ([1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((m) => m * power >= most * 0.999) ?? 10);
}

/** @type {WeakMap<Float32Array, { key: string, canvas: HTMLCanvasElement }>} */
const pictures = new WeakMap();

/** @param {Float32Array} values @param {number} size @param {number} scale @param {boolean} dark */
function picture(values, size, scale, dark) {
  const key = `${scale} ${dark}`;
  const known = pictures.get(values);
  if (known?.key === key) return known.canvas;
  const by = thinning(size);
  const cells = Math.ceil(size / by);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = cells;
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = ctx.createImageData(cells, cells);
  for (let r = 0; r < cells; r++) {
    for (let c = 0; c < cells; c++) {
      let sum = 0;
      let n = 0;
      for (let i = r * by; i < Math.min(size, (r + 1) * by); i++) {
        for (let j = c * by; j < Math.min(size, (c + 1) * by); j++, n++) sum += values[i * size + j];
      }
      image.data.set([...diverging(dark, sum / n / scale), 255], 4 * (r * cells + c));
    }
  }
  ctx.putImageData(image, 0, 0);
  pictures.set(values, { key, canvas });
  return canvas;
}

/**
 * Matrices in rows; where that leaves room, their means along the diagonals over the lag.
 * @param {Surface} s
 * @param {{ all: Matrix[], length: number, states: number, scale: number, pal: Palette, notes: string[] }} input
 */
export function drawMatrices(s, { all, length, states, scale, pal, notes }) {
  const { ctx } = s;
  const size = length * states;
  /** @type {import('./kit.js').Key[]} */
  const keys = [
    {
      kind: 'ramp',
      text: 'covariance of xᵢ and xⱼ',
      ramp: (v) => `rgb(${diverging(pal.dark, 2 * v - 1).join(' ')})`,
      lo: number(-scale),
      hi: number(scale),
    },
  ];
  let top = legend(s, keys, 4, 0, s.w - 8, pal) + 2;
  for (const note of notes) {
    label(s, note, 4, top + 8, { color: pal.muted, max: s.w - 8 });
    top += 17;
  }
  const left = 40;
  const bottom = 36;
  const head = 20;
  const fits = [1, 2, 3].filter((n) => n <= all.length).map((columns) => {
    const rows = Math.ceil(all.length / columns);
    return { columns, side: Math.min((s.w - columns * (left + 12)) / columns, (s.h - top - rows * (head + bottom)) / rows) };
  });
  const { columns, side } = fits.reduce((p, q) => (q.side > p.side ? q : p));
  if (side < 30) return;
  const cell = side + left + 12;
  const shift = Math.max(0, (s.w - columns * cell) / 2);
  const rows = Math.ceil(all.length / columns);
  const high = side + head + bottom;
  const below = { x: shift, y: top + rows * high, w: columns * cell, h: s.h - top - rows * high };
  const beside = {
    x: shift + (all.length % columns) * cell,
    y: top + (rows - 1) * high,
    w: (rows * columns - all.length) * cell,
    h: high + below.h,
  };
  const free = below.h >= ROOM ? below : beside.w > 0 ? beside : null;
  if (free && length > 2) drawLags(s, free, all, length, states, pal);
  else top += Math.max(0, below.h / 2);
  all.forEach(({ title, values, note }, n) => {
    const box = {
      x: shift + (n % columns) * cell + left,
      y: top + Math.floor(n / columns) * (side + head + bottom) + head,
      w: side,
      h: side,
    };
    const start = side < NARROW ? 10 - left : 0; // a small matrix has its title above the axis too
    label(s, title, box.x + start, box.y - 10, { color: pal.ink, size: 13, weight: '600', max: side - start });
    if (values) {
      ctx.imageSmoothingEnabled = size > side;
      ctx.drawImage(picture(values, size, scale, pal.dark), box.x, box.y, side, side);
      ctx.imageSmoothingEnabled = true;
      readable(s, box, (x, y) => {
        const [row, column] = [y - box.y, x - box.x].map((v) => nearestInt((v / side) * size - 0.5, 0, size - 1));
        const name = (/** @type {number} */ k) => `${k % length}${states > 1 ? ` of x${'₁₂₃₄'[Math.floor(k / length)]}` : ''}`;
        const at = `${title}: i = ${name(row)}, j = ${name(column)}`;
        const scale = Math.sqrt(values[row * (size + 1)] * values[column * (size + 1)]);
        return { at, values: [['covariance of xᵢ and xⱼ', values[row * size + column], '', scale]] };
      });
    } else label(s, note, box.x + side / 2, box.y + side / 2, { color: pal.muted, align: 'center', max: side - 8 });
    border(s, box, pal);
    ctx.strokeStyle = pal.muted;
    ctx.lineWidth = 1;
    const step = indexStep(length, side / states / 36);
    for (let k = 1; k < states; k++) {
      line(ctx, box.x + (k / states) * side, box.y, box.x + (k / states) * side, box.y + side);
      line(ctx, box.x, box.y + (k / states) * side, box.x + side, box.y + (k / states) * side);
    }
    for (let k = 0; k < size; k++) {
      const i = k % length;
      if (i % step) continue;
      const at = ((k + 0.5) / size) * side;
      line(ctx, box.x + at, box.y + side + 1, box.x + at, box.y + side + 4);
      line(ctx, box.x - 4, box.y + at, box.x - 1, box.y + at);
      label(s, String(i), box.x + at, box.y + side + 12, { color: pal.muted, align: 'center' });
      label(s, String(i), box.x - 7, box.y + at, { color: pal.muted, align: 'right' });
    }
    for (let k = 0; k < states; k++) {
      const at = ((k + 0.5) / states) * side;
      label(s, states > 1 ? `j of x${'₁₂₃₄'[k]}` : 'j', box.x + at, box.y + side + 27, { color: pal.ink, align: 'center' });
      ctx.save();
      ctx.translate(box.x - 32, box.y + at);
      if (states > 1) ctx.rotate(-Math.PI / 2);
      label(s, states > 1 ? `i of x${'₁₂₃₄'[k]}` : 'i', 0, 0, { color: pal.ink, align: 'center' });
      ctx.restore();
    }
  });
}
