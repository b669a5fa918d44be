// One particle's step, magnified: for each stage of the plan from the state along the drift and the noise to the new state, and x̂.
import { arrow, dot, label, legend, line, number, settled, ticks } from './kit.js';
import { inside } from './plane.js';
import { readable } from './reading.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 * @typedef {import('../../pkg/cpu/scorefield.js').StepStage} Stage
 */

/** Rows that are drawn; a step with more corrections has its first ones. */
export const MOST = 5;
const ROW = 34; // height of a stage on the line
const FOOT = 24; // of the axis
const HEAD = 40; // of the legend, where it takes two rows
const SQUARE = 210; // of a step in the plane

/** Height of the picture of a step, in pixels. @param {Stage[]} stages */
export const heightOf = (stages) => HEAD + (stages[0]?.base.length === 2 ? SQUARE : ROW * Math.min(MOST, stages.length)) + FOOT;

/** What the stage adds to x without noise: (keep − 1)·x + pull·x̂ + pull₁·x̂₋₁. @param {Stage} stage @param {number} c */
const driftOf = (stage, c) => settled(stage.kept[c] + stage.pulled[c] + stage.recalled[c] - stage.base[c], sizeOf(stage, c));

/** The size of what a stage adds up. @param {Stage} stage @param {number} c */
export const sizeOf = ({ kept, pulled, recalled, noise, base }, c) =>
  Math.max(...[kept, pulled, recalled, noise, base].map((v) => Math.abs(v[c] ?? 0)));

/** Where a stage is after its drift. @param {Stage} stage @param {number} c */
const drifted = (stage, c) => stage.base[c] + driftOf(stage, c);

/** Whether a stage adds noise. @param {Stage} stage */
const noisy = ({ factors }) => factors[3] !== 0;

/**
 * From where to where a coordinate goes, with x̂ where that is not far.
 * @param {Stage[]} stages @param {number} c @returns {[number, number]}
 */
function spanOf(stages, c) {
  const own = stages.flatMap((s) => [s.base[c], drifted(s, c), s.after[c]]).filter(Number.isFinite);
  let [lo, hi] = [Math.min(...own), Math.max(...own)];
  const wide = hi - lo || Math.max(1e-9, Math.abs(lo) * 1e-3);
  const [from, to] = [lo - 2 * wide, hi + 2 * wide];
  for (const { x_hat } of stages) {
    if (x_hat.length && x_hat[c] > from && x_hat[c] < to) [lo, hi] = [Math.min(lo, x_hat[c]), Math.max(hi, x_hat[c])];
  }
  const pad = 0.12 * (hi - lo) || wide;
  return [lo - pad, hi + pad];
}

/**
 * @param {Surface} s
 * @param {{ stages: Stage[], part: number, color: string, pal: Palette }} input  part: how much of it is played, from 0 to 1
 */
export function drawStep(s, { stages, part, color, pal }) {
  const noise = pal.series[2];
  /** @type {import('./kit.js').Key[]} */
  const keys = [{ kind: 'arrow', text: 'drift', color: pal.ink }];
  if (stages.some(noisy)) keys.push({ kind: 'arrow', text: 'noise', color: noise });
  keys.push({ kind: 'ring', text: 'x̂', color: pal.ink }, { kind: 'dots', text: 'state', color });
  const top = legend(s, keys, 8, 0, s.w - 16, pal) + 4;
  const shown = stages.slice(0, MOST);
  // Played one after the other: of each stage the drift, then the noise.
  const played = (/** @type {number} */ k, /** @type {0|1} */ half) => Math.max(0, Math.min(1, part * 2 * shown.length - 2 * k - half));
  if (stages[0]?.base.length === 2) inPlane(s, top, shown, { played, color, noise, pal });
  else onLine(s, top, shown, { played, color, noise, pal });
}

/** @typedef {{ played: (k: number, half: 0|1) => number, color: string, noise: string, pal: Palette }} How */

