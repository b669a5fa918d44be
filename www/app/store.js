// One observable state. Parts are changed in place or patched; listeners hear of it once per animation frame.

/**
 * @typedef {import('../../pkg/cpu/scorefield.js').Opened} Opened
 * @typedef {import('../../pkg/cpu/scorefield.js').Side} Side
 * @typedef {import('../../pkg/cpu/scorefield.js').Timeline & import('../../pkg/cpu/scorefield.js').Levels} Timeline
 * @typedef {import('../../pkg/cpu/scorefield.js').Scene} Scene
 * @typedef {import('../../pkg/cpu/scorefield.js').SpaceScene} SpaceScene
 * @typedef {import('../../pkg/cpu/scorefield.js').ChainScene} ChainScene
 * @typedef {import('../../pkg/cpu/scorefield.js').Metrics} Metrics
 * @typedef {import('../../pkg/cpu/scorefield.js').Check} Check
 * @typedef {import('../../pkg/cpu/scorefield.js').LinkError} LinkError
 * @typedef {import('../types.js').SideId} SideId
 * @typedef {import('../types.js').EngineId} EngineId
 * @typedef {import('../types.js').Fault} Fault
 */

export const SIDES = /** @type {SideId[]} */ (['a', 'b']);

/**
 * One run: its frames as far as they have come.
 * @typedef {object} RunState
 * @property {number} id
 * @property {EngineId} engine
 * @property {'waiting'|'training'|'untrained'|'running'|'done'|'cancelled'|'error'} state  waiting: for its engine, or to be replaced by
 *   the run of another link; training: for its network, showing previews; untrained: that training was cancelled
 * @property {number} reached  frames 0 … reached−1 are there
 * @property {Record<string, Float32Array>} data  by the names of the scene's record, [frames × numbers]
 * @property {number} evaluations
 * @property {number} total
 * @property {number} work  units of work so far, of its own worker
 * @property {number} spent  the same, of all workers
 * @property {number} workers  that have a share of it
 * @property {number|null} price  units of the whole run, once they are known
 * @property {number} expected  milliseconds of the whole run by its price; NaN until that is known
 * @property {number} started  performance.now() at the start
 * @property {number} ms  time spent computing
 * @property {string|null} fingerprint
 * @property {string} path  what moved the particles, in words, once the run is done
 * @property {number|null} products  with the score's Jacobian, a particle, once the run is done; null where none are counted
 * @property {string} lost  what happened, where the graphics card was lost and the CPU went on: the result has no fingerprint
 * @property {Check|null} check
 * @property {Fault|null} fault
 * @property {Metrics|null} metrics  at the frame last asked for
 */

/**
 * One configuration: what it is, its exact part, its run.
 * @typedef {object} SideState
 * @property {SideId} id
 * @property {string} key  what the run depends on; empty once another link is open
 * @property {Side} info
 * @property {string} link  the link that scene and run were made from
 * @property {Scene|SpaceScene|ChainScene} scene
 * @property {Map<string, any>} answers  to the questions of its views (answers.js)
 * @property {RunState} run
 * @property {TrainingState|null} [training]  of the network that its link has trained
 */

/**
 * The training of one network; sides that ask for the same have it in common.
 * @typedef {object} TrainingState
 * @property {string} key  law and recipe
 * @property {string} what  in words
 * @property {number} steps
 * @property {EngineId} engine  that trains it
 * @property {'running'|'cancelled'|'done'} state
 * @property {'trained'|'stopped'|'loaded'} source  of a network that is there; stopped: used before its end
 * @property {number} job
 * @property {number} step
 * @property {number} loss  running mean
 * @property {number} floor  loss of the exact denoiser
 * @property {Float32Array} losses  running mean at each step
 * @property {number} ms  time spent computing
 * @property {number} before  milliseconds that it had lasted when it was taken up last
 * @property {number} taken  when that was
 * @property {number} workers  that do its steps
 * @property {boolean} sharing  others are getting ready to help
 * @property {{ ms: number, step: number }|null} pace  from where a step is timed: step 0 before; null once it is known
 * @property {{ ms: number, step: number }} since  from where its pace is taken: what it had lasted, and its step
 * @property {number|null} stopped  the step of a network that is not the link's
 * @property {string} name  of its file
 * @property {'open'|'running'|'same'} proof  of a loaded network: whether it was trained here too, and gave the same weights
 * @property {string} note  what else there is to say
 * @property {Uint8Array|null} bytes  its file, once it is there
 * @property {((there: boolean) => void)[]} waiting
 * @property {{ serial: number, sides: SideState[] }} aimed  what previews show
 */

