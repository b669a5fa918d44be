// Paths of single particles: those of the run, and those that the visitor has dropped and that the flow carries both ways.
import { dot } from './kit.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./plane.js').Plane} Plane
 * @typedef {import('./kit.js').Palette} Palette
 * @typedef {import('../app/store.js').SpaceScene} SpaceScene
 * @typedef {import('../app/store.js').RunState} RunState
 */

/** As many particles as have their path drawn. */
export const TRACED = 60;

/**
 * alpha: the opacity of a path; those that tremble would hide what lies below.
 * @typedef {{ scene: SpaceScene, run: RunState, frame: number, color: string, alpha: number, pal: Palette }} Paths
 */

/** @param {Surface} s @param {Plane} p @param {Paths} paths */
export function drawPaths({ ctx }, p, { scene, run, frame, color, alpha, pal }) {
  const size = scene.record.points;
  const { points } = run.data;
  const many = Math.min(TRACED, scene.shown);
  /** @param {number} f @param {number} m @returns {[number, number]} */
  const at = (f, m) => [p.px(points[f * size + 2 * m] / scene.scale[f]), p.py(points[f * size + 2 * m + 1] / scene.scale[f])];
  ctx.save();
  ctx.strokeStyle = color;
  for (let m = 0; m < many; m++) {
    ctx.beginPath();
    for (let f = 0; f <= frame; f++) {
      ctx.lineTo(...at(f, m));
    }
    ctx.globalAlpha = alpha;
    ctx.lineWidth = 1.2;
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
  for (let m = 0; m < many; m++) {
    ring(ctx, ...at(0, m), 2.4, color, pal.paper);
    ctx.fillStyle = color;
    if (frame > 0) dot(ctx, ...at(frame, m), 3.1);
  }
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} r @param {string} edge @param {string} fill */
function ring(ctx, x, y, r, edge, fill) {
  ctx.fillStyle = fill;
  dot(ctx, x, y, r);
  ctx.strokeStyle = edge;
  ctx.lineWidth = 1.2;
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.stroke();
}

/**
 * Dropped particles: the line from noise to data, a marker at the present frame.
 * @param {Surface} s
 * @param {Plane} p
 * @param {Iterable<Float32Array>} lines
 * @param {number} frame
 * @param {Palette} pal
 */
export function drawDropped({ ctx }, p, lines, frame, pal) {
  ctx.save();
  ctx.lineJoin = 'round';
  for (const line of lines) {
    const last = line.length / 2 - 1;
    const x = (/** @type {number} */ f) => p.px(line[2 * f]);
    const y = (/** @type {number} */ f) => p.py(line[2 * f + 1]);
    const path = new Path2D();
    for (let f = 0; f <= last; f++) path.lineTo(x(f), y(f));
    ctx.strokeStyle = pal.paper;
    ctx.globalAlpha = 0.8;
    ctx.lineWidth = 4;
    ctx.stroke(path);
    ctx.globalAlpha = 1;
    ctx.strokeStyle = pal.ink;
    ctx.lineWidth = 1.75;
    ctx.stroke(path);
    ring(ctx, x(0), y(0), 3, pal.ink, pal.paper);
    ctx.fillStyle = pal.ink;
    ctx.fillRect(x(last) - 3, y(last) - 3, 6, 6);
    const now = Math.min(frame, last);
    ctx.fillStyle = pal.paper;
    dot(ctx, x(now), y(now), 6.5);
    ctx.fillStyle = pal.ink;
    dot(ctx, x(now), y(now), 5);
  }
  ctx.restore();
}

/** The cross of the keyboard. @param {Surface} s @param {Plane} p @param {[number, number]} y @param {Palette} pal */
export function drawCross({ ctx }, p, [a, b], pal) {
  const x = p.px(a);
  const y = p.py(b);
  for (const [color, width] of /** @type {const} */ ([[pal.paper, 4], [pal.ink, 1.5]])) {
    ctx.strokeStyle = color;
    ctx.lineWidth = width;
    ctx.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      ctx.moveTo(x + 3 * dx, y + 3 * dy);
      ctx.lineTo(x + 12 * dx, y + 12 * dy);
    }
    ctx.stroke();
  }
}
