// The address bar: the hash is the link, the query holds display flags (ui/flags.js). Nothing here reads inside a link.

const GAP_MS = 700; // Safari allows 50 changes in 30 s

export class Address {
  constructor() {
    this.last = 0;
    this.timer = 0;
    this.pending = '';
    this.ahead = false; // what is pending is not in the address bar
    this.seen = location.hash;
  }

  /** The link that the address stands for: what was entered last, or what is to be written. */
  get link() {
    return this.ahead && location.hash === this.seen ? this.pending : this.read();
  }

  /** The text after '#', as it stands. */
  read() {
    return location.hash.replace(/^#/, '');
  }

  /**
   * Puts a link into the address bar, seldom enough for every browser.
   * @param {string} link
   */
  write(link) {
    this.pending = link;
    this.ahead = true;
    if (this.timer) return;
    const wait = Math.max(0, this.last + GAP_MS - performance.now());
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.last = performance.now();
      if (location.hash !== this.seen) return; // another address was entered: its event is on the way
      try {
        if (this.read() !== this.pending) history.replaceState(history.state, '', '#' + this.pending);
        this.seen = location.hash;
        this.ahead = false;
      } catch {
        // an opaque origin may refuse: the link is still in the share panel
      }
    }, wait);
  }

  /** Takes the address that was entered; forgets a change that has not been written. */
  drop() {
    this.seen = location.hash;
    this.ahead = false;
    clearTimeout(this.timer);
    this.timer = 0;
  }

  /**
   * The address of this page with another link (and no display flags).
   * @param {string} link
   * @param {string} [query]
   */
  full(link, query = '') {
    const base = location.href.split(/[?#]/)[0];
    return base + (query ? '?' + query : '') + '#' + link;
  }
}
