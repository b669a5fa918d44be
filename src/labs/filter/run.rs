//! A run: from cycle to cycle, in pieces.

mod look;
mod shares;

use super::energy::Clouds;
use super::film::Film;
use super::kept::Keep;
use super::numbers::{Score, metrics};
use super::team::Team;
use super::twin::Twin;
use super::way::Meter;
use crate::answer::Named;
use crate::error::Error;
use crate::filter::accuracy::Ranks;
use crate::filter::{Filter, Monitor};
use crate::labs::record::Frames;
use crate::labs::runner::Runner;
use crate::labs::shared::Shareable;
use crate::labs::task::{Args, Question, Task, find};
use std::rc::Rc;

/// What is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The truth and the exact filter go to the cycle.
    Ahead,
    Forecast,
    Analysis,
    /// The score of a coordinate.
    Score(usize),
    Done,
    /// The filter has failed; the frames so far are taken before it is told.
    Failed,
}

/// A filter on its way.
pub(super) struct Walker {
    twin: Rc<Twin>,
    filter: Box<dyn Filter>,
    stage: Stage,
    cycle: usize,
    /// Those who do it together with this.
    team: Option<Team>,
    film: Film,
    keep: Keep,
    /// What is held against the reference.
    clouds: Clouds,
    scores: Vec<Score>,
    /// The score of the present cycle as far as it is computed.
    score: Score,
    /// Counts of the ranks of the truth so far, over analysed cycles after burn-in.
    ranks: Ranks,
    /// What the filter and its scores have taken.
    meter: Meter,
    /// What the truth and the exact filter have taken in this run.
    ahead: f64,
    /// Price of the whole run: of the filter, and of what it is held against.
    own: f64,
    total: u64,
    fault: Option<Error>,
    told: bool,
    /// Whether the filter still follows the truth.
    monitor: Monitor,
    /// The result, once it is there.
    end: Vec<f64>,
}

impl Walker {
    pub fn new(twin: Rc<Twin>) -> Result<Self, Error> {
        let mut own = Self {
            filter: twin.filter()?,
            stage: Stage::Ahead,
            cycle: 0,
            team: None,
            film: Film::new(&twin),
            keep: Keep::new(&twin),
            clouds: Clouds::new(&twin),
            scores: vec![],
            score: Score::default(),
            ranks: Ranks::new(twin.n),
            meter: Meter::default(),
            ahead: 0.0,
            own: 0.0,
            fault: None,
            told: false,
            monitor: Monitor::new(twin.method, twin.model),
            end: vec![],
            total: 0,
            twin,
        };
        let cycles = (0..=own.twin.cycles).map(|k| own.price(k).iter().sum::<f64>());
        own.own = cycles.sum::<f64>();
        own.total = (own.own + own.twin.price_ahead()) as u64;
        Ok(own)
    }

    /// The price of the filter alone over all cycles, in units.
    pub fn price_of_filter(&self) -> f64 {
        self.own
    }

    /// The price of the scores over all cycles, in units.
    fn price_of_scores(&self) -> f64 {
        self.one_score() * (self.twin.dim() * (self.twin.cycles + 1)) as f64
    }

    /// What the filter alone has taken so far, in units.
    pub fn spent_by_filter(&self) -> f64 {
        self.meter.spent()
    }

    /// What the phases of the filter alone took that are done, in units: it does not depend on the pieces.
    pub fn completed_by_filter(&self) -> f64 {
        self.meter.completed()
    }

    /// The cycle that is under way.
    pub fn cycle(&self) -> usize {
        self.cycle
    }

    /// The price of the forecast, the analysis and the score of a cycle, in units.
    fn price(&self, cycle: usize) -> [f64; 3] {
        let rows = match self.twin.is_seen(cycle) {
            true => self.twin.sensor.rows(),
            false => 0,
        };
        let own = self.filter.cost(rows);
        let analysis = if rows > 0 { own.analysis } else { 0.0 };
        let forecast = match cycle {
            0 => 0.0,
            1 => own.forecast + own.once,
            _ => own.forecast,
        };
        [
            forecast,
            analysis,
            self.one_score() * self.twin.dim() as f64,
        ]
    }

