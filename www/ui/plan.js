// The plan of a run, row by row: the coefficients of every step, or what a lab has in their place.
import { dialog, h } from './dom.js';
import { number } from '../plots/kit.js';
import { prose } from '../plots/prose.js';

const SHOWN = 150; // rows at each end of a long plan

/** @typedef {{ columns: string[], rows: (string|number)[][], note: string }} Table */

const STEPS = prose`A sampler is data: these are the coefficients of every step, computed once in double precision, the same for every
  particle and on every engine.`;

/** @param {{ title: string, table: Table }[]} plans @param {string} [words]  what a lab’s rows are, if not steps of a sampler */
export function openPlan(plans, words = STEPS) {
  dialog(
    'Plan',
    h('p.help', {}, words),
    ...plans.map(({ title, table }) => h('section.part', {}, h('h3', {}, title), h('p.help', {}, table.note), scroll(title, table))),
  );
}

/** @param {string} title @param {Table} table */
function scroll(title, { columns, rows }) {
  const long = rows.length > 2 * SHOWN;
  const shown = long ? [...rows.slice(0, SHOWN), null, ...rows.slice(-SHOWN)] : rows;
  return h('div.scroll', { tabindex: 0, role: 'region', 'aria-label': `Steps of ${title}` }, h('table', {},
    h('thead', {}, h('tr', {}, ...columns.map((c) => h('th', { scope: 'col' }, c)))),
    h('tbody', {}, ...shown.map((row) => row
      ? h('tr', {}, ...row.map((v) => h('td', {}, typeof v === 'number' ? (Number.isInteger(v) ? String(v) : number(v, 5)) : v)))
      : h('tr', {}, h('td', { colspan: columns.length }, `${rows.length - 2 * SHOWN} rows between`))))));
}
