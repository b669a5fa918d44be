// Every view at the widths of phones, tablets and desktops: nothing scrolls sideways, nothing is drawn outside its
// frame, plots keep a useful size, and everything without room on a narrow screen stays within reach.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, handle, launch, newPage } from './browser.js';

const VIEWS = {
  density: 'lab=toy1d&at=1&seed=0',
  histogram: 'lab=toy1d&n=4000&view=histogram&at=1&seed=0',
  flow: 'lab=toy1d&target=mixture&process=edm&sampler=heun&steps=18&n=4000&view=flow&at=1&seed=0',
  sweep: 'lab=toy1d&target=mixture&process=vp&sampler=heun&steps=10&n=300&view=sweep&at=1&seed=0',
  'sweep, compared': 'lab=toy1d&target=mixture&process=vp&sampler=heun&steps=10&n=200&view=sweep&at=1&b.process=edm&seed=0',
  'densities, compared': 'lab=toy1d&process=vp&sampler=ddim&steps=10&n=4000&at=1&b.sampler=heun&seed=0',
  'histograms, compared': 'lab=toy1d&process=vp&sampler=ddim&steps=10&n=4000&view=histogram&at=1&b.sampler=heun&seed=0',
  errors: 'lab=toy1d&process=edm&sampler=heun&steps=18&score=net&n=100&view=errors&at=1&seed=0',
  plane: 'lab=toy2d&n=2000&steps=20&at=1&seed=0',
  'flow in the plane': 'lab=toy2d&target=swissroll&n=1000&steps=20&view=flow&at=0.8&seed=0',
  'density in the plane': 'lab=toy2d&target=pinwheel&n=500&steps=20&view=density&at=0.7&seed=0',
  trajectories: 'lab=toy2d&target=moons&n=500&steps=20&view=trajectories&at=0.8&seed=0',
  'planes, compared': 'lab=toy2d&target=moons&n=1000&steps=12&at=0.7&b.process=fm&seed=0',
  torus: 'lab=torus&n=4000&steps=20&at=1&seed=0',
  'thick torus': 'lab=torus&n=4000&steps=20&minor=0.95&at=1&seed=0',
  'tori, compared': 'lab=torus&n=2000&steps=12&at=1&b.process=fm&seed=0',
  angles: 'lab=torus&n=1000&steps=20&view=angles&at=1&seed=0',
  chain: 'lab=lgssm&at=1&seed=0',
  'chains, compared': 'lab=lgssm&model=damped-spring&at=1&b.guidance=dps&seed=0',
  'score error': 'lab=lgssm&score=blanket&k=2&guidance=none&view=score-error&at=1&seed=0',
  'score errors, compared': 'lab=lgssm&score=blanket&k=2&guidance=none&view=score-error&at=1&b.score=net&seed=0',
  covariance: 'lab=lgssm&view=covariance&at=1&seed=0',
  'covariances, compared': 'lab=lgssm&model=rotation&view=covariance&at=1&b.guidance=pigdm&seed=0',
  cost: 'lab=lgssm&view=cost&at=1&seed=0',
  'costs, compared': 'lab=lgssm&view=cost&at=1&b.guidance=sda&b.gamma=0.1&seed=0',
  phase: 'lab=lgssm&model=damped-spring&view=phase&at=1&seed=0',
  'phases, compared': 'lab=lgssm&model=damped-spring&view=phase&at=1&b.guidance=dps&seed=0',
  'states of a filter': 'lab=filter&at=1&seed=0',
  'states, compared': 'lab=filter&at=1&b.method=enkf&seed=0',
  'states in space': 'lab=filter&model=lorenz63&cycles=40&at=1&seed=0',
  'many states': 'lab=filter&model=lorenz96&cycles=20&at=1&seed=0',
  'one update': 'lab=filter&view=density&at=0.5&seed=0',
  ranks: 'lab=filter&view=ranks&at=1&seed=0',
  'accuracy of a filter': 'lab=filter&view=accuracy&at=1&seed=0',
  'a film': 'lab=turbulence&frames=8&method=posterior&at=1&seed=0',
  'a film of members': 'lab=turbulence&frames=5&method=enkf&n=8&at=1&seed=0',
  'films, compared': 'lab=turbulence&frames=8&method=posterior&b.method=interpolate&at=1&seed=0',
  'accuracy of a film': 'lab=turbulence&frames=8&method=posterior&view=accuracy&at=1&seed=0',
  'spectrum of a film': 'lab=turbulence&frames=8&method=posterior&view=spectrum&at=1&seed=0',
  'residual of a film': 'lab=turbulence&frames=8&method=posterior&view=residual&at=1&seed=0',
  race: 'lab=filter&n=20&cycles=10&view=race&at=1&seed=0',
};
const SIZES = [[320, 700], [390, 844], [768, 800], [1400, 900]];

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch({ webgpu: false });
});
after(() => browser?.close());

