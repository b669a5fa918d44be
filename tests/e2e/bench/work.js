// What is computed: links, with the law or network that they stand for, the stages of their plans, their start, and what the command
// line makes of it.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CLI } from '../browser.js';
import { layersOf } from './burnpack.js';

/** A mixture of normals with one standard deviation. @typedef {{ centres: number[][], weights: number[], sd: number }} Law */
/** An Euler stage: x ← keep·x + pull·x̂ at a level. @typedef {{ alpha: number, sigma: number, keep: number, pull: number }} Stage */

/**
 * kind: what the other contestants can do; `engine` is for the engine alone.
 * @typedef {object} Work
 * @property {string} name
 * @property {'mixture'|'network'|'engine'} kind
 * @property {string} link
 * @property {number} n  particles
 * @property {number} steps
 * @property {number} dim
 * @property {number[]} start  [n × dim]
 * @property {number[]} end  by the command line
 * @property {Stage[]} stages
 * @property {Law} law
 * @property {import('./burnpack.js').Layer[]} layers
 * @property {boolean} distances  the libraries form the squared distances of a mixture, as the textbook has them
 * @property {string} model  the file of the graph for onnxruntime
 */

/** Steps of an entry. */
export const STEPS = 100;
const EULER = `process=vp&sampler=euler&steps=${STEPS}&seed=0`;
const MEANS = [-1.4, -1, -0.6, -0.2, 0.2, 0.6, 1, 1.4];
const SD = 0.08;

/** Equal weights. @param {number[][]} centres @param {number} sd @returns {Law} */
const equal = (centres, sd) => ({ centres, sd, weights: centres.map(() => 1 / centres.length) });

/** The eight normals of docs/laws.md. */
function circle() {
  return equal(Array.from({ length: 8 }, (_, k) => [0.8 * Math.cos((Math.PI * k) / 4), 0.8 * Math.sin((Math.PI * k) / 4)]), SD);
}

/** The two moons of docs/laws.md: 44 normals along each half circle. */
function moons() {
  const angles = Array.from({ length: 44 }, (_, i) => (Math.PI * (i + 0.5)) / 44);
  const upper = angles.map((a) => [Math.cos(a), Math.sin(a)]);
  const lower = angles.map((a) => [1 - Math.cos(a), 0.5 - Math.sin(a)]);
  return equal([...upper, ...lower].map(([x, y]) => [0.7 * (x - 0.5), 0.7 * (y - 0.25)]), 0.05);
}

/**
 * most, plain: particles at most, of all and of plain JavaScript, where more would take minutes.
 * @typedef {{
 *   name: string, kind: Work['kind'], link: string, most?: number, plain?: number, law?: Law, net?: string, distances?: boolean,
 * }} Entry
 */

/** @type {Entry[]} */
export const ENTRIES = [
  { name: 'mixture of 8, line', kind: 'mixture', law: equal(MEANS.map((x) => [x]), SD),
    link: `lab=toy1d&target=mixture&means=${MEANS}&sds=${MEANS.map(() => SD)}&${EULER}` },
  { name: 'mixture of 8, plane (gaussians8)', kind: 'mixture', law: circle(), link: `lab=toy2d&target=gaussians8&${EULER}` },
  { name: 'the same, the libraries by distances', kind: 'mixture', law: circle(), distances: true, plain: 0,
    link: `lab=toy2d&target=gaussians8&${EULER}` },
  { name: 'mixture of 88, plane (moons)', kind: 'mixture', law: moons(), link: `lab=toy2d&target=moons&${EULER}` },
  { name: 'network 3 → 3 × 128 → 2 (moons)', kind: 'network', net: 'moons', most: 10_000, plain: 1000, link: `lab=toy2d&target=moons&score=net&${EULER}` },
  { name: 'uniform', kind: 'engine', link: `lab=toy1d&${EULER}` },
  { name: 'checkerboard', kind: 'engine', link: `lab=toy2d&target=checkerboard&${EULER}` },
  { name: 'torus', kind: 'engine', link: `lab=torus&${EULER}` },
  ...[33, 256].flatMap((length) => [
    ['full score', ''],
    ['blanket', '&score=blanket'],
    ['guidance exact', '&guidance=exact'],
  ].map(([name, keys]) => /** @type {Entry} */ ({
    name: `chain of ${length}, ${name}`, kind: 'engine', most: 256, link: `lab=lgssm&length=${length}${keys}&${EULER}`,
  }))),
];

/**
 * The work of an entry with so many particles and steps.
 * @param {Entry} entry @param {[n: number, steps: number]} size @param {string} root  of the repository
 * @param {(link: string) => Promise<{ rows: (number|'')[][] }>} plan  the plan of a link, by the engine
 * @returns {Promise<Work>}
 */
export async function workOf({ name, kind, link: text, law, net, distances = false }, [n, steps], root, plan) {
  const link = `${text.replace(`steps=${STEPS}`, `steps=${steps}`)}&n=${n}`;
  const told = execFileSync(CLI, ['run', link, '--frames', '2'], { encoding: 'utf8', maxBuffer: 2 ** 30 });
  const [start, end] = JSON.parse(told).frames.map((/** @type {any} */ frame) => frame.x.flat());
  const stages = kind === 'engine' ? [] : (await plan(link)).rows.map(stageOf);
  return {
    name, kind, link, n, steps, start, end, stages, dim: start.length / n, law: law ?? { centres: [], weights: [], sd: 0 }, distances,
    layers: net ? layersOf(readFileSync(`${root}nets/${net}.bpk`)) : [], model: '',
  };
}

/** A row of the plan's table. @param {(number|'')[]} row @returns {Stage} */
function stageOf(row) {
  const [, , , alpha, sigma, keep, pull, before, noise] = row.map(Number);
  if (before || noise) throw new Error('the contestants take stages without noise that read x̂ alone');
  return { alpha, sigma, keep, pull };
}
