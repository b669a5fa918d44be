// The two configurations: each has a scene and a run, made from the open link and started again where that has changed.
import { SHARED_MS } from '../engine/choice.js';
import { isOfLink } from '../types.js';
import { asOne, kindOf } from '../ui/alerts.js';
import { tellLost } from './helped.js';
import { SIDES, asFault, current, frameAt, isOwn, runKey, waits } from './store.js';

/**
 * @typedef {import('./store.js').SideId} SideId
 * @typedef {import('./store.js').SideState} SideState
 * @typedef {import('./store.js').RunState} RunState
 * @typedef {import('./store.js').Opened} Opened
 * @typedef {import('./store.js').Fault} Fault
 * @typedef {import('../engine/engines.js').Engines} Engines
 * @typedef {import('./session.js').Session} Session
 * @typedef {SideState['scene']} Scene
 */

const TOLD_MS = 5; // a run that is under way for so long tells how long it takes
const NUMBERS_MS = 250; // numbers that take longer are shared out over more workers
const LONG_MS = 1500; // a run that is under way for so long counts as being on screen
const SHORT_MS = 400; // nothing is asked about a run that is over sooner: the answers would take the time of its samples

/** Where a scene is drawn: a run that was recorded for another window is made again. @param {any} scene */
const windowOf = ({ lab, axis, reach, cells }) => JSON.stringify([lab, axis, reach, cells]);

export class Sides {
  /** @param {Session} session @param {Engines} engines */
  constructor(session, engines) {
    this.session = session;
    this.store = session.store;
    this.client = session.client;
    this.engines = engines;
    /** @type {{ at: number, playing: boolean }|null} */
    this.before = null; // the clock, while previews are shown at the data
    this.asking = { a: false, b: false };
    this.asked = { a: '', b: '' }; // the last question about numbers
    this.first = true;
  }

  get state() {
    return this.store.state;
  }

  /**
   * Follows another link.
   * @param {Opened} opened @param {boolean} shared  whether its fingerprint is another one
   * @param {() => boolean} present  no other was adopted since
   */
  async adopt(opened, shared, present) {
    if (!opened.a.training && !opened.b?.training) this.#unpause();
    const wanted = opened.b ? SIDES : SIDES.slice(0, 1);
    for (const id of wanted) {
      const side = current(this.state, id);
      if (side) side.info = /** @type {import('./store.js').Side} */ (opened[id]);
      else this.#outdate(id);
    }
    if (shared) for (const id of wanted) this.check(id);
    if (wanted.every((id) => current(this.state, id) && this.state[id]?.run.state !== 'waiting')) return;
    const scenes = await this.#scenes(opened, wanted);
    if (!present()) return;
    await Promise.all(wanted.map((id, i) => {
      const scene = scenes[i];
      if (scene.status === 'fulfilled') return this.#begin(id, scene.value, opened, present);
      this.release(id); // what was there is not what the link says
      return null;
    }));
    const faults = scenes.flatMap((scene, i) => (scene.status === 'rejected' ? [{ ...asFault(scene.reason), id: wanted[i] }] : []));
    if (!faults.length || !present()) return;
    this.store.touch();
    throw asOne(faults, wanted.length > 1);
  }

