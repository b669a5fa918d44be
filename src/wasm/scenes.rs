//! What is exact and known before a run, across the boundary.

use super::links::{read, side, values};
use super::{floats, object, plain, reals, thrown};
use crate::error::Error;
use crate::labs::space::{self, SpaceLab, Window};
use crate::labs::toy1d::{self, Axis, Toy1d};
use crate::labs::{self, Compiled, Lab, Setup, plan_table as table_of};
use crate::level::Level;
use crate::link::Link;
use js_sys::{Array, Uint32Array};
use wasm_bindgen::prelude::*;

/// Compiles one side of a link.
pub(super) fn compile(link: &Link, name: &str) -> Result<Compiled, JsValue> {
    labs::compile(link, side(name)).map_err(thrown)
}

pub(super) fn timeline(
    lab: &str,
    setup: &Setup,
    levels: &[Level],
    level_index: &[u32],
    record: &[(&str, usize)],
) -> Vec<(&'static str, JsValue)> {
    let each = |f: fn(&Level) -> f64| reals(&levels.iter().map(f).collect::<Vec<_>>());
    let numbers: Vec<(&str, JsValue)> = record
        .iter()
        .map(|&(name, count)| (name, JsValue::from(count as u32)))
        .collect();
    let clock = match setup.walks_at_one_level() {
        true => "iteration",
        false => "time",
    };
    vec![
        ("lab", lab.into()),
        ("steps", (setup.plan.steps() as u32).into()),
        ("nfe", (setup.plan.nfe() as u32).into()),
        ("clock", clock.into()),
        ("frames", (levels.len() as u32).into()),
        ("level_index", Uint32Array::from(level_index).into()),
        ("t", each(|l| l.t)),
        ("alpha", each(|l| l.alpha)),
        ("sigma", each(|l| l.sigma)),
        ("record", object(&numbers)),
    ]
}

/// The exact picture of one side.
#[wasm_bindgen(unchecked_return_type = "Scene | SpaceScene | ChainScene")]
pub fn scene(link: &str, side: &str) -> Result<JsValue, JsValue> {
    let link = read(link)?.link;
    Ok(match compile(&link, side)? {
        Compiled::Line(lab, axis) => line_scene(&lab, axis),
        Compiled::Space(lab, window) => {
            space_scene(link.a.word("lab").unwrap_or_default(), &lab, window)
        }
        Compiled::Chain(lab, reach) => super::chains::scene(&lab, reach),
    })
}

fn line_scene(lab: &Toy1d, axis: Axis) -> JsValue {
    let s = toy1d::scene(lab, axis);
    let levels = lab.setup.frames();
    let record = [("hist", s.edges.len() - 1), ("paths", toy1d::PATHS)];
    let mut entries = timeline("toy1d", &lab.setup, &levels, &s.level_index, &record);
    entries.extend([
        ("warnings", plain(&lab.warnings())),
        ("axis", plain(&s.axis)),
        ("edges", reals(&s.edges)),
        ("xs", reals(&s.xs)),
        ("density", floats(&s.density)),
        ("columns", (toy1d::COLUMNS as u32).into()),
        ("map", floats(&s.map)),
        ("mean", reals(&s.mean)),
        ("sd", reals(&s.sd)),
        ("paths", (toy1d::PATHS as u32).into()),
        ("forward", floats(&s.forward)),
    ]);
    object(&entries)
}

fn space_scene(name: &str, lab: &SpaceLab, window: Window) -> JsValue {
    let s = space::scene(lab, window);
    let mut entries = timeline(name, &lab.setup, &s.levels, &s.level_index, &s.record);
    entries.extend([
        ("warnings", plain(&lab.warnings())),
        ("dim", (lab.law.dim() as u32).into()),
        ("n", (lab.setup.n as u32).into()),
        ("shown", (s.shown as u32).into()),
        ("scale", reals(&s.scale)),
        ("reach", s.window.reach.into()),
        ("cells", (s.window.cells as u32).into()),
        ("major", s.radii.0.into()),
        ("minor", s.radii.1.into()),
        ("bins", (s.theta.len() as u32).into()),
        ("theta", floats(&s.theta)),
        ("phi", floats(&s.phi)),
    ]);
    object(&entries)
}

