// The parts of the page that come when they are first asked for. Where they do not come, the page says so.
import { whyImport } from './shelf.js';

/** @typedef {typeof import('../ui/rare.js')} Parts */

/**
 * The parts; null where they do not come.
 * @param {import('./store.js').Store} store
 * @param {string} what  is waited for: "The help has"
 * @param {() => Promise<Parts>} [load]
 * @returns {Promise<Parts|null>}
 */
export async function rare(store, what, load = () => import('../ui/rare.js')) {
  const begins = `${what} not come: `;
  const others = () => store.state.notices.filter((words) => !words.startsWith(begins));
  try {
    const parts = await load();
    if (others().length < store.state.notices.length) store.patch({ notices: others() });
    return parts;
  } catch (e) {
    const { why, came } = await whyImport(e);
    const remedy = came ? 'Reload the page: the link keeps everything.'
      : 'Ask for it again; if it fails again, reload the page: the link keeps everything.';
    store.patch({ notices: [...others(), `${begins}${why}. ${remedy}`] });
    return null;
  }
}
