// Places under the pointer, drags and arrow keys: what the labs' pictures have in common.

/** A place in CSS pixels from the corner of a picture. @typedef {{ x: number, y: number }} Place */

/** @param {HTMLCanvasElement} canvas @param {{ clientX: number, clientY: number }} e @returns {Place} */
export function placeOn(canvas, e) {
  const box = canvas.getBoundingClientRect();
  const zoom = box.width / canvas.clientWidth || 1; // a presentation is drawn larger
  return { x: (e.clientX - box.left) / zoom, y: (e.clientY - box.top) / zoom };
}

/**
 * Follows a press with the main button until it ends.
 * @param {HTMLCanvasElement} canvas
 * @param {{ begin: (place: Place) => boolean, move: (place: Place, last: Place) => void }} on  begin: whether the press is a drag
 */
export function listenDrag(canvas, { begin, move }) {
  /** @type {Place|null} */
  let last = null;
  canvas.addEventListener('pointerdown', (e) => {
    const place = placeOn(canvas, e);
    if (e.button || !begin(place)) return;
    canvas.setPointerCapture(e.pointerId);
    last = place;
  });
  canvas.addEventListener('pointermove', (e) => {
    if (!last) return;
    const place = placeOn(canvas, e);
    move(place, last);
    last = place;
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { last = null; });
}

/** The way of an arrow key, y upwards. @type {Record<string, [number, number]>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** The way of an arrow key, y upwards; null for any other key. @param {KeyboardEvent} e @returns {[number, number]|null} */
export const wayOf = (e) => WAYS[e.key] ?? null;
