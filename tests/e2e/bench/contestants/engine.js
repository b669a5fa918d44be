// The CPU engine as the page runs it: a link, in pieces of the worker's length, with frames.

const TURN_MS = 14, FIRST_WORK = 10_000, LEAST_WORK = 1000, MORE = 2, FADE = 0.9; // www/worker.js
const folder = new URL('./', import.meta.url).href;

/** @param {string} name */
async function load(name) {
  const own = await import(/* @vite-ignore */ `${folder}${name}/scorefield.js`);
  await own.default({ module_or_path: `${folder}${name}/scorefield_bg.wasm` });
  return own;
}
const first = load('cpu');

/** @param {import('../work.js').Work} work */
export async function prepare({ link }) {
  const pkg = await first;
  const other = pkg.other_package(link);
  const home = other ? await load(other) : pkg;
  for (const { name, file } of pkg.open_link(link).networks) {
    if (!home.has_network(name)) home.add_network(name, new Uint8Array(await (await fetch(`${folder}nets/${file}`)).arrayBuffer()));
  }
  const experiment = new home.Experiment(link);
  return async () => {
    const run = experiment.run('a');
    for (let work = FIRST_WORK, unit = 0, done = false; !done;) {
      const before = performance.now();
      const progress = await run.advance(work);
      run.take();
      done = progress.done;
      unit = Math.max((performance.now() - before) / Math.max(1, progress.work), FADE * unit);
      work = Math.max(LEAST_WORK, Math.min(TURN_MS / unit, MORE * work));
    }
    const out = run.samples();
    run.free();
    return out;
  };
}

/** The stages of a link as a table. @param {string} link */
export async function plan(link) {
  const pkg = await first;
  return new pkg.Experiment(link).plan('a');
}
