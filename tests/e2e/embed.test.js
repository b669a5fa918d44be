// One line in course notes: dist below a path, in a sandboxed frame on another origin's page.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DIST, done, launch, newPage, painted } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

/**
 * A page with embeds; resolves when each has run.
 * @param {string[]} frames  the frames' HTML
 */
async function host(frames) {
  const opened = await newPage(browser);
  await opened.page.setContent(`<!doctype html><title>Notes</title><p>As we saw,</p>${frames.join('')}`);
  return opened;
}

for (const sandbox of ['allow-scripts', 'allow-scripts allow-popups']) {
  test(`sandbox="${sandbox}": samples, without an error or a violation of the policy`, async () => {
    const { page, errors, close } = await host([
      `<iframe src="${DIST}?embed=1#lab=toy1d&n=2000&seed=0" title="Scorefield" sandbox="${sandbox}" width="600" height="480"></iframe>`,
    ]);
    const frame = page.frames()[1];
    const state = await done(frame);
    assert.ok(state.fingerprint);
    assert.ok(await painted(frame), 'the plot is empty');
    assert.ok(await frame.evaluate(() => self.origin === 'null'), 'the frame is not sandboxed');
    assert.ok(await frame.evaluate(() => document.querySelector('meta[http-equiv="Content-Security-Policy"]') !== null));
    assert.deepEqual(errors, []);
    await close();
  });
}

test('a sandboxed embed loads the network of its link', async () => {
  const { page, errors, close } = await host([
    `<iframe src="${DIST}?embed=1#lab=toy1d&process=edm&sampler=heun&steps=18&score=net&n=500&engine=cpu&seed=1" title="Scorefield" sandbox="allow-scripts" width="600" height="480"></iframe>`,
  ]);
  assert.ok((await done(page.frames()[1])).fingerprint);
  assert.deepEqual(errors, []);
  await close();
});

test('an embed never takes the wheel from the page around it', async () => {
  const { page, close } = await host([
    `<div style="height:3000px"></div><iframe src="${DIST}?embed=1#lab=toy1d&n=500&seed=0" sandbox="allow-scripts" width="600" height="480"></iframe><div style="height:3000px"></div>`,
  ]);
  await page.locator('iframe').scrollIntoViewIfNeeded();
  await done(page.frames()[1]);
  const box = await page.locator('iframe').boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const before = await page.evaluate(() => scrollY);
  await page.mouse.wheel(0, 400);
  await page.waitForFunction((y) => scrollY > y, before);
  await close();
});

test('the policy of dist forbids inline scripts and foreign hosts', async () => {
  const { page, errors, close } = await newPage(browser);
  await page.goto(`${DIST}#lab=toy1d&n=500&seed=0`);
  await done(page);
  assert.deepEqual(errors, []);
  const blocked = await page.evaluate(async () => {
    const violations = /** @type {string[]} */ ([]);
    addEventListener('securitypolicyviolation', (e) => violations.push(e.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'globalThis.injected = true';
    document.head.append(script);
    await fetch('http://foreign.example/').catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { violations, injected: 'injected' in globalThis };
  });
  assert.equal(blocked.injected, false);
  assert.deepEqual(blocked.violations.sort(), ['connect-src', 'script-src-elem']);
  await close();
});
