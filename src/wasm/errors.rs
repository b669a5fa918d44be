//! The errors of networks across the boundary.

use super::links::read;
use super::{object, progress, reals, thrown};
use crate::labs;
use crate::labs::Setup;
use crate::link::Side;
use js_sys::Array;
use wasm_bindgen::prelude::*;

/// Where the errors of each side with a network come from.
#[wasm_bindgen]
pub struct Errors(Vec<labs::Errors>);

fn name(side: Side) -> JsValue {
    if side == Side::A { "a" } else { "b" }.into()
}

#[wasm_bindgen]
impl Errors {
    /// The errors of a link.
    #[wasm_bindgen(constructor)]
    pub fn new(link: &str) -> Result<Errors, JsValue> {
        let link = read(link)?.link;
        for side in [Side::A, Side::B] {
            if let Some(values) = link.side(side) {
                Setup::new(values).and_then(|s| s.ready()).map_err(thrown)?;
            }
        }
        Ok(Errors(labs::Errors::of(&link).map_err(thrown)?))
    }

    /// Runs in all.
    #[wasm_bindgen(getter)]
    pub fn total(&self) -> u32 {
        self.0.iter().map(|e| e.total() as u32).sum()
    }

    /// What is known before the runs: the score errors.
    #[wasm_bindgen(unchecked_return_type = "ErrorPlan")]
    pub fn plan(&self) -> JsValue {
        let side = |e: &labs::Errors| {
            let each = |f: fn(&labs::ScoreError) -> f64| {
                reals(&e.scores.iter().map(f).collect::<Vec<_>>())
            };
            object(&[
                ("side", name(e.side)),
                ("distance", e.distance_name().into()),
                ("n", (e.n as u32).into()),
                ("own", e.own.into()),
                ("fine", e.fine_steps().into()),
                ("stochastic", e.stochastic.into()),
                ("ratio", each(|s| s.ratio)),
                ("x_hat", each(|s| s.x_hat)),
                ("spread", each(|s| s.spread)),
            ])
        };
        let sides: Array = self.0.iter().map(side).collect();
        object(&[("sides", sides.into())])
    }

    /// Does about `work` denoiser evaluations.
    #[wasm_bindgen(unchecked_return_type = "Promise<Progress>")]
    pub async fn advance(&mut self, work: f64) -> JsValue {
        let open = self.0.iter_mut().find(|e| e.done() < e.total());
        if let Some(errors) = open {
            errors.advance(work as usize);
        }
        let done: usize = self.0.iter().map(|e| e.done()).sum();
        let total = self.total();
        progress(done as u32 == total, done, done as u64, u64::from(total))
    }

    /// The points since the last call, of each side its own number of steps first.
    #[wasm_bindgen(unchecked_return_type = "ErrorPoint[]")]
    pub fn take(&mut self) -> JsValue {
        let mut out = Vec::new();
        for errors in &mut self.0 {
            let floor = errors.monte_carlo.unwrap_or(f64::NAN);
            let side = name(errors.side);
            out.extend(errors.take().into_iter().map(|p| {
                object(&[
                    ("side", side.clone()),
                    ("steps", p.steps.into()),
                    ("nfe", (p.nfe as u32).into()),
                    ("total", p.total.into()),
                    ("exact", p.exact.into()),
                    ("score", p.score.into()),
                    (
                        "discretisation",
                        p.discretisation.map_or(JsValue::NULL, JsValue::from),
                    ),
                    ("floor", floor.into()),
                ])
            }));
        }
        out.into_iter().collect::<Array>().into()
    }
}
