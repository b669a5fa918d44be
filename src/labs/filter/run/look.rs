//! What is seen of a cycle of a run: its scores, and its frame.

use super::Walker;
use crate::filter::{Density, Distribution, Ensemble, accuracy};
use crate::labs::filter::film::shown;
use crate::labs::filter::numbers::Score;

impl Walker {
    /// Whether the present cycle counts in means.
    fn counts(&self) -> bool {
        self.twin.is_seen(self.cycle) && self.cycle > self.twin.burn_in
    }

    /// Holds coordinate `i` against the truth and the exact law.
    pub(super) fn measure(&mut self, i: usize) {
        let d = self.twin.dim();
        let twin = self.twin.clone();
        let past = twin.past.borrow();
        let truth = past.truth[self.cycle * d + i];
        if i == 0 {
            self.score = Score {
                ess: self.filter.estimate().ess.unwrap_or(f64::NAN),
                different: self.filter.ensemble().map_or(0, different),
                ..Score::default()
            };
        }
        let counts = self.counts();
        let course = twin.course.borrow();
        let law = |see: &dyn Fn(&Density) -> f64| match d {
            1 => course.with_law(self.cycle, see).unwrap_or(f64::NAN),
            _ => f64::NAN,
        };
        let (crps, w1) = match self.filter.ensemble() {
            Some(members) => {
                if counts {
                    self.ranks.add_one(members, i, truth);
                }
                let w1 = law(&|exact| accuracy::w1(members, exact));
                (accuracy::crps_of(members, i, truth), w1)
            }
            None => {
                let estimate = self.filter.estimate();
                let covariance = [estimate.variance[i].max(0.0)];
                let normal = Density::Normal {
                    mean: &estimate.mean[i..=i],
                    covariance: &covariance,
                };
                let own = self.filter.density().filter(|_| d == 1).unwrap_or(normal);
                let line = Distribution::of(&own, 0);
                if counts {
                    self.ranks.add_share(line.cdf(truth));
                }
                let w1 = law(&|exact| line.distance(&Distribution::of(exact, 0)));
                (accuracy::crps_of_density(&own, &[truth]), w1)
            }
        };
        self.score.crps += crps / d as f64;
        self.score.w1 = w1;
        self.score.perfect =
            law(&|exact| Distribution::of(exact, 0).expected_w1(self.twin.n.max(1)));
    }

    /// Records the present cycle.
    pub(super) fn look(&mut self) {
        let twin = self.twin.clone();
        let d = twin.dim();
        let past = twin.past.borrow();
        let truth = &past.truth[self.cycle * d..(self.cycle + 1) * d];
        let estimate = self.filter.estimate();
        let sd: Vec<f64> = estimate
            .variance
            .iter()
            .map(|v| v.max(0.0).sqrt())
            .collect();
        self.score.rmse = accuracy::rmse(&estimate.mean, truth);
        self.score.spread = accuracy::spread(estimate);
        self.score.counts = self.counts();
        let own = self.score;
        let floats = |x: &[f64]| x.iter().map(|x| *x as f32).collect::<Vec<f32>>();
        let members = self
            .filter
            .ensemble()
            .map_or(&[][..], |e| &e.x[..shown(&twin) * d]);
        let weights: Vec<f64> = self.filter.ensemble().map_or(vec![], |e| {
            let relative = |j| e.weight(j) * e.len() as f64;
            (0..shown(&twin)).map(relative).collect()
        });
        self.clouds.push(self.filter.ensemble());
        self.film.push(|name| match name {
            "mean" => floats(&estimate.mean),
            "sd" => floats(&sd),
            "members" => floats(members),
            "weights" => floats(&weights),
            "rmse" => floats(&[own.rmse]),
            "spread" => floats(&[own.spread]),
            "crps" => floats(&[own.crps]),
            "w1" => floats(&[own.w1]),
            "ess" => floats(&[own.ess]),
            "flatness" => floats(&[self.ranks.flatness()]),
            _ => self.ranks.counts.iter().map(|n| *n as f32).collect(),
        });
        self.scores.push(own);
    }
}

/// How many of the members are different.
fn different(members: &Ensemble) -> usize {
    let d = members.dim();
    let mut first: Vec<f64> = members.x.iter().step_by(d).copied().collect();
    first.sort_by(f64::total_cmp);
    first.dedup();
    first.len()
}
