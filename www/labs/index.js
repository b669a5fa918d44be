// The labs of the page, in the order of their tabs. A new lab is one file here and one line below.
import { toy1d } from './toy1d.js';

/**
 * @typedef {import('../store.js').State} State
 * @typedef {import('../store.js').SideId} SideId
 */

/**
 * What a lab draws on, and what it may ask for.
 * @typedef {object} Tools
 * @property {(at: number) => void} scrub
 * @property {() => void} redraw
 */

/**
 * A lab that is on the page.
 * @typedef {object} Mounted
 * @property {(state: State) => void} draw
 * @property {(state: State) => HTMLElement[]} options  display choices of the open view
 * @property {() => HTMLCanvasElement[]} pictures
 * @property {() => void} destroy
 */

/**
 * @typedef {object} Lab
 * @property {string} id
 * @property {string} label
 * @property {(host: HTMLElement, tools: Tools) => Mounted} mount
 * @property {(state: State) => Node[]} words
 * @property {string[][]} tries  name, link, one sentence
 */

/** @type {Lab[]} */
export const LABS = [toy1d];
