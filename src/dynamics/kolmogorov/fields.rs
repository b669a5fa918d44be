//! What a field of vorticity says: velocity, budgets, spectrum.

use super::grid::Mode;
use super::solver::Solver;
use super::solver::velocity;
use rustfft::num_complex::Complex;

/// Functions of one field ω `[n²]`. ⟨·⟩ is the mean over the square; by Parseval it is a sum over modes.
///
/// The budgets are Ė = −2νZ − 2αE + ⟨u·f⟩ and Ż = −2νP − 2αZ + ⟨ω·f_ω⟩, ⟨ω·f_ω⟩ = k_f²⟨u·f⟩.
///
/// Held by `tests/kolmogorov/fields.rs`: `the_budgets_of_energy_and_enstrophy_close`.
///
/// # Panics
/// All panic if the field has another size.
impl Solver {
    /// ψ with −Δψ = ω, in length² per time.
    ///
    /// Held by `tests/kolmogorov/fields.rs`: `fields_of_single_waves_are_their_closed_forms`.
    pub fn stream_function(&self, omega: &[f64]) -> Vec<f64> {
        let mut w = self.grid().spectrum(omega);
        for (w, mode) in w.iter_mut().zip(self.grid().modes()) {
            *w /= mode.square();
        }
        self.grid().field(&w)
    }

    /// u = ∂ᵧψ and v = −∂ₓψ, in length per time.
    ///
    /// Held by `tests/kolmogorov/fields.rs`: `fields_of_single_waves_are_their_closed_forms`,
    /// `the_velocity_has_no_divergence`.
    pub fn velocity(&self, omega: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let w = self.grid().spectrum(omega);
        let both = w.iter().zip(self.grid().modes());
        let (u, v): (Vec<_>, Vec<_>) = both
            .map(|(w, mode)| {
                let [u, v] = velocity(*w, mode);
                (u, v)
            })
            .unzip();
        self.grid().fields(&u, &v)
    }

    /// u·∇ω, per time².
    ///
    /// Held by `tests/kolmogorov/fields.rs`: `advection_creates_no_energy_and_no_enstrophy`, `a_product_has_no_aliases`.
    pub fn advection(&self, omega: &[f64]) -> Vec<f64> {
        let w = self.grid().spectrum(omega);
        let mut out = w.clone();
        self.transported(&w, &mut out, &mut self.grid().work());
        out.iter_mut().for_each(|w| *w = -*w);
        self.grid().field(&out)
    }

    /// ∂ₜω = −u·∇ω + νΔω − αω − amp·k_f·cos(k_f·y), per time².
    ///
    /// Held by `tests/kolmogorov/fields.rs`: `the_budgets_of_energy_and_enstrophy_close`.
    pub fn tendency(&self, omega: &[f64]) -> Vec<f64> {
        let w = self.grid().spectrum(omega);
        let slope = self.slope(&w, &mut self.grid().work());
        self.grid().field(&slope)
    }

    /// E = ½⟨u² + v²⟩, in length² per time².
    ///
    /// Held by `tests/kolmogorov/oracle.rs`: `the_table_of_an_independent_solver_is_met`.
    pub fn energy(&self, omega: &[f64]) -> f64 {
        self.sum(omega, |w, mode| w.norm_sqr() / mode.square())
    }

    /// Z = ½⟨ω²⟩, per time².
    ///
    /// Held by `tests/kolmogorov/oracle.rs`: `the_table_of_an_independent_solver_is_met`.
    pub fn enstrophy(&self, omega: &[f64]) -> f64 {
        self.sum(omega, |w, _| w.norm_sqr())
    }

    /// P = ½⟨|∇ω|²⟩, per length² and time².
    ///
    /// Held by `tests/kolmogorov/oracle.rs`: `the_table_of_an_independent_solver_is_met`.
    pub fn palinstrophy(&self, omega: &[f64]) -> f64 {
        self.sum(omega, |w, mode| w.norm_sqr() * mode.square())
    }

    /// ⟨u·f⟩ with f = amp·sin(k_f·y): the power of the force, in length² per time³.
    ///
    /// Held by `tests/kolmogorov/fields.rs`: `the_budgets_of_energy_and_enstrophy_close`.
    pub fn injection(&self, omega: &[f64]) -> f64 {
        let (wave, forcing) = (self.parameters().wave as i32, self.parameters().forcing);
        // û = ik_f·ψ̂, and f̂ = −½i·amp: twice the real part of û times the conjugate of f̂.
        self.sum(omega, |w, mode| {
            let forced = mode.kx == 0 && mode.ky == wave;
            match forced {
                true => -forcing * w.re / f64::from(wave),
                false => 0.0,
            }
        })
    }

    /// Z_k = ½Σ|ω̂|² over the shell round(|k|) = k, for k = 1 … n/2 − 1, per time². The corners of the square beyond them are
    /// left out.
    ///
    /// Held by `tests/kolmogorov/fields.rs`: `the_spectrum_adds_up_to_the_enstrophy`.
    pub fn spectrum(&self, omega: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.parameters().pixels / 2 - 1];
        let w = self.grid().spectrum(omega);
        for (w, mode) in w.iter().zip(self.grid().modes()) {
            let shell = libm::round(mode.square().sqrt()) as usize;
            if let Some(out) = out.get_mut(shell - 1) {
                *out += w.norm_sqr();
            }
        }
        out
    }

    /// Σ over one mode of each pair.
    fn sum(&self, omega: &[f64], of: impl Fn(&Complex<f64>, &Mode) -> f64) -> f64 {
        let w = self.grid().spectrum(omega);
        let modes = w.iter().zip(self.grid().modes());
        modes.map(|(w, mode)| of(w, mode)).sum()
    }
}
