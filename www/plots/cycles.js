// States over the cycles of a filter, one panel a coordinate: the exact density behind truth, observations, mean and members.
import { heat, washCss } from './color.js';
import { diamond, dot, frame as border, label, leftAxis, legend, line, number, ticks } from './kit.js';
import { DIAMOND, drawEdge, drawHand } from './observed.js';
import { inside } from './plane.js';
import { nearestInt, readable } from './reading.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 * @typedef {import('./kit.js').Key} Key
 */

/**
 * What a picture over cycles needs of a scene.
 * @typedef {object} Cycles
 * @property {number} steps  cycles of the whole run
 * @property {number} frames
 * @property {ArrayLike<number>} level_index  the cycle of each frame
 * @property {number} states
 * @property {number} shown  members in a frame
 * @property {number} interval  time between two cycles
 * @property {ArrayLike<number>} truth  [(steps + 1) × states]
 * @property {ArrayLike<number>} observed  cycles that are observed
 * @property {ArrayLike<number>} coordinates  that are observed
 * @property {ArrayLike<number>} y  [observed × coordinates]
 * @property {ArrayLike<number>} lo  [states]
 * @property {ArrayLike<number>} hi
 */

/**
 * The exact law of one coordinate: its density at each cycle, or mean and deviation where that is all there is.
 * @typedef {object} Exact
 * @property {ArrayLike<number>} xs  places of the density, rising; empty where there is none
 * @property {Float32Array} density  [(steps + 1) × xs]
 * @property {ArrayLike<number>} mean  [(steps + 1) × states]
 * @property {ArrayLike<number>} sd
 * @property {ArrayLike<number>} [bands]  below these are 2.5, 25, 75 and 97.5 %, [(steps + 1) × states × 4]; without them the law is normal
 * @property {'exact'|'reference'} name  what it is
 */

/**
 * @typedef {object} Input
 * @property {Cycles} scene
 * @property {Record<string, Float32Array>} data
 * @property {number} frame
 * @property {number} reached  frames that are there
 * @property {'a'|'b'} side
 * @property {Palette} pal
 * @property {Exact|null} exact
 * @property {(y: number) => number[]} places  states that an observed value stands for
 * @property {boolean} members  whether they are drawn one by one
 * @property {{ observed: ArrayLike<number>, y: ArrayLike<number> }} seen  the observations as they stand
 * @property {import('./observed.js').Chosen|null} chosen  the one in hand, or the place of a new one
 * @property {string} edge  what is said where the frame stops a move
 * @property {boolean} band  the run is a law by its mean and deviation: 95 % of it are a band
 */

const LEFT = 48;
const MOST = 4; // panels
const ROWS = 38; // height of the axis of cycles
const HALF = 0.67449; // a normal's quartile, in deviations
const WHOLE = 1.95996;
const BAND = '2e'; // opacity: what is exact shows through

/** @type {WeakMap<Float32Array, HTMLCanvasElement>} */
const maps = new WeakMap();

/** The density of each cycle over its own maximum. @param {Exact} exact */
function mapOf({ xs, density }) {
  let map = maps.get(density);
  if (!map) {
    const rows = xs.length;
    const columns = density.length / rows;
    const peak = Array.from({ length: columns }, (_, c) => Math.max(1e-300, ...density.subarray(c * rows, (c + 1) * rows)));
    map = heat(columns, rows, (c, r) => density[c * rows + r] / peak[c], true);
    maps.set(density, map);
  }
  return map;
}

/**
 * The axis of cycles below a box.
 * @param {Surface} s
 * @param {Box} box
 * @param {(k: number) => number} px
 * @param {number} steps
 * @param {Palette} pal
 * @param {string} name
 */
export function cycleAxis(s, box, px, steps, pal, name) {
  const y = box.y + box.h;
  s.ctx.strokeStyle = pal.muted;
  s.ctx.lineWidth = 1;
  for (const k of ticks(0, steps, Math.max(1, Math.min(steps, box.w / 56)))) {
    if (!Number.isInteger(k)) continue;
    line(s.ctx, px(k), y + 1, px(k), y + 5);
    const half = s.ctx.measureText(number(k)).width / 2;
    label(s, number(k), Math.min(px(k), s.w - half - 1), y + 13, { color: pal.muted, align: 'center' });
  }
  label(s, name, box.x + box.w / 2, y + 29, { color: pal.ink, align: 'center', max: box.w });
}

