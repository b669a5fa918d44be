//! The fingerprint of a result. A link that carries one can be checked: does it reproduce the same result?

use crate::error::Error;
use crate::link;
use crate::link::Link;
use crate::link::Side;
use crate::metrics;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Number of final coordinates that a fingerprint stores.
const PROBES: usize = 8;
/// Length in bytes: version, hash, mean, variance, probes.
const BYTES: usize = 1 + 8 + 4 * (2 + PROBES);
const VERSION: u8 = 1;
/// Length of a fingerprint as text.
const TEXT: usize = (8 * BYTES).div_ceil(6);
/// Two engines (f64 and f32) made the same run if no probe differs by more than this.
pub const TOLERANCE: f64 = 2e-3;

/// A hash of every bit of the final samples, and a few numbers that measure how far two results are apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fingerprint {
    hash: u64,
    mean: f32,
    variance: f32,
    probes: [f32; PROBES],
}

/// The result of comparing two fingerprints.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Every bit of every sample is the same.
    Exact,
    /// The probes differ by this much, within [`TOLERANCE`].
    Close(f64),
    /// The probes differ by more than [`TOLERANCE`].
    Different(f64),
    /// The link was edited after it was shared, so the results are not compared.
    Edited,
}

/// The value of `fp=`: the fingerprint of a result, in a comparison also that of side b, and the mark of the link that
/// they belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    first: Fingerprint,
    /// `None` in links of one configuration, and in comparisons that were shared before both sides were compared.
    second: Option<Fingerprint>,
    /// `None` in links that were shared before marks were introduced.
    mark: Option<String>,
}

impl Shared {
    /// Reads the text of `fp=`: one or two texts of [`Fingerprint::encode`], followed by the text of [`link::mark`] if the
    /// link has a mark.
    ///
    /// # Errors
    /// As [`Fingerprint::decode`].
    pub fn decode(text: &str) -> Result<Self, Error> {
        let at = text.len().saturating_sub(link::MARK);
        let (fingerprints, mark) = match text.split_at_checked(at) {
            Some((before, mark)) if [TEXT, 2 * TEXT].contains(&at) => (before, Some(mark)),
            _ => (text, None),
        };
        let (first, second) = match fingerprints.split_at_checked(TEXT) {
            Some((first, second)) if second.len() == TEXT => (first, Some(second)),
            _ => (fingerprints, None),
        };
        Ok(Self {
            first: Fingerprint::decode(first)?,
            second: second.map(Fingerprint::decode).transpose()?,
            mark: mark.map(str::to_owned),
        })
    }

    /// Whether the result of a side can be compared.
    pub fn proves(&self, side: Side) -> bool {
        self.of(side).is_some()
    }

    fn of(&self, side: Side) -> Option<&Fingerprint> {
        match side {
            Side::A => Some(&self.first),
            Side::B => self.second.as_ref(),
        }
    }

    /// Compares the result of one side of `link` with the shared one; `chaotic` as in [`Fingerprint::compare`]. `None` if
    /// the link has no fingerprint of this side.
    pub fn judge(
        &self,
        side: Side,
        own: &Fingerprint,
        link: &Link,
        chaotic: bool,
    ) -> Option<Verdict> {
        let shared = self.of(side)?;
        Some(match &self.mark {
            Some(mark) if *mark != link::mark(link) => Verdict::Edited,
            _ => own.compare(shared, chaotic),
        })
    }
}

impl Fingerprint {
    /// The fingerprint of the final samples, in the order of the particles.
    pub fn of(samples: &[f64]) -> Self {
        // FNV-1a over the bits. It detects changes; it does not protect against forgery.
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        for byte in samples.iter().flat_map(|x| x.to_bits().to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let (mean, variance) = metrics::mean_var(samples);
        let probe = |i| samples.get(i).map_or(0.0, |&x| x as f32);
        Self {
            hash,
            mean: mean as f32,
            variance: variance as f32,
            probes: std::array::from_fn(probe),
        }
    }

    /// The fingerprint as base64url text for `fp=`.
    pub fn encode(&self) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(self.hash.to_le_bytes());
        for x in [self.mean, self.variance].iter().chain(&self.probes) {
            bytes.extend(x.to_le_bytes());
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads the text of [`Fingerprint::encode`].
    ///
    /// # Errors
    /// If the text is not base64url, or has another version or length.
    pub fn decode(text: &str) -> Result<Self, Error> {
        let bad = |reason: &str| Error::Fingerprint {
            reason: reason.to_owned(),
        };
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| bad("it is cut short or not base64url"))?;
        if bytes.len() != BYTES {
            return Err(bad("its length is wrong"));
        }
        if bytes[0] != VERSION {
            return Err(bad("its version is unknown"));
        }
        let mut hash = [0; 8];
        hash.copy_from_slice(&bytes[1..9]);
        let real = |i: usize| {
            let mut b = [0; 4];
            b.copy_from_slice(&bytes[9 + 4 * i..13 + 4 * i]);
            f32::from_le_bytes(b)
        };
        Ok(Self {
            hash: u64::from_le_bytes(hash),
            mean: real(0),
            variance: real(1),
            probes: std::array::from_fn(|i| real(i + 2)),
        })
    }

    /// Compares a result with a shared one: the mean, the standard deviation and the first final coordinates. In a
    /// `chaotic` run (corrections, Langevin walks), which amplifies rounding, the coordinates are not compared.
    pub fn compare(&self, shared: &Self, chaotic: bool) -> Verdict {
        if self.hash == shared.hash && self.probes == shared.probes {
            return Verdict::Exact;
        }
        let mut pairs = vec![
            (self.mean, shared.mean),
            (self.variance.sqrt(), shared.variance.sqrt()),
        ];
        if !chaotic {
            pairs.extend(self.probes.iter().copied().zip(shared.probes));
        }
        let gap = |(a, b): &(f32, f32)| f64::from((a - b).abs());
        let difference = pairs.iter().map(gap).fold(0.0, |m, d| {
            if d.is_nan() {
                f64::INFINITY
            } else {
                f64::max(m, d)
            }
        });
        if difference <= TOLERANCE {
            Verdict::Close(difference)
        } else {
            Verdict::Different(difference)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn encoding_keeps_every_fingerprint(x in proptest::collection::vec(-1e3..1e3f64, 0..40)) {
            let f = Fingerprint::of(&x);
            prop_assert_eq!(Fingerprint::decode(&f.encode()), Ok(f));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = Fingerprint::decode(&text);
        }

        #[test]
        fn a_single_bit_shows(mut x in proptest::collection::vec(0.1..1.0f64, 9..40), at in 0..9usize) {
            let f = Fingerprint::of(&x);
            x[at] = f64::from_bits(x[at].to_bits() ^ 1);
            let verdict = Fingerprint::of(&x).compare(&f, false);
            prop_assert!(matches!(verdict, Verdict::Close(d) if d < 1e-6), "{:?}", verdict);
            let mut others = x.clone();
            others[8..].iter_mut().for_each(|x| *x += 5.0);
            let verdict = Fingerprint::of(&others).compare(&f, false);
            prop_assert!(matches!(verdict, Verdict::Different(_)), "{:?}", verdict);
            x[0] += 0.1;
            let verdict = Fingerprint::of(&x).compare(&f, false);
            prop_assert!(matches!(verdict, Verdict::Different(d) if (d - 0.1).abs() < 1e-6), "{:?}", verdict);
        }
    }
}
