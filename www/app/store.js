// One observable state. Parts are changed in place or patched; listeners hear of it once per animation frame.

/**
 * @typedef {import('../../pkg/cpu/scorefield.js').Opened} Opened
 * @typedef {import('../../pkg/cpu/scorefield.js').Side} Side
 * @typedef {import('../../pkg/cpu/scorefield.js').Timeline} Timeline
 * @typedef {import('../../pkg/cpu/scorefield.js').Scene} Scene
 * @typedef {import('../../pkg/cpu/scorefield.js').SpaceScene} SpaceScene
 * @typedef {import('../../pkg/cpu/scorefield.js').ChainScene} ChainScene
 * @typedef {import('../../pkg/cpu/scorefield.js').ChainPosterior} ChainPosterior
 * @typedef {import('../../pkg/cpu/scorefield.js').ChainCovariance} ChainCovariance
 * @typedef {import('../../pkg/cpu/scorefield.js').ChainScoreErrors} ChainScoreErrors
 * @typedef {import('../../pkg/cpu/scorefield.js').Flow} Flow
 * @typedef {import('../../pkg/cpu/scorefield.js').Metrics} Metrics
 * @typedef {import('../../pkg/cpu/scorefield.js').Check} Check
 * @typedef {import('../../pkg/cpu/scorefield.js').LinkError} LinkError
 * @typedef {import('../../pkg/cpu/scorefield.js').ErrorPlan} ErrorPlan
 * @typedef {import('../../pkg/cpu/scorefield.js').ErrorPoint} ErrorPoint
 * @typedef {'a'|'b'} SideId
 * @typedef {'cpu'|'webgpu'} EngineId
 */

/**
 * What went wrong, in words for a visitor.
 * @typedef {{ kind: string, message: string, remedy?: string }} Fault
 */

/**
 * One run: its frames as far as they have come.
 * @typedef {object} RunState
 * @property {number} id
 * @property {EngineId} engine
 * @property {'waiting'|'training'|'untrained'|'running'|'done'|'cancelled'|'error'} state  waiting: for its engine, or to be replaced by the
 *   run of another link; training: for its network, showing previews; untrained: that training was cancelled
 * @property {number} reached  frames 0 … reached−1 are there
 * @property {Record<string, Float32Array>} data  by the names of the scene's record, [frames × numbers]
 * @property {number} evaluations
 * @property {number} total
 * @property {number} started  performance.now() at the start
 * @property {number} ms  time spent computing
 * @property {string|null} fingerprint
 * @property {number|null} products  with the score's Jacobian, a particle, once the run is done; null where none are counted
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
 * @property {Flow|null} flow  toy1d
 * @property {import('./answers.js').Kept & Answers} answers
 * @property {RunState} run
 * @property {TrainingState|null} [training]  of the network that its link has trained
 */

/**
 * What has been answered about a side so far: exact parts by frame, trajectories by the drop they go through; lgssm: the
 * reference's covariance, that of the samples at the end, and the errors of scores.
 * @typedef {object} Answers
 * @property {Map<number, Float32Array>} density
 * @property {Map<number, Float32Array>} velocity
 * @property {Map<number, Float32Array>} lines
 * @property {ChainCovariance|null} covariance
 * @property {Float32Array|null} sampled
 * @property {ChainScoreErrors|null} scores
 */

/**
 * A particle dropped by the visitor: a place of the picture at a scrub position.
 * @typedef {{ id: number, at: number, y: number[] }} Drop
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
 * @property {{ at: number, step: number }} since  when and where it was begun or taken up
 * @property {number|null} stopped  the step of a network that is not the link's
 * @property {string} name  of its file
 * @property {'open'|'running'|'same'} proof  of a loaded network: whether it was trained here too, and gave the same weights
 * @property {string} note  what else there is to say
 * @property {Uint8Array|null} bytes  its file, once it is there
 * @property {((there: boolean) => void)[]} waiting
 * @property {{ serial: number, sides: SideState[] }} aimed  what previews show
 */

