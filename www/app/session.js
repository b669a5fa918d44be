// What is open and what is running: takes links and edits, starts runs and sweeps, keeps the state.
import { asFault, current, frameAt, isOfLink, isOwn, noAnswers, runKey, waits } from './store.js';
import { Chains } from './chains.js';
import { Errors } from './errors.js';
import { Space } from './space.js';
import { Sweeps } from './sweeps.js';
import { Trainings } from './trainings.js';

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').SideId} SideId
 * @typedef {import('./store.js').SideState} SideState
 * @typedef {import('./store.js').RunState} RunState
 * @typedef {import('./store.js').Scene|import('./store.js').SpaceScene|import('./store.js').ChainScene} Scene
 * @typedef {import('./store.js').Opened} Opened
 * @typedef {import('./store.js').LinkError} LinkError
 * @typedef {import('./store.js').Fault} Fault
 * @typedef {import('../engine/client.js').Client} Client
 * @typedef {import('../engine/engines.js').Engines} Engines
 * @typedef {import('./address.js').Address} Address
 */

const SIDES = /** @type {SideId[]} */ (['a', 'b']);

/** Whether two scenes are drawn in the same window. @param {Scene} p @param {Scene} q */
function sameWindow(p, q) {
  if (p.lab === 'lgssm' || q.lab === 'lgssm') return p.lab === q.lab && p.lab === 'lgssm' && q.lab === 'lgssm' && p.reach === q.reach;
  if (p.lab !== 'toy1d' || q.lab !== 'toy1d') return p.lab === q.lab && p.lab !== 'toy1d' && q.lab !== 'toy1d' && p.reach === q.reach && p.cells === q.cells;
  return p.axis.kind === q.axis.kind && p.axis.lo === q.axis.lo && p.axis.hi === q.axis.hi && p.axis.scale === q.axis.scale;
}

export class Session {
  /**
   * @param {Store} store
   * @param {Client} client
   * @param {Engines} engines
   * @param {Address} address
   */
  constructor(store, client, engines, address) {
    this.store = store;
    this.client = client;
    this.engines = engines;
    this.address = address;
    this.sweeps = new Sweeps(store, client, engines);
    this.errors = new Errors(store, client);
    this.space = new Space(store, client);
    this.trainings = new Trainings(store, client);
    /** @type {{ at: number, playing: boolean }|null} */
    this.before = null; // the clock, while previews are shown at the data
    this.chains = new Chains(store, client);
    this.epoch = 0; // grows with every adopted link: what was begun for an older one is dropped
    this.opens = 0; // grows with every link that is asked for: an edit of the one before comes too late
    /** @type {Promise<unknown>} */
    this.arrival = Promise.resolve(); // of the link that was asked for last
    /** @type {Promise<unknown>} */
    this.line = Promise.resolve(); // edits, one after the other
    /** @type {WeakSet<Scene>} */
    this.flowing = new WeakSet(); // asked for, or there
    this.asking = { a: false, b: false };
    this.asked = { a: '', b: '' }; // the last question about numbers
    /** @type {() => void} */
    this.onFirst = () => {}; // the first run is on screen, or under way for a while
    this.first = true;
  }

  get state() {
    return this.store.state;
  }

