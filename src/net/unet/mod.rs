//! A convolutional network on windows of frames, which corrects the linear (Wiener) denoiser of the window.
//!
//! With u = x_t/α and s = σ/α it is
//!
//! x̂ = x̂_W + √v(s)·F(u, x̂_W, s),
//!
//! where x̂_W is the denoiser of a Gaussian law with the mean m and the covariance of the windows, and v(s) its mean square
//! error ([`Skip`]). F sees (u − m)/√(1+s²), (x̂_W − m)/(√E(x̂_W−m)² + 0.02) and cos 4y, as 11 channels.
//!
//! F is a U-Net without norms. Space is folded by 2×2 into channels (44 of 16×16); a 3×3 convolution; three levels of
//! 16×16, 8×8 and 4×4 pixels with residual blocks, joined by 2×2 convolutions of stride 2 and their transposes, and by
//! skips that are added; SiLU and a 3×3 convolution to 20 channels, unfolded to 5 frames. Every 3×3 convolution is
//! circular. A block is
//!
//! x + conv₂ SiLU((1 + g)·conv₁ SiLU(x) + b),
//!
//! where g and b are affine in an embedding of s: sines and cosines of 2ʲ·⅛ ln s, j = 0…7, and two layers of 64 with
//! SiLU.
//!
//! [`FieldLoops`] runs it in f32 loops, with the same bits everywhere; the feature `unet` has it on tensors, for training.
//! [`plain`] is this in f64 loops; both are compared with it.
//!
//! Held by `tests/unet.rs`: `the_shapes_have_the_weights_that_are_said`, `x_hat_on_tensors_is_that_of_plain_loops`.

mod around;
pub mod catalog;
mod denoiser;
mod file;
pub mod half;
mod linear;
mod loops;
pub mod measure;
mod network;
pub mod plain;
pub mod recipe;
mod shape;
mod size;
mod window;

pub use around::Around;
pub use denoiser::{FieldDenoiser, Network, Prepared};
pub use linear::{Linear, Matrix, Reach};
pub use loops::{FieldLoops, Step, channels, map};
pub use network::FieldNet;
pub use shape::{LARGE, SMALL, Shape, Slot, Use, embedding};
pub use size::{FRAME, FRAMES, PIXELS, SEEN, SIDE, WAVE, WINDOW};
pub use window::{At, Skip, Source, fold, unfold};

#[cfg(test)]
mod tests;
