// Lab torus, the words: its law, its views, its pictures for those who do not see them.
import { count, number } from '../../plots/kit.js';
import { thereOf } from '../../plots/particles.js';
import { denseWords } from '../../plots/swarm.js';
import { levelName } from '../../plots/time.js';
import { distance } from './space.js';
import { formula, prose, sentences } from '../../plots/prose.js';
import { nearness, num } from '../shared/words.js';

/** @typedef {import('./index.js').Look} Look */
/** @typedef {import('../../app/store.js').SpaceScene} SpaceScene */

/** The law of a configuration. @param {Record<string, string>} v @returns {import('../shared/words.js').Target} */
export function lawOf(v) {
  const R = num(v.major, '1');
  const r = num(v.minor, '0.4');
  return {
    name: `the uniform law on a torus of radii ${R} and ${r}`,
    law: [
      {
        tex: 'x_0 = ((R + r \\cos \\theta) \\cos \\phi , (R + r \\cos \\theta) \\sin \\phi , r \\sin \\theta)',
        note: `R = ${R}, r = ${r}; uniform by area on the surface.`,
      },
      { tex: 'p(\\theta) = \\frac{1 + \\frac{r}{R} \\cos \\theta}{2 \\pi} , \\; p(\\phi) = \\frac{1}{2 \\pi}' },
    ],
    denoiser: [
      {
        tex: formula`\hat x = (E_w[\rho \frac{I_1}{I_0}] \cos \psi , E_w[\rho \frac{I_1}{I_0}] \sin \psi , E_w[r \sin \theta]) ,
          \; \rho = R + r \cos \theta`,
        note: prose`xₜ/α = (q cos ψ, q sin ψ, h), s = σ/α; I₀ and I₁ are modified Bessel functions at qρ/s², and $E_w$ is the mean over θ
          with the weights w.`,
      },
      {
        tex: 'w(\\theta) = \\rho I_0 \\exp(- \\frac{q^2 + \\rho^2 + (h - r \\sin \\theta)^2}{2 s^2})',
        note: 'φ is integrated in closed form, θ by a periodic sum.',
      },
    ],
  };
}

/** What each view shows. */
export const VIEWS = {
  particles: prose`Each dot is a particle. Strong colour lies on the surface; pale is a minor radius away or more. A larger dot is nearer to
    you. The wireframe is the torus itself, the exact distribution of the data, or its law; it is broken where it is hidden. The picture is
    zoomed so that the cloud keeps its size: everything is divided by κ(t) = √(α² + σ²/v), v the variance of the data. More than 10,000
    particles are drawn as their density on the pixels, near and far added up: the number on a pixel over the mean of the square, with
    opacity 1 − exp(−density/4); the colour is the mean of their distances. The frames of a long run have room for the first particles
    only, and a slow device draws fewer while it plays: the legend says how many are drawn.`,
  angles: prose`The angles of all particles: θ around the tube, where the outer side has more area and so more particles, and φ along it,
    which is uniform. Ink is the exact density of the data.`,
};

/** How to use the picture. */
export const HELP = { words: 'Drag the torus to turn it, or use the arrow keys.', keys: [['arrows', 'turn the torus; with Shift faster']] };

/** Notes beside the picture. */
export const NOTES = {
  scaled: (/** @type {number} */ kappa) => prose`Zoomed so that the cloud keeps its size: drawn over κ = √(α² + σ²/v) = ${number(kappa)}.
    The wireframe is the torus of the data.`,
  off: (/** @type {number} */ off) => `Root mean square distance from the surface here: ${number(off)} minor radii.`,
  offBrief: (/** @type {number} */ off) => `${number(off)} minor radii off the surface (r.m.s.)`,
  turn: 'Drag to turn; with the keyboard, arrow keys, with Shift faster.',
};

const MEASURED = 10_000; // particles, at most

/**
 * How far the first particles are from the surface, in minor radii.
 * @param {SpaceScene} scene
 * @param {import('../../app/store.js').RunState} run
 * @param {number} frame
 */
export function rms(scene, { reached, data }, frame) {
  if (reached === 0) return null;
  const size = scene.record.points;
  const some = Math.min(size, 3 * MEASURED);
  const c = scene.scale[frame];
  let sum = 0;
  let n = 0;
  for (let i = frame * size; i < frame * size + some; i += 3) {
    const d = distance(data.points[i] / c, data.points[i + 1] / c, data.points[i + 2] / c, scene) / scene.minor;
    if (d !== d) continue;
    sum += d * d;
    n++;
  }
  return n ? Math.sqrt(sum / n) : null;
}

/** @param {Look} look */
const near = ({ side }) => nearness(side, 'energy_distance', 'The energy distance to the exact law');

/** @param {Look} look */
export function particlesInWords(look) {
  const { side: { scene, run, info }, frame } = look;
  const off = rms(scene, run, frame);
  return sentences(
    `${count(scene.n)} particles in space on their way to ${lawOf(info.values).name}, which is drawn as a wireframe.`,
    denseWords(scene, thereOf(scene, run, frame)),
    off !== null && `At ${levelName(scene, frame)} their root mean square distance from the surface is ${number(off)} minor radii.`,
    near(look), 'Arrow keys turn the picture.');
}

/** @param {Look} look */
export function anglesInWords(look) {
  const { side: { scene, run }, frame } = look;
  let most = 0;
  for (const name of run.reached ? /** @type {const} */ (['theta', 'phi']) : []) {
    for (let k = 0; k < scene.bins; k++) most = Math.max(most, Math.abs(run.data[name][frame * scene.bins + k] - scene[name][k]));
  }
  return sentences(
    `Histograms of the two angles of ${count(scene.n)} particles, each with the exact density of the data as a line.`,
    `At ${levelName(scene, frame)} they differ by ${number(most, 2)} at most.`, near(look));
}
