//! Localisation: correlations of distant coordinates are taken away.

use super::update::Fault;
use crate::dynamics::Model;

/// The correlation function of Gaspari & Cohn (1999, eq. 4.10) at r = distance/c, with support r ≤ 2:
/// 1 − 5r²/3 + 5r³/8 + r⁴/2 − r⁵/4 up to r = 1, then 4 − 5r + 5r²/3 + 5r³/8 − r⁴/2 + r⁵/12 − 2/(3r).
///
/// Held by `tests/filter/updates.rs`: `gaspari_and_cohn_is_its_table`.
pub fn gaspari_cohn(r: f64) -> f64 {
    if r <= 1.0 {
        1.0 + r * r * (-5.0 / 3.0 + r * (5.0 / 8.0 + r * (0.5 - r / 4.0)))
    } else if r < 2.0 {
        let head = 4.0 + r * (-5.0 + r * (5.0 / 3.0 + r * (5.0 / 8.0 + r * (-0.5 + r / 12.0))));
        (head - 2.0 / (3.0 * r)).max(0.0)
    } else {
        0.0
    }
}

/// ρ of two coordinates of a model at the radius `c`.
///
/// # Errors
/// If the coordinates of the model are not places.
pub fn taper(model: &dyn Model, c: f64, i: usize, j: usize) -> Result<f64, Fault> {
    let Some(distance) = model.distance(i, j) else {
        return Err(Fault::new(
            "The coordinates of this model are not places, so there is no distance for a localisation.",
            "Choose locality=0, or model=lorenz96.",
        ));
    };
    Ok(gaspari_cohn(distance / c))
}
