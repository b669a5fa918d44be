// Messages between an embed and the page around it (docs/embed.md, score-field.d.ts). An embed obeys and answers its parent alone, and
// nothing that a message says can lead it to another page: a link is text that the engine reads.
import { changesOf } from './session.js';
import { asFault, current, frameAt } from './store.js';

/**
 * @typedef {import('./store.js').State} State
 * @typedef {import('./store.js').SideState} SideState
 * @typedef {import('./session.js').Session} Session
 * @typedef {import('./player.js').Player} Player
 * @typedef {import('../../score-field.d.ts').Event} Event
 * @typedef {import('../../score-field.d.ts').Numbers} Numbers
 * @typedef {import('../../score-field.d.ts').State} Told
 */
/** @template T @typedef {T extends { event: string } ? Omit<T, 'scorefield'|'id'> : never} Bare */
/** An event without its envelope. @typedef {Bare<Event>} News */

/**
 * What the messages need of the page.
 * @typedef {object} Page
 * @property {Session} session
 * @property {Player} player
 * @property {() => void} start  opens the link of the address, unless that was done
 * @property {(opened: NonNullable<State['opened']>) => string[]} titles
 * @property {(state: State) => Told['run']} run
 * @property {() => number} height  that the page would like to have, in CSS pixels
 */

/**
 * What a message asks for: something that is done on the spot, or another link, made of the one before.
 * @typedef {object} Command
 * @property {Event['id']} id
 * @property {() => unknown} [act]
 * @property {(link: string) => Promise<Opened>} [edit]
 * @property {boolean} [fresh]  the other link is shown from its beginning
 * @property {boolean} [quick]  it is done on the spot: between two links it need not wait for the first
 * @property {'state'|'numbers'|'nothing'} answer
 */
/** @typedef {Pick<Command, 'act'|'edit'|'fresh'|'quick'>} Act */
/** @typedef {NonNullable<State['opened']>} Opened */

/**
 * A link that was made and is not open yet, with the commands that are answered once it is there. Those of links that were passed over
 * for it are among them.
 * @typedef {object} Ahead
 * @property {Opened} opened
 * @property {{ id: Event['id'], changes: string[]|null }[]} waiting  changes: null for what is no `set`
 */

const LONGEST = 100_000; // characters of a link
const NOTHING = { message: 'No experiment is open: the link could not be opened.' };
const DOES = ['set', 'play', 'pause', 'step', 'seek', 'reset', 'state', 'numbers'];

export class Messages {
  /** The link is there, or the reason why there is none. @type {() => void} */
  #settle = () => {};

