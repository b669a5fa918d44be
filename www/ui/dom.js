// Making elements in one line.

/** @typedef {Node|string|null|undefined|false} Child */

/**
 * An element: h('button.big', { type: 'button', onclick }, 'Run'). Names that begin with "on" are listeners,
 * `text` and other known properties are set as such, the rest are attributes; null and false leave one out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K | `${K}.${string}`} spec
 * @param {Record<string, any>} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(spec, props = {}, ...children) {
  const [tag, ...classes] = spec.split('.');
  const el = /** @type {HTMLElementTagNameMap[K]} */ (document.createElement(tag));
  if (classes.length) el.className = classes.join(' ');
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'checked' || name === 'selected' || name === 'open' || name === 'hidden')
      /** @type {any} */ (el)[name] = value;
    else el.setAttribute(name, value === true ? '' : String(value));
  }
  el.append(...children.filter((c) => c !== null && c !== undefined && c !== false).map((c) => /** @type {Node|string} */ (c)));
  return el;
}

/** @param {string} id */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** What a control is known by, when another is made in its place. @param {Element} control */
const nameOf = (control) =>
  control.getAttribute('aria-label') ?? control.getAttribute('href') ?? (control.closest('label') ?? control).textContent;

/**
 * Replaces the children only when the key has changed. A focus in them goes to the control of the same name (of several, to that of the
 * same rank among them), or else of the same place.
 * @param {HTMLElement} el @param {string} key @param {() => Child[]} make
 */
export function refill(el, key, make) {
  if (el.dataset.key === key) return;
  el.dataset.key = key;
  const controls = () => [.../** @type {NodeListOf<HTMLElement>} */ (el.querySelectorAll('a, button, input, select, summary'))];
  const had = document.activeElement;
  const before = had && el.contains(had) ? controls() : [];
  const at = before.findIndex((one) => one === had);
  const rank = before.slice(0, Math.max(0, at)).filter((one) => nameOf(one) === nameOf(/** @type {Element} */ (had))).length;
  el.replaceChildren(...make().filter(Boolean).map((c) => /** @type {Node|string} */ (c)));
  if (!had || at < 0) return;
  const now = controls();
  const like = now.filter((one) => nameOf(one) === nameOf(had));
  (like[rank] ?? like.at(-1) ?? now[Math.min(at, now.length - 1)])?.focus({ preventScroll: true });
}

/** Menus made of <details> close with Escape, with a click elsewhere, and where the focus goes elsewhere. */
export function closeMenus() {
  const open = () => /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll('details.menu[open]'));
  for (const event of ['click', 'focusin']) {
    document.addEventListener(event, (e) => {
      for (const menu of open()) if (!menu.contains(/** @type {Node} */ (e.target))) menu.open = false;
    });
  }
  document.addEventListener('keydown', (e) => {
    if (e.key !== 'Escape') return;
    for (const menu of open()) {
      e.preventDefault(); // the key is used: nothing is cancelled by it
      menu.open = false;
      menu.querySelector('summary')?.focus();
    }
  });
}

let dialogs = 0;

const SVG = 'http://www.w3.org/2000/svg';

/** A small line icon. @param {string} d  path data in a 24 × 24 box @param {boolean} [filled] */
export function icon(d, filled = false) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', filled ? 'icon filled' : 'icon');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', d);
  svg.append(path);
  return svg;
}

/**
 * A dialog with a title and a close button; Escape and a click outside close it, focus goes back. It takes the place of another.
 * @param {string} title
 * @param {...Child} children
 */
export function dialog(title, ...children) {
  const id = `dialog-${++dialogs}`;
  const el = h(
    'dialog.dialog',
    { 'aria-labelledby': id, onclick: (/** @type {MouseEvent} */ e) => e.target === el && el.close(), onclose: () => el.remove() },
    h(
      'div.inner',
      {},
      h(
        'div.head',
        {},
        h('h2', { id }, title),
        h('button.plain', { type: 'button', 'aria-label': 'Close', onclick: () => el.close() }, icon('M6 6l12 12M18 6L6 18')),
      ),
      ...children,
    ),
  );
  /** @type {HTMLDialogElement|null} */ (document.querySelector('dialog[open]'))?.close();
  document.body.append(el);
  el.showModal();
  return el;
}
