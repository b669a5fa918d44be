// The worker of one engine, whose package package.js loads. Questions, runs, jobs and trainings, a few milliseconds at a time: messages are
// let in between, so that whatever is asked next is heard at once.
// Requests:  { id, op, args }   answers: { id, value } | { id, fault }
// Events:    { event: 'load' | 'stage' | 'frames' | 'points' | 'training' | 'done' | 'failed', job, … }
import { script } from './engine/whole.js';
import { bring, giveUp, loadFault, nameOf, netFault } from './engine/files.js';
import { loadPackage } from './engine/package.js';
import { SharedTraining, TrainingShare } from './engine/training-parts.js';
import { Crew, Errands } from './engine/shares.js';

/**
 * @typedef {typeof import('../pkg/cpu/scorefield.js')} Package
 * @typedef {import('../pkg/cpu/scorefield.js').Experiment} Experiment
 * @typedef {import('../pkg/cpu/scorefield.js').Task} Task
 * @typedef {import('../pkg/cpu/scorefield.js').Run} Run
 * @typedef {import('../pkg/cpu/scorefield.js').Job} Points
 * @typedef {import('../pkg/cpu/scorefield.js').Training} Training
 * @typedef {import('../pkg/cpu/scorefield.js').Portion} Portion
 * @typedef {import('../pkg/cpu/scorefield.js').Progress} Progress
 * @typedef {import('../pkg/cpu/scorefield.js').TrainingProgress} TrainingProgress
 * @typedef {import('./engine/host.js').PackageFiles} PackageFiles
 */

/**
 * Work that goes on for many turns: a run, a share of one, a training, a part of one, or a job that gives points, or some runs of one.
 * @typedef {object} Job
 * @property {number} id
 * @property {Run|null} run
 * @property {Points|Task|null} points  of another worker a task too, of which it does parts
 * @property {Training|null} training
 * @property {Portion|null} portion  a share of a run that another worker has
 * @property {TrainingShare|null} trainingShare  a part of each step of another worker's training
 * @property {MessagePort|null} port  to that worker, or to the one that has the job of which this one does runs
 * @property {number} ahead  states of the portion that may still be sent
 * @property {number[]} runs  of another worker's job, which this one does in their order
 * @property {number} spent  by the first of them, in units of work
 * @property {Crew|Errands|SharedTraining|null} crew  the workers that have shares of the run, runs of the job, or parts of steps
 * @property {number} serial  of what the training's previews show
 * @property {number} work  for the next turn
 * @property {number} unit  milliseconds of a unit of work, as far as it is known
 * @property {number} ms
 * @property {number} told  when the page was told of it last
 * @property {number} untold  units of work since then
 * @property {TrainingProgress|null} unsaid  of a training, what the page has not heard
 * @property {boolean} live  wants more turns
 * @property {boolean} waits  for states of shares that other workers have
 * @property {boolean} dropped
 * @property {Promise<void>} turn  resolves when no call into the job is under way
 */

/**
 * What was asked and has no answer yet.
 * @typedef {object} Question
 * @property {Task|null} task  null until it can begin
 * @property {Errands|null} crew  the workers that do parts of it
 * @property {boolean} waits  for parts that they do
 * @property {number} work
 * @property {number} unit
 * @property {number} ms
 * @property {(answer: unknown) => void} resolve
 * @property {(fault: unknown) => void} reject
 */

const TURN_MS = { cpu: 14, webgpu: 30 };
const SHORT_MS = 100; // a question that takes longer takes turns with the runs
/**
 * Of the first piece, and the least of any later one: in units of work, on a graphics card in evaluations but for films.
 * There the first piece compiles the shaders.
 */
const FIRST_WORK = { cpu: 10_000, webgpu: 1 };
const LEAST_WORK = { cpu: 1000, webgpu: 1000 };
const MORE = 2; // a piece is as much larger than the one before, at most
const FADE = { cpu: 0.6, webgpu: 0 }; // of a slow piece, in the next: a graphics card is slow only while it compiles
const KEPT = 3; // compiled experiments
const NEWS_MS = 100; // between two messages of a run that is on several cores: each picture would take the time of one of them