    /// The price of the score of a coordinate: its members are sorted, and where the exact law is known held against it.
    fn one_score(&self) -> f64 {
        let n = self.twin.n as f64;
        let law = match self.twin.has_w1() {
            true => 4000.0 + 6.0 * n,
            false => 0.0,
        };
        10.0 + 0.08 * n * libm::log2(n + 2.0) + law
    }

    /// What is wrong with the filter though it goes on, with the remedy.
    pub fn noticed(&self) -> Option<String> {
        let notice = self.monitor.notice()?;
        let own = Error::Filter {
            cycle: Some(notice.cycle),
            reason: notice.reason.clone(),
            remedy: notice.remedy.to_owned(),
        };
        Some(self.twin.explained(own).to_string())
    }

    /// Does a part of the stage. Returns whether the stage is done.
    fn part(&mut self, left: &mut f64) -> Result<bool, Error> {
        let [forecast, analysis, _] = self.price(self.cycle);
        match self.stage {
            Stage::Ahead => {
                let (twin, before) = (self.twin.clone(), *left);
                let there = twin.simulate(self.cycle, left)?;
                // A run goes on without the exact filter where that fails; its answer says why.
                let there = there && twin.follow(self.cycle, left).unwrap_or(true);
                self.ahead += before - *left;
                Ok(there)
            }
            Stage::Forecast => self.meter.go(self.filter.as_mut(), forecast, left),
            Stage::Analysis => {
                let mut elsewhere = 0.0;
                if let Some(team) = &mut self.team {
                    if self.filter.is_at_exchange() {
                        team.meet(self.filter.as_mut(), self.cycle);
                        return Ok(false);
                    }
                    elsewhere = team.price_elsewhere(&self.twin);
                }
                let price = (analysis, elsewhere);
                self.meter.go_on(self.filter.as_mut(), price, left)
            }
            Stage::Score(i) => {
                self.measure(i);
                *left -= self.one_score();
                Ok(true)
            }
            Stage::Done | Stage::Failed => Ok(true),
        }
    }

    /// What comes after a stage that is done.
    fn next(&mut self) -> Result<(), Error> {
        let seen = self.twin.is_seen(self.cycle);
        self.stage = match self.stage {
            Stage::Ahead if self.cycle == 0 => Stage::Score(0),
            Stage::Ahead => {
                if let Some(team) = &mut self.team {
                    team.begin(&self.twin, self.filter.as_mut(), self.cycle - 1);
                }
                self.filter.begin_forecast(self.cycle as u32);
                Stage::Forecast
            }
            Stage::Forecast if seen => {
                let twin = self.twin.clone();
                let past = twin.past.borrow();
                self.filter.watch(self.keep.watched(self.cycle));
                if let Some(y) = &past.seen[self.cycle] {
                    self.monitor.forecast(self.filter.as_ref(), y);
                    self.filter.begin_analysis(y)?;
                }
                Stage::Analysis
            }
            Stage::Forecast => Stage::Score(0),
            Stage::Analysis => {
                self.monitor
                    .analysis(self.filter.as_ref(), self.cycle as u32);
                self.keep.note(self.cycle, self.filter.as_ref());
                Stage::Score(0)
            }
            Stage::Score(i) if i + 1 < self.twin.dim() => Stage::Score(i + 1),
            Stage::Score(_) => {
                self.look();
                self.meter.add(self.price(self.cycle)[2]);
                match self.cycle == self.twin.cycles {
                    true => {
                        self.end = self.result();
                        Stage::Done
                    }
                    false => {
                        self.cycle += 1;
                        Stage::Ahead
                    }
                }
            }
            same @ (Stage::Done | Stage::Failed) => same,
        };
        Ok(())
    }

