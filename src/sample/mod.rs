//! Samplers as data: a solver turns (process, grid, options) into a [`Plan`], and one loop runs any plan.

mod init;
mod moments;
mod path;
mod plan;
mod run;
mod solvers;
mod trace;

pub use init::Init;
pub use moments::{Affine, Gaussian};
pub use path::Path;
pub use plan::{Moments, Plan, SCALED_FROM, Stage};
pub use run::{BLOCK, Executor, HostRun, HostState, Settling};
pub use solvers::{Churn, Sampler};
pub use trace::{Parts, Trace};
