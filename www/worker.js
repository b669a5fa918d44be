// The worker of one engine, whose package package.js loads. Many jobs (runs, sweeps, errors), a few milliseconds at a time.
// Requests:  { id, op, args }   answers: { id, value } | { id, fault }
// Events:    { event: 'load' | 'stage' | 'frames' | 'points' | 'training' | 'done' | 'failed', job, … }
import { bring, giveUp } from './engine/files.js';
import { loadPackage } from './engine/package.js';

/**
 * @typedef {typeof import('../pkg/cpu/scorefield.js')} Package
 * @typedef {import('../pkg/cpu/scorefield.js').Run} Run
 * @typedef {import('../pkg/cpu/scorefield.js').Sweep} Sweep
 * @typedef {import('../pkg/cpu/scorefield.js').Errors} Errors
 * @typedef {import('./engine/package.js').Order} Order
 */

/**
 * @typedef {object} Job
 * @property {number} id
 * @property {Run|null} run
 * @property {Sweep|Errors|null} points  what gives points, beside the runs
 * @property {import('../pkg/cpu/scorefield.js').Training|null} training
 * @property {number} serial  of what the training's previews show
 * @property {number} work  for the next turn, in evaluations: what is known of its cost so far
 * @property {number} ms
 * @property {boolean} live  wants more turns
 * @property {boolean} dropped
 * @property {Promise<void>} turn  resolves when no call into the job is under way
 */

const TURN_MS = { cpu: 14, webgpu: 30 };
/** Of the first turn, and the least of any later one: on the CPU a piece is one particle at least; on a graphics card it compiles the shaders. */
const FIRST_WORK = { cpu: 100, webgpu: 1 };
const LEAST_WORK = { cpu: 1, webgpu: 1000 };

/** @type {Package} */
let pkg;
/** @type {'cpu'|'webgpu'} */
let kind = 'cpu';
/** @type {Map<number, Job>} */
const jobs = new Map();
let pumping = false;
/** Compiled, by side. @type {Map<'a'|'b', { link: string, law: import('../pkg/cpu/scorefield.js').Posterior }>} */
const posteriors = new Map();
let nets = ''; // where the files of the networks are
/** Jobs that were stopped before they were entered. @type {Set<number>} */
const early = new Set();
/** Networks on their way. @type {Map<string, Promise<void>>} */
const fetching = new Map();

/**
 * @param {unknown} message
 * @param {Transferable[]} [transfer]
 */
function post(message, transfer = []) {
  self.postMessage(message, { transfer });
}

/**
 * The typed arrays of a plain value that own their memory: they travel without a copy.
 * @param {unknown} value
 * @param {Set<Transferable>} [found]
 * @returns {Transferable[]}
 */
function owned(value, found = new Set()) {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength) found.add(value.buffer);
  } else if (value && typeof value === 'object') {
    for (const v of Object.values(value)) if (v && typeof v === 'object') owned(v, found);
  }
  return [...found];
}

/**
 * Whatever was thrown, as a plain object for a visitor.
 * @param {any} e
 */
function fault(e) {
  if (e && typeof e === 'object' && typeof e.kind === 'string') return { ...e };
  const trap = e instanceof WebAssembly.RuntimeError;
  console.error(e);
  return {
    kind: trap ? 'crash' : 'run',
    message: trap ? 'The engine stopped in the middle of a computation.' : String(e?.message ?? e),
    remedy: trap ? 'It is being restarted; run again, with fewer particles if it happens twice.' : 'Run again.',
  };
}

/** Lets waiting messages in. */
const breathe = (() => {
  const channel = new MessageChannel();
  /** @type {(() => void)[]} */
  const waiting = [];
  channel.port1.onmessage = () => waiting.shift()?.();
  return () => new Promise((/** @type {(v: void) => void} */ resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(0);
  });
})();

/**
 * Runs come before trainings, these before what gives points; among equals each has its turn.
 * @returns {Job|undefined}
 */
function next() {
  const live = [...jobs.values()].filter((j) => j.live);
  const job = live.find((j) => j.run) ?? live.find((j) => j.training) ?? live[0];
  if (job) {
    jobs.delete(job.id);
    jobs.set(job.id, job);
  }
  return job;
}

async function pump() {
  if (pumping) return;
  pumping = true;
  for (let job = next(); job; job = next()) {
    const turn = step(job);
    job.turn = turn;
    await turn;
    await breathe();
  }
  pumping = false;
}

