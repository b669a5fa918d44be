//! Implicit score matching.

use super::prior::PriorScore;
use crate::filter::dense;
use crate::filter::update::Fault;
use crate::filter::update::Parts;
use crate::rng::Noise;

/// A monomial Πw_i^{e_i}, as its exponents `[d]`.
type Monomial = Vec<u8>;

/// The monomials of a log-density: to degree 4 on the line, to degree 2 in more coordinates.
fn monomials(dim: usize) -> Vec<Monomial> {
    if dim == 1 {
        return (1..=4).map(|e| vec![e]).collect();
    }
    let unit = |i: usize| {
        let mut e = vec![0; dim];
        e[i] = 1;
        e
    };
    let mut out: Vec<Monomial> = (0..dim).map(unit).collect();
    for i in 0..dim {
        for j in 0..=i {
            let mut e = unit(i);
            e[j] += 1;
            out.push(e);
        }
    }
    out
}

/// The number of monomials in `dim` coordinates.
pub fn monomial_count(dim: usize) -> usize {
    if dim == 1 {
        4
    } else {
        dim + dim * (dim + 1) / 2
    }
}

/// log p(w) = Σθ_kφ_k(w) + const with monomials φ_k. Implicit score matching (Hyvärinen 2005) minimises the mean of
/// ½|∇log p|² + Δlog p, a quadratic in θ: Aθ = −β, where A_kl is the mean of ∇φ_k·∇φ_l and β_k that of Δφ_k. It does not
/// blur, but sees little of the weights of modes that are apart.
///
/// Held by `tests/filter/ssls.rs`: `implicit_matching_finds_the_double_wells_density`.
#[derive(Debug, Clone)]
pub struct Polynomial {
    monomials: Vec<Monomial>,
    /// θ; before [`Polynomial::solve`], the sum that becomes β.
    theta: Vec<f64>,
    /// The sum that becomes A, `[k × k]`.
    products: Vec<f64>,
    /// The sum of weights.
    total: f64,
    /// ∇φ_k at the last place, `[k × d]`.
    gradients: Vec<f64>,
}

impl Polynomial {
    /// No points yet.
    pub fn new(dim: usize) -> Self {
        let monomials = monomials(dim);
        let k = monomials.len();
        Self {
            monomials,
            theta: vec![0.0; k],
            products: vec![0.0; k * k],
            total: 0.0,
            gradients: vec![0.0; k * dim],
        }
    }

    /// ∇φ_k at `w` `[d]` for all k.
    fn differentiate(&mut self, w: &[f64]) {
        let d = w.len();
        for (e, out) in self
            .monomials
            .iter()
            .zip(self.gradients.chunks_exact_mut(d))
        {
            for (i, out) in out.iter_mut().enumerate() {
                *out = factor(e, w, i, 1);
            }
        }
    }

    /// Adds a point `w` `[d]` of this weight to the means.
    pub fn add(&mut self, w: &[f64], weight: f64) {
        let (d, k) = (w.len(), self.monomials.len());
        self.differentiate(w);
        for (e, beta) in self.monomials.iter().zip(&mut self.theta) {
            *beta += weight * (0..d).map(|i| factor(e, w, i, 2)).sum::<f64>();
        }
        for a in 0..k {
            for b in 0..=a {
                let (first, second) =
                    (&self.gradients[a * d..][..d], &self.gradients[b * d..][..d]);
                let dot: f64 = first.iter().zip(second).map(|(x, y)| x * y).sum();
                self.products[a * k + b] += weight * dot;
            }
        }
        self.total += weight;
    }

    /// θ = −(A + `ridge`·diag A)⁻¹β. Returns whether that is possible.
    pub fn solve(&mut self, ridge: f64) -> bool {
        let k = self.monomials.len();
        for a in 0..k {
            for b in 0..=a {
                let mean = self.products[a * k + b] / self.total;
                (self.products[a * k + b], self.products[b * k + a]) = (mean, mean);
            }
            self.products[a * k + a] *= 1.0 + ridge;
            self.theta[a] /= -self.total;
        }
        let solvable = dense::cholesky(&mut self.products, k);
        if solvable {
            dense::solve(&self.products, k, &mut self.theta);
        }
        solvable
    }

