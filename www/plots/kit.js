// The drawing kit: surfaces, colours of the page, axes, ticks, legends. Knows neither worker nor wasm.

/**
 * @typedef {{ ctx: CanvasRenderingContext2D, w: number, h: number, dpr: number, panels: import('./reading.js').Panel[] }} Surface  w, h
 *   in CSS pixels; panels: what can be read, from the last drawing
 * @typedef {{ x: number, y: number, w: number, h: number }} Box
 * @typedef {{ kind: 'linear'|'asinh', lo: number, hi: number, scale: number }} Axis
 */

/** @typedef {'ink'|'muted'|'line'|'paper'|'a'|'b'|'bText'|'aFill'|'bFill'|'path'|'pathB'} Colour */

/**
 * The page's colours, read from its CSS variables.
 * @typedef {Record<Colour, string> & { series: string[], dark: boolean }} Palette
 */

const FONT = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

/** @param {number} size @param {string} [weight] */
export const font = (size, weight = '') => `${weight} ${size}px ${FONT}`.trim();

/**
 * Sizes a canvas to its place on the page and clears it.
 * @param {HTMLCanvasElement} canvas
 * @returns {Surface|null}
 */
export function surface(canvas) {
  const zoom = /** @type {{ currentCSSZoom?: number }} */ (canvas).currentCSSZoom ?? 1; // of a presentation
  const dpr = Math.min((self.devicePixelRatio || 1) * zoom, 3);
  const w = canvas.clientWidth;
  const h = canvas.clientHeight;
  if (w < 40 || h < 40) return null;
  if (canvas.width !== Math.round(w * dpr) || canvas.height !== Math.round(h * dpr)) {
    canvas.width = Math.round(w * dpr);
    canvas.height = Math.round(h * dpr);
  }
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
  ctx.clearRect(0, 0, w, h);
  ctx.lineJoin = 'round';
  ctx.font = font(12);
  return { ctx, w, h, dpr, panels: [] };
}

/** @param {Element} el @returns {Palette} */
export function palette(el) {
  const css = getComputedStyle(el);
  const v = (/** @type {string} */ name) => css.getPropertyValue(name).trim();
  return {
    ink: v('--ink'),
    muted: v('--muted'),
    line: v('--line'),
    paper: v('--paper'),
    a: v('--a'),
    b: v('--b-line'),
    bText: v('--b'),
    aFill: v('--a-fill'),
    bFill: v('--b-fill'),
    path: v('--path'),
    pathB: v('--path-b'),
    series: [1, 2, 3, 4, 5, 6, 7].map((i) => v(`--s${i}`)),
    dark: v('--dark') === '1',
  };
}

/**
 * A number for people: three figures, no ragged zeros (unless `keep`), a true minus.
 * @param {number} v
 * @param {number} [digits]
 * @param {boolean} [keep]
 */
export function number(v, digits = 3, keep = false) {
  if (v === 0) return '0';
  if (!Number.isFinite(v)) return v > 0 ? '∞' : v < 0 ? '−∞' : '–';
  const size = Math.abs(v);
  let text;
  if (size >= 1e5 || size < 1e-4) {
    const [m, e] = v.toExponential(Math.min(digits - 1, 1)).split('e');
    text = `${m.replace(/\.?0+$/, '')}·10${superscript(Number(e))}`;
    if (text.startsWith('1·')) text = text.slice(2);
  } else {
    text =
      size >= 1000
        ? String(Math.round(Number(v.toPrecision(Math.max(2, digits)))))
        : keep
          ? v.toPrecision(digits)
          : Number(v.toPrecision(digits)).toString();
  }
  return text.replace('-', '−');
}

const DOUBLE = 1e-12; // what rounding leaves of what is added up or compared
/** The same of what is kept in single precision. */
export const SINGLE = 1e-7;

/**
 * A number that should be 0 where it is: what rounding leaves of a sum is nothing beside what was added up.
 * @param {number} v
 * @param {number} scale  what it is made of, or compared with
 * @param {number} [share]  of the scale that rounding leaves
 */
