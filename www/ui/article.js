// The article below the picture: what is seen, what the open view shows, the equations of each side.
import { h } from './dom.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/stage.js').Lab} Lab
 */

/** Whether two configurations draw the same numbers. @param {Record<string, string>} p @param {Record<string, string>} q */
const sameNoise = (p, q) => p.seed === q.seed && p.init === q.init;

/**
 * @param {Lab} lab
 * @param {State} state
 * @param {import('../app/stage.js').Own} own  what the lab keeps
 * @returns {Node[]}
 */
export function article(lab, state, own) {
  const { opened, a, b } = state;
  if (!opened || a?.scene.lab !== lab.id) return [];
  const other = opened.b && b?.scene.lab === lab.id ? b : null;
  const view = lab.views.find(({ id }) => id === opened.view);
  const words = view?.words(state, own) ?? '';
  const how = view?.how?.(state) ?? '';
  const colors = view?.plain ? ['', ''] : ['blue', 'orange'];
  /** @type {Node[]} */
  const out = [h('h2', {}, 'What you see'), h('p', {}, opened.b ? h('b', {}, 'A: ') : null, lab.story(a, colors[0]))];
  if (opened.b && other) {
    const noise = sameNoise(opened.a.values, opened.b.values) ? ' Both start from the same noise.' : '';
    out.push(h('p', {}, h('b', {}, 'B: '), lab.story(other, colors[1]), noise));
  }
  out.push(...(typeof words === 'string' ? [h('p', {}, words)] : words));
  if (how) out.push(h('p.how', {}, how));
  if (!opened.b) out.push(lab.equations(a));
  else
    out.push(
      h('div.two', {}, h('div', {}, h('h3.a', {}, 'A'), lab.equations(a)), other && h('div', {}, h('h3.b', {}, 'B'), lab.equations(other))),
    );
  out.push(h('section.tries', {}, h('h2', {}, 'Try'), h('ul', {}, ...lab.tries.map(([name, link, why]) => h('li', {},
    h('a', { href: `#${link}` }, name), h('span', {}, why))))));
  return out;
}
