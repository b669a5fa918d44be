use super::*;
use crate::labs::lgssm::COMPILED;
use crate::labs::link::{self, Mode};
use crate::labs::open;

fn opened(text: &str) -> Box<dyn Experiment> {
    let link = link::decode(text, Mode::Strict).expect(text).link;
    open(&link).expect(text)
}

fn message<T>(result: Result<T, Error>) -> String {
    result.err().expect("it is refused").to_string()
}

fn arguments(list: &[(&str, &[f64])]) -> Args {
    let own = list
        .iter()
        .map(|(name, x)| ((*name).to_owned(), x.to_vec()));
    Args(own.collect())
}

#[test]
fn an_unknown_question_lists_the_valid_ones() {
    let none = Args::default();
    for (text, valid) in [
        ("lab=toy1d", "flow"),
        ("lab=toy2d", "density, velocity, follow"),
        ("lab=lgssm&length=8", "posterior, covariance, score-errors"),
    ] {
        let own = opened(text);
        let said = message(own.ask(Side::A, "weather", &none));
        assert!(said.contains("“weather”") && said.contains(valid), "{said}");
        let run = own.run(Side::A, &Engine::Host).expect(text);
        let said = message(run.ask("weather", &none));
        assert!(said.contains("metrics"), "{said}");
    }
    let said = message(opened("lab=toy1d").job("weather"));
    assert!(said.contains("sweep, errors"), "{said}");
    let said = message(opened("lab=lgssm&length=8").job("sweep"));
    assert!(said.contains("“sweep”"), "{said}");
}

#[test]
fn arguments_are_checked_by_name_and_by_value() {
    let own = opened("lab=toy2d");
    let asked =
        |name: &str, list: &[(&str, &[f64])]| message(own.ask(Side::A, name, &arguments(list)));
    assert!(asked("density", &[]).contains("needs frame"));
    assert!(asked("density", &[("frame", &[1.0]), ("colour", &[1.0])]).contains("takes no colour"));
    assert!(asked("density", &[("frame", &[0.5])]).contains("frame"));
    let follow: [(&str, &[f64]); 2] = [("frame", &[0.0]), ("y", &[1.0])];
    assert!(asked("follow", &follow).contains("2 numbers"));
}

#[test]
fn a_side_that_cannot_be_made_leaves_the_other_usable() {
    // The posterior of windows is dense: it is refused for a chain of 500 numbers.
    let text = "lab=lgssm&length=500&n=4&steps=3&guidance=sda&b.operator=window&b.width=3";
    let sides = opened(text);
    assert!(sides.scene(Side::A).and_then(Task::finish).is_ok());
    let none = Args::default();
    for said in [
        message(sides.scene(Side::B)),
        message(sides.run(Side::B, &Engine::Host)),
        message(sides.ask(Side::B, "covariance", &none)),
        message(sides.plan(Side::B)),
    ] {
        assert!(said.contains("dense"), "{said}");
    }
    let mut run = sides.run(Side::A, &Engine::Host).expect("side a runs");
    while !run.advance(1000) {}
    assert!(run.check().is_ok() && run.samples().is_ok());
}

#[test]
fn a_link_without_a_comparison_has_no_side_b() {
    assert!(message(opened("lab=toy1d").scene(Side::B)).contains("side a only"));
}

#[test]
fn a_comparison_of_chains_compiles_two_labs() {
    let before = COMPILED.get();
    let own = opened("lab=lgssm&length=12&n=8&steps=4&b.guidance=sda");
    let page = crate::labs::memory::Holder::Page;
    assert!(crate::labs::memory::check(own.as_ref(), 2_000_000_000, page).is_ok());
    for side in [Side::A, Side::B] {
        assert!(own.scene(side).and_then(Task::finish).is_ok());
        let covariance = own.ask(side, "covariance", &Args::default());
        assert!(covariance.and_then(Task::finish).is_ok());
        let mut run = own.run(side, &Engine::Host).expect("it runs");
        while !run.advance(1000) {}
        let frame = arguments(&[("frame", &[4.0])]);
        assert!(run.ask("metrics", &frame).and_then(Task::finish).is_ok());
    }
    let scene = own
        .scene(Side::A)
        .and_then(Task::finish)
        .expect("a scene")
        .json();
    let y = vec![0.5; scene["y"].as_array().map_or(0, Vec::len)];
    let posterior = own.ask(Side::A, "posterior", &arguments(&[("y", &y)]));
    assert!(posterior.is_ok(), "{:?}", posterior.err());
    assert_eq!(COMPILED.get() - before, 2);
}
