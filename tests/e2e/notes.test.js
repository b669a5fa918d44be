// Gallery and lessons of dist: what they say, where they lead, how they look on narrow screens and on paper, and what is told of a lesson's fault.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { entries } from '../../xtask/notes/gallery.js';
import { lesson, lessons, shown } from '../../xtask/notes/lessons.js';
import { linkText } from '../../xtask/notes/links.js';
import { DIST, done, launch, newPage } from './browser.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const COURSE = lessons(ROOT);
const PAGES = ['gallery/', 'lessons/', ...COURSE.map(({ name }) => `lessons/${name}/`)];
/** @type {Record<string, string>} */
const STILLS = JSON.parse(readFileSync(join(ROOT, 'dist/stills.json'), 'utf8'));

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

test('every link of gallery and lessons has a still that is small enough, and so has the first experiment', () => {
  const links = ['lab=toy1d&seed=0', ...entries(ROOT).map(({ link }) => link), ...COURSE.flatMap(({ stops }) => stops.map(({ figure }) => figure.link))];
  for (const link of links) {
    const file = STILLS[linkText(link)];
    assert.ok(file, `there is no still of ${link}`);
    const bytes = readFileSync(join(ROOT, 'dist', file));
    assert.equal(bytes.toString('latin1', 8, 12), 'WEBP');
    assert.ok(bytes.length > 2_000 && bytes.length <= 40_000, `${file}: ${bytes.length} bytes`);
  }
});

test('pages have a title of their own, one h1, and links that lead somewhere', async () => {
  const { page, errors, close } = await newPage(browser);
  const titles = new Set();
  for (const path of PAGES) {
    await page.goto(DIST + path, { waitUntil: 'networkidle' }); // a picture that is left behind counts as failed
    const seen = await page.evaluate(() => ({
      title: document.title,
      about: document.querySelector('meta[name="description"]')?.getAttribute('content') ?? '',
      headings: [...document.querySelectorAll('h1, h2, h3, h4')].map((h) => [h.tagName, h.textContent?.trim() ?? '']),
      links: [...document.querySelectorAll('a')].map((a) => a.href),
      figures: [...document.querySelectorAll('score-field')].map((f) => f.getAttribute('link') ?? ''),
    }));
    assert.ok(seen.title.endsWith(' · Scorefield') && seen.about.length > 20, path);
    titles.add(seen.title);
    assert.equal(seen.headings.filter(([tag]) => tag === 'H1').length, 1, path);
    assert.ok(seen.headings.every(([tag, text]) => ['H1', 'H2'].includes(tag) && text), path);
    for (const link of seen.links) {
      const url = new URL(link);
      const below = url.pathname.slice(new URL(DIST).pathname.length);
      if (below === '' && url.hash) assert.ok(STILLS[linkText(url.hash)], `${path} leads to ${url.hash}, which is no link of gallery or lessons`);
      else assert.ok(['', ...PAGES].includes(below), `${path} leads to ${link}`);
    }
    const own = COURSE.find(({ name }) => path === `lessons/${name}/`);
    assert.deepEqual(seen.figures, own?.stops.map(({ figure }) => figure.link) ?? []);
  }
  assert.equal(titles.size, PAGES.length);
  assert.deepEqual(errors, []);
  await close();
});

test('from the page one comes to both, and back', async () => {
  const { page, close } = await newPage(browser, { viewport: { width: 1400, height: 900 } });
  await page.goto(`${DIST}#lab=toy1d&n=100&steps=4&seed=0`);
  await done(page);
  await page.locator('header').getByRole('link', { name: 'Gallery' }).click();
  await page.waitForURL('**/gallery/');
  await page.getByRole('link', { name: 'Lessons' }).click();
  await page.waitForURL('**/lessons/');
  await page.getByRole('link', { name: 'Level 1' }).click();
  await page.getByRole('link', { name: /^Next Level 2/ }).click();
  await page.waitForURL('**/lessons/bayes/');
  await page.getByRole('link', { name: 'Scorefield', exact: true }).click();
  await done(page);
  await page.setViewportSize({ width: 390, height: 800 });
  await page.locator('footer').getByRole('link', { name: 'Lessons' }).click();
  await page.waitForURL('**/lessons/');
  await close();
});

