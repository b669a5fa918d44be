// Lab lgssm: chains of states, observed here and there, sampled all at once. Composes its views; observations can be moved.
import { SINGLE, drawChain } from '../plots/chain.js';
import { drawCost } from '../plots/cost.js';
import { diffused } from '../plots/diffused.js';
import { label, palette, surface } from '../plots/kit.js';
import { drawMatrices, scaleOf, thinning } from '../plots/matrices.js';
import { drawPhase } from '../plots/phase.js';
import { drawScoreErrors } from '../plots/score-curves.js';
import { frameAt } from '../app/store.js';
import { h } from '../ui/dom.js';
import { Editor } from './lgssm-edit.js';
import { lengthened, thinned } from './lgssm-link.js';
import { movable, windows } from './lgssm-marks.js';
import { listen } from './lgssm-pointer.js';
import { chainKeys, TOO_LARGE, TOO_SHORT, costText, levelsOf, matricesOf, referenceName, text, windowsOf } from './lgssm-text.js';
import { titleOf } from './lgssm-title.js';
import { words } from './lgssm-words.js';
import { TRIES } from './lgssm/gallery.js';
import { describe } from './parts.js';
import { many } from './words.js';

/**
 * @typedef {import('../app/store.js').State} State
 * @typedef {import('../app/store.js').ChainScene} ChainScene
 * @typedef {import('../app/store.js').SideState & { scene: ChainScene }} Side
 * @typedef {import('./index.js').Tools} Tools
 * @typedef {import('./index.js').Lab} Lab
 * @typedef {import('../plots/kit.js').Palette} Palette
 * @typedef {import('../plots/kit.js').Surface} Surface
 */

/** @typedef {{ canvas: HTMLCanvasElement, caption: HTMLElement, side: Side|null, layout: import('../plots/chain.js').Layout|null, errors: import('../app/store.js').ChainScoreErrors|null }} Pane */

class ChainLab {
  /** @param {HTMLElement} host @param {Tools} tools */
  constructor(host, tools) {
    this.host = host;
    this.tools = tools;
    this.single = true;
    /** @type {Pane[]} */
    this.panes = [];
    this.view = '';
    /** @type {State|null} */
    this.state = null;
    this.every = /** @type {Record<string, string|undefined>} */ ({}); // as it was before single indices were observed
    /** The last change of a length: before it, and the link after it. @type {{ id: import('../app/store.js').SideId, from: import('../app/store.js').Opened, to: string }|null} */
    this.last = null;
    this.refused = h('p.refused.without', { role: 'alert', hidden: true });
    this.editor = new Editor(tools, () => this.state, (message) => {
      this.refused.hidden = !message;
      this.refused.textContent = message;
    });
    this.size = new ResizeObserver(() => tools.redraw());
    this.size.observe(host);
    this.keys = (/** @type {KeyboardEvent} */ e) => this.#key(e);
    host.addEventListener('keydown', this.keys);
    this.away = () => {
      this.editor.chosen = null;
      tools.redraw();
    };
    host.addEventListener('focusout', this.away);
  }

  destroy() {
    this.size.disconnect();
    this.editor.stop();
    this.host.removeEventListener('keydown', this.keys);
    this.host.removeEventListener('focusout', this.away);
    this.host.classList.remove('pair', 'cost', 'matrices');
    this.host.replaceChildren();
  }

  pictures() {
    return this.panes.map((p) => p.canvas);
  }

  choices() {
    return `${this.single} ${edited(this.state)} ${this.state?.opened?.a.values.n}`;
  }

  /** Takes changes into its own hands under which observations of the link would go. @param {import('../app/store.js').SideId} id @param {string} key @param {string} value */
  edit(id, key, value) {
    const { opened } = this.state ?? {};
    if (!opened) return false;
    const { last } = this;
    const from = key === 'length' && last && last.id === id && last.to === opened.link ? last.from : opened; // a slider on its way takes nothing for good
    const found = key === 'length' ? lengthened(from, id, value) : key === 'every' ? thinned(opened, value) : null;
    if (!found) return false;
    this.editor.stop();
    this.tools.rewrite(() => found.link).then((refused) => {
      this.editor.refuse(refused ? refused.message : '');
      if (refused) return;
      this.last = { id, from, to: this.state?.opened?.link ?? '' };
      if (found.lost) this.tools.notice(found.lost);
    });
    return true;
  }

