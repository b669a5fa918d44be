//! The boundary to JavaScript: thin wrappers, one error mapper. The only importer of wasm_bindgen.
//!
//! Plain values cross as objects, bulk data as typed arrays. The TypeScript types of everything that crosses are part of
//! the generated package: those of answers are derived from the Rust types, the others stand in `wasm/types.d.ts`.

use crate::error::{Error, POINTS_REMEDY};
use crate::fingerprint::{Fingerprint, Shared, TOLERANCE, Verdict};
use crate::labs::link;
use crate::net::catalog;
use js_sys::{Float32Array, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

mod engine;
mod experiment;
mod links;
mod points;
mod training;

pub use engine::*;
pub use experiment::*;
pub use links::*;
pub use points::*;
pub use training::*;

use links::link_thrown;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &'static str = include_str!("wasm/types.d.ts");

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// An object from its entries.
fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        // Setting a plain property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(key), value);
    }
    object.into()
}

fn plain<T: Serialize + ?Sized>(value: &T) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    // The structs here hold strings, numbers and lists only: nothing that serde could refuse.
    value.serialize(&serializer).unwrap_or(JsValue::NULL)
}

fn floats(x: &[f32]) -> JsValue {
    Float32Array::from(x).into()
}

fn optional(text: Option<&str>) -> JsValue {
    text.map_or(JsValue::NULL, JsValue::from_str)
}

/// The object that JavaScript catches.
pub(crate) fn thrown(error: Error) -> JsValue {
    match error {
        Error::Link(e) => link_thrown(&e, &link::repair(link::DEFAULT), &[]),
        Error::Engine { reason, remedy } => object(&[
            ("kind", "run".into()),
            ("message", reason.into()),
            ("remedy", remedy.into()),
        ]),
        Error::Unsupported { reason } => object(&[
            ("kind", "unsupported".into()),
            ("message", reason.into()),
            ("remedy", "Choose the CPU engine.".into()),
        ]),
        // Of the link, on every engine: the device is well.
        Error::Guidance { reason, remedy } => object(&[
            ("kind", "guidance".into()),
            ("message", reason.into()),
            ("remedy", remedy.into()),
        ]),
        Error::Memory { .. } => object(&[
            ("kind", "memory".into()),
            ("message", error.to_string().into()),
            ("remedy", "".into()),
        ]),
        Error::Model { .. } => object(&[
            ("kind", "model".into()),
            ("message", error.to_string().into()),
            ("remedy", "".into()),
        ]),
        Error::Network { name, reason } => object(&[
            ("kind", "run".into()),
            ("message", format!("{name} {reason}.").into()),
            (
                "remedy",
                "Load it again, or choose score=exact (of chains score=full).".into(),
            ),
        ]),
        Error::Points { reason } => object(&[
            ("kind", "run".into()),
            (
                "message",
                format!("These points cannot be used: {reason}.").into(),
            ),
            ("remedy", POINTS_REMEDY.into()),
        ]),
        other => object(&[
            ("kind", "run".into()),
            ("message", other.to_string().into()),
            ("remedy", "".into()),
        ]),
    }
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

fn progress(done: bool, frame: usize, evaluations: u64, total: u64) -> JsValue {
    object(&[
        ("done", done.into()),
        ("frame", (frame as u32).into()),
        ("evaluations", (evaluations as f64).into()),
        ("total", (total as f64).into()),
    ])
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
    object(&[
        ("verdict", verdict.into()),
        ("difference", difference.into()),
        ("tolerance", TOLERANCE.into()),
        ("message", message.into()),
    ])
}

/// Times the engine against a plain scalar loop in this module, in milliseconds.
#[wasm_bindgen(unchecked_return_type = "BenchResult")]
pub fn bench(n: u32, steps: u32) -> Result<JsValue, JsValue> {
    let clock = js_sys::global()
        .unchecked_into::<web_sys::WorkerGlobalScope>()
        .performance();
    let now = || clock.as_ref().map_or(0.0, web_sys::Performance::now);
    let result = crate::bench::compare(n as usize, steps, now).map_err(thrown)?;
    Ok(object(&[
        ("engine_ms", result.engine_ms.into()),
        ("scalar_ms", result.scalar_ms.into()),
        ("ratio", (result.engine_ms / result.scalar_ms).into()),
        ("difference", result.difference.into()),
    ]))
}