/** @param {Surface} s @param {number} top @param {Stage[]} stages @param {How} how */
function onLine(s, top, stages, { played, color, noise, pal }) {
  const { ctx } = s;
  const left = s.w > 460 ? 74 : 20;
  const box = { x: left, y: top, w: s.w - left - 20, h: ROW * stages.length };
  const [lo, hi] = spanOf(stages, 0);
  const px = (/** @type {number} */ x) => box.x + (box.w * (x - lo)) / (hi - lo);
  stages.forEach((stage, k) => {
    const y = box.y + ROW * (k + 0.5);
    const [base, end, after] = [stage.base[0], drifted(stage, 0), stage.after[0]];
    if (left > 40) label(s, `stage ${stage.stage}`, 8, y, { color: pal.muted });
    ctx.strokeStyle = pal.line;
    ctx.lineWidth = 1;
    line(ctx, box.x, y, box.x + box.w, y);
    readable(s, { ...box, y: y - ROW / 2, h: ROW }, () => ({ at: `stage ${stage.stage}`, values: valuesOf(stage, 0, '') }));
    if (stage.x_hat.length) hat(s, px(stage.at[0]), px(stage.x_hat[0]), y, box, pal);
    drawWay(ctx, [px(base), y - 5], [px(end), y - 5], played(k, 0), pal.ink);
    if (noisy(stage)) drawWay(ctx, [px(end), y + 5], [px(after), y + 5], played(k, 1), noise);
    state(ctx, px(base), y, color, pal, true);
    if (played(k, noisy(stage) ? 1 : 0) === 1) state(ctx, px(after), y, color, pal, stage.commits);
  });
  const foot = box.y + box.h;
  ctx.strokeStyle = pal.muted;
  ctx.lineWidth = 1;
  line(ctx, box.x, foot, box.x + box.w, foot);
  for (const x of ticks(lo, hi, Math.max(2, box.w / 90))) {
    line(ctx, px(x), foot, px(x), foot + 4);
    label(s, number(x, 4), px(x), foot + 13, { color: pal.muted, align: 'center', size: 11 });
  }
}

/** @param {Surface} s @param {number} top @param {Stage[]} stages @param {How} how */
function inPlane(s, top, stages, { played, color, noise, pal }) {
  const { ctx } = s;
  const box = { x: Math.max(52, (s.w - SQUARE) / 2), y: top, w: Math.min(SQUARE, s.w - 70), h: SQUARE };
  const spans = [0, 1].map((c) => spanOf(stages, c));
  const half = Math.max(...spans.map(([lo, hi]) => (hi - lo) / 2)); // equal axes
  const middle = spans.map(([lo, hi]) => (lo + hi) / 2);
  const unit = box.w / (2 * half);
  /** @param {ArrayLike<number>|number[]} v @returns {[number, number]} */
  const at = (v) => [box.x + box.w / 2 + unit * (v[0] - middle[0]), box.y + box.h / 2 - unit * (v[1] - middle[1])];
  ctx.strokeStyle = pal.muted;
  ctx.lineWidth = 1;
  ctx.strokeRect(box.x - 0.5, box.y - 0.5, box.w + 1, box.h + 1);
  inside(s, box, () => stages.forEach((stage, k) => {
    const end = [0, 1].map((c) => drifted(stage, c));
    if (stage.x_hat.length) {
      ctx.strokeStyle = pal.muted;
      ctx.setLineDash([3, 3]);
      line(ctx, ...at(stage.at), ...at(stage.x_hat));
      ctx.setLineDash([]);
      circle(ctx, ...at(stage.x_hat), 5, pal.ink);
    }
    drawWay(ctx, at(stage.base), at(end), played(k, 0), pal.ink);
    if (noisy(stage)) drawWay(ctx, at(end), at(stage.after), played(k, 1), noise);
    state(ctx, ...at(stage.base), color, pal, true);
    if (played(k, noisy(stage) ? 1 : 0) === 1) state(ctx, ...at(stage.after), color, pal, stage.commits);
  }));
  readable(s, box, (_x, y) => {
    const stage = stages[Math.min(stages.length - 1, Math.floor(((y - box.y) / box.h) * stages.length))];
    return { at: `stage ${stage.stage}`, values: [...valuesOf(stage, 0, '₁'), ...valuesOf(stage, 1, '₂')] };
  });
  const small = { color: pal.muted, size: 11 };
  for (const x of ticks(middle[0] - half, middle[0] + half, 2.5)) {
    label(s, number(x, 4), at([x, 0])[0], box.y + box.h + 13, { ...small, align: 'center' });
  }
  for (const y of ticks(middle[1] - half, middle[1] + half, 3)) {
    label(s, number(y, 4), box.x - 6, at([0, y])[1], { ...small, align: 'right' });
  }
}

