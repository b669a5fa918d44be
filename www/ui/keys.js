// The keyboard. No key acts while someone is typing or a dialog is open.

/**
 * @typedef {object} Acts
 * @property {import('../app/player.js').Player} player
 * @property {() => void} save
 * @property {() => void} hide
 * @property {() => void} compare
 * @property {() => void} help
 * @property {() => boolean} copy  the number that is read in the picture; whether there is one
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => boolean} cancel  what is being computed; whether there was something
 */

/** @param {Acts} acts */
export function listenKeys(acts) {
  addEventListener('keydown', (e) => {
    if (e.altKey || e.defaultPrevented || document.querySelector('dialog[open]')) return;
    if (e.ctrlKey || e.metaKey) {
      if (e.key === 'c' && !typing(e.target) && getSelection()?.isCollapsed && acts.copy()) e.preventDefault();
      const way = typing(e.target) ? null : wayOf(e);
      if (way) {
        acts[way]();
        e.preventDefault();
      }
      return;
    }
    const sheet = e.key === 'Escape' && document.querySelector('.sheet-open') !== null;
    if (sheet) acts.hide();
    const on = e.target instanceof Element ? e.target : document.body;
    const type =
      on instanceof HTMLInputElement ? on.type : on instanceof HTMLSelectElement || on instanceof HTMLTextAreaElement ? 'text' : '';
    if (type === 'text') return;
    if (e.key === 'Escape' && !sheet && acts.cancel()) return e.preventDefault();
    const native = type !== '' || Boolean(on.closest('button, a, summary')); // these use Space and arrows themselves
    if (act(e.key, native, type, acts, e.shiftKey)) e.preventDefault();
  });
}

/** Whether undo and redo are those of a field. @param {EventTarget|null} on */
function typing(on) {
  return on instanceof HTMLTextAreaElement || (on instanceof HTMLInputElement && on.type === 'text');
}

/** Ctrl+Z or ⌘Z; with Shift, or Ctrl+Y, the other way. @param {KeyboardEvent} e @returns {'undo'|'redo'|null} */
function wayOf(e) {
  const key = e.key.toLowerCase();
  if (key === 'y' && !e.shiftKey) return 'redo';
  return key !== 'z' ? null : e.shiftKey ? 'redo' : 'undo';
}

/** @param {string} key @param {boolean} native @param {string} type @param {Acts} acts @param {boolean} fast */
function act(key, native, type, { player, save, hide, compare, help }, fast) {
  switch (key) {
    case ' ':
      if (native && type !== 'range') return false;
      player.toggle();
      return true;
    case 'ArrowLeft':
    case 'ArrowRight':
      if (type !== '') return false;
      player.scrub(player.store.state.at + (key === 'ArrowLeft' ? -1 : 1) * (fast ? 0.1 : 0.01));
      return true;
    case 'r': player.restart(); return true;
    case '.': player.step(1); return true;
    case ',': player.step(-1); return true;
    case 's': save(); return true;
    case 'h': hide(); return true;
    case 'c': compare(); return true;
    case '?': help(); return true;
    default: return false;
  }
}
