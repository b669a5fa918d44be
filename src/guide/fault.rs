//! Why V cannot be inverted: the error and its cause.

use crate::error::Error;
use crate::error::rounded;

/// Known reasons why V may be singular for a score and an observation: text for the error if the rule fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The reasons, as sentences; empty if none is known.
    pub why: String,
    /// What would help, as a sentence.
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

/// Why V⁻¹ could not be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// V has a direction of curvature ≤ 0.
    NotPositive,
    /// The conjugate gradients did not converge within their bound.
    Slow,
}

impl Fault {
    /// The error, with its cause, at the noise `ratio` (σ/α).
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
