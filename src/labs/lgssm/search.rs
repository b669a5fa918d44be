//! The search for the warning of a run that starts from too little noise, a level of noise at a time.

use crate::labs::start::Missing;
use crate::schedule::Process;
use std::cell::OnceCell;

/// What is known so far. Each level of noise that is tried takes as long as many evaluations.
#[derive(Default)]
pub(super) struct Search {
    /// What is missing after a start at each level that was tried.
    pub tried: Vec<(f64, Option<Missing>)>,
    /// See [`crate::labs::start::starts`].
    pub starts: OnceCell<Vec<(Process, f64)>>,
}
