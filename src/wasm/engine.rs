//! A run, on the engine of this package.

use super::links::read;
use super::{check, compile, floats, object, plain, progress, thrown};
use crate::error::Error;
use crate::labs::toy1d;
use wasm_bindgen::prelude::*;

/// The engine of this package.
#[wasm_bindgen]
pub fn engine() -> String {
    backend::NAME.to_owned()
}

/// Starts the engine; returns its description.
#[wasm_bindgen]
pub async fn prepare() -> Result<String, JsValue> {
    backend::prepare().await.map_err(thrown)
}

/// A run of one side.
#[wasm_bindgen]
pub struct Run(backend::Run);

#[cfg(not(feature = "webgpu"))]
mod backend {
    use super::toy1d::{self, Axis, Toy1d};
    use crate::error::Error;

    pub const NAME: &str = "cpu";
    pub type Run = toy1d::Run;

    pub async fn prepare() -> Result<String, Error> {
        Ok("WebAssembly, f64".to_owned())
    }

    pub fn start(lab: Toy1d, axis: Axis) -> Result<Run, Error> {
        Ok(Run::new(lab, axis))
    }

    pub async fn advance(run: &mut Run, work: usize) -> Result<bool, Error> {
        Ok(run.advance(work))
    }
}

#[cfg(feature = "webgpu")]
mod backend {
    use super::toy1d::{self, Axis, Toy1d};
    use crate::error::Error;
    use crate::tensor::TensorState;
    use burn::tensor::Device;
    use std::cell::RefCell;

    pub const NAME: &str = "webgpu";
    pub type Run = toy1d::Run<TensorState>;

    thread_local! {
        static DEVICE: RefCell<Option<Device>> = const { RefCell::new(None) };
    }

    fn failed(reason: String) -> Error {
        let remedy = "The CPU engine goes on.".to_owned();
        Error::Engine { reason, remedy }
    }

    pub async fn prepare() -> Result<String, Error> {
        let device = Device::wgpu_options().init_async().await.map_err(|e| {
            // The first line says what; what follows are causes and traces.
            let e = e.to_string();
            let first = e.lines().next().unwrap_or_default().trim_end_matches('.');
            failed(format!("WebGPU could not be started ({first})."))
        })?;
        DEVICE.with(|d| *d.borrow_mut() = Some(device));
        Ok("WebGPU through burn, f32".to_owned())
    }

    pub fn start(lab: Toy1d, axis: Axis) -> Result<Run, Error> {
        let device = DEVICE.with(|d| d.borrow().clone());
        let device = device.ok_or_else(|| failed("WebGPU was not started.".to_owned()))?;
        Ok(Run::on_device(lab, axis, device))
    }

    pub async fn advance(run: &mut Run, work: usize) -> Result<bool, Error> {
        run.advance_on_device(work).await
    }
}

#[wasm_bindgen]
impl Run {
    /// The run of one side of a link.
    #[wasm_bindgen(constructor)]
    pub fn new(link: &str, side: &str) -> Result<Run, JsValue> {
        let link = read(link)?.link;
        let (lab, axis) = compile(&link, side);
        lab.ready().map_err(thrown)?;
        Ok(Run(backend::start(lab, axis).map_err(thrown)?))
    }

    /// Does about `work` denoiser evaluations.
    #[wasm_bindgen(unchecked_return_type = "Promise<Progress>")]
    pub async fn advance(&mut self, work: f64) -> Result<JsValue, JsValue> {
        let done = backend::advance(&mut self.0, work as usize)
            .await
            .map_err(thrown)?;
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