pub(super) fn elsewhere() -> JsValue {
    thrown(Error::Engine {
        reason: "This picture belongs to another lab.".to_owned(),
        remedy: "Open the link again.".to_owned(),
    })
}

/// A side of a lab in space; its frame is within the grid.
fn in_space(link: &str, side: &str, frame: u32) -> Result<(SpaceLab, Window, usize), JsValue> {
    let link = read(link)?.link;
    match compile(&link, side)? {
        Compiled::Space(lab, window) => {
            lab.setup.ready().map_err(thrown)?;
            let last = lab.setup.frames().len() - 1;
            Ok((lab, window, (frame as usize).min(last)))
        }
        _ => Err(elsewhere()),
    }
}

/// The exact density of one frame of a lab in the plane, on the cells of the window.
#[wasm_bindgen]
pub fn space_density(link: &str, side: &str, frame: u32) -> Result<Vec<f32>, JsValue> {
    let link = read(link)?.link;
    match compile(&link, side)? {
        Compiled::Space(lab, window) if lab.law.dim() == 2 => {
            let last = lab.setup.frames().len() - 1;
            Ok(space::density(&lab, window, (frame as usize).min(last)))
        }
        _ => Err(elsewhere()),
    }
}

/// The velocity of one frame of a lab in the plane, on `count × count` cells.
#[wasm_bindgen]
pub fn space_velocity(link: &str, side: &str, frame: u32, count: u32) -> Result<Vec<f32>, JsValue> {
    let (lab, window, frame) = in_space(link, side, frame)?;
    if lab.law.dim() != 2 {
        return Err(elsewhere());
    }
    let count = (count as usize).clamp(1, window.cells);
    Ok(space::velocity(&lab, window, frame, count))
}

/// The trajectory of the probability flow through `y` at a frame, both ways.
#[wasm_bindgen]
pub fn space_follow(link: &str, side: &str, frame: u32, y: &[f64]) -> Result<Vec<f32>, JsValue> {
    let (lab, _, frame) = in_space(link, side, frame)?;
    if lab.law.dim() != y.len() {
        return Err(elsewhere());
    }
    Ok(space::follow(&lab, frame, y))
}

/// The probability flow of one side of the lab toy1d.
#[wasm_bindgen(unchecked_return_type = "Flow")]
pub fn flow(link: &str, side: &str) -> Result<JsValue, JsValue> {
    let link = read(link)?.link;
    let Compiled::Line(lab, axis) = compile(&link, side)? else {
        return Err(elsewhere());
    };
    lab.setup.ready().map_err(thrown)?;
    let f = toy1d::flow(&lab, axis);
    Ok(object(&[
        ("t", reals(&f.t)),
        ("x", reals(&f.x)),
        ("v", floats(&f.v)),
        ("ct", reals(&f.curve_t)),
        ("quantiles", reals(&f.quantiles)),
        ("curves", floats(&f.curves)),
        ("density", floats(&f.density)),
        ("axis", plain(&f.axis)),
    ]))
}

/// The plan of one side as a table.
#[wasm_bindgen(unchecked_return_type = "PlanTable")]
pub fn plan_table(link: &str, side: &str) -> Result<JsValue, JsValue> {
    let link = read(link)?.link;
    let table = table_of(&Setup::new(values(&link, side)).map_err(thrown)?);
    let cell = |x: &f64| {
        if x.is_nan() {
            JsValue::from_str("")
        } else {
            JsValue::from_f64(*x)
        }
    };
    let row = |r: &[f64; 9]| JsValue::from(r.iter().map(cell).collect::<Array>());
    Ok(object(&[
        ("columns", plain(&table.columns)),
        ("rows", table.rows.iter().map(row).collect::<Array>().into()),
        ("note", table.note.into()),
    ]))
}
