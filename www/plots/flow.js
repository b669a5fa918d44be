// View "flow": where the probability flow carries a point, and the curves it follows.
import { heat, washCss } from './color.js';
import { arrow, frame as border, label, leftAxis, legend, line, number, place, ticks } from './kit.js';
import { between, nearestInt, readable, valueOn } from './reading.js';
import { TIME_ROWS, ratio, time } from './time.js';

/**
 * @typedef {import('../../pkg/cpu/scorefield.js').Flow} Flow
 * @typedef {import('./density.js').Input} Input
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 */

/** @type {WeakMap<Flow, HTMLCanvasElement>} */
const maps = new WeakMap();

/** @param {Flow} flow */
function mapOf(flow) {
  let map = maps.get(flow);
  if (!map) {
    const X = flow.density.length / flow.ct.length;
    const peak = Array.from(flow.ct, (_, k) => flow.density.subarray(k * X, (k + 1) * X).reduce((p, q) => Math.max(p, q), 1e-300));
    map = heat(flow.ct.length, X, (k, j) => flow.density[k * X + j] / peak[k], true);
    maps.set(flow, map);
  }
  return map;
}

/**
 * The place of a time among falling times that are evenly spaced on the axis.
 * @param {ArrayLike<number>} columns
 * @returns {(t: number) => number}
 */
function placeOf(columns) {
  const last = columns.length - 1;
  return (t) => {
    let lo = 0;
    let hi = last;
    while (hi - lo > 1) {
      const mid = (lo + hi) >> 1;
      if (columns[mid] >= t) lo = mid;
      else hi = mid;
    }
    const span = columns[lo] - columns[hi];
    return (lo + (span > 0 ? Math.max(0, Math.min(1, (columns[lo] - t) / span)) : 0)) / last;
  };
}

/**
 * @param {Surface} s
 * @param {Input} input
 * @param {Flow} flow
 * @param {boolean} paths  the sampler's own paths too
 * @returns {Box & { toAt: (u: number) => number }}  where time runs, and the scrub position of a place there
 */
