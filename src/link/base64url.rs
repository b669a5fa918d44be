//! Bytes as text of letters that stay as they are in a link: base64url without padding (RFC 4648, section 5).

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Bits of a letter.
const SIX: usize = 6;

/// The text of some bytes: four letters for three bytes.
///
/// Held by `src/link/base64url.rs`: `texts_are_those_of_the_crate`.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            let letter = bits >> (SIX * (3 - place)) & 63;
            text.push(char::from(LETTERS[letter as usize]));
        }
    }
    text
}

/// The bytes of a text; `None` where it is the text of none, which no padding and no bit without a byte is.
///
/// Held by `src/link/base64url.rs`: `texts_are_those_of_the_crate`, `what_is_no_text_is_refused_as_by_the_crate`.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = vec![];
    for group in text.as_bytes().chunks(4) {
        let mut bits = 0;
        for letter in group {
            let value = LETTERS.iter().position(|own| own == letter)?;
            bits = bits << SIX | value;
        }
        let left = SIX * group.len() % 8;
        if group.len() == 1 || bits & ((1 << left) - 1) != 0 {
            return None;
        }
        for place in (0..group.len() - 1).rev() {
            bytes.push((bits >> (left + 8 * place)) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_are_those_of_the_crate(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let text = encode(&bytes);
            prop_assert_eq!(&text, &URL_SAFE_NO_PAD.encode(&bytes));
            prop_assert_eq!(decode(&text), Some(bytes));
        }

        #[test]
        fn what_is_no_text_is_refused_as_by_the_crate(text in "[A-Za-z0-9_=+/é-]{0,9}") {
            prop_assert_eq!(decode(&text), URL_SAFE_NO_PAD.decode(&text).ok());
        }

        #[test]
        fn bits_without_a_byte_are_refused_as_by_the_crate(text in "[AQgwB_]{0,9}") {
            prop_assert_eq!(decode(&text), URL_SAFE_NO_PAD.decode(&text).ok());
        }
    }
}
