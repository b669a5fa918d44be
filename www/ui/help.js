// Keys and reading help.
import { dialog, h } from './dom.js';

const KEYS = [
  ['Space', 'play or pause'], ['r', 'restart from noise'], ['. and ,', 'one step on or back'], ['← and →', 'scrub'],
  ['Tab to the plot, arrows', 'in 2-D move a cross, Enter drops a particle there, Escape clears; on the torus turn it'],
  ['s', 'save the picture'], ['h', 'hide or show the controls'], ['c', 'compare with a second configuration'], ['?', 'this help'],
];

/** In the view “Chain” of Chains, the plot in focus. */
const CHAIN_KEYS = [
  ['← and →', 'choose the observation before or after; with Shift any index'],
  ['↑ and ↓', 'move what is chosen; with Shift five times as far'],
  ['Enter', 'observe at the chosen index'], ['Delete', 'take the chosen observation away'], ['Escape', 'put back what is being dragged, choose nothing'],
];

/** @param {string[][]} keys */
const table = (keys) => h('table.keys', {}, h('tbody', {}, ...keys.map(([key, what]) => h('tr', {}, h('th', { scope: 'row' }, h('kbd', {}, key)), h('td', {}, what)))));

/** @param {string} version */
export function openHelp(version) {
  dialog('Help',
    h('p', {}, 'The slider below the picture runs from noise (left) to data (right). Ink is exact, blue is sampled, orange is the second configuration of a comparison.'),
    h('ul', {},
      h('li', {}, h('b', {}, '1-D: '), 'the picture itself runs from noise to data; drag on it to scrub.'),
      h('li', {}, h('b', {}, '2-D: '), 'click to drop a particle and see where the flow has it come from and go to.'),
      h('li', {}, h('b', {}, 'Torus: '), 'drag to turn it.'),
      h('li', {}, h('b', {}, 'Chains: '), 'from left to right runs the index of the chain; grey is the simulated truth, diamonds are what is observed of it. Drag a diamond up or down: the exact posterior follows at once, the samples when you let go. Click at an index without a diamond to observe there; a double-click on a diamond, or its ×, takes it away.')),
    h('p', {}, 'Every number stands beside the value it should have: for distances, what independent draws from the exact law of the same number would give. Only what is above that is the sampler’s error.'),
    table(KEYS),
    h('h3', {}, 'Chains, in the picture'),
    table(CHAIN_KEYS),
    h('p.help', {}, `Display flags go into the query of the address: embed=1, theme=light or dark, ui=nowords, nocontrols, nonumbers, noplay; in an embed views, numbers. ${version ? `Version ${version}.` : ''}`));
}
