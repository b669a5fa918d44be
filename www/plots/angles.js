// View "angles": the two angles of the particles on the torus, against their exact densities.
import { frame as border, label, legend, line, number, ticks } from './kit.js';
import { nearestInt, readable } from './reading.js';

/**
 * @typedef {import('../app/store.js').SpaceScene} SpaceScene
 * @typedef {import('../app/store.js').RunState} RunState
 * @typedef {import('./kit.js').Surface} Surface
 * @typedef {import('./kit.js').Palette} Palette
 */

/** @type {WeakMap<RunState, { reached: number, top: number }>} */
const tops = new WeakMap();

/** The end of the scale of both histograms: that of all frames, so that it stays. @param {SpaceScene} scene @param {RunState} run */
export function topOf(scene, run) {
  let known = tops.get(run);
  if (!known || known.reached !== run.reached) {
    let top = known?.top ?? 1.5 * scene.theta.reduce((p, q) => Math.max(p, q), 0);
    for (let i = (known?.reached ?? 0) * scene.bins; i < run.reached * scene.bins; i++)
      top = Math.max(top, run.data.theta[i], run.data.phi[i]);
    known = { reached: run.reached, top };
    tops.set(run, known);
  }
  return known.top * 1.04;
}

const PI_TICKS = /** @type {const} */ ([[-1, '−π'], [-0.5, '−π/2'], [0, '0'], [0.5, 'π/2'], [1, 'π']]);

/** @param {Surface} s @param {{ scene: SpaceScene, run: RunState, frame: number, side: 'a'|'b', pal: Palette, top: number }} input */
export function drawAngles(s, { scene, run, frame, side, pal, top }) {
  const { ctx } = s;
  const head =
    legend(
      s,
      [
        { kind: 'bars', text: `particles, ${scene.bins} bins`, color: side === 'a' ? pal.aFill : pal.bFill },
        { kind: 'line', text: 'exact, of the data', width: 1.75 },
      ],
      50,
      0,
      s.w - 54,
      pal,
    ) + 8;
  const across = s.w > 560;
  const w = across ? s.w / 2 : s.w;
  const h = across ? s.h - head : (s.h - head) / 2;
  const panels = /** @type {const} */ ([
    ['theta', w < 340 ? 'θ, around the tube (0: outer side)' : 'θ, around the tube, in radians (0: outer side)'],
    ['phi', 'φ, along the tube, in radians'],
  ]);
  panels.forEach(([name, title], i) => {
    const box = { x: (across ? i * w : 0) + 50, y: head + (across ? 0 : i * h) + 6, w: w - 64, h: h - 50 };
    const px = (/** @type {number} */ angle) => box.x + (box.w * (angle + Math.PI)) / (2 * Math.PI);
    const py = (/** @type {number} */ v) => box.y + box.h * (1 - v / top);
    const base = box.y + box.h;
    const step = box.w / scene.bins;
    readable(s, box, (x) => {
      const k = nearestInt((x - box.x) / step - 0.5, 0, scene.bins - 1);
      const at = `${name === 'theta' ? 'θ' : 'φ'} = ${number(-Math.PI + ((k + 0.5) * 2 * Math.PI) / scene.bins)} rad`;
      /** @type {import('./reading.js').Value[]} */
      const values = [['exact density', scene[name][k], 'per rad']];
      if (run.reached > 0) values.push(['density of the particles in this bin', run.data[name][frame * scene.bins + k], 'per rad']);
      return { at, values, x: box.x + (k + 0.5) * step };
    });
    if (run.reached > 0) {
      ctx.fillStyle = side === 'a' ? pal.aFill : pal.bFill;
      for (let k = 0; k < scene.bins; k++) {
        const y = py(run.data[name][frame * scene.bins + k]);
        ctx.fillRect(box.x + k * step, y, step + 0.3, base - y);
      }
    }
    ctx.strokeStyle = pal.ink;
    ctx.lineWidth = 1.75;
    ctx.beginPath();
    for (let k = 0; k < scene.bins; k++) ctx.lineTo(box.x + (k + 0.5) * step, py(scene[name][k]));
    ctx.stroke();
    border(s, box, pal);
    ctx.strokeStyle = pal.muted;
    ctx.lineWidth = 1;
    for (const [v, text] of PI_TICKS) {
      const x = px(v * Math.PI);
      line(ctx, x, base + 1, x, base + 5);
      label(s, text, x, base + 13, { color: pal.muted, align: 'center' });
    }
    for (const v of ticks(0, top, Math.max(2, box.h / 60))) {
      line(ctx, box.x - 5, py(v), box.x - 1, py(v));
      label(s, number(v), box.x - 8, py(v), { color: pal.muted, align: 'right' });
    }
    label(s, title, box.x + box.w / 2, base + 31, { color: pal.ink, align: 'center', max: box.w + 40 });
    if (i === 0 || !across) {
      ctx.save();
      ctx.translate(box.x - 41, box.y + box.h / 2);
      ctx.rotate(-Math.PI / 2);
      label(s, 'density', 0, 0, { color: pal.ink, align: 'center' });
      ctx.restore();
    }
  });
}
