// Boot: puts the parts together. The skeleton is in index.html; everything here comes after the first paint.
import { Client, readAddresses } from './engine/client.js';
import { Engines } from './engine/engines.js';
import { Address } from './app/address.js';
import { Messages } from './app/messages.js';
import { named } from './app/title.js';
import { Player } from './app/player.js';
import { Session, reducedMotion } from './app/session.js';
import { Shelf } from './app/shelf.js';
import { Store, asFault, current, frameAt, isEarlier, isOwn, runKey } from './app/store.js';
import { LABS } from './labs/index.js';
import { Alerts } from './ui/alerts.js';
import { article } from './ui/article.js';
import { Controls } from './ui/controls.js';
import { byId, closeMenus, h, refill } from './ui/dom.js';
import { bytesOf, listenFiles } from './ui/files.js';
import { classesOf, isShown, readFlags, unknownNames } from './ui/flags.js';
import { openHelp } from './ui/help.js';
import { listenKeys } from './ui/keys.js';
import { LessonLine } from './ui/lesson.js';
import { unset } from './ui/math.js';
import { MetricsLine } from './ui/metrics.js';
import { listenPrint } from './ui/paper.js';
import { picture } from './ui/picture.js';
import { openPlan } from './ui/plan.js';
import { download, openShare } from './ui/share.js';
import { Slides } from './ui/slides.js';
import { Stage } from './app/stage.js';
import { TrainingPanel } from './ui/training.js';
import { TopBar, keptTheme, setTheme } from './ui/topbar.js';
import { Transport, toggleControls } from './ui/transport.js';

/** @typedef {import('./app/store.js').State} State */
/** @typedef {import('./app/store.js').SideId} SideId */
/** @typedef {import('./app/stage.js').Lab} Lab */

const flags = readFlags(location.search);
const root = document.documentElement;
root.classList.toggle('embed', flags.embed);
root.classList.add(...classesOf(flags.parts));
setTheme(flags.theme ?? (flags.embed ? 'light' : keptTheme())); // most pages that embed one are white, whatever the reader's system is

const store = new Store();
const address = new Address(!flags.embed && self === top);
/** @type {Engines} */
let engines;
const early = LABS.find(({ id }) => id === labOf(address.read()))?.package;
const client = new Client(readAddresses(), (kind, words) => engines?.progress(kind, words), early);
engines = new Engines(client, (news) => store.patch(news));
const session = new Session(store, client, engines, address);
const player = new Player(store, () => session.rest());
let version = '';

session.onFirst = () => {
  if (!flags.embed && (store.state.opened?.engine ?? 'auto') === 'auto') engines.preload();
};

// ── labs ───────────────────────────────────────────────────────────────────────────────────────
const shelf = new Shelf(LABS, () => store.touch());
shelf.get(labOf(address.read())); // on its way while the engine starts

/** The lab that is open, where its files are there. */
function lab() {
  return stage.lab?.id === store.state.opened?.lab ? stage.lab : null;
}

// ── parts ──────────────────────────────────────────────────────────────────────────────────────
let spoken = -Infinity; // when a lab last said something
let told = ''; // the picture's description that was last said
const stage = new Stage(byId('plot'), {
  state: () => store.state,
  scrub: (at) => player.scrub(at),
  redraw: () => store.touch(),
  say(words) {
    spoken = performance.now();
    say(words);
  },
  notice: (words) => store.patch({ notices: [...store.state.notices, words] }),
  set: (side, pairs) => session.editKeys(side, pairs),
  rewrite: (how) => session.rewrite(how),
  trial: (side, question, args) => session.answers.trial(side, question, args),
  points: {
    encode: (xy) => client.call('encode_points', xy),
    decode: (text) => client.call('decode_points', text),
    read: (text) => client.call('read_points', new TextEncoder().encode(text)),
  },
  open: openFiles,
});

/** @param {string} words */
function say(words) {
  if (byId('live').textContent !== words) byId('live').textContent = words;
}

