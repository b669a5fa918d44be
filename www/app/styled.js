// Without its style the page works, and says why it looks as it does.

/** @param {import('./store.js').Store} store */
export function watchStyle(store) {
  const style = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel="stylesheet"]'));
  if (style.sheet) return;
  const notice = `${style.getAttribute('href')} has not come, so the page has no layout. Reload the page.`;
  const tell = () => {
    if (store.state.opened && !store.state.notices.includes(notice)) store.patch({ notices: [...store.state.notices, notice] });
  };
  store.listen(tell);
  style.addEventListener('load', () => {
    store.listeners.delete(tell);
    store.patch({ notices: store.state.notices.filter((words) => words !== notice) });
    document.dispatchEvent(new Event('theme')); // colours of the plots
  });
}
