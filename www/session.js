// What is open and what is running: takes links and edits, starts runs and sweeps, keeps the state.
import { asFault, frameAt, isOfLink, keyOf, noAnswers } from './store.js';
import { Chains } from './chains.js';
import { Errors } from './errors.js';
import { Space } from './space.js';
import { Sweeps } from './sweeps.js';
import { Trainings, waits } from './trainings.js';

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').SideId} SideId
 * @typedef {import('./store.js').SideState} SideState
 * @typedef {import('./store.js').RunState} RunState
 * @typedef {import('./store.js').Scene|import('./store.js').SpaceScene|import('./store.js').ChainScene} Scene
 * @typedef {import('./store.js').Opened} Opened
 * @typedef {import('./store.js').LinkError} LinkError
 * @typedef {import('./store.js').Fault} Fault
 * @typedef {import('./client.js').Client} Client
 * @typedef {import('./engines.js').Engines} Engines
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
  async open(text) {
    const epoch = ++this.epoch;
    try {
      const opened = await this.client.open(text);
      if (epoch !== this.epoch) return;
      this.before = null;
      const play = opened.at === 0; // a link with a scrub position shows just that
      this.store.patch({ at: play && reducedMotion() ? 1 : opened.at, playing: play && !reducedMotion() });
      await this.adopt(opened);
    } catch (e) {
      if (epoch === this.epoch) this.refuse(e);
    }
  }

  /** @param {unknown} e */
  refuse(e) {
    const fault = /** @type {any} */ (e);
    if (fault?.kind === 'link') this.store.patch({ linkError: fault });
    else this.store.patch({ fault: asFault(e) });
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
      if (link === undefined) return null;
      try {
        const opened = await how(link);
        if (this.state.opened?.link !== link) return null; // another link was opened meanwhile
        this.epoch++;
        this.adopt(opened).catch((e) => this.refuse(e)); // the next edit need not wait for an engine
        return null;
      } catch (e) {
        const fault = /** @type {any} */ (e);
        if (fault?.kind === 'link') return fault;
        this.store.patch({ fault: asFault(e) });
        return null;
      }
    });
    this.line = done;
    return done;
  }

  /** Opens a valid link given as text and writes it to the address (a suggested fix). @param {string} link @param {string[]} changes  that it made */
  async follow(link, changes) {
    this.epoch++;
    try {
      await this.adopt({ ...(await this.client.open(link)), changes });
    } catch (e) {
      this.refuse(e);
    }
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
    const moved = !old || this.#runKey('a', old) !== this.#runKey('a', opened) || (old.b ? this.#runKey('b', old) : '') !== (opened.b ? this.#runKey('b', opened) : '');
    this.store.patch({ opened, linkError: null, fault: null, notices: notices.length || moved ? notices : this.state.notices });
    if (old && old.lab !== opened.lab) for (const id of SIDES) this.#release(id);
    if (!opened.b) {
      this.#release('b');
      this.store.patch({ tab: 'a' });
    }
    this.space.adopt(opened);
    this.trainings.keep(opened);
    if (!opened.a.training && !opened.b?.training) this.#unpause();
    const wanted = /** @type {SideId[]} */ (opened.b ? SIDES : ['a']);
    const changed = wanted.some((id) => {
      const side = this.state[id];
      return !side || side.key !== this.#runKey(id, opened);
    });
    for (const id of wanted) {
      const side = this.state[id];
      const info = /** @type {import('./store.js').Side} */ (opened[id]);
      if (side) side.info = info;
    }
    if (changed) {
      const scenes = await Promise.allSettled(wanted.map((id) => this.client.scene(opened.link, id)));
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

  /** @param {SideId} id @param {Opened} opened */
  #runKey(id, opened) {
    const side = /** @type {import('./store.js').Side} */ (opened[id]);
    return opened.engine + keyOf(side.values);
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
    const key = this.#runKey(id, opened);
    const old = this.state[id];
    if (old && old.key === key && sameWindow(old.scene, scene) && old.run.state !== 'error') return;
    const n = Number(info.values.n);
    if (!old) {
      // the exact part is there at once, also where the engine is still on its way
      this.store.patch({ [id]: { id, key: '', info, link: opened.link, scene, flow: null, answers: noAnswers(), run: { ...blank(scene, 'cpu'), state: 'waiting' } } });
    }
    const picked = await this.engines.pick(opened.engine, n * scene.nfe);
    if (epoch !== this.epoch) return;
    const { notice } = picked;
    if (notice && !this.state.notices.includes(notice)) this.store.patch({ notices: [...this.state.notices, notice] });
    if (old?.run.id) this.client.drop(old.run.id);
    this.#launch({ id, key, info, link: opened.link, scene, flow: null, answers: noAnswers(), run: blank(scene, picked.engine) }, picked.reason);
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
      if (!(await there) || this.state[side.id] !== side) return false;
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

  /** Opens the link of a network's file. @param {string} name @param {Uint8Array} bytes */
  async loadNetwork(name, bytes) {
    try {
      const loaded = await this.client.loadNetwork(name, bytes, this.state.opened?.link ?? '');
      this.trainings.take(loaded, name, bytes);
      this.sweeps.forget();
      this.errors.forget();
      const key = loaded.opened.a.training?.key;
      for (const id of SIDES) if (this.state[id]?.info.training?.key === key) this.#release(id);
      this.epoch++;
      await this.adopt(loaded.opened);
    } catch (e) {
      this.store.patch({ fault: { ...asFault(e), kind: 'file', remedy: 'Nothing else has changed.' } });
    }
  }

  /** @param {SideState} side @param {Pick<RunState, 'ms'|'fingerprint'|'products'>} end */
  async #done(side, end) {
    const { run } = side;
    Object.assign(run, { state: 'done', ...end });
    this.store.touch();
    this.metrics(side.id);
    const { opened } = this.state;
    if (opened?.fp && side.id === 'a') {
      run.check = await this.client.check(run.id, opened.link).catch((e) => ({ verdict: /** @type {const} */ ('unread'), difference: NaN, tolerance: NaN, message: asFault(e).message }));
      this.store.touch();
    }
    this.#shown();
  }

  #shown() {
    if (!this.first) return;
    this.first = false;
    this.onFirst();
  }

  /** @param {SideState} side @param {Fault} fault */
  #failed(side, fault) {
    const { run } = side;
    if (this.state[side.id]?.run !== run) return;
    // Guidance that breaks down does so on every engine; after all else the CPU engine goes on.
    if (run.engine === 'webgpu' && !isOfLink(fault)) {
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

  /** Runs what is open once more. */
  again() {
    for (const id of SIDES) this.#release(id);
    this.sweeps.forget();
    this.errors.forget();
    this.store.patch({ fault: null });
    this.epoch++;
    if (this.state.opened) this.adopt(this.state.opened).catch((e) => this.refuse(e));
    else this.open(this.address.read());
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
    if (!side || side.flow || this.flowing.has(side.scene) || !this.state.opened) return;
    this.flowing.add(side.scene);
    try {
      side.flow = await this.client.flow(this.state.opened.link, id);
      this.store.touch();
    } catch (e) {
      this.store.patch({ fault: asFault(e) });
    }
  }

  /** Asks for the numbers at the shown frame; one question at a time, the latest wins. @param {SideId} id */
  async metrics(id) {
    const side = this.state[id];
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
