//! What the networks reach in assimilation and in a forecast: means over eight flows that no training saw.

use super::{number, run};

/// The mean of a number over eight truths, with their own observations and seeds. Truths start from states that are kept
/// from every training.
fn mean(key: &str, text: &str) -> f64 {
    let own = |case: u64| {
        let link = format!("lab=turbulence&truth-seed={case}&y-seed={case}&seed={case}&{text}");
        number(run(&link).as_ref(), key)
    };
    (0..8).map(own).sum::<f64>() / 8.0
}

const SAMPLED: &str =
    "score=small&sampler=pc&corrections=1&tau=0.5&gamma=0.01&steps=32&sigma-max=30&sigma-min=0.02";

/// 16 frames, of which every second is seen at every fourth pixel along both sides with noise 0.1: the default.
#[test]
fn a_network_is_nearer_than_the_best_linear_answer_and_the_equations_bring_it_nearer_still() {
    let linear = mean("rmse", "method=posterior");
    let share = |text: &str| mean("rmse", &format!("{SAMPLED}{text}")) / linear;
    let plain = share("");
    assert!(plain <= 0.68, "{plain} of {linear}");
    let residual = share("&physics=residual");
    assert!(residual < plain, "{residual} {plain}");
    let defect = share("&physics=defect&physics-sd=0.02&physics-gamma=0.3");
    assert!(defect <= 0.52, "{defect} {residual} {plain} of {linear}");
}

/// Two frames are known; segments of five go on by three. Persistence holds the last known frame.
#[test]
fn a_forecast_in_segments_holds_four_times_as_long_as_persistence() {
    let text = "task=forecast&frames=32";
    let network = mean("time", &format!("{text}&method=ar&score=small"));
    let held = mean("time", &format!("{text}&method=interpolate"));
    assert!(network >= 4.0 * held, "{network} {held}");
}
