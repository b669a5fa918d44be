// What the page has to say: wrong links with their fixes, notices, progress with Cancel, failures. Never a dialog in the way.
import { byId, h, icon } from './dom.js';
import { count } from '../plots/kit.js';
import { isOfLink } from '../types.js';
import { about, partOf, whole } from './rate.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').LinkError} LinkError
 * @typedef {import('../app/store.js').Fault} Fault
 * @typedef {import('../app/store.js').SideState} SideState
 * @typedef {import('../app/stage.js').Job} Job
 */

/**
 * @typedef {object} Acts
 * @property {(link: string, changes: string[]) => void} follow
 * @property {() => void} cancel
 * @property {() => void} again
 * @property {() => void} webgpu  tries it again
 * @property {() => void} dismiss
 * @property {() => void} forgive  a file that was refused
 * @property {() => void} lab  asks for the files of the open lab again
 */

const PATIENCE_MS = 500; // shorter work goes without words
const AWAITED_MS = 2000; // that the focus waits for Cancel
const LONG_MS = 5000; // the time of what takes longer is said before

export class Alerts {
  /**
   * @param {HTMLElement} host
   * @param {HTMLElement} floating  of the progress: it moves nothing when it comes and goes
   * @param {Acts} acts
   */
  constructor(host, floating, acts) {
    this.acts = acts;
    this.errors = h('div', { role: 'alert' });
    this.notes = h('div', { role: 'status' });
    this.work = h('div');
    this.keys = { errors: '', notes: '' };
    /** @type {Map<string, { line: HTMLElement, bar: HTMLProgressElement, text: HTMLElement }>} */
    this.bars = new Map();
    this.cancel = h('button.chip', {
      type: 'button', title: 'Cancel (Escape)', 'aria-keyshortcuts': 'Escape', onclick: () => this.acts.cancel(),
    }, 'Cancel');
    this.lines = h('div.lines');
    this.box = h('div.box.work', {}, this.lines, this.cancel, h('kbd', { 'aria-hidden': 'true' }, 'Esc'));
    this.timer = 0;
    this.awaits = 0; // until then the focus waits for Cancel
    /** @type {Job|undefined} */
    this.job = undefined;
    /** Kinds of runs whose shaders the graphics card has. @type {Set<string>} */
    this.compiled = new Set();
    host.replaceChildren(this.errors, this.notes);
    byId('stop').addEventListener('click', () => this.acts.cancel());
    floating.replaceChildren(this.work);
  }

