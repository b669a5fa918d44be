// View "sweep": the sampled law against the number of steps, and its distance from the exact law for every sampler.
import { cividisCss } from './color.js';
import { below, between, nearest, readable, valueOn } from './reading.js';
import { arrow, count, dot, frame as border, label, leftAxis, legend, line, logTicks, number, place } from './kit.js';

/**
 * @typedef {import('../app/store.js').JobState} JobState
 * @typedef {import('../../pkg/cpu/scorefield.js').SweepPlan} SweepPlan
 * @typedef {import('../../pkg/cpu/scorefield.js').SweepPoint} SweepPoint
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 */

/**
 * @typedef {object} Options
 * @property {'steps'|'nfe'} by
 * @property {Set<string>} hidden  series not drawn
 * @property {number} steps  the run's own number of steps
 * @property {Palette} pal
 * @property {(series: SweepPlan['series'][number]) => string} name  of a main series
 */

const RANGE = 1.5; // the colour scale ends here, in units of the exact maximum
const MARKS = ['circle', 'square', 'triangle', 'diamond', 'cross', 'ring', 'down'];

/**
 * The look of each series: main ones in the colour of their side, the others in the categorical colours.
 * @param {SweepPlan} plan
 * @param {Palette} pal
 */
export function looks(plan, pal) {
  let next = 0;
  return new Map(plan.series.map((series) => {
    if (series.main)
      return [
        series.id,
        { color: pal[series.side], mark: series.side === 'a' ? 'circle' : 'square', width: 2.75, dash: /** @type {number[]} */ ([]) },
      ];
    const i = next++;
    return [
      series.id,
      {
        color: pal.series[i % pal.series.length],
        mark: MARKS[(i + 1) % MARKS.length],
        width: 1.4,
        dash: series.side === 'b' ? [4, 3] : [],
      },
    ];
  }));
}

/** The key of a series: its line and its mark. @param {{ color: string, mark: string, width: number, dash: number[] }} look */
export function swatch(look) {
  const canvas = document.createElement('canvas');
  canvas.className = 'swatch';
  canvas.width = 44;
  canvas.height = 28;
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  ctx.scale(2, 2);
  ctx.strokeStyle = ctx.fillStyle = look.color;
  ctx.lineWidth = look.width;
  ctx.setLineDash(look.dash);
  line(ctx, 0, 7, 22, 7);
  ctx.setLineDash([]);
  mark(ctx, look.mark, 11, 7, 4);
  return canvas;
}

/**
 * @param {Surface} s
 * @param {JobState} sweep
 * @param {Options} options
 */
export function drawSweep(s, sweep, options) {
  const plan = /** @type {SweepPlan|null} */ (sweep.plan);
  const { pal } = options;
  if (!plan) {
    label(s, 'Preparing the sweep', s.w / 2, s.h / 2, { color: pal.muted, align: 'center' });
    return;
  }
  const mains = plan.series.filter((x) => x.main);
  const left = 62;
  const strip = 34;
  const maps = s.h > 170 + 90 * mains.length ? mains : []; // a small plot is the chart alone
  const keys = /** @type {import('./kit.js').Key[]} */ ([
    {
      kind: 'dash',
      text: s.w < 560 ? 'perfect sampler: mean, 95 %' : `a perfect sampler’s ${count(plan.n)} draws: mean, and where 95 % are`,
      color: pal.ink,
      back: chanceColor(pal),
      width: 1.5,
    },
  ]);
  if (maps.length)
    keys.unshift({
      kind: 'ramp',
      text:
        s.w < 340
          ? '÷ exact max.'
          : s.w < 560
            ? 'density ÷ exact max.'
            : `density of ${count(plan.n)} samples ÷ maximum of the exact density`,
      ramp: (v) => cividisCss(v),
      lo: '0',
      hi: `≥ ${RANGE}`,
    });
  const top = legend(s, keys, left, 0, s.w - left - 4, pal) + (maps.length ? 22 : 8);
  const w = s.w - left - (maps.length ? strip + 22 : 14);
  const bottom = 46;
  const gap = 30;
  const free = s.h - top - bottom - gap * maps.length;
  const heatH = (free * (maps.length > 1 ? 0.62 : 0.54)) / Math.max(1, maps.length);
  const chartH = free - heatH * maps.length;
  const points = /** @type {SweepPoint[]} */ ([...sweep.points]).sort((p, q) => p.steps - q.steps);
  const drawn = plan.series.filter((x) => !options.hidden.has(x.id));
  const span = extent(plan, points, options.by);
  const px = (/** @type {number} */ v) => left + (w * Math.log(v / span.lo)) / Math.log(span.hi / span.lo);
  maps.forEach((series, i) => {
    const box = { x: left, y: top + i * (heatH + gap), w, h: heatH };
    heatMap(s, box, plan, points.filter((p) => p.series === series.id), px, options);
    label(s, options.name(series), box.x, box.y - 10, {
      color: mains.length < 2 ? pal.ink : series.side === 'a' ? pal.a : pal.bText,
      weight: '600',
      max: w * 0.7,
    });
    if (i === 0) label(s, 'exact', left + w + 8 + strip / 2, box.y - 10, { color: pal.ink, align: 'center' });
    exactStrip(s, { x: left + w + 8, y: box.y, w: strip, h: heatH }, plan);
    leftAxis(s, { ...box, x: left }, plan.axis, pal);
  });
  const chart = { x: left, y: top + maps.length * (heatH + gap), w, h: chartH };
  distances(s, chart, plan, points, drawn, px, span, options);
}

