// On paper: light colours in every theme, nothing cut off, and the link with its settings.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, handle, launch, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch({ webgpu: false });
});
after(() => browser?.close());

const A4 = 703; // pixels between the margins

const VIEWS = {
  density: 'v=1&lab=toy1d&target=comb&at=1&seed=0',
  sweep: 'v=1&lab=toy1d&n=100&view=sweep&at=1&seed=0',
  torus: 'v=1&lab=torus&n=500&steps=8&at=1&seed=0',
  'two chains': 'v=1&lab=lgssm&model=damped-spring&n=32&steps=8&at=1&b.guidance=pigdm&seed=4',
  'two covariances': 'v=1&lab=lgssm&model=rotation&n=32&steps=8&view=covariance&at=1&b.guidance=pigdm&seed=4',
  errors: 'v=1&lab=toy1d&process=edm&sampler=heun&steps=18&score=net&n=50&view=errors&at=1&seed=0',
  race: 'v=1&lab=filter&n=10&cycles=5&view=race&at=1&seed=0',
};

/** Keeps the colours of the texts of each drawing, and what was drawn when the page was printed. */
function noteColours() {
  const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    (/** @type {any} */ (this.canvas).colours ??= []).push(String(this.fillStyle));
    return fillText.call(this, text, ...rest);
  };
  CanvasRenderingContext2D.prototype.clearRect = function (x, y, w, h) {
    if (x === 0 && y === 0) /** @type {any} */ (this.canvas).colours = [];
    return clearRect.call(this, x, y, w, h);
  };
  addEventListener('afterprint', () => { // heard before the page takes its own preparations back
    /** @type {any} */ (globalThis).printed = [...document.querySelectorAll('#plot canvas')].map((c) => ({ colours: /** @type {any} */ (c).colours, width: c.clientWidth }));
  });
}

/** How light '#rrggbb' or 'rgb(…)' is, 0 … 1. @param {string} color */
function lightness(color) {
  const parts = color.startsWith('#') ? [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)) : (color.match(/[\d.]+/g) ?? []).map(Number);
  return (0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]) / 255;
}

for (const [view, link] of Object.entries(VIEWS)) {
  for (const width of [1400, 390]) {
    test(`${view}, from a dark window of ${width}: light on paper, and nothing cut`, async () => {
      const { page, errors, close } = await newPage(browser, { viewport: { width, height: 900 }, colorScheme: 'dark' });
      await page.addInitScript(noteColours);
      await page.goto(`${DEV}#${link}`);
      await done(page, 60_000);
      await page.locator('progress').waitFor({ state: 'detached', timeout: 60_000 });
      const pdf = await page.pdf({ format: 'A4' });
      assert.ok(pdf.length > 10_000);
      const printed = await page.evaluate(() => /** @type {any} */ (globalThis).printed);
      assert.ok(printed.length > 0);
      for (const canvas of printed) {
        assert.ok(canvas.width > 300, `a picture was drawn ${canvas.width} pixels wide`);
        assert.ok(canvas.colours.length > 3);
        for (const color of new Set(canvas.colours)) assert.ok(lightness(color) < 0.55, `text in ${color}`);
      }
      assert.equal(await page.evaluate(() => document.documentElement.classList.contains('printing')), false);
      // The layout of the paper, to be measured.
      await page.setViewportSize({ width: A4, height: 1000 });
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      await page.waitForFunction(() => document.documentElement.classList.contains('printing'));
      const colors = await page.evaluate(() => ['body', '.words p', '.number b', '.paper dd'].map((q) => getComputedStyle(/** @type {Element} */ (document.querySelector(q))).color));
      for (const color of colors) assert.ok(lightness(color) < 0.4, color);
      const cut = await page.evaluate(() => {
        const wrong = [];
        if ((document.scrollingElement?.scrollWidth ?? 0) > innerWidth) wrong.push(`${document.scrollingElement?.scrollWidth} pixels of ${innerWidth}`);
        for (const el of document.querySelectorAll('.formula, .words p, .metrics, .paper p, .paper dd, #plot canvas')) {
          const inner = el instanceof HTMLElement ? [...el.querySelectorAll('math')].map((m) => m.getBoundingClientRect().right) : [];
          const at = el.getBoundingClientRect();
          const column = el.closest('section, .paper, .stage, .words')?.getBoundingClientRect() ?? at;
          if (Math.max(at.right, ...inner) > column.right + 2) wrong.push(`${el.className || el.tagName}: ${el.textContent?.slice(0, 60)}`);
        }
        return wrong;
      });
      assert.deepEqual(cut, []);
      const paper = await page.locator('#paper').innerText();
      assert.ok(paper.includes(`#${(await handle(page)).opened?.link}`), paper);
      assert.match(paper, new RegExp(`Seed\\s+${/seed=(\d)/.exec(link)?.[1]}`));
      assert.match(paper, /Sampler\s+(Ancestral \(DDPM\)|Heun|DPM-Solver\+\+ 2M)|Method\s+Langevin/);
      assert.match(paper, /Fingerprint /);
      // Afterwards the window is dark again.
      await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
      await page.waitForFunction(() => !document.documentElement.classList.contains('printing'));
      assert.ok(lightness(await page.evaluate(() => getComputedStyle(document.body).color)) > 0.6);
      assert.deepEqual(errors, []);
      await close();
    });
  }
}

