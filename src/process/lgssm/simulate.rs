//! Paths and observations: pure functions of a seed, from counter-based noise.

use super::algebra::add_product;
use super::model::Chain;
use crate::rng::Noise;
use crate::rng::Stream;

impl Chain {
    /// Fills `out` with whole chains of L·p numbers each, beginning with chain number `first`:
    /// x_0 = Σ^{½}z, x_i = T x_{i−1} + Q^{½}z.
    ///
    /// Held by `tests/chains/posterior.rs`: `draws_have_the_moments_of_their_laws`.
    ///
    /// # Panics
    /// If the length of `out` is not a multiple of L·p.
    pub fn sample(&self, noise: &Noise, stream: Stream, step: u32, first: u64, out: &mut [f64]) {
        let (p, dim) = (self.states(), self.dim());
        assert!(out.len().is_multiple_of(dim), "no whole number of chains");
        let [start, push, _] = &self.roots;
        noise.normals(stream, step, first * dim as u64, out);
        let (mut x, mut before) = (vec![0.0; p], vec![0.0; p]);
        for chain in out.chunks_exact_mut(dim) {
            for (i, z) in chain.chunks_exact_mut(p).enumerate() {
                x.fill(0.0);
                if i == 0 {
                    add_product(start, z, &mut x);
                } else {
                    add_product(&self.t, &before, &mut x);
                    add_product(push, z, &mut x);
                }
                z.copy_from_slice(&x);
                before.copy_from_slice(&x);
            }
        }
    }

    /// The true path of a seed, `[L·p]`.
    pub fn simulate(&self, noise: &Noise) -> Vec<f64> {
        let mut x = vec![0.0; self.dim()];
        self.sample(noise, Stream::Truth, 0, 0, &mut x);
        x
    }

    /// Observations y_i = O x_i + R^{½}z of the path `x` at `indices`, q numbers each. The noise at an index does not
    /// depend on the other observed indices.
    ///
    /// Held by `tests/chains/posterior.rs`: `observations_have_the_noise_of_the_model`,
    /// `draws_do_not_depend_on_the_split_nor_observations_on_each_other`.
    ///
    /// # Panics
    /// If `x` does not have L·p numbers, or an index is beyond the end of the chain.
    pub fn observe(&self, noise: &Noise, x: &[f64], indices: &[usize]) -> Vec<f64> {
        let (p, q) = (self.states(), self.o.nrows());
        assert_eq!(x.len(), self.dim(), "a path has L·p numbers");
        let mut z = vec![0.0; q];
        let mut y = vec![0.0; q * indices.len()];
        for (&i, y) in indices.iter().zip(y.chunks_exact_mut(q)) {
            noise.normals(Stream::Observation, 0, (i * q) as u64, &mut z);
            add_product(&self.o, &x[i * p..(i + 1) * p], y);
            add_product(&self.roots[2], &z, y);
        }
        y
    }
}
