// The labs of the page, in the order of their tabs. A lab is a folder here and one line below; its files come when it is opened.

/**
 * package: the one that computes the lab, where that is not the first: it is loaded beside the first where a page opens with a link of the
 * lab. points: where points of a file are a law of the lab, the keys that give it them.
 * @typedef {object} Entry
 * @property {string} id  as in the link
 * @property {string} label
 * @property {() => Promise<{ default: import('../app/stage.js').Lab }>} load
 * @property {string} [package]
 * @property {(points: string) => [string, string][]} [points]
 * @property {boolean} [timed]  its runs are of the kind by which engines are timed
 */

/** @param {string} points @returns {[string, string][]} */
const drawn = (points) => [['target', 'drawn'], ['points', points]];

/** Whether what is measured of the engines holds for a lab. @param {string|undefined} lab */
export const isTimed = (lab) => LABS.some(({ id, timed }) => id === lab && timed);

/**
 * A run by which engines are timed: so many particles, each with so many calls of the denoiser.
 * @param {number} n @param {number} calls
 */
export const timedLink = (n, calls) => `v=1&lab=toy2d&target=gaussians8&process=vp&sampler=ddim&steps=${calls}&n=${n}&seed=0`;

/** @type {Entry[]} */
export const LABS = [
  { id: 'toy1d', label: '1-D', load: () => import('./toy1d/index.js'), timed: true },
  { id: 'toy2d', label: '2-D', load: () => import('./toy2d/index.js'), timed: true, points: drawn },
  { id: 'torus', label: 'Torus', load: () => import('./torus/index.js') },
  { id: 'lgssm', label: 'Chains', load: () => import('./lgssm/index.js'), package: 'chains' },
  { id: 'filter', label: 'Filters', load: () => import('./filter/index.js'), package: 'systems' },
  { id: 'turbulence', label: 'Turbulence', load: () => import('./turbulence/index.js'), package: 'fields' },
];
