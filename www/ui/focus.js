// The focus is never lost: where what has it goes, it is on the picture.

/**
 * Returns what looks after each drawing: some browsers say nothing when they remove what has the focus.
 * @param {HTMLElement} home  takes the focus
 */
export function keepFocus(home) {
  /** @type {Element|null} */
  let held = null;
  const look = () => {
    if (!held || document.activeElement !== document.body) return;
    const seen = held.isConnected && held.checkVisibility?.({ checkVisibilityCSS: true }) !== false;
    const there = seen && !held.matches(':disabled, [inert] *');
    held = null; // the visitor left it
    if (!there) home.focus({ preventScroll: true });
  };
  addEventListener('focusin', (e) => (held = /** @type {Element} */ (e.target)));
  addEventListener('focusout', () => setTimeout(look));
  return look;
}
