// Beside the matrices of view "covariance": their means along the diagonals, over the lag between two indices.
import { indexStep } from './chain.js';
import { frame as border, label, leftAxis, legend, line } from './kit.js';
import { inside } from './plane.js';
import { nearestInt, readable } from './reading.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 * @typedef {import('./matrices.js').Matrix} Matrix
 */

const WIDTHS = [2.2, 1.3, 0.9, 0.6]; // of the lines of the coordinates

const NARROW = 210; // pixels

/**
 * The mean of cov(x_i, x_{i+k}) over i, for each coordinate: [coordinate][lag], lags 0 … length/2.
 * @param {Float32Array} values  [coordinate × index]² @param {number} length @param {number} states
 */
function alongDiagonals(values, length, states) {
  const size = length * states;
  return Array.from({ length: states }, (_, c) => Float64Array.from({ length: Math.floor(length / 2) + 1 }, (_x, k) => {
    let sum = 0;
    for (let i = 0; i + k < length; i++) sum += values[(c * length + i) * size + c * length + i + k];
    return sum / (length - k);
  }));
}

/** @type {WeakMap<Float32Array, Float64Array[]>} */
const known = new WeakMap();

/** @param {Float32Array} values @param {number} length @param {number} states */
function curves(values, length, states) {
  let found = known.get(values);
  if (!found) known.set(values, found = alongDiagonals(values, length, states));
  return found;
}

/** @param {Surface} s @param {Box} whole @param {Matrix[]} all @param {number} length @param {number} states @param {Palette} pal */
export function drawLags(s, whole, all, length, states, pal) {
  const { ctx } = s;
  const drawn = all.flatMap(({ title, values, color }) =>
    values && color ? [{ title, color, lines: curves(values, length, states) }] : [],
  );
  const short = whole.w < 340;
  const name = short
    ? (whole.w < NARROW ? 'mean, by lag' : 'mean over i, by lag')
    : states > 1
      ? `mean covariance of xᵢ and xᵢ₊ₖ, ${Array.from({ length: states }, (_, c) => `x${'₁₂₃₄'[c]}`).join(', ')}`
      : 'mean covariance of xᵢ and xᵢ₊ₖ';
  const left = 58;
  const keys = drawn.map(({ title, color }) => ({ kind: /** @type {const} */ ('line'), text: title, color, width: 2.2 }));
  const start = whole.w < NARROW ? 8 : left; // words need the room above the axis too
  label(s, name, whole.x + start, whole.y + 10, { color: pal.ink, size: 13, weight: '600', max: whole.w - start });
  const head = 22 + (keys.length ? legend(s, keys, whole.x + start, whole.y + 20, whole.w - start - 4, pal) : 0);
  const box = { x: whole.x + left, y: whole.y + head, w: whole.w - left - 12, h: whole.h - head - 38 };
  if (box.h < 36) return;
  const lags = Math.floor(length / 2);
  const every = drawn.flatMap(({ lines }) => lines.flatMap((v) => [...v]));
  const hi = Math.max(1e-9, ...every) * 1.08;
  const lo = Math.min(0, ...every) * 1.08;
  const px = (/** @type {number} */ k) => box.x + (box.w * k) / lags;
  const py = (/** @type {number} */ v) => box.y + (box.h * (hi - v)) / (hi - lo);
  inside(s, box, () => {
    ctx.strokeStyle = pal.line;
    ctx.lineWidth = 1;
    line(ctx, box.x, py(0), box.x + box.w, py(0));
    for (const { color, lines } of drawn) {
      lines.forEach((values, c) => {
        ctx.strokeStyle = color;
        ctx.lineWidth = WIDTHS[c];
        ctx.beginPath();
        values.forEach((v, k) => ctx.lineTo(px(k), py(v)));
        ctx.stroke();
      });
    }
  });
  readable(s, box, (x) => {
    const k = nearestInt(((x - box.x) / box.w) * lags, 0, lags);
    const coordinate = (/** @type {number} */ c) => (states > 1 ? `, x${'₁₂₃₄'[c]}` : '');
    return { at: `lag ${k}`, x: px(k), values: drawn.flatMap(({ title, lines }) => lines.map((values, c) =>
      /** @type {import('./reading.js').Value} */ ([`mean covariance: ${title}${coordinate(c)}`, values[k], '', values[0]]))) };
  });
  border(s, box, pal);
  leftAxis(s, box, { kind: 'linear', lo, hi, scale: 1 }, pal, 'covariance');
  ctx.strokeStyle = pal.muted;
  ctx.lineWidth = 1;
  for (let k = 0; k <= lags; k += indexStep(lags + 1, box.w / 40)) {
    line(ctx, px(k), box.y + box.h + 1, px(k), box.y + box.h + 5);
    label(s, String(k), px(k), box.y + box.h + 13, { color: pal.muted, align: 'center' });
  }
  label(s, 'lag k', box.x + box.w / 2, box.y + box.h + 29, { color: pal.ink, align: 'center' });
}
