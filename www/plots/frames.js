// Numbers over the frames of a film, or over wave numbers: panels of lines, with a band behind them.
import { frame as border, label, legend, leftAxis, line, logTicks, number, ticks } from './kit.js';
import { path } from './cycles.js';
import { inside } from './plane.js';
import { nearestInt, readable } from './reading.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 */

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {ArrayLike<number>} values
 * @property {number} [first]  where they begin
 * @property {string} color
 * @property {boolean} [dash]
 * @property {number} [width]
 */

/**
 * @typedef {object} Panel
 * @property {string} name  of its axis
 * @property {Line[]} lines
 * @property {[number, number]} range
 * @property {boolean} [log]
 * @property {{ low: ArrayLike<number>, high: ArrayLike<number>, first: number, name: string }|null} [band]
 * @property {number|null} [level]  a dotted line
 */

/**
 * @typedef {object} Input
 * @property {Panel[]} panels
 * @property {[number, number]} across  the first and the last place
 * @property {boolean} [logAcross]
 * @property {string} name  of the places
 * @property {string} place  what one of them is called
 * @property {number|null} mark  the place that is shown
 * @property {Palette} pal
 */

const LEFT = 60;
const ROWS = 38;

/** The legend of all lines, each name once. @param {Panel[]} panels @returns {import('./kit.js').Key[]} */
function keysOf(panels) {
  /** @type {Map<string, import('./kit.js').Key>} */
  const keys = new Map();
  for (const { lines, band } of panels) {
    for (const { name, color, dash, width = 1.6 } of lines) keys.set(name, { kind: dash ? 'dash' : 'line', text: name, color, width });
    if (band) keys.set(band.name, { kind: 'box', text: band.name, color: '#88888866' });
  }
  return [...keys.values()];
}

/** @param {Surface} s @param {Input} input */
export function drawFrames(s, { panels, across: [first, last], logAcross = false, name, place, mark, pal }) {
  const top = legend(s, keysOf(panels), 4, 0, s.w - 8, pal) + 8;
  const columns = s.w > 860 && panels.length > 1 ? 2 : 1;
  const rows = Math.ceil(panels.length / columns);
  const gap = 14;
  const wide = (s.w - 8 * columns) / columns;
  const high = (s.h - top - ROWS - gap * (rows - 1) - 4) / rows;
  const u = logAcross
    ? (/** @type {number} */ k) => Math.log(k / first) / Math.log(last / first)
    : (/** @type {number} */ k) => (k - first) / Math.max(1, last - first);
  panels.forEach((panel, i) => {
    const [column, row] = [Math.floor(i / rows), i % rows];
    const box = { x: column * (wide + 8) + LEFT, y: top + row * (high + gap), w: wide - LEFT - 8, h: high };
    const margin = logAcross ? 0 : box.w / (2 * (last - first + 1));
    const px = (/** @type {number} */ k) => box.x + margin + (box.w - 2 * margin) * u(k);
    const [lo, hi] = panel.range;
    const up = panel.log
      ? (/** @type {number} */ v) => Math.log(Math.max(v, lo / 10) / lo) / Math.log(hi / lo)
      : (/** @type {number} */ v) => (v - lo) / (hi - lo);
    const py = (/** @type {number} */ v) => box.y + box.h * (1 - up(v));
    inside(s, box, () => {
      if (panel.band) area(s, panel.band, px, py, pal);
      if (mark !== null) {
        s.ctx.strokeStyle = pal.ink;
        s.ctx.globalAlpha = 0.5;
        s.ctx.setLineDash([3, 3]);
        s.ctx.lineWidth = 1;
        line(s.ctx, px(mark), box.y, px(mark), box.y + box.h);
        s.ctx.setLineDash([]);
        s.ctx.globalAlpha = 1;
      }
      if (panel.level !== null && panel.level !== undefined) {
        s.ctx.strokeStyle = pal.muted;
        s.ctx.setLineDash([1, 3]);
        line(s.ctx, box.x, py(panel.level), box.x + box.w, py(panel.level));
        s.ctx.setLineDash([]);
      }
      for (const own of panel.lines) {
        const from = own.first ?? first;
        s.ctx.setLineDash(own.dash ? [5, 4] : []);
        path(s.ctx, own.values.length, (k) => px(k + from), (k) => py(own.values[k]), own.color, own.width ?? 1.6);
        s.ctx.setLineDash([]);
      }
    });
    readable(s, box, (x) => {
      const where = (x - box.x - margin) / (box.w - 2 * margin);
      const at = logAcross ? first * (last / first) ** where : first + where * (last - first);
      const k = nearestInt(at, first, last);
      /** @type {import('./reading.js').Value[]} */
      const values = [];
      for (const own of panel.lines) {
        const v = own.values[k - (own.first ?? first)];
        if (v !== undefined && !Number.isNaN(v)) values.push([own.name, v]);
      }
      const { band } = panel;
      const b = band ? k - band.first : -1;
      if (band && b >= 0 && b < band.low.length) values.push([`${band.name}, from`, band.low[b]], ['to', band.high[b]]);
      return values.length ? { at: `${panel.name}, ${place} ${k}`, x: px(k), values } : null;
    });
    border(s, box, pal);
    if (panel.log) logAxis(s, box, panel, py, pal);
    else leftAxis(s, box, { kind: 'linear', lo, hi, scale: 1 }, pal, panel.name);
    if (row === rows - 1 || i === panels.length - 1) bottomAxis(s, box, px, [first, last], logAcross, name, pal);
  });
}

