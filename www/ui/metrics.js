// The line of numbers: each with what it should be beside it.
import { h } from './dom.js';
import { SINGLE, count, number, settled } from '../plots/kit.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').SideId} SideId
 * @typedef {import('../app/store.js').SideState} SideState
 * @typedef {import('../app/stage.js').Lab} Lab
 */

const ENGINE = { cpu: 'CPU', webgpu: 'WebGPU' };
const PRODUCTS = 'The extra cost of guidance: products with the score’s Jacobian or its transpose, for each particle';
/** What exact draws have: no sample has zero. */
const BESIDE = {
  perfect: { name: 'perfect', words: '. Perfect: what a sampler would have on average that draws from the exact law itself.' },
  draws: { name: 'exact draws', words: '. Exact draws: another set of them has another value.' },
};
const UNPROVEN = 'Not compared with the shared result: the network of this run was not trained here to its end';

/**
 * What it asks of the state: a side where its run is that of the open link, and whether a side runs the network of its link.
 * @typedef {{ current: (state: State, id: SideId) => SideState|null, isOwn: (side: SideState) => boolean }} Asked
 */

export class MetricsLine {
  /** @param {HTMLElement} host @param {Asked} ask */
  constructor(host, ask) {
    this.host = host;
    this.ask = ask;
    this.last = '';
  }

  /** @param {State} s @param {Lab|null} lab  that is open */
  update(s, lab) {
    const { opened } = s;
    const ids = opened ? /** @type {SideId[]} */ (opened.b ? ['a', 'b'] : ['a']) : [];
    const stuck = s.fault !== null || s.linkError !== null; // nothing is to come
    // None while what is there belongs to an earlier link.
    const sides = ids.map((id) => (s.opening || s.unopened ? null : this.ask.current(s, id))).filter((side) => side || !stuck);
    const besides = sides.map((side) => (/** @type {string} */ key) =>
      (side?.run.metrics && lab?.beside?.(s, side, key, side.run.metrics.frame)) || '');
    const told = (/** @type {SideState} */ { run }, /** @type {number} */ i) => run.metrics?.rows.map(({ key }) => besides[i](key));
    const parts = sides.map((side, i) => side && [partsOf(side), atEnd(side, s.at), told(side, i)]);
    const key = JSON.stringify([parts, opened?.fp, lab?.id]);
    if (key === this.last) return;
    this.last = key;
    const paired = Boolean(opened?.b);
    this.host.replaceChildren(...sides.map((side, i) => (side
      ? row({ side, own: this.ask.isOwn(side), paired, fp: Boolean(opened?.fp), end: atEnd(side, s.at), lab, beside: besides[i] })
      : waiting(ids[i], paired))));
  }
}

/**
 * A side and where it is shown; own: it runs the network of its link; fp: the link is a shared one; end: the slider stands at the data;
 * beside: what stands beside a number that has no exact value.
 * @typedef {object} Shown
 * @property {SideState} side
 * @property {boolean} own
 * @property {boolean} paired
 * @property {boolean} fp
 * @property {boolean} end
 * @property {Lab|null} lab
 * @property {(key: string) => string} beside
 */

/** What its row says. @param {SideState} side */
const partsOf = ({ run, info }) => [run.metrics, run.state, Math.round(run.ms), run.check?.message, info.title, run.engine, run.workers];

/** Whether the slider stands at the data. @param {SideState} side @param {number} at */
const atEnd = (side, at) => Math.round(at * (side.scene.frames - 1)) === side.scene.frames - 1;

/** Why a number is not there. @param {string} key @param {Shown} shown */
function lacking(key, { side: { run, scene }, end, lab }) {
  if (run.metrics?.final) return lab?.lacking?.(key, scene) || 'not finite';
  if (!end) return 'at the end';
  if (run.state === 'done') return 'being computed';
  return ['cancelled', 'untrained', 'error'].includes(run.state) ? 'not reached' : 'when the run is done';
}

/** What a number is compared with. @param {import('../app/store.js').Metrics['rows'][number]} r */
const scaleOf = ({ reference, error }) => Math.max(error ?? 0, Number.isFinite(reference) ? Math.abs(reference) : 0);

/**
 * A number for people: 0 where it is what rounding leaves.
 * @param {import('../app/store.js').Metrics['rows'][number]} r @param {Shown} shown
 */
