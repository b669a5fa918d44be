//! Guidance of a film: a sequence of frames whose prior is folded from windows, with several terms, evaluated in pieces.
//!
//! x̂ + (σ²/α)·Jᵀ·Σ ∇log p: the terms add before the transpose of the Jacobian J = ∂x̂/∂x_t is applied, once for all. A term
//! is an observation under one of the rules of this room, or a penalty: something that is 0 for every truth.
//!
//! Held by `tests/turbulence/pieces.rs`: `a_walk_in_pieces_gives_the_bits_of_the_composition_of_chains`.

use super::Guidance;
use super::fault::Cause;
use super::guided::{asked_at, diverged, has_diverged};
use super::rule::{Point, Rule};
use crate::denoise::DenoiseAt;
use crate::denoise::Differentiable;
use crate::denoise::JacobianAt;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Observation;
use crate::process::Fold;
use std::cell::OnceCell;
use std::cell::RefCell;
use std::rc::Rc;

/// P(x₀) = 0 for every truth, taken as an observation of 0 with the covariance V·I, V a function of the level.
pub trait Penalty {
    /// Parts in which the gradient is computed.
    fn parts(&self) -> usize;

    /// The work of a part in units ([`crate::denoise::Denoiser::price`]), about.
    fn price(&self) -> usize;

    /// Adds part `part` of −P'(x̂)ᵀ P(x̂)/V to `pull`.
    fn pull(&self, part: usize, level: &Level, x_hat: &[f64], pull: &mut [f64]);
}

/// An observation under a rule.
struct Seen {
    observation: Observation,
    rule: Box<dyn Rule>,
    cause: Cause,
}

/// A prior of windows with the terms of its guidance.
pub struct Composed {
    fold: Fold,
    window: Rc<dyn Differentiable>,
    seen: Vec<Seen>,
    penalties: Vec<Rc<dyn Penalty>>,
    /// Whether any term has a gradient.
    pulls: bool,
}

impl Composed {
    /// The prior alone; particles of `window` have `fold.width·fold.states` coordinates.
    pub fn new(fold: Fold, window: Rc<dyn Differentiable>) -> Self {
        Self {
            fold,
            window,
            seen: vec![],
            penalties: vec![],
            pulls: false,
        }
    }

    /// With an observation of the film under a rule.
    ///
    /// # Errors
    /// As [`Guidance::rule`]; if the rule needs products with J itself (`exact`).
    pub fn observing(mut self, observation: Observation, rule: Guidance) -> Result<Self, Error> {
        if rule == Guidance::Exact {
            return Err(Error::Guidance {
                reason: "guidance=exact inverts a covariance of all observed numbers at every step: that is for chains."
                    .to_owned(),
                remedy: "Choose guidance=sda, or method=posterior for the exact mean of the Gaussian law.".to_owned(),
            });
        }
        self.pulls |= !matches!(rule, Guidance::None | Guidance::Replace);
        self.seen.push(Seen {
            rule: rule.rule(&observation)?,
            observation,
            cause: Cause::default(),
        });
        Ok(self)
    }

    /// With a penalty.
    pub fn penalised(mut self, penalty: Rc<dyn Penalty>) -> Self {
        self.pulls = true;
        self.penalties.push(penalty);
        self
    }

    /// Coordinates of a film.
    pub fn dim(&self) -> usize {
        self.fold.length * self.fold.states
    }

    /// The price of an evaluation in units ([`crate::denoise::Denoiser::price`]), about.
    pub fn price(&self) -> usize {
        let penalties = self.penalties.iter().map(|p| p.parts() * p.price());
        self.price_of_windows() + self.price_of_seen() + penalties.sum::<usize>()
    }

    /// The part of it that the windows take.
    pub fn price_of_windows(&self) -> usize {
        let calls = self.fold.windows() * if self.pulls { 2 } else { 1 };
        calls * self.window.price()
    }

    fn price_of_seen(&self) -> usize {
        let rows = self.seen.iter().map(|s| s.observation.operator().rows());
        rows.sum::<usize>() / 2 + 1
    }

    /// The windows at a level.
    fn at(&self, level: &Level) -> Box<dyn JacobianAt + '_> {
        self.window.differentiable_at(level)
    }

    /// The numbers of the window that begins at index `start`.
    fn place(&self, start: usize) -> std::ops::Range<usize> {
        start * self.fold.states..(start + self.fold.width) * self.fold.states
    }

    /// The numbers that folding takes from this window, in the film and in the window.
    fn taken(&self, start: usize) -> [std::ops::Range<usize>; 2] {
        let (taken, p) = (self.fold.taken(start), self.fold.states);
        let own = (taken.start - start) * p..(taken.end - start) * p;
        [taken.start * p..taken.end * p, own]
    }
}

