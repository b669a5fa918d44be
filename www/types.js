// Types that several rooms share. What crosses the boundary to Rust has its types in the package (pkg/cpu/scorefield.d.ts).

/** @typedef {'a'|'b'} SideId */
/** @typedef {'cpu'|'webgpu'} EngineId */

/**
 * What went wrong, in words for a visitor; cause: in the browser's own words alone, where it says any.
 * @typedef {{ kind: string, message: string, cause?: string, remedy?: string }} Fault
 */

/** Whether it is the link's own, so that every engine and every run ends with it. @param {{ kind: string }} fault */
export const isOfLink = ({ kind }) => kind === 'guidance' || kind === 'model' || kind === 'memory';

/**
 * What index.html has started before the page's script: where the files are, the worker of the CPU engine (null where the browser starts
 * none in that way) and what has come from it.
 * @typedef {{ addresses: import('./engine/host.js').Addresses, worker: Worker|null, heard: (MessageEvent|ErrorEvent)[] }} Begun
 */