/** @typedef {{ series: string, steps: number, nfe: number, w1: number, ks: number, hist: Float32Array }} SweepPoint */
/** @typedef {{ series: { id: string, side: SideId, sampler: string, label: string, main: boolean }[], steps: number[], edges: Float64Array, axis: Scene['axis'], xs: Float64Array, exact: Float32Array, iid: number, chance: [number, number], n: number }} SweepPlan */

/**
 * A job beside the runs.
 * @template P, Q
 * @typedef {object} JobState
 * @property {number} id
 * @property {string} key
 * @property {EngineId} engine
 * @property {P|null} plan
 * @property {Q[]} points
 * @property {'running'|'done'|'cancelled'|'error'} state
 * @property {number} evaluations  of a sweep; runs of the errors
 * @property {number} total
 * @property {number} part  of the work that is done, 0 … 1
 * @property {number} started
 * @property {Fault|null} fault
 */

/** @typedef {JobState<SweepPlan, SweepPoint>} SweepState */
/** @typedef {JobState<ErrorPlan, ErrorPoint>} ErrorsState */

/**
 * @typedef {object} State
 * @property {Opened|null} opened
 * @property {boolean} opening  another link was asked for and is not there yet: what is shown is the earlier one's
 * @property {boolean} unopened  the address is of a link that could not be opened: what is shown is the earlier one's
 * @property {LinkError|null} linkError
 * @property {string[]} notices
 * @property {SideState|null} a
 * @property {SideState|null} b
 * @property {SweepState|null} sweep
 * @property {ErrorsState|null} errors
 * @property {Drop[]} drops
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
      opened: null, opening: false, unopened: false, linkError: null, notices: [], a: null, b: null, sweep: null, errors: null, drops: [],
      at: 0, playing: false, speed: 1, tab: 'a', engine: 'cpu', reason: 'starting', busy: '', webgpu: 'not looked at yet', refused: false, fault: null,
    };
    /** @type {Set<(s: State) => void>} */
    this.listeners = new Set();
    this.dirty = false;
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

  /** Something inside the state has changed. */
  touch() {
    if (this.dirty) return;
    this.dirty = true;
    soon(() => {
      this.dirty = false;
      for (const listener of this.listeners) listener(this.state);
    });
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

/** @returns {SideState['answers']} */
export function noAnswers() {
  return Object.assign(new Map(), { density: new Map(), velocity: new Map(), lines: new Map(), covariance: null, sampled: null, scores: null });
}

/** Whether a side waits for its network. @param {SideState|null} side */
export function waits(side) {
  return side?.run.state === 'training' || side?.run.state === 'untrained';
}

export const DISPLAY = new Set(['view', 'at', 'engine', 'fp']); // keys a run does not depend on

/**
 * What a run depends on, as text.
 * @param {Record<string, string>} values
 * @param {string[]} [without]
 */
export function keyOf(values, without = []) {
  return JSON.stringify(Object.entries(values).filter(([k]) => !DISPLAY.has(k) && !without.includes(k)));
}

/** What the run of a side depends on. @param {SideId} id @param {Opened} opened */
export function runKey(id, opened) {
  const side = opened[id];
  return side ? opened.engine + keyOf(side.values) : '';
}

/** A side, where its run is that of the open link. @param {State} state @param {SideId} id @returns {SideState|null} */
export function current(state, id) {
  const side = state[id];
  return side && state.opened?.[id] && side.key === runKey(id, state.opened) ? side : null;
}

/**
 * Whether a side that is there belongs to an earlier link than the open one, or than the one that is asked for: it may be looked at, marked
 * as such, but nothing of it is given as the open link's.
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

/** Whether it is the link's own, so that every engine and every run ends with it. @param {{ kind: string }} fault */
export const isOfLink = ({ kind }) => kind === 'guidance' || kind === 'model' || kind === 'memory';

/** @param {unknown} e @returns {Fault} */
export function asFault(e) {
  const fault = /** @type {any} */ (e);
  if (fault && typeof fault.message === 'string') return { kind: fault.kind ?? 'run', message: fault.message, remedy: fault.remedy };
  return { kind: 'run', message: String(e) };
}
