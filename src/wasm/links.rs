//! Links across the boundary: reading, editing, and the controls that the table of keys makes.

use super::cross::{link_thrown, plain, thrown};
use super::shapes;
use super::shapes::{Control, NetworkFile, Opened, TrainingOrder};
use crate::answer::Named;
use crate::error::Error;
use crate::fingerprint::Shared;
use crate::labs;
use crate::labs::link::spec::{self, Group, KEYS, Kind};
use crate::labs::link::{self, Clamp, Edited, Link, Mode, Note, Repaired, Side, Values};
use crate::net::catalog::Entry;
use crate::word::Choices;
use wasm_bindgen::prelude::*;

pub(super) fn read(text: &str) -> Result<link::Decoded, JsValue> {
    link::decode(text, Mode::Clamp).map_err(|e| {
        let nearest = link::repair(text);
        let choices = link::choice_links(text, &e);
        link_thrown(&e, &nearest, &choices)
    })
}

/// A side by its letter.
pub(super) fn side(name: &str) -> Result<Side, JsValue> {
    match name {
        "a" => Ok(Side::A),
        "b" => Ok(Side::B),
        _ => Err(thrown(Error::Engine {
            reason: format!("There is no side “{name}”; it can be: a, b."),
            remedy: String::new(),
        })),
    }
}

/// The values of one side of a link; side a where there is no b.
pub(super) fn values<'l>(link: &'l Link, name: &str) -> Result<&'l Values, JsValue> {
    Ok(link.side(side(name)?).unwrap_or(&link.a))
}

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
    let lab = read(text)?.link.a.lab();
    let away = lab.filter(|lab| !lab.package.is_here());
    Ok(away.map(|lab| lab.package.name().to_owned()))
}

/// What stays open where an edit is refused.
fn kept(link: &Link) -> Repaired {
    Repaired {
        link: link.clone(),
        changes: vec![],
    }
}

/// The link with one key of one side set.
#[wasm_bindgen(unchecked_return_type = "Opened")]
pub fn edit_link(link: &str, side_name: &str, key: &str, value: &str) -> Result<JsValue, JsValue> {
    let decoded = read(link)?;
    let Edited {
        link,
        clamps,
        dropped,
    } = labs::edit(&decoded.link, side(side_name)?, key, value)
        .map_err(|e| link_thrown(&e, &kept(&decoded.link), &[]))?;
    Ok(plain(&opened(&link, &clamps, &dropped)))
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
    let Edited {
        link,
        clamps,
        dropped,
    } = link::edit_all(&decoded.link, side(side_name)?, &changes)
        .map_err(|e| link_thrown(&e, &kept(&decoded.link), &[]))?;
    Ok(plain(&opened(&link, &clamps, &dropped)))
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

/// The whole table of keys.
#[wasm_bindgen(unchecked_return_type = "SpecRow[]")]
pub fn specs() -> JsValue {
    plain(&spec::table())
}

pub(super) fn opened(link: &Link, clamps: &[Clamp], dropped: &[Note]) -> Opened {
    let a = &link.a;
    let display = KEYS.iter().filter(|k| !k.is_run_key() && k.name != "lab");
    Opened {
        link: link::encode(link),
        lab: a.word("lab"),
        view: a.word("view"),
        at: a.real("at"),
        engine: a.word("engine"),
        fp: a.text("fp").map(str::to_owned),
        display: display.map(|k| k.name).collect(),
        a: side_of(a, proves(a, Side::A)),
        b: link.b.as_ref().map(|b| side_of(b, proves(a, Side::B))),
        networks: networks(link),
        changes: vec![],
        clamps: clamps.to_vec(),
        dropped: dropped.to_vec(),
    }
}

/// The files of the pretrained networks that the runs of a link need, each once.
fn networks(link: &Link) -> Vec<NetworkFile> {
    let sides = [Some(&link.a), link.b.as_ref()].into_iter().flatten();
    let mut needed: Vec<_> = sides.filter_map(labs::network).collect();
    needed.dedup();
    let entry = |e: Entry| NetworkFile {
        name: e.name,
        file: e.file,
        bytes: e.bytes,
        sha256: e.sha256,
    };
    needed.into_iter().map(entry).collect()
}

/// Whether the fingerprint of a link is compared with the result of a side. One that cannot be read is told beside side a.
fn proves(a: &Values, side: Side) -> bool {
    let Some(fp) = a.text("fp") else {
        return false;
    };
    Shared::decode(fp).map_or(side == Side::A, |shared| shared.proves(side))
}

fn side_of(values: &Values, proved: bool) -> shapes::Side {
    let rows = values.rows().filter(|k| !(k.idle)(values));
    let controls = rows.filter_map(|key| {
        let (kind, min, max, choices) = match (key.kind)(values) {
            Kind::Choice(list) => ("choice", None, None, Some(list)),
            Kind::Int(min, max) => ("int", Some(min as f64), Some(max as f64), None),
            Kind::Real(min, max) => ("real", Some(min), Some(max), None),
            Kind::Reals(_, _, min, max) => ("reals", Some(min), Some(max), None),
            Kind::Seed => ("seed", None, None, None),
            Kind::Matrix(..) => ("matrix", None, None, None),
            Kind::Increasing(..) => ("ints", None, None, None),
            Kind::Text(_) | Kind::Points(_) => return None,
        };
        let choice = |c: &spec::Choice| shapes::Choice {
            value: c.value,
            label: c.label,
            help: c.help,
        };
        Some(Control {
            key: key.name,
            label: values.lab().map_or(key.label, |lab| lab.label(key)),
            help: key.help,
            remark: values
                .lab()
                .map_or("", |lab| (lab.remark)(key.name, values)),
            group: group(key.group),
            kind,
            choices: choices.iter().flat_map(Choices::iter).map(choice).collect(),
            min,
            max,
            log: key.log,
            value: values.get(key.name)?.to_string(),
            default: (key.default)(values).map_or(String::new(), |v| v.to_string()),
            shared: !key.is_run_key(),
        })
    });
    let texts = values.iter().map(|(key, value)| (key, value.to_string()));
    shapes::Side {
        controls: controls.collect(),
        values: Named(texts.collect()),
        title: labs::title(values).unwrap_or_default(),
        facts: labs::facts(values).ok(),
        training: training_order(values),
        proved,
    }
}

fn group(group: Group) -> &'static str {
    match group {
        Group::Main => "main",
        Group::More => "more",
        Group::Display => "display",
    }
}

/// What a side's training is, for the page.
fn training_order(values: &Values) -> Option<TrainingOrder> {
    let order = labs::order(values)?;
    Some(TrainingOrder {
        key: order.text(),
        what: labs::training_in_words(values).unwrap_or_default(),
        steps: order.recipe.steps,
    })
}