/** Notes where each text of the last drawing of a canvas is, in its own pixels, and the frames that drawing was held in. */
function noteTexts() {
  const proto = CanvasRenderingContext2D.prototype;
  const { fillText, clearRect, rect, clip, save, restore } = proto;
  proto.rect = function (x, y, w, h) {
    const { a, d, e, f } = this.getTransform(); // in the canvas’s own pixels, as the texts
    /** @type {any} */ (this).last = { x: a * x + e, y: d * y + f, w: a * w, h: d * h };
    return rect.call(this, x, y, w, h);
  };
  proto.clip = function (/** @type {any[]} */ ...how) {
    const own = /** @type {any} */ (this);
    own.held = own.last;
    (/** @type {any} */ (this.canvas).frames ??= []).push(own.last);
    return /** @type {any} */ (clip).apply(this, how);
  };
  proto.save = function () {
    (/** @type {any} */ (this).stack ??= []).push(/** @type {any} */ (this).held);
    return save.call(this);
  };
  proto.restore = function () {
    /** @type {any} */ (this).held = /** @type {any} */ (this).stack?.pop();
    return restore.call(this);
  };
  proto.fillText = function (text, x, y, ...rest) {
    const m = this.measureText(text);
    const to = this.getTransform();
    const corners = [[x - m.actualBoundingBoxLeft, y - m.actualBoundingBoxAscent], [x + m.actualBoundingBoxRight, y + m.actualBoundingBoxDescent]].map(([p, q]) => to.transformPoint({ x: p, y: q }));
    const [xs, ys] = [corners.map((c) => c.x), corners.map((c) => c.y)];
    (/** @type {any} */ (this.canvas).texts ??= []).push({ text, frame: /** @type {any} */ (this).held, left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) });
    return fillText.call(this, text, x, y, ...rest);
  };
  proto.clearRect = function (x, y, w, h) {
    if (x === 0 && y === 0) Object.assign(this.canvas, { texts: [], frames: [] });
    return clearRect.call(this, x, y, w, h);
  };
}

/** Waits until the pictures have been drawn at the size that they have now. @param {import('playwright-core').Page} page */
function drawn(page) {
  return page.waitForFunction(() => [...document.querySelectorAll('#plot canvas')].every((c) => {
    const canvas = /** @type {HTMLCanvasElement} */ (c);
    return canvas.width === Math.round(canvas.clientWidth * devicePixelRatio) && canvas.height === Math.round(canvas.clientHeight * devicePixelRatio);
  }), null, { polling: 'raf' }).then(() => page.evaluate(() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))));
}

