// What axe-core finds on every lab, view, dialog and lesson, in light and in dark: nothing serious or moderate, nor critical.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lessons } from '../../xtask/notes/lessons.js';
import { DEV, DIST, done, launch, newPage } from './browser.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COUNTED = ['moderate', 'serious', 'critical'];

/** Links beside the default of each view: parts of the page that only some links have. */
const OTHERS = [
  'lab=toy1d&n=200&steps=8&at=0.5', // with the panel of a step
  'lab=toy1d&n=200&steps=8&at=1&b.process=edm',
  'lab=toy2d&n=200&steps=8&at=1&b.process=fm',
  'lab=toy1d&n=200&view=sweep&b.process=edm',
  'lab=toy1d&process=edm&sampler=heun&steps=18&score=net&n=100&view=errors&at=1',
  'lab=lgssm&model=custom&T=0.9&Q=0.19&O=1&R=0.25&n=16&steps=8&at=1',
  'lab=lgssm&n=16&steps=8&score=blanket&k=2&at=1&b.guidance=none',
  'lab=toy1d&n=100&steps=8&schedule=vp', // a key that is not known
];

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** A page with axe-core in it. @param {import('playwright-core').BrowserContextOptions} [options] */
async function examined(options) {
  const opened = await newPage(browser, options);
  await opened.page.addInitScript(AXE);
  return opened;
}

/**
 * What is wrong with the page as it stands, in both themes.
 * @param {import('playwright-core').Page} page
 * @param {Record<string, { enabled: boolean }>} [rules]  that are left out
 */
async function found(page, rules = {}) {
  return page.evaluate(async ({ counted, rules: of }) => {
    const { axe } = /** @type {any} */ (globalThis);
    const all = [];
    for (const theme of ['light', 'dark']) {
      document.documentElement.dataset.theme = theme;
      document.dispatchEvent(new Event('theme'));
      await new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)));
      const fading = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
      await Promise.allSettled(fading.map((one) => one.finished)); // a text that is half faded in has too little contrast
      const { violations } = await axe.run(document, { resultTypes: ['violations'], iframes: false, rules: of }); // the frame of the builder is an embed: see below
      for (const { id, impact, nodes } of violations) {
        if (counted.includes(impact)) for (const { target, failureSummary } of nodes) all.push(`${theme}: ${impact} ${id}: ${target.join(' ')}: ${failureSummary}`);
      }
    }
    return all;
  }, { counted: COUNTED, rules });
}

/** Opens another link in the page that is there. @param {import('playwright-core').Page} page @param {string} link */
async function follow(page, link) {
  await page.evaluate((to) => {
    const { opened } = /** @type {any} */ (globalThis).__scorefield;
    location.hash = to;
    /** @type {any} */ (globalThis).past = opened;
  }, link);
  await page.waitForFunction(() => {
    const h = /** @type {any} */ (globalThis).__scorefield;
    return (h.opened !== /** @type {any} */ (globalThis).past && h.state === 'done') || h.state === 'error';
  }, null, { timeout: 60_000, polling: 50 });
}

/** The labs of the page and the views of each, as its menus offer them. @param {import('playwright-core').Page} page */
async function everyView(page) {
  const labs = await page.locator('#labs a').evaluateAll((all) => all.map((a) => /** @type {HTMLElement} */ (a).dataset.lab ?? ''));
  const links = [];
  for (const lab of labs) {
    await follow(page, `lab=${lab}&seed=1`);
    const views = await page.locator('#stagebar input[name=view]').evaluateAll((all) => all.map((i) => /** @type {HTMLInputElement} */ (i).value));
    assert.ok(views.length >= 2, `${lab} has no views`);
    links.push(...views.map((view) => `lab=${lab}&view=${view}&at=1&seed=0`));
  }
  return links;
}

test('axe-core finds nothing on any view of any lab, nor on what only some links show, light and dark', async (t) => {
  const { page, errors, close } = await examined();
  await page.goto(`${DEV}#lab=toy1d&n=200&steps=8&at=1&seed=0`);
  await done(page);
  const links = [...await everyView(page), ...OTHERS];
  assert.ok(links.length >= 25, links.join('\n'));
  for (const link of links) {
    await t.test(link, async () => {
      await follow(page, link);
      if (link === OTHERS[0]) await page.getByRole('checkbox', { name: 'one step' }).check();
      assert.deepEqual(await found(page), []);
    });
  }
  assert.deepEqual(errors, []);
  await close();
});

test('axe-core finds nothing on any dialog and any menu, wide and narrow', async () => {
  for (const width of [1280, 390]) {
    const { page, errors, close } = await examined({ viewport: { width, height: 844 } });
    await page.goto(`${DEV}#lab=toy1d&n=200&steps=8&at=1&seed=0`);
    await done(page);
    assert.deepEqual(await found(page), [], `the page at ${width}`);
    for (const [opener, title] of [['Help', 'Help'], ['Share', 'Share'], ['Plan', 'Plan']]) {
      await page.getByRole('button', { name: opener, exact: true }).click();
      const dialog = page.getByRole('dialog', { name: title });
      await dialog.waitFor();
      for (const tab of [null, ...await dialog.getByRole('tab').all()]) {
        await tab?.click();
        assert.deepEqual(await found(page), [], `${title}, ${await tab?.innerText() ?? 'opened'}, at ${width}`);
      }
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    }
    for (const summary of await page.locator('summary:visible').all()) await summary.click();
    assert.deepEqual(await found(page), [], `open menus and folds at ${width}`);
    if (width < 760) {
      await page.keyboard.press('h');
      await page.locator('.sheet-open').waitFor();
      assert.deepEqual(await found(page), [], `the sheet of controls at ${width}`);
    }
    assert.deepEqual(errors, []);
    await close();
  }
});

for (const [what, query, link, width] of /** @type {[string, string, string, number][]} */ ([
  ['an embed', 'embed=1', 'lab=toy1d&n=200&steps=8&at=1&seed=0', 640],
  ['an embed whose link does not open', 'embed=1', 'lab=toy1d&stepz=8', 400],
  ['an embed with all its parts', 'embed=1&ui=full', 'lab=toy1d&n=200&steps=8&at=1&seed=0', 640],
  ['a presentation', 'present=1', 'lab=toy1d&n=200&steps=8&at=1&seed=0', 1400],
])) {
  test(`axe-core finds nothing on ${what}`, async () => {
    const { page, errors, close } = await examined({ viewport: { width, height: 600 } });
    await page.goto(`${DEV}?${query}#${link}`);
    await page.waitForFunction(() => ['done', 'error'].includes(/** @type {any} */ (globalThis).__scorefield?.state));
    // An embed stands under the headings of the page around it; a presentation has no head.
    assert.deepEqual(await found(page, { 'page-has-heading-one': { enabled: false } }), []);
    assert.deepEqual(errors, []);
    await close();
  });
}

test('axe-core finds nothing on the gallery and the lessons, wide and narrow', async () => {
  for (const width of [1400, 390]) {
    const { page, errors, close } = await examined({ viewport: { width, height: 844 } });
    for (const path of ['gallery/', 'lessons/', ...lessons(ROOT).map(({ name }) => `lessons/${name}/`)]) {
      await page.goto(DIST + path);
      assert.deepEqual(await found(page), [], `${path} at ${width}`);
    }
    assert.deepEqual(errors, []);
    await close();
  }
});
