//! A run, on the engine of this package.

use super::links::read;
use super::scenes::compile;
use super::training::frames_object;
use super::{check, plain, progress, thrown};
use crate::error::Error;
use crate::labs;
use crate::labs::Compiled;
use crate::labs::chain;
use crate::labs::memory;
use crate::labs::space;
use crate::labs::toy1d;
use crate::link::Values;
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

/// Bytes that a page may count on: of the 4 GB of 32-bit memory browsers give half without trouble.
const MEMORY: u64 = 2_000_000_000;

/// A run of one side.
#[wasm_bindgen]
pub struct Run(AnyRun);

/// A run of any lab. One or two exist at a time: their size does not matter.
#[allow(clippy::large_enum_variant)]
enum AnyRun {
    Line(backend::AnyRun<toy1d::Toy1d>),
    Space(backend::AnyRun<space::SpaceLab>),
    Chain(backend::AnyRun<chain::ChainLab>),
}

/// The same expression for the run of any lab.
macro_rules! each {
    ($run:expr, $name:ident => $body:expr) => {
        match $run {
            AnyRun::Line($name) => $body,
            AnyRun::Space($name) => $body,
            AnyRun::Chain($name) => $body,
        }
    };
}

#[cfg(not(feature = "webgpu"))]
mod backend {
    use crate::error::Error;
    use crate::labs::Lab;
    use crate::labs::Run;
    use crate::labs::Training;
    use crate::link::Values;

    pub const NAME: &str = "cpu";
    pub type AnyRun<L> = Run<L>;

    pub async fn prepare() -> Result<String, Error> {
        Ok("WebAssembly, f64".to_owned())
    }

    pub fn start<L: Lab>(lab: L, camera: L::Camera) -> Result<AnyRun<L>, Error> {
        Ok(Run::with(lab, camera))
    }

    pub async fn advance<L: Lab>(run: &mut AnyRun<L>, work: usize) -> Result<bool, Error> {
        Ok(run.advance(work))
    }

    pub fn jacobian_products<L: Lab>(run: &AnyRun<L>) -> Option<f64> {
        run.jacobian_products()
    }

    pub fn training(values: &Values) -> Result<Option<Training>, Error> {
        Ok(Training::new(values))
    }

    pub async fn train(training: &mut Training, work: usize) -> Result<bool, Error> {
        Ok(training.advance(work))
    }
}

#[cfg(feature = "webgpu")]
mod backend {
    use crate::error::Error;
    use crate::labs::DeviceRun;
    use crate::labs::Lab;
    use crate::labs::Training;
    use crate::link::Values;
    use crate::tensor::DType;
    use crate::tensor::Device;
    use crate::tensor::Place;
    use std::cell::RefCell;

    pub const NAME: &str = "webgpu";
    pub type AnyRun<L> = DeviceRun<L>;

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

    pub fn start<L: Lab>(lab: L, camera: L::Camera) -> Result<AnyRun<L>, Error> {
        let device = DEVICE.with(|d| d.borrow().clone());
        let device = device.ok_or_else(|| failed("WebGPU was not started.".to_owned()))?;
        let place = Place {
            device,
            dtype: DType::F32,
        };
        DeviceRun::on_device(lab, camera, &place)
    }

    pub async fn advance<L: Lab>(run: &mut AnyRun<L>, work: usize) -> Result<bool, Error> {
        run.advance_on_device(work).await
    }

    /// On tensors they are not counted.
    pub fn jacobian_products<L: Lab>(_: &AnyRun<L>) -> Option<f64> {
        None
    }

    pub fn training(values: &Values) -> Result<Option<Training>, Error> {
        let device = DEVICE.with(|d| d.borrow().clone());
        let device = device.ok_or_else(|| failed("WebGPU was not started.".to_owned()))?;
        Ok(Training::on_device(values, device))
    }

    pub async fn train(training: &mut Training, work: usize) -> Result<bool, Error> {
        training.advance_on_device(work).await
    }
}

/// The training of a side's values, on the engine of this package.
pub(super) fn training(values: &Values) -> Result<Option<labs::Training>, Error> {
    backend::training(values)
}

/// Does work on a training.
pub(super) async fn train(training: &mut labs::Training, work: usize) -> Result<bool, Error> {
    backend::train(training, work).await
}

