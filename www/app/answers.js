// What a view asks about a side beyond its scene and its run: one question at a time a side, the most urgent first.
// Answers stay with the side.
import { asFault, waits } from './store.js';

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').SideId} SideId
 * @typedef {import('./store.js').SideState} SideState
 * @typedef {import('../engine/client.js').Client} Client
 */

/**
 * A question of a view. The questions of a lab stand in its folder in src/labs.
 * @typedef {object} Need
 * @property {string} question
 * @property {Record<string, any>} [args]  plain values: they are the name under which the answer is kept
 * @property {'run'} [of]  asked of the side's run, once that is done
 * @property {boolean} [learned]  asks the side's network, where it has one: it waits while that is being trained or loaded
 * @property {number} [keep]  how many answers of this question are held; the oldest that the view does not need go first
 */

/** @typedef {Map<string, any>} Kept  answers by their names */

/** A question on its way. @typedef {{ kept: Kept, need: Need, stop: AbortController }} Asked */

/**
 * A question that is asked again and again with other arguments.
 * @typedef {{ busy: boolean, next: (() => Promise<void>)|null, overtaken: () => void }} Trial
 */

/** The name of an answer. @param {Need} need */
const nameOf = ({ question, args = {}, of }) => `${of ? `${of} ` : ''}${question} ${JSON.stringify(args)}`;

/**
 * The answer to a question about a side; undefined while it is on its way.
 * @param {Pick<SideState, 'answers'>} side
 * @param {string} question
 * @param {Record<string, any>} [args]
 * @param {'run'} [of]  as in the need
 * @returns {any}
 */
export function answerOf(side, question, args = {}, of) {
  return side.answers.get(nameOf({ question, args, of }));
}

export class Answers {
  /**
   * @param {Store} store
   * @param {Client} client
   */
  constructor(store, client) {
    this.store = store;
    this.client = client;
    /** @type {Record<SideId, Asked|null>} */
    this.asked = { a: null, b: null };
    /** What was needed last. @type {WeakMap<Kept, Need[]>} */
    this.needs = new WeakMap();
    /** Questions that failed: they are not asked again. @type {WeakMap<Kept, Set<string>>} */
    this.refused = new WeakMap();
    /** @type {Map<string, Trial>} */
    this.trials = new Map();
  }

  /**
   * Asks for what is missing. Called whenever a side is drawn: each answer draws it again.
   * @param {SideState} side
   * @param {Need[]} needs  the most urgent first
   */
  need(side, needs) {
    const { id, answers: kept } = side;
    this.needs.set(kept, needs);
    const asked = this.asked[id];
    // A question that is still of use goes on, also where its arguments have changed: else a picture that moves would never have an answer.
    if (asked && asked.kept === kept && needs.some(({ question, of }) => question === asked.need.question && of === asked.need.of)) return;
    this.leave(id);
    const need = this.#next(side);
    if (need) this.#ask(side, need);
  }

  /** Whether something that was needed last is still on its way. @param {SideState} side */
  busy(side) {
    return this.asked[side.id]?.kept === side.answers || this.#next(side) !== null;
  }

  /** Gives up the question about a side that is on its way. @param {SideId} id */
  leave(id) {
    this.asked[id]?.stop.abort();
    this.asked[id] = null;
  }

  /** The first need that can be asked and has no answer. @param {SideState} side @returns {Need|null} */
  #next(side) {
    const { answers: kept, run } = side;
    const refused = this.refused.get(kept);
    return (this.needs.get(kept) ?? []).find((need) => {
      if (need.of === 'run' && run.state !== 'done') return false;
      if (need.learned && waits(side)) return false;
      return !kept.has(nameOf(need)) && !refused?.has(nameOf(need));
    }) ?? null;
  }

  /** @param {SideState} side @param {Need} need */
  async #ask({ id, link, run, answers: kept }, need) {
    const asked = { kept, need, stop: new AbortController() };
    this.asked[id] = asked;
    const { question, args = {}, of, learned } = need;
    const { signal } = asked.stop;
    try {
      const answer = await (of === 'run' ? this.client.askRun(run.id, question, args, { signal })
        : this.client.ask(link, id, question, args, { learned, signal }));
      if (signal.aborted) return;
      kept.set(nameOf(need), answer);
      this.#trim(kept, need);
    } catch (e) {
      if (signal.aborted) return;
      const fault = asFault(e);
      if (fault.kind !== 'silent') { // after that an engine has taken the place of the other, and is asked again
        this.refused.set(kept, (this.refused.get(kept) ?? new Set()).add(nameOf(need)));
        if (this.store.state[id]?.answers === kept) this.store.patch({ fault });
      }
    }
    if (this.asked[id] === asked) this.asked[id] = null;
    this.store.touch(); // what is missing now is asked for when this is drawn
  }

  /** Forgets the oldest answers to a question. @param {Kept} kept @param {Need} need */
  #trim(kept, { question, of, keep = Infinity }) {
    const needed = new Set((this.needs.get(kept) ?? []).map(nameOf));
    const names = [...kept.keys()].filter((name) => name.startsWith(`${of ? `${of} ` : ''}${question} `));
    const old = names.filter((name) => !needed.has(name));
    for (const name of old.slice(0, Math.max(0, names.length - keep))) kept.delete(name);
  }

  /**
   * The answer for arguments that are tried out, as while something is dragged: nothing of it is kept. Resolves to null where a later
   * trial of the same question came before this one was asked, and where the engine refuses.
   * @param {SideState} side
   * @param {string} question
   * @param {Record<string, any>} args
   * @returns {Promise<any>}
   */
  trial({ id, link }, question, args) {
    const name = `${id} ${question}`;
    /** @type {Trial} */
    const trial = this.trials.get(name) ?? { busy: false, next: null, overtaken: () => {} };
    this.trials.set(name, trial);
    trial.overtaken();
    return new Promise((tell) => {
      trial.overtaken = () => tell(null);
      trial.next = () => this.client.ask(link, id, question, args).then(tell, () => tell(null));
      this.#try(trial);
    });
  }

  /** @param {Trial} trial */
  async #try(trial) {
    const { next } = trial;
    if (trial.busy || !next) return;
    Object.assign(trial, { busy: true, next: null, overtaken: () => {} });
    await next();
    trial.busy = false;
    this.#try(trial);
  }
}
