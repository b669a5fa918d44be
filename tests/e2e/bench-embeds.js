// Ten <score-field> in a page of another host: the memory that they take, how the page scrolls, and what is loaded until a reader sees
// the first still (`cargo xtask bench`). It takes dist as it stands, with its stills.

import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { DIST, done, launch, newPage, onItsWay } from './browser.js';
import { serve } from './host.js';
import { family, others, read, rootOf } from './processes.js';

/** @typedef {import('../../score-field.d.ts').ScoreFieldElement} ScoreField */
/** @typedef {import('playwright-core').Page} Page */
/**
 * Bytes. files: the part that is mapped from files. Another browser of the same program has a share in them: others is the number of its
 * processes.
 * @typedef {{ kinds: Record<string, number>, all: number, files: number, others: number }} Memory
 */

/** Experiments of the gallery. The last three stay live: three labs. */
const LINKS = [
  'lab=toy1d&steps=8&seed=0',
  'lab=toy1d&process=edm&sampler=heun&steps=18&seed=0',
  'lab=toy1d&process=vp&sampler=euler&steps=8&b.process=edm&b.sampler=heun&seed=0',
  'lab=torus&steps=6&view=angles&seed=0',
  'lab=lgssm&every=16&seed=0',
  'lab=toy1d&view=histogram&seed=0',
  'lab=filter&method=enkf&n=100&b.method=pf&seed=0',
  'lab=toy2d&steps=6&seed=0',
  'lab=lgssm&guidance=exact&b.guidance=sda&b.gamma=0.1&seed=0',
  'lab=filter&method=pf&seed=0',
];
const MOST_LIVE = 3;
const MEMORY = 250e6; // bytes over a blank page
const FIRST_KB = 100;
const FRAME_MS = 50;
const MARK = 'scorefield: the page is scrolled';
const WHEEL = 120; // CSS pixels of a step
const STEP_MS = 40; // between two steps
const REST_MS = 3000; // for which memory stays the same, before it is read
const STEADY = 0.02; // is the same
const PATIENCE_MS = 60_000;

const escaped = (/** @type {string} */ link) => link.replace(/&/g, '&amp;');
const elements = LINKS.map((link, i) => `<score-field id="e${i}" link="${escaped(link)}" title="Figure ${i}"></score-field>`);
const frames = LINKS.map((link, i) => `<iframe id="e${i}" src="${DIST}?embed=1#${escaped(link)}" title="Figure ${i}" loading="lazy"
  sandbox="allow-scripts allow-popups" width="100%" height="480" style="border:0"></iframe>`);
/** A page of notes. @param {string[]} parts */
const notes = (parts) => `<!doctype html><meta charset="utf-8"><title>Notes</title><body style="max-width:44rem;margin:2rem auto">
  ${parts.join('<p style="height:20rem">Text of the notes.</p>')}`;
const PAGES = {
  '/blank.html': notes([]),
  '/elements.html': `${notes(elements)}<script src="${DIST}score-field.js"></script>`,
  '/frames.html': notes(frames),
  '/text.html': notes(LINKS.map(() => '<div style="height:40rem;background:#eee"></div>')),
};

/**
 * The memory of a browser's processes, by their kind, each page shared among those that have it (PSS).
 * @param {number} root
 * @returns {Memory}
 */
function memory(root) {
  /** @type {Memory} */
  const own = { kinds: {}, all: 0, files: 0, others: others(root) };
  for (const id of family(root)) {
    const told = read(`/proc/${id}/smaps_rollup`) ?? '';
    const bytes = (/** @type {string} */ name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(told)?.[1] ?? 0) * 1024;
    const kind = /--type=([a-z-]+)/.exec(read(`/proc/${id}/cmdline`) ?? '')?.[1] ?? 'browser';
    own.kinds[kind] = (own.kinds[kind] ?? 0) + bytes('Pss');
    own.all += bytes('Pss');
    own.files += bytes('Pss_File');
  }
  return own;
}

const pause = (/** @type {number} */ ms) => new Promise((soon) => setTimeout(soon, ms));

/** The memory when it has come to rest: for a while the same. @param {number} root */
async function rested(root) {
  let first = memory(root);
  for (let since = Date.now(), end = since + PATIENCE_MS; Date.now() < Math.min(end, since + REST_MS); await pause(250)) {
    const now = memory(root);
    if (Math.abs(now.all - first.all) > STEADY * first.all) [first, since] = [now, Date.now()];
  }
  return memory(root);
}

/**
 * A page in a browser of its own: a second page would share its processes.
 * @template T
 * @param {(opened: { page: Page, requests: string[], root: number }) => Promise<T>} work  root: the number of the browser's process
 */
async function alone(work) {
  const browser = await launch({ webgpu: false });
  try {
    return await work({ ...await newPage(browser), root: await rootOf(browser) });
  } finally {
    await browser.close();
  }
}

