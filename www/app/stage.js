// The stage: shows the open view of a lab, one picture a side, with captions, words for those who do not see it, pointer and keys.
// A lab is a record, and so are its views: what they draw, ask and say. The stage knows none of them by name.
import { label, palette, surface } from '../plots/kit.js';
import { Probe } from './probe.js';
import { frameAt } from './store.js';
import { contrast } from './title.js';
import { h } from '../ui/dom.js';

/**
 * @typedef {import('./store.js').State} State
 * @typedef {import('./store.js').SideId} SideId
 * @typedef {import('./store.js').SideState} SideState
 * @typedef {import('./store.js').JobState} JobState
 * @typedef {import('./store.js').Side} Side
 * @typedef {import('./store.js').LinkError} LinkError
 * @typedef {import('./store.js').Fault} Fault
 * @typedef {import('./answers.js').Need} Need
 * @typedef {import('../plots/kit.js').Palette} Palette
 * @typedef {import('../plots/kit.js').Surface} Surface
 * @typedef {import('../../pkg/cpu/scorefield.js').PointsTable} PointsTable
 */

/**
 * What a lab may ask for.
 * @typedef {object} Tools
 * @property {() => State} state
 * @property {(at: number) => void} scrub
 * @property {() => void} redraw
 * @property {(words: string) => void} say  aloud
 * @property {(words: string) => void} notice  above the picture, until it is dismissed
 * @property {(side: SideId, pairs: [string, string][]) => Promise<LinkError|null>} set  several keys of the link at once
 * @property {(how: (link: string) => string) => Promise<LinkError|null>} rewrite  the whole link, as text
 * @property {(side: SideState, question: string, args: Record<string, any>) => Promise<any>} trial  the answer for arguments that are
 *   tried out; null where a later trial of the same question came
 * @property {Points} points
 * @property {(files: File[]) => void} open  files that were chosen
 */

/**
 * Points as text for the key `points`.
 * @typedef {object} Points
 * @property {(xy: Float64Array) => Promise<string>} encode
 * @property {(points: string) => Promise<Float64Array>} decode
 * @property {(text: string) => Promise<PointsTable>} read
 */

/**
 * One picture. `kept` is what the view keeps with it: places of the last drawing, work space; `panels` are where values can be read.
 * @template [Kept=any]
 * @typedef {{
 *   canvas: HTMLCanvasElement, caption: HTMLElement, side: SideState|null, kept: Kept, panels: import('../plots/reading.js').Panel[],
 * }} Pane
 */

/**
 * What a view is given to draw or describe one picture.
 * @template [Own=any]
 * @template [Scene=any]
 * @template [Kept=any]
 * @typedef {object} Look
 * @property {State} state
 * @property {SideState & { scene: Scene }} side
 * @property {(SideState & { scene: Scene })[]} sides  all that are open, A first
 * @property {Pane<Kept>} pane
 * @property {Own} own  what the lab keeps while it is on the stage
 * @property {any} common  what the view says that the sides have in common
 * @property {number} frame  the one that is shown
 * @property {number} place  the same; between two frames while it plays
 * @property {Palette} pal
 * @property {boolean} paper  it is drawn to be printed: nothing can be clicked
 */

/**
 * The kind of canvas that pictures of a view have. Views with the same one keep their canvases when one follows the other.
 * @typedef {object} Canvas
 * @property {string} [live]  has keys of its own: what it is, for those who do not see it
 * @property {boolean} [clicks]  a click does something; in other pictures it copies the number under it
 * @property {string} [looks]  its classes
 * @property {() => any} [keep]  makes what a pane keeps
 * @property {(pane: Pane, own: any, tools: Tools) => void} [listen]
 */

/**
 * A job beside the runs: what it is called, and how far it is, in words and as the part that is done.
 * @typedef {import('./jobs.js').JobNeed & { what: string, progress: (job: JobState) => { text: string, part: number } }} Job
 */

/**
 * A view of a lab.
 * @typedef {object} View
 * @property {string} id  as in the link
 * @property {Canvas|((state: State) => Canvas)} [canvas]
 * @property {string|((state: State) => string)} [shape]  a class of the whole plot; `stacked`: several panels above each other
 * @property {boolean} [joint]  all sides are in one picture
 * @property {boolean} [still]  the picture does not change with the slider
 * @property {boolean} [plain]  it shows no samples in the colour of their side
 * @property {boolean} [named]  captions stand also above a single picture of a comparison
 * @property {Job|((state: State) => Job|undefined)} [job]  what has to be computed beside the runs
 * @property {(state: State, side: any, own: any) => Need[]} [needs]  questions about a side, the most urgent first
 * @property {(sides: any[], state: State) => SideState[]} [sides]  those that have a picture
 * @property {(sides: any[], state: State) => any} [common]
 * @property {(s: Surface, look: Look) => void} draw
 * @property {(look: Look) => string} describe  the picture in words
 * @property {(state: State, sides: any[]) => string} [note]  below the pictures
 * @property {(state: State, own: any, tools: Tools) => HTMLElement[]} [options]  display choices
 * @property {(state: State, own: any) => string|Node[]} words  what it shows and why, for the article below
 * @property {(state: State) => string} [how]  how to use it; not said on paper
 */

