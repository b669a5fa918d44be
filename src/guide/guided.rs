//! The denoiser of the posterior, and what becomes of errors in the middle of a run.

use super::Cause;
use super::Guidance;
use super::Point;
use super::Rule;
use super::RuleAt;
use super::Weight;
use super::broken;
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

/// The least α/σ at which a rule is asked: with less signal, as at α = 0, the limit of the guided x̂ is taken
/// there, E[x₀ given y] for `exact`, to this accuracy.
const LEAST_SIGNAL: f64 = 1e-6;

/// The level at which a rule and its prior are asked in the place of `level`: itself, or at α = 0 and next to it
/// the one where α/σ = 10⁻⁶.
pub fn asked_at(level: &Level) -> Level {
    Level {
        alpha: level.alpha.max(LEAST_SIGNAL * level.sigma),
        ..*level
    }
}

/// More than a chain of any link can reach: what is beyond is on its way to infinity.
const BEYOND: f64 = 1e15;

/// Whether one of these is no number, or beyond 10¹⁵.
pub fn has_diverged(x: &[f64]) -> bool {
    !x.iter().all(|x| x.abs() < BEYOND)
}

/// That a run diverges at a noise of σ/α = `ratio`.
pub fn diverged(ratio: f64) -> Error {
    broken(
        format!("The guided run has diverged at σ/α = {}.", rounded(ratio)),
        "Take more steps, or weaker guidance.",
    )
}

/// A prior under guidance: a denoiser that a run uses as any other.
///
/// [`DenoiseAt::x_hat`] returns no error. Where a rule breaks down the guided denoiser fills the output with
/// NaN and keeps the first error, so a run asks after each piece of work, before it looks at the particles:
///
/// ```text
/// let landed = state.advance(&plan, &guided, work);
/// guided.check()?;
/// ```
///
/// [`Guided::advance`] is these two lines. An x̂ that is not finite for any other reason (a sampler that
/// diverges) is an error too, so NaN is never taken for a result.
pub struct Guided {
    prior: Rc<dyn Differentiable>,
    observation: Observation,
    rule: Rc<dyn Rule>,
    cause: Cause,
    failure: RefCell<Option<Error>>,
    products: Products,
}

/// Products with the prior's Jacobian or its transpose.
#[derive(Default)]
struct Products {
    /// Taken, over all particles.
    taken: Cell<u64>,
    /// Those of the blocks before this one, each particle with as many as the one of its block that took most.
    before: Cell<u64>,
    /// Particles of this block so far, and the most products that one of them took.
    block: Cell<(u64, u64)>,
}

impl Products {
    fn take(&self, particles: u64) {
        self.taken.set(self.taken.get() + particles);
    }

    /// Of all blocks: the same however a block was parted.
    fn counted(&self) -> u64 {
        let (particles, most) = self.block.get();
        self.before.get() + particles * most
    }

    fn next_block(&self) {
        self.before.set(self.counted());
        self.block.set((0, 0));
    }

    /// Some particles of the block are done, which took `taken` products together, each as many.
    fn add(&self, particles: u64, taken: u64) {
        let (before, most) = self.block.get();
        let own = taken / particles.max(1);
        self.block.set((before + particles, most.max(own)));
    }
}

impl Guided {
    /// The prior under a rule; the prior's particles have `observation.operator().dim()` coordinates.
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

    /// The same, with what its errors say when V turns out to be singular.
    pub fn because(self, cause: Cause) -> Self {
        Self { cause, ..self }
    }

    /// See [`Guided::because`].
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// What was observed.
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

    /// For `exact`: iterations of its conjugate gradients that a residual of `tolerance` takes at a level, at x̂ = 0 and
    /// x_t = 0. None where they break down.
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

    /// Products with the prior's Jacobian or its transpose so far, over all particles: those of one block of
    /// particles count as going through a stage together, until the last of them is done.
    pub fn jacobian_products(&self) -> u64 {
        self.products.counted()
    }

    /// Whether every x̂ so far is a result.
    ///
    /// # Errors
    /// The first breakdown since the denoiser was made. It stays: the run is over.
    pub fn check(&self) -> Result<(), Error> {
        match &*self.failure.borrow() {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    /// A piece of a run with this denoiser: [`HostState::advance`], then [`Guided::check`].
    ///
    /// # Errors
    /// As [`Guided::check`]; the state then holds no result.
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
    /// None where no rule guides (or one failed, which `guided` knows).
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
            // Parts of a block follow each other; after the last of them comes the first again.
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

/// The prior, with its Jacobian products counted.
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

    fn accuracy(&self) -> f64 {
        self.inner.accuracy()
    }
}
