// Lab lgssm: legends, and the pictures in words.
import { SINGLE, recorded } from '../../plots/chain.js';
import { NO_EXACT, costValue, costs, offs } from '../../plots/cost.js';
import { number } from '../../plots/kit.js';
import { sorted } from '../../plots/matrices.js';
import { isOwn, nameOf, peak } from '../../plots/score-curves.js';
import { levelName } from '../../plots/time.js';
import { answerOf } from '../../app/answers.js';
import { comes, isLearned } from '../../app/store.js';
import { prose, sentences } from '../../plots/prose.js';
import { many } from '../shared/words.js';
import { movable } from './marks.js';
import { titleOf } from './title.js';

/**
 * @typedef {import('./index.js').Side} Side
 * @typedef {import('./index.js').Look} Look
 * @typedef {import('../../plots/kit.js').Key} Key
 * @typedef {import('../../plots/kit.js').Palette} Palette
 * @typedef {import('../../plots/matrices.js').Matrix} Matrix
 * @typedef {import('../../plots/score-curves.js').Own} Own
 * @typedef {{ mean: ArrayLike<number>, sd: ArrayLike<number> }} Law
 */

/** A colour with less of it. @param {string} color @param {number} alpha */
const faint = (color, alpha) => (/^#[0-9a-f]{6}$/i.test(color) ? color + Math.round(255 * alpha).toString(16).padStart(2, '0') : color);

/** The windows of a configuration's score; null for the full one. @param {Record<string, string>} values @returns {Own} */
export const windowsOf = (values) => (values.score === 'blanket' || isLearned(values)
  ? { k: Number(values.k ?? 2), learned: isLearned(values) }
  : null);

/** What the samples are held against. @param {Side['scene']} scene */
export const referenceName = ({ reference }) => ({ posterior: 'exact posterior', prior: 'exact prior', none: '' })[reference];

/** The observations in a legend. @param {Side['scene']} scene @returns {Key[]} */
function markKeys({ operator, rows, marks, noise }) {
  if (operator === 'window' && rows === 1) return [{ kind: 'diamond', text: 'means over windows, at their ends' }];
  if (!marks.some((v) => v === v)) return [];
  if (!noise.some((v) => v > 0)) return [{ kind: 'diamond', text: 'observations' }];
  // Where the operator is not linear, the bar is the image of the noise, not the noise.
  return [{ kind: 'diamond', text: operator === 'saturating' ? 'observations, for y ± 2 noise' : 'observations ± 2 noise' }];
}

/**
 * @param {Side} side @param {number} width @param {Palette} pal @param {boolean} single
 * @param {{ states: number, dots: boolean }} crowd  states a column of the picture, and whether observations are dots
 * @returns {Key[]}
 */
export function chainKeys({ scene, id }, width, pal, single, crowd) {
  if (crowd.states > 1) return crowdedKeys({ scene, id }, width, pal, crowd);
  const bands = width < 360 ? ': mean, 50, 95 %' : ': mean, 50 and 95 %';
  /** @type {Key} */
  const reference = { kind: 'line', text: `${referenceName(scene)}${bands}`, color: pal.ink, back: faint(pal.ink, 0.2), width: 1.5 };
  /** @type {Key} */
  const samples = { kind: 'line', text: `${many(scene.n, 'chain')}${scene.n > 1 ? bands : ''}`, color: pal[id], width: 3.2 };
  /** @type {Key} */
  const some = { kind: 'line', text: `${Math.min(SINGLE, scene.shown)} of them`, color: faint(pal[id], 0.45), width: 1 };
  /** @type {Key} */
  const truth = { kind: 'line', text: 'truth', color: pal.muted, width: 1.4 };
  return [
    ...(scene.reference === 'none' ? [] : [reference]),
    samples,
    ...(single && scene.shown > 1 ? [some] : []),
    truth,
    ...markKeys(scene),
  ];
}

/**
 * The same where a column of pixels has several states.
 * @param {Pick<Side, 'scene'|'id'>} side @param {number} width @param {Palette} pal @param {{ states: number, dots: boolean }} crowd
 * @returns {Key[]}
 */
function crowdedKeys({ scene, id }, width, pal, crowd) {
  const band = width < 460 ? ': mean, 95 %' : ': mean and 95 % band';
  const how = width < 460 ? '' : ': bands from the smallest to the largest, lines are means';
  /** @type {Key} */
  const reference = { kind: 'line', text: `${referenceName(scene)}${band}`, color: pal.ink, back: faint(pal.ink, 0.12), width: 1 };
  return [
    ...(scene.reference === 'none' ? [] : [reference]),
    { kind: 'line', text: `${many(scene.n, 'chain')}${band}`, color: pal[id], back: faint(pal[id], 0.25), width: 2.6 },
    { kind: 'bars', text: 'truth, smallest to largest', color: pal.muted },
    ...(crowd.dots ? [/** @type {Key} */ ({ kind: 'dots', text: 'observations', color: faint(pal.ink, 0.5) })] : markKeys(scene)),
    { kind: 'box', text: `${crowd.states} states a column${how}`, color: pal.muted },
  ];
}

const mean = (/** @type {number[]} */ v) => v.reduce((p, q) => p + q, 0) / v.length;

/** How far the samples' moments are from the exact ones. @param {Side} side @param {number} frame @param {Law} exact */
function distances({ scene, run }, frame, exact) {
  if (run.reached === 0 || !exact.mean.length) return null;
  const m = recorded(scene, run, 'mean', frame);
  const sd = recorded(scene, run, 'sd', frame);
  const rms = (/** @type {(i: number) => number} */ f) => Math.sqrt(mean(Array.from(m, (_, i) => f(i) ** 2)));
  const own = rms((i) => exact.sd[i]);
  return { off: rms((i) => m[i] - exact.mean[i]), luck: own / Math.sqrt(scene.n), sd: rms((i) => sd[i]), exact: own };
}

/** Where there is no blanket. */
export const TOO_SHORT = 'A blanket of one neighbour on each side needs three states at least.';

/** Where the engine forms no matrix. */
export const TOO_LARGE = 'The covariance of a chain this long is not formed; choose a shorter one.';

/** The noise ratios at which a run asks its score. @param {Side['scene']} scene */
export const levelsOf = ({ alpha, sigma }) => Array.from(alpha, (v, i) => sigma[i] / v).filter((v) => v > 0 && Number.isFinite(v));

// ── covariances ────────────────────────────────────────────────────────────────────────────────
/**
 * That of the samples at the end; undefined while it is on its way, null where it is not formed.
 * @param {Side} side
 * @returns {Float32Array|null|undefined}
 */
export const sampledOf = (side) => answerOf(side, 'covariance', {}, 'run');

/** What stands in place of the samples' matrix. @param {import('../../app/store.js').RunState} run */
const lackOf = (run) =>
  comes(run) ? 'when the run is done' : run.state === 'done' ? 'being computed' : 'the run did not end';

/** @type {WeakMap<Float32Array, Float32Array>} */
const differences = new WeakMap();

/** @param {Float32Array} sampled @param {Float32Array} exact */
function difference(sampled, exact) {
  const known = differences.get(sampled) ?? sampled.map((v, i) => v - exact[i]);
  differences.set(sampled, known);
  return known;
}

/**
 * The matrices of the view "covariance".
 * @param {Side} side
 * @param {boolean} third  whether the difference has room
 * @param {Palette} pal
 * @returns {Matrix[]}
 */
export function matricesOf(side, third, pal) {
  const { scene, run, id } = side;
  const exact = answerOf(side, 'covariance')?.exact ?? [];
  const sampled = sampledOf(side) ?? null;
  /** @type {Matrix[]} */
  const all = [];
  if (exact.length) all.push({ title: referenceName(scene), values: exact, note: '', color: pal.ink });
  all.push({ title: many(scene.n, 'sample'), values: sampled, note: lackOf(run), color: pal[id] });
  if (exact.length && third) {
    all.push({ title: 'samples − exact', values: sampled && difference(sampled, exact), note: 'when the run is done', color: '' });
  }
  return inOrder(scene, all);
}

/** @type {WeakMap<Float32Array, Float32Array>} */
const orders = new WeakMap();

/** @param {Side['scene']} scene @param {Matrix[]} all */
function inOrder({ length, states }, all) {
  return all.map(({ title, values, note, color }) => {
    const ordered = values && (orders.get(values) ?? sorted(values, length, states));
    if (values && ordered) orders.set(values, ordered);
    return { title, values: ordered, note, color };
  });
}

// ── in words ───────────────────────────────────────────────────────────────────────────────────
/**
 * The samples against what is exact.
 * @param {Look} look @param {Law} exact  diffused to the shown frame @param {number} [crowd]  states a column of the picture
 */
export function chainText({ side, own, frame }, exact, crowd = 1) {
  const { scene } = side;
  const d = distances(side, frame, exact);
  const free = side.info.values.guidance === 'none';
  const seen = many(own.editor.seen(side).observed.length, 'observation');
  return sentences(
    `${many(scene.n, 'chain')} of ${many(scene.length, 'state')}, ${free ? 'not guided by' : 'given'} ${seen}.`,
    placeless(scene),
    crowd > 1 && prose`There are more states than pixels: each column of the picture has ${crowd} of them, with bands from the
      smallest to the largest value and lines at the means.`,
    d && prose`At ${levelName(scene, frame)} their mean is off the ${frame < scene.frames - 1 ? 'diffused ' : ''}${referenceName(scene)}’s
      by ${number(d.off)} over the states, in root mean square (${number(d.luck, 2)} expected of as many exact draws), their standard
      deviation is ${number(d.sd)} where the exact one is ${number(d.exact)}.`);
}

/** @param {Side} side */
export const howToMove = ({ scene }) => (movable(scene)
  ? prose`Left and right arrows choose an observation, with Shift any index; up and down move it, with Shift five times as far;
    Enter adds one, Delete takes it away.`
  : 'Observations cannot be moved here.');

/** Observations of a saturating operator that no state can explain without noise. @param {Side['scene']} scene */
export function placeless({ operator, observed, rows, seen, y }) {
  if (operator !== 'saturating') return '';
  const far = (/** @type {number} */ k) => Array.from(seen).some((c, r) => c >= 0 && Math.abs(y[k * rows + r]) >= 1);
  const without = Array.from(observed).filter((_, k) => far(k));
  if (without.length === 0) return '';
  const named = `${without.length > 1 ? 'the indices' : 'index'} ${without.join(', ')}`;
  const where = without.length > 8 ? `${without.length} of the indices` : named;
  return prose`What is observed at ${where} has no place in the picture: |y| ≥ 1, further than u/(1 + |u|) ever comes, so noise is in it.`;
}

/** @param {Side} side */
export function scoreText(side) {
  const { info, scene } = side;
  if (scene.length < 3) return TOO_SHORT;
  /** @type {import('../../../pkg/cpu/scorefield.js').ChainScoreErrors|undefined} */
  const errors = answerOf(side, 'score-errors');
  if (!errors) return 'The errors of the blankets’ scores are being computed.';
  const own = windowsOf(info.values);
  const each = errors.curves.map((c) => {
    const mine = isOwn(c, own) ? ', this run’s' : '';
    return `${nameOf(c, own)}: ${number(c.most, 3, true)} at σ/α = ${number(peak(c).ratio, 2)}${mine}`;
  });
  const where = own?.learned ? '' : ', exact at both ends and largest between';
  return sentences(
    `Largest relative error of scores of windows over the noise ratio${where}: ${each.join('; ')}.`,
    !own && 'This run has the full score.');
}

/** @param {Side} side */
export function covarianceText(side) {
  const { scene } = side;
  const covariance = answerOf(side, 'covariance');
  const sampled = sampledOf(side);
  if (!covariance) return 'The covariance is being computed.';
  /** @type {Float32Array} */
  const exact = covariance.exact;
  const most = exact.reduce((p, v) => Math.max(p, Math.abs(v)), 0);
  const what = prose`Covariance matrix of the ${referenceName(scene) || 'chain'}, ${covariance.size} × ${covariance.size}, largest entry
    ${number(most)}`;
  if (sampled === null || (!exact.length && scene.reference !== 'none')) return TOO_LARGE;
  if (!sampled) return `${what}; that of the samples comes when the run is done.`;
  if (!exact.length) return `Covariance matrix of ${many(scene.n, 'sample')}.`;
  const off = exact.reduce((sum, v, i) => sum + (sampled[i] - v) ** 2, 0);
  const all = exact.reduce((sum, v) => sum + v * v, 0);
  return prose`${what}, beside that of ${many(scene.n, 'sample')}: their difference has ${number(Math.sqrt(off / all))} of its norm
    (Frobenius).`;
}

/** The largest of some numbers, by size. @param {Float64Array} v */
const largest = (v) => v.reduce((p, q, i) => (Math.abs(q) > Math.abs(p.value) ? { value: q, i } : p), { value: 0, i: 0 });

/** Where the samples are off most, along the chain. @param {Side} side */
function offText(side) {
  const found = offs(side);
  if (!found) return '';
  const wide = found.sd.map(largest).reduce((p, q) => (Math.abs(q.value) > Math.abs(p.value) ? q : p));
  const far = largest(found.mean);
  return prose`${side.run.state === 'done' ? 'At the end' : 'So far'} the mean is off most at index ${far.i}, by ${number(far.value)}; the
    deviation at index ${wide.i}, where it is ${number(100 * Math.abs(wide.value))} % too ${wide.value > 0 ? 'wide' : 'narrow'}
    (${number(100 * found.luck.sd, 2)} % is the luck of the draw).`;
}

/** The picture of the cost, of both sides. @param {Side[]} sides */
export function costText(sides) {
  const each = sides.map((side) => {
    const other = sides.find(({ id }) => id !== side.id)?.info;
    const who = other ? `Configuration ${side.id.toUpperCase()}, ${titleOf(side.info, other)}.` : '';
    return sentences(who, `${costs(side).map((c) => `${c.name}: ${costValue(c)}`).join('; ')}.`, offText(side));
  });
  return sentences(...each, sides.every(({ scene }) => scene.reference === 'none') && NO_EXACT);
}
