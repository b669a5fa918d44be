//! The committed states from which truths start.

use super::grid::Grid;
use super::grid::Mode;
use super::symmetry::SYMMETRIES;
use super::symmetry::Symmetry;
use crate::rng::Noise;
use crate::rng::Stream;
use rustfft::num_complex::Complex;

/// Pixels along a side of a committed state.
const PIXELS: usize = 32;
/// k_f of their flow.
const WAVE: usize = 4;
/// One unit of the last place of a committed number, per time.
const QUANTUM: f64 = 1.0 / 1024.0;
/// States for truths of links, and those kept for tests.
const OPEN: usize = 12;
const KEPT: usize = 4;
/// Sixteen fields `[y][x]` of 16-bit integers, in little-endian order.
const BYTES: &[u8] = include_bytes!("../../../nets/kolmogorov-states.i16");

/// The first frame of a truth: a committed state of the stationary flow after a symmetry. No training sees these states.
///
/// The flow is chaotic, so a truth that were computed from time 0 would amplify the last bits of the platform. A truth
/// starts from a committed state instead.
///
/// Held by `tests/kolmogorov/films.rs`: `a_committed_state_is_the_flow_from_its_random_field`,
/// `truths_of_links_and_of_tests_share_no_state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth {
    /// Which of the 16 states.
    pub state: usize,
    /// The index of its symmetry ([`Symmetry::new`]).
    pub symmetry: usize,
}

impl Truth {
    /// The truth of a seed, one of 12 states and 512 symmetries.
    pub fn of_seed(seed: u64) -> Self {
        Self::pick(seed, 0, OPEN)
    }

    /// A truth for tests alone, one of 4 states and 512 symmetries, which [`Truth::of_seed`] never gives.
    pub fn kept(seed: u64) -> Self {
        Self::pick(seed, OPEN, KEPT)
    }

    fn pick(seed: u64, first: usize, count: usize) -> Self {
        let noise = Noise::new(seed);
        let pick = |which: u64, count: usize| {
            let u = noise.uniform(Stream::Truth, 0, which);
            ((u * count as f64) as usize).min(count - 1)
        };
        Self {
            state: first + pick(0, count),
            symmetry: pick(1, SYMMETRIES),
        }
    }

    /// ω on 32 × 32 pixels, per time.
    ///
    /// # Panics
    /// If there is no such state.
    pub fn field(&self) -> Vec<f64> {
        assert!(self.state < OPEN + KEPT, "one of 16 states");
        let size = PIXELS * PIXELS;
        let (numbers, _) = BYTES.as_chunks::<2>();
        let own = &numbers[self.state * size..][..size];
        let own = own
            .iter()
            .map(|x| f64::from(i16::from_le_bytes(*x)) * QUANTUM);
        let mut out = vec![0.0; size];
        Symmetry::new(PIXELS, WAVE, self.symmetry).image(&own.collect::<Vec<_>>(), &mut out);
        out
    }

    /// ω on the pixels of a grid: the waves that both have. On more pixels the field is the same, on fewer a smoother one.
    ///
    /// Held by `tests/kolmogorov/films.rs`: `a_state_on_more_pixels_is_the_same_field`.
    pub fn on(&self, grid: &Grid) -> Vec<f64> {
        let own = Grid::new(PIXELS);
        let spectrum = own.spectrum(&self.field());
        let zero = Complex::new(0.0, 0.0);
        let of = |mode: &Mode| own.find(mode.kx, mode.ky).map_or(zero, |at| spectrum[at]);
        grid.field(&grid.modes().iter().map(of).collect::<Vec<_>>())
    }
}

/// The bytes of states `[states][y][x]`, as they are committed: multiples of 1/1024, which is below a thousandth of the
/// standard deviation; `None` if a number is beyond ±32.
///
/// Held by `tests/kolmogorov/films.rs`: `a_committed_state_is_the_flow_from_its_random_field`.
pub fn to_bytes(states: &[f32]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(2 * states.len());
    for x in states {
        let number = libm::round(f64::from(*x) / QUANTUM);
        if !(f64::from(i16::MIN)..=f64::from(i16::MAX)).contains(&number) {
            return None;
        }
        out.extend((number as i16).to_le_bytes());
    }
    Some(out)
}
