//! The network as a denoiser of the host: slices in, slices out.
//!
//! Held by `tests/unet.rs`: `the_denoiser_takes_windows_of_every_process`, `the_two_products_are_adjoint`.

use super::Around;
use super::Skip;
use super::WINDOW;
use crate::denoise::DenoiseAt;
use crate::denoise::Denoiser;
use crate::denoise::Differentiable;
use crate::denoise::JacobianAt;
use crate::error::Error;
use crate::level::Level;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

/// Windows that go through the layers together.
const TOGETHER: usize = 16;
/// Windows whose forward passes are kept for a vjp: a film of 32 frames has 28. A window takes 0.7 MB.
const KEPT: usize = 32;
/// Multiplications in a unit of work ([`Denoiser::price`]), about: as many as take 17 ns of processor time in V8.
const PRODUCTS: usize = 160;

/// F, by some means: f32 loops ([`super::FieldLoops`]) or tensors.
pub trait Network {
    /// What a pull needs of a forward pass.
    type Tape;
    /// F at a noise ratio.
    type At<'n>: Prepared<Tape = Self::Tape>
    where
        Self: 'n;

    /// Prepares what depends on the ratio s only.
    fn at(&self, s: f64) -> Self::At<'_>;
}

/// F at a noise ratio. Arrays hold n windows: what F sees is `[n][44][16][16]`, F is `[n][20][16][16]`.
pub trait Prepared {
    /// What a pull needs of a forward pass.
    type Tape;

    /// F.
    ///
    /// # Errors
    /// If a device is lost.
    fn output(&self, seen: Vec<f64>) -> Result<Vec<f64>, Error>;

    /// F, and what a pull needs.
    ///
    /// # Errors
    /// As [`Prepared::output`].
    fn taped(&self, seen: Vec<f64>) -> Result<(Vec<f64>, Self::Tape), Error>;

    /// The change of F where what it sees changes by `change`.
    ///
    /// # Errors
    /// As [`Prepared::output`].
    fn pushed(&self, seen: Vec<f64>, change: Vec<f64>) -> Result<Vec<f64>, Error>;

    /// The gradient of Σ F·seed with respect to what F sees.
    ///
    /// # Errors
    /// As [`Prepared::output`].
    fn pulled(&self, tape: Self::Tape, seed: Vec<f64>) -> Result<Vec<f64>, Error>;
}

/// The denoiser of windows `[frame][y][x]` of a network.
pub struct FieldDenoiser<N: Network> {
    network: N,
    skip: Arc<dyn Skip>,
    products: usize,
    kept: RefCell<VecDeque<Kept<N::Tape>>>,
}

/// A forward pass that waits for its vjp: guidance asks for x̂ of all windows of a film first, and then pulls back.
struct Kept<T> {
    /// The noise ratio, and the factor of x_t.
    at: [f64; 2],
    x_t: Vec<f64>,
    tape: T,
}

impl<N: Network> FieldDenoiser<N> {
    /// The denoiser of a network that corrects `skip` and has `products` multiplications a window
    /// ([`crate::net::unet::Shape::products`]).
    pub fn new(network: N, skip: Arc<dyn Skip>, products: usize) -> Self {
        Self {
            network,
            skip,
            products,
            kept: RefCell::default(),
        }
    }

    fn keep(&self, kept: Kept<N::Tape>) {
        let mut all = self.kept.borrow_mut();
        all.push_back(kept);
        let windows =
            |all: &VecDeque<Kept<N::Tape>>| all.iter().map(|k| k.x_t.len() / WINDOW).sum::<usize>();
        while windows(&all) > KEPT {
            all.pop_front();
        }
    }

    /// The forward pass that was kept at these points, which is used up.
    fn kept(&self, at: [f64; 2], x_t: &[f64]) -> Option<N::Tape> {
        let mut all = self.kept.borrow_mut();
        let place = all.iter().position(|k| k.at == at && k.x_t == x_t)?;
        all.remove(place).map(|kept| kept.tape)
    }

