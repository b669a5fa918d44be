// The flags in the query: known flags have their effect; unknown ones are named in the console and stop nothing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, launch, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/**
 * Opens the page with a query; resolves with the classes of its root and with what the console was told.
 * @param {string} query
 */
async function open(query) {
  const { page, errors, close } = await newPage(browser);
  /** @type {string[]} */
  const warnings = [];
  page.on('console', (message) => void (message.type() === 'warning' && warnings.push(message.text())));
  await page.goto(`${DEV}?${query}#lab=toy1d&n=500&engine=cpu&seed=0`);
  await done(page);
  const { classes, theme } = await page.evaluate(() => ({ classes: [...document.documentElement.classList], theme: document.documentElement.dataset.theme }));
  assert.deepEqual(errors, []);
  await close();
  return { classes, theme, warnings };
}

/** What an embed leaves out. */
const ABSENT = ['no-top', 'no-controls', 'no-views', 'no-options', 'no-compare', 'no-lesson', 'no-plan', 'no-words', 'no-foot'];
/** What only an embed has; the page leaves it out. */
const OF_EMBEDS = ['no-caption', 'no-open'];

/** Queries, the classes that they give, and what the console names. @type {[string, string[], string[]][]} */
const QUERIES = [
  ['ui=a%20b', [], ['"a", "b"']],
  ['ui=nowords%20nonumbers', ['no-numbers', 'no-lesson', 'no-words'], []],
  ['ui=nowords,+noplay', ['no-play', 'no-words'], []],
  ['ui=%', [], ['"%"']],
  ['ui=%E9%00%ff', [], ['"']],
  ['ui=\u{1f300}\u0301,noplay', ['no-play'], ['\u{1f300}']],
  ['ui=noplay&ui=views&ui=,,', ['no-play'], []],
  ['ui=&ui', [], []],
  ['ui=opened,constructor', [], ['"opened", "constructor"']],
  ['embed=1&embed=0', [...ABSENT, 'embed'], []],
  ['embed=yes', [], ['"yes"']],
  ['utm_source=a%20b&fbclid=%', [], ['"utm_source"', '"fbclid"']],
  ['__proto__=1&toString=2&=3', [], ['"__proto__"', '"toString"', '""']],
];

for (const [query, classes, named] of QUERIES) {
  test(`?${query}: the page runs, and the console names what has no effect`, async () => {
    const found = await open(query);
    const own = classes.includes('embed') ? [] : OF_EMBEDS;
    assert.deepEqual(found.classes.filter((name) => name === 'embed' || name.startsWith('no-')).sort(), [...classes, ...own].sort());
    assert.equal(found.warnings.length, named.length, found.warnings.join('\n'));
    named.forEach((word, i) => assert.ok(found.warnings[i].includes(word), found.warnings[i]));
  });
}

test('a theme that is not known is named, the known ones hold', async () => {
  assert.equal((await open('theme=dark')).theme, 'dark');
  const { theme, warnings } = await open('theme=blue%20green');
  assert.equal(theme, undefined);
  assert.match(warnings.join(), /"blue", "green".*light, dark, auto/);
});
