// View "errors": what the network, the steps and the luck of the draw cost, as a bar that adds up; below it the curves.
import { drawCurves } from './error-curves.js';
import { count, font, label, line, number, ticks } from './kit.js';
import { paragraph } from './plane.js';
import { readable } from './reading.js';
import { prose } from './prose.js';

/**
 * @typedef {import('../../pkg/cpu/scorefield.js').ErrorPoint} Point
 * @typedef {import('../../pkg/cpu/scorefield.js').ErrorPlan['sides'][number]} Plan
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 */

/**
 * One side.
 * @typedef {object} Input
 * @property {Plan} plan
 * @property {Point[]} points  from few steps to many
 * @property {Scales} scales
 * @property {number[]} levels  noise ratios at which the run asks its network
 * @property {string} note  what stands in place of numbers that are not there yet
 * @property {Palette} pal
 */

/** @typedef {{ lo: number, hi: number }} Range */

/**
 * Ranges of all axes, shared by the sides.
 * @typedef {{ bar: number, steps: Range, distance: Range|null, ratio: Range, error: Range }} Scales
 */

/** @typedef {{ key: 'score'|'steps'|'exact'|'draw', name: string, value: number, says: string }} Part */

/** What bounds the total. @param {Plan} plan @param {Point} p @returns {Part[]} */
export function parts({ n, own, fine, distance }, p) {
  /** @type {Part} */
  const score = { key: 'score', name: 'score', value: p.score, says: `same noise, same ${own} steps: the network against the exact score` };
  if (p.discretisation === null) {
    return [
      score,
      {
        key: 'exact',
        name: 'exact score',
        value: p.exact,
        says: prose`${distance} of ${count(n)} samples with the exact score at this N: steps and luck of the draw in one, for a sampler that
          draws noise`,
      },
    ];
  }
  return [
    score,
    { key: 'steps', name: 'discretisation', value: p.discretisation, says: `exact score, same start: ${own} steps against ${fine}` },
    {
      key: 'draw',
      name: 'Monte-Carlo',
      value: p.floor,
      says: `what ${count(n)} exact draws cost: exact score, ${fine} steps, against the law`,
    },
  ];
}

/** @param {Part[]} all */
export const sum = (all) => all.reduce((s, { value }) => s + value, 0);

/** @param {Point} p */
export const finite = (p) => Number.isFinite(p.total) && Number.isFinite(p.score) && Number.isFinite(p.exact);

/** @param {{ plan: Plan, points: Point[] }[]} sides @param {number[]} steps @returns {Scales} */
export function scalesOf(sides, steps) {
  const all = [...steps, ...sides.map(({ plan }) => plan.own)];
  const owns = sides.flatMap(({ plan, points }) => points.filter((p) => p.steps === plan.own && finite(p)).map((p) => sum(parts(plan, p))));
  const known = sides.flatMap(({ points }) => points.filter(finite));
  const main = known.flatMap((p) => [p.total, p.score, p.floor]).filter((v) => v > 0);
  const rest = known.flatMap((p) => p.discretisation ?? p.exact).filter((v) => v > 0);
  // what is far off the law, in units of its spread, leaves the box upwards; a discretisation far below everything else downwards
  const far = 5 * Math.max(...sides.flatMap(({ plan }) => [...plan.spread]));
  const top = Math.max(
    ...known.filter((p) => sides.some(({ plan }) => plan.own === p.steps)).map((p) => p.total),
    Math.min(far, Math.max(...main, ...rest)),
  );
  const lo = Math.max(Math.min(...main, ...rest), Math.min(...main) / 30);
  const range = (/** @type {number[]} */ v) => ({ lo: v.reduce((p, q) => Math.min(p, q)), hi: v.reduce((p, q) => Math.max(p, q)) });
  const ratio = range(sides.flatMap(({ plan }) => [...plan.ratio]));
  const error = range(sides.flatMap(({ plan }) => [...plan.x_hat, ...plan.spread]).filter((v) => v > 0));
  return {
    bar: Math.max(...owns, 0),
    steps: { lo: Math.min(...all) / 1.2, hi: Math.max(...all) * 1.2 },
    distance: main.length ? { lo: lo / 1.5, hi: top * 1.5 } : null,
    ratio,
    error: { lo: Math.max(error.lo, error.hi * 1e-5) / 1.5, hi: error.hi * 1.5 },
  };
}

const BAR = 124; // height of the bar with its title and axis
const GAP = 26;
const LEAST = 150; // height of a chart
const STACKED = 2 * 190; // height of two charts, one above the other: in less, the numbers of an axis would lie on each other

