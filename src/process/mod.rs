//! Random processes in index time: chains whose laws, scores and posteriors have closed forms.

pub mod lgssm;

pub use lgssm::Chain;
/// The dense matrix type of the models and their posteriors.
pub use nalgebra::DMatrix as Matrix;
