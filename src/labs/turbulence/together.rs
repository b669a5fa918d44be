//! A film whose windows several answer together: the run sends all windows that an evaluation asks about to all, each answers
//! those of its share, and the run goes on from the answers.
//!
//! Held by `tests/shares.rs`: `films_whose_windows_are_answered_together_have_the_bits_of_the_whole_run`,
//! `a_film_whose_share_is_lost_goes_on_with_the_same_bits`.

use super::setup::Sampling;
use crate::denoise::Differentiable;
use crate::error::Error;
use crate::guide::Asked;
use crate::labs::shared::{Portion, State};
use crate::level::Level;
use crate::sample::{Landing, Share, Spent};
use std::ops::Range;
use std::rc::Rc;

/// A window is answered elsewhere from so many units on: to send it there and wait for the answer takes about 0.2 ms.
const WORTH: usize = 40_000;
/// Numbers before the windows in what is sent: the level, and whether products with Jᵀ are asked for.
const HEAD: usize = 4;

/// What a film needs to be answered together.
#[derive(Clone)]
pub(super) struct Windows {
    /// x̂ of windows, and its Jacobian.
    pub denoiser: Rc<dyn Differentiable>,
    /// Numbers of a window.
    pub size: usize,
    /// Most windows of an evaluation.
    pub count: usize,
}

impl Windows {
    /// Of a sampler whose frames have so many pixels; none where it is not worth it.
    pub fn of(own: &Sampling, pixels: usize) -> Option<Self> {
        let window = own.window();
        let count = own
            .segments
            .iter()
            .map(|one| one.end - one.start + 1 - window.frames);
        let windows = Self {
            denoiser: window.denoiser.clone(),
            size: window.frames * pixels,
            count: count.max()?,
        };
        let worth = windows.count > 1 && windows.denoiser.price() >= WORTH;
        worth.then_some(windows)
    }

    /// Answers about some windows, as many as `work` pays for and at least one; what that takes is taken off.
    fn answers(
        &self,
        question: &Question,
        windows: impl Iterator<Item = usize>,
        work: &mut i64,
    ) -> Vec<(usize, Vec<f64>)> {
        let Question { level, x_t, v } = question;
        let at = self.denoiser.differentiable_at(level);
        let mut all = vec![];
        for window in windows {
            let place = window * self.size..(window + 1) * self.size;
            let mut out = vec![0.0; self.size];
            match v {
                None => at.x_hat(&x_t[place], &mut out),
                Some(v) => at.vjp(&x_t[place.clone()], &v[place], &mut out),
            }
            all.push((window, out));
            *work -= self.denoiser.price() as i64;
            if *work <= 0 {
                break;
            }
        }
        all
    }

    /// Those of `count` windows that belong to a share of the most there are.
    fn range(&self, share: &Share, count: usize) -> Range<usize> {
        let edge = |k: usize| k * count / self.count;
        edge(share.first)..edge(share.first + share.count)
    }
}

/// What an evaluation asks about its windows.
struct Question<'a> {
    level: Level,
    x_t: &'a [f64],
    /// None: x̂ is asked for. Else Jᵀv.
    v: Option<&'a [f64]>,
}

/// What an evaluation asks, as numbers: the level, whether `v` is there, the windows, `v`.
fn packed(asked: &Asked) -> Vec<f64> {
    let Level { t, alpha, sigma } = asked.level;
    let pulls = f64::from(u8::from(asked.v.is_some()));
    let v = asked.v.as_deref().unwrap_or_default();
    [&[t, alpha, sigma, pulls][..], &asked.x_t, v].concat()
}

/// What [`packed`] says.
fn unpacked(x: &[f64]) -> Option<Question<'_>> {
    let (head, rest) = x.split_at_checked(HEAD)?;
    let level = Level {
        t: head[0],
        alpha: head[1],
        sigma: head[2],
    };
    let (x_t, v) = match head[3] > 0.0 {
        true => rest.split_at(rest.len() / 2),
        false => (rest, &[][..]),
    };
    let v = (!v.is_empty()).then_some(v);
    Some(Question { level, x_t, v })
}

/// Those who answer together with the run.
pub(super) struct Team {
    windows: Windows,
    shares: Vec<Share>,
    /// Which shares are answered elsewhere. The first never is.
    elsewhere: Vec<bool>,
    begun: bool,
    /// Questions so far.
    number: usize,
    asked: Option<Asked>,
    /// The answers about each window, as far as they are there.
    answers: Vec<Option<Vec<f64>>>,
    out: Option<State>,
}

impl Team {
    /// Of these shares of the windows, of which all are answered here until they are handed over.
    pub fn new(windows: Windows, shares: Vec<Share>) -> Self {
        Self {
            elsewhere: vec![false; shares.len()],
            windows,
            shares,
            begun: false,
            number: 0,
            asked: None,
            answers: vec![],
            out: None,
        }
    }

    /// A share is answered elsewhere.
    pub fn hand_over(&mut self, part: usize) {
        if let Some(there) = self.elsewhere.get_mut(part) {
            *there = part > 0;
        }
    }

    /// A share is answered here.
    pub fn take_back(&mut self, part: usize) {
        if let Some(there) = self.elsewhere.get_mut(part) {
            *there = false;
        }
    }