function valueOf(r, { side: { run }, lab }) {
  if (r.value === null) return '–';
  const most = Math.max(...(run.metrics?.rows ?? []).map(({ value }) => Math.abs(value ?? 0)));
  const share = lab?.single?.includes(r.key) ? SINGLE : 0; // beside the other numbers of the run
  return number(settled(settled(r.value, scaleOf(r)), most, share), 3, true);
}

/** What a number should be. @param {import('../app/store.js').Metrics['rows'][number]} r @param {Shown} shown */
function reference(r, shown) {
  if (r.value === null) return lacking(r.key, shown);
  if (!Number.isFinite(r.reference)) return shown.beside(r.key) || 'no exact value';
  const against = shown.lab?.against?.(r.key, shown.side.info.values) || (r.held === 'exact' ? 'exact' : BESIDE[r.held].name);
  if (r.held !== 'exact') return `${against} ${number(r.reference, 2)}`;
  return `${against} ${number(settled(r.reference, r.error ?? 0))}${r.error === null ? '' : ` ± ${number(r.error, 2)}`}`;
}

/** The place of the numbers that are to come. @param {SideId} id @param {boolean} paired */
function waiting(id, paired) {
  return h('div', { class: `row ${id}` },
    paired && h('b.which', {}, id.toUpperCase()),
    h('dl', {}, h('div.number', {}, h('dt', {}, 'time'), h('dd', {}, h('b', {}, '–'), h('small', {}, 'waiting')))));
}

/** @param {string} title @param {string} name @param {string} value @param {string} small */
const cell = (title, name, value, small) => h('div.number', { title },
  h('dt', {}, name), h('dd', {}, h('b', {}, value), h('small', {}, small)));

/** What a run is doing, after the name of its engine. @type {Record<string, string>} */
const DOING = {
  done: '', running: ', running', waiting: ', waiting', training: ', after the training', untrained: ', not run', cancelled: ', cancelled',
  error: ', failed',
};

/** @param {SideState['run']} run */
const engineOf = ({ engine, path }) => (engine === 'webgpu' && path ? `${ENGINE[engine]}, ${path}` : ENGINE[engine]);

/** @param {Shown} shown */
function row(shown) {
  const { side, paired, fp } = shown;
  const { run, scene } = side;
  const m = run.metrics;
  const cells = (m?.rows ?? []).map((r) =>
    cell(
      `${r.help} ${r.reference_label}${r.held === 'exact' ? '' : BESIDE[r.held].words}`,
      r.label,
      valueOf(r, shown),
      reference(r, shown),
    ),
  );
  if (scene.nfe !== undefined) {
    cells.push(cell('Evaluations of the denoiser for each particle', 'calls', count(m?.nfe ?? 0), `of ${count(scene.nfe)}`));
  }
  if (run.products) cells.push(cell(PRODUCTS, 'Jacobian products', count(Math.round(run.products)), 'in all, for guidance'));
  const time = run.ms < 1000 ? `${Math.round(run.ms)} ms` : `${number(run.ms / 1000, 3, true)} s`;
  const shared = run.workers > 1 ? `, ${run.workers} workers` : '';
  cells.push(cell('Time spent computing; of several workers, by the first', 'time', time, engineOf(run) + shared + DOING[run.state]));
  return h('div', { class: `row ${side.id}` },
    paired && h('b.which', { title: side.info.title }, side.id.toUpperCase()),
    h('dl', {}, ...cells),
    fp && badge(shown));
}

/** Whether the shared result came out again. @param {Shown} shown */
function badge({ side: { run, id, info }, own }) {
  if (!info.proved) return h('p.badge', {}, `The link has no fingerprint of configuration ${id.toUpperCase()}: its result is not compared`);
  if (!own) return h('p.badge', {}, UNPROVEN);
  if (run.state === 'running') return h('p.badge', {}, 'Comparing with the shared result when the run is done');
  if (!run.check) return null;
  const mark = { exact: '✓', close: '≈', different: '✗', edited: '✎', unread: '?' }[run.check.verdict];
  return h('p', { class: `badge ${run.check.verdict}`, role: 'status' }, h('b', { 'aria-hidden': 'true' }, `${mark} `), run.check.message);
}
