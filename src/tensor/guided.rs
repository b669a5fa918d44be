//! A prior under guidance on tensors: the rules of [`crate::guide`] for particles on a device.
//!
//! Held by `tests/tensor_chains.rs`: `every_rule_on_tensors_is_that_of_the_host`,
//! `other_plans_and_models_on_tensors_are_those_of_the_host`.

use super::cg::{Bounds, solve};
use super::faults::Faults;
use super::near::{Blocks, Near};
use super::prior::{Jacobian, Prior};
use super::upload::Place;
use crate::error::Error;
use crate::guide::{self, Weight, asked_at, singular};
use crate::level::Level;
use crate::observe::Observation;
use burn::tensor::Tensor;

/// x̂ + (σ²/α)·Jᵀ A'ᵀ w, where w is the residual y − A(x̂) weighted by the rule, A(x) = s(Bx), and A' = D·B with the
/// slopes D = s'(Bx̂).
#[derive(Debug, Clone)]
pub struct Guided {
    prior: Prior,
    /// Bᵀ `[dim, rows]` and B.
    into_rows: Tensor<2>,
    back: Tensor<2>,
    /// 1 for rows that saturate, `[1, rows]`; `None` if no row does.
    bends: Option<Tensor<2>>,
    /// The values that all particles share, `[1, rows − known]`. The values before them are the context of the particle.
    y: Option<Tensor<2>>,
    /// Picks the columns of a context that are rows of the observation, `[context, known]`; `None` if all are.
    picks: Option<Tensor<2>>,
    /// R, `[rows, rows]`.
    noise: Tensor<2>,
    blocks: Option<Blocks>,
    bounds: Bounds,
    levels: Vec<(Level, Rule)>,
    faults: Faults,
}

/// A rule at one level.
#[derive(Debug, Clone)]
enum Rule {
    None,
    Direction(f64),
    Round(Near),
    /// The preconditioner, and the number of iterations.
    Tweedie(Near, usize),
    Replace,
}

impl Guided {
    /// A prior on tensors with the rule and the observation of `guided`, prepared for some levels. The first `known` rows
    /// of the observation are a context that differs between particles.
    ///
    /// # Errors
    /// If V is singular at a level.
    pub fn new(
        prior: Prior,
        guided: &guide::Guided,
        known: usize,
        levels: &[Level],
        place: &Place,
    ) -> Result<Self, Error> {
        let observation = guided.observation();
        let operator = observation.operator();
        let (rows, dim) = (operator.rows(), operator.dim());
        let back = place.matrix(operator.matrix(), [rows, dim]);
        let blocks = (!operator.is_linear()).then(|| Blocks::new(observation, place));
        let bends = blocks.is_some().then(|| {
            let bends = operator.saturates().iter().map(|s| f64::from(u8::from(*s)));
            place.row(bends.collect())
        });
        let entry = |i: usize| observation.noise().get(i / rows, i % rows);
        let shared = &observation.y()[known..rows];
        let bounds = Bounds::of(place.dtype, rows);
        let rule = |level: &Level| -> Result<(Level, Rule), Error> {
            let rule = match guided.weight(level) {
                Weight::None => Rule::None,
                Weight::Direction { zeta } => Rule::Direction(zeta),
                Weight::Round { keep, scale } => {
                    Rule::Round(near(observation, keep, scale, place)?)
                }
                Weight::Tweedie { near: scale } => {
                    let trial = || guided.iterations(level, bounds.tolerance);
                    let iterations = bounds.iterations(place.dtype, trial);
                    Rule::Tweedie(near(observation, 1.0, scale, place)?, iterations)
                }
                Weight::Replace => Rule::Replace,
            };
            Ok((*level, rule))
        };
        let levels: Result<Vec<_>, Error> = levels.iter().map(rule).collect();
        Ok(Self {
            prior,
            into_rows: back.clone().transpose(),
            back,
            bends,
            y: (!shared.is_empty()).then(|| place.row(shared.to_vec())),
            picks: None,
            noise: place.matrix((0..rows * rows).map(entry).collect::<Vec<_>>(), [rows; 2]),
            blocks,
            bounds,
            levels: levels?,
            faults: Faults::none(place, guided.cause()),
        })
    }

    /// The same for contexts of `all` numbers, of which the observation has only those at `kept`.
    pub fn picking(mut self, all: usize, kept: &[usize], place: &Place) -> Self {
        if kept.len() < all {
            let mut picks = vec![0.0; all * kept.len()];
            for (column, k) in kept.iter().enumerate() {
                picks[k * kept.len() + column] = 1.0;
            }
            self.picks = Some(place.matrix(picks, [all, kept.len()]));
        }
        self
    }

    /// Number of columns of the largest tensor in [`Guided::x_hat`].
    pub fn width(&self) -> usize {
        self.prior.width().max(self.back.dims()[0])
    }

    /// Approximate number of tensor operations of [`Guided::x_hat`] at a level.
    pub fn operations(&self, level: &Level) -> usize {
        match self.rule(level) {
            Rule::Tweedie(_, iterations) => 40 + 40 * iterations,
            _ => 40,
        }
    }

    fn rule(&self, level: &Level) -> &Rule {
        let found = self.levels.iter().find(|l| l.0 == *level);
        // A run evaluates only at the levels of its plan, and these were given.
        assert!(found.is_some(), "x_hat: a level of the plan");
        found.map_or(&Rule::None, |l| &l.1)
    }