/**
 * A job beside the runs (jobs.js).
 * @template [Plan=any], [Point=any]
 * @typedef {object} JobState
 * @property {number} id
 * @property {string} key
 * @property {EngineId} engine
 * @property {Plan|null} plan  what is known before it begins; null until then
 * @property {Point[]} points  that have come so far
 * @property {'running'|'done'|'cancelled'|'error'} state
 * @property {number} evaluations  the part of `total` that is done
 * @property {number} total
 * @property {number} part  of all work that is done, 0 … 1
 * @property {number} ms  time that the first worker has spent computing
 * @property {number} work  what it has done in that time, in units
 * @property {number} workers  that do its runs
 * @property {number} expected  milliseconds of all, said before; NaN where they are not known
 * @property {number} started
 * @property {Fault|null} fault
 */

/** What a visitor is told, once: by its name it is found again. @typedef {{ id: string, text: string }} Notice */

/** A notice that is named by its own words. @param {string} text @returns {Notice} */
export const asNotice = (text) => ({ id: text, text });

/**
 * @typedef {object} State
 * @property {Opened|null} opened
 * @property {boolean} opening  another link was asked for and is not there yet: what is shown is the earlier one's
 * @property {boolean} unopened  the address is of a link that could not be opened: what is shown is the earlier one's
 * @property {LinkError|null} linkError
 * @property {Notice[]} notices
 * @property {SideState|null} a
 * @property {SideState|null} b
 * @property {Record<string, JobState|undefined>} jobs  beside the runs, by their names
 * @property {number} at  scrub position, 0 noise … 1 data
 * @property {boolean} playing
 * @property {number} speed
 * @property {SideId} tab  the side whose controls are shown
 * @property {EngineId} engine
 * @property {string} reason  why this engine
 * @property {string} busy  what is being loaded, or empty
 * @property {string} webgpu  what is known about WebGPU, in words
 * @property {boolean} refused  WebGPU did not start and is not asked again by itself
 * @property {Fault|null} fault  a failure of the page itself
 */

export class Store {
  constructor() {
    /** @type {State} */
    this.state = {
      opened: null, opening: false, unopened: false, linkError: null, notices: [], a: null, b: null, jobs: {},
      at: 0, playing: false, speed: 1, tab: 'a', engine: 'cpu', reason: 'starting', busy: '', webgpu: 'not looked at yet', refused: false,
      fault: null,
    };
    /** @type {Set<(s: State) => void>} */
    this.listeners = new Set();
    this.dirty = false;
    /** Milliseconds before the listeners may be told again. @type {() => number} */
    this.rest = () => 0;
  }

  /** @param {(s: State) => void} listener */
  listen(listener) {
    this.listeners.add(listener);
  }

  /** @param {Partial<State>} change */
  patch(change) {
    Object.assign(this.state, change);
    this.touch();
  }

  /** Tells a visitor something, in the place of what has been told under this name. @param {string} text @param {string} [id] */
  tell(text, id = text) {
    const { notices } = this.state;
    const stands = notices.some((own) => own.id === id);
    this.patch({ notices: stands ? notices.map((own) => (own.id === id ? { id, text } : own)) : [...notices, { id, text }] });
  }

  /** What has been told under this name holds no longer. @param {string} id */
  untell(id) {
    const notices = this.state.notices.filter((own) => own.id !== id);
    if (notices.length < this.state.notices.length) this.patch({ notices });
  }

