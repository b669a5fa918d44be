// The lab stub in the page, as a lab brings itself: a record, two views, words. It is served in place of www/labs/stub/index.js.
import { frame as border, label, leftAxis, ticks } from '../../plots/kit.js';
import { answerOf } from '../../app/answers.js';
import { h } from '../../ui/dom.js';

/** The box of the picture, with its axes: the index to the right, from −reach to reach or from 0 to 1 upwards. */
function axes(s, scene, lo, hi, name, pal) {
  const box = { x: 62, y: 16, w: s.w - 78, h: s.h - 60 };
  border(s, box, pal);
  leftAxis(s, box, { kind: 'linear', lo, hi, scale: 1 }, pal, name);
  const across = (i) => box.x + (box.w * i) / scene.steps;
  const up = (x) => box.y + (box.h * (hi - x)) / (hi - lo);
  for (const i of ticks(0, scene.steps, 6)) label(s, String(i), across(i), box.y + box.h + 14, { color: pal.muted, align: 'center' });
  label(s, 'index i', box.x + box.w / 2, box.y + box.h + 34, { color: pal.ink, align: 'center' });
  return { across, up };
}

/** A curve through values at indices. */
function curve({ ctx }, { across, up }, at, values, color, width) {
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  ctx.beginPath();
  at.forEach((i, n) => ctx[n ? 'lineTo' : 'moveTo'](across(i), up(values(n))));
  ctx.stroke();
}

/** The indices of the frames that are there, up to the one that is shown. */
const reached = ({ side: { scene, run }, frame }) => [...scene.level_index].slice(0, Math.min(frame + 1, run.reached));

const paths = {
  id: 'paths',
  draw(s, look) {
    const { side: { id, scene, run }, pal } = look;
    const place = axes(s, scene, -scene.reach, scene.reach, 'x', pal);
    const at = reached(look);
    s.ctx.globalAlpha = 0.4;
    for (let k = 0; k < scene.shown; k++) curve(s, place, at, (n) => run.data.x[n * scene.shown + k], pal[id], 1);
    s.ctx.globalAlpha = 1;
  },
  describe: (look) => `${look.side.scene.shown} paths, up to index ${reached(look).at(-1)}.`,
  words: () => 'Each line is a path.',
};

const spread = {
  id: 'spread',
  needs: () => [{ question: 'variance' }],
  draw(s, look) {
    const { side, pal } = look;
    const place = axes(s, side.scene, 0, 1.2, 'variance', pal);
    const exact = answerOf(side, 'variance')?.variance;
    if (exact) curve(s, place, [...exact.keys()], (n) => exact[n], pal.ink, 2);
    curve(s, place, reached(look), (n) => side.run.data.variance[n], pal[side.id], 1.5);
  },
  describe: ({ side }) => {
    const exact = answerOf(side, 'variance')?.variance;
    return exact ? `Exact variance at the last index: ${exact.at(-1).toFixed(6)}.` : 'The exact variance is on its way.';
  },
  words: () => 'Ink is the exact variance.',
};

export default {
  id: 'stub',
  views: [paths, spread],
  story: ({ info }, color) => `In ${color}, paths with persistence ${info.values.persistence}.`,
  equations: () => h('p', {}, 'xᵢ = a·xᵢ₋₁ + √(1 − a²)·z'),
  tries: [['Less persistence', 'v=1&lab=stub&persistence=0.2&seed=0', 'The variance is there after a few steps.']],
  help: { words: 'Nothing but the slider.' },
};
