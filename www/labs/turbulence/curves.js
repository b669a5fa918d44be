// Lab turbulence, views over frames and wave numbers: accuracy, spectrum, residual.
import { answerOf } from '../../app/answers.js';
import { waiting } from '../../app/stage.js';
import { drawFrames } from '../../plots/frames.js';
import { number } from '../../plots/kit.js';
import { prose, sentences } from '../../plots/prose.js';
import { asked, baselinesOf, curvesOf, estimateOf, filmOf, isSampled, meanOf, spreadOf } from './sides.js';
import { paragraphs } from './words.js';

/**
 * @typedef {import('./sides.js').Side} Side
 * @typedef {import('./sides.js').Look} Look
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('../../plots/frames.js').Line} Line
 * @typedef {import('../../plots/frames.js').Panel} Panel
 * @typedef {import('../../../pkg/fields/scorefield.js').FilmPhysics} FilmPhysics
 * @typedef {import('../../../pkg/fields/scorefield.js').TruthPhysics} TruthPhysics
 */

/** @param {import('../../app/stage.js').Look} look */
const ours = (look) => /** @type {Look} */ (/** @type {unknown} */ (look));

/** The films of a side: its own and those beside it. @param {Look} look */
function filmsOf({ side, frame, pal }) {
  const v = side.info.values;
  const films = [];
  const estimate = estimateOf(side, frame);
  if (estimate) films.push({ name: side.scene.n > 1 ? 'mean of this run' : 'this run', film: estimate, color: pal[side.id], width: 2.4 });
  const beside = baselinesOf(side);
  if (beside?.posterior.length && v.method !== 'posterior') {
    films.push({ name: 'Gaussian posterior mean', film: beside.posterior, color: pal.ink, width: 1.4 });
  }
  if (beside?.interpolation.length && v.method !== 'interpolate') {
    const name = v.task === 'forecast' ? 'last known frame, held' : 'interpolation';
    films.push({ name, film: beside.interpolation, color: pal.muted, width: 1.4, dash: true });
  }
  return films;
}

/** The largest of numbers that are known, and a little more. @param {ArrayLike<number>[]} all @param {number} least */
function topOf(all, least) {
  let most = least;
  for (const v of all) for (let i = 0; i < v.length; i++) if (v[i] > most) most = v[i];
  return 1.08 * most;
}

/** @param {Look} look */
function accuracyOf(look) {
  const { side, frame, pal } = look;
  const { scene } = side;
  const films = filmsOf(look).map((own) => ({ ...own, curves: curvesOf(own.film, scene) }));
  /** @type {Line[]} */
  const errors = films.map(({ name, color, width, dash, curves }) => ({ name, color, width, dash, values: curves.rmse }));
  const sd = scene.n > 1 ? filmOf(side, 'sd', frame) : null;
  if (sd) errors.push({ name: 'its spread', color: pal[side.id], width: 1.4, dash: true, values: spreadOf(sd, scene) });
  const alike = films.map(({ name, color, width, dash, curves }) => ({ name, color, width, dash, values: curves.correlation }));
  return { errors, alike };
}

/** @type {View} */
export const accuracy = {
  id: 'accuracy',
  needs: asked,
  draw(s, look) {
    const own = ours(look);
    const { scene } = own.side;
    const { errors, alike } = accuracyOf(own);
    const low = Math.min(0, ...alike.flatMap(({ values }) => Array.from(values).filter((x) => !Number.isNaN(x))));
    drawFrames(s, {
      panels: [
        { name: 'RMSE', lines: errors, range: [0, topOf(errors.map(({ values }) => values), 0.5)] },
        { name: 'correlation', lines: alike, range: [Math.max(-1, 1.1 * low), 1.02], level: 0.8 },
      ],
      across: [0, scene.film_frames - 1], name: 'frame of the film', place: 'frame',
      mark: Math.min(own.own.time, scene.film_frames - 1), pal: own.pal,
    });
  },
  describe(look) {
    const { errors, alike } = accuracyOf(ours(look));
    const told = errors.map(({ name, values }) => prose`${name}: ${number(Math.sqrt(meanOf(Array.from(values, (x) => x * x))))}`);
    const near = alike.map(({ name, values }) => `${name}: ${number(meanOf(values))}`);
    return `Errors over the film: ${told.join('; ')}. Correlations with the truth: ${near.join('; ')}.`;
  },
  words: (state) => paragraphs(state, ({ info: { values: v }, scene }) => sentences(
    prose`The error of a frame is the root mean square of its difference from the truth over the pixels: 1 is about what the mean of all
      flows has, 0 the truth. The correlation does not see a wrong amplitude.`,
    v.task === 'forecast' && 'Below .8, the dotted line, a forecast is said to have lost the truth.',
    v.task === 'assimilate' && prose`Ink is the mean of the normal law given the same observations, exact: it knows how far apart in space
      and time the flow is alike, and nothing of the equations.`,
    scene.n > 1 && 'The spread is what the samples take their error to be.',
    isSampled(v) && scene.n === 1 && prose`A single sample that were right would have √2 times the error of the best mean: it takes a side
      where the mean hesitates.`)),
};

