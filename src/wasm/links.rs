//! Links across the boundary: reading, editing, and the controls that the table of keys makes.

use super::training::training_object;
use super::{object, optional, plain};
use crate::error::{Fix, LinkError};
use crate::labs;
use crate::labs::link::spec::{self, Group, KEYS, Kind};
use crate::labs::link::{self, Clamp, Edited, Link, Mode, Note, Repaired, Side, Values};
use crate::net::catalog::Entry;
use crate::word::Choices;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

pub(super) fn link_thrown(e: &LinkError, nearest: &Repaired, choices: &[Repaired]) -> JsValue {
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
    object(&[
        ("kind", "link".into()),
        ("key", optional(e.key.as_deref())),
        ("value", optional(e.value.as_deref())),
        ("message", e.message.as_str().into()),
        ("choices", plain(&e.choices)),
        ("nearest", link::encode(&nearest.link).into()),
        ("changes", plain(&nearest.changes)),
        ("nearest_label", label.into()),
        (
            "choice_links",
            choices
                .iter()
                .map(|c| JsValue::from(link::encode(&c.link)))
                .collect::<Array>()
                .into(),
        ),
        (
            "choice_changes",
            choices
                .iter()
                .map(|c| plain(&c.changes))
                .collect::<Array>()
                .into(),
        ),
    ])
}

pub(super) fn read(text: &str) -> Result<link::Decoded, JsValue> {
    link::decode(text, Mode::Clamp).map_err(|e| {
        let nearest = link::repair(text);
        let choices = link::choice_links(text, &e);
        link_thrown(&e, &nearest, &choices)
    })
}

pub(super) fn side(name: &str) -> Side {
    if name == "b" { Side::B } else { Side::A }
}

/// The values of one side of a link; side a where there is no b.
pub(super) fn values<'l>(link: &'l Link, name: &str) -> &'l Values {
    link.side(side(name)).unwrap_or(&link.a)
}

/// Reads a link; the empty text is the default experiment.
#[wasm_bindgen(unchecked_return_type = "Opened")]
pub fn open_link(text: &str) -> Result<JsValue, JsValue> {
    let empty = text.trim_start_matches('#').trim().is_empty();
    let decoded = read(if empty { link::DEFAULT } else { text })?;
    let object = opened(&decoded.link, &decoded.clamps, &[]);
    // Setting a plain property of a fresh object cannot fail.
    let _ = Reflect::set(&object, &"changes".into(), &plain(&decoded.changes));
    Ok(object)
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
    } = labs::chain::edit(&decoded.link, side(side_name), key, value)
        .map_err(|e| link_thrown(&e, &kept(&decoded.link), &[]))?;
    Ok(opened(&link, &clamps, &dropped))
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
    } = link::edit_all(&decoded.link, side(side_name), &changes)
        .map_err(|e| link_thrown(&e, &kept(&decoded.link), &[]))?;
    Ok(opened(&link, &clamps, &dropped))
}

/// The link with its comparison opened or closed.
#[wasm_bindgen(unchecked_return_type = "Opened")]
pub fn compare_link(link: &str, on: bool) -> Result<JsValue, JsValue> {
    Ok(opened(&link::compare(&read(link)?.link, on), &[], &[]))
}

/// The link to share.
#[wasm_bindgen]
pub fn share_link(link: &str, fingerprint: &str) -> Result<String, JsValue> {
    Ok(link::share(&read(link)?.link, fingerprint))
}

/// The whole table of keys.
#[wasm_bindgen(unchecked_return_type = "SpecRow[]")]
pub fn specs() -> JsValue {
    plain(&spec::table())
}

