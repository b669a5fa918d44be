// The links of a visit: what undo and redo go through, and where each lab was left. Knows neither page nor browser.

const MOST = 200; // steps that are kept

/**
 * How a link came: by a step of its own, as one of the changes of a gesture (a slider that is dragged), by a move of the scrub
 * position, which is no step, or by a way among the steps: back, forth, or wherever the browser went.
 * @typedef {'step'|'amend'|Way|{ gesture: string }} Cause
 * @typedef {'undo'|'redo'|'browser'} Way
 */

export class Steps {
  constructor() {
    /** @type {string[]} */
    this.past = [];
    this.now = '';
    /** @type {string[]} */
    this.future = []; // the next one first
    this.gesture = ''; // that made the present link
    /** The last link of each lab. @type {Map<string, string>} */
    this.labs = new Map();
  }

  /**
   * Takes a link that was opened. Returns whether it is a step: an entry of its own in the browser's history.
   * @param {string} lab @param {string} link @param {Cause} cause
   */
  take(lab, link, cause) {
    this.labs.set(lab, link);
    const gesture = typeof cause === 'object' ? cause.gesture : '';
    const goesOn = cause === 'amend' || (gesture !== '' && gesture === this.gesture);
    if (cause !== 'amend') this.gesture = gesture;
    if (link === this.now) return false;
    if ((cause === 'undo' || cause === 'redo' || cause === 'browser') && this.#travel(link, cause)) return true;
    if (!this.now || goesOn) {
      this.now = link;
      return false;
    }
    this.past = [...this.past, this.now].slice(-MOST);
    this.now = link;
    this.future = [];
    return true;
  }

  /** The link before the present one; null where there is none. */
  get before() {
    return this.past.findLast((link) => link !== this.now) ?? null;
  }

  /** The link that was undone last; null where there is none. */
  get after() {
    return this.future.find((link) => link !== this.now) ?? null;
  }

  /** Goes to a link among the steps, the nearest one that way. @param {string} link @param {Way} way */
  #travel(link, way) {
    const all = [...this.past, this.now, ...this.future];
    const here = this.past.length;
    const back = this.past.lastIndexOf(link);
    const forth = all.indexOf(link, here + 1);
    const nearest = forth < 0 || (back >= 0 && here - back <= forth - here) ? back : forth;
    const found = way === 'undo' ? back : way === 'redo' ? forth : nearest;
    if (found < 0) return false;
    this.past = all.slice(0, found);
    this.now = link;
    this.future = all.slice(found + 1);
    return true;
  }
}
