//! A symmetric positive definite system, factored in pieces.

/// The factor L of a symmetric positive definite matrix S = LLᵀ (Cholesky), row by row.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    size: usize,
    /// S below the diagonal where it is not yet factored, L above; `[size × size]`.
    numbers: Vec<f64>,
    rows: usize,
}

/// Σ ab in four sums, which a compiler may keep in vectors.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut sums = [0.0; 4];
    for (a, b) in a.iter().zip(b) {
        for i in 0..4 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

impl Factor {
    /// A matrix that is given by its lower triangle, to be factored.
    pub fn new(size: usize, numbers: Vec<f64>) -> Self {
        Self {
            size,
            numbers,
            rows: 0,
        }
    }

    /// Number of rows, and how many of them are done.
    pub fn rows(&self) -> [usize; 2] {
        [self.size, self.rows]
    }

    /// Factors the next row; `false` if the matrix is not positive definite.
    pub fn row(&mut self) -> bool {
        let (n, i) = (self.size, self.rows);
        if i == n {
            return true;
        }
        let (above, own) = self.numbers.split_at_mut(i * n);
        for j in 0..i {
            let row = &above[j * n..][..j + 1];
            own[j] = (own[j] - dot(&own[..j], &row[..j])) / row[j];
        }
        let square = own[i] - dot(&own[..i], &own[..i]);
        // Rounding of the sum leaves more than this of a singular matrix.
        let positive = square > 1e-12 * own[i];
        own[i] = square.max(0.0).sqrt();
        self.rows += 1;
        positive
    }

    /// x ← S⁻¹x, after all rows.
    pub fn solve(&self, x: &mut [f64]) {
        let n = self.size;
        for i in 0..n {
            let row = &self.numbers[i * n..][..i + 1];
            x[i] = (x[i] - dot(&row[..i], &x[..i])) / row[i];
        }
        for i in (0..n).rev() {
            let row = &self.numbers[i * n..][..i + 1];
            x[i] /= row[i];
            let own = x[i];
            x[..i].iter_mut().zip(row).for_each(|(x, l)| *x -= own * l);
        }
    }
}
