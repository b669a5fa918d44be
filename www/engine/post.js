// What the worker says: answers, news and faults.

/** @param {unknown} message @param {Transferable[]} [transfer] */
export function post(message, transfer = []) {
  self.postMessage(message, { transfer });
}

/**
 * The typed arrays of a plain value that own their memory: they travel without a copy.
 * @param {unknown} value @param {Set<Transferable>} [found]
 * @returns {Transferable[]}
 */
export function owned(value, found = new Set()) {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength) found.add(value.buffer);
  } else if (value && typeof value === 'object') {
    for (const v of Object.values(value)) if (v && typeof v === 'object') owned(v, found);
  }
  return [...found];
}

export const gone = (/** @type {string} */ what) => ({ kind: 'gone', message: `This ${what} is no longer held.` });

/** Whatever was thrown, as a plain object for a visitor. @param {any} e */
export function fault(e) {
  if (e && typeof e === 'object' && typeof e.kind === 'string') return { ...e };
  const trap = e instanceof WebAssembly.RuntimeError;
  console.error(e);
  return {
    kind: trap ? 'crash' : 'run',
    message: trap ? 'The engine stopped in the middle of a computation.' : String(e?.message ?? e),
    remedy: trap ? 'It is being restarted; run again, with fewer particles if it happens twice.' : 'Run again.',
  };
}

/** @param {unknown} e */
export const said = (e) => String(/** @type {any} */ (e)?.message ?? e);