/** @param {SideId} side @param {string} key @param {string} value @param {string} gesture */
function edit(side, key, value, gesture) {
  return session.within(gesture, () => (stage.own.edit?.(side, key, value) ? Promise.resolve(null) : session.edit(side, key, value)));
}

const compare = h('button.quiet.compare', {
  type: 'button', 'aria-pressed': 'false', title: 'Compare with a second configuration (c)', onclick: () => toggleCompare(),
}, 'Compare');
const views = h('div.segments', { role: 'radiogroup', 'aria-label': 'View' });
const options = h('div.options');
byId('stagebar').replaceChildren(views, compare, options);

/** The share panel that was opened, and the runs that it is of. @type {{ runs: string, dialog: HTMLDialogElement }|null} */
let shared = null;
const topbar = new TopBar(byId('labs'), byId('tools'), LABS, {
  engine, share, help, undo: () => session.undo(), redo: () => session.redo(), left: (lab) => session.steps.labs.get(lab),
});
const controls = new Controls(byId('panel'), edit, (tab) => store.patch({ tab }), () => toggleControls(false), plan,
  (key, like) => isShown(flags, key, like));
const transport = new Transport(byId('transport'), player, {
  plan, controls: () => toggleControls(), speed: (speed) => store.patch({ speed }),
});
const metrics = new MetricsLine(byId('metrics'), { current, isOwn });
const lesson = new LessonLine(byId('lesson'), (side, key, value) => session.edit(side, key, value));
const alerts = new Alerts(byId('alerts'), byId('work'), {
  follow: (link, changes) => session.follow(link, changes),
  cancel: () => session.cancel(),
  again: () => session.again(),
  webgpu() {
    engines.retry();
    session.again();
  },
  dismiss: () => store.patch({ notices: [] }),
  forgive: () => store.patch({ fault: null }),
  lab: () => shelf.again(store.state.opened?.lab ?? ''),
});
const panel = new TrainingPanel(byId('training'), {
  cancel: (t) => session.trainings.cancel(t),
  use: (t) => session.trainings.use(t).catch((e) => store.patch({ fault: asFault(e) })),
  resume: (t) => session.resume(t),
  prove: (t) => session.prove(t),
  save: (t) => t.bytes && download(fileName(), new Blob([new Uint8Array(t.bytes)])),
  open: openFiles,
});
listenFiles(openFiles, (text) => stage.own.paste?.(text));

const caption = h('b');
const openFull = h('a.openfull', { target: '_blank', rel: 'noopener' }, 'Open in Scorefield');
const slides = flags.present ? new Slides(() => (flags.slides.length ? flags.slides : offered), (link) => session.open(link)) : null;
/** What is presented where the address names no list: the link that was opened, and those to try below it. @type {string[]} */
let offered = [];
root.classList.toggle('present', flags.present);
byId('caption').replaceChildren(...[caption, openFull, slides?.el].flatMap((el) => el ?? []));

store.listen(render);

