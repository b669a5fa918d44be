// View "sweep" of lab toy1d: the error of every sampler against the number of steps, both sides in one picture.
import { drawSweep, looks, swatch } from '../../plots/sweep.js';
import { palette } from '../../plots/kit.js';
import { isLearned } from '../../app/store.js';
import { segmented, tick } from '../../ui/choices.js';
import { h } from '../../ui/dom.js';
import { VIEWS, sweepWords } from './words.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('../../../pkg/cpu/scorefield.js').SweepPlan} SweepPlan
 * @typedef {import('./index.js').Own} Own
 */

/** The plan of the sweep, once it is there. @param {State} state @returns {SweepPlan|null} */
const planOf = ({ jobs }) => jobs.sweep?.plan ?? null;

/**
 * Series that are not drawn: in a comparison only the sides' own samplers are, unless others are chosen.
 * @param {State} state
 * @param {Own} own
 */
function hidden(state, own) {
  const all = planOf(state)?.series ?? [];
  const wanted = (/** @type {SweepPlan['series'][number]} */ { id, main }) => own.chosen.get(id) ?? (main || !state.opened?.b);
  return new Set(all.filter((series) => !wanted(series)).map(({ id }) => id));
}

/** @param {import('../../app/store.js').JobState} job */
function progress({ points, total, part }) {
  return { text: `Sweeping N: ${points.length} of ${total} runs`, part };
}

/** @type {View} */
export const sweep = {
  id: 'sweep',
  job: { name: 'sweep', without: ['steps'], card: true, what: 'sweep', progress },
  joint: true,
  still: true,
  plain: true,
  draw(s, { state, side, own, pal }) {
    const { opened } = state;
    const { sweep } = state.jobs;
    const name = (/** @type {SweepPlan['series'][number]} */ { side: id, label }) =>
      `${opened?.b ? `${id.toUpperCase()} · ` : ''}${opened?.[id]?.title.split(' · ')[0]} · ${label}`;
    if (sweep) drawSweep(s, sweep, { by: own.by, hidden: hidden(state, own), steps: side.scene.steps, pal, name });
  },
  describe: ({ state }) => sweepWords(state),
  options(state, own, { redraw }) {
    const plan = planOf(state);
    if (!plan) return [];
    const without = hidden(state, own);
    const styles = looks(plan, palette(document.documentElement));
    const pair = Boolean(state.opened?.b);
    const boxes = plan.series.map((series) => {
      const look = styles.get(series.id);
      return tick(!without.has(series.id), (on) => {
        own.chosen.set(series.id, on);
        redraw();
      }, look && swatch(look), h(series.main ? 'b' : 'span', {}, (pair ? `${series.side.toUpperCase()} ` : '') + series.label));
    });
    return [
      segmented('Horizontal axis', 'by', [['steps', 'steps N'], ['nfe', 'denoiser calls']], own.by, (v) => {
        own.by = v === 'nfe' ? 'nfe' : 'steps';
        redraw();
      }),
      group(pair, boxes),
    ];
  },
  words: ({ opened }) => VIEWS.sweep + ([opened?.a, opened?.b].some((side) => isLearned(side?.values)) ? VIEWS.learnedSweep : ''),
};

/**
 * The samplers of a sweep: in a row, or in a menu where there are two configurations of them.
 * @param {boolean} menu
 * @param {HTMLElement[]} boxes
 */
function group(menu, boxes) {
  const series = h('div.series', { role: 'group', 'aria-label': 'Samplers' }, ...boxes);
  return menu ? h('details.menu.left', {}, h('summary', {}, 'Samplers'), h('div.pop', {}, series)) : series;
}
