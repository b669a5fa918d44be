// View "cost": what a run asks for, as bars; below them how far the samples' moments are off along the chain.
import { LEFT, indexAxis, layout, recorded } from './chain.js';
import { count, font, frame as border, label, leftAxis, legend, line, logTicks } from './kit.js';
import { inside } from './plane.js';
import { nearestInt, readable } from './reading.js';

/**
 * @typedef {import('../app/store.js').ChainScene} ChainScene
 * @typedef {import('../app/store.js').RunState} RunState
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Box} Box
 * @typedef {import('./kit.js').Palette} Palette
 * @typedef {{ id: 'a'|'b', scene: ChainScene, run: RunState, info: { values: Record<string, string> } }} Side
 */

const ROW = 20;
const COORDINATES = [2.2, 1.3, 0.9, 0.6]; // widths of their lines

/** Where there is nothing to hold the samples against. */
export const NO_EXACT =
  'How far the samples are off is not known here: with a saturating operator there is no exact posterior to hold them against.';

/**
 * A cost: what the run took, null until that is known, and where that alone is not known before, the most it can be.
 * @typedef {{ name: string, value: number|null, most: number }} Cost
 */

/**
 * What a run costs. The most products that a rule takes (src/guide): none where it needs no gradient, one an evaluation
 * for a covariance in closed form, and for `exact` as many more as conjugate gradients take, two a row of y (of a segment
 * also two a number of its context). What it took is counted by the run.
 * @param {Side} side
 * @returns {Cost[]}
 */
export function costs({ scene, run, info }) {
  const rule = info.values.guidance;
  const context = info.values.method === 'ar' ? Number(info.values.context ?? 1) * scene.states : 0;
  const exact = rule === 'exact' ? 1 + 2 * (scene.y.length + context) : 1;
  const products = rule === 'none' || rule === 'replace' ? 0 : scene.nfe * exact;
  return [
    { name: 'evaluations of the score, a chain', value: scene.nfe, most: scene.nfe },
    { name: 'products with its Jacobian, a chain', value: products > 0 ? run.products : 0, most: products },
    { name: 'numbers held at once, all chains', value: scene.state_floats, most: scene.state_floats },
  ];
}

/** @param {Cost} cost */
export function costValue({ value, most }) {
  if (value === null) return `at most ${count(most)}`;
  const whole = Math.round(value);
  return `${count(whole)}${whole < most ? `, at most ${count(most)}` : ''}`;
}

/**
 * Along the chain: |mean − exact|, root mean square over the coordinates; sd/exact − 1 of each coordinate; and what as many exact draws
 *   would have.
 * @typedef {{ mean: Float64Array, sd: Float64Array[], luck: { mean: Float64Array, sd: number } }} Off
 */

/** How far the samples are off at the last frame. @param {Side} side @returns {Off|null} */
export function offs({ scene, run }) {
  if (run.reached === 0 || scene.reference === 'none') return null;
  const m = recorded(scene, run, 'mean', run.reached - 1);
  const sd = recorded(scene, run, 'sd', run.reached - 1);
  const { length: L, states: p, n } = scene;
  const over = (/** @type {(i: number) => number} */ f) => Float64Array.from({ length: L }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < p; c++) sum += f(i * p + c) ** 2;
    return Math.sqrt(sum / p);
  });
  const ratio = (/** @type {number} */ i) => (scene.sd[i] > 0 ? sd[i] / scene.sd[i] - 1 : sd[i] > 1e-9 ? Infinity : 0);
  return {
    mean: over((i) => m[i] - scene.mean[i]),
    sd: Array.from({ length: p }, (_, c) => Float64Array.from({ length: L }, (_x, i) => ratio(i * p + c))),
    luck: { mean: over((i) => scene.sd[i] / Math.sqrt(n)), sd: 1 / Math.sqrt(2 * Math.max(1, n - 1)) },
  };
}

