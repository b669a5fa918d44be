// View "chain": the states of a chain over its index, one panel a coordinate: truth, observations, the exact law, the samples.
import { diamond, frame as border, label, leftAxis, legend, line } from './kit.js';
import { columns, perColumn } from './columns.js';
import { DIAMOND, drawEdge, drawHand } from './observed.js';
import { inside } from './plane.js';
import { nearestInt, readable } from './reading.js';

/**
 * @typedef {import('../app/store.js').ChainScene} ChainScene
 * @typedef {import('../app/store.js').RunState} RunState
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 * @typedef {import('./kit.js').Key} Key
 */

/**
 * Observations as they are drawn: indices, and places [observed × rows] on the axes of the coordinates that are seen.
 * @typedef {{ observed: ArrayLike<number>, marks: ArrayLike<number> }} Seen
 */

/**
 * @typedef {object} Input
 * @property {ChainScene} scene
 * @property {RunState} run
 * @property {number} place  the frame, between two while it plays
 * @property {'a'|'b'} side
 * @property {Palette} pal
 * @property {boolean} single  whether single chains are drawn
 * @property {Seen} seen
 * @property {{ mean: ArrayLike<number>, sd: ArrayLike<number> }} exact
 * @property {import('./observed.js').Chosen|null} chosen  the observed number in hand, or the places of a new observation
 * @property {number[]|null} windows  places of means over windows
 * @property {string} edge  what is said where the frame stops a move
 * @property {Key[]} keys
 * @property {string} name  of the vertical axis
 */

export const SINGLE = 20; // chains drawn one by one
const MOST = 4; // panels
export const LEFT = 48; // of the panels
const HALF = 0.67449; // a normal's quartile, in deviations
const WHOLE = 1.95996;
const X_ROWS = 36; // height of the axis of the index
const RIGHT = 8;

/**
 * How many states share a column of the picture; 1 where each has a pixel of its own.
 * @param {{ w: number }} s @param {Pick<ChainScene, 'length'>} scene
 */
export const crowdOf = ({ w }, { length }) => perColumn(length, w - LEFT - RIGHT);

const APART = 4; // pixels between two observations, on average, below which they are dots

/**
 * Whether diamonds would hide all else.
 * @param {{ w: number }} s @param {Pick<ChainScene, 'length'|'observed'>} scene
 */
export const isCrowded = (s, scene) => crowdOf(s, scene) > 1 && scene.observed.length * APART > s.w - LEFT - RIGHT;

/** @param {Surface} s @param {ChainScene} scene @param {number} top @returns {import('./observed.js').Layout} */
export function layout(s, { length, states, reach }, top) {
  const n = Math.min(MOST, states);
  const gap = 10;
  const left = LEFT;
  const high = (s.h - top - X_ROWS - gap * (n - 1) - 6) / n;
  const panels = Array.from({ length: n }, (_, c) => ({ x: left, y: top + 4 + c * (high + gap), w: s.w - left - RIGHT, h: high }));
  const pad = length > 1 ? Math.max(0.25, Math.min(0.5, 12 / (panels[0].w / length))) : 0.5;
  const step = panels[0].w / (length - 1 + 2 * pad);
  return {
    panels,
    px: (i) => left + (i + pad) * step,
    py: (c, v) => panels[c].y + (panels[c].h * (reach - v)) / (2 * reach),
    index: (x) => Math.max(0, Math.min(length - 1, Math.round((x - left) / step - pad))),
    value: (c, y) => reach - ((y - panels[c].y) / panels[c].h) * 2 * reach,
  };
}

/**
 * A recorded array at a frame, or between two.
 * @param {ChainScene} scene
 * @param {RunState} run
 * @param {string} name
 * @param {number} place
 */
export function recorded({ record }, run, name, place) {
  const size = record[name];
  const last = Math.max(0, run.reached - 1);
  const f = Math.min(last, Math.max(0, Math.floor(place)));
  const part = Math.min(last, place) - f;
  const now = run.data[name].subarray(f * size, (f + 1) * size);
  if (!(part > 1e-6)) return now;
  const next = run.data[name].subarray((f + 1) * size, (f + 2) * size);
  return now.map((v, i) => v + part * (next[i] - v));
}