/// What an evaluation asks about all windows of its film at once, where they are answered elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The level.
    pub level: Level,
    /// The windows, one after the other.
    pub x_t: Vec<f64>,
    /// None: x̂ is asked for. Else Jᵀv for these, a window each.
    pub v: Option<Vec<f64>>,
    /// Whether Jᵀv at the same points will be asked for, as far as it is known.
    pub keeps: bool,
    /// What the answer would cost here, in units ([`crate::denoise::Denoiser::price`]).
    pub price: usize,
}

/// What is next in an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// x̂ of the window that begins at this index.
    Windows(usize),
    Seen,
    /// A penalty, and a part of it.
    Penalty(usize, usize),
    /// The product with the transpose of the Jacobian of this window.
    Back(usize),
    Done,
}

/// The guided x̂ of one film as far as it is computed.
#[derive(Debug, Clone)]
pub struct Evaluation {
    stage: Stage,
    x_hat: Vec<f64>,
    /// Σ ∇log p at x̂, and Jᵀ of it.
    pull: Vec<f64>,
    pulled: Vec<f64>,
    /// Whether any term has a gradient.
    pulls: bool,
    /// Whether windows are answered elsewhere.
    asks: bool,
}

/// Takes the place of the prior in a rule: keeps what the rule would pull back, and pulls nothing.
struct Caught(RefCell<Option<Vec<f64>>>);

impl DenoiseAt for Caught {
    fn x_hat(&self, _: &[f64], out: &mut [f64]) {
        out.fill(0.0);
    }
}

impl JacobianAt for Caught {
    fn jvp(&self, _: &[f64], _: &[f64], out: &mut [f64]) {
        out.fill(0.0);
    }

    fn vjp(&self, _: &[f64], v: &[f64], out: &mut [f64]) {
        *self.0.borrow_mut() = Some(v.to_vec());
        out.fill(0.0);
    }
}

impl Evaluation {
    /// Nothing is computed yet, of a film of `dim` numbers.
    pub fn new(dim: usize) -> Self {
        Self {
            stage: Stage::Windows(0),
            x_hat: vec![0.0; dim],
            pull: vec![0.0; dim],
            pulled: vec![0.0; dim],
            pulls: false,
            asks: false,
        }
    }

    /// Whether windows are answered elsewhere: [`Evaluation::advance`] stops before them, [`Evaluation::asked`] says what is to be
    /// answered, and [`Evaluation::answer`] takes it. Said before the first part; it can be taken back at any time.
    ///
    /// Held by `tests/turbulence/pieces.rs`: `an_evaluation_whose_windows_are_answered_elsewhere_has_the_same_bits`.
    pub fn ask_elsewhere(&mut self, asks: bool) {
        self.asks = asks;
    }

    /// Whether an answer is waited for.
    pub fn waits(&self) -> bool {
        self.asks && matches!(self.stage, Stage::Windows(_) | Stage::Back(_))
    }

    /// What is to be answered, at the point of [`Evaluation::advance`]; none where nothing is waited for.
    pub fn asked(&self, own: &Composed, level: &Level, x_t: &[f64]) -> Option<Asked> {
        let all = 0..own.fold.windows();
        let v = match self.stage {
            Stage::Windows(_) => None,
            Stage::Back(_) => Some(
                all.clone()
                    .flat_map(|start| self.share(own, start))
                    .collect(),
            ),
            Stage::Seen | Stage::Penalty(..) | Stage::Done => return None,
        };
        self.asks.then(|| Asked {
            level: asked_at(level),
            price: all.len() * own.window.price(),
            x_t: all
                .flat_map(|start| &x_t[own.place(start)])
                .copied()
                .collect(),
            v,
            keeps: own.pulls,
        })
    }

    /// Takes the answer for all windows, one after the other.
    pub fn answer(&mut self, own: &Composed, level: &Level, values: &[f64]) {
        for window in values.chunks(own.fold.width * own.fold.states) {
            self.take(own, &asked_at(level), window);
        }
    }

    /// What a window is asked to pull back: its part of the gradient.
    fn share(&self, own: &Composed, start: usize) -> Vec<f64> {
        let mut v = vec![0.0; own.fold.width * own.fold.states];
        let [film, window] = own.taken(start);
        v[window].copy_from_slice(&self.pull[film]);
        v
    }

