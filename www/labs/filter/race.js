// Lab filter, view "race": every method that fits the link, on the same truth, observations and draws of the forecast.
import { drawRace } from '../../plots/race.js';
import { SINGLE, count, number, settled } from '../../plots/kit.js';
import { prose, sentences } from '../../plots/prose.js';
import { h, refill } from '../../ui/dom.js';
import { many } from '../shared/words.js';

/**
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('../../../pkg/cpu/scorefield.js').RacePlan} RacePlan
 * @typedef {import('../../../pkg/cpu/scorefield.js').RaceRow} RaceRow
 * @typedef {import('../../../pkg/cpu/scorefield.js').RaceEntrant} RaceEntrant
 * @typedef {import('../../app/store.js').JobState<RacePlan, RaceRow>} RaceJob
 */

/** One row with who ran it. @typedef {RaceRow & { who: RaceEntrant }} Row */

const UNIT_MS = 25e-6; // of a unit of work, until this machine has been measured

/** @param {State} state @returns {RaceJob|undefined} */
const jobOf = ({ jobs }) => /** @type {RaceJob|undefined} */ (jobs.race);

/** Milliseconds of a unit of work in this race. @param {RaceJob} job */
const unitOf = ({ work, ms }) => (work > 1e5 ? ms / work : UNIT_MS);

/**
 * The rows that are there: the exact answer, then the others by their error, then those that failed.
 * @param {RaceJob} job
 * @returns {Row[]}
 */
function rowsOf({ plan, points }) {
  const rows = plan ? points.map((row) => ({ ...row, who: plan.entrants[row.entrant] })) : [];
  const order = (/** @type {Row} */ row) => (row.who.exact ? -Infinity : row.failed ? Infinity : row.rmse ?? Number.MAX_VALUE);
  return rows.sort((p, q) => (order(p) === order(q) ? p.entrant - q.entrant : order(p) - order(q)));
}

/** @param {RaceJob} job */
function progress({ plan, points, part }) {
  const now = plan?.entrants[points.length];
  const work = `${Math.min(100, Math.floor(100 * part))} % of the work`;
  return { text: `Race: ${work}, ${points.length} of ${plan?.entrants.length} methods${now ? `, now ${now.label}` : ''}`, part };
}

/** A time in words. @param {number} ms */
const time = (ms) => (ms < 1000 ? `${number(ms, 2)} ms` : `${number(ms / 1000, 2)} s`);

/** The distance from the exact law, which is kept in single precision. @param {Row} row */
const w1Of = ({ w1, spread }) => w1 && settled(w1, spread ?? 0, SINGLE);

/** A number of the table. @param {number|null} v */
const shown = (v) => (v === null ? '–' : number(v, 3, true));

/** @type {Record<string, string>} */
const OWN = { a: 'this link', b: 'B', ab: 'A and B' };

/** The first sentences of what happened: the remedy stands in the title. @param {string} words */
const first = (words) => words.split('. ')[0].replace(/\.?$/, '.');

/** The table below the picture. */
export class RaceTable {
  constructor() {
    this.el = h('div.race-table', { hidden: true });
  }

  /** @param {State} state */
  update(state) {
    const job = jobOf(state);
    const open = state.opened?.view === 'race' && Boolean(job?.plan);
    if (this.el.hidden === open) this.el.hidden = !open;
    if (!open || !job?.plan) return;
    const { plan } = job;
    const paired = Boolean(state.opened?.b);
    refill(this.el, JSON.stringify([plan.entrants, plan.unfit, job.points.length, paired]), () => [
      h('div.scroll', { tabindex: 0, role: 'region', 'aria-label': 'Race of the methods' }, table(plan, rowsOf(job), unitOf(job), paired)),
      plan.unfit.length > 0 && h('details', {},
        h('summary', {}, `${many(plan.unfit.length, 'method')} not in this race`),
        h('ul', {}, ...plan.unfit.map(({ label, reason }) => h('li', {}, h('b', {}, label), `: ${reason}`)))),
    ]);
  }
}

