// What the worker has at hand: packages, compiled links, networks.
import { bring, giveUp, loadFault, nameOf, netFault } from './files.js';
import { loadPackage } from './package.js';
import { gone, post, said } from './post.js';

/**
 * @typedef {typeof import('../../pkg/cpu/scorefield.js')} Package
 * @typedef {import('../../pkg/cpu/scorefield.js').Experiment} Experiment
 * @typedef {import('../../pkg/cpu/scorefield.js').Training} Training
 * @typedef {import('./host.js').PackageFiles} PackageFiles
 */

const KEPT = 3; // compiled experiments

/** It reads the links of all labs. @type {Package} */
export let pkg;
/** @type {'cpu'|'webgpu'} */
export let kind = 'cpu';
/**
 * Addresses; base: the folder of the page; nets: where the files of the networks are.
 * @typedef {{ kind: 'cpu'|'webgpu', base: string, nets: string, packages: Record<string, PackageFiles> }} Order
 */
/** @type {Order} */
let order;
/** Packages of other labs that are there or on their way. @type {Map<string, Promise<Package>>} */
const others = new Map();
/**
 * By link, the one that was used last at the end; own: the package that compiled it.
 * @type {Map<string, { own: Package, made: Experiment }>}
 */
const experiments = new Map();
/** How many were made since the engine was loaded. */
export let compiled = 0;
/**
 * Files of networks and packages that failed, with the number of times: the next try passes over every cache.
 * @type {Map<string, number>}
 */
const failed = new Map();
/**
 * Networks on their way; by: who waits for one, runs and jobs by their numbers.
 * @type {Map<string, { way: Promise<Uint8Array>, by: Set<unknown> }>}
 */
const fetching = new Map();

/** Loads the engine. @param {Order & { fresh: boolean }} what */
export async function start(what) {
  order = what;
  kind = what.kind;
  pkg = await loadPackage(what.packages[kind], { base: what.base, role: 'engine', fresh: what.fresh });
  if (kind === 'webgpu') post({ event: 'stage', stage: 'adapter' });
  return { version: pkg.version(), adapter: kind === 'webgpu' ? await pkg.prepare() : '' };
}

/** The package that computes what a link asks for. @param {string} link @returns {Promise<Package>} */
export async function home(link) {
  const held = experiments.get(link)?.own;
  const name = held ? '' : pkg.other_package(link);
  return name ? other(name) : held ?? pkg;
}

/** Another package, which is brought where it is not there. @param {string} name @returns {Promise<Package>} */
export function other(name) {
  let way = others.get(name);
  if (!way) {
    way = bringPackage(name);
    others.set(name, way);
    way.catch(() => others.delete(name));
  }
  return way;
}

/** @param {string} name */
async function bringPackage(name) {
  const files = order.packages[name];
  if (!files) throw loadFault(`This page was built without the package “${name}”, which this lab needs.`);
  const tries = failed.get(name) ?? 0;
  // The browser keeps what it has of a module: each try has its own address.
  const js = tries ? `${files.js}?${tries}` : files.js;
  try {
    const other = await loadPackage({ ...files, js }, { base: order.base, role: 'lab', fresh: tries > 0 });
    failed.delete(name);
    return other;
  } catch (e) {
    failed.set(name, tries + 1);
    throw e;
  }
}

/** The experiment of a link, compiled unless it is at hand. @param {Package} own  its package @param {string} link */
export function experiment(own, link) {
  let found = experiments.get(link);
  if (!found) {
    compiled++;
    found = { own, made: new own.Experiment(link) };
  }
  experiments.delete(link);
  experiments.set(link, found);
  for (const [text, old] of [...experiments].slice(0, -KEPT)) {
    experiments.delete(text);
    old.made.free();
  }
  return found.made;
}

/** Networks have changed: what was compiled may hold others. */
export function renew() {
  for (const { made } of experiments.values()) made.free();
  experiments.clear();
}

/** The network of a training as it stands is at hand from now on. @param {Training} training */
export function finish(training) {
  training.finish();
  renew();
}

/** @typedef {import('../../pkg/cpu/scorefield.js').Opened['networks'][number]} Network */

/**
 * The package of a link, with the networks that runs of a side need (of both, where none is named); what failed is tried afresh by the
 * next who asks. The other side goes without: a file that does not come stops only what needs it.
 * @param {string} link @param {'a'|'b'|null} side @param {unknown} by  who waits for them, and says so when
 *   that is over; null: nobody who would
 */
export async function ready(link, side, by) {
  const own = await home(link);
  const needed = pkg.open_link(link).networks.filter(({ sides }) => !side || sides.includes(side));
  await Promise.all(needed.map((net) => add(own, net, by)));
  return own;
}

/** @param {Package} own @param {Network} net @param {unknown} by */
async function add(own, { name, file, sha256 }, by) {
  if (own.has_network(name)) return;
  const address = order.nets + file;
  let on = fetching.get(file);
  if (!on) {
    // The hash in the address: a cache never gives the file of another version. The package checks its contents.
    const way = bring(`${address}?${sha256.slice(0, 10)}`, { role: 'network', fresh: failed.has(file) });
    const begun = { way, by: new Set() };
    const over = () => void (fetching.get(file) === begun && fetching.delete(file));
    fetching.set(file, on = begun);
    way.then(over, over);
  }
  if (by !== null) on.by.add(by);
  const bytes = await on.way;
  if (own.has_network(name)) return; // another question came first
  try {
    own.add_network(name, bytes);
  } catch (e) {
    failed.set(file, 1);
    throw netFault(`${nameOf(address)} is damaged: ${said(e)}`);
  }
  failed.delete(file);
  renew();
}

/** Who waited for networks was cancelled: what nobody else waits for is given up. @param {unknown} by */
export function leave(by) {
  for (const [file, on] of fetching) {
    if (!on.by.delete(by) || on.by.size) continue;
    fetching.delete(file);
    giveUp(nameOf(order.nets + file), /** @type {import('../types.js').Fault} */ (gone('run')));
  }
}

/**
 * Who waited for networks does so no more; they still come: the next run of a link that is being edited may need them.
 * @param {unknown} by
 */
export function unwait(by) {
  for (const on of fetching.values()) on.by.delete(by);
}
