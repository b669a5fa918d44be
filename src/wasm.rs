//! The boundary to JavaScript: thin wrappers, one error mapper. The only importer of wasm_bindgen.
//!
//! Plain values cross as objects, bulk data as typed arrays. The TypeScript types of everything that crosses are part of
//! the generated package, and derived from the Rust types.

use crate::error::{Error, POINTS_REMEDY};
use crate::fingerprint::{Fingerprint, Shared, TOLERANCE, Verdict};
use crate::labs::link;
use crate::net::catalog;
use serde::Serialize;
use wasm_bindgen::prelude::*;

mod engine;
mod experiment;
mod links;
mod points;
mod shapes;
mod training;

pub use engine::*;
pub use experiment::*;
pub use links::*;
pub use points::*;
pub use training::*;

use links::link_thrown;
use shapes::{BenchResult, Check, RunError};

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

fn plain<T: Serialize + ?Sized>(value: &T) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    // The structs here hold strings, numbers and lists only: nothing that serde could refuse.
    value.serialize(&serializer).unwrap_or(JsValue::NULL)
}

/// The object that JavaScript catches.
pub(crate) fn thrown(error: Error) -> JsValue {
    let (kind, message, remedy) = match error {
        Error::Link(e) => return link_thrown(&e, &link::repair(link::DEFAULT), &[]),
        Error::Engine { reason, remedy } => ("run", reason, remedy),
        Error::Unsupported { reason } => {
            ("unsupported", reason, "Choose the CPU engine.".to_owned())
        }
        // Of the link, on every engine: the device is well.
        Error::Guidance { reason, remedy } => ("guidance", reason, remedy),
        Error::Memory { .. } => ("memory", error.to_string(), String::new()),
        Error::Model { .. } => ("model", error.to_string(), String::new()),
        Error::Network { name, reason } => (
            "run",
            format!("{name} {reason}."),
            "Load it again, or choose score=exact (of chains score=full).".to_owned(),
        ),
        Error::Points { reason } => (
            "run",
            format!("These points cannot be used: {reason}."),
            POINTS_REMEDY.to_owned(),
        ),
        other => ("run", other.to_string(), String::new()),
    };
    plain(&RunError {
        kind,
        message,
        remedy,
    })
}

/// Version of the crate.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Whether a pretrained network is at hand.
#[wasm_bindgen]
pub fn has_network(name: &str) -> bool {
    catalog::get(name).is_some()
}

/// Takes the file of a pretrained network, after checking its length, hash and shape.
#[wasm_bindgen]
pub fn add_network(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    catalog::add(name, bytes).map_err(thrown)
}

fn check(own: &Fingerprint, link: &link::Link, amplifies_rounding: bool) -> JsValue {
    let shared = Shared::decode(link.a.text("fp").unwrap_or_default());
    let (verdict, difference, message) = match shared {
        Err(e) => ("unread", f64::NAN, e.to_string()),
        Ok(shared) => match shared.judge(own, link, amplifies_rounding) {
            Verdict::Edited => (
                "edited",
                f64::NAN,
                "This link was edited after it was shared, so its result is not compared. Share it again to have it checked."
                    .to_owned(),
            ),
            Verdict::Exact => (
                "exact",
                0.0,
                "Reproduced: every sample is the same to the last bit.".to_owned(),
            ),
            Verdict::Close(d) => (
                "close",
                d,
                format!(
                    "Reproduced within tolerance: the largest difference is {d:.1e} (allowed {TOLERANCE:.0e})."
                ),
            ),
            Verdict::Different(d) => (
                "different",
                d,
                format!(
                    "Not reproduced: the result differs from the shared one by {d:.1e} (allowed {TOLERANCE:.0e})."
                ),
            ),
        },
    };
    plain(&Check {
        verdict,
        difference,
        tolerance: TOLERANCE,
        message,
    })
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
