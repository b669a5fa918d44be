// <score-field> in a page of another host: one script, a still first, three at most that run.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DIST, done, launch, newPage } from './browser.js';
import { EARS, serve } from './host.js';

/** @typedef {import('../../score-field.d.ts').ScoreFieldElement} ScoreField */
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let site;
const LINK = 'lab=toy1d&n=500&seed=0&engine=cpu';
const PIXEL = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"><rect width="640" height="360" fill="#fc0"/></svg>')}`;
const page = (/** @type {string} */ body) =>
  `<!doctype html><meta charset="utf-8"><title>Notes</title><script src="${DIST}score-field.js"></script><body style="margin:1rem">${body}`;
const element = (/** @type {string} */ id, /** @type {string} */ more = '', /** @type {string} */ link = LINK) =>
  `<score-field id="${id}" link="${link.replace(/&/g, '&amp;')}" ${more}></score-field>`;
const many = (/** @type {number} */ n, /** @type {string} */ more = '') =>
  Array.from({ length: n }, (_, i) => element(`e${i}`, more, `lab=toy1d&n=500&engine=cpu&seed=${i}`)).join('<div style="height:40rem"></div>');

before(async () => {
  browser = await launch({ webgpu: false });
  site = await serve({
    '/one.html': page(element('one', `still="${PIXEL}" title="Ancestral steps"`)),
    '/card.html': page(element('one')),
    '/wrong.html': page(element('one', '', 'lab=toy1d&sampler=xx')),
    '/ten.html': page(many(10)),
    '/visible.html': page(many(10, 'start="visible"')),
    '/dark.html': page(`<style>:root { color-scheme: dark }</style>${element('one')}`),
    '/strict.html': `<!doctype html><meta charset="utf-8"><title>Notes</title>
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${new URL(DIST).origin}; frame-src ${new URL(DIST).origin}; img-src data:; connect-src ${new URL(DIST).origin}">
      <script src="${DIST}score-field.js"></script>${element('one', `still="${PIXEL}"`)}`,
    '/all.html': page(`<script>${EARS}</script>${element('one')}
      <iframe id="plain" src="${DIST}?embed=1#${LINK}" title="Plain" width="600" height="480"></iframe>
      <iframe id="boxed" src="${DIST}?embed=1#${LINK}" title="Sandboxed" sandbox="allow-scripts" width="600" height="480"></iframe>
      <iframe id="foe" title="Foe" srcdoc="<script>const got = []; addEventListener('message', (e) => got.push(e.data));
        const attack = () => { for (let i = 0; i < parent.frames.length; i++) {
          if (parent.frames[i] === self) continue;
          parent.frames[i].postMessage({ scorefield: 1, id: 1, do: 'set', link: 'lab=toy1d&seed=666' }, '*');
          parent.frames[i].postMessage({ scorefield: 1, id: 1, do: 'state' }, '*'); }
          parent.postMessage({ scorefield: 1, id: null, event: 'height', height: 3999 }, '*');
          parent.postMessage({ scorefield: 1, id: 1, event: 'state', link: 'lab=foe' }, '*'); };</script>"></iframe>`),
  });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** Opens a page of the host. @param {string} path */
async function open(path) {
  const opened = await newPage(browser);
  await opened.page.goto(site.address + path);
  return { ...opened, frames: () => opened.page.frames().filter((frame) => frame.url().startsWith(DIST)) };
}

/** Calls a method of an element. @param {import('playwright-core').Page} host @param {string} call @returns {Promise<any>} */
const on = (host, call) => host.evaluate(`document.getElementById(${JSON.stringify(call.split('.')[0])}).${call.slice(call.indexOf('.') + 1)}`);

test('an element whose link does not open says so, and opens another one', async () => {
  const { page: host, close } = await open('/wrong.html');
  assert.match(await on(host, 'one.start().then(() => "", String)'), /xx/);
  assert.match(await on(host, 'one.state().then(() => "", String)'), /No experiment is open/);
  const [frame] = host.frames().filter((one) => one.url().startsWith(DIST));
  await frame.waitForFunction(() => document.querySelector('.box.link') && document.documentElement.scrollHeight <= innerHeight + 1, null, { timeout: 5000 });
  const cut = await frame.locator('.box.link').evaluate((box) => box.scrollHeight - box.clientHeight);
  assert.ok(cut <= 1, `${cut} pixels of what is said are cut`);
  assert.equal(await on(host, `one.set(${JSON.stringify(LINK)}).then(({ event }) => event)`), 'state');
  assert.match(await on(host, 'one.state().then(({ link }) => link)'), /n=500/);
  await close();
});

test('an element whose files may not be read says what its host lacks', async () => {
  const opened = await newPage(browser);
  await opened.page.route(`${DIST}**`, (route) => (/\.html|score-field|\/(\?|$)/.test(route.request().url()) ? route.continue() : route.abort()));
  await opened.page.goto(site.address + '/card.html');
  assert.match(await on(opened.page, 'one.start().then(() => "", String)'), /Access-Control-Allow-Origin/);
  await opened.close();
});

/** The numbers of the elements that run, by `live` and by their frames. @param {import('playwright-core').Page} host */
const living = (host) => host.evaluate(() => [...document.querySelectorAll('score-field')].flatMap((el, i) => {
  const { live, shadowRoot } = /** @type {ScoreField} */ (el);
  if (live !== Boolean(shadowRoot?.querySelector('iframe'))) throw new Error(`element ${i} says live = ${live}`);
  return live ? [i] : [];
}));

test('an element shows its still, loads nothing else, and runs when the reader starts it', async () => {
  const { page: host, frames, requests, errors, close } = await open('/one.html');
  await host.getByRole('img', { name: 'Ancestral steps' }).waitFor();
  const foreign = requests.filter((url) => url.startsWith(DIST));
  assert.deepEqual(foreign, [`${DIST}score-field.js`]);
  const globals = await host.evaluate(() => Object.keys(globalThis).filter((name) => /score|live|stills|base/i.test(name)));
  assert.deepEqual(globals, []);
  await host.getByRole('button', { name: /Ancestral steps.*Run/ }).click();
  await host.waitForFunction(() => document.querySelector('score-field')?.shadowRoot?.querySelector('.live'));
  const state = await done(frames()[0]);
  assert.ok(state.fingerprint);
  const frame = await host.evaluate(() => {
    const el = /** @type {HTMLIFrameElement} */ (document.querySelector('score-field')?.shadowRoot?.querySelector('iframe'));
    return { sandbox: el.getAttribute('sandbox'), loading: el.loading, title: el.title, height: el.offsetHeight };
  });
  assert.deepEqual({ ...frame, height: 0 }, { sandbox: 'allow-scripts', loading: 'lazy', title: 'Ancestral steps', height: 0 });
  assert.deepEqual(errors, []);
  await close();
});

test('without a still there is a card with a title and a button', async () => {
  const { page: host, errors, close } = await open('/card.html');
  await host.getByRole('button', { name: /^Scorefield: engine=cpu, lab=toy1d.*Run/ }).waitFor();
  assert.equal(await host.getByRole('img').count(), 0);
  assert.ok(errors.every((error) => error.includes('stills.json')), errors.join('\n'));
  await close();
});

test('the gallery has a still for a link, whatever the order of its keys', async () => {
  const { page: host, context, close } = await newPage(browser);
  await context.route(`${DIST}stills.json`, (route) => route.fulfill({
    headers: { 'access-control-allow-origin': '*' }, json: { [LINK.split('&').sort().join('&')]: PIXEL } }));
  await host.goto(`${site.address}/card.html`);
  await host.getByRole('img').waitFor();
  assert.equal(await host.getByRole('img').evaluate((img) => /** @type {HTMLImageElement} */ (img).src), PIXEL);
  await on(host, "one.setAttribute('link', 'lab=toy1d&seed=5')");
  await host.getByRole('img').waitFor({ state: 'detached' });
  await on(host, `one.setAttribute('link', '#v=1&seed=0&engine=cpu&n=500&lab=toy1d&fp=AAAA')`);
  await host.getByRole('img').waitFor();
  await close();
});

test('its height follows the content', async () => {
  const { page: host, frames, close } = await open('/one.html');
  await on(host, 'one.start()');
  await done(frames()[0]);
  const fits = () => host.waitForFunction(() => {
    const el = document.querySelector('score-field')?.shadowRoot?.querySelector('iframe');
    return el && Math.abs(el.offsetHeight - /** @type {any} */ (globalThis).wanted) < 3;
  });
  await host.evaluate("globalThis.wanted = 0; document.querySelector('score-field').addEventListener('height', (e) => { globalThis.wanted = e.detail.height; })");
  const before = await host.evaluate(() => document.querySelector('score-field')?.shadowRoot?.querySelector('iframe')?.offsetHeight ?? 0);
  await on(host, "one.set({ 'b.steps': 20 })"); // a second row of numbers and captions
  await fits();
  const after = await host.evaluate(() => /** @type {any} */ (globalThis).wanted);
  assert.ok(after > before, `${before} px, then ${after} px`);
  const cut = await frames()[0].evaluate(() => document.documentElement.scrollHeight - innerHeight);
  assert.ok(cut <= 1, `${cut} px of the frame are not seen`);
  await close();
});

test('methods and events mirror the messages', async () => {
  const { page: host, close } = await open('/card.html');
  await host.evaluate("globalThis.seen = []; for (const name of ['ready', 'frame', 'done', 'state', 'numbers', 'height', 'error', 'still']) one.addEventListener(name, () => seen.push(name))");
  assert.equal((await on(host, 'one.seek(0.5)')).at, 0.5);
  assert.equal((await on(host, 'one.step(2)')).frame, (await on(host, 'one.step(-2)')).frame + 2);
  assert.equal((await on(host, 'one.play()')).playing, true);
  assert.equal((await on(host, 'one.pause()')).playing, false);
  await on(host, 'one.seek(1)');
  assert.equal((await on(host, 'one.numbers()')).sides[0].final, true);
  assert.match((await on(host, "one.set('lab=toy1d&n=500&seed=9')")).link, /seed=9/);
  assert.match((await on(host, 'one.set({ steps: 12 })')).link, /steps=12/);
  assert.match((await on(host, 'one.reset()')).link, /seed=0/);
  assert.match(await on(host, "one.set({ steps: 'x' }).catch(String)"), /steps/);
  assert.match(await on(host, "one.seek(3).catch(String)"), /from 0 .* to 1/);
  await on(host, "one.set({ view: 'histogram' })");
  await on(host, 'one.stop()');
  const seen = new Set(/** @type {string[]} */ (await host.evaluate('seen')));
  assert.deepEqual([...seen].sort(), ['done', 'error', 'frame', 'height', 'numbers', 'ready', 'state', 'still']);
  assert.match((await on(host, 'one.state()')).link, /view=histogram/, 'what the reader had set is lost');
  await close();
});

test('at most three run: the least recently used turns back into its still', async () => {
  const { page: host, close } = await open('/ten.html');
  // What is far from the screen does not load before it comes near, so its readiness is not waited for.
  const begin = (/** @type {string} */ id) => host.evaluate(`void ${id}.start().catch(() => {})`);
  for (const i of [0, 1, 2]) await begin(`e${i}`);
  assert.deepEqual(await living(host), [0, 1, 2]);
  await on(host, 'e0.play()'); // is used again, so 1 is the oldest
  await begin('e3');
  assert.deepEqual(await living(host), [0, 2, 3]);
  for (let i = 4; i < 10; i++) await begin(`e${i}`);
  assert.deepEqual(await living(host), [7, 8, 9]);
  await host.evaluate("document.getElementById('e8').remove()");
  await begin('e1');
  await host.evaluate("document.body.append(Object.assign(document.createElement('score-field'), { id: 'late' }))");
  await begin('late');
  assert.equal((await living(host)).length, 3);
  await close();
});

test('start="visible" starts what has come to rest in view, three at most', async () => {
  const { page: host, close } = await open('/visible.html');
  await host.waitForFunction(() => /** @type {ScoreField} */ (document.getElementById('e0')).live);
  await host.locator('#e9').scrollIntoViewIfNeeded();
  await host.waitForFunction(() => /** @type {ScoreField} */ (document.getElementById('e9')).live);
  assert.ok(!(await living(host)).some((i) => i > 1 && i < 8), 'what was passed by was started');
  for (const i of [4, 5, 6]) {
    await host.locator(`#e${i}`).scrollIntoViewIfNeeded();
    await host.waitForFunction((id) => /** @type {ScoreField} */ (document.getElementById(id)).live, `e${i}`);
    assert.ok((await living(host)).length <= 3);
  }
  await close();
});

test('it pauses off screen and goes on where it was', async () => {
  const { page: host, frames, close } = await open('/ten.html');
  await on(host, 'e0.start()');
  await done(frames()[0]);
  await on(host, "e0.set({ at: 0 })");
  await on(host, 'e0.play()');
  const at = () => frames()[0].evaluate(() => /** @type {any} */ (globalThis).__scorefield.at);
  await host.locator('#e9').scrollIntoViewIfNeeded();
  await new Promise((soon) => setTimeout(soon, 300));
  const first = await at();
  await new Promise((soon) => setTimeout(soon, 400));
  assert.equal(await at(), first);
  assert.ok(first < 1);
  await host.locator('#e0').scrollIntoViewIfNeeded();
  await frames()[0].waitForFunction((before) => /** @type {any} */ (globalThis).__scorefield.at > before, first);
  await close();
});

test('attributes are heard while it runs', async () => {
  const { page: host, frames, close } = await open('/card.html');
  await on(host, 'one.start()');
  await on(host, "one.setAttribute('link', 'lab=toy1d&n=500&steps=7&seed=0')");
  await frames()[0].waitForFunction(() => /** @type {any} */ (globalThis).__scorefield.opened.link.includes('steps=7'));
  await on(host, "one.setAttribute('title', 'Seven steps')");
  await host.locator('score-field figcaption').getByText('Seven steps').waitFor();
  await on(host, "one.setAttribute('theme', 'dark')");
  /** The frame whose address has a text. @param {string} text */
  const framed = async (text) => {
    await host.waitForFunction((part) => document.querySelector('score-field')?.shadowRoot?.querySelector('iframe')?.src.includes(part), text);
    const frame = await (await host.locator('score-field iframe').elementHandle())?.contentFrame();
    return /** @type {import('playwright-core').Frame} */ (frame);
  };
  assert.equal((await done(await framed('theme=dark'))).state, 'done');
  await on(host, "one.setAttribute('hide', 'numbers')");
  const last = await framed('hide=open%2Cnumbers');
  await done(last);
  assert.match(last.url(), /steps=7/);
  assert.equal(await last.locator('#metrics').isVisible(), false);
  await close();
});

test('its colours are those of the host', async () => {
  for (const [path, theme] of [['/card.html', 'light'], ['/dark.html', 'dark']]) {
    const { page: host, frames, close } = await open(path);
    await on(host, 'one.start()');
    assert.equal(await frames()[0].evaluate(() => document.documentElement.dataset.theme), theme);
    await close();
  }
});

test('a host with a strict policy needs no exception for styles', async () => {
  const { page: host, frames, errors, close } = await open('/strict.html');
  await on(host, 'one.start()');
  await done(frames()[0]);
  assert.deepEqual(errors.filter((error) => !error.includes('stills.json')), []);
  const frame = await host.locator('score-field iframe').boundingBox();
  assert.ok(frame && frame.height > 250);
  await close();
});

test('a host page prints the still, also while the experiment runs', async () => {
  const { page: host, frames, close } = await open('/one.html');
  await on(host, 'one.start()');
  await done(frames()[0]);
  await host.emulateMedia({ media: 'print' });
  assert.equal(await host.locator('score-field iframe').isVisible(), false);
  const still = await host.getByRole('img', { name: 'Ancestral steps' }).boundingBox();
  assert.ok(still && still.height > 200);
  const address = await host.evaluate(() => {
    const a = /** @type {HTMLElement} */ (document.querySelector('score-field')?.shadowRoot?.querySelector('figcaption a'));
    return { text: getComputedStyle(a, '::after').content, href: a.getAttribute('href') };
  });
  assert.ok(address.text.includes('lab=toy1d'), address.text);
  assert.ok((await host.pdf({ printBackground: true })).length > 3000);
  await close();
});

test('element, plain frame and sandboxed frame in one page are each driven by messages; a hostile frame gets nothing', async () => {
  const { page: host, errors, close } = await open('/all.html');
  const ask = (/** @type {string} */ id, /** @type {Record<string, unknown>} */ command) => /** @type {Promise<any>} */ (host.evaluate(`ask(${id}, ${JSON.stringify(command)})`));
  await on(host, 'one.start()');
  for (const id of ['plain', 'boxed']) await host.evaluate(`next(${id}, 'ready')`);
  assert.equal((await on(host, 'one.seek(0.25)')).at, 0.25);
  assert.equal((await ask('plain', { do: 'seek', at: 0.5 })).at, 0.5);
  assert.equal((await ask('boxed', { do: 'seek', at: 0.75 })).at, 0.75);
  const height = await host.locator('score-field iframe').evaluate((el) => el.clientHeight);
  const foe = await (await host.locator('#foe').elementHandle())?.contentFrame();
  await foe?.evaluate('attack()');
  const states = [await on(host, 'one.state()'), await ask('plain', { do: 'state' }), await ask('boxed', { do: 'state' })];
  assert.deepEqual(states.map(({ at }) => at), [0.25, 0.5, 0.75]);
  for (const { link } of states) assert.match(link, /seed=0/);
  assert.deepEqual(await foe?.evaluate('got'), []);
  assert.equal(await host.locator('score-field iframe').evaluate((el) => el.clientHeight), height);
  assert.match(await on(host, "one.shadowRoot.querySelector('figcaption a').href"), /seed=0/);
  assert.deepEqual(errors.filter((error) => !error.includes('stills.json')), []);
  await close();
});
