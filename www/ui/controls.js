// The control panel: native elements made from the specification that the engine gives.
import { h, icon } from './dom.js';
import { sentence } from './math.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').SideId} SideId
 * @typedef {import('../app/store.js').LinkError} LinkError
 * @typedef {import('../../pkg/cpu/scorefield.js').Control} Control
 * @typedef {(side: SideId, key: string, value: string, gesture: string) => Promise<LinkError|null>} Edit  gesture: what goes on with
 *   the same one is one step; empty: a step of its own
 */

/**
 * One control on the page.
 * @typedef {object} Field
 * @property {HTMLElement} el
 * @property {string} shape  what it was built from
 * @property {(c: Control, side: SideId) => void} show
 */

/**
 * Controls under a name; open: whether they are to be seen at once.
 * @typedef {{ name: string, keys: string[], open?: (values: Record<string, string>) => boolean }} Fold
 */

/**
 * The order of a lab's controls: what it is about first, then the others in the order of the table; some are folded under a name.
 * @typedef {{ first: string[], fold: Fold }} Arrangement
 */

/** @type {Arrangement} */
const AS_IN_THE_TABLE = { first: [], fold: { name: '', keys: [] } };

const DELAY_MS = 120;
const NOTCHES = 1000;
const APART_MS = 1000; // arrow keys on a slider that follow each other faster are one step
const FEW = 4;

let gestures = 0;

export class Controls {
  /**
   * @param {HTMLElement} host
   * @param {Edit} edit
   * @param {(tab: SideId) => void} onTab
   * @param {() => void} onClose
   * @param {() => void} onPlan
   * @param {(key: string, like: string[]) => boolean} isShown  whether a control is shown among its like
   */
  constructor(host, edit, onTab, onClose, onPlan, isShown) {
    this.edit = edit;
    this.isShown = isShown;
    this.onTab = onTab;
    this.held = ''; // keys of the lab's own fold
    /** @type {Map<string, Field>} */
    this.fields = new Map();
    this.tabs = h(
      'div.sides',
      { role: 'radiogroup', 'aria-label': 'Configuration' },
      .../** @type {SideId[]} */ (['a', 'b']).map((id) =>
        h(
          'label',
          { class: `side ${id}` },
          h('input', { type: 'radio', name: 'side', value: id, onchange: () => onTab(id) }),
          h('span', {}, id.toUpperCase()),
        ),
      ),
    );
    this.main = h('div.fields');
    this.own = h('div.fields');
    this.rest = h('div.fields');
    this.more = h('div.fields');
    this.ownName = h('summary', {}, 'Details');
    this.ownFold = h('details.more.own', { hidden: true }, this.ownName, this.own);
    this.fold = h('details.more', {}, h('summary', {}, 'More'), this.more);
    this.head = h(
      'div.sheethead',
      {},
      h('h2', {}, 'Controls'),
      h('button.plain', { type: 'button', 'aria-label': 'Close the controls', onclick: onClose }, icon('M6 6l12 12M18 6L6 18')),
    );
    this.tabs.hidden = this.fold.hidden = true;
    host.replaceChildren(
      this.head,
      this.tabs,
      this.main,
      this.ownFold,
      this.rest,
      this.fold,
      h('button.quiet.plan-here', { type: 'button', onclick: onPlan }, 'Plan of the run'),
    );
  }