  /**
   * The scenes of a link; asked for again where the engine was replaced because of what was asked before.
   * @param {Opened} opened @param {SideId[]} wanted
   */
  async #scenes({ link }, wanted) {
    const { signal } = this.session.stop;
    const ask = () => Promise.allSettled(wanted.map((id) => this.client.scene(link, id, signal)));
    const replaced = (/** @type {PromiseSettledResult<Scene>} */ scene) => scene.status === 'rejected' && scene.reason?.kind === 'silent';
    let scenes = await ask();
    for (let again = 0; again < 2 && !signal.aborted && scenes.some(replaced); again++) scenes = await ask();
    return scenes;
  }

  /**
   * What is there belongs to an earlier link from now on, and its run is over: it may be looked at until the new one is there.
   * @param {SideId} id
   */
  #outdate(id) {
    const side = this.state[id];
    if (!side) return;
    this.#end(side);
    side.key = '';
    Object.assign(side.run, { id: 0, state: 'waiting', fault: null });
  }

  /** @param {SideId} id */
  release(id) {
    const side = this.state[id];
    if (!side) return;
    this.#end(side);
    this.store.patch({ [id]: null });
  }

  /** Nothing more is asked of a side. @param {SideState} side */
  #end({ id, run }) {
    this.session.answers.leave(id);
    if (run.id) this.client.drop(run.id);
  }

  /**
   * Starts a side's run unless the one there is still right.
   * @param {SideId} id @param {Scene} scene @param {Opened} opened @param {() => boolean} present
   */
  async #begin(id, scene, opened, present) {
    const info = /** @type {import('./store.js').Side} */ (opened[id]);
    const key = runKey(id, opened);
    const old = this.state[id];
    const stands = old && old.key === key && windowOf(old.scene) === windowOf(scene);
    if (stands && old.run.state !== 'error' && old.run.state !== 'waiting') return;
    if (old) this.#end(old);
    /** @type {SideState} */
    const side = { id, key, info, link: opened.link, scene, answers: new Map(), run: { ...blank(scene, 'cpu'), state: 'waiting' } };
    this.store.patch({ [id]: side }); // the exact part is there at once, also where the engine is still on its way
    const steps = scene.nfe ?? scene.steps;
    const { engine, reason, notice, price = null } = await this.engines.pick(opened.engine, {
      lab: info.values.lab, evaluations: Number(info.values.n) * steps, steps, proved: info.proved, kind: kindOf(info),
      price: () => this.client.price(opened.link, id),
    });
    if (!present() || this.state[id] !== side) return;
    if (notice) this.store.tell(notice);
    Object.assign(side.run, { engine, state: 'running', started: performance.now(), price: engine === 'cpu' ? price : null });
    this.#launch(side, reason);
  }

  /** @param {SideState} side @param {string} reason  for its engine */
  async #launch(side, reason) {
    if (side.id === 'a') this.store.patch({ engine: side.run.engine, reason });
    this.store.patch({ [side.id]: side });
    if (side.info.training && !(await this.#trained(side))) return;
    const { link, scene, run } = side;
    let priced = run.engine !== 'cpu';
    run.id = this.client.run(run.engine, link, side.id, {
      step: ({ evaluations, total, work, spent, lost }, ms, frames) => {
        if (lost && !run.lost) this.#lost(run, lost);
        // What was computed before it was cancelled comes too: the picture ends where the run does.
        if (!priced && run.state === 'running' && !(isShort(run) && soonOver(ms, evaluations / total))) {
          priced = true;
          this.#price(side);
        }
        Object.assign(run, { evaluations, total, ms, spent, work: run.work + work });
        if (ms > LONG_MS) this.#shown();
        if (frames) {
          for (const [name, numbers] of Object.entries(frames.arrays)) run.data[name]?.set(numbers, frames.from * scene.record[name]);
          run.reached = Math.max(run.reached, frames.to);
        }
        this.store.touch();
      },
      done: (ms, fingerprint, path, products) => this.#done(side, { ms, fingerprint, path, products }),
      failed: (fault) => this.#failed(side, fault),
    });
  }

  /** The graphics card was lost, and the worker goes on with the run on the CPU. @param {RunState} run @param {string} what */
  #lost(run, what) {
    run.lost = what;
    this.engines.leave(run.id);
    this.store.tell(what);
  }

  /** Waits for the network of a side, showing its previews at the data. Resolves to whether the run can begin. @param {SideState} side */
  async #trained(side) {
    const { trainings } = this.session;
    side.run.state = 'training';
    const there = trainings.bring(side);
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
    return true;
  }

  /** The clock goes on as before the training, unless it was moved meanwhile. */
  #unpause() {
    if (this.before && this.state.at === 1) this.store.patch(this.before);
    this.before = null;
  }

  /** @param {SideState} side @param {Pick<RunState, 'ms'|'fingerprint'|'path'|'products'>} end */
  async #done(side, end) {
    Object.assign(side.run, { state: 'done', ...end });
    if (side.run.engine === 'cpu') this.session.rate.learn(side.run.ms, side.run.work);
    else if (!side.run.lost) this.engines.begun.add(kindOf(side.info));
    this.store.touch();
    this.metrics(side.id);
    await this.check(side.id);
    this.#shown();
  }

  /** Holds the result of a side against its fingerprint in the link, where it has one and the run is the link's own. @param {SideId} id */
  async check(id) {
    const { opened } = this.state;
    const side = current(this.state, id);
    if (!side || !opened) return;
    const { run } = side;
    run.check = null;
    if (!opened[id]?.proved || run.state !== 'done' || !isOwn(side)) return;
    const unread = (/** @type {unknown} */ e) => ({
      verdict: /** @type {const} */ ('unread'), difference: NaN, tolerance: NaN, message: asFault(e).message,
    });
    const check = await this.client.check(run.id, opened.link, id).catch(unread);
    if (this.state.opened?.fp === opened.fp) run.check = check;
    this.store.touch();
  }

  #shown() {
    if (this.first) this.session.onFirst();
    this.first = false;
  }

  /** @param {SideState} side @param {Fault} fault */
  #failed(side, fault) {
    const { run } = side;
    if (this.state[side.id]?.run !== run || run.state === 'cancelled') return;
    if (fault.kind === 'silent') return this.#afresh(side);
    // Guidance that breaks down does so on every engine; after all else the CPU engine goes on.
    if (run.engine === 'webgpu' && !isOfLink(fault) && fault.kind !== 'network') {
      const cannot = fault.kind === 'unsupported'; // this run; the device is well
      if (!cannot) this.engines.lost(fault.message, run.id);
      this.#launch({ ...side, run: blank(side.scene, 'cpu') }, cannot ? 'not on WebGPU' : this.engines.failure);
      const why = cannot ? fault.message : `WebGPU stopped: ${this.engines.failure}.`;
      this.store.tell(`${why} This run goes on with the CPU engine.`);
      return;
    }
    Object.assign(run, { state: 'error', fault: asFault(fault) });
    this.store.touch();
  }

  /**
   * A run whose engine was replaced because of something else begins again, unless what that was for changes it.
   * @param {SideState} side
   */
  async #afresh(side) {
    const { session } = this;
    side.run.state = 'waiting';
    this.store.touch();
    await Promise.allSettled([session.line, session.arrival]);
    const { opened } = this.state;
    if (!opened || this.state[side.id] !== side || side.run.state !== 'waiting' || !current(this.state, side.id)) return;
    session.adopt(opened).catch((e) => session.refuse(e));
  }

  /** Stops the runs and what they wait for. Returns whether there was something. */
  cancel() {
    let some = false;
    for (const id of SIDES) {
      const { run, training } = this.state[id] ?? {};
      if (training && (run?.state === 'training' || training.proof === 'running')) {
        this.session.trainings.cancel(training);
        some = true;
      }
      if (run?.state !== 'running') continue;
      run.state = 'cancelled';
      this.client.stop(run.id);
      some = true;
    }
    return some;
  }

  /** Asks what a run takes, so that its time can be said before, and shares out one that takes long. @param {SideState} side */
  async #price(side) {
    const { run } = side;
    const price = run.price ?? await this.client.askRun(run.id, 'price', {}).catch(() => null);
    if (price === null) return; // it is over
    Object.assign(run, { price, expected: price * this.session.rate.unit });
    this.store.touch();
    if (run.expected > SHARED_MS && run.state === 'running' && this.session.isSeen()) await this.#share(side);
  }

  /** Shares a run out over more workers. @param {SideState} side */
  async #share({ id, link, run, training }) {
    const lost = (/** @type {Fault} */ fault) => tellLost(this.store, fault, run);
    const networks = training?.bytes ? [{ side: id, bytes: training.bytes }] : [];
    const workers = await this.client.share(run.id, link, id, run.price ?? 0, networks, lost).catch(() => 0);
    if (workers === 0) return;
    run.workers = 1 + workers;
    run.expected /= run.workers;
    this.store.touch();
  }

  /** Asks for the numbers at the shown frame; one question at a time, the latest wins. @param {SideId} id */
  async metrics(id) {
    const side = current(this.state, id);
    if (!side || this.asking[id] || side.run.reached === 0 || !side.run.id) return;
    if (this.state.playing && this.session.answers.busy(side)) return; // the picture before its numbers
    if (side.run.state === 'running' && isShort(side.run)) return;
    const frame = frameAt(side, this.state.at);
    const { run } = side;
    const question = `${run.id} ${frame} ${run.state}`;
    if (this.asked[id] === question) return;
    this.asked[id] = question;
    this.asking[id] = true;
    const isLong = (/** @type {number} */ price) => price * this.session.rate.unit > NUMBERS_MS && this.session.isSeen();
    const metrics = await this.client.numbers(run.id, side.link, id, frame, isLong).catch(() => null);
    this.asking[id] = false;
    if (!metrics) return;
    run.metrics = metrics;
    this.store.touch();
  }
}

/** Whether a run has only just begun. @param {RunState} run */
const isShort = ({ started }) => performance.now() - started < SHORT_MS;

/** Whether it is over before others could help. @param {number} ms  so far @param {number} part  that is done */
const soonOver = (ms, part) => ms < TOLD_MS || ms < SHARED_MS * part;

/** A run of which nothing has come yet. @param {Scene} scene @param {import('./store.js').EngineId} engine @returns {RunState} */
function blank({ record, frames }, engine) {
  const data = Object.fromEntries(Object.entries(record).map(([name, numbers]) => [name, new Float32Array(frames * numbers)]));
  return {
    id: 0, engine, state: 'running', reached: 0, data, evaluations: 0, total: 0, work: 0, spent: 0, workers: 1, price: null, expected: NaN,
    started: performance.now(), ms: 0, fingerprint: null, path: '',
    products: null, lost: '', check: null, fault: null, metrics: null,
  };
}
