// The line of numbers: each with what it should be beside it.
import { h } from './dom.js';
import { count, number } from '../plots/kit.js';
import { current, isLearned, isOwn } from '../app/store.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').SideId} SideId
 * @typedef {import('../app/store.js').SideState} SideState
 */

const ENGINE = { cpu: 'CPU', webgpu: 'WebGPU' };

export class MetricsLine {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.last = '';
  }

  /** @param {State} s */
  update(s) {
    const { opened } = s;
    const ids = opened ? /** @type {SideId[]} */ (opened.b ? ['a', 'b'] : ['a']) : [];
    const stuck = s.fault !== null || s.linkError !== null; // nothing is to come
    const sides = ids.map((id) => (s.opening || s.unopened ? null : current(s, id))).filter((side) => side || !stuck); // none while what is there belongs to an earlier link
    const key = JSON.stringify(sides.map((side) => side && [side.run.metrics, side.run.state, Math.round(side.run.ms), side.run.check?.message, side.info.title, side.run.engine, atEnd(side, s.at)])) + opened?.fp;
    if (key === this.last) return;
    this.last = key;
    this.host.replaceChildren(...sides.map((side, i) => (side ? row(side, Boolean(opened?.b), opened?.fp ?? null, atEnd(side, s.at)) : waiting(ids[i], Boolean(opened?.b)))));
  }
}

const FORMED = 400; // numbers of a chain, at most, whose covariance the engine forms

/** Whether the slider stands at the data. @param {SideState} side @param {number} at */
const atEnd = (side, at) => Math.round(at * (side.scene.frames - 1)) === side.scene.frames - 1;

/** Why a number is not there. @param {string} key @param {SideState} side @param {boolean} end  the slider stands at the data */
function lacking(key, { run, scene }, end) {
  if (run.metrics?.final) {
    if (key === 'lag1' && scene.lab === 'lgssm') {
      if (scene.length === 1) return 'one state has none';
      if (scene.length * scene.states > FORMED) return 'not formed at this length';
    }
    return 'not finite';
  }
  if (!end) return 'at the end';
  if (run.state === 'done') return 'being computed';
  return ['cancelled', 'untrained', 'error'].includes(run.state) ? 'not reached' : 'when the run is done';
}

/** What a number should be. @param {import('../app/store.js').Metrics['rows'][number]} r @param {SideState} side @param {boolean} end */
function reference(r, side, end) {
  if (r.value === null) return lacking(r.key, side, end);
  if (!Number.isFinite(r.reference)) return 'no exact value';
  if (['w1', 'ks', 'energy_distance', 'sliced_w2', 'mean_err', 'cov_err', 'w2'].includes(r.key)) return `i.i.d. ${number(r.reference, 2)}`;
  if (r.key === 'score_err') return isLearned(side.info.values) ? `exact windows ${number(r.reference)}` : `full score ${number(r.reference)}`;
  return `exact ${number(r.reference)}${r.error === null ? '' : ` ± ${number(r.error, 2)}`}`;
}

/** The place of the numbers that are to come. @param {SideId} id @param {boolean} paired */
function waiting(id, paired) {
  return h('div', { class: `row ${id}` },
    paired && h('b.which', {}, id.toUpperCase()),
    h('dl', {}, h('div.number', {}, h('dt', {}, 'time'), h('dd', {}, h('b', {}, '–'), h('small', {}, 'waiting')))));
}

/** @param {SideState} side @param {boolean} paired @param {string|null} fp @param {boolean} end */
function row(side, paired, fp, end) {
  const { run, scene } = side;
  const m = run.metrics;
  const cells = (m?.rows ?? []).map((r) => h('div.number', { title: `${r.help} ${r.reference_label}` },
    h('dt', {}, r.label),
    h('dd', {}, h('b', {}, r.value === null ? '–' : number(r.value, 3, true)), h('small', {}, reference(r, side, end)))));
  const calls = m ? m.nfe : 0;
  cells.push(h('div.number', { title: 'Evaluations of the denoiser for each particle' }, h('dt', {}, 'calls'), h('dd', {}, h('b', {}, count(calls)), h('small', {}, `of ${count(scene.nfe)}`))));
  if (run.products) cells.push(h('div.number', { title: 'Products with the score’s Jacobian or its transpose for each particle' }, h('dt', {}, 'products'), h('dd', {}, h('b', {}, count(Math.round(run.products))), h('small', {}, 'with ∂x̂/∂xₜ'))));
  const done = run.state === 'done';
  cells.push(h('div.number', { title: 'Time spent computing' }, h('dt', {}, 'time'), h('dd', {}, h('b', {}, run.ms < 1000 ? `${Math.round(run.ms)} ms` : `${number(run.ms / 1000, 3, true)} s`), h('small', {}, `${ENGINE[run.engine]}${done ? '' : run.state === 'running' ? ', running' : run.state === 'waiting' ? ', waiting' : run.state === 'training' ? ', after the training' : run.state === 'untrained' ? ', not run' : run.state === 'cancelled' ? ', cancelled' : ', failed'}`))));
  return h('div', { class: `row ${side.id}` },
    paired && h('b.which', { title: side.info.title }, side.id.toUpperCase()),
    h('dl', {}, ...cells),
    fp && side.id === 'a' && badge(side));
}

/** Whether the shared result came out again. @param {SideState} side */
function badge(side) {
  const { run } = side;
  if (!isOwn(side)) return h('p.badge', {}, 'Not compared with the shared result: the network of this run was not trained here to its end');
  if (run.state === 'running') return h('p.badge', {}, 'Comparing with the shared result when the run is done');
  if (!run.check) return null;
  const mark = { exact: '✓', close: '≈', different: '✗', edited: '✎', unread: '?' }[run.check.verdict];
  return h('p', { class: `badge ${run.check.verdict}`, role: 'status' }, h('b', { 'aria-hidden': 'true' }, `${mark} `), run.check.message);
}
