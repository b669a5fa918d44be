// Frames of a film of vorticity side by side, on one scale about zero, and all frames in a strip below.
import { cividisCss, diverging, heat } from './color.js';
import { diamond, dot, font, frame as border, label, legend, number } from './kit.js';
import { inside } from './plane.js';
import { nearestInt, readable } from './reading.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 */

/**
 * One picture.
 * @typedef {object} Panel
 * @property {string} id
 * @property {string} title
 * @property {ArrayLike<number>|null} film  [frames][y][x]; null where it is not there yet
 * @property {string} note  what stands in its place
 * @property {'signed'|'size'} [scale]  signed: about zero; size: from zero
 * @property {boolean} [bare]  only what is seen has colour
 */

/**
 * @typedef {object} Input
 * @property {Panel[]} panels
 * @property {number} pixels  along a side
 * @property {number} frames
 * @property {number} time  the frame of the film that is shown
 * @property {number} interval
 * @property {ArrayLike<number>} seen  frames
 * @property {ArrayLike<number>} places  first pixels of what is seen in them
 * @property {number} block
 * @property {ArrayLike<number>} y
 * @property {{ pixel: number, there: boolean }|null} chosen
 * @property {[number, number][]|null} tracers  places on the unit square, of the shown frame
 * @property {[number, number][]} vortices  that were placed by hand
 * @property {{ name: string, film: ArrayLike<number> }[]} strip
 * @property {Palette} pal
 */

/** Where it was drawn. @typedef {{ boxes: Record<string, Box>, strip: Box|null, pixels: number, frames: number }} Layout */

/** The end of the scale, in standard deviations of the vorticity. */
const REACH = 3;
/** The end of that of a deviation. */
const WIDE = 1.2;

/** @type {WeakMap<object, Map<string, HTMLCanvasElement>>} */
const pictures = new WeakMap();

/**
 * A frame that is known as a picture, y upwards.
 * @param {ArrayLike<number>} film @param {number} frame @param {number} n @param {'signed'|'size'} scale @param {boolean} dark
 */
function pictureOf(film, frame, n, scale, dark) {
  const own = pictures.get(film) ?? new Map();
  pictures.set(film, own);
  const key = `${frame} ${scale} ${dark}`;
  const known = own.get(key);
  if (known) return known;
  const at = (/** @type {number} */ x, /** @type {number} */ y) => film[frame * n * n + y * n + x];
  let canvas;
  if (scale === 'size') canvas = heat(n, n, (x, y) => at(x, y) / WIDE);
  else {
    canvas = document.createElement('canvas');
    canvas.width = canvas.height = n;
    const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const image = ctx.createImageData(n, n);
    for (let y = 0; y < n; y++) {
      for (let x = 0; x < n; x++) {
        const v = at(x, y);
        image.data.set([...diverging(dark, v / REACH), 255], 4 * ((n - 1 - y) * n + x));
      }
    }
    ctx.putImageData(image, 0, 0);
  }
  own.set(key, canvas);
  return canvas;
}

/** Whether a frame is there. @param {ArrayLike<number>} film @param {number} frame @param {number} n */
const isKnown = (film, frame, n) => !Number.isNaN(film[frame * n * n]);

/** The box of a pixel in a picture. @param {Box} box @param {number} n @param {number} pixel @param {number} [block] @returns {Box} */
export function boxOf(box, n, pixel, block = 1) {
  const cell = box.w / n;
  const [x, y] = [pixel % n, Math.floor(pixel / n)];
  return { x: box.x + x * cell, y: box.y + (n - y - block) * cell, w: block * cell, h: block * cell };
}

/** The pixel under a place. @param {Box} box @param {number} n @param {{ x: number, y: number }} place */
export function pixelAt(box, n, { x, y }) {
  const column = nearestInt(((x - box.x) / box.w) * n - 0.5, 0, n - 1);
  const row = nearestInt((1 - (y - box.y) / box.h) * n - 0.5, 0, n - 1);
  return row * n + column;
}

const HEAD = 21;
const GAP = 10;

/** Columns and side of squares that fill a place. @param {number} count @param {number} w @param {number} h */
function arrange(count, w, h) {
  let best = { columns: 1, side: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const side = Math.min((w - GAP * (columns - 1)) / columns, (h - rows * (HEAD + GAP)) / rows);
    if (side > best.side + 0.5) best = { columns, side };
  }
  return best;
}

