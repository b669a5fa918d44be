// The labs of the page, in the order of their tabs. A lab is a folder here and one line below; its files come when it is opened.

/**
 * points: the keys with which the lab takes the points of a file as its law.
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} label
 * @property {() => Promise<{ default: import('../ui/stage.js').Lab }>} load
 * @property {[string, string][]} [points]
 */

/** @type {Entry[]} */
export const LABS = [
  { id: 'toy1d', label: '1-D', load: () => import('./toy1d/index.js') },
  { id: 'toy2d', label: '2-D', load: () => import('./toy2d/index.js'), points: [['target', 'drawn']] },
  { id: 'torus', label: 'Torus', load: () => import('./torus/index.js') },
  { id: 'lgssm', label: 'Chains', load: () => import('./lgssm/index.js') },
];
