// What is open: takes links and edits, and says what follows from them for the sides, the jobs and the trainings.
import { Answers } from './answers.js';
import { Files } from './files.js';
import { Jobs } from './jobs.js';
import { Rate } from '../ui/rate.js';
import { Sides } from './sides.js';
import { Steps } from './steps.js';
import { Trainings } from './trainings.js';
import { SIDES, asFault, asNotice, current, runKey, waits } from './store.js';

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').SideId} SideId
 * @typedef {import('./store.js').SideState} SideState
 * @typedef {import('./store.js').Opened} Opened
 * @typedef {import('./store.js').LinkError} LinkError
 * @typedef {import('../engine/client.js').Client} Client
 * @typedef {import('../engine/engines.js').Engines} Engines
 * @typedef {import('./address.js').Address} Address
 * @typedef {import('./steps.js').Cause} Cause
 */

/**
 * What a view asks for beside scenes and runs.
 * @typedef {object} Wants
 * @property {import('./jobs.js').JobNeed} [job]
 * @property {(side: SideState) => import('./answers.js').Need[]} needs
 */

export class Session {
  /** @param {Store} store @param {Client} client @param {Engines} engines @param {Address} address */
  constructor(store, client, engines, address) {
    this.store = store;
    this.client = client;
    this.address = address;
    this.answers = new Answers(store, client);
    this.rate = new Rate(engines.measured);
    this.jobs = new Jobs(store, client, engines, this.rate, () => this.isSeen());
    this.trainings = new Trainings(store, client, () => this.isSeen());
    this.sides = new Sides(this, engines);
    this.files = new Files(this);
    this.steps = new Steps();
    this.gesture = ''; // that the edits being asked for belong to
    this.epoch = 0; // grows with every adopted link: what was begun for an older one is dropped
    this.opens = 0; // grows with every link that is asked for: an edit of the one before comes too late
    this.stop = new AbortController(); // of what is asked for the present epoch
    /** @type {Promise<unknown>} */
    this.arrival = Promise.resolve(); // of the link that was asked for last
    /** @type {Promise<unknown>} */
    this.line = Promise.resolve(); // edits, one after the other
    /** @type {Promise<unknown>} */
    this.ways = Promise.resolve(); // undo and redo, one after the other
    /** @type {() => void} */
    this.onFirst = () => {}; // the first run is on screen, or under way for a while
    this.isSeen = () => !document.hidden; // the picture is on screen
  }

  get state() {
    return this.store.state;
  }

  // ── opening ──────────────────────────────────────────────────────────────────────────────────
  /** Opens the text of an address. The address stays as it is when the text is wrong. @param {string} text */
  open(text) {
    return this.#bring(text, (opened) => this.rewind(opened));
  }

  /** Puts the clock where a link begins. @param {Opened} opened */
  rewind(opened) {
    this.sides.before = null;
    const play = opened.at === 0 && !reducedMotion(); // a link with a scrub position shows just that
    const at = opened.at === 0 && reducedMotion() ? 1 : opened.at;
    this.store.patch({ notices: [], at, playing: play }); // the notices are those of the link before
  }

  /** Makes a link the state that was read elsewhere, after what is under way. @param {Opened} opened */
  async take(opened) {
    await Promise.allSettled([this.line, this.arrival]);
    this.opens++;
    this.adopt(opened).catch((e) => this.refuse(e));
  }

  /**
   * Goes to a link of this visit; the picture stays at its scrub position, where the link has none.
   * @param {string} link @param {import('./steps.js').Way} [way]
   */
  travel(link, way = 'browser') {
    return this.#bring(link, ({ at }) => this.store.patch({ notices: [], ...(at > 0 ? { at, playing: false } : {}) }), way);
  }

  /** To the link before the last step, or to the one that is still shown where another did not open. */
  undo() {
    return this.#go('undo', () => (this.state.unopened && this.steps.now ? this.steps.now : this.steps.before));
  }

  /** To the link that was left by undo. */
  redo() {
    return this.#go('redo', () => this.steps.after);
  }

