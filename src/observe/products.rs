//! Products of operators with the states and the rows of many particles.
//!
//! Held by `tests/contracts/operator.rs`: `the_two_products_are_adjoint`,
//! `slopes_add_up_to_the_change_of_the_prediction`, `products_are_those_of_the_matrix_and_the_slopes`;
//! `src/observe/tests.rs`: `the_gram_matrix_is_a_a_transposed_and_narrow`.

use super::band::Band;
use super::operator::Operator;

impl Operator {
    /// A(x) of every particle: `x` is `[n × dim]`, `out` is `[n × rows]`.
    ///
    /// # Panics
    /// If the lengths do not fit. The other products panic for the same reason.
    pub fn predict(&self, x: &[f64], out: &mut [f64]) {
        self.project(x, out);
        self.by_row(out, |u| u / (1.0 + u.abs()));
    }

    /// The slopes s'(Bx) of every particle, `[n × rows]`: A'(x) = diag(slopes)·B.
    pub fn slopes(&self, x: &[f64], out: &mut [f64]) {
        if self.is_linear() {
            out.fill(1.0);
            return;
        }
        self.project(x, out);
        for (k, u) in out.iter_mut().enumerate() {
            let far = 1.0 + u.abs();
            let saturates = self.saturates[k % self.rows()];
            *u = if saturates { 1.0 / (far * far) } else { 1.0 };
        }
    }

    /// A'(x)·v of every particle: `x` and `v` are `[n × dim]`, `out` is `[n × rows]`.
    pub fn jvp(&self, x: &[f64], v: &[f64], out: &mut [f64]) {
        self.project(v, out);
        if !self.is_linear() {
            let mut slopes = vec![0.0; out.len()];
            self.slopes(x, &mut slopes);
            out.iter_mut().zip(slopes).for_each(|(o, s)| *o *= s);
        }
    }

    /// A'(x)ᵀ·w of every particle: `x` and `out` are `[n × dim]`, `w` is `[n × rows]`.
    pub fn vjp(&self, x: &[f64], w: &[f64], out: &mut [f64]) {
        if self.is_linear() {
            self.spread_back(w, out);
        } else {
            let mut slopes = vec![0.0; w.len()];
            self.slopes(x, &mut slopes);
            slopes.iter_mut().zip(w).for_each(|(s, w)| *s *= w);
            self.spread_back(&slopes, out);
        }
    }

    /// BBᵀ, with its own envelope.
    pub fn gram(&self) -> Band {
        let mut column = vec![Vec::new(); self.dim];
        for r in 0..self.rows() {
            self.row(r)
                .iter()
                .for_each(|&(k, v)| column[k].push((r, v)));
        }
        let first = |r: usize| {
            let meets = self.row(r).iter().filter_map(|e| column[e.0].first());
            meets.map(|m| m.0).min().unwrap_or(r)
        };
        let first: Vec<usize> = (0..self.rows()).map(first).collect();
        let mut out = Band::zero(&first);
        for (r, first) in first.iter().enumerate() {
            let row = out.row_mut(r);
            for &(k, v) in self.row(r) {
                let above = column[k].iter().take_while(|(s, _)| *s <= r);
                above.for_each(|(s, other)| row[s - first] += v * other);
            }
        }
        out
    }

    /// B·x.
    pub(super) fn project(&self, x: &[f64], out: &mut [f64]) {
        assert!(
            x.len().is_multiple_of(self.dim) && out.len() * self.dim == x.len() * self.rows(),
            "states and rows of one number of particles"
        );
        for (x, out) in x.chunks(self.dim).zip(out.chunks_mut(self.rows())) {
            for (r, out) in out.iter_mut().enumerate() {
                *out = self.row(r).iter().map(|&(k, v)| v * x[k]).sum();
            }
        }
    }

    /// Bᵀ·w.
    fn spread_back(&self, w: &[f64], out: &mut [f64]) {
        assert!(
            out.len().is_multiple_of(self.dim) && w.len() * self.dim == out.len() * self.rows(),
            "states and rows of one number of particles"
        );
        out.fill(0.0);
        for (w, out) in w.chunks(self.rows()).zip(out.chunks_mut(self.dim)) {
            for (r, w) in w.iter().enumerate() {
                self.row(r).iter().for_each(|&(k, v)| out[k] += v * w);
            }
        }
    }

    fn by_row(&self, out: &mut [f64], f: impl Fn(f64) -> f64) {
        if self.is_linear() {
            return;
        }
        for (k, u) in out.iter_mut().enumerate() {
            if self.saturates[k % self.rows()] {
                *u = f(*u);
            }
        }
    }
}