/** It reads the links of all labs. @type {Package} */
let pkg;
/** Until it is there. @type {Promise<unknown>} */
let loaded = Promise.resolve();
/** @type {'cpu'|'webgpu'} */
let kind = 'cpu';
/**
 * Addresses; base: the folder of the page; nets: where the files of the networks are.
 * @typedef {{ kind: 'cpu'|'webgpu', base: string, nets: string, packages: Record<string, PackageFiles> }} Order
 */
/** @type {Order} */
let order;
/** Packages of other labs that are there or on their way. @type {Map<string, Promise<Package>>} */
const others = new Map();
/**
 * By link, the one that was used last at the end; own: the package that compiled it.
 * @type {Map<string, { own: Package, made: Experiment }>}
 */
const experiments = new Map();
let compiled = 0; // experiments, since the engine was loaded
/** By the number of their message. @type {Map<number, Question>} */
const questions = new Map();
/** @type {Map<number, Job>} */
const jobs = new Map();
/** Jobs that were stopped before they were entered. @type {Set<number>} */
const early = new Set();
/**
 * Files of networks and packages that failed, with the number of times: the next try passes over every cache.
 * @type {Map<string, number>}
 */
const failed = new Map();
/**
 * Networks on their way; by: who waits for one, runs and jobs by their numbers.
 * @type {Map<string, { way: Promise<Uint8Array>, by: Set<unknown> }>}
 */
const fetching = new Map();
let pumping = false;
let asked = false; // whether the last turn was a question's

/** @param {unknown} message @param {Transferable[]} [transfer] */
function post(message, transfer = []) {
  self.postMessage(message, { transfer });
}

/**
 * The typed arrays of a plain value that own their memory: they travel without a copy.
 * @param {unknown} value @param {Set<Transferable>} [found]
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

const gone = (/** @type {string} */ what) => ({ kind: 'gone', message: `This ${what} is no longer held.` });

/** Whatever was thrown, as a plain object for a visitor. @param {any} e */
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

// ── turns ──────────────────────────────────────────────────────────────────────────────────────
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
 * Sets the work of the next piece: at most twice as much. A unit is taken to last as long as it did in the last pieces: what has
 * become slow is believed at once, what has become fast little by little, because it may change again.
 * @param {{ work: number, unit: number }} it  a job or a question
 * @param {number} ms  that a piece took @param {number} did  of its work; 0 where unknown
 */
function pace(it, ms, did) {
  it.unit = Math.max(ms / (did || it.work), FADE[kind] * it.unit);
  it.work = Math.max(LEAST_WORK[kind], Math.min(TURN_MS[kind] / it.unit, MORE * it.work));
}

/** The question that has taken least so far: short ones are not kept waiting by a long one. */
function nextQuestion() {
  return [...questions.entries()].filter(([, { task, waits }]) => task && !waits).sort(([, p], [, q]) => p.ms - q.ms)[0];
}

/** Runs come before trainings, these before what gives points; among equals each has its turn. @returns {Job|undefined} */
function nextJob() {
  const live = [...jobs.values()].filter((j) => j.live && !j.waits);
  return live.find((j) => j.run ?? j.portion) ?? live.find((j) => j.training ?? j.trainingShare) ?? live[0];
}

/** Does one turn of work; resolves to whether there was any. */
async function turn() {
  const question = nextQuestion();
  const job = nextJob();
  asked = Boolean(question) && (!job || !asked || question[1].ms < SHORT_MS);
  if (asked) goOn(...question);
  else if (job) {
    jobs.delete(job.id);
    jobs.set(job.id, job);
    await (job.turn = step(job));
  }
  return asked || Boolean(job);
}

async function pump() {
  if (pumping) return;
  pumping = true;
  while (await turn()) await breathe();
  pumping = false;
}

/** A turn of a question. @param {number} id @param {Question} question */
function goOn(id, question) {
  const task = /** @type {Task} */ (question.task);
  try {
    if (!pieces(question, task)) return void (question.waits = question.crew?.goOn() === false);
    question.resolve(task.answer());
  } catch (e) {
    question.reject(e);
  }
  forget(id);
}

