//! Points of a drawn law across the boundary.

use super::{object, thrown};
use crate::link::points;
use wasm_bindgen::prelude::*;

/// The text of points `[x₀, y₀, …]` for the key `points`.
#[wasm_bindgen]
pub fn encode_points(xy: &[f64]) -> Result<String, JsValue> {
    points::encode(xy).map_err(thrown)
}

/// The points of such a text.
#[wasm_bindgen]
pub fn decode_points(text: &str) -> Result<Vec<f64>, JsValue> {
    points::decode(text).map_err(thrown)
}

/// Reads a table of two columns.
#[wasm_bindgen(unchecked_return_type = "{ points: string, count: number, note: string }")]
pub fn read_points(text: &str) -> Result<JsValue, JsValue> {
    let table = points::read(text).map_err(thrown)?;
    let encoded = points::encode(&table.points).map_err(thrown)?;
    Ok(object(&[
        ("points", encoded.into()),
        ("count", ((table.points.len() / 2) as u32).into()),
        ("note", table.note.into()),
    ]))
}
