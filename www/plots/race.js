// A race of methods: the error of each against its time, both axes logarithmic.
import { dot, font, frame as border, label, line, logTicks, number } from './kit.js';
import { nearest, readable } from './reading.js';

/**
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Palette} Palette
 */

/**
 * One method.
 * @typedef {object} Mark
 * @property {string} name
 * @property {number} error
 * @property {number} ms
 * @property {string} own  the sides of the link that it is: '', 'a', 'b' or 'ab'
 * @property {boolean} exact
 */

const LEFT = 52;
const BOTTOM = 36;

/** The ends of a logarithmic axis around some values. @param {number[]} all */
function ends(all) {
  const [lo, hi] = [Math.min(...all), Math.max(...all)];
  const room = Math.max(1.25, (hi / lo) ** 0.08);
  return [lo / room, hi * room];
}

/** @param {number} ms */
const timeName = (ms) => (ms < 1 ? `${number(ms * 1000)} µs` : ms < 1000 ? `${number(ms)} ms` : `${number(ms / 1000)} s`);

/** @param {Surface} s @param {{ marks: Mark[], waiting: boolean, pal: Palette }} input */
export function drawRace(s, { marks, waiting, pal }) {
  const { ctx } = s;
  const box = { x: LEFT, y: 10, w: s.w - LEFT - 10, h: s.h - BOTTOM - 12 };
  if (!marks.length) {
    label(s, waiting ? 'Preparing the race' : 'The first method is running', s.w / 2, s.h / 2, { color: pal.muted, align: 'center' });
    return;
  }
  const [x0, x1] = ends(marks.map(({ ms }) => ms));
  const [y0, y1] = ends(marks.map(({ error }) => Math.max(error, 1e-6)));
  const px = (/** @type {number} */ v) => box.x + (box.w * Math.log(v / x0)) / Math.log(x1 / x0);
  const py = (/** @type {number} */ v) => box.y + box.h * (1 - Math.log(Math.max(v, 1e-6) / y0) / Math.log(y1 / y0));
  border(s, box, pal);
  ctx.strokeStyle = pal.muted;
  ctx.lineWidth = 1;
  for (const v of logTicks(x0, x1, Math.max(2, box.w / 62))) {
    line(ctx, px(v), box.y + box.h, px(v), box.y + box.h + 4);
    const half = ctx.measureText(timeName(v)).width / 2;
    label(s, timeName(v), Math.min(px(v), s.w - half - 1), box.y + box.h + 13, { color: pal.muted, align: 'center' });
  }
  for (const v of logTicks(y0, y1, Math.max(3, box.h / 40))) {
    line(ctx, box.x - 4, py(v), box.x, py(v));
    label(s, number(v), box.x - 7, py(v), { color: pal.muted, align: 'right' });
  }
  label(s, 'time of the filter', box.x + box.w / 2, box.y + box.h + 28, { color: pal.ink, align: 'center' });
  ctx.save();
  ctx.translate(11, box.y + box.h / 2);
  ctx.rotate(-Math.PI / 2);
  label(s, 'RMSE', 0, 0, { color: pal.ink, align: 'center' });
  ctx.restore();
  const exact = marks.find((mark) => mark.exact);
  if (exact) {
    ctx.strokeStyle = pal.ink;
    ctx.globalAlpha = 0.5;
    ctx.setLineDash([5, 4]);
    line(ctx, box.x, py(exact.error), box.x + box.w, py(exact.error));
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
  }
  const color = (/** @type {Mark} */ mark) => (mark.exact ? pal.ink : mark.own.includes('a') ? pal.a : mark.own ? pal.b : pal.muted);
  for (const mark of marks) {
    ctx.fillStyle = color(mark);
    dot(ctx, px(mark.ms), py(mark.error), mark.own || mark.exact ? 5.5 : 4);
  }
  readable(s, box, (x, y) => {
    const found = nearest(marks.map((mark) => ({ mark, x: px(mark.ms), y: py(mark.error) })), x, y);
    return found && { at: found.mark.name, x: found.x, y: found.y, values: [
      ['RMSE', found.mark.error], ['time of the filter', found.mark.ms, 'ms'],
    ] };
  });
  const inked = (/** @type {Mark} */ mark) => (mark.own || mark.exact ? color(mark) : pal.ink);
  names(s, box, marks.map((mark) => ({ mark, x: px(mark.ms), y: py(mark.error), color: inked(mark) })), pal);
}