/** Waits until the experiment has run in a frame. @param {Page} page @param {number} i */
async function ran(page, i) {
  const frame = await (await page.locator(`#e${i} iframe, iframe#e${i}`).elementHandle())?.contentFrame();
  if (!frame) throw new Error(`${LINKS[i]} has no frame`);
  await done(frame, PATIENCE_MS).catch((cause) => {
    throw new Error(`${LINKS[i]} did not run within ${PATIENCE_MS / 1000} s`, { cause });
  });
}

/** The numbers of the elements that run. @param {Page} page */
const living = (page) => page.evaluate(() => [...document.querySelectorAll('score-field')].flatMap((el, i) => {
  const { live, shadowRoot } = /** @type {ScoreField} */ (el);
  return live || shadowRoot?.querySelector('iframe') ? [i] : [];
}));

/**
 * Starts all elements as a reader does, one after the other.
 * @param {Page} page @param {() => void} each  after each
 */
async function startAll(page, each) {
  for (const i of LINKS.keys()) {
    await page.locator(`#e${i}`).getByRole('button', { name: 'Run' }).click();
    await ran(page, i);
    const live = await living(page);
    if (!live.includes(i) || live.length > MOST_LIVE) throw new Error(`element ${i} was started, and these are live: ${live}`);
    each();
  }
  // As after its playback. An element that was left meanwhile waits with it until it is seen again.
  for (const i of await living(page)) await page.evaluate(`e${i}.seek(1).then(() => e${i}.pause())`);
}

/**
 * A frame: the time until it in milliseconds, and the processor time in it of the busiest thread of the browser. What other programs do
 * makes the first longer, not the second.
 * @typedef {{ ms: number, busy: number, thread: string }} Frame
 */

/** The frames of a page that is scrolled by the wheel to its end and back. @param {Page} page @returns {Promise<Frame[]>} */
async function scroll(page) {
  const browser = /** @type {import('playwright-core').Browser} */ (page.context().browser());
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing', '__metadata'] });
  const start = await page.evaluate((mark) => {
    const own = /** @type {any} */ (globalThis);
    own.frames = [];
    const note = (/** @type {number} */ now) => {
      own.frames.push(now);
      requestAnimationFrame(note);
    };
    scrollTo(0, 0);
    requestAnimationFrame(note);
    return performance.mark(mark).startTime;
  }, MARK);
  await page.mouse.move(640, 360);
  for (const way of [1, -1]) {
    const ended = () => page.evaluate((down) => (down ? scrollY + innerHeight >= document.documentElement.scrollHeight - 1 : scrollY < 1), way > 0);
    for (let end = Date.now() + PATIENCE_MS; !(await ended()); await pause(STEP_MS)) {
      if (Date.now() > end) throw new Error('the wheel does not bring the page to its end');
      await page.mouse.wheel(0, way * WHEEL);
    }
  }
  const times = /** @type {number[]} */ (await page.evaluate('frames.splice(0)'));
  const trace = JSON.parse((await browser.stopTracing()).toString());
  return framesOf(times, trace.traceEvents, start);
}

/** What a trace has of a task, and the name of a thread. @typedef {{ name: string, ph: string, pid: number, tid: number, ts: number, dur?: number, tdur?: number, args: any }} Traced */

/**
 * Finds the tasks of each thread in each frame.
 * @param {number[]} times  of the frames, in milliseconds of the page @param {Traced[]} trace  in microseconds @param {number} start  of the mark
 * @returns {Frame[]}
 */
function framesOf(times, trace, start) {
  const mark = trace.find(({ name }) => name === MARK);
  if (!mark) throw new Error('the trace has no mark');
  const name = new Map(trace.filter((one) => one.name === 'thread_name').map(({ pid, tid, args }) => [`${pid} ${tid}`, args.name]));
  const tasks = trace.filter(({ ph, tdur, name: what }) => ph === 'X' && tdur && /RunTask$/.test(what)).map(({ ts, dur = 0, tdur = 0, pid, tid }) => (
    { from: (ts - mark.ts) / 1e3 + start, ms: dur / 1e3, own: tdur / 1e3, thread: `${pid} ${tid}` }));
  if (!tasks.length) throw new Error('the trace has no tasks with their processor time');
  return times.slice(1).map((now, i) => {
    /** @type {Map<string, number>} */
    const busy = new Map();
    for (const { from, ms, own, thread } of tasks) {
      const inside = Math.min(now, from + ms) - Math.max(times[i], from);
      if (inside > 0) busy.set(thread, (busy.get(thread) ?? 0) + own * Math.min(1, inside / ms));
    }
    const [thread = '', most = 0] = [...busy].sort(([, p], [, q]) => q - p)[0] ?? [];
    return { ms: now - times[i], busy: most, thread: name.get(thread) ?? thread };
  });
}

/** What was asked of dist until the first still was seen, in bytes after brotli. @param {Page} page @param {string[]} requests */
async function first(page, requests) {
  await page.waitForFunction(() => {
    const still = /** @type {HTMLImageElement|null|undefined} */ (document.getElementById('e0')?.shadowRoot?.querySelector('.still img'));
    return still?.complete && still.naturalWidth > 0;
  }, null, { timeout: PATIENCE_MS });
  const asked = requests.filter((url) => url.startsWith(DIST));
  const still = await page.locator('#e0 img').evaluate((img) => /** @type {HTMLImageElement} */ (img).src);
  const own = asked.filter((url) => url === still || !url.includes('/stills/')); // the page asks for those of others that are near, too
  return { own: own.map(onItsWay), all: asked.map(onItsWay) };
}

