// The labs of the page, in the order of their tabs. A lab is a folder here and one line below; its files come when it is opened.

/** @typedef {{ id: string, label: string, load: () => Promise<{ default: import('../ui/stage.js').Lab }> }} Entry */

/** @type {Entry[]} */
export const LABS = [
  { id: 'toy1d', label: '1-D', load: () => import('./toy1d/index.js') },
  { id: 'toy2d', label: '2-D', load: () => import('./toy2d/index.js') },
  { id: 'torus', label: 'Torus', load: () => import('./torus/index.js') },
  { id: 'lgssm', label: 'Chains', load: () => import('./lgssm/index.js') },
];
