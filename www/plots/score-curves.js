// View "score-error": how wrong the score of a blanket is, over the noise.
import { chart } from './error-curves.js';
import { dot, font, label, legend, line, number } from './kit.js';
import { nearest, readable } from './reading.js';

/**
 * @typedef {import('../../pkg/cpu/scorefield.js').ChainScoreErrors} ChainScoreErrors
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Palette} Palette
 */

const DECADES = 4; // of the vertical axis, shared by all configurations

/** @typedef {ChainScoreErrors['curves'][number]} Curve */
/** The windows of a run's score; none of the full one. @typedef {{ k: number, learned: boolean }|null} Own */

/** Whether a curve is that of the run. @param {Curve} curve @param {Own} own */
export const isOwn = (curve, own) => !!own && curve.k === own.k && curve.learned === own.learned;

/** @param {Curve} curve @param {Own} own */
export const nameOf = ({ k, learned }, own) => (learned ? `network, k = ${k}` : own?.learned ? `exact windows, k = ${k}` : `k = ${k}`);

/** Where the largest of a curve is. @param {Curve} curve */
export function peak({ ratio, error }) {
  let at = 0;
  for (let i = 1; i < error.length; i++) if (error[i] > error[at]) at = i;
  return { ratio: ratio[at], error: error[at] };
}

/** @typedef {import('./kit.js').Box} Box */
/**
 * A curve's name beside its largest value.
 * @typedef {{ mine: boolean, text: string, weight: string, w: number, x: number, y: number }} Name
 */

/** @param {Box} p @param {Box} q */
const meet = (p, q) => p.x < q.x + q.w && q.x < p.x + p.w && p.y < q.y + q.h && q.y < p.y + p.h;

/** Points of a broken line, close enough to see whether it runs through a name. @param {{ x: number, y: number }[]} line */
function dense(line) {
  return line.flatMap((p, i) => {
    const q = line[i + 1] ?? p;
    const n = Math.max(1, Math.min(60, Math.ceil(Math.hypot(q.x - p.x, q.y - p.y) / 4)));
    return Array.from({ length: n }, (_, k) => ({ x: p.x + ((q.x - p.x) * k) / n, y: p.y + ((q.y - p.y) * k) / n }));
  });
}

/**
 * The place of a name: near its point, on no curve and on no other name where there is room for that.
 * @param {Name} name
 * @param {Box} frame
 * @param {{ x: number, y: number }[]} curves
 * @param {Box[]} taken
 */
function placeOf({ x, y, w }, frame, curves, taken) {
  let best = { cost: Infinity, box: { x: frame.x + 3, y: frame.y + 2, w: w + 4, h: 16 } };
  for (const way of [1, -1]) {
    for (const reach of [24, 50, 80, 120, 170, 230, 300]) {
      for (const rise of [-10, -28, 8, 26, 46]) {
        const box = { x: way > 0 ? x + reach : x - reach - w - 4, y: y + rise - 8, w: w + 4, h: 16 };
        const inside =
          box.x >= frame.x + 2 && box.x + box.w <= frame.x + frame.w - 2 && box.y >= frame.y + 1 && box.y + 16 <= frame.y + frame.h - 14;
        if (!inside || taken.some((other) => meet(box, other))) continue;
        const cost = 60 * curves.filter((p) => meet(box, { ...p, w: 1, h: 1 })).length + reach + Math.abs(rise + 10) / 2;
        if (cost < best.cost) best = { cost, box };
      }
    }
  }
  return best.box;
}

/**
 * @param {Surface} s
 * @param {{ errors: ChainScoreErrors, own: Own, levels: number[], side: 'a'|'b', pal: Palette, note: string }} input
 */
export function drawScoreErrors(s, { errors: { curves }, own, levels, side, pal, note }) {
  const most = Math.max(...curves.map((c) => c.most), 1e-6);
  const hi = 10 ** Math.ceil(Math.log10(most) + 0.1);
  const up = { lo: hi / 10 ** DECADES, hi };
  const ends = curves.map(({ ratio }) => [ratio[0], ratio[ratio.length - 1]]);
  const across = { lo: Math.min(...ends.map((e) => e[0])), hi: Math.max(...ends.map((e) => e[1])) };
  const color = (/** @type {boolean} */ mine) => (mine ? pal[side] : pal.ink);
  const others = own?.learned ? 'exact scores of windows' : own ? 'other half-windows k' : 'half-windows k';
  const ownText = own && `${own.learned ? 'network, ' : ''}k = ${own.k}, this run’s`;
  /** @type {import('./kit.js').Key[]} */
  const keys = [{ kind: 'line', text: others, color: pal.ink, width: 1.2 }, { kind: 'dots', text: 'levels of this run', color: pal[side] }];
  if (ownText) keys.unshift({ kind: 'line', text: ownText, color: pal[side], width: 3 });
  const whole = { x: 0, y: 0, w: s.w - 8, h: s.h - 2 };
  const head = legend(s, keys, 0, 0, whole.w - 8, pal, true);
  const axes = { x: 'noise ratio σ/α, from noise to data', y: s.h < 290 ? 'relative error' : 'relative error of the score', across, up };
  chart(s, whole, { ...axes, title: note, keys, back: true, head, pal }, (box, px, py) => {
    const { ctx } = s;
    const lines = curves.map(({ ratio, error }) => Array.from(ratio, (r, i) => ({ x: px(r), y: py(Math.max(error[i], up.lo / 10)) })));
    const names = curves.map((curve, i) => {
      const mine = isOwn(curve, own);
      const top = peak(curve);
      ctx.strokeStyle = color(mine);
      ctx.lineWidth = mine ? 3 : 1.2;
      ctx.beginPath();
      for (const p of lines[i]) ctx.lineTo(p.x, p.y);
      ctx.stroke();
      const text = `${nameOf(curve, own)}: ${number(curve.most, 3, true)}`;
      const weight = mine ? '600' : '';
      ctx.font = font(12, weight);
      return { mine, text, weight, w: ctx.measureText(text).width, x: px(top.ratio), y: py(top.error) };
    }).sort((p, q) => p.y - q.y);
    readable(s, box, (cx, cy) => {
      const all = curves.flatMap((curve, i) => lines[i].map((p, j) => ({ ...p, curve, j })));
      const found = nearest(all, cx, cy);
      return found && { at: `${nameOf(found.curve, own)}, σ/α = ${number(found.curve.ratio[found.j])}`, x: found.x, y: found.y, values: [
        ['relative error of the score', found.curve.error[found.j]],
      ] };
    });
    ctx.fillStyle = pal[side];
    for (const v of levels) if (v >= across.lo && v <= across.hi) dot(ctx, px(v), box.y + box.h - 5, 2.2);
    const all = lines.flatMap(dense);
    /** @type {Box[]} */
    const taken = [];
    for (const name of names) {
      const { mine, x, y } = name;
      const at = placeOf(name, box, all, taken);
      taken.push(at);
      ctx.fillStyle = color(mine);
      dot(ctx, x, y, mine ? 4.5 : 3);
      ctx.strokeStyle = pal.muted;
      ctx.lineWidth = 0.8;
      const right = at.x > x;
      line(ctx, x + (right ? 5 : -5), y - 1, right ? at.x - 2 : at.x + at.w + 2, at.y + 8);
      label(s, name.text, at.x + 2, at.y + 8, { color: mine && side === 'b' ? pal.bText : color(mine), weight: name.weight });
    }
  });
}
