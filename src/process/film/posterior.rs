//! The law of a film given some of its pixels.

use super::law::GaussianFilm;
use super::solve::Factor;
use crate::error::Error;
use crate::rng::Noise;
use crate::rng::Stream;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Most observed numbers: the system is dense, and its factor takes m³/3 products.
pub const MOST: usize = 2000;

/// The posterior of a [`GaussianFilm`] given y = x at some pixels + N(0, r²), as far as it is computed.
pub struct Preparing {
    law: Rc<GaussianFilm>,
    /// Observed numbers of a film `[frame][y][x]`, increasing.
    seen: Vec<usize>,
    noise: f64,
    /// Cov of two frames that are observed, by their distance.
    covariances: BTreeMap<(usize, usize), Vec<f64>>,
    /// The lower triangle of S.
    numbers: Vec<f64>,
    filled: usize,
    factor: Option<Factor>,
}

/// The law of a film given y = x at some pixels + N(0, r²):
///
/// E[x given y] = m + CAᵀ(ACAᵀ + r²I)⁻¹(y − Am), where A takes the observed pixels.
///
/// Held by `tests/kolmogorov/gaussian.rs`: `the_posterior_mean_is_conditioning_of_the_dense_law`,
/// `draws_of_the_posterior_have_its_mean_and_covariance`.
pub struct Posterior {
    law: Rc<GaussianFilm>,
    seen: Vec<usize>,
    noise: f64,
    factor: Factor,
    /// C_k over the frames.
    matrices: Vec<Vec<f64>>,
}

impl Preparing {
    /// The posterior given the numbers `seen` of a film `[frame][y][x]`, with noise of standard deviation `noise`, to be
    /// computed in parts.
    ///
    /// # Errors
    /// If nothing is observed, or more than [`MOST`] numbers; if the places do not increase or are not in the film; if `noise` is
    /// not finite and above 0.
    pub fn new(law: Rc<GaussianFilm>, seen: Vec<usize>, noise: f64) -> Result<Self, Error> {
        let wrong = |reason: String, remedy: &str| {
            Err(Error::Observation {
                reason,
                remedy: remedy.to_owned(),
            })
        };
        if seen.is_empty() {
            return wrong(
                "Nothing is observed.".to_owned(),
                "Observe at least one pixel.",
            );
        }
        if seen.len() > MOST {
            return wrong(
                format!(
                    "{} numbers are observed, but the exact posterior solves a dense system and takes at most {MOST}.",
                    seen.len()
                ),
                "Observe fewer pixels (spacing, count) or fewer frames (every, given), or choose another method.",
            );
        }
        let inside = seen.last().is_some_and(|last| *last < law.dim());
        if !inside || seen.windows(2).any(|pair| pair[0] >= pair[1]) {
            return wrong(
                "The observed places do not increase within the film.".to_owned(),
                "Sort them, give each once, and stay below frames × pixels².",
            );
        }
        if !noise.is_finite() || noise <= 0.0 {
            return wrong(
                format!("The noise of the observations is {noise}."),
                "Give a standard deviation above 0.",
            );
        }
        Ok(Self {
            covariances: BTreeMap::new(),
            numbers: vec![0.0; seen.len() * seen.len()],
            filled: 0,
            factor: None,
            law,
            seen,
            noise,
        })
    }

    /// Number of parts in all, and of those that are done: a row of S, then a row of its factor.
    pub fn parts(&self) -> [usize; 2] {
        let factored = self.factor.as_ref().map_or(0, |factor| factor.rows()[1]);
        [2 * self.seen.len(), self.filled + factored]
    }

    /// The work of a part in units ([`crate::denoise::Denoiser::price`]), at most.
    pub fn price(&self) -> usize {
        1 + self.seen.len() * self.seen.len() / 128
    }

    /// Computes the next part. Returns whether all are computed.
    ///
    /// # Errors
    /// If S is not positive definite up to rounding.
    pub fn part(&mut self) -> Result<bool, Error> {
        if self.filled < self.seen.len() {
            self.fill();
            return Ok(false);
        }
        let (size, numbers) = (self.seen.len(), &mut self.numbers);
        let factor = self
            .factor
            .get_or_insert_with(|| Factor::new(size, std::mem::take(numbers)));
        if !factor.row() {
            return Err(Error::Observation {
                reason: "The covariance of the observations is singular up to rounding.".to_owned(),
                remedy: "Give the observations more noise.".to_owned(),
            });
        }
        let [all, done] = factor.rows();
        Ok(all == done)
    }