/** The legend of a picture over cycles. @param {Input} input @param {boolean} narrow @returns {Key[]} */
function keysOf({ scene, data, exact, side, pal, members, band }, narrow) {
  /** @type {Key[]} */
  const keys = [];
  if (exact?.xs.length) {
    const what = narrow ? 'exact density' : 'exact density of each cycle, over its maximum';
    keys.push({ kind: 'ramp', text: what, ramp: washCss, lo: '0', hi: '1' });
  } else if (exact) {
    const what = narrow ? `${exact.name}: mean, 50, 95 %` : `${exact.name === 'exact' ? 'exact filter' : 'reference'}: mean, 50 and 95 %`;
    keys.push({ kind: 'line', text: what, color: pal.ink, width: 1.5, back: `${pal.ink}26` });
  }
  keys.push({ kind: 'line', text: 'truth', color: pal.muted, width: 1.6 });
  keys.push({ kind: 'diamond', text: 'observations' });
  if (members && scene.shown > 0) {
    const text = scene.shown > 1 ? `${scene.shown} members${data.weights ? ', area by weight' : ''}` : 'member';
    keys.push({ kind: 'dots', text, color: pal[side] });
  }
  const back = band ? { back: `${pal[side]}${BAND}` } : {};
  keys.push({ kind: 'line', text: band ? 'mean, 95 %' : 'mean', color: pal[side], width: 2.6, ...back });
  return keys;
}

/** @param {Surface} s @param {Input} input @returns {import('./observed.js').Layout} */
export function drawCycles(s, input) {
  const { scene, data, frame, reached, side, pal, exact, places } = input;
  const { ctx } = s;
  const { steps, states } = scene;
  const top = legend(s, keysOf(input, s.w < 420), 4, 0, s.w - 8, pal) + 6;
  const n = Math.min(MOST, states);
  const gap = 10;
  const high = (s.h - top - ROWS - gap * (n - 1) - 4) / n;
  const half = 0.5; // of a cycle, on both sides
  const panels = Array.from({ length: n }, (_, c) => ({ x: LEFT, y: top + c * (high + gap), w: s.w - LEFT - 8, h: high }));
  const cell = panels[0].w / (steps + 2 * half);
  /** @type {import('./observed.js').Layout} */
  const at = {
    panels,
    px: (k) => LEFT + cell * (k + half),
    py: (c, x) => panels[c].y + (panels[c].h * (scene.hi[c] - x)) / (scene.hi[c] - scene.lo[c]),
    index: (x) => Math.max(0, Math.min(steps, Math.round((x - LEFT) / cell - half))),
    value: (c, y) => scene.hi[c] - ((y - panels[c].y) / panels[c].h) * (scene.hi[c] - scene.lo[c]),
  };
  const { px } = at;
  for (let c = 0; c < n; c++) {
    const box = panels[c];
    const py = (/** @type {number} */ x) => at.py(c, x);
    const wide = px(1) - px(0);
    inside(s, box, () => {
      if (exact?.xs.length) drawMap(s, exact, px, py, wide);
      else if (exact) bands(s, exact, scene, c, px, py, pal);
      const last = Math.min(frame, reached - 1);
      if (input.band) {
        const edge = (/** @type {number} */ f, /** @type {number} */ m) =>
          py(data.mean[f * states + c] + m * data.sd[f * states + c]);
        ctx.fillStyle = `${pal[side]}${BAND}`;
        ctx.beginPath();
        for (let f = 0; f <= last; f++) ctx.lineTo(px(scene.level_index[f]), edge(f, WHOLE));
        for (let f = last; f >= 0; f--) ctx.lineTo(px(scene.level_index[f]), edge(f, -WHOLE));
        ctx.fill();
      }
      path(ctx, steps + 1, px, (k) => py(scene.truth[k * states + c]), pal.muted, 1.6);
      const all = Array.from({ length: last + 1 }, (_, f) => f);
      if (input.members) dots(ctx, scene, data, all, c, px, py, pal[side], wide);
      path(ctx, last + 1, (f) => px(scene.level_index[f]), (f) => py(data.mean[f * states + c]), pal[side], 2.4);
      marks(s, scene, input.seen, c, px, py, places, wide, pal, input.chosen);
      if (last >= 0) {
        ctx.strokeStyle = pal.ink;
        ctx.globalAlpha = 0.55;
        ctx.lineWidth = 1;
        ctx.setLineDash([3, 3]);
        line(ctx, px(scene.level_index[last]), box.y, px(scene.level_index[last]), box.y + box.h);
        ctx.setLineDash([]);
        ctx.globalAlpha = 1;
      }
    });
    if (input.chosen) {
      const { chosen } = input;
      inside(s, { x: box.x - 14, y: box.y - 1, w: box.w + 22, h: box.h + 2 }, () => drawHand(s, box, chosen, at, c, [0], pal));
    }
    readable(s, box, (x) => {
      const k = nearestInt(((x - box.x) / box.w) * (steps + 2 * half) - half, 0, steps);
      const name = `${states > 1 ? `x${'₁₂₃₄'[c]}` : 'x'} at cycle ${k}, time ${number(k * scene.interval)}`;
      return { at: name, x: px(k), values: valuesAt(input, c, k) };
    });
    border(s, box, pal);
    leftAxis(s, box, { kind: 'linear', lo: scene.lo[c], hi: scene.hi[c], scale: 1 }, pal, states > 1 ? `x${'₁₂₃₄'[c]}` : 'state x');
    const unit = scene.interval === 1 ? 'time unit' : 'time units';
    if (c === n - 1) cycleAxis(s, box, px, steps, pal, `cycle (each ${number(scene.interval)} ${unit})`);
  }
  if (input.edge && input.chosen) drawEdge(s, at, 0, input.chosen, input.edge, pal);
  return at;
}