/**
 * @param {Surface} s
 * @param {NonNullable<Panel['band']>} band
 * @param {(k: number) => number} px
 * @param {(v: number) => number} py
 * @param {Palette} pal
 */
function area({ ctx }, { low, high, first }, px, py, pal) {
  ctx.fillStyle = pal.muted;
  ctx.globalAlpha = 0.25;
  ctx.beginPath();
  for (let k = 0; k < low.length; k++) ctx.lineTo(px(first + k), py(low[k]));
  for (let k = high.length - 1; k >= 0; k--) ctx.lineTo(px(first + k), py(high[k]));
  ctx.fill();
  ctx.globalAlpha = 1;
}

/** @param {Surface} s @param {Box} box @param {Panel} panel @param {(v: number) => number} py @param {Palette} pal */
function logAxis(s, box, { range: [lo, hi], name }, py, pal) {
  s.ctx.strokeStyle = pal.muted;
  s.ctx.lineWidth = 1;
  for (const v of logTicks(lo, hi, Math.max(3, box.h / 24))) {
    line(s.ctx, box.x - 4, py(v), box.x, py(v));
    label(s, number(v), box.x - 7, py(v), { color: pal.muted, align: 'right' });
  }
  s.ctx.save();
  s.ctx.translate(box.x - 51, box.y + box.h / 2);
  s.ctx.rotate(-Math.PI / 2);
  label(s, name, 0, 0, { color: pal.ink, align: 'center', max: box.h });
  s.ctx.restore();
}

/**
 * @param {Surface} s @param {Box} box @param {(k: number) => number} px @param {[number, number]} ends @param {boolean} log
 * @param {string} name @param {Palette} pal
 */
function bottomAxis(s, box, px, [first, last], log, name, pal) {
  const y = box.y + box.h;
  s.ctx.strokeStyle = pal.muted;
  s.ctx.lineWidth = 1;
  const all = log ? logTicks(first, last, 6) : ticks(first, last, Math.max(1, Math.min(last - first, box.w / 56)));
  for (const k of all) {
    if (!Number.isInteger(k)) continue;
    line(s.ctx, px(k), y + 1, px(k), y + 5);
    label(s, number(k), px(k), y + 13, { color: pal.muted, align: 'center' });
  }
  label(s, name, box.x + box.w / 2, y + 29, { color: pal.ink, align: 'center', max: box.w });
}
