// What labs keep whose observations are moved by hand: the editor, and what it is told of the page.
import { Editor } from './observe.js';

/** @typedef {import('../../app/store.js').State} State */

/** @template {import('./observe.js').Scene} S */
export class Observing {
  /** @param {import('../../app/stage.js').Tools} tools @param {import('./observe.js').Marks<S>} marks */
  constructor(tools, marks) {
    this.tools = tools;
    /** @type {Editor<S>} */
    this.editor = new Editor(tools, marks);
    /** @type {HTMLElement[]} */
    this.below = [this.editor.refused];
  }

  /** @param {State} state */
  settle(state) {
    this.editor.settle(state);
  }

  turned() {
    this.editor.leave();
  }

  away() {
    this.editor.away();
  }

  stop() {
    this.turned();
  }

  /** @param {import('../../app/store.js').SideId} id @param {string} key @param {string} value */
  edit(id, key, value) {
    return this.editor.edit(id, key, value);
  }
}
