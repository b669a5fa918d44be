// The turns of the worker: questions, runs, jobs and trainings, a few milliseconds at a time. Messages are let in between, so that whatever
// is asked next is heard at once.
import { finish, kind } from './compiled.js';
import { fault, gone, owned, post } from './post.js';

/**
 * @typedef {import('../../pkg/cpu/scorefield.js').Task} Task
 * @typedef {import('../../pkg/cpu/scorefield.js').Run} Run
 * @typedef {import('../../pkg/cpu/scorefield.js').Job} Points
 * @typedef {import('../../pkg/cpu/scorefield.js').Training} Training
 * @typedef {import('../../pkg/cpu/scorefield.js').Portion} Portion
 * @typedef {import('../../pkg/cpu/scorefield.js').Progress} Progress
 * @typedef {import('../../pkg/cpu/scorefield.js').TrainingProgress} TrainingProgress
 * @typedef {import('./shares.js').SharedRun} SharedRun
 * @typedef {import('./shares.js').DealtRuns} DealtRuns
 * @typedef {import('./training-parts.js').SharedTraining} SharedTraining
 * @typedef {import('./training-parts.js').TrainingShare} TrainingShare
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
 * @property {boolean} awaits  the portion needs the particles of all to go on
 * @property {number[]} runs  of another worker's job, which this one does in their order
 * @property {number} spent  by the first of them, in units of its price
 * @property {SharedRun|DealtRuns|SharedTraining|null} crew  the workers that have shares of the run, runs of the job, or parts of steps
 * @property {number} serial  of what the training's previews show
 * @property {number} work  for the next turn
 * @property {number} unit  milliseconds of a unit of work, as far as it is known
 * @property {number} ms
 * @property {number} told  when the page was told of it last
 * @property {Progress|TrainingProgress|null} news  what it has not heard; with the work since then
 * @property {boolean} live  wants more turns
 * @property {boolean} waits  for states of shares that other workers have
 * @property {boolean} dropped
 * @property {Promise<void>} turn  resolves when no call into the job is under way
 */

/**
 * What was asked and has no answer yet.
 * @typedef {object} Question
 * @property {Task|null} task  null until it can begin
 * @property {DealtRuns|null} crew  the workers that do parts of it
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
const NEWS_MS = 100; // between two messages of a run that is on several cores: each picture would take the time of one of them

/** By the number of their message. @type {Map<number, Question>} */
export const questions = new Map();
/** @type {Map<number, Job>} */
export const jobs = new Map();
/** Jobs that were stopped before they were entered. @type {Set<number>} */
export const early = new Set();
let pumping = false;
let asked = false; // whether the last turn was a question's

/** Lets waiting messages in. */
export const breathe = (() => {
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

export async function pump() {
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
  const { level, done, awaits, work, spent } = portion.advance(job.work);
  if (work) pace(job, performance.now() - before, work);
  if (level !== null) {
    const x = portion.take();
    port.postMessage({ level, x, spent }, [x.buffer]);
    job.ahead--;
  }
  job.awaits = awaits;
  job.live = job.ahead > 0 && !awaits;
  if (!done) return;
  jobs.delete(job.id);
  portion.free();
  post({ event: 'done', job: job.id });
}

/**
 * What the worker that has a run tells one that has a share of it.
 * @param {Job} job @param {{ more?: true, given?: import('../../pkg/cpu/scorefield.js').Given }} said
 */
export function hearState(job, { more, given }) {
  if (more) job.ahead++;
  if (given) {
    job.portion?.receive(given.step, given.x);
    job.awaits = false;
  }
  job.live = job.ahead > 0 && !job.awaits;
}

/**
 * A piece of a run of another worker's job, which is told what it has taken and found.
 * @param {Job} job @param {Points|Task} points @param {MessagePort} port
 */
function stepDealt(job, points, port) {
  const [run] = job.runs;
  const before = performance.now();
  const { work, own, found } = points.alone(run, job.work);
  pace(job, performance.now() - before, work);
  job.spent += own;
  port.postMessage({ run, spent: job.spent, found }, owned({ found }));
  if (!found) return;
  job.runs.shift();
  job.spent = 0;
  job.live = job.runs.length > 0;
}

/**
 * Notes how far a run, a training or a job is, and tells the page; of what is on several cores now and then.
 * @param {Job} job @param {Progress|TrainingProgress} progress
 */
function note(job, progress) {
  job.news = { ...progress, work: (progress.work ?? 0) + (job.news?.work ?? 0) };
  const rest = job.crew?.size && !job.points ? NEWS_MS : 0;
  if (progress.done || performance.now() - job.told >= rest) tell(job);
}

/** Tells the page what it has not heard of a job. @param {Job} job */
function tell(job) {
  const { id, run, points, training, news, ms } = job;
  if (!news) return;
  job.told = performance.now();
  job.news = null;
  const what = training ? { event: 'training', serial: job.serial, ...training.take() }
    : run ? { event: 'frames', frames: run.take() } : { event: 'points', points: /** @type {Points} */ (points).take() };
  post({ ...what, job: id, progress: news, ms }, owned(what));
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
  const work = /** @type {Run|Points|Training} */ (job.run ?? job.training ?? job.points);
  try {
    if (job.portion && job.port) return stepPortion(job, job.portion, job.port);
    if (job.trainingShare) return stepTrainingShare(job, job.trainingShare);
    if (job.points && job.port) return stepDealt(job, job.points, job.port);
    const before = performance.now();
    const progress = await work.advance(job.work);
    const ms = performance.now() - before;
    job.ms += ms;
    const did = 'work' in progress ? progress.work : NaN;
    if (did !== 0) pace(job, ms, did || 0); // a run that waits for shares does nothing
    if (job.dropped) return;
    job.waits = job.crew?.goOn() === false && !progress.done;
    if (job.training && progress.done) finish(job.training);
    note(job, progress);
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

// ── what has turns ─────────────────────────────────────────────────────────────────────────────
/** The run of a job, once no call into it is under way. @param {number} id @returns {Promise<Run>} */
export async function idle(id) {
  const job = jobs.get(id);
  if (!job?.run) throw gone('run');
  await job.turn;
  return job.run;
}

/** @param {number} id @param {Partial<Job>} what */
export function enter(id, what) {
  if (early.delete(id)) return (what.run ?? what.points ?? what.training ?? what.portion ?? what.trainingShare)?.free();
  const job = {
    run: null, points: null, training: null, portion: null, trainingShare: null, port: null, crew: null, runs: [], spent: 0, ahead: 0,
    awaits: false,
    serial: 0, ms: 0, unit: 0, told: 0, news: null, live: true, waits: false, dropped: false, turn: Promise.resolve(),
  };
  jobs.set(id, { id, work: FIRST_WORK[kind], ...job, ...what });
  pump();
}

/** No more turns, once the one under way is over. @param {Job} job */
export function halt(job) {
  job.live = false;
  job.crew?.end();
  return job.turn;
}

/** No more turns, once the one under way is over; what it has computed is told. @param {Job} job */
export async function stop(job) {
  await halt(job);
  if (!job.dropped) tell(job);
}

/** Ends a question, which is answered, refused or given up. @param {number} id */
export function forget(id) {
  const question = questions.get(id);
  questions.delete(id);
  question?.crew?.end();
  question?.task?.free();
  question?.reject(gone('question')); // nothing where it is answered
}

/** @param {number} id  of the message @param {Promise<Task>} way */
export function answer(id, way) {
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