  /** @param {Page} page @param {Window} [host]  the page around this one */
  constructor(page, host = parent) {
    this.page = page;
    this.host = host;
    this.warned = false;
    this.first = ''; // the link that was opened first
    this.told = { ready: false, frame: '', done: '', numbers: '', state: '', error: '', height: 0 };
    /** @type {Promise<void>} */
    this.settled = new Promise((resolve) => (this.#settle = resolve));
    /** Commands that wait for those before them. @type {Command[]} */
    this.queue = [];
    this.working = false;
    /** @type {Ahead|null} */
    this.ahead = null;
    if (host === self) return; // no page around this one
    addEventListener('message', (e) => {
      if (e.source === host) this.#hear(e.data);
    });
    page.session.store.listen((s) => this.#follow(s));
    new ResizeObserver(() => this.#measure()).observe(document.body);
  }

  /** The page's parts may have changed their sizes. @param {Element} part */
  watch(part) {
    if (this.host !== self) new ResizeObserver(() => this.#measure()).observe(part);
  }

  // ── what is heard ────────────────────────────────────────────────────────────────────────────
  /** @param {unknown} data */
  #hear(data) {
    if (data === 'slide:start' || data === 'slide:stop') { // reveal.js
      this.#add({ id: null, act: () => (data === 'slide:start' ? this.#play() : this.page.player.pause()), answer: 'nothing' });
      return;
    }
    const message = /** @type {Record<string, any>} */ (data);
    if (typeof data !== 'object' || data === null || message.scorefield !== 1) return this.#warn('it is not { scorefield: 1, do: … }');
    const { id = null } = message;
    const named = id === null || typeof id === 'string' || Number.isFinite(id);
    if (!named) return this.#warn('its id is neither a text nor a number');
    const act = this.#read(message);
    if (typeof act === 'string') {
      this.#warn(act);
      this.#post(id, { event: 'error', message: `The message was ignored: ${act}.`, remedy: null });
      return;
    }
    this.#add({ id, ...act, answer: message.do === 'numbers' ? 'numbers' : 'state' });
  }

  /** What a message asks for, or what is wrong with it. @param {Record<string, any>} message @returns {Act|string} */
  #read({ do: what, link, keys, by = 1, at }) {
    const { session, player } = this.page;
    switch (what) {
      case 'play': return { act: () => this.#play(), quick: true };
      case 'pause': return { act: () => player.pause(), quick: true };
      case 'step':
        if (!Number.isInteger(by)) return 'step needs a whole number `by`';
        return { act: () => player.step(by) };
      case 'seek':
        if (typeof at !== 'number' || !(at >= 0 && at <= 1)) return 'seek needs a number `at` from 0 (noise) to 1 (data)';
        return { act: () => player.scrub(at), quick: true };
      case 'reset': return this.#opening(() => this.first);
      case 'state': return {};
      case 'numbers': return { act: () => this.#numbers() };
      case 'set':
        if ((link === undefined) === (keys === undefined)) return 'set needs either `link` or `keys`';
        if (link === undefined) {
          const edits = editsOf(keys);
          return edits ? { edit: (from) => session.edited(from, edits) } : 'set needs `keys` as an object of texts, numbers and booleans';
        }
        if (typeof link !== 'string' || link.length > LONGEST) return `set needs \`link\` as a text of at most ${LONGEST} characters`;
        return this.#opening(() => link.replace(/^#/, ''));
      default: return `\`do\` is ${JSON.stringify(what) ?? 'missing'}; it can be ${DOES.join(', ')}`;
    }
  }

  /** @param {() => string} link @returns {Act} */
  #opening(link) {
    return { edit: () => this.page.session.client.now('open_link', link()), fresh: true };
  }

  #play() {
    const { player } = this.page;
    if (!player.store.state.playing) player.toggle();
  }

  /** Commands are done in their order, once there is something to act on. @param {Command} command */
  async #add(command) {
    this.page.start();
    this.queue.push(command);
    if (this.working) return;
    this.working = true;
    await this.settled;
    for (let next = this.queue.shift(); next; next = this.queue.shift()) await (next.edit ? this.#edit(next, next.edit) : this.#act(next));
    this.working = false;
  }

  /** @param {Command} command */
  async #act({ id, act, answer }) {
    try {
      const done = act?.();
      if (answer === 'numbers') this.#when(id, /** @type {Promise<News>} */ (done)); // it holds nothing up
      else if (answer === 'state' && this.ahead) this.ahead.waiting.push({ id, changes: null });
      else if (answer === 'state') await this.#tell([{ id, changes: null }]);
    } catch (e) {
      this.#refuse(id, e);
    }
  }

  /** @param {Event['id']} id @param {Promise<News>} numbers */
  #when(id, numbers) {
    numbers.then((news) => this.#post(id, news), (e) => this.#refuse(id, e));
  }

  /**
   * Makes another link. It is opened unless the next command makes another one of it: then only that one runs.
   * @param {Command} command @param {NonNullable<Command['edit']>} edit
   */
  async #edit({ id, fresh = false }, edit) {
    const { session } = this.page;
    try {
      const old = this.ahead?.opened ?? session.state.opened;
      if (!old && !fresh) throw NOTHING;
      const opened = await edit(old?.link ?? '');
      if (fresh) session.rewind(opened);
      this.ahead = { opened, waiting: [...this.ahead?.waiting ?? [], { id, changes: changesOf(opened, old) }] };
    } catch (e) { // a link that is wrong changes nothing
      this.#refuse(id, e);
    }
    if (!this.ahead || this.queue.find(({ quick }) => !quick)?.edit) return;
    const { opened, waiting } = this.ahead;
    this.ahead = null;
    await session.take(opened);
    await this.#tell(waiting);
  }

  /** Answers with the state, once the open link is there. @param {Ahead['waiting']} waiting */
  async #tell(waiting) {
    while (this.#isOnItsWay()) await new Promise((next) => setTimeout(next, 20));
    const now = this.#state();
    const last = waiting.findLast(({ changes }) => changes);
    for (const { id, changes } of waiting) {
      if (now) this.#post(id, { event: 'state', ...now, ...changes && { changes, passed: changes !== last?.changes } });
      else this.#refuse(id, this.page.session.state.fault ?? NOTHING);
    }
  }

  /** @param {Event['id']} id @param {unknown} reason */
  #refuse(id, reason) {
    const { message, remedy = null } = asFault(reason);
    this.#post(id, { event: 'error', message, remedy });
  }

