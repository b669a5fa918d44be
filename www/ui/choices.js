// Display choices in the row above the picture.
import { h } from './dom.js';

/**
 * A row of choices, one of them on.
 * @param {string} name
 * @param {string} id
 * @param {string[][]} choices  value, word
 * @param {string} value
 * @param {(value: string) => void} on
 */
export function segmented(name, id, choices, value, on) {
  return h('div.segments.small', { role: 'radiogroup', 'aria-label': name }, ...choices.map(([v, word]) => h('label', {},
    h('input', { type: 'radio', name: id, value: v, checked: v === value, onchange: () => on(v) }), h('span', {}, word))));
}

/**
 * A box to tick.
 * @param {boolean} checked
 * @param {(checked: boolean) => void} on
 * @param {...import('./dom.js').Child} words
 */
export function tick(checked, on, ...words) {
  const box = h('input', { type: 'checkbox', checked, onchange: () => on(box.checked) });
  return h('label.tick', {}, box, ...words);
}
