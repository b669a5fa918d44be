// Lab torus, the words: its law, its views, and links to try.
import { num } from './words.js';

/** The law of a configuration. @param {Record<string, string>} v @returns {import('./words.js').Target} */
export function lawOf(v) {
  const R = num(v.major, '1');
  const r = num(v.minor, '0.4');
  return {
    name: `the uniform law on a torus of radii ${R} and ${r}`,
    law: [
      { tex: 'x_0 = ((R + r \\cos \\theta) \\cos \\phi , (R + r \\cos \\theta) \\sin \\phi , r \\sin \\theta)', note: `R = ${R}, r = ${r}; uniform by area on the surface.` },
      { tex: 'p(\\theta) = \\frac{1 + \\frac{r}{R} \\cos \\theta}{2 \\pi} , \\; p(\\phi) = \\frac{1}{2 \\pi}' },
    ],
    denoiser: [
      { tex: '\\hat x = (E_w[\\rho \\frac{I_1}{I_0}] \\cos \\psi , E_w[\\rho \\frac{I_1}{I_0}] \\sin \\psi , E_w[r \\sin \\theta]) , \\; \\rho = R + r \\cos \\theta', note: 'xₜ/α = (q cos ψ, q sin ψ, h), s = σ/α; I₀ and I₁ are Bessel functions at qρ/s².' },
      { tex: 'w(\\theta) = \\rho I_0 \\exp(- \\frac{q^2 + \\rho^2 + (h - r \\sin \\theta)^2}{2 s^2})', note: 'φ is integrated in closed form, θ by a periodic sum.' },
    ],
  };
}

const SCALE = 'Everything is drawn in units of c(t) = √(α² + σ²/v), v the variance of the data.';

export const VIEW_WORDS = {
  particles: `Each dot is a particle; strong colour lies on the surface, pale is a minor radius away or more; a larger dot is nearer to you. The wireframe is the torus itself, broken where it is hidden. ${SCALE} Drag to turn, or use the arrow keys.`,
  angles: 'The angles of all particles: θ around the tube, where the outer side has more area and so more particles, and φ along it, which is uniform. Ink is the exact density of the data.',
};

export const TRIES = [
  ['Too few steps', 'v=1&lab=torus&steps=6&view=angles&seed=0', 'After six steps every particle is on the surface, but far too many on its outer side.'],
  ['EDM against flow matching', 'v=1&lab=torus&steps=12&b.process=fm&seed=0', 'Twelve steps each from the same noise: one is nearer to the surface, the other nearer in law.'],
  ['What memorising does', 'v=1&lab=torus&score=empirical&m=60&seed=0', 'The score of 60 data points returns those 60 points of the surface.'],
  ['Network against exact', 'v=1&lab=torus&b.score=net&seed=0', 'The same run with the exact score and with a small network: what is off the surface is what it has not learned.'],
  ['Where errors come from', 'v=1&lab=torus&score=net&view=errors&seed=0', 'What the network, the steps and the luck of the draw cost on the torus.'],
  ['More area outside', 'v=1&lab=torus&minor=0.8&view=angles&seed=0', 'On a thick torus the outer side has far more particles than the inner one.'],
  ['Noise on every step', 'v=1&lab=torus&process=vp&sampler=em&steps=200&seed=0', 'The reverse SDE comes out right in law, with a rough surface.'],
];
