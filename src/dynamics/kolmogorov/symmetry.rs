//! The symmetries of the flow that move pixels onto pixels.

/// Number of symmetries of a flow with k_f = 4 on 32 × 32 pixels.
pub const SYMMETRIES: usize = 512;

/// One of the symmetries of a flow with `wave` waves of force on n × n pixels, where n is a multiple of 2·`wave`.
///
/// The flow commutes with x + a pixel, y + n/k_f pixels, ω(−x, −y) and −ω(−x, y + π/k_f): n·k_f·2·2 of them.
///
/// Held by `tests/kolmogorov/fields.rs`: `a_step_commutes_with_the_symmetries`,
/// `the_symmetries_are_different_and_lossless`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symmetry {
    pixels: usize,
    /// Pixels along x and y.
    shift: [usize; 2],
    turned: bool,
    mirrored: bool,
}

impl Symmetry {
    /// The number of symmetries.
    pub fn count(pixels: usize, wave: usize) -> usize {
        4 * pixels * wave
    }

    /// The symmetry with this index, modulo their number.
    ///
    /// # Panics
    /// If `pixels` is no multiple of 2·`wave`.
    pub fn new(pixels: usize, wave: usize, index: usize) -> Self {
        assert!(
            wave > 0 && pixels.is_multiple_of(2 * wave),
            "half a wave of the force is a whole number of pixels"
        );
        let (x, rest) = (index % pixels, index / pixels);
        let (y, rest) = (rest % wave, rest / wave);
        let mirrored = rest / 2 % 2 == 1;
        // The mirrored flow has the force turned around, half a wave further.
        let half = if mirrored { pixels / wave / 2 } else { 0 };
        Self {
            pixels,
            shift: [x, y * (pixels / wave) + half],
            turned: rest % 2 == 1,
            mirrored,
        }
    }

    /// Writes the image of a field `[n²]` to `out`.
    ///
    /// # Panics
    /// If `field` or `out` has another size.
    pub fn image<T: Copy + std::ops::Neg<Output = T>>(&self, field: &[T], out: &mut [T]) {
        let n = self.pixels;
        assert!(
            field.len() == n * n && out.len() == n * n,
            "a number a pixel"
        );
        let [across, down] = self.shift;
        // −x: pixel i comes from pixel n − i.
        let from = |i: usize, back: bool| if back { (2 * n - i) % n } else { i % n };
        for (y, row) in out.chunks_exact_mut(n).enumerate() {
            let y = from((y + down) % n, self.turned);
            for (x, out) in row.iter_mut().enumerate() {
                let x = from((x + across) % n, self.turned != self.mirrored);
                let value = field[y * n + x];
                *out = if self.mirrored { -value } else { value };
            }
        }
    }
}