/** @param {Surface} s @param {Input} input @returns {import('./observed.js').Layout} */
export function drawChain(s, input) {
  const { scene, run, side, pal } = input;
  const top = legend(s, input.keys, LEFT, 3, s.w - LEFT - RIGHT, pal) + 7;
  const per = crowdOf(s, scene);
  const at = layout(s, scene, top);
  const { ctx } = s;
  const many = run.reached > 0;
  const now = many
    ? {
        mean: recorded(scene, run, 'mean', input.place),
        bands: recorded(scene, run, 'bands', input.place),
        chains: input.single ? recorded(scene, run, 'chains', input.place) : null,
      }
    : null;
  const size = scene.length * scene.states;
  at.panels.forEach((box, c) => {
    const value = (/** @type {ArrayLike<number>} */ v, from = 0) => (/** @type {number} */ i) => v[from + i * scene.states + c];
    const path = (/** @type {(i: number) => number} */ of, back = false) => trace(ctx, scene.length, at, c, of, back);
    inside(s, { x: box.x, y: box.y, w: box.w + 6, h: box.h }, () => {
      ctx.strokeStyle = pal.line;
      ctx.lineWidth = 1;
      line(ctx, box.x, at.py(c, 0), box.x + box.w, at.py(c, 0));
      const mean = value(input.exact.mean);
      const sd = value(input.exact.sd);
      if (per > 1) return drawCrowd(s, at, c, input, now, per);
      ctx.fillStyle = pal.ink;
      if (input.exact.mean.length) for (const [k, alpha] of [[WHOLE, 0.11], [HALF, 0.2]]) {
        ctx.globalAlpha = alpha;
        ctx.beginPath();
        path((i) => mean(i) + k * sd(i));
        path((i) => mean(i) - k * sd(i), true);
        ctx.fill();
      }
      ctx.globalAlpha = 1;
      const stroke = (
        /** @type {string} */ color,
        /** @type {number} */ width,
        /** @type {number} */ alpha,
        /** @type {(i: number) => number} */ of,
      ) => {
        ctx.strokeStyle = color;
        ctx.lineWidth = width;
        ctx.globalAlpha = alpha;
        ctx.beginPath();
        path(of);
        ctx.stroke();
        ctx.globalAlpha = 1;
      };
      const color = pal[side];
      if (now?.chains) for (let k = 0; k < Math.min(SINGLE, scene.shown); k++) stroke(color, 0.8, 0.3, value(now.chains, k * size));
      stroke(pal.muted, 1.4, 0.9, value(scene.truth));
      if (now) {
        ctx.setLineDash([2, 2.5]);
        for (const q of [0, 3]) stroke(color, 1.3, 1, value(now.bands, q * size));
        ctx.setLineDash([]);
        for (const q of [1, 2]) stroke(color, 1.1, 1, value(now.bands, q * size));
        stroke(color, 3.2, 1, value(now.mean));
      }
      if (input.exact.mean.length) stroke(pal.ink, 1.5, 1, mean);
    });
    readable(s, box, (x) => {
      const i = nearestInt(at.index(x), 0, scene.length - 1);
      const k = i * scene.states + c;
      const name = input.name.replace('x', scene.states > 1 ? `x${'₁₂₃₄'[c]}` : 'x');
      /** @type {import('./reading.js').Value[]} */
      const values = [];
      const { mean, sd } = input.exact;
      if (mean.length) values.push(['exact mean', mean[k], '', sd[k]], ['exact standard deviation', sd[k]]);
      if (now) values.push(['mean of the samples', now.mean[k]]);
      values.push(['truth', scene.truth[k]]);
      const row = Array.from(scene.seen).indexOf(c);
      const mark = input.windows || row < 0 ? -1 : Array.from(input.seen.observed).indexOf(i);
      if (mark >= 0) values.push(['observed', input.seen.marks[mark * scene.rows + row]]);
      return { at: `${name} at index ${i}`, x: at.px(i), values };
    });
    border(s, box, pal);
    leftAxis(
      s,
      box,
      { kind: 'linear', lo: -scene.reach, hi: scene.reach, scale: 1 },
      pal,
      scene.states > 1 ? input.name.replace('x', `x${'₁₂₃₄'[c]}`) : input.name,
    );
    indexAxis(s, box, scene.length, at, pal, c === at.panels.length - 1);
    if (input.windows ? c === 0 : scene.seen.includes(c))
      inside(s, { x: box.x - 14, y: box.y - 1, w: box.w + 28, h: box.h + 2 }, () => observations(s, box, input, at, c));
  });
  if (input.edge && input.chosen) drawEdge(s, at, scene.seen[input.chosen.row], input.chosen, input.edge, pal);
  return at;
}