/** @param {State} s */
function render(s) {
  const { opened } = s;
  root.dataset.state = stateName(s);
  boot(s);
  root.classList.toggle('opened', Boolean(opened));
  byId('app').classList.toggle('tall', opened?.view === 'sweep' && Boolean(opened.b));
  byId('stagebar').classList.toggle('broad', opened?.view === 'sweep');
  const earlier = isEarlier(s);
  root.classList.toggle('earlier', earlier); // dimmed, with words
  const note = earlier && s.a ? 'This is still the picture of the link before.' : '';
  if (byId('earlier').textContent !== note) byId('earlier').textContent = note;
  byId('plot').setAttribute('aria-busy', String(earlier || stateName(s) === 'booting'));
  if (shared && (s.unopened || shared.runs !== runsOf(opened))) { // its buttons would give another link's
    shared.dialog.close();
    shared = null;
  }
  if (opened) {
    const open = shelf.get(opened.lab);
    stage.show(open);
    if (!open) {
      arriving(opened.lab);
      bare(s, opened);
    }
  }
  alerts.update(s, { plural: lab()?.plural, job: stage.job(s), absent: opened && shelf.fault(opened.lab) });
  panel.update(s);
  topbar.update(s, opened && !s.unopened ? opened.lab : labOf(s.linkError?.nearest), lab()?.cpu);
  const { before, after } = session.steps;
  topbar.ways(before !== null || s.unopened && opened !== null, after !== null);
  openFull.href = address.full(opened?.link ?? address.read());
  if (opened) {
    const all = opened.a.controls.find((c) => c.key === 'view')?.choices ?? [];
    const ids = all.map(({ value }) => value);
    const choices = all.filter(({ value }) => value === opened.view || isShown(flags, value, ids));
    const keys = [opened.a, opened.b].flatMap((side) => side?.controls.map(({ key }) => key) ?? []);
    // a control or a view that is to be shown brings its place along
    root.classList.toggle('no-controls', !flags.parts.has('controls') && !keys.some((key) => flags.show.has(key)));
    root.classList.toggle('no-views', !flags.parts.has('views') && !ids.some((id) => flags.show.has(id)));
    nameUnknown([...keys, ...ids]);
    controls.update(s, lab()?.controls);
    refill(views, JSON.stringify(choices), () => choices.map((c) => h('label', { title: unset(c.help) },
      h('input', { type: 'radio', name: 'view', value: c.value, onchange: () => session.edit('a', 'view', c.value) }),
      h('span', {}, c.label))));
    for (const input of views.querySelectorAll('input')) input.checked = input.value === opened.view;
    compare.setAttribute('aria-pressed', String(Boolean(opened.b)));
  }
  metrics.update(s, lab());
  const shown = lab();
  if (opened && shown && s.a?.scene.lab === opened.lab && !earlier) show(s, opened, shown);
}

/**
 * The picture of the open link and all that belongs to it.
 * @param {State} s
 * @param {import('./app/store.js').Opened} opened
 * @param {Lab} lab
 */
function show(s, opened, lab) {
  session.need({ job: stage.job(s), needs: (side) => stage.needs(s, side) });
  stage.draw(s);
  lesson.update(s, lab.lesson);
  transport.update(s, s.a ? frameAt(s.a, s.at) : 0);
  refill(options, optionsKey(s), () => stage.options(s));
  const said = JSON.stringify([opened.a.values, opened.b?.values, opened.view, s.a?.key, s.b?.key, stage.choices(s)]);
  refill(byId('words'), said, () => article(lab, s, stage.own));
  const words = stateName(s) === 'done' && !s.playing ? stage.pictures()[0]?.getAttribute('aria-label') ?? '' : '';
  if (words && words !== told && performance.now() - spoken > 600) say(words); // not over what has just been said
  told = words;
  document.title = titleOf(opened);
  if (!offered.length) offered = [address.read() || opened.link, ...lab.tries.map(([, link]) => link)];
  slides?.update();
  const head = headOf(opened);
  if (caption.textContent !== head) caption.textContent = head;
}

let checked = false;

/** Names in hide and show that the first experiment does not have, once in the console. @param {string[]} names  its keys and views */
function nameUnknown(names) {
  if (checked) return;
  checked = true;
  const unknown = unknownNames(flags, new Set(names)).map((name) => `"${name}"`).join(', ');
  if (unknown) console.warn(`The display flags hide and show name ${unknown}: no part, key or view of this link. Ignored.`);
}

/** The keys of what is sampled. */
const LAW_KEYS = ['target', 'model'];

/** Law and sampler; two configurations have their titles above their pictures. @param {import('./app/store.js').Opened} opened */
function headOf(opened) {
  const laws = [opened.a, opened.b].map((side) => {
    const key = LAW_KEYS.find((name) => side?.values[name]);
    return side && key ? named(side, key) : LABS.find(({ id }) => id === opened.lab)?.label ?? '';
  });
  const law = opened.b && laws[0] !== laws[1] ? laws.join(' against ') : laws[0];
  const [title] = stage.titles(opened);
  return opened.b || title.includes(law) ? (opened.b ? law : title) : `${law} · ${title}`;
}