/** @param {import('playwright-core').Page} page */
const measured = (page) => page.evaluate(() => {
  const round = document.querySelector('#plot canvas.turn') !== null; // nothing of a torus reaches its frame
  const wrong = [];
  const wide = document.scrollingElement?.scrollWidth ?? 0;
  if (wide > innerWidth) wrong.push(`the page is ${wide - innerWidth} pixels wider than the window`);
  const plot = /** @type {HTMLElement} */ (document.getElementById('plot')).getBoundingClientRect();
  const fills = [];
  for (const canvas of /** @type {NodeListOf<HTMLCanvasElement>} */ (document.querySelectorAll('#plot canvas'))) {
    const at = canvas.getBoundingClientRect();
    if (at.left < plot.left - 1 || at.right > plot.right + 1 || at.top < plot.top - 1 || at.bottom > plot.bottom + 1) wrong.push(`a canvas leaves the plot: ${JSON.stringify([at, plot])}`);
    for (const t of /** @type {any} */ (canvas).texts ?? []) {
      if (t.bottom < -1000) continue; // measured, not drawn
      if (t.left < -1 || t.top < -1 || t.right > canvas.width + 1 || t.bottom > canvas.height + 1) wrong.push(`“${t.text}” leaves the canvas`);
      if (t.frame && (t.left < t.frame.x - 1 || t.right > t.frame.x + t.frame.w + 1 || t.top < t.frame.y - 1 || t.bottom > t.frame.y + t.frame.h + 1)) wrong.push(`“${t.text}” is cut by its frame`);
      if (t.text.endsWith('…')) wrong.push(`“${t.text}” is cut`);
    }
    const { data, width, height } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height);
    const ink = (/** @type {number} */ x, /** @type {number} */ y) => data[4 * (y * width + x) + 3] > 60;
    for (const f of round ? /** @type {any} */ (canvas).frames ?? [] : []) {
      let cut = 0;
      for (let y = Math.ceil(f.y); y < f.y + f.h - 1; y++) cut += Number(ink(Math.ceil(f.x) + 1, y)) + Number(ink(Math.floor(f.x + f.w) - 2, y));
      if (cut) wrong.push(`${cut} pixels of ink at the edges of the frame`);
    }
    const sides = { left: 0, right: 0, top: 0, bottom: 0 };
    let [first, last] = [height, 0];
    for (let y = 0; y < height; y++) {
      sides.left += Number(ink(0, y));
      sides.right += Number(ink(width - 1, y));
      for (let x = 0; x < width; x++) {
        if (!ink(x, y)) continue;
        first = Math.min(first, y);
        last = y;
      }
    }
    for (let x = 0; x < width; x++) {
      sides.top += Number(ink(x, 0));
      sides.bottom += Number(ink(x, height - 1));
    }
    for (const [side, n] of Object.entries(sides)) if (n > 2) wrong.push(`${n} pixels of ink at the ${side} edge`);
    fills.push((last - first + 1) / height);
  }
  return { wrong, fills, heights: [...document.querySelectorAll('#plot canvas')].map((c) => c.clientHeight) };
});

/**
 * Goes through all views in one page, as a visitor does, and looks at each at several sizes.
 * @param {import('node:test').TestContext} t @param {import('playwright-core').BrowserContextOptions} options
 * @param {number[][]} sizes @param {(view: string, found: Awaited<ReturnType<typeof measured>>, width: number) => void} check
 */
async function everyView(t, options, sizes, check) {
  const { page, errors, close } = await newPage(browser, options);
  await page.addInitScript(noteTexts);
  await page.goto(`${DEV}#lab=toy1d&n=100&steps=2&seed=0`);
  await done(page);
  for (const [view, link] of Object.entries(VIEWS)) {
    await t.test(view, async () => {
      const before = (await handle(page)).opened?.link;
      await page.evaluate((to) => void (location.hash = to), link);
      await page.waitForFunction((last) => {
        const { opened, fingerprints } = /** @type {any} */ (globalThis).__scorefield;
        return opened && opened.link !== last && fingerprints.every(Boolean);
      }, before, { timeout: 120_000 });
      await done(page, 120_000);
      await page.locator('progress').waitFor({ state: 'detached', timeout: 120_000 });
      for (const [width, height] of sizes) {
        await page.setViewportSize({ width, height });
        await drawn(page);
        check(view, await measured(page), width);
      }
    });
  }
  assert.deepEqual(errors, []);
  await close();
}

