// Name, labs, engine menu, theme, help, share.
import { h, icon } from './dom.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {'light'|'dark'|'auto'} Theme
 */

const ENGINE = { cpu: 'CPU', webgpu: 'WebGPU' };
const CHOICES = [
  ['auto', 'Automatic', 'the page chooses: in 1-D and 2-D WebGPU where it expects that to be faster, elsewhere the CPU'],
  ['cpu', 'CPU', 'WebAssembly, large runs on all cores, the same to the last bit everywhere'],
  ['webgpu', 'WebGPU', 'the graphics card; loads a larger package'],
];

export class TopBar {
  /**
   * @param {HTMLElement} labs
   * @param {HTMLElement} tools
   * @param {{ id: string, label: string }[]} list
   * @param {{
   *   engine: (v: string) => void, share: () => void, help: () => void, undo: () => void, redo: () => void,
   *   left: (lab: string) => string|undefined,
   * }} on  left: the link at which a lab was left in this visit
   */
  constructor(labs, tools, list, on) {
    labs.replaceChildren(...list.map((lab) => h('a', { href: `#v=1&lab=${lab.id}`, 'data-lab': lab.id }, lab.label)));
    this.labs = labs;
    this.left = on.left;
    const way = (/** @type {string} */ name, /** @type {string} */ title, /** @type {() => void} */ go, /** @type {string} */ d) =>
      h('button.plain', { type: 'button', 'aria-label': name, title, 'aria-disabled': 'true', onclick: go }, icon(d));
    this.undo = way('Undo', 'Undo (Ctrl+Z)', on.undo, 'M9 7H4V2M4.5 7A8.5 8.5 0 1 1 4 14.5');
    this.redo = way('Redo', 'Redo (Ctrl+Shift+Z)', on.redo, 'M15 7h5V2M19.5 7A8.5 8.5 0 1 0 20 14.5');
    this.now = h('b');
    this.why = h('span.why');
    this.about = h('p.help');
    this.choices = CHOICES.map(([value, name, help]) =>
      h(
        'label',
        {},
        h('input', { type: 'radio', name: 'engine', value, onchange: () => on.engine(value) }),
        h('span', {}, name, h('small', {}, help)),
      ),
    );
    this.menu = h('details.menu', {}, h('summary', {}, h('span.sr', {}, 'Engine '), this.now, this.why),
      h('div.pop', {}, h('fieldset', {}, h('legend', {}, 'Engine'), ...this.choices), this.about));
    const pages = [['lessons/', 'Lessons'], ['gallery/', 'Gallery']].map(([href, name]) => h('a', { href }, name));
    tools.replaceChildren(
      h('span.pages', {}, ...pages),
      this.menu,
      this.undo,
      this.redo,
      h(
        'button.plain',
        {
          type: 'button',
          'aria-label': 'Light or dark',
          title: 'Light or dark',
          onclick: () => setTheme(isDark() ? 'light' : 'dark', true),
        },
        icon('M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18'),
      ),
      h(
        'button.plain',
        { type: 'button', 'aria-label': 'Help', title: 'Help (?)', onclick: on.help },
        icon('M9 9a3 3 0 1 1 4.2 2.7c-.8.4-1.2 1-1.2 2M12 17.2v.1M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18'),
      ),
      h('button.primary', { type: 'button', onclick: on.share }, 'Share'),
    );
  }

  /** Whether there is a step to undo, and one to make again. @param {boolean} back @param {boolean} forth */
  ways(back, forth) {
    this.undo.setAttribute('aria-disabled', String(!back)); // not `disabled`: the focus stays on a button that has nothing left
    this.redo.setAttribute('aria-disabled', String(!forth));
  }

  /** Marks the open lab, and brings it into view where the row is scrolled. @param {HTMLElement} a */
  #mark(a) {
    if (a.hasAttribute('aria-current')) return;
    a.setAttribute('aria-current', 'page');
    const [own, row] = [a.getBoundingClientRect(), this.labs.getBoundingClientRect()];
    this.labs.scrollLeft += Math.max(0, own.right - row.right) - Math.max(0, row.left - own.left);
  }

  /** @param {State} s @param {string} lab @param {string} [cpu]  why its runs are on the CPU alone */
  update(s, lab, cpu = '') {
    for (const a of this.labs.querySelectorAll('a')) {
      if (a.dataset.lab === lab) this.#mark(a);
      else a.removeAttribute('aria-current');
      const left = a.dataset.lab === s.opened?.lab ? undefined : this.left(a.dataset.lab ?? ''); // the open lab’s own begins afresh
      const link = `#${left ?? `v=1&lab=${a.dataset.lab}&seed=${s.opened?.a.values.seed ?? '0'}`}`;
      if (a.getAttribute('href') !== link) a.setAttribute('href', link);
    }
    const name = ENGINE[s.engine];
    if (this.now.textContent !== name) this.now.textContent = name;
    const reason = stateOf(s);
    const plain = cpu !== '' && s.opened?.engine === 'auto' && reason === s.reason; // the menu says why
    const why = s.busy ? ` · ${s.busy}` : plain ? '' : ` · ${reason}`;
    if (this.why.textContent !== why) this.why.textContent = why;
    const about = cpu ? `In use: ${name}. ${cpu}` : `In use: ${name}, ${reason}. WebGPU is ${s.webgpu}.`;
    if (this.about.textContent !== about) this.about.textContent = about;
    for (const label of this.choices) {
      const input = /** @type {HTMLInputElement} */ (label.firstElementChild);
      input.checked = input.value === (s.opened?.engine ?? 'auto');
      label.hidden = cpu !== '' && input.value === 'webgpu' && !input.checked;
      const help = /** @type {HTMLElement} */ (label.querySelector('small'));
      const words = cpu && input.value === 'auto' ? 'the CPU, in this lab' : CHOICES.find(([value]) => value === input.value)?.[2] ?? '';
      if (help.textContent !== words) help.textContent = words;
    }
  }
}

/** Why the engine is in use, or that nothing runs. @param {State} s */
function stateOf({ fault, linkError, opened, a, reason }) {
  if (fault && !opened) return 'not started';
  return !a && (fault || linkError) ? 'nothing runs' : reason;
}

function isDark() {
  const set = document.documentElement.dataset.theme;
  return set ? set === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

/** @param {Theme} theme @param {boolean} [keep] */
export function setTheme(theme, keep = false) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  if (keep) {
    try {
      localStorage.setItem('scorefield-theme', theme);
    } catch {
      // a sandboxed frame has no storage
    }
  }
  document.dispatchEvent(new Event('theme'));
}

/** @returns {Theme} */
export function keptTheme() {
  try {
    const kept = localStorage.getItem('scorefield-theme');
    return kept === 'light' || kept === 'dark' ? kept : 'auto';
  } catch {
    return 'auto';
  }
}