  /** Opens the text of an address. The address stays as it is when the text is wrong. @param {string} text */
  open(text) {
    return this.#bring(text, (opened) => {
      this.before = null;
      this.store.patch({ notices: [] }); // those of the link before
      const play = opened.at === 0; // a link with a scrub position shows just that
      this.store.patch({ at: play && reducedMotion() ? 1 : opened.at, playing: play && !reducedMotion() });
    });
  }

  /**
   * Asks for a link and makes it the state, unless yet another is asked for meanwhile.
   * @param {string} text
   * @param {(opened: Opened) => void} [first]  before it is adopted
   */
  async #bring(text, first) {
    const epoch = ++this.epoch;
    this.opens++;
    this.store.patch({ opening: true });
    try {
      const arrival = this.client.open(text);
      this.arrival = arrival;
      const opened = await arrival;
      if (epoch !== this.epoch) return;
      first?.(opened);
      await this.adopt(opened);
    } catch (e) {
      if (epoch === this.epoch) this.refuse(e, this.state.opening);
    }
  }

  /** @param {unknown} e @param {boolean} [unopened]  the address is of the link that was refused */
  refuse(e, unopened = false) {
    const fault = /** @type {any} */ (e);
    const state = { opening: false, ...(unopened ? { unopened, notices: [] } : {}) };
    if (fault?.kind === 'link') this.store.patch({ linkError: fault, ...state });
    else this.store.patch({ fault: asFault(e), ...state });
  }

  /**
   * Sets one key. Resolves to null, or to the reason for refusing; then nothing has changed.
   * @param {SideId} side
   * @param {string} key
   * @param {string} value
   * @returns {Promise<LinkError|null>}
   */
  edit(side, key, value) {
    return this.#change((link) => this.client.edit(link, side, key, value));
  }

  /** Sets several keys at once. @param {SideId} side @param {[string, string][]} pairs */
  editKeys(side, pairs) {
    return this.#change((link) => this.client.editKeys(link, side, pairs));
  }

  /** Another text of the whole link. @param {(link: string) => string} how */
  rewrite(how) {
    return this.#change((link) => this.client.open(how(link)));
  }

  /** @param {boolean} on */
  compare(on) {
    return this.#change((link) => this.client.compare(link, on));
  }

  /**
   * @param {(link: string) => Promise<Opened>} how
   * @returns {Promise<LinkError|null>}
   */
  #change(how) {
    const done = this.line.then(async () => {
      const link = this.state.opened?.link;
      if (link === undefined || this.state.opening) return null; // another link comes
      const { opens } = this;
      const late = () => this.opens !== opens || this.state.opened?.link !== link; // another link was asked for meanwhile
      try {
        const opened = await how(link);
        if (late()) return null;
        this.epoch++;
        this.adopt(opened).catch((e) => this.refuse(e)); // the next edit need not wait for an engine
        return null;
      } catch (e) {
        if (late()) return null;
        const fault = /** @type {any} */ (e);
        if (fault?.kind === 'link') return fault;
        this.store.patch({ fault: asFault(e) });
        return null;
      }
    });
    this.line = done;
    return done;
  }

  /** Opens a valid link given as text and writes it to the address (a suggested fix). @param {string} link @param {string[]} [changes]  that it made */
  follow(link, changes) {
    return this.#bring(link, (opened) => {
      if (changes) opened.changes = changes;
    });
  }

  /**
   * Makes a link the state: restarts what depends on what has changed, keeps the rest.
   * @param {Opened} opened
   */
  async adopt(opened) {
    const epoch = this.epoch;
    const notices = [...opened.changes, ...[...opened.clamps, ...opened.dropped].map((n) => n.message)];
    this.address.write(opened.link);
    const old = this.state.opened;
    const moved = !old || SIDES.some((id) => runKey(id, old) !== runKey(id, opened));
    this.store.patch({ opened, opening: false, unopened: false, linkError: null, fault: null, notices: notices.length || moved ? notices : this.state.notices });
    if (old && old.lab !== opened.lab) for (const id of SIDES) this.#release(id);
    if (!opened.b) {
      this.#release('b');
      this.store.patch({ tab: 'a' });
    }
    this.space.adopt(opened);
    this.sweeps.adopt(opened);
    this.errors.adopt(opened);
    this.trainings.keep(opened);
    if (!opened.a.training && !opened.b?.training) this.#unpause();
    const wanted = /** @type {SideId[]} */ (opened.b ? SIDES : ['a']);
    for (const id of wanted) {
      const side = current(this.state, id);
      if (side) side.info = /** @type {import('./store.js').Side} */ (opened[id]);
      else this.#outdate(id);
    }
    if (old?.fp !== opened.fp) this.#check();
    if (wanted.some((id) => !current(this.state, id) || this.state[id]?.run.state === 'waiting')) {
      const scenes = await this.#scenes(opened, wanted, epoch);
      if (epoch !== this.epoch) return;
      const starts = wanted.map((id, i) => {
        const scene = scenes[i];
        if (scene.status === 'fulfilled') return this.#begin(id, scene.value, opened, epoch);
        this.#release(id); // what was there is not what the link says
        return null;
      });
      await Promise.all(starts);
      const failed = scenes.findIndex((scene) => scene.status === 'rejected');
      if (failed >= 0 && epoch === this.epoch) {
        const fault = asFault(/** @type {PromiseRejectedResult} */ (scenes[failed]).reason);
        this.store.touch();
        throw { ...fault, message: opened.b ? `${wanted[failed].toUpperCase()}: ${fault.message}` : fault.message };
      }
    }
    if (epoch === this.epoch) this.need();
  }

  /**
   * The scenes of a link; asked for again where the engine was replaced because of what was asked before.
   * @param {Opened} opened @param {SideId[]} wanted @param {number} epoch
   */
  async #scenes(opened, wanted, epoch) {
    const ask = () => Promise.allSettled(wanted.map((id) => this.client.scene(opened.link, id)));
    const replaced = (/** @type {PromiseSettledResult<Scene>} */ scene) => scene.status === 'rejected' && scene.reason?.kind === 'silent';
    let scenes = await ask();
    for (let again = 0; again < 2 && epoch === this.epoch && scenes.some(replaced); again++) scenes = await ask();
    return scenes;
  }

  /** What is there belongs to an earlier link from now on, and its run is over: it may be looked at until the new one is there. @param {SideId} id */
  #outdate(id) {
    const side = this.state[id];
    if (!side) return;
    if (side.run.id) this.client.drop(side.run.id);
    side.key = '';
    Object.assign(side.run, { id: 0, state: 'waiting', fault: null });
  }

  /**
   * Starts a side's run unless the one there is still right.
   * @param {SideId} id
   * @param {Scene} scene
   * @param {Opened} opened
   * @param {number} epoch
   */
  async #begin(id, scene, opened, epoch) {
    const info = /** @type {import('./store.js').Side} */ (opened[id]);
    const key = runKey(id, opened);
    const old = this.state[id];
    if (old && old.key === key && sameWindow(old.scene, scene) && old.run.state !== 'error' && old.run.state !== 'waiting') return;
    if (old?.run.id) this.client.drop(old.run.id);
    /** @type {SideState} */
    const side = { id, key, info, link: opened.link, scene, flow: null, answers: noAnswers(), run: { ...blank(scene, 'cpu'), state: 'waiting' } };
    this.store.patch({ [id]: side }); // the exact part is there at once, also where the engine is still on its way
    const picked = await this.engines.pick(opened.engine, Number(info.values.n) * scene.nfe);
    if (epoch !== this.epoch || this.state[id] !== side) return;
    const { notice } = picked;
    if (notice && !this.state.notices.includes(notice)) this.store.patch({ notices: [...this.state.notices, notice] });
    Object.assign(side.run, { engine: picked.engine, state: 'running', started: performance.now() });
    this.#launch(side, picked.reason);
  }

  /**
   * @param {SideState} side
   * @param {string} reason
   */
  async #launch(side, reason) {
    if (side.id === 'a') this.store.patch({ engine: side.run.engine, reason });
    this.store.patch({ [side.id]: side });
    if (side.info.training && !(await this.#trained(side))) return;
    const { link, scene, run } = side;
    run.id = this.client.run(run.engine, link, side.id, {
      step: (progress, ms, frames) => {
        if (run.state === 'cancelled') return; // the piece that was under way
        run.evaluations = progress.evaluations;
        run.total = progress.total;
        run.ms = ms;
        if (ms > 1500) this.#shown();
        if (frames) {
          for (const [name, numbers] of Object.entries(frames.arrays)) run.data[name]?.set(numbers, frames.from * scene.record[name]);
          run.reached = Math.max(run.reached, frames.to);
        }
        this.store.touch();
      },
      done: (ms, fingerprint, products) => this.#done(side, { ms, fingerprint, products }),
      failed: (fault) => this.#failed(side, fault),
    });
  }

  /** Waits for the network of a side, showing its previews at the data. Resolves to whether the run can begin. @param {SideState} side */
  async #trained(side) {
    side.run.state = 'training';
    const there = this.trainings.bring(side);
    if (side.training?.state === 'cancelled') side.run.state = 'untrained';
    if (!side.training?.bytes) {
      this.before ??= { at: this.state.at, playing: this.state.playing };
      this.store.patch({ at: 1, playing: false });
    }
    try {
      if (!(await there) || this.state[side.id] !== side || !side.key) return false;
    } catch (e) {
      if (this.state[side.id] === side) Object.assign(side.run, { state: 'error', fault: asFault(e) });
      this.store.touch();
      return false;
    }
    side.run = blank(side.scene, side.run.engine);
    if (!SIDES.some((id) => waits(this.state[id]))) this.#unpause();
    setTimeout(() => this.need()); // after the run
    return true;
  }

  /** The clock goes on as before the training, unless it was moved meanwhile. */
  #unpause() {
    if (this.before && this.state.at === 1) this.store.patch(this.before);
    this.before = null;
  }

  /** Takes a training up where it was stopped. @param {import('./store.js').TrainingState} training */
  resume(training) {
    const used = training.state === 'done';
    this.trainings.resume(training);
    if (used) this.again();
  }

  /** A file was given to an earlier link. @param {string} name */
  #tooLate(name) {
    this.store.patch({ notices: [...this.state.notices, `${name} was not used: another link was opened meanwhile. Load it again.`] });
  }

  /**
   * Takes points as the law.
   * @param {string} name  of their file
   * @param {import('../../pkg/cpu/scorefield.js').PointsTable} table
   * @param {number} opens  as it was when the file was given
   */
  async usePoints(name, { points, count, note }, opens) {
    if (this.opens !== opens) return this.#tooLate(name);
    const { opened, tab } = this.state;
    const seed = opened?.a.values.seed ?? '0';
    const refused = opened?.lab === 'toy2d'
      ? await this.editKeys(opened.b ? tab : 'a', [['target', 'drawn'], ['points', points]])
      : await this.follow(`v=1&lab=toy2d&target=drawn&points=${points}&seed=${seed}`);
    if (refused) throw refused;
    if (!SIDES.some((id) => this.state.opened?.[id]?.values.points === points)) return this.#tooLate(name);
    this.store.patch({ notices: [...this.state.notices, `${count} points were read from ${name}. ${note}`.trim()] });
  }

  /** Opens the link of a network's file; resolves to whether it could. @param {string} name @param {Uint8Array} bytes @param {number} opens  as it was when the file was given */
  async loadNetwork(name, bytes, opens) {
    try {
      const loaded = await this.client.loadNetwork(name, bytes, this.state.opened?.link ?? '');
      if (this.opens !== opens) {
        this.#tooLate(name);
        return false;
      }
      this.trainings.take(loaded, name, bytes);
      this.sweeps.forget();
      this.errors.forget();
      const key = loaded.opened.a.training?.key;
      for (const id of SIDES) if (this.state[id]?.info.training?.key === key) this.#release(id);
      this.epoch++;
      await this.adopt(loaded.opened);
      return true;
    } catch (e) {
      this.store.patch({ fault: { ...asFault(e), kind: 'file', remedy: 'Nothing else has changed.' } });
      return false;
    }
  }

  /** Trains a loaded network here: its runs are the link's own once the weights are the same. @param {import('./store.js').TrainingState} training */
  async prove(training) {
    try {
      const same = await this.trainings.prove(training);
      if (same === false) this.again();
      else if (same && this.state.a?.training === training) await this.#check();
    } catch (e) {
      this.store.patch({ fault: asFault(e) });
    }
  }

  /** @param {SideState} side @param {Pick<RunState, 'ms'|'fingerprint'|'products'>} end */
  async #done(side, end) {
    Object.assign(side.run, { state: 'done', ...end });
    this.store.touch();
    this.metrics(side.id);
    if (side.id === 'a') await this.#check();
    this.#shown();
  }

  /** Holds the result of side A against the fingerprint of the link, where it has one and the run is the link's own. */
  async #check() {
    const { opened } = this.state;
    const side = current(this.state, 'a');
    if (!side || !opened) return;
    const { run } = side;
    run.check = null;
    if (!opened.fp || run.state !== 'done' || !isOwn(side)) return;
    const check = await this.client.check(run.id, opened.link).catch((e) => ({ verdict: /** @type {const} */ ('unread'), difference: NaN, tolerance: NaN, message: asFault(e).message }));
    if (this.state.opened?.fp === opened.fp) run.check = check;
    this.store.touch();
  }

  #shown() {
    if (!this.first) return;
    this.first = false;
    this.onFirst();
  }

  /** @param {SideState} side @param {Fault} fault */
  #failed(side, fault) {
    const { run } = side;
    if (this.state[side.id]?.run !== run || run.state === 'cancelled') return;
    if (fault.kind === 'silent') return this.#afresh(side);
    // Guidance that breaks down does so on every engine; after all else the CPU engine goes on.
    if (run.engine === 'webgpu' && !isOfLink(fault) && fault.kind !== 'network') {
      const cannot = fault.kind === 'unsupported'; // this run; the device is well
      if (!cannot) this.engines.lost(fault.message);
      const again = { ...side, run: blank(side.scene, 'cpu') };
      this.#launch(again, cannot ? 'not on WebGPU' : this.engines.failure);
      const why = cannot ? fault.message : `WebGPU stopped: ${this.engines.failure}.`;
      this.store.patch({ notices: [`${why} This run goes on with the CPU engine.`] });
      return;
    }
    Object.assign(run, { state: 'error', fault: asFault(fault) });
    this.store.touch();
  }

  /** A run whose engine was replaced because of something else begins again, unless what that was for changes it. @param {SideState} side */
  async #afresh(side) {
    side.run.state = 'waiting';
    this.store.touch();
    await Promise.allSettled([this.line, this.arrival]);
    const { opened } = this.state;
    if (!opened || this.state[side.id] !== side || side.run.state !== 'waiting' || !current(this.state, side.id)) return;
    this.epoch++;
    this.adopt(opened).catch((e) => this.refuse(e));
  }

  /** @param {SideId} id */
  #release(id) {
    const side = this.state[id];
    if (!side) return;
    if (side.run.id) this.client.drop(side.run.id);
    this.store.patch({ [id]: null });
  }

  /** Stops runs, sweep and errors; what has been computed stays. */
  cancel() {
    for (const id of SIDES) {
      const run = this.state[id]?.run;
      const training = this.state[id]?.training;
      if (training && run?.state === 'training') this.trainings.cancel(training);
      if (run?.state !== 'running') continue;
      run.state = 'cancelled';
      this.client.stop(run.id);
    }
    this.sweeps.cancel();
    this.errors.cancel();
    this.store.touch();
  }

  /** Runs the link of the address, whatever ran before. */
  again() {
    for (const id of SIDES) this.#release(id);
    this.sweeps.forget();
    this.errors.forget();
    this.store.patch({ fault: null });
    return this.state.opened ? this.#bring(this.address.link) : this.open(this.address.link);
  }

  /** What the open view needs beyond the run. */
  need() {
    const { opened } = this.state;
    if (!opened) return;
    if (SIDES.some((id) => waits(this.state[id]))) { // what asks for a network waits for it
      this.sweeps.leave();
      this.errors.leave();
      return;
    }
    if (opened.lab === 'toy1d' && opened.view === 'flow') for (const id of SIDES) this.#flow(id);
    if (opened.view === 'sweep') this.sweeps.need(opened);
    else this.sweeps.leave();
    if (opened.view === 'errors') this.errors.need(opened);
    else this.errors.leave();
  }

  /** The exact flow of a side, once. @param {SideId} id */
  async #flow(id) {
    const side = this.state[id];
    if (!side || side.flow || this.flowing.has(side.scene)) return;
    this.flowing.add(side.scene);
    try {
      side.flow = await this.client.flow(side.link, id);
      this.store.touch();
    } catch (e) {
      if (this.state[id] === side) this.store.patch({ fault: asFault(e) });
    }
  }

  /** Asks for the numbers at the shown frame; one question at a time, the latest wins. @param {SideId} id */
  async metrics(id) {
    const side = current(this.state, id);
    if (!side || this.asking[id] || this.space.busy(side) || side.run.reached === 0 || !side.run.id) return; // the picture before its numbers
    const frame = frameAt(side, this.state.at);
    const { run } = side;
    const question = `${run.id} ${frame} ${run.state}`;
    if (this.asked[id] === question) return;
    this.asked[id] = question;
    this.asking[id] = true;
    const metrics = await this.client.metrics(run.id, frame).catch(() => null);
    this.asking[id] = false;
    if (!metrics) return;
    run.metrics = metrics;
    this.store.touch();
  }

  /** The scrub position has come to rest: it belongs in the link. */
  rest() {
    const { opened, at } = this.state;
    const text = String(Math.round(at * 1000) / 1000);
    if (opened && Number(text) !== opened.at) this.edit('a', 'at', text);
  }
}

/** @param {Scene} scene @param {import('./store.js').EngineId} engine @returns {RunState} */
function blank(scene, engine) {
  return {
    id: 0, engine, state: 'running', reached: 0, data: Object.fromEntries(Object.entries(scene.record).map(([name, numbers]) => [name, new Float32Array(scene.frames * numbers)])),
    evaluations: 0, total: 0, started: performance.now(), ms: 0, fingerprint: null, products: null, check: null, fault: null, metrics: null,
  };
}

export function reducedMotion() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
