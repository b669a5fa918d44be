//! The distance between two normal laws.

use super::algebra::Eigen;
use super::algebra::symmetric;
use super::exact::UNIT;
use nalgebra::DMatrix;

/// W₂ of N(m, C) and N(n, D): W₂² = ‖m − n‖² + tr(C + D − 2(C^{½} D C^{½})^{½}) (Dowson & Landau 1982).
///
/// Held by `src/process/lgssm/distance.rs`: `w2_of_normals_with_common_axes_is_that_of_their_deviations`.
///
/// # Panics
/// If the dimensions differ.
pub fn gaussian_w2(m: &[f64], c: &DMatrix<f64>, n: &[f64], d: &DMatrix<f64>) -> f64 {
    let shift: f64 = m.iter().zip(n).map(|(m, n)| (m - n) * (m - n)).sum();
    let half = Eigen::of(c).map(|v| v.max(0.0).sqrt());
    let inner = symmetric(&(&half * d * &half));
    let cross: f64 = Eigen::of(&inner)
        .values
        .iter()
        .map(|v| v.max(0.0).sqrt())
        .sum();
    (shift + c.trace() + d.trace() - 2.0 * cross)
        .max(0.0)
        .sqrt()
}

/// Mean and covariance (with the factor 1/n) of chains `[n × dim]`.
///
/// Held by `src/process/lgssm/distance.rs`: `moments_are_those_of_plain_sums`.
pub fn moments(x: &[f64], dim: usize) -> (Vec<f64>, DMatrix<f64>) {
    let mut moments = Moments::new(x, dim);
    (0..dim).for_each(|i| moments.column(i));
    (moments.mean, moments.covariance)
}

/// [`moments`] as far as they are computed.
#[derive(Debug, Clone)]
pub struct Moments {
    /// The mean.
    pub mean: Vec<f64>,
    /// The covariance, in the columns that are computed; the others are 0.
    pub covariance: DMatrix<f64>,
    centred: DMatrix<f64>,
}

impl Moments {
    /// The mean, and no column yet.
    pub fn new(x: &[f64], dim: usize) -> Self {
        let mut mean = vec![0.0; dim];
        let n = x.len() / dim;
        add_to_mean(&mut mean, x, n);
        let mut own = Self::about(mean, n);
        own.centre(0, x);
        own
    }

    /// Of `n` chains with this mean, which come in groups: see [`Moments::centre`].
    pub fn about(mean: Vec<f64>, n: usize) -> Self {
        let dim = mean.len();
        Self {
            mean,
            covariance: DMatrix::zeros(dim, dim),
            centred: DMatrix::zeros(dim, n),
        }
    }

    /// Takes some chains, the first of them number `first`. All come before the first column.
    pub fn centre(&mut self, first: usize, chains: &[f64]) {
        let columns = self.centred.column_iter_mut().skip(first);
        for (mut column, chain) in columns.zip(chains.chunks_exact(self.mean.len())) {
            let both = chain.iter().zip(&self.mean);
            column
                .iter_mut()
                .zip(both)
                .for_each(|(c, (x, m))| *c = x - m);
        }
    }

    /// The work of a column for `n` chains, in units ([`crate::denoise::Denoiser::price`]), about.
    pub fn price([n, dim]: [usize; 2]) -> usize {
        n * dim / UNIT
    }

    /// Computes column `i` of the covariance.
    pub fn column(&mut self, i: usize) {
        let n = self.centred.ncols().max(1) as f64;
        let column = &self.centred * self.centred.row(i).transpose() / n;
        self.covariance.set_column(i, &column);
    }
}

/// Adds some of `n` chains to their mean.
pub fn add_to_mean(mean: &mut [f64], chains: &[f64], n: usize) {
    let n = n.max(1) as f64;
    for chain in chains.chunks_exact(mean.len()) {
        let both = mean.iter_mut().zip(chain);
        both.for_each(|(m, x)| *m += x / n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For commuting covariances, W₂² = ‖m − n‖² + Σ(√λ − √μ)².
    #[test]
    fn w2_of_normals_with_common_axes_is_that_of_their_deviations() {
        let diagonal = |x: [f64; 3]| DMatrix::from_diagonal(&nalgebra::DVector::from_row_slice(&x));
        let (c, d) = (diagonal([1.0, 4.0, 0.25]), diagonal([9.0, 1.0, 0.0]));
        let (sin, cos) = libm::sincos(0.7);
        let mut turn = DMatrix::identity(3, 3);
        turn.view_mut((0, 0), (2, 2))
            .copy_from(&DMatrix::from_row_slice(2, 2, &[cos, -sin, sin, cos]));
        let (c, d) = (&turn * c * turn.transpose(), &turn * d * turn.transpose());
        let w2 = gaussian_w2(&[1.0, 0.0, 0.0], &c, &[0.0, 2.0, 0.0], &d);
        let expected: f64 = 5.0 + 4.0 + 1.0 + 0.25;
        assert!((w2 - expected.sqrt()).abs() < 1e-7, "{w2}");
    }

    #[test]
    fn moments_are_those_of_plain_sums() {
        let (mean, covariance) = moments(&[1.0, 2.0, 3.0, 6.0], 2);
        assert_eq!(mean, [2.0, 4.0]);
        assert_eq!(
            covariance,
            DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 2.0, 4.0])
        );
    }
}
