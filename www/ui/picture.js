// The plot as a picture file: the canvases side by side on the page's paper, below a title. In a comparison each says which side it is of.
import { broken, font, palette } from '../plots/kit.js';

/**
 * A canvas and the sides that it is of, where there are two.
 * @typedef {{ canvas: HTMLCanvasElement, heads: { side: 'a'|'b', text: string }[] }} Shot
 */

const LINE = 19; // between two lines of text, in CSS pixels

/**
 * @param {Shot[]} shots @param {string} title  above all
 * @returns {Promise<Blob|null>}
 */
export function picture(shots, title) {
  const shown = shots.filter(({ canvas }) => canvas.width > 0);
  if (!shown.length) return Promise.resolve(null);
  const canvases = shown.map(({ canvas }) => canvas);
  const pal = palette(canvases[0]);
  const dpr = canvases[0].width / canvases[0].clientWidth;
  const [first, second] = canvases.map((c) => c.getBoundingClientRect());
  const stacked = second !== undefined && second.top >= first.bottom;
  const pad = Math.round(16 * dpr);
  const out = document.createElement('canvas');
  const ctx = /** @type {CanvasRenderingContext2D} */ (out.getContext('2d'));
  const bold = font(14 * dpr, '600');
  ctx.font = bold;
  const high = (/** @type {number} */ lines) => Math.round((lines && lines * LINE + 8) * dpr);
  const sum = (/** @type {number[]} */ list) => list.reduce((p, q) => p + q, 0);
  const widths = canvases.map(({ width }) => width);
  const width = stacked ? Math.max(...widths) : sum(widths) + pad * (widths.length - 1);
  const titled = broken(ctx, title, width);
  const heads = shown.map(({ canvas, heads: own }) => own.flatMap(({ side, text }) =>
    broken(ctx, `${side.toUpperCase()} · ${text}`, canvas.width).map((words) => ({ words, color: side === 'a' ? pal.a : pal.bText }))));
  const most = Math.max(...heads.map((own) => own.length));
  const tops = heads.map((own) => high(stacked ? own.length : most)); // canvases that stand beside each other begin at one height
  const heights = canvases.map((c, i) => tops[i] + c.height);
  const top = pad + high(titled.length);
  out.width = width + 2 * pad;
  out.height = top + pad + (stacked ? sum(heights) + pad * (heights.length - 1) : Math.max(...heights));
  ctx.fillStyle = pal.paper;
  ctx.fillRect(0, 0, out.width, out.height);
  ctx.font = bold;
  ctx.textBaseline = 'top';
  ctx.fillStyle = pal.ink;
  titled.forEach((words, k) => ctx.fillText(words, pad, pad + k * LINE * dpr, width));
  let [x, y] = [pad, top];
  canvases.forEach((c, i) => {
    heads[i].forEach(({ words, color }, k) => {
      ctx.fillStyle = color;
      ctx.fillText(words, x, y + k * LINE * dpr, c.width); // one long word is no wider than its picture
    });
    ctx.drawImage(c, x, y + tops[i]);
    if (stacked) y += heights[i] + pad;
    else x += c.width + pad;
  });
  return new Promise((resolve) => out.toBlob(resolve, 'image/png'));
}
