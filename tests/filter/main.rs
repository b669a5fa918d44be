//! Filters and the models they walk on: closed forms, published tables, and the numbers of independent code.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod accuracy;
mod benchmarks;
mod distribution;
mod division;
mod dynamics;
mod ensf;
mod exact;
mod experiments;
mod monitor;
mod pieces;
mod run;
mod score_choices;
mod score_experiments;
mod score_runs;
mod score_updates;
mod ssls;
mod updates;
