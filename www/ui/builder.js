// "Cut it down" in the share panel: parts, controls and views are left out by clicks, on a list or in the result itself.
import { PARTS, isShown, readFlags } from './flags.js';
import { h } from './dom.js';

/**
 * Names and labels.
 * @typedef {[string, string][]} Names
 */

/**
 * @typedef {object} Cut
 * @property {string} page  the page's address without query and hash
 * @property {string} link
 * @property {Names} controls  of the open lab
 * @property {Names} views
 * @property {(query: URLSearchParams) => void} told  the flags have changed; those of an embed, without `embed`
 */

const LEVELS = [
  ['', 'An embed’s own'], ['full', 'Everything'], ['story', 'Story: picture, numbers and explanation'], ['min', 'Picture and playback'],
];
const THEMES = [['', 'White'], ['dark', 'Dark'], ['auto', 'As the reader’s system']];
/** Where the parts are on the page, the small before those that hold them. */
const PLACES = /** @type {[string, (el: Element) => string][]} */ ([
  ['.panel .field', (el) => el.querySelector('[id^="c-"]')?.id.slice(2) ?? 'controls'],
  ['.stagebar > .segments label', (el) => el.querySelector('input')?.value ?? 'views'],
  .../** @type {[string, string][]} */ ([
    ['.openfull', 'open'], ['.caption', 'caption'], ['.options', 'options'], ['.compare', 'compare'], ['.metrics', 'numbers'],
    ['.lesson', 'lesson'], ['.transport .plan', 'plan'], ['.transport', 'play'], ['.panel', 'controls'], ['.words', 'words'],
  ]).map(([place, part]) => [place, () => part]),
]);
const HINT = `:is(${PLACES.map(([place]) => place).join()}):hover { outline: 2px dashed #c04e00; outline-offset: -2px; cursor: pointer; }`;

/** @param {Cut} cut */
export function builder({ page, link, controls, views, told }) {
  const hide = /** @type {Set<string>} */ (new Set());
  const show = /** @type {Set<string>} */ (new Set());
  const level = h('select', { onchange: () => change() }, ...LEVELS.map(([value, label]) => h('option', { value }, label)));
  const theme = h('select', { onchange: () => change() }, ...THEMES.map(([value, label]) => h('option', { value }, label)));
  const parts = /** @type {Names} */ (Object.entries(PARTS).filter(([part]) => part !== 'top' && part !== 'foot'));
  const preview = h('iframe', { title: 'The result: a click leaves a part out', onload: () => listen() });

  const query = () => {
    const flags = new URLSearchParams();
    for (const [key, value] of [['ui', level.value], ['theme', theme.value], ['hide', [...hide].join()], ['show', [...show].join()]]) {
      if (value) flags.set(key, value);
    }
    return flags;
  };
  const read = () => readFlags(`embed=1&${query()}`);

  /** The names that stand in a part. @param {string} part */
  const within = (part) => (part === 'controls' ? controls : part === 'views' ? views : []).map(([name]) => name);
  /** Whether something is shown. @param {string} name @returns {boolean} */
  const isThere = (name) => {
    const flags = read();
    if (Object.hasOwn(PARTS, name)) return flags.parts.has(/** @type {any} */ (name)) || within(name).some((own) => show.has(own));
    const part = within('views').includes(name) ? 'views' : 'controls';
    return isThere(part) && isShown(flags, name, within(part));
  };
  /** Leaves something out or brings it back. @param {string} name */
  const toggle = (name) => {
    if (isThere(name)) {
      for (const own of [name, ...within(name)]) show.delete(own);
      if (isThere(name)) hide.add(name);
    } else {
      hide.delete(name);
      if (!isThere(name)) show.add(name);
    }
    change();
  };

  /** @type {Map<string, HTMLElement>} */
  const chips = new Map();
  const chip = (/** @type {string[]} */ [name, label]) => {
    const button = h('button.chip', { type: 'button', onclick: () => toggle(name) }, label);
    chips.set(name, button);
    return button;
  };
  const list = (/** @type {string} */ title, /** @type {Names} */ names) =>
    h('div.chips', { role: 'group', 'aria-label': title }, h('b', {}, title), ...names.map(chip));

  /** A click in the result, where it may be reached: not where this page itself is sandboxed. */
  function listen() {
    const inner = preview.contentDocument;
    const view = /** @type {(Window & typeof globalThis)|null} */ (preview.contentWindow);
    if (!inner || !view) return;
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(HINT);
    inner.adoptedStyleSheets = [sheet];
    inner.addEventListener('click', (e) => {
      const [place, name] = PLACES.find(([place]) => /** @type {Element} */ (e.target).closest(place)) ?? [];
      const el = place && /** @type {Element} */ (e.target).closest(place);
      if (!el || !name) return;
      e.preventDefault();
      e.stopPropagation();
      toggle(name(el));
    }, true);
  }

  function change() {
    const flags = query();
    for (const [name, button] of chips) button.setAttribute('aria-pressed', String(isThere(name)));
    flags.set('embed', '1');
    const address = `${page}?${flags}#${link}`;
    if (preview.src !== address) preview.src = address;
    flags.delete('embed');
    told(flags);
  }

  const body = h('div.builder', {},
    h('p.help', {}, 'Click on what should go, in the list or in the result. What is left out comes back from the list.'),
    h('p.chips', {}, h('label', {}, 'Level ', level), h('label', {}, 'Colours ', theme)),
    list('Parts', parts), list('Views', views), list('Controls', controls),
    preview);
  return h('details.cut', { ontoggle: () => preview.src || change() }, h('summary', {}, 'Cut it down'), body);
}