  /** @param {State} state @param {Arrangement} [arrangement] */
  update({ opened, tab }, { first, fold } = AS_IN_THE_TABLE) {
    if (!opened) return;
    this.tabs.hidden = !opened.b;
    for (const input of this.tabs.querySelectorAll('input')) input.checked = input.value === tab;
    const side = (tab === 'b' && opened.b) || opened.a;
    const rank = (/** @type {string} */ key) => (first.includes(key) ? first.indexOf(key) : first.length);
    const all = side.controls.filter((c) => c.group !== 'display').map((c) => c.key);
    const shown = side.controls.filter((c) => c.group !== 'display' && this.isShown(c.key, all))
      .sort((p, q) => rank(p.key) - rank(q.key));
    // a change applies to both sides where the engine wants it so, and for a seed as long as it is the same: same noise
    const both = (/** @type {Control} */ c) =>
      Boolean(opened.b) && (c.shared || (c.kind === 'seed' && opened.a.values[c.key] === opened.b?.values[c.key]));
    for (const [key, field] of this.fields) {
      if (shown.some((c) => c.key === key && shape(c, both(c)) === field.shape)) continue;
      field.el.remove();
      this.fields.delete(key);
    }
    const few = shown.length < all.length && shown.length <= FEW; // of which none needs to be folded away
    const place = new Map([this.main, this.own, this.rest, this.more].map((part) => [part, 0]));
    const partOf = (/** @type {Control} */ c) => {
      if (few) return this.main;
      if (fold.keys.includes(c.key)) return this.own;
      if (c.group === 'more') return this.more;
      return first.includes(c.key) ? this.main : this.rest;
    };
    for (const control of shown) {
      let field = this.fields.get(control.key);
      if (!field) {
        field = build(control, both(control), this.edit);
        this.fields.set(control.key, field);
      }
      const parent = partOf(control);
      const i = place.get(parent) ?? 0;
      place.set(parent, i + 1);
      if (parent.children[i] !== field.el) parent.insertBefore(field.el, parent.children[i] ?? null);
      field.show(control, tab === 'b' && opened.b && !both(control) ? 'b' : 'a');
    }
    this.fold.hidden = !place.get(this.more);
    this.ownFold.hidden = !place.get(this.own);
    if (fold.name && this.ownName.textContent !== fold.name) this.ownName.textContent = fold.name;
    const held = shown.filter((c) => fold.keys.includes(c.key)).map((c) => c.key).join();
    if (held !== this.held && fold.open?.(side.values)) this.ownFold.open = true;
    this.held = held;
  }
}

/** What decides how a control is built. @param {Control} c @param {boolean} both */
function shape(c, both) {
  return JSON.stringify([c.kind, c.label, c.help, c.choices.map((x) => x.value), c.min, c.max, c.log, c.group, both]);
}

/**
 * @param {Control} control
 * @param {boolean} shared  both sides of a comparison have it in common
 * @param {Edit} edit
 * @returns {Field}
 */