test('every view is inside its frame at every width', (t) => everyView(t, { viewport: { width: SIZES[0][0], height: SIZES[0][1] } }, SIZES, (view, { wrong, fills, heights }, width) => {
  assert.deepEqual(wrong, [], `at ${width}`);
  for (const h of heights) assert.ok(h >= 250, `a plot of ${h} pixels at ${width}`);
  if (view.startsWith('covariance')) for (const fill of fills) assert.ok(fill > 0.86, `the matrices fill ${fill} of the height at ${width}`);
}));

const PAIRS = ['densities, compared', 'histograms, compared', 'planes, compared', 'tori, compared', 'chains, compared', 'states, compared', 'films, compared'];
/** Comparisons whose pictures have many panels, with the least height of one. @type {Record<string, { link: string, least: number }>} */
const CROWDED = {
  'covariances, compared': { link: VIEWS['covariances, compared'], least: 60 },
  'chains’ covariances, compared': { link: 'lab=lgssm&view=covariance&n=64&at=1&b.guidance=pigdm&seed=0', least: 60 },
  'updates, compared': { link: 'lab=filter&view=density&at=0.5&b.method=enkf&seed=0', least: 24 },
  'many states, compared': { link: 'lab=filter&model=lorenz96&cycles=20&at=1&b.method=letkf&seed=0', least: 36 },
  'long films, compared': { link: 'lab=turbulence&method=posterior&b.method=interpolate&at=1&seed=0', least: 36 },
};

test('an embed of a comparison is readable where it is narrow: one side below the other, each with room for its panels', async (t) => {
  const { page, errors, close } = await newPage(browser, { viewport: { width: 320, height: 420 } });
  await page.addInitScript(noteTexts);
  for (const view of [...PAIRS, ...Object.keys(CROWDED)]) {
    await t.test(view, async () => {
      const crowded = CROWDED[view];
      await page.goto('about:blank');
      await page.goto(`${DEV}?embed=1#${crowded?.link ?? VIEWS[/** @type {keyof typeof VIEWS} */ (view)]}`);
      await done(page, 120_000);
      for (const width of [320, 400, 600]) {
        await page.setViewportSize({ width, height: 420 });
        await drawn(page);
        const { wrong } = await measured(page);
        assert.deepEqual(wrong, [], `at ${width}`);
        const sides = await page.locator('#plot canvas').evaluateAll((all) => all.map((canvas) => {
          const { top, bottom, width: w } = canvas.getBoundingClientRect();
          const panels = /** @type {any} */ (canvas).frames.map((/** @type {{ h: number }} */ { h }) => h);
          return { top, bottom, w, least: panels.length ? Math.min(...panels) : Infinity };
        }));
        assert.equal(sides.length, 2);
        assert.ok(sides[1].top >= sides[0].bottom, `A and B stand beside each other at ${width}`);
        for (const { top, bottom, w, least } of sides) {
          assert.ok(bottom - top >= 230 && w >= 0.85 * width, `a picture of ${w} × ${bottom - top} at ${width}`);
          assert.ok(least >= (crowded?.least ?? (view.startsWith('films') ? 36 : 70)), `a panel of ${least} pixels at ${width}`);
        }
        for (const words of await page.locator('#plot figcaption').all()) {
          assert.ok(await words.evaluate((el) => el.scrollWidth <= el.clientWidth + 1), `${await words.innerText()} is cut at ${width}`);
        }
      }
    });
  }
  assert.deepEqual(errors, []);
  await close();
});

test('what follows a comparison stands below its numbers on a phone, not over them', async () => {
  const { page, errors, close } = await newPage(browser, { viewport: { width: 320, height: 700 } });
  await page.goto(`${DEV}#${VIEWS['densities, compared']}`);
  await done(page);
  await page.locator('#words > *').first().waitFor();
  const [lesson, below] = await Promise.all([page.locator('#lesson').boundingBox(), page.locator('#words').boundingBox()]);
  assert.ok(lesson && below && below.y >= lesson.y + lesson.height, `${JSON.stringify(lesson)} and ${JSON.stringify(below)}`);
  assert.deepEqual(errors, []);
  await close();
});