/** @param {Surface} s @param {Side[]} sides @param {Palette} pal */
export function drawCost(s, sides, pal) {
  const top = bars(s, sides, pal) + 12;
  const found = sides.map(offs);
  if (sides.every(({ scene }) => scene.reference === 'none')) return void sentence(s, NO_EXACT, 4, top + 14, s.w - 8, pal);
  if (s.h - top < 110) return;
  const { n } = sides[0].scene;
  /** @type {import('./kit.js').Key[]} */
  const keys = [
    ...sides.map(({ id }) => ({
      kind: /** @type {const} */ ('line'),
      text: sides.length > 1 ? id.toUpperCase() : 'samples at the end',
      color: pal[id],
      width: 2.2,
    })),
    {
      kind: 'dash',
      text: s.w > 520 ? `what ${count(n)} exact draw${n === 1 ? '' : 's'} would have, root mean square` : 'what exact draws have, r.m.s.',
      color: pal.muted,
      width: 1.6,
    },
  ];
  const head = legend(s, keys, 46, top, s.w - 50, pal) + 6;
  const states = Math.max(...sides.map(({ scene }) => scene.states));
  const across = s.w > 620;
  const w = across ? s.w / 2 : s.w;
  const rest = s.h - top - head;
  const h = across ? rest : rest / 2;
  const first = found.findIndex(Boolean);
  const charts = [
    { name: '|mean − exact|', lines: found.map((f) => (f ? [f.mean] : [])), luck: found[first] ? [found[first].luck.mean] : [] },
    {
      name: states > 1 ? `sd/exact − 1 of ${Array.from({ length: states }, (_, c) => `x${'₁₂₃₄'[c]}`).join(', ')}` : 'sd/exact − 1',
      lines: found.map((f) => f?.sd ?? []),
      luck: found[first]
        ? [1, -1].map((sign) => Float64Array.from(found[first]?.luck.mean ?? [], () => sign * (found[first]?.luck.sd ?? 0)))
        : [],
    },
  ];
  charts.forEach(({ name, lines, luck }, k) => {
    const whole = { x: across ? k * w : 0, y: top + head + (across ? 0 : k * h), w, h };
    const all = [...lines.flat(), ...luck].flatMap((v) => [...v]).filter(Number.isFinite);
    const hi = Math.max(1e-6, ...all) * 1.12;
    const lo = Math.min(0, ...all) * 1.12;
    const box = { x: whole.x + 58, y: whole.y + 4, w: whole.w - 72, h: whole.h - 46 };
    if (box.h < 30) return;
    const py = (/** @type {number} */ v) => box.y + (box.h * (hi - v)) / (hi - lo);
    sides.forEach(({ id, scene }, i) => {
      const at = layout({ ...s, w: box.w + LEFT + 8 }, { ...scene, states: 1 }, 0);
      const px = (/** @type {number} */ j) => at.px(j) - LEFT + box.x;
      inside(s, box, () => {
        const { ctx } = s;
        const through = (
          /** @type {Float64Array} */ values,
          /** @type {string} */ color,
          /** @type {number} */ width,
          /** @type {number[]} */ dash,
        ) => {
          ctx.strokeStyle = color;
          ctx.lineWidth = width;
          ctx.setLineDash(dash);
          ctx.beginPath();
          values.forEach((v, j) => {
            if (values.length === 1) ctx.lineTo(px(-0.4), py(v));
            ctx.lineTo(px(j + (values.length === 1 ? 0.4 : 0)), py(Math.min(v, 1e6)));
          });
          ctx.stroke();
          ctx.setLineDash([]);
        };
        if (i === 0) {
          ctx.strokeStyle = pal.muted;
          ctx.lineWidth = 0.7;
          line(ctx, box.x, py(0), box.x + box.w, py(0));
        }
        if (i === first) for (const v of luck) through(v, pal.muted, 1.6, [5, 4]);
        lines[i].forEach((v, c) => through(v, pal[id], COORDINATES[c], []));
      });
      if (i === 0) indexAxis(s, box, scene.length, { px }, pal, true);
    });
    border(s, box, pal);
    leftAxis(s, box, { kind: 'linear', lo, hi, scale: 1 }, pal, name);
    const places = layout({ ...s, w: box.w + LEFT + 8 }, { ...sides[0].scene, states: 1 }, 0);
    readable(s, box, (x) => {
      const i = nearestInt(places.index(x - box.x + LEFT), 0, sides[0].scene.length - 1);
      const what = k === 0 ? '|mean − exact|' : 'sd/exact − 1';
      const of = (/** @type {number} */ side, /** @type {number} */ c) => [sides.length > 1 && sides[side].id.toUpperCase(),
        lines[side].length > 1 && `x${'₁₂₃₄'[c]}`].filter(Boolean).join(', ');
      return { at: `index ${i}`, x: places.px(i) - LEFT + box.x, values: [
        ...lines.flatMap((all, side) => all.map((v, c) =>
          /** @type {import('./reading.js').Value} */ ([[what, of(side, c)].filter(Boolean).join(', '), v[i]]))),
        ...luck.slice(0, 1).map((v) => /** @type {import('./reading.js').Value} */ (['exact draws, r.m.s.', v[i]])),
      ] };
    });
  });
}

