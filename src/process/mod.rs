//! Random processes in index time whose laws, scores and posteriors have closed forms: chains, and films of fields.

pub mod film;
pub mod lgssm;

pub use lgssm::Chain;
/// The dense matrix type of the models and their posteriors.
pub use nalgebra::DMatrix as Matrix;
