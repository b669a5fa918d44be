// Particles in space around a torus: parallel projection, the surface as a wireframe with its hidden parts
// broken. Lightness is the distance from the surface alone: nearness is the size of a dot.
import { label, line } from '../../plots/kit.js';
import { dotFor, rgb } from '../../plots/particles.js';
import { MANY } from '../../plots/swarm.js';
import { basis } from '../../plots/turn.js';

/**
 * @typedef {import('../../plots/kit.js').Surface} Surface
 * @typedef {import('../../plots/kit.js').Palette} Palette
 * @typedef {import('../../plots/plane.js').Plane} Plane
 * @typedef {import('../../plots/particles.js').Cloud} Cloud
 * @typedef {import('../../plots/turn.js').Turn} Turn
 * @typedef {{ major: number, minor: number }} Radii
 */

/** The signed distance from the surface. @param {number} x @param {number} y @param {number} z @param {Radii} t */
export function distance(x, y, z, { major, minor }) {
  return Math.hypot(Math.hypot(x, y) - major, z) - minor;
}

/**
 * From the surface (strong) to one minor radius away and beyond (pale).
 * @param {Palette} pal
 * @param {'a'|'b'} side
 * @returns {(v: number) => [number, number, number]}
 */
export function farTint(pal, side) {
  const on = rgb(pal[side]);
  const off = rgb(pal.paper);
  return (v) =>
    /** @type {[number, number, number]} */ (on.map((c, i) => Math.round(c + 0.76 * Math.max(0, Math.min(1, v)) * (off[i] - c))));
}

const SHADES = 48;
const LAYERS = 24;

/**
 * @param {Surface} s @param {Plane} plane @param {Cloud} cloud @param {import('../../plots/particles.js').Splats} splats
 * @param {{ turn: Turn, radii: Radii, tint: (v: number) => [number, number, number], most: number }} how  most: of the particles, the
 *   first ones are drawn
 */
export function drawSpace(s, plane, cloud, splats, { turn, radii, tint, most }) {
  const { now, then, p, q } = cloud;
  const { box, reach } = plane;
  const n = now.length / 3;
  const { right, up, near } = basis(turn);
  if (n > MANY) {
    const rows = [right, up].map((row) => row.map((v) => v / reach));
    return splats.dense(s, box, cloud, { rows, colors: [tint(0), tint(1)], shade: shadeOf(radii), most });
  }
  const { w, h } = splats.begin(s, box);
  const dot = dotFor(n, box.w);
  const shades = Array.from({ length: SHADES }, (_, i) => tint(i / (SHADES - 1)));
  // What is nearer is larger, and over what is behind.
  const size = Array.from({ length: LAYERS }, (_, i) => dot.r * (0.55 + (0.7 * i) / (LAYERS - 1)));
  /** @type {number[][]} */
  const layers = Array.from({ length: LAYERS }, () => []);
  for (let i = 0; i < n; i++) {
    const x = p * now[3 * i] + q * then[3 * i];
    const y = p * now[3 * i + 1] + q * then[3 * i + 1];
    const z = p * now[3 * i + 2] + q * then[3 * i + 2];
    const depth = near[0] * x + near[1] * y + near[2] * z;
    if (depth !== depth) continue;
    const layer = Math.max(0, Math.min(LAYERS - 1, Math.floor(((depth / reach + 1) / 2) * LAYERS)));
    layers[layer].push(
      right[0] * x + right[1] * y,
      up[0] * x + up[1] * y + up[2] * z,
      Math.min(1, Math.abs(distance(x, y, z, radii)) / radii.minor),
    );
  }
  layers.forEach((layer, k) => {
    for (let i = 0; i < layer.length; i += 3) {
      splats.dot(
        ((layer[i] + reach) / (2 * reach)) * w,
        ((reach - layer[i + 1]) / (2 * reach)) * h,
        size[k],
        1,
        shades[Math.round(layer[i + 2] * (SHADES - 1))],
      );
    }
  });
  splats.end(s, box);
}

/** The distance from the surface over the minor radius, up to 1. @param {Radii} t @returns {import('../../plots/swarm.js').Shade} */
function shadeOf({ major, minor }) {
  const far = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ z) => {
    const off = Math.sqrt(x * x + y * y) - major;
    return Math.min(1, Math.abs(Math.sqrt(off * off + z * z) - minor) / minor);
  };
  const [R, r] = [major, minor].map((v) => v.toExponential());
  return { of: far, glsl: `float shade(vec3 x) { return min(1.0, abs(length(vec2(length(x.xy) - ${R}, x.z)) - ${r}) / ${r}); }` };
}

