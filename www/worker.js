// The worker of one engine, whose package package.js loads: what it is asked.
// Requests:  { id, op, args }   answers: { id, value } | { id, fault }
// Events:    { event: 'load' | 'stage' | 'frames' | 'points' | 'training' | 'done' | 'failed', job, … }
import { script } from './engine/whole.js';
import { compiled, experiment, finish, home, leave, other, pkg, ready, renew, start, unwait } from './engine/compiled.js';
import { giveUp } from './engine/files.js';
import { fault, gone, owned, post } from './engine/post.js';
import { DealtRuns, SharedRun } from './engine/shares.js';
import { SharedTraining, TrainingShare } from './engine/training-parts.js';
import { answer, breathe, early, enter, forget, halt, hearState, idle, jobs, pump, questions, stop } from './engine/turns.js';

/**
 * @typedef {import('../pkg/cpu/scorefield.js').Task} Task
 * @typedef {import('../pkg/cpu/scorefield.js').Job} Points
 * @typedef {import('./engine/turns.js').Job} Job
 */

/** Until the engine is there. @type {Promise<unknown>} */
let loaded = Promise.resolve();

/** What is asked before the engine is there waits for it, but for these. */
const AT_ONCE = ['load', 'bring', 'giveUp', 'forget'];

/**
 * What a port tells of the runs of another worker's job.
 * @param {number} id @param {MessagePort} port @param {{ over?: boolean, run: number }} data
 */
function hearRun(id, port, data) {
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

/** What is more than a function of the package. @type {Record<string, (...args: any[]) => any>} */
const ops = {
  load: (/** @type {Parameters<typeof start>[0]} */ what) => (loaded = start(what)),
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
    return Boolean(job && (job.training ?? job.run?.can_split() ?? job.points?.can_give()));
  },
  /**
   * Shares a run, a job or a training out over the workers at the other ends of these ports. Answers with how many have a part of it.
   * @param {number} id @param {MessagePort[]} ports @param {number} price  of a run, in units
   */
  async share(id, ports, price) {
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
    if (job.run) job.crew = new SharedRun(job.run, price, ports, hooks);
    else if (job.training) job.crew = new SharedTraining(job.training, ports, hooks);
    else job.crew = new DealtRuns(/** @type {Points} */ (own), ports, hooks);
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
    question.crew = new DealtRuns(task, ports, {
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
      } else if (job && (data.more || data.given)) {
        hearState(job, data);
        pump();
      } else if (data.over) {
        port.close();
        if (job) ops.drop(id);
      }
    };
  },
  /** Answers when this worker can do runs of a job, which are then told by the port. */
  async jobRuns(id, link, name, port) {
    const own = await ready(link, null, id);
    const points = experiment(own, link).job(name);
    enter(id, { points, port, live: false });
    port.onmessage = (/** @type {MessageEvent} */ { data }) => hearRun(id, port, data);
  },
  /** The same for the numbers at the end of a run, which the port tells first. */
  async numbers(id, link, side, port) {
    const own = await home(link);
    experiment(own, link);
    port.onmessage = (/** @type {MessageEvent} */ { data }) => {
      if (data.given) enter(id, { points: experiment(own, link).numbers(side, data.given), port, live: false });
      else hearRun(id, port, data);
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
    if (job) return stop(job);
    early.add(id);
    leave(id);
  },
  /** Stops and forgets. A network that it waits for still comes: the next run of a link that is being edited may need it. */
  async drop(id) {
    const job = jobs.get(id);
    unwait(id); // what comes after it may wait for the same
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