/** @param {Stage} stage @param {number} c @param {string} index @returns {import('./reading.js').Value[]} */
function valuesOf(stage, c, index) {
  /** @type {import('./reading.js').Value[]} */
  const values = [[`x${index}`, stage.base[c]]];
  if (stage.x_hat.length) values.push([`x̂${index}`, stage.x_hat[c]]);
  values.push([`drift${index}`, driftOf(stage, c)]);
  if (noisy(stage)) values.push([`noise${index}`, stage.noise[c]]);
  return [...values, [`x${index} after`, settled(stage.after[c], sizeOf(stage, c))]];
}

/**
 * x̂ on a line, where it is in the picture; else an arrow to its side.
 * @param {Surface} s @param {number} from @param {number} x @param {number} y @param {Box} box @param {Palette} pal
 */
function hat(s, from, x, y, box, pal) {
  const { ctx } = s;
  const end = Math.max(box.x + 2, Math.min(box.x + box.w - 2, x));
  ctx.strokeStyle = ctx.fillStyle = pal.muted;
  ctx.lineWidth = 1;
  ctx.setLineDash([3, 3]);
  line(ctx, from, y, end, y);
  ctx.setLineDash([]);
  if (end === x) circle(ctx, x, y, 5, pal.ink);
  else {
    arrow(ctx, end - Math.sign(x - from) * 10, y, end, y, 7);
    const right = x > from;
    label(s, 'x̂', end + (right ? -16 : 16), y - 8, { color: pal.ink, align: right ? 'right' : 'left', size: 11 });
  }
}

/**
 * The part of a way that is played.
 * @param {CanvasRenderingContext2D} ctx @param {[number, number]} from @param {[number, number]} to @param {number} part
 * @param {string} color
 */
function drawWay(ctx, from, to, part, color) {
  if (!(part > 0)) return;
  ctx.strokeStyle = ctx.fillStyle = color;
  ctx.lineWidth = 2.2;
  arrow(ctx, from[0], from[1], from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1]), 8);
}

/**
 * A particle in the picture of all, and its x̂ with the way there.
 * @param {Surface} s @param {[number, number]} at @param {[number, number]|null} x_hat @param {string} color @param {Palette} pal
 */
export function markParticle({ ctx }, at, x_hat, color, pal) {
  if (x_hat) {
    ctx.setLineDash([3, 3]);
    for (const [stroke, width] of /** @type {const} */ ([[pal.paper, 3], [pal.ink, 1.2]])) {
      ctx.strokeStyle = stroke;
      ctx.lineWidth = width;
      line(ctx, ...at, ...x_hat);
    }
    ctx.setLineDash([]);
    ctx.fillStyle = pal.paper;
    dot(ctx, ...x_hat, 5.5);
    circle(ctx, ...x_hat, 4.5, pal.ink);
  }
  ctx.fillStyle = pal.paper;
  dot(ctx, ...at, 7);
  ctx.fillStyle = color;
  dot(ctx, ...at, 5);
}

/**
 * A state; what is not committed is hollow.
 * @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {string} color @param {Palette} pal
 * @param {boolean} full
 */
function state(ctx, x, y, color, pal, full) {
  ctx.fillStyle = full ? color : pal.paper;
  dot(ctx, x, y, 4.5);
  circle(ctx, x, y, 4.5, full ? pal.paper : color);
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} r @param {string} color */
function circle(ctx, x, y, r, color) {
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.6;
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.stroke();
}
