//! The right-hand side of the equation, and its steps.

use super::etd::Step;
use super::grid::Grid;
use super::grid::Mode;
use super::grid::Work;
use super::parameters::Parameters;
use crate::error::Error;
use rustfft::num_complex::Complex;

/// The pseudo-spectral solver of a flow: ETDRK4 in time; products are taken on 3n/2 × 3n/2 pixels, so no live mode has an
/// alias.
///
/// ∂ₜω̂ = −(νk² + α)ω̂ + N̂, N̂ = (kₓ² − kᵧ²)(uv)^ + kₓkᵧ(v² − u²)^ − (amp·k_f·cos k_f y)^.
///
/// The first two terms are −(u·∇ω)^, because u·∇ω = (∂ₓ² − ∂ᵧ²)(uv) + ∂ₓ∂ᵧ(v² − u²) for ∇·u = 0.
///
/// Held by `tests/kolmogorov/exact.rs`: `the_laminar_flow_stays`, `a_flow_from_rest_follows_its_closed_form`,
/// `a_single_wave_decays`, `a_step_has_order_four`; `tests/kolmogorov/oracle.rs`:
/// `the_table_of_an_independent_solver_is_met`; `tests/kolmogorov/fields.rs`: `advection_creates_no_energy_and_no_enstrophy`,
/// `a_step_commutes_with_the_symmetries`.
#[derive(Clone)]
pub struct Solver {
    parameters: Parameters,
    grid: Grid,
    /// By mode.
    steps: Vec<Step>,
    /// Its place in the modes and −½·amp·k_f.
    force: (usize, f64),
}

/// The states in a step at which N is evaluated: ω, a, b, c.
pub(super) type Stages = [Vec<Complex<f64>>; 4];

impl Solver {
    /// The solver of a flow.
    ///
    /// # Errors
    /// Those of [`Parameters::check`].
    pub fn new(parameters: Parameters) -> Result<Self, Error> {
        parameters.check()?;
        let grid = Grid::new(parameters.pixels);
        let h = parameters.interval / parameters.steps() as f64;
        let wave = parameters.wave;
        let mut own = Self {
            force: (
                grid.find(0, wave as i32).unwrap_or_default(),
                -0.5 * parameters.forcing * wave as f64,
            ),
            parameters,
            grid,
            steps: vec![],
        };
        let modes = own.grid.modes().iter();
        own.steps = modes.map(|mode| Step::new(own.rate(mode), h)).collect();
        Ok(own)
    }

    /// The numbers of the flow.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The modes of its fields.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// L = −νk² − α.
    pub(super) fn rate(&self, mode: &Mode) -> f64 {
        -self.parameters.viscosity * mode.square() - self.parameters.drag
    }

    /// −u·∇ω without the force, into `out`.
    pub(super) fn transported(
        &self,
        w: &[Complex<f64>],
        out: &mut [Complex<f64>],
        work: &mut Work,
    ) {
        let wide = self.grid.widen(work, |i, mode| velocity(w[i], mode));
        for z in wide {
            let (u, v) = (z.re, z.im);
            *z = Complex::new(u * v, v * v - u * u);
        }
        self.grid.narrow(work, |i, mode, [uv, squares]| {
            let [kx, ky] = mode.k();
            out[i] = uv * (kx * kx - ky * ky) + squares * (kx * ky);
        });
    }

    /// N, into `out`.
    pub(super) fn nonlinear(&self, w: &[Complex<f64>], out: &mut [Complex<f64>], work: &mut Work) {
        self.transported(w, out, work);
        out[self.force.0].re += self.force.1;
    }

    /// Lω + N(ω), the time derivative of the spectrum.
    pub(super) fn slope(&self, w: &[Complex<f64>], work: &mut Work) -> Vec<Complex<f64>> {
        let mut out = w.to_vec();
        self.nonlinear(w, &mut out, work);
        for ((out, w), mode) in out.iter_mut().zip(w).zip(self.grid.modes()) {
            *out += *w * self.rate(mode);
        }
        out
    }