test('every view is inside its frame at 200 % zoom, and the page does not scroll sideways', (t) => everyView(t, { viewport: { width: 700, height: 450 }, deviceScaleFactor: 2 }, [[384, 400], [700, 450]], (_, { wrong, heights }, width) => {
  assert.deepEqual(wrong, [], `at ${2 * width} zoomed to ${width}`);
  for (const h of heights) assert.ok(h >= 200, `a plot of ${h} pixels at ${width}`);
}));

for (const [width, height] of [SIZES[0], SIZES[3]]) {
  test(`no picture changes its size when a run begins, at ${width}`, async (t) => {
    const { page, errors, close } = await newPage(browser, { viewport: { width, height } });
    await page.goto(`${DEV}#lab=toy1d&n=500&at=1&seed=1`);
    await done(page);
    for (const link of ['lab=toy1d&n=300000&at=1', 'lab=toy2d&n=200000&at=1', 'lab=torus&n=100000&at=1', 'lab=lgssm&n=2048&at=1', 'lab=filter&n=2000&at=1']) {
      await t.test(link, async () => {
        await page.evaluate((to) => void (location.hash = to), `${link.replace(/n=\d+/, 'n=100')}&seed=1`);
        await page.waitForFunction((lab) => /** @type {any} */ (globalThis).__scorefield.opened.lab === lab, new URLSearchParams(link).get('lab'));
        await done(page);
        await drawn(page);
        const sizes = await page.evaluate((to) => new Promise((then) => {
          const all = new Set();
          const own = () => [...document.querySelectorAll('#plot canvas')].map((c) => `${c.clientWidth} × ${c.clientHeight}`).join();
          const begun = own();
          let seen = false;
          const look = () => {
            all.add(own());
            const { state } = /** @type {any} */ (globalThis).__scorefield;
            seen ||= state === 'running';
            if (seen && state !== 'running') then({ begun, all: [...all], seen });
            else requestAnimationFrame(look);
          };
          location.hash = to;
          requestAnimationFrame(look);
        }), `${link}&seed=2`);
        assert.ok(sizes.seen, 'nothing ran');
        assert.deepEqual(sizes.all, [sizes.begun]);
      });
    }
    assert.deepEqual(errors, []);
    await close();
  });
}

test('dialogs, menus and the sheet of controls fit into every window', async () => {
  for (const [width, height] of SIZES) {
    const { page, errors, close } = await newPage(browser, { viewport: { width, height } });
    await page.goto(`${DEV}#lab=lgssm&n=16&steps=8&at=1&seed=0`);
    await done(page);
    const fits = async (/** @type {import('playwright-core').Locator} */ part, /** @type {string} */ name) => {
      const box = await part.boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= width + 1, `${name} is at ${JSON.stringify(box)} at ${width}`);
      const wide = await part.evaluate((el) => [el, ...el.querySelectorAll('*')].filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'visible' && e.clientWidth > 0 && getComputedStyle(e).display !== 'inline').map((e) => `${e.tagName}.${e.className}`));
      assert.deepEqual(wide, [], `${name} is wider than its place at ${width}`);
      assert.ok(await page.evaluate(() => (document.scrollingElement?.scrollWidth ?? 0) <= innerWidth), `the page scrolls sideways under ${name} at ${width}`);
    };
    for (const name of ['Help', 'Share', 'Plan']) {
      await page.getByRole('button', { name, exact: true }).click();
      await fits(page.getByRole('dialog', { name }), name);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    const tools = await page.locator('#tools summary').boundingBox();
    for (const tab of await page.locator('#labs a').all()) {
      const box = await tab.boundingBox();
      const name = await tab.innerText();
      assert.ok(box && box.x >= 0 && box.x + box.width <= width, `the tab ${name} is cut at ${width}`);
      assert.ok(tools && (box.x + box.width <= tools.x || box.y + box.height <= tools.y || box.y >= tools.y + tools.height), `the tab ${name} lies on the tools at ${width}`);
    }
    await page.locator('#tools summary').click();
    await fits(page.locator('#tools .pop'), 'the menu of engines');
    await page.keyboard.press('Escape');
    if (width < 760) {
      await page.keyboard.press('h');
      await page.locator('.sheet-open').waitFor();
      await page.waitForTimeout(300);
      await fits(page.locator('#panel'), 'the sheet of controls');
    }
    assert.deepEqual(errors, []);
    await close();
  }
});