/** Does pieces of a question until a turn is over. Returns whether all are done. @param {Question} question @param {Task} task */
function pieces(question, task) {
  for (let left = TURN_MS[kind], next = 0; next < left;) {
    const [before, worked] = [performance.now(), task.work];
    const done = task.advance(question.work);
    const [ms, did] = [performance.now() - before, task.work - worked];
    if (did === 0 && !done) return false; // the rest is done by others
    pace(question, ms, did);
    next = question.unit * question.work; // what one more would take
    left -= ms;
    question.ms += ms;
    if (done) return true;
  }
  return false;
}

/**
 * A piece of a share, whose states go to the worker that has the run.
 * @param {Job} job @param {Portion} portion @param {MessagePort} port
 */
function stepPortion(job, portion, port) {
  const before = performance.now();
  const { level, done, work, spent } = portion.advance(job.work);
  pace(job, performance.now() - before, work);
  if (level !== null) {
    const x = portion.take();
    port.postMessage({ level, x, spent }, [x.buffer]);
    job.ahead--;
    job.live = job.ahead > 0;
  }
  if (!done) return;
  jobs.delete(job.id);
  portion.free();
  post({ event: 'done', job: job.id });
}

/**
 * A piece of a run of another worker's job, which is told what it has taken and found.
 * @param {Job} job @param {Points|Task} points @param {MessagePort} port
 */
function stepErrand(job, points, port) {
  const [run] = job.runs;
  const before = performance.now();
  const { work, found } = points.alone(run, job.work);
  pace(job, performance.now() - before, work);
  job.spent += work;
  port.postMessage({ run, spent: job.spent, found }, owned({ found }));
  if (!found) return;
  job.runs.shift();
  job.spent = 0;
  job.live = job.runs.length > 0;
}

/**
 * Tells the page how far a run is, with its new frames; now and then where each core has its share of it.
 * @param {Job} job @param {Run} run @param {Progress} progress
 */
function tell(job, run, progress) {
  const now = performance.now();
  job.untold += progress.work;
  if (job.crew?.size && !progress.done && now - job.told < NEWS_MS) return;
  const [frames, work] = [run.take(), job.untold];
  job.told = now;
  job.untold = 0;
  post({ event: 'frames', job: job.id, progress: { ...progress, work }, ms: job.ms, frames }, owned(frames));
}

/**
 * The same of a training.
 * @param {Job} job @param {Training} training @param {TrainingProgress} progress
 */
function tellTraining(job, training, progress) {
  const now = performance.now();
  job.unsaid = progress;
  const rest = job.crew?.size ? NEWS_MS : job.crew ? TURN_MS[kind] : 0; // turns of a shared one are short
  if (!progress.done && now - job.told < rest) return;
  job.told = now;
  job.unsaid = null;
  const news = { event: 'training', job: job.id, progress, ms: job.ms, serial: job.serial, ...training.take() };
  post(news, owned(news));
}

/** A piece of a part of another worker's training. @param {Job} job @param {TrainingShare} trainingShare */
function stepTrainingShare(job, trainingShare) {
  const before = performance.now();
  const work = trainingShare.advance(job.work);
  if (work) pace(job, performance.now() - before, work);
  job.live = !trainingShare.awaits();
}

/** @param {Job} job */
async function step(job) {
  const points = /** @type {Points|null} */ (job.points);
  const work = /** @type {Run|Points|Training} */ (job.run ?? job.training ?? points);
  try {
    if (job.portion && job.port) return stepPortion(job, job.portion, job.port);
    if (job.trainingShare) return stepTrainingShare(job, job.trainingShare);
    if (job.points && job.port) return stepErrand(job, job.points, job.port);
    const before = performance.now();
    const progress = await work.advance(job.work);
    const ms = performance.now() - before;
    job.ms += ms;
    const did = 'work' in progress ? progress.work : NaN;
    if (did !== 0) pace(job, ms, did || 0); // a run that waits for shares does nothing
    if (job.dropped) return;
    job.waits = job.crew?.goOn() === false && !progress.done;
    if (job.run) tell(job, job.run, /** @type {Progress} */ (progress));
    else if (job.training) {
      if (progress.done) finish(job.training);
      tellTraining(job, job.training, /** @type {TrainingProgress} */ (progress));
    } else if (points) {
      post({ event: 'points', job: job.id, progress, ms: job.ms, points: points.take() });
    }
    if (!progress.done) return;
    job.live = false;
    job.crew?.end();
    const { run } = job;
    const made = { fingerprint: run?.fingerprint() ?? '', path: run?.path ?? '', products: run?.jacobian_products() ?? null };
    post({ event: 'done', job: job.id, ms: job.ms, ...made });
  } catch (e) {
    job.live = false;
    job.crew?.end();
    post({ event: 'failed', job: job.id, fault: fault(e) });
  }
}

