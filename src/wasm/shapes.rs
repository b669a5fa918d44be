//! What crosses the boundary beside the answers of labs, as plain records.

use crate::answer::{Floats, Named, Reals};
use crate::labs::{Facts, Frames};
use crate::link::{Clamp, Note};
use serde::Serialize;
use tsify::Tsify;

/// A link that was read.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct Opened {
    /// Canonical link, to stand after '#'.
    pub link: String,
    /// The lab.
    #[tsify(type = "string")]
    pub lab: Option<&'static str>,
    /// The view.
    #[tsify(type = "string")]
    pub view: Option<&'static str>,
    /// The place of the time slider.
    #[tsify(type = "number")]
    pub at: Option<f64>,
    /// The engine.
    #[tsify(type = "\"auto\" | \"cpu\" | \"webgpu\"")]
    pub engine: Option<&'static str>,
    /// The fingerprint of a shared link.
    pub fp: Option<String>,
    /// The names of the keys that no run depends on.
    pub display: Vec<&'static str>,
    /// The first configuration.
    pub a: Side,
    /// The second configuration of a comparison.
    pub b: Option<Side>,
    /// The pretrained networks that the runs need, and their files.
    pub networks: Vec<NetworkFile>,
    /// What had to be undone to read the text, and what it leaves out that is not as usual, a sentence each; empty for a link
    /// as it is written.
    pub changes: Vec<String>,
    /// Numbers that were moved to their bounds.
    pub clamps: Vec<Clamp>,
    /// Keys that were left out.
    pub dropped: Vec<Note>,
}

/// One configuration of a link.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct Side {
    /// What can be set.
    pub controls: Vec<Control>,
    /// All values, as text.
    pub values: Named<String>,
    /// The configuration in a few words.
    pub title: String,
    /// What the sampler, the process and the rule say of themselves.
    #[tsify(type = "Facts")]
    pub facts: Option<Facts>,
    /// The training that score=trained asks for.
    pub training: Option<TrainingOrder>,
    /// Whether the link has a fingerprint of its result.
    pub proved: bool,
}

/// A training: its name (law and recipe as text), what it is in words, its length.
#[derive(Serialize, Tsify)]
pub struct TrainingOrder {
    /// Its name.
    pub key: String,
    /// What it is.
    pub what: String,
    /// Its steps.
    pub steps: u32,
}

/// One key of a configuration.
#[derive(Serialize, Tsify)]
pub struct Control {
    /// Its name in the link.
    pub key: &'static str,
    /// Its name on the page.
    pub label: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// What it still does where it does not reach the samples; empty where it reaches them.
    pub remark: &'static str,
    /// Where it stands.
    #[tsify(type = "\"main\" | \"more\" | \"display\"")]
    pub group: &'static str,
    /// What it takes.
    #[tsify(
        type = "\"choice\" | \"int\" | \"real\" | \"reals\" | \"matrix\" | \"ints\" | \"seed\""
    )]
    pub kind: &'static str,
    /// The words of a choice.
    pub choices: Vec<Choice>,
    /// The least value, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest value, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Whether its slider is logarithmic.
    pub log: bool,
    /// Its value.
    pub value: String,
    /// Its default.
    pub default: String,
    /// Whether no run depends on it.
    pub shared: bool,
}

/// One word of a choice.
#[derive(Serialize, Tsify)]
pub struct Choice {
    /// The word.
    pub value: &'static str,
    /// Its name on the page.
    pub label: &'static str,
    /// One line of help.
    pub help: &'static str,
}

/// The file of a pretrained network.
#[derive(Serialize, Tsify)]
pub struct NetworkFile {
    /// Name of the network.
    pub name: &'static str,
    /// Name of the file.
    pub file: &'static str,
    /// Its length.
    pub bytes: usize,
    /// Its hash.
    pub sha256: &'static str,
    /// The sides whose runs need it.
    #[tsify(type = "(\"a\" | \"b\")[]")]
    pub sides: Vec<&'static str>,
}

/// Thrown by everything that reads a link.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct LinkError {
    /// Tells it from other errors.
    #[tsify(type = "\"link\"")]
    pub kind: &'static str,
    /// The key, where it is one.
    pub key: Option<String>,
    /// Its value, where it has one.
    pub value: Option<String>,
    /// What is wrong.
    pub message: String,
    /// The valid choices.
    pub choices: Vec<String>,
    /// The nearest valid link.
    pub nearest: String,
    /// All that `nearest` changes, a sentence each.
    pub changes: Vec<String>,
    /// `nearest` in words.
    pub nearest_label: String,
    /// A valid link for each of the first of `choices` (values, or keys that may have been meant).
    pub choice_links: Vec<String>,
    /// What each of them changes.
    pub choice_changes: Vec<Vec<String>>,
}

/// Thrown by an experiment and its runs.
#[derive(Serialize, Tsify)]
pub struct RunError {
    /// What cannot be run here, guidance that failed, an invalid model, a run that is too large; or anything else.
    #[tsify(type = "\"run\" | \"unsupported\" | \"guidance\" | \"model\" | \"memory\"")]
    pub kind: &'static str,
    /// What is wrong.
    pub message: String,
    /// What can be done.
    pub remedy: String,
}

