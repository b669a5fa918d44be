// On paper: light colours whatever the theme, pictures drawn for its width, and the link with every setting.
import { h } from './dom.js';

/** @typedef {import('../app/store.js').State} State */
/** @typedef {import('../app/store.js').Side} Side */
/**
 * What the page says of a link: its whole address, and a line for each of its configurations.
 * @typedef {{ address: (link: string) => string, titles: (opened: NonNullable<State['opened']>) => string[] }} Words
 */

/** @param {Side} side */
const settings = (side) => h('dl', {}, ...side.controls.filter((c) => c.group !== 'display' && c.value !== '').map((c) => h('div', {},
  h('dt', {}, c.label), h('dd', {}, c.choices.find((x) => x.value === c.value)?.label ?? c.value))));

/** What stands below the picture. @param {State} state @param {Words} words */
function lines({ opened, a, b }, { address, titles }) {
  if (!opened) return [];
  const results = [a, b].flatMap((side) => (side && opened[side.id] && side.run.state === 'done' ? [side] : []));
  const names = titles(opened);
  const of = (/** @type {string} */ id) => (opened.b ? ` of ${id.toUpperCase()}` : '');
  return [
    h('p', {}, address(opened.link)),
    ...[opened.a, opened.b].flatMap((side, i) => (side ? [opened.b && h('b', {}, `${'AB'[i]} · ${names[i]}`), settings(side)] : [])),
    ...results.map(({ id, run: { lost, fingerprint, engine } }) =>
      h('p', {}, lost || `Fingerprint${of(id)} ${fingerprint} · ${engine === 'cpu' ? 'CPU' : 'WebGPU'}`)),
  ].filter((x) => x instanceof Node);
}

/** Formulas that are wider than their column are set smaller. @param {Document} page */
function fit(page) {
  for (const formula of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll('.formula'))) {
    for (const math of /** @type {NodeListOf<HTMLElement>} */ (formula.querySelectorAll('math'))) {
      math.style.fontSize = '';
      const part = formula.clientWidth / math.getBoundingClientRect().width;
      if (part < 1) math.style.fontSize = `${Math.max(0.5, 0.98 * part)}em`;
    }
  }
}

/**
 * Prepares the page when it is about to be printed, and puts everything back afterwards.
 * @param {HTMLElement} host
 * @param {() => State} state
 * @param {Words} words
 * @param {() => void} redraw  at once
 */
export function listenPrint(host, state, words, redraw) {
  const root = document.documentElement;
  let theme = '';
  const begin = () => {
    if (root.classList.contains('printing')) return;
    theme = root.dataset.theme ?? '';
    root.dataset.theme = 'light';
    root.classList.add('printing');
    host.replaceChildren(...lines(state(), words));
    redraw();
    fit(document);
  };
  const end = () => {
    if (!root.classList.contains('printing')) return;
    root.classList.remove('printing');
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    for (const math of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.formula math'))) math.style.fontSize = '';
    redraw();
  };
  addEventListener('beforeprint', begin);
  addEventListener('afterprint', end);
  matchMedia('print').addEventListener('change', (e) => (e.matches ? begin() : end()));
}
