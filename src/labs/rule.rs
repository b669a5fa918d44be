//! From a link to a rule of guidance.

use crate::error::Error;
use crate::guide::Guidance;
use crate::link::Values;

/// The rule of a link.
///
/// # Errors
/// If the values have no rule, or lack its number.
pub fn rule(v: &Values) -> Result<Guidance, Error> {
    v.need_choice::<Guidance>("guidance")?
        .with(&|key| v.need_real(key))
}
