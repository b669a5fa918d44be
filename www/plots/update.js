// One update of a filter, along one coordinate: the forecast above, the analysis below, and the way of the members between.
import { arrow, diamond, dot, frame as border, label, legend, line, number, ticks } from './kit.js';
import { inside } from './plane.js';
import { between, nearestInt, readable } from './reading.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Key} Key
 * @typedef {import('./kit.js').Palette} Palette
 */

/** A density on places. @typedef {{ xs: ArrayLike<number>, p: ArrayLike<number> }} Density */

/**
 * A score on the line at some steps of the way.
 * @typedef {object} Field
 * @property {number} first  place
 * @property {number} spacing
 * @property {number} count  of places
 * @property {ArrayLike<number>} score  [steps × count]
 * @property {number[]} heights  where on the way each step is: 0 at the forecast, 1 at the analysis
 */

/**
 * @typedef {object} Input
 * @property {Density|null} prior  exact, or the reference's, of the forecast
 * @property {Density|null} posterior  of the analysis
 * @property {string} law  what these are called
 * @property {Density|null} own  the analysis of a method without members
 * @property {((x: number) => number)|null} likelihood  over its maximum; null where the coordinate is not observed
 * @property {number[]} marks  states that the observed value stands for
 * @property {number} truth
 * @property {Float64Array|null} forecast  members; null before they are there
 * @property {ArrayLike<number>} carried  weights of the forecast from the cycles before, or empty
 * @property {ArrayLike<number>} weights  the same with the observation
 * @property {boolean} keeps  members of the analysis have these weights
 * @property {Float64Array|null} analysis
 * @property {number[][]} paths  from forecast to analysis
 * @property {string} way  what they are called
 * @property {Field|null} field  the score on the way
 * @property {[number, number]} span  of the axis
 * @property {string} name  of the axis
 * @property {string} note  in place of the members
 * @property {boolean} equal  nothing is observed: the analysis is the forecast
 * @property {'a'|'b'} side
 * @property {Palette} pal
 */

const BINS = 64;
const BIGGEST = 7; // radius of the heaviest member
const HIGH = 48; // pixels: a lower panel has no name beside its axis
const ARROW = 20; // pixels from one to the next

/**
 * The density of members in bins.
 * @param {ArrayLike<number>} x @param {ArrayLike<number>} weights  or empty @param {[number, number]} span
 */
function binned(x, weights, [lo, hi]) {
  const out = new Float64Array(BINS);
  const wide = (hi - lo) / BINS;
  for (let j = 0; j < x.length; j++) {
    const i = Math.floor((x[j] - lo) / wide);
    if (i >= 0 && i < BINS) out[i] += (weights.length ? weights[j] : 1 / x.length) / wide;
  }
  return out;
}

