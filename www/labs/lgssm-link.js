// Lab lgssm: observations in the text of a link.

/** @typedef {import('../store.js').SideId} SideId */

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