    /// One step of `w`; returns the states at which N was evaluated.
    pub(super) fn step(&self, w: &mut [Complex<f64>], work: &mut Work) -> Stages {
        let zero = Complex::new(0.0, 0.0);
        let mut slopes = [(); 4].map(|()| vec![zero; w.len()]);
        let [nw, na, nb, nc] = &mut slopes;
        self.nonlinear(w, nw, work);
        let a = self.stage(|i, step| w[i] * step.half + nw[i] * step.q);
        self.nonlinear(&a, na, work);
        let b = self.stage(|i, step| w[i] * step.half + na[i] * step.q);
        self.nonlinear(&b, nb, work);
        let c = self.stage(|i, step| a[i] * step.half + (nb[i] * 2.0 - nw[i]) * step.q);
        self.nonlinear(&c, nc, work);
        let next = self.stage(|i, step| {
            w[i] * step.whole
                + nw[i] * step.f1
                + (na[i] + nb[i]) * (2.0 * step.f2)
                + nc[i] * step.f3
        });
        let before = w.to_vec();
        w.copy_from_slice(&next);
        [before, a, b, c]
    }

    fn stage(&self, of: impl Fn(usize, &Step) -> Complex<f64>) -> Vec<Complex<f64>> {
        let steps = self.steps.iter().enumerate();
        steps.map(|(i, step)| of(i, step)).collect()
    }

    pub(super) fn coefficients(&self) -> &[Step] {
        &self.steps
    }

    /// Carries a spectrum over the time Δ.
    pub(super) fn carry(&self, w: &mut [Complex<f64>]) {
        let mut work = self.grid.work();
        for _ in 0..self.parameters.steps() {
            self.step(w, &mut work);
        }
    }

    /// Φ_Δ: carries the field `omega` `[n²]` over the time Δ, in ⌈Δ/dt⌉ steps of equal length. Dead modes are lost.
    ///
    /// Held by `tests/kolmogorov/oracle.rs`: `the_table_of_an_independent_solver_is_met`.
    ///
    /// # Errors
    /// If the result is not finite: the step is too long for this flow.
    ///
    /// # Panics
    /// If the field has another size.
    pub fn advance(&self, omega: &mut [f64]) -> Result<(), Error> {
        let mut w = self.grid.spectrum(omega);
        self.carry(&mut w);
        omega.copy_from_slice(&self.grid.field(&w));
        self.check(omega)
    }

    /// `omega` without its dead modes: the mean, and waves of two pixels.
    ///
    /// Held by `tests/kolmogorov/fields.rs`: `live_modes_come_back_and_dead_ones_do_not`.
    ///
    /// # Panics
    /// If the field has another size.
    pub fn project(&self, omega: &[f64]) -> Vec<f64> {
        self.grid.field(&self.grid.spectrum(omega))
    }

    /// That a field is finite.
    pub(super) fn check(&self, omega: &[f64]) -> Result<(), Error> {
        if omega.iter().all(|w| w.is_finite()) {
            return Ok(());
        }
        let step = self.parameters.interval / self.parameters.steps() as f64;
        Err(Error::Model {
            reason: format!(
                "the flow is no longer finite with steps of {step}; give a shorter step, more viscosity or a weaker force"
            ),
        })
    }
}

/// The modes of u = ∂ᵧψ and v = −∂ₓψ, ψ̂ = ω̂/k².
pub(super) fn velocity(w: Complex<f64>, mode: &Mode) -> [Complex<f64>; 2] {
    let [kx, ky] = mode.k();
    let psi = w / mode.square();
    [Complex::new(0.0, ky) * psi, Complex::new(0.0, -kx) * psi]
}

/// The modes of ∂ₓω and ∂ᵧω.
pub(super) fn gradient(w: Complex<f64>, mode: &Mode) -> [Complex<f64>; 2] {
    let [kx, ky] = mode.k();
    [Complex::new(0.0, kx) * w, Complex::new(0.0, ky) * w]
}
