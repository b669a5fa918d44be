//! The denoiser of the posterior, and the errors that occur during a run.

use super::Guidance;
use super::fault::Cause;
use super::rule::Point;
use super::rule::Rule;
use super::rule::RuleAt;
use super::rule::Weight;
use super::rule::broken;
use crate::denoise::DenoiseAt;
use crate::denoise::Denoiser;
use crate::denoise::Differentiable;
use crate::denoise::JacobianAt;
use crate::error::Error;
use crate::error::rounded;
use crate::level::Level;
use crate::observe::Observation;
use crate::sample::HostState;
use crate::sample::Plan;
use std::cell::Cell;
use std::cell::RefCell;
use std::rc::Rc;

/// The smallest α/σ at which a rule is evaluated. With less signal, for example at α = 0, the rule is evaluated at this
/// α/σ instead, which approximates the limit of the guided x̂ (for `exact`, E[x₀ | y]) to this accuracy.
const LEAST_SIGNAL: f64 = 1e-6;

/// The level at which a rule and its prior are evaluated: `level` itself, or the level with α/σ = 10⁻⁶ if α/σ is
/// smaller.
///
/// Held by `tests/guidance/refusals.rs`:
/// `without_noise_the_denoiser_is_the_priors_and_without_signal_its_limit`.
pub fn asked_at(level: &Level) -> Level {
    Level {
        alpha: level.alpha.max(LEAST_SIGNAL * level.sigma),
        ..*level
    }
}

/// No chain of any link reaches this value. A run with larger values diverges.
const BEYOND: f64 = 1e15;

/// Whether one of these is NaN, or at least 10¹⁵ in absolute value.
pub fn has_diverged(x: &[f64]) -> bool {
    !x.iter().all(|x| x.abs() < BEYOND)
}

/// The error of a run that diverges at the noise σ/α = `ratio`.
pub fn diverged(ratio: f64) -> Error {
    broken(
        format!("The guided run has diverged at σ/α = {}.", rounded(ratio)),
        "Take more steps, or weaker guidance.",
    )
}

/// A prior under guidance. A run uses it like any other denoiser.
///
/// [`DenoiseAt::x_hat`] cannot return an error. If a rule fails, the guided denoiser fills the output with NaN and
/// stores the first error, so a run must check after each piece of work, before it uses the particles:
///
/// ```text
/// let landed = state.advance(&plan, &guided, work);
/// guided.check()?;
/// ```
///
/// [`Guided::advance`] does both. An x̂ that is not finite for another reason (a diverging sampler) is an error too, so
/// NaN never counts as a result.
///
/// Held by `tests/guidance/refusals.rs`: `a_run_ends_with_the_error_of_its_denoiser`; `tests/contracts/rule.rs`:
/// `what_has_broken_down_stays_broken`, `pieces_of_a_block_give_the_bits_and_the_products_of_the_whole`.
pub struct Guided {
    prior: Rc<dyn Differentiable>,
    observation: Observation,
    rule: Rc<dyn Rule>,
    cause: Cause,
    failure: RefCell<Option<Error>>,
    products: Products,
}

/// Counts of products with the Jacobian of the prior or its transpose.
#[derive(Default)]
struct Products {
    /// Products computed so far, over all particles.
    taken: Cell<u64>,
    /// Count of the previous blocks. Every particle of a block counts as many products as the particle that needed most.
    before: Cell<u64>,
    /// Number of particles of this block so far, and the largest number of products that one of them needed.
    block: Cell<(u64, u64)>,
    /// The largest numbers of the previous blocks.
    most: RefCell<Vec<u32>>,
}

impl Products {
    fn take(&self, particles: u64) {
        self.taken.set(self.taken.get() + particles);
    }

    /// The count over all blocks. It does not depend on how a block is split into parts.
    fn counted(&self) -> u64 {
        let (particles, most) = self.block.get();
        self.before.get() + particles * most
    }

    fn next_block(&self) {
        self.before.set(self.counted());
        let (particles, most) = self.block.replace((0, 0));
        if particles > 0 {
            self.most.borrow_mut().push(most as u32);
        }
    }

    /// The largest number of products of a particle in each block so far.
    fn most_of_blocks(&self) -> Vec<u32> {
        let (particles, most) = self.block.get();
        let mut all = self.most.borrow().clone();
        all.extend((particles > 0).then_some(most as u32));
        all
    }

    /// Adds `particles` particles of the block, which needed `taken` products together.
    fn add(&self, particles: u64, taken: u64) {
        let (before, most) = self.block.get();
        let own = taken / particles.max(1);
        self.block.set((before + particles, most.max(own)));
    }
}

impl Guided {
    /// The prior under a rule. Particles of the prior have `observation.operator().dim()` coordinates.
    ///
    /// # Errors
    /// As [`Guidance::rule`].
    pub fn new(
        prior: Rc<dyn Differentiable>,
        observation: Observation,
        guidance: Guidance,
    ) -> Result<Self, Error> {
        Ok(Self {
            prior,
            rule: guidance.rule(&observation)?.into(),
            observation,
            cause: Cause::default(),
            failure: RefCell::new(None),
            products: Products::default(),
        })
    }

    /// The same for another run: nothing is counted yet, and nothing has broken down.
    pub fn fresh(&self) -> Self {
        Self {
            prior: self.prior.clone(),
            observation: self.observation.clone(),
            rule: self.rule.clone(),
            cause: self.cause.clone(),
            failure: RefCell::new(None),
            products: Products::default(),
        }
    }

    /// The same denoiser, with the text of its errors if V turns out to be singular.
    pub fn because(self, cause: Cause) -> Self {
        Self { cause, ..self }
    }

