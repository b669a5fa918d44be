// What views ask (www/app/answers.js), without a browser: a client that answers when it is told to.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Answers, answerOf } from '../../www/app/answers.js';

/** @typedef {import('../../www/app/store.js').SideState} SideState */
/** @typedef {{ name: string, signal?: AbortSignal, answer: (value: unknown) => Promise<void>, refuse: (fault: object) => Promise<void> }} Asked */

/** Answers, the questions that have been put, and what the page is told of. */
function made() {
  /** @type {Asked[]} */
  const asked = [];
  /** @type {any[]} */
  const faults = [];
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const put = (/** @type {string} */ name, /** @type {AbortSignal|undefined} */ signal) => new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => reject({ kind: 'gone', message: 'given up' }));
    asked.push({
      name, signal,
      answer: async (value) => void (resolve(value), await settled()),
      refuse: async (fault) => void (reject(fault), await settled()),
    });
  });
  const client = /** @type {any} */ ({
    ask: (/** @type {string} */ _link, /** @type {string} */ side, /** @type {string} */ question, /** @type {object} */ args, /** @type {any} */ how) =>
      put(`${side} ${question} ${JSON.stringify(args)}`, how?.signal),
    askRun: (/** @type {number} */ id, /** @type {string} */ question, /** @type {object} */ args, /** @type {any} */ how) =>
      put(`run ${id} ${question} ${JSON.stringify(args)}`, how?.signal),
  });
  /** @type {Record<string, SideState>} */
  const state = {};
  const store = /** @type {any} */ ({ state, touch() {}, patch: (/** @type {any} */ { fault }) => faults.push(fault) });
  /** @param {'a'|'b'} [id] @param {string} [run] @returns {SideState} */
  const side = (id = 'a', run = 'running') => {
    state[id] = /** @type {any} */ ({ id, link: 'link', answers: new Map(), run: { id: 7, state: run } });
    return state[id];
  };
  return { answers: new Answers(store, client), asked, faults, side, names: () => asked.map(({ name }) => name) };
}

/** @param {number} frame */
const at = (frame) => ({ question: 'density', args: { frame }, keep: 2 });

test('one question at a time a side, the most urgent first; answers stay with the side', async () => {
  const { answers, asked, names, side } = made();
  const [a, b] = [side('a'), side('b')];
  for (const one of [a, b]) answers.need(one, [at(3), at(4)]);
  assert.deepEqual(names(), ['a density {"frame":3}', 'b density {"frame":3}']);
  answers.need(a, [at(3), at(4)]);
  assert.equal(asked.length, 2, 'asked again while it is on its way');
  await asked[0].answer('three');
  assert.equal(answerOf(a, 'density', { frame: 3 }), 'three');
  assert.equal(answerOf(b, 'density', { frame: 3 }), undefined);
  assert.ok(answers.busy(a));
  answers.need(a, [at(3), at(4)]);
  assert.equal(names()[2], 'a density {"frame":4}');
  await asked[2].answer('four');
  answers.need(a, [at(3), at(4)]);
  assert.equal(asked.length, 3);
  assert.ok(!answers.busy(a));
});

test('of a question no more answers are held than it says; those that are needed stay', async () => {
  const { answers, asked, side } = made();
  const a = side();
  for (let frame = 0; frame < 5; frame++) {
    answers.need(a, [at(0), at(frame)]);
    await asked[frame].answer(frame);
  }
  assert.deepEqual([...a.answers.keys()], ['density {"frame":0}', 'density {"frame":4}']);
});

test('a question about a run is put once the run is done, one about a network once that is there', async () => {
  const { answers, names, side } = made();
  const a = side('a', 'training');
  const needs = [{ question: 'covariance', of: /** @type {const} */ ('run') }, { question: 'flow', learned: true }, { question: 'covariance' }];
  answers.need(a, needs);
  assert.deepEqual(names(), ['a covariance {}']);
  answers.leave('a');
  a.run.state = 'running';
  answers.need(a, needs);
  assert.deepEqual(names().slice(1), ['a flow {}']);
  answers.leave('a');
  a.run.state = 'done';
  answers.need(a, needs);
  assert.deepEqual(names().slice(2), ['run 7 covariance {}']);
});

test('a question is given up when its view or its side is left, not when its arguments change', async () => {
  const { answers, asked, faults, names, side } = made();
  const a = side();
  answers.need(a, [at(1)]);
  answers.need(a, [at(2)]);
  assert.equal(asked[0].signal?.aborted, false, 'a picture that moves would never have an answer');
  answers.need(a, [{ question: 'flow' }]);
  assert.equal(asked[0].signal?.aborted, true);
  assert.deepEqual(names().slice(1), ['a flow {}']);
  answers.need(side(), [{ question: 'flow' }]);
  assert.equal(asked[1].signal?.aborted, true);
  assert.equal(asked.length, 3);
  await asked[2].answer('there');
  assert.equal(a.answers.size, 0);
  assert.deepEqual(faults, []);
});

test('what is refused is told once and not asked again; after an engine was replaced it is', async () => {
  const { answers, asked, faults, side } = made();
  const a = side();
  answers.need(a, [at(1), at(2)]);
  await asked[0].refuse({ kind: 'silent', message: 'restarted' });
  answers.need(a, [at(1), at(2)]);
  assert.equal(asked[1].name, asked[0].name);
  await asked[1].refuse({ kind: 'run', message: 'This cannot be said.' });
  answers.need(a, [at(1), at(2)]);
  assert.equal(asked[2].name, 'a density {"frame":2}');
  assert.deepEqual(faults.map(({ message }) => message), ['This cannot be said.']);
});

test('of trials the latest wins: those that were overtaken resolve to null, and nothing is kept', async () => {
  const { answers, asked, names, side } = made();
  const a = side();
  const told = [1, 2, 3, 4].map((y) => answers.trial(a, 'posterior', { y }));
  assert.deepEqual(names(), ['a posterior {"y":1}']);
  await asked[0].answer('one');
  assert.deepEqual(names().slice(1), ['a posterior {"y":4}']);
  await asked[1].refuse({ kind: 'run', message: 'no' });
  assert.deepEqual(await Promise.all(told), ['one', null, null, null]);
  assert.equal(a.answers.size, 0);
});
