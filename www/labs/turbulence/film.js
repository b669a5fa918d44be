// Lab turbulence, view "film": the vorticity as pictures: truth, what is seen of it, sample, mean, spread, difference.
import { drawFilm } from '../../plots/film.js';
import { number } from '../../plots/kit.js';
import { prose, sentences } from '../../plots/prose.js';
import { traced } from '../../plots/tracers.js';
import { segmented, tick } from '../../ui/choices.js';
import { h } from '../../ui/dom.js';
import { comes } from '../../app/store.js';
import { many } from '../shared/words.js';
import { movable } from './pixels.js';
import { asked, baselinesOf, curvesOf, estimateOf, filmOf, gapOf, isSampled, meanOf } from './sides.js';
import { HOW_TO_PLACE, paragraphs } from './words.js';

/**
 * @typedef {import('./sides.js').Side} Side
 * @typedef {import('./sides.js').Look} Look
 * @typedef {import('./sides.js').Scene} Scene
 * @typedef {import('../../app/store.js').State} State
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('../../plots/film.js').Panel} Panel
 */

/** A picture whose seen pixels can be moved. @type {import('../../app/stage.js').Canvas} */
const FILM = {
  live: 'film',
  looks: 'live',
  clicks: true,
  keep: () => ({ layout: null }),
  listen: (pane, own) => own.pixels.listen(pane),
};

const ACROSS = 16; // tracers along a side

/** @type {WeakMap<object, [number, number][][]>} */
const paths = new WeakMap();

/** The places of tracers in a frame. @param {Scene} scene @param {number} time */
function tracersAt(scene, time) {
  const known = paths.get(scene) ?? traced(scene.velocity, {
    n: scene.pixels, frames: scene.film_frames, interval: scene.interval, across: ACROSS,
  });
  paths.set(scene, known);
  return known[time];
}

/** Places on the unit square. @type {Map<string, [number, number][]>} */
const placed = new Map();

/** The vortices of a side as far as they are decoded; asks for them where they are not. @param {Look} look @returns {[number, number][]} */
function vorticesOf({ side, own }) {
  const text = side.info.values.vortices;
  if (!text) return [];
  const known = placed.get(text);
  if (known) return known;
  placed.set(text, []);
  own.tools.points.decode(text).then((/** @type {Float64Array} */ xy) => {
    const at = (/** @type {number} */ i) => (xy[i] + 2) / 4;
    placed.set(text, Array.from({ length: xy.length / 2 }, (_, i) => [at(2 * i), at(2 * i + 1)]));
    own.tools.redraw();
  });
  return [];
}

/** A link without vortices. @param {string} link */
const turbulent = (link) => link.split('&').filter((pair) => !/^(b\.)?(vortices|fp)=/.test(pair)).join('&');

/** What a run of this method calls its film. @param {Record<string, string>} v */
const nameOf = (v) => ({
  posterior: 'Gaussian', interpolate: 'between',
}[v.method] ?? 'mean');

/** @param {Look} look @returns {Panel[]} */
function panelsOf(look) {
  const { side, frame, own } = look;
  const { scene, info } = side;
  const v = info.values;
  const estimate = estimateOf(side, frame);
  const single = { enkf: 'member', free: 'member' }[v.method] ?? 'sample';
  const coming = comes(side.run) ? 'on its way' : 'not computed';
  /** @type {Panel[]} */
  const panels = [
    { id: 'truth', title: 'truth', film: scene.truth, note: '' },
    {
      id: 'seen', title: scene.given ? 'known' : 'seen', film: null, bare: true,
      note: 'nothing',
    },
  ];
  if (filmOf(side, 'sample', 0) || isSampled(v)) {
    const noisy = own.noisy && isSampled(v);
    const film = filmOf(side, noisy ? 'noisy' : 'sample', frame);
    panels.push({ id: 'sample', title: noisy ? 'noisy' : single, film, note: coming });
  }
  if (scene.n > 1 || !isSampled(v)) panels.push({ id: 'mean', title: nameOf(v), film: filmOf(side, 'mean', frame), note: coming });
  if (scene.n > 1) panels.push({ id: 'sd', title: 'spread', film: filmOf(side, 'sd', frame), note: coming, scale: 'size' });
  const posterior = baselinesOf(side)?.posterior;
  if (posterior?.length && v.method !== 'posterior') {
    panels.push({ id: 'posterior', title: 'Gaussian', film: posterior, note: '' });
  }
  if (v.task !== 'prior') {
    const film = estimate && gapOf(estimate, scene.truth);
    panels.push({ id: 'gap', title: 'error', film, note: coming });
  }
  return panels;
}

/** Error of a film over all of its frames. @param {Float32Array} film @param {Scene} scene */
const rmseOf = (film, scene) => Math.sqrt(meanOf(curvesOf(film, scene).rmse.map((x) => x * x)));

