// The display flags in the query: which parts of the page are shown, in which colours, whether it is embedded or presented.
// A flag changes nothing of a run.

/** The parts of the page that `hide` and `show` name, each with what it is. */
export const PARTS = {
  top: 'Name and labs', caption: 'Law and sampler', controls: 'Controls', views: 'Choice of view', options: 'Display choices',
  compare: 'Compare', numbers: 'Numbers', lesson: 'Lesson of the run', play: 'Playback', plan: 'Plan', words: 'Explanation',
  foot: 'Foot', open: 'Open in Scorefield',
};

/** @typedef {keyof typeof PARTS} Part */

const ALL = /** @type {Part[]} */ (Object.keys(PARTS));
/** Parts for the site itself, never in an embed. @type {Part[]} */
const SITE = ['top', 'foot'];

/** What is there where the query names no level. @type {Record<'page'|'embed'|'present', Part[]>} */
const AT_FIRST = {
  page: ALL.filter((part) => part !== 'caption' && part !== 'open'),
  embed: ['caption', 'numbers', 'play', 'open'],
  present: ['caption', 'numbers', 'lesson', 'play'],
};

/** What is there at each level of `ui`. @type {Record<string, Part[]>} */
const LEVELS = {
  full: ALL,
  story: ['caption', 'numbers', 'lesson', 'play', 'words', 'open'],
  min: ['play'],
};

/** The single words of `ui`: parts that go, parts that come. @type {Record<string, { hide?: Part[], show?: Part[] }>} */
const WORDS = {
  nowords: { hide: ['words'] },
  nocontrols: { hide: ['controls'] },
  nonumbers: { hide: ['numbers', 'lesson'] },
  noplay: { hide: ['play'] },
  views: { show: ['views', 'options'] },
  numbers: { show: ['numbers', 'lesson'] },
};

/** The flags that take one of a few words. @type {Record<string, string[]>} */
const CHOICES = {
  embed: ['1', '0'],
  present: ['1', '0'],
  theme: ['light', 'dark', 'auto'],
  ui: [...Object.keys(LEVELS), ...Object.keys(WORDS)],
};
const LISTS = ['hide', 'show'];
const KNOWN = [...Object.keys(CHOICES), ...LISTS, 'slide'];

/**
 * @typedef {object} Flags
 * @property {boolean} embed
 * @property {'light'|'dark'|'auto'|null} theme  null where none is named
 * @property {Set<Part>} parts  that are shown
 * @property {Set<string>} hide  keys and views that are not shown, and parts
 * @property {Set<string>} show  keys and views that alone are shown, and parts
 * @property {boolean} present
 * @property {string[]} slides  links to be presented, one after the other
 */

/**
 * The flags of a query. What is not known is named in the console and has no effect: sites that pass links on add to the query.
 * Names of keys and views are known once a lab is there: `unknownNames`.
 * @param {string} search
 * @returns {Flags}
 */
export function readFlags(search) {
  const query = new URLSearchParams(search);
  for (const key of new Set(query.keys())) {
    if (KNOWN.includes(key)) continue;
    console.warn(`The address has the display flag "${key}", which is not known and has no effect. Known: ${KNOWN.join(', ')}.`);
  }
  const list = (/** @type {string} */ key) => query.getAll(key).flatMap((value) => value.split(/[\s,]+/)).filter(Boolean);
  const words = (/** @type {string} */ key) => {
    const given = list(key);
    const unknown = given.filter((word) => !CHOICES[key].includes(word));
    const named = unknown.map((word) => `"${word}"`).join(', ');
    if (named) console.warn(`The display flag ${key} has no value ${named}: ignored. It can be ${CHOICES[key].join(', ')}.`);
    return given.filter((word) => CHOICES[key].includes(word));
  };
  const embed = words('embed')[0] === '1'; // of several values the first counts
  const present = words('present')[0] === '1';
  const theme = /** @type {Flags['theme']} */ (words('theme')[0] ?? null);
  const ui = words('ui');
  const [hide, show] = LISTS.map((key) => new Set(list(key)));
  const slides = query.getAll('slide').filter(Boolean);
  return { embed, theme, parts: partsOf({ embed, present, ui, hide, show }), hide, show, present, slides };
}

/** @param {{ embed: boolean, present: boolean, ui: string[], hide: Set<string>, show: Set<string> }} flags @returns {Set<Part>} */
function partsOf({ embed, present, ui, hide, show }) {
  const level = ui.find((word) => Object.hasOwn(LEVELS, word));
  const place = present ? 'present' : embed ? 'embed' : 'page';
  const parts = new Set(!level || (level === 'full' && place === 'page') ? AT_FIRST[place] : LEVELS[level]);
  if (!embed) parts.delete('open');
  for (const word of ui) {
    for (const part of WORDS[word]?.show ?? []) parts.add(part);
    for (const part of WORDS[word]?.hide ?? []) parts.delete(part);
  }
  for (const name of show) if (Object.hasOwn(PARTS, name)) parts.add(/** @type {Part} */ (name));
  for (const name of hide) parts.delete(/** @type {Part} */ (name));
  if (embed) for (const part of SITE) parts.delete(part);
  return parts;
}

/** The names of `hide` and `show` that no part, key or view has. @param {Flags} flags @param {Set<string>} names  of all keys and views */
export function unknownNames({ hide, show }, names) {
  return [...hide, ...show].filter((name) => !Object.hasOwn(PARTS, name) && !names.has(name));
}

/**
 * Whether something that has a name of its own, a control or a view, is shown among its like.
 * @param {Flags} flags @param {string} name @param {string[]} like  the names of all of them
 */
export function isShown({ hide, show }, name, like) {
  const chosen = like.some((other) => show.has(other));
  return !hide.has(name) && (!chosen || show.has(name));
}

/** The classes of the root by which the style leaves parts out. @param {Set<string>} parts */
export function classesOf(parts) {
  return ALL.filter((part) => !parts.has(part)).map((part) => `no-${part}`);
}
