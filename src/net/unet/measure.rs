//! How far a denoiser of windows is from clean windows, beside the linear one.

use super::At;
use super::FRAME;
use super::Skip;
use super::WINDOW;
use crate::denoise::Denoiser;
use crate::level::Level;
use crate::rng::Noise;
use crate::rng::Stream;

/// The noise ratios of a model card.
pub const RATIOS: [f64; 10] = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6];

/// The mean square error of a number of x̂ and of x̂_W, over clean windows `[n][frame][y][x]` and fixed noise of the ratio s.
///
/// Held by `tests/unet.rs`: `the_error_of_the_linear_denoiser_is_that_of_its_law`.
pub fn errors(denoiser: &dyn Denoiser, skip: &dyn Skip, clean: &[f64], s: f64) -> [f64; 2] {
    let mut x = vec![0.0; clean.len()];
    Noise::new(1).normals(Stream::Forward, 0, 0, &mut x);
    x.iter_mut()
        .zip(clean)
        .for_each(|(x, clean)| *x = clean + s * *x);
    let level = Level {
        t: 0.5,
        alpha: 1.0,
        sigma: s,
    };
    let mut x_hat = vec![0.0; clean.len()];
    denoiser.at(&level).x_hat(&x, &mut x_hat);
    let at = At::new(skip, s);
    let guess: Vec<f64> = x.chunks(WINDOW).flat_map(|u| at.seen(u).1).collect();
    [x_hat, guess].map(|own| {
        let squares = own.iter().zip(clean).map(|(a, b)| (a - b) * (a - b));
        squares.sum::<f64>() / clean.len() as f64
    })
}

/// The correlation of frames that are `lag` apart, over all such pairs of windows `[n][frame][y][x]`.
///
/// Held by `src/net/unet/tests.rs`: `correlations_of_known_films_are_those`.
pub fn correlation(windows: &[f64], lag: usize) -> f64 {
    let mut sums = [0.0; 3];
    for window in windows.chunks(WINDOW) {
        for (a, b) in window.iter().zip(&window[lag * FRAME..]) {
            sums[0] += a * b;
            sums[1] += a * a;
            sums[2] += b * b;
        }
    }
    sums[0] / (sums[1] * sums[2]).sqrt()
}
