//! A checked experiment.

use super::key::Values;

/// Which configuration of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The first (or only) one.
    A,
    /// The second.
    B,
}

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
