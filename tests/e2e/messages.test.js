// What a page and its embeds say to each other, as docs/embed.md says it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DIST, done, handle, launch, newPage } from './browser.js';
import { EARS, serve } from './host.js';

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let site;
const LINK = 'lab=toy1d&n=500&seed=0&engine=cpu';
const frame = (/** @type {string} */ id, /** @type {string} */ sandbox = '') =>
  `<iframe id="${id}" src="${DIST}?embed=1#${LINK}" title="Scorefield" ${sandbox} width="600" height="480"></iframe>`;
const page = (/** @type {string} */ body) => `<!doctype html><meta charset="utf-8"><title>Notes</title><script>${EARS}</script>${body}`;

before(async () => {
  browser = await launch({ webgpu: false });
  site = await serve({
    '/one.html': page(frame('one', 'sandbox="allow-scripts"')),
    '/open.html': page(frame('one')),
    '/wrong.html': page(`<iframe id="one" src="${DIST}?embed=1#lab=toy1d&steps=x" title="Scorefield" width="600" height="480"></iframe>`),
    '/two.html': page(`${frame('one', 'sandbox="allow-scripts"')}<iframe id="foe" src="/foe.html"></iframe>`),
    '/foe.html': `<!doctype html><script>
      const got = [];
      addEventListener('message', (e) => got.push(e.data));
      const attack = () => {
        const embed = parent.frames[0];
        for (const what of ['play', 'pause', 'state', 'numbers', 'reset']) embed.postMessage({ scorefield: 1, id: 'foe', do: what }, '*');
        embed.postMessage({ scorefield: 1, id: 'foe', do: 'set', link: 'lab=toy1d&seed=666' }, '*');
        embed.postMessage({ scorefield: 1, id: 'foe', do: 'seek', at: 0.123 }, '*');
        embed.postMessage('slide:start', '*');
      };
    </script>`,
  });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/**
 * Opens a page of the host.
 * @param {string} path @param {(context: import('playwright-core').BrowserContext) => Promise<unknown>} [prepare]
 */
async function open(path, prepare) {
  const opened = await newPage(browser);
  await prepare?.(opened.context);
  /** @type {string[]} */
  const warnings = [];
  opened.page.on('console', (message) => void (message.type() === 'warning' && warnings.push(message.text())));
  await opened.page.goto(site.address + path);
  const embed = () => /** @type {import('playwright-core').Frame} */ (opened.page.frames().find((one) => one.url().startsWith(DIST)));
  /** The answer to a command. @param {Record<string, unknown>} command @returns {Promise<any>} */
  const ask = (command) => opened.page.evaluate(`ask(one, ${JSON.stringify(command)})`);
  /** An event that has come or will come. @param {string} event @returns {Promise<any>} */
  const next = (event) => opened.page.evaluate(`next(one, '${event}')`);
  return { ...opened, embed, ask, next, warnings };
}

test('an embed says that it is ready, that its run is done with its fingerprint, how high it would like to be, and its numbers', async () => {
  const { embed, next, errors, close } = await open('/one.html');
  const ready = await next('ready');
  assert.match(ready.link, /^v=1&lab=toy1d/);
  assert.equal(ready.id, null);
  const end = await next('done');
  const shown = await done(embed());
  assert.deepEqual(end.fingerprints, [shown.fingerprint]);
  const { height } = await next('height');
  assert.ok(height > 250 && height < 900, `${height} px`);
  const { sides } = await next('numbers');
  assert.equal(sides[0].side, 'a');
  assert.deepEqual(errors, []);
  await close();
});

test('every command is done and answered by one message with its id', async () => {
  const { page: host, embed, ask, next, errors, warnings, close } = await open('/one.html');
  await next('done');
  const paused = await ask({ do: 'pause' });
  assert.equal(paused.event, 'state');
  assert.equal(paused.playing, false);
  const there = await ask({ do: 'seek', at: 0.5 });
  assert.equal(there.at, 0.5);
  const stepped = await ask({ do: 'step' });
  assert.equal(stepped.frame, there.frame + 1);
  assert.equal((await ask({ do: 'step', by: -2 })).frame, there.frame - 1);
  assert.equal((await ask({ do: 'play' })).playing, true);
  await ask({ do: 'seek', at: 1 });
  const numbers = await ask({ do: 'numbers' });
  assert.equal(numbers.sides[0].final, true);
  const w1 = numbers.sides[0].rows.find((/** @type {any} */ row) => row.key === 'w1');
  assert.equal(w1.value, (await handle(embed())).metrics?.rows.find((row) => row.key === 'w1')?.value);
  const set = await ask({ do: 'set', keys: { steps: 8, seed: 3 } });
  assert.match(set.link, /steps=8/);
  assert.match(set.link, /seed=3/);
  const both = await ask({ do: 'set', link: '#lab=toy1d&n=500&steps=20&b.steps=10&seed=1' });
  assert.equal(both.titles.length, 2);
  assert.match((await ask({ do: 'set', keys: { steps: 30, 'b.steps': 15 } })).link, /steps=30&.*b\.steps=15/);
  const reset = await ask({ do: 'reset' });
  assert.match(reset.link, /^v=1&lab=toy1d&(?!.*steps=)/);
  assert.equal((await ask({ do: 'state', id: 7 })).id, 7);
  const ids = await /** @type {Promise<(string|number)[]>} */ (host.evaluate('heard.map(({ data }) => data.id).filter((id) => id !== null)'));
  assert.equal(new Set(ids).size, ids.length, 'a command was answered twice');
  assert.deepEqual(errors, []);
  assert.deepEqual(warnings, []);
  await close();
});

test('reveal.js starts an embed with its slide and stops it', async () => {
  const { page: host, embed, next, close } = await open('/one.html');
  await next('done');
  const say = (/** @type {string} */ words) => host.evaluate(`one.contentWindow.postMessage('${words}', '*')`);
  const playing = (/** @type {boolean} */ want) => embed().waitForFunction((is) => /** @type {any} */ (globalThis).__scorefield.playing === is, want);
  await say('slide:stop');
  await playing(false);
  await say('slide:start');
  await playing(true);
  await close();
});

/** Messages that cannot be read, and whether they are answered. @type {[string, boolean][]} */
const MALFORMED = [
  ['null', false], ['7', false], ['"play"', false], ['{ do: "play" }', false], ['{ scorefield: 2, id: 1, do: "play" }', false],
  ['{ scorefield: 1, id: {}, do: "play" }', false], ['{ scorefield: 1, id: "bad", do: "fly" }', true], ['{ scorefield: 1, id: "bad" }', true],
  ['{ scorefield: 1, id: "bad", do: "seek", at: 2 }', true], ['{ scorefield: 1, id: "bad", do: "seek", at: "0.5" }', true],
  ['{ scorefield: 1, id: "bad", do: "step", by: 0.5 }', true], ['{ scorefield: 1, id: "bad", do: "set" }', true],
  ['{ scorefield: 1, id: "bad", do: "set", link: 5 }', true], ['{ scorefield: 1, id: "bad", do: "set", keys: { steps: {} } }', true],
  ['{ scorefield: 1, id: "bad", do: "set", keys: [] }', true], ['{ scorefield: 1, id: "bad", do: "set", link: "a", keys: { n: 1 } }', true],
  ['{ scorefield: 1, id: "bad", do: "constructor" }', true], ['[]', false], ['{ scorefield: 1, id: NaN, do: "play" }', false],
];

test('what is malformed changes nothing, is answered by an error where it has an id, and gives one warning in the console', async () => {
  const { page: host, ask, next, errors, warnings, close } = await open('/one.html');
  await next('done');
  await ask({ do: 'seek', at: 0.25 });
  let before = await ask({ do: 'state' });
  while (!/at=0\.25/.test(before.link)) before = await ask({ do: 'state' }); // the position is in the link once it rests
  for (const [message] of MALFORMED) {
    await host.evaluate(`one.contentWindow.postMessage(${message}, '*')`);
  }
  const now = await ask({ do: 'state' });
  assert.deepEqual({ ...now, id: 0 }, { ...before, id: 0 });
  const answers = await /** @type {Promise<{ event: string, message: string }[]>} */ (
    host.evaluate('heard.filter(({ data }) => data.id === "bad").map(({ data }) => data)'));
  assert.equal(answers.length, MALFORMED.filter(([, answered]) => answered).length);
  for (const { event, message } of answers) {
    assert.equal(event, 'error');
    assert.match(message, /ignored/);
  }
  assert.match(answers[0].message, /"fly".*set, play, pause, step, seek, reset, state, numbers/);
  assert.equal(warnings.length, 1, warnings.join('\n'));
  assert.deepEqual(errors, []);
  await close();
});

test('a link or a key that is wrong is refused with its reason, and what was open stays', async () => {
  const { ask, next, close } = await open('/one.html');
  const { link } = await next('ready');
  for (const [command, why] of /** @type {[Record<string, unknown>, RegExp][]} */ ([
    [{ do: 'set', link: 'lab=toy1d&steps=x' }, /steps/], [{ do: 'set', keys: { steps: 'many' } }, /steps/],
    [{ do: 'set', keys: { steps: 8, stepz: 9 } }, /stepz/], [{ do: 'set', keys: { steps: 8, 'b.sampler': 'x' } }, /sampler|compar/i],
  ])) {
    const answer = await ask(command);
    assert.equal(answer.event, 'error', JSON.stringify(answer));
    assert.match(answer.message, why);
    assert.equal((await ask({ do: 'state' })).link, link);
  }
  await close();
});

test('many links at once are all read and answered, and of those that wait only the last one runs', async () => {
  const { page: host, embed, next, errors, close } = await open('/open.html', (own) => own.addInitScript(() => {
    const send = Worker.prototype.postMessage;
    Worker.prototype.postMessage = /** @this {Worker} @param {any} message @param {any} rest */ function (message, ...rest) {
      if (message?.op === 'run') (/** @type {any} */ (globalThis).runs ??= []).push(message);
      return send.call(this, message, ...rest);
    };
  }));
  await next('done');
  const runs = () => embed().evaluate(() => /** @type {any} */ (globalThis).runs.length);
  const before = await runs();
  const answers = /** @type {any[]} */ (await host.evaluate(`Promise.all(Array.from({ length: 300 }, (_, i) => ask(one, i === 150
    ? { do: 'set', keys: { steps: 'many' } } : { do: 'set', keys: { seed: i, ...i === 20 && { steps: 12 } } })))`));
  assert.equal(answers[150].event, 'error');
  assert.match(answers[150].message, /steps=many/);
  const others = answers.filter((_, i) => i !== 150);
  assert.ok(others.every(({ event }) => event === 'state'));
  const last = answers[299];
  assert.equal(last.passed, false);
  assert.match(last.link, /steps=12.*seed=299/);
  const passed = others.filter((answer) => answer.passed);
  assert.ok(passed.length > 280, `${passed.length} were passed over`);
  for (const answer of passed) assert.equal(answer.link, last.link, 'an answer tells another link than the one that is there');
  assert.ok(await runs() - before < 15, `${await runs() - before} runs`);
  assert.deepEqual(errors, []);
  await close();
});

test('commands that wait behind each other have the effect that they have one by one', async () => {
  const { page: host, ask, next, close } = await open('/one.html');
  await next('done');
  const all = (/** @type {Record<string, unknown>[]} */ commands) => /** @type {Promise<any[]>} */ (
    host.evaluate(`Promise.all(${JSON.stringify(commands)}.map((command) => ask(one, command)))`));
  const [first, , last] = await all([{ do: 'set', link: 'lab=toy1d&n=400&seed=5' }, { do: 'seek', at: 0.5 }, { do: 'set', keys: { steps: 9 } }]);
  assert.match(last.link, /steps=9&n=400.*seed=5/);
  assert.equal(last.at, 0.5);
  assert.equal(last.playing, false);
  assert.equal(first.link, last.link);
  const [good, bad] = await all([{ do: 'set', keys: { seed: 6 } }, { do: 'set', link: 'lab=toy1d&steps=x' }]);
  assert.equal(bad.event, 'error');
  assert.equal(good.passed, false);
  assert.match(good.link, /seed=6/);
  const [one, , two] = await all([{ do: 'set', keys: { seed: 7 } }, { do: 'state' }, { do: 'set', keys: { seed: 8 } }]);
  assert.match(one.link, /seed=7/, 'a question between two links is about the first');
  assert.match(two.link, /seed=8/);
  const [, back] = await all([{ do: 'set', link: 'lab=toy2d&n=100&steps=4' }, { do: 'reset' }]);
  assert.match(back.link, /lab=toy1d.*seed=0/);
  assert.match((await ask({ do: 'state' })).link, /lab=toy1d.*seed=0/);
  await close();
});

test('the answer says what was changed: a number out of range, and a key that goes with another value', async () => {
  const { ask, next, close } = await open('/one.html');
  await next('done');
  const { changes, link } = await ask({ do: 'set', keys: { steps: 9000, seed: 2 } });
  assert.match(link, /steps=2000/);
  assert.deepEqual(changes, ['steps=9000 is outside 2 to 2000. 2000 is used.']);
  assert.deepEqual((await ask({ do: 'set', keys: { steps: 10 } })).changes, []);
  await ask({ do: 'set', link: 'lab=toy1d&n=500&process=edm&sampler=heun&steps=10&churn=4&seed=0' });
  const [left] = (await ask({ do: 'set', keys: { sampler: 'euler' } })).changes;
  assert.match(left, /is left out: it does not go with this change/);
  const both = (await ask({ do: 'set', keys: { n: 0, 'b.steps': 9000 } })).changes;
  assert.equal(both.length, 2, both.join('\n'));
  assert.match((await ask({ do: 'set', link: 'lab=toy1d&n=500&steps=9000' })).changes[0], /2000 is used/);
  assert.equal((await ask({ do: 'state' })).changes, undefined);
  await close();
});

test('an embed whose link is wrong says so, and opens the right one that it is sent', async () => {
  const { ask, next, close } = await open('/wrong.html');
  assert.match((await next('error')).message, /steps/);
  assert.equal((await ask({ do: 'state' })).event, 'error');
  assert.match((await ask({ do: 'set', link: LINK })).link, /lab=toy1d/);
  await next('ready');
  await close();
});

test('no message leads an embed to another page', async () => {
  const { page: host, embed, ask, next, errors, close } = await open('/open.html');
  await next('done');
  const address = embed().url().split('#')[0];
  for (const link of ['https://foreign.example/', '//foreign.example/#lab=toy1d', 'javascript:top.hacked=1', '?embed=0#lab=toy1d', '../', 'https://foreign.example/#lab=toy1d&seed=4']) {
    await ask({ do: 'set', link });
    await ask({ do: 'set', keys: { lab: link } });
  }
  await new Promise((soon) => setTimeout(soon, 900)); // the address bar is written with a delay
  assert.equal(embed().url().split('#')[0], address);
  assert.equal(host.url(), `${site.address}/open.html`);
  assert.equal(host.context().pages().length, 1);
  assert.ok(!(await host.evaluate(() => 'hacked' in globalThis)));
  assert.deepEqual(errors, []);
  await close();
});

test('a frame beside an embed cannot drive it and is told nothing', async () => {
  const { page: host, ask, next, embed, warnings, close } = await open('/two.html');
  await next('done');
  await ask({ do: 'seek', at: 0.75 });
  const before = await ask({ do: 'state' });
  const foe = /** @type {import('playwright-core').Frame} */ (host.frames().find((one) => one.url().endsWith('/foe.html')));
  await foe.evaluate('attack()');
  const now = await ask({ do: 'state' }); // comes after the attack
  assert.deepEqual({ ...now, id: 0 }, { ...before, id: 0 });
  assert.equal((await handle(embed())).state, 'done');
  assert.deepEqual(await foe.evaluate('got'), []);
  const answers = await host.evaluate('heard.filter(({ data }) => data.id === "foe").length');
  assert.equal(answers, 0);
  assert.deepEqual(warnings, []);
  await close();
});
