// Moving, adding and removing observations by pointer and finger.
import { CROSS, crossAt } from '../../plots/observed.js';
import { placeOn } from '../../ui/pointer.js';
import { tidy } from './observe.js';

/**
 * @typedef {import('../../plots/observed.js').Layout} Layout
 * @typedef {import('./observe.js').Side<any>} Side
 * @typedef {import('./observe.js').Pane} Pane
 * @typedef {import('./observe.js').Editor<any>} Editor
 */

const NEAR = { mouse: 13, touch: 24, other: 7 }; // pixels; other: an observation below the × of its neighbour

/** @param {Editor} editor @param {Pane} pane */
export function listen(editor, pane) {
  const { canvas } = pane;
  const at = (/** @type {{ clientX: number, clientY: number }} */ e) => placeOn(canvas, e);
  canvas.addEventListener('pointerdown', (e) => {
    const side = editor.side(pane);
    editor.hit = false;
    if (e.button || !side) return;
    const place = at(e);
    if (onCross(editor, pane, side, place)) {
      editor.hit = true;
      return editor.remove(side, /** @type {NonNullable<Editor['chosen']>} */ (editor.chosen).index);
    }
    const found = near(editor, pane, side, place, e.pointerType);
    if (!found) return;
    editor.hit = true;
    canvas.setPointerCapture(e.pointerId);
    // A prevented touch does not focus; a press does, without a ring.
    if (e.pointerType === 'touch') canvas.focus({ preventScroll: true, focusVisible: false });
    const under = /** @type {Layout} */ (pane.kept.layout).value(editor.marks.panel(side.scene, found.row), place.y);
    editor.drag = { index: found.index, row: found.row, shift: found.value - under, from: place, moved: false };
    editor.chosen = { id: side.id, ...found, there: true };
    editor.tools.redraw();
  });
  canvas.addEventListener('pointermove', (e) => {
    const side = editor.side(pane);
    if (!side || !pane.kept.layout) return;
    const place = at(e);
    const { drag } = editor;
    if (drag) {
      if (!drag.moved && Math.hypot(place.x - drag.from.x, place.y - drag.from.y) < 3) return;
      drag.moved = true;
      editor.move(side, drag.index, drag.row, pane.kept.layout.value(editor.marks.panel(side.scene, drag.row), place.y) + drag.shift);
    } else if (e.pointerType !== 'touch') hover(editor, pane, side, place);
  });
  canvas.addEventListener('pointerup', () => {
    const { drag } = editor;
    const side = editor.side(pane);
    editor.drag = null;
    if (!drag?.moved || !side) return;
    if (editor.chosen) editor.tools.say(`${editor.at(drag.index)}: ${editor.yText(side, drag.row, editor.chosen.value)}.`);
    editor.commit(side);
  });
  canvas.addEventListener('pointercancel', () => editor.cancel());
  canvas.addEventListener('pointerleave', () => {
    if (editor.drag) return;
    if (editor.chosen && document.activeElement !== canvas) editor.chosen = null;
    editor.tools.redraw();
  });
  // a finger on an observation moves it, and scrolls the page everywhere else
  canvas.addEventListener('touchstart', (e) => {
    const side = editor.side(pane);
    if (!side || e.touches.length !== 1) return;
    const place = at(e.touches[0]);
    if (near(editor, pane, side, place, 'touch') || onCross(editor, pane, side, place)) e.preventDefault();
  }, { passive: false });
  canvas.addEventListener('click', (e) => {
    const side = editor.side(pane);
    if (!side || editor.hit) return;
    const spot = free(editor, pane, side, at(e));
    if (spot) editor.add(side, spot.index, spot.row, spot.value);
  });
  canvas.addEventListener('dblclick', (e) => {
    const side = editor.side(pane);
    const found = side && near(editor, pane, side, at(e), 'mouse');
    const fresh = found && found.index === editor.added.index && performance.now() - editor.added.at < 700;
    if (side && found && !fresh) editor.remove(side, found.index);
  });
}

/**
 * The observed number under a place.
 * @param {Editor} editor
 * @param {Pane} pane
 * @param {Side} side
 * @param {{ x: number, y: number }} place
 * @param {string} how
 */
function near(editor, { kept: { layout } }, side, { x, y }, how) {
  if (!layout) return null;
  const { observed } = editor.seen(side);
  let best = how === 'touch' || how === 'other' ? NEAR[how] : NEAR.mouse;
  let found = null;
  const { marks } = editor;
  for (const row of marks.rows(side.scene)) {
    for (let k = 0; k < observed.length; k++) {
      for (const value of editor.placesOf(side, k, row)) {
        const far = Math.hypot(layout.px(observed[k]) - x, layout.py(marks.panel(side.scene, row), value) - y);
        if (far > best) continue;
        best = far;
        found = { index: observed[k], row, value };
      }
    }
  }
  return found;
}

/** @param {Editor} editor @param {Pane} pane @param {Side} side @param {{ x: number, y: number }} place */
function onCross(editor, pane, side, { x, y }) {
  const { layout } = pane.kept;
  const chosen = editor.hand(side);
  const other = near(editor, pane, side, { x, y }, 'other');
  if (!layout || !chosen?.there || (other && (other.index !== chosen.index || other.row !== chosen.row))) return false;
  const c = editor.marks.panel(side.scene, chosen.row);
  const cross = crossAt(layout.panels[c], layout.px(chosen.index), layout.py(c, chosen.value));
  return Math.hypot(cross.x - x, cross.y - y) <= CROSS.r + 3;
}

/** The place of a new observation. @param {Editor} editor @param {Pane} pane @param {Side} side @param {{ x: number, y: number }} place */
function free(editor, { kept: { layout } }, side, { x, y }) {
  const { marks } = editor;
  const row = marks.rows(side.scene).find((r) => {
    const box = layout?.panels[marks.panel(side.scene, r)];
    return box && x >= box.x - 4 && x <= box.x + box.w + 4 && y >= box.y && y <= box.y + box.h;
  });
  if (!layout || row === undefined) return null;
  const [first, last] = marks.indices(side.scene);
  const index = Math.max(first, Math.min(last, layout.index(x)));
  if (Array.prototype.includes.call(editor.seen(side).observed, index)) return null;
  return { index, row, value: tidy(marks.unit(side), layout.value(marks.panel(side.scene, row), y)) };
}

/** @param {Editor} editor @param {Pane} pane @param {Side} side @param {{ x: number, y: number }} place */
function hover(editor, pane, side, place) {
  if (onCross(editor, pane, side, place)) {
    pane.canvas.style.cursor = 'pointer';
    return;
  }
  const found = near(editor, pane, side, place, 'mouse');
  const spot = found ? null : free(editor, pane, side, place);
  editor.chosen = found ? { id: side.id, ...found, there: true } : spot ? { id: side.id, ...spot, there: false } : null;
  pane.canvas.style.cursor = found ? 'ns-resize' : spot ? 'copy' : 'default';
  editor.tools.redraw();
}