/// How far a run or a job is.
#[derive(Serialize, Tsify)]
pub struct Progress {
    /// Whether nothing is left to do.
    pub done: bool,
    /// The last frame that is recorded; of jobs the runs that are done.
    pub frame: usize,
    /// Evaluations, or runs, so far.
    pub evaluations: u64,
    /// Of so many.
    pub total: u64,
    /// The part of all work that is done, 0 to 1, about.
    pub part: f64,
    /// Units of work that this call has done.
    pub work: u64,
    /// Units of work so far, also of shares that other instances have.
    pub spent: u64,
    /// What happened, if the device was lost and the host went on.
    pub lost: Option<String>,
}

/// Some of the particles of a run.
#[derive(Serialize, Tsify)]
pub struct ShareRange {
    /// The first.
    pub first: usize,
    /// How many.
    pub count: usize,
    /// Of so many.
    pub of: usize,
    /// States that may be on their way at once.
    pub ahead: usize,
}

/// What a call has done for a share of a run.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct Landed {
    /// The level whose state can be taken, if the call has reached one.
    pub level: Option<usize>,
    /// Whether nothing is left to do.
    pub done: bool,
    /// Whether it can go on only with what the run gives.
    pub awaits: bool,
    /// Units of work that this call has done.
    pub work: u64,
    /// Units of work, evaluations and Jacobian products up to the state; then the largest number of products of a particle in
    /// each evaluation, where all particles are one block.
    pub spent: Reals,
}

/// All particles of a run, which its shares need to go on.
#[derive(Serialize, Tsify)]
pub struct Given {
    /// The step that they have reached.
    pub step: usize,
    /// `[n × dim]`.
    pub x: Reals,
}

/// What a call has done for a run of a job of another instance.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct Alone {
    /// Units of work that this call has done.
    pub work: u64,
    /// Of these the ones that are in the price of the run.
    pub own: f64,
    /// What the run has found, if it is done.
    pub found: Option<Reals>,
}

/// How a result compares with the shared one.
#[derive(Serialize, Tsify)]
pub struct Check {
    /// edited: the link is not the one that was shared; unread: its fingerprint cannot be read, or the run has none to compare.
    #[tsify(type = "\"exact\" | \"close\" | \"different\" | \"edited\" | \"unread\"")]
    pub verdict: &'static str,
    /// The largest difference.
    pub difference: f64,
    /// What is allowed.
    pub tolerance: f64,
    /// The verdict in words.
    pub message: String,
}

/// The engine against a plain loop, in milliseconds.
#[derive(Serialize, Tsify)]
pub struct BenchResult {
    /// Time of the engine.
    pub engine_ms: f64,
    /// Time of the loop.
    pub scalar_ms: f64,
    /// The one over the other.
    pub ratio: f64,
    /// The largest difference of their results.
    pub difference: f64,
}

/// How far a training is.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct TrainingProgress {
    /// Whether nothing is left to do.
    pub done: bool,
    /// Steps done.
    pub step: u32,
    /// Of so many.
    pub steps: u32,
    /// Running mean of the loss; 1 before the first step.
    pub loss: f64,
    /// The loss of the exact denoiser: no network can stay below it.
    pub floor: f64,
    /// Units of work that this call has done, on the host.
    pub work: Option<u64>,
}

/// The weights of a step of a training, which those need that do its first draws.
#[derive(Serialize, Tsify)]
pub struct StepOrders {
    /// Its number.
    pub step: u32,
    /// The weights.
    pub weights: Floats,
}

/// What a call has done for a part of a step of a training.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct Summed {
    /// Units of work that this call has done.
    pub work: u64,
    /// The sums for the worker with the draws that follow, if the part is done.
    pub sums: Option<StepSums>,
}

/// The sums over the first draws of a step of a training.
#[derive(Serialize, Tsify)]
pub struct StepSums {
    /// Its number.
    pub step: u32,
    /// Of the squared gaps.
    pub loss: f64,
    /// Of the gradients.
    pub gradient: Floats,
}

/// What is new in a training.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct TrainingNews {
    /// The running mean of the loss at each new step.
    pub losses: Floats,
    /// Which of the sides that `aim` named the preview shows: 0 is the first.
    pub view: Option<usize>,
    /// All frames of a small run with the network as it stood, in the layout of that side's run.
    pub preview: Option<Frames>,
}

/// Points that were read from a table.
#[derive(Serialize, Tsify)]
pub struct PointsTable {
    /// As text for the key `points`.
    pub points: String,
    /// Their number.
    pub count: usize,
    /// What was passed over or changed.
    pub note: String,
}

/// What a file holds.
#[derive(Serialize, Tsify)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum FileContent {
    /// A network.
    Network,
    /// A table of points.
    Points(PointsTable),
}

/// A network that was loaded, with the link that uses it.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct LoadedNetwork {
    /// The link.
    pub opened: Opened,
    /// The step at which the training in the file was stopped, where it was before its end.
    pub stopped: Option<u32>,
}
