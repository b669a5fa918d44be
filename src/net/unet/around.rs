//! What is around F: from windows x_t at a level to what F sees, and from what F gives to x̂ and to products of the Jacobian.
//! Arrays hold n windows, one after the other.
//!
//! Held by `tests/unet.rs`: `the_denoiser_takes_windows_of_every_process`, `the_two_products_are_adjoint`.

use super::At;
use super::FRAME;
use super::SEEN;
use super::Skip;
use super::WINDOW;
use crate::level::Level;
use crate::net::seen;

/// A level of noise, for windows x_t of any process.
pub struct Around<'s> {
    at: At<'s>,
    /// u = scale·x_t.
    scale: f64,
}

/// Applies `f` to each window and joins the two arrays that it gives.
fn both(windows: &[f64], f: impl Fn(&[f64]) -> (Vec<f64>, Vec<f64>)) -> [Vec<f64>; 2] {
    let mut out = [vec![], vec![]];
    for window in windows.chunks(WINDOW) {
        let (first, second) = f(window);
        out[0].extend(first);
        out[1].extend(second);
    }
    out
}

impl<'s> Around<'s> {
    /// The level for a network that corrects `skip`.
    pub fn new(skip: &'s dyn Skip, level: &Level) -> Self {
        let (s, scale) = seen(level);
        Self {
            at: At::new(skip, s),
            scale,
        }
    }

    /// The noise ratio that F is told.
    pub fn s(&self) -> f64 {
        self.at.s
    }

    /// The factor of x_t.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    fn scaled(&self, x: &[f64]) -> Vec<f64> {
        x.iter().map(|x| self.scale * x).collect()
    }

    /// What F sees of windows, `[n][44][16][16]`, and their x̂_W.
    pub fn seen(&self, x_t: &[f64]) -> [Vec<f64>; 2] {
        both(x_t, |x_t| self.at.seen(&self.scaled(x_t)))
    }

    /// The changes of both where x_t changes by `v`.
    pub fn changes(&self, v: &[f64]) -> [Vec<f64>; 2] {
        both(v, |v| self.at.seen_change(&self.scaled(v)))
    }

    /// x̂ = x̂_W + √v·F of windows, or its change, from F `[n][20][16][16]`.
    pub fn corrected(&self, guess: &[f64], f: &[f64]) -> Vec<f64> {
        let both = guess.chunks(WINDOW).zip(f.chunks(WINDOW));
        both.flat_map(|(guess, f)| self.at.x_hat(guess, f))
            .collect()
    }

    /// What the backward pass of F starts from for the products Jᵀv, `[n][20][16][16]`.
    pub fn seeds(&self, v: &[f64]) -> Vec<f64> {
        v.chunks(WINDOW).flat_map(|v| self.at.seed(v)).collect()
    }

    /// Jᵀv, from the gradient with respect to what F sees, `[n][44][16][16]`.
    pub fn pulled(&self, v: &[f64], gradient: &[f64]) -> Vec<f64> {
        let both = v.chunks(WINDOW).zip(gradient.chunks(SEEN * FRAME));
        let pulled = both.flat_map(|(v, g)| self.at.pulled(v, g));
        pulled.map(|x| self.scale * x).collect()
    }
}
