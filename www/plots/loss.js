// The loss of a training over its steps: its running mean, the network that knows nothing, the exact denoiser.
import { font, label, line, number, palette, surface, ticks } from './kit.js';

/** @param {HTMLCanvasElement} canvas @param {import('../app/store.js').TrainingState} t */
export function drawCurve(canvas, t) {
  const s = surface(canvas);
  if (!s) return;
  const { ctx } = s;
  const pal = palette(canvas);
  ctx.font = font(11);
  const box = { x: 42, y: 6, w: s.w - 42 - 8, h: s.h - 6 - 18 };
  const floor = Number.isFinite(t.floor) ? t.floor : 1;
  let hi = Math.max(1, floor);
  for (let i = 0; i < t.step; i++) hi = Math.max(hi, t.losses[i]);
  hi = Math.min(hi, 3 * Math.max(1, floor));
  const span = Math.max(0.05, hi - Math.min(1, floor));
  const lo = Math.min(1, floor) - 0.12 * span;
  hi += 0.12 * span;
  const px = (/** @type {number} */ step) => box.x + (box.w * step) / t.steps;
  const py = (/** @type {number} */ v) => box.y + box.h * Math.max(0, (hi - v) / (hi - lo));
  ctx.strokeStyle = pal.line;
  ctx.lineWidth = 1;
  line(ctx, box.x, box.y + box.h, box.x + box.w, box.y + box.h);
  for (const v of ticks(lo, hi, Math.max(1, box.h / 22))) {
    if (v < lo || v > hi) continue;
    line(ctx, box.x, py(v), box.x + box.w, py(v));
    label(s, number(v, 3), box.x - 6, py(v), { color: pal.muted, align: 'right' });
  }
  if (Number.isFinite(t.floor)) {
    ctx.strokeStyle = pal.ink;
    ctx.setLineDash([5, 4]);
    line(ctx, box.x, py(floor), box.x + box.w, py(floor));
    ctx.setLineDash([]);
  }
  for (const step of ticks(0, t.steps, Math.max(2, Math.floor(box.w / 110))))
    label(s, String(step), Math.min(px(step), box.x + box.w - 12), box.y + box.h + 10, { color: pal.muted, align: 'center' });
  ctx.strokeStyle = pal.b;
  ctx.lineWidth = 2;
  ctx.beginPath();
  const stride = Math.max(1, Math.floor(t.step / (2 * box.w)));
  for (let i = 0; i < t.step; i += stride) ctx.lineTo(px(i + 1), py(t.losses[i]));
  if (t.step > 0) ctx.lineTo(px(t.step), py(t.losses[t.step - 1]));
  ctx.stroke();
  canvas.setAttribute(
    'aria-label',
    `Loss over training steps: ${t.loss.toFixed(3)} at step ${t.step} of ${t.steps}; the exact denoiser has ${floor.toFixed(3)}.`,
  );
}
