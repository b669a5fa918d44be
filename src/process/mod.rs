//! Random processes in index time: chains whose laws, scores and posteriors are closed forms.

pub mod lgssm;

pub use lgssm::Chain;
/// A dense matrix, as the models and their posteriors hold it.
pub use nalgebra::DMatrix as Matrix;
