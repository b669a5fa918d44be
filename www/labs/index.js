// The labs of the page, in the order of their tabs. A new lab is one file here and one line below.
import { lgssm } from './lgssm.js';
import { toy1d } from './toy1d.js';
import { torus } from './torus.js';
import { toy2d } from './toy2d.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').SideId} SideId
 * @typedef {import('../app/store.js').LinkError} LinkError
 * @typedef {import('../../pkg/cpu/scorefield.js').PointsTable} PointsTable
 */

/**
 * What a lab may ask for.
 * @typedef {object} Tools
 * @property {(at: number) => void} scrub
 * @property {() => void} redraw
 * @property {(y: number[]) => void} drop  a particle at a place of the picture, now
 * @property {() => void} clear  the dropped ones
 * @property {(words: string) => void} say  aloud
 * @property {(words: string) => void} notice  above the picture, until it is dismissed
 * @property {(side: SideId, pairs: [string, string][]) => Promise<LinkError|null>} set  several keys of the link at once
 * @property {(how: (link: string) => string) => Promise<LinkError|null>} rewrite  the whole link, as text
 * @property {(side: SideId, y: Float64Array) => Promise<import('../app/store.js').ChainPosterior|null>} posterior  of a chain for other observations; null where a later question came
 * @property {{ encode: (xy: Float64Array) => Promise<string>, decode: (points: string) => Promise<Float64Array>, read: (text: string) => Promise<PointsTable> }} points
 * @property {(files: File[]) => void} open  files that were chosen
 */

/**
 * A lab that is on the page.
 * @typedef {object} Mounted
 * @property {(state: State) => void} draw
 * @property {(state: State) => HTMLElement[]} options  display choices of the open view
 * @property {() => HTMLCanvasElement[]} pictures
 * @property {() => string} [choices]  what the display choices depend on, beside the view
 * @property {(side: SideId, key: string, value: string) => boolean} [edit]  takes a change of a control into its own hands
 * @property {(table: PointsTable) => boolean} [take]  takes the points of a file, where it has a place for them
 * @property {(fault: import('../app/store.js').Fault) => boolean} [refuse]  says why a file cannot be read, where it was brought for this lab
 * @property {(text: string) => void} [paste]  takes text that was pasted outside of a field
 * @property {() => void} [leave]  another experiment was opened: what covers the picture goes
 * @property {() => void} destroy
 */

/**
 * @typedef {object} Lab
 * @property {string} id
 * @property {string} label
 * @property {(host: HTMLElement, tools: Tools) => Mounted} mount
 * @property {(state: State) => Node[]} words
 * @property {string[][]} tries  name, link, one sentence
 * @property {(side: import('../app/store.js').SideState) => import('./toy1d-lesson.js').Lesson|null} [lesson]  what a run teaches, below the numbers
 * @property {import('../ui/controls.js').Arrangement} [controls]  their order, where it is not that of the table
 */

/** @type {Lab[]} */
export const LABS = [toy1d, toy2d, torus, lgssm];
