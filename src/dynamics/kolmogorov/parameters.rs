//! The numbers of a flow.

use crate::error::Error;

/// Most steps between two frames.
const STEPS: f64 = 10_000.0;

/// A flow and the clock of its films.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// n, pixels along a side; even, 4 to 512.
    pub pixels: usize,
    /// ν ≥ 0, in length² per time.
    pub viscosity: f64,
    /// α ≥ 0, per time.
    pub drag: f64,
    /// amp ≥ 0, the amplitude of the force, in length per time².
    pub forcing: f64,
    /// k_f, waves of the force over the square, 1 to n/2 − 1.
    pub wave: usize,
    /// Δ > 0, time between two frames.
    pub interval: f64,
    /// Longest step of the solver; a frame takes ⌈Δ/dt⌉ steps of equal length.
    pub dt: f64,
}

impl Default for Parameters {
    /// The flow that the networks know, with the step of its truth: n = 32, ν = .01, α = .1, amp = 1, k_f = 4, Δ = .2,
    /// dt = .02.
    fn default() -> Self {
        Self {
            pixels: 32,
            viscosity: 0.01,
            drag: 0.1,
            forcing: 1.0,
            wave: 4,
            interval: 0.2,
            dt: 0.02,
        }
    }
}

impl Parameters {
    /// Checks the numbers.
    ///
    /// # Errors
    /// If one of them is out of its range, or a frame would take more than 10,000 steps.
    pub fn check(&self) -> Result<(), Error> {
        let wrong = |reason: String| Err(Error::Model { reason });
        let n = self.pixels;
        if !n.is_multiple_of(2) || !(4..=512).contains(&n) {
            return wrong(format!(
                "the square has {n} pixels along a side; give an even number from 4 to 512"
            ));
        }
        if !(1..n / 2).contains(&self.wave) {
            return wrong(format!(
                "the force has {} waves; {n} pixels along a side carry 1 to {}",
                self.wave,
                n / 2 - 1
            ));
        }
        let numbers = [
            ("viscosity", self.viscosity),
            ("drag", self.drag),
            ("amplitude of the force", self.forcing),
        ];
        for (name, value) in numbers {
            if !value.is_finite() || value < 0.0 {
                return wrong(format!(
                    "the {name} is {value}; give a number of at least 0"
                ));
            }
        }
        for (name, value) in [("interval", self.interval), ("step", self.dt)] {
            if !value.is_finite() || value <= 0.0 {
                return wrong(format!("the {name} is {value}; give a number above 0"));
            }
        }
        if self.interval / self.dt > STEPS {
            return wrong(format!(
                "an interval of {} takes {:.0} steps of {}; give a step of at least {}",
                self.interval,
                self.interval / self.dt,
                self.dt,
                self.interval / STEPS
            ));
        }
        Ok(())
    }

    /// ⌈Δ/dt⌉, the number of steps between two frames.
    pub fn steps(&self) -> usize {
        // An interval of .2 has ten steps of .02, although .2/.02 is above 10 in f64.
        let steps = libm::ceil(self.interval / self.dt * (1.0 - 1e-12));
        (steps as usize).max(1)
    }

    /// A = amp·k_f/(νk_f² + α): the flow ω = −A·cos(k_f·y) does not change. Infinite without viscosity and drag.
    ///
    /// Held by `tests/kolmogorov/exact.rs`: `the_laminar_flow_stays`.
    pub fn laminar(&self) -> f64 {
        let wave = self.wave as f64;
        self.forcing * wave / (self.viscosity * wave * wave + self.drag)
    }
}
