// More particles than can be told apart as dots: their density on the pixels. Each particle is shared out over the four pixels around it,
// so that it moves smoothly; a pixel is as opaque as its sum says. Where a graphics card is at hand, it does the same for very many.
import { count } from './kit.js';
import { Card } from './swarm-card.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./particles.js').Cloud} Cloud
 * @typedef {[number, number, number]} Colour
 */

/**
 * How particles become a picture.
 * @typedef {object} Way
 * @property {number[][]} rows  across and up of a particle: rows · x, from −1 to 1 in the box
 * @property {[Colour, Colour]} colors  at shade 0 and at shade 1
 * @property {Shade} [shade]  of a particle; of a pixel it is the mean. None is 0.
 * @property {number} [fade]  the largest opacity
 * @property {number} [most]  particles that are drawn: the first ones
 */

/**
 * A number from 0 to 1, as a function and in the shading language.
 * @typedef {{ of: (x: number, y: number, z: number) => number, glsl: string }} Shade
 */

/** More than so many are drawn as their density. */
export const MANY = 10_000;
/** From so many on the graphics card is worth its start. */
const VERY_MANY = 200_000;
/** A density in units of its mean over the box, at which a pixel hides all but 1/e of what is behind. */
const THICK = 4;
/** The density at the end of the scale of the legend: 95 % opaque. */
const FULL = 3 * THICK;

/** How opaque a pixel is. @param {number} d  particles on it, over the mean of all pixels of the box */
const opacity = (d) => 1 - Math.exp(-d / THICK);

/**
 * The density in a legend.
 * @param {string} color  #rrggbb @param {number} drawn  particles @param {number} n  of so many
 * @returns {import('./kit.js').Key}
 */
export function denseKey(color, drawn, n) {
  const many = drawn < n ? `${count(drawn)} of ${count(n)} particles` : `${count(n)} particles`;
  const ramp = (/** @type {number} */ v) => color + Math.round(255 * opacity(FULL * v)).toString(16).padStart(2, '0');
  return { kind: 'ramp', text: `density ÷ mean, ${many}`, ramp, lo: '0', hi: `≥ ${FULL}` };
}

/**
 * The same for those who do not see it; false where there are dots.
 * @param {{ n: number, shown: number }} scene @param {number} there  particles of the frame
 */
export function denseWords({ n, shown }, there) {
  return there > MANY && `${shown < n ? `The density of the first ${count(shown)} is drawn` : 'Their density is drawn'}.`;
}

const GRADES = 1024; // of opacity, up to twice the end of the scale
const SHADES = 32;

/** @type {Card|null|undefined} */
let card; // undefined: not looked for yet

/** The graphics card, where there is one that is not a program. */
function cardAtHand() {
  if (card === undefined) card = Card.open();
  return card?.lost ? null : card;
}

/** The pixels of one picture; kept from frame to frame. */
export class Swarm {
  /** @param {() => Card|null} [cardOf]  the graphics card, where there is one */
  constructor(cardOf = cardAtHand) {
    this.cardOf = cardOf;
    this.canvas = document.createElement('canvas');
    this.ctx = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    /** @type {ImageData|null} */
    this.image = null;
    this.sums = new Float32Array(0); // weights; where there are shades, each with their sum behind it
    this.palette = { key: '', table: new Uint32Array(0) };
  }

  /**
   * Draws particles into a box: a pixel is one of CSS, whatever the screen has.
   * @param {Surface} s @param {Box} box @param {Cloud} cloud @param {Way} way
   */
  draw({ ctx }, box, cloud, way) {
    const [w, h] = [Math.max(1, Math.round(box.w)), Math.max(1, Math.round(box.h))];
    const n = Math.min(way.most ?? Infinity, cloud.now.length / way.rows[0].length);
    const drawn = (n >= VERY_MANY && this.cardOf()?.draw(w, h, n, cloud, way, THICK)) || this.#draw(w, h, n, cloud, way);
    ctx.drawImage(drawn, box.x, box.y, box.w, box.h);
  }

