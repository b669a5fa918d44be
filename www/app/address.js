// The address bar: the hash is the link, the query holds display flags (ui/flags.js). Nothing here reads inside a link.

const GAP_MS = 700; // between changes of what goes on
/** Safari allows 50 changes in 30 s. */
const MOST = { changes: 45, ms: 30_000 };

/** Where the present entry stands in the history; NaN where the browser does not say. @returns {number} */
const place = () => /** @type {any} */ (globalThis).navigation?.currentEntry?.index ?? NaN;

export class Address {
  /** @param {boolean} steps  whether steps are entries of the history: those of a frame would be entries of its host */
  constructor(steps) {
    this.steps = steps;
    /** @type {number[]} */
    this.changes = []; // when the last ones were made
    this.timer = 0;
    this.step = false; // what is pending is an entry of its own
    this.pending = '';
    this.ahead = false; // what is pending is not in the address bar
    this.seen = location.hash;
    this.own = { link: '', place: NaN }; // the entry that was written, or gone to, last
    this.returns = false; // the browser is on its way back to it
  }

  /** The link that the address stands for: what was entered last, or what is to be written. */
  get link() {
    return this.ahead && location.hash === this.seen ? this.pending : this.read();
  }

  /** The text after '#', as it stands. */
  read() {
    return location.hash.replace(/^#/, '');
  }

  /** Whether the present entry of the history was written here: then the visitor went back or forth to it. */
  get known() {
    return history.state?.scorefield === true;
  }

  /**
   * Puts a link into the address bar, seldom enough for every browser; a step as an entry of its own. Where steps come faster than
   * browsers allow, some have none.
   * @param {string} link @param {boolean} [step]
   */
  write(link, step = false) {
    const now = performance.now();
    this.changes = this.changes.filter((then) => now - then < MOST.ms);
    const free = MOST.changes - this.changes.length;
    if (step && this.timer && free > 1) this.#put(); // what was pending belongs to the entry before
    this.pending = link;
    this.step ||= step && this.steps;
    this.ahead = true;
    if (this.timer && !step) return;
    const rest = step ? 0 : GAP_MS - (now - (this.changes.at(-1) ?? -Infinity));
    const full = free > 0 ? 0 : MOST.ms - (now - this.changes[0]);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#put(), Math.max(0, rest, full));
  }

  #put() {
    clearTimeout(this.timer);
    this.timer = 0;
    const { step } = this;
    this.step = false;
    if (location.hash !== this.seen || this.returns) return; // another address was entered, or is gone to: its event is on the way
    try {
      // the link of the entry before, written in another way: one step back is to leave it, not to come to it again
      if (this.steps && !this.known && this.pending === this.own.link && place() === this.own.place + 1) {
        this.returns = true;
        history.back();
        return;
      }
      if (this.read() !== this.pending || !this.known) {
        // a link as it was entered, also a wrong one, is the entry of the link that it opened: one step back leaves it
        const pushes = step && this.known && this.read() !== this.pending;
        history[pushes ? 'pushState' : 'replaceState']({ scorefield: true }, '', '#' + this.pending);
        this.changes.push(performance.now());
      }
      this.seen = location.hash;
      this.ahead = false;
      this.own = { link: this.pending, place: place() };
    } catch {
      // an opaque origin may refuse: the link is still in the share panel
    }
  }

  /** Takes the address that was entered; forgets a change that has not been written. Returns whether it is still that of the open link. */
  drop() {
    this.seen = location.hash;
    const back = this.returns && this.known;
    this.returns = false;
    if (this.known) this.own = { link: this.read(), place: place() };
    const edited = back && this.pending !== this.read(); // while the browser was on its way
    this.ahead = this.step = false;
    clearTimeout(this.timer);
    this.timer = 0;
    if (edited) this.write(this.pending, true);
    return back;
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