  /** @param {State} state */
  draw(state) {
    const { opened } = state;
    const a = /** @type {Side|null} */ (state.a);
    const b = /** @type {Side|null} */ (state.b);
    if (!opened || !a) return;
    this.state = state;
    this.editor.settle(state);
    const sides = opened.b && b?.scene.lab === 'lgssm' ? [a, b] : [a];
    for (const { id, info } of sides) if (info.values.every) this.every[id] = info.values.every;
    const cost = opened.view === 'cost'; // both sides in one picture
    this.#layout(cost ? 1 : sides.length, opened.view);
    const pal = palette(this.host);
    this.panes.forEach((pane, i) => {
      const side = sides[i];
      pane.side = side;
      pane.caption.hidden = this.panes.length === 1;
      const caption = `${side.id.toUpperCase()} · ${titleOf(side.info, sides.find(({ id }) => id !== side.id)?.info)}`;
      if (pane.caption.textContent !== caption) pane.caption.textContent = caption;
      pane.caption.className = side.id;
      const s = surface(pane.canvas);
      if (s) this.#pane(s, pane, side, sides, state, pal);
      if (!state.playing) describe(pane.canvas, cost ? costText(sides) : text(state, side, this.editor.seen(side), diffused(side.scene, this.editor.exact(side), Math.max(0, frameAt(side, state.at)))));
    });
  }

