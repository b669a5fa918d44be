//! The engine of this package.

use super::cross::thrown;
use crate::error::Error;
use crate::labs;
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

#[cfg(not(feature = "webgpu"))]
mod backend {
    use crate::error::Error;
    use crate::labs::Engine;
    use crate::labs::Training;
    use crate::link::Values;

    pub const NAME: &str = "cpu";

    pub async fn prepare() -> Result<String, Error> {
        Ok("WebAssembly, f64".to_owned())
    }

    pub fn engine() -> Result<Engine, Error> {
        Ok(Engine::Host)
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
    use crate::gpu::Card;
    use crate::labs::Engine;
    use crate::labs::Training;
    use crate::link::Values;
    use crate::tensor::DType;
    use crate::tensor::Device;
    use crate::tensor::Place;
    use std::cell::RefCell;

    pub const NAME: &str = "webgpu";

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

    fn device() -> Result<Device, Error> {
        let device = DEVICE.with(|d| d.borrow().clone());
        device.ok_or_else(|| failed("WebGPU was not started.".to_owned()))
    }

    pub fn engine() -> Result<Engine, Error> {
        let place = Place {
            device: device()?,
            dtype: DType::F32,
        };
        Ok(Engine::Fused(Card::started(), place))
    }

    pub fn training(values: &Values) -> Result<Option<Training>, Error> {
        Ok(Training::on_device(values, device()?))
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

/// The engine of this package.
pub(super) fn own() -> Result<labs::Engine, Error> {
    backend::engine()
}
