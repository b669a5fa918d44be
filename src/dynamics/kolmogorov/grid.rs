//! The live modes of a field, and products without aliasing.

use super::fft::turned;
use super::plane::Plane;
use super::plane::Scratch;
use rustfft::num_complex::Complex;
use std::f64::consts::TAU;

/// A wave e^{ik·x}, which stands for itself and its conjugate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mode {
    /// kₓ, from 0 to n/2 − 1.
    pub kx: i32,
    /// kᵧ, from −(n/2 − 1) to n/2 − 1; above 0 where kₓ = 0.
    pub ky: i32,
    own: [usize; 2],
    wide: [usize; 2],
}

impl Mode {
    /// kₓ and kᵧ as numbers.
    pub fn k(&self) -> [f64; 2] {
        [f64::from(self.kx), f64::from(self.ky)]
    }

    /// k² = kₓ² + kᵧ².
    pub fn square(&self) -> f64 {
        f64::from(self.kx * self.kx + self.ky * self.ky)
    }
}

/// A periodic square of n × n pixels. A field has the live modes |kₓ|, |kᵧ| ≤ n/2 − 1 but for k = 0. The mean and the waves
/// of n/2 (two pixels a wave), 2n numbers of n², are dead: they are left out.
///
/// The spectrum of a field is ω̂ with ω = Σ ω̂·e^{ik·x} over all live k, of which one of each pair ±k is stored, in the order
/// of [`Grid::modes`]. Products are taken on 3n/2 × 3n/2 pixels, where no live mode of a product of two fields is wrong.
///
/// Held by `tests/kolmogorov/fields.rs`: `live_modes_come_back_and_dead_ones_do_not`,
/// `a_product_has_no_aliases`.
#[derive(Clone)]
pub struct Grid {
    modes: Vec<Mode>,
    own: Plane,
    wide: Plane,
}

/// The memory that work on a grid needs.
pub(super) struct Work {
    field: Vec<Complex<f64>>,
    scratch: Scratch,
}

impl Grid {
    /// A square of `pixels` × `pixels`, an even number of at least 4.
    ///
    /// # Panics
    /// If the number is odd or below 4.
    pub fn new(pixels: usize) -> Self {
        assert!(
            pixels >= 4 && pixels.is_multiple_of(2),
            "an even number of pixels, at least 4"
        );
        let most = pixels / 2 - 1;
        let (own, wide) = (Plane::new(pixels, most), Plane::new(pixels / 2 * 3, most));
        let most = most as i32;
        let mut modes = vec![];
        for kx in 0..=most {
            let first = if kx == 0 { 1 } else { -most };
            modes.extend((first..=most).map(|ky| Mode {
                kx,
                ky,
                own: [own.place(kx, ky), own.place(-kx, -ky)],
                wide: [wide.place(kx, ky), wide.place(-kx, -ky)],
            }));
        }
        Self { modes, own, wide }
    }

    /// n.
    pub fn pixels(&self) -> usize {
        self.own.size()
    }

    /// n², the numbers of a field.
    pub fn numbers(&self) -> usize {
        self.own.numbers()
    }

    /// One of each pair ±k of live modes.
    pub fn modes(&self) -> &[Mode] {
        &self.modes
    }

    /// The place of a wave in the modes; `None` if kₓ < 0, the wave is dead, or its conjugate is stored.
    pub fn find(&self, kx: i32, ky: i32) -> Option<usize> {
        let most = self.pixels() as i32 / 2 - 1;
        let stored = kx > 0 || kx == 0 && ky > 0;
        let at = if kx == 0 {
            ky - 1
        } else {
            most + (kx - 1) * (2 * most + 1) + ky + most
        };
        (stored && kx <= most && ky.abs() <= most).then_some(at as usize)
    }

    /// 2πi/n, the place of pixel i along a side.
    pub fn place(&self, i: usize) -> f64 {
        TAU * i as f64 / self.pixels() as f64
    }

    /// The spectrum of a field `[n²]`.
    ///
    /// # Panics
    /// If the field has another size.
    pub fn spectrum(&self, field: &[f64]) -> Vec<Complex<f64>> {
        self.spectra([field, &[]]).0
    }

    /// The spectra of two fields by one transform; the second field may be empty.
    ///
    /// # Panics
    /// If a field has another size.
    pub fn spectra(&self, fields: [&[f64]; 2]) -> (Vec<Complex<f64>>, Vec<Complex<f64>>) {
        let [a, b] = fields;
        let fits = a.len() == self.numbers() && (b.is_empty() || b.len() == a.len());
        assert!(fits, "a number a pixel");
        let imaginary = b.iter().copied().chain(std::iter::repeat(0.0));
        let pairs = a.iter().zip(imaginary);
        let mut z: Vec<_> = pairs.map(|(a, b)| Complex::new(*a, b)).collect();
        self.own.forward(&mut z, &mut self.own.scratch());
        let scale = 1.0 / self.numbers() as f64;
        let parted = |mode: &Mode| parts(&z, mode.own, scale);
        self.modes.iter().map(parted).unzip()
    }

