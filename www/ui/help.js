// Keys and reading help.
import { dialog, h } from './dom.js';

const KEYS = [
  ['Space', 'play or pause'], ['r', 'restart from noise'], ['. and ,', 'one step on or back'], ['← and →', 'scrub'],
  ['Tab to the plot, arrows', 'in 2-D move a cross, Enter drops a particle there, Escape clears; on the torus turn it'],
  ['s', 'save the picture'], ['h', 'hide or show the controls'], ['c', 'compare with a second configuration'], ['?', 'this help'],
];

/** @param {string} version */
export function openHelp(version) {
  dialog('Help',
    h('p', {}, 'Each picture runs from noise (left) to data (right). Ink is exact, blue is sampled, orange is the second configuration of a comparison. In 1-D, drag on the plot to scrub; in 2-D, click to drop a particle and see where the flow has it come from and go to; drag the torus to turn it.'),
    h('p', {}, 'Every number stands beside the value it should have: for distances, what independent draws from the exact law of the same number would give. Only what is above that is the sampler’s error.'),
    h('table.keys', {}, h('tbody', {}, ...KEYS.map(([key, what]) => h('tr', {}, h('th', { scope: 'row' }, h('kbd', {}, key)), h('td', {}, what))))),
    h('p.help', {}, `Display flags go into the query of the address: embed=1, theme=light or dark, ui=nowords, nocontrols, nonumbers, noplay; in an embed views, numbers. ${version ? `Version ${version}.` : ''}`));
}
