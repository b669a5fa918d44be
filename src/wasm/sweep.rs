//! The sweep across the boundary.

use super::links::read;
use super::{floats, object, plain, progress, reals, thrown};
use crate::labs::Setup;
use crate::labs::toy1d;
use crate::link::Side;
use crate::word::Words;
use js_sys::Array;
use wasm_bindgen::prelude::*;

/// The sweep over the number of steps.
#[wasm_bindgen]
pub struct Sweep(toy1d::Sweep);

#[wasm_bindgen]
impl Sweep {
    /// The sweep of a link.
    #[wasm_bindgen(constructor)]
    pub fn new(link: &str) -> Result<Sweep, JsValue> {
        let link = read(link)?.link;
        for side in [Side::A, Side::B] {
            if let Some(values) = link.side(side) {
                Setup::new(values).and_then(|s| s.ready()).map_err(thrown)?;
            }
        }
        Ok(Sweep(toy1d::Sweep::new(&link).map_err(thrown)?))
    }

    /// Runs in all.
    #[wasm_bindgen(getter)]
    pub fn total(&self) -> u32 {
        self.0.total() as u32
    }

    /// What the sweep will run.
    #[wasm_bindgen(unchecked_return_type = "SweepPlan")]
    pub fn plan(&self) -> JsValue {
        let series = self.0.series.iter().map(|s| {
            let side = if s.side == Side::A { "a" } else { "b" };
            object(&[
                ("id", s.id.as_str().into()),
                ("side", side.into()),
                ("sampler", s.sampler.word().into()),
                ("label", s.label().into()),
                ("main", s.main.into()),
            ])
        });
        object(&[
            ("series", series.collect::<Array>().into()),
            ("steps", plain(&self.0.steps())),
            ("edges", reals(&self.0.edges)),
            ("axis", plain(&self.0.axis)),
            ("xs", reals(&self.0.xs)),
            ("exact", floats(&self.0.exact)),
            ("iid", self.0.iid.into()),
            ("chance", plain(&self.0.chance)),
            ("n", (self.0.n as u32).into()),
        ])
    }

    /// Does about `work` denoiser evaluations.
    #[wasm_bindgen(unchecked_return_type = "Promise<Progress>")]
    pub async fn advance(&mut self, work: f64) -> JsValue {
        let done = self.0.advance(work as usize);
        progress(
            done,
            self.0.done(),
            self.0.done() as u64,
            self.0.total() as u64,
        )
    }

    /// The points since the last call.
    #[wasm_bindgen(unchecked_return_type = "SweepPoint[]")]
    pub fn take(&mut self) -> JsValue {
        let point = |p: toy1d::Point| {
            object(&[
                ("series", p.series.into()),
                ("steps", p.steps.into()),
                ("nfe", (p.nfe as u32).into()),
                ("w1", p.w1.into()),
                ("ks", p.ks.into()),
                ("hist", floats(&p.hist)),
            ])
        };
        self.0
            .take()
            .into_iter()
            .map(point)
            .collect::<Array>()
            .into()
    }
}
