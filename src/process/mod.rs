//! Random processes in index time whose laws, scores and posteriors have closed forms: chains, and films of fields; windows of
//! any sequence.

pub mod film;
mod fold;
pub mod lgssm;

pub use fold::Fold;
pub use lgssm::Chain;
/// The dense matrix type of the models and their posteriors.
pub use nalgebra::DMatrix as Matrix;
