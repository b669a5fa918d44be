// Regions of highest density of a raster, and their outlines by marching squares.

/** The masses of the regions, from the inside out. */
export const MASSES = [0.5, 0.8, 0.95];

/**
 * @typedef {object} Regions
 * @property {number} peak
 * @property {number[]} levels  the density at the edge of each region
 * @property {number[]} masses  what the cells of each region hold of the raster's mass: more than asked where the density has a plateau
 * @property {Path2D[]} paths  the outlines, in half cells from the centre of the upper left cell
 */

/** @type {WeakMap<Float32Array, Regions>} */
const known = new WeakMap();

/** @param {Float32Array} density  cells × cells, row 0 at the bottom @param {number} cells @returns {Regions} */
export function regions(density, cells) {
  let found = known.get(density);
  if (!found) {
    const sorted = Float32Array.from(density).sort();
    let total = 0;
    for (const v of sorted) total += v;
    /** @type {number[]} */
    const levels = [];
    /** @type {number[]} */
    const masses = [];
    let sum = 0;
    for (let i = sorted.length - 1; i >= 0 && levels.length < MASSES.length; i--) {
      sum += sorted[i];
      if (sum < MASSES[levels.length] * total || (i > 0 && sorted[i - 1] === sorted[i])) continue;
      while (levels.length < MASSES.length && sum >= MASSES[levels.length] * total) {
        levels.push(sorted[i]);
        masses.push(total > 0 ? sum / total : 0);
      }
    }
    while (levels.length < MASSES.length) {
      levels.push(0);
      masses.push(1);
    }
    found = { peak: sorted[sorted.length - 1], levels, masses, paths: [] };
    const fine = finer(density, cells);
    found.paths = levels.map((level) => outline(fine, 2 * cells - 1, level));
    known.set(density, found);
  }
  return found;
}

/**
 * A raster twice as fine, by cubics, so that the outline of a thin ridge is smooth; linear beside a cliff, where cubics would swing.
 * @param {Float32Array} v @param {number} n @returns {Float32Array}  2n − 1 along each side
 */
function finer(v, n) {
  const m = 2 * n - 1;
  const out = new Float32Array(m * m);
  const between = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ c, /** @type {number} */ d) =>
    (Math.min(a, b, c, d) > 0.02 * Math.max(a, b, c, d) ? (9 * (b + c) - a - d) / 16 : (b + c) / 2);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      const at = (/** @type {number} */ k) => v[j * n + Math.max(0, Math.min(n - 1, i + k))];
      out[2 * j * m + 2 * i] = at(0);
      if (i < n - 1) out[2 * j * m + 2 * i + 1] = between(at(-1), at(0), at(1), at(2));
    }
  }
  for (let j = 0; j < n - 1; j++) {
    for (let i = 0; i < m; i++) {
      const at = (/** @type {number} */ k) => out[2 * Math.max(0, Math.min(n - 1, j + k)) * m + i];
      out[(2 * j + 1) * m + i] = between(at(-1), at(0), at(1), at(2));
    }
  }
  return out;
}

/**
 * The curve where the raster, linear between cell centres, is at a level.
 * @param {Float32Array} v @param {number} n @param {number} level
 */
function outline(v, n, level) {
  const path = new Path2D();
  if (!(level > 0)) return path;
  const cut = (/** @type {number} */ p, /** @type {number} */ q) => (level - p) / (q - p);
  for (let j = 0; j < n - 1; j++) {
    for (let i = 0; i < n - 1; i++) {
      const a = v[j * n + i];
      const b = v[j * n + i + 1];
      const c = v[(j + 1) * n + i + 1];
      const d = v[(j + 1) * n + i];
      const kind = (a >= level ? 1 : 0) | (b >= level ? 2 : 0) | (c >= level ? 4 : 0) | (d >= level ? 8 : 0);
      if (kind === 0 || kind === 15) continue;
      const y = n - 1 - j; // of row j, downwards
      const x = i;
      const south = () => /** @type {const} */ ([x + cut(a, b), y]);
      const east = () => /** @type {const} */ ([x + 1, y - cut(b, c)]);
      const north = () => /** @type {const} */ ([x + cut(d, c), y - 1]);
      const west = () => /** @type {const} */ ([x, y - cut(a, d)]);
      const ends =
        {
          1: [west, south],
          2: [south, east],
          3: [west, east],
          4: [east, north],
          5: [west, north, south, east],
          6: [south, north],
          7: [west, north],
          8: [north, west],
          9: [north, south],
          10: [west, south, east, north],
          11: [north, east],
          12: [east, west],
          13: [east, south],
          14: [south, west],
        }[kind] ?? [];
      for (let e = 0; e < ends.length; e += 2) {
        path.moveTo(...ends[e]());
        path.lineTo(...ends[e + 1]());
      }
    }
  }
  return path;
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {import('./kit.js').Box} box @param {Regions} found @param {number} cells
 * @param {(i: number) => void} style  of the i-th outline
 */
export function strokeRegions(ctx, box, found, cells, style) {
  const half = box.w / cells / 2;
  const scale = new DOMMatrix([half, 0, 0, half, box.x + half, box.y + half]);
  for (let i = found.paths.length - 1; i >= 0; i--) {
    if (i > 0 && found.levels[i] === found.levels[i - 1]) continue; // a plateau: one outline
    const path = new Path2D();
    path.addPath(found.paths[i], scale);
    style(i);
    ctx.stroke(path);
  }
}

/**
 * The exact law behind or over other marks: thin lines in ink.
 * @param {CanvasRenderingContext2D} ctx
 * @param {import('./kit.js').Box} box
 * @param {Float32Array} density
 * @param {number} cells
 * @param {string} ink
 * @param {string} [halo]  the colour around them, where they lie over marks
 */
export function inkRegions(ctx, box, density, cells, ink, halo) {
  ctx.save();
  if (halo) {
    ctx.strokeStyle = halo;
    ctx.globalAlpha = 0.75;
    ctx.lineWidth = 3.5;
    strokeRegions(ctx, box, regions(density, cells), cells, () => {});
  }
  ctx.strokeStyle = ink;
  strokeRegions(ctx, box, regions(density, cells), cells, (i) => {
    ctx.globalAlpha = [0.85, 0.6, 0.4][i];
    ctx.lineWidth = [1.3, 1.1, 1][i];
  });
  ctx.restore();
}