/**
 * Nothing of another lab stands beside a lab whose files are on their way.
 * @param {State} s
 * @param {import('./app/store.js').Opened} opened
 */
function bare(s, opened) {
  for (const place of [options, byId('words')]) refill(place, `no lab ${opened.lab}`, () => []);
  lesson.update(s, undefined);
  if (s.a?.scene.lab === opened.lab) transport.update(s, frameAt(s.a, s.at));
  document.title = titleOf(opened);
}

/** @param {import('./app/store.js').Opened} opened */
function titleOf(opened) {
  return `${stage.titles(opened).join(' against ')} · Scorefield`;
}

/** While the files of a lab are on their way its place says so. @param {string} id */
function arriving(id) {
  const line = document.getElementById('boot');
  const label = LABS.find((entry) => entry.id === id)?.label ?? id;
  const words = shelf.fault(id) ? '' : `Loading the lab “${label}”.`;
  if (line) line.textContent = words;
  else byId('plot').replaceChildren(h('p.boot', { id: 'boot' }, words));
}

/** The lab that a link names; where it names none the one that is shown, or the first. @param {string|undefined} link */
function labOf(link) {
  return new URLSearchParams(link).get('lab') ?? store.state.opened?.lab ?? LABS[0].id;
}

/** What the row of display choices depends on. @param {State} s */
function optionsKey(s) {
  const { opened, a } = s;
  const plan = Object.values(s.jobs).map((job) => job?.plan?.series);
  return JSON.stringify([stage.choices(s), opened?.view, Boolean(opened?.b), plan, a?.scene.frames, a?.scene.clock, root.dataset.theme]);
}

/** Of the network that is open. */
function fileName() {
  const { opened } = store.state;
  return `${opened?.a.values.target ?? opened?.lab ?? 'network'}.bpk`;
}

const BUSY = ['running', 'waiting', 'training'];

/** @param {State} s @returns {'booting'|'running'|'done'|'cancelled'|'error'} */
function stateName(s) {
  if (s.linkError || (s.fault && s.fault.kind !== 'file')) return 'error';
  if (s.a && isEarlier(s)) return 'running';
  if (s.a?.run.state === 'error' || s.b?.run.state === 'error') return 'error';
  if (!s.a) return 'booting';
  if (s.opened && shelf.fault(s.opened.lab)) return 'error';
  if (!lab()) return 'running';
  if (s.a.run.state === 'untrained' || s.b?.run.state === 'untrained') return 'cancelled';
  const job = stage.job(s);
  const working = job && (s.jobs[job.name]?.state ?? 'running') === 'running';
  return BUSY.includes(s.a.run.state) || BUSY.includes(s.b?.run.state ?? '') || working || (s.opened?.b && !s.b) ? 'running' : 'done';
}

/** While the first files load. @param {State} s */
function boot(s) {
  const line = document.getElementById('boot');
  if (!line || s.a || root.dataset.started !== '') return;
  line.textContent = s.busy ? `${s.busy}.` : 'Starting the engine: the first samples follow in a moment.';
}

// ── what the visitor can do ────────────────────────────────────────────────────────────────────
/** @param {string} choice */
function engine(choice) {
  if (choice === 'webgpu') engines.retry();
  session.edit('a', 'engine', choice);
}

async function toggleCompare() {
  const on = !store.state.opened?.b;
  const refused = await session.compare(on);
  if (refused) session.refuse(refused);
  else if (on) store.patch({ tab: 'b' });
}

/** Opens what a file holds: a network as its link; points in the drawing where one is open, else as a law. @param {File[]} files */
async function openFiles([file, ...others]) {
  if (!file) return;
  const { opens } = session;
  try {
    const bytes = await bytesOf(file);
    const content = await client.call('recognise', file.name, bytes);
    if (content.kind === 'network') {
      if (await session.files.loadNetwork(file.name, bytes, opens)) stage.own.leave?.();
    } else if (!stage.own.take?.(content)) await session.files.usePoints(file.name, content, opens, homeOf(content.points));
    const alone = `${file.name} was opened alone: of ${others.length + 1} files the first.`;
    if (others.length) store.patch({ notices: [...store.state.notices, alone] });
  } catch (e) {
    const fault = { ...asFault(e), kind: 'file' };
    if (!stage.own.refuse?.(fault)) store.patch({ fault });
  }
}

