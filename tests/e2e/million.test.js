// The largest run of the lab, complete: it ends, the page stays responsive, and memory stays bounded.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CLI, DEV, done, handle, landed, launch, metric, newPage } from './browser.js';

const LINK = 'lab=toy1d&n=1000000&seed=0';
const MEGABYTES = 900;

test('1,000,000 particles × 100 steps', async (t) => {
  const browser = await launch({ webgpu: false });
  try {
    const { page, errors } = await newPage(browser);
    await page.goto('about:blank');
    const began = performance.now();
    await page.goto(`${DEV}#${LINK}`);
    await page.getByRole('button', { name: 'Cancel' }).waitFor({ timeout: 60_000 });
    // A page that blocks would not answer animation frames.
    const longest = await page.evaluate(async () => {
      let [last, worst] = [performance.now(), 0];
      for (let i = 0; i < 60; i++) {
        await new Promise(requestAnimationFrame);
        worst = Math.max(worst, performance.now() - last);
        last = performance.now();
      }
      return worst;
    });
    await done(page, 500_000);
    t.diagnostic(`${((performance.now() - began) / 1e3).toFixed(1)} s, longest frame of the first 60: ${longest.toFixed(0)} ms`);
    const { metrics } = await landed(page);
    const w1 = metric(metrics, 'w1');
    t.diagnostic(`W1 ${w1.value} (i.i.d. ${w1.reference})`);
    assert.ok(w1.value < 0.02);
    const native = JSON.parse(execFileSync(CLI, ['run', LINK], { encoding: 'utf8' }));
    assert.equal((await handle(page)).fingerprint, native.fingerprint, 'the command line answers the same link differently');

    const devtools = await browser.newBrowserCDPSession();
    const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
    const peaks = processInfo.filter((p) => p.type === 'renderer').map((p) => {
      const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${p.id}/status`, 'utf8'))?.[1];
      return Number(kilobytes) / 1024;
    });
    t.diagnostic(`peak memory of the page: ${Math.max(...peaks).toFixed(0)} MB`);
    assert.ok(Math.max(...peaks) < MEGABYTES, `${peaks} MB`);
    assert.ok(longest < 1000, `the page stood still for ${longest} ms`);
    assert.deepEqual(errors, []);
  } finally {
    await browser.close();
  }
});
