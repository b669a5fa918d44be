//! The values of a configuration.

use crate::error::{Error, Fix, LinkError};
use crate::word::Words;
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

/// All values of one configuration: exactly the keys that apply, with defaults filled in.
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

    /// The word of a key; `None` where it does not apply.
    pub fn word(&self, key: &str) -> Option<&'static str> {
        match self.get(key) {
            Some(Value::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// The variant of a list that a key has, with its standard numbers; `None` where the key does not apply, or where its
    /// list is another one.
    pub fn choice<T: Words>(&self, key: &str) -> Option<T> {
        T::of_word(self.word(key)?)
    }

    /// The whole number of a key; `None` where it does not apply.
    pub fn int(&self, key: &str) -> Option<u64> {
        match self.get(key) {
            Some(Value::Int(i)) => Some(*i),
            _ => None,
        }
    }

    /// The real of a key; `None` where it does not apply.
    pub fn real(&self, key: &str) -> Option<f64> {
        match self.get(key) {
            Some(Value::Real(x)) => Some(*x),
            _ => None,
        }
    }

    /// The list of a key; `None` where it does not apply or is not given.
    pub fn reals(&self, key: &str) -> Option<&[f64]> {
        match self.get(key) {
            Some(Value::Reals(list)) => Some(list),
            _ => None,
        }
    }

    /// The matrix of a key by rows; `None` where it does not apply.
    pub fn matrix(&self, key: &str) -> Option<Vec<Vec<f64>>> {
        match self.get(key) {
            Some(Value::Matrix(rows, entries)) => {
                let columns = (entries.len() / (*rows).max(1)).max(1);
                Some(entries.chunks(columns).map(<[f64]>::to_vec).collect())
            }
            _ => None,
        }
    }

    /// The increasing whole numbers of a key; `None` where it does not apply or is not given.
    pub fn ints(&self, key: &str) -> Option<&[u64]> {
        match self.get(key) {
            Some(Value::Ints(list)) => Some(list),
            _ => None,
        }
    }

    /// The text of a key; `None` where it does not apply or is not given.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Value::Text(t)) => Some(t),
            _ => None,
        }
    }

    /// As [`Values::choice`], of a key that an experiment needs.
    ///
    /// # Errors
    /// If the key does not apply.
    pub fn need_choice<T: Words>(&self, key: &str) -> Result<T, Error> {
        self.choice(key).ok_or_else(|| lacking(key))
    }

    /// As [`Values::int`], of a key that an experiment needs.
    ///
    /// # Errors
    /// If the key does not apply.
    pub fn need_int(&self, key: &str) -> Result<u64, Error> {
        self.int(key).ok_or_else(|| lacking(key))
    }

    /// As [`Values::real`], of a key that an experiment needs.
    ///
    /// # Errors
    /// If the key does not apply.
    pub fn need_real(&self, key: &str) -> Result<f64, Error> {
        self.real(key).ok_or_else(|| lacking(key))
    }

    /// As [`Values::reals`], of a key that an experiment needs.
    ///
    /// # Errors
    /// If the key does not apply.
    pub fn need_reals(&self, key: &str) -> Result<&[f64], Error> {
        self.reals(key).ok_or_else(|| lacking(key))
    }

    /// As [`Values::text`], of a key that an experiment needs.
    ///
    /// # Errors
    /// If the key does not apply.
    pub fn need_text(&self, key: &str) -> Result<&str, Error> {
        self.text(key).ok_or_else(|| lacking(key))
    }

    /// As [`Values::matrix`], of a key that an experiment needs.
    ///
    /// # Errors
    /// If the key does not apply.
    pub fn need_matrix(&self, key: &str) -> Result<Vec<Vec<f64>>, Error> {
        self.matrix(key).ok_or_else(|| lacking(key))
    }

    /// Keys and values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(k, v)| (*k, v))
    }
}

/// The error of values without a key that an experiment needs: they were not read from a link.
fn lacking(key: &str) -> Error {
    Error::Link(Box::new(LinkError {
        key: Some(key.to_owned()),
        value: None,
        message: format!("The experiment needs the key “{key}”, and these values do not have it."),
        choices: vec![],
        meant: 0,
        fix: Fix::Default,
    }))
}
