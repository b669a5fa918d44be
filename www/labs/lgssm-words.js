// Lab lgssm, the words.
import { h } from '../ui/dom.js';
/** @param {import('../store.js').State} state @returns {Node[]} */
export const words = (state) => [h('p', {}, state.opened?.view ?? '')];
export const TRIES = [['x', 'v=1&lab=lgssm&seed=0', 'y']];
