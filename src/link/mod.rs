//! Links: `v=1&lab=…&key=value&…&seed=…`, the vocabulary of every experiment.
//!
//! One table ([`Table`]) drives reading, writing, the controls of the page, the command line and the reference.
//! `tests/links.rs` holds these laws: decode(encode(c)) = c for every configuration; reading never panics; every
//! error carries a repair, and the repaired link can be read. Changes by pasting are undone if one reading is
//! possible. Every change, by pasting or by repair, is listed.

#![deny(clippy::wildcard_enum_match_arm)]

mod clean;
pub mod columns;
mod config;
mod edit;
mod engine;
mod grammar;
mod key;
mod kind;
mod labs;
mod mark;
mod near;
mod package;
mod parse;
mod paste;
pub mod points;
mod reference;
mod repair;
mod report;
mod shared;
mod table;
mod training;
mod unknown;
mod value;
mod values;
mod write;

pub use config::{Link, Side};
pub use edit::{Edited, Note, compare, edit, edit_all, tidied};
pub use engine::Engine;
pub use grammar::{Decoded, decode};
pub(crate) use key::row;
pub use key::{ByNoise, Group, Key, LabKeys, Network, Refusal, Table, Values, plain};
pub use kind::Kind;
pub use mark::{MARK, mark, share};
pub use package::Package;
pub use reference::{Row, rows};
pub use repair::{Repaired, choice_links, nearest, repair};
pub use report::{Clamp, Mode};
pub use table::name;
pub use value::Value;
pub use write::{encode, law};