    /// θ; on the line of w, w², w³, w⁴.
    pub fn theta(&self) -> &[f64] {
        &self.theta
    }

    /// Writes Σθ_k∇φ_k(w) into `out` `[d]`.
    fn score(&mut self, w: &[f64], out: &mut [f64]) {
        self.differentiate(w);
        out.fill(0.0);
        for (theta, gradient) in self.theta.iter().zip(self.gradients.chunks_exact(w.len())) {
            out.iter_mut()
                .zip(gradient)
                .for_each(|(o, g)| *o += theta * g);
        }
    }
}

/// The derivative of a monomial in coordinate `i`, of order 1 or 2.
fn factor(e: &Monomial, w: &[f64], i: usize, order: u8) -> f64 {
    if e[i] < order {
        return 0.0;
    }
    let mut out = if order == 1 {
        f64::from(e[i])
    } else {
        f64::from(e[i]) * f64::from(e[i] - 1)
    };
    for (j, (e, w)) in e.iter().zip(w).enumerate() {
        let power = if j == i { e - order } else { *e };
        (0..power).for_each(|_| out *= w);
    }
    out
}

/// The score of a [`Polynomial`] of the whitened members, with a ridge of .001. Beyond 1.2 times the farthest member it is
/// that of the nearest place within, plus a pull back there: no polynomial can be trusted outside its points.
///
/// Held by `tests/filter/score_updates.rs`: `one_update_has_the_moments_of_each_prior`.
#[derive(Debug, Clone)]
pub struct Ism {
    polynomial: Polynomial,
    members: Vec<f64>,
    parts: Parts,
    /// The radius within which the polynomial holds.
    radius: f64,
    near: Vec<f64>,
}

/// The ridge, as a part of the diagonal.
const RIDGE: f64 = 1e-3;
/// How far beyond the farthest member the polynomial holds.
const REACH: f64 = 1.2;

impl Ism {
    /// Nothing learned yet.
    pub fn new(dim: usize) -> Self {
        Self {
            polynomial: Polynomial::new(dim),
            members: vec![],
            parts: Parts::default(),
            radius: 0.0,
            near: vec![0.0; dim],
        }
    }
}

fn norm(w: &[f64]) -> f64 {
    w.iter().map(|w| w * w).sum::<f64>().sqrt()
}

/// The price of adding one point to the means.
fn price(dim: usize) -> f64 {
    let k = monomial_count(dim) as f64;
    0.1 * k * dim as f64 + 0.05 * k * k * dim as f64
}

impl PriorScore for Ism {
    fn begin(&mut self, w: &[f64], dim: usize, _noise: Noise, _cycle: u32) {
        self.polynomial = Polynomial::new(dim);
        self.members = w.to_vec();
        self.parts = Parts::default();
        self.radius = REACH * w.chunks_exact(dim).map(norm).fold(0.0, f64::max);
    }

    fn learn(&mut self, work: &mut f64) -> Result<bool, Fault> {
        let d = self.near.len();
        let n = self.members.len() / d;
        if let Some(range) = self.parts.next(n, price(d), work) {
            for j in range {
                self.polynomial.add(&self.members[j * d..][..d], 1.0);
            }
            return Ok(false);
        }
        if !self.polynomial.solve(RIDGE) {
            return Err(Fault::new(
                "Implicit score matching has no solution for these members: too many of them are the same.",
                "Choose more members, or prior=kde.",
            ));
        }
        Ok(true)
    }

    fn score(&mut self, w: &[f64], _width: f64, out: &mut [f64]) {
        let far = norm(w);
        if far <= self.radius {
            self.polynomial.score(w, out);
            return;
        }
        let shrink = self.radius / far;
        let mut near = std::mem::take(&mut self.near);
        near.iter_mut().zip(w).for_each(|(n, w)| *n = shrink * w);
        self.polynomial.score(&near, out);
        for i in 0..w.len() {
            out[i] -= w[i] - near[i];
        }
        self.near = near;
    }

    fn learning_cost(&self, n: usize, dim: usize) -> f64 {
        n as f64 * price(dim)
    }

    fn score_cost(&self, _n: usize, dim: usize) -> f64 {
        0.2 * (monomial_count(dim) * dim) as f64
    }
}
