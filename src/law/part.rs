//! One part of a law: an interval or a normal.

/// A weighted interval (`half_width` > 0, `sd` = 0) or a weighted normal (`half_width` = 0).
///
/// Its moments are held by the moments of whole laws. Held by `src/law/tests.rs`: `samples_have_the_moments_of_the_law`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Share of the mass.
    pub weight: f64,
    /// Centre of the interval, mean of the normal.
    pub centre: f64,
    /// Half the length of the interval; 0 for a normal.
    pub half_width: f64,
    /// Standard deviation of the normal; 0 for an interval and for a point mass.
    pub sd: f64,
}

impl Part {
    /// Uniform on [lo, hi].
    pub fn interval(weight: f64, lo: f64, hi: f64) -> Self {
        Self {
            weight,
            centre: 0.5 * (lo + hi),
            half_width: 0.5 * (hi - lo),
            sd: 0.0,
        }
    }

    /// N(mean, sd²); a point mass when sd = 0.
    pub fn normal(weight: f64, mean: f64, sd: f64) -> Self {
        Self {
            weight,
            centre: mean,
            half_width: 0.0,
            sd,
        }
    }

    /// Variance: half_width²/3 or sd².
    pub fn variance(&self) -> f64 {
        self.half_width * self.half_width / 3.0 + self.sd * self.sd
    }

    /// Fourth central moment: half_width⁴/5 or 3sd⁴.
    pub fn fourth(&self) -> f64 {
        let (h2, s2) = (self.half_width * self.half_width, self.sd * self.sd);
        h2 * h2 / 5.0 + 3.0 * s2 * s2
    }
}
