// View "density": the exact law at every level, the particles' paths over it, and the samples at one level beside it.
import { cividisCss, heat } from './color.js';
import { count, dot, frame as border, label, leftAxis, legend, line, number, place } from './kit.js';
import { below, between, nearestInt, readable, valueOn } from './reading.js';
import { TIME_ROWS, levelName, timeAxis } from './time.js';

/**
 * @typedef {import('../app/store.js').Scene} Scene
 * @typedef {import('../app/store.js').RunState} RunState
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 */

/**
 * @typedef {object} Input
 * @property {Scene} scene
 * @property {RunState} run
 * @property {number} frame  the shown frame
 * @property {number} at  0 … 1
 * @property {'a'|'b'} side
 * @property {Palette} pal
 * @property {number} n  particles
 * @property {number} top  the end of the histograms' scale, the same on both sides of a comparison
 */

/** @typedef {'reverse'|'forward'|'both'|'none'} Which */

const WIDTH = 0.9; // of a thin path

/** @type {WeakMap<Scene, HTMLCanvasElement>} */
const maps = new WeakMap();
/** @type {WeakMap<Scene, Float64Array>} */
const peaks = new WeakMap();

/** The largest exact density at each frame. @param {Scene} scene */
export function peakOf(scene) {
  let peak = peaks.get(scene);
  if (!peak) {
    const X = scene.xs.length;
    peak = Float64Array.from({ length: scene.frames }, (_, f) => {
      let most = 1e-300;
      for (let j = 0; j < X; j++) most = Math.max(most, scene.density[f * X + j]);
      return most;
    });
    peaks.set(scene, peak);
  }
  return peak;
}


/** The map, column by column from noise to data, each divided by its own maximum. @param {Scene} scene */
function mapOf(scene) {
  let map = maps.get(scene);
  if (!map) {
    const X = scene.xs.length;
    const peak = Array.from({ length: scene.columns }, (_, c) =>
      scene.map.subarray(c * X, (c + 1) * X).reduce((p, q) => Math.max(p, q), 1e-300),
    );
    map = heat(scene.columns, X, (c, j) => scene.map[c * X + j] / peak[c]);
    maps.set(scene, map);
  }
  return map;
}

/**
 * @param {Surface} s
 * @param {Input} input
 * @param {Which} which
 * @returns {Box}  where time runs: for dragging
 */
export function drawDensity(s, input, which) {
  const { scene, run, frame, pal, side } = input;
  const { ctx } = s;
  if (!scene.forward.length && which !== 'none') which = 'reverse'; // Langevin has no noising paths
  const color = pal[side];
  const ramp = /** @type {const} */ ({
    kind: 'ramp',
    text: s.w < 340 ? 'exact ÷ column max.' : s.w < 440 ? 'exact density ÷ column max.' : 'exact density, each column ÷ its maximum',
    ramp: cividisCss,
    lo: '0',
    hi: '1',
  });
  /** @type {import('./kit.js').Key[]} */
  const keys = [ramp, { kind: 'bars', text: 'samples', color: side === 'a' ? pal.aFill : pal.bFill }, { kind: 'line', text: 'exact' }];
  if (which !== 'none')
    keys.splice(1, 0, { kind: 'line', text: pathText(scene, input.n, which), color: which === 'forward' ? pal.ink : color, width: 1.5 });
  const left = 50;
  const top = legend(s, keys, left, 0, s.w - left - 4, pal) + 22;
  const wide = Math.max(64, Math.min(230, (s.w - left) * 0.24));
  const gap = 12;
  const box = { x: left, y: top, w: s.w - left - wide - gap - 8, h: s.h - top - TIME_ROWS };
  const last = Math.max(1, scene.frames - 1);
  const map = mapOf(scene);
  // half a column at each end, so that the first and the last are centred at their frames
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.x, box.y, box.w, box.h);
  ctx.clip();
  const column = box.w / (map.width - 1);
  ctx.drawImage(map, box.x - column / 2, box.y, box.w + column, box.h);
  const u = place(scene.axis);
  const px = (/** @type {number} */ f) => box.x + (f * box.w) / last;
  const py = (/** @type {number} */ x) => box.y + box.h * (1 - u(x));
  if (which === 'forward' || which === 'both') {
    strokePaths(ctx, trace(scene.forward, scene.paths, 0, last, px, py), pal.dark ? '#d9d9d9' : '#f2f2f2', 0.5);
  }
  if ((which === 'reverse' || which === 'both') && run.reached > 0) {
    const tint = side === 'a' ? pal.path : pal.pathB;
    if (frame < run.reached - 1) strokePaths(ctx, trace(run.data.paths, scene.paths, frame, run.reached - 1, px, py), tint, 0.18);
    const path = trace(run.data.paths, scene.paths, 0, frame, px, py);
    strokePaths(ctx, path, tint, rough(scene, run) ? sheer(scene, run, box, u) : 0.95);
  }
  const x = px(frame);
  ctx.strokeStyle = '#fff';
  ctx.globalAlpha = 0.85;
  ctx.lineWidth = 1.5;
  line(ctx, x, box.y, x, box.y + box.h);
  ctx.globalAlpha = 1;
  if ((which === 'reverse' || which === 'both') && run.reached > 0) {
    for (let m = 0; m < scene.paths; m++) {
      ctx.fillStyle = '#fff';
      dot(ctx, x, py(run.data.paths[frame * scene.paths + m]), 3.4);
      ctx.fillStyle = side === 'a' ? '#0072b2' : '#e69f00';
      dot(ctx, x, py(run.data.paths[frame * scene.paths + m]), 2.5);
    }
  }
  ctx.restore();
  border(s, box, pal);
  handle(ctx, x, box.y - 1, pal);
  leftAxis(s, box, scene.axis, pal);
  timeAxis(s, box, scene, pal);
  const value = valueOn(scene.axis);
  readable(s, box, (cx, cy) => {
    const f = nearestInt(((cx - box.x) / box.w) * last, 0, scene.frames - 1);
    return { ...exactAt(scene, f, value(1 - (cy - box.y) / box.h)), x: px(f) };
  });
  sideHistogram(s, { x: box.x + box.w + gap, y: box.y, w: wide, h: box.h }, input);
  return box;
}

