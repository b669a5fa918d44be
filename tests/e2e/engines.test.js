// One link, one answer: the command line, the CPU engine and the WebGPU engine on a table of links.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CLI, DEV, WEBGPU, launch, newPage } from './browser.js';

const LINKS = readFileSync(new URL('links.txt', import.meta.url), 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));

/** Coordinates of a particle. @type {Record<string, number>} */
const DIMENSIONS = { toy1d: 1, toy2d: 2, torus: 3, lgssm: 33 };

/** Numbers of a link's samples. @param {string} link */
function size(link) {
  const value = (/** @type {string} */ key, /** @type {string} */ other) => new RegExp(`&${key}=([^&]+)`).exec(link)?.[1] ?? other;
  const lab = /lab=(\w+)/.exec(link)?.[1] ?? '';
  if (lab !== 'lgssm') return 512 * (DIMENSIONS[lab] ?? 0);
  const states = value('model', 'ar1') === 'ar1' ? 1 : 2;
  return Number(value('n', '256')) * states * Number(value('length', '33'));
}

/** Samplers whose step depends on all particles at once, or that amplify a rounding error: compared by their law. */
const BY_LAW = /sampler=(pc|langevin)/;

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('playwright-core').Page} */
let page;
const folder = mkdtempSync(join(tmpdir(), 'scorefield-'));

