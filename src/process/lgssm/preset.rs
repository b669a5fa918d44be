//! The models that a link names.

use crate::word::words;

/// A model of a chain. The closed set of `model=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// See [`super::Chain::ar1`].
    Ar1,
    /// See [`super::Chain::damped_spring`].
    DampedSpring,
    /// See [`super::Chain::rotation`].
    Rotation,
    /// See [`super::Chain::custom`].
    Custom,
}

words!(Model {
    Ar1 => "ar1", "AR(1)", "$x_i = a·x_{i−1} + b·ε$, one number an index";
    DampedSpring => "damped-spring", "Damped spring", "Position and velocity of a spring with friction, pushed by noise";
    Rotation => "rotation", "Rotation", "A turning pair that forgets by .95 an index";
    Custom => "custom", "Custom", "Matrices T, Q, O, R of one's own";
});

impl Model {
    /// Its name in a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            Model::Ar1 => "the autoregressive chain",
            Model::DampedSpring => "the damped spring",
            Model::Rotation => "the rotation",
            Model::Custom => "the linear-Gaussian chain",
        }
    }
}