  /** @param {Surface} s @param {Pane} pane @param {Side} side @param {Side[]} sides @param {State} state @param {Palette} pal */
  #pane(s, pane, side, sides, state, pal) {
    const { scene, run, id } = side;
    const frame = Math.max(0, frameAt(side, state.at));
    const place = state.playing ? state.at * (scene.frames - 1) : frame;
    const exact = diffused(scene, this.editor.exact(side), place);
    const name = Math.abs(scene.scale[frame] - 1) > 0.005 ? 'xₜ/κ' : frame === scene.frames - 1 ? 'x' : 'xₜ';
    const wait = (/** @type {string} */ words) => label(s, words, s.w / 2, s.h / 2, { color: pal.muted, align: 'center', max: s.w - 16 });
    switch (state.opened?.view) {
      case 'chain': {
        const chosen = movable(scene) ? this.editor.hand(side) : null;
        pane.layout = drawChain(s, {
          scene, run, place, side: id, pal, name, exact, single: this.single, seen: this.editor.seen(side),
          edge: chosen ? this.editor.edge : '',
          chosen: chosen && { ...chosen, live: !this.editor.drag?.moved }, windows: windows(side),
          keys: chainKeys(side, s.w, pal, this.single),
        });
        return;
      }
      case 'score-error': {
        pane.errors = side.answers.scores ?? pane.errors;
        if (scene.length < 3) return wait(TOO_SHORT);
        if (!pane.errors) return wait('The errors of the scores are being computed');
        const own = windowsOf(side.info.values);
        return drawScoreErrors(s, { errors: pane.errors, own, levels: levelsOf(scene), side: id, pal, note: own ? `${own.learned ? 'A network for windows' : 'The score of windows'} of ${2 * own.k + 1}` : 'Blankets, against the full score of this run' });
      }
      case 'covariance': {
        const exacts = sides.map((v) => v.answers.covariance);
        const { covariance } = side.answers;
        if (!covariance) return wait('The covariance is being computed');
        if (!covariance.exact.length && (scene.reference !== 'none' || side.answers.sampled?.length === 0)) return wait(TOO_LARGE);
        const scale = scaleOf([...exacts.map((c) => c?.exact ?? null), ...sides.map((v) => v.answers.sampled)]);
        const by = thinning(covariance.size);
        const notes = by > 1 ? [`${covariance.size} × ${covariance.size} entries; each cell is the mean of ${by} × ${by}.`] : [];
        return drawMatrices(s, { all: matricesOf(side, s.w > 520 || (s.w > 420 && s.h > 380), pal), length: scene.length, states: scene.states, scale, pal, notes });
      }
      case 'cost': return drawCost(s, sides, pal);
      case 'phase':
        if (scene.states !== 2) return wait('This chain has not two coordinates.');
        return drawPhase(s, { scene, run, place, side: id, pal, single: this.single, exact, name, reference: referenceName(scene) });
      default:
    }
  }

  /** As many canvases as there are sides. @param {number} n @param {string} view */
  #layout(n, view) {
    if (this.panes.length === n && this.view === view && this.host.contains(this.panes[0].canvas)) return;
    this.view = view;
    this.editor.stop();
    this.editor.chosen = null;
    this.panes = Array.from({ length: n }, () => {
      /** @type {Pane} */
      const pane = { canvas: view === 'chain' ? h('canvas.live', { role: 'application', tabindex: 0, 'aria-roledescription': 'picture' }) : h('canvas', { role: 'img' }), caption: h('figcaption'), side: null, layout: null, errors: null };
      if (view === 'chain') listen(this.editor, pane);
      return pane;
    });
    this.host.replaceChildren(...this.panes.map((p) => h('figure', {}, p.caption, p.canvas)), this.refused);
    this.host.classList.toggle('pair', n === 2);
    this.host.classList.toggle('cost', view === 'cost');
    this.host.classList.toggle('matrices', view === 'covariance');
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const pane = this.panes.find((p) => p.canvas === e.target);
    if (pane && this.editor.key(e, pane)) e.preventDefault();
  }

  /** Back to drawn values at regular indices. */
  async #reset() {
    const { every } = this;
    this.editor.stop();
    const refused = await this.tools.rewrite((link) => {
      const pairs = link.split('&').filter((p) => !/^(b\.)?(y|observed)=/.test(p) && !p.startsWith('fp='));
      for (const [id, name] of [['b', 'b.every'], ['a', 'every']]) if (every[id] && new RegExp(`&${id === 'b' ? 'b\\.' : ''}observed=`).test(`&${link}`)) pairs.splice(-1, 0, `${name}=${every[id]}`);
      return pairs.join('&');
    });
    this.tools.say(refused ? refused.message : 'The observations are those of the simulated chain again.');
  }

  /** @param {State} state @returns {HTMLElement[]} */
  options(state) {
    const { opened } = state;
    if (opened?.view !== 'chain' && opened?.view !== 'phase') return [];
    const tick = h('input', { type: 'checkbox', checked: this.single, onchange: () => {
      this.single = tick.checked;
      this.tools.redraw();
    } });
    /** @type {HTMLElement[]} */
    const out = [h('label.tick', {}, tick, many(Math.min(SINGLE, Number(opened.a.values.n ?? SINGLE)), 'single chain'))];
    if (edited(state)) out.push(h('button.chip', { type: 'button', onclick: () => this.#reset() }, 'Reset observations'));
    return out;
  }
}

/** Whether the link has observations of its own. @param {State|null} state */
function edited(state) {
  return /&(b\.)?(y|observed)=/.test(`&${state?.opened?.link ?? ''}`);
}

/** @type {Lab} */
export const lgssm = {
  id: 'lgssm',
  label: 'Chains',
  mount: (host, tools) => new ChainLab(host, tools),
  tries: TRIES,
  words,
  controls: {
    first: ['model', 'guidance', 'zeta', 'strength', 'lambda', 'gamma', 'score', 'k', 'method', 'context', 'horizon'],
    fold: { name: 'Model and observations', keys: ['a', 'b', 'c', 'd', 'T', 'Q', 'O', 'R', 'length', 'operator', 'width', 'observed', 'every', 'y', 'truth-seed'], open: ({ model }) => model === 'custom' },
    names: { n: 'Chains n' },
  },
};