    /// A row of S = ACAᵀ + r²I, up to its diagonal.
    fn fill(&mut self) {
        let (n, row) = (self.law.pixels(), self.filled);
        let place = |number: usize| (number / (n * n), number / n % n, number % n);
        let (i, y, x) = place(self.seen[row]);
        for (column, other) in self.seen[..=row].iter().enumerate() {
            let (j, down, across) = place(*other);
            let law = &self.law;
            let covariance = self
                .covariances
                .entry((i, j))
                .or_insert_with(|| law.covariance(i, j));
            let at = (y + n - down) % n * n + (x + n - across) % n;
            self.numbers[row * self.seen.len() + column] = covariance[at];
        }
        self.numbers[row * self.seen.len() + row] += self.noise * self.noise;
        self.filled += 1;
    }
}

impl Posterior {
    /// The posterior, in one call; see [`Preparing`].
    ///
    /// # Errors
    /// Those of [`Preparing::new`] and [`Preparing::part`].
    pub fn new(law: Rc<GaussianFilm>, seen: Vec<usize>, noise: f64) -> Result<Self, Error> {
        let mut preparing = Preparing::new(law, seen, noise)?;
        while !preparing.part()? {}
        Self::of(preparing)
    }

    /// The posterior that was prepared.
    ///
    /// # Errors
    /// If not all parts are computed.
    pub fn of(preparing: Preparing) -> Result<Self, Error> {
        let [all, done] = preparing.parts();
        match preparing.factor {
            Some(factor) if all == done => Ok(Self {
                matrices: preparing.law.matrices(|l| l),
                law: preparing.law,
                seen: preparing.seen,
                noise: preparing.noise,
                factor,
            }),
            _ => Err(Error::NotYet {
                what: "exact posterior",
            }),
        }
    }

    /// E[x given y] for y in the order of the observed places; `[frame][y][x]`.
    ///
    /// # Panics
    /// If `y` has another length.
    pub fn mean(&self, y: &[f64]) -> Vec<f64> {
        let m = self.law.mean_field();
        let own: Vec<f64> = self.seen.iter().map(|at| m[at % m.len()]).collect();
        let mut out = self.pulled(y, &own);
        for frame in out.chunks_exact_mut(m.len()) {
            frame.iter_mut().zip(&m).for_each(|(x, m)| *x += m);
        }
        out
    }

    /// CAᵀS⁻¹(y − own).
    fn pulled(&self, y: &[f64], own: &[f64]) -> Vec<f64> {
        assert_eq!(y.len(), self.seen.len(), "a value a place");
        let mut weights: Vec<f64> = y.iter().zip(own).map(|(y, own)| y - own).collect();
        self.factor.solve(&mut weights);
        let mut film = vec![0.0; self.law.dim()];
        for (at, weight) in self.seen.iter().zip(weights) {
            film[*at] = weight;
        }
        let mut out = vec![0.0; film.len()];
        self.law.apply(&self.matrices, [0.0, 0.0], &film, &mut out);
        out
    }

    /// A film drawn from the posterior: x + CAᵀS⁻¹(y − Ax − r·z) for x of the law (Matheron's rule). It is the draw number
    /// `index` of [`Stream::Reference`].
    ///
    /// Held by `tests/kolmogorov/gaussian.rs`: `draws_of_the_posterior_have_its_mean_and_covariance`.
    ///
    /// # Panics
    /// If `y` has another length.
    pub fn sample(&self, noise: &Noise, y: &[f64], index: u64) -> Vec<f64> {
        let mut out = vec![0.0; self.law.dim()];
        self.law
            .sample(noise, Stream::Reference, 0, index, &mut out);
        let mut z = vec![0.0; self.seen.len()];
        noise.normals(Stream::Reference, 1, index * z.len() as u64, &mut z);
        let pairs = self.seen.iter().zip(&z);
        let own: Vec<f64> = pairs.map(|(at, z)| out[*at] + self.noise * z).collect();
        let change = self.pulled(y, &own);
        out.iter_mut()
            .zip(change)
            .for_each(|(x, change)| *x += change);
        out
    }
}