/** Where points are a law: the lab that takes them. @param {string} points @returns {import('./app/files.js').Home} */
function homeOf(points) {
  const [home] = LABS.flatMap(({ id, points: keys }) => (keys ? [{ lab: id, keys: keys(points) }] : []));
  return home;
}

/** What the runs of a link depend on. @param {import('./app/store.js').Opened|null} opened */
function runsOf(opened) {
  return opened ? [runKey('a', opened), opened.b ? runKey('b', opened) : ''].join() : '';
}

async function share() {
  await Promise.all([session.arrival.catch(() => {}), session.line]); // the link that is shared is the one of the address
  const { opened } = store.state;
  if (!opened || store.state.unopened) return;
  const a = current(store.state, 'a');
  const sides = /** @type {SideId[]} */ (opened.b ? ['a', 'b'] : ['a']).map((id) => {
    const side = current(store.state, id);
    const own = isOwn(side);
    return { own, fp: side?.run.state === 'done' && own ? side.run.fingerprint : null };
  });
  const [first, second] = sides.map(({ fp }) => fp);
  const proved = first && await client.call('share_link', opened.link, first, second ?? undefined).catch(() => null);
  const dialog = openShare({
    link: proved || opened.link, page: address.full('').replace(/#$/, ''),
    sides: sides.map(({ own, fp }) => ({ own, checked: Boolean(proved && fp) })),
    title: `Scorefield: ${stage.titles(opened).join(' against ')}`, picture: image,
    csv: a?.run.state === 'done' ? () => client.csv(a.run.id) : null,
    controls: opened.a.controls.filter((c) => c.group !== 'display').map((c) => [c.key, c.label]),
    views: (opened.a.controls.find((c) => c.key === 'view')?.choices ?? []).map((c) => [c.value, c.label]),
    tries: lab()?.tries.map(([, link]) => link) ?? [],
  });
  shared = { runs: runsOf(opened), dialog };
}

function help() {
  const open = lab();
  openHelp(version, open && { label: LABS.find(({ id }) => id === open.id)?.label ?? '', ...open.help });
}

/** What is drawn, as a file; none while that belongs to an earlier link. */
function image() {
  const { opened } = store.state;
  if (isEarlier(store.state)) return Promise.resolve(null);
  return picture(stage.pictures(), opened ? stage.titles(opened) : []);
}

async function plan() {
  const { opened } = store.state;
  if (!opened) return;
  const sides = /** @type {SideId[]} */ (opened.b ? ['a', 'b'] : ['a']);
  try {
    openPlan(await Promise.all(sides.map(async (id) => ({
      title: `${opened.b ? `${id.toUpperCase()} · ` : ''}${stage.title(opened, id)}`, table: await client.plan(opened.link, id),
    }))), lab()?.plan);
  } catch (e) {
    store.patch({ fault: asFault(e) });
  }
}

listenKeys({
  player,
  async save() {
    const blob = await image();
    if (blob) download('scorefield.png', blob);
  },
  hide: () => toggleControls(),
  compare: toggleCompare,
  help,
  copy: () => stage.probe.copy(),
  undo: () => session.undo(),
  redo: () => session.redo(),
});

closeMenus();
listenPrint(byId('paper'), () => store.state, {
  address: (link) => address.full(link),
  titles: (opened) => stage.titles(opened),
}, () => render(store.state));
byId('skip').addEventListener('click', () => byId('plot').focus());
addEventListener('hashchange', () => {
  address.drop();
  if (address.known) return session.travel(address.read()); // back or forth
  scrollTo({ top: 0, behavior: reducedMotion() ? 'auto' : 'smooth' });
  session.open(address.read());
});
document.addEventListener('theme', () => store.touch());
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => store.touch());
const narrow = matchMedia('(max-width: 760px)');
const sheet = () => {
  byId('app').classList.remove('sheet-open', 'panel-hidden');
  byId('panel').inert = narrow.matches && !flags.embed; // an embed has no sheet
};
narrow.addEventListener('change', sheet);
sheet();

