// Keys and reading help, with that of the open lab.
import { dialog, h } from './dom.js';

const KEYS = [
  ['Space', 'play or pause'], ['r', 'restart'], ['. and ,', 'one step on or back'], ['← and →', 'scrub; with Shift ten times as far'],
  ['s', 'save the picture'], ['h', 'hide or show the controls'], ['c', 'compare with a second configuration'],
  ['Escape', 'cancel what is being computed; what is there stays'],
  ['Ctrl+Z', 'undo the last change of the experiment; Ctrl+Shift+Z or Ctrl+Y makes it again'], ['?', 'this help'],
];

const READING = 'The slider below the picture runs from the start of a run (left: noise, for a sampler) to its end (right: data). '
  + 'Ink is exact, blue is sampled, orange is the second configuration of a comparison.';

const VALUES = 'Point at a picture to read its numbers; a click copies one. With the picture in focus (Tab) arrow keys or v read them, '
  + 'Enter or Ctrl+C copies, Escape ends it.';

const NUMBERS = 'Every number stands beside the value it should have: for distances, what a perfect sampler, which draws from the exact '
  + 'law itself, would have with the same number of draws. What is far above it is the sampler’s error; near it, it may be luck.';

/** @param {string[][]} rows @param {'kbd'|'b'} [first] */
const table = (rows, first = 'kbd') => h('table.keys', {}, h('tbody', {}, ...rows.map(([name, what]) => h('tr', {},
  h('th', { scope: 'row' }, h(first, {}, name)), h('td', {}, what)))));

/**
 * @param {string} version
 * @param {({ label: string } & import('../app/stage.js').Lab['help'])|null} lab  that is open
 * @param {{ label: string, help: string }[]} numbers  below the picture
 */
export function openHelp(version, lab, numbers) {
  dialog('Help',
    h('p', {}, READING),
    h('p', {}, VALUES),
    h('p', {}, NUMBERS),
    numbers.length > 0 && table(numbers.map(({ label, help }) => [label, help]), 'b'),
    table(KEYS),
    lab && h('h3', {}, lab.label),
    lab && h('p', {}, lab.words),
    lab?.keys && h('p.help', {}, 'Keys of the picture, once it has the focus (Tab):'),
    lab?.keys && table(lab.keys),
    version && h('p.help', {}, `Version ${version}.`));
}
