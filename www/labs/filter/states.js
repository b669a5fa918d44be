// Lab filter, view "states": truth, observations and members over the cycles.
import { drawAttractor } from '../../plots/attractor.js';
import { drawCycles } from '../../plots/cycles.js';
import { number, settled } from '../../plots/kit.js';
import { prose, sentences } from '../../plots/prose.js';
import { drawSpaceTime } from '../../plots/space-time.js';
import { segmented } from '../../ui/choices.js';
import { listenDrag } from '../../ui/pointer.js';
import { answerOf } from '../../app/answers.js';
import { many } from '../shared/words.js';
import { edited } from '../shared/observe-link.js';
import { listen } from '../shared/observe-pointer.js';
import { resetButton } from '../shared/observe.js';
import { exactOf, isLaw, lawOf, placesOf, spanOf, weightsAt } from './laws.js';
import { HOW_TO_MOVE, MARKS } from './marks.js';
import { endOf, heldOf, referenceJob, referenceOf, referenceWords } from './reference.js';

/**
 * @typedef {import('./laws.js').Side} Side
 * @typedef {import('./laws.js').FilterScene} FilterScene
 * @typedef {import('../../app/stage.js').View} View
 * @typedef {import('./laws.js').Look} Look
 */

/** @param {number} i */
export const sub = (i) => String(i).replace(/\d/g, (d) => '₀₁₂₃₄₅₆₇₈₉'[Number(d)]);

/** A model of three numbers has a picture in space. @param {FilterScene} scene */
const inSpace = ({ states, substeps }) => states === 3 && substeps > 1;

/** Many numbers of a state are maps over the cycles. @param {FilterScene} scene */
const isMap = ({ states }) => states > 4;

/** What the picture is. @param {import('../../app/store.js').State} state */
const sceneOf = ({ a }) => /** @type {FilterScene|undefined} */ (/** @type {unknown} */ (a?.scene));

/** A picture that a drag turns. @type {import('../../app/stage.js').Canvas} */
export const TURNED = {
  live: 'picture in space',
  looks: 'live turn',
  listen({ canvas }, own) {
    listenDrag(canvas, {
      begin: () => own.space,
      move(to, from) {
        const half = Math.PI / Math.min(canvas.clientWidth, canvas.clientHeight);
        own.by(-(to.x - from.x) * half, (to.y - from.y) * half);
      },
    });
  },
};

/** A picture whose observations can be moved. @type {import('../../app/stage.js').Canvas} */
export const MOVED = {
  live: 'picture',
  looks: 'live',
  keep: () => ({ layout: null }),
  listen: (pane, own) => listen(own.editor, pane),
};

/** @type {import('../../app/stage.js').Canvas} */
const STILL = {};

/** The kind of picture. @param {import('../../app/store.js').State} state */
function canvasOf(state) {
  const scene = sceneOf(state);
  if (!scene) return STILL;
  return inSpace(scene) ? TURNED : scene.states === 1 ? MOVED : STILL;
}

/** Coordinates, or maps, above each other. @param {import('../../app/store.js').State} state */
function stackOf(state) {
  const scene = sceneOf(state);
  return scene && scene.states > 1 && !inSpace(scene) ? 'stacked' : '';
}

/** The largest error and spread, but for a few. @param {Side[]} sides */
function mostOf(sides) {
  let most = 0;
  for (const { run } of sides) {
    const all = [...run.data.rmse.subarray(0, run.reached), ...run.data.spread.subarray(0, run.reached)].sort((p, q) => p - q);
    most = Math.max(most, 2 * (all[Math.floor(0.9 * all.length)] ?? 0));
  }
  return most || 1;
}

/** The observed state of a cycle, where all numbers are seen as they are. @param {Side} side @param {number} cycle */
function seenAt({ scene, info }, cycle) {
  const i = scene.observed.indexOf(cycle);
  const whole = info.values.operator === 'identity' && scene.coordinates.length === 3;
  return i < 0 || !whole ? null : scene.y.subarray(3 * i, 3 * i + 3);
}

/**
 * What every view asks: the exact filter where there is one, and whether the run still follows the truth.
 * @param {any} side
 * @returns {import('../../app/answers.js').Need[]}
 */
export const asked = (side) => [...(side.scene.known ? [{ question: 'exact' }] : []), { question: 'notice', of: 'run' }];