  /**
   * @param {State} s
   * @param {{ job?: Job, absent?: Fault|null }} [of]  the job of the open lab's view, and why the lab is not there
   */
  update(s, { job, absent = null } = {}) {
    const { acts } = this;
    this.job = job;
    const jobs = Object.values(s.jobs);
    const failed = [s.a, s.b].flatMap((side) => (side?.run.fault ? [{ ...side.run.fault, id: side.id }] : []));
    const fault = s.fault ?? asOne(failed, s.b !== null) ?? jobs.find((one) => one?.fault)?.fault ?? null;
    if (this.#changed('errors', [s.linkError, fault, absent])) {
      this.#say(this.errors, [
        s.linkError && linkBox(s.linkError, acts),
        absent &&
          h(
            'div.box.error',
            {},
            h('p', {}, `${absent.message} ${absent.remedy ?? ''}`),
            h('p', {}, h('button.chip', { type: 'button', onclick: acts.lab },
              absent.kind === 'broken' ? 'Reload the page' : 'Try again')),
          ),
        fault &&
          h(
            'div.box.error',
            {},
            h('p', {}, fault.message, ' ', fault.remedy ?? ''),
            !isOfLink(fault) &&
              h(
                'p',
                {},
                fault.kind === 'file'
                  ? h('button.chip', { type: 'button', onclick: acts.forgive }, 'Dismiss')
                  : h(
                      'button.chip',
                      { type: 'button', onclick: acts.again },
                      fault.kind === 'load' || fault.kind === 'network' ? 'Try again' : 'Run again',
                    ),
              ),
          ),
      ]);
    }
    const cancelled = [s.a?.run, s.b?.run, ...jobs].some((r) => r?.state === 'cancelled');
    const retry = s.refused && s.opened?.engine === 'webgpu';
    if (this.#changed('notes', [s.notices, retry, warnings(s), cancelled && [s.a, s.b].map((side) => side?.run.reached)])) {
      this.#say(this.notes, [
        ...warnings(s).map(warningBox),
        s.notices.length > 0 &&
          h(
            'div.box.notice',
            {},
            h(
              'div',
              {},
              ...s.notices.map(({ text }) => h('p', {}, text)),
              retry && h('button.chip', { type: 'button', onclick: acts.webgpu }, 'Try WebGPU again'),
            ),
            h('button.plain', { type: 'button', 'aria-label': 'Dismiss', onclick: acts.dismiss }, icon('M6 6l12 12M18 6L6 18')),
          ),
        cancelled &&
          h('div.box.notice', {}, h('p', {}, stopped(s, job)),
            h('button.chip.again', { type: 'button', onclick: acts.again }, 'Run again')),
      ]);
    }
    this.#progress(s);
  }

  /** @param {'errors'|'notes'} what @param {unknown} value */
  #changed(what, value) {
    const key = JSON.stringify(value);
    if (this.keys[what] === key) return false;
    this.keys[what] = key;
    return true;
  }

  /** @param {State} s */
  #progress(s) {
    const lines = [];
    if (s.busy && s.opened && !document.getElementById('boot')) lines.push({ id: 'load', text: `${s.busy}.`, part: NaN });
    const runs = [s.a, s.b].flatMap((side) => (side?.run.state === 'running' ? [side] : []));
    const now = performance.now();
    const slow = runs.filter(({ run }) => now - run.started > PATIENCE_MS || run.expected > LONG_MS);
    this.#note(s);
    if (slow.length && slow.every((side) => this.#compiles(side))) {
      lines.push({ id: 'run', text: compiling(now - Math.min(...slow.map((side) => side.run.started))), part: NaN });
    } else if (slow.length) {
      const part = runs.reduce((sum, { run }) => sum + partOf(run), 0) / runs.length;
      const expected = runs.reduce((sum, { run }) => sum + run.expected, 0);
      const lead = slow[0];
      const step = lead.scene.level_index[Math.max(0, lead.run.reached - 1)];
      const what = doing(lead.info);
      const where = `step ${count(step)} of ${count(lead.scene.steps)}${left(now - lead.run.started, part, expected)}`;
      lines.push({ id: 'run', text: `${what}: ${where}.`, part });
    }
    const job = this.job && s.jobs[this.job.name];
    const told = job?.state === 'running' && job.plan && (now - job.started > PATIENCE_MS || job.expected > LONG_MS);
    if (job && told) lines.push(this.#jobLine(job, now));
    if (runs.length || job?.state === 'running') {
      clearTimeout(this.timer);
      this.timer = self.setTimeout(() => this.#progress(s), 300); // the clock goes on between frames
    }
    for (const [id, { line }] of this.bars) {
      if (lines.some((l) => l.id === id)) continue;
      line.remove();
      this.bars.delete(id);
    }
    const stop = byId('stop');
    const had = this.box.contains(document.activeElement) || document.activeElement === stop;
    const trained = new Set([s.a, s.b].flatMap((side) => (side?.training && trains(side.training) ? [side.training] : [])));
    const own = lines.filter(({ id }) => id !== 'load').length;
    const all = own + trained.size;
    const stops = own && all; // a training has a button of its own
    this.cancel.hidden = stops === 0;
    stop.hidden = all === 0;
    const name = stops > 1 ? 'Cancel all' : 'Cancel';
    if (this.cancel.textContent !== name) this.cancel.textContent = name;
    if (!lines.length) this.box.remove();
    else if (!this.box.isConnected) this.work.append(this.box);
    const focus = document.activeElement;
    const stays = !stop.hidden && (focus === stop || (this.box.contains(focus) && !(this.cancel.hidden && focus === this.cancel)));
    if (had && !stays) this.#focus();
    else if (stops && this.awaits) {
      if (now < this.awaits && focus === byId('plot')) this.cancel.focus({ preventScroll: true });
      this.awaits = 0;
    }
    for (const { id, text, part } of lines) {
      const bar = this.bars.get(id) ?? this.#bar(id);
      if (bar.text.textContent !== text) bar.text.textContent = text;
      if (Number.isFinite(part)) bar.bar.value = Math.max(0, Math.min(1, part));
    }
  }

  /** How far the job of the open view is. @param {import('../app/store.js').JobState} job @param {number} now */
  #jobLine(job, now) {
    const spent = now - job.started;
    const { text, part } = /** @type {Job} */ (this.job).progress(job);
    if (job.engine === 'webgpu' && !job.evaluations) return { id: 'job', text: compiling(spent), part: NaN };
    return { id: 'job', text: `${text}${left(spent, part, job.expected)}.`, part };
  }

  /** Which shaders the graphics card has by now. @param {State} s */
  #note(s) {
    if (!s.webgpu.startsWith('ready')) this.compiled.clear(); // a card that was lost has none
    for (const side of [s.a, s.b]) if (side?.run.engine === 'webgpu' && side.run.evaluations > 0) this.compiled.add(kindOf(side.info));
  }

  /** Whether the first piece of a kind of run is on its way: the graphics card compiles it. @param {SideState} side */
  #compiles(side) {
    return side.run.engine === 'webgpu' && side.run.evaluations === 0 && !this.compiled.has(kindOf(side.info));
  }

  /** A line of progress that stays in place while its words change. @param {string} id */
  #bar(id) {
    const bar = h('progress', { max: 1, 'aria-label': 'Progress' });
    const text = h('p');
    const line = h('div.line', {}, bar, text);
    this.lines.append(line);
    const made = { line, bar, text };
    this.bars.set(id, made);
    return made;
  }

  /** Where the focus goes when what had it is gone: to what runs again, or else to the pictures, and to Cancel once that comes. */
  #focus() {
    const next = this.notes.querySelector('button.again') ?? byId('plot');
    /** @type {HTMLElement} */ (next).focus({ preventScroll: true });
    this.awaits = next.id === 'plot' ? performance.now() + AWAITED_MS : 0;
  }

  /** Replaces what a place says; a focus that was in it is not lost. @param {HTMLElement} place @param {unknown[]} parts */
  #say(place, parts) {
    const had = place.contains(document.activeElement);
    place.replaceChildren(...parts.filter((x) => x instanceof Node));
    if (had && !place.contains(document.activeElement)) this.#focus();
  }
}

