//! Links of the labs that there are: the room `link` with the table of `labs::registry`.

use super::registry::TABLE;
use crate::error::LinkError;
use crate::link;

pub use crate::link::*;

/// The experiment that an empty address opens.
pub const DEFAULT: &str = "v=1&lab=toy1d&seed=0";

/// See [`link::decode`].
///
/// # Errors
/// As there.
pub fn decode(text: &str, mode: Mode) -> Result<Decoded, Box<LinkError>> {
    link::decode(&TABLE, text, mode)
}

/// See [`link::nearest`].
pub fn nearest(text: &str) -> Link {
    link::nearest(&TABLE, text)
}

/// See [`link::repair`].
pub fn repair(text: &str) -> Repaired {
    link::repair(&TABLE, text)
}

/// See [`link::choice_links`].
pub fn choice_links(text: &str, error: &LinkError) -> Vec<Repaired> {
    link::choice_links(&TABLE, text, error)
}

/// The table of keys.
pub mod spec {
    use super::TABLE;
    use crate::link;
    pub use crate::link::{Group, Key, Kind, Row, name};
    pub use crate::word::Choice;
    use std::sync::LazyLock;

    /// The keys, in the order in which a link is written.
    pub static KEYS: LazyLock<&'static [&'static Key]> = LazyLock::new(|| TABLE.keys());

    /// The row of a key.
    pub fn find(name: &str) -> Option<&'static Key> {
        TABLE.find(name)
    }

    /// The table as data: see [`link::rows`].
    pub fn table() -> Vec<Row> {
        link::rows(&TABLE)
    }
}