  /** The same without a graphics card. @param {number} w @param {number} h @param {number} n @param {Cloud} cloud @param {Way} way */
  #draw(w, h, n, cloud, way) {
    if (!this.image || this.image.width !== w || this.image.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.image = this.ctx.createImageData(w, h);
    }
    // A margin of a pixel all round takes what is half outside of the box.
    const wide = w + 2;
    const each = way.shade ? 2 : 1;
    const size = each * wide * (h + 2);
    if (this.sums.length !== size) this.sums = new Float32Array(size);
    else this.sums.fill(0);
    if (way.shade) addSpace(this.sums, w, h, n, cloud, way.rows, way.shade.of);
    else addPlane(this.sums, w, h, n, cloud, way.rows);
    const table = this.#table(way);
    const pixels = new Uint32Array(this.image.data.buffer);
    const grade = (GRADES / (2 * FULL)) * ((w * h) / Math.max(1, n));
    const { sums } = this;
    for (let j = 0; j < h; j++) {
      for (let i = 0, at = each * ((j + 1) * wide + 1), to = j * w; i < w; i++, at += each, to++) {
        const sum = sums[at];
        if (sum === 0) {
          pixels[to] = 0;
          continue;
        }
        const k = Math.min(GRADES - 1, (sum * grade) | 0);
        pixels[to] = way.shade ? table[(((sums[at + 1] / sum) * (SHADES - 0.01)) | 0) * GRADES + k] : table[k];
      }
    }
    this.ctx.putImageData(this.image, 0, 0);
    return this.canvas;
  }

  /** The colours of all grades, for each shade. @param {Way} way */
  #table({ colors: [from, to], fade = 1, shade }) {
    const shades = shade ? SHADES : 1;
    const key = JSON.stringify([from, to, fade, shades]);
    if (this.palette.key === key) return this.palette.table;
    const bytes = new Uint8ClampedArray(4 * shades * GRADES);
    for (let q = 0; q < shades; q++) {
      const v = shades > 1 ? q / (shades - 1) : 0;
      for (let k = 0; k < GRADES; k++) {
        const at = 4 * (q * GRADES + k);
        for (let c = 0; c < 3; c++) bytes[at + c] = from[c] + v * (to[c] - from[c]);
        bytes[at + 3] = 255 * fade * opacity(((k + 0.5) * 2 * FULL) / GRADES);
      }
    }
    this.palette = { key, table: new Uint32Array(bytes.buffer) };
    return this.palette.table;
  }
}

/**
 * Adds particles of the plane to the pixels.
 * @param {Float32Array} sums  [(h + 2) × (w + 2)] @param {number} w @param {number} h @param {number} n @param {Cloud} cloud
 * @param {number[][]} rows
 */
function addPlane(sums, w, h, n, { now, then, p, q }, [[a, b], [c, d]]) {
  const wide = w + 2;
  for (let i = 0, k = 0; i < n; i++, k += 2) {
    const x = p * now[k] + q * then[k];
    const y = p * now[k + 1] + q * then[k + 1];
    const u = 0.5 * w * (1 + a * x + b * y) + 0.5; // from the centre of the first pixel of the margin
    const v = 0.5 * h * (1 - c * x - d * y) + 0.5;
    if (!(u >= 0.5 && v >= 0.5 && u <= w + 0.5 && v <= h + 0.5)) continue; // also what is no number
    const left = u | 0;
    const top = v | 0;
    const r = u - left;
    const t = v - top;
    const at = top * wide + left;
    sums[at] += (1 - r) * (1 - t);
    sums[at + 1] += r * (1 - t);
    sums[at + wide] += (1 - r) * t;
    sums[at + wide + 1] += r * t;
  }
}

/**
 * The same in space, with the shades times their weights.
 * @param {Float32Array} sums  [(h + 2) × (w + 2) × 2] @param {number} w @param {number} h @param {number} n @param {Cloud} cloud
 * @param {number[][]} rows @param {Shade['of']} shade
 */
function addSpace(sums, w, h, n, { now, then, p, q }, [[a, b, c], [d, e, f]], shade) {
  const wide = w + 2;
  for (let i = 0, k = 0; i < n; i++, k += 3) {
    const x = p * now[k] + q * then[k];
    const y = p * now[k + 1] + q * then[k + 1];
    const z = p * now[k + 2] + q * then[k + 2];
    const u = 0.5 * w * (1 + a * x + b * y + c * z) + 0.5;
    const v = 0.5 * h * (1 - d * x - e * y - f * z) + 0.5;
    if (!(u >= 0.5 && v >= 0.5 && u <= w + 0.5 && v <= h + 0.5)) continue; // also what is no number
    const left = u | 0;
    const top = v | 0;
    const r = u - left;
    const t = v - top;
    const at = 2 * (top * wide + left);
    const own = shade(x, y, z);
    const upper = (1 - r) * (1 - t);
    const lower = (1 - r) * t;
    sums[at] += upper;
    sums[at + 1] += own * upper;
    sums[at + 2] += 1 - t - upper;
    sums[at + 3] += own * (1 - t - upper);
    sums[at + 2 * wide] += lower;
    sums[at + 2 * wide + 1] += own * lower;
    sums[at + 2 * wide + 2] += t - lower;
    sums[at + 2 * wide + 3] += own * (t - lower);
  }
}