/** @param {Input} input @param {number} c @param {number} k  the cycle */
function valuesAt({ scene, data, reached, exact, seen: { observed, y } }, c, k) {
  const { states, coordinates } = scene;
  /** @type {import('./reading.js').Value[]} */
  const values = [];
  const f = Array.from(scene.level_index).indexOf(k);
  if (f >= 0 && f < reached) {
    const [m, spread] = [data.mean[f * states + c], data.sd[f * states + c]];
    values.push(['mean of the filter', m, '', spread], ['its spread', spread]);
  }
  values.push(['truth', scene.truth[k * states + c]]);
  if (exact?.mean.length) {
    const { name, mean, sd } = exact;
    const own = k * states + c;
    values.push([`${name} mean`, mean[own], '', sd[own]], [`${name} standard deviation`, sd[own]]);
  }
  const [i, r] = [Array.from(observed).indexOf(k), Array.from(coordinates).indexOf(c)];
  if (i >= 0 && r >= 0) values.push(['observation y', y[i * coordinates.length + r]]);
  return values.filter(([, v]) => Number.isFinite(v));
}

/** @param {Surface} s @param {Exact} exact @param {(k: number) => number} px @param {(x: number) => number} py @param {number} wide */
function drawMap(s, exact, px, py, wide) {
  const { xs } = exact;
  const map = mapOf(exact);
  const rows = xs.length;
  const cell = (xs[rows - 1] - xs[0]) / Math.max(1, rows - 1);
  const [low, high] = [xs[0] - cell / 2, xs[rows - 1] + cell / 2];
  s.ctx.imageSmoothingEnabled = false;
  s.ctx.drawImage(map, px(0) - wide / 2, py(high), wide * map.width, py(low) - py(high));
}

/**
 * Mean and bands of a law without a density.
 * @param {Surface} s
 * @param {Exact} exact
 * @param {Cycles} scene
 * @param {number} c
 * @param {(k: number) => number} px
 * @param {(x: number) => number} py
 * @param {Palette} pal
 */
