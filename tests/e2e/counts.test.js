// The largest run that a link can describe, in the wasm module itself: counts that do not fit into 32 bits are right.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import init, { Experiment } from '../../pkg/cpu/scorefield.js';

test('evaluations are counted beyond 32 bits', async () => {
  await init({ module_or_path: new WebAssembly.Module(readFileSync(new URL('../../pkg/cpu/scorefield_bg.wasm', import.meta.url))) });
  const run = new Experiment('lab=toy1d&process=vp&sampler=pc&corrections=16&steps=2000&n=1000000').run('a');
  let progress;
  do progress = await run.advance(5000); // the first pieces draw where the particles start
  while (!progress.evaluations);
  assert.equal(progress.total, 2000 * 17 * 1_000_000);
  assert.equal(progress.done, false);
  assert.ok(progress.evaluations < 100_000); // 5,000 units of work are fewer evaluations
  run.free();
});