  /** One step after the other, however fast they are asked for. @param {'undo'|'redo'} way @param {() => string|null} where */
  #go(way, where) {
    this.ways = this.ways.then(async () => {
      await Promise.allSettled([this.line, this.arrival]);
      const link = where();
      if (link !== null) this.travel(link, way);
    });
    return this.ways;
  }

  /**
   * Opens a valid link given as text and writes it to the address (a suggested fix).
   * @param {string} link @param {string[]} [changes]  that it made
   */
  follow(link, changes) {
    return this.#bring(link, (opened) => {
      if (changes) opened.changes = changes;
    });
  }

  /** Another epoch begins. */
  turn() {
    this.stop.abort();
    this.stop = new AbortController();
    return ++this.epoch;
  }

  /**
   * Asks for a link and makes it the state, unless yet another is asked for meanwhile.
   * @param {string} text @param {(opened: Opened) => void} [first]  before it is adopted
   * @param {Cause} [cause]
   */
  async #bring(text, first, cause = 'step') {
    const epoch = this.turn();
    this.opens++;
    this.store.patch({ opening: true });
    try {
      const arrival = this.client.now('open_link', text);
      this.arrival = arrival;
      const opened = await arrival;
      if (epoch !== this.epoch) return;
      first?.(opened);
      await this.#adopt(opened, cause);
    } catch (e) {
      if (epoch === this.epoch) this.refuse(e, this.state.opening);
    }
  }

  /** @param {unknown} e @param {boolean} [unopened]  the address is of the link that was refused */
  refuse(e, unopened = false) {
    const fault = /** @type {any} */ (e);
    const state = { opening: false, ...(unopened ? { unopened, notices: [] } : {}) };
    this.store.patch(fault?.kind === 'link' ? { linkError: fault, ...state } : { fault: asFault(e), ...state });
  }

  /** Makes a link the state, in an epoch of its own. @param {Opened} opened @param {Cause} [cause] */
  adopt(opened, cause = 'step') {
    this.turn();
    return this.#adopt(opened, cause);
  }

  /** Restarts what depends on what has changed, keeps the rest. @param {Opened} opened @param {Cause} cause */
  async #adopt(opened, cause) {
    const { epoch } = this;
    const { opened: old, notices: told } = this.state;
    const notices = changesOf(opened, old).map(asNotice);
    const moved = !old || SIDES.some((id) => runKey(id, old) !== runKey(id, opened));
    this.address.write(opened.link, this.steps.take(opened.lab, opened.link, cause));
    this.store.patch({
      opened, opening: false, unopened: false, linkError: null, fault: null, notices: notices.length || moved ? notices : told,
    });
    if (old && old.lab !== opened.lab) for (const id of SIDES) this.sides.release(id);
    if (!opened.b) {
      this.sides.release('b');
      this.store.patch({ tab: 'a' });
    }
    this.jobs.adopt(opened);
    this.trainings.keep(opened);
    await this.sides.adopt(opened, old?.fp !== opened.fp, () => epoch === this.epoch);
  }

  /** Runs the link of the address, whatever ran before: from where a link begins, if nothing of it was there to be seen. */
  again() {
    const seen = SIDES.some((id) => (this.state[id]?.run.reached ?? 0) > 0);
    for (const id of SIDES) this.sides.release(id);
    this.jobs.forget();
    this.store.patch({ fault: null });
    if (!this.state.opened) return this.open(this.address.link);
    return this.#bring(this.address.link, seen ? undefined : (opened) => this.rewind(opened));
  }

  // ── edits ────────────────────────────────────────────────────────────────────────────────────
  /**
   * Sets one key. Resolves to null, or to the reason for refusing; then nothing has changed.
   * @param {SideId} side @param {string} key @param {string} value
   * @returns {Promise<LinkError|null>}
   */
  edit(side, key, value) {
    const patient = this.state.opened?.display.includes(key); // no run ends for it: a busy engine is waited for
    const cause = key === 'at' ? 'amend' : undefined;
    return this.#change((link) => this.client[patient ? 'call' : 'now']('edit_link', link, side, key, value), cause);
  }

  /** Sets several keys at once. @param {SideId} side @param {[string, string][]} pairs */
  editKeys(side, pairs) {
    return this.#change((link) => this.client.now('edit_keys', link, side, pairs));
  }

  /**
   * A link with other values of keys of both sides: all of them or none.
   * @param {string} link @param {[SideId, string, string][]} edits
   * @returns {Promise<Opened>}
   */
  async edited(link, edits) {
    const of = (/** @type {SideId} */ id) => edits.flatMap(([side, ...pair]) => (side === id ? [pair] : []));
    const [first, second] = SIDES.map(of);
    const opened = first.length ? await this.client.now('edit_keys', link, 'a', first) : null;
    if (opened && !second.length) return opened;
    const last = await this.client.now('edit_keys', opened?.link ?? link, 'b', second);
    if (!opened) return last;
    const both = (/** @type {'changes'|'clamps'|'dropped'} */ what) => [...opened[what], ...last[what]];
    return /** @type {Opened} */ ({ ...last, changes: both('changes'), clamps: both('clamps'), dropped: both('dropped') });
  }

  /** Another text of the whole link. @param {(link: string) => string} how */
  rewrite(how) {
    return this.#change((link) => this.client.now('open_link', how(link)));
  }

  /** @param {boolean} on */
  compare(on) {
    return this.#change((link) => this.client.now('compare_link', link, on));
  }

  /**
   * Edits that are asked for in `act` are changes of one gesture, and so one step with those of it before.
   * @template T
   * @param {string} gesture  empty: of none
   * @param {() => T} act
   */
  within(gesture, act) {
    this.gesture = gesture;
    try {
      return act();
    } finally {
      this.gesture = '';
    }
  }

  /** @param {(link: string) => Promise<Opened>} how @param {Cause} [cause] @returns {Promise<LinkError|null>} */
  #change(how, cause = this.gesture ? { gesture: this.gesture } : 'step') {
    const done = this.line.then(async () => {
      const link = this.state.opened?.link;
      if (link === undefined || this.state.opening) return null; // another link comes
      const { opens } = this;
      const late = () => this.opens !== opens || this.state.opened?.link !== link; // another link was asked for meanwhile
      try {
        const opened = await how(link);
        if (late()) return null;
        this.adopt(opened, cause).catch((e) => this.refuse(e)); // the next edit need not wait for an engine
      } catch (e) {
        if (late()) return null;
        const fault = /** @type {any} */ (e);
        if (fault?.kind === 'link') return fault;
        this.store.patch({ fault: asFault(e) });
      }
      return null;
    });
    this.line = done;
    return done;
  }

  /** The scrub position has come to rest: it belongs in the link. */
  rest() {
    const { opened, at } = this.state;
    const text = String(Math.round(at * 1000) / 1000);
    if (opened && Number(text) !== opened.at) this.edit('a', 'at', text);
  }

  // ── what the open view asks for ──────────────────────────────────────────────────────────────
  /** Called when the sides of the open link are drawn. @param {Wants} view */
  need(view) {
    const { opened, a, b } = this.state;
    if (!opened) return;
    const sides = [a, b].flatMap((side) => side ?? []);
    if (sides.some(waits)) this.jobs.leave(); // what asks for a network waits for it
    else if (!sides.some(({ run }) => run.state === 'waiting')) this.jobs.need(opened, view.job);
    for (const side of sides) this.answers.need(side, view.needs(side));
    for (const { id } of sides) this.sides.metrics(id);
  }

  /** Stops runs, jobs and trainings; what has been computed stays. Returns whether there was something to stop. */
  cancel() {
    const runs = this.sides.cancel();
    const jobs = this.jobs.cancel();
    this.store.touch();
    return runs || jobs;
  }

  /** Takes a training up where it was stopped. @param {import('./store.js').TrainingState} training */
  resume(training) {
    const used = training.state === 'done';
    this.trainings.resume(training);
    if (used) this.again();
  }

  /**
   * Trains a loaded network here: its runs are the link's own once the weights are the same.
   * @param {import('./store.js').TrainingState} training
   */
  async prove(training) {
    try {
      const same = await this.trainings.prove(training);
      if (same === false) this.again();
      else if (same) await Promise.all(SIDES.map((id) => current(this.state, id)?.training === training && this.sides.check(id)));
    } catch (e) {
      this.store.patch({ fault: asFault(e) });
    }
  }
}

/**
 * What was changed to read or edit a link, a sentence each.
 * @param {Opened} opened @param {Opened|null} old  before it
 */
export function changesOf({ changes, clamps, dropped }, old) {
  return [...changes, ...clamps.map(({ message }) => message), ...dropped.map((note) => leftOut(note, old))];
}

/**
 * That a change of a control takes another key with it, in the words of the controls.
 * @param {Opened['dropped'][number]} note @param {Opened|null} old
 */
function leftOut({ key, value, message }, old) {
  const [side, name] = key.startsWith('b.') ? [old?.b, key.slice(2)] : [old?.a, key];
  const control = side?.controls.find((c) => c.key === name);
  if (!control) return message;
  const said = control.choices.find((c) => c.value === value)?.label ?? value;
  const whose = old?.b && side === old.b ? 'B: ' : '';
  return `${whose}“${control.label}” = ${said} is left out: it does not go with this change.`;
}

export function reducedMotion() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
