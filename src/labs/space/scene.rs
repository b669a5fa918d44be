//! What is exact and known before a run.

use super::camera::{BINS, Camera};
use super::{SpaceLab, Window};
use crate::labs::Camera as _;
use crate::law::space::{self, Space};
use crate::level::Level;
use std::f64::consts::{PI, TAU};

/// The exact picture of one side. Frame 0 is noise, the last frame the end of the grid.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Level of each frame.
    pub levels: Vec<Level>,
    /// Index of each frame's level in the grid.
    pub level_index: Vec<u32>,
    /// [`SpaceLab::scale`] of each frame.
    pub scale: Vec<f64>,
    /// Names of the arrays that a run records, and the numbers of each in a frame.
    pub record: Vec<(&'static str, usize)>,
    /// Particles in every frame.
    pub shown: usize,
    /// The window, shared by both sides.
    pub window: Window,
    /// Radii of the torus; 0 in the plane.
    pub radii: (f64, f64),
    /// Exact density of the poloidal angle on the centres of the bins; empty in the plane.
    pub theta: Vec<f32>,
    /// The same of the toroidal angle.
    pub phi: Vec<f32>,
}

/// The exact picture of `lab` in `window`.
pub fn scene(lab: &SpaceLab, window: Window) -> Scene {
    let levels = lab.setup.frames();
    let camera = Camera::new(lab, window);
    let mut out = Scene {
        level_index: lab.setup.shown_levels().iter().map(|&i| i as u32).collect(),
        scale: levels.iter().map(|l| lab.scale(l)).collect(),
        levels,
        record: camera.record(),
        shown: camera.shown(),
        window,
        radii: (0.0, 0.0),
        theta: vec![],
        phi: vec![],
    };
    if let Space::Torus(torus) = &lab.law {
        out.radii = (torus.major, torus.minor);
        let centre = |i: usize| TAU * (i as f64 + 0.5) / BINS as f64 - PI;
        out.theta = (0..BINS)
            .map(|i| space::theta_density(torus.major, torus.minor, centre(i)) as f32)
            .collect();
        out.phi = vec![(1.0 / TAU) as f32; BINS];
    }
    out
}
