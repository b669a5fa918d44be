//! The keys of the stub.

use crate::link::{Group, Key, Kind, LabKeys, Value, Values, row};
use crate::word::{Choice, words};

/// A view of the stub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StubView {
    /// The paths.
    Paths,
    /// The variance over the index.
    Spread,
}

words!(StubView {
    Paths => "paths", "Paths", "The first paths, up to the present index";
    Spread => "spread", "Spread", "The variance at every index, of the paths and exact";
});

const PERSISTENCE: Key = row(
    "persistence",
    "Persistence a",
    "How much of a step stays in the next: $x_i$ = $a·x_{i−1}$ + noise.",
    Group::Main,
)
.when(is_own, "lab=stub")
.kind(|_| Kind::Real(-0.99, 0.99))
.default(|_| Some(Value::Real(0.9)));

fn is_own(v: &Values) -> bool {
    v.lab().is_some_and(|lab| lab.name() == STUB.name())
}

/// The lab.
pub static STUB: LabKeys = LabKeys {
    law: &[PERSISTENCE],
    steps: 40,
    n: 500,
    most: 100_000,
    ..LabKeys::plain(
        Choice {
            value: "stub",
            label: "Stub",
            help: "Autoregressive paths, step by step: the smallest lab there is.",
        },
        |_| Kind::choice::<StubView>(),
    )
};
