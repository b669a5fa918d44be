// One particle's step in the labs 1-D and 2-D: drawn with its parts, told as the sum of its row of the plan, and played by single steps.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, done, launch, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/** The numbers in a text, with true minus signs. @param {string} text */
const numbersIn = (text) => [...text.matchAll(/([−-]\s*)?\d+(\.\d+)?(·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?/g)].map(([all]) => {
  const [m, e] = all.replace(/\s/g, '').replace('−', '-').split('·10');
  return Number(m) * 10 ** (e ? Number([...e].map((c) => (c === '⁻' ? '-' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c))).join('')) : 0);
});

/** @param {import('playwright-core').Page} page */
const words = (page) => page.locator('.onestep:visible p').first();

for (const [name, link, stages] of /** @type {[string, string, number][]} */ ([
  ['Euler–Maruyama on the line', 'lab=toy1d&process=vp&sampler=em&steps=20&n=60&at=0.5&seed=1', 1],
  ['Heun on the line', 'lab=toy1d&process=edm&sampler=heun&steps=18&n=60&at=0.5&seed=1', 2],
  ['corrections in the plane', 'lab=toy2d&process=vp&sampler=pc&corrections=2&steps=20&n=60&at=0.5&seed=1', 3],
])) {
  test(`${name}: each stage of a step is told as its sum, and . goes on to the next step`, async () => {
    const { page, errors, close } = await newPage(browser, { viewport: { width: 1200, height: 900 } });
    await page.goto(`${DEV}#${link}`);
    await done(page);
    assert.equal(await page.locator('.onestep:visible').count(), 0);
    await page.getByRole('checkbox', { name: 'one step' }).check();
    await page.getByText(/Step \d+ of \d+, particle 1\./).first().waitFor();
    const text = await words(page).innerText();
    const told = text.match(/Stage \d+[^]*?(?=Stage \d|$)/g) ?? [];
    assert.equal(told.length, stages, text);
    for (const stage of told) {
      assert.match(stage, /: x̃? = .*·x.* = .* = /);
      const [, , parts, sum] = stage.split(' = ').length === 5 ? stage.split(' = ').slice(1) : stage.split(' = ');
      const dim = sum.includes('(') ? 2 : 1;
      const [terms, end] = [numbersIn(parts), numbersIn(sum)];
      for (let c = 0; c < dim; c++) {
        const all = terms.filter((_, i) => i % dim === c);
        const total = all.reduce((p, q) => p + q, 0);
        const most = Math.max(...all.map(Math.abs), Math.abs(end[c]));
        assert.ok(Math.abs(total - end[c]) <= 2e-3 * most + 1e-9, `${stage}: ${all} add up to ${total}, not ${end[c]}`);
      }
    }
    const step = Number(/Step (\d+)/.exec(text)?.[1]);
    await page.locator('#plot').focus();
    await page.keyboard.press('.');
    await page.getByText(`Step ${step + 1} of`).first().waitFor();
    await page.getByRole('button', { name: 'Another particle' }).click();
    await page.getByText(/particle 2\./).first().waitFor();
    assert.notEqual(await words(page).innerText(), text);
    await page.keyboard.press('Escape');
    for (const width of [320, 768]) {
      await page.setViewportSize({ width, height: 800 });
      await page.waitForTimeout(200);
      assert.ok(await page.evaluate(() => (document.scrollingElement?.scrollWidth ?? 0) <= innerWidth), `the page scrolls sideways at ${width}`);
      for (const canvas of await page.locator('#plot canvas:visible').all()) {
        const box = await canvas.boundingBox();
        assert.ok(box && box.height >= 90, `a picture of ${box?.height} pixels at ${width}`);
      }
    }
    assert.deepEqual(errors, []);
    await close();
  });
}

test('the last step of a sampler lands on x̂, and is told so', async () => {
  const { page, close } = await newPage(browser, { viewport: { width: 1280, height: 900 } });
  await page.goto(`${DEV}#lab=toy1d&process=edm&sampler=heun&steps=18&n=60&at=1&seed=1`);
  await done(page);
  await page.getByRole('checkbox', { name: 'one step' }).check();
  await page.getByText(/Step 18 of 18/).first().waitFor();
  assert.match(await words(page).innerText(), /: x = x̂ = [−\d.·⁻⁰¹²³⁴⁵⁶⁷⁸⁹10]+, so the step lands on x̂\.$/);
  await close();
});

for (const [lab, link] of [['1-D', 'lab=toy1d&process=edm&sampler=heun&steps=18&n=60&at=0.5&seed=1'], ['2-D', 'lab=toy2d&process=edm&sampler=heun&steps=18&n=60&at=0.5&seed=1']]) {
  test(`${lab}: the step is seen with its picture in a window of 1280 × 900`, async () => {
    const { page, close } = await newPage(browser, { viewport: { width: 1280, height: 900 } });
    await page.goto(`${DEV}#${link}`);
    await done(page);
    await page.getByRole('checkbox', { name: 'one step' }).check();
    await page.getByText(/Step \d+ of 18/).first().waitFor();
    await page.waitForTimeout(300);
    const [picture, step] = await page.locator('#plot canvas:visible').evaluateAll((all) => all.map((el) => el.getBoundingClientRect().toJSON()));
    const foot = await page.locator('#transport').boundingBox();
    assert.ok(foot && picture.height >= 280, `the picture is ${picture.height} pixels high`);
    assert.ok(step.bottom <= foot.y, `the step ends at ${step.bottom}, below ${foot?.y}`);
    await close();
  });
}
