//! What a row of the table of keys says and how one is written down; what a lab says of its keys; the values of a
//! configuration, which know the table that they were read with.

use super::kind::Kind;
use super::package::Package;
use super::value::Value;
use crate::net::LN_S;
use crate::sample::Sampler;
use crate::schedule::{Grid, Process};
use crate::word::Choice;
use std::collections::BTreeMap;
use std::fmt;

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
    /// The word that comes closest, where one does; or what lets the word be: another key with its value, as `frames=5`.
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
    /// A word that is a value beside those of the kind.
    pub word: Option<&'static str>,
    /// Whether a slider should be logarithmic.
    pub log: bool,
    /// Whether the key applies, given the keys before it.
    pub applies: fn(&Values) -> bool,
    /// Whether it is valid but without effect here, so that the page shows no control for it.
    pub idle: fn(&Values) -> bool,
    /// What it needs in order to apply, for the error; empty where that is only another lab.
    pub needs: &'static str,
    /// Whether a link in which the key applies must have it.
    pub required: bool,
    /// The value when the link has none; `None` for an optional or required key.
    pub default: fn(&Values) -> Option<Value>,
    /// Why a word that is a choice elsewhere is none here.
    pub refuse: fn(&Values, &str) -> Option<Refusal>,
    /// Why the default is not the usual one, given the keys before it: a sentence for whoever does not name the key.
    pub unusual: fn(&Values) -> Option<&'static str>,
}

/// A help text in plain characters: without the marks of its formulas, and with `x_{i−1}` as `xᵢ₋₁`.
pub fn plain(help: &str) -> String {
    let mut text = help.replace('$', "");
    for (set, plain) in [("_{i−1}", "ᵢ₋₁"), ("_i", "ᵢ"), ("_t", "ₜ"), ("_0", "₀")] {
        text = text.replace(set, plain);
    }
    text
}

pub(crate) const fn row(
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
        word: None,
        log: false,
        applies: |_| true,
        idle: |_| false,
        needs: "",
        required: false,
        default: |_| None,
        refuse: |_, _| None,
        unusual: |_| None,
    }
}

impl Key {
    pub(crate) const fn kind(mut self, kind: fn(&Values) -> Kind) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) const fn or_word(mut self, word: &'static str) -> Self {
        self.word = Some(word);
        self
    }

    pub(crate) const fn log(mut self) -> Self {
        self.log = true;
        self
    }

    pub(crate) const fn when(mut self, applies: fn(&Values) -> bool, needs: &'static str) -> Self {
        self.applies = applies;
        self.needs = needs;
        self
    }

    pub(crate) const fn idle_when(mut self, idle: fn(&Values) -> bool) -> Self {
        self.idle = idle;
        self
    }

    pub(crate) const fn refuse(mut self, refuse: fn(&Values, &str) -> Option<Refusal>) -> Self {
        self.refuse = refuse;
        self
    }

    pub(crate) const fn unusual(mut self, unusual: fn(&Values) -> Option<&'static str>) -> Self {
        self.unusual = unusual;
        self
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn default(mut self, default: fn(&Values) -> Option<Value>) -> Self {
        self.default = default;
        self
    }

    /// Whether the key may differ in a second configuration, as `b.KEY`.
    pub fn is_run_key(&self) -> bool {
        self.group != Group::Display
    }
}

/// Which network a configuration runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// None: its score is a closed form.
    None,
    /// One of the pretrained ones.
    Pretrained,
    /// One that is trained for the link.
    Trained,
}

/// Defaults of a lab whose runs go through levels of noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ByNoise {
    /// Default process.
    pub process: Process,
    /// Default sampler.
    pub sampler: Sampler,
    /// Default grid, on a process that has a choice.
    pub grid: Grid,
}

