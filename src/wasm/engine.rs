//! A run, on the engine of this package.

use super::{check, compile, floats, object, plain, progress, read, thrown};
use crate::error::Error;
use crate::labs::toy1d;
use wasm_bindgen::prelude::*;

/// The engine of this package.
#[wasm_bindgen]
pub fn engine() -> String {
    "cpu".to_owned()
}

/// Starts the engine; returns its description.
#[wasm_bindgen]
pub async fn prepare() -> Result<String, JsValue> {
    Ok("WebAssembly, f64".to_owned())
}

/// A run of one side.
#[wasm_bindgen]
pub struct Run(toy1d::Run);

#[wasm_bindgen]
impl Run {
    /// The run of one side of a link.
    #[wasm_bindgen(constructor)]
    pub fn new(link: &str, side: &str) -> Result<Run, JsValue> {
        let link = read(link)?.link;
        let (lab, axis) = compile(&link, side);
        Ok(Run(toy1d::Run::new(lab, axis)))
    }

    /// Does about `work` denoiser evaluations.
    #[wasm_bindgen(unchecked_return_type = "Promise<Progress>")]
    pub async fn advance(&mut self, work: f64) -> Result<JsValue, JsValue> {
        let done = self.0.advance(work as usize);
        let frame = self.0.recorder().frames() - 1;
        Ok(progress(done, frame, self.0.evaluations(), self.0.total()))
    }

    /// The frames since the last call.
    #[wasm_bindgen(unchecked_return_type = "Frames | null")]
    pub fn take(&mut self) -> JsValue {
        match self.0.recorder().take() {
            None => JsValue::NULL,
            Some(f) => object(&[
                ("from", (f.from as u32).into()),
                ("to", (f.to as u32).into()),
                ("hist", floats(&f.hist)),
                ("paths", floats(&f.paths)),
            ]),
        }
    }

    /// The numbers at a frame.
    #[wasm_bindgen(unchecked_return_type = "Metrics | null")]
    pub fn metrics(&self, frame: u32) -> JsValue {
        self.0
            .metrics(frame as usize)
            .map_or(JsValue::NULL, |m| plain(&m))
    }

    /// The fingerprint of the result.
    pub fn fingerprint(&self) -> Result<String, JsValue> {
        Ok(self.0.fingerprint().map_err(thrown)?.encode())
    }

    /// Compares the result with a shared fingerprint.
    #[wasm_bindgen(unchecked_return_type = "Check")]
    pub fn check(&self, shared: &str) -> Result<JsValue, JsValue> {
        Ok(check(
            &self.0.fingerprint().map_err(thrown)?,
            shared,
            &self.0.lab,
        ))
    }

    /// The final samples.
    pub fn samples(&self) -> Result<Vec<f64>, JsValue> {
        Ok(self.0.samples().map_err(thrown)?.to_vec())
    }

    /// The final samples as CSV, one column `x`.
    pub fn csv(&self) -> Result<String, JsValue> {
        let samples: Result<_, Error> = self.0.samples();
        let mut out = String::from("x\n");
        for x in samples.map_err(thrown)? {
            out += &format!("{x}\n");
        }
        Ok(out)
    }
}