// ── what is compiled ───────────────────────────────────────────────────────────────────────────
/** The package that computes what a link asks for. @param {string} link @returns {Promise<Package>} */
async function home(link) {
  const held = experiments.get(link)?.own;
  const name = held ? '' : pkg.other_package(link);
  return name ? other(name) : held ?? pkg;
}

/** Another package, which is brought where it is not there. @param {string} name @returns {Promise<Package>} */
function other(name) {
  let way = others.get(name);
  if (!way) {
    way = bringPackage(name);
    others.set(name, way);
    way.catch(() => others.delete(name));
  }
  return way;
}

/** @param {string} name */
async function bringPackage(name) {
  const files = order.packages[name];
  if (!files) throw loadFault(`This page was built without the package “${name}”, which this lab needs.`);
  const tries = failed.get(name) ?? 0;
  // The browser keeps what it has of a module: each try has its own address.
  const js = tries ? `${files.js}?${tries}` : files.js;
  try {
    const other = await loadPackage({ ...files, js }, { base: order.base, role: 'lab', fresh: tries > 0 });
    failed.delete(name);
    return other;
  } catch (e) {
    failed.set(name, tries + 1);
    throw e;
  }
}

/** The experiment of a link, compiled unless it is at hand. @param {Package} own  its package @param {string} link */
function experiment(own, link) {
  let found = experiments.get(link);
  if (!found) {
    compiled++;
    found = { own, made: new own.Experiment(link) };
  }
  experiments.delete(link);
  experiments.set(link, found);
  for (const [text, old] of [...experiments].slice(0, -KEPT)) {
    experiments.delete(text);
    old.made.free();
  }
  return found.made;
}

/** Networks have changed: what was compiled may hold others. */
function renew() {
  for (const { made } of experiments.values()) made.free();
  experiments.clear();
}

/** The network of a training as it stands is at hand from now on. @param {Training} training */
function finish(training) {
  training.finish();
  renew();
}

/** @typedef {import('../pkg/cpu/scorefield.js').Opened['networks'][number]} Network */

/**
 * The package of a link, with the networks that runs of a side need (of both, where none is named); what failed is tried afresh by the
 * next who asks. The other side goes without: a file that does not come stops only what needs it.
 * @param {string} link @param {'a'|'b'|null} side @param {unknown} by  who waits for them, and says so when
 *   that is over; null: nobody who would
 */
async function ready(link, side, by) {
  const own = await home(link);
  const needed = pkg.open_link(link).networks.filter(({ sides }) => !side || sides.includes(side));
  await Promise.all(needed.map((net) => add(own, net, by)));
  return own;
}

/** @param {Package} own @param {Network} net @param {unknown} by */
async function add(own, { name, file, sha256 }, by) {
  if (own.has_network(name)) return;
  const address = order.nets + file;
  let on = fetching.get(file);
  if (!on) {
    // The hash in the address: a cache never gives the file of another version. The package checks its contents.
    const way = bring(`${address}?${sha256.slice(0, 10)}`, { role: 'network', fresh: failed.has(file) });
    const begun = { way, by: new Set() };
    const over = () => void (fetching.get(file) === begun && fetching.delete(file));
    fetching.set(file, on = begun);
    way.then(over, over);
  }
  if (by !== null) on.by.add(by);
  const bytes = await on.way;
  if (own.has_network(name)) return; // another question came first
  try {
    own.add_network(name, bytes);
  } catch (e) {
    failed.set(file, 1);
    throw netFault(`${nameOf(address)} is damaged: ${said(e)}`);
  }
  failed.delete(file);
  renew();
}

