//! Fields that are made by hand, and fields on a finer grid.

use super::grid::Grid;
use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::f64::consts::TAU;

/// ω in the centre of a vortex that is placed by hand, per time, and the width of its bell, a length.
const PEAK: f64 = 12.0;
const WIDTH: f64 = 0.45;

/// Vortices ±12·e^{−d²/2w²}, w = .45, at `places` `[x₀, y₀, x₁, y₁, …]` in [−2, 2]², which stands for the whole square; the
/// first turns left (ω > 0), the next right, and so on. d is the distance on the periodic square. Projected onto the live modes:
/// the mean is taken out.
///
/// Held by `tests/turbulence/placed.rs`: `vortices_turn_by_turns_around_their_places`.
pub fn vortices(grid: &Grid, places: &[f64]) -> Vec<f64> {
    let n = grid.pixels();
    let mut out = vec![0.0; grid.numbers()];
    let bell = |d: f64| {
        // The nearest image, and its neighbours on both sides.
        let near = d - TAU * libm::round(d / TAU);
        let one = |d: f64| libm::exp(-0.5 * d * d / (WIDTH * WIDTH));
        one(near - TAU) + one(near) + one(near + TAU)
    };
    for (i, place) in places.chunks_exact(2).enumerate() {
        let turn = if i % 2 == 0 { PEAK } else { -PEAK };
        let at: Vec<f64> = place.iter().map(|x| PI + x * PI / 2.0).collect();
        let across: Vec<f64> = (0..n).map(|k| bell(grid.place(k) - at[0])).collect();
        let up: Vec<f64> = (0..n).map(|k| bell(grid.place(k) - at[1])).collect();
        for (row, up) in out.chunks_exact_mut(n).zip(&up) {
            let both = row.iter_mut().zip(&across);
            both.for_each(|(w, across)| *w += turn * up * across);
        }
    }
    grid.field(&grid.spectrum(&out))
}

/// A field of `from` on the grid `to`: the same waves.
///
/// Held by `tests/turbulence/placed.rs`: `a_refined_field_is_the_same_at_its_own_pixels`.
///
/// # Panics
/// If the field has another size.
pub fn refined(from: &Grid, to: &Grid, field: &[f64]) -> Vec<f64> {
    let own = from.spectrum(field);
    let waves = from.modes().iter().map(|mode| (mode.kx, mode.ky));
    let known: BTreeMap<_, _> = waves.zip(own).collect();
    let at = |mode: &super::grid::Mode| known.get(&(mode.kx, mode.ky)).copied();
    let spectrum = to.modes().iter().map(|mode| at(mode).unwrap_or_default());
    to.field(&spectrum.collect::<Vec<_>>())
}