  /** Something inside the state has changed. */
  touch() {
    if (this.dirty) return;
    this.dirty = true;
    const tell = () => {
      this.dirty = false;
      for (const listener of this.listeners) listener(this.state);
    };
    const rest = this.rest();
    if (rest > 0) setTimeout(soon, rest, tell); // no animation frame before: each costs a pass through the whole page
    else soon(tell);
  }
}

/**
 * At the next animation frame, or shortly where the page is hidden and has none.
 * @param {() => void} then
 */
function soon(then) {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    then();
  };
  requestAnimationFrame(once);
  setTimeout(once, 120);
}

/**
 * The frame shown for a scrub position: the nearest one that has been computed.
 * @param {Pick<SideState, 'scene'|'run'>} side
 * @param {number} at
 */
export function frameAt(side, at) {
  return Math.max(0, Math.min(Math.round(at * (side.scene.frames - 1)), side.run.reached - 1));
}

/** Between two pictures while something is on all cores: each takes the time of one of them. */
export const CORES_MS = 85;

/** Whether a run or a job is under way that is shared out over more workers. @param {State} s */
export function onAllCores({ a, b, jobs }) {
  return [a?.run, b?.run, ...Object.values(jobs)].some((one) => one?.state === 'running' && one.workers > 1);
}

/** Whether a side waits for its network. @param {SideState|null} side */
export function waits(side) {
  return side?.run.state === 'training' || side?.run.state === 'untrained';
}

/**
 * What runs depend on of a side's values, as text.
 * @param {Opened} opened @param {SideId} id @param {string[]} [without]  keys that are left out
 */
export function keyOf(opened, id, without = []) {
  const skipped = [...opened.display, ...without];
  return JSON.stringify(Object.entries(opened[id]?.values ?? {}).filter(([key]) => !skipped.includes(key)));
}

/** What the run of a side depends on. @param {SideId} id @param {Opened} opened */
export const runKey = (id, opened) => (opened[id] ? opened.engine + keyOf(opened, id) : '');

/** A side, where its run is that of the open link. @param {State} state @param {SideId} id @returns {SideState|null} */
export function current(state, id) {
  const side = state[id];
  return side && state.opened?.[id] && side.key === runKey(id, state.opened) ? side : null;
}

/**
 * Whether a side that is there belongs to an earlier link than the open one, or than the one that is asked for: it may be looked at,
 * marked as such, but nothing of it is given as the open link's.
 * @param {State} state
 */
export function isEarlier(state) {
  return state.opening || state.unopened || (state.a !== null && !current(state, 'a')) || (state.b !== null && !current(state, 'b'));
}

/** Whether a network gives the score. @param {Record<string, string>|undefined} values */
export function isLearned(values) {
  return values?.score === 'net' || values?.score === 'trained';
}

/**
 * Whether a side runs the network that its link names: trained to its end here, or loaded with weights that were trained here too.
 * What a file says of its weights is no proof.
 * @param {SideState|null} side
 */
export function isOwn(side) {
  const training = side?.training;
  return !training || (training.stopped === null && (training.source !== 'loaded' || training.proof === 'same'));
}

/**
 * The sides that can be played: one that failed before its first frame keeps nobody, unless it is alone.
 * @param {State} s @returns {SideState[]}
 */
export function played({ a, b }) {
  const sides = [a, b].flatMap((side) => side ?? []);
  const seen = sides.filter(({ run }) => run.state !== 'error' || run.reached > 0);
  return seen.length ? seen : sides;
}

/** Whether more of a run is to come. @param {RunState} run */
export const comes = ({ state }) => state === 'running' || state === 'waiting';

/** @param {unknown} e @returns {Fault} */
export function asFault(e) {
  const fault = /** @type {any} */ (e);
  if (fault && typeof fault.message === 'string') return { kind: fault.kind ?? 'run', message: fault.message, remedy: fault.remedy };
  return { kind: 'run', message: String(e) };
}