export const settled = (v, scale, share = DOUBLE) => (Math.abs(v) <= share * Math.abs(scale) ? 0 : v);

/** @param {number} e */
function superscript(e) {
  return [...String(e)].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)])).join('');
}

/** Whole numbers with thin spaces: 10 000. @param {number} v */
export function count(v) {
  return String(Math.round(v)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/**
 * Round numbers between lo and hi.
 * @param {number} lo
 * @param {number} hi
 * @param {number} most
 */
export function ticks(lo, hi, most) {
  const rough = (hi - lo) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((m) => m * power >= rough) ?? 10);
  const found = [];
  for (let i = Math.ceil(lo / step - 1e-9); i * step <= hi + step * 1e-9; i++) found.push(i * step);
  return found;
}

/**
 * Powers of ten (and 2, 5 between them where there is room). An axis on which fewer than two of them lie has closer numbers.
 * @param {number} lo @param {number} hi @param {number} most
 */
export function logTicks(lo, hi, most) {
  const decades = Math.log10(hi / lo);
  const some = multiples(lo, hi, decades * 3 <= most ? [1, 2, 5] : [1]);
  if (some.length > 1 || !(hi > lo)) return some;
  const closer = [[1, 3], [1, 2, 5]].map((between) => multiples(lo, hi, between)).find(({ length }) => length > 1 && length <= most);
  if (closer) return closer;
  return [most, 2, 3, 4, 6].map((n) => ticks(lo, hi, n).filter((v) => v >= lo)).find(({ length }) => length > 1) ?? some;
}

/** Multiples of powers of ten between two values. @param {number} lo @param {number} hi @param {number[]} of */
function multiples(lo, hi, of) {
  const found = [];
  for (let e = Math.floor(Math.log10(lo)); e <= Math.ceil(Math.log10(hi)); e++) {
    for (const m of of) if (m * 10 ** e >= lo * 0.999 && m * 10 ** e <= hi * 1.001) found.push(m * 10 ** e);
  }
  return found;
}

/** The place of x on its axis: 0 at lo, 1 at hi. @param {Axis} axis @returns {(x: number) => number} */
export function place(axis) {
  if (axis.kind === 'linear') return (x) => (x - axis.lo) / (axis.hi - axis.lo);
  const p = (/** @type {number} */ x) => Math.asinh(x / axis.scale);
  const lo = p(axis.lo);
  const hi = p(axis.hi);
  return (x) => (p(x) - lo) / (hi - lo);
}

/** Ticks in true values, far enough apart. @param {Axis} axis @param {number} most */
export function axisTicks(axis, most) {
  if (axis.kind === 'linear') return ticks(axis.lo, axis.hi, most);
  const u = place(axis);
  const found = axis.lo <= 0 && axis.hi >= 0 ? [0] : [];
  for (let e = 4; e >= -4; e--) {
    for (const x of [10 ** e, -(10 ** e)]) {
      if (x < axis.lo || x > axis.hi) continue;
      if (found.every((other) => Math.abs(u(x) - u(other)) > 0.7 / most)) found.push(x);
    }
  }
  return found.sort((p, q) => p - q);
}

/**
 * An upright x axis on the left of a box, with grid lines, ticks in true values and a name.
 * @param {Surface} s
 * @param {Box} box
 * @param {Axis} axis
 * @param {Palette} pal
 * @param {string} [name]
 */
export function leftAxis(s, box, axis, pal, name = 'x') {
  const { ctx } = s;
  const u = place(axis);
  ctx.save();
  ctx.font = font(12);
  ctx.fillStyle = pal.muted;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  ctx.strokeStyle = pal.muted;
  ctx.lineWidth = 1;
  let wide = 0;
  for (const x of axisTicks(axis, Math.max(box.h < 80 ? 2 : 4.1, box.h / 42))) {
    const y = Math.round(box.y + box.h * (1 - u(x))) + 0.5;
    line(ctx, box.x - 4, y, box.x, y);
    ctx.fillText(number(x), box.x - 7, y);
    wide = Math.max(wide, ctx.measureText(number(x)).width);
  }
  ctx.translate(box.x - Math.max(38, Math.min(box.x - 9, wide + 15)), box.y + box.h / 2);
  ctx.rotate(-Math.PI / 2);
  ctx.textAlign = 'center';
  ctx.fillStyle = pal.ink;
  const whole = axis.kind === 'asinh' ? `${name}  (arcsinh axis)` : name;
  ctx.fillText(ctx.measureText(whole).width < box.h ? whole : name, 0, 0);
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 */
export function line(ctx, x0, y0, x1, y1) {
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}

/** @param {Surface} s @param {Box} box @param {Palette} pal */
export function frame(s, box, pal) {
  s.ctx.save();
  s.ctx.strokeStyle = pal.muted;
  s.ctx.globalAlpha = 0.6;
  s.ctx.lineWidth = 1;
  s.ctx.strokeRect(box.x - 0.5, box.y - 0.5, box.w + 1, box.h + 1);
  s.ctx.restore();
}

/**
 * @param {Surface} s
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {{ color: string, size?: number, weight?: string, align?: CanvasTextAlign, base?: CanvasTextBaseline, max?: number }} how
 */
export function label(s, text, x, y, how) {
  const { ctx } = s;
  ctx.save();
  ctx.font = font(how.size ?? 12, how.weight);
  ctx.fillStyle = how.color;
  ctx.textAlign = how.align ?? 'left';
  ctx.textBaseline = how.base ?? 'middle';
  if (how.max) {
    while (text.length > 3 && ctx.measureText(text).width > how.max) text = text.slice(0, -2).trimEnd() + '…';
  }
  ctx.fillText(text, x, y);
  ctx.restore();
}

/**
 * An entry of a legend.
 * @typedef {object} Key
 * @property {string} text
 * @property {'line'|'dash'|'bars'|'ramp'|'dots'|'arrow'|'ring'|'box'|'diamond'} kind
 * @property {string} [color]
 * @property {string} [back]
 * @property {number} [width]
 * @property {number} [length]
 * @property {(v: number) => string} [ramp]
 * @property {string} [lo]  what stands at the ends of a ramp
 * @property {string} [hi]
 */

/**
 * A legend that wraps, also within the text of an entry; draws it (unless `dry`) and returns its height.
 * @param {Surface} s
 * @param {Key[]} keys
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {Palette} pal
 * @param {boolean} [dry]
 */
export function legend(s, keys, x, y, width, pal, dry = false) {
  const { ctx } = s;
  const row = 18;
  ctx.save();
  ctx.font = font(12);
  ctx.textBaseline = 'middle';
  let cx = x;
  let cy = y + row / 2;
  for (const key of keys) {
    const swatch = key.kind === 'ramp' ? 56 : key.length ? Math.max(12, key.length) : 22;
    const ends = key.kind === 'ramp' ? ctx.measureText((key.lo ?? '') + (key.hi ?? '')).width + 8 : 0;
    const wide = swatch + ends + 7 + ctx.measureText(key.text).width;
    if (cx > x && cx + wide > x + width) {
      cx = x;
      cy += row;
    }
    const lines = wide > width ? broken(ctx, key.text, width - wide + ctx.measureText(key.text).width) : [key.text];
    if (!dry) drawKey(ctx, key, lines, cx, cy, swatch, pal, x + width);
    cy += (lines.length - 1) * LINE;
    cx += lines.length > 1 ? width : wide + 18; // beside several lines stands nothing
  }
  ctx.restore();
  return cy + row / 2 - y;
}

const LINE = 15; // between two lines of an entry

/**
 * A text in lines that are no wider than a place, broken between words.
 * @param {CanvasRenderingContext2D} ctx @param {string} text @param {number} width
 */
export function broken(ctx, text, width) {
  /** @type {string[]} */
  const out = [];
  for (const word of text.split(' ')) {
    const longer = out.length ? `${out[out.length - 1]} ${word}` : word;
    if (out.length && ctx.measureText(longer).width <= width) out[out.length - 1] = longer;
    else out.push(word);
  }
  return out;
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {Key} key @param {string[]} lines  its text @param {number} x @param {number} y
 * @param {number} swatch @param {Palette} pal @param {number} end
 */
function drawKey(ctx, key, lines, x, y, swatch, pal, end) {
  const color = key.color ?? pal.ink;
  ctx.strokeStyle = ctx.fillStyle = color;
  ctx.lineWidth = key.width ?? 2;
  let from = x;
  if (key.back) {
    ctx.fillStyle = key.back;
    ctx.fillRect(x, y - 6, swatch, 12);
    ctx.fillStyle = color;
  }
  if (key.kind === 'line') line(ctx, x, y, x + swatch, y);
  else if (key.kind === 'dash') {
    ctx.setLineDash([5, 4]);
    line(ctx, x, y, x + swatch, y);
    ctx.setLineDash([]);
  } else if (key.kind === 'bars') for (let i = 0; i < 4; i++) ctx.fillRect(x + 1 + i * 5, y + 6 - [5, 10, 12, 7][i], 4, [5, 10, 12, 7][i]);
  else if (key.kind === 'dots') for (let i = 0; i < 3; i++) dot(ctx, x + 4 + i * 7, y, 2.5);
  else if (key.kind === 'ring') {
    ctx.beginPath();
    ctx.arc(x + swatch / 2, y, 3, 0, 2 * Math.PI);
    ctx.stroke();
  } else if (key.kind === 'box') ctx.fillRect(x + swatch / 2 - 3, y - 3, 6, 6);
  else if (key.kind === 'diamond') diamond(ctx, x + swatch / 2, y, 5, pal.paper, pal.ink);
  else if (key.kind === 'arrow' && key.length) arrow(ctx, x, y, x + key.length, y, 5.5);
  else if (key.kind === 'arrow') arrow(ctx, x + 1, y + 3, x + 20, y - 3, 6);
  else if (key.ramp) {
    ctx.fillStyle = pal.muted;
    ctx.fillText(key.lo ?? '', x, y);
    from = x + ctx.measureText(key.lo ?? '').width + 4;
    for (let i = 0; i < swatch; i++) {
      ctx.fillStyle = key.ramp(i / (swatch - 1));
      ctx.fillRect(from + i, y - 5, 1.5, 10);
    }
    ctx.fillStyle = pal.muted;
    ctx.fillText(key.hi ?? '', from + swatch + 4, y);
    from += ctx.measureText(key.hi ?? '').width + 4;
  }
  ctx.fillStyle = pal.muted;
  lines.forEach((text, i) => {
    while (text.length > 3 && from + swatch + 7 + ctx.measureText(text).width > end + 2) text = text.slice(0, -2).trimEnd() + '…';
    ctx.fillText(text, from + swatch + 7, y + i * LINE);
  });
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} r */
export function dot(ctx, x, y, r) {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.fill();
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x
 * @param {number} y
 * @param {number} r
 * @param {string} fill
 * @param {string} edge
 * @param {number} [width]
 */
export function diamond(ctx, x, y, r, fill, edge, width = 1.5) {
  ctx.beginPath();
  for (const [p, q] of [[0, -r], [r, 0], [0, r], [-r, 0]]) ctx.lineTo(x + p, y + q);
  ctx.closePath();
  ctx.fillStyle = fill;
  ctx.fill();
  ctx.strokeStyle = edge;
  ctx.lineWidth = width;
  ctx.stroke();
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 * @param {number} head
 */
export function arrow(ctx, x0, y0, x1, y1, head) {
  const angle = Math.atan2(y1 - y0, x1 - x0);
  const reach = Math.min(head, Math.hypot(x1 - x0, y1 - y0));
  line(ctx, x0, y0, x1 - 0.6 * reach * Math.cos(angle), y1 - 0.6 * reach * Math.sin(angle));
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  for (const turn of [0.42, -0.42]) ctx.lineTo(x1 - reach * Math.cos(angle + turn), y1 - reach * Math.sin(angle + turn));
  ctx.fill();
}
