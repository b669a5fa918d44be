// The page and its static folder link to the licences of their code.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEV, DIST, launch, newPage } from './browser.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => void (browser = await launch({ webgpu: false })));
after(() => browser?.close());

for (const [name, address] of [['the sources', DEV], ['dist', DIST]]) {
  test(`a link of the page leads to the licences: ${name}`, async () => {
    const { page, close } = await newPage(browser);
    await page.goto(address);
    await page.locator('footer a', { hasText: 'licences' }).click();
    await page.waitForURL(/licences\.txt$/);
    const text = await page.locator('body').innerText();
    for (const part of ['nalgebra', 'wgpu', 'Permission is hereby granted', 'Mozilla Public License']) assert.ok(text.includes(part), part);
    await close();
  });
}
