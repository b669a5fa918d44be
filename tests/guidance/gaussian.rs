//! The priors of the tests: dense Gaussian laws, their posteriors, and affine denoisers of any Jacobian.

use scorefield::denoise::{DenoiseAt, Denoiser, Differentiable, JacobianAt};
use scorefield::level::Level;

/// A dense square matrix.
#[derive(Clone, PartialEq, Debug)]
pub struct Matrix(pub Vec<Vec<f64>>);

impl Matrix {
    pub fn of(n: usize, entry: impl Fn(usize, usize) -> f64) -> Self {
        Self(
            (0..n)
                .map(|i| (0..n).map(|j| entry(i, j)).collect())
                .collect(),
        )
    }

    pub fn times(&self, v: &[f64]) -> Vec<f64> {
        let row = |r: &Vec<f64>| r.iter().zip(v).map(|(a, b)| a * b).sum();
        self.0.iter().map(row).collect()
    }

    pub fn product(&self, other: &Matrix) -> Matrix {
        let n = self.0.len();
        Matrix::of(n, |i, j| (0..n).map(|k| self.0[i][k] * other.0[k][j]).sum())
    }

    pub fn transposed(&self) -> Matrix {
        Matrix::of(self.0.len(), |i, j| self.0[j][i])
    }

    /// Gauss–Jordan elimination with the largest pivot of the column.
    pub fn inverse(&self) -> Matrix {
        let n = self.0.len();
        let (mut a, mut out) = (self.0.clone(), Matrix::of(n, |i, j| f64::from(i == j)).0);
        for c in 0..n {
            let p = (c..n)
                .max_by(|&i, &j| a[i][c].abs().total_cmp(&a[j][c].abs()))
                .unwrap();
            a.swap(c, p);
            out.swap(c, p);
            for i in (0..n).filter(|&i| i != c) {
                let f = a[i][c] / a[c][c];
                for k in 0..n {
                    a[i][k] -= f * a[c][k];
                    out[i][k] -= f * out[c][k];
                }
            }
            let pivot = a[c][c];
            a[c].iter_mut().for_each(|v| *v /= pivot);
            out[c].iter_mut().for_each(|v| *v /= pivot);
        }
        Matrix(out)
    }
}

/// N(mean, cov): x̂ = mean + K(x_t − α·mean), K = α·cov(α²cov + σ²I)⁻¹.
pub struct Gaussian {
    pub mean: Vec<f64>,
    pub cov: Matrix,
}

/// x̂ = offset + J·x_t.
pub struct Affine {
    pub offset: Vec<f64>,
    pub jacobian: Matrix,
}

impl Gaussian {
    pub fn centred(cov: Matrix) -> Self {
        let mean = vec![0.0; cov.0.len()];
        Self { mean, cov }
    }

    pub fn affine(&self, l: &Level) -> Affine {
        let n = self.mean.len();
        let noisy = |i: usize, j: usize| {
            l.alpha * l.alpha * self.cov.0[i][j] + l.sigma * l.sigma * f64::from(i == j)
        };
        let gain = self.cov.product(&Matrix::of(n, noisy).inverse());
        let jacobian = Matrix::of(n, |i, j| l.alpha * gain.0[i][j]);
        let moved = jacobian.times(&self.mean);
        let offset = self
            .mean
            .iter()
            .zip(moved)
            .map(|(m, k)| m - l.alpha * k)
            .collect();
        Affine { offset, jacobian }
    }

    /// The posterior given y = Bx + N(0, R), B `[rows][n]`.
    pub fn posterior(&self, b: &[Vec<f64>], r: &Matrix, y: &[f64]) -> Gaussian {
        let (n, rows) = (self.mean.len(), b.len());
        let cov_bt: Vec<Vec<f64>> = b.iter().map(|b| self.cov.times(b)).collect();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let v = Matrix::of(rows, |i, j| r.0[i][j] + dot(&b[i], &cov_bt[j])).inverse();
        let left: Vec<f64> = (0..rows).map(|i| y[i] - dot(&b[i], &self.mean)).collect();
        let w = v.times(&left);
        let gain = |i: usize, w: &[f64]| (0..rows).map(|k| cov_bt[k][i] * w[k]).sum::<f64>();
        let column = |j: usize| v.times(&cov_bt.iter().map(|c| c[j]).collect::<Vec<_>>());
        Gaussian {
            mean: (0..n).map(|i| self.mean[i] + gain(i, &w)).collect(),
            cov: Matrix::of(n, |i, j| self.cov.0[i][j] - gain(i, &column(j))),
        }
    }
}

impl Denoiser for Gaussian {
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(self.affine(level))
    }
}

impl Differentiable for Gaussian {
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(self.affine(level))
    }
}

impl Denoiser for Affine {
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        self.differentiable_at(level)
    }
}

impl Differentiable for Affine {
    fn differentiable_at(&self, _: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(Affine {
            offset: self.offset.clone(),
            jacobian: self.jacobian.clone(),
        })
    }
}

fn each(matrix: &Matrix, v: &[f64], out: &mut [f64]) {
    let n = matrix.0.len();
    for (v, out) in v.chunks(n).zip(out.chunks_mut(n)) {
        out.copy_from_slice(&matrix.times(v));
    }
}

impl DenoiseAt for Affine {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        each(&self.jacobian, x_t, out);
        out.iter_mut()
            .zip(self.offset.iter().cycle())
            .for_each(|(o, m)| *o += m);
    }
}

impl JacobianAt for Affine {
    fn jvp(&self, _: &[f64], v: &[f64], out: &mut [f64]) {
        each(&self.jacobian, v, out);
    }

    fn vjp(&self, _: &[f64], v: &[f64], out: &mut [f64]) {
        each(&self.jacobian.transposed(), v, out);
    }
}
