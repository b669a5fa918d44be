//! How far a film is from a solution: the residual of the equation, and the defect of the flow map.

use super::adjoint::Tape;
use super::parameters::Parameters;
use super::solver::Solver;
use crate::error::Error;
use rustfft::num_complex::Complex;

/// Residual and defect of films `[frames][y][x]` whose numbers are ω divided by a unit.
///
/// With unit S, the residual of x is P(Sx)/S and the defect d(Sx)/S. All fields are projected onto their live modes first.
#[derive(Clone)]
pub struct Physics {
    solver: Solver,
    unit: f64,
}

impl Physics {
    /// The step of the defect: Φ_Δ has ⌈Δ/.04⌉ steps.
    pub const STEP: f64 = 0.04;

    /// The equation of a flow for films in units of `unit` > 0 (1: films of ω itself). The flow map of the defect has steps of
    /// [`Physics::STEP`], whatever the step of `parameters`.
    ///
    /// # Errors
    /// Those of [`Parameters::check`].
    pub fn new(parameters: Parameters, unit: f64) -> Result<Self, Error> {
        let solver = Solver::new(Parameters {
            dt: Self::STEP,
            ..parameters
        })?;
        Ok(Self { solver, unit })
    }

    /// The solver of the flow map.
    pub fn solver(&self) -> &Solver {
        &self.solver
    }

    /// n², the numbers of a frame.
    fn numbers(&self) -> usize {
        self.solver.grid().numbers()
    }

    /// The spectra of all frames of a film, in units of ω.
    fn spectra(&self, film: &[f64]) -> Vec<Vec<Complex<f64>>> {
        let mut out = self.solver.grid().spectra_of(film);
        out.iter_mut().flatten().for_each(|w| *w *= self.unit);
        out
    }

    /// The film of spectra in units of ω, after a factor.
    fn film(&self, spectra: &[Vec<Complex<f64>>], factor: f64) -> Vec<f64> {
        let mut out = self.solver.grid().film(spectra);
        out.iter_mut().for_each(|x| *x *= factor);
        out
    }

    /// P_i = (ω_{i+1} − ω_{i−1})/2Δ + u·∇ω − νΔω + αω + amp·k_f·cos(k_f·y) at the frames i = 1 … F − 2, per time and in units;
    /// `[F − 2][y][x]`. Empty for fewer than three frames.
    ///
    /// A true film has not P = 0, because the difference over 2Δ is not ∂ₜω.
    ///
    /// Held by `tests/kolmogorov/adjoint.rs`: `the_residual_is_the_equation`.
    ///
    /// # Panics
    /// If the film is no whole number of frames.
    pub fn residual(&self, film: &[f64]) -> Vec<f64> {
        let spectra = self.spectra(film);
        let scale = 0.5 / self.solver.parameters().interval;
        let mut work = self.solver.grid().work();
        let at = |three: &[Vec<Complex<f64>>]| {
            let mut out = self.solver.slope(&three[1], &mut work);
            for ((out, next), last) in out.iter_mut().zip(&three[2]).zip(&three[0]) {
                *out = (next - last) * scale - *out;
            }
            out
        };
        let all: Vec<_> = spectra.windows(3).map(at).collect();
        self.film(&all, 1.0 / self.unit)
    }

    /// P'(x)ᵀr for r `[F − 2][y][x]`: each r_i gives ±r_i/2Δ to the frames i ± 1, and
    /// −u·∇r − νΔr + αr + (−Δ)⁻¹(∂ₓr·∂ᵧω − ∂ᵧr·∂ₓω) to frame i. `[F][y][x]`.
    ///
    /// Held by `tests/kolmogorov/adjoint.rs`: `the_transpose_of_the_residual_is_its_derivatives`.
    ///
    /// # Panics
    /// If the film is no whole number of frames, or `r` does not have two frames less.
    pub fn residual_vjp(&self, film: &[f64], r: &[f64]) -> Vec<f64> {
        let inner = film.len().saturating_sub(2 * self.numbers());
        assert_eq!(r.len(), inner, "a residual an interior frame");
        let (frames, r) = (self.spectra(film), self.spectra(r));
        let scale = 0.5 / self.solver.parameters().interval;
        let mut work = self.solver.grid().work();
        let zero = Complex::new(0.0, 0.0);
        let mut out = vec![vec![zero; self.solver.grid().modes().len()]; frames.len()];
        for (i, r) in r.iter().enumerate() {
            let mut own = vec![zero; r.len()];
            let modes = self.solver.grid().modes();
            self.solver
                .pull_transport(&frames[i + 1], r, &mut own, &mut work);
            for (j, (r, mode)) in r.iter().zip(modes).enumerate() {
                out[i][j] -= r * scale;
                out[i + 1][j] -= own[j] + r * self.solver.rate(mode);
                out[i + 2][j] += r * scale;
            }
        }
        // The unit of r, and 1/unit of P times unit of its argument.
        self.film(&out, 1.0 / self.unit)
    }

    /// d_i = ω_{i+1} − Φ_Δ(ω_i) for i = 0 … F − 2, in units, and what its transpose needs.
    ///
    /// Held by `tests/kolmogorov/adjoint.rs`: `a_film_of_the_solver_has_no_defect`.
    ///
    /// # Panics
    /// If the film is no whole number of frames.
    pub fn defects(&self, film: &[f64]) -> Defects<'_> {
        let spectra = self.spectra(film);
        let (mut all, mut tapes) = (vec![], vec![]);
        for pair in spectra.windows(2) {
            let mut w = pair[0].clone();
            tapes.push(self.solver.recorded(&mut w));
            let gaps = w.iter().zip(&pair[1]).map(|(w, next)| next - w);
            all.push(gaps.collect());
        }
        Defects {
            physics: self,
            values: self.film(&all, 1.0 / self.unit),
            tapes,
        }
    }
}

/// The defects of a film, and the transpose of their derivative there.
pub struct Defects<'a> {
    physics: &'a Physics,
    values: Vec<f64>,
    tapes: Vec<Tape>,
}

impl Defects<'_> {
    /// d, `[F − 1][y][x]`, in units.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// d'(x)ᵀr for r `[F − 1][y][x]`: r_i goes to frame i + 1, and −Φ_Δ'(ω_i)ᵀr_i to frame i. `[F][y][x]`.
    ///
    /// Held by `tests/kolmogorov/adjoint.rs`: `the_transpose_of_the_defect_is_its_derivatives`.
    ///
    /// # Panics
    /// If `r` has another size than [`Defects::values`].
    pub fn vjp(&self, r: &[f64]) -> Vec<f64> {
        assert_eq!(r.len(), self.values.len(), "a number a defect");
        let r = self.physics.spectra(r);
        let modes = self.physics.solver.grid().modes().len();
        let mut out = vec![vec![Complex::new(0.0, 0.0); modes]; r.len() + 1];
        for (i, (r, tape)) in r.iter().zip(&self.tapes).enumerate() {
            let mut back = r.clone();
            self.physics.solver.pull(tape, &mut back);
            for (j, (r, back)) in r.iter().zip(&back).enumerate() {
                out[i][j] -= back;
                out[i + 1][j] += r;
            }
        }
        self.physics.film(&out, 1.0 / self.physics.unit)
    }
}