#[wasm_bindgen]
impl Run {
    /// The run of one side of a link.
    #[wasm_bindgen(constructor)]
    pub fn new(link: &str, side: &str) -> Result<Run, JsValue> {
        let link = read(link)?.link;
        memory::check(&link, MEMORY, memory::Holder::Page).map_err(thrown)?;
        Ok(Run(match compile(&link, side)? {
            Compiled::Line(lab, axis) => {
                lab.setup.ready().map_err(thrown)?;
                let camera = toy1d::Camera::new(&lab, axis);
                AnyRun::Line(backend::start(lab, camera).map_err(thrown)?)
            }
            Compiled::Space(lab, window) => {
                lab.setup.ready().map_err(thrown)?;
                let camera = space::Camera::new(&lab, window);
                AnyRun::Space(backend::start(lab, camera).map_err(thrown)?)
            }
            Compiled::Chain(lab, _) => {
                lab.setup.ready().map_err(thrown)?;
                let camera = chain::Camera::new(&lab);
                AnyRun::Chain(backend::start(*lab, camera).map_err(thrown)?)
            }
        }))
    }

    /// Does about `work` denoiser evaluations.
    #[wasm_bindgen(unchecked_return_type = "Promise<Progress>")]
    pub async fn advance(&mut self, work: f64) -> Result<JsValue, JsValue> {
        each!(&mut self.0, run => {
            let done = backend::advance(run, work as usize).await.map_err(thrown)?;
            run.check().map_err(thrown)?;
            let frame = run.recorder().frames() - 1;
            Ok(progress(done, frame, run.evaluations(), run.total()))
        })
    }

    /// The frames since the last call.
    #[wasm_bindgen(unchecked_return_type = "Frames | null")]
    pub fn take(&mut self) -> JsValue {
        let Some(frames) = each!(&mut self.0, run => run.recorder().take()) else {
            return JsValue::NULL;
        };
        frames_object(&frames)
    }

    /// The numbers at a frame.
    #[wasm_bindgen(unchecked_return_type = "Metrics | null")]
    pub fn metrics(&self, frame: u32) -> JsValue {
        each!(&self.0, run => run.metrics(frame as usize)).map_or(JsValue::NULL, |m| plain(&m))
    }

    /// Products with the score's Jacobian or its transpose so far, a particle (a mean); undefined where there are
    /// none to count.
    pub fn jacobian_products(&self) -> Option<f64> {
        each!(&self.0, run => backend::jacobian_products(run))
    }

    /// The covariance of the final chains of the lab lgssm, by rows; null elsewhere, before the end, or where
    /// it is too large to be formed.
    #[wasm_bindgen(unchecked_return_type = "Float32Array | null")]
    pub fn covariance(&self) -> JsValue {
        match &self.0 {
            AnyRun::Chain(run) => match run.samples() {
                Ok(x) => chain::sample_covariance(&run.lab, x)
                    .map_or(JsValue::NULL, |c| super::floats(&c)),
                Err(_) => JsValue::NULL,
            },
            _ => JsValue::NULL,
        }
    }

    /// The fingerprint of the result.
    pub fn fingerprint(&self) -> Result<String, JsValue> {
        let fingerprint = each!(&self.0, run => run.fingerprint());
        Ok(fingerprint.map_err(thrown)?.encode())
    }

    /// Compares the result with the fingerprint in its link.
    #[wasm_bindgen(unchecked_return_type = "Check")]
    pub fn check(&self, link: &str) -> Result<JsValue, JsValue> {
        let link = super::links::read(link)?.link;
        let own = each!(&self.0, run => run.fingerprint()).map_err(thrown)?;
        let amplifies = each!(&self.0, run => run.lab.setup.amplifies_rounding());
        Ok(check(&own, &link, amplifies))
    }

    /// The final samples, `[n × dim]`.
    pub fn samples(&self) -> Result<Vec<f64>, JsValue> {
        let samples = each!(&self.0, run => run.samples());
        Ok(samples.map_err(thrown)?.to_vec())
    }

    /// The final samples as CSV, a column a coordinate.
    pub fn csv(&self) -> Result<String, JsValue> {
        let samples: Result<_, Error> = each!(&self.0, run => run.samples());
        let dim = each!(&self.0, run => labs::Lab::dim(&run.lab));
        Ok(labs::csv(samples.map_err(thrown)?, dim))
    }
}
