//! Samplers as data: a solver turns (process, grid, options) into a [`Plan`], and one loop runs any plan.

mod brief;
mod init;
mod joined;
mod moments;
mod path;
mod plan;
mod run;
mod share;
mod solvers;
mod trace;

pub use brief::{Brief, Cells, Wanted, joined_moments};
pub use init::Init;
pub use joined::{Joined, Landing, Mover, Spent, lead};
pub use moments::{Affine, Gaussian};
pub use path::Path;
pub use plan::{Moments, Plan, SCALED_FROM, Stage};
pub use run::{BLOCK, Executor, HostRun, HostState, Settling};
pub use share::Share;
pub use solvers::{Churn, Sampler};
pub use trace::{Parts, Trace};
