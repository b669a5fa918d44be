// Boot: puts the parts together. The skeleton is in index.html; everything here comes after the first paint.
import { Client } from './engine/client.js';
import { Engines, whenIdle } from './engine/engines.js';
import { Measured } from './engine/measured.js';
import { Address } from './app/address.js';
import { conditionOf } from './app/condition.js';
import { leaveHandle } from './app/handle.js';
import { Messages } from './app/messages.js';
import { painter } from './app/page.js';
import { headOf } from './app/title.js';
import { Player } from './app/player.js';
import { rare } from './app/rare.js';
import { Session, reducedMotion } from './app/session.js';
import { Sharing } from './app/sharing.js';
import { Shelf } from './app/shelf.js';
import { Store, asFault, current, isEarlier, isOwn } from './app/store.js';
import { watchStyle } from './app/styled.js';
import { LABS, isTimed, timedLink } from './labs/index.js';
import { Alerts } from './ui/alerts.js';
import { Controls } from './ui/controls.js';
import { byId, closeMenus, h } from './ui/dom.js';
import { download } from './ui/download.js';
import { listenFiles } from './ui/files.js';
import { classesOf, isShown, readFlags } from './ui/flags.js';
import { keepFocus } from './ui/focus.js';
import { listenKeys } from './ui/keys.js';
import { LessonLine } from './ui/lesson.js';
import { MetricsLine } from './ui/metrics.js';
import { listenPrint } from './ui/paper.js';
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
  notice: (words) => store.tell(words),
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

const { render, complete } = painter({
  store, session, address, stage, shelf, sharing, flags, alerts, panel, topbar, controls, metrics, lesson, transport, slides,
  places: { views, options, compare, caption, openFull },
  lab, condition, absence, labOf, labelOf,
  tell(words) {
    if (words && words !== told && performance.now() - spoken > 600) say(words); // not over what has just been said
    told = words;
  },
  offer(links) {
    if (!offered.length) offered = links();
  },
});
store.listen(render);
store.listen(keepFocus(byId('plot')));

/** The lab that a link names; where it names none the one that is shown, or the first. @param {string|undefined} link */
function labOf(link) {
  return new URLSearchParams(link).get('lab') ?? store.state.opened?.lab ?? LABS[0].id;
}

/** The name of a lab. @param {string|undefined} id */
function labelOf(id) {
  return LABS.find((entry) => entry.id === id)?.label ?? '';
}

/** Of the network that is open. */
function fileName() {
  const { opened } = store.state;
  return `${opened?.a.values.target ?? opened?.lab ?? 'network'}.bpk`;
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

async function help() {
  const parts = await rare(store, 'The help');
  const open = lab();
  parts?.openHelp(version, open && { label: labelOf(open.id), ...open.help }, current(store.state, 'a')?.run.metrics?.rows ?? []);
}

/** What is drawn, as a file; none while that belongs to an earlier link. */
async function image() {
  const parts = await rare(store, 'The script that saves pictures');
  const { opened } = store.state;
  if (!parts || isEarlier(store.state)) return null;
  const what = opened ? (opened.b ? headOf(opened, stage.titles(opened), labelOf(opened.lab)) : stage.title(opened, 'a')) : '';
  return parts.picture(stage.shots(store.state), `Scorefield: ${what}`);
}

async function plan() {
  const parts = await rare(store, 'The plan');
  const { opened } = store.state;
  if (!parts || !opened) return;
  const sides = /** @type {SideId[]} */ (opened.b ? ['a', 'b'] : ['a']);
  try {
    parts.openPlan(await Promise.all(sides.map(async (id) => ({
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
  complete(); // paper has the words, and does not wait
  render(store.state);
});
byId('skip').addEventListener('click', () => byId('plot').focus());
addEventListener('hashchange', () => {
  if (address.drop()) return;
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
