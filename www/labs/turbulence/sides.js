// Lab turbulence: what its views share: the films of a run, and what they are held against.
import { answerOf } from '../../app/answers.js';

/**
 * @typedef {import('../../../pkg/fields/scorefield.js').TurbulenceScene} Scene
 * @typedef {Omit<import('../../app/store.js').SideState, 'scene'> & { scene: Scene }} Side
 * @typedef {import('./index.js').Turbulence} Turbulence
 * @typedef {Omit<import('../../app/stage.js').Look, 'side'|'sides'> & { side: Side, sides: Side[], own: Turbulence }} Look
 */

/** Films that others are held against, once they are there. @param {Side} side */
export const baselinesOf = (side) => /** @type {import('../../../pkg/fields/scorefield.js').FilmBaselines|null} */ (
  answerOf(/** @type {any} */ (side), 'baselines'));

/** Numbers of a film. @param {Scene} scene */
const sizeOf = (scene) => scene.film_frames * scene.pixels * scene.pixels;

/** @type {WeakMap<Float32Array, Map<number, Float32Array>>} */
const films = new WeakMap();

/**
 * A film of a run at a frame of it; null where there is none. The same array every time, so that pictures of it are kept.
 * @param {Side} side @param {string} name @param {number} frame
 */
export function filmOf({ scene, run }, name, frame) {
  const all = run.data[name];
  const size = sizeOf(scene);
  const last = Math.min(frame, run.reached - 1);
  if (!all || last < 0) return null;
  const own = films.get(all) ?? new Map();
  films.set(all, own);
  const known = own.get(last);
  if (known) return known;
  const film = all.subarray(last * size, (last + 1) * size);
  own.set(last, film);
  return film;
}

/** What a run says the film is: the mean of several, else the sample. @param {Side} side @param {number} frame */
export const estimateOf = (side, frame) => (side.scene.n > 1 ? null : filmOf(side, 'sample', frame)) ?? filmOf(side, 'mean', frame);

/** @type {WeakMap<object, WeakMap<object, Float32Array>>} */
const gaps = new WeakMap();

/** A film less the truth. @param {Float32Array} film @param {Float32Array} truth */
export function gapOf(film, truth) {
  const own = gaps.get(film) ?? new WeakMap();
  gaps.set(film, own);
  const known = own.get(truth);
  if (known) return known;
  const gap = film.map((x, i) => x - truth[i]);
  own.set(truth, gap);
  return gap;
}

/**
 * √ of the mean square of a frame less another.
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 * @param {number} from
 * @param {number} size
 */
function errorOf(a, b, from, size) {
  let sum = 0;
  for (let i = from; i < from + size; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum / size);
}

/**
 * Pearson’s correlation of a frame of two films.
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 * @param {number} from
 * @param {number} size
 */
function alikeOf(a, b, from, size) {
  let [ma, mb] = [0, 0];
  for (let i = from; i < from + size; i++) {
    ma += a[i] / size;
    mb += b[i] / size;
  }
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = from; i < from + size; i++) {
    const [x, y] = [a[i] - ma, b[i] - mb];
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  return ab / Math.sqrt(aa * bb);
}

/** @typedef {{ rmse: Float32Array, correlation: Float32Array }} Curves */

/** @type {WeakMap<object, WeakMap<object, Curves>>} */
const curves = new WeakMap();

/** Error and correlation of each frame. @param {Float32Array} film @param {Scene} scene @returns {Curves} */
export function curvesOf(film, { truth, film_frames: frames, pixels }) {
  const own = curves.get(film) ?? new WeakMap();
  curves.set(film, own);
  const known = own.get(truth);
  if (known) return known;
  const size = pixels * pixels;
  const made = {
    rmse: Float32Array.from({ length: frames }, (_, k) => errorOf(film, truth, k * size, size)),
    correlation: Float32Array.from({ length: frames }, (_, k) => alikeOf(film, truth, k * size, size)),
  };
  own.set(truth, made);
  return made;
}

/** √ of the mean variance of each frame. @param {Float32Array} sd @param {Scene} scene */
export function spreadOf(sd, { film_frames: frames, pixels }) {
  const size = pixels * pixels;
  return Float32Array.from({ length: frames }, (_, k) => {
    let sum = 0;
    for (let i = k * size; i < (k + 1) * size; i++) sum += sd[i] ** 2;
    return Math.sqrt(sum / size);
  });
}

/** The mean of the numbers that are known. @param {ArrayLike<number>} v */
export function meanOf(v) {
  const known = Array.from(v).filter((x) => !Number.isNaN(x));
  return known.reduce((p, x) => p + x, 0) / known.length;
}

/** @param {Record<string, string>} v */
export const isSampled = (v) => v.method === 'aao' || v.method === 'ar';

/** Whether a network gives the score. @param {Record<string, string>} v */
export const isNetwork = (v) => isSampled(v) && v.score !== 'gaussian';

/** What is asked where the film is looked at. @returns {import('../../app/answers.js').Need[]} */
export const asked = () => [{ question: 'baselines' }];
