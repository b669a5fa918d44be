// Many particles as small round dots, in one image; more than can be told apart as their density.
import { Pace } from './pace.js';
import { MANY, Swarm } from './swarm.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./plane.js').Plane} Plane
 */

/** Red, green, blue of a colour '#rrggbb'. @param {string} hex @returns {[number, number, number]} */
export function rgb(hex) {
  const v = parseInt(hex.slice(1), 16);
  return [(v >> 16) & 255, (v >> 8) & 255, v & 255];
}

/** Radius and opacity of a dot that suit their number. @param {number} n @param {number} side */
export function dotFor(n, side) {
  const r = Math.max(0.9, Math.min(3.2, (0.25 * side) / Math.sqrt(Math.max(1, n))));
  return { r, alpha: n > 6000 ? 0.62 : n > 1500 ? 0.72 : 0.85 };
}

const SUB = 4; // places of a dot within a pixel

/** An image that dots are put into; kept from frame to frame. */
export class Splats {
  constructor() {
    this.canvas = document.createElement('canvas');
    this.ctx = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    /** @type {ImageData|null} */
    this.image = null;
    /** @type {Map<number, { size: number, masks: Uint8Array[] }>} */
    this.kernels = new Map(); // by radius and opacity
    this.swarm = new Swarm();
    this.pace = new Pace();
  }

  /**
   * How many of n particles are drawn now.
   * @param {number} n @param {boolean} moving @param {number} sides  pictures that are drawn together
   */
  most(n, moving, sides) {
    return n > MANY ? this.pace.most(n, moving, sides, MANY + 1) : n;
  }

  /**
   * Draws the density of particles, which are too many for dots.
   * @param {Surface} s @param {Box} box @param {Cloud} cloud @param {import('./swarm.js').Way & { most: number }} way
   */
  dense(s, box, cloud, way) {
    const before = performance.now();
    this.swarm.draw(s, box, cloud, way);
    this.pace.took(way.most, performance.now() - before);
  }

  /** Empties it at the size of a box. @param {Surface} s @param {Box} box */
  begin({ dpr }, box) {
    const w = Math.max(1, Math.round(box.w * dpr));
    const h = Math.max(1, Math.round(box.h * dpr));
    if (!this.image || this.image.width !== w || this.image.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.image = this.ctx.createImageData(w, h);
    } else this.image.data.fill(0);
    if (this.dpr !== dpr || this.kernels.size > 64) this.kernels.clear();
    this.dpr = dpr;
    return { w, h };
  }

  dpr = 1;

  /** @param {number} r @param {number} alpha */
  #masks(r, alpha) {
    const key = Math.round(r * 1000) + alpha / 2;
    let kernel = this.kernels.get(key);
    if (!kernel) {
      const radius = r * this.dpr;
      const size = 2 * Math.ceil(radius + 1) + 1;
      const masks = [];
      for (let q = 0; q < SUB * SUB; q++) {
        const mask = new Uint8Array(size * size);
        const cx = (size - 1) / 2 + ((q % SUB) + 0.5) / SUB;
        const cy = (size - 1) / 2 + (Math.floor(q / SUB) + 0.5) / SUB;
        for (let j = 0; j < size; j++) {
          for (let i = 0; i < size; i++)
            mask[j * size + i] = Math.round(255 * alpha * Math.max(0, Math.min(1, radius + 0.5 - Math.hypot(i + 0.5 - cx, j + 0.5 - cy))));
        }
        masks.push(mask);
      }
      kernel = { size, masks };
      this.kernels.set(key, kernel);
    }
    return kernel;
  }

  /**
   * A dot at device pixels of the image, over what is there.
   * @param {number} x @param {number} y @param {number} r @param {number} alpha @param {[number, number, number]} color
   */
  dot(x, y, r, alpha, color) {
    const image = /** @type {ImageData} */ (this.image);
    const { size, masks } = this.#masks(r, alpha);
    const ix = Math.floor(x);
    const iy = Math.floor(y);
    const half = (size - 1) / 2;
    const { width, height, data } = image;
    const left = ix - half;
    const top = iy - half;
    if (left >= width || top >= height || left + size <= 0 || top + size <= 0) return;
    const mask = masks[Math.floor((y - iy) * SUB) * SUB + Math.floor((x - ix) * SUB)];
    const j1 = Math.min(size, height - top);
    const i1 = Math.min(size, width - left);
    for (let j = Math.max(0, -top); j < j1; j++) {
      for (let i = Math.max(0, -left); i < i1; i++) {
        const k = mask[j * size + i];
        if (k === 0) continue;
        const to = 4 * ((top + j) * width + left + i);
        const under = data[to + 3];
        if (under === 0) {
          [data[to], data[to + 1], data[to + 2]] = color;
          data[to + 3] = k;
          continue;
        }
        const whole = k + (under * (255 - k)) / 255; // the usual "over"
        for (let c = 0; c < 3; c++) data[to + c] = (color[c] * k + (data[to + c] * under * (255 - k)) / 255) / whole;
        data[to + 3] = whole;
      }
    }
  }

  /** Onto the page. @param {Surface} s @param {Box} box */
  end({ ctx }, box) {
    this.ctx.putImageData(/** @type {ImageData} */ (this.image), 0, 0);
    ctx.drawImage(this.canvas, box.x, box.y, box.w, box.h);
  }
}