    /// Whether it begins now: with the first share that is answered elsewhere.
    pub fn begins(&mut self) -> bool {
        let begins = !self.begun && self.elsewhere.contains(&true);
        self.begun |= begins;
        begins
    }

    /// Whether it has begun.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// Whether the others wait for what is to be sent to them.
    pub fn owes(&self) -> bool {
        self.out.is_some()
    }

    /// What the others need next, once.
    pub fn gives(&mut self) -> Option<State> {
        self.out.take()
    }

    /// The windows of a share in the present question.
    fn range(&self, part: usize) -> Range<usize> {
        self.windows.range(&self.shares[part], self.answers.len())
    }

    /// Takes what is asked next. Whoever answers it elsewhere is sent it.
    fn ask(&mut self, asked: Asked) {
        self.answers = vec![None; asked.x_t.len() / self.windows.size];
        if self.elsewhere.contains(&true) {
            let x = packed(&asked);
            let step = self.number;
            self.out = Some(State { step, x });
        }
        self.asked = Some(asked);
    }

    /// Goes on with the answers to what is asked: answers about a window that nobody has elsewhere. What that takes is taken off
    /// `work`. Returns all answers, once they are there.
    pub fn advance(
        &mut self,
        asked: impl FnOnce() -> Option<Asked>,
        work: &mut i64,
    ) -> Option<Vec<f64>> {
        if self.asked.is_none() {
            self.ask(asked()?);
            return None;
        }
        let here = (0..self.shares.len()).filter(|part| !self.elsewhere[*part]);
        let missing: Vec<usize> = here
            .flat_map(|part| self.range(part))
            .filter(|window| self.answers[*window].is_none())
            .collect();
        if let (Some(asked), false) = (&self.asked, missing.is_empty()) {
            let question = Question {
                level: asked.level,
                x_t: &asked.x_t,
                v: asked.v.as_deref(),
            };
            let found = self.windows.answers(&question, missing.into_iter(), work);
            for (window, answer) in found {
                self.answers[window] = Some(answer);
            }
        }
        if self.answers.iter().any(Option::is_none) {
            return None;
        }
        self.asked = None;
        self.number += 1;
        Some(self.answers.drain(..).flatten().flatten().collect())
    }

    /// Takes the answers of a share. Returns their price.
    pub fn receive(&mut self, part: usize, landing: Landing) -> usize {
        if landing.level != self.number || self.asked.is_none() || !self.has_room(part) {
            return 0;
        }
        let own = self.range(part);
        let size = self.windows.size;
        if landing.x.len() != own.len() * size {
            return 0;
        }
        let price = own.len() * self.windows.denoiser.price();
        for (window, answer) in own.zip(landing.x.chunks_exact(size)) {
            self.answers[window] = Some(answer.to_vec());
        }
        price
    }

    /// Whether answers of a share may come.
    pub fn has_room(&self, part: usize) -> bool {
        let there = self.elsewhere.get(part).is_some_and(|there| *there);
        there && self.misses(part)
    }

    /// Whether answers of a share are missing.
    fn misses(&self, part: usize) -> bool {
        self.range(part)
            .any(|window| self.answers[window].is_none())
    }

    /// The share elsewhere without which nothing can be done here.
    pub fn awaits(&self) -> Option<usize> {
        let asked = self.asked.is_some() && self.out.is_none();
        let mut missing = (0..self.shares.len()).filter(|part| self.misses(*part));
        let here = missing.clone().any(|part| !self.elsewhere[part]);
        missing.next().filter(|_| asked && !here)
    }

    /// Questions that are answered.
    pub fn done(&self) -> usize {
        self.number
    }
}

/// A share of the windows of a run that is done elsewhere.
pub(super) struct Part {
    windows: Windows,
    share: Share,
    question: Option<State>,
    answers: Vec<f64>,
    spent: u64,
}

impl Part {
    /// Before the first question.
    pub fn new(windows: Windows, share: &Share) -> Self {
        Self {
            windows,
            share: *share,
            question: None,
            answers: vec![],
            spent: 0,
        }
    }
}

impl Portion for Part {
    fn advance(&mut self, work: usize) -> Option<Landing> {
        let state = self.question.as_ref()?;
        let question = unpacked(&state.x)?;
        let size = self.windows.size;
        let own = self.windows.range(&self.share, question.x_t.len() / size);
        let price = self.windows.denoiser.price();
        let mut left = work.max(1) as i64;
        let missing = own.start + self.answers.len() / size..own.end;
        if !missing.is_empty() {
            let count = missing.len();
            let found = self.windows.answers(&question, missing, &mut left);
            self.spent += (found.len() * price) as u64;
            let all = found.len() == count;
            self.answers.extend(found.into_iter().flat_map(|one| one.1));
            if !all {
                return None;
            }
        }
        let level = state.step;
        self.question = None;
        Some(Landing {
            level,
            x: std::mem::take(&mut self.answers),
            spent: Spent::default(),
        })
    }

    fn awaits(&self) -> bool {
        self.question.is_none()
    }

    fn receive(&mut self, all: &State) {
        self.question = Some(all.clone());
        self.answers.clear();
    }

    fn work(&self) -> u64 {
        self.spent
    }

    /// It does not know how many questions come: it ends when nobody wants it any more.
    fn is_done(&self) -> bool {
        false
    }

    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}