    /// The field `[n²]` of a spectrum.
    ///
    /// # Panics
    /// If the spectrum has another size.
    pub fn field(&self, spectrum: &[Complex<f64>]) -> Vec<f64> {
        self.fields(spectrum, &[]).0
    }

    /// The fields of two spectra by one transform; the second may be empty, and then its field is 0.
    ///
    /// # Panics
    /// If a spectrum has another size.
    pub fn fields(&self, a: &[Complex<f64>], b: &[Complex<f64>]) -> (Vec<f64>, Vec<f64>) {
        let fits = a.len() == self.modes.len() && (b.is_empty() || b.len() == a.len());
        assert!(fits, "a number a mode");
        let zero = Complex::new(0.0, 0.0);
        let mut z = self.own.zeros();
        let others = b.iter().copied().chain(std::iter::repeat(zero));
        for ((mode, a), b) in self.modes.iter().zip(a).zip(others) {
            put(&mut z, mode.own, [*a, b]);
        }
        self.own.inverse(&mut z, &mut self.own.scratch());
        z.iter().map(|z| (z.re, z.im)).unzip()
    }

    /// The spectra of the frames of a film `[frames][y][x]`.
    ///
    /// # Panics
    /// If the film is no whole number of frames.
    pub fn spectra_of(&self, film: &[f64]) -> Vec<Vec<Complex<f64>>> {
        assert!(
            film.len().is_multiple_of(self.numbers()),
            "a whole number of frames"
        );
        let mut out = Vec::with_capacity(film.len() / self.numbers());
        for pair in film.chunks(2 * self.numbers()) {
            let (a, b) = pair.split_at(self.numbers());
            let (one, two) = self.spectra([a, b]);
            out.push(one);
            if !b.is_empty() {
                out.push(two);
            }
        }
        out
    }

    /// The film `[frames][y][x]` of the spectra of its frames.
    ///
    /// # Panics
    /// If a spectrum has another size.
    pub fn film(&self, spectra: &[Vec<Complex<f64>>]) -> Vec<f64> {
        let mut out = Vec::with_capacity(spectra.len() * self.numbers());
        for pair in spectra.chunks(2) {
            let second = pair.get(1).map_or(&[][..], |b| b);
            let (one, two) = self.fields(&pair[0], second);
            out.extend(one);
            if pair.len() == 2 {
                out.extend(two);
            }
        }
        out
    }

    pub(super) fn work(&self) -> Work {
        Work {
            field: vec![],
            scratch: self.wide.scratch(),
        }
    }

    /// Two fields on the wide grid as one complex field, into `work`; `of` gives both for a mode.
    pub(super) fn widen<'a>(
        &self,
        work: &'a mut Work,
        mut of: impl FnMut(usize, &Mode) -> [Complex<f64>; 2],
    ) -> &'a mut [Complex<f64>] {
        work.field.clear();
        work.field.extend(self.wide.zeros());
        for (i, mode) in self.modes.iter().enumerate() {
            put(&mut work.field, mode.wide, of(i, mode));
        }
        self.wide.inverse(&mut work.field, &mut work.scratch);
        &mut work.field
    }

    /// The spectra of the two fields on the wide grid in `work`: `take` gets both for a mode.
    pub(super) fn narrow(
        &self,
        work: &mut Work,
        mut take: impl FnMut(usize, &Mode, [Complex<f64>; 2]),
    ) {
        self.wide.forward(&mut work.field, &mut work.scratch);
        let scale = 1.0 / self.wide.numbers() as f64;
        for (i, mode) in self.modes.iter().enumerate() {
            let (a, b) = parts(&work.field, mode.wide, scale);
            take(i, mode, [a, b]);
        }
    }
}

/// Adds the modes of two real fields a and b to the spectrum of a + ib.
fn put(z: &mut [Complex<f64>], [plus, minus]: [usize; 2], [a, b]: [Complex<f64>; 2]) {
    z[plus] = a + turned(b);
    z[minus] = a.conj() + turned(b.conj());
}

/// The modes of the real fields a and b in the spectrum of a + ib.
fn parts(
    z: &[Complex<f64>],
    [plus, minus]: [usize; 2],
    scale: f64,
) -> (Complex<f64>, Complex<f64>) {
    let (p, q) = (z[plus], z[minus].conj());
    let half = 0.5 * scale;
    let (sum, gap) = (p + q, p - q);
    (sum * half, Complex::new(gap.im * half, -gap.re * half))
}
