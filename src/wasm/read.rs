//! Links of calls: reading them, and what the page is told of an open one.

#[cfg(feature = "cpu")]
use super::cross::link_thrown;
use super::cross::thrown;
use super::shapes;
use super::shapes::{Control, NetworkFile, Opened, TrainingOrder};
use crate::answer::Named;
use crate::error::{Error, LinkError};
use crate::fingerprint::Shared;
use crate::labs;
use crate::labs::link::spec::{self, Group, KEYS, Kind};
use crate::labs::link::{self, Clamp, Edited, Link, Mode, Note, Side, Values};
use crate::word::Choices;
use wasm_bindgen::prelude::*;

/// Reads a link.
pub(super) fn read(text: &str) -> Result<link::Decoded, JsValue> {
    link::decode(text, Mode::Clamp).map_err(|e| refused(text, &e))
}

/// The error of a link that is invalid, with valid ones near it.
#[cfg(feature = "cpu")]
fn refused(text: &str, error: &LinkError) -> JsValue {
    let nearest = link::repair(text);
    let choices = link::choice_links(text, error);
    let text = link::encode(&nearest.link);
    link_thrown(error, text, &nearest.changes, &choices)
}

/// The links that another package gets were read by the first one, which repairs them.
#[cfg(not(feature = "cpu"))]
fn refused(_: &str, error: &LinkError) -> JsValue {
    thrown(Error::Engine {
        reason: error.message.clone(),
        remedy: String::new(),
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

/// The link after an edit.
pub(super) fn after(edited: Edited) -> Opened {
    let Edited {
        link,
        changes,
        clamps,
        dropped,
    } = edited;
    Opened {
        changes,
        ..opened(&link, &clamps, &dropped)
    }
}

/// The files of the pretrained networks that the runs of a link need, each once.
fn networks(link: &Link) -> Vec<NetworkFile> {
    let mut out: Vec<NetworkFile> = vec![];
    for (side, values) in [("a", Some(&link.a)), ("b", link.b.as_ref())] {
        let Some(e) = values.and_then(labs::network) else {
            continue;
        };
        match out.iter_mut().find(|own| own.name == e.name) {
            Some(own) => own.sides.push(side),
            None => out.push(NetworkFile {
                name: e.name,
                file: e.file,
                bytes: e.bytes,
                sha256: e.sha256,
                sides: vec![side],
            }),
        }
    }
    out
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
