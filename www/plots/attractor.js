// A system of three numbers in space: its path, where it is now, and the members of a filter around it.
import { weighted } from './cycles.js';
import { count, diamond, dot, label, legend, line } from './kit.js';
import { inside } from './plane.js';
import { nearest, readable } from './reading.js';
import { basis } from './turn.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Palette} Palette
 * @typedef {import('./kit.js').Key} Key
 */

/**
 * @typedef {object} Input
 * @property {ArrayLike<number>} path  of the truth, after every step of the model, [points × 3]
 * @property {number} substeps  points between two cycles
 * @property {ArrayLike<number>} truth  [cycles × 3]
 * @property {number} cycle
 * @property {ArrayLike<number>} members  [n × 3]
 * @property {ArrayLike<number>} weights  of the members, over those of equal ones; empty where they are equal
 * @property {ArrayLike<number>|null} mean
 * @property {{ members: ArrayLike<number>, n: number }|null} reference  some of n members
 * @property {boolean} near  only the surroundings of the members are shown
 * @property {ArrayLike<number>|null} seen  the observed state, where all three numbers are
 * @property {import('./turn.js').Turn} turn
 * @property {string} note
 * @property {'a'|'b'} side
 * @property {Palette} pal
 */

const BEFORE = 3; // cycles whose path is strong
const WINDOW = 60; // cycles on both sides whose path is shown: more are a tangle

/** Middle and half the size of a path. @param {ArrayLike<number>} x */
function sizeOf(x) {
  const lo = [Infinity, Infinity, Infinity];
  const hi = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < x.length; i++) {
    lo[i % 3] = Math.min(lo[i % 3], x[i]);
    hi[i % 3] = Math.max(hi[i % 3], x[i]);
  }
  const middle = lo.map((v, c) => (v + hi[c]) / 2);
  return { middle, half: Math.max(1e-9, 0.6 * Math.max(...lo.map((v, c) => hi[c] - v))) };
}

