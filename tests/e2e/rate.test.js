// How long a run takes in all, as far as it has come (www/ui/rate.js), without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whole } from '../../www/ui/rate.js';

const near = (/** @type {number} */ is, /** @type {number} */ wanted) => assert.ok(Math.abs(is - wanted) < 1e-9 * wanted, `${is}, not ${wanted}`);

test('a run that has not begun takes as long as was expected', () => {
  assert.equal(whole(0, 0, 700), 700);
  assert.equal(whole(300, 0, 700), 700);
  assert.ok(Number.isNaN(whole(300, 0, NaN)));
});

test('slow first steps do not speak for the whole run: what they tell counts by the part that is done', () => {
  near(whole(1500, 0.005, 53_000), 53_000 ** 0.75 * 300_000 ** 0.25);
  for (const part of [0.001, 0.005, 0.01, 0.019]) {
    const all = whole(1500, part, 53_000);
    assert.ok(all > 53_000 && all < 1500 / part, `${all} at ${part}`);
  }
  near(whole(1500, 0.02, 53_000), 75_000);
  near(whole(1500, 0.5, 53_000), 3000);
});

test('a run that takes longer than was expected, or of which nothing was, tells its own time', () => {
  near(whole(5000, 0.005, 2000), 1_000_000);
  near(whole(5000, 0.005, NaN), 1_000_000);
  near(whole(5000, 0.005, 0), 1_000_000);
});
