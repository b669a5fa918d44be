//! The rows of the table of keys: their content, and how a row is written.

use super::value::{Value, Values};
use crate::word::{Choices, Words};

/// The valid values of a key. Bounds are inclusive.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// One of a list.
    Choice(Choices),
    /// A whole number.
    Int(u64, u64),
    /// A real.
    Real(f64, f64),
    /// A comma list: least and greatest count, bounds of each entry.
    Reals(usize, usize, f64, f64),
    /// Rows by semicolon, entries by comma: least and greatest number of rows and of columns, bounds of an entry.
    Matrix([usize; 2], [usize; 2], f64),
    /// Increasing whole numbers below a bound, by comma, one at least.
    Increasing(u64),
    /// Any u64.
    Seed,
    /// Base64url, at most this many characters.
    Text(usize),
    /// Base64url of 1 to this many points of the plane, four bytes each.
    Points(usize),
}

/// The place of a key on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The control panel.
    Main,
    /// The fold under it.
    More,
    /// The page's own chrome: no effect on the run, not part of a second configuration.
    Display,
}

/// Why a word that is valid elsewhere is invalid here.
pub struct Refusal {
    /// The reason and the remedy.
    pub why: &'static str,
    /// The word that comes closest, where one does.
    pub instead: Option<&'static str>,
}

/// One row of the table.
pub struct Key {
    /// Name in the link.
    pub name: &'static str,
    /// Name on the page.
    pub label: &'static str,
    /// One line of help; formulas between dollar signs, see `plain`.
    pub help: &'static str,
    /// Where the page puts it.
    pub group: Group,
    /// What the value may be, given the keys before it.
    pub kind: fn(&Values) -> Kind,
    /// Whether a slider should be logarithmic.
    pub log: bool,
    /// Whether the key applies, given the keys before it.
    pub applies: fn(&Values) -> bool,
    /// Whether it is valid but without effect here, so that the page shows no control for it.
    pub idle: fn(&Values) -> bool,
    /// What it needs in order to apply, for the error.
    pub needs: &'static str,
    /// Whether a link in which the key applies must have it.
    pub required: bool,
    /// The value when the link has none; `None` for an optional or required key.
    pub default: fn(&Values) -> Option<Value>,
    /// Why a word that is a choice elsewhere is none here.
    pub refuse: fn(&Values, &str) -> Option<Refusal>,
}

/// A help text in plain characters: without the marks of its formulas, and with `x_{i−1}` as `xᵢ₋₁`.
pub fn plain(help: &str) -> String {
    let mut text = help.replace('$', "");
    for (set, plain) in [("_{i−1}", "ᵢ₋₁"), ("_i", "ᵢ"), ("_t", "ₜ"), ("_0", "₀")] {
        text = text.replace(set, plain);
    }
    text
}

pub(super) const fn row(
    name: &'static str,
    label: &'static str,
    help: &'static str,
    group: Group,
) -> Key {
    Key {
        name,
        label,
        help,
        group,
        kind: |_| Kind::Seed,
        log: false,
        applies: |_| true,
        idle: |_| false,
        needs: "",
        required: false,
        default: |_| None,
        refuse: |_, _| None,
    }
}

impl Key {
    pub(super) const fn kind(mut self, kind: fn(&Values) -> Kind) -> Self {
        self.kind = kind;
        self
    }

    pub(super) const fn log(mut self) -> Self {
        self.log = true;
        self
    }

    pub(super) const fn when(mut self, applies: fn(&Values) -> bool, needs: &'static str) -> Self {
        self.applies = applies;
        self.needs = needs;
        self
    }

    pub(super) const fn idle_when(mut self, idle: fn(&Values) -> bool) -> Self {
        self.idle = idle;
        self
    }

    pub(super) const fn refuse(mut self, refuse: fn(&Values, &str) -> Option<Refusal>) -> Self {
        self.refuse = refuse;
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn default(mut self, default: fn(&Values) -> Option<Value>) -> Self {
        self.default = default;
        self
    }

    /// Whether the key may differ in a second configuration, as `b.KEY`.
    pub fn is_run_key(&self) -> bool {
        self.group != Group::Display
    }
}

impl Kind {
    /// Any variant of a list.
    pub fn choice<T: Words>() -> Self {
        Self::choice_if(|_: T| true)
    }

    /// A variant of a list that `keep` says.
    pub fn choice_if<T: Words>(keep: impl Fn(T) -> bool) -> Self {
        Kind::Choice(Choices::of(keep))
    }

    /// The word for the type.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Kind::Choice(_) => "choice",
            Kind::Int(..) => "int",
            Kind::Real(..) => "real",
            Kind::Reals(..) => "reals",
            Kind::Matrix(..) => "matrix",
            Kind::Increasing(_) => "ints",
            Kind::Seed => "u64",
            Kind::Text(_) => "text",
            Kind::Points(_) => "points",
        }
    }

    /// Least and greatest number.
    pub(super) fn bounds(&self) -> Option<(f64, f64)> {
        match *self {
            Kind::Int(min, max) => Some((min as f64, max as f64)),
            Kind::Real(min, max) | Kind::Reals(_, _, min, max) => Some((min, max)),
            Kind::Matrix(_, _, most) => Some((-most, most)),
            Kind::Increasing(end) => Some((0.0, end as f64 - 1.0)),
            Kind::Choice(_) | Kind::Seed | Kind::Text(_) | Kind::Points(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::plain;
    use crate::link::spec::KEYS;

    #[test]
    fn a_help_text_in_plain_characters_has_no_marks_of_formulas() {
        assert_eq!(plain("$x_i = T·x_{i−1}$ by $p_t$"), "xᵢ = T·xᵢ₋₁ by pₜ");
        for key in KEYS.iter().filter(|k| k.name != "churn") {
            let text = plain(key.help);
            assert!(!text.contains(['$', '{', '\\']), "{}: {text}", key.name);
        }
    }
}
