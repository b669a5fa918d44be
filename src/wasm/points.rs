//! Points of a drawn law across the boundary.

use super::cross::{plain, thrown};
use super::shapes::{FileContent, PointsTable};
use crate::labs;
use crate::labs::Content;
use crate::link::columns;
use crate::link::columns::Table;
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
#[wasm_bindgen(unchecked_return_type = "PointsTable")]
pub fn read_points(bytes: &[u8]) -> Result<JsValue, JsValue> {
    let table = columns::read(bytes).map_err(thrown)?;
    Ok(plain(&shape(table)?))
}

/// Tells what the file of a visitor holds, by its content.
#[wasm_bindgen(unchecked_return_type = "FileContent")]
pub fn recognise(name: &str, bytes: &[u8]) -> Result<JsValue, JsValue> {
    let content = match labs::recognise(name, bytes).map_err(thrown)? {
        Content::Network => FileContent::Network,
        Content::Points(table) => FileContent::Points(shape(table)?),
    };
    Ok(plain(&content))
}

fn shape(table: Table) -> Result<PointsTable, JsValue> {
    Ok(PointsTable {
        points: points::encode(&table.points).map_err(thrown)?,
        count: table.points.len() / 2,
        note: table.note,
    })
}
