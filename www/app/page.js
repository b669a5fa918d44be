// What the page shows of a state: each part is told its share, and the picture is drawn last. What stands where is said in main.js.
import { whenIdle } from '../engine/engines.js';
import { headOf } from './title.js';
import { EARLIER } from './stage.js';
import { CORES_MS, comes, frameAt, isEarlier, onAllCores, played } from './store.js';
import { article } from '../ui/article.js';
import { byId, h, refill } from '../ui/dom.js';
import { isShown, unknownNames } from '../ui/flags.js';
import { unset } from '../ui/math.js';

/** @typedef {import('./store.js').State} State */
/** @typedef {import('./stage.js').Lab} Lab */

/**
 * The parts of the page.
 * @typedef {object} Parts
 * @property {import('./store.js').Store} store
 * @property {import('./session.js').Session} session
 * @property {import('./address.js').Address} address
 * @property {import('./stage.js').Stage} stage
 * @property {import('./shelf.js').Shelf<Lab>} shelf
 * @property {import('./sharing.js').Sharing} sharing
 * @property {ReturnType<typeof import('../ui/flags.js').readFlags>} flags
 * @property {import('../ui/alerts.js').Alerts} alerts
 * @property {import('../ui/training.js').TrainingPanel} panel
 * @property {import('../ui/topbar.js').TopBar} topbar
 * @property {import('../ui/controls.js').Controls} controls
 * @property {import('../ui/metrics.js').MetricsLine} metrics
 * @property {import('../ui/lesson.js').LessonLine} lesson
 * @property {import('../ui/transport.js').Transport} transport
 * @property {import('../ui/slides.js').Slides|null} slides
 * @property {{ views: HTMLElement, options: HTMLElement, compare: HTMLElement, caption: HTMLElement, openFull: HTMLAnchorElement }} places
 * @property {() => Lab|null} lab  that is open, where its files are there
 * @property {() => import('./condition.js').Condition} condition
 * @property {() => import('./store.js').Fault|null|undefined} absence  why the files of the open lab have not come
 * @property {(link: string|undefined) => string} labOf  the lab that a link names
 * @property {(id: string|undefined) => string} labelOf  its name
 * @property {(words: string) => void} tell  the picture in words, aloud
 * @property {(links: () => string[]) => void} offer  what is presented where the address names no list
 */

const REST_MS = 48; // between two pictures while the first run is under way
const READ_MS = 400; // the words come when the first run is over, or this long after the first picture
const SOON_MS = 60; // the first samples are waited for so long, so that the first picture has them
const IDLE_MS = 200; // the words are laid out when the page has nothing else to do, or this long after the run

const root = document.documentElement;

/**
 * How the page is brought up to date.
 * @param {Parts} parts
 * @returns {{ render: (s: State) => void, complete: () => void }}  complete: with its words from now on
 */
export function painter(parts) {
  const { store, session, address, stage, shelf, sharing, flags } = parts;
  const { alerts, panel, topbar, controls, metrics, lesson, transport, slides } = parts;
  const { lab, condition, absence, labOf, labelOf, tell, offer } = parts;
  const { views, options, compare, caption, openFull } = parts.places;
  let rendered = 0; // when the last picture was
  let sampled = false; // samples have been drawn
  let first = NaN; // when the first picture was wanted
  let idle = false; // the words come when the page is idle
  let read = false; // the words are wanted from now on
  /** Names in hide and show that the console was told. @type {Set<string>} */
  const named = new Set();

  /** Between two pictures, in milliseconds. @param {State} s */
  const between = (s) => (onAllCores(s) ? CORES_MS : !read && sampled && underWay(s) ? REST_MS : 0);
  store.rest = () => rendered + between(store.state) - performance.now();

  /** @param {State} s */
  function render(s) {
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
    alerts.update(s, { job: stage.job(s), absent: absence() });
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

  /**
   * The picture of the open link and all that belongs to it.
   * @param {State} s
   * @param {import('./store.js').Opened} opened
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
    tell(words);
    offer(() => [address.read() || opened.link, ...lab.tries.map(([, link]) => link)]);
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

  /** Names of the page: in the title, above the picture, in a presentation. @param {State} s */
  function head({ opened, opening, unopened, linkError }) {
    const title = unopened || (linkError && !opened) ? 'This link does not open' : opened && stage.titles(opened).join(' against ');
    if (title) document.title = `${title} · Scorefield`;
    const label = labelOf(opened?.lab);
    const words = opened && !unopened ? headOf(opened, stage.titles(opened), label) : ''; // the box says what is wrong with another link
    const law = words.replace(/ ([=·])/g, '\u00a0$1').replace(/= /g, '=\u00a0'); // no line begins with a sign, none ends with “N =”
    if (caption.textContent !== law) caption.textContent = law;
    slides?.update(opening ? null : unopened ? '' : opened?.link ?? null);
  }

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
   * @param {import('./store.js').Opened} opened
   */
  function bare(s, opened) {
    for (const place of [options, byId('words')]) refill(place, `no lab ${opened.lab}`, () => []);
    lesson.update(s, undefined);
    if (s.a?.scene.lab === opened.lab) transport.update(s, s.a ?? undefined, frameAt(s.a, s.at));
  }

  /** While the files of a lab are on their way its place says so. @param {string} id */
  function arriving(id) {
    const line = document.getElementById('boot');
    const label = labelOf(id) || id;
    const words = shelf.fault(id) ? '' : `Loading the lab “${label}”.`;
    if (line) line.textContent = words;
    else byId('plot').replaceChildren(h('p.boot', { id: 'boot' }, words));
  }

  /** What the row of display choices depends on. @param {State} s */
  function optionsKey(s) {
    const { opened, a } = s;
    const plan = Object.values(s.jobs).map((job) => job?.plan?.series);
    return JSON.stringify([stage.choices(s), opened?.view, Boolean(opened?.b), plan, a?.scene.frames, a?.scene.clock, root.dataset.theme]);
  }

  /** While the first files load. @param {State} s @param {string} now  what the page does */
  function boot(s, now) {
    const line = document.getElementById('boot');
    if (!line || s.a || root.dataset.started !== '') return;
    const loading = s.busy ? `${s.busy}.` : 'Starting the engine: the first samples follow in a moment.';
    line.textContent = now === 'error' ? '' : loading; // an error is told beside it
  }

  return {
    render,
    complete() {
      read = true;
    },
  };
}

/** @param {import('./store.js').RunState} run */
function begins(run) {
  return run.reached === 0 && comes(run);
}

/** Whether more samples are on their way. @param {State} s */
function underWay(s) {
  return [s.a, s.b].some((side) => side?.run.state === 'running');
}
