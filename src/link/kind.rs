//! What a value of a key may be.

use crate::word::{Choices, Words};

/// What a value may be. Bounds are inclusive.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// One of a list.
    Choice(Choices),
    /// A whole number.
    Int(u64, u64),
    /// A real.
    Real(f64, f64),
    /// A comma list: least and greatest count, bounds of each entry.
    Reals(usize, usize, f64, f64),
    /// Rows by semicolon, entries by comma: least and greatest number of rows and of columns, bounds of an entry.
    Matrix([usize; 2], [usize; 2], f64),
    /// Increasing whole numbers from the first to below the second bound, by comma, one at least.
    Increasing(u64, u64),
    /// Any u64.
    Seed,
    /// Base64url, at most this many characters.
    Text(usize),
    /// Base64url of 1 to this many points of the plane, four bytes each.
    Points(usize),
}

impl Kind {
    /// Any variant of a list.
    pub fn choice<T: Words>() -> Self {
        Self::choice_if(|_: T| true)
    }

    /// No choice at all.
    pub(crate) fn none() -> Self {
        Kind::Choice(Choices::all(&[]))
    }

    /// A variant of a list that `keep` says.
    pub fn choice_if<T: Words>(keep: impl Fn(T) -> bool) -> Self {
        Kind::Choice(Choices::of(keep))
    }

    /// The word for the type.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Kind::Choice(_) => "choice",
            Kind::Int(..) => "int",
            Kind::Real(..) => "real",
            Kind::Reals(..) => "reals",
            Kind::Matrix(..) => "matrix",
            Kind::Increasing(..) => "ints",
            Kind::Seed => "u64",
            Kind::Text(_) => "text",
            Kind::Points(_) => "points",
        }
    }

    /// Least and greatest number.
    pub(super) fn bounds(&self) -> Option<(f64, f64)> {
        match *self {
            Kind::Int(min, max) => Some((min as f64, max as f64)),
            Kind::Real(min, max) | Kind::Reals(_, _, min, max) => Some((min, max)),
            Kind::Matrix(_, _, most) => Some((-most, most)),
            Kind::Increasing(first, end) => Some((first as f64, end as f64 - 1.0)),
            Kind::Choice(_) | Kind::Seed | Kind::Text(_) | Kind::Points(_) => None,
        }
    }
}
