// The networks that links ask to be trained: one training for each law and recipe, whatever sides use it.
import { SHARED_MS } from '../engine/choice.js';
import { lasted } from '../ui/rate.js';
import { tellLost } from './helped.js';
import { SIDES, asFault } from './store.js';

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').SideState} SideState
 * @typedef {import('./store.js').Opened} Opened
 * @typedef {import('./store.js').TrainingState} TrainingState
 * @typedef {import('../engine/client.js').Client} Client
 * @typedef {import('../../pkg/cpu/scorefield.js').LoadedNetwork} LoadedNetwork
 */

const KEPT = 24; // finished networks
const SHARED_STEP_MS = 1.5; // a step that takes longer is shared out: the workers exchange weights and sums in 0.2 ms
const LOOKED = 24; // steps after which it is known how long one takes

/**
 * Where a side is trained: on the CPU, so that its link gives the same bits everywhere, unless the link itself asks for WebGPU.
 * @param {SideState} side
 */
const engineOf = (side) => (side.run.engine === 'webgpu' && /(^|[#&])engine=webgpu(&|$)/.test(side.link) ? 'webgpu' : 'cpu');

/** Networks of different engines are different ones. @param {string} key @param {import('./store.js').EngineId} engine */
const keyed = (key, engine) => (engine === 'cpu' ? key : `${key}${engine}`);

export class Trainings {
  /**
   * @param {Store} store
   * @param {Client} client
   * @param {() => boolean} isSeen  the picture is on screen
   */
  constructor(store, client, isSeen) {
    this.store = store;
    this.client = client;
    this.isSeen = isSeen;
    /** @type {Map<string, TrainingState>} */
    this.known = new Map();
    this.serial = 0;
  }

  /**
   * Brings the network of a side to its engine: at once where it is there, after its training where it is not.
   * Resolves to false where the training does not end.
   * @param {SideState} side
   * @returns {Promise<boolean>}
   */
  async bring(side) {
    const told = side.info.training;
    if (!told) return true;
    const engine = engineOf(side);
    const training = this.known.get(keyed(told.key, engine)) ?? this.#begin(side, told, engine);
    side.training = training;
    if (!training.bytes) {
      this.#aim(training);
      if (!(await new Promise((resolve) => training.waiting.push(resolve)))) return false;
    }
    if (!training.bytes) return false;
    const engines = new Set(/** @type {const} */ (['cpu', side.run.engine]));
    const { bytes } = training;
    await Promise.all([...engines].map((kind) => this.client.addTrained(kind, side.link, side.id, bytes)));
    return true;
  }

  /**
   * @param {SideState} side
   * @param {NonNullable<import('./store.js').Side['training']>} told
   * @param {import('./store.js').EngineId} engine
   */
  #begin(side, { key, what, steps }, engine) {
    const training = fresh(key, engine === 'cpu' ? what : `${what}, on WebGPU`, steps);
    training.engine = engine;
    training.job = this.client.train(engine, side.link, side.id, {
      step: () => {},
      training: (news) => this.#news(training, side, news),
      done: () => this.#done(training, side),
      failed: (fault) => this.#failed(training, fault),
    });
    this.known.set(keyed(key, engine), training);
    return training;
  }

  /** The sides that use it. @param {TrainingState} training */
  #using(training) {
    return SIDES.flatMap((id) => this.store.state[id] ?? []).filter((side) => side.training === training);
  }

  /** Previews show the runs that wait for it. @param {TrainingState} training */
  #aim(training) {
    if (training.state !== 'running') return;
    const sides = this.#using(training).filter((side) => side.run.state === 'training');
    if (!sides.length) return;
    training.aimed = { serial: ++this.serial, sides };
    const shown = sides.map((s) => s.id).join('');
    // the training tells its own end
    this.client.aim(training.job, sides[sides.length - 1].link, shown, this.serial).catch(() => {});
  }

  /**
   * @param {TrainingState} training @param {SideState} from  one that it was begun for
   * @param {import('../engine/host.js').TrainingEvent} news
   */
  #news(training, from, { progress, ms, losses, view, preview, serial }) {
    training.losses.set(losses.subarray(0, training.steps - training.step), training.step);
    Object.assign(training, { step: progress.step, loss: progress.loss, floor: progress.floor, ms });
    if (training.state === 'running' || isProving(training)) this.#weigh(training, from);
    const side = view === null ? undefined : training.aimed.sides[view];
    const shown = side && serial === training.aimed.serial && this.store.state[side.id] === side && side.run.state === 'training';
    if (preview && shown) {
      for (const [name, numbers] of Object.entries(preview.arrays)) {
        side.run.data[name]?.set(numbers, preview.from * side.scene.record[name]);
      }
      side.run.reached = Math.max(side.run.reached, preview.to);
    }
    this.store.touch();
  }

  /** Shares out a training that takes long in long steps, once it is known. @param {TrainingState} training @param {SideState} side */
  #weigh(training, { link, id }) {
    const { engine, ms, step, steps, pace, job } = training;
    if (!pace || training.sharing || training.workers > 1 || engine !== 'cpu' || step === 0 || !this.isSeen()) return;
    if (pace.step === 0) training.pace = { ms, step };
    if (pace.step === 0 || step < pace.step + LOOKED) return;
    training.pace = null;
    const one = (ms - pace.ms) / (step - pace.step);
    if (one < SHARED_STEP_MS || one * (steps - step) < SHARED_MS) return;
    const isRunning = () => job === training.job && (training.state === 'running' || isProving(training));
    let whole = true;
    const lost = (/** @type {import('./store.js').Fault} */ fault) => {
      whole = false;
      training.workers = 1;
      tellLost(this.store, fault, { state: isRunning() ? 'running' : '' }, 'The first one goes on alone');
    };
    training.sharing = true; // one at a time: helpers know their parts by the number of the training
    this.client.shareTraining(job, link, id, lost).catch(() => 0).then((workers) => {
      training.sharing = false;
      if (!isRunning() || !whole || workers === 0) return; // alone its pace stays
      Object.assign(training, { workers: 1 + workers, since: { ms: lasted(training), step: training.step } });
      this.store.touch();
    });
  }

  /** @param {TrainingState} training @param {SideState} side  one that it was begun for */
  async #done(training, side) {
    try {
      training.bytes = await this.client.networkFile(training.engine, side.link, side.id);
    } catch (e) {
      return this.#failed(training, asFault(e));
    }
    this.client.drop(training.job);
    Object.assign(training, { state: 'done', source: 'trained', ms: lasted(training), job: 0 });
    this.#settle(training, true);
  }

  /** @param {TrainingState} training @param {import('./store.js').Fault} fault */
  #failed(training, fault) {
    this.known.delete(keyed(training.key, training.engine));
    training.state = 'cancelled';
    for (const id of SIDES) {
      const side = this.store.state[id];
      if (side?.training === training && side.run.state === 'training') Object.assign(side.run, { state: 'error', fault: asFault(fault) });
    }
    this.#settle(training, false);
  }

  /** @param {TrainingState} training @param {boolean} there */
  #settle(training, there) {
    for (const resolve of training.waiting.splice(0)) resolve(there);
    const done = [...this.known.values()].filter((t) => t.state === 'done');
    for (const old of done.slice(0, Math.max(0, done.length - KEPT))) this.known.delete(keyed(old.key, old.engine));
    this.store.touch();
  }

  /** Gives up what no side of the open link asks for. @param {Opened} opened */
  keep(opened) {
    const wanted = new Set([opened.a.training?.key, opened.b?.training?.key]);
    for (const training of [...this.known.values()]) {
      if (wanted.has(training.key)) continue;
      if (training.proof === 'running') this.#unprove(training);
      if (training.state === 'done' && training.stopped === null) continue;
      this.#forget(training);
    }
  }

  /** @param {TrainingState} training */
  #forget(training) {
    if (training.job) this.client.drop(training.job);
    training.proof = 'open';
    this.known.delete(keyed(training.key, training.engine));
    for (const resolve of training.waiting.splice(0)) resolve(false);
  }

  /** Stops at once; the runs that wait for it wait on. @param {TrainingState} training */
  cancel(training) {
    if (training.proof === 'running') return this.#unprove(training);
    if (training.state !== 'running') return;
    Object.assign(training, { state: 'cancelled', workers: 1, before: lasted(training) });
    this.client.stop(training.job);
    this.#mark(training, 'training', 'untrained');
  }

  /** Takes the training up where it was stopped. @param {TrainingState} training */
  resume(training) {
    Object.assign(training, { state: 'running', bytes: null, stopped: null, taken: performance.now(), pace: { ms: 0, step: 0 } });
    this.client.resume(training.job);
    this.#mark(training, 'untrained', 'training');
    this.#aim(training);
  }

  /**
   * Trains a loaded network here, from the link of a side that uses it, and compares the weights. Where they differ the one
   * trained here takes its place. Resolves to whether they are the same; to null where that is not known.
   * @param {TrainingState} training
   * @returns {Promise<boolean|null>}
   */
  async prove(training) {
    const [side] = this.#using(training);
    if (!side || training.source !== 'loaded' || training.stopped !== null || training.proof !== 'open') return null;
    Object.assign(training, { proof: 'running', ...begun(training.steps) });
    this.store.touch();
    try {
      const ms = await new Promise((resolve, reject) => {
        training.waiting.push(() => resolve(null)); // given up
        training.job = this.client.train(training.engine, side.link, side.id, {
          step: () => {},
          training: (news) => this.#news(training, side, news),
          done: resolve,
          failed: reject,
        });
      });
      if (ms === null) return null;
      // From the job itself: what is at hand may be the file's.
      const bytes = await this.client.finishTraining(training.job, side.link, side.id);
      const same = await this.client.call('same_weights', bytes, /** @type {Uint8Array} */ (training.bytes));
      if (!isProving(training)) return null;
      this.client.drop(training.job);
      training.waiting.splice(0);
      if (same) Object.assign(training, { proof: 'same', job: 0 });
      else Object.assign(training, { source: 'trained', ms: lasted(training), bytes, proof: 'open', job: 0, note: otherWeights(training) });
      return same;
    } catch (e) {
      if (isProving(training)) this.#unprove(training);
      throw e;
    } finally {
      this.store.touch();
    }
  }

  /** Gives up a training that was begun to compare. @param {TrainingState} training */
  #unprove(training) {
    this.client.drop(training.job);
    Object.assign(training, { proof: 'open', job: 0, workers: 1 });
    for (const resolve of training.waiting.splice(0)) resolve(false);
    this.store.touch();
  }

  /** The network as it stands is used: not the one that the link names. @param {TrainingState} training */
  async use(training) {
    const [side] = this.#using(training);
    const ended = () => training.state === 'done'; // meanwhile
    if (!side || ended()) return;
    this.cancel(training);
    const bytes = await this.client.finishTraining(training.job, side.link, side.id);
    if (ended()) return;
    Object.assign(training, { state: 'done', source: 'stopped', stopped: training.step, bytes });
    this.#settle(training, true);
  }

  /**
   * A network that was loaded from a file, in place of whatever its link had.
   * @param {LoadedNetwork} loaded
   * @param {string} name
   * @param {Uint8Array} bytes
   */
  take(loaded, name, bytes) {
    const told = loaded.opened.a.training;
    if (!told) return;
    for (const engine of /** @type {const} */ (['cpu', 'webgpu'])) {
      const old = this.known.get(keyed(told.key, engine));
      if (old) this.#forget(old);
      const training = fresh(told.key, told.what, told.steps);
      Object.assign(training, { engine, state: 'done', source: 'loaded', stopped: loaded.stopped, name, bytes });
      this.known.set(keyed(told.key, engine), training);
    }
  }

  /**
   * @param {TrainingState} training
   * @param {import('./store.js').RunState['state']} from
   * @param {import('./store.js').RunState['state']} to
   */
  #mark(training, from, to) {
    for (const id of SIDES) {
      const side = this.store.state[id];
      if (side?.training === training && side.run.state === from) side.run.state = to;
    }
    this.store.touch();
  }
}

/** @param {string} key @param {string} what @param {number} steps @returns {TrainingState} */
function fresh(key, what, steps) {
  return {
    key, what, steps, engine: 'cpu', state: 'running', source: 'trained', job: 0, loss: 1, floor: NaN, ms: 0, workers: 1, sharing: false,
    stopped: null, name: '', proof: 'open', note: '', bytes: null, waiting: [], aimed: { serial: 0, sides: [] }, ...begun(steps),
  };
}

/** What a training of so many steps begins with. @param {number} steps */
function begun(steps) {
  return {
    step: 0, losses: new Float32Array(steps), before: 0, taken: performance.now(), pace: { ms: 0, step: 0 }, since: { ms: 0, step: 0 },
  };
}

/** @param {TrainingState} training */
const otherWeights = ({ name }) =>
  `${name} holds other weights than its recipe gives: it is not the network of this link. The one trained here is used.`;

/** Asked anew after each wait. @param {TrainingState} training */
const isProving = (training) => training.proof === 'running';