    fn prepare(&self, level: &Level, keeps: bool) -> Windows<'_, N> {
        let around = Around::new(self.skip.as_ref(), level);
        Windows {
            own: self,
            network: self.network.at(around.s()),
            around,
            keeps,
        }
    }
}

impl<N: Network> Denoiser for FieldDenoiser<N> {
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(self.prepare(level, false))
    }

    fn price(&self) -> usize {
        1 + self.products / PRODUCTS
    }
}

impl<N: Network> Differentiable for FieldDenoiser<N> {
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(self.prepare(level, true))
    }
}

/// The denoiser at one level.
struct Windows<'n, N: Network> {
    own: &'n FieldDenoiser<N>,
    network: N::At<'n>,
    around: Around<'n>,
    /// Whether forward passes are kept for the vjp at the same points.
    keeps: bool,
}

impl<N: Network> Windows<'_, N> {
    /// Where a forward pass is: the noise ratio, and the factor of x_t.
    fn place(&self) -> [f64; 2] {
        [self.around.s(), self.around.scale()]
    }

    /// x̂ of some windows.
    fn some(&self, x_t: &[f64]) -> Result<Vec<f64>, Error> {
        let [seen, guess] = self.around.seen(x_t);
        let f = match self.keeps {
            false => self.network.output(seen)?,
            true => {
                let (f, tape) = self.network.taped(seen)?;
                let (at, x_t) = (self.place(), x_t.to_vec());
                self.own.keep(Kept { at, x_t, tape });
                f
            }
        };
        Ok(self.around.corrected(&guess, &f))
    }

    /// The forward pass at these points, a kept one if there is one.
    fn tape(&self, x_t: &[f64]) -> Result<N::Tape, Error> {
        match self.own.kept(self.place(), x_t) {
            Some(tape) => Ok(tape),
            None => {
                let [seen, _] = self.around.seen(x_t);
                Ok(self.network.taped(seen)?.1)
            }
        }
    }

    /// Jᵀ·v of some windows.
    fn pulled(&self, x_t: &[f64], v: &[f64]) -> Result<Vec<f64>, Error> {
        let tape = self.tape(x_t)?;
        let gradient = self.network.pulled(tape, self.around.seeds(v))?;
        Ok(self.around.pulled(v, &gradient))
    }

    /// J·v of some windows.
    fn pushed(&self, x_t: &[f64], v: &[f64]) -> Result<Vec<f64>, Error> {
        let [seen, _] = self.around.seen(x_t);
        let [change, guess] = self.around.changes(v);
        let f = self.network.pushed(seen, change)?;
        Ok(self.around.corrected(&guess, &f))
    }

    /// Calls `f(x_t, v)` for groups of windows.
    fn each(
        &self,
        (x_t, v): (&[f64], &[f64]),
        out: &mut [f64],
        f: impl Fn(&[f64], &[f64]) -> Result<Vec<f64>, Error>,
    ) {
        let fits = x_t.len() == out.len() && v.len() == out.len();
        assert!(
            fits && out.len().is_multiple_of(WINDOW),
            "whole windows of {WINDOW} numbers, one output each"
        );
        let some = TOGETHER * WINDOW;
        let inputs = x_t.chunks(some).zip(v.chunks(some));
        for ((x_t, v), out) in inputs.zip(out.chunks_mut(some)) {
            // Loops and the CPU backend have no device that could be lost; a NaN would stop the run with a message.
            match f(x_t, v) {
                Ok(values) => out.copy_from_slice(&values),
                Err(_) => out.fill(f64::NAN),
            }
        }
    }
}

impl<N: Network> DenoiseAt for Windows<'_, N> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        self.each((x_t, x_t), out, |x_t, _| self.some(x_t));
    }
}

impl<N: Network> JacobianAt for Windows<'_, N> {
    fn jvp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.each((x_t, v), out, |x_t, v| self.pushed(x_t, v));
    }

    fn vjp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.each((x_t, v), out, |x_t, v| self.pulled(x_t, v));
    }

    /// The rounding of f32 after several sums.
    fn accuracy(&self) -> f64 {
        1e-4
    }
}
