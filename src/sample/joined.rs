//! The particles of a run in shares, each moved here or elsewhere, and joined at the levels that are to be seen.
//!
//! Held by `tests/shares.rs`: `shares_of_any_number_give_the_bits_of_the_whole_run`,
//! `a_share_that_is_taken_back_gives_the_same_bits`.

use super::path::Path;
use super::plan::Plan;
use super::run::Executor;
use super::share::Share;
use crate::denoise::Denoiser;
use crate::error::Error;
use std::collections::VecDeque;

/// Largest number of numbers that wait to be joined, but two states of every share may.
const WAITING: usize = 1 << 21;

/// States of a share that may wait to be joined, in a run of `n` particles of `dim` coordinates. As many may be on their way to
/// where they are joined: with fewer a share stands still while the run does a piece of many levels.
pub fn lead(n: usize, dim: usize) -> usize {
    (WAITING / (n * dim).max(1)).max(2)
}

/// What the particles of a share have taken so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spent {
    /// Units of work ([`Denoiser::price`]).
    pub work: u64,
    /// Denoiser evaluations, over all particles.
    pub evaluations: u64,
    /// Products with the Jacobian of the score; 0 where none are counted.
    pub products: u64,
    /// See [`Executor::most`].
    pub most: Vec<u32>,
}

/// The state of a share at a level.
#[derive(Debug, Clone, PartialEq)]
pub struct Landing {
    /// The grid level; 0 is the start.
    pub level: usize,
    /// The particles, `[count × dim]`; of a film, those that it keeps.
    pub x: Vec<f64>,
    /// What they have taken.
    pub spent: Spent,
}

/// Moves a share from landing to landing.
pub struct Mover {
    executor: Box<dyn Executor>,
    begun: bool,
    done: bool,
}

impl Mover {
    /// A share whose start is not drawn yet.
    pub fn new(executor: Box<dyn Executor>) -> Self {
        Self {
            executor,
            begun: false,
            done: false,
        }
    }

    /// Does about `work` units, or one particle. Returns the state, if it has reached one of `levels`.
    pub fn advance(
        &mut self,
        plan: &Plan,
        denoiser: &dyn Denoiser,
        levels: &[usize],
        work: usize,
    ) -> Option<Landing> {
        if self.done {
            return None;
        }
        let level = if self.begun {
            self.executor.advance(plan, denoiser, work)?
        } else {
            self.begun = self.executor.begin(plan, denoiser, work);
            self.begun.then_some(0)?
        };
        if !levels.contains(&level) {
            return None;
        }
        let spent = self.spent(plan);
        self.done = self.executor.is_done(plan);
        let x = match self.done {
            true => self.executor.take(),
            false => self.executor.x().to_vec(),
        };
        Some(Landing { level, x, spent })
    }

    /// What the share has taken so far.
    pub fn spent(&self, plan: &Plan) -> Spent {
        Spent {
            work: self.executor.work(plan),
            evaluations: self.executor.evaluations(plan),
            products: self.executor.products().unwrap_or(0),
            most: self.executor.most(),
        }
    }

    /// Whether it has reached its last level.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// See [`Executor::check`].
    ///
    /// # Errors
    /// The failure, if there was one.
    pub fn check(&self) -> Result<(), Error> {
        self.executor.check()
    }
}

/// A share in a run that joins them.
struct Part {
    share: Share,
    /// What moves it here; `None` if it is moved elsewhere.
    here: Option<Mover>,
    /// The last level that it has reached; `None` before its start.
    reached: Option<usize>,
    /// States that are not joined yet.
    waiting: VecDeque<(usize, Vec<f64>)>,
    /// What it had taken when it was last heard of.
    spent: Spent,
}

impl Part {
    /// Takes a state, unless the same has come before: a share that has changed its place begins again.
    fn land(&mut self, landing: Landing) {
        let Landing { level, x, spent } = landing;
        if self.reached.is_none_or(|reached| level > reached) {
            self.reached = Some(level);
            self.waiting.push_back((level, x));
            self.spent = spent;
        }
    }
}

/// Particles in shares. Each begins here; any of them may then be moved elsewhere.
pub struct Joined {
    parts: Vec<Part>,
    /// The levels that are to be seen: the first is the start, the last one the end.
    levels: Vec<usize>,
    lead: usize,
    /// Whether products are counted, and evaluations of the whole run.
    counts: bool,
    total: u64,
    /// The state at the last level that all have reached.
    x: Vec<f64>,
    /// Number of levels that all have reached.
    joined: usize,
    done: bool,
}

impl Joined {
    /// Shares of particles of `dim` coordinates, in order, each with what moves it here, before their start; `levels` are
    /// to be seen.
    pub fn new(
        plan: &Plan,
        dim: usize,
        levels: Vec<usize>,
        parts: Vec<(Share, Box<dyn Executor>)>,
    ) -> Self {
        let n = parts.first().map_or(1, |(share, _)| share.of);
        let first = parts.first().map(|(_, executor)| executor);
        Self {
            counts: first.is_some_and(|own| own.products().is_some()),
            total: first.map_or(0, |own| own.total(plan, n)),
            lead: lead(n, dim),
            levels,
            x: vec![],
            joined: 0,
            done: false,
            parts: parts
                .into_iter()
                .map(|(share, executor)| Part {
                    share,
                    here: Some(Mover::new(executor)),
                    reached: None,
                    waiting: VecDeque::new(),
                    spent: Spent::default(),
                })
                .collect(),
        }
    }

    /// All have been joined up to a level, where their state is `x`: they go there once more, and nothing is joined on the way.
    pub fn known(&mut self, level: usize, x: Vec<f64>) {
        self.x = x;
        for part in &mut self.parts {
            part.reached = Some(level);
        }
    }