/** Who waited for networks was cancelled: what nobody else waits for is given up. @param {unknown} by */
function leave(by) {
  for (const [file, on] of fetching) {
    if (!on.by.delete(by) || on.by.size) continue;
    fetching.delete(file);
    giveUp(nameOf(order.nets + file), /** @type {import('./types.js').Fault} */ (gone('run')));
  }
}

/** @param {unknown} e */
const said = (e) => String(/** @type {any} */ (e)?.message ?? e);

// ── requests ───────────────────────────────────────────────────────────────────────────────────
/** Loads the engine. @param {Order & { fresh: boolean }} what */
async function start(what) {
  order = what;
  kind = what.kind;
  pkg = await loadPackage(what.packages[kind], { base: what.base, role: 'engine', fresh: what.fresh });
  if (kind === 'webgpu') post({ event: 'stage', stage: 'adapter' });
  return { version: pkg.version(), adapter: kind === 'webgpu' ? await pkg.prepare() : '' };
}

/** What is asked before the engine is there waits for it, but for these. */
const AT_ONCE = ['load', 'bring', 'giveUp', 'forget'];

/** The run of a job, once no call into it is under way. @param {number} id @returns {Promise<Run>} */
async function idle(id) {
  const job = jobs.get(id);
  if (!job?.run) throw gone('run');
  await job.turn;
  return job.run;
}

/** @param {number} id @param {Partial<Job>} what */
function enter(id, what) {
  if (early.delete(id)) return (what.run ?? what.points ?? what.training ?? what.portion ?? what.trainingShare)?.free();
  const job = {
    run: null, points: null, training: null, portion: null, trainingShare: null, port: null, crew: null, runs: [], spent: 0, ahead: 0,
    serial: 0, ms: 0, unit: 0, told: 0, untold: 0, unsaid: null, live: true, waits: false, dropped: false, turn: Promise.resolve(),
  };
  jobs.set(id, { id, work: FIRST_WORK[kind], ...job, ...what });
  pump();
}

/** No more turns, once the one under way is over. @param {Job} job */
function halt(job) {
  job.live = false;
  job.crew?.end();
  return job.turn;
}

/** Ends a question, which is answered, refused or given up. @param {number} id */
function forget(id) {
  const question = questions.get(id);
  questions.delete(id);
  question?.crew?.end();
  question?.task?.free();
  question?.reject(gone('question')); // nothing where it is answered
}

/**
 * What a port tells of the runs of another worker's job.
 * @param {number} id @param {MessagePort} port @param {{ over?: boolean, run: number }} data
 */
function errand(id, port, data) {
  const job = jobs.get(id);
  if (data.over) {
    port.close();
    if (job) ops.drop(id);
  } else if (job) {
    job.runs.push(data.run);
    job.live = true;
    pump();
  }
}

/** What is answered in turns, each as a task. @type {Record<string, (...args: any[]) => Promise<Task>>} */
const tasks = {
  scene: async (link, side) => experiment(await home(link), link).scene(side),
  /** learned: it asks the networks of the link, which are brought before. */
  async ask(link, side, question, args, learned) {
    const own = await (learned ? ready(link, side, null) : home(link));
    return experiment(own, link).ask(side, question, args);
  },
  askRun: async (id, question, args) => (await idle(id)).ask(question, args),
  /** Of a run that is not begun. */
  async price(link, side) {
    const run = experiment(await ready(link, side, null), link).run(side);
    const task = run.ask('price', {});
    run.free();
    return task;
  },
};

/** @param {number} id  of the message @param {Promise<Task>} way */
function answer(id, way) {
  return new Promise((resolve, reject) => {
    /** @type {Question} */
    const question = { task: null, crew: null, waits: false, work: FIRST_WORK[kind], unit: 0, ms: 0, resolve, reject };
    questions.set(id, question);
    way.then((task) => {
      if (questions.get(id) !== question) return task.free(); // given up meanwhile
      question.task = task;
      pump();
    }, (e) => {
      reject(e);
      questions.delete(id);
    });
  });
}