/** The bars, on one logarithmic axis from 1; returns their height. @param {Surface} s @param {Side[]} sides @param {Palette} pal */
function bars(s, sides, pal) {
  const { ctx } = s;
  const rows = costs(sides[0]).map((_, k) => sides.map((side) => ({ id: side.id, ...costs(side)[k] })));
  const names = s.w > 520 ? 236 : 0;
  const x = names + 6;
  ctx.font = font(12); // of the labels
  const room = s.w - x - Math.max(80, ...rows.flat().map((r) => 14 + ctx.measureText(costValue(r)).width)) - (sides.length > 1 ? 20 : 0);
  const most = Math.max(...rows.flat().map((r) => Math.max(r.value ?? 0, r.most)), 10);
  const far = (/** @type {number} */ v) => (room * Math.log(Math.max(v, 1))) / Math.log(most);
  const from = x + (sides.length > 1 ? 18 : 0);
  const foot = rows.reduce((sum, row) => sum + (names ? 0 : 17) + row.length * ROW + 5, 0);
  for (const v of logTicks(1, most, 1)) {
    ctx.strokeStyle = pal.line;
    ctx.lineWidth = 1;
    line(ctx, from + far(v), 2, from + far(v), foot);
    label(s, count(v), from + far(v), foot + 8, { color: pal.muted, align: 'center' });
  }
  label(s, names ? 'logarithmic axis' : 'logarithmic', names ? 4 : s.w - 4, foot + 8, { color: pal.ink, align: names ? 'left' : 'right' });
  let y = 0;
  for (const row of rows) {
    if (!names) {
      label(s, row[0].name, 4, y + 9, { color: pal.ink });
      y += 17;
    }
    row.forEach((cost, i) => {
      const { id, name, value } = cost;
      const end = Math.max(value ?? 0, cost.most);
      if (names && i === 0) label(s, name, 4, y + (ROW * row.length) / 2, { color: pal.ink });
      if (row.length > 1) label(s, id.toUpperCase(), x, y + ROW / 2, { color: id === 'b' ? pal.bText : pal.a, weight: '600' });
      const bar = (/** @type {number} */ v) => ctx.fillRect(from, y + 3, Math.max(far(v), v > 0 ? 1.5 : 0), ROW - 7);
      ctx.fillStyle = id === 'b' ? pal.bFill : pal.aFill;
      ctx.globalAlpha = 0.35; // a bound
      if (end > (value ?? 0)) bar(end);
      ctx.globalAlpha = 1;
      bar(value ?? 0);
      ctx.strokeStyle = pal.muted;
      ctx.lineWidth = 1;
      line(ctx, from, y + 1, from, y + ROW - 2);
      label(s, costValue(cost), from + far(end) + 7, y + ROW / 2, { color: pal.ink });
      y += ROW;
    });
    y += 5;
  }
  return y + 18;
}

/**
 * Words in as many lines as they need.
 * @param {Surface} s
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {Palette} pal
 */
function sentence(s, text, x, y, width, pal) {
  s.ctx.font = font(12);
  let now = '';
  for (const word of text.split(' ')) {
    const next = now ? `${now} ${word}` : word;
    if (now && s.ctx.measureText(next).width > width) {
      label(s, now, x, y, { color: pal.muted });
      y += 18;
      now = word;
    } else now = next;
  }
  label(s, now, x, y, { color: pal.muted });
}
