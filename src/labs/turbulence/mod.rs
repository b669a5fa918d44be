//! The lab `turbulence`: films of a two-dimensional flow. A truth is simulated and seen in few pixels; the film is found from
//! these by sampling, with the score of windows of frames, or by other methods, and held against the truth and the equations.

mod at_once;
mod baseline;
mod clock;
mod drawn;
mod ensemble;
mod experiment;
mod keys;
mod law;
mod method_keys;
mod model_keys;
mod numbers;
#[cfg(feature = "tensor")]
mod on_device;
mod past;
mod run;
mod sampling;
mod scene;
mod setup;
mod shown;
mod together;
mod twin;
mod way;
mod words;

pub use experiment::{FilmBaselines, LAB};
pub use numbers::{FilmPhysics, TruthPhysics};
pub use scene::TurbulenceScene;
pub use words::{FilmScore, FilmView, Law, Layout, Pixels, Task, Way};
