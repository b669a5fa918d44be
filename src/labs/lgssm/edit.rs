//! Edits of a model by the controls of the page: custom matrices begin as those of the previous model, and follow
//! each other's shape.

use super::model;
use crate::error::LinkError;
use crate::link::{self, Edited, Link, Side, Values};
use crate::process::Matrix;
use crate::process::lgssm::Model;
use crate::word::Words;

/// Largest number of rows of a matrix in a link.
const MOST: usize = 4;
/// The smallest variance of the observation noise with which custom matrices begin, because R must be positive
/// definite.
const LEAST: f64 = 1e-6;

/// As [`link::edit`], with two additions. `model=custom` begins with the matrices of the previous model. If T or O
/// gets a new size, the other matrices get it too: new rows and columns of Q and R come from the identity, and new
/// entries of O are 0; an all-zero row of O gets a single 1. R begins with at least 10⁻⁶.
///
/// # Errors
/// As [`link::edit`].
pub fn edit(link: &Link, side: Side, key: &str, value: &str) -> Result<Edited, Box<LinkError>> {
    let values = match (side, &link.b) {
        (Side::B, Some(b)) => b,
        _ => &link.a,
    };
    let custom = values.choice("model") == Some(Model::Custom);
    let asked = Model::of_word(value.trim()) == Some(Model::Custom);
    let brought = match (key, value.trim()) {
        ("model", _) if asked && !custom => matrices(values),
        ("T" | "O", text) if custom => fitting(values, key, &link::tidied(values, key, text)),
        _ => vec![],
    };
    let plain = link::edit(link, side, key, value);
    if brought.is_empty() || plain.is_ok() {
        return plain;
    }
    let mut all = vec![(key, value)];
    all.extend(brought.iter().map(|(k, v)| (*k, &v[..])));
    // If the other matrices do not help, the plain refusal says what is wrong.
    link::edit_all(link, side, &all).or(plain)
}

/// T, Q, O, R of a model, as text.
fn matrices(values: &Values) -> Vec<(&'static str, String)> {
    let Ok(chain) = model(values) else {
        return vec![];
    };
    let mut r = chain.observation_noise().clone();
    for i in 0..r.nrows() {
        r[(i, i)] = r[(i, i)].max(LEAST);
    }
    vec![
        ("T", text(chain.transition())),
        ("Q", text(chain.process_noise())),
        ("O", text(chain.operator())),
        ("R", text(&r)),
    ]
}

/// The other matrices, if `given` is a T or an O with a new size.
fn fitting(values: &Values, key: &str, given: &str) -> Vec<(&'static str, String)> {
    let rows = given.split(';').count();
    let columns = given.split(';').next().map_or(0, |r| r.split(',').count());
    let fits = |n: usize| (1..=MOST).contains(&n);
    if !fits(rows) || !fits(columns) || key == "T" && rows != columns {
        return vec![];
    }
    let read = |key: &str| {
        let rows = values.matrix(key).unwrap_or_default();
        let width = rows.first().map_or(0, Vec::len);
        Matrix::from_fn(rows.len(), width, |i, j| rows[i][j])
    };
    if key == "O" {
        return vec![("R", text(&square(&read("R"), rows)))];
    }
    let old = read("O");
    let mut o = Matrix::zeros(old.nrows(), rows);
    for i in 0..o.nrows() {
        for j in 0..rows.min(old.ncols()) {
            o[(i, j)] = old[(i, j)];
        }
        // A row that observes nothing is invalid.
        if o.row(i).iter().all(|x| *x == 0.0) {
            o[(i, i.min(rows - 1))] = 1.0;
        }
    }
    vec![("Q", text(&square(&read("Q"), rows))), ("O", text(&o))]
}

/// A matrix, cut or extended by the identity.
fn square(old: &Matrix<f64>, size: usize) -> Matrix<f64> {
    Matrix::from_fn(size, size, |i, j| match old.get((i, j)) {
        Some(x) => *x,
        None => f64::from(u8::from(i == j)),
    })
}

/// Rows separated by semicolons, numbers by commas, each as the shortest text from which it can be read.
fn text(m: &Matrix<f64>) -> String {
    let row = |i: usize| {
        let numbers: Vec<String> = (0..m.ncols()).map(|j| m[(i, j)].to_string()).collect();
        numbers.join(",")
    };
    (0..m.nrows()).map(row).collect::<Vec<_>>().join(";")
}