function build(control, shared, edit) {
  const id = `c-${control.key}`;
  const now = { control, side: /** @type {SideId} */ ('a') };
  const error = h('p.refused', { id: `${id}-error`, role: 'alert', hidden: true });
  const words = h('span', {}, ...sentence(control.help));
  const remark = h('em', {});
  const help = h('p.help', { id: `${id}-help` }, words, ' ', remark);
  let timer = 0;
  const refuse = (/** @type {LinkError|null} */ e) => {
    error.hidden = !e;
    error.textContent = e ? e.message : '';
    for (const input of el.querySelectorAll('input, select')) input.setAttribute('aria-invalid', String(Boolean(e)));
  };
  let value = '';
  let gesture = '';
  const send = (/** @type {string} */ text, /** @type {number} */ delay, /** @type {string} */ of = '') => {
    value = text;
    gesture = of;
    if (timer && delay) return; // a slider on the move is heard every now and then
    clearTimeout(timer);
    const { side } = now;
    timer = self.setTimeout(async () => {
      timer = 0;
      const refused = value === now.control.value ? null : await edit(side, control.key, value, gesture);
      refuse(refused);
      if (!refused) setTimeout(fill, 150); // a clamped number shows what is used
    }, delay);
  };
  const described = `${id}-help ${id}-error`;
  const name = h('label', { for: id }, control.label, shared && h('span.shared', {}, ' A and B'));
  /** @type {HTMLElement} */
  let el;
  /** @type {() => void} */
  let fill;
  if (control.kind === 'choice') {
    const select = h('select', { id, 'aria-describedby': described, onchange: () => send(select.value, 0) },
      ...control.choices.map((c) => h('option', { value: c.value }, c.label)));
    el = h('div.field', {}, name, select, help, error);
    fill = () => {
      select.value = now.control.value;
      words.replaceChildren(...sentence(now.control.choices.find((c) => c.value === now.control.value)?.help || control.help));
    };
  } else {
    const text = ['reals', 'ints', 'matrix'].includes(control.kind);
    let typed = false; // what is being typed stays, whatever the answer to the edit before
    const input = h('input', {
      id,
      type: 'text',
      class: text ? 'wide' : 'short',
      inputmode: control.kind === 'int' || control.kind === 'seed' ? 'numeric' : text ? 'text' : 'decimal',
      spellcheck: 'false',
      autocomplete: 'off',
      'aria-describedby': described,
      oninput: () => (typed = true),
      onchange: () => {
        typed = false;
        send(input.value.trim(), 0);
      },
    });
    const drag = { name: '', held: false, last: -Infinity };
    const slider = ranged(control) ? h('input', {
      type: 'range', min: 0, max: NOTCHES, step: 1, 'aria-label': control.label, onchange: () => {
        drag.held = false;
        drag.last = performance.now();
      }, oninput: () => {
        if (!drag.held && performance.now() - drag.last > APART_MS) drag.name = `slider ${++gestures}`;
        drag.held = true;
        const value = fromNotch(control, Number(slider?.value));
        input.value = value;
        slider?.setAttribute('aria-valuetext', value);
        send(value, DELAY_MS, drag.name);
      },
    }) : null;
    const fresh =
      control.kind === 'seed' &&
      h(
        'button.quiet',
        { type: 'button', title: 'Draw a new seed', onclick: () => send(String(crypto.getRandomValues(new Uint32Array(1))[0]), 0) },
        icon('M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5'),
        'New',
      );
    el = text
      ? h('div.field', {}, name, input, help, error)
      : h('div.field', {}, h('div.inline', {}, name, h('span.value', {}, input, fresh)), slider, help, error);
    fill = () => {
      if (timer || input.matches('[aria-invalid=true]:focus') || (typed && document.activeElement === input)) return;
      typed = false;
      if (document.activeElement !== input || input.value.trim() !== now.control.value) input.value = now.control.value;
      if (slider && document.activeElement !== slider) slider.value = String(toNotch(control, Number(now.control.value)));
      slider?.setAttribute('aria-valuetext', now.control.value);
    };
  }
  let last = '';
  return {
    el,
    shape: shape(control, shared),
    show(next, side) {
      const key = side + next.value;
      now.control = next;
      now.side = side;
      remark.textContent = next.remark;
      if (key !== last) {
        last = key;
        refuse(null);
        fill();
      }
    },
  };
}

/** @param {Control} c */
function ranged(c) {
  return (c.kind === 'int' || c.kind === 'real') && typeof c.min === 'number' && typeof c.max === 'number';
}

/** @param {Control} c @returns {[number, number]} */
function ends(c) {
  const lo = /** @type {number} */ (c.min);
  const hi = /** @type {number} */ (c.max);
  return [lo, hi];
}

/** @param {Control} c @param {number} v */
function toNotch(c, v) {
  const [lo, hi] = ends(c);
  if (!c.log) return (NOTCHES * (v - lo)) / (hi - lo);
  const zero = lo > 0 ? lo : hi / 1e4;
  return v <= zero ? 0 : (NOTCHES * Math.log(v / zero)) / Math.log(hi / zero);
}

/** @param {Control} c @param {number} notch */
function fromNotch(c, notch) {
  const [lo, hi] = ends(c);
  const p = notch / NOTCHES;
  const zero = lo > 0 ? lo : hi / 1e4;
  const v = p <= 0 ? lo : p >= 1 ? hi : c.log ? zero * (hi / zero) ** p : lo + p * (hi - lo);
  if (c.kind === 'int') return String(Math.max(lo, Math.min(hi, round(v, c.log && v > 1000 ? 2 : 0))));
  const fine = c.log ? v : Math.round((v - lo) / ((hi - lo) / 200)) * ((hi - lo) / 200) + lo;
  return String(Number(Math.max(lo, Math.min(hi, fine)).toPrecision(c.log ? 2 : 4)));
}

/** @param {number} v @param {number} figures  0 for whole numbers */
function round(v, figures) {
  return figures ? Number(v.toPrecision(figures)) : Math.round(v);
}