/** The band of chance. @param {Palette} pal */
const chanceColor = (pal) => `${pal.muted}40`;

/**
 * The range of the horizontal axis: fixed by the plan for steps, by what is known for calls.
 * @param {SweepPlan} plan @param {SweepPoint[]} points @param {'steps'|'nfe'} by
 */
function extent(plan, points, by) {
  let lo = Math.min(...plan.steps);
  let hi = Math.max(...plan.steps);
  if (by === 'nfe') for (const p of points) {
    lo = Math.min(lo, p.nfe);
    hi = Math.max(hi, p.nfe);
  }
  const pad = (hi / lo) ** (0.5 / Math.max(1, plan.steps.length - 1));
  return { lo: lo / pad, hi: hi * pad };
}

/**
 * @param {Surface} s
 * @param {Box} box
 * @param {SweepPlan} plan
 * @param {SweepPoint[]} points
 * @param {(v: number) => number} px
 * @param {Options} options
 */
function heatMap(s, box, plan, points, px, { by, pal, steps }) {
  const { ctx } = s;
  const u = place(plan.axis);
  const peak = plan.exact.reduce((p, q) => Math.max(p, q), 1e-300);
  const B = plan.edges.length - 1;
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.x, box.y, box.w, box.h);
  ctx.clip();
  const at = points.map((p) => px(by === 'nfe' ? p.nfe : p.steps));
  const all = plan.steps.map((n) => px(n));
  const half = all.length > 1 ? (all[all.length - 1] - all[0]) / (all.length - 1) / 2 : 20;
  points.forEach((p, i) => {
    const reach = 2.2 * half;
    const x0 = i > 0 && at[i] - at[i - 1] < 2 * reach ? (at[i] + at[i - 1]) / 2 : at[i] - half;
    const x1 = i < at.length - 1 && at[i + 1] - at[i] < 2 * reach ? (at[i] + at[i + 1]) / 2 : at[i] + half;
    for (let k = 0; k < B; k++) {
      const y1 = box.y + box.h * (1 - u(plan.edges[k]));
      const y0 = box.y + box.h * (1 - u(plan.edges[k + 1]));
      ctx.fillStyle = cividisCss(p.hist[k] / peak / RANGE);
      ctx.fillRect(x0 - 0.3, y0 - 0.3, x1 - x0 + 0.6, y1 - y0 + 0.6);
    }
  });
  ctx.restore();
  border(s, box, pal);
  const value = valueOn(plan.axis);
  readable(s, box, (cx, cy) => {
    const found = nearest(points.map((p, i) => ({ p, x: at[i], y: cy })), cx, cy);
    const x = value(1 - (cy - box.y) / box.h);
    const bin = below(plan.edges, x);
    if (!found || bin < 0 || bin >= B) return null;
    return { at: `N = ${found.p.steps}, x = ${number(x)}`, x: found.x, values: [
      ['density of the samples in this bin', found.p.hist[bin]], ['exact density', between(plan.xs, plan.exact, x)],
    ] };
  });
  if (by === 'steps') {
    const x = px(steps);
    if (x >= box.x && x <= box.x + box.w) {
      ctx.fillStyle = ctx.strokeStyle = pal.ink;
      ctx.lineWidth = 1;
      arrow(ctx, x, box.y - 12, x, box.y - 1, 6);
    }
  }
}

/** @param {Surface} s @param {Box} box @param {SweepPlan} plan */
function exactStrip(s, box, plan) {
  const u = place(plan.axis);
  const peak = plan.exact.reduce((p, q) => Math.max(p, q), 1e-300);
  const { xs } = plan;
  for (let j = 0; j < xs.length; j++) {
    const y1 = box.y + box.h * (1 - u(j ? (xs[j] + xs[j - 1]) / 2 : xs[j]));
    const y0 = box.y + box.h * (1 - u(j < xs.length - 1 ? (xs[j] + xs[j + 1]) / 2 : xs[j]));
    s.ctx.fillStyle = cividisCss(plan.exact[j] / peak / RANGE);
    s.ctx.fillRect(box.x, y0, box.w, y1 - y0 + 0.4);
  }
}

/**
 * @param {Surface} s @param {Box} box @param {SweepPlan} plan @param {SweepPoint[]} points @param {SweepPlan['series']} drawn
 * @param {(v: number) => number} px @param {{ lo: number, hi: number }} span @param {Options} options
 */
