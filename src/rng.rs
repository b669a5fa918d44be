//! Counter-based noise: every draw is a pure function of (seed, stream, step, index).
//!
//! Philox4x32-10 (Salmon et al., *Parallel random numbers: as easy as 1, 2, 3*, SC 2011). Every engine
//! gets the same draws, and they do not depend on how the work is split into batches or workers.
//! Held by `src/rng.rs`: `philox_gives_the_published_known_answers`, `a_draw_does_not_depend_on_the_batch_split`.

use crate::special::lanes::Pair;
use crate::special::pairs;
use std::f64::consts::TAU;

const M0: u64 = 0xD251_1F53;
const M1: u64 = 0xCD9E_8D57;
const W0: u32 = 0x9E37_79B9;
const W1: u32 = 0xBB67_AE85;

/// Ten rounds of Philox4x32: 128 random bits from a 128-bit counter and a 64-bit key.
#[inline(always)]
pub fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..10 {
        let p0 = M0 * u64::from(c0);
        let p1 = M1 * u64::from(c2);
        (c0, c1, c2, c3) = (
            (p1 >> 32) as u32 ^ c1 ^ k0,
            p1 as u32,
            (p0 >> 32) as u32 ^ c3 ^ k1,
            p0 as u32,
        );
        k0 = k0.wrapping_add(W0);
        k1 = k1.wrapping_add(W1);
    }
    [c0, c1, c2, c3]
}

/// The purpose of a draw. Two streams never share a draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Stream {
    /// The initial state of the particles, σ(t_hi)·z.
    Start = 0,
    /// The noise of the plan's stages.
    Stage = 1,
    /// The clean points of the forward (noising) paths.
    ForwardStart = 2,
    /// The noise of the forward paths.
    Forward = 3,
    /// The points of an empirical law (keyed by `data-seed`).
    Data = 4,
    /// The initial weights of a network (this stream and the next three use the seed of the training).
    TrainStart = 5,
    /// The data of a training.
    TrainData = 6,
    /// The noise levels of a training.
    TrainLevel = 7,
    /// The noise of a training.
    TrainNoise = 8,
    /// Exact draws that samples are compared with.
    Reference = 9,
    /// Which points of a long table are kept.
    Thinning = 10,
    /// Independent samples, which show how far a perfect sample is from its own distribution.
    Chance = 11,
    /// The true path of a chain (this stream and the next use `truth-seed`).
    Truth = 20,
    /// The noise of its observations.
    Observation = 21,
    /// The initial members of an ensemble, and the noise of the model that moves them.
    Members = 30,
    /// The noise of an analysis: perturbed observations, Langevin steps, a reverse diffusion.
    Analysis = 31,
    /// Which members are kept when an ensemble is resampled.
    Resample = 32,
    /// The noise that is added to resampled members.
    Jitter = 33,
    /// A random rotation of an ensemble.
    Rotation = 34,
    /// A long run of a model, for its climatology.
    Climate = 35,
    /// The random vorticity from which a flow starts.
    Flow = 40,
    /// Which windows of the flow's films a training sees.
    Windows = 41,
}

/// All draws of one seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noise {
    seed: u64,
}

impl Noise {
    /// The draws of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Two uniforms in (0, 1) with 53 bits each, for the indices `2·pair` and `2·pair + 1`.
    #[inline(always)]
    fn uniforms(&self, stream: Stream, step: u32, pair: u64) -> [f64; 2] {
        let r = philox4x32(
            [pair as u32, (pair >> 32) as u32, step, stream as u32],
            [self.seed as u32, (self.seed >> 32) as u32],
        );
        let open = |hi: u32, lo: u32| {
            let bits = (u64::from(hi) << 32 | u64::from(lo)) >> 11;
            (bits as i64 as f64 + 0.5) * (1.0 / (1u64 << 53) as f64)
        };
        [open(r[0], r[1]), open(r[2], r[3])]
    }

    /// The uniform draw on (0, 1) with this index.
    pub fn uniform(&self, stream: Stream, step: u32, index: u64) -> f64 {
        self.uniforms(stream, step, index / 2)[(index % 2) as usize]
    }

    /// Fills `out` with the standard normals of the indices `first..first + out.len()`
    /// (Box & Muller 1958: r = √(−2 ln u₁), θ = 2π u₂; the even index gets r cos θ, the odd index r sin θ).
    ///
    /// Held by `src/rng.rs`: `normals_have_the_moments_of_a_standard_normal`.
    pub fn normals(&self, stream: Stream, step: u32, first: u64, out: &mut [f64]) {
        let odd = usize::from(!first.is_multiple_of(2)).min(out.len());
        let (alone, rest) = out.split_at_mut(odd);
        if let [alone] = alone {
            let own = self.uniforms(stream, step, first / 2);
            *alone = box_muller(own, own)[1].lanes()[0];
        }
        let mut index = first + odd as u64;
        // Two pairs of uniforms at a time; a last one alone fills both lanes.
        for four in rest.chunks_mut(4) {
            let own = self.uniforms(stream, step, index / 2);
            let next = match four.len() {
                4 | 3 => self.uniforms(stream, step, index / 2 + 1),
                _ => own,
            };
            let [cosines, sines] = box_muller(own, next);
            let ([c1, c2], [s1, s2]) = (cosines.lanes(), sines.lanes());
            match four {
                [a, b, c, d] => [*a, *b, *c, *d] = [c1, s1, c2, s2],
                _ => four.copy_from_slice(&[c1, s1, c2, s2][..four.len()]),
            }
            index += 4;
        }
    }
}

