// What the page has to say: wrong links with their fixes, notices, progress with Cancel, failures. Never a dialog in the way.
import { h, icon } from './dom.js';
import { count } from '../plots/kit.js';
import { isOfLink } from '../store.js';

/**
 * @typedef {import('../store.js').State} State
 * @typedef {import('../store.js').LinkError} LinkError
 * @typedef {import('../store.js').Fault} Fault
 */

/**
 * @typedef {object} Acts
 * @property {(link: string) => void} follow
 * @property {() => void} cancel
 * @property {() => void} again
 * @property {() => void} dismiss
 * @property {() => void} forgive  a file that was refused
 */

const PATIENCE_MS = 500; // shorter work goes without words

export class Alerts {
  /** @param {HTMLElement} host @param {HTMLElement} floating  of the progress: it moves nothing when it comes and goes @param {Acts} acts */
  constructor(host, floating, acts) {
    this.acts = acts;
    this.errors = h('div', { role: 'alert' });
    this.notes = h('div', { role: 'status' });
    this.work = h('div');
    this.keys = { errors: '', notes: '' };
    /** @type {Map<string, { box: HTMLElement, bar: HTMLProgressElement, text: HTMLElement }>} */
    this.bars = new Map();
    this.timer = 0;
    host.replaceChildren(this.errors, this.notes);
    floating.replaceChildren(this.work);
  }

  /** @param {State} s */
  update(s) {
    const { acts } = this;
    const fault = s.fault ?? ofSides(s) ?? s.sweep?.fault ?? s.errors?.fault ?? null;
    if (this.#changed('errors', [s.linkError, fault])) {
      this.errors.replaceChildren(...[
        s.linkError && linkBox(s.linkError, acts),
        fault && h('div.box.error', {}, h('p', {}, fault.message, ' ', fault.remedy ?? ''), !isOfLink(fault) && h('p', {}, fault.kind === 'file'
          ? h('button.chip', { type: 'button', onclick: acts.forgive }, 'Dismiss')
          : h('button.chip', { type: 'button', onclick: acts.again }, 'Run again'))),
      ].filter((x) => x instanceof Node));
    }
    const cancelled = [s.a?.run, s.b?.run].some((r) => r?.state === 'cancelled') || [s.sweep, s.errors].some((job) => job?.state === 'cancelled');
    if (this.#changed('notes', [s.notices, cancelled, s.a?.run.reached])) {
      this.notes.replaceChildren(...[
        s.notices.length > 0 && h('div.box.notice', {}, h('div', {}, ...s.notices.map((n) => h('p', {}, n))), h('button.plain', { type: 'button', 'aria-label': 'Dismiss', onclick: acts.dismiss }, icon('M6 6l12 12M18 6L6 18'))),
        cancelled && h('div.box.notice', {}, h('p', {}, stopped(s)), h('button.chip', { type: 'button', onclick: acts.again }, 'Run again')),
      ].filter((x) => x instanceof Node));
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
    if (s.busy) lines.push({ id: 'load', text: `${s.busy}.`, part: NaN });
    const runs = [s.a, s.b].flatMap((side) => (side?.run.state === 'running' ? [side] : []));
    const now = performance.now();
    const slow = runs.filter((side) => now - side.run.started > PATIENCE_MS);
    if (slow.length) {
      const total = runs.reduce((sum, r) => sum + r.run.total, 0);
      const done = runs.reduce((sum, r) => sum + r.run.evaluations, 0);
      const lead = slow[0];
      const step = lead.scene.level_index[Math.max(0, lead.run.reached - 1)];
      lines.push({ id: 'run', text: `Sampling ${count(Number(lead.info.values.n))} ${lead.scene.lab === 'lgssm' ? 'chains' : 'particles'}: step ${count(step)} of ${count(lead.scene.steps)}${left(now - lead.run.started, done / total)}.`, part: done / total });
    }
    const { sweep, errors } = s;
    if (sweep?.state === 'running' && sweep.plan && now - sweep.started > PATIENCE_MS) {
      const all = sweep.plan.steps.length * sweep.plan.series.length;
      lines.push({ id: 'sweep', text: `Sweeping N: ${sweep.points.length} of ${all} runs${left(now - sweep.started, sweep.part)}.`, part: sweep.part });
    }
    if (errors?.state === 'running' && errors.plan && now - errors.started > PATIENCE_MS) {
      lines.push({ id: 'errors', text: `Measuring the errors: ${errors.evaluations} of ${errors.total} runs${left(now - errors.started, errors.part)}.`, part: errors.part });
    }
    if (runs.length || sweep?.state === 'running' || errors?.state === 'running') {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#progress(s), 300); // the clock goes on between frames
    }
    for (const [id, { box }] of this.bars) {
      if (lines.some((l) => l.id === id)) continue;
      box.remove();
      this.bars.delete(id);
    }
    for (const { id, text, part } of lines) {
      const bar = this.bars.get(id) ?? this.#bar(id);
      if (bar.text.textContent !== text) bar.text.textContent = text;
      if (Number.isFinite(part)) bar.bar.value = Math.max(0, Math.min(1, part));
    }
  }

  /** A line of progress that stays in place while its words change. @param {string} id */
  #bar(id) {
    const bar = h('progress', { max: 1, 'aria-label': 'Progress' });
    const text = h('p');
    const box = h('div.box.work', {}, bar, text, id !== 'load' && h('button.chip', { type: 'button', onclick: this.acts.cancel }, 'Cancel'));
    this.work.append(box);
    const made = { box, bar, text };
    this.bars.set(id, made);
    return made;
  }
}

