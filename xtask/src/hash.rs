//! Names made from contents.

/// A 64-bit FNV-1a hash as 16 hexadecimal digits. It names files for caches; it is no protection.
pub fn fnv1a<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.into_iter().flatten() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::fnv1a;

    /// Test vectors of the algorithm's authors (Fowler, Noll, Vo).
    #[test]
    fn known_vectors() {
        assert_eq!(fnv1a([]), "cbf29ce484222325");
        assert_eq!(fnv1a([&b"a"[..]]), "af63dc4c8601ec8c");
        assert_eq!(fnv1a([&b"foo"[..], &b"bar"[..]]), "85944171f73967e8");
    }
}
