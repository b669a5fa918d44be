//! Labs: each turns the values of a link into laws, plans and pictures. No formula lives here.

mod run;
mod setup;
pub mod space;
mod table;
#[cfg(feature = "tensor")]
mod tensor_run;
pub mod toy1d;

pub use run::{Camera, Frames, Lab, Metric, Metrics, Recorder, Run};
pub use setup::{Setup, network, order};
pub use table::{PlanTable, plan_table};

/// Points as CSV, a line each: columns x, y, z as far as there are coordinates. Numbers read back exactly.
pub fn csv(x: &[f64], dim: usize) -> String {
    let names = ["x", "y", "z"];
    let mut out = names[..dim.min(names.len())].join(",") + "\n";
    for point in x.chunks_exact(dim) {
        for (i, x) in point.iter().enumerate() {
            out += if i > 0 { "," } else { "" };
            out += &x.to_string();
        }
        out += "\n";
    }
    out
}
