// docs/screenshot.png, the picture of the README, from this link (`cargo xtask screenshot`).

import { fileURLToPath } from 'node:url';
import { DEV, done, launch, newPage } from './browser.js';

const LINK = 'lab=toy1d&target=mixture&process=vp&sampler=em&steps=200&at=0.72&seed=3';

const browser = await launch({ webgpu: false });
const { page } = await newPage(browser, { viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
await page.goto(`${DEV}#${LINK}`);
await done(page);
await page.waitForTimeout(500);
const path = fileURLToPath(new URL('../../docs/screenshot.png', import.meta.url));
await page.screenshot({ path });
await browser.close();
console.log(`docs/screenshot.png shows #${LINK}`);