export function drawFlow(s, input, flow, paths) {
  const { scene, run, pal, side, frame } = input;
  const { ctx } = s;
  const left = 50;
  const nt = flow.t.length;
  const nx = flow.x.length;
  const across = Math.max(1, Math.ceil(nt / Math.max(8, Math.floor((s.w - left) / 30))));
  const dt = Math.abs(flow.t[0] - flow.t[Math.min(nt - 1, across)]);
  /** @type {import('./kit.js').Key[]} */
  const keys = [
    {
      kind: 'arrow',
      text:
        s.w < 440
          ? `flow of x in Δt = ${number(dt * 0.82, 2)} (cut if long)`
          : `where the flow carries x in Δt = ${number(dt * 0.82, 2)} (longer ones cut)`,
      color: pal.ink,
    },
    { kind: 'line', text: 'exact flow curves (quantiles)', width: 1.75 },
    { kind: 'ramp', text: s.w < 340 ? 'density ÷ column max.' : 'exact density ÷ column maximum', ramp: washCss, lo: '0', hi: '1' },
  ];
  if (paths) keys.splice(2, 0, { kind: 'line', text: `${scene.paths} sampler paths`, color: pal[side], width: 1.5 });
  const top = legend(s, keys, left, 0, s.w - left - 4, pal) + 14;
  const box = { x: left, y: top, w: s.w - left - 20, h: s.h - top - TIME_ROWS };
  const u = place(flow.axis);
  const where = placeOf(flow.ct);
  const px = (/** @type {number} */ t) => box.x + box.w * where(t);
  const py = (/** @type {number} */ x) => box.y + box.h * (1 - u(x));
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.x, box.y, box.w, box.h);
  ctx.clip();
  ctx.drawImage(mapOf(flow), box.x, box.y, box.w, box.h);
  ctx.globalAlpha = 1;
  if (paths && run.reached > 0 && scene.clock === 'time') {
    ctx.strokeStyle = pal[side];
    ctx.globalAlpha = 0.55;
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (let m = 0; m < scene.paths; m++) {
      for (let f = 0; f < run.reached; f++) {
        const y = py(run.data.paths[f * scene.paths + m]);
        if (f) ctx.lineTo(px(scene.t[f]), y);
        else ctx.moveTo(px(scene.t[f]), y);
      }
    }
    ctx.stroke();
    ctx.globalAlpha = 1;
  }
  ctx.strokeStyle = pal.ink;
  ctx.lineWidth = 1.5;
  const K = flow.ct.length;
  ctx.beginPath();
  for (let c = 0; c * K < flow.curves.length; c++) {
    for (let k = 0; k < K; k++) {
      const y = py(flow.curves[c * K + k]);
      if (k) ctx.lineTo(px(flow.ct[k]), y);
      else ctx.moveTo(px(flow.ct[k]), y);
    }
  }
  ctx.stroke();
  // arrows
  const gap = (box.w * across) / nt;
  const rows = Math.max(1, Math.round((26 * nx) / box.h));
  ctx.strokeStyle = ctx.fillStyle = pal.ink;
  ctx.lineWidth = 1;
  ctx.globalAlpha = 0.62;
  for (let i = Math.floor((across - 1) / 2); i < nt; i += across) {
    const x0 = px(flow.t[i]);
    for (let j = Math.floor(rows / 2); j < nx; j += rows) {
      const x = flow.x[j];
      const y0 = py(x);
      let dx = gap * 0.82; // 0.82 Δt, both ways: a gap between arrows
      let dy = (py(x - flow.v[i * nx + j] * dt * 0.41) - py(x + flow.v[i * nx + j] * dt * 0.41));
      const cut = Math.min(1, (gap * 1.1) / Math.hypot(dx, dy));
      dx *= cut;
      dy *= cut;
      arrow(ctx, x0 - dx / 2, y0 - dy / 2, x0 + dx / 2, y0 + dy / 2, 5);
    }
  }
  ctx.globalAlpha = 1;
  if (scene.clock === 'time') {
    const x = px(scene.t[frame]);
    ctx.strokeStyle = pal[side];
    ctx.lineWidth = 1.5;
    line(ctx, x, box.y, x, box.y + box.h);
  }
  ctx.restore();
  border(s, box, pal);
  leftAxis(s, box, flow.axis, pal);
  axis(s, box, flow, px, input);
  const value = valueOn(flow.axis);
  const rowsOfDensity = flow.density.length / K;
  readable(s, box, (cx, cy) => {
    const k = nearestInt(((cx - box.x) / box.w) * (K - 1), 0, K - 1);
    const v = 1 - (cy - box.y) / box.h;
    const x = value(v);
    const column = flow.t.reduce((best, t, i) => (Math.abs(t - flow.ct[k]) < Math.abs(flow.t[best] - flow.ct[k]) ? i : best), 0);
    return {
      at: `t = ${time(flow.ct[k])}, x = ${number(x)}`, x: px(flow.ct[k]), values: [
        ['velocity of the flow, dx/dt', between(flow.x, flow.v, x, column * nx)],
        ['exact density', flow.density[k * rowsOfDensity + nearestInt(v * rowsOfDensity - 0.5, 0, rowsOfDensity - 1)]],
      ],
    };
  });
  const last = Math.max(1, scene.frames - 1);
  return { ...box, toAt: (v) => nearestFrame(scene.t, flow.ct, v) / last };
}

/** @param {Float64Array} frames @param {Float64Array} columns @param {number} v */
function nearestFrame(frames, columns, v) {
  const p = Math.max(0, Math.min(1, v)) * (columns.length - 1);
  const i = Math.min(columns.length - 2, Math.floor(p));
  const t = columns[i] + (p - i) * (columns[i + 1] - columns[i]);
  let best = 0;
  for (let f = 0; f < frames.length; f++) if (Math.abs(frames[f] - t) < Math.abs(frames[best] - t)) best = f;
  return best;
}

/** @param {Surface} s @param {Box} box @param {Flow} flow @param {(t: number) => number} px @param {Input} input */
function axis(s, box, flow, px, { pal, scene }) {
  const y = box.y + box.h;
  const last = flow.ct[flow.ct.length - 1];
  s.ctx.strokeStyle = pal.muted;
  s.ctx.lineWidth = 1;
  for (const t of ticks(last, flow.ct[0], box.w / 80)) {
    const x = px(t);
    line(s.ctx, x, y, x, y + 4);
    label(s, time(t), x, y + 12, { color: pal.muted, align: 'center' });
  }
  label(s, 't', box.x - 24, y + 12, { color: pal.ink, align: 'right', weight: 'italic' });
  label(s, 'noise', box.x, y + 32, { color: pal.ink });
  label(s, 'data', box.x + box.w, y + 32, { color: pal.ink, align: 'right' });
  const middle =
    scene.clock === 'time'
      ? `from σ/α = ${number(ratio(scene, 0), 2)} to ${number(ratio(scene, scene.frames - 1), 2)}`
      : 'Langevin stays at one noise level';
  label(s, middle, box.x + box.w / 2, y + 32, { color: pal.muted, align: 'center', size: 11 });
}