/**
 * Failures of the sides as one, which in a comparison says whose each is.
 * @param {(Fault & { id: string })[]} faults @param {boolean} paired @returns {Fault|null}
 */
export function asOne([first, second], paired) {
  if (!first || !paired) return first ?? null;
  const { message, remedy = '' } = first;
  const same = second?.message === message;
  const other = second && !same ? ` B: ${second.message} ${second.remedy ?? ''}` : '';
  return { ...first, message: `${same ? 'A and B' : first.id.toUpperCase()}: ${message}`, remedy: remedy + other };
}

/** What is not right about the runs shown, in a comparison with the side. @param {State} s */
function warnings({ a, b }) {
  const each = [a, b].flatMap((side) => (side?.scene.warnings ?? []).map((text) => (b ? `${side?.id.toUpperCase()}: ${text}` : text)));
  return [...new Set(each)];
}

const ASIDE = ['engine', 'view']; // choices that no shader depends on

/** What decides about a run's shaders: its choices, not its numbers. @param {Pick<SideState['info'], 'values'>} info */
export function kindOf({ values }) {
  return JSON.stringify(Object.entries(values).filter(([key, value]) => !ASIDE.includes(key) && !Number.isFinite(Number(value))));
}

/** @param {number} ms */
function compiling(ms) {
  return `Compiling shaders for the graphics card: ${Math.round(ms / 1000)} s so far. The first run of its kind takes longer.`;
}