/** @param {Surface} s @param {Input} input */
export function drawErrors(s, input) {
  const { plan, points } = input;
  const own = points.find((p) => p.steps === plan.own);
  const wide = s.w > 700;
  const pair = s.w > 560; // the charts side by side
  const barWidth = wide ? Math.round(s.w * 0.56) : s.w;
  const charts = pair ? LEAST : 2 * LEAST + GAP;
  const place = wide ? { x: barWidth + GAP, y: 2, w: s.w - barWidth - GAP - 4 } : { x: 6, y: BAR + 8, w: s.w - 12 };
  let top = BAR;
  if (own && finite(own)) {
    const high = words(s, input, own, { ...place, y: -1e4 });
    const ends = wide ? Math.max(BAR, place.y + high) : place.y + high;
    if (s.h - ends - 14 > charts) {
      words(s, input, own, place);
      top = ends;
    }
  }
  bar(s, { x: 8, y: 0, w: barWidth - 12, h: BAR }, input, own);
  top += 14;
  const h = s.h - top;
  if (h < 90) return; // a small plot is the bar alone
  if (pair) {
    const w = (s.w - GAP) / 2;
    drawCurves(s, [{ x: 0, y: top, w, h }, { x: w + GAP, y: top, w, h }], input);
  } else if (h < STACKED) {
    drawCurves(s, [{ x: 0, y: top, w: s.w, h }], input);
  } else {
    const half = (h - GAP / 2) / 2;
    drawCurves(s, [{ x: 0, y: top, w: s.w, h: half }, { x: 0, y: top + half + GAP / 2, w: s.w, h: half }], input);
  }
}

/** The colour of a part's name. @param {Palette} pal @param {Part['key']} key */
const ink = (pal, key) => ({ score: pal.bText, steps: pal.a, exact: pal.a, draw: pal.muted })[key];

/**
 * The parts in words; returns their height.
 * @param {Surface} s
 * @param {Input} input
 * @param {Point} own
 * @param {{ x: number, y: number, w: number }} at
 */
function words(s, { plan, pal }, own, { x, y, w }) {
  const rows = [
    {
      key: /** @type {const} */ ('total'),
      name: 'total',
      says: `${plan.distance} from the network’s samples to the law, as measured; at most the sum of the parts`,
    },
    ...parts(plan, own),
  ];
  let at = y;
  for (const { key, name, says } of rows) {
    if (key === 'total') thick(s, pal, x, at + 9, x + 16);
    else fill(s, { x, y: at + 3, w: 16, h: 11 }, key, pal);
    s.ctx.font = font(12, '600');
    const indent = x + 24;
    label(s, name, indent, at + 8.5, { color: key === 'total' ? pal.bText : ink(pal, key), weight: '600' });
    const offset = s.ctx.measureText(`${name}  `).width;
    at += hanging(s, says, indent, offset, at, x + w - indent, pal.ink) + 4;
  }
  return at - y;
}

/**
 * A paragraph whose first line begins after a name.
 * @param {Surface} s
 * @param {string} text
 * @param {number} x
 * @param {number} offset
 * @param {number} y
 * @param {number} w
 * @param {string} color
 */
function hanging(s, text, x, offset, y, w, color) {
  s.ctx.font = font(12);
  const all = text.split(' ');
  let first = '';
  while (all.length && s.ctx.measureText(`${first} ${all[0]}`).width < w - offset) first = `${first} ${all.shift()}`.trim();
  label(s, first, x + offset, y + 8.5, { color });
  return 17 + (all.length ? paragraph(s, all.join(' '), x, y + 17, w, color) : 0);
}

/** The stroke of the total. @param {Surface} s @param {Palette} pal @param {number} x0 @param {number} y @param {number} x1 */
function thick({ ctx }, pal, x0, y, x1) {
  ctx.strokeStyle = pal.b;
  ctx.lineWidth = 5;
  line(ctx, x0, y, x1, y);
}

/** A segment in the look of its part. @param {Surface} s @param {Box} box @param {Part['key']} key @param {Palette} pal */
function fill({ ctx }, { x, y, w, h }, key, pal) {
  ctx.save();
  ctx.fillStyle = key === 'score' ? pal.bFill : key === 'draw' ? pal.muted : pal.aFill;
  ctx.globalAlpha = key === 'score' ? 0.3 : key === 'draw' ? 0.4 : 0.9;
  ctx.fillRect(x, y, w, h);
  if (key === 'score') {
    ctx.globalAlpha = 1;
    ctx.beginPath();
    ctx.rect(x, y, w, h);
    ctx.clip();
    ctx.strokeStyle = pal.b;
    ctx.lineWidth = 1.6;
    for (let at = x - h; at < x + w; at += 6) line(ctx, at, y + h, at + h, y);
  }
  ctx.restore();
}

