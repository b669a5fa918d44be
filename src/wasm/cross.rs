//! How values and errors cross.

use super::shapes::{self, RunError};
use crate::error::{Error, Fix, LinkError, POINTS_REMEDY};
use crate::labs::link::{self, Repaired};
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// A plain value as an object.
pub fn plain<T: Serialize + ?Sized>(value: &T) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    // The structs here hold strings, numbers and lists only: nothing that serde could refuse.
    value.serialize(&serializer).unwrap_or(JsValue::NULL)
}

/// The object that JavaScript catches.
pub fn thrown(error: Error) -> JsValue {
    let (kind, message, remedy) = match error {
        Error::Link(e) => return link_thrown(&e, link::DEFAULT.to_owned(), &[], &[]),
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
            "Load it again, or choose score=exact (of chains score=full, of flows score=gaussian)."
                .to_owned(),
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

/// What is thrown for a link that cannot be read: `nearest` is the nearest valid one, which the changes lead to; `choices` are
/// one for each of the first choices.
pub fn link_thrown(
    e: &LinkError,
    nearest: String,
    changes: &[String],
    choices: &[Repaired],
) -> JsValue {
    let label = match &e.fix {
        Fix::Drop(_) => format!("without {}", e.key.as_deref().unwrap_or("it")),
        Fix::Rename(_, key) => {
            format!("with {key}={}", e.value.as_deref().unwrap_or(""))
        }
        Fix::Set(_, value) => {
            format!("with {}={value}", e.key.as_deref().unwrap_or(""))
        }
        Fix::Add(key, value) => format!("with {key}={value}"),
        Fix::Default => "the default experiment".to_owned(),
    };
    plain(&shapes::LinkError {
        kind: "link",
        key: e.key.clone(),
        value: e.value.clone(),
        message: e.message.clone(),
        choices: e.choices.clone(),
        nearest,
        changes: changes.to_vec(),
        nearest_label: label,
        choice_links: choices.iter().map(|c| link::encode(&c.link)).collect(),
        choice_changes: choices.iter().map(|c| c.changes.clone()).collect(),
    })
}
