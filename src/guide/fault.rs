//! Where V cannot be inverted, and why.

use crate::error::Error;
use crate::error::rounded;

/// What is known of a score and an observation that may make V singular: words for the errors of a breakdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Sentences that say why it may; empty where nothing is known.
    pub why: String,
    /// What would help, a sentence.
    pub remedy: String,
}

impl Default for Cause {
    fn default() -> Self {
        Self {
            why: String::new(),
            remedy: "Choose guidance=pigdm, or give the observations more noise.".to_owned(),
        }
    }
}

/// Why V⁻¹ is not had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// V has a direction of curvature ≤ 0.
    NotPositive,
    /// The conjugate gradients have not settled within their bound.
    Slow,
}

impl Fault {
    /// The error at a noise of σ/α = `ratio`, with its cause.
    pub fn error(self, ratio: f64, cause: &Cause) -> Error {
        let what = match self {
            Fault::NotPositive => "not positive",
            Fault::Slow => "too close to singular",
        };
        let ratio = rounded(ratio);
        let fact = format!("The covariance that this score implies at σ/α = {ratio} is {what}.");
        let reason = [&fact, cause.why.as_str()].join(" ");
        Error::Guidance {
            reason: reason.trim_end().to_owned(),
            remedy: cause.remedy.clone(),
        }
    }
}
