// The processes of a browser, as /proc of Linux tells them.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const processes = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);

/** A process and all that it has started, by their numbers. @param {number} root */
export function family(root) {
  const parents = processes().map((id) => {
    const stat = read(`/proc/${id}/stat`) ?? '';
    return { id, parent: Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]) };
  });
  const all = [root];
  for (const one of all) all.push(...parents.filter(({ parent }) => parent === one).map(({ id }) => id)); // it grows meanwhile
  return all;
}

/** The number of processes of the same program in other families. @param {number} root */
export function others(root) {
  const program = (/** @type {number} */ id) => {
    try {
      return readlinkSync(`/proc/${id}/exe`);
    } catch {
      return null; // it has ended, or belongs to the system
    }
  };
  const [own, name] = [new Set(family(root)), program(root)];
  return processes().filter((id) => !own.has(id) && program(id) === name).length;
}

/** A file of /proc; null if its process has ended. @param {string} path */
export function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (e) {
    if (['ENOENT', 'ESRCH'].includes(/** @type {any} */ (e).code)) return null;
    throw e;
  }
}

/** The number of a browser's own process, which has started its others. @param {import('playwright-core').Browser} browser */
export async function rootOf(browser) {
  const system = await browser.newBrowserCDPSession();
  const { processInfo } = await system.send('SystemInfo.getProcessInfo');
  const own = processInfo.find(({ type }) => type === 'browser');
  if (!own) throw new Error('Chromium does not name the process of the browser');
  return own.id;
}

/** The folders of the threads of a process and of all that it has started. @param {number} root */
const threads = (root) => family(root).flatMap((id) => entries(`/proc/${id}/task`).map((thread) => `/proc/${id}/task/${thread}`));

/** The processor time of a thread, in milliseconds. @param {string} folder */
const taken = (folder) => Number((read(`${folder}/schedstat`) ?? '0').split(' ')[0]) / 1e6;

/**
 * The processor time that a process and all that it has started have taken, in milliseconds: of the threads that are there.
 * @param {number} root
 */
export const processorMs = (root) => threads(root).reduce((all, folder) => all + taken(folder), 0);

/** The same of each thread that is a worker of a page, by its folder. @param {number} root @returns {Map<string, number>} */
export function workersMs(root) {
  const workers = threads(root).filter((folder) => read(`${folder}/comm`)?.startsWith('DedicatedWorker'));
  return new Map(workers.map((folder) => [folder, taken(folder)]));
}

/** The names in a folder of /proc; none if its process has ended. @param {string} path */
function entries(path) {
  try {
    return readdirSync(path);
  } catch (e) {
    if (['ENOENT', 'ESRCH'].includes(/** @type {any} */ (e).code)) return [];
    throw e;
  }
}
