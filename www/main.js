// Boot: puts the parts together. The skeleton is in index.html; everything here comes after the first paint.
import { Client } from './engine/client.js';
import { Engines, whenIdle } from './engine/engines.js';
import { Measured } from './engine/measured.js';
import { Address } from './app/address.js';
import { conditionOf } from './app/condition.js';
import { leaveHandle } from './app/handle.js';
import { Messages } from './app/messages.js';
import { headOf } from './app/title.js';
import { Player } from './app/player.js';
import { Session, reducedMotion } from './app/session.js';
import { Sharing } from './app/sharing.js';
import { Shelf } from './app/shelf.js';
import { Store, asFault, comes, current, frameAt, isEarlier, isOwn, played } from './app/store.js';
import { watchStyle } from './app/styled.js';
import { LABS, isTimed, timedLink } from './labs/index.js';
import { Alerts } from './ui/alerts.js';
import { article } from './ui/article.js';
import { Controls } from './ui/controls.js';
import { byId, closeMenus, h, refill } from './ui/dom.js';
import { listenFiles } from './ui/files.js';
import { classesOf, isShown, readFlags, unknownNames } from './ui/flags.js';
import { openHelp } from './ui/help.js';
import { listenKeys } from './ui/keys.js';
import { LessonLine } from './ui/lesson.js';
import { unset } from './ui/math.js';
import { MetricsLine } from './ui/metrics.js';
import { listenPrint } from './ui/paper.js';
import { picture } from './ui/picture.js';
import { openPlan } from './ui/plan.js';
import { download } from './ui/share.js';
import { Slides } from './ui/slides.js';
import { EARLIER, Stage } from './app/stage.js';
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
const client = new Client(/** @type {any} */ (globalThis).scorefieldBegun, (kind, words) => engines?.progress(kind, words));
const needed = LABS.find(({ id }) => id === labOf(address.read()))?.package;
if (needed) client.bring(needed);
engines = new Engines(client, (news) => store.patch(news), new Measured(JSON.stringify(client.addresses.packages)));
const session = new Session(store, client, engines, address);
const player = new Player(store, () => session.rest());
let version = '';
const QUIET_MS = 500; // between two looks

session.isSeen = () => player.visible && !document.hidden;
const isQuiet = () => !['booting', 'running'].includes(condition()) && !store.state.playing;
engines.isTimed = isTimed;
engines.quiet = { isQuiet, wait: () => new Promise((resolve) => whenQuiet(resolve)), link: timedLink };

/** When nothing runs or moves, and the page is idle. @param {() => void} act */
function whenQuiet(act) {
  whenIdle(() => (isQuiet() ? act() : setTimeout(whenQuiet, QUIET_MS, act)));
}

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

/** What the page does, in a word. */
function condition() {
  const { state } = store;
  return conditionOf(state, { there: lab() !== null, absent: absence() !== null, job: stage.job(state) });
}

