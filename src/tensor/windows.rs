//! The score of a chain from a network on its windows, on tensors.
//!
//! Held by `tests/tensor/windows.rs`: `windows_on_tensors_are_those_of_plain_loops`,
//! `guidance_round_windows_is_that_of_the_host`.

use super::network::{Network, Tape};
use super::upload::Place;
use crate::level::Level;
use crate::net::Net;
use burn::tensor::{Int, Tensor};

/// Chains `[n, L·p]` are unfolded into L − 2k windows of 2k + 1 states, a network denoises each window, and the results
/// are folded: the first k states come from the first window, the middle state from every window, and the last k states
/// from the last window (Rozet & Louppe 2023, algorithm 2; see [`crate::process::lgssm::Blanket`]).
#[derive(Debug, Clone)]
pub struct Windows {
    network: Network,
    /// Length of a chain, length of a window (both in numbers), and number of windows.
    dim: usize,
    size: usize,
    count: usize,
    /// For each number of each window, its position in the chain.
    unfold: Tensor<1, Int>,
    /// For each number of the chain, its position in the windows.
    fold: Tensor<1, Int>,
    /// The transposes. For each number of each window: the number of the chain that folding takes from it. For each
    /// number of the chain: its positions in all windows. A missing position is the column of zeros after the last.
    turned_fold: Tensor<1, Int>,
    turned_unfold: Tensor<1, Int>,
    /// Largest number of windows that contain one number of the chain.
    most: usize,
}

impl Windows {
    /// The windows of 2k + 1 states in a chain of `length` states with net.dim()/(2k + 1) numbers each.
    ///
    /// # Panics
    /// If the coordinates of the network are not a multiple of 2k + 1, or the chain is shorter than a window.
    pub fn new(net: &Net, length: usize, k: usize, place: &Place) -> Self {
        let states = 2 * k + 1;
        let size = net.dim();
        assert!(
            size.is_multiple_of(states) && length >= states,
            "whole windows of the chain"
        );
        let p = size / states;
        let (dim, count) = (length * p, length - 2 * k);
        let unfold = (0..count * size).map(|i| i / size * p + i % size);
        let fold: Vec<usize> = (0..dim)
            .map(|i| {
                let window = (i / p).saturating_sub(k).min(count - 1);
                window * size + i - window * p
            })
            .collect();
        let mut taken = vec![dim; count * size];
        fold.iter().enumerate().for_each(|(i, at)| taken[*at] = i);
        // Number i is in window w at the position i − w·p, if the window has this position.
        let standing = |i: usize| {
            (0..states).map(move |back| match (i / p).checked_sub(back) {
                Some(w) if w < count => w * size + i - w * p,
                _ => count * size,
            })
        };
        Self {
            network: Network::new(net, place),
            unfold: place.columns(unfold),
            turned_fold: place.columns(taken),
            turned_unfold: place.columns((0..dim).flat_map(standing)),
            fold: place.columns(fold),
            dim,
            size,
            count,
            most: states,
        }
    }

    /// Number of columns of the largest tensor.
    pub fn width(&self) -> usize {
        self.count * self.network.width().max(self.size)
    }

    fn unfolded(&self, x: Tensor<2>) -> Tensor<2> {
        let [n, _] = x.dims();
        x.select(1, self.unfold.clone())
            .reshape([n * self.count, self.size])
    }

    fn folded(&self, windows: Tensor<2>) -> Tensor<2> {
        let n = windows.dims()[0] / self.count;
        windows
            .reshape([n, self.count * self.size])
            .select(1, self.fold.clone())
    }

    /// x̂ at one level, with its tape.
    pub(super) fn at(&self, level: &Level, x_t: Tensor<2>) -> (Tensor<2>, WindowsAt<'_>) {
        let (x_hat, tape) = self.network.taped(level, self.unfolded(x_t));
        let at = WindowsAt {
            windows: self,
            tape,
        };
        (self.folded(x_hat), at)
    }
}

/// The Jacobian of the x̂ of the windows at some points.
pub(super) struct WindowsAt<'w> {
    windows: &'w Windows,
    tape: Tape<'w>,
}

impl WindowsAt<'_> {
    /// J·v, `[n, dim]`.
    pub fn jvp(&self, v: Tensor<2>) -> Tensor<2> {
        let own = self.windows;
        own.folded(self.tape.jvp(own.unfolded(v)))
    }

    /// Jᵀ·w, `[n, dim]`, with the transposes of folding and unfolding: choices of columns, and sums of them.
    pub fn vjp(&self, w: Tensor<2>) -> Tensor<2> {
        let own = self.windows;
        let [n, _] = w.dims();
        let unfolded = padded(w)
            .select(1, own.turned_fold.clone())
            .reshape([n * own.count, own.size]);
        let back = self.tape.vjp(unfolded).reshape([n, own.count * own.size]);
        padded(back)
            .select(1, own.turned_unfold.clone())
            .reshape([n * own.dim, own.most])
            .sum_dim(1)
            .reshape([n, own.dim])
    }
}

/// Appends a column of zeros.
fn padded(x: Tensor<2>) -> Tensor<2> {
    let [n, _] = x.dims();
    let zeros = Tensor::zeros([n, 1], (&x.device(), x.dtype()));
    Tensor::cat(vec![x, zeros], 1)
}
