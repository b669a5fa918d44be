//! Links across the boundary: opening and editing what a visitor typed. Only the package that loads first does that.

use super::cross::{link_thrown, plain};
use super::read::{after, opened, read, side};
use super::shapes::Opened;
use crate::error::LinkError;
use crate::labs;
use crate::labs::link::{self, Link, Mode};
use wasm_bindgen::prelude::*;

/// Reads a link; the empty text is the default experiment.
#[wasm_bindgen(unchecked_return_type = "Opened")]
pub fn open_link(text: &str) -> Result<JsValue, JsValue> {
    let empty = text.trim_start_matches('#').trim().is_empty();
    let decoded = read(if empty { link::DEFAULT } else { text })?;
    let opened = opened(&decoded.link, &decoded.clamps, &[]);
    Ok(plain(&Opened {
        changes: decoded.changes,
        ..opened
    }))
}

/// The package that computes the runs of a link, where that is not this one.
#[wasm_bindgen]
pub fn other_package(text: &str) -> Result<Option<String>, JsValue> {
    Ok(away(&read(text)?.link))
}

/// The package of the lab that a network's file is for, where that is not this one; undefined also where the file cannot be
/// read, which `load_network` explains.
#[wasm_bindgen]
pub fn package_of_network(name: &str, bytes: &[u8]) -> Option<String> {
    let law = labs::learned(name, bytes)?;
    away(&link::decode(&law, Mode::Clamp).ok()?.link)
}

/// The package of a link's lab, where that is not this one.
fn away(link: &Link) -> Option<String> {
    let lab = link.a.lab().filter(|lab| !lab.package.is_here())?;
    Some(lab.package.name().to_owned())
}

/// What is thrown where an edit is refused: the link stays open as it is.
fn kept(link: &Link, error: &LinkError) -> JsValue {
    link_thrown(error, link::encode(link), &[], &[])
}

/// The link with one key of one side set.
#[wasm_bindgen(unchecked_return_type = "Opened")]
pub fn edit_link(link: &str, side_name: &str, key: &str, value: &str) -> Result<JsValue, JsValue> {
    let decoded = read(link)?;
    let edited = labs::edit(&decoded.link, side(side_name)?, key, value)
        .map_err(|e| kept(&decoded.link, &e))?;
    Ok(plain(&after(edited)))
}

/// The link with several keys of one side set at once: pairs `[key, value]`.
#[wasm_bindgen(unchecked_return_type = "Opened")]
pub fn edit_keys(
    link: &str,
    side_name: &str,
    #[wasm_bindgen(unchecked_param_type = "string[][]")] changes: JsValue,
) -> Result<JsValue, JsValue> {
    let decoded = read(link)?;
    let changes: Vec<(String, String)> = serde_wasm_bindgen::from_value(changes)?;
    let changes: Vec<(&str, &str)> = changes.iter().map(|(k, v)| (&k[..], &v[..])).collect();
    let edited = link::edit_all(&decoded.link, side(side_name)?, &changes)
        .map_err(|e| kept(&decoded.link, &e))?;
    Ok(plain(&after(edited)))
}

/// The link with its comparison opened or closed.
#[wasm_bindgen(unchecked_return_type = "Opened")]
pub fn compare_link(link: &str, on: bool) -> Result<JsValue, JsValue> {
    let compared = link::compare(&read(link)?.link, on);
    Ok(plain(&opened(&compared, &[], &[])))
}

/// The link to share: with the fingerprint of its result, and in a comparison with that of side b where it is known.
#[wasm_bindgen]
pub fn share_link(
    link: &str,
    fingerprint: &str,
    second: Option<String>,
) -> Result<String, JsValue> {
    let second = second.as_deref();
    Ok(link::share(&read(link)?.link, fingerprint, second))
}