/** @param {Surface} s @param {Input} input @returns {Layout} */
export function drawFilm(s, input) {
  const { panels, pixels: n, frames, time, interval, pal } = input;
  /** @type {import('./kit.js').Key[]} */
  const keys = [{
    kind: 'ramp', text: 'vorticity', ramp: (v) => `rgb(${diverging(pal.dark, 2 * v - 1).join(' ')})`,
    lo: number(-REACH), hi: number(REACH),
  }];
  if (panels.some(({ scale }) => scale === 'size')) keys.push({ kind: 'ramp', text: 'spread', ramp: cividisCss, lo: '0', hi: `≥ ${WIDE}` });
  if (input.places.length) keys.push({ kind: 'diamond', text: 'seen' });
  let top = legend(s, keys, 4, 0, s.w - 70, pal) + 4;
  const rows = input.strip.length;
  const thumb = Math.min(60, (s.w - 64) / frames);
  const below = rows ? rows * (thumb * together(thumb) + 3) + 34 : 0;
  const { columns, side } = arrange(panels.length, s.w - 8, s.h - top - below);
  const high = Math.ceil(panels.length / columns) * (side + HEAD + GAP);
  top += Math.max(0, Math.min(40, (s.h - top - below - high) / 2)); // what is left, above and below
  const shift = Math.max(4, (s.w - columns * side - GAP * (columns - 1)) / 2);
  /** @type {Layout} */
  const layout = { boxes: {}, strip: null, pixels: n, frames };
  panels.forEach((panel, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const box = { x: shift + column * (side + GAP), y: top + HEAD + row * (side + HEAD + GAP), w: side, h: side };
    layout.boxes[panel.id] = box;
    drawPanel(s, box, panel, input);
  });
  if (rows) layout.strip = drawStrip(s, input, thumb, top + high + 6);
  const stamp = `t = ${number(time * interval)}`;
  s.ctx.font = font(12);
  label(s, stamp, s.w - 6, 9, { color: pal.ink, align: 'right', weight: '600' });
  return layout;
}

const SMALL = 20; // pixels: in a narrower picture of the strip nothing can be seen

/** How many frames share a picture of the strip, where each alone would be `thumb` pixels wide. @param {number} thumb */
const together = (thumb) => Math.max(1, Math.ceil(SMALL / thumb));

const APART = 11; // pixels between tracers at the start: closer ones would hide the flow

/**
 * Every k-th tracer of each row and column of the lattice that they come from, so that a small picture has room for them.
 * @param {[number, number][]} tracers @param {number} side  of the picture, in pixels
 */
export function apart(tracers, side) {
  const across = Math.round(Math.sqrt(tracers.length));
  const k = Math.ceil((APART * across) / side);
  return k <= 1 ? tracers : tracers.filter((_, i) => i % across % k === 0 && Math.floor(i / across) % k === 0);
}

