//! From a link to a rule of guidance.

use crate::error::Error;
use crate::guide::Guidance;
use crate::link::Values;

/// The rule of a link.
///
/// # Errors
/// If the values have no rule, or lack its number.
pub fn rule(v: &Values) -> Result<Guidance, Error> {
    Ok(match v.need_choice("guidance")? {
        Guidance::Dps { .. } => Guidance::Dps {
            zeta: v.need_real("zeta")?,
        },
        Guidance::Finzi { .. } => Guidance::Finzi {
            strength: v.need_real("strength")?,
        },
        Guidance::Lambda { .. } => Guidance::Lambda {
            lambda: v.need_real("lambda")?,
        },
        Guidance::Sda { .. } => Guidance::Sda {
            gamma: v.need_real("gamma")?,
        },
        plain @ (Guidance::None
        | Guidance::Diagonal
        | Guidance::Pigdm
        | Guidance::Exact
        | Guidance::Replace) => plain,
    })
}
