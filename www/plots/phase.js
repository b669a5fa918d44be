// View "phase": a chain of two coordinates in their plane, over the field that T makes.
import { SINGLE, recorded } from './chain.js';
import { arrow, dot } from './kit.js';
import { axes, inside, plane } from './plane.js';
import { nearest, readable } from './reading.js';

/**
 * @typedef {import('../app/store.js').ChainScene} ChainScene
 * @typedef {import('../app/store.js').RunState} RunState
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Palette} Palette
 */

/**
 * @typedef {object} Input
 * @property {ChainScene} scene
 * @property {RunState} run
 * @property {number} place
 * @property {'a'|'b'} side
 * @property {Palette} pal
 * @property {boolean} single  whether single chains are drawn
 * @property {{ mean: ArrayLike<number> }} exact
 * @property {[string, string]} names  of the two coordinates
 * @property {string} reference  what ink is; empty where nothing exact is known
 */

const CELLS = 13;

/**
 * @param {Surface} s
 * @param {Input} input
 */
export function drawPhase(s, { scene, run, place, side, pal, single, exact, names, reference }) {
  const { ctx } = s;
  const color = pal[side];
  /** @type {import('./kit.js').Key[]} */
  const keys = [];
  if (reference) keys.push({ kind: 'line', text: `mean of the ${reference}`, width: 2 });
  keys.push({ kind: 'line', text: 'mean of the samples', color, width: 3 });
  if (single) {
    const n = Math.min(SINGLE, scene.shown);
    keys.push({ kind: 'line', text: n === 1 ? 'a single chain' : `${n} single chains`, color: color + '88', width: 1 });
    keys.push({ kind: 'dots', text: `${n === 1 ? 'its' : 'their'} last index`, color });
  }
  keys.push(
    { kind: 'line', text: 'truth', color: pal.muted, width: 1.4 },
    { kind: 'arrow', text: '(T − I)x, the next step without noise', color: pal.muted },
    { kind: 'ring', text: 'index 0' });
  const p = plane(s, keys, [], pal, scene.reach);
  inside(s, p.box, () => {
    field(s, p, scene, pal);
    const path = (/** @type {ArrayLike<number>} */ v, from = 0) => {
      ctx.beginPath();
      for (let i = 0; i < scene.length; i++) ctx.lineTo(p.px(v[from + 2 * i]), p.py(v[from + 2 * i + 1]));
      ctx.stroke();
    };
    const start = (/** @type {ArrayLike<number>} */ v) => {
      ctx.beginPath();
      ctx.arc(p.px(v[0]), p.py(v[1]), 4.5, 0, 2 * Math.PI);
      ctx.stroke();
    };
    const pen = (/** @type {string} */ c, /** @type {number} */ width, alpha = 1) => {
      ctx.strokeStyle = ctx.fillStyle = c;
      ctx.lineWidth = width;
      ctx.globalAlpha = alpha;
    };
    if (run.reached > 0 && single) {
      const chains = recorded(scene, run, 'chains', place);
      for (let k = 0; k < Math.min(SINGLE, scene.shown); k++) {
        pen(color, 0.9, 0.35);
        path(chains, k * scene.length * 2);
        pen(color, 1, 0.8);
        dot(ctx, p.px(chains[(k + 1) * scene.length * 2 - 2]), p.py(chains[(k + 1) * scene.length * 2 - 1]), 1.6);
      }
    }
    pen(pal.muted, 1.4, 0.9);
    path(scene.truth);
    start(scene.truth);
    if (run.reached > 0) {
      const mean = recorded(scene, run, 'mean', place);
      pen(color, 3.2);
      path(mean);
      start(mean);
    }
    if (reference) {
      pen(pal.ink, 1.6);
      path(exact.mean);
      start(exact.mean);
    }
    ctx.globalAlpha = 1;
  });
  axes(s, p, pal, names);
  const mean = run.reached > 0 ? recorded(scene, run, 'mean', place) : [];
  const paths = /** @type {[string, ArrayLike<number>][]} */ ([
    ['mean of the samples', mean], ['truth', scene.truth], [`mean of the ${reference}`, reference ? exact.mean : []],
  ]);
  readable(s, p.box, (cx, cy) => {
    const points = paths.flatMap(([what, v]) => Array.from({ length: v.length / 2 }, (_, i) => (
      { what, i, v, x: p.px(v[2 * i]), y: p.py(v[2 * i + 1]) })));
    const found = nearest(points, cx, cy);
    return found && { at: `${found.what}, index ${found.i}`, x: found.x, y: found.y, values: [
      [names[0], found.v[2 * found.i]], [names[1], found.v[2 * found.i + 1]],
    ] };
  });
}

/** @param {Surface} s @param {import('./plane.js').Plane} p @param {ChainScene} scene @param {Palette} pal */
function field({ ctx }, p, { transition: [t00, t01, t10, t11], reach }, pal) {
  const step = (2 * reach) / CELLS;
  const at = (/** @type {number} */ k) => -reach + (k + 0.5) * step;
  const all = [];
  for (let r = 0; r < CELLS; r++) {
    for (let c = 0; c < CELLS; c++) {
      const [x, y] = [at(c), at(r)];
      all.push([x, y, (t00 - 1) * x + t01 * y, t10 * x + (t11 - 1) * y]);
    }
  }
  const most = Math.max(...all.map(([, , u, v]) => Math.hypot(u, v)), 1e-9);
  const unit = Math.min(1, (0.95 * step) / most);
  ctx.strokeStyle = ctx.fillStyle = pal.muted;
  ctx.lineWidth = 1;
  ctx.globalAlpha = 0.55;
  for (const [x, y, u, v] of all) {
    const [dx, dy] = [(u * unit) / 2, (v * unit) / 2];
    arrow(ctx, p.px(x - dx), p.py(y - dy), p.px(x + dx), p.py(y + dy), 5);
  }
  ctx.globalAlpha = 1;
}
