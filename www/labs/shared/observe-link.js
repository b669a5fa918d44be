// Observations in the text of a link, in the labs where they are moved by hand.
import { prose, sentences } from '../../plots/prose.js';
import { many } from './words.js';

/**
 * @typedef {import('../../app/store.js').SideId} SideId
 * @typedef {import('../../app/store.js').Opened} Opened
 * @typedef {Record<string, string>} Values
 */

/** What a side observes, as a link writes it; y is empty where it is drawn. @typedef {{ observed: string, y: string }} Observed */

/**
 * The indices of a lab.
 * @typedef {object} Axis
 * @property {string} key  of their number
 * @property {number} first  index that can be observed; the last is `length − 1` after it
 * @property {number} most  of them
 * @property {number} every  each so many are observed where a link does not say
 * @property {(length: number, every: number) => number[]} regular
 * @property {string} state  what stands at an index
 * @property {string} index  what an index is called
 * @property {string} indices
 * @property {string} whole  what is simulated
 */

/**
 * The link with the observations of the sides that are named: null leaves a side without any of its own.
 * @param {string} link
 * @param {Partial<Record<SideId, Observed|null>>} sides
 */
export function observing(link, sides) {
  const ids = /** @type {SideId[]} */ (Object.keys(sides));
  const gone = new Set(['fp', ...ids.flatMap((id) => ['every', 'observed', 'y'].map((key) => name(id, key)))]);
  const pairs = link.split('&').filter((pair) => !gone.has(pair.split('=')[0]));
  for (const id of ids) {
    const now = sides[id];
    if (now?.observed) pairs.push(`${name(id, 'observed')}=${now.observed}`);
    if (now?.y) pairs.push(`${name(id, 'y')}=${now.y}`);
  }
  return pairs.join('&');
}

/** @param {SideId} id @param {string} key */
const name = (id, key) => (id === 'b' ? `b.${key}` : key);

/** @param {string|undefined} text */
const split = (text) => (text ? text.split(',') : []);

/** The indices of a side, and its values where the link has them. @param {Axis} axis @param {Values} v */
function observations(axis, v) {
  const observed = v.observed ? split(v.observed).map(Number) : axis.regular(Number(v[axis.key]), Number(v.every ?? axis.every));
  const y = split(v.y);
  return { observed, y, rows: y.length / observed.length };
}

/** What a side observes, by its link alone. @param {Axis} axis @param {Values} v @returns {Observed} */
export const ownOf = (axis, v) => ({ observed: observations(axis, v).observed.join(','), y: v.y ?? '' });

/**
 * What is left of a side's own observations where it gets another length: as a link has it, and in words.
 * @param {Axis} axis
 * @param {Values} v
 * @param {number} length
 */
function shortened(axis, v, length) {
  const { observed, y, rows } = observations(axis, v);
  const stay = observed.filter((i) => i < axis.first + length);
  const gone = observed.filter((i) => i >= axis.first + length);
  const now = { observed: stay.join(','), y: y.slice(0, stay.length * rows).join(',') };
  const states = many(length, axis.state);
  const what = gone.length === 1 ? `The observation at ${axis.index} ${listed(gone)} is`
    : `The observations at the ${axis.indices} ${listed(gone)} are`;
  const lost = gone.length === 0 ? '' : stay.length === 0
    ? `No observation is left in ${states}; those of the simulated ${axis.whole} are in their place.`
    : `${what} dropped: the ${axis.whole} has ${states} now.`;
  return { now, lost };
}

/** Many numbers in few words. @param {number[]} all */
const listed = (all) => (all.length > 8 ? `${all[0]} … ${all[all.length - 1]}` : all.join(', '));

/** Whether a link has observations of its own. @param {string|undefined} link */
export const edited = (link) => /&(b\.)?(y|observed)=/.test(`&${link ?? ''}`);

/**
 * The link with drawn values at regular indices again.
 * @param {string} link
 * @param {Record<string, string|undefined>} every  of each side, as it was before single indices were observed
 */
export function reset(link, every) {
  const pairs = link.split('&').filter((pair) => !/^(b\.)?(y|observed)=/.test(pair) && !pair.startsWith('fp='));
  for (const id of /** @type {SideId[]} */ (['b', 'a'])) {
    const single = `&${link}`.includes(`&${name(id, 'observed')}=`);
    if (single && every[id]) pairs.splice(-1, 0, `${name(id, 'every')}=${every[id]}`);
  }
  return pairs.join('&');
}

/** A whole link, and what went in it, in words. @typedef {{ link: string, lost: string }} Rewritten */

/**
 * The link where a side's length changes and observations of its own stay as far as they fit; null where there are none.
 * @param {Axis} axis
 * @param {Opened} opened
 * @param {SideId} id
 * @param {string} value
 * @returns {Rewritten|null}
 */
export function lengthened(axis, { link, a, b }, id, value) {
  if (!/^\d+$/.test(value)) return null; // refused or repaired as any other number
  const length = Math.max(1, Math.min(axis.most, Number(value)));
  const own = (/** @type {Values|undefined} */ v) => Boolean(v?.observed || v?.y);
  const follows = id === 'b' || !link.includes(`&b.${axis.key}=`);
  const fitted = {
    a: id === 'a' && own(a.values) ? shortened(axis, a.values, length) : null,
    b: follows && b && own(b.values) ? shortened(axis, b.values, length) : null,
  };
  if (!fitted.a && !fitted.b) return null;
  /** @type {Partial<Record<SideId, Observed|null>>} */
  const sides = {};
  if (fitted.a) sides.a = fitted.a.now;
  const regular = { observed: axis.regular(length, axis.every).join(','), y: '' }; // not what A observes
  if (fitted.b) sides.b = fitted.b.now.observed ? fitted.b.now : regular;
  else if (b && own(b.values)) sides.b = shortened(axis, b.values, Infinity).now; // its own length: nothing changes
  const key = name(id, axis.key);
  const rest = link.split('&').filter((pair) => pair.split('=')[0] !== key);
  const lost = sentences(...new Set([fitted.a?.lost, fitted.b?.lost]));
  return { link: observing([...rest, `${key}=${length}`].join('&'), sides), lost };
}

/**
 * The link where every m-th index is observed and values of its own stay where they were, if all indices have one; null where
 * there are none, or in a comparison.
 * @param {Axis} axis
 * @param {Opened} opened
 * @param {string} value
 * @returns {Rewritten|null}
 */
export function thinned(axis, { link, a, b }, value) {
  const { values } = a;
  if (b || values.observed || !values.y || !/^[1-9]\d*$/.test(value)) return null;
  const { observed, y, rows } = observations(axis, values);
  const wanted = axis.regular(Number(values[axis.key]), Number(value));
  const of = (/** @type {number} */ i) => y.slice(observed.indexOf(i) * rows, (observed.indexOf(i) + 1) * rows);
  const kept = wanted.every((i) => observed.includes(i)) ? wanted.flatMap(of) : [];
  const text = `${observing(link, { a: null })}&every=${value}`;
  return kept.length
    ? { link: `${text}&y=${kept.join(',')}`, lost: '' }
    : {
      link: text,
      lost: prose`The observed values are those of the simulated ${axis.whole} again: there were none of your own at some of the new
        ${axis.indices}.`,
    };
}