/** Why the files of the open lab have not come. */
function absence() {
  const { opened } = store.state;
  return opened && shelf.fault(opened.lab);
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

const topbar = new TopBar(byId('labs'), byId('tools'), LABS, {
  engine, share: () => sharing.open(), help, undo: () => session.undo(), redo: () => session.redo(),
  left: (lab) => session.steps.labs.get(lab),
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
const sharing = new Sharing(session, {
  titles: (opened) => stage.titles(opened), picture: image, tries: () => lab()?.tries.map(([, link]) => link) ?? [],
});

const caption = h('b');
const openFull = h('a.openfull', { target: '_blank', rel: 'noopener' }, 'Open in Scorefield');
const slides = flags.present ? new Slides(() => (flags.slides.length ? flags.slides : offered), (link) => session.open(link)) : null;
/** What is presented where the address names no list: the link that was opened, and those to try below it. @type {string[]} */
let offered = [];
root.classList.toggle('present', flags.present);
byId('caption').replaceChildren(...[caption, openFull, slides?.el].flatMap((el) => el ?? []));

store.listen(render);

const REST_MS = 48; // between two pictures while the first run, or one on all cores, is under way: it needs the processor itself
let rendered = 0; // when the last picture was
let owed = 0; // the timer of a picture that was put off
let sampled = false; // samples have been drawn

/** @param {State} s */
function render(s) {
  const rest = (!read && underWay(s)) || onAllCores(s) ? rendered + REST_MS - performance.now() : 0;
  if (rest > 0) {
    owed ||= window.setTimeout(() => {
      owed = 0;
      store.touch();
    }, rest);
    return;
  }
  rendered = performance.now();
  const { opened } = s;
  const now = condition();
  root.dataset.state = now;
  boot(s, now);
  const empty = now === 'error' && !s.a; // of the link there is nothing to be seen
  root.classList.toggle('opened', Boolean(opened));
  root.classList.toggle('empty', empty);
  root.classList.toggle('unopened', s.unopened);
  byId('app').classList.toggle('tall', opened?.view === 'sweep' && Boolean(opened.b));
  byId('stagebar').classList.toggle('broad', opened?.view === 'sweep');
  const earlier = isEarlier(s);
  root.classList.toggle('earlier', earlier); // dimmed, with words
  const note = earlier && s.a ? EARLIER : '';
  if (byId('earlier').textContent !== note) byId('earlier').textContent = note;
  byId('plot').setAttribute('aria-busy', String(earlier || now === 'booting'));
  sharing.update(s);
  if (opened) {
    const open = shelf.get(opened.lab);
    stage.show(open);
    if (!open) arriving(opened.lab);
    else if (empty) stage.clear();
    if (!open || empty) bare(s, opened);
  }
  stage.age(earlier);
  head(s);
  alerts.update(s, { plural: lab()?.plural, job: stage.job(s), absent: absence() });
  panel.update(s);
  topbar.update(s, opened && !s.unopened ? opened.lab : labOf(s.linkError?.nearest), lab()?.cpu);
  const { before, after } = session.steps;
  topbar.ways(before !== null || s.unopened && opened !== null, after !== null);
  openFull.href = address.full(s.unopened || !opened ? address.read() : opened.link);
  if (opened) {
    const all = opened.a.controls.find((c) => c.key === 'view')?.choices ?? [];
    const ids = all.map(({ value }) => value);
    const choices = all.filter(({ value }) => value === opened.view || isShown(flags, value, ids));
    const keys = [opened.a, opened.b].flatMap((side) => side?.controls.map(({ key }) => key) ?? []);
    // a control or a view that is to be shown brings its place along
    root.classList.toggle('no-controls', !flags.parts.has('controls') && !keys.some((key) => flags.show.has(key)));
    root.classList.toggle('no-views', !flags.parts.has('views') && !ids.some((id) => flags.show.has(id)));
    nameUnknown(opened.lab, [...keys, ...ids]);
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

const READ_MS = 400; // the words come when the first run is over, or this long after the first picture
const SOON_MS = 60; // the first samples are waited for so long, so that the first picture has them
const IDLE_MS = 200; // the words are laid out when the page has nothing else to do, or this long after the run
let first = NaN; // when the first picture was wanted
let idle = false; // the words come when the page is idle
let read = false; // the words are wanted from now on

/**
 * The picture of the open link and all that belongs to it.
 * @param {State} s
 * @param {import('./app/store.js').Opened} opened
 * @param {Lab} lab
 */
function show(s, opened, lab) {
  session.need({ job: stage.job(s), needs: (side) => stage.needs(s, side) });
  first ||= performance.now();
  lesson.update(s, lab.lesson);
  const [leader] = played(s);
  transport.update(s, leader, leader ? frameAt(leader, s.at) : 0);
  refill(options, optionsKey(s), () => stage.options(s));
  const said = JSON.stringify([opened.a.values, opened.b?.values, opened.view, s.a?.key, s.b?.key, stage.choices(s)]);
  const now = condition(); // the lab may have come since this picture was begun
  if (!read) later(now !== 'running');
  if (read) refill(byId('words'), said, () => article(lab, s, stage.own));
  if (comesSoon(s)) return;
  stage.draw(s); // reads sizes, so after what changes them
  sampled ||= s.a !== null && s.a.run.reached > 0;
  const words = now === 'done' && !s.playing ? stage.pictures()[0]?.getAttribute('aria-label') ?? '' : '';
  if (words && words !== told && performance.now() - spoken > 600) say(words); // not over what has just been said
  told = words;
  if (!offered.length) offered = [address.read() || opened.link, ...lab.tries.map(([, link]) => link)];
}

/** Wants the words when the first run is over and the page is idle, or after a while. @param {boolean} over */
function later(over) {
  if (performance.now() - first > READ_MS) read = true;
  else if (over && !idle) {
    idle = true;
    whenIdle(() => {
      read = true;
      store.touch();
    }, IDLE_MS);
  }
}

/** Whether nothing is drawn yet and the samples are about to come: a picture without them would only delay them. @param {State} s */
function comesSoon(s) {
  if (stage.pictures().length) return false;
  const left = [s.a, s.b].flatMap((side) => (side && begins(side.run) ? side.run.started + SOON_MS - performance.now() : []));
  const most = Math.max(0, ...left);
  if (most) setTimeout(() => store.touch(), most);
  return most > 0;
}

/** @param {import('./app/store.js').RunState} run */
function begins(run) {
  return run.reached === 0 && comes(run);
}

/** Whether samples are shown, and more are on their way. @param {State} s */
function underWay(s) {
  return sampled && [s.a, s.b].some((side) => side?.run.state === 'running');
}

/** Whether a run or a job is under way that is shared out over more workers. @param {State} s */
function onAllCores({ a, b, jobs }) {
  return [a?.run, b?.run, ...Object.values(jobs)].some((one) => one?.state === 'running' && one.workers > 1);
}

/** Names of the page: in the title, above the picture, in a presentation. @param {State} s */
function head({ opened, opening, unopened, linkError }) {
  const words = unopened || (linkError && !opened) ? 'This link does not open' : opened && stage.titles(opened).join(' against ');
  if (words) document.title = `${words} · Scorefield`;
  const label = LABS.find(({ id }) => id === opened?.lab)?.label ?? '';
  const law = opened && !unopened ? headOf(opened, stage.titles(opened), label) : ''; // the box says what is wrong with another link
  if (caption.textContent !== law) caption.textContent = law;
  slides?.update(opening ? null : unopened ? '' : opened?.link ?? null);
}

/** Names in hide and show that the console was told. @type {Set<string>} */
const named = new Set();

/**
 * Names in hide and show that a link does not have, each once in the console.
 * @param {string} id  its lab @param {string[]} names  its keys and views
 */
function nameUnknown(id, names) {
  const unknown = unknownNames(flags, new Set(names)).filter((name) => !named.has(name));
  for (const name of unknown) named.add(name);
  const list = unknown.map((name) => `"${name}"`).join(', ');
  if (list) console.warn(`The display flags hide and show name ${list}: no part, key or view of this link (lab=${id}). Ignored.`);
}

/**
 * Nothing of another lab stands beside a lab whose files are on their way.
 * @param {State} s
 * @param {import('./app/store.js').Opened} opened
 */
function bare(s, opened) {
  for (const place of [options, byId('words')]) refill(place, `no lab ${opened.lab}`, () => []);
  lesson.update(s, undefined);
  if (s.a?.scene.lab === opened.lab) transport.update(s, s.a ?? undefined, frameAt(s.a, s.at));
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

/** While the first files load. @param {State} s @param {string} now  what the page does */
function boot(s, now) {
  const line = document.getElementById('boot');
  if (!line || s.a || root.dataset.started !== '') return;
  const loading = s.busy ? `${s.busy}.` : 'Starting the engine: the first samples follow in a moment.';
  line.textContent = now === 'error' ? '' : loading; // an error is told beside it
}

// ── what the visitor can do ────────────────────────────────────────────────────────────────────
/** @param {string} choice */
function engine(choice) {
  if (choice === 'webgpu') engines.retry();
  session.edit('a', 'engine', choice);
}

/** @param {File[]} files */
function openFiles(files) {
  return session.files.open(files, stage.own, homeOf);
}

/** Where points are a law: the lab that takes them. @param {string} points @returns {import('./app/files.js').Home} */
function homeOf(points) {
  const [home] = LABS.flatMap(({ id, points: keys }) => (keys ? [{ lab: id, keys: keys(points) }] : []));
  return home;
}

async function toggleCompare() {
  const on = !store.state.opened?.b;
  const refused = await session.compare(on);
  if (refused) session.refuse(refused);
  else if (on) store.patch({ tab: 'b' });
}

function help() {
  const open = lab();
  openHelp(version, open && { label: LABS.find(({ id }) => id === open.id)?.label ?? '', ...open.help });
}

/** What is drawn, as a file; none while that belongs to an earlier link. */
function image() {
  const { opened } = store.state;
  if (isEarlier(store.state)) return Promise.resolve(null);
  const label = LABS.find(({ id }) => id === opened?.lab)?.label ?? '';
  const what = opened ? (opened.b ? headOf(opened, stage.titles(opened), label) : stage.title(opened, 'a')) : '';
  return picture(stage.shots(store.state), `Scorefield: ${what}`);
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
  cancel: () => session.cancel(),
});

closeMenus();
listenPrint(byId('paper'), () => store.state, {
  address: (link) => address.full(link),
  titles: (opened) => stage.titles(opened),
}, () => {
  read = true; // paper has the words, and does not wait
  render(store.state);
});
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
const messages = new Messages({ session, player, start, titles: (opened) => stage.titles(opened), run: condition, height: wantedHeight });
messages.watch(byId('plot'));

/** The height that an embed would like to have: its parts as they are, and a picture that suits its width. */
function wantedHeight() {
  const plot = byId('plot');
  const rows = Number(getComputedStyle(plot).getPropertyValue('--rows')) || 1;
  const row = Math.max(220, Math.min(420, plot.offsetWidth * 0.52));
  const least = parseFloat(getComputedStyle(plot).minHeight) || 0; // style/embed.css: legends take more lines where it is narrow
  return document.body.offsetHeight - plot.offsetHeight + (plot.offsetHeight ? Math.max(least, rows * row) : 0);
}

leaveHandle(store, client, condition);
root.dataset.started = ''; // from here on the page speaks for itself (index.html)
watchStyle(store);
