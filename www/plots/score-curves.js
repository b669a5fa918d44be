// View "score-error": how wrong the score of a blanket is, over the noise.
import { chart } from './error-curves.js';
import { dot, font, label, line, number } from './kit.js';

/**
 * @typedef {import('../store.js').ChainScoreErrors} ChainScoreErrors
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Palette} Palette
 */

const DECADES = 4; // of the vertical axis, shared by all configurations

/** Where the largest of a curve is. @param {ChainScoreErrors} errors @param {ChainScoreErrors['curves'][number]} curve */
export function peak({ ratio }, { error }) {
  let at = 0;
  for (let i = 1; i < error.length; i++) if (error[i] > error[at]) at = i;
  return { ratio: ratio[at], error: error[at] };
}

/**
 * @param {Surface} s
 * @param {{ errors: ChainScoreErrors, own: number|null, levels: number[], side: 'a'|'b', pal: Palette, note: string }} input  own: the half-window of the run
 */
export function drawScoreErrors(s, { errors, own, levels, side, pal, note }) {
  const most = Math.max(...errors.curves.map((c) => c.most), 1e-6);
  const hi = 10 ** Math.ceil(Math.log10(most) + 0.1);
  const up = { lo: hi / 10 ** DECADES, hi };
  const across = { lo: errors.ratio[0], hi: errors.ratio[errors.ratio.length - 1] };
  const color = (/** @type {number} */ k) => (k === own ? pal[side] : pal.ink);
  /** @type {import('./kit.js').Key[]} */
  const keys = [...(own ? [{ kind: /** @type {const} */ ('line'), text: `k = ${own}, this run’s`, color: pal[side], width: 3 }] : []), { kind: 'line', text: own ? 'other half-windows k' : 'half-windows k', color: pal.ink, width: 1.2 }, { kind: 'dots', text: 'levels of this run', color: pal[side] }];
  const whole = { x: 0, y: 0, w: s.w - 8, h: s.h - 2 };
  chart(s, whole, { title: note, keys, x: 'noise ratio σ/α, from noise to data', y: 'relative error of the score', across, up, back: true, head: s.w > 420 ? 18 : 36, pal }, (box, px, py) => {
    const { ctx } = s;
    const labels = errors.curves.map((curve) => {
      const top = peak(errors, curve);
      ctx.strokeStyle = color(curve.k);
      ctx.lineWidth = curve.k === own ? 3 : 1.2;
      ctx.beginPath();
      errors.ratio.forEach((r, i) => ctx.lineTo(px(r), py(Math.max(curve.error[i], up.lo / 10))));
      ctx.stroke();
      return { k: curve.k, text: `k = ${curve.k}: ${number(curve.most, 3, true)}`, x: px(top.ratio), y: py(top.error), row: py(top.error) };
    }).sort((p, q) => p.y - q.y);
    ctx.fillStyle = pal[side];
    for (const v of levels) if (v >= across.lo && v <= across.hi) dot(ctx, px(v), box.y + box.h - 5, 2.2);
    let last = -Infinity;
    for (const it of labels) {
      it.row = Math.max(it.row - 10, last + 17);
      last = it.row;
      ctx.fillStyle = color(it.k);
      dot(ctx, it.x, it.y, it.k === own ? 4.5 : 3);
      const weight = it.k === own ? '600' : '';
      ctx.font = font(12, weight);
      const w = ctx.measureText(it.text).width;
      const x = it.x + 34;
      ctx.strokeStyle = pal.muted;
      ctx.lineWidth = 0.8;
      line(ctx, it.x + 5, it.y - 1, x - 4, it.row);
      ctx.globalAlpha = 0.85;
      ctx.fillStyle = pal.paper;
      ctx.fillRect(x - 2, it.row - 8, w + 4, 16);
      ctx.globalAlpha = 1;
      label(s, it.text, x, it.row, { color: it.k === own && side === 'b' ? pal.bText : color(it.k), weight });
    }
  });
}
