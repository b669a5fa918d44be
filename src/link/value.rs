//! The values of a configuration.

use std::collections::BTreeMap;
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

/// The shortest digits that read back the same f64, with an exponent where JavaScript prints one too.
fn shortest(x: f64) -> String {
    if x == 0.0 || (1e-6..1e21).contains(&x.abs()) {
        format!("{x}")
    } else {
        format!("{x:e}")
    }
}

/// All values of one configuration: exactly the keys that apply, defaults filled in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values(BTreeMap<&'static str, Value>);

impl Values {
    /// The value of a key; `None` where the key does not apply.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    pub(crate) fn set(&mut self, key: &'static str, value: Value) {
        self.0.insert(key, value);
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }

    /// The word of a key, "" where it does not apply.
    pub fn word(&self, key: &str) -> &'static str {
        match self.get(key) {
            Some(Value::Word(w)) => w,
            _ => "",
        }
    }

    /// The whole number of a key, 0 where it does not apply.
    pub fn int(&self, key: &str) -> u64 {
        match self.get(key) {
            Some(Value::Int(i)) => *i,
            _ => 0,
        }
    }

    /// The real of a key, 0 where it does not apply.
    pub fn real(&self, key: &str) -> f64 {
        match self.get(key) {
            Some(Value::Real(x)) => *x,
            _ => 0.0,
        }
    }

    /// The list of a key, empty where it does not apply.
    pub fn reals(&self, key: &str) -> &[f64] {
        match self.get(key) {
            Some(Value::Reals(x)) => x,
            _ => &[],
        }
    }

    /// The matrix of a key by rows, without rows where it does not apply.
    pub fn matrix(&self, key: &str) -> Vec<Vec<f64>> {
        match self.get(key) {
            Some(Value::Matrix(rows, entries)) => {
                let columns = entries.len() / (*rows).max(1);
                entries
                    .chunks(columns.max(1))
                    .map(<[f64]>::to_vec)
                    .collect()
            }
            _ => vec![],
        }
    }

    /// The increasing whole numbers of a key; `None` where it is not there.
    pub fn ints(&self, key: &str) -> Option<&[u64]> {
        match self.get(key) {
            Some(Value::Ints(list)) => Some(list),
            _ => None,
        }
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Value::Text(t)) => Some(t),
            _ => None,
        }
    }

    /// Keys and values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(k, v)| (*k, v))
    }
}
