//! Lorenz's model of a circle of latitude (1996).

use super::Model;

/// dx_i = ((x_{i+1} − x_{i−2})·x_{i−1} − x_i + F)dt, indices modulo d (E. N. Lorenz, *Predictability: a problem partly
/// solved*, 1996), by RK4.
///
/// Held by `tests/filter/dynamics.rs`: `runge_kutta_has_order_four_on_both_lorenz_models`,
/// `the_lorenz_models_have_their_lyapunov_exponents`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lorenz96 {
    /// d, the number of coordinates, at least 4.
    pub states: usize,
    /// F, the forcing.
    pub forcing: f64,
}

impl Lorenz96 {
    /// f of the state in `wide`, which has two more numbers before it and one after it.
    fn slope(&self, wide: &mut [f64], out: &mut [f64]) {
        let d = out.len();
        (wide[0], wide[1], wide[d + 2]) = (wide[d], wide[d + 1], wide[2]);
        let (two, one, here, next) = (
            &wide[..d],
            &wide[1..][..d],
            &wide[2..][..d],
            &wide[3..][..d],
        );
        for i in 0..d {
            out[i] = (next[i] - two[i]) * one[i] - here[i] + self.forcing;
        }
    }
}

impl Model for Lorenz96 {
    fn dim(&self) -> usize {
        self.states
    }

    fn step(&self, dt: f64, x: &mut [f64]) {
        let d = self.states;
        let (mut wide, mut k, mut sum) = (vec![0.0; d + 3], vec![0.0; d], vec![0.0; d]);
        for x in x.chunks_exact_mut(d) {
            sum.fill(0.0);
            wide[2..d + 2].copy_from_slice(x);
            for (weight, next) in [(1.0, 0.5), (2.0, 0.5), (2.0, 1.0), (1.0, 0.0)] {
                self.slope(&mut wide, &mut k);
                for i in 0..d {
                    sum[i] += weight * k[i];
                    wide[2 + i] = x[i] + next * dt * k[i];
                }
            }
            x.iter_mut().zip(&sum).for_each(|(x, s)| *x += dt / 6.0 * s);
        }
    }

    fn noise(&self, _dt: f64) -> f64 {
        0.0
    }

    fn distance(&self, i: usize, j: usize) -> Option<f64> {
        let gap = i.abs_diff(j);
        Some(gap.min(self.states - gap) as f64)
    }

    fn cost(&self) -> f64 {
        0.18 * self.states as f64
    }
}