/** @param {Surface} s @param {Input} input */
export function drawUpdate(s, input) {
  const { pal, side, span } = input;
  const fill = side === 'a' ? pal.aFill : pal.bFill;
  const bars = input.keeps ? 'members by their weights' : 'members';
  /** @type {Key[]} */
  const keys = [
    ...(input.forecast ? [/** @type {Key} */ ({ kind: 'bars', text: bars, color: fill })] : []),
    ...(input.weights.length && !input.keeps
      ? [/** @type {Key} */ ({ kind: 'line', text: 'members by their weights', color: pal[side], width: 1.6 })] : []),
    ...(input.own ? [/** @type {Key} */ ({ kind: 'line', text: 'analysis: normal law', color: pal[side], width: 2.4 })] : []),
    ...(input.posterior ? [/** @type {Key} */ ({ kind: 'line', text: input.law })] : []),
    ...(input.likelihood ? [/** @type {Key} */ ({ kind: 'dash', text: 'likelihood, over its maximum', color: pal.muted, width: 2 })] : []),
    { kind: 'diamond', text: 'observed' },
    { kind: 'ring', text: 'truth', color: pal.ink },
    ...(input.paths.length
      ? [/** @type {Key} */ ({ kind: input.paths[0].length === 2 ? 'arrow' : 'line', text: input.way, color: pal[side], width: 1 })] : []),
    ...(input.weights.length && input.paths.length
      ? [/** @type {Key} */ ({ kind: 'dots', text: 'members, area by weight', color: pal[side] })] : []),
    ...(input.field ? [/** @type {Key} */ ({ kind: 'arrow', text: 'score that moves them', color: pal.muted })] : []),
  ];
  const top = legend(s, keys, 4, 0, s.w - 8, pal) + 8;
  const left = 26;
  const rest = s.h - top - 40;
  const middle = input.paths.length ? (input.field ? 0.36 : 0.26) * rest : 14;
  const high = (rest - middle) / 2;
  const upper = { x: left, y: top, w: s.w - left - 10, h: high };
  const lower = { ...upper, y: top + high + middle };
  const px = (/** @type {number} */ x) => upper.x + (upper.w * (x - span[0])) / (span[1] - span[0]);
  const before = input.forecast && binned(input.forecast, input.carried, span);
  const weighted = input.forecast && input.weights.length && !input.keeps ? binned(input.forecast, input.weights, span) : null;
  const after = input.analysis && binned(input.analysis, input.keeps ? input.weights : [], span);
  const list = (/** @type {ArrayLike<number>|null|undefined} */ v) => (v ? Array.from(v) : []);
  const peak = (/** @type {(ArrayLike<number>|null|undefined)[]} */ ...all) => Math.max(1e-9, ...all.flatMap(list));
  const tall = 1.12 * peak(before, input.prior?.p);
  panel(s, upper, px, { bars: before, line: null, exact: input.prior, own: null, top: tall, title: 'forecast' }, input, fill);
  panel(s, lower, px, {
    bars: after, line: weighted, exact: input.posterior, own: input.own, title: 'analysis',
    top: 1.12 * peak(after, input.posterior?.p, weighted, input.own?.p),
  }, input.equal ? { ...input, note: 'equal to the forecast' } : input, fill);
  if (input.paths.length) {
    const ctx = s.ctx;
    const from = upper.y + upper.h + (input.weights.length ? BIGGEST + 2 : 3);
    const to = lower.y - 3;
    inside(s, { ...upper, y: upper.y + upper.h, h: middle }, () => { // a way may leave the axis
      if (input.field) arrows(s, input.field, px, (part) => from + (to - from) * part, upper, pal);
      ctx.strokeStyle = pal[side];
      ctx.lineWidth = 1;
      ctx.globalAlpha = 0.7;
      ctx.fillStyle = pal[side];
      for (const way of input.paths) {
        if (way.length === 2) { // one jump
          arrow(ctx, px(way[0]), from, px(way[1]), to, 6);
          continue;
        }
        ctx.beginPath();
        way.forEach((x, i) => ctx.lineTo(px(x), from + ((to - from) * i) / Math.max(1, way.length - 1)));
        ctx.stroke();
      }
      ctx.globalAlpha = 1;
      if (input.weights.length) weights(ctx, input, px, from);
      const ends = (/** @type {number[]} */ way) => [input.weights.length === 0 && 0, way.length > 2 && 1].filter((e) => e !== false);
      for (const way of input.paths) for (const e of ends(way)) dot(ctx, px(way[e * (way.length - 1)]), [from, to][e], 2);
    });
  }
  const y = lower.y + lower.h;
  s.ctx.strokeStyle = pal.muted;
  s.ctx.lineWidth = 1;
  for (const v of ticks(span[0], span[1], Math.max(2, lower.w / 64))) {
    line(s.ctx, px(v), y + 1, px(v), y + 5);
    label(s, number(v), px(v), y + 13, { color: pal.muted, align: 'center' });
  }
  label(s, input.name, lower.x + lower.w / 2, y + 29, { color: pal.ink, align: 'center', max: lower.w });
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {Density} law @param {(x: number) => number} px @param {(p: number) => number} py
 * @param {string} color @param {number} width
 */
function density(ctx, { xs, p }, px, py, color, width) {
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  ctx.beginPath();
  for (let i = 0; i < xs.length; i++) ctx.lineTo(px(xs[i]), py(p[i]));
  ctx.stroke();
}

/**
 * @param {Surface} s @param {Box} box @param {(x: number) => number} px
 * @param {{ bars: Float64Array|null, line: Float64Array|null, exact: Density|null, own: Density|null, top: number, title: string }} what
 * @param {Input} input @param {string} fill
 */
function panel(s, box, px, { bars, line: outline, exact, own, top, title }, input, fill) {
  const { ctx } = s;
  const { likelihood, marks, truth, span, law, note, side, pal } = input;
  const base = box.y + box.h;
  const py = (/** @type {number} */ p) => base - (box.h * p) / top;
  const wide = (span[1] - span[0]) / BINS;
  readable(s, box, (cx) => {
    const x = span[0] + ((cx - box.x) / box.w) * (span[1] - span[0]);
    const bin = nearestInt((x - span[0]) / wide - 0.5, 0, BINS - 1);
    /** @type {import('./reading.js').Value[]} */
    const values = [];
    if (exact) values.push([law, between(exact.xs, exact.p, x)]);
    if (bars) values.push(['density of the members in this bin', bars[bin]]);
    if (outline) values.push(['the same by their weights', outline[bin]]);
    if (own) values.push(['density of the normal law', between(own.xs, own.p, x)]);
    if (likelihood) values.push(['likelihood over its maximum', likelihood(x)]);
    return values.length ? { at: `${title}, x = ${number(x)}`, values } : null;
  });
  inside(s, box, () => {
    if (bars) {
      ctx.fillStyle = fill;
      bars.forEach((p, i) => ctx.fillRect(px(span[0] + i * wide), py(p), px(wide) - px(0) + 0.3, base - py(p)));
    }
    if (likelihood) {
      ctx.strokeStyle = pal.muted;
      ctx.lineWidth = 2;
      ctx.setLineDash([6, 4]);
      ctx.beginPath();
      for (let i = 0; i <= 400; i++) {
        const x = span[0] + ((span[1] - span[0]) * i) / 400;
        ctx.lineTo(px(x), py(0.88 * top * likelihood(x)));
      }
      ctx.stroke();
      ctx.setLineDash([]);
    }
    if (outline) {
      ctx.strokeStyle = pal[side];
      ctx.lineWidth = 1.6;
      ctx.beginPath();
      outline.forEach((p, i) => {
        ctx.lineTo(px(span[0] + i * wide), py(p));
        ctx.lineTo(px(span[0] + (i + 1) * wide), py(p));
      });
      ctx.stroke();
    }
    if (own) density(ctx, own, px, py, pal[side], 2.4);
    if (exact) density(ctx, exact, px, py, pal.ink, 1.8);
    for (const x of marks) diamond(ctx, px(x), base - 9, 6, pal.paper, pal.ink);
    ctx.strokeStyle = pal.ink;
    ctx.lineWidth = 1.6;
    ctx.beginPath();
    ctx.arc(px(truth), base - 9, 4.5, 0, 2 * Math.PI);
    ctx.stroke();
  });
  border(s, box, pal);
  label(s, title, box.x + 7, box.y + 12, { color: pal.ink, weight: '600' });
  if (note) label(s, note, box.x + box.w - 8, box.y + 12, { color: pal.muted, align: 'right', max: box.w - 90 });
  if (box.h < HIGH) return; // the legend names the density
  ctx.save();
  ctx.translate(box.x - 13, box.y + box.h / 2);
  ctx.rotate(-Math.PI / 2);
  label(s, 'density', 0, 0, { color: pal.ink, align: 'center' });
  ctx.restore();
}

/**
 * The members of the forecast; the area of a dot is its weight.
 * @param {CanvasRenderingContext2D} ctx @param {Input} input @param {(x: number) => number} px @param {number} y
 */
function weights(ctx, { forecast, weights: w }, px, y) {
  const most = Array.from(w).reduce((p, q) => Math.max(p, q), 0);
  // Equal weights have small dots; the heaviest is never too large.
  const unit = Math.min(2 * Math.sqrt(w.length), BIGGEST / Math.sqrt(most));
  ctx.globalAlpha = 0.45;
  forecast?.forEach((x, j) => dot(ctx, px(x), y, unit * Math.sqrt(w[j])));
  ctx.globalAlpha = 1;
}

/**
 * Rows of arrows: the way of the score, the longer the stronger up to a bound.
 * @param {Surface} s @param {Field} field @param {(x: number) => number} px @param {(part: number) => number} py @param {Box} box
 * @param {Palette} pal
 */
function arrows({ ctx }, { first, spacing, count, score, heights }, px, py, box, pal) {
  const every = Math.max(1, Math.round(ARROW / (px(spacing) - px(0))));
  const strong = Array.from(score, Math.abs).sort((p, q) => p - q)[Math.floor(0.6 * score.length)] || 1;
  ctx.strokeStyle = ctx.fillStyle = pal.muted;
  ctx.lineWidth = 1;
  ctx.globalAlpha = 0.75;
  heights.forEach((part, row) => {
    for (let i = every >> 1; i < count; i += every) {
      const x = px(first + i * spacing);
      const own = score[row * count + i];
      const long = 0.7 * ARROW * Math.max(-1, Math.min(1, own / strong));
      if (x < box.x || x > box.x + box.w || Math.abs(long) < 1) continue;
      arrow(ctx, x - long / 2, py(part), x + long / 2, py(part), 4);
    }
  });
  ctx.globalAlpha = 1;
}
