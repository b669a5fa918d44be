// Without its style the page works, and says why it looks as it does.

const STYLE = 'style'; // the name of the notice

/** @param {import('./store.js').Store} store */
export function watchStyle(store) {
  const style = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel="stylesheet"]'));
  if (style.sheet) return;
  const notice = `${style.getAttribute('href')} has not come, so the page has no layout. Reload the page.`;
  const tell = () => {
    if (store.state.opened && !store.state.notices.some(({ id }) => id === STYLE)) store.tell(notice, STYLE);
  };
  store.listen(tell);
  style.addEventListener('load', () => {
    store.listeners.delete(tell);
    store.untell(STYLE);
    document.dispatchEvent(new Event('theme')); // colours of the plots
  });
}