    /// The members at the end; of a method without members its mean and its standard deviation.
    fn result(&self) -> Vec<f64> {
        match self.filter.ensemble() {
            Some(ensemble) => ensemble.x.clone(),
            None => {
                let own = self.filter.estimate();
                let sd = own.variance.iter().map(|v| v.max(0.0).sqrt());
                own.mean.iter().copied().chain(sd).collect()
            }
        }
    }
}

impl Runner for Walker {
    fn advance_with(&mut self, work: usize, watch: &mut dyn FnMut(usize, &[f64])) -> bool {
        self.told = self.stage == Stage::Failed;
        let mut left = (work.max(1)) as f64;
        while left > 0.0 && !matches!(self.stage, Stage::Done | Stage::Failed) {
            let frames = self.film.frames();
            let gone = self.part(&mut left).and_then(|done| match done {
                true => self.next().inspect(|()| {
                    if self.team.as_ref().is_some_and(Team::owes) {
                        left = 0.0;
                    }
                }),
                false => {
                    left = 0.0;
                    Ok(())
                }
            });
            if let Err(fault) = gone {
                self.fault = Some(self.twin.explained(fault));
                self.stage = Stage::Failed;
                return false;
            }
            if self.film.frames() > frames {
                watch(frames, &self.result());
            }
        }
        self.is_done()
    }

    fn steps(&self) -> usize {
        self.twin.cycles
    }

    fn place(&self, step: usize) -> Named<f64> {
        Named(vec![
            ("cycle", step as f64),
            ("time", step as f64 * self.twin.interval),
        ])
    }

    fn warnings(&self) -> Vec<String> {
        let without = self.twin.without_exact();
        self.noticed()
            .into_iter()
            .chain(without)
            .chain(self.twin.uncounted())
            .collect()
    }

    fn shared(&mut self) -> Option<&mut dyn Shareable> {
        match self.twin.is_divisible() {
            true => Some(self),
            false => None,
        }
    }

    fn is_done(&self) -> bool {
        self.stage == Stage::Done || self.told
    }

    fn work(&self) -> u64 {
        (self.ahead + self.spent_by_filter()) as u64
    }

    fn evaluations(&self) -> u64 {
        self.work()
    }

    fn total(&self) -> u64 {
        self.total
    }

    fn frames(&self) -> usize {
        self.film.frames()
    }

    fn take(&mut self) -> Option<Frames> {
        self.film.take()
    }

    fn ask(&self, question: &str, args: &Args) -> Result<Task, Error> {
        const QUESTIONS: [Question; 5] = [
            Question {
                name: "price",
                args: &[],
            },
            Question {
                name: "notice",
                args: &[],
            },
            Question {
                name: "metrics",
                args: &["frame"],
            },
            Question {
                name: "update",
                args: &["cycle"],
            },
            Question {
                name: "energy",
                args: &[],
            },
        ];
        match find(&QUESTIONS, question, args)? {
            "price" => {
                let total = self.total as f64;
                Ok(Task::at_once(move || Ok(total)))
            }
            "notice" => {
                let told = self.warnings().join(" ");
                Ok(Task::at_once(move || Ok(told)))
            }
            "metrics" => {
                let frame = args.whole("frame")?;
                let found = metrics(&self.twin, &self.scores, frame);
                Ok(Task::at_once(move || Ok(found)))
            }
            "energy" => Ok(self.clouds.task(&self.twin)),
            _ => {
                let found = self.keep.update(args.whole("cycle")?);
                Ok(Task::at_once(move || Ok(found)))
            }
        }
    }

    fn check(&self) -> Result<(), Error> {
        match &self.fault {
            Some(fault) if self.told => Err(fault.clone()),
            Some(_) | None => Ok(()),
        }
    }

    fn dim(&self) -> usize {
        self.twin.dim()
    }

    fn samples(&self) -> Result<&[f64], Error> {
        match self.stage == Stage::Done {
            true => Ok(&self.end),
            false => Err(Error::NotYet {
                what: "final ensemble",
            }),
        }
    }
}