/** What a run ended with, and in a comparison which. @param {State} s @returns {Fault|null} */
function ofSides({ a, b }) {
  const side = [a, b].find((v) => v?.run.fault);
  const fault = side?.run.fault ?? null;
  return fault && b ? { ...fault, message: `${side?.id.toUpperCase()}: ${fault.message}` } : fault;
}

/** How long still. @param {number} ms @param {number} part */
function left(ms, part) {
  if (!(part > 0.02)) return '';
  const seconds = (ms * (1 / part - 1)) / 1000;
  return seconds < 1 ? ', less than a second left' : seconds < 90 ? `, about ${Math.ceil(seconds)} s left` : `, about ${Math.ceil(seconds / 60)} min left`;
}

/** @param {State} s */
function stopped(s) {
  for (const side of [s.a, s.b]) {
    if (side?.run.state === 'cancelled') return `Cancelled at step ${side.scene.level_index[Math.max(0, side.run.reached - 1)]} of ${side.scene.steps}. What has been computed stays.`;
  }
  return `The ${s.sweep?.state === 'cancelled' ? 'sweep' : 'measuring of the errors'} was cancelled. What has been computed stays.`;
}

/** @param {LinkError} e @param {Acts} acts */
function linkBox(e, acts) {
  const links = e.choice_links;
  const valued = e.key !== null && e.value !== null;
  const choices = e.choices.map((choice, i) => {
    const link = links[i];
    if (link) return h('button.chip', { type: 'button', onclick: () => acts.follow(link) }, choice);
    return h('code.chip', {}, choice);
  });
  return h('div.box.error.link', {},
    h('h2', {}, 'This link does not open'),
    h('p', {}, e.message),
    choices.length > 0 && h('p.choices', {}, h('span', {}, valued ? `${e.key} can be: ` : 'Valid here: '), ...choices.flatMap((c) => [c, ' '])),
    h('p', {}, h('button.primary', { type: 'button', onclick: () => acts.follow(e.nearest) }, e.nearest_label.endsWith('score=trained') ? 'Train a network here' : 'Open the nearest valid link'), ' ', h('span.quietly', {}, e.nearest_label)));
}