before(async () => {
  browser = await launch({ webgpu: WEBGPU });
  ({ page } = await newPage(browser));
  await page.route('**/blank.html', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>blank</title>' }));
  await page.goto(`${DEV}blank.html`);
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/**
 * What the command line answers.
 * @param {string} link
 */
function native(link) {
  const file = join(folder, 'samples.csv');
  const answer = JSON.parse(execFileSync(CLI, ['run', link, '--samples', file], { encoding: 'utf8' }));
  const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  return { samples: lines.flatMap((line) => line.split(',').map(Number)), fingerprint: String(answer.fingerprint), distance: Number(answer.metrics.w1 ?? answer.metrics.sliced_w2 ?? answer.metrics.lag1) };
}

/**
 * What a package answers in the browser.
 * @param {'cpu'|'webgpu'} engine
 * @param {string} link
 * @param {string} fp
 */
function inBrowser(engine, link, fp) {
  return page.evaluate(async ([engine, link, fp]) => {
    const held = /** @type {any} */ (globalThis);
    held.packages ??= {};
    const load = (/** @type {string} */ name) => (held.packages[name] ??= (async () => {
      const loaded = await import(`/pkg/${name}/scorefield.js`);
      await loaded.default({ module_or_path: `/pkg/${name}/scorefield_bg.wasm` });
      await loaded.prepare();
      return loaded;
    })());
    const first = await load(engine);
    const other = first.other_package(link);
    const pkg = other ? await load(other) : first;
    for (const { name, file } of first.open_link(link).networks) {
      if (!pkg.has_network(name)) pkg.add_network(name, new Uint8Array(await (await fetch(`/nets/${file}`)).arrayBuffer()));
    }
    const run = new pkg.Experiment(link).run('a');
    let progress;
    do progress = await run.advance(1e7);
    while (!progress.done);
    const task = run.ask('metrics', { frame: progress.frame });
    while (!task.advance(1e7));
    const { rows } = task.answer();
    const answer = {
      path: String(run.path),
      samples: Array.from(/** @type {Float64Array} */ (run.samples())),
      fingerprint: String(run.fingerprint()),
      check: run.check(`${link}&fp=${fp}`, 'a'),
      distance: Number(rows.find((/** @type {{ key: string }} */ row) => ['w1', 'sliced_w2', 'lag1'].includes(row.key)).value),
    };
    run.free();
    return answer;
  }, [engine, link, fp]);
}

/**
 * The largest difference between two lists.
 * @param {number[]} one
 * @param {number[]} other
 */
function distance(one, other) {
  assert.equal(one.length, other.length);
  return one.reduce((worst, x, i) => Math.max(worst, Math.abs(x - other[i])), 0);
}

test('the table covers every target, process, sampler, grid, score and start', () => {
  const all = LINKS.join('\n');
  const values = {
    target: ['gaussian', 'mixture', 'comb', 'gaussians8', 'moons', 'checkerboard', 'swissroll', 'rings', 'pinwheel', 'drawn'],
    process: ['ddpm', 'vp', 'vp-cosine', 'sda', 'ou', 've', 'edm', 'fm', 'trig', 'follmer'],
    sampler: ['ddim', 'euler', 'heun', 'dpmpp2m', 'em', 'pc', 'langevin'],
    grid: ['uniform-t', 'karras', 'log-snr'],
    score: ['empirical', 'net', 'blanket'],
    model: ['damped-spring', 'rotation', 'custom'],
    operator: ['window', 'saturating'],
    method: ['ar'],
    guidance: ['none', 'dps', 'diagonal', 'finzi', 'lambda', 'sda', 'pigdm', 'replace'],
    init: ['quantile'],
  };
  for (const [key, list] of Object.entries(values)) {
    for (const value of list) assert.match(all, new RegExp(`&${key}=${value}(&|$)`, 'm'), `${key}=${value} is missing`);
  }
  assert.ok(Object.keys(DIMENSIONS).every((lab) => LINKS.some((link) => link.startsWith(`lab=${lab}&`))), 'a lab is missing');
  assert.ok(LINKS.some((link) => !link.includes('target=')) && LINKS.some((link) => !link.includes('sampler=')), 'the defaults are missing');
  assert.ok(LINKS.length >= 25);
});

/** Of a chain, what makes x̂ more than an affine map of x_t, and segments: they run on tensors. */
const ON_TENSORS = /guidance=dps|operator=saturating|score=net|method=ar/;

/** What has a kernel of its own: laws and networks on the line and in the plane, and affine maps of chains. The torus runs on tensors. @param {string} link */
const isFused = (link) => /lab=toy[12]d&/.test(link) || /lab=torus&.*score=net/.test(link) || (link.startsWith('lab=lgssm&') && !ON_TENSORS.test(link));

/** @type {[string, number][]} */
const seen = [];

for (const link of LINKS) {
  test(`cpu = command line: ${link}`, async () => {
    const wanted = native(link);
    assert.equal(wanted.samples.length, size(link));
    const given = await inBrowser('cpu', link, wanted.fingerprint);
    const worst = distance(given.samples, wanted.samples);
    seen.push([link, worst]);
    assert.ok(worst <= 1e-4, `samples differ by ${worst}`);
    assert.equal(given.path, 'CPU');
    assert.equal(given.fingerprint, wanted.fingerprint);
    assert.equal(given.check.verdict, 'exact', given.check.message);
  });
}

test('the largest difference between the browser and the command line', (t) => {
  const worst = Math.max(...seen.map(([, d]) => d));
  t.diagnostic(`largest difference over ${seen.length} links: ${worst}`);
  assert.equal(seen.length, LINKS.length);
});

for (const link of LINKS) {
  test(`webgpu ≈ command line: ${link}`, { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async (t) => {
    const wanted = native(link);
    const given = await inBrowser('webgpu', link, wanted.fingerprint);
    const worst = distance(given.samples, wanted.samples);
    t.diagnostic(`largest difference: ${worst}, verdict ${given.check.verdict}, ${given.path}`);
    assert.equal(given.path, isFused(link) ? 'fused kernel' : 'tensor operations');
    if (BY_LAW.test(link)) {
      assert.ok(Math.abs(given.distance - wanted.distance) < 0.02, `distance ${given.distance} against ${wanted.distance}`);
    } else {
      assert.ok(worst <= 2e-3, `samples differ by ${worst}`);
      // Of a run through thousands, single precision keeps no more.
      const largest = wanted.samples.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
      if (isFused(link)) assert.ok(worst <= 1e-4 * largest, `samples as large as ${largest} differ by ${worst}`);
      assert.notEqual(given.check.verdict, 'different', given.check.message);
    }
  });
}

for (const [name, link] of [
  ['hist', 'lab=toy1d&target=mixture&process=vp&sampler=euler&n=900000&steps=9&seed=1'],
  ['counts', 'lab=toy2d&target=gaussians8&process=vp&sampler=euler&n=900000&steps=13&seed=1'],
]) {
  test(`of very many particles the card counts what the picture shows: ${link}`, { skip: WEBGPU ? false : 'the WebGPU package was not built' }, async () => {
    const gap = await page.evaluate(async ([name, link]) => {
      const frames = await Promise.all(['cpu', 'webgpu'].map(async (engine) => {
        const pkg = await /** @type {any} */ (globalThis).packages[engine];
        const run = new pkg.Experiment(link).run('a');
        while (!(await run.advance(1e7)).done);
        const { arrays } = run.take();
        run.free();
        return arrays[name];
      }));
      const sum = (/** @type {(x: number, i: number) => number} */ f) => frames[0].reduce((/** @type {number} */ all, /** @type {number} */ x, /** @type {number} */ i) => all + f(x, i), 0);
      return { lengths: frames.map((own) => own.length), part: sum((x, i) => Math.abs(x - frames[1][i])) / sum((x) => x) };
    }, [name, link]);
    assert.ok(gap.lengths[0] > 0 && gap.lengths[0] === gap.lengths[1], `${gap.lengths}`);
    assert.ok(gap.part < 2e-3, `${gap.part} of the particles are in other cells`);
  });
}