    /// The failures so far.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The guided x̂ of every particle `[n, dim]`, with its context `[n, known]` if it has one.
    ///
    /// # Panics
    /// If it was not made for this level.
    pub fn x_hat(&self, level: &Level, x_t: Tensor<2>, context: Option<&Tensor<2>>) -> Tensor<2> {
        let (rule, level) = (self.rule(level), asked_at(level));
        let (x_hat, jacobian) = self.prior.at(&level, x_t);
        if let Rule::None = rule {
            return x_hat;
        }
        let (seen, slopes) = self.bend(x_hat.clone().matmul(self.into_rows.clone()));
        let residual = self.values(context, x_hat.dims()[0]) - seen;
        let weighted = match rule {
            Rule::None => return x_hat,
            Rule::Replace => return x_hat + residual.matmul(self.back.clone()),
            Rule::Direction(zeta) => {
                let norm = (residual.clone() * residual.clone()).sum_dim(1).sqrt();
                let still = norm.clone().equal_elem(0.0);
                residual * norm.mask_fill(still, 1.0).recip().mul_scalar(*zeta)
            }
            Rule::Round(near) => self.weigher(near, &slopes)(residual),
            Rule::Tweedie(near, iterations) => {
                let tweedie = Tweedie {
                    guided: self,
                    slopes: &slopes,
                    level,
                    jacobian: &jacobian,
                };
                tweedie.weigh(near, *iterations, residual)
            }
        };
        let back = times(weighted, &slopes).matmul(self.back.clone());
        x_hat + jacobian.vjp(back).mul_scalar(level.sigma * level.ratio())
    }

    /// y of `n` particles.
    fn values(&self, context: Option<&Tensor<2>>, n: usize) -> Tensor<2> {
        let context = context.map(|context| match &self.picks {
            Some(picks) => context.clone().matmul(picks.clone()),
            None => context.clone(),
        });
        match (context, &self.y) {
            (None, Some(y)) => y.clone(),
            (Some(context), None) => context,
            (Some(context), Some(y)) => Tensor::cat(vec![context, y.clone().repeat_dim(0, n)], 1),
            (None, None) => Tensor::zeros([n, 1], (&self.noise.device(), self.noise.dtype())),
        }
    }

    /// s(u) and the slopes s'(u): u/(1 + |u|) and 1/(1 + |u|)² in rows that saturate.
    fn bend(&self, u: Tensor<2>) -> (Tensor<2>, Option<Tensor<2>>) {
        let Some(bends) = &self.bends else {
            return (u, None);
        };
        let share = (u.clone().abs() * bends.clone()).add_scalar(1.0).recip();
        (u * share.clone(), Some(share.clone() * share))
    }

    /// V⁻¹ of the rules with V = keep·R + scale·A'A'ᵀ.
    fn weigher<'a>(
        &'a self,
        near: &'a Near,
        slopes: &Option<Tensor<2>>,
    ) -> Box<dyn Fn(Tensor<2>) -> Tensor<2> + 'a> {
        match (near, &self.blocks, slopes) {
            (Near::Blocks(keep, scale), Some(blocks), Some(slopes)) => {
                let factor = blocks.factor(*keep, *scale, slopes);
                Box::new(move |b| factor.solve(b))
            }
            (Near::Inverse(inverse), ..) => Box::new(|b| b.matmul(inverse.as_ref().clone())),
            // There are blocks exactly if there are slopes.
            _ => Box::new(|b| b),
        }
    }
}

/// V = R + A'·(σ²/α)·½(J + Jᵀ)·A'ᵀ of `exact` at some points.
struct Tweedie<'a> {
    guided: &'a Guided,
    slopes: &'a Option<Tensor<2>>,
    level: Level,
    jacobian: &'a Jacobian<'a>,
}

impl Tweedie<'_> {
    /// V⁻¹·residual, by conjugate gradients.
    fn weigh(&self, near: &Near, iterations: usize, residual: Tensor<2>) -> Tensor<2> {
        let own = self.guided;
        let factor = self.level.sigma * self.level.ratio();
        let apply = |p: Tensor<2>| {
            let v = times(p.clone(), self.slopes).matmul(own.back.clone());
            let forth = self.jacobian.jvp(v.clone());
            let covariance = if self.jacobian.is_symmetric() {
                forth.mul_scalar(factor)
            } else {
                let turned = self.jacobian.vjp(v);
                (forth + turned).mul_scalar(0.5 * factor)
            };
            times(covariance.matmul(own.into_rows.clone()), self.slopes)
                + p.matmul(own.noise.clone())
        };
        let precondition = own.weigher(near, self.slopes);
        let solved = solve(residual, (own.bounds, iterations), apply, precondition);
        // A symmetric Jacobian belongs to an exact score, so the covariance is positive, and a curvature ≤ 0 is rounding.
        // The particle is then only checked for the size of its residual.
        let curved = match self.jacobian.is_symmetric() {
            true => solved.curved.zeros_like(),
            false => solved.curved,
        };
        own.faults.add(self.level.ratio(), [curved, solved.slow]);
        solved.x
    }
}

/// V⁻¹, or keep and scale if V depends on the particle; V = keep·R + scale·A'A'ᵀ.
fn near(observation: &Observation, keep: f64, scale: f64, place: &Place) -> Result<Near, Error> {
    if !observation.operator().is_linear() {
        return Ok(Near::Blocks(keep, scale));
    }
    let rows = observation.operator().rows();
    let inverse = observation.inverse(keep, scale);
    let inverse = inverse.ok_or_else(|| singular(keep))?;
    Ok(Near::Inverse(Box::new(place.matrix(inverse, [rows; 2]))))
}

fn times(x: Tensor<2>, slopes: &Option<Tensor<2>>) -> Tensor<2> {
    match slopes {
        Some(slopes) => x * slopes.clone(),
        None => x,
    }
}