pub(super) fn opened(link: &Link, clamps: &[Clamp], dropped: &[Note]) -> JsValue {
    let a = &link.a;
    let clamp = |c: &Clamp| {
        object(&[
            ("key", c.key.as_str().into()),
            ("given", c.given.as_str().into()),
            ("used", c.used.as_str().into()),
            ("message", c.message.as_str().into()),
        ])
    };
    let note = |n: &Note| {
        object(&[
            ("key", n.key.as_str().into()),
            ("value", n.value.as_str().into()),
            ("message", n.message.as_str().into()),
        ])
    };
    let display: Vec<&str> = KEYS
        .iter()
        .filter(|k| !k.is_run_key() && k.name != "lab")
        .map(|k| k.name)
        .collect();
    object(&[
        ("link", link::encode(link).into()),
        ("lab", optional(a.word("lab"))),
        ("view", optional(a.word("view"))),
        ("at", a.real("at").into()),
        ("engine", optional(a.word("engine"))),
        ("fp", optional(a.text("fp"))),
        ("display", plain(&display)),
        ("a", side_object(a)),
        ("b", link.b.as_ref().map_or(JsValue::NULL, side_object)),
        ("networks", networks(link)),
        ("changes", Array::new().into()),
        ("clamps", clamps.iter().map(clamp).collect::<Array>().into()),
        (
            "dropped",
            dropped.iter().map(note).collect::<Array>().into(),
        ),
    ])
}

/// The files of the pretrained networks that the runs of a link need, each once.
fn networks(link: &Link) -> JsValue {
    let sides = [Some(&link.a), link.b.as_ref()].into_iter().flatten();
    let mut needed: Vec<_> = sides.filter_map(labs::network).collect();
    needed.dedup();
    let entry = |e: Entry| {
        object(&[
            ("name", e.name.into()),
            ("file", e.file.into()),
            ("bytes", (e.bytes as u32).into()),
            ("sha256", e.sha256.into()),
        ])
    };
    needed.into_iter().map(entry).collect::<Array>().into()
}

fn side_object(values: &Values) -> JsValue {
    let controls = KEYS.iter().filter(|k| !(k.idle)(values)).filter_map(|key| {
        let value = values.get(key.name)?.to_string();
        let default = (key.default)(values).map_or(String::new(), |v| v.to_string());
        let (kind, min, max, choices) = match (key.kind)(values) {
            Kind::Choice(list) => ("choice", None, None, Some(list)),
            Kind::Int(min, max) => ("int", Some(min as f64), Some(max as f64), None),
            Kind::Real(min, max) => ("real", Some(min), Some(max), None),
            Kind::Reals(_, _, min, max) => ("reals", Some(min), Some(max), None),
            Kind::Seed => ("seed", None, None, None),
            Kind::Matrix(..) => ("matrix", None, None, None),
            Kind::Increasing(_) => ("ints", None, None, None),
            Kind::Text(_) | Kind::Points(_) => return None,
        };
        let choice = |c: &spec::Choice| {
            object(&[
                ("value", c.value.into()),
                ("label", c.label.into()),
                ("help", c.help.into()),
            ])
        };
        Some(object(&[
            ("key", key.name.into()),
            ("label", key.label.into()),
            ("help", key.help.into()),
            ("group", group(key.group).into()),
            ("kind", kind.into()),
            (
                "choices",
                choices
                    .iter()
                    .flat_map(Choices::iter)
                    .map(choice)
                    .collect::<Array>()
                    .into(),
            ),
            ("min", min.into()),
            ("max", max.into()),
            ("log", key.log.into()),
            ("value", value.into()),
            ("default", default.into()),
            ("shared", (!key.is_run_key()).into()),
        ]))
    });
    let texts = Object::new();
    for (key, value) in values.iter() {
        let _ = Reflect::set(&texts, &key.into(), &value.to_string().into());
    }
    object(&[
        ("controls", controls.collect::<Array>().into()),
        ("values", texts.into()),
        ("title", labs::title(values).unwrap_or_default().into()),
        (
            "facts",
            labs::facts(values).map_or(JsValue::NULL, |f| plain(&f)),
        ),
        ("training", training_object(values)),
    ])
}

fn group(group: Group) -> &'static str {
    match group {
        Group::Main => "main",
        Group::More => "more",
        Group::Display => "display",
    }
}
