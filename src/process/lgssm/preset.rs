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
    Ar1 => "ar1", "AR(1)", "$x_i = a·x_{i−1} + N(0, b²)$, one number per index";
    DampedSpring => "damped-spring", "Damped spring", "Position and velocity of a damped spring driven by noise";
    Rotation => "rotation", "Rotation", "Two numbers that rotate, with a decay of .95 per index";
    Custom => "custom", "Custom", "Your own matrices T, Q, O, R";
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
