//! The laws that a link names.

use crate::word::words;

/// A law (probability distribution) on the line. The closed set of `target=` values in the lab toy1d.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineLaw {
    /// The uniform law on [0, 1].
    Uniform,
    /// A normal law with mean 0.
    Gaussian,
    /// A mixture of normals.
    Mixture,
    /// Uniform on separate intervals.
    Comb,
}

words!(LineLaw {
    Uniform => "uniform", "Uniform", "$U[0, 1]$";
    Gaussian => "gaussian", "Normal", "$N(0, sd²)$";
    Mixture => "mixture", "Mixture", "A mixture of up to eight normals";
    Comb => "comb", "Comb", "Uniform on K separate intervals of [0, 1]";
});

/// A law in the plane. The closed set of `target=` values in the lab toy2d.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaneLaw {
    /// Eight normals on a circle.
    Gaussians8,
    /// Two half circles.
    Moons,
    /// Filled squares of a board.
    Checkerboard,
    /// A spiral.
    Swissroll,
    /// Two circles.
    Rings,
    /// Five bent arms.
    Pinwheel,
    /// Drawn or loaded points.
    Drawn,
}

words!(PlaneLaw {
    Gaussians8 => "gaussians8", "Eight normals", "Eight normals on a circle";
    Moons => "moons", "Two moons", "Two interleaved half circles";
    Checkerboard => "checkerboard", "Checkerboard", "Uniform on 8 of the 16 squares of [−1, 1]²";
    Swissroll => "swissroll", "Swiss roll", "A spiral";
    Rings => "rings", "Rings", "Two concentric circles";
    Pinwheel => "pinwheel", "Pinwheel", "Five bent arms";
    Drawn => "drawn", "Drawn", "Points that were drawn or loaded";
});

impl LineLaw {
    /// Its name in a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            LineLaw::Uniform => "the uniform law",
            LineLaw::Gaussian => "the normal law",
            LineLaw::Mixture => "the mixture",
            LineLaw::Comb => "the comb",
        }
    }
}

impl PlaneLaw {
    /// Its name in a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            PlaneLaw::Gaussians8 => "the eight normals",
            PlaneLaw::Moons => "the two moons",
            PlaneLaw::Checkerboard => "the checkerboard",
            PlaneLaw::Swissroll => "the Swiss roll",
            PlaneLaw::Rings => "the rings",
            PlaneLaw::Pinwheel => "the pinwheel",
            PlaneLaw::Drawn => "the drawn points",
        }
    }
}
