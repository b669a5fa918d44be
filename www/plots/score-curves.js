// View "score-error": how wrong the score of a blanket is, over the noise.
import { chart } from './error-curves.js';
import { dot, font, label, legend, line, number } from './kit.js';

/**
 * @typedef {import('../../pkg/cpu/scorefield.js').ChainScoreErrors} ChainScoreErrors
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Palette} Palette
 */

const DECADES = 4; // of the vertical axis, shared by all configurations

/** @typedef {ChainScoreErrors['curves'][number]} Curve */
/** The windows of a run's score; none of the full one. @typedef {{ k: number, learned: boolean }|null} Own */

/** Whether a curve is that of the run. @param {Curve} curve @param {Own} own */
export const isOwn = (curve, own) => !!own && curve.k === own.k && curve.learned === own.learned;

/** @param {Curve} curve @param {Own} own */
export const nameOf = ({ k, learned }, own) => (learned ? `network, k = ${k}` : own?.learned ? `exact windows, k = ${k}` : `k = ${k}`);

/** Where the largest of a curve is. @param {Curve} curve */
export function peak({ ratio, error }) {
  let at = 0;
  for (let i = 1; i < error.length; i++) if (error[i] > error[at]) at = i;
  return { ratio: ratio[at], error: error[at] };
}

/**
 * @param {Surface} s
 * @param {{ errors: ChainScoreErrors, own: Own, levels: number[], side: 'a'|'b', pal: Palette, note: string }} input
 */
export function drawScoreErrors(s, { errors: { curves }, own, levels, side, pal, note }) {
  const most = Math.max(...curves.map((c) => c.most), 1e-6);
  const hi = 10 ** Math.ceil(Math.log10(most) + 0.1);
  const up = { lo: hi / 10 ** DECADES, hi };
  const ends = curves.map(({ ratio }) => [ratio[0], ratio[ratio.length - 1]]);
  const across = { lo: Math.min(...ends.map((e) => e[0])), hi: Math.max(...ends.map((e) => e[1])) };
  const color = (/** @type {boolean} */ mine) => (mine ? pal[side] : pal.ink);
  const others = own?.learned ? 'exact scores of windows' : own ? 'other half-windows k' : 'half-windows k';
  /** @type {import('./kit.js').Key[]} */
  const keys = [...(own ? [{ kind: /** @type {const} */ ('line'), text: `${own.learned ? 'network, ' : ''}k = ${own.k}, this run’s`, color: pal[side], width: 3 }] : []), { kind: 'line', text: others, color: pal.ink, width: 1.2 }, { kind: 'dots', text: 'levels of this run', color: pal[side] }];
  const whole = { x: 0, y: 0, w: s.w - 8, h: s.h - 2 };
  chart(s, whole, { title: note, keys, x: 'noise ratio σ/α, from noise to data', y: 'relative error of the score', across, up, back: true, head: legend(s, keys, 0, 0, whole.w - 8, pal, true), pal }, (box, px, py) => {
    const { ctx } = s;
    const labels = curves.map((curve) => {
      const mine = isOwn(curve, own);
      const top = peak(curve);
      ctx.strokeStyle = color(mine);
      ctx.lineWidth = mine ? 3 : 1.2;
      ctx.beginPath();
      curve.ratio.forEach((r, i) => ctx.lineTo(px(r), py(Math.max(curve.error[i], up.lo / 10))));
      ctx.stroke();
      return { mine, text: `${nameOf(curve, own)}: ${number(curve.most, 3, true)}`, x: px(top.ratio), y: py(top.error), row: py(top.error) };
    }).sort((p, q) => p.y - q.y);
    ctx.fillStyle = pal[side];
    for (const v of levels) if (v >= across.lo && v <= across.hi) dot(ctx, px(v), box.y + box.h - 5, 2.2);
    let last = -Infinity;
    for (const it of labels) {
      it.row = Math.max(it.row - 10, last + 17, box.y + 9);
      last = it.row;
      ctx.fillStyle = color(it.mine);
      dot(ctx, it.x, it.y, it.mine ? 4.5 : 3);
      const weight = it.mine ? '600' : '';
      ctx.font = font(12, weight);
      const w = ctx.measureText(it.text).width;
      // To the right of its point, where there is room.
      const right = it.x + 34 + w <= box.x + box.w;
      const x = Math.max(box.x + 3, right ? it.x + 34 : it.x - 34 - w); // beside it where that would leave the frame
      ctx.strokeStyle = pal.muted;
      ctx.lineWidth = 0.8;
      if (right) line(ctx, it.x + 5, it.y - 1, x - 4, it.row);
      else line(ctx, it.x - 5, it.y - 1, x + w + 4, it.row);
      ctx.globalAlpha = 0.85;
      ctx.fillStyle = pal.paper;
      ctx.fillRect(x - 2, it.row - 8, w + 4, 16);
      ctx.globalAlpha = 1;
      label(s, it.text, x, it.row, { color: it.mine && side === 'b' ? pal.bText : color(it.mine), weight });
    }
  });
}