/// r cos θ and r sin θ of two pairs of uniforms.
#[inline(always)]
fn box_muller(a: [f64; 2], b: [f64; 2]) -> [Pair; 2] {
    let r = (Pair::both(-2.0) * pairs::log(Pair::new([a[0], b[0]]))).sqrt();
    let (sin, cos) = pairs::sincos(Pair::both(TAU) * Pair::new([a[1], b[1]]));
    [r * cos, r * sin]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `kat_vectors` of the Random123 library (D. E. Shaw Research), lines `philox4x32 10`.
    #[test]
    fn philox_gives_the_published_known_answers() {
        let cases = [
            (
                [0; 4],
                [0; 2],
                [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
            ),
            (
                [u32::MAX; 4],
                [u32::MAX; 2],
                [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
            ),
            (
                [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
                [0xa4093822, 0x299f31d0],
                [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
            ),
        ];
        for (counter, key, answer) in cases {
            assert_eq!(philox4x32(counter, key), answer);
        }
    }

    #[test]
    fn a_draw_does_not_depend_on_the_batch_split() {
        let noise = Noise::new(7);
        let mut whole = [0.0; 101];
        noise.normals(Stream::Stage, 3, 1000, &mut whole);
        for split in [1, 2, 33, 50, 99] {
            let mut parts = [0.0; 101];
            let (a, b) = parts.split_at_mut(split);
            noise.normals(Stream::Stage, 3, 1000, a);
            noise.normals(Stream::Stage, 3, 1000 + split as u64, b);
            assert_eq!(whole, parts, "split at {split}");
        }
    }

    /// The same draws one by one, from libm.
    #[test]
    fn two_normals_at_once_have_the_bits_of_one() {
        let noise = Noise::new(11);
        let one = |step: u32, index: u64| {
            let [u1, u2] = noise.uniforms(Stream::Stage, step, index / 2);
            let r = (-2.0 * libm::log(u1)).sqrt();
            let (sin, cos) = libm::sincos(TAU * u2);
            if index.is_multiple_of(2) {
                r * cos
            } else {
                r * sin
            }
        };
        for (step, (first, length)) in [(0, 0), (1, 5), (2, 1), (7, 2), (4, 3), (9, 40_001)]
            .into_iter()
            .enumerate()
        {
            let step = step as u32;
            let mut z = vec![f64::NAN; length];
            noise.normals(Stream::Stage, step, first, &mut z);
            for (i, z) in z.iter().enumerate() {
                let index = first + i as u64;
                assert_eq!(
                    z.to_bits(),
                    one(step, index).to_bits(),
                    "{index} of {length}"
                );
            }
        }
    }

    #[test]
    fn normals_have_the_moments_of_a_standard_normal() {
        let n = 100_000;
        let mut z = vec![0.0; n];
        Noise::new(1).normals(Stream::Start, 0, 0, &mut z);
        let moment = |p: i32| z.iter().map(|z| z.powi(p)).sum::<f64>() / n as f64;
        // Five standard errors of each sample moment: Var z^p = E z^{2p} − (E z^p)².
        let se = |var: f64| 5.0 * (var / n as f64).sqrt();
        assert!(moment(1).abs() < se(1.0));
        assert!((moment(2) - 1.0).abs() < se(2.0));
        assert!(moment(3).abs() < se(15.0));
        assert!((moment(4) - 3.0).abs() < se(96.0));
        let lag = z.windows(2).map(|w| w[0] * w[1]).sum::<f64>() / n as f64;
        assert!(lag.abs() < se(1.0));
    }

    #[test]
    fn streams_steps_and_seeds_never_share_a_draw() {
        let draw = |seed, stream, step| {
            let mut z = [0.0];
            Noise::new(seed).normals(stream, step, 0, &mut z);
            z[0]
        };
        let all = [
            draw(0, Stream::Start, 0),
            draw(0, Stream::Stage, 0),
            draw(0, Stream::Stage, 1),
            draw(1, Stream::Start, 0),
            draw(1 << 32, Stream::Start, 0),
        ];
        for i in 0..all.len() {
            for j in 0..i {
                assert_ne!(all[i], all[j]);
            }
        }
    }
}
