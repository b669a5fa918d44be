// Lab lgssm: legends, and the picture in words.
import { SINGLE, recorded } from '../plots/chain.js';
import { count, number } from '../plots/kit.js';
import { levelName } from '../plots/time.js';
import { frameAt } from '../store.js';
import { movable } from './lgssm-edit.js';

/**
 * @typedef {import('../store.js').State} State
 * @typedef {import('./lgssm.js').Side} Side
 * @typedef {import('../plots/kit.js').Key} Key
 * @typedef {import('../plots/kit.js').Palette} Palette
 * @typedef {{ mean: ArrayLike<number>, sd: ArrayLike<number> }} Law
 */

/** A colour with less of it. @param {string} color @param {number} alpha */
export const faint = (color, alpha) => (/^#[0-9a-f]{6}$/i.test(color) ? color + Math.round(255 * alpha).toString(16).padStart(2, '0') : color);

/** What the samples are held against. @param {Side['scene']} scene */
export const referenceName = ({ reference }) => ({ posterior: 'exact posterior', prior: 'exact prior', none: '' })[reference];

/** @param {Side} side @param {number} width @param {Palette} pal @param {boolean} single @returns {Key[]} */
export function chainKeys({ scene, id }, width, pal, single) {
  const short = width < 520;
  const bands = short ? '' : ': mean, 50 and 95 %';
  /** @type {Key[]} */
  const keys = [];
  if (scene.reference !== 'none') keys.push({ kind: 'line', text: `${referenceName(scene)}${bands}`, color: pal.ink, back: faint(pal.ink, 0.2), width: 1.5 });
  keys.push({ kind: 'line', text: `${count(scene.n)} chains${bands}`, color: pal[id], width: 3.2 });
  if (single && !short) keys.push({ kind: 'line', text: `${Math.min(SINGLE, scene.shown)} of them`, color: faint(pal[id], 0.45), width: 1 });
  keys.push({ kind: 'line', text: 'truth', color: pal.muted, width: 1.4 });
  if (scene.marks.some((v) => v === v)) keys.push({ kind: 'diamond', text: scene.noise > 0 && !short ? 'observations ± 2 noise' : 'observations' });
  return keys;
}

const mean = (/** @type {number[]} */ v) => v.reduce((p, q) => p + q, 0) / v.length;

/** How far the samples' moments are from the exact ones. @param {Side} side @param {number} frame @param {Law} exact */
export function distances({ scene, run }, frame, exact) {
  if (run.reached === 0) return null;
  const m = recorded(scene, run, 'mean', frame);
  const sd = recorded(scene, run, 'sd', frame);
  const all = Array.from(m, (v, i) => ({ off: v - exact.mean[i], ratio: sd[i] / exact.sd[i], sd: sd[i], exact: exact.sd[i] }));
  return {
    off: Math.sqrt(mean(all.map((v) => v.off ** 2))),
    luck: Math.sqrt(mean(all.map((v) => v.exact ** 2)) / scene.n),
    sd: Math.sqrt(mean(all.map((v) => v.sd ** 2))),
    exact: Math.sqrt(mean(all.map((v) => v.exact ** 2))),
  };
}

/** What a side's picture shows, in words. @param {State} state @param {Side} side @param {{ observed: ArrayLike<number>, marks: ArrayLike<number> }} seen @param {Law} exact */
export function text(state, side, seen, exact) {
  const { scene, info } = side;
  const f = Math.max(0, frameAt(side, state.at));
  const who = state.opened?.b ? `Configuration ${side.id.toUpperCase()}, ${info.title}. ` : `${info.title}. `;
  const d = distances(side, f, exact);
  const far = d && scene.reference !== 'none' ? ` At ${levelName(scene, f)} their mean is off the ${referenceName(scene)}’s by ${number(d.off)} root mean square (${number(d.luck, 2)} expected of as many exact draws), their standard deviation is ${number(d.sd)} where the exact one is ${number(d.exact)}.` : '';
  return `${who}${count(scene.n)} chains of ${scene.length} states, given ${seen.observed.length} observations.${far}${movable(scene) ? ' Left and right arrows choose an observation.' : ''}`;
}