/// What a lab says of its keys: those of its own by their place in a link, and what the keys that all labs share are
/// in it.
pub struct LabKeys {
    /// Its word in a link, its name and its line of help.
    pub said: Choice,
    /// The package of the page that computes its runs.
    pub package: Package,
    /// Keys of the law of the data.
    pub law: &'static [Key],
    /// Keys of the score, and of what guides it.
    pub score: &'static [Key],
    /// Keys of the start.
    pub start: &'static [Key],
    /// What its runs through levels of noise are where a link does not say; `None` where its runs are of another kind:
    /// the keys of process, sampler and grid do not apply then.
    pub noise: Option<ByNoise>,
    /// Whether a configuration goes through levels of noise, in a lab some of whose runs do.
    pub walks: fn(&Values) -> bool,
    /// What such runs need, for the error of a key that other runs make no use of.
    pub walk_needs: &'static str,
    /// Keys that a link of it always says, also with their default values: a later version may have another default, or the
    /// default is an unusual one.
    pub written: fn(&Values) -> &'static [&'static str],
    /// Default number of steps; 0 where runs have none of the key's.
    pub steps: u64,
    /// Default number of particles.
    pub n: u64,
    /// Greatest number of particles.
    pub most: u64,
    /// Where a score may come from, the default first.
    pub scores: fn(&Values) -> Kind,
    /// Why a score is invalid here that is a choice elsewhere.
    pub no_score: fn(&Values, &str) -> Option<Refusal>,
    /// The views, the default first.
    pub views: fn(&Values) -> Kind,
    /// Why a view is invalid here that is a choice elsewhere.
    pub no_view: fn(&Values, &str) -> Option<Refusal>,
    /// What keys that all labs share are called in it, where that is another name: key and name.
    pub labels: &'static [(&'static str, &'static str)],
    /// What a key still does where it does not reach the samples, for its control: a sentence; empty where it reaches
    /// them.
    pub remark: fn(&str, &Values) -> &'static str,
    /// The network that a configuration runs.
    pub network: fn(&Values) -> Network,
    /// The name of the pretrained network for a configuration.
    pub pretrained: fn(&Values) -> Option<String>,
    /// The link of the law that a network learns, where it is not the law of the lab itself.
    pub learned: Option<fn(&Values) -> String>,
    /// Whether the file of a network says what a key is: the key, the values of the file's recipe, the present ones.
    pub of_file: fn(&str, &Values, &Values) -> bool,
    /// What the link of a law needs besides to be that of a training on it, as text to add.
    ///
    /// An error says why there is no such link.
    pub of_recipe: fn(&Values) -> Result<String, String>,
    /// Whether a link of it can have its network trained, in a lab whose runs go through levels of noise.
    pub trains: bool,
    /// Mean and deviation of ln s, the noise levels that trainings draw.
    pub ln_s: [f64; 2],
    /// The law of a network in words, for “a network on …”.
    pub in_words: fn(&Values) -> Option<String>,
    /// A configuration in one line, where that is not its process, sampler and steps.
    pub title: Option<fn(&Values) -> String>,
    /// The keys that differ in the comparison that the page opens; without any, another process and sampler where runs go
    /// through levels of noise, and another seed where they do not.
    pub other: fn(&Values) -> Vec<(&'static str, &'static str)>,
    /// Numbers of a particle.
    pub numbers: fn(&Values) -> Option<u64>,
    /// Each sets what makes one of the widest cases: together they have every key and every choice that some link of the
    /// lab can have.
    pub widest: &'static [fn(&mut Values)],
}

impl LabKeys {
    /// A lab without keys of its own, levels of noise, scores and networks: a lab writes what it has over it.
    pub const fn plain(said: Choice, views: fn(&Values) -> Kind) -> Self {
        Self {
            said,
            package: Package::Cpu,
            law: &[],
            score: &[],
            start: &[],
            noise: None,
            walks: |_| true,
            walk_needs: "",
            written: |_| &[],
            steps: 0,
            n: 1,
            most: 1,
            scores: |_| Kind::none(),
            no_score: |_, _| None,
            views,
            no_view: |_, _| None,
            labels: &[],
            remark: |_, _| "",
            network: |_| Network::None,
            pretrained: |_| None,
            learned: None,
            of_file: |_, _, _| false,
            of_recipe: |_| Err("no network".to_owned()),
            trains: true,
            ln_s: LN_S,
            in_words: |_| None,
            title: None,
            other: |_| vec![],
            numbers: |_| Some(1),
            widest: &[|_| {}],
        }
    }

    /// Its word in a link.
    pub fn name(&self) -> &'static str {
        self.said.value
    }

    /// Its own row of a key.
    pub(super) fn own(&self, key: &str) -> Option<&'static Key> {
        let slots = [self.law, self.score, self.start];
        slots.into_iter().flatten().find(|own| own.name == key)
    }

    /// What a key is called in it.
    pub fn label(&self, key: &Key) -> &'static str {
        let own = self.labels.iter().find(|(name, _)| *name == key.name);
        own.map_or(key.label, |(_, label)| label)
    }

    /// Whether a key is one of its own.
    pub(super) fn has(&self, key: &str) -> bool {
        self.own(key).is_some()
    }
}

/// The keys of all labs.
pub struct Table {
    pub(super) labs: Vec<&'static LabKeys>,
    /// What they are called, in the same order.
    pub(super) choices: Vec<Choice>,
    /// The rows, in the order in which a link is written. A key may depend on those above it only.
    pub(super) keys: Vec<&'static Key>,
    /// The names that have several rows: each of these is another key in another lab.
    pub(super) several: Vec<&'static str>,
    /// The rows of each lab, in the order of the labs; the last are those without a lab.
    pub(super) rows: Vec<Rows>,
}

