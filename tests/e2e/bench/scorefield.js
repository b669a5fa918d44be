// The engine as the page runs it: a link, in pieces of the worker's length, with frames.

/** As in www/engine/turns.js. */
const PACE = {
  cpu: { turn: 14, first: 10_000, fade: 0.6 },
  webgpu: { turn: 30, first: 1, fade: 0 },
};
const LEAST_WORK = 1000, MORE = 2;
const folder = new URL('./', import.meta.url).href;

/** @param {string} name  of a package, or a path to one */
async function load(name) {
  const own = await import(/* @vite-ignore */ `${folder}${name}/scorefield.js`);
  await own.default({ module_or_path: `${folder}${name}/scorefield_bg.wasm` });
  await own.prepare();
  return own;
}

/**
 * An engine as a contestant.
 * @param {'cpu'|'webgpu'} engine
 * @param {string} [place]  the folder of its package
 */
export function contestant(engine, place = engine) {
  const first = load(place);
  return {
    /** @param {import('./work.js').Work} work */
    prepare: async (work) => prepare(await first, work, PACE[engine]),
    /** The stages of a link as a table. @param {string} link */
    plan: async (link) => new (await first).Experiment(link).plan('a'),
  };
}

/** @param {any} pkg @param {import('./work.js').Work} work @param {{ turn: number, first: number, fade: number }} pace */
async function prepare(pkg, { link }, { turn, first, fade }) {
  const other = pkg.other_package(link);
  const home = other ? await load(other) : pkg;
  for (const { name, file } of pkg.open_link(link).networks) {
    if (!home.has_network(name)) home.add_network(name, new Uint8Array(await (await fetch(`${folder}nets/${file}`)).arrayBuffer()));
  }
  const experiment = new home.Experiment(link);
  return async () => {
    const run = experiment.run('a');
    for (let work = first, unit = 0, done = false; !done;) {
      const before = performance.now();
      const progress = await run.advance(work);
      run.take();
      done = progress.done;
      if (!progress.work) continue;
      unit = Math.max((performance.now() - before) / progress.work, fade * unit);
      work = Math.max(LEAST_WORK, Math.min(turn / unit, MORE * work));
    }
    const out = run.samples();
    run.free();
    return out;
  };
}