/** @param {Surface} s @param {Box} box @param {Panel} panel @param {Input} input */
function drawPanel(s, box, { id, title, film: all, note, scale = 'signed', bare }, input) {
  const { pixels: n, frames, time, seen, places, block, y, chosen, tracers, vortices, pal } = input;
  const { ctx } = s;
  const film = all && isKnown(all, time, n) ? all : null;
  label(s, title, box.x, box.y - 10, { color: pal.ink, weight: '600', size: box.w < 90 ? 10 : 12 });
  const k = Array.prototype.indexOf.call(seen, time);
  inside(s, box, () => {
    ctx.fillStyle = pal.line;
    ctx.globalAlpha = 0.35;
    ctx.fillRect(box.x, box.y, box.w, box.h);
    ctx.globalAlpha = 1;
    ctx.imageSmoothingEnabled = false;
    if (film && !bare) ctx.drawImage(pictureOf(film, time, n, scale, pal.dark), box.x, box.y, box.w, box.h);
    if (bare && k >= 0) {
      for (let r = 0; r < places.length; r++) {
        const cell = boxOf(box, n, places[r], block);
        ctx.fillStyle = `rgb(${diverging(pal.dark, y[k * places.length + r] / REACH).join(' ')})`;
        ctx.fillRect(cell.x, cell.y, cell.w, cell.h);
      }
    }
    if (id === 'truth' && tracers) {
      ctx.fillStyle = pal.ink;
      ctx.globalAlpha = 0.75;
      for (const [u, v] of apart(tracers, box.w)) dot(ctx, box.x + u * box.w, box.y + (1 - v) * box.h, Math.max(0.8, box.w / 190));
      ctx.globalAlpha = 1;
    }
  });
  ctx.imageSmoothingEnabled = true;
  const words = bare ? (k < 0 ? note : '') : film ? '' : note;
  if (words) label(s, words, box.x + box.w / 2, box.y + box.h / 2, { color: pal.muted, align: 'center', size: box.w < 90 ? 10 : 12 });
  border(s, box, pal);
  // Marks at an edge are whole: they reach over it.
  if (id === 'truth') {
    for (const [u, v] of vortices) diamond(ctx, box.x + u * box.w, box.y + (1 - v) * box.h, 5, pal.paper, pal.ink);
  }
  if (bare && k >= 0 && places.length <= n * n / 4) {
    for (let r = 0; r < places.length; r++) {
      const cell = boxOf(box, n, places[r], block);
      const radius = Math.max(2, Math.min(5, cell.w * 0.62));
      const color = `rgb(${diverging(pal.dark, y[k * places.length + r] / REACH).join(' ')})`;
      diamond(ctx, cell.x + cell.w / 2, cell.y + cell.h / 2, radius, color, pal.ink, 1);
    }
  }
  if (bare && chosen) {
    const cell = boxOf(box, n, chosen.pixel);
    ctx.strokeStyle = pal.ink;
    ctx.lineWidth = 2;
    ctx.strokeRect(cell.x - 3, cell.y - 3, cell.w + 6, cell.h + 6);
  }
  readable(s, box, (px, py) => {
    const pixel = pixelAt(box, n, { x: px, y: py });
    const cell = boxOf(box, n, pixel);
    const place = { x: cell.x + cell.w / 2, y: cell.y + cell.h / 2 };
    const at = `${title}: pixel ${pixel % n}, ${Math.floor(pixel / n)}, frame ${time} of ${frames}`;
    /** @type {import('./reading.js').Value[]} */
    const values = [];
    const r = k < 0 ? -1 : seenAt(places, block, n, pixel);
    if (r >= 0) values.push([block > 1 ? 'mean of the block, seen' : 'seen', y[k * places.length + r]]);
    for (const own of input.panels) {
      if (own.film && !own.bare && (bare ? own.id === 'truth' : own.title === title)) {
        values.unshift([own.title.toLowerCase(), own.film[time * n * n + pixel]]);
      }
    }
    return values.length ? { at, values: values.filter(([, v]) => !Number.isNaN(v)), ...place } : null;
  });
}

/**
 * Which of the seen places a pixel belongs to.
 * @param {ArrayLike<number>} places
 * @param {number} block
 * @param {number} n
 * @param {number} pixel
 */
export function seenAt(places, block, n, pixel) {
  const [x, y] = [pixel % n, Math.floor(pixel / n)];
  return Array.prototype.findIndex.call(places, (/** @type {number} */ p) => {
    const [left, low] = [p % n, Math.floor(p / n)];
    return x >= left && x < left + block && y >= low && y < low + block;
  });
}

/**
 * All frames, a row a film; of frames that share a picture the first is drawn, or the one that is shown.
 * @param {Surface} s @param {Input} input @param {number} thumb @param {number} y @returns {Box}
 */
function drawStrip(s, { strip, pixels: n, frames, time, interval, seen, pal }, thumb, y) {
  const { ctx } = s;
  const wide = thumb * frames;
  const x = Math.max(58, (s.w - wide) / 2);
  const per = together(thumb);
  const side = per * thumb;
  const box = { x, y, w: wide, h: strip.length * (side + 3) };
  const group = time - (time % per);
  ctx.imageSmoothingEnabled = true;
  strip.forEach(({ name, film }, r) => {
    const top = y + r * (side + 3);
    for (let k = 0; k < frames; k += per) {
      const shown = k === group ? time : k;
      const part = Math.min(1, (frames - k) / per); // the last picture may be cut
      if (!isKnown(film, shown, n)) continue;
      const picture = pictureOf(film, shown, n, 'signed', pal.dark);
      ctx.drawImage(picture, 0, 0, part * picture.width, picture.height, x + k * thumb, top, part * side - 1, side);
    }
    label(s, name, x - 6, top + side / 2, { color: pal.muted, align: 'right', max: x - 8, size: 11 });
  });
  ctx.strokeStyle = pal.ink;
  ctx.lineWidth = 2;
  ctx.strokeRect(x + group * thumb - 1, y - 1, Math.min(side, wide - group * thumb) + 1, box.h - 1);
  for (let i = 0; i < seen.length; i++) diamond(ctx, x + (seen[i] + 0.5) * thumb, y + box.h + 5, 3, pal.paper, pal.ink, 1);
  const at = `frame ${time} of ${frames - 1}`;
  const words = s.w < 460 ? at : `time of the flow: ${at}, ${number(interval)} apart`;
  label(s, words, x + wide / 2, y + box.h + 20, { color: pal.ink, align: 'center' });
  return box;
}
