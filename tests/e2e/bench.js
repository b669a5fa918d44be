// The engine against the scalar loop in a worker of a real browser (`cargo xtask bench`).

import { DEV, launch, newPage } from './browser.js';

const SIZES = [[1000, 100], [10_000, 100], [100_000, 100]];

const browser = await launch({ webgpu: false });
const { page } = await newPage(browser);
await page.route('**/blank.html', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>bench</title>' }));
await page.goto(`${DEV}blank.html`);
const rows = await page.evaluate((sizes) => new Promise((resolve, reject) => {
  const work = `
    import init, { bench } from '${location.origin}/pkg/cpu/scorefield.js';
    await init({ module_or_path: '${location.origin}/pkg/cpu/scorefield_bg.wasm' });
    const rows = [];
    for (const [n, steps] of ${JSON.stringify(sizes)}) rows.push({ n, steps, ...(await bench(n, steps)) });
    postMessage(rows);`;
  const worker = new Worker(URL.createObjectURL(new Blob([work], { type: 'text/javascript' })), { type: 'module' });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (e) => reject(new Error(e.message || 'the worker did not start'));
}), SIZES);
await browser.close();

console.log('particles × steps      engine      scalar   engine/scalar');
for (const { n, steps, engine_ms: engine, scalar_ms: scalar, ratio } of /** @type {any[]} */ (rows)) {
  console.log(`${`${n} × ${steps}`.padEnd(18)} ${`${engine.toFixed(1)} ms`.padStart(10)}  ${`${scalar.toFixed(1)} ms`.padStart(10)}  ${ratio.toFixed(2).padStart(12)}`);
}
