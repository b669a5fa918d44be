// Pictures of links: the page opens one after the other and its plot is kept.

import { writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { linkText } from './links.js';

/**
 * A link, where its picture goes, what asked for it; and where the page is not an embed alone in its frame: its display flags, the size
 * of its window, and what the picture may weigh.
 * @typedef {object} Shot
 * @property {string} link
 * @property {string} file
 * @property {string} named
 * @property {string} [query]
 * @property {{ width: number, height: number }} [size]
 * @property {number} [limit]
 */

/** What a still may weigh. */
export const LIMIT_BYTES = 40_000;
const QUALITIES = [82, 70, 58, 46, 34];
/** Of the frame, in CSS pixels: 1,200 pixels of the picture are what social cards show. */
const SIZE = { width: 800, height: 450 };
const SCALE = 1.5;
const PATIENCE_MS = 180_000;

/**
 * Takes the pictures, in one browser and one page, and tells of each the fingerprints that the page shows, of both sides of a comparison.
 * @param {{ browser: string, page: string, shots: Shot[], told: (done: number, shot: Shot, fingerprints: string[]) => void }} given
 */
export async function take({ browser: executablePath, page: address, shots, told }) {
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-features=WebGPU'],
  });
  try {
    const context = await browser.newContext({ viewport: SIZE, deviceScaleFactor: SCALE, colorScheme: 'light', reducedMotion: 'reduce', bypassCSP: true });
    const page = await context.newPage();
    for (const [i, shot] of shots.entries()) {
      await page.setViewportSize(shot.size ?? SIZE);
      await page.goto(`${address}?${shot.query ?? 'embed=1&theme=light&ui=noplay,nonumbers'}#${shot.link}`);
      if (i === 0) await page.addStyleTag({ content: '.training, .alerts { display: none !important; }' }); // the plot has the whole frame
      await landed(page, shot);
      writeFileSync(shot.file, await webp(context, page, shot));
      told(i + 1, shot, await page.evaluate(() => /** @type {any} */ (globalThis).__scorefield.fingerprints));
    }
  } finally {
    await browser.close();
  }
}

/**
 * Waits until the page shows the end of this link's run.
 * @param {import('playwright-core').Page} page
 * @param {Shot} shot
 */
async function landed(page, { link, named }) {
  const wanted = linkText(link);
  try {
    await page.waitForFunction(
      ({ wanted }) => {
        const s = /** @type {any} */ (globalThis).__scorefield;
        const pairs = s?.opened?.link.split('&').filter((/** @type {string} */ pair) => !/^(v|fp)=/.test(pair));
        if (s?.state === 'error') return true;
        return s?.state === 'done' && s.fingerprints.every(Boolean) && !s.playing && pairs.sort().join('&') === wanted;
      },
      { wanted },
      { timeout: PATIENCE_MS, polling: 40 },
    );
  } catch {
    throw new Error(`${named}: the link “${link}” showed no result within ${PATIENCE_MS / 1000} s`);
  }
  const trouble = await page.evaluate(() => [...document.querySelectorAll('[role="alert"]')].map((e) => e.textContent?.trim()).filter(Boolean).join(' '));
  if (trouble) throw new Error(`${named}: the link “${link}” shows an error: ${trouble}`);
  // The picture is drawn in the frame after the state is set.
  await page.evaluate(() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(then, 60)))));
}

/**
 * The plot as WebP, as fine as the limit allows.
 * @param {import('playwright-core').BrowserContext} context
 * @param {import('playwright-core').Page} page
 * @param {Shot} shot
 */
async function webp(context, page, { link, named, limit = LIMIT_BYTES }) {
  const box = await page.locator('#plot').boundingBox();
  if (!box) throw new Error(`${named}: the link “${link}” shows no plot`);
  const session = await context.newCDPSession(page);
  try {
    for (const quality of QUALITIES) {
      const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality, clip: { ...box, scale: 1 } });
      const bytes = Buffer.from(data, 'base64');
      if (bytes.length <= limit) return bytes;
    }
  } finally {
    await session.detach();
  }
  throw new Error(`${named}: the picture of “${link}” is larger than ${limit / 1000} kB at the lowest quality`);
}