/** @type {{ key: string, front: Path2D, back: Path2D }} */
let kept = { key: '', front: new Path2D(), back: new Path2D() };

/**
 * Whether the surface stands between a point of itself and the viewer.
 * @param {number[]} at
 * @param {number[]} normal
 * @param {number[]} near
 * @param {Radii} t
 */
function hidden(at, normal, near, t) {
  if (normal[0] * near[0] + normal[1] * near[1] + normal[2] * near[2] < 0) return true;
  const lift = 0.02 * t.minor;
  const [x, y, z] = at.map((v, i) => v + lift * normal[i]);
  const end = 2 * (t.major + t.minor);
  for (let far = 0, k = 0; far < end && k < 60; k++) {
    const d = distance(x + far * near[0], y + far * near[1], z + far * near[2], t);
    if (d < 0.002 * t.minor) return true;
    far += d;
  }
  return false;
}

/** Circles around the tube and along it, in units of the reach. @param {Turn} turn @param {Radii} t @param {number} reach */
function wires(turn, t, reach) {
  const key = JSON.stringify([turn, t.major, t.minor, reach]);
  if (kept.key === key) return kept;
  const { right, up, near } = basis(turn);
  const front = new Path2D();
  const back = new Path2D();
  /** @param {(k: number) => [number, number]} angles @param {number} n */
  const circle = (angles, n) => {
    /** @type {[number, number]|null} */
    let last = null;
    let dark = false;
    /** @type {Path2D|null} */
    let pen = null;
    for (let k = 0; k <= n; k++) {
      const [theta, phi] = angles((2 * Math.PI * k) / n);
      const normal = [Math.cos(theta) * Math.cos(phi), Math.cos(theta) * Math.sin(phi), Math.sin(theta)];
      const at = [t.major * Math.cos(phi) + t.minor * normal[0], t.major * Math.sin(phi) + t.minor * normal[1], t.minor * normal[2]];
      const x = (right[0] * at[0] + right[1] * at[1]) / reach;
      const y = -(up[0] * at[0] + up[1] * at[1] + up[2] * at[2]) / reach;
      const now = hidden(at, normal, near, t);
      if (last) {
        const path = dark || now ? back : front;
        if (path !== pen) path.moveTo(...last);
        path.lineTo(x, y);
        pen = path;
      }
      last = [x, y];
      dark = now;
    }
  };
  for (let i = 0; i < 24; i++) circle((k) => [k, (2 * Math.PI * i) / 24], 40);
  for (let i = 0; i < 10; i++) circle((k) => [(2 * Math.PI * i) / 10, k], 96);
  kept = { key, front, back };
  return kept;
}

/**
 * The torus itself; the far side before the particles, the near side after them.
 * @param {Surface} s
 * @param {Plane} plane
 * @param {Turn} turn
 * @param {Radii} t
 * @param {string} ink
 * @param {'front'|'back'} which
 */
export function drawWires({ ctx }, { box, reach }, turn, t, ink, which) {
  const path = new Path2D();
  path.addPath(wires(turn, t, reach)[which], new DOMMatrix([box.w / 2, 0, 0, box.h / 2, box.x + box.w / 2, box.y + box.h / 2]));
  ctx.save();
  ctx.strokeStyle = ink;
  ctx.lineWidth = 0.9;
  ctx.globalAlpha = 0.4;
  if (which === 'back') ctx.setLineDash([1.5, 4]);
  ctx.stroke(path);
  ctx.restore();
}

/** Where the axes point. @param {Surface} s @param {Plane} plane @param {Turn} turn @param {Palette} pal */
export function drawTriad(s, { box }, turn, pal) {
  const { right, up, near } = basis(turn);
  const x = box.x + 40;
  const y = box.y + box.h - 40;
  s.ctx.save();
  [0, 1, 2].sort((p, q) => near[p] - near[q]).forEach((axis) => {
    const dx = right[axis] * 26;
    const dy = -up[axis] * 26;
    s.ctx.strokeStyle = pal.ink;
    s.ctx.lineWidth = 1.4;
    line(s.ctx, x, y, x + dx, y + dy);
    const far = Math.hypot(dx, dy);
    if (far > 6) label(s, `x${'₁₂₃'[axis]}`, x + dx * (1 + 9 / far), y + dy * (1 + 9 / far), { color: pal.ink, align: 'center', size: 11 });
  });
  s.ctx.restore();
}
