// A line below the numbers: what a run teaches, and what to try next.
import { h, refill } from './dom.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').SideId} SideId
 * @typedef {import('../app/store.js').SideState} SideState
 * @typedef {import('../app/stage.js').Lab} Lab
 * @typedef {import('../app/stage.js').Lesson} Lesson
 */

export class LessonLine {
  /** @param {HTMLElement} host @param {(side: SideId, key: string, value: string) => void} edit */
  constructor(host, edit) {
    this.host = host;
    this.edit = edit;
  }

  /** @param {State} s @param {Lab['lesson']} lesson */
  update(s, lesson) {
    const sides = /** @type {SideState[]} */ ([s.a, s.b].filter(Boolean));
    this.host.hidden = !lesson || !sides.some(lesson.place); // its place is kept while it is empty
    const found = sides.map((side) => ({ side, told: lesson?.of(side) ?? null }));
    const view = s.opened?.view ?? '';
    const key = JSON.stringify([found.map(({ side, told }) => [side.id, side.info.title, told]), view, Boolean(s.b)]);
    refill(this.host, key, () => found.map(({ side, told }) => told && this.#line(told, s.b ? `${side.id.toUpperCase()}: ` : '', view)));
  }

  /** @param {Lesson} told @param {string} which @param {string} view  what is there already is not offered */
  #line({ lead, rest, offers }, which, view) {
    const chips = offers.filter(({ key, value }) => key !== 'view' || value !== view).map(({ text, side, key, value }) =>
      h('button.chip', { type: 'button', onclick: () => this.edit(side, key, value) }, text));
    return h('p', {}, h('b', {}, which + lead), `${rest} `, ...chips.flatMap((chip) => [chip, ' ']));
  }
}
