//! Points of the plane as text: the key `points`.
//!
//! A point is two little-endian 16-bit numbers k, each the coordinate −2 + 4k/65535; all of them in one
//! base64url text without padding.

use crate::error::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Points of a drawn law, at most.
pub const MAX_POINTS: usize = 1000;
/// Greatest absolute coordinate.
pub const REACH: f64 = 2.0;
const STEPS: f64 = 65_535.0;

pub(super) fn no(reason: impl Into<String>) -> Error {
    Error::Points {
        reason: reason.into(),
    }
}

/// The text of points `[x₀, y₀, x₁, y₁, …]`. Rounding moves each coordinate by at most 2/65535.
///
/// # Errors
/// If there are no points or too many, or a coordinate is not a number in [−2, 2].
pub fn encode(points: &[f64]) -> Result<String, Error> {
    let count = points.len() / 2;
    if count == 0 || !points.len().is_multiple_of(2) {
        return Err(no("there are no points"));
    }
    if count > MAX_POINTS {
        return Err(no(format!("there are {count} points")));
    }
    let mut bytes = Vec::with_capacity(2 * points.len());
    for &x in points {
        if !(-REACH..=REACH).contains(&x) {
            return Err(no(format!("{x} is not in [−2, 2]")));
        }
        let k = libm::round((x + REACH) / (2.0 * REACH) * STEPS) as u16;
        bytes.extend(k.to_le_bytes());
    }
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The points of a text.
///
/// # Errors
/// If the text is not base64url, or its length is not that of whole points.
pub fn decode(text: &str) -> Result<Vec<f64>, Error> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| no("the text is cut or not base64url"))?;
    if bytes.is_empty() || !bytes.len().is_multiple_of(4) {
        return Err(no("the text does not hold whole points"));
    }
    let coordinate = |pair: &[u8]| {
        let k = u16::from_le_bytes([pair[0], pair[1]]);
        f64::from(k) / STEPS * (2.0 * REACH) - REACH
    };
    Ok(bytes.chunks_exact(2).map(coordinate).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn points_read_back_to_half_a_step(xy in proptest::collection::vec(-2.0..2.0f64, 1..500)) {
            let xy = [&xy[..], &xy[..]].concat();
            let text = encode(&xy).unwrap();
            let back = decode(&text).unwrap();
            prop_assert_eq!(back.len(), xy.len());
            for (a, b) in xy.iter().zip(&back) {
                prop_assert!((a - b).abs() <= 2.0 / STEPS + 1e-12);
            }
            prop_assert_eq!(encode(&back).unwrap(), text);
        }

        #[test]
        fn no_text_is_a_panic(text in ".{0,300}") {
            let _ = decode(&text);
        }
    }

    #[test]
    fn what_is_no_point_of_the_plane_is_not_written() {
        assert!(encode(&[]).is_err());
        assert!(encode(&[f64::NAN, 0.0]).is_err());
        assert!(encode(&[3.0, 0.0]).is_err());
    }
}
