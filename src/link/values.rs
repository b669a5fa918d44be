//! What the values of a configuration say, by the type of a key.

use super::key::Values;
use super::value::Value;
use crate::error::{Error, Fix, LinkError};
use crate::word::Words;

impl Values {
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

    /// Numbers of a particle.
    ///
    /// # Errors
    /// If the values are of no lab.
    pub fn numbers(&self) -> Result<u64, Error> {
        let numbers = self.lab().and_then(|lab| (lab.numbers)(self));
        numbers.ok_or_else(|| lacking("lab"))
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
}

/// That values lack a key that an experiment needs: they were not read from a link.
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
