//! Members that the true equations move, with or without corrections by what is seen.

use super::clock::first;
use super::law::climate;
use super::setup::finer;
use super::shown::Shown;
use super::twin::Twin;
use super::way::Way;
use super::words::{Task, Way as Kind};
use crate::dynamics::Model;
use crate::dynamics::kolmogorov::{Parameters, Physics, Solver, UNIT};
use crate::error::Error;
use crate::filter::enkf::Stochastic;
use crate::filter::{self, Analysis, Operator, Sensor, Update};
use crate::rng::{Noise, Stream};
use std::fmt;
use std::rc::Rc;

/// The flow of the truth as a model of members, in units, from frame to frame.
#[derive(Clone)]
struct Carrier(Solver);

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.parameters().fmt(f)
    }
}

impl Carrier {
    /// Carries a member over a frame.
    fn carry(&self, x: &mut [f64]) -> Result<(), Error> {
        x.iter_mut().for_each(|x| *x *= UNIT);
        let done = self.0.advance(x);
        x.iter_mut().for_each(|x| *x /= UNIT);
        done
    }
}

impl Model for Carrier {
    fn dim(&self) -> usize {
        self.0.grid().numbers()
    }

    /// By whole frames, whatever `dt` is. A member that is no longer finite stays so.
    fn step(&self, _: f64, x: &mut [f64]) {
        for member in x.chunks_exact_mut(self.dim()) {
            self.carry(member).ok();
        }
    }

    fn noise(&self, _: f64) -> f64 {
        0.0
    }

    /// In pixels, on the periodic square.
    fn distance(&self, i: usize, j: usize) -> Option<f64> {
        let n = self.0.grid().pixels();
        let along = |a: usize, b: usize| a.abs_diff(b).min(n - a.abs_diff(b)) as f64;
        let (x, y) = (along(i % n, j % n), along(i / n, j / n));
        Some((x * x + y * y).sqrt())
    }

    fn cost(&self) -> f64 {
        (self.0.parameters().steps() * 10 * self.dim()) as f64
    }
}

/// What is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The start of this member.
    Draw(usize),
    /// The forecast of this member to the present frame.
    Forecast(usize),
    Analysis,
    Done,
}

/// Members on their way through the frames.
pub(super) struct Members {
    twin: Rc<Twin>,
    model: Carrier,
    members: filter::Ensemble,
    analysis: Stochastic,
    /// The update that is under way.
    seen: Option<filter::Observation>,
    phase: Phase,
    /// The price of an update, and the part of it that is done.
    price_of_update: f64,
    within: f64,
    frame: usize,
    shown: Shown,
}

impl Members {
    /// Before the first member.
    ///
    /// # Errors
    /// If the flow cannot be made.
    pub fn new(twin: Rc<Twin>) -> Result<Self, Error> {
        let flow = Parameters {
            dt: finer(Physics::STEP, twin.flow.pixels),
            ..twin.flow
        };
        let unknown = || vec![f64::NAN; twin.numbers()];
        Ok(Self {
            model: Carrier(Solver::new(flow)?),
            members: filter::Ensemble::new(twin.pixels(), vec![]),
            analysis: update(&twin),
            seen: None,
            phase: Phase::Draw(0),
            price_of_update: price_of_update(&twin),
            within: 0.0,
            // The known frames are what they are.
            frame: first(&twin),
            shown: Shown {
                noisy: vec![],
                sample: unknown(),
                mean: unknown(),
                sd: if twin.n > 1 { unknown() } else { vec![] },
            },
            twin,
        })
    }

    /// The start of a member: the last known frame with its noise, or a state of the flow at another time.
    fn start(&self, member: usize) -> Vec<f64> {
        let twin = &self.twin;
        if twin.task != Task::Forecast {
            return climate([twin.truth_seed, twin.seed], self.model.0.grid(), member);
        }
        let past = twin.past.borrow();
        let rows = twin.rows();
        let known = &past.y[(twin.seen.len() - 1) * rows..];
        let mut z = vec![0.0; rows];
        let first = (member * rows) as u64;
        Noise::new(twin.seed).normals(Stream::Members, 0, first, &mut z);
        let own: Vec<f64> = known
            .iter()
            .zip(z)
            .map(|(y, z)| y + twin.noise * z)
            .collect();
        self.model.0.project(&own)
    }

    /// What is seen of the present frame.
    fn seen(&self) -> Result<Option<filter::Observation>, Error> {
        let twin = &self.twin;
        let place = twin.seen.iter().position(|k| *k == self.frame);
        let (Some(k), Kind::Enkf) = (place, twin.way) else {
            return Ok(None);
        };
        let pixels = twin.groups.iter().flatten().copied().collect();
        let sensor = Sensor::new(Operator::Identity, pixels, twin.noise, twin.pixels())?;
        let past = twin.past.borrow();
        let y = past.y[k * twin.rows()..(k + 1) * twin.rows()].to_vec();
        Ok(Some(sensor.given(y)?))
    }

    /// After start or forecast of all: the update, or the next frame.
    fn meet(&mut self) -> Result<Option<usize>, Error> {
        self.seen = self.seen()?;
        if self.seen.is_none() {
            return Ok(self.look());
        }
        self.with(|analysis, update| analysis.begin(update))?;
        self.phase = Phase::Analysis;
        Ok(None)
    }