/** What a run noticed; before it is done, how far the exact filter came. @param {any} side */
function noticed(side) {
  const fault = exactOf(side)?.fault;
  return answerOf(side, 'notice', {}, 'run') ?? (fault ? `The exact filter ends early. ${fault}` : '');
}

/**
 * What is wrong with runs that go on all the same.
 * @param {import('../../app/store.js').State} state @param {any[]} sides
 */
export function note(state, sides) {
  const told = sides.map((side) => ({ id: side.id, words: sentences(noticed(side), endOf(state, side)) }));
  return told.filter(({ words }) => words).map(({ id, words }) => (sides.length > 1 ? `${id.toUpperCase()} · ${words}` : words)).join(' ');
}

/** @param {Look} look */
function describe({ state, side, frame }) {
  const { scene, run } = side;
  const cycle = scene.level_index[frame];
  if (run.reached === 0) return 'The filter has not begun.';
  const d = scene.states;
  const coordinates = Array.from({ length: Math.min(3, d) }, (_, c) => {
    const name = d > 1 ? `x${sub(c + 1)}` : 'x';
    const [m, s] = [run.data.mean[frame * d + c], run.data.sd[frame * d + c]];
    return `${name} = ${number(settled(m, s))} ± ${number(s)}, truth ${number(scene.truth[cycle * d + c])}`;
  });
  const at = referenceOf(state, side)?.points[cycle];
  const beside = at && Array.from(at.mean, (m, c) => `x${sub(c + 1)} = ${number(settled(m, at.sd[c]))} ± ${number(at.sd[c])}`);
  return sentences(
    prose`Truth, ${many(scene.observed.length, 'observed cycle')} and ${scene.n > 0 ? many(scene.n, 'member') : 'one law'} over
      ${many(scene.steps, 'cycle')}.`,
    `At cycle ${cycle}: ${coordinates.join('; ')}${d > 3 ? `; and ${d - 3} more coordinates` : ''}.`,
    beside && `The reference: ${beside.join('; ')}.`);
}

/** The reference over the cycles. @param {import('./reference.js').Reference} own @returns {import('../../plots/cycles.js').Exact} */
const boundsOf = ({ mean, sd, bands }) => ({ xs: [], density: new Float32Array(0), mean, sd, bands, name: 'reference' });

/** The reference at a cycle, once it is there. @param {import('./reference.js').Reference|null} own @param {number} cycle */
function cloudOf(own, cycle) {
  const members = own?.points[cycle]?.members;
  return own && members ? { members, n: own.n } : null;
}

/** @param {FilterScene} scene */
function mapWords({ n, states }) {
  return sentences(
    prose`Each map has the cycles from left to right and the ${states} coordinates upwards. Error and spread have the same scale: where a
      filter is right about itself, its spread is large where its error is.`,
    n > 0 && 'No exact law is known here.');
}

/** The words of weights that members keep. @param {import('../../app/store.js').State} state */
const weighing = ({ a, b }) => [a, b].some((side) => side?.run.data.weights) && prose`Members carry weights until they are drawn again: the
  area of a dot is its weight, and the mean is weighted.`;

