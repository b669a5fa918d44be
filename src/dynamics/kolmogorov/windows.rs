//! Windows of consecutive frames, drawn from films: what a training sees.

use super::UNIT;
use super::films::Films;
use super::symmetry::Symmetry;
use crate::rng::Noise;
use crate::rng::Stream;

/// Draws windows `[frames][y][x]` of consecutive frames from films, each after one symmetry of the flow, in units of S.
///
/// A draw is a pure function of (films, seed, step, its number in the batch). All frames of a window get the same symmetry.
///
/// Held by `tests/kolmogorov/films.rs`: `a_window_is_a_piece_of_a_film_after_a_symmetry`,
/// `a_draw_of_windows_depends_on_seed_step_and_place_only`.
#[derive(Debug, Clone)]
pub struct Windows {
    films: Films,
    frames: usize,
}

/// Which window: film, first frame, symmetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The film.
    pub film: usize,
    /// The first frame of the window in the film.
    pub first: usize,
    /// The index of the symmetry ([`Symmetry::new`]).
    pub symmetry: usize,
}

impl Windows {
    /// Windows of `frames` frames.
    ///
    /// # Panics
    /// If the films have fewer frames.
    pub fn new(films: Films, frames: usize) -> Self {
        assert!(
            (1..=films.frames()).contains(&frames),
            "a window is a piece of a film"
        );
        Self { films, frames }
    }

    /// The films.
    pub fn films(&self) -> &Films {
        &self.films
    }

    /// The numbers of a window.
    pub fn numbers(&self) -> usize {
        self.frames * self.films.pixels() * self.films.pixels()
    }

    /// Which window the draw of number `item` in the batch of a step is. Uniform over films, first frames and symmetries.
    pub fn place(&self, seed: u64, step: u32, item: usize) -> Place {
        let noise = Noise::new(seed);
        let pick = |which: usize, count: usize| {
            let u = noise.uniform(Stream::Windows, step, (4 * item + which) as u64);
            ((u * count as f64) as usize).min(count - 1)
        };
        Place {
            film: pick(0, self.films.count()),
            first: pick(1, self.films.frames() + 1 - self.frames),
            symmetry: pick(2, Symmetry::count(self.films.pixels(), self.films.wave())),
        }
    }

    /// Writes one window to `out`.
    ///
    /// # Panics
    /// If `out` has another size, or there is no such place.
    pub fn at(&self, place: Place, out: &mut [f32]) {
        assert_eq!(out.len(), self.numbers(), "a window");
        let (n, wave) = (self.films.pixels(), self.films.wave());
        let symmetry = Symmetry::new(n, wave, place.symmetry);
        let film = &self.films.film(place.film)[place.first * n * n..];
        for (frame, out) in film.chunks_exact(n * n).zip(out.chunks_exact_mut(n * n)) {
            symmetry.image(frame, out);
        }
        let unit = UNIT as f32;
        out.iter_mut().for_each(|x| *x /= unit);
    }

    /// Fills `out` with the batch of a step, `[batch][frames][y][x]`.
    ///
    /// # Panics
    /// If `out` is no whole number of windows.
    pub fn draw(&self, seed: u64, step: u32, out: &mut [f32]) {
        assert!(
            out.len().is_multiple_of(self.numbers()),
            "a whole number of windows"
        );
        for (item, out) in out.chunks_exact_mut(self.numbers()).enumerate() {
            self.at(self.place(seed, step, item), out);
        }
    }
}
