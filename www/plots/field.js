// The probability flow of one moment: arrows on a grid, and streamlines that move along it.
import { arrow } from './kit.js';
import { dice } from './dice.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./plane.js').Plane} Plane
 */

/** @type {WeakMap<Float32Array, number>} */
const tops = new WeakMap();

/** The speed that 95 % of the grid stays below. @param {Float32Array} v */
export function topSpeed(v) {
  let top = tops.get(v);
  if (top === undefined) {
    const speeds = Float32Array.from({ length: v.length / 2 }, (_, i) => Math.hypot(v[2 * i], v[2 * i + 1]))
      .filter((x) => Number.isFinite(x))
      .sort();
    top = speeds.length ? speeds[Math.floor(0.95 * (speeds.length - 1))] : 0;
    tops.set(v, top);
  }
  return top;
}

/** The cells from one arrow to the next. @param {number} count @param {number} side */
const strideOf = (count, side) => [3, 5, 9].find((k) => (side / count) * k >= 25) ?? 15;

/** The length of the arrow of `topSpeed`, in pixels. @param {number} count @param {number} side */
export const arrowLength = (count, side) => (side / count) * strideOf(count, side) * 0.92;

/** @param {Surface} s @param {Plane} p @param {Float32Array} v @param {number} count @param {string} color */
export function drawArrows(s, p, v, count, color) {
  const { ctx } = s;
  const { box } = p;
  const stride = strideOf(count, box.w);
  const top = topSpeed(v);
  if (!(top > 0)) return;
  const full = arrowLength(count, box.w);
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = color;
  ctx.lineWidth = 1.1;
  for (let j = (stride - 1) / 2; j < count; j += stride) {
    for (let i = (stride - 1) / 2; i < count; i += stride) {
      const k = 2 * (j * count + i);
      const speed = Math.hypot(v[k], v[k + 1]);
      if (!(speed > 0.01 * top)) continue;
      const length = (full * Math.min(1.25, speed / top)) / speed;
      const x = box.x + (box.w * (i + 0.5)) / count;
      const y = box.y + box.h * (1 - (j + 0.5) / count);
      const dx = (v[k] * length) / 2;
      const dy = (v[k + 1] * length) / 2;
      ctx.globalAlpha = 0.35 + 0.5 * Math.min(1, speed / top);
      arrow(ctx, x - dx, y + dy, x + dx, y - dy, 5.5);
    }
  }
  ctx.restore();
}

const TAIL = 14; // places a tracer remembers
const CROSSING = 2.6; // seconds in which a fast tracer would cross the picture

/** Short-lived tracers in the field of the moment. */
export class Streams {
  constructor() {
    this.roll = dice(7);
    /** @type {{ x: Float32Array, y: Float32Array, age: number, life: number }[]} */
    this.tracers = [];
    this.clock = 0;
  }

  /** As many as suit the size. @param {number} side */
  #fill(side) {
    const wanted = Math.min(700, Math.round((side * side) / 420));
    while (this.tracers.length < wanted) {
      const tracer = { x: new Float32Array(TAIL), y: new Float32Array(TAIL), age: 0, life: 0 };
      this.#born(tracer);
      tracer.age = Math.floor(this.roll() * tracer.life);
      this.tracers.push(tracer);
    }
    this.tracers.length = wanted;
  }

  /** @param {Streams['tracers'][number]} t */
  #born(t) {
    t.x.fill(this.roll()); // 0 … 1 across the picture
    t.y.fill(this.roll());
    t.age = 0;
    t.life = 40 + Math.floor(50 * this.roll());
  }

  /** Moves them on by the time since the last call. @param {Float32Array} v @param {number} count @param {number} side */
  #move(v, count, side) {
    const now = performance.now();
    const seconds = Math.min(0.05, (now - this.clock) / 1000);
    this.clock = now;
    const top = topSpeed(v);
    this.#fill(side);
    const step = top > 0 ? seconds / (CROSSING * top) : 0;
    for (const t of this.tracers) {
      const x = t.x[0];
      const y = t.y[0];
      const gx = Math.max(0, Math.min(count - 1.001, x * count - 0.5));
      const gy = Math.max(0, Math.min(count - 1.001, y * count - 0.5));
      const i = Math.floor(gx);
      const j = Math.floor(gy);
      const p = gx - i;
      const q = gy - j;
      const at = (/** @type {number} */ c) => {
        const k = 2 * (j * count + i) + c;
        const up = k + 2 * count;
        return (1 - q) * ((1 - p) * v[k] + p * v[k + 2]) + q * ((1 - p) * v[up] + p * v[up + 2]);
      };
      t.x.copyWithin(1, 0, TAIL - 1);
      t.y.copyWithin(1, 0, TAIL - 1);
      t.x[0] = x + at(0) * step;
      t.y[0] = y + at(1) * step;
      if (++t.age > t.life || !(t.x[0] > 0 && t.x[0] < 1 && t.y[0] > 0 && t.y[0] < 1)) this.#born(t);
    }
  }

  /** @param {Surface} s @param {Plane} p @param {Float32Array} v @param {number} count @param {string} color */
  draw({ ctx }, { box }, v, count, color) {
    this.#move(v, count, box.w);
    ctx.save();
    ctx.strokeStyle = color;
    for (const [from, to, alpha, width] of [[7, TAIL - 1, 0.16, 1], [3, 7, 0.34, 1.2], [0, 3, 0.6, 1.5]]) {
      ctx.globalAlpha = alpha;
      ctx.lineWidth = width;
      ctx.beginPath();
      for (const t of this.tracers) {
        ctx.moveTo(box.x + box.w * t.x[from], box.y + box.h * (1 - t.y[from]));
        for (let k = from + 1; k <= to; k++) ctx.lineTo(box.x + box.w * t.x[k], box.y + box.h * (1 - t.y[k]));
      }
      ctx.stroke();
    }
    ctx.restore();
  }
}