/**
 * What covers the pictures for a while.
 * @typedef {{ el: HTMLElement, canvas: HTMLCanvasElement, shape: string, draw: (pal: Palette) => void }} Cover
 */

/**
 * What a lab keeps, also while another is on the stage, and what it takes into its own hands.
 * @typedef {object} Own
 * @property {Cover|null} [cover]
 * @property {HTMLElement[]} [below]  lines below the pictures
 * @property {(state: State) => string} [choices]  what its display choices depend on, beside the view
 * @property {(state: State) => void} [settle]  before each drawing
 * @property {() => void} [turned]  another view is shown
 * @property {() => void} [away]  the focus has left the plot
 * @property {() => void} [leave]  another experiment was opened: what covers the picture goes
 * @property {() => void} [stop]  the lab leaves the stage
 * @property {(e: KeyboardEvent, on: { pane: Pane|null, view: View }) => boolean} [key]  whether a key was for the picture
 * @property {(pane: Pane) => { x: number, y: number }|null} [place]  that its keys have chosen: values are read there
 * @property {(side: SideId, key: string, value: string) => boolean} [edit]  whether it takes a change of a control
 * @property {(table: PointsTable) => boolean} [take]  whether it takes the points of a file
 * @property {(fault: Fault) => boolean} [refuse]  whether it says itself why a file cannot be read
 * @property {(text: string) => void} [paste]  text that was pasted outside of a field
 */

/**
 * What a run teaches, below the numbers: `lead` in bold, and edits of the link to try next.
 * @typedef {{ lead: string, rest: string, offers: { text: string, side: SideId, key: string, value: string }[] }} Lesson
 */

/**
 * A lab of the page.
 * @typedef {object} Lab
 * @property {string} id  as in the link
 * @property {View[]} views
 * @property {(tools: Tools) => Own} [make]
 * @property {(info: Side, other?: Side|null) => string} [title]  a configuration in a line, where the package’s own is too short
 * @property {(side: any, color: string) => string} story  "What you see" of one configuration; color: of its samples in the picture,
 *   empty where they are not in it
 * @property {(side: any) => HTMLElement} equations
 * @property {string[][]} tries  name, link, one sentence
 * @property {{ words: string, keys?: string[][] }} help  how to use the picture; keys of the picture in focus
 * @property {{ place: (side: SideState) => boolean, of: (side: SideState) => Lesson|null }} [lesson]  place: whether there may be one
 * @property {(key: string, scene: any) => string} [lacking]  why a number at the end is not there
 * @property {(key: string, values: Record<string, string>) => string} [against]  what a number is held against, if not what is exact
 * @property {(state: State, side: any, key: string, frame: number) => string} [beside]  what stands beside a number without an exact value
 * @property {string[]} [single]  numbers that are held against a law in single precision
 * @property {string} [plan]  what the rows of its plan are, if not steps of a sampler
 * @property {string} [cpu]  why its runs are on the CPU alone
 * @property {import('../ui/controls.js').Arrangement} [controls]  their order, where it is not that of the table
 */

/** @type {Canvas} */
const STILL = {};
/** What is said of a picture that is still there. */
export const EARLIER = 'This is still the picture of the link before.';
const AGE_MS = 300; // as its style dims it