    /// Takes what was asked of the window that is next.
    fn take(&mut self, own: &Composed, level: &Level, values: &[f64]) {
        match self.stage {
            Stage::Windows(start) => {
                let [film, window] = own.taken(start);
                self.x_hat[film].copy_from_slice(&values[window]);
                self.stage = match start + 1 == own.fold.windows() {
                    true if level.sigma > 0.0 => Stage::Seen,
                    true => Stage::Done,
                    false => Stage::Windows(start + 1),
                };
            }
            Stage::Back(start) => {
                let sum = &mut self.pulled[own.place(start)];
                sum.iter_mut().zip(values).for_each(|(s, o)| *s += o);
                self.stage = Stage::Back(start + 1);
                if start + 1 == own.fold.windows() {
                    self.stage = Stage::Done;
                    let factor = level.sigma * level.ratio();
                    for (x_hat, pulled) in self.x_hat.iter_mut().zip(&self.pulled) {
                        *x_hat += factor * pulled;
                    }
                }
            }
            Stage::Seen | Stage::Penalty(..) | Stage::Done => {}
        }
    }

    /// x̂; guided once [`Evaluation::advance`] has returned true.
    pub fn x_hat(&self) -> &[f64] {
        &self.x_hat
    }

    /// Goes on for about `work` units, or one part; what is spent is taken off. Returns whether x̂ is there. `level` and `x_t`
    /// stay the same until then.
    ///
    /// # Errors
    /// If a rule fails, or x̂ is not finite.
    pub fn advance(
        &mut self,
        own: &Composed,
        level: &Level,
        x_t: &[f64],
        work: &mut i64,
    ) -> Result<bool, Error> {
        let level = &asked_at(level);
        let at = OnceCell::new();
        let width = own.fold.width * own.fold.states;
        let mut buffer = vec![0.0; width];
        while self.stage != Stage::Done && !self.waits() {
            let spent = self.part(own, level, (&at, x_t), &mut buffer)?;
            *work -= spent as i64;
            if *work <= 0 {
                break;
            }
        }
        if self.stage != Stage::Done {
            return Ok(false);
        }
        match has_diverged(&self.x_hat) {
            true => Err(diverged(level.ratio())),
            false => Ok(true),
        }
    }

    /// Does the next part. Returns its price.
    fn part<'c>(
        &mut self,
        own: &'c Composed,
        level: &Level,
        (at, x_t): (&OnceCell<Box<dyn JacobianAt + 'c>>, &[f64]),
        out: &mut [f64],
    ) -> Result<usize, Error> {
        match self.stage {
            Stage::Windows(start) => {
                let at = at.get_or_init(|| own.at(level));
                at.x_hat(&x_t[own.place(start)], out);
                self.take(own, level, out);
                Ok(own.window.price())
            }
            Stage::Seen => {
                for seen in &own.seen {
                    self.see(seen, level, x_t)?;
                }
                self.stage = self.penalty(own, 0, 0);
                Ok(own.price_of_seen())
            }
            Stage::Penalty(which, part) => {
                let penalty = &own.penalties[which];
                penalty.pull(part, level, &self.x_hat, &mut self.pull);
                self.pulls = true;
                self.stage = self.penalty(own, which, part + 1);
                Ok(penalty.price())
            }
            Stage::Back(start) => {
                let at = at.get_or_init(|| own.at(level));
                at.vjp(&x_t[own.place(start)], &self.share(own, start), out);
                self.take(own, level, out);
                Ok(own.window.price())
            }
            Stage::Done => Ok(1),
        }
    }

    /// Adds the gradient of an observation.
    fn see(&mut self, seen: &Seen, level: &Level, x_t: &[f64]) -> Result<(), Error> {
        let caught = Caught(RefCell::new(None));
        let at = Point {
            prior: &caught,
            observation: &seen.observation,
            level: *level,
            x_t,
            cause: &seen.cause,
            first: 0,
        };
        let rule = seen.rule.at(&seen.observation, level)?;
        rule.guide(&at, &mut self.x_hat)?;
        if let Some(v) = caught.0.take() {
            self.pulls = true;
            self.pull.iter_mut().zip(v).for_each(|(p, v)| *p += v);
        }
        Ok(())
    }

    /// The next part of a penalty, or what follows them.
    fn penalty(&self, own: &Composed, which: usize, part: usize) -> Stage {
        match own.penalties.get(which) {
            Some(penalty) if part < penalty.parts() => Stage::Penalty(which, part),
            Some(_) => self.penalty(own, which + 1, 0),
            None if self.pulls => Stage::Back(0),
            None => Stage::Done,
        }
    }
}
