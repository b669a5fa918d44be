// Lab filter, view "states": truth, observations and members over the cycles.
import { drawCycles } from '../../plots/cycles.js';
import { number } from '../../plots/kit.js';
import { prose, sentences } from '../../plots/prose.js';
import { many } from '../shared/words.js';
import { exactOf, lawOf, placesOf, spanOf } from './laws.js';

/**
 * @typedef {import('./laws.js').Side} Side
 * @typedef {import('./laws.js').FilterScene} FilterScene
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('./laws.js').Look} Look
 */

/** @param {number} i */
export const sub = (i) => String(i).replace(/\d/g, (d) => '₀₁₂₃₄₅₆₇₈₉'[Number(d)]);

/** What asks for the exact filter where there is one. @param {any} side */
export const exactly = (side) => (side.scene.known ? [{ question: 'exact' }] : []);

/** @param {Look} look */
function describe({ side, frame }) {
  const { scene, run } = side;
  const cycle = scene.level_index[frame];
  if (run.reached === 0) return 'The filter has not begun.';
  const d = scene.states;
  const coordinates = Array.from({ length: Math.min(3, d) }, (_, c) => {
    const name = d > 1 ? `x${sub(c + 1)}` : 'x';
    const [m, s] = [run.data.mean[frame * d + c], run.data.sd[frame * d + c]];
    return `${name} = ${number(m)} ± ${number(s)}, truth ${number(scene.truth[cycle * d + c])}`;
  });
  return sentences(
    prose`Truth, ${many(scene.observed.length, 'observed cycle')} and ${scene.n > 0 ? many(scene.n, 'member') : 'one law'} over
      ${many(scene.steps, 'cycle')}.`,
    `At cycle ${cycle}: ${coordinates.join('; ')}${d > 3 ? `; and ${d - 3} more coordinates` : ''}.`);
}

/** @type {View} */
export const states = {
  id: 'states',
  needs: (_state, side) => exactly(side),
  common: (/** @type {Side[]} */ sides) => Array.from({ length: sides[0].scene.states }, (_, c) => spanOf(sides, c)),
  draw(s, look) {
    const { side, frame, pal, common } = /** @type {Look} */ (look);
    const { scene, run, id } = side;
    const exact = exactOf(side);
    drawCycles(s, {
      scene: { ...scene, lo: common.map((/** @type {number[]} */ v) => v[0]), hi: common.map((/** @type {number[]} */ v) => v[1]) },
      data: run.data, frame, reached: run.reached, side: id, pal,
      exact: exact ? lawOf(exact, scene, common[0]) : null,
      places: placesOf(side), members: scene.shown > 0, unit: 'time units',
    });
  },
  describe,
  words({ a }) {
    const side = /** @type {Side|null} */ (/** @type {unknown} */ (a));
    if (!side) return '';
    const { scene } = side;
    return sentences(
      prose`From left to right run the cycles: the model carries the filter to the next one (forecast), then the observation corrects it
        (analysis). What is drawn at a cycle is the analysis.`,
      scene.known && scene.states === 1 && prose`The map behind is the exact law of the state given the observations so far: the stronger,
        the likelier.`,
      scene.known && scene.states > 1 && 'Ink is the exact filter: its mean and its bands.',
      !scene.known && 'No exact law is known here.',
      exactOf(side)?.fault && `The exact filter ends early: ${exactOf(side)?.fault}`,
      scene.n > scene.shown && `Of ${many(scene.n, 'member')} the first ${scene.shown} are drawn; mean and scores are those of all.`,
      ['abs', 'square'].includes(side.info.values.operator) && 'The sign is not seen: each observation has two diamonds.');
  },
};
