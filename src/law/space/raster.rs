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

/// What the rows of a grid have in common.
#[derive(Debug, Clone)]
pub struct Raster {
    /// e^{−(x − αa_k)²/2τ²}, `[centres × columns]`.
    columns: Vec<f64>,
    /// αb_k and w_k/(2πτ²).
    rows: Vec<[f64; 2]>,
    /// 1/2τ².
    steep: f64,
}

impl Raster {
    /// Of a mixture in the plane whose density is finite at this level, on columns at `xs`.
    pub(super) fn new(cloud: &Cloud, level: &Level, xs: &[f64]) -> Option<Self> {
        let Level { alpha, sigma, .. } = *level;
        let variance = alpha * alpha * cloud.sd() * cloud.sd() + sigma * sigma;
        if cloud.dim() != 2 || variance == 0.0 {
            return None;
        }
        let steep = 0.5 / variance;
        let centres = cloud.centres().chunks_exact(2);
        let (mut columns, mut rows) =
            (Vec::with_capacity(cloud.weights().len() * xs.len()), vec![]);
        for (centre, weight) in centres.zip(cloud.weights()) {
            let place = alpha * centre[0];
            columns.extend(xs.iter().map(|x| factor(x - place, steep)));
            rows.push([alpha * centre[1], weight / (TAU * variance)]);
        }
        Some(Self {
            columns,
            rows,
            steep,
        })
    }

    /// p_t of the row at `y`, a number for each column.
    pub fn row(&self, y: f64, out: &mut [f64]) {
        out.fill(0.0);
        for (columns, [place, scale]) in self.columns.chunks_exact(out.len().max(1)).zip(&self.rows)
        {
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
