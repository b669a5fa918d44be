// View "histogram": a few levels from noise to data, each with its samples and the exact law.
import { frame as border, label, legend, line, number, place, axisTicks } from './kit.js';
import { bothAt, peakOf } from './density.js';
import { readable, valueOn } from './reading.js';
import { levelName } from './time.js';

/**
 * @typedef {import('./density.js').Input} Input
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 */

/** @typedef {{ box: Box, frame: number }} Panel */

/**
 * @param {Surface} s
 * @param {Input} input
 * @returns {Panel[]}  for clicking
 */
export function drawHistograms(s, input) {
  const { scene, run, pal, side } = input;
  const { ctx } = s;
  const left = 10;
  const top =
    legend(
      s,
      [
        { kind: 'bars', text: `samples, ${scene.edges.length - 1} bins`, color: side === 'a' ? pal.aFill : pal.bFill },
        { kind: 'line', text: 'exact density' },
      ],
      left,
      0,
      s.w - left,
      pal,
    ) + 6;
  const columns = s.w > 760 ? 4 : s.w > 460 ? 3 : 2;
  const most = s.h < 320 ? columns : columns * (columns === 2 ? 3 : 2);
  const total = Math.min(most, scene.frames);
  const rows = Math.ceil(total / columns);
  const cell = { w: (s.w - left) / columns, h: (s.h - top) / rows };
  const frames = Array.from({ length: total }, (_, i) => Math.round((i * (scene.frames - 1)) / Math.max(1, total - 1)));
  const nearest = frames.reduce((best, f, i) => (Math.abs(f - input.frame) < Math.abs(frames[best] - input.frame) ? i : best), 0);
  const u = place(scene.axis);
  const B = scene.edges.length - 1;
  const X = scene.xs.length;
  return frames.map((f, i) => {
    const outer = { x: left + (i % columns) * cell.w, y: top + Math.floor(i / columns) * cell.h, w: cell.w, h: cell.h };
    const box = { x: outer.x + 9, y: outer.y + 22, w: outer.w - 26, h: outer.h - 46 };
    const peak = peakOf(scene)[f];
    const px = (/** @type {number} */ x) => box.x + box.w * u(x);
    const scale = box.h / input.top;
    const base = box.y + box.h;
    const value = valueOn(scene.axis);
    readable(s, box, (x) => bothAt(scene, run, f, value((x - box.x) / box.w)));
    ctx.save();
    ctx.beginPath();
    ctx.rect(box.x, box.y, box.w, box.h);
    ctx.clip();
    if (f < run.reached) {
      ctx.fillStyle = side === 'a' ? pal.aFill : pal.bFill;
      for (let k = 0; k < B; k++) {
        const x0 = px(scene.edges[k]);
        const tall = (run.data.hist[f * B + k] / peak) * scale;
        const wide = Math.max(0.6, px(scene.edges[k + 1]) - x0 + 0.3);
        ctx.fillRect(x0, base - tall, wide, tall);
        if (tall > box.h) ctx.clearRect(x0, box.y + 5, wide, 3); // broken: it goes on
      }
    }
    ctx.strokeStyle = pal.ink;
    ctx.lineWidth = 1.75;
    ctx.beginPath();
    for (let j = 0; j < X; j++) ctx.lineTo(px(scene.xs[j]), base - (scene.density[f * X + j] / peak) * scale);
    ctx.stroke();
    ctx.restore();
    ctx.strokeStyle = pal.muted;
    ctx.lineWidth = 1;
    line(ctx, box.x, base + 0.5, box.x + box.w, base + 0.5);
    for (const x of axisTicks(scene.axis, Math.max(scene.axis.kind === 'asinh' ? 3 : 5, box.w / 45))) {
      line(ctx, px(x), base, px(x), base + 4);
      label(s, number(x), px(x), base + 12, { color: pal.muted, align: 'center', size: 11 });
    }
    const chosen = i === nearest;
    label(s, levelName(scene, f), box.x + 2, outer.y + 12, { color: chosen ? pal.ink : pal.muted, weight: chosen ? '600' : '' });
    label(s, `max ${number(peak)}`, box.x + box.w, outer.y + 12, { color: pal.muted, align: 'right', size: 11 });
    if (f >= run.reached) label(s, 'not reached yet', box.x + box.w / 2, box.y + box.h / 2, { color: pal.muted, align: 'center' });
    if (chosen) {
      border(s, { x: outer.x - 1, y: outer.y + 1, w: outer.w - 8, h: outer.h - 4 }, { ...pal, muted: pal[side] });
    }
    return { box: outer, frame: f };
  });
}