    /// See [`Guided::because`].
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// The observation.
    pub fn observation(&self) -> &Observation {
        &self.observation
    }

    /// The prior.
    pub fn prior(&self) -> &dyn Differentiable {
        self.prior.as_ref()
    }

    /// The rule at a level, as data.
    pub fn weight(&self, level: &Level) -> Weight {
        let level = asked_at(level);
        match level.sigma > 0.0 {
            true => self.rule.weight(&level),
            false => Weight::None,
        }
    }

    /// For `exact`: the number of iterations of conjugate gradients to a residual of `tolerance` at a level, at x̂ = 0
    /// and x_t = 0. `None` if they fail.
    ///
    /// Held by `tests/guidance/rules.rs`: `a_trial_counts_the_iterations_of_exact`.
    pub fn iterations(&self, level: &Level, tolerance: f64) -> Option<usize> {
        let level = asked_at(level);
        let prior = self.prior.differentiable_at(&level);
        let at = Point {
            prior: prior.as_ref(),
            observation: &self.observation,
            level,
            x_t: &vec![0.0; self.observation.operator().dim()],
            cause: &self.cause,
            first: 0,
        };
        super::exact::iterations(&at, tolerance)
    }

    /// Number of products with the Jacobian of the prior or its transpose so far, over all particles. Every particle of
    /// a block counts as many products as the particle of the block that needed most.
    pub fn jacobian_products(&self) -> u64 {
        self.products.counted()
    }

    /// The largest number of products that a particle needed, in each block so far: of parts of a block that are evaluated in
    /// different places, the larger one counts.
    pub fn most_of_blocks(&self) -> Vec<u32> {
        self.products.most_of_blocks()
    }

    /// Checks that every x̂ so far is valid.
    ///
    /// # Errors
    /// The first failure since the denoiser was made. It stays, because the run is over.
    pub fn check(&self) -> Result<(), Error> {
        match &*self.failure.borrow() {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    /// A piece of a run with this denoiser: [`HostState::advance`], then [`Guided::check`].
    ///
    /// # Errors
    /// As [`Guided::check`]. The state is then meaningless.
    pub fn advance(
        &self,
        state: &mut HostState,
        plan: &Plan,
        work: usize,
    ) -> Result<Option<usize>, Error> {
        let landed = state.advance(plan, self, work);
        self.check().map(|()| landed)
    }

    fn fail(&self, error: Error) {
        self.failure.borrow_mut().get_or_insert(error);
    }
}

impl Denoiser for Guided {
    fn products(&self) -> Option<u64> {
        Some(self.products.taken.get())
    }

    /// That of the prior, which is asked for an evaluation and for each product; and of an operator that does more than pick
    /// coordinates.
    fn price(&self) -> usize {
        let operator = self.observation.operator();
        let rows = operator.rows();
        let bent = if operator.is_linear() { 0 } else { rows / 2 };
        let summed = operator.entries().saturating_sub(rows);
        self.prior.price() + bent + summed / 6
    }

    fn next_block(&self) {
        self.products.next_block();
    }

    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        let level = &asked_at(level);
        let guides = level.sigma > 0.0;
        let rule = if guides {
            self.rule.at(&self.observation, level).map(Some)
        } else {
            Ok(None)
        };
        Box::new(GuidedAt {
            prior: Counted {
                inner: self.prior.differentiable_at(level),
                dim: self.observation.operator().dim(),
                products: &self.products,
            },
            rule: rule.unwrap_or_else(|error| {
                self.fail(error);
                None
            }),
            guided: self,
            level: *level,
        })
    }
}

struct GuidedAt<'a> {
    guided: &'a Guided,
    prior: Counted<'a>,
    /// `None` if no rule acts at this level, or if the rule failed (`guided` then holds the error).
    rule: Option<Box<dyn RuleAt + 'a>>,
    level: Level,
}

impl DenoiseAt for GuidedAt<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        let products = &self.guided.products;
        let taken = products.taken.get();
        self.prior.x_hat(x_t, out);
        let at = Point {
            prior: &self.prior,
            observation: &self.guided.observation,
            level: self.level,
            x_t,
            cause: &self.guided.cause,
            // The parts of a block come in order; after the last particle the first comes again.
            first: products.block.get().0 as usize % self.guided.observation.particles(),
        };
        let guided = self.rule.as_ref().map_or(Ok(()), |r| r.guide(&at, out));
        if let Err(error) = guided {
            self.guided.fail(error);
        } else if has_diverged(out) {
            self.guided.fail(diverged(self.level.ratio()));
        }
        if self.guided.failure.borrow().is_some() {
            out.fill(f64::NAN);
        }
        let particles = x_t.len() / self.prior.dim;
        products.add(particles as u64, products.taken.get() - taken);
    }
}

/// The prior, with a count of its Jacobian products.
struct Counted<'a> {
    inner: Box<dyn JacobianAt + 'a>,
    dim: usize,
    products: &'a Products,
}

impl Counted<'_> {
    fn count(&self, numbers: usize) {
        self.products.take((numbers / self.dim) as u64);
    }
}

impl DenoiseAt for Counted<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        self.inner.x_hat(x_t, out);
    }
}

impl JacobianAt for Counted<'_> {
    fn jvp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.count(v.len());
        self.inner.jvp(x_t, v, out);
    }

    fn vjp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.count(v.len());
        self.inner.vjp(x_t, v, out);
    }

    fn both(&self, x_t: &[f64], v: &[f64], forth: &mut [f64], back: &mut [f64]) {
        self.count(2 * v.len());
        self.inner.both(x_t, v, forth, back);
    }

    fn accuracy(&self) -> f64 {
        self.inner.accuracy()
    }
}