/** @param {Surface} s @param {Box} box @param {Input} input @param {Point|undefined} own */
function bar(s, box, { plan, scales, note, pal }, own) {
  const { ctx } = s;
  label(s, `Errors at N = ${plan.own}: ${plan.distance} of ${count(plan.n)} particles`, box.x - 2, box.y + 8, {
    color: pal.ink,
    size: 13,
    weight: '600',
    max: box.w,
  });
  if (!own || !finite(own)) {
    paragraph(
      s,
      own ? 'The samples are not finite at this number of steps: there is no distance to measure.' : note,
      box.x - 2,
      box.y + 34,
      box.w,
      pal.muted,
    );
    return;
  }
  const all = parts(plan, own);
  const scale = (box.w - 92) / scales.bar; // room for the sum behind the bar
  const px = (/** @type {number} */ v) => box.x + v * scale;
  const bottom = box.y + box.h - 16;
  ctx.lineWidth = 1;
  for (const v of ticks(0, scales.bar * 1.0001, Math.max(2, box.w / 90))) {
    ctx.strokeStyle = pal.line;
    line(ctx, px(v), box.y + 24, px(v), bottom);
    label(s, number(v), px(v), bottom + 8, { color: pal.muted, align: v === 0 ? 'left' : 'center' });
  }
  const y = box.y + 48;
  const high = 24;
  let at = 0;
  const names = all.map((part) => {
    fill(s, { x: px(at), y, w: part.value * scale, h: high }, part.key, pal);
    const middle = px(at + part.value / 2);
    at += part.value;
    return { name: part.name, value: number(part.value), text: '', middle, color: ink(pal, part.key), w: 0, x: 0 };
  });
  ctx.strokeStyle = pal.muted;
  ctx.lineWidth = 1;
  ctx.strokeRect(px(0), y, at * scale, high);
  label(s, `sum ${number(at)}`, px(at) + 7, y + high / 2, { color: pal.ink });
  thick(s, pal, px(0), box.y + 36, px(own.total));
  ctx.lineWidth = 2;
  line(ctx, px(own.total), box.y + 30, px(own.total), y + high + 3);
  label(s, `total ${number(own.total)}`, px(own.total) + 7, box.y + 36, { color: pal.bText, weight: '600' });
  readable(s, { x: box.x, y: box.y + 26, w: Math.max(px(at), px(own.total)) - box.x, h: 50 }, (cx, cy) => {
    /** @type {import('./reading.js').Value} */
    const total = ['total', own.total];
    let end = 0;
    const part = all.find(({ value }) => cx <= px(end += value));
    const first = cy < y || !part ? total : /** @type {import('./reading.js').Value} */ ([part.name, part.value]);
    return { at: `N = ${plan.own}, ${plan.distance}`, values: first === total ? [total, ['sum of the parts', at]] : [first, total] };
  });
  const size = fit(s, names, box.w);
  apart(names, px(0) - 2, box.x + box.w, 12);
  for (const { text, middle, color, w, x } of names) {
    ctx.strokeStyle = pal.muted;
    ctx.lineWidth = 1;
    const foot = Math.max(x + 4, Math.min(x + w - 4, middle));
    ctx.beginPath();
    ctx.moveTo(middle, y + high);
    ctx.lineTo(middle, y + high + 3);
    ctx.lineTo(foot, y + high + 8);
    ctx.stroke();
    label(s, text, x, y + high + 16, { color, size, weight: '600' });
  }
}

/**
 * The words below the bar as they fit: the numbers stay.
 * @param {Surface} s
 * @param {{ name: string, value: string, text: string, w: number }[]} names
 * @param {number} width
 */
function fit({ ctx }, names, width) {
  for (const [size, named] of /** @type {const} */ ([[12, true], [11, true], [12, false]])) {
    ctx.font = font(size, '600');
    for (const name of names) {
      name.text = named ? `${name.name} ${name.value}` : name.value;
      name.w = ctx.measureText(name.text).width;
    }
    if (!named || names.reduce((w, name) => w + name.w + 12, -12) <= width) return size;
  }
  return 12;
}

/**
 * Places words below what they name, none over another.
 * @param {{ middle: number, w: number, x: number }[]} names
 * @param {number} lo
 * @param {number} hi
 * @param {number} gap
 */
function apart(names, lo, hi, gap) {
  let end = lo;
  for (const name of names) {
    name.x = Math.max(end, name.middle - name.w / 2);
    end = name.x + name.w + gap;
  }
  let start = hi;
  for (const name of [...names].reverse()) {
    name.x = Math.max(lo, Math.min(name.x, start - name.w));
    start = name.x - gap;
  }
}

