// Lab turbulence: where a sample is further from the truth than the mean of the flow, its setting does not use the observations.
import { number } from '../../plots/kit.js';
import { prose } from '../../plots/prose.js';
import { isSampled } from './sides.js';

/**
 * @typedef {import('../../app/store.js').SideState} SideState
 * @typedef {import('../../app/stage.js').Lesson} Lesson
 * @typedef {import('./sides.js').Scene} Scene
 * @typedef {{ lead: string, text: string, key: string, value: string }} Cause  text: of the way out
 */

const FEW = 8; // steps that no sampler here goes through noise with
const TELLING = 0.85; // few observations, whose exact mean is hardly nearer than that of the flow, leave every sample far away
const WEAK = 0.1; // γ above which observations hardly pull

/** What works with every score. */
const USUAL = { text: 'Guidance = SDA', key: 'guidance', value: 'sda' };
const STRONGER = { text: 'γ = 0.01', key: 'gamma', value: '0.01' };

/**
 * Why a film does not go to the observations, and the first thing to change; null where nothing is known to be wrong.
 * @param {Record<string, string>} v @returns {Cause|null}
 */
function causeOf(v) {
  if (v.guidance === 'none') return { lead: 'The observations are not used.', ...USUAL };
  if (v.sampler === 'langevin') {
    const lead = 'Langevin steps stay at one noise level and do not converge.';
    return { lead, text: 'Sampler = predictor–corrector', key: 'sampler', value: 'pc' };
  }
  if (Number(v.steps) < FEW) {
    const lead = `${v.steps === '1' ? 'One step does' : `${v.steps} steps do`} not converge.`;
    return { lead, text: 'N = 32', key: 'steps', value: '32' };
  }
  if (v.guidance === 'replace') return { lead: 'Replacing the seen pixels tells the others too little.', ...USUAL };
  if (v.guidance === 'sda' && Number(v.gamma) > WEAK) {
    return { lead: prose`With γ = ${number(Number(v.gamma))} the observations hardly pull.`, ...STRONGER };
  }
  return v.guidance === 'sda' ? null : { lead: 'This rule does not use the observations well.', ...USUAL };
}

/**
 * √ of the mean square difference of the mean of the flow from the truth: what is reached without a look at the observations.
 * @param {Pick<Scene, 'truth'|'climate'>} scene
 */
function errorOfMean({ truth, climate }) {
  let sum = 0;
  for (let i = 0; i < truth.length; i++) sum += (truth[i] - climate[i % climate.length]) ** 2;
  return Math.sqrt(sum / truth.length);
}

/**
 * What a run that has ended teaches of its setting; null where its film is nearer to the truth than the mean of the flow.
 * @param {Record<string, string>} v
 * @param {Pick<Scene, 'truth'|'climate'>} scene
 * @param {Pick<import('../../app/store.js').Metrics, 'final'|'rows'>|null} metrics
 */
function lessonOf(v, scene, metrics) {
  if (!isSampled(v) || v.task !== 'assimilate' || !scene.climate.length || !metrics?.final) return null;
  const { value, reference = NaN } = metrics.rows.find(({ key }) => key === 'rmse') ?? {};
  const [rmse, mean] = [value ?? NaN, errorOfMean(scene)];
  const cause = rmse > mean && !(reference > TELLING * mean) ? causeOf(v) : null;
  return cause && { rmse, mean, ...cause };
}

/** Found once, while the run is looked at from other places. @type {WeakMap<SideState['run'], ReturnType<typeof lessonOf>>} */
const known = new WeakMap();

/** @param {SideState} side @returns {Lesson|null} */
function told({ id, info, scene, run }) {
  if (run.state === 'done' && run.metrics?.final && !known.has(run)) {
    known.set(run, lessonOf(info.values, /** @type {Scene} */ (/** @type {unknown} */ (scene)), run.metrics));
  }
  const found = known.get(run);
  if (!found) return null;
  const { lead, rmse, mean, text, key, value } = found;
  return {
    lead: `${lead} `,
    rest: prose`The error of the film, ${number(rmse)}, is more than that of the mean of the flow, ${number(mean)}, which needs no
      observation at all. SDA with γ = .01 and 32 steps uses them well.`,
    offers: [{ text, side: id, key, value }],
  };
}

/** @type {import('../../app/stage.js').Lab['lesson']} */
export const lesson = { place: (side) => told(side) !== null, of: told };
