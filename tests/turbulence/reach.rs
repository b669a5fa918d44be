//! What the networks reach in assimilation and in a forecast: means over eight flows that no training saw.

use super::{number, run};

const TRUTHS: u64 = 8;

/// The mean of a number over eight truths with their own observations, and over samples of each with their own seeds.
/// Truths start from states that are kept from every training.
fn mean(key: &str, samples: u64, text: &str) -> f64 {
    let own = |seed: u64| {
        let case = seed % TRUTHS;
        let link = format!("lab=turbulence&truth-seed={case}&y-seed={case}&seed={seed}&{text}");
        number(run(&link).as_ref(), key)
    };
    let all = samples * TRUTHS;
    (0..all).map(own).sum::<f64>() / all as f64
}

const SAMPLED: &str =
    "sampler=pc&corrections=1&tau=0.5&gamma=0.01&steps=32&sigma-max=30&sigma-min=0.02";

/// The errors of a network alone, with the residual and with the flow map, over that of the best linear answer.
fn shares(score: &str, samples: u64) -> [f64; 3] {
    let linear = mean("rmse", 1, "method=posterior");
    [
        "",
        "&physics=residual",
        "&physics=defect&physics-sd=0.02&physics-gamma=0.3",
    ]
    .map(|text| mean("rmse", samples, &format!("score={score}&{SAMPLED}{text}")) / linear)
}

/// 16 frames, of which every second is seen at every fourth pixel along both sides with noise 0.1: the default.
#[test]
fn a_network_is_nearer_than_the_best_linear_answer_and_the_equations_bring_it_nearer_still() {
    let [plain, residual, defect] = shares("small", 1);
    assert!(plain <= 0.68, "{plain}");
    assert!(residual < plain, "{residual} {plain}");
    assert!(defect <= 0.52, "{defect} {residual} {plain}");
}

/// One sample in ten or so ends in a flow that fits the observations and is another one, so three of each truth.
/// `cargo test --release --test turbulence reach -- --ignored --nocapture` prints the three shares.
#[test]
#[ignore = "takes seven minutes of a processor"]
fn the_large_network_is_nearer_than_the_small_one() {
    let [plain, residual, defect] = shares("large", 3);
    println!("{plain} {residual} {defect}");
    assert!(plain <= 0.62, "{plain}");
    assert!(residual <= 0.56, "{residual} {plain}");
    assert!(defect <= 0.46, "{defect} {residual} {plain}");
}

/// Two frames are known; segments of five go on by three. Persistence holds the last known frame.
#[test]
fn a_forecast_in_segments_holds_four_times_as_long_as_persistence() {
    let text = "task=forecast&frames=32";
    let network = mean("time", 1, &format!("{text}&method=ar&score=small"));
    let held = mean("time", 1, &format!("{text}&method=interpolate"));
    assert!(network >= 4.0 * held, "{network} {held}");
}
