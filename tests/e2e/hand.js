// What the tests of observations that are moved by hand share: the link that is made, and the keys.

import { done, handle } from './browser.js';

/** @typedef {import('playwright-core').Page} Page */

/** The link, once it is as looked for and its run is done. @param {Page} page @param {RegExp} like */
export async function link(page, like) {
  await page.waitForFunction(([source]) => new RegExp(source).test(/** @type {any} */ (globalThis).__scorefield.opened?.link ?? ''), [like.source], { timeout: 10_000, polling: 50 });
  await done(page);
  return (await handle(page)).opened?.link ?? '';
}

/** The value of a key that is a list. @param {string} text @param {string} key */
export const list = (text, key) => (new RegExp(`[&]${key}=([^&]*)`).exec(text)?.[1] ?? '').split(',').filter(Boolean).map(Number);

/** Until the page says such words aloud. @param {Page} page @returns {(words: RegExp) => Promise<unknown>} */
export const hears = (page) => (words) =>
  page.waitForFunction(([source]) => new RegExp(source, 'u').test(document.querySelector('#live')?.textContent ?? ''), [words.source], { timeout: 5000, polling: 30 });

/** Presses keys, one after the other. @param {Page} page @returns {(...keys: string[]) => Promise<void>} */
export const presses = (page) => async (...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};