/** @typedef {{ l: number, t: number, r: number, b: number }} Room */

/** @param {Room} p @param {Room} q */
const overlap = (p, q) => p.l < q.r && p.r > q.l && p.t < q.b && p.b > q.t;

const HIGH = 14; // of a name
/** How far a name may be from its dot, in pixels; beyond the first a line leads there. */
const REACH = [8, 22, 38, 56];

/**
 * Places for a name around a dot, the nearest first: right, left, above, below, and the corners. Above and below it stays within the
 * picture.
 * @param {number} x @param {number} y @param {number} w @param {import('./kit.js').Box} box @returns {{ room: Room, far: boolean }[]}
 */
function roomsFor(x, y, w, box) {
  return REACH.flatMap((reach, i) => [[1, 0], [-1, 0], [0, -1], [0, 1], [1, -1], [1, 1], [-1, -1], [-1, 1]].map(([dx, dy]) => {
    const beside = x + dx * reach + (dx - 1) * w / 2;
    const l = dy ? Math.max(box.x, Math.min(box.x + box.w - w, beside)) : beside;
    const t = y + dy * (reach + HIGH / 2) - HIGH / 2;
    return { room: { l, t, r: l + w, b: t + HIGH }, far: i > 0 };
  }));
}

const STEPS = 12; // of a line from a dot to its name

/**
 * Points of the line from a dot to the nearest place of a name.
 * @param {number} x @param {number} y @param {Room} room @returns {Room[]}
 */
function way(x, y, { l, t, r, b }) {
  const [ex, ey] = [Math.max(l, Math.min(r, x)), Math.max(t, Math.min(b, y))];
  return Array.from({ length: STEPS }, (_, i) => {
    const part = (i + 1) / STEPS;
    const [px, py] = [x + part * (ex - x), y + part * (ey - y)];
    return { l: px, t: py, r: px + 1, b: py + 1 };
  });
}

/**
 * The names beside their dots, where there is room: the link's own and the exact answer first. Those of the link are always there: where
 * there is no room, in the place that hides least. The table has them all.
 * @param {Surface} s
 * @param {import('./kit.js').Box} box
 * @param {{ mark: Mark, x: number, y: number, color: string }[]} places
 * @param {Palette} pal
 */
function names(s, box, places, pal) {
  const { ctx } = s;
  const first = (/** @type {Mark} */ { own, exact }) => (own ? 0 : exact ? 1 : 2);
  /** @type {Room[]} */
  const taken = places.map(({ x, y }) => ({ l: x - 6, t: y - 6, r: x + 6, b: y + 6 }));
  for (const { mark, x, y, color } of [...places].sort((p, q) => first(p.mark) - first(q.mark) || p.mark.error - q.mark.error)) {
    const weight = mark.own ? '600' : '';
    ctx.font = font(11, weight);
    const w = Math.min(ctx.measureText(mark.name).width + 4, box.w);
    const inside = (/** @type {Room} */ { l, t, r, b }) => l >= box.x && r <= box.x + box.w && t >= box.y && b <= box.y + box.h;
    const others = taken.filter((_, i) => i >= places.length || places[i].mark !== mark);
    const hides = (/** @type {Room} */ room) => taken.filter((other) => overlap(room, other)).length;
    const rooms = roomsFor(x, y, w, box).filter(({ room }) => inside(room));
    let free = rooms.find(({ room, far }) => hides(room) === 0
      && (!far || way(x, y, room).every((step) => !others.some((other) => overlap(step, other)))));
    if (mark.own) free ??= rooms.sort((p, q) => hides(p.room) - hides(q.room))[0]; // the nearest of equal ones
    if (!free) continue;
    const { l, t } = free.room;
    taken.push(free.room);
    if (free.far) {
      const steps = way(x, y, free.room);
      taken.push(...steps);
      const end = steps[steps.length - 1];
      ctx.strokeStyle = pal.muted;
      ctx.lineWidth = 0.8;
      line(ctx, x, y, end.l, end.t);
    }
    label(s, mark.name, l + 2, t + HIGH / 2, { color, size: 11, weight, max: box.w - 4 });
  }
}
