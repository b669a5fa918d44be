// A line below the numbers: what a run teaches, and what to try next.
import { h, refill } from './dom.js';
import { count, number } from '../plots/kit.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').SideId} SideId
 * @typedef {import('../app/store.js').SideState} SideState
 * @typedef {import('../labs/toy1d-lesson.js').Lesson} Lesson
 */

export class LessonLine {
  /** @param {HTMLElement} host @param {{ steps: (side: SideId, steps: number) => void, sweep: () => void }} on */
  constructor(host, on) {
    this.host = host;
    this.on = on;
  }

  /** @param {State} s @param {((side: SideState) => Lesson|null)|undefined} lesson  of the lab */
  update(s, lesson) {
    const sides = /** @type {SideState[]} */ ([s.a, s.b].filter(Boolean));
    this.host.hidden = !lesson || !sides.some(({ info }) => info.values.score === 'exact'); // its place is kept while it is empty
    const found = sides.map((side) => ({ side, told: lesson?.(side) ?? null }));
    const sweeping = s.opened?.view === 'sweep';
    refill(this.host, JSON.stringify([found.map(({ side, told }) => [side.id, side.info.title, told]), sweeping, Boolean(s.b)]), () => found.map(({ side, told }) => told && this.#line(side, told, Boolean(s.b), sweeping)));
  }

  /** @param {SideState} side @param {Lesson} told @param {boolean} paired @param {boolean} sweeping */
  #line({ id }, { value, exact, errors, steps, more }, paired, sweeping) {
    return h('p', {},
      h('b', {}, `${paired ? `${id.toUpperCase()}: ` : ''}Variance ${number(value)} in place of ${number(exact)}: `),
      `${count(errors)} standard errors off with an exact score: the error of ${steps === 1 ? 'one step' : `${count(steps)} steps`} (discretisation). `,
      more !== null && h('button.chip', { type: 'button', onclick: () => this.on.steps(id, more) }, `Try ${count(more)} steps`), ' ',
      !sweeping && h('button.chip', { type: 'button', onclick: () => this.on.sweep() }, 'Sweep over N'));
  }
}
