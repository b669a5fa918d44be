//! What every way to find a film does, piece by piece.

use super::shown::Shown;
use crate::error::Error;
use crate::guide::Asked;
use std::pin::Pin;

/// An answer on its way.
pub(super) type Answering<'a> = Pin<Box<dyn Future<Output = Result<Vec<f64>, Error>> + 'a>>;

/// Answers about windows on a device, which takes time.
pub(super) trait Elsewhere {
    /// The values for all windows that are asked about, one after the other.
    ///
    /// # Errors
    /// If the device is lost.
    fn answer<'a>(&'a mut self, asked: &'a Asked) -> Answering<'a>;
}

/// A way to find a film.
pub(super) trait Way {
    /// Goes on for about `work` units ([`crate::denoise::Denoiser::price`]), or one part, and to the next step at most; what is
    /// spent is taken off, so that less than nothing may be left. Returns the step that is reached; 0 is the start.
    ///
    /// # Errors
    /// If it fails.
    fn advance(&mut self, work: &mut i64) -> Result<Option<usize>, Error>;

    /// Whether nothing is left to do.
    fn is_done(&self) -> bool;

    /// What is shown of it as it stands.
    fn shown(&self) -> Shown;

    /// The samples as they stand, `[…][frames][y][x]`: noisy on their way, NaN where nothing is known.
    fn state(&self) -> Vec<f64> {
        self.samples()
    }

    /// The films at the end, `[…][frames][y][x]`.
    fn samples(&self) -> Vec<f64>;

    /// Evaluations of the score so far.
    fn calls(&self) -> u64 {
        0
    }

    /// Whether the score of windows is answered elsewhere from now on: [`Way::advance`] stops before it.
    fn ask_elsewhere(&mut self, _asks: bool) {}

    /// As [`Way::ask_elsewhere`], from the next evaluation on.
    fn answer_together(&mut self) {}

    /// Whether an answer is waited for.
    fn waits(&self) -> bool {
        false
    }

    /// What is waited for.
    fn asked(&self) -> Option<Asked> {
        None
    }

    /// Takes the answer to [`Way::asked`].
    fn answer(&mut self, _values: &[f64]) {}
}

/// Mean and standard deviation (over N − 1) of films, by number; the deviation of a single film is not known.
pub(super) fn moments(films: &[Vec<f64>]) -> (Vec<f64>, Vec<f64>) {
    let n = films.len() as f64;
    let mut mean = vec![0.0; films.first().map_or(0, Vec::len)];
    for film in films {
        mean.iter_mut().zip(film).for_each(|(m, x)| *m += x / n);
    }
    if films.len() < 2 {
        return (mean, vec![]);
    }
    let mut square = vec![0.0; mean.len()];
    for film in films {
        let gaps = film.iter().zip(&mean).map(|(x, m)| x - m);
        square.iter_mut().zip(gaps).for_each(|(s, g)| *s += g * g);
    }
    let sd = square.iter().map(|s| (s / (n - 1.0)).sqrt()).collect();
    (mean, sd)
}