/** @param {Surface} s @param {Input} input */
export function drawAttractor(s, input) {
  const { path, truth, cycle, members, weights, mean, seen, reference, near: close, turn, note, side, pal } = input;
  const { ctx } = s;
  const whole = truth.length / 3 - 1 <= WINDOW;
  /** @type {Key[]} */
  const keys = [
    { kind: 'line', text: whole ? 'path of the truth' : `path of the truth, ± ${WINDOW} cycles`, color: pal.muted, width: 0.7 },
    { kind: 'line', text: `its last ${BEFORE} cycles`, color: pal.muted, width: 2 },
    { kind: 'ring', text: 'truth', color: pal.ink },
    { kind: 'diamond', text: 'observed' },
    { kind: 'dots', text: `${members.length / 3} members${weights.length ? ', area by weight' : ''}`, color: pal[side] },
    { kind: 'box', text: 'mean', color: pal[side] },
    ...(reference ? [/** @type {Key} */ ({
      kind: 'dots', text: `reference: ${reference.members.length / 3} of ${count(reference.n)} members`, color: pal.ink,
    })] : []),
  ];
  const shown = keys.filter((key) => (key.kind !== 'dots' || key.color === pal.ink || members.length) && (key.kind !== 'diamond' || seen));
  const top = legend(s, shown, 4, 0, s.w - 8, pal) + 4;
  const box = { x: 0, y: top, w: s.w, h: s.h - top };
  const here = [...Array.from(truth).slice(3 * cycle, 3 * cycle + 3), ...Array.from(members), ...Array.from(seen ?? []),
    ...Array.from(reference?.members ?? [])];
  const { middle, half } = sizeOf(close ? here : path.length ? path : truth);
  const { right, up, near } = basis(turn);
  const scale = (0.94 * Math.min(box.w, box.h)) / (2 * half);
  const at = (/** @type {ArrayLike<number>} */ x, /** @type {number} */ i = 0) => {
    const v = [0, 1, 2].map((c) => x[i + c] - middle[c]);
    const along = (/** @type {number[]} */ axis) => axis[0] * v[0] + axis[1] * v[1] + axis[2] * v[2];
    return { x: box.x + box.w / 2 + scale * along(right), y: box.y + box.h / 2 - scale * along(up), near: along(near) / half };
  };
  const way = (/** @type {number} */ from, /** @type {number} */ to, /** @type {string} */ color, /** @type {number} */ width) => {
    ctx.strokeStyle = color;
    ctx.lineWidth = width;
    ctx.beginPath();
    for (let i = Math.max(0, from); i <= Math.min(to, path.length / 3 - 1); i++) {
      const p = at(path, 3 * i);
      ctx.lineTo(p.x, p.y);
    }
    ctx.stroke();
  };
  inside(s, box, () => {
    ctx.globalAlpha = 0.4;
    way((cycle - WINDOW) * input.substeps, (cycle + WINDOW) * input.substeps, pal.muted, 0.7);
    ctx.globalAlpha = 1;
    way((cycle - BEFORE) * input.substeps, cycle * input.substeps, pal.muted, 2);
    ctx.fillStyle = pal[side];
    ctx.globalAlpha = 0.7;
    for (let i = 0; i < members.length; i += 3) {
      const p = at(members, i);
      const r = 2.2 + 0.9 * p.near;
      dot(ctx, p.x, p.y, weights.length ? weighted(r, weights[i / 3]) : r);
    }
    if (reference) { // smaller than the members, so that both are seen
      ctx.fillStyle = pal.ink;
      ctx.globalAlpha = 0.75;
      for (let i = 0; i < reference.members.length; i += 3) {
        const p = at(reference.members, i);
        dot(ctx, p.x, p.y, 1.1);
      }
    }
    ctx.globalAlpha = 1;
    if (seen) {
      const p = at(seen);
      diamond(ctx, p.x, p.y, 7, pal.paper, pal.ink);
    }
    const p = at(truth, 3 * cycle);
    ctx.strokeStyle = pal.ink;
    ctx.lineWidth = 1.8;
    ctx.beginPath();
    ctx.arc(p.x, p.y, 6.5, 0, 2 * Math.PI);
    ctx.stroke();
    if (mean) { // the smallest, in front of what it should be near
      const own = at(mean);
      ctx.fillStyle = pal[side];
      ctx.fillRect(own.x - 3, own.y - 3, 6, 6);
      ctx.strokeStyle = pal.paper;
      ctx.lineWidth = 1;
      ctx.strokeRect(own.x - 3, own.y - 3, 6, 6);
    }
  });
  triad(s, box, right, up, pal);
  readable(s, box, (x, y) => {
    const points = /** @type {[string, ArrayLike<number>, number][]} */ ([
      ['truth', truth, 3 * cycle], ...(mean ? [['mean of the filter', mean, 0]] : []), ...(seen ? [['observation', seen, 0]] : []),
      ...Array.from({ length: members.length / 3 }, (_, i) => [`member ${i + 1}`, members, 3 * i]),
    ]);
    const found = nearest(points.map(([what, v, i]) => ({ what, v, i, ...at(v, i) })), x, y);
    return found && { at: `${found.what}, cycle ${cycle}`, x: found.x, y: found.y, values: [0, 1, 2].map((c) =>
      /** @type {import('./reading.js').Value} */ ([`x${'₁₂₃'[c]}`, found.v[found.i + c]])) };
  });
  if (note) label(s, note, box.x + box.w - 8, box.y + box.h - 10, { color: pal.muted, align: 'right', max: box.w - 100 });
}

/**
 * Where the axes point.
 * @param {Surface} s
 * @param {import('./kit.js').Box} box
 * @param {number[]} right
 * @param {number[]} up
 * @param {Palette} pal
 */
function triad(s, box, right, up, pal) {
  const [x, y] = [box.x + 42, box.y + box.h - 40];
  [0, 1, 2].forEach((axis) => {
    const [dx, dy] = [right[axis] * 26, -up[axis] * 26];
    s.ctx.strokeStyle = pal.ink;
    s.ctx.lineWidth = 1.4;
    line(s.ctx, x, y, x + dx, y + dy);
    const far = Math.hypot(dx, dy);
    if (far > 6) label(s, `x${'₁₂₃'[axis]}`, x + dx * (1 + 9 / far), y + dy * (1 + 9 / far), { color: pal.ink, align: 'center', size: 11 });
  });
}
