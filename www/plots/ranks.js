// Ranks of the truth among the members, with the band of chance; and whether the spread of a filter tells its error.
import { dot, frame as border, label, leftAxis, legend, line, number, ticks } from './kit.js';
import { inside } from './plane.js';
import { nearest, nearestInt, readable } from './reading.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 */

/**
 * @typedef {object} Input
 * @property {ArrayLike<number>} counts  of each bin
 * @property {{ spread: number, error: number }[]} groups  cycles of about the same spread, from narrow to wide
 * @property {{ share: number, reach: number }} tops  of the axes, for both sides
 * @property {'a'|'b'} side
 * @property {Palette} pal
 */

/** The count that each bin has of a flat histogram, and 1.96 deviations of chance. @param {ArrayLike<number>} counts */
export function chance(counts) {
  const all = Array.from(counts).reduce((p, q) => p + q, 0);
  const p = 1 / counts.length;
  return { all, mean: all * p, band: 1.96 * Math.sqrt(all * p * (1 - p)) };
}

/** @param {Surface} s @param {Input} input */
export function drawRanks(s, { counts, groups, tops, side, pal }) {
  const top = legend(s, [
    { kind: 'bars', text: 'rank of the truth', color: side === 'a' ? pal.aFill : pal.bFill },
    { kind: 'line', text: 'even, ± 1.96 deviations of chance', color: pal.ink, width: 1.4, back: `${pal.ink}22` },
    { kind: 'dots', text: 'tenths of the cycles, by spread', color: pal[side] },
    { kind: 'dash', text: 'error = spread', color: pal.muted, width: 1.4 },
  ], 4, 0, s.w - 8, pal) + 8;
  const across = s.w > 620;
  const high = across ? s.h - top - 42 : (s.h - top - 96) / 2;
  const wide = across ? (s.w - 128) / 2 : s.w - 62;
  histogram(s, { x: 52, y: top, w: wide, h: high }, counts, tops.share, side, pal);
  const second = across ? { x: 52 + wide + 66, y: top, w: wide, h: high } : { x: 52, y: top + high + 54, w: wide, h: high };
  reliability(s, second, groups, tops.reach, side, pal);
}

/** @param {Surface} s @param {Box} box @param {ArrayLike<number>} counts @param {number} most @param {'a'|'b'} side @param {Palette} pal */
function histogram(s, box, counts, most, side, pal) {
  const { ctx } = s;
  const n = counts.length;
  const { all, mean, band } = chance(counts);
  const px = (/** @type {number} */ i) => box.x + (box.w * i) / n;
  const py = (/** @type {number} */ v) => box.y + box.h * (1 - v / most);
  if (all > 0) {
    inside(s, box, () => {
      ctx.fillStyle = side === 'a' ? pal.aFill : pal.bFill;
      for (let i = 0; i < n; i++) ctx.fillRect(px(i) + 1, py(counts[i] / all), px(1) - px(0) - 2, box.y + box.h - py(counts[i] / all));
      ctx.fillStyle = pal.ink;
      ctx.globalAlpha = 0.14;
      const [lo, hi] = [Math.max(0, mean - band) / all, (mean + band) / all];
      ctx.fillRect(box.x, py(Math.min(hi, most)), box.w, py(lo) - py(Math.min(hi, most)));
      ctx.globalAlpha = 1;
      ctx.strokeStyle = pal.ink;
      ctx.lineWidth = 1.4;
      line(ctx, box.x, py(mean / all), box.x + box.w, py(mean / all));
    });
    readable(s, box, (x) => {
      const i = nearestInt(((x - box.x) / box.w) * n - 0.5, 0, n - 1);
      return { at: `bin ${i + 1} of ${n}`, x: px(i + 0.5), values: [
        ['share of the cases', counts[i] / all], ['cases', counts[i]], ['even share', mean / all],
      ] };
    });
  } else {
    const how = /** @type {const} */ ({ color: pal.muted, align: 'center', max: box.w - 8 });
    label(s, 'no analysed cycle after burn-in yet', box.x + box.w / 2, box.y + box.h / 2, how);
  }
  border(s, box, pal);
  leftAxis(s, box, { kind: 'linear', lo: 0, hi: most, scale: 1 }, pal, 'share of the cycles');
  label(s, 'below all', box.x, box.y + box.h + 13, { color: pal.muted });
  label(s, 'above all', box.x + box.w, box.y + box.h + 13, { color: pal.muted, align: 'right' });
  label(s, `place of the truth, in ${n} bins`, box.x + box.w / 2, box.y + box.h + 30, { color: pal.ink, align: 'center', max: box.w });
}

/** @param {Surface} s @param {Box} box @param {Input['groups']} groups @param {number} reach @param {'a'|'b'} side @param {Palette} pal */
function reliability(s, box, groups, reach, side, pal) {
  const { ctx } = s;
  const px = (/** @type {number} */ v) => box.x + (box.w * v) / reach;
  const py = (/** @type {number} */ v) => box.y + box.h * (1 - v / reach);
  inside(s, box, () => {
    ctx.strokeStyle = pal.muted;
    ctx.lineWidth = 1.4;
    ctx.setLineDash([5, 4]);
    line(ctx, px(0), py(0), px(reach), py(reach));
    ctx.setLineDash([]);
    ctx.fillStyle = ctx.strokeStyle = pal[side];
    ctx.lineWidth = 1.2;
    ctx.beginPath();
    for (const g of groups) ctx.lineTo(px(g.spread), py(g.error));
    ctx.stroke();
    for (const g of groups) dot(ctx, px(g.spread), py(g.error), 4);
  });
  readable(s, box, (x, y) => {
    const found = nearest(groups.map((g, i) => ({ g, i, x: px(g.spread), y: py(g.error) })), x, y);
    return found && { at: `cycles by spread, group ${found.i + 1} of ${groups.length}`, x: found.x, y: found.y, values: [
      ['error (rms)', found.g.error], ['spread', found.g.spread],
    ] };
  });
  border(s, box, pal);
  leftAxis(s, box, { kind: 'linear', lo: 0, hi: reach, scale: 1 }, pal, 'error (rms)');
  for (const v of ticks(0, reach, Math.max(2, box.w / 70))) {
    line(ctx, px(v), box.y + box.h + 1, px(v), box.y + box.h + 4);
    label(s, number(v), px(v), box.y + box.h + 13, { color: pal.muted, align: 'center' });
  }
  label(s, 'spread', box.x + box.w / 2, box.y + box.h + 30, { color: pal.ink, align: 'center' });
}
