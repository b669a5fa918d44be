//! A denoiser of a chain from any denoiser of its windows, for example a score network.

use super::Blanket;
use super::exact::Gains;
use super::fold::fold;
use super::model::Chain;
use crate::denoise::DenoiseAt;
use crate::denoise::Denoiser;
use crate::denoise::Differentiable;
use crate::denoise::JacobianAt;
use crate::error::Error;
use crate::level::Level;
use crate::process::fold::Fold;
use crate::rng::Noise;
use crate::rng::Stream;
use std::rc::Rc;

/// Approximate number of windows that are evaluated in one call.
const TOGETHER: usize = 256;
/// Approximate number of windows in the mean of a score error.
const DRAWN: usize = 1024;

/// A denoiser of windows of 2k + 1 indices, applied to a chain by unfolding and folding as in a [`Blanket`]. With the
/// exact denoiser of the window it equals the blanket.
///
/// Held by `tests/blankets.rs`: `windows_with_their_exact_denoiser_are_the_blanket`.
pub struct Windows {
    chain: Chain,
    fold: Fold,
    window: Rc<dyn Differentiable>,
}

impl Windows {
    /// The windows of half-window `k` of a chain; particles of `window` have (2k + 1)·p coordinates.
    ///
    /// # Errors
    /// If 2k + 1 is above the length of the chain.
    pub fn new(chain: &Chain, k: usize, window: Rc<dyn Differentiable>) -> Result<Self, Error> {
        Ok(Self {
            fold: fold(chain, k)?,
            chain: chain.clone(),
            window,
        })
    }

    /// The work of a ratio of [`Windows::score_errors`] in units ([`Denoiser::price`]), about.
    pub fn error_price(&self) -> usize {
        let count = DRAWN.div_ceil(self.fold.windows());
        let both = self.chain.length * (16 + 4 * self.chain.states());
        count * (self.price() + 4 * self.chain.dim()) + both
    }

    fn prepare(&self, level: &Level) -> At<'_> {
        At {
            fold: self.fold,
            window: self.window.differentiable_at(level),
        }
    }

    /// The relative error √(E‖score − score_full‖²/E‖score_full‖²) over x_t, at each noise s = σ/α > 0 of `ratios`.
    ///
    /// The exact score of a window is the conditional mean of the full score given the window. So the error caused by
    /// the window and the error of its denoiser are orthogonal, and at α = 1
    /// error² = blanket² + E‖x̂ − x̂_blanket‖²/(s⁴·tr C⁻¹), C = Σ₀ + s²I. The first term is [`Blanket::score_error_at`];
    /// the second is a mean over about a thousand windows of fixed draws.
    ///
    /// Held by `tests/blankets.rs`: `a_wrong_denoiser_of_the_windows_adds_its_error_in_squares`.
    ///
    /// # Errors
    /// As [`Windows::new`].
    pub fn score_errors(&self, ratios: &[f64]) -> Result<Vec<f64>, Error> {
        let blanket = Blanket::new(&self.chain, self.fold.half_window())?;
        let dim = self.chain.dim();
        let count = DRAWN.div_ceil(self.fold.windows());
        let noise = Noise::new(0);
        let (mut x0, mut z) = (vec![0.0; count * dim], vec![0.0; count * dim]);
        self.chain.sample(&noise, Stream::Reference, 0, 0, &mut x0);
        noise.normals(Stream::Forward, 0, 0, &mut z);
        let at = |s: &f64| {
            let level = Level {
                t: 0.5,
                alpha: 1.0,
                sigma: *s,
            };
            let x: Vec<f64> = x0.iter().zip(&z).map(|(x0, z)| x0 + s * z).collect();
            let (mut own, mut exact) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            self.prepare(&level).x_hat(&x, &mut own);
            blanket.at(&level).x_hat(&x, &mut exact);
            let gaps = own.iter().zip(&exact).map(|(a, b)| (a - b) * (a - b));
            let own = gaps.sum::<f64>() / count as f64 / (s * s);
            // s² tr C⁻¹.
            let full: f64 = Gains::new(&self.chain, s * s)
                .precisions(&self.chain)
                .iter()
                .sum();
            let missing = blanket.score_error_at(*s);
            (missing * missing + own / full).sqrt()
        };
        Ok(ratios.iter().map(at).collect())
    }
}

struct At<'a> {
    fold: Fold,
    window: Box<dyn JacobianAt + 'a>,
}

impl At<'_> {
    /// Calls `f(x_t, v, out)` for groups of chains.
    fn each(
        &self,
        (x_t, v): (&[f64], &[f64]),
        out: &mut [f64],
        mut f: impl FnMut(&[f64], &[f64], &mut [f64]),
    ) {
        assert!(
            x_t.len() == out.len() && v.len() == out.len(),
            "one x̂ a coordinate"
        );
        let some = TOGETHER.div_ceil(self.fold.windows()) * self.fold.length * self.fold.states;
        let inputs = x_t.chunks(some).zip(v.chunks(some));
        for ((x_t, v), out) in inputs.zip(out.chunks_mut(some)) {
            f(x_t, v, out);
        }
    }
}

impl DenoiseAt for At<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        let (mut windows, mut x_hat) = (vec![], vec![]);
        self.each((x_t, x_t), out, |x_t, _, out| {
            self.fold.unfold(x_t, &mut windows);
            x_hat.resize(windows.len(), 0.0);
            self.window.x_hat(&windows, &mut x_hat);
            self.fold.fold(&x_hat, out);
        });
    }
}

impl JacobianAt for At<'_> {
    fn jvp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        let (mut windows, mut into, mut turned) = (vec![], vec![], vec![]);
        self.each((x_t, v), out, |x_t, v, out| {
            self.fold.unfold(x_t, &mut windows);
            self.fold.unfold(v, &mut into);
            turned.resize(into.len(), 0.0);
            self.window.jvp(&windows, &into, &mut turned);
            self.fold.fold(&turned, out);
        });
    }

    fn vjp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        let (mut windows, mut into, mut turned) = (vec![], vec![], vec![]);
        self.each((x_t, v), out, |x_t, v, out| {
            self.fold.unfold(x_t, &mut windows);
            self.fold.spread(v, &mut into);
            turned.resize(into.len(), 0.0);
            self.window.vjp(&windows, &into, &mut turned);
            self.fold.gather(&turned, out);
        });
    }

    fn accuracy(&self) -> f64 {
        self.window.accuracy()
    }
}

impl Denoiser for Windows {
    /// Between x̂ of the windows and a product, which goes through their denoiser twice or three times.
    fn price(&self) -> usize {
        self.fold.windows() * self.window.price() * 9 / 4
    }

    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(self.prepare(level))
    }
}

impl Differentiable for Windows {
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(self.prepare(level))
    }
}
