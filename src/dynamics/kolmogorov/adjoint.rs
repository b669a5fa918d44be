//! Transposes of the derivative: of the right-hand side, and of the steps.

use super::grid::Work;
use super::solver::Solver;
use super::solver::Stages;
use super::solver::gradient;
use super::solver::velocity;
use rustfft::num_complex::Complex;

/// What the transpose of Φ_Δ at one field needs: the states at which its steps evaluated the right-hand side.
#[derive(Debug, Clone)]
pub(super) struct Tape {
    stages: Vec<Stages>,
}

impl Solver {
    /// Carries a spectrum over the time Δ, and keeps what the transpose needs.
    pub(super) fn recorded(&self, w: &mut [Complex<f64>]) -> Tape {
        let mut work = self.grid().work();
        let steps = 0..self.parameters().steps();
        Tape {
            stages: steps.map(|_| self.step(w, &mut work)).collect(),
        }
    }

    /// N'(ω)ᵀr of spectra, added to `out`:
    /// N'(ω)ᵀr = u·∇r − (−Δ)⁻¹(∂ₓr·∂ᵧω − ∂ᵧr·∂ₓω).
    ///
    /// Partial integration turns ⟨r, u·∇δ⟩ into −⟨u·∇r, δ⟩; the velocity of δ is a rotation of ∇(−Δ)⁻¹δ.
    /// Held by `tests/kolmogorov/adjoint.rs`: `the_transpose_of_the_right_hand_side_is_its_derivatives`.
    pub(super) fn pull_transport(
        &self,
        w: &[Complex<f64>],
        r: &[Complex<f64>],
        out: &mut [Complex<f64>],
        work: &mut Work,
    ) {
        let grid = self.grid();
        let flow = grid.widen(work, |i, mode| velocity(w[i], mode)).to_vec();
        let slopes = grid.widen(work, |i, mode| gradient(w[i], mode)).to_vec();
        let wide = grid.widen(work, |i, mode| gradient(r[i], mode));
        for ((z, u), w) in wide.iter_mut().zip(&flow).zip(&slopes) {
            let carried = u.re * z.re + u.im * z.im;
            *z = Complex::new(carried, z.re * w.im - z.im * w.re);
        }
        grid.narrow(work, |i, mode, [carried, crossed]| {
            out[i] += carried - crossed / mode.square();
        });
    }

    /// Φ_Δ'(ω)ᵀg of spectra: g is replaced. The steps are taken back one by one.
    ///
    /// Held by `tests/kolmogorov/adjoint.rs`: `the_transpose_of_the_flow_map_is_its_derivatives`.
    pub(super) fn pull(&self, tape: &Tape, g: &mut Vec<Complex<f64>>) {
        let mut work = self.grid().work();
        for stages in tape.stages.iter().rev() {
            *g = self.pull_step(stages, g, &mut work);
        }
    }

    fn pull_step(&self, stages: &Stages, g: &[Complex<f64>], work: &mut Work) -> Vec<Complex<f64>> {
        let [w, a, b, c] = stages;
        let zero = Complex::new(0.0, 0.0);
        let [mut to_w, mut to_a, mut to_b, mut to_c] = [(); 4].map(|()| vec![zero; g.len()]);
        let steps = self.coefficients();
        // What reaches N(c), N(b), N(a) and N(ω), in this order; each needs what the later stages pass on.
        let scaled =
            |f: &dyn Fn(usize) -> Complex<f64>| -> Vec<_> { (0..g.len()).map(f).collect() };
        self.pull_transport(c, &scaled(&|i| g[i] * steps[i].f3), &mut to_c, work);
        let from_b = scaled(&|i| g[i] * (2.0 * steps[i].f2) + to_c[i] * (2.0 * steps[i].q));
        self.pull_transport(b, &from_b, &mut to_b, work);
        let from_a = scaled(&|i| g[i] * (2.0 * steps[i].f2) + to_b[i] * steps[i].q);
        // a stands in c too.
        (0..g.len()).for_each(|i| to_a[i] = to_c[i] * steps[i].half);
        self.pull_transport(a, &from_a, &mut to_a, work);
        let from_w = scaled(&|i| g[i] * steps[i].f1 - to_c[i] * steps[i].q + to_a[i] * steps[i].q);
        for (i, to_w) in to_w.iter_mut().enumerate() {
            *to_w = g[i] * steps[i].whole + (to_a[i] + to_b[i]) * steps[i].half;
        }
        self.pull_transport(w, &from_w, &mut to_w, work);
        to_w
    }
}
