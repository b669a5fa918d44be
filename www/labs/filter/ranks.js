// Lab filter, view "ranks": where the truth falls among the members, and whether the spread tells the error.
import { number } from '../../plots/kit.js';
import { prose, sentences } from '../../plots/prose.js';
import { chance, drawRanks } from '../../plots/ranks.js';
import { waiting } from '../../app/stage.js';
import { frameAt } from '../../app/store.js';
import { many } from '../shared/words.js';
import { counting } from './laws.js';
import { referenceJob } from './reference.js';
import { asked, note } from './states.js';

/**
 * @typedef {import('./laws.js').Side} Side
 * @typedef {import('./laws.js').FilterScene} FilterScene
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('./laws.js').Look} Look
 */

/** The counts up to a frame. @param {Side} side @param {number} frame */
function ranksAt({ scene, run }, frame) {
  const f = Math.max(0, Math.min(frame, run.reached - 1));
  return run.data.ranks.subarray(f * scene.bins, (f + 1) * scene.bins);
}

const GROUPS = 10;

/** Cycles in groups of about the same spread. @param {Side} side @param {number} frame */
function groupsOf({ scene, run }, frame) {
  const counts = counting(scene);
  const last = Math.min(frame, run.reached - 1);
  /** @type {{ spread: number, error: number }[]} */
  const all = [];
  for (let k = 0; k <= last; k++) if (counts(k)) all.push({ spread: run.data.spread[k], error: run.data.rmse[k] });
  all.sort((p, q) => p.spread - q.spread);
  const n = Math.min(GROUPS, Math.floor(all.length / 3));
  return Array.from({ length: n }, (_, g) => {
    const part = all.slice(Math.floor((g * all.length) / n), Math.floor(((g + 1) * all.length) / n));
    const rms = (/** @type {'spread'|'error'} */ key) => Math.sqrt(part.reduce((sum, v) => sum + v[key] ** 2, 0) / part.length);
    return { spread: rms('spread'), error: rms('error') };
  });
}

/**
 * The axes for all sides, at the shown cycle: the first cases are large shares.
 * @param {Side[]} sides @param {number} at  where the slider stands
 */
function tops(sides, at) {
  let [share, reach] = [0.2, 0];
  for (const side of sides) {
    const frame = frameAt(/** @type {any} */ (side), at);
    const counts = ranksAt(side, frame);
    const { all } = chance(counts);
    if (all > 0) share = Math.max(share, ...Array.from(counts, (n) => (1.1 * n) / all));
    for (const g of groupsOf(side, frame)) reach = Math.max(reach, 1.1 * g.spread, 1.1 * g.error);
  }
  return { share, reach: reach || 1 };
}

/** @type {View} */
export const ranks = {
  id: 'ranks',
  job: referenceJob, // it goes on while this is looked at
  needs: (_state, side) => asked(side),
  note,
  common: (sides, { at }) => tops(sides, at),
  draw(s, look) {
    const { side, frame, pal, common } = /** @type {Look} */ (look);
    if (side.run.reached === 0) return waiting(s, 'The filter has not begun', pal);
    drawRanks(s, { counts: ranksAt(side, frame), groups: groupsOf(side, frame), tops: common, side: side.id, pal });
  },
  describe(look) {
    const { side, frame } = /** @type {Look} */ (look);
    const counts = ranksAt(side, frame);
    const { all } = chance(counts);
    if (all === 0) return 'No analysed cycle after burn-in yet.';
    return prose`Ranks of the truth among the members, in ${counts.length} bins of ${many(all, 'case')}: ${Array.from(counts).join(', ')}.
      Flatness ${number(side.run.data.flatness[Math.max(0, Math.min(frame, side.run.reached - 1))])}, about 1 if the filter is calibrated.`;
  },
  words({ a }) {
    const side = /** @type {Side|null} */ (/** @type {unknown} */ (a));
    if (!side) return '';
    return sentences(
      side.scene.n > 0
        ? 'If the truth is like one of the members, each place among them is as likely.'
        : 'Without members the rank is the probability below the truth: each is as likely if the law is right.',
      'A valley (∪) is a filter that is too sure, a hill (∩) one that is too wide, a slope a bias.',
      side.scene.states > 1 && prose`Coordinates are counted together. They are not independent, so chance has a wider band than the one
        that is drawn.`,
      'The other picture: a filter that knows its error has its points on the line.');
  },
};
