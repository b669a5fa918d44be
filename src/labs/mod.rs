//! Labs: each turns the values of a link into laws, plans and pictures. No formula lives here.

#![deny(clippy::wildcard_enum_match_arm)]

mod deal;
mod error_job;
mod errors;
mod experiment;
mod facts;
mod file;
pub mod filter;
mod lab;
mod laws;
mod leg;
pub mod lgssm;
pub mod link;
pub mod memory;
mod network_file;
mod parts;
mod preview;
mod price;
mod record;
mod registry;
mod rule;
mod run;
mod runner;
mod setup;
mod shared;
pub mod space;
mod start;
mod step;
#[cfg(feature = "stub")]
mod stub;
mod table;
mod task;
mod timeline;
pub mod toy1d;
mod training;
pub mod turbulence;
mod weight;

pub use deal::{Alone, Runs};
pub use error_job::{ErrorPlan, ErrorResult, SideErrors};
pub use errors::{ErrorPoint, Errors, Measure, ScoreError};
pub use experiment::{Configured, Experiment, Record};
pub use facts::{Facts, RuleFacts, facts, title};
pub use file::{Content, recognise};
pub use lab::Lab;
pub use laws::LawScore;
pub use leg::Leg;
pub use lgssm::edit;
pub use network_file::{Loaded, add, learned, load};
pub use preview::Preview;
pub use record::{Camera, Frames, Held, Metric, Metrics, Recorder};
pub use registry::{law, open};
pub use run::Run;
pub use runner::{Engine, Runner, go_on};
pub use setup::{Setup, network, order};
pub use shared::{Portion, Shareable, State};
pub use step::{Step, StepStage};
pub use table::{Cell, PlanTable, plan_table};
pub use task::{Args, Job, Question, Task};
pub use timeline::{Clock, Levels, Timeline};
pub use training::{Training, TrainingPart, training_in_words};
pub use weight::Weight;

use crate::denoise::Denoiser;
use crate::net::Target;

/// A law that a network can learn: it draws, and it knows the denoiser that the network should be.
pub trait Learnable {
    /// The law as a source of draws.
    fn target(&self) -> &dyn Target;

    /// Its exact denoiser.
    fn exact(&self) -> &dyn Denoiser;

    /// Coordinates of a draw.
    fn dim(&self) -> usize {
        self.target().dim()
    }
}

impl<L: Target + Denoiser> Learnable for L {
    fn target(&self) -> &dyn Target {
        self
    }

    fn exact(&self) -> &dyn Denoiser {
        self
    }
}

/// Points as CSV, a line each: columns x, y, z, or x0, x1, … where there are more coordinates. Numbers read back
/// exactly.
pub fn csv(x: &[f64], dim: usize) -> String {
    let name = |i: usize| match dim {
        0..=3 => ["x", "y", "z"][i].to_owned(),
        _ => format!("x{i}"),
    };
    let mut out = (0..dim).map(name).collect::<Vec<_>>().join(",") + "\n";
    for point in x.chunks_exact(dim) {
        for (i, x) in point.iter().enumerate() {
            out += if i > 0 { "," } else { "" };
            out += &x.to_string();
        }
        out += "\n";
    }
    out
}