for (const query of ['embed=1', 'embed=1&ui=full&theme=dark', 'present=1']) {
  test(`?${query} on paper: the numbers stand below the picture, with the link and without what is for a screen`, async () => {
    const { page, errors, close } = await newPage(browser, { viewport: { width: 1400, height: 700 } });
    await page.goto(`${DEV}?${query}#lab=toy1d&n=500&at=1&seed=0`);
    await done(page);
    await page.setViewportSize({ width: A4, height: 1000 });
    await page.waitForFunction((width) => [...document.querySelectorAll('#plot canvas')].every((c) => c instanceof HTMLCanvasElement
      && c.clientWidth <= width && c.width === Math.round(c.clientWidth * devicePixelRatio) && c.height === Math.round(c.clientHeight * devicePixelRatio)), A4);
    assert.ok((await page.pdf({ format: 'A4' })).length > 10_000);
    await page.emulateMedia({ media: 'print' }); // which keeps the shape of the picture as it was drawn
    await page.waitForFunction(() => document.documentElement.classList.contains('printing'));
    const [plot, numbers, paper] = await Promise.all(['#plot', '#metrics', '#paper'].map((place) => page.locator(place).boundingBox()));
    assert.ok(plot && numbers && paper && plot.height > 200);
    assert.ok(numbers.y >= plot.y + plot.height - 1 && numbers.y < plot.y + plot.height + 40, JSON.stringify([plot, numbers]));
    assert.ok(paper.y >= numbers.y + numbers.height - 1 && paper.y < 1000, JSON.stringify([numbers, paper]));
    for (const place of ['.slides', '.openfull', '#transport', '#panel']) assert.equal(await page.locator(place).filter({ visible: true }).count(), 0, place);
    assert.match(await page.locator('#paper').innerText(), /#v=1&lab=toy1d.*seed=0/);
    assert.ok(lightness(await page.evaluate(() => getComputedStyle(document.body).color)) < 0.4);
    assert.deepEqual(errors, []);
    await close();
  });
}

for (const [what, link, a, b] of /** @type {const} */ ([
  ['rules of guidance', 'lab=lgssm&n=40&steps=8&at=1&b.guidance=sda&b.gamma=0.1&seed=0', /^A · Exact guidance/, /^B · SDA/],
  ['numbers', 'lab=lgssm&n=40&steps=8&at=1&b.n=50&seed=0', /^A · Chains n = 40 ·/, /^B · Chains n = 50 ·/],
  ['seeds', 'lab=toy1d&n=40&steps=8&at=1&b.seed=1&seed=0', /^A · Seed = 0 · DDPM/, /^B · Seed = 1 · DDPM/],
  ['laws', 'lab=toy2d&n=40&steps=8&at=1&b.target=moons&seed=0', /^A · Checkerboard · EDM/, /^B · Two moons · EDM|^B · Moons · EDM/],
])) {
  test(`the headings of two configurations differ by their ${what}, on paper, above the pictures and in the title`, async () => {
    const { page, errors, close } = await newPage(browser);
    await page.goto(`${DEV}#${link}`);
    await done(page);
    const captions = await page.locator('#plot figcaption').allInnerTexts();
    await page.emulateMedia({ media: 'print' });
    await page.waitForFunction(() => document.documentElement.classList.contains('printing'));
    const headings = await page.locator('#paper > b').allInnerTexts();
    assert.match(headings[0], a);
    assert.match(headings[1], b);
    assert.deepEqual(captions, headings);
    assert.equal(await page.title(), `${headings.map((text) => text.slice(4)).join(' against ')} · Scorefield`);
    const paper = await page.locator('#paper').innerText();
    assert.equal(/Chains n/.test(paper), /lgssm/.test(link));
    assert.equal(/Particles n/.test(paper), !/lgssm/.test(link));
    assert.deepEqual(errors, []);
    await close();
  });
}