/** A sentence, and behind it the rest: the plot comes first. @param {string} text */
function warningBox(text) {
  const end = text.indexOf('. ') + 1;
  return h('details.box.notice.warning', {}, h('summary', {}, text.slice(0, end)), h('p', {}, text.slice(end + 1)));
}

/** How long still, and of what takes long also how long in all. @param {number} ms @param {number} part @param {number} expected */
export function left(ms, part, expected) {
  const all = whole(ms, part, expected);
  if (!(all > ms)) return ''; // it takes longer than was expected, and how much cannot be said yet
  const rest = Math.max(0, all - ms);
  const still = rest < 1000 ? 'less than a second left' : `${about(rest, all)} left`;
  return all < LONG_MS ? `, ${still}` : `, ${about(all)} in all, ${still.replace('about ', '')}`;
}

/**
 * What a run does, in the words of its control, which are there before its lab is: of “Chains n” it samples chains.
 * @param {Pick<SideState['info'], 'controls'|'values'>} info
 */
function doing({ controls, values: { n } }) {
  const label = controls.find(({ key }) => key === 'n')?.label;
  if (!label) return 'Running'; // the exact filter has no members
  const [many] = label.toLowerCase().split(' ');
  return `Sampling ${count(Number(n))} ${n === '1' ? many.replace(/s$/, '') : many}`;
}

/** @param {NonNullable<SideState['training']>} training */
const trains = ({ state, proof }) => state === 'running' || proof === 'running';

/** @param {SideState} side */
const stepOf = ({ scene, run }) => scene.level_index[Math.max(0, run.reached - 1)];

/**
 * What was cancelled, how far it had come, and what the button beside it does.
 * @param {State} s @param {Job|undefined} job  of the open view
 */
function stopped(s, job) {
  const sides = [s.a, s.b].flatMap((one) => (one?.run.state === 'cancelled' ? [one] : []));
  const places = sides.map((side) => `${s.b ? `${side.id.toUpperCase()} ` : ''}at step ${stepOf(side)} of ${side.scene.steps}`);
  const what = sides.length ? `Cancelled ${places.join(', ')}.` : `The ${job?.what ?? 'computation'} was cancelled.`;
  const some = sides.some(stepOf) || Object.values(s.jobs).some((one) => one?.points.length);
  return `${what} ${some ? 'What has been computed stays. ' : ''}“Run again” starts from the beginning.`;
}

/** @param {LinkError} e @param {Acts} acts */
function linkBox(e, acts) {
  const ofKey = e.key !== null && e.value !== null && e.choice_links.length === e.choices.length;
  const open = e.choices.slice(0, e.choice_links.length).map((choice, i) =>
    h('button.chip', { type: 'button', onclick: () => acts.follow(e.choice_links[i], e.choice_changes[i]) }, choice));
  const others = e.choices.slice(e.choice_links.length).map((choice) => h('code.chip', {}, choice));
  const spaced = (/** @type {HTMLElement[]} */ chips) => chips.flatMap((chip) => [chip, ' ']);
  return h('div.box.error.link', {},
    h('h2', {}, 'This link does not open'),
    h('p', {}, e.message),
    open.length > 0 && h('p.choices', {}, h('span', {}, ofKey ? `${e.key} can be: ` : 'Open with: '), ...spaced(open)),
    others.length > 0 && h('details', {},
      h('summary', {}, open.length ? 'Other valid keys' : 'Valid keys'), h('p.choices', {}, ...spaced(others))),
    h('p', {}, h('button.primary', { type: 'button', onclick: () => acts.follow(e.nearest, e.changes) },
      e.nearest_label.endsWith('score=trained') ? 'Train a network here' : 'Open the nearest valid link')),
    e.changes.length > 0 && h('p.quietly', {}, 'What that link changes:'),
    e.changes.length > 0 && h('ul.changes', {}, ...e.changes.map((change) => h('li', {}, unrepeated(change, e.message)))));
}

/** A change without the reason that already stands above it. @param {string} change @param {string} reason */
function unrepeated(change, reason) {
  const rest = change.startsWith(reason) ? change.slice(reason.length).trim() : '';
  return rest || change;
}
