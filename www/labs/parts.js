// What the labs have in common on the page: choices in a row, descriptions of pictures, the article below.
import { h } from '../ui/dom.js';
import { errorWords } from './errors-view.js';
import { equations, sameNoise, seen } from './words.js';

/** @typedef {import('../app/store.js').State} State */

/**
 * A row of choices, one of them on.
 * @param {string} name @param {string} id @param {string[][]} choices @param {string} value @param {(v: string) => void} on
 */
export function segmented(name, id, choices, value, on) {
  return h('div.segments.small', { role: 'radiogroup', 'aria-label': name }, ...choices.map(([v, text_]) =>
    h('label', {}, h('input', { type: 'radio', name: id, value: v, checked: v === value, onchange: () => on(v) }), h('span', {}, text_))));
}

/** @param {HTMLCanvasElement} canvas @param {string} words */
export function describe(canvas, words) {
  if (canvas.getAttribute('aria-label') !== words) canvas.setAttribute('aria-label', words);
}

/**
 * "What you see" and the equations.
 * @param {State} state
 * @param {(v: Record<string, string>) => import('./words.js').Target} lawOf
 * @param {string} view  what the open view shows, in words
 * @param {number} [dim]
 * @returns {Node[]}
 */
export function told(state, lawOf, view, dim = 1) {
  const { opened, a, b } = state;
  if (!opened || !a) return [];
  const whole = (/** @type {import('../app/store.js').SideState} */ { scene }, /** @type {Record<string, string>} */ v) => equations(lawOf(v), v, scene, dim);
  /** @type {Node[]} */
  const out = [h('h2', {}, 'What you see'), h('p', {}, opened.b ? h('b', {}, 'A: ') : null, seen(lawOf(opened.a.values), opened.a.values, a.scene.nfe, 'blue'))];
  if (opened.b && b) out.push(h('p', {}, h('b', {}, 'B: '), seen(lawOf(opened.b.values), opened.b.values, b.scene.nfe, 'orange'), sameNoise(opened.a.values, opened.b.values) ? ' Both start from the same noise.' : ''));
  if (opened.view === 'errors') out.push(...errorWords(state));
  else out.push(h('p', {}, view));
  if (opened.b) out.push(h('div.two', {}, h('div', {}, h('h4.a', {}, 'A'), whole(a, opened.a.values)), b && h('div', {}, h('h4.b', {}, 'B'), whole(b, opened.b.values))));
  else out.push(whole(a, opened.a.values));
  return out;
}