    /// Calls the update with what it sees.
    fn with<T>(
        &mut self,
        call: impl FnOnce(&mut Stochastic, &mut Update) -> Result<T, filter::Fault>,
    ) -> Result<T, Error> {
        let Some(observation) = &self.seen else {
            return Err(Error::NotYet {
                what: "observation",
            });
        };
        let cycle = self.frame as u32 + 1;
        let mut update = Update {
            own: 0..self.members.len(),
            ensemble: &mut self.members,
            observation,
            model: &self.model,
            noise: Noise::new(self.twin.seed),
            cycle,
            trace: None,
        };
        call(&mut self.analysis, &mut update).map_err(|fault| fault.at(cycle))
    }

    /// Keeps what is known of the present frame, and goes on to the next. Returns the step.
    fn look(&mut self) -> Option<usize> {
        let p = self.twin.pixels();
        let place = self.frame * p..(self.frame + 1) * p;
        let estimate = self.members.estimate();
        self.shown.mean[place.clone()].copy_from_slice(&estimate.mean);
        self.shown.sample[place.clone()].copy_from_slice(self.members.member(0));
        if let Some(sd) = self.shown.sd.get_mut(place) {
            let of = estimate.variance.iter().map(|v| v.max(0.0).sqrt());
            sd.iter_mut().zip(of).for_each(|(sd, own)| *sd = own);
        }
        let reached = self.frame - first(&self.twin);
        self.frame += 1;
        self.phase = match self.frame == self.twin.frames {
            true => Phase::Done,
            false => Phase::Forecast(0),
        };
        Some(reached)
    }

    /// The known frames, as far as they come before the members.
    fn fill(&mut self) {
        let (twin, p) = (self.twin.clone(), self.twin.pixels());
        let past = twin.past.borrow();
        for k in 0..self.frame {
            let place = k * p..(k + 1) * p;
            let known = &past.y[place.clone()];
            self.shown.mean[place.clone()].copy_from_slice(known);
            self.shown.sample[place.clone()].copy_from_slice(known);
            if let Some(sd) = self.shown.sd.get_mut(place) {
                sd.fill(twin.noise);
            }
        }
    }
}

impl Way for Members {
    fn advance(&mut self, work: &mut i64) -> Result<Option<usize>, Error> {
        let (n, p) = (self.twin.n, self.twin.pixels());
        loop {
            let reached = match self.phase {
                Phase::Done => return Ok(None),
                Phase::Draw(member) => {
                    let start = self.start(member);
                    self.members.x.extend(start);
                    *work -= 8 * p as i64;
                    self.phase = Phase::Draw(member + 1);
                    match member + 1 == n {
                        true => {
                            self.fill();
                            self.meet()?
                        }
                        false => None,
                    }
                }
                Phase::Forecast(member) => {
                    let place = member * p..(member + 1) * p;
                    self.model.carry(&mut self.members.x[place])?;
                    *work -= self.model.cost() as i64;
                    self.phase = Phase::Forecast(member + 1);
                    match member + 1 == n {
                        true => self.meet()?,
                        false => None,
                    }
                }
                Phase::Analysis => {
                    let left = (*work).max(1) as f64;
                    let done = self.with(|analysis, update| analysis.advance(update, left))?;
                    let rest = (self.price_of_update - self.within).max(1.0);
                    match done {
                        true => {
                            *work -= rest as i64;
                            self.within = 0.0;
                            self.look()
                        }
                        false => {
                            self.within += left.min(rest);
                            *work = 0;
                            None
                        }
                    }
                }
            };
            if reached.is_some() || *work <= 0 {
                return Ok(reached);
            }
        }
    }

    fn is_done(&self) -> bool {
        self.phase == Phase::Done
    }

    fn shown(&self) -> Shown {
        self.shown.clone()
    }

    fn samples(&self) -> Vec<f64> {
        self.shown.mean.clone()
    }
}

/// The price of a walk, in units.
pub(super) fn price(twin: &Twin) -> usize {
    let steps = twin.flow.interval / finer(Physics::STEP, twin.flow.pixels);
    let carried = (libm::ceil(steps) as usize).max(1) * 10 * twin.pixels();
    let updates = match twin.way {
        Kind::Enkf => twin.seen.len(),
        Kind::AllAtOnce
        | Kind::Autoregressive
        | Kind::Posterior
        | Kind::Interpolate
        | Kind::Free => 0,
    };
    twin.n * (8 * twin.pixels() + (twin.frames - 1 - first(twin)) * carried)
        + updates * price_of_update(twin) as usize
}

fn price_of_update(twin: &Twin) -> f64 {
    let own = update(twin).cost(twin.n, twin.pixels(), twin.rows());
    // Each covariance is tapered: a distance and a polynomial.
    let tapered = twin.rows() * (twin.pixels() + twin.rows());
    own + if twin.locality > 0.0 {
        tapered as f64 / 2.0
    } else {
        0.0
    }
}

/// The update of a link.
fn update(twin: &Twin) -> Stochastic {
    Stochastic::new(twin.inflation, Some(twin.locality).filter(|c| *c > 0.0))
}