export class Stage {
  /** @param {HTMLElement} host @param {Tools} tools */
  constructor(host, tools) {
    this.host = host;
    this.tools = tools;
    /** @type {Lab|null} */
    this.lab = null;
    /** @type {Own} */
    this.own = {};
    /** What each lab keeps; a lab that comes back finds it as it was. @type {Map<Lab, Own>} */
    this.kept = new Map();
    /** @type {View|null} */
    this.view = null;
    /** @type {Pane[]} */
    this.panes = [];
    this.canvas = STILL; // what the panes were made for
    /** @type {Cover|null} */
    this.covered = null;
    /** @type {string[]} */
    this.looks = []; // classes of the host
    this.note = h('p.without', { hidden: true });
    this.aging = 0;
    this.probe = new Probe((words) => tools.say(words));
    new ResizeObserver(() => tools.redraw()).observe(host);
    host.addEventListener('keydown', (e) => this.#key(e));
    host.addEventListener('focusout', () => {
      if (this.probe.keyed) this.probe.hide();
      this.own.away?.();
    });
  }

  /** Puts a lab on the stage, or clears it while none is there. @param {Lab|null} lab */
  show(lab) {
    if (lab === this.lab) return;
    if (this.lab) this.clear();
    this.lab = lab;
    this.own = (lab && this.kept.get(lab)) ?? lab?.make?.(this.tools) ?? {};
    if (lab) this.kept.set(lab, this.own);
  }

  /** Takes the pictures away: of the open link there is none. */
  clear() {
    if (!this.panes.length && !this.covered) return;
    this.own.stop?.();
    this.probe.hide();
    this.#shape([]);
    this.host.replaceChildren();
    this.view = this.covered = null;
    this.panes = [];
  }

  /**
   * Where what is drawn belongs to an earlier link for a while, those who do not see that it is dimmed are told, too.
   * @param {boolean} earlier
   */
  age(earlier) {
    if (!earlier) {
      clearTimeout(this.aging);
      this.aging = 0;
    } else this.aging ||= self.setTimeout(() => this.panes.forEach(({ canvas }) => canvas.setAttribute('aria-label', EARLIER)), AGE_MS);
  }

  /** The open view, where its lab is on the stage. @param {State} state @returns {View|null} */
  open({ opened }) {
    return (opened && this.lab?.id === opened.lab && this.lab.views.find(({ id }) => id === opened.view)) || null;
  }

  /** What the open view has computed beside the runs. @param {State} state @returns {Job|undefined} */
  job(state) {
    const job = this.open(state)?.job;
    return typeof job === 'function' ? job(state) : job;
  }

  /** What the open view asks about a side. @param {State} state @param {SideState} side @returns {Need[]} */
  needs(state, side) {
    const view = this.open(state);
    return (view && side.scene.lab === this.lab?.id && view.needs?.(state, side, this.own)) || [];
  }

  pictures() {
    return this.covered ? [this.covered.canvas] : this.panes.map((p) => p.canvas);
  }

  /** The pictures, and in a comparison the sides that each is of, with what distinguishes them. @param {State} state */
  shots({ opened }) {
    if (this.covered || !opened?.b) return this.pictures().map((canvas) => ({ canvas, heads: [] }));
    const head = (/** @type {SideId} */ side) => ({ side, text: this.title(opened, side) });
    const all = /** @type {SideId[]} */ (['a', 'b']);
    const of = (/** @type {Pane} */ { side }) => (this.view?.joint ? all : all.filter((id) => id === side?.id));
    return this.panes.map((pane) => ({ canvas: pane.canvas, heads: of(pane).map(head) }));
  }

  /** What the display choices depend on. @param {State} state */
  choices(state) {
    return `${this.lab?.id} ${Boolean(this.own.cover)} ${this.own.choices?.(state) ?? ''}`;
  }

  /** @param {State} state */
  options(state) {
    return (!this.own.cover && this.open(state)?.options?.(state, this.own, this.tools)) || [];
  }

  /** @param {State} state */
  draw(state) {
    const { lab, own } = this;
    const view = this.open(state);
    const { opened, a, b } = state;
    if (!lab || !view || !opened || a?.scene.lab !== lab.id) return;
    if (this.view && view !== this.view) {
      own.turned?.();
      this.probe.hide();
    }
    this.view = view;
    own.settle?.(state);
    const pal = palette(this.host);
    if (own.cover) return this.#cover(own.cover, pal);
    const sides = opened.b && b?.scene.lab === lab.id ? [a, b] : [a];
    const shown = view.joint ? [a] : view.sides?.(sides, state) ?? sides;
    this.#layout(view, state, shown.length);
    const common = view.common?.(shown, state);
    const paper = document.documentElement.classList.contains('printing');
    shown.forEach((side, i) => {
      const pane = this.panes[i];
      const title = this.title(opened, side.id);
      const other = pane.side !== side;
      pane.side = side;
      pane.caption.hidden = shown.length === 1 && !(view.named && opened.b);
      pane.caption.className = side.id;
      told(pane.caption, `${side.id.toUpperCase()} · ${title}`);
      const frame = Math.max(0, frameAt(side, state.at));
      const place = state.playing ? state.at * (side.scene.frames - 1) : frame;
      const look = { state, side, sides, pane, own, common, frame, place, pal, paper };
      const s = surface(pane.canvas);
      if (s) view.draw(s, look);
      pane.panels = s?.panels ?? [];
      const who = !opened.b ? `${title}. ` : view.joint ? '' : `Configuration ${side.id.toUpperCase()}, ${title}. `;
      const moving = state.playing && !view.still;
      const old = pane.canvas.getAttribute('aria-label') === EARLIER;
      if (moving && !other && !old) return; // words of what moves wait until it stands; until then nothing is said of another link
      const words = moving ? who.trim() : who + view.describe(look);
      if (pane.canvas.getAttribute('aria-label') !== words) pane.canvas.setAttribute('aria-label', words);
    });
    this.probe.refresh();
    const note = view.note?.(state, sides) ?? '';
    if (this.note.textContent === note) return;
    this.note.textContent = note;
    this.note.hidden = !note;
    this.tools.redraw(); // the note takes room from the picture
  }

  /**
   * A configuration of a link in a line, so that the two of a comparison differ.
   * @param {NonNullable<State['opened']>} opened @param {SideId} id
   */
  title(opened, id) {
    const [info, other] = id === 'b' && opened.b ? [opened.b, opened.a] : [opened.a, opened.b];
    return (this.lab?.id === opened.lab ? this.lab.title ?? contrast : contrast)(info, other);
  }

  /** Both titles, or the one. @param {NonNullable<State['opened']>} opened */
  titles(opened) {
    return /** @type {SideId[]} */ (opened.b ? ['a', 'b'] : ['a']).map((id) => this.title(opened, id));
  }

  /** As many canvases as there are pictures. @param {View} view @param {State} state @param {number} n */
  #layout({ canvas: kind = STILL, shape }, state, n) {
    const canvas = typeof kind === 'function' ? kind(state) : kind;
    this.#shape([n === 2 && 'pair', typeof shape === 'function' ? shape(state) : shape]);
    if (this.panes.length === n && this.canvas === canvas && this.host.contains(this.panes[0]?.canvas ?? null)) return;
    const back = this.covered && this.host.contains(document.activeElement); // the focus belongs to the picture again
    this.covered = null;
    this.canvas = canvas;
    this.panes = Array.from({ length: n }, () => {
      const el = h('canvas', { role: 'application', tabindex: 0, 'aria-roledescription': canvas.live ?? 'picture', class: canvas.looks });
      /** @type {Pane} */
      const pane = { canvas: el, caption: h('figcaption'), side: null, kept: canvas.keep?.(), panels: [] };
      this.probe.listen(pane, canvas.clicks === true);
      canvas.listen?.(pane, this.own, this.tools);
      return pane;
    });
    this.host.replaceChildren(...this.panes.map((p) => h('figure', {}, p.caption, p.canvas)), this.note, ...this.own.below ?? []);
    if (back) this.panes[0]?.canvas.focus({ preventScroll: true });
  }

