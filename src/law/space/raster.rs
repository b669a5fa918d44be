//! The density of a mixture of isotropic normals at all points of a grid, column by row.
//!
//! A normal factorises: with τ² = α²sd² + σ², p_t(x, y) = Σ w_k/(2πτ²)·e^{−(x − αa_k)²/2τ²}·e^{−(y − αb_k)²/2τ²} for the centres
//! (a_k, b_k). So a grid of n × m points needs K(n + m) exponentials, not K·n·m.
//!
//! Held by `src/law/space/tests.rs`: `the_density_on_a_grid_is_the_density_at_its_points`.

use super::cloud::Cloud;
use crate::level::Level;
use std::f64::consts::TAU;

/// Factors below this count as 0: the density would be below the smallest f32 by far, and numbers that lose bits are slow.
const NEGLIGIBLE: f64 = 1e-150;

/// What the rows of a grid have in common. It is made in parts: of some normals after the other.
#[derive(Debug, Clone)]
pub struct Raster {
    xs: Vec<f64>,
    /// e^{−(x − αa_k)²/2τ²} of the first normals, `[normals × columns]`.
    columns: Vec<f64>,
    /// αa_k, αb_k and w_k/(2πτ²).
    normals: Vec<[f64; 3]>,
    /// 1/2τ².
    steep: f64,
}

impl Raster {
    /// Of a mixture in the plane whose density is finite at this level, on columns at `xs`; no normal is there yet.
    pub(super) fn new(cloud: &Cloud, level: &Level, xs: &[f64]) -> Option<Self> {
        let Level { alpha, sigma, .. } = *level;
        let variance = alpha * alpha * cloud.sd() * cloud.sd() + sigma * sigma;
        if cloud.dim() != 2 || variance == 0.0 {
            return None;
        }
        let scaled = |(at, weight): (&[f64], &f64)| {
            [alpha * at[0], alpha * at[1], weight / (TAU * variance)]
        };
        let centres = cloud.centres().chunks_exact(2);
        Some(Self {
            xs: xs.to_vec(),
            columns: Vec::with_capacity(cloud.weights().len() * xs.len()),
            normals: centres.zip(cloud.weights()).map(scaled).collect(),
            steep: 0.5 / variance,
        })
    }

    /// Computes the factors of the next `count` normals, an exponential for each column.
    ///
    /// Held by `src/law/space/tests.rs`: `the_parts_of_a_grid_have_the_bits_of_the_whole`.
    pub fn extend(&mut self, count: usize) {
        let done = self.columns.len() / self.xs.len().max(1);
        for [place, ..] in self.normals.iter().skip(done).take(count) {
            let factors = self.xs.iter().map(|x| factor(x - place, self.steep));
            self.columns.extend(factors);
        }
    }

    /// p_t of the row at `y`, a number for each column, once all normals are there.
    pub fn row(&self, y: f64, out: &mut [f64]) {
        out.fill(0.0);
        let columns = self.columns.chunks_exact(out.len().max(1));
        for (columns, [_, place, scale]) in columns.zip(&self.normals) {
            let weight = factor(y - place, self.steep) * scale;
            if weight > 0.0 {
                out.iter_mut()
                    .zip(columns)
                    .for_each(|(p, column)| *p += weight * column);
            }
        }
    }
}

/// e^{−steep·gap²}.
fn factor(gap: f64, steep: f64) -> f64 {
    let e = libm::exp(-steep * gap * gap);
    if e < NEGLIGIBLE { 0.0 } else { e }
}
