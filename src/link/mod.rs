//! Links: `v=1&lab=…&key=value&…&seed=…`, the vocabulary of every experiment.
//!
//! One table ([`spec::KEYS`]) drives reading, writing, the controls of the page, the command line and the reference.
//! `tests/links.rs` holds these laws: decode(encode(c)) = c for every configuration; reading never panics; every
//! error carries a repair, and the repaired link can be read. Changes by pasting are undone if one reading is
//! possible. Every change, by pasting or by repair, is listed.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod chain;
mod clean;
pub mod columns;
mod edit;
mod grammar;
mod key;
mod labs;
mod mark;
mod near;
mod parse;
mod paste;
pub mod points;
mod reference;
mod repair;
pub mod spec;
mod training;
mod unknown;
mod value;
mod when;
mod words;

pub use edit::{Edited, Note, Side, compare, edit, edit_all, tidied};
pub use grammar::{Clamp, Decoded, Mode, decode, encode, law};
pub use mark::{MARK, mark, share};
pub use repair::{Repaired, choice_links, nearest, repair};
pub use value::{Value, Values};
pub use when::{is_learned, is_trained};
pub use words::{
    ChainScore, ChainView, Engine, Lab, LawScore, LineView, PlaneView, TorusView, Way,
};

/// A checked experiment: the first configuration and, in a comparison, the second.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The first configuration, and what is shared: lab, view, at, engine, fp.
    pub a: Values,
    /// The second configuration of a comparison.
    pub b: Option<Values>,
}

impl Link {
    /// The values of one side; `None` for side b where nothing is compared.
    pub fn side(&self, side: Side) -> Option<&Values> {
        match side {
            Side::A => Some(&self.a),
            Side::B => self.b.as_ref(),
        }
    }
}

/// The experiment that an empty address opens.
pub const DEFAULT: &str = "v=1&lab=toy1d&seed=0";
