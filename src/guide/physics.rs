//! Penalties of the equations of a flow: what a film leaves of them, drawn towards 0.
//!
//! The terms are −P'(x̂)ᵀP(x̂)/V with V = s² + cγσ²/α², c the mean squared row of P'(x), about, rounded and fixed.

use super::film::Penalty;
use crate::dynamics::kolmogorov::Physics;
use crate::level::Level;
use std::rc::Rc;

/// c of the residual (88 was measured for the rows of ∂P/∂x at films of the flow).
const OF_RESIDUAL: f64 = 40.0;
/// c of the defect.
const OF_DEFECT: f64 = 2.0;

/// The numbers of a penalty: s > 0 and γ ≥ 0 of V.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slack {
    /// s, in the units of the film.
    pub sd: f64,
    /// γ.
    pub gamma: f64,
}

impl Slack {
    /// V at a level.
    fn variance(self, c: f64, level: &Level) -> f64 {
        let s = level.ratio();
        self.sd * self.sd + c * self.gamma * s * s
    }
}

/// P is the [residual](Physics::residual) of the equation at the frames 1 … F − 2.
///
/// Held by `tests/turbulence/physics.rs`: `a_penalty_is_the_gradient_of_its_misfit`.
#[derive(Clone)]
pub struct ResidualPenalty {
    physics: Rc<Physics>,
    frames: usize,
    slack: Slack,
}

/// P is the [defect](Physics::defects) of the flow map from each frame to the next.
///
/// Held by `tests/turbulence/physics.rs`: `a_penalty_is_the_gradient_of_its_misfit`.
#[derive(Clone)]
pub struct DefectPenalty {
    physics: Rc<Physics>,
    frames: usize,
    slack: Slack,
}

impl ResidualPenalty {
    /// Of films of `frames` ≥ 3 frames.
    pub fn new(physics: Rc<Physics>, frames: usize, slack: Slack) -> Self {
        Self {
            physics,
            frames,
            slack,
        }
    }
}

impl DefectPenalty {
    /// Of films of `frames` ≥ 2 frames.
    pub fn new(physics: Rc<Physics>, frames: usize, slack: Slack) -> Self {
        Self {
            physics,
            frames,
            slack,
        }
    }
}

/// Numbers of a frame.
fn numbers(physics: &Physics) -> usize {
    physics.solver().grid().numbers()
}

/// Subtracts a gradient.
fn subtract(pull: &mut [f64], gradient: &[f64]) {
    pull.iter_mut().zip(gradient).for_each(|(p, g)| *p -= g);
}

impl Penalty for ResidualPenalty {
    fn parts(&self) -> usize {
        self.frames.saturating_sub(2)
    }

    fn price(&self) -> usize {
        // Measured with 32 × 32 pixels.
        20 * numbers(&self.physics)
    }

    fn pull(&self, part: usize, level: &Level, x_hat: &[f64], pull: &mut [f64]) {
        let n = numbers(&self.physics);
        let three = part * n..(part + 3) * n;
        let mut r = self.physics.residual(&x_hat[three.clone()]);
        let v = self.slack.variance(OF_RESIDUAL, level);
        r.iter_mut().for_each(|r| *r /= v);
        let gradient = self.physics.residual_vjp(&x_hat[three.clone()], &r);
        subtract(&mut pull[three], &gradient);
    }
}

impl Penalty for DefectPenalty {
    fn parts(&self) -> usize {
        self.frames.saturating_sub(1)
    }

    fn price(&self) -> usize {
        // Measured with 32 × 32 pixels and the interval .2.
        50 * self.physics.solver().parameters().steps() * numbers(&self.physics)
    }

    fn pull(&self, part: usize, level: &Level, x_hat: &[f64], pull: &mut [f64]) {
        let n = numbers(&self.physics);
        let two = part * n..(part + 2) * n;
        let defects = self.physics.defects(&x_hat[two.clone()]);
        let v = self.slack.variance(OF_DEFECT, level);
        let r: Vec<f64> = defects.values().iter().map(|d| d / v).collect();
        subtract(&mut pull[two], &defects.vjp(&r));
    }
}