test('progress floats: the picture has the same size with it and without', async () => {
  const { page, errors, close } = await newPage(browser, { viewport: { width: 1400, height: 900 } });
  const size = () => page.locator('#plot canvas').evaluate((c) => [c.clientWidth, c.clientHeight]);
  await page.goto(`${DEV}#lab=toy1d&score=empirical&n=500&at=1&seed=0`);
  await done(page);
  const before = await size();
  await page.goto(`${DEV}#lab=toy1d&score=empirical&n=1000000&steps=500&at=1&seed=0`);
  await page.getByRole('button', { name: 'Cancel' }).waitFor();
  await page.locator('#plot canvas').waitFor();
  assert.deepEqual(await size(), before);
  const bar = await page.locator('.box.work').boundingBox();
  const plot = await page.locator('#plot').boundingBox();
  assert.ok(bar && plot && bar.y > plot.y + plot.height / 2 && bar.y + bar.height <= plot.y + plot.height, 'the progress is not over the foot of the plot');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled at step').waitFor();
  assert.deepEqual(errors, []);
  await close();
});

for (const [width, height] of SIZES) {
  test(`progress covers neither position nor buttons at ${width}`, async () => {
    const { page, errors, close } = await newPage(browser, { viewport: { width, height } });
    await page.goto(`${DEV}#lab=toy2d&n=1000000&steps=1000&engine=cpu&b.steps=500&seed=0`);
    const box = page.locator('.box.work');
    await box.waitFor();
    const [over, under] = await Promise.all([box.boundingBox(), page.locator('#transport').boundingBox()]);
    assert.ok(over && under && over.y >= 0 && over.y + over.height <= under.y, `${JSON.stringify(over)} and ${JSON.stringify(under)}`);
    await page.keyboard.press('Escape');
    await page.getByText(/^Cancelled A at step \d+ of 1000, B at step \d+ of 500\. .*“Run again” starts from the beginning\.$/).waitFor();
    assert.deepEqual(errors, []);
    await close();
  });

  test(`t, α, σ and the plan are within reach at ${width}`, async () => {
    const { page, errors, close } = await newPage(browser, { viewport: { width, height } });
    await page.goto(`${DEV}#lab=toy1d&process=vp&n=500&at=0.5&seed=0`);
    await done(page);
    const readout = page.locator('.readout');
    assert.match(await readout.innerText(), /t 0\.5\d*\s+α 0\.\d+\s+σ 0\.\d+\s+step 50 of 100/);
    for (const part of [...await readout.locator('span').all(), page.getByRole('button', { name: 'Plan', exact: true }), page.getByLabel('Speed'), ...await page.locator('.transport .round').all()]) {
      const at = await part.boundingBox();
      assert.ok(at && at.x >= 0 && at.x + at.width <= width && at.y + at.height <= height, `${await part.innerText()} is at ${JSON.stringify(at)}`);
    }
    for (const tab of await page.locator('#labs a').all()) {
      const at = await tab.boundingBox();
      assert.ok(at && at.x >= 0 && at.x + at.width <= width, `the tab ${await tab.innerText()} is at ${JSON.stringify(at)}`);
    }
    await page.getByRole('button', { name: 'Plan', exact: true }).click();
    await page.getByRole('dialog', { name: 'Plan' }).waitFor();
    assert.deepEqual(errors, []);
    await close();
  });

  test(`the menu of samplers of two configurations opens inside the window at ${width}`, async () => {
    const { page, close } = await newPage(browser, { viewport: { width, height } });
    await page.goto(`${DEV}#lab=toy1d&n=100&view=sweep&at=1&b.process=edm&seed=0`);
    await done(page);
    await page.locator('#stagebar summary').click();
    const at = await page.locator('#stagebar .pop').boundingBox();
    assert.ok(at && at.x >= 0 && at.x + at.width <= width, JSON.stringify(at));
    assert.ok(await page.evaluate(() => (document.scrollingElement?.scrollWidth ?? 0) <= innerWidth), 'the page scrolls sideways');
    await close();
  });
}

