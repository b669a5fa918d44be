//! The rows of the table for the training of a network.

use super::key::{Group, Key, Network, Values, row};
use super::kind::Kind;
use super::value::Value;

/// The rows, in their order.
pub(super) static TRAINING: [Key; 6] = [WIDTH, DEPTH, STEPS, BATCH, RATE, SEED];

fn is_trained(v: &Values) -> bool {
    v.network() == Network::Trained
}

// The defaults of a training: what is good after seconds. On six laws (uniform, comb, mixture,
// checkerboard, swissroll, torus; n = 4000, heun on edm, N = 40, seed 1) 4000 steps of 128 draws at rate
// 8e-3 reach W1 0.005, 0.016, 0.011, sliced W2 0.029, 0.011 and 0.058 minor radii off the torus in 1.3 s
// natively on one core. 1500 steps of 256 at 4e-3, a quarter fewer draws, reach 0.010, 0.022, 0.015,
// 0.031, 0.016 and 0.25; 2000 of 256 at 8e-3, as many draws, 0.006, 0.016, 0.016, 0.030, 0.015, 0.080;
// depth 2 leaves the torus at 0.27; width 48 or 96 gains nothing for the same time.

const WIDTH: Key = row(
    "net-width",
    "Network width",
    "Units of a hidden layer of the network.",
    Group::Main,
)
.when(is_trained, "score=trained")
.kind(|_| Kind::Int(8, 128))
.log()
.default(|_| Some(Value::Int(64)));

const DEPTH: Key = row(
    "net-depth",
    "Hidden layers",
    "Hidden layers of the network.",
    Group::More,
)
.when(is_trained, "score=trained")
.kind(|_| Kind::Int(1, 4))
.default(|_| Some(Value::Int(3)));

const STEPS: Key = row(
    "net-steps",
    "Training steps",
    "Steps of Adam, each on fresh draws of the law.",
    Group::Main,
)
.when(is_trained, "score=trained")
// The longest is that of the pretrained networks of windows (`nets/window1.recipe`), whose files a visitor can load.
.kind(|_| Kind::Int(10, 60_000))
.log()
.default(|_| Some(Value::Int(4000)));

const BATCH: Key = row(
    "net-batch",
    "Training batch",
    "Fresh draws of a training step.",
    Group::More,
)
.when(is_trained, "score=trained")
.kind(|_| Kind::Int(16, 2048))
.log()
.default(|_| Some(Value::Int(128)));

const RATE: Key = row(
    "net-rate",
    "Learning rate",
    "Largest learning rate: the rate rises to it over a hundred steps, then falls to 0 as a cosine.",
    Group::More,
)
.when(is_trained, "score=trained")
.kind(|_| Kind::Real(1e-5, 0.1))
.log()
.default(|_| Some(Value::Real(8e-3)));

const SEED: Key = row(
    "net-seed",
    "Training seed",
    "Seed of the first weights and of all draws of the training.",
    Group::More,
)
.when(is_trained, "score=trained")
.kind(|_| Kind::Seed)
.default(|_| Some(Value::Int(0)));
