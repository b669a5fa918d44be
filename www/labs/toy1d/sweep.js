// View "sweep" of lab toy1d: the error of every sampler against the number of steps, both sides in one picture.
import { drawSweep, looks, swatch } from '../../plots/sweep.js';
import { palette } from '../../plots/kit.js';
import { isLearned } from '../../app/store.js';
import { segmented, tick } from '../../ui/choices.js';
import { h } from '../../ui/dom.js';
import { VIEWS, sweepWords } from './words.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../ui/stage.js').View} View
 * @typedef {import('./index.js').Own} Own
 * @typedef {import('../../plots/sweep.js').SweepState} SweepState
 */

/** The job that the view shows. @param {State} state @returns {SweepState|undefined} */
const jobOf = ({ jobs }) => jobs.sweep;

/** Series that are not drawn: in a comparison only the sides' own samplers are, unless others are chosen. @param {State} state @param {Own} own */
function hidden(state, own) {
  const all = jobOf(state)?.plan?.series ?? [];
  return new Set(all.filter((series) => !(own.chosen.get(series.id) ?? (series.main || !state.opened?.b))).map(({ id }) => id));
}

/** @type {View} */
export const sweep = {
  id: 'sweep',
  job: {
    name: 'sweep',
    title: 'sweep',
    without: ['steps'],
    card: true,
    progress: ({ evaluations, total }) => ({ text: `Sweeping N: ${evaluations} of ${total} runs`, part: evaluations / total }),
  },
  joint: true,
  draw(s, { state, side, own, pal }) {
    const { opened } = state;
    const job = jobOf(state);
    if (job) drawSweep(s, job, {
      by: own.by, hidden: hidden(state, own), steps: side.scene.steps, pal,
      name: ({ side: id, label }) => `${opened?.b ? `${id.toUpperCase()} · ` : ''}${opened?.[id]?.title.split(' · ')[0]} · ${label}`,
    });
  },
  describe: ({ state }) => sweepWords(jobOf(state)),
  options(state, own, { redraw }) {
    const plan = jobOf(state)?.plan;
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

/** The samplers of a sweep: in a row, or in a menu where there are two configurations of them. @param {boolean} menu @param {HTMLElement[]} boxes */
function group(menu, boxes) {
  const series = h('div.series', { role: 'group', 'aria-label': 'Samplers' }, ...boxes);
  return menu ? h('details.menu.left', {}, h('summary', {}, 'Samplers'), h('div.pop', {}, series)) : series;
}
