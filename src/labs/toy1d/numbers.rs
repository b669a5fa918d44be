//! The numbers of a frame on the line, each next to the value of an independent sample of the same size.

use super::Toy1d;
use crate::denoise::Denoiser;
use crate::labs::Held;
use crate::labs::Metric;
use crate::labs::record::short;
use crate::labs::task::Stages;
use crate::law::Diffused;
use crate::metrics;
use crate::metrics::Area;

/// Number of particles that are sorted, or measured, together.
const TOGETHER: usize = 1 << 13;
/// The work of a particle in units: to sort it, and to measure it for each part of the law.
const SORTED: usize = 2;
const MEASURED: usize = 4;

/// Numbers that are partly computed.
pub struct Numbers {
    law: Diffused,
    moments: (f64, f64),
    /// The particles, where they are known and finite; sorted in groups.
    x: Vec<f64>,
    /// The first of each group that is not yet measured, and the number of those that are.
    heads: Vec<usize>,
    measured: usize,
    area: Option<Area>,
    ks: f64,
}

impl Numbers {
    /// Starts to compute the numbers of a frame of `lab` from its mean and variance and, if they are known, its
    /// particles.
    pub(super) fn stages(
        lab: &Toy1d,
        frame: usize,
        moments: (f64, f64),
        x: Option<Vec<f64>>,
    ) -> Stages<Self> {
        let frames = lab.setup.frames();
        let law = match frame + 1 == frames.len() {
            true => lab.truth(),
            false => lab.truth_at(&frames[frame]),
        };
        // If a diverging plan makes numbers infinite, there is no distance.
        let x = x.filter(|x| x.iter().all(|x| x.is_finite()));
        let x = x.unwrap_or_default();
        let n = x.len();
        let groups = n.div_ceil(TOGETHER);
        let numbers = Self {
            law,
            moments,
            heads: (0..groups).map(|g| g * TOGETHER).collect(),
            x,
            measured: 0,
            area: None,
            ks: 0.0,
        };
        let group = move |i: usize| i * TOGETHER..n.min((i + 1) * TOGETHER);
        let sort = move |own: &mut Self, i| {
            metrics::sort(&mut own.x[group(i)]);
            Ok(())
        };
        let measure = |own: &mut Self, _| {
            own.measure(TOGETHER);
            Ok(())
        };
        let one = SORTED + MEASURED * lab.law.price();
        Stages::on(numbers)
            .then(groups, SORTED * TOGETHER, sort)
            .then(groups, one * TOGETHER, measure)
    }

    /// Measures the next `count` of the sorted particles.
    fn measure(&mut self, count: usize) {
        let n = self.x.len();
        let least = self.heads.iter().map(|head| self.x[*head]);
        let area = match self.area.take() {
            Some(area) => area,
            None => {
                let ends = (1..=self.heads.len()).map(|g| self.x[n.min(g * TOGETHER) - 1]);
                let order = |a: &f64, b: &f64| a.total_cmp(b);
                let ends = [least.min_by(order), ends.max_by(order)].map(Option::unwrap_or_default);
                Area::new(ends, &self.law)
            }
        };
        let sorted = metrics::merge(&self.x, TOGETHER, &mut self.heads, count);
        let area = self.area.insert(area);
        area.add(&sorted, &self.law, n);
        let ks = metrics::ks_of(&sorted, &self.law, (self.measured, n));
        self.ks = self.ks.max(ks);
        self.measured += sorted.len();
    }

    /// All rows.
    pub(super) fn rows(self, lab: &Toy1d) -> Vec<Metric> {
        let (law, (mean, var)) = (&self.law, self.moments);
        let n = lab.setup.n as f64;
        let se_mean = (law.variance() / n).sqrt();
        let se_var = ((law.fourth() - law.variance() * law.variance()).max(0.0) / n).sqrt();
        let (w1, ks) = (
            metrics::expected_w1(law, lab.setup.n),
            metrics::expected_ks(lab.setup.n),
        );
        let iid = |x: f64| format!("independent sample: {}", short(x));
        let exact = |x: f64, se: f64| format!("exact {} ± {}", short(x), short(se));
        vec![
            Metric {
                key: "w1",
                label: "W₁",
                value: self.area.as_ref().map(|area| area.area),
                reference: w1,
                held: Held::Perfect,
                error: None,
                reference_label: iid(w1),
                help: "Area between the distribution functions of the sample and of the exact law; beside it the mean for an independent sample of this size.",
            },
            Metric {
                key: "ks",
                label: "KS",
                value: self.area.as_ref().map(|_| self.ks),
                reference: ks,
                held: Held::Perfect,
                error: None,
                reference_label: iid(ks),
                help: "Largest gap between the distribution functions (Kolmogorov–Smirnov, two-sided); beside it the mean for an independent sample of this size.",
            },
            Metric {
                key: "mean",
                label: "mean",
                value: Some(mean),
                reference: law.mean(),
                held: Held::Exact,
                error: Some(se_mean),
                reference_label: exact(law.mean(), se_mean),
                help: "Sample mean; beside it the exact mean ± the standard error of an independent sample of this size.",
            },
            Metric {
                key: "var",
                label: "variance",
                value: Some(var),
                reference: law.variance(),
                held: Held::Exact,
                error: Some(se_var),
                reference_label: exact(law.variance(), se_var),
                help: "Sample variance (1/n); beside it the exact variance ± the standard error of an independent sample of this size.",
            },
        ]
    }
}
