//! Films of the stationary flow: the data of a training.

use super::parameters::Parameters;
use super::solver::Solver;
use super::start;
use crate::error::Error;
use crate::rng::Noise;
use std::ops::Range;

/// Which films: a pure function of this makes their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The flow and the clock of the films.
    pub parameters: Parameters,
    /// The seed of the random fields.
    pub seed: u64,
    /// Which random fields: one film each.
    pub indices: Range<u32>,
    /// Frames of a film, the first at the time [`start::SPIN_UP`].
    pub frames: usize,
}

impl Request {
    /// The seed of all data that ship.
    const SEED: u64 = 0;

    /// The 96 films of 160 frames that the networks learn from, and from which the Gaussian law of windows is measured.
    pub fn training() -> Self {
        Self::of(0..96)
    }

    /// The 24 films of 160 frames by which networks are judged.
    pub fn validation() -> Self {
        Self::of(96..120)
    }

    /// The first frames of the 16 films from which truths start. No training sees them.
    pub fn states() -> Self {
        Self {
            frames: 1,
            ..Self::of(120..136)
        }
    }

    fn of(indices: Range<u32>) -> Self {
        Self {
            parameters: Parameters::default(),
            seed: Self::SEED,
            indices,
            frames: 160,
        }
    }

    /// The same films, but of these random fields only.
    pub fn part(&self, indices: Range<u32>) -> Self {
        Self {
            indices,
            ..self.clone()
        }
    }

    /// One line that names everything that the numbers depend on.
    fn line(&self) -> String {
        let Self { parameters: p, .. } = self;
        format!(
            "scorefield films 3 pixels={} viscosity={} drag={} forcing={} wave={} interval={} dt={} seed={} indices={}..{} frames={}\n",
            p.pixels,
            p.viscosity,
            p.drag,
            p.forcing,
            p.wave,
            p.interval,
            p.dt,
            self.seed,
            self.indices.start,
            self.indices.end,
            self.frames
        )
    }

    /// The numbers of all films.
    fn numbers(&self) -> usize {
        self.indices.len() * self.frames * self.parameters.pixels * self.parameters.pixels
    }
}

/// Films of ω in f32, `[films][frames][y][x]`, per time.
///
/// Held by `tests/kolmogorov/films.rs`: `films_are_the_flow_from_their_random_fields`.
#[derive(Debug, Clone, PartialEq)]
pub struct Films {
    pixels: usize,
    wave: usize,
    frames: usize,
    numbers: Vec<f32>,
}

impl Films {
    /// Films of n × n pixels, k_f waves and `frames` frames each, `[films][frames][y][x]`.
    ///
    /// # Panics
    /// If the numbers are no whole number of films.
    pub fn new((pixels, wave): (usize, usize), frames: usize, numbers: Vec<f32>) -> Self {
        let whole = numbers.len().is_multiple_of(frames * pixels * pixels);
        assert!(whole, "a whole number of films");
        Self {
            pixels,
            wave,
            frames,
            numbers,
        }
    }

    /// Computes the films one after the other. `done` is called several times a film with the share of all films that is
    /// done, from 0 to 1.
    ///
    /// # Errors
    /// Those of [`Solver::advance`] and [`Parameters::check`].
    pub fn compute(request: &Request, done: &mut dyn FnMut(f64)) -> Result<Self, Error> {
        let Parameters { pixels, wave, .. } = request.parameters;
        let solver = Solver::new(request.parameters)?;
        let noise = Noise::new(request.seed);
        let mut numbers = Vec::with_capacity(request.numbers());
        let count = request.indices.len() as f64;
        // Work is counted in steps of the solver.
        let of_film = (request.frames * request.parameters.steps()) as f64;
        let spin_up = start::SPIN_UP / start::STEP;
        let whole = spin_up + of_film;
        for (film, index) in request.indices.clone().enumerate() {
            let mut share = |steps: f64| done((film as f64 + steps / whole) / count);
            let mut omega = start::stationary(request.parameters, &noise, index, &mut |part| {
                share(part * spin_up);
            })?;
            for frame in 0..request.frames {
                if frame > 0 {
                    solver.advance(&mut omega)?;
                }
                numbers.extend(omega.iter().map(|w| *w as f32));
                share(spin_up + of_film * (frame + 1) as f64 / request.frames as f64);
            }
        }
        Ok(Self::new((pixels, wave), request.frames, numbers))
    }

    /// The films of several requests that differ in their random fields only, as one.
    ///
    /// # Panics
    /// If there is none, or they differ in their sizes.
    pub fn joined(parts: Vec<Self>) -> Self {
        let mut parts = parts.into_iter();
        let Some(mut all) = parts.next() else {
            panic!("at least one part");
        };
        for part in parts {
            let sizes = |films: &Self| (films.pixels, films.wave, films.frames);
            assert_eq!(sizes(&part), sizes(&all), "films of one size");
            all.numbers.extend(part.numbers);
        }
        all
    }

    /// The bytes of a file: a line that names the request, then the numbers in little-endian order.
    pub fn to_bytes(&self, request: &Request) -> Vec<u8> {
        let mut out = request.line().into_bytes();
        self.numbers
            .iter()
            .for_each(|x| out.extend(x.to_le_bytes()));
        out
    }

    /// The films of a file; `None` if it holds other films or was cut short.
    ///
    /// Held by `tests/kolmogorov/films.rs`: `a_file_of_films_is_read_only_for_its_request`.
    pub fn from_bytes(request: &Request, bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(request.line().as_bytes())?;
        let Parameters { pixels, wave, .. } = request.parameters;
        let (numbers, over) = rest.as_chunks::<4>();
        let whole = over.is_empty() && numbers.len() == request.numbers();
        let numbers = numbers.iter().map(|x| f32::from_le_bytes(*x));
        whole.then(|| Self::new((pixels, wave), request.frames, numbers.collect()))
    }

    /// n.
    pub fn pixels(&self) -> usize {
        self.pixels
    }

    /// k_f.
    pub fn wave(&self) -> usize {
        self.wave
    }

    /// Number of films.
    pub fn count(&self) -> usize {
        self.numbers.len() / (self.frames * self.pixels * self.pixels)
    }

    /// Frames of a film.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// A film, `[frames][y][x]`.
    ///
    /// # Panics
    /// If there is no film with this number.
    pub fn film(&self, film: usize) -> &[f32] {
        let size = self.frames * self.pixels * self.pixels;
        &self.numbers[film * size..(film + 1) * size]
    }

    /// √⟨ω²⟩ over all numbers: the unit S, per time.
    ///
    /// Held by `tests/kolmogorov/films.rs`: `films_are_the_flow_from_their_random_fields`.
    pub fn rms(&self) -> f64 {
        let squares = self.numbers.iter().map(|x| f64::from(*x) * f64::from(*x));
        (squares.sum::<f64>() / self.numbers.len() as f64).sqrt()
    }
}