test('nothing is wider than the screen, in light and dark, and no formula is cut on a wide one', async () => {
  for (const [width, colorScheme] of /** @type {const} */ ([[320, 'light'], [390, 'dark'], [768, 'light'], [1400, 'dark']])) {
    const { page, close } = await newPage(browser, { viewport: { width, height: 800 }, colorScheme });
    for (const path of PAGES) {
      await page.goto(DIST + path);
      const { over, cut } = await page.evaluate(() => ({
        over: document.documentElement.scrollWidth - innerWidth,
        cut: [...document.querySelectorAll('.formula')].filter((f) => f.scrollWidth > f.clientWidth).map((f) => f.textContent),
      }));
      assert.ok(over <= 0, `${path} at ${width}: ${over} px too wide`);
      if (width >= 768) assert.deepEqual(cut, [], `${path} at ${width}`);
    }
    await close();
  }
});

test('a figure runs in its place and comes to the numbers of its text', async () => {
  const { page, errors, close } = await newPage(browser, { reducedMotion: 'reduce' });
  const [{ name, stops: [{ figure, after }] }] = COURSE;
  await page.goto(`${DIST}lessons/${name}/`);
  const numbers = await page.locator('score-field').first().evaluate(async (/** @type {any} */ field) => {
    await field.start();
    const { run } = await field.state();
    if (run !== 'done') await new Promise((then) => field.addEventListener('done', then, { once: true }));
    return (await field.numbers()).sides[0].rows;
  });
  for (const [key, stated] of figure.numbers) {
    const row = numbers.find((/** @type {{ key: string }} */ r) => r.key === key);
    assert.ok(Math.abs(row.value - stated.value) <= stated.tolerance, `${key}: ${row.value}`);
    assert.ok(after.includes(`<b class="n">${shown(stated)}</b>`), key);
  }
  assert.deepEqual(errors, []);
  await close();
});

test('on paper there are the stills and the formulas', async () => {
  const { page, close } = await newPage(browser);
  await page.goto(`${DIST}lessons/${COURSE[0].name}/`);
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await page.waitForFunction(() => [...document.querySelectorAll('score-field')].every((field) => {
    const still = field.shadowRoot?.querySelector('img');
    return still?.complete && still.naturalWidth > 500 && still.getBoundingClientRect().height > 100;
  }));
  assert.ok(await page.locator('.formula math').first().isVisible());
  assert.equal(await page.locator('.near').isVisible(), false);
  await close();
});

test('the gallery is searched by words, labs and tags, and the choice stands in the address', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DIST}gallery/`);
  const cards = page.locator('#cards > li:visible');
  const all = entries(ROOT);
  assert.ok(all.length >= 36);
  assert.equal(await cards.count(), all.length);
  await page.getByRole('checkbox', { name: 'failure' }).check();
  const failures = all.filter(({ tags }) => tags.includes('failure'));
  assert.equal(await cards.count(), failures.length);
  await page.getByRole('checkbox', { name: 'Filters' }).check();
  assert.equal(await cards.count(), failures.filter(({ lab }) => lab === 'filter').length);
  await page.getByRole('searchbox').fill('diverges');
  assert.deepEqual(await cards.locator('h2').allInnerTexts(), ['A filter that diverges']);
  const address = page.url();
  assert.match(address, /#tag=filter&tag=failure&text=diverges$/);
  await page.getByRole('searchbox').fill('diverges zebra');
  assert.match(await page.locator('#found').innerText(), /No experiment fits/);
  await page.goto('about:blank');
  await page.goto(address);
  assert.equal(await cards.count(), 1);
  assert.deepEqual(errors, []);
  await close();
});

test('without scripts the gallery shows all, and a lesson its stills with their links', async () => {
  const { page, close } = await newPage(browser, { javaScriptEnabled: false });
  await page.goto(`${DIST}gallery/`);
  assert.equal(await page.locator('#cards > li:visible').count(), entries(ROOT).length);
  assert.equal(await page.locator('#search').isVisible(), false);
  await page.goto(`${DIST}lessons/${COURSE[0].name}/`);
  assert.equal(await page.locator('score-field a img:visible').count(), COURSE[0].stops.length);
  await close();
});

test('among the failures there is one of each kind', () => {
  const failures = entries(ROOT).filter(({ tags }) => tags.includes('failure')).map(({ slug }) => slug);
  for (const slug of [
    'toy1d-too-few-steps', 'toy1d-wrong-noise-level', 'toy1d-a-mode-lost', 'toy1d-what-memorising-does', 'lgssm-biased-guidance',
    'lgssm-a-blanket-too-small', 'filter-an-unstable-langevin-step', 'filter-a-filter-that-diverges',
  ]) assert.ok(failures.includes(slug), slug);
});

// ── what the build says ────────────────────────────────────────────────────────────────────────
/** Runs the writer of pages on a copy of the stills. @param {(folder: string) => void} change @param {string[]} more */
async function written(change, ...more) {
  const folder = mkdtempSync(join(tmpdir(), 'scorefield-notes-'));
  try {
    for (const name of ['stills', 'stills.json']) cpSync(join(ROOT, 'dist', name), join(folder, name), { recursive: true });
    change(folder);
    await run(process.execPath, [join(ROOT, 'xtask/notes/pages.js'), ROOT, folder, ...more]);
    return (/** @type {string} */ path) => readFileSync(join(folder, path), 'utf8');
  } finally {
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  }
}

test('with the address of its host every entry has a page with cards for social media', async () => {
  const read = await written(() => {}, 'https://example.org/notes/');
  for (const { slug, name, why } of entries(ROOT)) {
    const page = read(`gallery/${slug}/index.html`);
    const meta = (/** @type {string} */ key) => new RegExp(`<meta (?:property|name)="${key}" content="([^"]*)">`).exec(page)?.[1];
    const plain = (/** @type {string} */ text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    assert.equal(meta('og:title'), plain(name));
    assert.equal(meta('twitter:description'), plain(why));
    assert.equal(meta('og:url'), `https://example.org/notes/gallery/${slug}/`);
    assert.equal(meta('twitter:card'), 'summary_large_image');
    const image = meta('og:image') ?? '';
    assert.ok(image.startsWith('https://example.org/notes/stills/'), image);
    assert.ok(Object.values(STILLS).includes(image.slice('https://example.org/notes/'.length)), image);
  }
});