function bands({ ctx }, { mean, sd, bands: edges }, { steps, states }, c, px, py, pal) {
  const last = Math.min(steps, mean.length / states - 1);
  const at = (/** @type {number} */ k, /** @type {number} */ m, /** @type {number} */ e) =>
    py(edges ? edges[4 * (k * states + c) + e] : mean[k * states + c] + m * sd[k * states + c]);
  ctx.fillStyle = pal.ink;
  for (const [m, low, high] of [[WHOLE, 0, 3], [HALF, 1, 2]]) {
    ctx.globalAlpha = 0.13;
    ctx.beginPath();
    for (let k = 0; k <= last; k++) ctx.lineTo(px(k), at(k, m, high));
    for (let k = last; k >= 0; k--) ctx.lineTo(px(k), at(k, -m, low));
    ctx.fill();
  }
  ctx.globalAlpha = 1;
  path(ctx, last + 1, px, (k) => py(mean[k * states + c]), pal.ink, 1.3);
}

/**
 * A line through n points; where only one of them is a number, a mark.
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} n
 * @param {(k: number) => number} px
 * @param {(k: number) => number} y
 * @param {string} color
 * @param {number} width
 */
export function path(ctx, n, px, y, color, width) {
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  ctx.beginPath();
  /** @type {[number, number][]} */
  const marks = [];
  for (let k = 0; k < n; k++) {
    const [p, q] = [px(k), y(k)];
    ctx.lineTo(p, q);
    if (marks.length < 2 && Number.isFinite(q)) marks.push([p, q]);
  }
  ctx.stroke();
  ctx.fillStyle = color;
  if (marks.length === 1) dot(ctx, ...marks[0], 2 + width);
}

/** The radius of a dot whose area goes with a weight; 1 is that of equal members. @param {number} r @param {number} weight */
export const weighted = (r, weight) => Math.min(4 * r, r * Math.sqrt(weight));

/**
 * The members at each cycle, one beside the other; the area of a dot is its weight, where there are weights.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Cycles} scene
 * @param {Record<string, Float32Array>} data
 * @param {number[]} at
 * @param {number} c
 * @param {(k: number) => number} px
 * @param {(x: number) => number} py
 * @param {string} color
 * @param {number} wide
 */
function dots(ctx, { shown, states, level_index }, { members: x, weights }, at, c, px, py, color, wide) {
  ctx.fillStyle = color;
  const r = Math.max(0.7, Math.min(2.1, wide / 5));
  ctx.globalAlpha = Math.max(0.25, Math.min(0.75, 12 / Math.sqrt(shown * Math.max(1, 8 / wide))));
  const spread = Math.min(7, 0.35 * wide);
  for (const f of at) {
    for (let j = 0; j < shown; j++) {
      // A fixed place beside the others of its cycle.
      const aside = ((j * 0.618034) % 1) - 0.5;
      const own = weights ? weighted(r, weights[f * shown + j]) : r;
      dot(ctx, px(level_index[f]) + 2 * aside * spread, py(x[(f * shown + j) * states + c]), own);
    }
  }
  ctx.globalAlpha = 1;
}

/**
 * @param {Surface} s
 * @param {Cycles} scene
 * @param {Input['seen']} seen
 * @param {number} c
 * @param {(k: number) => number} px
 * @param {(x: number) => number} py
 * @param {(y: number) => number[]} places
 * @param {number} wide
 * @param {Palette} pal
 * @param {Input['chosen']} chosen
 */
function marks({ ctx }, { coordinates }, { observed, y }, c, px, py, places, wide, pal, chosen) {
  const r = Array.from(coordinates).indexOf(c);
  if (r < 0) return;
  const size = Math.max(1.8, Math.min(5.5, wide / 2.2));
  for (let i = 0; i < observed.length; i++) {
    const all = places(y[i * coordinates.length + r]);
    ctx.globalAlpha = all.length > 1 ? 0.75 : 1;
    const big = chosen?.there && chosen.index === observed[i];
    const half = big ? DIAMOND + 2 : size;
    for (const x of all) diamond(ctx, px(observed[i]), py(x), half, pal.paper, pal.ink, Math.max(0.6, size / 4));
    ctx.globalAlpha = 1;
  }
}