  /** Once a page: who sends one such message sends many. @param {string} why */
  #warn(why) {
    if (this.warned) return;
    this.warned = true;
    console.warn(`A message of the page around Scorefield was ignored: ${why}. Others that cannot be read are ignored without a word.`);
  }

  // ── what is said ─────────────────────────────────────────────────────────────────────────────
  /** @param {Event['id']} id @param {News} news */
  #post(id, news) {
    this.host.postMessage({ scorefield: 1, id, ...news }, '*'); // whoever embeds this page may know what it shows
  }

  /** @returns {Told|null} */
  #state() {
    const { page } = this;
    const { state } = page.session;
    const { opened, a, at, playing, engine } = state;
    if (!opened || !a) return null;
    const frame = Math.max(0, frameAt(a, at));
    return {
      link: opened.link, titles: page.titles(opened), lab: opened.lab, view: opened.view, at, frame, frames: a.scene.frames,
      t: a.scene.clock === 'time' ? a.scene.t[frame] : null, playing, run: page.run(state), engine, fingerprints: fingerprints(state),
    };
  }

  /** Whether the open link is not on the page yet. */
  #isOnItsWay() {
    const { state } = this.page.session;
    if (state.linkError || state.fault || !state.opened) return false;
    return !current(state, 'a') || (state.opened.b !== null && !current(state, 'b'));
  }

  /** Says what is new. @param {State} state */
  #follow(state) {
    const { told } = this;
    const fault = state.linkError ?? state.fault ?? current(state, 'a')?.run.fault ?? current(state, 'b')?.run.fault ?? null;
    if (this.#isNew('error', fault?.message ?? '') && fault) {
      this.#post(null, { event: 'error', message: fault.message, remedy: asFault(fault).remedy ?? null });
      this.#settle();
    }
    const now = this.#state();
    if (!now || !current(state, 'a')) return;
    this.first ||= now.link;
    const { at, frame, frames, t, playing, link } = now;
    if (!told.ready) {
      told.ready = true;
      this.#post(null, { event: 'ready', ...now });
      this.#settle();
      this.#measure();
    }
    const rests = `${link} ${playing} ${now.run}`;
    if (this.#isNew('state', rests)) this.#post(null, { event: 'state', ...now });
    if (this.#isNew('frame', `${at} ${playing} ${link}`)) this.#post(null, { event: 'frame', at, frame, frames, t, playing });
    if (now.run !== 'done') told.done = '';
    else if (this.#isNew('done', JSON.stringify(now.fingerprints) + link)) {
      this.#post(null, { event: 'done', link, fingerprints: now.fingerprints });
    }
    const numbers = playing ? null : numbersOf(state, this.page.titles);
    if (numbers && this.#isNew('numbers', JSON.stringify(numbers))) this.#post(null, { event: 'numbers', link, sides: numbers });
  }

  /** @param {'error'|'state'|'frame'|'done'|'numbers'} what @param {string} key */
  #isNew(what, key) {
    if (this.told[what] === key) return false;
    this.told[what] = key;
    return true;
  }

  /** The numbers at the shown frame; those are waited for unless none are to come. */
  async #numbers() {
    const { session, titles } = this.page;
    for (;;) {
      const { state } = session;
      const sides = numbersOf(state, titles);
      if (sides && state.opened) return { event: 'numbers', link: state.opened.link, sides };
      if (['error', 'cancelled'].includes(this.page.run(state))) {
        throw { kind: 'run', message: 'There are no numbers: the run has stopped.' };
      }
      await new Promise((next) => setTimeout(next, 50));
    }
  }

  #measure() {
    const height = Math.ceil(this.page.height());
    if ((!this.told.ready && !this.told.error) || Math.abs(height - this.told.height) < 2) return;
    this.told.height = height;
    this.#post(null, { event: 'height', height });
  }
}

/** @param {unknown} keys @returns {['a'|'b', string, string][]|null} */
function editsOf(keys) {
  if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) return null;
  const pairs = Object.entries(keys);
  if (!pairs.length || pairs.some(([, value]) => !['string', 'number', 'boolean'].includes(typeof value))) return null;
  return pairs.map(([key, value]) => (key.startsWith('b.') ? ['b', key.slice(2), String(value)] : ['a', key, String(value)]));
}

/** @param {State} state */
function fingerprints(state) {
  const ids = /** @type {import('./store.js').SideId[]} */ (state.opened?.b ? ['a', 'b'] : ['a']);
  return ids.map((id) => current(state, id)?.run.fingerprint ?? null);
}

/**
 * The numbers at the frame that is shown; null while they are not there.
 * @param {State} state @param {Page['titles']} titles
 * @returns {Numbers[]|null}
 */
function numbersOf(state, titles) {
  const { opened } = state;
  if (!opened) return null;
  const ids = /** @type {import('./store.js').SideId[]} */ (opened.b ? ['a', 'b'] : ['a']);
  const named = titles(opened);
  const out = ids.map((id, i) => {
    const side = current(state, id);
    const metrics = side?.run.metrics;
    const frame = side && Math.max(0, frameAt(side, state.at));
    if (!side || !metrics || (metrics.frame !== frame && !state.playing)) return null; // while it plays they lag behind
    if (metrics.frame === side.scene.frames - 1 && !metrics.final) return null; // the whole run's are on their way
    const rows = metrics.rows.map(({ key, label, value, reference, held, error }) => (
      { key, label, value, reference: Number.isFinite(reference) ? reference : null, held, error }));
    return { side: id, title: named[i], frame: metrics.frame, final: metrics.final, nfe: metrics.nfe, rows };
  });
  return out.every((one) => one !== null) ? /** @type {Numbers[]} */ (out) : null;
}