// ── start: an embed waits until it can be seen ─────────────────────────────────────────────────
let started = false;
new IntersectionObserver((entries) => {
  const visible = entries.some((e) => e.isIntersecting);
  player.see(visible);
  if (!started && (visible || !flags.embed)) start();
}).observe(byId('plot'));

function start() {
  if (started) return;
  started = true;
  session.open(slides?.first(address.read()) ?? address.read());
  client.cpu.ready.then((v) => {
    version = v.version;
  }, () => {}); // told by whatever waits for it
}

// ── messages of the page around an embed ───────────────────────────────────────────────────────
const messages = new Messages({ session, player, start, titles: (opened) => stage.titles(opened), run: stateName, height: wantedHeight });
messages.watch(byId('plot'));

/** The height that an embed would like to have: its parts as they are, and a picture that suits its width. */
function wantedHeight() {
  const plot = byId('plot');
  const rows = Number(getComputedStyle(plot).getPropertyValue('--rows')) || 1;
  const row = Math.max(220, Math.min(420, plot.offsetWidth * 0.52));
  return document.body.offsetHeight - plot.offsetHeight + rows * row;
}

root.dataset.started = ''; // from here on the page speaks for itself (index.html)
styled();

/** Without its style the page works, and says why it looks as it does. */
function styled() {
  const style = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel="stylesheet"]'));
  if (getComputedStyle(root).getPropertyValue('--paper')) return;
  const notice = `${style.getAttribute('href')} has not come, so the page has no layout. Reload the page.`;
  const tell = () => {
    if (store.state.opened && !store.state.notices.includes(notice)) store.patch({ notices: [...store.state.notices, notice] });
  };
  store.listen(tell);
  style.addEventListener('load', () => {
    store.listeners.delete(tell);
    store.patch({ notices: store.state.notices.filter((words) => words !== notice) });
    document.dispatchEvent(new Event('theme')); // colours of the plots
  });
}

// ── for tests and the curious: what is there now of the open link, read-only ────────────────────
/** @param {SideId} id */
const theirs = (id) => (isEarlier(store.state) ? null : current(store.state, id));

Object.defineProperty(globalThis, '__scorefield', {
  value: Object.freeze({
    get opened() { return store.state.opened; },
    get engine() { return store.state.engine; },
    get reason() { return store.state.reason; },
    get state() { return stateName(store.state); },
    get at() { return store.state.at; },
    get playing() { return store.state.playing; },
    get metrics() { return theirs('a')?.run.metrics ?? null; },
    get fingerprint() { return theirs('a')?.run.fingerprint ?? null; },
    get fingerprints() {
      const sides = /** @type {SideId[]} */ (store.state.opened?.b ? ['a', 'b'] : ['a']);
      return sides.map((id) => theirs(id)?.run.fingerprint ?? null);
    },
    get training() {
      const t = theirs('a')?.training;
      if (!t) return null;
      const { state, source, step, steps, loss, floor, ms, stopped, proof } = t;
      return { state, source, step, steps, loss, floor, ms, stopped, proof };
    },
    get check() { return theirs('a')?.run.check ?? null; },
    get sweep() { return store.state.jobs.sweep?.points ?? []; },
    get errors() { return store.state.jobs.errors?.points ?? []; },
    get reference() { return store.state.jobs.reference?.points ?? []; },
    get race() { return store.state.jobs.race?.points ?? []; },
    compiled: () => client.compiled(),
    /** @param {SideId} [side] */
    samples: (side = 'a') => client.samples(theirs(side)?.run.id ?? 0),
  }),
});
