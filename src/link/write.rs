//! Writing links.

use super::config::Link;
use super::key::{Key, Network, Values};
use super::parse::parse;
use super::report::{Mode, Report};
use super::value::Value;

/// Writes a link: `v` and `lab` first, keys in the order of the table, defaults left out but for the keys that its lab
/// always says, `seed` always.
///
/// Held by `tests/turbulence/link.rs`: `a_link_says_its_score_also_where_that_is_the_default`.
pub fn encode(link: &Link) -> String {
    let mut out = format!("v=1&lab={}", text(link.a.get("lab")));
    let mut second = String::new();
    if let Some(b) = &link.b {
        let mut inherited = b.bare();
        for key in b.rows().filter(|k| (k.applies)(b)) {
            let from_a = inherit(key, &link.a, &inherited);
            let own = b.get(key.name);
            // What side a does not have, or has otherwise, is not written there.
            let unsaid = always(b, key) && link.a.get(key.name) != own;
            if key.is_run_key() && own.is_some() && (unsaid || own != from_a.as_ref()) {
                second += &format!("&b.{}={}", key.name, text(own));
            }
            if let Some(value) = own.cloned().or(from_a) {
                inherited.set(key.name, value);
            }
        }
        if second.is_empty() {
            // Equal sides: one equal key keeps the comparison open.
            let names = ["sampler", "steps", "seed"];
            let key = names.into_iter().find(|key| b.get(key).is_some());
            let key = key.unwrap_or("seed");
            second = format!("&b.{key}={}", text(b.get(key)));
        }
    }
    let written = |k: &&'static Key| !matches!(k.name, "lab" | "fp" | "seed");
    for key in link.a.rows().filter(written) {
        let value = link.a.get(key.name);
        if value.is_some() && (always(&link.a, key) || value != (key.default)(&link.a).as_ref()) {
            out += &format!("&{}={}", key.name, text(value));
        }
    }
    out += &second;
    if let Some(fp) = link.a.text("fp") {
        out += &format!("&fp={fp}");
    }
    out + &format!("&seed={}", text(link.a.get("seed")))
}

/// The link of the law of a configuration, which a network learns: its lab and the keys of its law that are not the
/// default's.
pub fn law(values: &Values) -> String {
    let Some(lab) = values.lab() else {
        return String::new();
    };
    if let Some(learned) = lab.learned
        && values.network() == Network::Trained
    {
        return learned(values);
    }
    let mut out = format!("lab={}", lab.name());
    for key in lab.law {
        let value = values.get(key.name);
        if value.is_some() && value != (key.default)(values).as_ref() {
            out += &format!("&{}={}", key.name, text(value));
        }
    }
    out
}

/// Whether a link says a key also with its default value.
fn always(values: &Values, key: &Key) -> bool {
    let lab = values.lab();
    lab.is_some_and(|lab| (lab.written)(values).contains(&key.name))
}

fn text(value: Option<&Value>) -> String {
    value.map(Value::to_string).unwrap_or_default()
}

/// What a key of side b is when the link does not say: side a's value where it is valid, else the default.
pub(super) fn inherit(key: &Key, a: &Values, b: &Values) -> Option<Value> {
    if !key.is_run_key() {
        return if key.name == "fp" {
            None
        } else {
            a.get(key.name).cloned()
        };
    }
    let from_a = a.get(key.name).filter(|value| {
        let given = value.to_string();
        let mut report = Report::default();
        let checked = parse(key, b, &given, Mode::Strict, "", &mut report);
        checked.as_ref().is_ok_and(|v| v == *value)
    });
    from_a.cloned().or_else(|| (key.default)(b))
}