/**
 * A coordinate where a column of pixels has several states: bands reach from the smallest to the largest of them, lines are their means.
 * @param {Surface} s @param {import('./observed.js').Layout} at @param {number} c @param {Input} input
 * @param {{ mean: ArrayLike<number>, bands: ArrayLike<number> }|null} now @param {number} per  states a column
 */
function drawCrowd({ ctx }, at, c, { scene, exact, pal, side }, now, per) {
  const { length, states } = scene;
  const size = length * states;
  const of = (/** @type {(k: number) => number} */ value) => columns(length, per, (i) => value(i * states + c));
  const band = (
    /** @type {(k: number) => number} */ low,
    /** @type {(k: number) => number} */ high,
    /** @type {string} */ color,
    /** @type {number} */ alpha,
  ) => {
    const [below, above] = [of(low), of(high)];
    ctx.fillStyle = color;
    ctx.globalAlpha = alpha;
    ctx.beginPath();
    above.at.forEach((i, j) => ctx.lineTo(at.px(i), at.py(c, above.hi[j])));
    for (let j = below.at.length - 1; j >= 0; j--) ctx.lineTo(at.px(below.at[j]), at.py(c, below.lo[j]));
    ctx.fill();
    ctx.globalAlpha = 1;
  };
  const means = (/** @type {(k: number) => number} */ value, /** @type {string} */ color, /** @type {number} */ width) => {
    const line = of(value);
    ctx.strokeStyle = color;
    ctx.lineWidth = width;
    ctx.beginPath();
    line.at.forEach((i, j) => ctx.lineTo(at.px(i), at.py(c, line.mean[j])));
    ctx.stroke();
  };
  const { mean, sd } = exact;
  if (mean.length) band((k) => mean[k] - WHOLE * sd[k], (k) => mean[k] + WHOLE * sd[k], pal.ink, 0.12);
  if (now) band((k) => now.bands[k], (k) => now.bands[3 * size + k], pal[side], 0.25);
  band((k) => scene.truth[k], (k) => scene.truth[k], pal.muted, 0.6);
  if (now) means((k) => now.mean[k], pal[side], 2.6);
  if (mean.length) means((k) => mean[k], pal.ink, 1);
}

/**
 * Through the indices in one direction or back; a chain of one index has width all the same.
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} n
 * @param {import('./observed.js').Layout} at
 * @param {number} c
 * @param {(i: number) => number} of
 * @param {boolean} back
 */
function trace(ctx, n, at, c, of, back) {
  if (n === 1) for (const i of back ? [0.4, -0.4] : [-0.4, 0.4]) ctx.lineTo(at.px(i), at.py(c, of(0)));
  else for (let k = 0; k < n; k++) ctx.lineTo(at.px(back ? n - 1 - k : k), at.py(c, of(back ? n - 1 - k : k)));
}