  /** @param {Cover} cover @param {Palette} pal */
  #cover(cover, pal) {
    if (this.covered !== cover) {
      this.covered = cover;
      this.panes = [];
      this.#shape([cover.shape]);
      this.host.replaceChildren(cover.el);
      cover.canvas.focus({ preventScroll: true });
    }
    cover.draw(pal);
  }

  /** Other classes of the whole plot. @param {(string|false|undefined)[]} looks */
  #shape(looks) {
    const wanted = /** @type {string[]} */ (looks.filter(Boolean));
    for (const name of this.looks) if (!wanted.includes(name)) this.host.classList.remove(name);
    this.host.classList.add(...wanted);
    this.looks = wanted;
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    const { view, own, panes } = this;
    if (!view || own.cover || e.ctrlKey || e.metaKey || e.altKey) return;
    if (this.open(this.tools.state()) !== view) return; // another link is on its way
    const pane = panes.find((p) => p.canvas === e.target) ?? null;
    const { probe } = this;
    const reads = pane !== null && probe.keyed && probe.pane === pane && !own.place?.(pane);
    if (reads && probe.key(e, pane)) e.preventDefault();
    else if (own.key?.(e, { pane, view })) {
      e.preventDefault();
      const place = pane && own.place?.(pane);
      if (pane && place) requestAnimationFrame(() => probe.follow(pane, place));
    } else if (pane && probe.key(e, pane)) e.preventDefault();
  }
}

/** @param {HTMLElement} el @param {string} words */
function told(el, words) {
  if (el.textContent !== words) el.textContent = words;
}

/** Words in the middle of a picture that is not there yet. @param {Surface} s @param {string} words @param {Palette} pal */
export function waiting(s, words, pal) {
  label(s, words, s.w / 2, s.h / 2, { color: pal.muted, align: 'center', max: s.w - 16 });
}