/** @param {Look} look */
function describe({ side, frame, own }) {
  const { scene } = side;
  const film = estimateOf(side, frame);
  const { time } = own;
  const seen = Array.prototype.includes.call(scene.seen, time);
  const curves = film && curvesOf(film, scene);
  const linear = baselinesOf(side)?.posterior;
  return sentences(
    prose`Vorticity in frame ${time} of ${scene.film_frames - 1}, on ${scene.pixels} × ${scene.pixels} pixels; ${seen
      ? `${many(scene.places.length, 'number')} of it seen` : 'nothing of it is seen'}.`,
    curves && side.info.values.task !== 'prior' && !Number.isNaN(curves.rmse[time]) && prose`Error of this frame
      ${number(curves.rmse[time])}, correlation with the truth ${number(curves.correlation[time])}; over the film
      ${number(rmseOf(film, scene))} and ${number(meanOf(curves.correlation))}.`,
    !curves && (comes(side.run) ? 'The film is on its way.' : 'The film is not computed.'),
    !curves && linear && linear.length > 0 && prose`Gaussian posterior mean: error ${number(rmseOf(linear, scene))}.`,
    movable(side) && HOW_TO_PLACE);
}

/** @type {View} */
export const film = {
  id: 'film',
  canvas: FILM,
  shape: 'films',
  plain: true, // its colours are vorticity
  needs: asked,
  draw(s, look) {
    const own = /** @type {Look} */ (/** @type {unknown} */ (look));
    const { side, frame, pane, paper, pal } = own;
    const { scene } = side;
    const time = Math.min(own.own.time, scene.film_frames - 1);
    const estimate = estimateOf(side, frame);
    pane.kept.layout = drawFilm(s, {
      panels: panelsOf(own), pixels: scene.pixels, frames: scene.film_frames, time, interval: scene.interval,
      seen: scene.seen, places: scene.places, block: scene.block, y: scene.y,
      chosen: paper ? null : own.own.pixels.mark(side),
      tracers: own.own.tracers ? tracersAt(scene, time) : null,
      vortices: vorticesOf(own),
      strip: [{ name: 'truth', film: scene.truth }, ...(estimate ? [{ name: scene.n > 1 ? 'mean' : 'found', film: estimate }] : [])],
      pal,
    });
  },
  describe: (look) => describe(/** @type {Look} */ (/** @type {unknown} */ (look))),
  options(state, own) {
    const v = state.opened?.a.values ?? {};
    const redrawn = (/** @type {(on: boolean) => void} */ set) => (/** @type {boolean} */ on) => {
      set(on);
      own.tools.redraw();
    };
    const all = [own.clock, own.button, tick(own.tracers, redrawn((on) => { own.tracers = on; }), 'tracers')];
    if (isSampled(v)) {
      all.push(segmented('Sample', 'noisy', [['hat', 'denoised'], ['noisy', 'with noise']], own.noisy ? 'noisy' : 'hat',
        (value) => redrawn((on) => { own.noisy = on; })(value === 'noisy')));
    }
    all.push(tick(own.placing, redrawn((on) => { own.placing = on; }), 'place vortices'));
    if (v.vortices) {
      all.push(h('button.chip', {
        type: 'button',
        onclick: () => own.tools.rewrite(turbulent),
      }, 'Back to the turbulent truth'));
    }
    return all;
  },
  how: ({ a }) => (a && movable(/** @type {any} */ (a)) ? prose`Click among the observations to see a pixel more, drag one to move it,
    click it to take it away. The strip below chooses the time of the flow. With “place vortices”, clicks on the truth place vortices that
    turn left and right by turns, and the solver carries them.` : 'The strip below chooses the time of the flow.'),
  words: (state) => paragraphs(state, ({ info: { values: v }, scene }) => sentences(
    isSampled(v) ? prose`There are two clocks: the slider below the picture is the noise of the sampler, from noise to data; the strip and
      its slider are the time of the flow.` : prose`The slider below the picture follows the method from frame to frame; the strip and its
      slider choose the frame that is shown.`,
    prose`“Gaussian” is the exact posterior mean of the normal law given the same observations.`,
    prose`The error is the difference from the truth. Blue turns left, orange right; the scale is fixed at three standard deviations of
      the vorticity.`,
    own(v, scene),
    'Tracers are points that the true flow carries with it.')),
};

/** What is special about a method’s pictures. @param {Record<string, string>} v @param {Scene} scene */
function own(v, scene) {
  if (isSampled(v) && scene.n === 1) {
    return prose`On the way, the sample is shown as x̂, what the score expects of the noise-free film: a blurred mean at first, which
      decides itself as the noise falls.`;
  }
  if (v.method === 'posterior') return prose`The mean over all films that fit the observations is smooth where they differ: it is no film
    itself.`;
  return '';
}