/**
 * Points between two recorded frames: in picture coordinates, now·p + then·q.
 * @typedef {{ now: Float32Array, then: Float32Array, p: number, q: number }} Cloud
 */

/**
 * @param {import('../app/store.js').SpaceScene} scene @param {import('../app/store.js').RunState} run
 * @param {number} place  in frames, whole when nothing moves
 * @returns {Cloud}
 */
export function cloudAt(scene, run, place) {
  const size = scene.record.points;
  const top = Math.max(0, run.reached - 1);
  const f = Math.min(top, Math.floor(place));
  const g = Math.min(top, f + 1);
  const mix = f === g ? 0 : place - f;
  const there = presentOf(run.data.points, f * size, size, scene.dim);
  return {
    now: run.data.points.subarray(f * size, f * size + there),
    then: run.data.points.subarray(g * size, g * size + there),
    p: (1 - mix) / scene.scale[f],
    q: mix / scene.scale[g],
  };
}

/**
 * The particles that are drawn of a frame, or of those it will have; the previews of a training have few in the place of many.
 * @param {import('../app/store.js').SpaceScene} scene @param {import('../app/store.js').RunState} run @param {number} place
 */
export function thereOf(scene, run, place) {
  return run.reached > 0 ? cloudAt(scene, run, place).now.length / scene.dim : scene.shown;
}

/**
 * The numbers of a frame that are there: previews of a training have few particles in the place of many.
 * @param {Float32Array} points @param {number} from @param {number} size @param {number} dim
 */
function presentOf(points, from, size, dim) {
  let there = size;
  if (size > MANY * dim) while (there > 0 && Number.isNaN(points[from + there - 1])) there -= dim;
  return there;
}

/**
 * Particles of the plane: dots, or their density where they are many.
 * @param {Surface} s @param {Plane} plane @param {Cloud} cloud @param {Splats} splats
 * @param {{ color: string, fade?: number, most: number }} how  most: of the particles, the first ones are drawn
 */
export function drawCloud(s, plane, cloud, splats, { color, fade = 1, most }) {
  const { now, then, p, q } = cloud;
  const { box, reach } = plane;
  const n = now.length / 2;
  if (n > MANY) {
    const paint = rgb(color);
    return splats.dense(s, box, cloud, { rows: [[1 / reach, 0], [0, 1 / reach]], colors: [paint, paint], fade, most });
  }
  const { w, h } = splats.begin(s, box);
  const { r, alpha } = dotFor(n, box.w);
  const paint = rgb(color);
  for (let i = 0; i < n; i++) {
    const x = p * now[2 * i] + q * then[2 * i];
    const y = p * now[2 * i + 1] + q * then[2 * i + 1];
    if (x === x && y === y) splats.dot(((x + reach) / (2 * reach)) * w, ((reach - y) / (2 * reach)) * h, r, alpha * fade, paint);
  }
  splats.end(s, box);
}
