//! The mark of a link: a short hash of everything that its runs depend on, so that a change after sharing is visible.

use super::config::Link;
use super::key::LAB;
use super::value::Value;
use super::write::encode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Length of a mark: base64url of 32 bits.
pub const MARK: usize = 6;

/// The mark of a link: FNV-1a over its canonical text without `v` and without the keys that no run depends on
/// (`view`, `at`, `engine`, `fp`), for both sides of a comparison together. This text contains no key with its
/// default value, so a new key in a later version changes no mark.
pub fn mark(link: &Link) -> String {
    let text = encode(link);
    let counts = |pair: &&str| {
        let key = pair.split('=').next().unwrap_or_default();
        let row = link
            .a
            .table()
            .and_then(|t| t.find(key.strip_prefix("b.").unwrap_or(key)));
        key == LAB || row.is_some_and(|k| k.is_run_key())
    };
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in text
        .split('&')
        .filter(counts)
        .flat_map(|p| p.bytes().chain(*b"&"))
    {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    URL_SAFE_NO_PAD.encode(((hash >> 32) as u32 ^ hash as u32).to_le_bytes())
}

/// The link to share: `fp` is the fingerprint of its result, then in a comparison that of side b where it is known, then
/// the mark.
pub fn share(link: &Link, fingerprint: &str, second: Option<&str>) -> String {
    let mut out = link.clone();
    let second = second.filter(|_| link.b.is_some()).unwrap_or_default();
    let text = format!("{fingerprint}{second}{}", mark(link));
    out.a.set("fp", Value::Text(text));
    encode(&out)
}