/** The distance of ticks at indices. @param {number} length @param {number} most */
export function indexStep(length, most) {
  return [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((m) => length / m <= Math.max(1, most)) ?? length;
}

/**
 * @param {Surface} s
 * @param {Box} box
 * @param {number} length
 * @param {{ px: (i: number) => number }} at
 * @param {Palette} pal
 * @param {boolean} named
 */
export function indexAxis(s, box, length, { px }, pal, named) {
  const { ctx } = s;
  const y = box.y + box.h;
  ctx.strokeStyle = pal.muted;
  ctx.lineWidth = 1;
  const step = indexStep(length, box.w / 50);
  for (let i = 0; i < length; i += step) {
    line(ctx, px(i), y + 1, px(i), y + 4);
    if (named) label(s, String(i), px(i), y + 12, { color: pal.muted, align: 'center' });
  }
  if (named) label(s, 'index i', box.x + box.w / 2, y + 28, { color: pal.ink, align: 'center' });
}

/**
 * From two deviations of the noise below a value to two above it, on the axis of its coordinate; infinite where a saturating
 * operator has no state that far.
 * @param {ChainScene} scene @param {number} k @param {number} r @param {number} v  its place @returns {[number, number]}
 */
function spread({ operator, observation, noise, rows, seen, states, y }, k, r, v) {
  if (operator !== 'saturating') return [v - 2 * noise[r], v + 2 * noise[r]];
  const gain = observation[r * states + seen[r]];
  const d = noise[r] * Math.abs(gain); // of y = u/(1 + |u|), u = gain · x
  const ends = [-2, 2]
    .map((m) => y[k * rows + r] + m * d)
    .map((w) => (Math.abs(w) < 1 ? w / (1 - Math.abs(w)) : Math.sign(w) * Infinity) / gain);
  return [Math.min(...ends), Math.max(...ends)];
}

/**
 * Those of the coordinate c.
 * @param {Surface} s @param {Box} box @param {Input} input @param {import('./observed.js').Layout} at @param {number} c
 */
function observations(s, box, { scene, seen, chosen, windows, pal }, at, c) {
  const { ctx } = s;
  windows?.forEach((v, k) => {
    const i = scene.observed[k];
    ctx.strokeStyle = pal.ink;
    ctx.lineWidth = 2;
    line(ctx, at.px(Math.max(0, i - scene.width + 1)), at.py(c, v), at.px(i), at.py(c, v));
    diamond(ctx, at.px(i), at.py(c, v), DIAMOND - 1, pal.paper, pal.ink);
  });
  if (windows) return;
  const close = Math.min(
    Infinity,
    ...Array.from(seen.observed)
      .slice(1)
      .map((i, k) => at.px(i) - at.px(seen.observed[k])),
  ); // pixels between two
  const size = Math.max(2.2, Math.min(DIAMOND, close / 2));
  const full = close >= 2 * DIAMOND; // the bars hide nothing
  if (isCrowded(s, scene)) {
    ctx.fillStyle = pal.ink;
    ctx.globalAlpha = 0.3;
    for (let k = 0; k < seen.observed.length; k++) {
      for (let r = 0; r < scene.rows; r++) {
        const v = seen.marks[k * scene.rows + r];
        if (scene.seen[r] === c && Number.isFinite(v)) ctx.fillRect(at.px(seen.observed[k]) - 0.5, at.py(c, v) - 0.5, 1, 1);
      }
    }
    ctx.globalAlpha = 1;
    if (chosen) drawHand(s, box, chosen, at, c, Array.from(scene.seen, (_, r) => r).filter((r) => scene.seen[r] === c), pal);
    return;
  }
  const shape = (/** @type {number} */ i, /** @type {number} */ v, /** @type {[number, number]} */ ends, /** @type {boolean} */ big) => {
    const x = at.px(i);
    const y = at.py(c, v);
    if (ends[0] < ends[1] && (big || close > 4)) {
      ctx.strokeStyle = pal.ink;
      ctx.lineWidth = 1.2;
      ctx.globalAlpha = full || big ? 1 : 0.35;
      // Beyond the frame where it is open.
      const far = ends.map((end) => at.py(c, Math.max(-2 * scene.reach, Math.min(2 * scene.reach, end))));
      line(ctx, x, far[0], x, far[1]);
      if (full || big) far.forEach((end, j) => Number.isFinite(ends[j]) && line(ctx, x - 3, end, x + 3, end));
      ctx.globalAlpha = 1;
    }
    diamond(ctx, x, y, big ? DIAMOND + 2 : size, pal.paper, pal.ink, full ? 1.5 : Math.max(0.7, size / 5));
  };
  const own = Array.from(scene.seen, (_, r) => r).filter((r) => scene.seen[r] === c);
  for (const r of own) {
    for (let k = 0; k < seen.observed.length; k++) {
      const v = seen.marks[k * scene.rows + r];
      if (Number.isFinite(v))
        shape(seen.observed[k], v, spread(scene, k, r, v), chosen?.there === true && chosen.row === r && chosen.index === seen.observed[k]);
    }
  }
  if (chosen) drawHand(s, box, chosen, at, c, own, pal);
}
