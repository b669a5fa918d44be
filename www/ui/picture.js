// The plot as a picture file: the canvases side by side on the page's paper, with a line of text.
import { font, palette } from '../plots/kit.js';

/**
 * @param {HTMLCanvasElement[]} canvases
 * @param {string[]} titles
 * @returns {Promise<Blob|null>}
 */
export function picture(canvases, titles) {
  const shown = canvases.filter((c) => c.width > 0);
  if (!shown.length) return Promise.resolve(null);
  const pal = palette(shown[0]);
  const dpr = shown[0].width / shown[0].clientWidth;
  const stacked = shown.length > 1 && shown[1].offsetTop > shown[0].offsetTop;
  const pad = Math.round(16 * dpr);
  const head = Math.round(30 * dpr);
  const out = document.createElement('canvas');
  const widths = shown.map((c) => c.width + pad);
  const heights = shown.map((c) => c.height + head + pad);
  out.width = pad + (stacked ? Math.max(...widths) : widths.reduce((p, q) => p + q, 0));
  out.height = pad + (stacked ? heights.reduce((p, q) => p + q, 0) : Math.max(...heights));
  const ctx = /** @type {CanvasRenderingContext2D} */ (out.getContext('2d'));
  ctx.fillStyle = pal.paper;
  ctx.fillRect(0, 0, out.width, out.height);
  let at = pad;
  shown.forEach((c, i) => {
    const x = stacked ? pad : at;
    const y = stacked ? at : pad;
    ctx.fillStyle = pal.ink;
    ctx.font = font(14 * dpr, '600');
    ctx.textBaseline = 'top';
    const words = shown.length === 1 ? `Scorefield: ${titles.join(' against ')}` : titles[i] ?? '';
    ctx.fillText(words, x, y, c.width); // no wider than its picture
    ctx.drawImage(c, x, y + head);
    at += stacked ? heights[i] : widths[i];
  });
  return new Promise((resolve) => out.toBlob(resolve, 'image/png'));
}
