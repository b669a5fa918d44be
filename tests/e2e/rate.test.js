// What is said of a run while it is under way (www/ui/rate.js, www/ui/alerts.js), without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { left } from '../../www/ui/alerts.js';
import { about, whole } from '../../www/ui/rate.js';

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

test('a time is told in one unit, rounded up: whole seconds, and halves of a few minutes and hours', () => {
  const [s, min, h] = [1000, 60_000, 3_600_000];
  const told = /** @type {const} */ ([
    [1, '1 s'], [s, '1 s'], [1.01 * s, '2 s'], [89 * s, '89 s'], [90 * s, '1.5 min'], [91 * s, '2 min'], [2 * min, '2 min'], [121 * s, '2.5 min'],
    [9.6 * min, '10 min'], [10.1 * min, '11 min'], [89.9 * min, '90 min'], [90 * min, '1.5 h'], [91 * min, '2 h'], [2.2 * h, '2.5 h'], [33.2 * h, '34 h'],
  ]);
  for (const [ms, words] of told) assert.equal(about(ms), `about ${words}`, `${ms} ms`);
});

test('what is left is told in the unit of all', () => {
  assert.equal(left(35 * 1000, 35 / 120, NaN), ', about 2 min in all, 1.5 min left');
  assert.equal(left(110 * 1000, 110 / 120, NaN), ', about 2 min in all, 0.5 min left');
  assert.equal(left(75 * 60_000, 75 / 100, NaN), ', about 2 h in all, 0.5 h left');
  assert.equal(left(40 * 1000, 0.5, NaN), ', about 80 s in all, 40 s left');
  assert.equal(left(1000, 0.5, NaN), ', about 1 s left');
});