/** @param {RacePlan} plan @param {Row[]} rows @param {number} unit @param {boolean} paired */
function table(plan, rows, unit, paired) {
  const heads = ['Method', 'RMSE', 'spread', 'CRPS', ...(plan.w1 ? ['W₁'] : []), 'time', 'model steps'];
  const head = (/** @type {string} */ name) => h('th', { scope: 'col', 'aria-sort': name === 'RMSE' ? 'ascending' : null }, name);
  return h('table', {},
    h('caption.sr', {}, 'The methods that are done, by their error; the exact answer comes first.'),
    h('thead', {}, h('tr', {}, ...heads.map(head))),
    h('tbody', {}, ...rows.map((row) => h('tr', { class: row.who.own ? 'own' : null },
      method(row, paired),
      ...[row.rmse, row.spread, row.crps, ...(plan.w1 ? [w1Of(row)] : [])].map((v) => h('td', {}, shown(v))),
      h('td', {}, time(row.work * unit)),
      h('td', {}, row.model_steps ? count(row.model_steps) : '–')))));
}

/** The first cell of a row: its link, what marks it, and what happened. @param {Row} row @param {boolean} paired */
function method({ who, happened }, paired) {
  const own = who.own && (paired && who.own === 'a' ? 'A' : OWN[who.own]);
  return h('th', { scope: 'row' },
    h('a', { href: `#${who.link}`, title: 'Open the run of this method alone' }, who.label),
    who.n > 0 && h('small', {}, ` N = ${count(who.n)}`),
    own && h('span.mark', {}, own),
    who.exact && h('span.mark', {}, 'exact'),
    who.changed && h('p', {}, who.changed),
    happened && h('p.happened', { title: happened }, first(happened)));
}

/** @type {View} */
export const race = {
  id: 'race',
  job: { name: 'race', what: 'race', progress },
  joint: true,
  still: true,
  plain: true,
  shape: 'race',
  draw(s, { state, pal }) {
    const job = jobOf(state);
    const unit = job ? unitOf(job) : UNIT_MS;
    const marks = (job ? rowsOf(job) : []).filter((row) => row.rmse !== null && row.work > 0).map((row) => ({
      name: row.who.label, error: Number(row.rmse), ms: row.work * unit, own: row.who.own, exact: row.who.exact,
    }));
    drawRace(s, { marks, waiting: !job?.plan, pal });
  },
  describe({ state }) {
    const job = jobOf(state);
    if (!job?.plan) return 'The race is being prepared.';
    const rows = rowsOf(job);
    const best = rows.find((row) => !row.who.exact && row.rmse !== null);
    const exact = rows.find((row) => row.who.exact);
    const own = rows.find((row) => row.who.own.includes('a'));
    const failed = rows.filter((row) => row.failed);
    const of = (/** @type {Row} */ row) => `${row.who.label} (RMSE ${shown(row.rmse)})`;
    return sentences(
      `Race of ${many(job.plan.entrants.length, 'method')}, ${rows.length} done: error against time, and a table below.`,
      best && `The smallest error has ${of(best)}.`,
      exact && `The exact answer has RMSE ${shown(exact.rmse)}.`,
      own && own !== best && `This link has ${of(own)}.`,
      failed.length > 0 && `Ended before the last cycle: ${failed.map((row) => row.who.label).join(', ')}.`);
  },
  words: () => sentences(
    prose`All methods that fit this link see the same truth, the same observations and the same draws of the forecast. Each has its own
      defaults, at the number of members of this link. The cheapest runs first.`,
    prose`RMSE is the distance of the mean from the truth, spread what the filter takes it to be; both are means over the analysed cycles
      after burn-in. With one truth, a filter may be luckier than the exact answer: W₁, the distance from the exact law, takes that luck
      out.`,
    prose`Time is the work of the filter alone, without the truth and the exact answer beside it, as this machine does it. A model step
      moves one state by one step of the model.`),
  how: () => 'A name in the table opens the run of that method.',
};