/** @type {View} */
export const states = {
  id: 'states',
  canvas: canvasOf,
  shape: stackOf,
  job: referenceJob,
  needs: (_state, side) => asked(side),
  note,
  common: (/** @type {Side[]} */ sides) => Object.fromEntries(sides.map((side) => {
    // Two models have nothing in common.
    const alike = sides.filter(({ scene, info }) => info.values.model === side.info.values.model && scene.states === side.scene.states);
    return [side.id, { spans: Array.from({ length: side.scene.states }, (_, c) => spanOf(alike, c)), most: mostOf(alike) }];
  })),
  draw(s, look) {
    const { side, frame, pal, own, paper, state, pane } = /** @type {Look} */ (look);
    const { scene, run, id } = side;
    const { editor } = own;
    /** @type {{ spans: [number, number][], most: number }} */
    const { spans, most } = look.common[id];
    const last = Math.max(0, Math.min(frame, run.reached - 1));
    const cycle = scene.level_index[last];
    if (inSpace(scene) && own.space) {
      const there = run.reached > 0;
      return drawAttractor(s, {
        path: scene.path, substeps: scene.substeps, truth: scene.truth, cycle, turn: own.turn, side: id, pal,
        members: there && scene.shown ? run.data.members.subarray(last * scene.shown * 3, (last + 1) * scene.shown * 3) : [],
        weights: there ? weightsAt(side, last) : [],
        mean: there ? run.data.mean.subarray(last * 3, last * 3 + 3) : null,
        reference: cloudOf(referenceOf(state, side), cycle),
        seen: seenAt(side, cycle), near: own.near, note: paper ? '' : 'drag or arrow keys turn it',
      });
    }
    if (isMap(scene)) {
      return drawSpaceTime(s, {
        truth: scene.truth, mean: run.data.mean, sd: run.data.sd, states: scene.states, steps: scene.steps, reached: run.reached, last,
        range: [Math.min(...spans.map((v) => v[0])), Math.max(...spans.map((v) => v[1]))], most, pal,
      });
    }
    const held = heldOf(state, side);
    const moved = MARKS.movable(side);
    const law = moved ? /** @type {any} */ (editor.exact(side)) : held?.law;
    const chosen = moved && !paper ? editor.hand(side) : null;
    const layout = drawCycles(s, {
      scene: { ...scene, lo: spans.map((v) => v[0]), hi: spans.map((v) => v[1]) },
      data: run.data, frame, reached: run.reached, side: id, pal,
      exact: held?.reference ? boundsOf(held.reference) : law ? lawOf(law, scene, spans[0]) : null,
      places: placesOf(side), members: scene.shown > 0, band: isLaw(side),
      seen: editor.seen(side), chosen: chosen && { ...chosen, live: !editor.drag?.moved }, edge: chosen ? editor.edge : '',
    });
    if (pane.kept) pane.kept.layout = layout;
  },
  describe: (look) => sentences(describe(/** @type {Look} */ (look)), look.side.scene.states === 1 && HOW_TO_MOVE),
  options(state, own) {
    const scene = sceneOf(state);
    if (scene?.states === 1 && edited(state.opened?.link)) return [resetButton(own.editor)];
    if (!scene || !inSpace(scene)) return [];
    const picture = segmented('Picture', 'picture', [['space', 'in space'], ['time', 'over time']], own.space ? 'space' : 'time', (v) => {
      own.space = v === 'space';
      own.tools.redraw();
    });
    if (!own.space) return [picture];
    return [picture, segmented('Zoom', 'zoom', [['whole', 'whole path'], ['near', 'members']], own.near ? 'near' : 'whole', (v) => {
      own.near = v === 'near';
      own.tools.redraw();
    })];
  },
  how: ({ a }) => (/** @type {any} */ (a)?.scene.states === 1 ? prose`Drag a diamond: the exact law follows at once, the run when you let
    go. Click at a cycle without one to observe there. A double-click, its × or Delete takes one away. Keys: left and right go from one to
    the next, with Shift cycle by cycle; up and down move it, Enter adds.` : ''),
  words(state, own) {
    const { a } = state;
    const side = /** @type {Side|null} */ (/** @type {unknown} */ (a));
    if (!side) return '';
    const { scene } = side;
    if (isMap(scene)) return mapWords(scene);
    const solid = inSpace(scene) && own.space;
    return sentences(
      solid
        ? prose`The three numbers of the state are a place in space. The line is the path of the truth, strong where it came from last, and
          the cloud is what the filter knows at the cycle of the slider.`
        : 'From left to right run the cycles.',
      prose`From one cycle to the next the model carries the filter on (forecast), then the observation corrects it (analysis). What is
        drawn ${solid ? '' : 'at a cycle '}is the analysis.`,
      scene.known && scene.states === 1 && prose`The map behind is the exact law of the state given the observations so far: the stronger,
        the likelier.`,
      scene.known && scene.states > 1 && 'Ink is the exact filter: its mean and its bands.',
      !scene.known && referenceWords(side),
      scene.reference && !solid && 'Its bands hold 50 and 95 % of its members, which are not those of a normal law.',
      weighing(state),
      isLaw(side) && !solid && 'The band holds 95 % of the normal law with the filter’s mean and spread.',
      scene.n > scene.shown && `Of ${many(scene.n, 'member')} the first ${scene.shown} are drawn; mean and scores are those of all.`,
      ['abs', 'square'].includes(side.info.values.operator) && 'The sign is not seen: each observation has two diamonds.');
  },
};
