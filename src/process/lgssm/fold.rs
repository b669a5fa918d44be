//! The windows of a chain.

use super::model::Chain;
use super::model::refused;
use crate::error::Error;
use crate::process::fold::Fold;

/// The windows of half-window `k` of a chain.
///
/// # Errors
/// If 2k + 1 is above the length of the chain.
pub(super) fn fold(chain: &Chain, k: usize) -> Result<Fold, Error> {
    let width = k.saturating_mul(2).saturating_add(1);
    if width > chain.length {
        return Err(refused(format!(
            "k is {k}, so windows have {width} indices, but the length of the chain is {}; give k at most {}",
            chain.length,
            (chain.length - 1) / 2
        )));
    }
    Ok(Fold {
        length: chain.length,
        width,
        states: chain.states(),
    })
}