/// The rows of one lab, in the order of the table.
pub(super) struct Rows {
    /// Those that it sees, the first of which is that of the lab.
    pub(super) seen: Vec<&'static Key>,
    /// Of these, the ones that some link of it can have.
    pub(super) possible: Vec<&'static Key>,
}

impl Table {
    /// The rows, in the order in which a link is written. A name that means another key in another lab has a row for each.
    pub fn keys(&self) -> &[&'static Key] {
        &self.keys
    }

    /// Whether a row is the one that its name has in a lab: the lab's own if it has one, else that of all labs, else the
    /// first. Held by
    /// `tests/words.rs`: `a_name_with_several_rows_is_one_key_in_each_lab`.
    pub fn sees(&self, row: &Key, lab: Option<&LabKeys>) -> bool {
        if !self.several.contains(&row.name) {
            return true;
        }
        let own = lab.and_then(|lab| lab.own(row.name));
        let mut rows = self.keys.iter().filter(|key| key.name == row.name);
        let of =
            |key: &Key, lab: &LabKeys| lab.own(key.name).is_some_and(|own| own.needs == key.needs);
        let seen = match own {
            Some(own) => rows.find(|key| key.needs == own.needs),
            None => {
                let shared = |key: &&&'static Key| !self.labs.iter().any(|lab| of(key, lab));
                rows.clone().find(shared).or_else(|| rows.next())
            }
        };
        seen.is_some_and(|key| key.needs == row.needs)
    }

    /// The rows of a lab.
    pub(super) fn rows_of(&self, lab: Option<&LabKeys>) -> &Rows {
        let own = |lab: &LabKeys| self.labs.iter().position(|one| std::ptr::eq(*one, lab));
        &self.rows[lab.and_then(own).unwrap_or(self.labs.len())]
    }

    /// The labs, the default first.
    pub fn labs(&self) -> &[&'static LabKeys] {
        &self.labs
    }

    /// Whether a row is that of a key of a lab's own.
    pub(super) fn is_own(&self, row: &Key, lab: &LabKeys) -> bool {
        lab.has(row.name) && self.sees(row, Some(lab))
    }

    /// The first row of a name.
    pub fn find(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().copied().find(|k| k.name == name)
    }

    /// The lab of a word.
    pub fn lab(&self, word: &str) -> Option<&'static LabKeys> {
        self.labs.iter().copied().find(|lab| lab.name() == word)
    }
}

/// All values of one configuration: exactly the keys that apply, defaults filled in.
#[derive(Clone, Default)]
pub struct Values {
    table: Option<&'static Table>,
    lab: Option<&'static LabKeys>,
    map: BTreeMap<&'static str, Value>,
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.map.fmt(f)
    }
}

impl Values {
    /// No values yet, of a table.
    pub(super) fn of(table: &'static Table) -> Self {
        Self {
            table: Some(table),
            ..Self::default()
        }
    }

    /// No values yet, of the same table.
    pub(super) fn bare(&self) -> Self {
        Self {
            table: self.table,
            ..Self::default()
        }
    }

    /// The table that they were read with.
    pub fn table(&self) -> Option<&'static Table> {
        self.table
    }

    /// The lab that they are of.
    pub fn lab(&self) -> Option<&'static LabKeys> {
        self.lab
    }

    /// The rows that keys have in their lab.
    pub fn rows(&self) -> impl Iterator<Item = &'static Key> {
        let own = self.table.map(|table| &table.rows_of(self.lab).seen);
        own.into_iter().flatten().copied()
    }

    /// A row of their lab by its place. The first is that of the lab, which says what the others are.
    pub(super) fn row_at(&self, place: usize) -> Option<&'static Key> {
        let rows = self.table?.rows_of(self.lab);
        rows.seen.get(place).copied()
    }

    /// The row that a key has in their lab.
    pub fn row(&self, name: &str) -> Option<&'static Key> {
        self.rows().find(|key| key.name == name)
    }

    /// The network that runs.
    pub fn network(&self) -> Network {
        self.lab.map_or(Network::None, |lab| (lab.network)(self))
    }

    /// Whether the score is that of a network, trained for the link or before.
    pub fn is_learned(&self) -> bool {
        match self.network() {
            Network::Pretrained | Network::Trained => true,
            Network::None => false,
        }
    }

    /// The value of a key; `None` where the key does not apply.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.map.get(key)
    }

    pub(crate) fn set(&mut self, key: &'static str, value: Value) {
        if key == LAB
            && let Value::Word(word) = value
        {
            self.lab = self.table.and_then(|table| table.lab(word));
        }
        self.map.insert(key, value);
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.map.remove(key);
    }

    /// Keys and values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.map.iter().map(|(k, v)| (*k, v))
    }
}

/// The key that names the lab.
pub(super) const LAB: &str = "lab";
