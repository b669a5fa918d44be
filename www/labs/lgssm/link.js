// Lab lgssm: observations in the text of a link.
import { prose, sentences } from '../../plots/prose.js';
import { many } from '../shared/words.js';

/**
 * @typedef {import('../../app/store.js').SideId} SideId
 * @typedef {import('../../app/store.js').Opened} Opened
 * @typedef {Record<string, string>} Values
 */

/** What a side observes, as a link writes it; y is empty where it is drawn. @typedef {{ observed: string, y: string }} Observed */

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

/** @param {number} length @param {number} every */
const regular = (length, every) => Array.from({ length: Math.ceil(length / every) }, (_, k) => k * every);

/** The indices of a side, and its values where the link has them. @param {Values} v */
function observations(v) {
  const observed = v.observed ? split(v.observed).map(Number) : regular(Number(v.length), Number(v.every ?? 4));
  const y = split(v.y);
  return { observed, y, rows: y.length / observed.length };
}

/** What a side observes, by its link alone. @param {Values} v @returns {Observed} */
export const ownOf = (v) => ({ observed: observations(v).observed.join(','), y: v.y ?? '' });

/**
 * What is left of a side's own observations where its chain gets another length: as a link has it, and in words.
 * @param {Values} v
 * @param {number} length
 */
function shortened(v, length) {
  const { observed, y, rows } = observations(v);
  const stay = observed.filter((i) => i < length);
  const gone = observed.filter((i) => i >= length);
  const now = { observed: stay.join(','), y: y.slice(0, stay.length * rows).join(',') };
  const states = many(length, 'state');
  const what = gone.length === 1 ? `The observation at index ${listed(gone)} is` : `The observations at the indices ${listed(gone)} are`;
  const lost = gone.length === 0 ? '' : stay.length === 0
    ? `No observation is left in ${states}; those of the simulated chain are in their place.`
    : `${what} dropped: the chain has ${states} now.`;
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
 * @param {Opened} opened
 * @param {SideId} id
 * @param {string} value
 * @returns {Rewritten|null}
 */
export function lengthened({ link, a, b }, id, value) {
  if (!/^\d+$/.test(value)) return null; // refused or repaired as any other number
  const length = Math.max(1, Math.min(1000, Number(value)));
  const own = (/** @type {Values|undefined} */ v) => Boolean(v?.observed || v?.y);
  const follows = id === 'b' || !link.includes('&b.length=');
  const fitted = {
    a: id === 'a' && own(a.values) ? shortened(a.values, length) : null,
    b: follows && b && own(b.values) ? shortened(b.values, length) : null,
  };
  if (!fitted.a && !fitted.b) return null;
  /** @type {Partial<Record<SideId, Observed|null>>} */
  const sides = {};
  if (fitted.a) sides.a = fitted.a.now;
  if (fitted.b) sides.b = fitted.b.now.observed ? fitted.b.now : { observed: regular(length, 4).join(','), y: '' }; // not what A observes
  else if (b && own(b.values)) sides.b = shortened(b.values, Infinity).now; // its own length: nothing changes
  const key = name(id, 'length');
  const rest = link.split('&').filter((pair) => pair.split('=')[0] !== key);
  const lost = sentences(...new Set([fitted.a?.lost, fitted.b?.lost]));
  return { link: observing([...rest, `${key}=${length}`].join('&'), sides), lost };
}

/**
 * The link where every m-th index is observed and values of its own stay where they were, if all indices have one; null where
 * there are none, or in a comparison.
 * @param {Opened} opened
 * @param {string} value
 * @returns {Rewritten|null}
 */
export function thinned({ link, a, b }, value) {
  const { values } = a;
  if (b || values.observed || !values.y || !/^[1-9]\d*$/.test(value)) return null;
  const { observed, y, rows } = observations(values);
  const wanted = regular(Number(values.length), Number(value));
  const of = (/** @type {number} */ i) => y.slice(observed.indexOf(i) * rows, (observed.indexOf(i) + 1) * rows);
  const kept = wanted.every((i) => observed.includes(i)) ? wanted.flatMap(of) : [];
  const text = `${observing(link, { a: null })}&every=${value}`;
  return kept.length
    ? { link: `${text}&y=${kept.join(',')}`, lost: '' }
    : {
      link: text,
      lost: prose`The observed values are those of the simulated chain again: there were none of your own at some of the new indices.`,
    };
}
