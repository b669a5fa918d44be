// Lab torus, the words: its law and its views.
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