function distances(s, box, plan, points, drawn, px, span, { by, pal }) {
  const { ctx } = s;
  const shown = new Set(drawn.map((d) => d.id));
  const values = points.filter((p) => shown.has(p.series) && p.w1 > 0 && Number.isFinite(p.w1)).map((p) => p.w1);
  const lo = Math.min(plan.chance[0], ...values) / 1.5;
  // a curve may leave the box upwards where it is farther off than the axis of x is long, unless it is the run's own
  const far = Math.max(
    plan.axis.hi - plan.axis.lo,
    ...points.filter((p) => plan.series.some((x) => x.main && x.id === p.series) && Number.isFinite(p.w1)).map((p) => p.w1),
  );
  const hi = Math.min(far, Math.max(plan.iid * 10, ...values)) * 1.3;
  const py = (/** @type {number} */ v) => box.y + box.h * (1 - Math.log(v / lo) / Math.log(hi / lo));
  ctx.lineWidth = 1;
  for (const v of logTicks(lo, hi, box.h / 18)) {
    ctx.strokeStyle = pal.line;
    line(ctx, box.x, py(v), box.x + box.w, py(v));
    label(s, number(v), box.x - 7, py(v), { color: pal.muted, align: 'right' });
  }
  for (const v of logTicks(span.lo, span.hi, box.w / 46)) {
    ctx.strokeStyle = pal.muted;
    line(ctx, px(v), box.y + box.h, px(v), box.y + box.h + 4);
    label(s, String(v), px(v), box.y + box.h + 13, { color: pal.muted, align: 'center' });
  }
  label(s, by === 'steps' ? 'steps N' : 'denoiser calls for each particle', box.x + box.w / 2, box.y + box.h + 33, {
    color: pal.ink,
    align: 'center',
  });
  ctx.save();
  ctx.translate(box.x - 53, box.y + box.h / 2);
  ctx.rotate(-Math.PI / 2);
  label(s, box.h > 120 ? 'W₁ to the exact law' : 'W₁', 0, 0, { color: pal.ink, align: 'center', max: box.h + 20 });
  ctx.restore();
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.x - 5, box.y, box.w + 10, box.h + 5);
  ctx.clip();
  ctx.fillStyle = chanceColor(pal);
  ctx.fillRect(box.x, py(plan.chance[1]), box.w, py(plan.chance[0]) - py(plan.chance[1]));
  ctx.strokeStyle = pal.ink;
  ctx.lineWidth = 1.5;
  ctx.setLineDash([6, 4]);
  line(ctx, box.x, py(plan.iid), box.x + box.w, py(plan.iid));
  const styles = looks(plan, pal);
  /** @type {{ p: SweepPoint, label: string, x: number, y: number }[]} */
  const marks = [];
  for (const series of [...drawn].sort((p, q) => Number(p.main) - Number(q.main))) {
    const look = /** @type {{ color: string, mark: string, width: number, dash: number[] }} */ (styles.get(series.id));
    const own = points.filter((p) => p.series === series.id && p.w1 > 0 && Number.isFinite(p.w1));
    ctx.strokeStyle = ctx.fillStyle = look.color;
    ctx.lineWidth = look.width;
    ctx.setLineDash(look.dash);
    ctx.beginPath();
    for (const p of own) ctx.lineTo(px(by === 'nfe' ? p.nfe : p.steps), py(p.w1));
    ctx.stroke();
    ctx.setLineDash([]);
    for (const p of own) marks.push({ p, label: series.label, x: px(by === 'nfe' ? p.nfe : p.steps), y: py(p.w1) });
    for (const p of own) mark(ctx, look.mark, px(by === 'nfe' ? p.nfe : p.steps), py(p.w1), series.main ? 4.5 : 3.2);
  }
  ctx.restore();
  border(s, box, pal);
  readable(s, box, (cx, cy) => {
    const found = nearest(marks, cx, cy);
    if (!found) return null;
    const { p, label: name, x, y } = found;
    return { at: `${name}, N = ${p.steps}`, x, y, values: [
      ['W₁ to the exact law', p.w1], ['calls of the denoiser, a particle', p.nfe], ['mean W₁ of a perfect sampler', plan.iid],
    ] };
  });
}

/** @param {CanvasRenderingContext2D} ctx @param {string} kind @param {number} x @param {number} y @param {number} r */
export function mark(ctx, kind, x, y, r) {
  ctx.beginPath();
  if (kind === 'circle') return dot(ctx, x, y, r);
  if (kind === 'square') return ctx.fillRect(x - r, y - r, 2 * r, 2 * r);
  ctx.lineWidth = 1.6;
  if (kind === 'ring') {
    ctx.arc(x, y, r, 0, 2 * Math.PI);
    return ctx.stroke();
  }
  if (kind === 'cross') {
    line(ctx, x - r, y - r, x + r, y + r);
    return line(ctx, x - r, y + r, x + r, y - r);
  }
  const d = kind === 'down' ? -1 : 1;
  if (kind === 'diamond') for (const [p, q] of [[0, -1.3], [1.1, 0], [0, 1.3], [-1.1, 0]]) ctx.lineTo(x + p * r, y + q * r);
  else for (const [p, q] of [[0, -1.3], [1.2, 0.9], [-1.2, 0.9]]) ctx.lineTo(x + p * r, y + d * q * r);
  ctx.fill();
}
