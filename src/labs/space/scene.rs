//! The exact part of a picture, known before a run.

use super::camera::{BINS, Camera};
use super::{SpaceLab, Window};
use crate::answer::{Floats, Reals};
use crate::labs::timeline::{Levels, Timeline};
use crate::law::space::{self, Space};
use serde::Serialize;
use std::f64::consts::{PI, TAU};

/// The exact picture of one side, drawn in x_t/scale. A run records `points` [shown × dim], interleaved, NaN where there
/// is no particle; in the plane with more than 10,000 particles also `counts` [cells × cells] (row 0 at the bottom); on
/// the torus `theta` and `phi` `[bins]`, densities over (−π, π) of the angles of all particles.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SpaceScene {
    /// The lab.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "\"toy2d\" | \"torus\""))]
    pub lab: &'static str,
    /// The frames.
    #[serde(flatten)]
    pub timeline: Timeline,
    /// Their levels.
    #[serde(flatten)]
    pub levels: Levels,
    /// Number of coordinates of a particle.
    pub dim: usize,
    /// Number of particles.
    pub n: usize,
    /// Number of particles in every frame: the first of n.
    pub shown: usize,
    /// [`SpaceLab::scale`] of each frame.
    pub scale: Reals,
    /// The picture is [−reach, reach] in every coordinate of x_t/scale, for all frames and both sides.
    pub reach: f64,
    /// Number of cells of the raster along each side.
    pub cells: usize,
    /// Radius of the torus; 0 in the plane.
    pub major: f64,
    /// Radius of its tube; 0 in the plane.
    pub minor: f64,
    /// Number of bins of the angles.
    pub bins: usize,
    /// Exact density of the poloidal angle on the centres of the bins; empty in the plane.
    pub theta: Floats,
    /// The same for the toroidal angle.
    pub phi: Floats,
}

/// The exact picture of `lab` in `window`.
pub fn scene(lab: &SpaceLab, window: Window) -> SpaceScene {
    let camera = Camera::new(lab, window);
    let (mut radii, mut theta, mut phi) = ((0.0, 0.0), vec![], vec![]);
    if let Space::Torus(torus) = &lab.law {
        radii = (torus.major, torus.minor);
        let centre = |i: usize| TAU * (i as f64 + 0.5) / BINS as f64 - PI;
        theta = (0..BINS)
            .map(|i| space::theta_density(torus.major, torus.minor, centre(i)) as f32)
            .collect();
        phi = vec![(1.0 / TAU) as f32; BINS];
    }
    SpaceScene {
        lab: match &lab.law {
            Space::Torus(_) => "torus",
            Space::Cloud(_) | Space::Checkerboard(_) => "toy2d",
        },
        timeline: Timeline::of(lab, &camera),
        levels: Levels::of(lab),
        dim: lab.law.dim(),
        n: lab.setup.n,
        shown: camera.shown(),
        scale: lab.setup.frames().iter().map(|l| lab.scale(l)).collect(),
        reach: window.reach,
        cells: window.cells,
        major: radii.0,
        minor: radii.1,
        bins: theta.len(),
        theta: theta.into(),
        phi: phi.into(),
    }
}
