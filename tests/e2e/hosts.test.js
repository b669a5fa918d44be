// The recipes of embed/, built by the tools that they are for and opened in a browser: the experiment runs, talks and is printed.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { DIST, done, launch, newPage } from './browser.js';
import { serve } from './host.js';

const RECIPES = fileURLToPath(new URL('../../embed', import.meta.url));
const ADDRESS = 'https://example.org/scorefield/';
const folder = mkdtempSync(join(tmpdir(), 'scorefield-hosts-'));
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  browser = await launch({ webgpu: false });
  cpSync(RECIPES, folder, { recursive: true });
  for (const name of /** @type {string[]} */ (readdirSync(folder, { recursive: true }))) {
    const file = join(folder, name);
    if (!/\.(html|md|yml|py|toml|qmd|ipynb)$/.test(name)) continue;
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(ADDRESS, DIST));
  }
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A tool that cargo xtask has installed; where it could not, its words. @param {string} name @returns {string} */
function tool(name) {
  const missing = process.env.SCOREFIELD_NO_HOSTS;
  if (missing) throw new Error(missing);
  const path = process.env[name];
  if (!path) throw new Error(`${name} is not set: run this test by \`cargo xtask test --only browser --suites hosts\``);
  return path;
}

/** Runs a tool in a recipe's folder. @param {string} program @param {string[]} words @param {string} recipe */
function build(program, words, recipe) {
  try {
    execFileSync(program, words, { cwd: join(folder, recipe), stdio: 'pipe', timeout: 120_000 });
  } catch (e) {
    const { stdout, stderr } = /** @type {{ stdout?: Buffer, stderr?: Buffer }} */ (e);
    throw new Error(`${program} ${words.join(' ')}: ${e}\n${stdout ?? ''}${stderr ?? ''}`, { cause: e });
  }
}

/** @param {string} name */
const python = (name) => join(tool('SCOREFIELD_PYTHON'), name);

/**
 * Opens a built page, and holds that its element runs when it is clicked, answers, and is printed as a still.
 * @param {string} site  the folder of the page, below that of the recipes
 * @param {(page: import('playwright-core').Page) => Promise<void>} [more]
 */
async function runs(site, more) {
  const host = await serve({}, join(folder, site));
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${host.address}/`);
  const field = page.locator('score-field').first();
  await field.getByRole('button', { name: /Eight ancestral steps.*Run/ }).click();
  const numbers = await field.evaluate(async (el) => {
    const one = /** @type {import('../../score-field.d.ts').ScoreFieldElement} */ (el);
    await one.seek(1);
    return one.numbers();
  });
  assert.match(numbers.link, /lab=toy1d&steps=8&seed=0/);
  assert.ok(numbers.sides[0].final && numbers.sides[0].rows.some(({ key, value }) => key === 'w1' && value !== null));
  const box = await field.locator('iframe').boundingBox();
  assert.ok(box && box.height > 250 && box.width > 300, JSON.stringify(box));
  await more?.(page);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await field.locator('iframe').isVisible(), false);
  assert.ok(await field.getByRole('button').isVisible(), 'neither still nor card is printed');
  const text = await field.evaluate((el) => getComputedStyle(/** @type {Element} */ (el.shadowRoot?.querySelector('figcaption a')), '::after').content);
  assert.match(text, /steps=8/);
  assert.ok((await page.pdf()).length > 2000);
  assert.deepEqual(errors.filter((error) => !error.includes('stills.json')), []); // a dist without stills has cards
  await close();
  await host.close();
}

test('plain HTML, with a button that talks to the element', async () => {
  await runs('html', async (page) => {
    await page.getByRole('button', { name: 'With 64 steps' }).click();
    await page.waitForFunction(() => Number(document.querySelector('output')?.value) > 0);
    await page.evaluate(() => /** @type {import('../../score-field.d.ts').ScoreFieldElement} */ (document.querySelector('score-field')).reset());
  });
});

test('mkdocs', async () => {
  build(python('mkdocs'), ['build', '--quiet', '--strict'], 'mkdocs');
  await runs('mkdocs/site');
});

test('Sphinx with MyST', async () => {
  build(python('sphinx-build'), ['-q', '-W', '-b', 'html', '.', '_build'], 'sphinx');
  await runs('sphinx/_build');
});

test('Hugo', async () => {
  build(tool('SCOREFIELD_HUGO'), ['--quiet', '--destination', 'public'], 'hugo');
  await runs('hugo/public');
});

test('Markdown, by mkdocs and by MyST: the element and the frame', async () => {
  for (const [recipe, program, words, site] of /** @type {[string, string, string[], string][]} */ ([
    ['mkdocs', 'mkdocs', ['build', '--quiet', '--site-dir', 'md'], 'mkdocs/md'], ['sphinx', 'sphinx-build', ['-q', '-b', 'html', '.', 'md'], 'sphinx/md'],
  ])) {
    const source = join(folder, recipe === 'mkdocs' ? 'mkdocs/docs' : 'sphinx', 'index.md');
    const kept = readFileSync(source);
    cpSync(join(folder, 'markdown/notes.md'), source);
    build(python(program), words, recipe);
    writeFileSync(source, kept);
    await runs(site, async (page) => {
      await page.locator('iframe[title="64 ancestral steps"]').scrollIntoViewIfNeeded();
      const frame = await (await page.locator('iframe[title="64 ancestral steps"]').elementHandle())?.contentFrame();
      assert.ok(frame);
      assert.match((await done(frame)).opened?.link ?? '', /steps=64/);
    });
  }
});

test('reveal.js plays and pauses the frame of a slide, and starts the element of another', async () => {
  const reveal = dirname(createRequire(import.meta.url).resolve('reveal.js/package.json'));
  mkdirSync(join(folder, 'reveal/reveal.js'), { recursive: true });
  cpSync(join(reveal, 'dist'), join(folder, 'reveal/reveal.js/dist'), { recursive: true });
  const host = await serve({}, join(folder, 'reveal'));
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${host.address}/`);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).Reveal.isReady());
  const embed = () => page.frames().find((frame) => frame.url().includes('steps=8'));
  const slide = (/** @type {number} */ i) => page.evaluate((to) => /** @type {any} */ (globalThis).Reveal.slide(to), i);
  await slide(1);
  await page.waitForFunction(() => document.querySelector('iframe')?.src);
  while (!embed()) await new Promise((soon) => setTimeout(soon, 50)); // the frame's address is there later than its src
  const frame = /** @type {import('playwright-core').Frame} */ (embed());
  await done(frame);
  const playing = (/** @type {boolean} */ want) => frame.waitForFunction((is) => /** @type {any} */ (globalThis).__scorefield?.playing === is, want);
  await playing(true);
  await slide(0);
  await playing(false);
  await slide(1);
  await playing(true);
  await slide(2);
  await playing(false);
  await page.waitForFunction(() => /** @type {import('../../score-field.d.ts').ScoreFieldElement} */ (document.querySelector('score-field')).live);
  assert.equal((await page.locator('score-field').evaluate((el) => /** @type {import('../../score-field.d.ts').ScoreFieldElement} */ (el).pause())).playing, false);
  const element = await (await page.locator('score-field iframe').elementHandle())?.contentFrame();
  assert.ok(element);
  await done(element);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('score-field iframe').isVisible(), false);
  assert.ok(await page.locator('score-field').getByRole('button').isVisible());
  assert.deepEqual(errors.filter((error) => !error.includes('stills.json')), []);
  await close();
  await host.close();
});
