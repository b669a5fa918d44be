//! The lab lgssm across the boundary.

use super::links::read;
use super::scenes::{compile, elsewhere, timeline};
use super::{floats, object, plain, reals, thrown};
use crate::labs::chain::{self, ChainLab, Reference, ReferenceKind};
use crate::labs::{Compiled, Lab};
use crate::process::Matrix;
use crate::word::Words;
use js_sys::{Array, Int32Array, Uint32Array};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

pub(super) fn scene(lab: &ChainLab, reach: f64) -> JsValue {
    let s = chain::scene(lab);
    let model = &lab.chain;
    let indices: Vec<u32> = lab.observed.iter().map(|&i| i as u32).collect();
    let by_rows = |m: &Matrix<f64>| reals(&m.transpose().iter().copied().collect::<Vec<_>>());
    let seen: Vec<i32> = s
        .marks
        .seen
        .iter()
        .map(|j| j.map_or(-1, |j| j as i32))
        .collect();
    let reference = match lab.reference.kind {
        ReferenceKind::Posterior => "posterior",
        ReferenceKind::Prior => "prior",
        ReferenceKind::None => "none",
    };
    let mut entries = timeline("lgssm", &lab.setup, &s.levels, &s.level_index, &s.record);
    entries.extend([
        ("warnings", plain(&lab.warnings())),
        ("length", (model.length() as u32).into()),
        ("states", (model.states() as u32).into()),
        ("rows", (model.operator().nrows() as u32).into()),
        ("n", (lab.setup.n as u32).into()),
        ("shown", (s.shown as u32).into()),
        ("scale", reals(&s.scale)),
        ("transition", by_rows(model.transition())),
        ("observation", by_rows(model.operator())),
        ("truth", reals(&lab.truth)),
        ("observed", Uint32Array::from(&indices[..]).into()),
        ("y", reals(lab.guided.observation().y())),
        ("operator", lab.operator.word().into()),
        ("width", (lab.operator.width() as u32).into()),
        ("marks", reals(&s.marks.places)),
        ("seen", Int32Array::from(&seen[..]).into()),
        ("noise", reals(&s.marks.noise)),
        ("reference", reference.into()),
        ("mean", reals(&lab.reference.mean)),
        ("sd", reals(&lab.reference.sd)),
        ("reach", reach.into()),
        ("nfe", (s.score_calls as u32).into()),
        ("score_calls", (s.score_calls as u32).into()),
        ("state_floats", (s.state_floats as f64).into()),
    ]);
    object(&entries)
}

fn chain_of(link: &str, side: &str) -> Result<ChainLab, JsValue> {
    let link = read(link)?.link;
    match compile(&link, side)? {
        Compiled::Chain(lab, _) => Ok(*lab),
        _ => Err(elsewhere()),
    }
}

/// The reference of one side of a link, compiled once for many values of its observations.
#[wasm_bindgen]
pub struct Posterior(Rc<Reference>);

#[wasm_bindgen]
impl Posterior {
    /// The reference of one side of a link.
    #[wasm_bindgen(constructor)]
    pub fn new(link: &str, side: &str) -> Result<Posterior, JsValue> {
        Ok(Posterior(chain_of(link, side)?.reference))
    }

    /// Its law for other values.
    #[wasm_bindgen(unchecked_return_type = "ChainPosterior")]
    pub fn given(&self, y: &[f64]) -> Result<JsValue, JsValue> {
        let mean = self.0.given(y).map_err(thrown)?;
        Ok(object(&[("mean", reals(&mean)), ("sd", reals(&self.0.sd))]))
    }
}

/// The exact covariance of the reference.
#[wasm_bindgen(unchecked_return_type = "ChainCovariance")]
pub fn chain_covariance(link: &str, side: &str) -> Result<JsValue, JsValue> {
    let (size, exact) = chain::covariance(&chain_of(link, side)?);
    Ok(object(&[
        ("size", (size as u32).into()),
        ("exact", floats(&exact)),
        ("sample", JsValue::NULL),
    ]))
}

/// The relative errors of the scores of windows over σ/α.
#[wasm_bindgen(unchecked_return_type = "ChainScoreErrors")]
pub fn chain_score_errors(link: &str, side: &str) -> Result<JsValue, JsValue> {
    let lab = chain_of(link, side)?;
    lab.setup.ready().map_err(thrown)?;
    let curves = chain::score_errors(&lab).map_err(thrown)?;
    let curve = |own: &chain::ScoreErrors| {
        let (ratio, error): (Vec<f64>, Vec<f64>) = own.curve.iter().copied().unzip();
        let most = error.iter().fold(0.0f64, |m, e| m.max(*e));
        object(&[
            ("k", (own.k as u32).into()),
            ("learned", own.learned.into()),
            ("ratio", reals(&ratio)),
            ("error", reals(&error)),
            ("most", most.into()),
        ])
    };
    let curves: Array = curves.iter().map(curve).collect();
    Ok(object(&[("curves", curves.into())]))
}
