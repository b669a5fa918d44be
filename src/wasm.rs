//! The boundary to JavaScript: thin wrappers, one error mapper. The only importer of wasm_bindgen.
//!
//! Plain values cross as objects, bulk data as typed arrays. The TypeScript types of everything that crosses are part of
//! the generated package, and derived from the Rust types.

// A package beside the first has a part of the calls.
#![cfg_attr(not(feature = "cpu"), allow(dead_code))]

use crate::net::catalog;
use crate::net::unet;
use wasm_bindgen::prelude::*;

mod cross;
mod engine;
mod experiment;
#[cfg(feature = "cpu")]
mod links;
#[cfg(feature = "cpu")]
mod points;
mod read;
mod shapes;
mod shares;
// The systems have no networks.
#[cfg(any(feature = "cpu", feature = "chains"))]
mod training;

pub use engine::*;
pub use experiment::*;
#[cfg(feature = "cpu")]
pub use links::*;
#[cfg(feature = "cpu")]
pub use points::*;
#[cfg(any(feature = "cpu", feature = "chains"))]
pub use training::*;

use cross::{plain, thrown};
use shapes::BenchResult;

#[wasm_bindgen(start)]
fn start() {
    #[cfg(feature = "gpu")]
    crate::gpu::construct();
    console_error_panic_hook::set_once();
}

/// Version of the crate.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Whether a pretrained network is at hand.
#[wasm_bindgen]
pub fn has_network(name: &str) -> bool {
    match is_on_films(name) {
        true => unet::catalog::get(name).is_some(),
        false => catalog::get(name).is_some(),
    }
}

/// Takes the file of a pretrained network, after checking its length, hash and shape.
#[wasm_bindgen]
pub fn add_network(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let added = match is_on_films(name) {
        true => unet::catalog::add(name, bytes),
        false => catalog::add(name, bytes),
    };
    added.map_err(thrown)
}

/// Whether this package runs networks on windows of films, and this is one of them.
fn is_on_films(name: &str) -> bool {
    cfg!(feature = "fields") && unet::catalog::find(name).is_some()
}

/// Times the engine against a plain scalar loop in this module, in milliseconds.
#[wasm_bindgen(unchecked_return_type = "BenchResult")]
pub fn bench(n: u32, steps: u32) -> Result<JsValue, JsValue> {
    let clock = js_sys::global()
        .unchecked_into::<web_sys::WorkerGlobalScope>()
        .performance();
    let now = || clock.as_ref().map_or(0.0, web_sys::Performance::now);
    let result = crate::bench::compare(n as usize, steps, now).map_err(thrown)?;
    Ok(plain(&BenchResult {
        engine_ms: result.engine_ms,
        scalar_ms: result.scalar_ms,
        ratio: result.engine_ms / result.scalar_ms,
        difference: result.difference,
    }))
}
