//! One value of a configuration.

use crate::word::Words;
use std::fmt;

/// One checked value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// One of a closed list of words.
    Word(&'static str),
    /// A whole number.
    Int(u64),
    /// A finite real; zero has no sign.
    Real(f64),
    /// A list of finite reals.
    Reals(Vec<f64>),
    /// A matrix of finite reals: its number of rows, and its entries by rows.
    Matrix(usize, Vec<f64>),
    /// Increasing whole numbers.
    Ints(Vec<u64>),
    /// Base64url text.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Word(w) => f.write_str(w),
            Value::Int(i) => write!(f, "{i}"),
            Value::Real(x) => f.write_str(&shortest(*x)),
            Value::Reals(list) => {
                for (i, x) in list.iter().enumerate() {
                    write!(f, "{}{}", if i == 0 { "" } else { "," }, shortest(*x))?;
                }
                Ok(())
            }
            Value::Matrix(rows, entries) => {
                let columns = entries.len() / (*rows).max(1);
                for (i, x) in entries.iter().enumerate() {
                    let before = match i {
                        0 => "",
                        _ if i % columns.max(1) == 0 => ";",
                        _ => ",",
                    };
                    write!(f, "{before}{}", shortest(*x))?;
                }
                Ok(())
            }
            Value::Ints(list) => {
                for (i, x) in list.iter().enumerate() {
                    write!(f, "{}{x}", if i == 0 { "" } else { "," })?;
                }
                Ok(())
            }
            Value::Text(t) => f.write_str(t),
        }
    }
}

/// The shortest digits from which the same f64 can be read, with an exponent where JavaScript prints one too.
fn shortest(x: f64) -> String {
    if x == 0.0 || (1e-6..1e21).contains(&x.abs()) {
        format!("{x}")
    } else {
        format!("{x:e}")
    }
}

impl Value {
    /// The word of a variant.
    pub fn of<T: Words>(variant: T) -> Self {
        Value::Word(variant.word())
    }
}