/** What is more than a function of the package. @type {Record<string, (...args: any[]) => any>} */
const ops = {
  load: (/** @type {Order & { fresh: boolean }} */ what) => (loaded = start(what)),
  giveUp,
  forget,
  bring: async (name) => void (await other(name)),
  compiled: () => compiled,
  held: () => jobs.size,
  plan: async (link, side) => experiment(await home(link), link).plan(side),
  async run(id, link, side) {
    const own = await ready(link, side, id).catch((e) => {
      early.delete(id);
      throw e;
    });
    if (!early.delete(id)) enter(id, { run: experiment(own, link).run(side) });
  },
  /** Whether others can do parts of a run, a job or a training. @param {number} id */
  async dealt(id) {
    const job = jobs.get(id);
    await job?.turn;
    if (job?.training) return true;
    if (job?.run) return job.run.split(1).length > 0; // one share is the run as it is
    const run = job?.points?.give();
    if (run === undefined) return false;
    job?.points?.take_back(run);
    return true;
  },
  /**
   * Shares a run, a job or a training out over the workers at the other ends of these ports. Answers with how many have a part of it.
   * @param {number} id @param {MessagePort[]} ports
   */
  async share(id, ports) {
    const job = jobs.get(id);
    await job?.turn;
    const own = job?.run ?? job?.training ?? job?.points;
    if (!job || !own || !job.live || job.crew) {
      for (const port of ports) port.postMessage({ over: true });
      return 0;
    }
    const hooks = {
      idle: () => job.turn,
      wake() {
        job.waits = false;
        pump();
      },
    };
    if (job.run) job.crew = new Crew(job.run, ports, hooks);
    else if (job.training) job.crew = new SharedTraining(job.training, ports, hooks);
    else job.crew = new Errands(/** @type {Points} */ (own), ports, hooks);
    return job.crew.size;
  },
  /** The price of a question's answer, in units of work, where its parts can be shared out; otherwise 0. @param {number} id */
  worth: (id) => questions.get(id)?.task?.price_shared() ?? 0,
  /** The same for the answer to a question. @param {number} id @param {MessagePort[]} ports */
  shareAnswer(id, ports) {
    const question = questions.get(id);
    const { task } = question ?? {};
    if (!question || !task || question.crew) {
      for (const port of ports) port.postMessage({ over: true });
      return 0;
    }
    for (const port of ports) port.postMessage({ given: task.given() });
    question.crew = new Errands(task, ports, {
      idle: () => Promise.resolve(), // a turn of a question is one call
      wake() {
        question.waits = false;
        pump();
      },
    });
    return question.crew.size;
  },
  /** The worker that had a part of an answer is gone. @param {number} id @param {number} part */
  answerBack: async (id, part) => questions.get(id)?.crew?.takeBack(part),
  /** The worker that had a part of a run or a job is gone. @param {number} id @param {number} part */
  takeBack: async (id, part) => jobs.get(id)?.crew?.takeBack(part),
  /** Answers when this worker can take a share of a run, which is then told by the port. */
  async portion(id, link, side, port) {
    const own = await ready(link, side, id);
    experiment(own, link);
    port.onmessage = (/** @type {MessageEvent} */ { data }) => {
      const job = jobs.get(id);
      if (data.share) {
        const { first, count, of, ahead } = data.share;
        enter(id, { portion: experiment(own, link).portion(side, first, count, of), port, ahead });
      } else if (data.more && job) {
        job.ahead++;
        job.live = true;
        pump();
      } else if (data.over) {
        port.close();
        if (job) ops.drop(id);
      }
    };
  },
  /** Answers when this worker can do runs of a job, which are then told by the port. */
  async errands(id, link, name, port) {
    const own = await ready(link, null, id);
    const points = experiment(own, link).job(name);
    enter(id, { points, port, live: false });
    port.onmessage = (/** @type {MessageEvent} */ { data }) => errand(id, port, data);
  },
  /** The same for the numbers at the end of a run, which the port tells first. */
  async numbers(id, link, side, port) {
    const own = await home(link);
    experiment(own, link);
    port.onmessage = (/** @type {MessageEvent} */ { data }) => {
      if (data.given) enter(id, { points: experiment(own, link).numbers(side, data.given), port, live: false });
      else errand(id, port, data);
    };
  },
  /** Answers when this worker can do a part of each step of a training, which is then told by the port. */
  async trainingShare(id, link, side, port) {
    early.delete(id); // a part that this worker had of the same training, which goes on
    const own = await home(link);
    if (jobs.has(id)) await ops.drop(id);
    /** @returns {Job|null} */
    const job = () => {
      const known = jobs.get(id);
      return known?.trainingShare === trainingShare ? known : null;
    };
    const wake = () => {
      const mine = job();
      if (!mine) return;
      mine.live = true;
      pump();
    };
    /** @type {TrainingShare} */
    const trainingShare = new TrainingShare(new own.TrainingPart(link, side), port, wake);
    enter(id, { trainingShare, live: false });
    port.onmessage = (/** @type {MessageEvent} */ { data }) => {
      if (!data.over) return job() && trainingShare.hear(data);
      port.close();
      if (job()) ops.drop(id);
    };
  },
  /** Answers with what is known before it begins, unless it is stopped until then. */
  async job(id, link, name) {
    const own = await ready(link, null, id);
    if (early.delete(id)) throw gone('job');
    const points = experiment(own, link).job(name);
    while (!points.prepare()) {
      await breathe();
      if (!early.delete(id)) continue;
      points.free();
      throw gone('job');
    }
    const told = { plan: points.plan(), total: points.total, price: points.price };
    enter(id, { points }); // from here on the object is busy
    return told;
  },
  async train(id, link, side) {
    const own = await home(link);
    if (!early.delete(id)) enter(id, { training: new own.Training(link, side) });
  },
  /** What the previews of a training show. */
  async aim(id, link, sides, serial) {
    const job = jobs.get(id);
    await job?.turn;
    job?.training?.aim(link, sides);
    if (job) job.serial = serial;
  },
  resume(id) {
    const job = jobs.get(id);
    if (!job) return;
    Object.assign(job, { live: true, waits: false, crew: null });
    pump();
  },
  /** The network of a training as it stands. */
  async finishTraining(id, link, side) {
    const job = jobs.get(id);
    if (!job?.training) throw gone('training');
    await job.turn;
    finish(job.training);
    return ops.network_file(link, side);
  },
  network_file: async (link, side) => (await home(link)).network_file(link, side),
  async add_trained(link, side, bytes) {
    (await home(link)).add_trained(link, side, bytes);
    renew();
  },
  async load_network(name, bytes, link) {
    const away = pkg.package_of_network(name, bytes);
    const own = away ? await other(away) : pkg;
    renew();
    return own.load_network(name, bytes, link);
  },
  /** Stops; what has been computed stays. */
  async stop(id) {
    const job = jobs.get(id);
    if (job) {
      await halt(job);
      job.told = 0;
      if (job.training && job.unsaid && !job.dropped) tellTraining(job, job.training, job.unsaid);
      return;
    }
    early.add(id);
    leave(id);
  },
  /** Stops and forgets. A network that it waits for still comes: the next run of a link that is being edited may need it. */
  async drop(id) {
    const job = jobs.get(id);
    for (const on of fetching.values()) on.by.delete(id); // what comes after it may wait for the same
    if (!job) return void early.add(id);
    job.dropped = true; // its turn gives nothing more
    await halt(job);
    jobs.delete(id);
    (job.run ?? job.training ?? job.points ?? job.portion ?? job.trainingShare)?.free();
  },
  check: async (id, link, side) => (await idle(id)).check(link, side),
  samples: async (id) => (await idle(id)).samples(),
  csv: async (id) => (await idle(id)).csv(),
};

self.onmessage = async ({ data }) => {
  const { id, op, args } = data;
  try {
    if (!AT_ONCE.includes(op)) await loaded;
    const value = await (tasks[op] ? answer(id, tasks[op](...args)) : (ops[op] ?? Reflect.get(pkg, op))(...args));
    post({ id, value }, owned(value));
  } catch (e) {
    post({ id, fault: fault(e) });
  }
};

script.whole = true;