test('what the lab of chains is about stands first, the model’s numbers are folded', async () => {
  const { page, errors, close } = await newPage(browser, { viewport: { width: 1400, height: 900 } });
  await page.goto(`${DEV}#lab=lgssm&n=32&steps=8&score=blanket&guidance=sda&at=1&seed=0`);
  await done(page);
  const panel = page.locator('#panel');
  const shown = await panel.locator('label:visible').allInnerTexts();
  assert.deepEqual(shown.slice(0, 6).map((t) => t.trim()), ['Model', 'Guidance', 'γ', 'Score', 'Half-window k', 'Method']);
  for (const name of ['Guidance', 'Score', 'Method']) {
    const at = await panel.getByLabel(name, { exact: true }).boundingBox();
    assert.ok(at && at.y + at.height < 900, `${name} is below the fold`);
  }
  assert.equal(await panel.getByLabel('Memory a').first().isVisible(), false);
  await panel.getByText('Model and observations').click();
  assert.equal(await panel.getByLabel('Memory a').first().isVisible(), true);
  // Own matrices are what one chooses them for: the fold opens with them.
  await panel.getByText('Model and observations').click();
  await panel.getByLabel('Model', { exact: true }).selectOption('custom');
  await panel.getByLabel('Transition T').waitFor();
  assert.deepEqual(errors, []);
  await close();
});

test('formulas in the help of the controls are set, and none is left as raw TeX', async () => {
  for (const link of ['lab=lgssm&guidance=sda&n=16&steps=8', 'lab=lgssm&model=custom&T=0.9&Q=0.19&O=1&R=0.25&guidance=pigdm&operator=saturating&n=16&steps=8', 'lab=toy1d&process=fm&sampler=heun&grid=karras&n=16', 'lab=toy1d&process=trig&sampler=heun&target=gaussian&n=16', 'lab=toy1d&process=follmer&sampler=heun&grid=log-snr&init=quantile&n=16', 'lab=toy1d&process=ou&n=16']) {
    const { page, errors, close } = await newPage(browser);
    await page.goto(`${DEV}#${link}&seed=0`);
    await done(page);
    const helps = await page.locator('#panel .help').evaluateAll((all) => all.map((el) => ({ raw: el.textContent ?? '', set: el.querySelectorAll('math').length, plain: [...el.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent).join(' ') })));
    for (const { raw, plain } of helps) {
      assert.doesNotMatch(raw, /\$/, raw);
      assert.doesNotMatch(plain, /[a-z]_[a-z{]|\^[({]|√\(/i, plain);
    }
    assert.ok(helps.some(({ set }) => set > 0), `no formula is set for ${link}`);
    assert.deepEqual(errors, []);
    await close();
  }
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DEV}#lab=lgssm&n=16&steps=8&seed=0`);
  await done(page);
  const memory = page.locator('#c-a-help math');
  assert.equal(await memory.locator('msub').count(), 2);
  assert.equal(await memory.evaluate((el) => el.textContent), 'xi=a·xi−1+N(0,b2)');
  assert.deepEqual(errors, []);
  await close();
});