const mb = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
const kb = (/** @type {{ bytes: number }[]} */ files) => files.reduce((all, { bytes }) => all + bytes, 0) / 1e3;
const over = (/** @type {boolean} */ is) => (is ? '  ◀ over' : '');

/** What came to a blank page. @param {string} what @param {Memory} all @param {Memory} blank @param {number} [goal] */
function memoryLine(what, all, blank, goal = Infinity) {
  const more = all.all - blank.all;
  const kinds = Object.keys({ ...blank.kinds, ...all.kinds }).map((kind) => ({ kind, more: (all.kinds[kind] ?? 0) - (blank.kinds[kind] ?? 0) }));
  const parts = kinds.filter((part) => mb(part.more) !== mb(0)).sort((p, q) => q.more - p.more).map((part) => `${part.kind} ${mb(part.more)}`);
  const doubt = blank.others || all.others
    ? `\n      ◀ another browser of this program ran too (${blank.others}, then ${all.others} processes): the files are shared with it, so only what is not mapped from files holds` : '';
  return `    ${what.padEnd(24)} ${mb(more).padStart(7)}${goal < Infinity ? ` of ${mb(goal)}${over(more > goal)}` : ''}  (${parts.join(', ')}; `
    + `not mapped from files ${mb(more - all.files + blank.files)}; the blank page ${mb(blank.all)})${doubt}`;
}

/** @param {string} what @param {Frame[]} frames */
function frameLine(what, frames) {
  const late = frames.filter(({ ms }) => ms > FRAME_MS);
  const own = frames.filter(({ busy }) => busy > FRAME_MS);
  const { busy, thread } = frames.reduce((p, q) => (q.busy > p.busy ? q : p));
  const longest = Math.max(...frames.map(({ ms }) => ms));
  return `    ${what.padEnd(34)} longest ${longest.toFixed(0).padStart(4)} ms, ${late.length} of ${frames.length} over ${FRAME_MS} ms; `
    + `of processor time ${busy.toFixed(0)} ms at most in one (${thread}), ${own.length} over ${FRAME_MS} ms${over(own.length > 0)}`;
}

/** The report on embeds. */
export async function embeds() {
  const reason = !existsSync('/proc/self/smaps_rollup') ? 'it reads the memory of processes from /proc of Linux'
    : !(await fetch(`${DIST}stills.json`)).ok ? 'dist has no stills: run `cargo xtask dist` before' : null;
  if (reason) return `\nembeds: not measured: ${reason}`;
  const site = await serve(PAGES);
  const at = (/** @type {keyof typeof PAGES} */ name) => site.address + name;
  const rest = async (/** @type {Page} */ page, /** @type {number} */ root) => {
    await page.goto(at('/blank.html'));
    return rested(root);
  };

  const text = await alone(async ({ page }) => {
    await page.goto(at('/text.html'));
    return scroll(page);
  });
  const { own, all, stills } = await alone(async ({ page, requests }) => {
    await page.goto(at('/elements.html'), { waitUntil: 'commit' });
    return { ...await first(page, requests), stills: await scroll(page) };
  });
  const ten = await alone(async ({ page, root }) => {
    const blank = await rest(page, root);
    await page.goto(at('/elements.html'));
    let most = 0;
    await startAll(page, () => (most = Math.max(most, memory(root).all)));
    return { blank, most, end: await rested(root), live: (await living(page)).length, frames: await scroll(page) };
  });
  const plain = await alone(async ({ page, root }) => {
    const blank = await rest(page, root);
    await page.goto(at('/frames.html'));
    for (const i of LINKS.keys()) {
      await page.locator(`#e${i}`).scrollIntoViewIfNeeded();
      await ran(page, i);
    }
    return { blank, end: await rested(root) };
  });
  await site.close();

  return [
    `\nembeds, headless Chromium, ${LINKS.length} in a page of another host; load ${loadavg()[0].toFixed(1)}`,
    '  memory over a blank page, PSS of all processes of the browser, at rest',
    memoryLine(`elements, ${ten.live} live`, ten.end, ten.blank, MEMORY),
    `      right after a start ${mb(ten.most - ten.blank.all)} at most`,
    memoryLine('plain frames', plain.end, plain.blank),
    '  scrolling by the wheel to the end and back, nothing runs',
    frameLine('text alone', text),
    frameLine('elements, stills', stills),
    frameLine(`elements, ${ten.live} live and done`, ten.frames),
    `  until the first still is seen ${kb(own).toFixed(1)} kB of ${FIRST_KB} kB${over(kb(own) > FIRST_KB)}  `
      + `(${own.map((file) => `${file.name} ${kb([file]).toFixed(1)}`).join(', ')}); with the stills near the screen ${kb(all).toFixed(1)} kB`,
  ].join('\n');
}