/** @param {Job} job */
async function step(job) {
  const work = /** @type {Run|Sweep|Errors} */ (job.run ?? job.training ?? job.points);
  try {
    const before = performance.now();
    const progress = await work.advance(job.work);
    const ms = performance.now() - before;
    job.ms += ms;
    // Faster up while a turn takes next to nothing; a slow one is left at once.
    job.work = Math.max(LEAST_WORK[kind], job.work * Math.min(ms < 2 ? 5 : 2, TURN_MS[kind] / Math.max(ms, 0.5)));
    if (job.dropped) return;
    if (job.run) {
      const frames = job.run.take();
      post({ event: 'frames', job: job.id, progress, ms: job.ms, frames }, owned(frames));
    } else if (job.training) {
      if (progress.done) job.training.finish();
      const news = { event: 'training', job: job.id, progress, ms: job.ms, serial: job.serial, ...job.training.take() };
      post(news, owned(news));
    } else if (job.points) {
      post({ event: 'points', job: job.id, progress, ms: job.ms, points: job.points.take() });
    }
    if (progress.done) {
      job.live = false;
      post({ event: 'done', job: job.id, ms: job.ms, fingerprint: job.run ? job.run.fingerprint() : '', products: job.run?.jacobian_products() ?? null });
    }
  } catch (e) {
    job.live = false;
    post({ event: 'failed', job: job.id, fault: fault(e) });
  }
}

/**
 * The run of a job, once no call into it is under way.
 * @param {number} id
 * @returns {Promise<Run>}
 */
async function idle(id) {
  const job = jobs.get(id);
  if (!job?.run) throw { kind: 'gone', message: 'This run is no longer held.' };
  await job.turn;
  return job.run;
}

/**
 * Begins with a small piece: on a graphics card it compiles the shaders, and its end is told.
 * @param {number} id
 * @param {Run|null} run
 * @param {Sweep|Errors|null} points
 * @param {Job['training']} [training]
 */
function enter(id, run, points, training = null) {
  jobs.set(id, { id, run, points, training, serial: 0, work: FIRST_WORK[kind], ms: 0, live: true, dropped: false, turn: Promise.resolve() });
  pump();
}

/**
 * Enters what gives points; answers with its plan.
 * @param {number} id
 * @param {string} link
 * @param {'Sweep'|'Errors'} what
 */
async function begin(id, link, what) {
  await networks(link);
  const points = new pkg[what](link);
  const told = { plan: points.plan(), total: points.total };
  if (early.delete(id)) points.free();
  else enter(id, null, points); // from here on the object is busy
  return told;
}

/**
 * Brings the networks that a link's runs need; what failed is tried afresh by the next who asks.
 * @param {string} link
 */
async function networks(link) {
  await Promise.all(pkg.open_link(link).networks.map((net) => {
    if (pkg.has_network(net.name)) return null;
    let way = fetching.get(net.name);
    if (!way) {
      way = add(net).finally(() => fetching.delete(net.name));
      fetching.set(net.name, way);
    }
    return way;
  }));
}

/** @param {import('../pkg/cpu/scorefield.js').Opened['networks'][number]} net */
async function add({ name, file, sha256 }) {
  // The hash in the address: a cache never gives the file of another version. The package checks its contents.
  pkg.add_network(name, await bring(`${nets}${file}?${sha256.slice(0, 10)}`, { role: 'network' }));
}

