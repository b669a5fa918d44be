// The parts of the page that come when they are first asked for. Where they do not come, the page says so.
import { whyImport } from './shelf.js';

/** @typedef {typeof import('../ui/rare.js')} Parts */

/**
 * The parts; null where they do not come.
 * @param {import('./store.js').Store} store
 * @param {string} what  is waited for, which is also the name of its notice: "The help"
 * @param {() => Promise<Parts>} [load]
 * @returns {Promise<Parts|null>}
 */
export async function rare(store, what, load = () => import('../ui/rare.js')) {
  try {
    const parts = await load();
    store.untell(what);
    return parts;
  } catch (e) {
    const { why, came } = await whyImport(e);
    const remedy = came ? 'Reload the page: the link keeps everything.'
      : 'Ask for it again; if it fails again, reload the page: the link keeps everything.';
    store.tell(`${what} did not load: ${why}. ${remedy}`, what);
    return null;
  }
}