test('a still that is missing is named, with the link and the file that wants it', async () => {
  const link = COURSE[0].stops[1].figure.link;
  await assert.rejects(
    written((folder) => {
      const rest = { ...STILLS };
      delete rest[linkText(link)];
      writeFileSync(join(folder, 'stills.json'), JSON.stringify(rest));
    }),
    (/** @type {Error} */ e) => e.message.includes(`${COURSE[0].file}: there is no still of “${link}”`) && e.message.includes('cargo xtask stills'),
  );
});

/** A lesson of one stop; tests/lessons.rs asks for more. */
const TEXT = `# Title

What it is about.

## A question?

Look.

> $$x_1$$

\`\`\`figure
link = "v=1&lab=toy1d&seed=0"
title = "A figure"

[[number]]
key = "w1"
value = 0.0140
tolerance = 5e-5
\`\`\`

It is {w1}.
`;

test('a lesson is rendered with formulas as MathML and numbers in their places', () => {
  const { title, about, stops: [stop] } = lesson('lessons/10-a.md', TEXT);
  assert.deepEqual([title, about, stop.question], ['Title', 'What it is about.', 'A question?']);
  assert.equal(stop.after, '<p>It is <b class="n">0.0140</b>.</p>\n');
  assert.match(stop.beside, /<math display="block" class="tml-display"><msub><mi>x<\/mi><mn[^>]*>1<\/mn><\/msub><\/math>/);
  assert.doesNotMatch(stop.beside, /style=/);
});

for (const [fault, from, to, line, says] of /** @type {const} */ ([
  ['no title', '# Title', 'Title', 1, 'begins with its title'],
  ['no question', 'A question?', 'A question', 5, 'is no question'],
  ['a deeper heading', '## A', '### A', 5, 'a stop begins with'],
  ['no words before the figure', 'Look.', '', 5, 'goes straight to its figure'],
  ['a wrong formula', '$$x_1$$', '$$\\frac{1$$', 9, 'a formula is wrong'],
  ['an open formula', '$$x_1$$', '$$x_1', 9, 'begins with $$ and does not end'],
  ['another block', '```figure', '```toml', 11, 'a figure is a block ```figure'],
  ['no TOML', 'title = "A figure"', 'title = A figure', 13, 'the figure is no TOML'],
  ['no figure title', 'title = "A figure"', '', 11, 'the figure has no title'],
  ['a number that is not stated', '{w1}.', '{w2}.', 21, '{w2} names no value that the figure states; it states w1'],
  ['no number', 'It is {w1}.', 'It is.', 11, 'no conclusion with a number of its figure, as {w1}'],
])) {
  test(`a lesson with ${fault} is refused with its file and its line`, () => {
    assert.ok(TEXT.includes(from));
    assert.throws(() => lesson('lessons/10-a.md', TEXT.replace(from, () => to)), (/** @type {Error} */ e) => {
      assert.ok(e.message.startsWith(`lessons/10-a.md:${line}: `) && e.message.includes(says), e.message);
      return true;
    });
  });
}
