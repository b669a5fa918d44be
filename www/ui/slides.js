// Presenting: links one after the other, by the keys of a presenter.
import { h, icon } from './dom.js';

/** Keys of presenters and keyboards, and where they lead. @type {Record<string, (at: number, last: number) => number>} */
const KEYS = {
  PageDown: (at) => at + 1, ArrowRight: (at) => at + 1, ArrowDown: (at) => at + 1, n: (at) => at + 1,
  PageUp: (at) => at - 1, ArrowLeft: (at) => at - 1, ArrowUp: (at) => at - 1, p: (at) => at - 1,
  Home: () => 0, End: (_, last) => last,
};

export class Slides {
  /**
   * @param {() => string[]} links  of the presentation
   * @param {(link: string) => void} open
   */
  constructor(links, open) {
    this.links = links;
    this.open = open;
    this.at = 0;
    this.asked = true; // for a link that has not come
    /** Where the links stand that were opened, also as they were changed: the browser goes back to them. @type {Map<string, number>} */
    this.seen = new Map();
    this.place = h('output', { 'aria-label': 'Slide' });
    const button = (/** @type {string} */ name, /** @type {string} */ d, /** @type {() => void} */ act) =>
      h('button.quiet', { type: 'button', 'aria-label': name, title: name, onclick: act }, icon(d));
    this.back = button('Previous (PageUp)', 'M15 5l-7 7 7 7', () => this.go(this.at - 1));
    this.on = button('Next (PageDown)', 'M9 5l7 7-7 7', () => this.go(this.at + 1));
    this.el = h('span.slides', {}, this.back, this.place, this.on,
      button('Full screen (f)', 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5', fullScreen));
    addEventListener('keydown', (e) => this.#key(e), true); // before the keys of the page: arrows lead on here
  }

  /** The first link, where the address names none. @param {string} address */
  first(address) {
    const links = this.links();
    this.at = Math.max(0, links.indexOf(address));
    return address || (links[0] ?? '');
  }

  /** @param {number} to */
  go(to) {
    const links = this.links();
    const at = Math.max(0, Math.min(links.length - 1, to));
    if (at === this.at || !links.length) return;
    this.at = at;
    this.asked = true;
    this.open(links[at]);
  }

  /**
   * The list may have come meanwhile, and another link.
   * @param {string|null} link  that is open; empty where one did not open, null while one is on its way
   */
  update(link) {
    if (link) {
      const there = this.asked ? undefined : this.seen.get(link);
      if (there === undefined) this.seen.set(link, this.at);
      else this.at = there;
    }
    if (link !== null) this.asked = false;
    const n = this.links().length;
    const words = n ? `${this.at + 1} / ${n}` : '';
    if (this.place.value !== words) this.place.value = words;
    this.back.setAttribute('aria-disabled', String(this.at === 0)); // not `disabled`: the focus stays
    this.on.setAttribute('aria-disabled', String(this.at >= n - 1));
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey || document.querySelector('dialog[open]')) return;
    const on = e.target instanceof Element ? e.target : document.body;
    if (isOwn(on, e.key)) return;
    if (e.key === 'f') fullScreen();
    else if (Object.hasOwn(KEYS, e.key)) this.go(KEYS[e.key](this.at, this.links().length - 1));
    else return;
    e.preventDefault();
    e.stopPropagation();
  }
}

/**
 * Whether an element uses a key itself: a field for text uses all but those that turn pages, a picture and a slider those that move in it.
 * @param {Element} on @param {string} key
 */
function isOwn(on, key) {
  if (key.startsWith('Page')) return false;
  if (on.matches('textarea, select, input:not([type="range"], [type="radio"], [type="checkbox"])')) return true;
  return key.startsWith('Arrow') ? on.matches('input, [role="application"]') : /^(Home|End)$/.test(key) && on.matches('input');
}

/** Into full screen and back; where a frame may not, nothing happens. */
function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {});
}
