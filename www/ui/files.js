// Files that a visitor brings: dropped, pasted or chosen anywhere on the page. What they hold is told by their content.
import { h } from './dom.js';

/** A file is read whole: the largest network has half a megabyte, and more points than that are not read either. */
const MOST_BYTES = 20e6;

/** @typedef {import('../app/store.js').Fault} Fault */

/**
 * The bytes of a file.
 * @param {File} file
 * @returns {Promise<Uint8Array>}
 */
export async function bytesOf(file) {
  if (file.size > MOST_BYTES) throw refusal(`${file.name} has ${Math.ceil(file.size / 1e6)} MB`, 'At most 20 MB are read.');
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw refusal(`${file.name} could not be read`, 'It may be a folder, or it was moved. Choose it again.');
  }
}

/** @param {string} what @param {string} remedy @returns {Fault} */
function refusal(what, remedy) {
  return { kind: 'file', message: `${what}.`, remedy };
}

/**
 * An input that hands over what is chosen, the same file twice too.
 * @param {{ accept: string, name: string, hidden: boolean }} how
 * @param {(files: File[]) => void} open
 */
export function fileInput({ accept, name, hidden }, open) {
  const input = h('input', {
    type: 'file', accept, hidden, 'aria-label': name, onchange: () => {
      open([...(input.files ?? [])]);
      input.value = '';
    },
  });
  return input;
}

/**
 * Files that are dropped or pasted anywhere on the page, and text that is pasted outside of fields.
 * @param {(files: File[]) => void} open
 * @param {(text: string) => void} text
 */
export function listenFiles(open, text) {
  const veil = h('div.dropping', { hidden: true }, 'Drop a network (.bpk) or a table of points (CSV) to use it');
  document.body.append(veil);
  const carries = (/** @type {DragEvent} */ e) => e.dataTransfer?.types.includes('Files');
  addEventListener('dragover', (e) => {
    if (!carries(e) || e.defaultPrevented) return;
    e.preventDefault();
    veil.hidden = false;
  });
  for (const name of ['dragleave', 'drop']) addEventListener(name, () => { veil.hidden = true; });
  addEventListener('drop', (e) => {
    const files = [...(e.dataTransfer?.files ?? [])];
    if (!files.length || e.defaultPrevented) return;
    e.preventDefault();
    open(files);
  });
  addEventListener('paste', (e) => {
    const files = [...(e.clipboardData?.files ?? [])];
    const words = e.clipboardData?.getData('text/plain') ?? '';
    const field = e.target instanceof Element && e.target.closest('input, textarea, select, [contenteditable]');
    // cells of a spreadsheet come as text and, beside it, as a picture
    if (words && !field) text(words);
    else if (files.length && !words) {
      e.preventDefault();
      open(files);
    }
  });
}