    /// A share that is moved elsewhere from now on, from its start.
    pub fn hand_over(&mut self, part: usize) {
        if let Some(part) = self.parts.get_mut(part) {
            part.here = None;
        }
    }

    /// Moves a share here again, from its start.
    pub fn take_back(&mut self, part: usize, start: impl FnOnce(&Share) -> Box<dyn Executor>) {
        if let Some(part) = self.parts.get_mut(part) {
            part.here
                .get_or_insert_with(|| Mover::new(start(&part.share)));
            part.spent = Spent::default();
        }
    }

    /// A state of a share that is moved elsewhere. What comes of a share after it was taken back is ignored.
    pub fn receive(&mut self, part: usize, landing: Landing) {
        if let Some(part) = self.parts.get_mut(part)
            && part.here.is_none()
        {
            part.land(landing);
        }
    }

    /// Whether more states of a share may wait to be joined.
    pub fn has_room(&self, part: usize) -> bool {
        let part = self.parts.get(part);
        part.is_some_and(|part| part.waiting.len() < self.lead)
    }

    /// The share elsewhere without which nothing can be done.
    pub fn awaits(&self) -> Option<usize> {
        let idle = self.next().is_none() && !self.can_join();
        let late = |part: &Part| part.here.is_none() && part.waiting.is_empty();
        self.parts.iter().position(late).filter(|_| idle)
    }

    /// The share here that is next: the one that is furthest behind.
    fn next(&self) -> Option<usize> {
        let moves = |part: &Part| {
            let here = part.here.as_ref().is_some_and(|own| !own.is_done());
            here && part.waiting.len() < self.lead
        };
        let all = self.parts.iter().enumerate();
        let able = all.filter(|(_, part)| moves(part));
        able.min_by_key(|(_, part)| part.reached).map(|(i, _)| i)
    }

    /// Number of levels that all have reached.
    pub fn joined(&self) -> usize {
        self.joined
    }

    fn can_join(&self) -> bool {
        !self.done && self.parts.iter().all(|part| !part.waiting.is_empty())
    }

    /// The next state of all particles, if all shares have reached it. Returns its level.
    fn join(&mut self) -> Option<usize> {
        if !self.can_join() {
            return None;
        }
        self.x.clear();
        let mut reached = None;
        for (level, x) in self.parts.iter_mut().filter_map(|p| p.waiting.pop_front()) {
            self.x.extend(x);
            reached = Some(level);
        }
        self.joined += 1;
        self.done = reached == self.levels.last().copied();
        reached
    }

    /// Moves the share that is furthest behind, unless all have reached the next state. Returns the level of that.
    fn go_on(&mut self, plan: &Plan, denoiser: &dyn Denoiser, work: usize) -> Option<usize> {
        if !self.can_join()
            && let Some(next) = self.next()
        {
            let part = &mut self.parts[next];
            let mover = part.here.as_mut()?;
            let landing = mover.advance(plan, denoiser, &self.levels, work);
            part.spent = mover.spent(plan);
            if let Some(landing) = landing {
                part.land(landing);
            }
        }
        self.join()
    }

    /// Products of all particles. Of a block in shares, the share that needed most counts for all.
    fn products_of_all(&self) -> u64 {
        let n = self.parts.first().map_or(0, |part| part.share.of) as u64;
        let evaluations = self.parts.iter().map(|part| part.spent.most.len()).max();
        let most = |k| {
            let own = self.parts.iter().filter_map(|p| p.spent.most.get(k));
            u64::from(own.copied().max().unwrap_or(0))
        };
        match evaluations {
            Some(count) if count > 0 => n * (0..count).map(most).sum::<u64>(),
            Some(_) | None => self.sum(|spent| spent.products),
        }
    }

    fn sum(&self, of: impl Fn(&Spent) -> u64) -> u64 {
        self.parts.iter().map(|part| of(&part.spent)).sum()
    }
}

impl Executor for Joined {
    fn path(&self) -> Path {
        Path::Host
    }

    fn advance(&mut self, plan: &Plan, denoiser: &dyn Denoiser, work: usize) -> Option<usize> {
        self.go_on(plan, denoiser, work)
    }

    /// A share that has its start may go on while others draw theirs.
    fn begin(&mut self, plan: &Plan, denoiser: &dyn Denoiser, work: usize) -> bool {
        self.go_on(plan, denoiser, work).is_some()
    }

    fn work(&self, _: &Plan) -> u64 {
        self.sum(|spent| spent.work)
    }

    fn products(&self) -> Option<u64> {
        self.counts.then(|| self.products_of_all())
    }

    /// Over all shares that are moved here.
    fn stages_done(&self) -> usize {
        let here = self.parts.iter().filter_map(|part| part.here.as_ref());
        here.map(|own| own.executor.stages_done()).sum()
    }

    fn evaluations(&self, _: &Plan) -> u64 {
        self.sum(|spent| spent.evaluations)
    }

    fn total(&self, _: &Plan, _: usize) -> u64 {
        self.total
    }

    fn x(&self) -> &[f64] {
        &self.x
    }

    fn take(&mut self) -> Vec<f64> {
        std::mem::take(&mut self.x)
    }

    fn is_done(&self, _: &Plan) -> bool {
        self.done
    }

    /// The first failure of a share here: one elsewhere is taken back when it fails.
    fn check(&self) -> Result<(), Error> {
        let mut here = self.parts.iter().filter_map(|part| part.here.as_ref());
        here.try_for_each(Mover::check)
    }
}
