//! Who takes part in a race: every method that fits the link, and why the others do not.

use super::keys::FILTER;
use crate::error::LinkError;
use crate::filter::Method;
use crate::filter::ensf::Pairing;
use crate::filter::ssls::Prior;
use crate::labs::experiment::letter;
use crate::link::{self, Link, Side, Values};
use crate::word::Words;
use serde::Serialize;

/// One configuration of a race: the link's own, or a method with its defaults.
#[derive(Debug, Clone)]
pub(super) struct Entrant {
    /// The method in words.
    pub label: String,
    /// Its own link, without a comparison.
    pub link: Link,
    /// The sides of the link whose configuration this is: "", "a", "b" or "ab".
    pub own: String,
    /// What is not as the link says, in words.
    pub changed: String,
}

/// A method that does not fit the link.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct RaceUnfit {
    /// The method in words.
    pub label: String,
    /// Why it does not fit, as a sentence.
    pub reason: String,
}

impl Entrant {
    /// The values of its configuration.
    pub fn values(&self) -> &Values {
        &self.link.a
    }

    /// Its method.
    pub fn method(&self) -> Option<Method> {
        self.values().choice("method")
    }
}

/// The methods with their kinds: `ssls` with each prior score, `ensf` with each pairing.
fn kinds() -> Vec<Vec<(&'static str, &'static str)>> {
    let mut all = vec![];
    for method in Method::ALL {
        let own = ("method", method.word());
        match method {
            Method::Ssls => all.extend(
                Prior::ALL
                    .iter()
                    .map(|kind| vec![own, ("prior", kind.word())]),
            ),
            Method::Ensf => {
                all.extend(
                    Pairing::ALL
                        .iter()
                        .map(|kind| vec![own, ("pairing", kind.word())]),
                );
            }
            Method::Pf
            | Method::Enkf
            | Method::Etkf
            | Method::Letkf
            | Method::Ekf
            | Method::Var3d
            | Method::Climatology
            | Method::Free
            | Method::Exact
            | Method::Reference => all.push(vec![own]),
        }
    }
    all
}

/// A method and its kind in words.
fn label(pairs: &[(&str, &str)]) -> String {
    let name = |(key, word): &(&str, &str)| match *key {
        "prior" => Prior::of_word(word).map(Prior::label),
        "pairing" => Pairing::of_word(word).map(Pairing::label),
        _ => Method::of_word(word).map(Method::label),
    };
    let names: Vec<_> = pairs.iter().filter_map(name).collect();
    names.join(": ")
}

/// A side alone, as a link that shows a run.
fn alone(values: &Values) -> Link {
    let mut a = values.clone();
    for key in ["view", "at", "fp"] {
        a.remove(key);
    }
    Link { a, b: None }
}

/// Whether two sides have the same truth, observations and draws.
fn have_same_truth(a: &Values, b: &Values) -> bool {
    link::law(a) == link::law(b) && a.int("seed") == b.int("seed")
}

/// The configurations of a race in the order of the methods, those of the link first; and the methods that do not fit.
///
/// A method has its defaults, but the number of members that the link says: who takes part can be compared at the same N.
///
/// # Errors
/// If the values were not read from a link.
pub(super) fn entrants(link: &Link) -> Result<(Vec<Entrant>, Vec<RaceUnfit>), Box<LinkError>> {
    let mut all: Vec<Entrant> = vec![];
    let mut unfit = vec![];
    let mut enter = |entrant: Entrant| {
        let text = link::encode(&entrant.link);
        match all.iter_mut().find(|own| link::encode(&own.link) == text) {
            Some(same) => same.own += &entrant.own,
            None => all.push(entrant),
        }
    };
    for side in [Side::A, Side::B] {
        let Some(values) = link.side(side) else {
            continue;
        };
        if !have_same_truth(&link.a, values) {
            unfit.push(RaceUnfit {
                label: "Configuration B".to_owned(),
                reason: "It has another truth, other observations or other draws than A: this is the race of A.".to_owned(),
            });
            continue;
        }
        let words: Vec<_> = ["method", "prior", "pairing"]
            .into_iter()
            .filter_map(|key| Some((key, values.word(key)?)))
            .collect();
        // Through its text, which settles what depends on what.
        let link = link::edit_all(&alone(values), Side::A, &[])?.link;
        enter(Entrant {
            label: label(&words),
            link,
            own: letter(side).to_owned(),
            changed: String::new(),
        });
    }
    let mut bare = alone(&link.a);
    for key in FILTER.score.iter().filter(|key| key.name != "n") {
        bare.a.remove(key.name);
    }
    for pairs in kinds() {
        match link::edit_all(&bare, Side::A, &pairs) {
            Ok(edited) => enter(Entrant {
                label: label(&pairs),
                link: edited.link,
                own: String::new(),
                changed: edited
                    .clamps
                    .into_iter()
                    .map(|c| c.message)
                    .collect::<Vec<_>>()
                    .join(" "),
            }),
            Err(why) => unfit.push(RaceUnfit {
                label: label(&pairs),
                reason: why.message,
            }),
        }
    }
    Ok((all, unfit))
}