/** @type {Record<string, (...args: any[]) => any>} */
const ops = {
  /** @param {Order} what */
  async load(what) {
    ({ kind, nets } = what);
    pkg = await loadPackage(what, (stage) => post({ event: 'stage', stage }));
    return { version: pkg.version(), adapter: kind === 'webgpu' ? await pkg.prepare() : '' };
  },
  giveUp,
  open: (/** @type {string} */ text) => pkg.open_link(text),
  edit: (/** @type {string} */ link, /** @type {'a'|'b'} */ side, /** @type {string} */ key, /** @type {string} */ value) => pkg.edit_link(link, side, key, value),
  editKeys: (/** @type {string} */ link, /** @type {'a'|'b'} */ side, /** @type {[string, string][]} */ pairs) => pkg.edit_keys(link, side, pairs),
  compare: (/** @type {string} */ link, /** @type {boolean} */ on) => pkg.compare_link(link, on),
  share: (/** @type {string} */ link, /** @type {string} */ fp) => pkg.share_link(link, fp),
  scene: (/** @type {string} */ link, /** @type {'a'|'b'} */ side) => pkg.scene(link, side),
  async flow(/** @type {string} */ link, /** @type {'a'|'b'} */ side) {
    await networks(link);
    return pkg.flow(link, side);
  },
  density: (/** @type {string} */ link, /** @type {'a'|'b'} */ side, /** @type {number} */ frame) => pkg.space_density(link, side, frame),
  async velocity(/** @type {string} */ link, /** @type {'a'|'b'} */ side, /** @type {number} */ frame, /** @type {number} */ count) {
    await networks(link);
    return pkg.space_velocity(link, side, frame, count);
  },
  async follow(/** @type {string} */ link, /** @type {'a'|'b'} */ side, /** @type {number} */ frame, /** @type {number[]} */ y) {
    await networks(link);
    return pkg.space_follow(link, side, frame, Float64Array.from(y));
  },
  /** Asked again and again while an observation is dragged: the last one of each side is kept. */
  chainPosterior(/** @type {string} */ link, /** @type {'a'|'b'} */ side, /** @type {Float64Array} */ y) {
    let kept = posteriors.get(side);
    if (kept?.link !== link) {
      const law = new pkg.Posterior(link, side);
      kept?.law.free();
      kept = { link, law };
      posteriors.set(side, kept);
    }
    return kept.law.given(y);
  },
  chainCovariance: (/** @type {string} */ link, /** @type {'a'|'b'} */ side) => pkg.chain_covariance(link, side),
  async chainScores(/** @type {string} */ link, /** @type {'a'|'b'} */ side) {
    await networks(link);
    return pkg.chain_score_errors(link, side);
  },
  encodePoints: (/** @type {Float64Array} */ xy) => pkg.encode_points(xy),
  decodePoints: (/** @type {string} */ points) => pkg.decode_points(points),
  readPoints: (/** @type {Uint8Array} */ bytes) => pkg.read_points(bytes),
  recognise: (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => pkg.recognise(name, bytes),
  plan: (/** @type {string} */ link, /** @type {'a'|'b'} */ side) => pkg.plan_table(link, side),
  async run(/** @type {number} */ id, /** @type {string} */ link, /** @type {'a'|'b'} */ side) {
    await networks(link);
    if (!early.delete(id)) enter(id, new pkg.Run(link, side), null);
  },
  sweep: (/** @type {number} */ id, /** @type {string} */ link) => begin(id, link, 'Sweep'),
  errors: (/** @type {number} */ id, /** @type {string} */ link) => begin(id, link, 'Errors'),
  train(/** @type {number} */ id, /** @type {string} */ link, /** @type {'a'|'b'} */ side) {
    if (!early.delete(id)) enter(id, null, null, new pkg.Training(link, side));
  },
  /** What the previews of a training show. */
  async aim(/** @type {number} */ id, /** @type {string} */ link, /** @type {string} */ sides, /** @type {number} */ serial) {
    const job = jobs.get(id);
    await job?.turn;
    job?.training?.aim(link, sides);
    if (job) job.serial = serial;
  },
  resume(/** @type {number} */ id) {
    const job = jobs.get(id);
    if (!job) return;
    job.live = true;
    pump();
  },
  /** The network of a training as it stands. */
  async finishTraining(/** @type {number} */ id, /** @type {string} */ link, /** @type {'a'|'b'} */ side) {
    const job = jobs.get(id);
    if (!job?.training) throw { kind: 'gone', message: 'This training is no longer held.' };
    await job.turn;
    job.training.finish();
    return pkg.network_file(link, side);
  },
  networkFile: (/** @type {string} */ link, /** @type {'a'|'b'} */ side) => pkg.network_file(link, side),
  addTrained: (/** @type {string} */ link, /** @type {'a'|'b'} */ side, /** @type {Uint8Array} */ bytes) => pkg.add_trained(link, side, bytes),
  sameWeights: (/** @type {Uint8Array} */ one, /** @type {Uint8Array} */ other) => pkg.same_weights(one, other),
  loadNetwork: (/** @type {string} */ name, /** @type {Uint8Array} */ bytes, /** @type {string} */ link) => pkg.load_network(name, bytes, link),
  /** Stops; what has been computed stays. */
  async stop(/** @type {number} */ id) {
    const job = jobs.get(id);
    if (!job) return void early.add(id);
    job.live = false;
    await job.turn;
  },
  /** Stops and forgets. */
  async drop(/** @type {number} */ id) {
    const job = jobs.get(id);
    if (!job) return void early.add(id);
    job.live = false;
    job.dropped = true;
    await job.turn;
    jobs.delete(id);
    (job.run ?? job.training ?? job.points)?.free();
  },
  metrics: async (/** @type {number} */ id, /** @type {number} */ frame) => (await idle(id)).metrics(frame) ?? null,
  covariance: async (/** @type {number} */ id) => (await idle(id)).covariance() ?? null,
  check: async (/** @type {number} */ id, /** @type {string} */ link) => (await idle(id)).check(link),
  samples: async (/** @type {number} */ id) => (await idle(id)).samples(),
  csv: async (/** @type {number} */ id) => (await idle(id)).csv(),
};

self.onmessage = async ({ data }) => {
  const { id, op, args } = data;
  try {
    const value = await ops[op](...args);
    post({ id, value }, owned(value));
  } catch (e) {
    post({ id, fault: fault(e) });
  }
};
