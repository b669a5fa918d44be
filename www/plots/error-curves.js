// The curves of view "errors": over the number of steps, and over the noise.
import { arrow, dot, frame as border, label, legend, line, logTicks, number } from './kit.js';
import { nearest, readable } from './reading.js';
import { mark } from './sweep.js';

/**
 * @typedef {import('./errors.js').Input} Input
 * @typedef {import('../../pkg/cpu/scorefield.js').ErrorPoint} Point
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Key} Key
 * @typedef {import('./kit.js').Palette} Palette
 * @typedef {{ lo: number, hi: number }} Range
 */

/**
 * What a chart has; back: large values stand on the left; head: room for the legend.
 * @typedef {object} How
 * @property {string} title
 * @property {Key[]} keys
 * @property {string} x
 * @property {string} y
 * @property {Range} across
 * @property {Range|null} up
 * @property {boolean} [back]
 * @property {number} head
 * @property {Palette} pal
 */

/**
 * Title, legend and log-log axes; `draw` draws inside the frame.
 * @param {Surface} s
 * @param {Box} whole
 * @param {How} how
 * @param {(box: Box, px: (v: number) => number, py: (v: number) => number) => void} draw
 */
export function chart(s, whole, { title, keys, x, y, across, up, back, head, pal }, draw) {
  const { ctx } = s;
  const left = 66;
  label(s, title, whole.x + 6, whole.y + 8, { color: pal.ink, size: 13, weight: '600', max: whole.w - 8 });
  if (head) legend(s, keys, whole.x + 6, whole.y + 22, whole.w - 8, pal);
  const top = 22 + (head && head + 6);
  const box = { x: whole.x + left, y: whole.y + top, w: whole.w - left - 12, h: whole.h - top - 40 };
  const px = (/** @type {number} */ v) => {
    const u = Math.log(v / across.lo) / Math.log(across.hi / across.lo);
    return box.x + box.w * (back ? 1 - u : u);
  };
  for (const v of logTicks(across.lo, across.hi, box.w / 44)) {
    ctx.strokeStyle = pal.muted;
    ctx.lineWidth = 1;
    line(ctx, px(v), box.y + box.h, px(v), box.y + box.h + 4);
    label(s, number(v), px(v), box.y + box.h + 13, { color: pal.muted, align: 'center' });
  }
  label(s, x, box.x + box.w / 2, box.y + box.h + 31, { color: pal.ink, align: 'center', max: box.w + 20 });
  ctx.save();
  ctx.translate(whole.x + 12, box.y + box.h / 2);
  ctx.rotate(-Math.PI / 2);
  label(s, y, 0, 0, { color: pal.ink, align: 'center', max: box.h + 30 });
  ctx.restore();
  if (up) {
    const py = (/** @type {number} */ v) => box.y + box.h * (1 - Math.log(v / up.lo) / Math.log(up.hi / up.lo));
    for (const v of logTicks(up.lo, up.hi, box.h / 26)) {
      ctx.strokeStyle = pal.line;
      ctx.lineWidth = 1;
      line(ctx, box.x, py(v), box.x + box.w, py(v));
      label(s, number(v), box.x - 6, py(v), { color: pal.muted, align: 'right' });
    }
    ctx.save();
    ctx.beginPath();
    ctx.rect(box.x - 5, box.y, box.w + 10, box.h);
    ctx.clip();
    draw(box, px, py);
    ctx.restore();
  }
  border(s, box, pal);
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {{ color: string, width: number, dash?: number[], mark: string }} look
 * @param {[number, number][]} at
 */
function curve(ctx, look, at) {
  ctx.strokeStyle = ctx.fillStyle = look.color;
  ctx.lineWidth = look.width;
  ctx.setLineDash(look.dash ?? []);
  ctx.beginPath();
  for (const [x, y] of at) ctx.lineTo(x, y);
  ctx.stroke();
  ctx.setLineDash([]);
  for (const [x, y] of at) if (look.mark) mark(ctx, look.mark, x, y, look.width > 2.5 ? 5 : 2.8);
}

/** @param {Input} input @returns {Key[]} */
function stepKeys({ plan, pal }) {
  return [
    { kind: 'line', text: 'total', color: pal.b, width: 4.5 },
    { kind: 'dash', text: 'score', color: pal.b, width: 1.8 },
    { kind: 'line', text: plan.stochastic ? 'exact score' : 'discretisation', color: pal.a, width: 1.8 },
    { kind: 'dash', text: 'Monte-Carlo', color: pal.muted, width: 1.8 },
  ];
}

/** @param {number} width @param {Input} input @returns {Key[]} */
function noiseKeys(width, { levels, pal }) {
  /** @type {Key[]} */
  const keys = [
    { kind: 'line', text: 'network against exact x̂', color: pal.b, width: 2.6 },
    { kind: 'line', text: width < 320 ? 'exact x̂ against x₀' : 'exact x̂ against x₀: what no score can know', color: pal.ink, width: 1.6 },
  ];
  if (levels.length) keys.push({ kind: 'dots', text: 'levels of this run', color: pal.a });
  return keys;
}

/**
 * Both charts, with frames of the same height where they stand side by side; or the first alone.
 * @param {Surface} s
 * @param {[Box, Box]|[Box]} boxes
 * @param {Input} input
 */
export function drawCurves(s, [left, right], input) {
  const head = (/** @type {Box} */ box, /** @type {Key[]} */ keys) => (box.h > 130 ? legend(s, keys, 0, 0, box.w - 8, input.pal, true) : 0);
  const keys = [stepKeys(input), noiseKeys(right?.w ?? 0, input)];
  const heads = [head(left, keys[0]), right ? head(right, keys[1]) : 0];
  if (left.y === right?.y) heads.fill(Math.max(...heads));
  bySteps(s, left, keys[0], heads[0], input);
  if (right) byNoise(s, right, keys[1], heads[1], input);
}

/** @param {Surface} s @param {Box} box @param {Key[]} keys @param {number} head @param {Input} input */
function bySteps(s, box, keys, head, { plan, points, scales, pal }) {
  const looks = {
    total: { color: pal.b, width: 4.5, mark: 'circle' },
    score: { color: pal.b, width: 1.8, dash: [5, 4], mark: 'ring' },
    other: { color: pal.a, width: 1.8, mark: 'square' },
  };
  chart(
    s,
    box,
    { title: 'Over the number of steps', keys, x: 'steps N', y: plan.distance, across: scales.steps, up: scales.distance, head, pal },
    (inner, px, py) => {
      const { ctx } = s;
      const known = points.filter((p) => Number.isFinite(p.exact));
      const x = px(plan.own);
      ctx.strokeStyle = ctx.fillStyle = pal.ink;
      ctx.lineWidth = 1;
      ctx.globalAlpha = 0.55;
      ctx.setLineDash([1, 3]);
      line(ctx, x, inner.y, x, inner.y + inner.h);
      ctx.setLineDash([]);
      ctx.globalAlpha = 1;
      arrow(ctx, x, inner.y, x, inner.y + 10, 6);
      const right = x > inner.x + inner.w - 60;
      label(s, `N = ${plan.own}`, x + (right ? -7 : 7), inner.y + 8, { color: pal.ink, align: right ? 'right' : 'left' });
      if (known.length) {
        ctx.strokeStyle = pal.muted;
        ctx.lineWidth = 1.8;
        ctx.setLineDash([5, 4]);
        line(ctx, inner.x, py(known[0].floor), inner.x + inner.w, py(known[0].floor));
        ctx.setLineDash([]);
      }
      const through = (/** @type {(p: Point) => number} */ value) =>
        points
          .filter((p) => value(p) > 0 && Number.isFinite(value(p)))
          .map((p) => /** @type {[number, number]} */ ([px(p.steps), py(value(p))]));
      curve(
        ctx,
        looks.total,
        through((p) => p.total),
      );
      curve(
        ctx,
        looks.other,
        through((p) => p.discretisation ?? p.exact),
      );
      curve(
        ctx,
        looks.score,
        through((p) => p.score),
      );
      readable(s, inner, (cx, cy) => {
        const found = nearest(points.map((p) => ({ p, x: px(p.steps), y: cy })), cx, cy);
        if (!found) return null;
        const { p } = found;
        return { at: `N = ${p.steps}, ${plan.distance}`, x: found.x, values: [
          ['total', p.total], ['score', p.score],
          p.discretisation === null ? ['exact score', p.exact] : ['discretisation', p.discretisation],
          ...(p.discretisation === null ? [] : [/** @type {import('./reading.js').Value} */ (['Monte-Carlo', p.floor])]),
        ] };
      });
    },
  );
}

/** @param {Surface} s @param {Box} box @param {Key[]} keys @param {number} head @param {Input} input */
function byNoise(s, box, keys, head, { plan, scales, levels, pal }) {
  chart(
    s,
    box,
    {
      title: 'Score error over the noise',
      keys,
      x: 'noise ratio σ/α, from noise to data',
      y: 'r.m.s. in x̂',
      across: scales.ratio,
      up: scales.error,
      back: true,
      head,
      pal,
    },
    (inner, px, py) => {
      const { ctx } = s;
      const through = (/** @type {Float64Array} */ values) =>
        [...plan.ratio].map((ratio, i) => /** @type {[number, number]} */ ([px(ratio), py(Math.max(values[i], scales.error.lo / 10))]));
      curve(ctx, { color: pal.ink, width: 1.6, mark: '' }, through(plan.spread));
      curve(ctx, { color: pal.b, width: 2.6, mark: '' }, through(plan.x_hat));
      readable(s, inner, (cx, cy) => {
        const found = nearest([...plan.ratio].map((v, i) => ({ i, x: px(v), y: cy })), cx, cy);
        return found && { at: `σ/α = ${number(plan.ratio[found.i])}`, x: found.x, values: [
          ['error of the network’s x̂, r.m.s.', plan.x_hat[found.i]], ['what the exact x̂ leaves open, r.m.s.', plan.spread[found.i]],
        ] };
      });
      ctx.fillStyle = pal.a;
      for (const v of levels) if (v >= scales.ratio.lo && v <= scales.ratio.hi) dot(ctx, px(v), inner.y + inner.h - 5, 2.5);
    },
  );
}
