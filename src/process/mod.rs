//! Random processes in index time: chains whose laws, scores and posteriors have closed forms; windows of any sequence.

mod fold;
pub mod lgssm;

pub use fold::Fold;
pub use lgssm::Chain;
/// The dense matrix type of the models and their posteriors.
pub use nalgebra::DMatrix as Matrix;