const COMING = 'That of the run is there when it is done.';

/** What the film whose physics is looked at is called. @param {Side['scene']} scene */
const ownName = ({ n }) => (n > 1 ? 'one of this run' : 'this run');

/** @param {Side} side */
const truthOf = (side) => /** @type {TruthPhysics|null} */ (answerOf(/** @type {any} */ (side), 'truth'));
/** @param {Side} side */
const physicsOf = (side) => /** @type {FilmPhysics|null} */ (answerOf(/** @type {any} */ (side), 'physics', {}, 'run'));

/** @returns {import('../../app/answers.js').Need[]} */
const physics = () => [{ question: 'truth' }, { question: 'physics', of: 'run' }];

/** @type {View} */
export const spectrum = {
  id: 'spectrum',
  still: true,
  needs: physics,
  draw(s, look) {
    const { side, pal } = ours(look);
    const truth = truthOf(side);
    if (!truth) return waiting(s, 'The spectrum of the truth is being computed', pal);
    const run = physicsOf(side);
    /** @type {Line[]} */
    const lines = [{ name: 'truth', values: truth.spectrum, color: pal.muted, width: 2 }];
    if (truth.mean.length) lines.unshift({ name: 'the flow on average', values: truth.mean, color: pal.ink, width: 1.4, dash: true });
    if (run) lines.push({ name: ownName(side.scene), values: run.spectrum, color: pal[side.id], width: 2.4 });
    const band = truth.low.length ? { low: truth.low, high: truth.high, first: 1, name: 'eight of ten windows of the flow' } : null;
    const shells = truth.spectrum.length;
    drawFrames(s, {
      panels: [{ name: 'enstrophy Z(k)', lines: lines.map((own) => ({ ...own, first: 1 })), log: true, range: [1e-4, 10], band }],
      across: [1, shells], logAcross: true, name: 'wave number k', place: 'k =', mark: null, pal,
    });
  },
  describe(look) {
    const { side } = ours(look);
    const [truth, run] = [truthOf(side), physicsOf(side)];
    if (!truth) return 'The spectrum is on its way.';
    const told = [1, 4, 10, 15];
    const of = (/** @type {ArrayLike<number>} */ z) =>
      told.filter((k) => k <= z.length).map((k) => `${number(z[k - 1])} at k = ${k}`).join(', ');
    return sentences(`Enstrophy by wave number. Truth: ${of(truth.spectrum)}.`, run ? `This run: ${of(run.spectrum)}.` : COMING);
  },
  words: (state) => paragraphs(state, ({ info }) => prose`How much of the squared vorticity each wave number has, over the
    frames of the film. The force acts at k = ${info.values.wave}; the flow carries the enstrophy to small scales, where viscosity takes
    it. A mean has too little of what it does not know: its spectrum falls below the band. A sample of a normal law has the right spectrum
    and is no flow for all that: look at the residual.`),
};

/** @type {View} */
export const residual = {
  id: 'residual',
  still: true,
  needs: physics,
  draw(s, look) {
    const { side, own, pal } = ours(look);
    const { scene } = side;
    const truth = truthOf(side);
    if (!truth) return waiting(s, 'The residual of the truth is being computed', pal);
    const run = physicsOf(side);
    const of = (/** @type {'residual'|'defect'} */ what, /** @type {number} */ first) => {
      /** @type {Line[]} */
      const lines = [{ name: 'truth', values: truth[what], color: pal.ink, width: 1.6, first }];
      if (run) lines.push({ name: ownName(scene), values: run[what], color: pal[side.id], width: 2.4, first });
      return lines;
    };
    drawFrames(s, {
      panels: [
        { name: 'residual', lines: of('residual', 1), log: true, range: [0.1, 10] },
        { name: 'defect', lines: of('defect', 1), log: true, range: [1e-5, 10] },
      ],
      across: [0, scene.film_frames - 1], name: 'frame of the film', place: 'frame', mark: Math.min(own.time, scene.film_frames - 1), pal,
    });
  },
  describe(look) {
    const { side } = ours(look);
    const [truth, run] = [truthOf(side), physicsOf(side)];
    if (!truth) return 'What is left of the equations is on its way.';
    const rms = (/** @type {ArrayLike<number>} */ v) => number(Math.sqrt(meanOf(Array.from(v, (x) => x * x))));
    const of = (/** @type {FilmPhysics} */ own) => `residual ${rms(own.residual)}, defect ${rms(own.defect)}`;
    return sentences(`What is left of the equations. Truth: ${of(truth)}.`, run ? `This run: ${of(run)}.` : COMING);
  },
  words: (state) => paragraphs(state, () => prose`The residual is what ∂ₜω + u·∇ω − νΔω + αω − f leaves of a film, with ∂ₜ by central
    differences between frames: the truth has one too, because a difference is no derivative. The defect is the distance of each frame from
    what the solver makes of the one before; the truth’s is that of a longer step. A mean is no flow: averaging does not commute with u·∇ω.
    Nor is a sample of a normal law, which knows covariances only.`),
};
