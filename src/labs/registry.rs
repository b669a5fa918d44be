//! The labs, a line each.

use super::Learnable;
use super::experiment::{Experiment, Record};
use super::filter;
use super::lgssm;
use super::space;
use super::toy1d;
use super::turbulence;
use crate::error::Error;
use crate::link::{Link, Table, Values};
use std::sync::LazyLock;

/// The labs, the default one first.
static LABS: &[&Record] = &[
    &toy1d::LAB,
    &space::PLANE,
    &space::TORUS,
    &lgssm::LAB,
    &filter::LAB,
    &turbulence::LAB,
    #[cfg(feature = "stub")]
    &super::stub::LAB,
];

/// The keys of all labs.
pub static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::new(LABS.iter().map(|lab| lab.keys).collect()));

/// The lab of checked values.
fn lab(values: &Values) -> Result<&'static Record, Error> {
    let name = values.word("lab").unwrap_or_default();
    let found = LABS.iter().find(|lab| lab.keys.name() == name);
    found.copied().ok_or_else(|| {
        let names: Vec<_> = LABS.iter().map(|lab| lab.keys.name()).collect();
        super::task::unknown("lab", name, &names)
    })
}

/// Compiles both sides of a link, with what they share.
///
/// # Errors
/// If the link names no lab, or one of another package.
pub fn open(link: &Link) -> Result<Box<dyn Experiment>, Error> {
    (lab(&link.a)?.open)(link)
}

/// The law of the data that a link names, in any lab: what its network learns, where it has one trained. Of a chain
/// that is the law of its windows.
///
/// # Errors
/// If the model of a chain is invalid, the values lack a key, or the lab is one of another package.
pub fn law(values: &Values) -> Result<Box<dyn Learnable>, Error> {
    (lab(values)?.law)(values)
}