/** @param {Scene} scene @param {number} n @param {Which} which */
function pathText(scene, n, which) {
  const kind = which === 'forward' ? 'noising paths' : which === 'both' ? 'sampled and (white) noising paths' : 'paths';
  return `${Math.min(scene.paths, n)} of ${count(n)} ${kind}`;
}

/**
 * Whether the paths are jagged, and would hide the map: the first particle turns about often.
 * @param {Scene} scene
 * @param {RunState} run
 */
function rough(scene, run) {
  const M = scene.paths;
  let turns = 0;
  for (let f = 2; f < run.reached; f++) {
    const before = run.data.paths[(f - 1) * M] - run.data.paths[(f - 2) * M];
    const after = run.data.paths[f * M] - run.data.paths[(f - 1) * M];
    if (before * after < 0) turns++;
  }
  return turns > 12;
}

const THROUGH = 0.4; // how much of what lies below they may cover, in the mean over the area that they fill

/**
 * The opacity of jagged paths under which the map is seen through them.
 * @param {Scene} scene @param {RunState} run @param {Box} box @param {(x: number) => number} u
 */
function sheer({ paths: M }, run, box, u) {
  const last = run.reached - 1;
  const at = (/** @type {number} */ f, /** @type {number} */ m) => box.h * u(run.data.paths[f * M + m]);
  let ink = 0;
  let area = 1;
  for (let f = 1; f <= last; f++) {
    let [low, high] = [Infinity, -Infinity];
    for (let m = 0; m < M; m++) {
      ink += WIDTH * Math.hypot(at(f, m) - at(f - 1, m), box.w / last);
      [low, high] = [Math.min(low, at(f, m)), Math.max(high, at(f, m))];
    }
    area += ((high - low) * box.w) / last;
  }
  const layers = ink / area; // lines that lie over a point
  return Math.max(0.05, Math.min(0.5, 1 - (1 - THROUGH) ** (1 / Math.max(1, layers))));
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {Palette} pal */
function handle(ctx, x, y, pal) {
  ctx.fillStyle = pal.ink;
  ctx.beginPath();
  ctx.moveTo(x - 6, y - 9);
  ctx.lineTo(x + 6, y - 9);
  ctx.lineTo(x, y);
  ctx.fill();
}

/**
 * @param {Float32Array} paths @param {number} M @param {number} from @param {number} to
 * @param {(f: number) => number} px @param {(x: number) => number} py
 */
function trace(paths, M, from, to, px, py) {
  const path = new Path2D();
  for (let m = 0; m < M; m++) {
    path.moveTo(px(from), py(paths[from * M + m]));
    for (let f = from + 1; f <= to; f++) path.lineTo(px(f), py(paths[f * M + m]));
  }
  return path;
}

/**
 * Light lines with a dark edge: they show on every colour of the map.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Path2D} path
 * @param {string} color
 * @param {number} alpha
 */
function strokePaths(ctx, path, color, alpha) {
  ctx.save();
  if (alpha > 0.9) {
    ctx.globalAlpha = 0.45;
    ctx.lineWidth = 2.4;
    ctx.strokeStyle = '#00112b';
    ctx.stroke(path);
  }
  ctx.globalAlpha = alpha;
  ctx.lineWidth = alpha > 0.9 ? 1.15 : WIDTH;
  ctx.strokeStyle = color;
  ctx.stroke(path);
  ctx.restore();
}

/** @type {WeakMap<RunState, { reached: number, top: number }>} */
const tops = new WeakMap();

/**
 * The end of the histogram's scale, in units of the exact maximum: fixed once the run is done.
 * @param {Scene} scene
 * @param {RunState} run
 */
export function topOf(scene, run) {
  const known = tops.get(run);
  if (known && known.reached === run.reached) return known.top;
  const B = scene.edges.length - 1;
  const peak = peakOf(scene);
  let most = 1.3;
  for (let f = known?.reached ?? 0; f < run.reached; f++) {
    for (let i = 0; i < B; i++) {
      const share = run.data.hist[f * B + i] * (scene.edges[i + 1] - scene.edges[i]);
      if (share > 0.004) most = Math.max(most, run.data.hist[f * B + i] / peak[f]); // a bar of few samples is only noise
    }
  }
  const top = Math.max(known?.top ?? 0, Math.min(3, most * 1.03));
  tops.set(run, { reached: run.reached, top });
  return top;
}

/** The exact density at a frame. @param {Scene} scene @param {number} f @param {number} x @returns {import('./reading.js').Reading} */
function exactAt(scene, f, x) {
  const exact = between(scene.xs, scene.density, x, f * scene.xs.length);
  return { at: `${levelName(scene, f)}, x = ${number(x)}`, values: [['exact density', exact]] };
}

/** The same with that of the samples. @param {Scene} scene @param {RunState} run @param {number} f @param {number} x */
export function bothAt(scene, run, f, x) {
  const reading = exactAt(scene, f, x);
  const B = scene.edges.length - 1;
  const bin = below(scene.edges, x);
  if (f < run.reached && bin >= 0 && bin < B) reading.values.push(['density of the samples in this bin', run.data.hist[f * B + bin]]);
  return reading;
}

/** Bars to the right, x upwards: shares its axis with the map. @param {Surface} s @param {Box} box @param {Input} input */
function sideHistogram(s, box, { scene, run, frame, pal, side, top }) {
  const { ctx } = s;
  const B = scene.edges.length - 1;
  const X = scene.xs.length;
  const u = place(scene.axis);
  const peak = peakOf(scene)[frame];
  const scale = (box.w - 2) / top;
  const py = (/** @type {number} */ x) => box.y + box.h * (1 - u(x));
  const value = valueOn(scene.axis);
  readable(s, box, (_x, y) => bothAt(scene, run, frame, value(1 - (y - box.y) / box.h)));
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.x, box.y, box.w, box.h);
  ctx.clip();
  if (run.reached > 0) {
    ctx.fillStyle = side === 'a' ? pal.aFill : pal.bFill;
    for (let i = 0; i < B; i++) {
      const v = run.data.hist[frame * B + i] / peak;
      const y1 = py(scene.edges[i]);
      const y0 = py(scene.edges[i + 1]);
      const wide = Math.max(0.6, y1 - y0 + 0.3);
      ctx.fillRect(box.x, y0, v * scale, wide);
      if (v > top) ctx.clearRect(box.x + box.w - 8, y0, 3, wide); // broken: it goes on
    }
  }
  ctx.strokeStyle = pal.ink;
  ctx.lineWidth = 1.75;
  ctx.beginPath();
  for (let j = 0; j < X; j++) ctx.lineTo(box.x + (scene.density[frame * X + j] / peak) * scale, py(scene.xs[j]));
  ctx.stroke();
  ctx.restore();
  ctx.strokeStyle = pal.muted;
  ctx.lineWidth = 1;
  line(ctx, box.x - 0.5, box.y, box.x - 0.5, box.y + box.h);
  line(ctx, box.x, box.y + box.h + 0.5, box.x + box.w, box.y + box.h + 0.5);
  for (const v of [0.5, 1, 2, 3]) {
    if (v > top || (v === 0.5 && (box.w < 100 || top > 2))) continue;
    const x = box.x + v * scale;
    line(ctx, x, box.y + box.h, x, box.y + box.h + 4);
    label(s, number(v), x, box.y + box.h + 12, { color: pal.muted, align: 'center' });
  }
  label(s, box.w < 80 ? '÷ max.' : box.w < 120 ? '÷ exact max.' : 'density ÷ exact max.', box.x + box.w / 2, box.y + box.h + 27, {
    color: pal.muted,
    align: 'center',
    size: 11,
    max: box.w + 8,
  });
  label(s, levelName(scene, frame), box.x, box.y - 10, { color: pal.ink });
}
