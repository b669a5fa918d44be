//! The words of closed lists, and what the enums say of themselves.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use proptest::prelude::*;
use scorefield::dynamics::ModelKind;
use scorefield::filter::{Method, Operator, ensf, ssls};
use scorefield::guide::Guidance;
use scorefield::labs;
use scorefield::labs::link::spec::{KEYS, Kind};
use scorefield::labs::link::{self, Engine, Mode, Values, plain};
use scorefield::labs::{filter, lgssm, space, toy1d, turbulence};
use scorefield::law::{LineLaw, PlaneLaw};
use scorefield::observe::OperatorKind;
use scorefield::process::lgssm::Model;
use scorefield::sample::{Churn, Init, Sampler};
use scorefield::schedule::{Grid, Process};
use scorefield::word::{Choice, Words};
use std::collections::BTreeSet;

/// The words of the labs.
fn labs() -> Vec<&'static str> {
    let row = link::spec::table().into_iter().find(|row| row.key == "lab");
    row.unwrap().choices
}

/// Each word reads back as its variant, and no two variants share a word or a label. Returns the list.
fn held<T: Words + std::fmt::Debug + PartialEq>() -> &'static [Choice] {
    assert_eq!(T::ALL.len(), T::CHOICES.len());
    for (place, variant) in T::ALL.iter().enumerate() {
        assert_eq!(T::of_word(variant.word()), Some(*variant));
        assert_eq!(
            (variant.place(), variant.word()),
            (place, T::CHOICES[place].value)
        );
        assert!(!variant.label().is_empty() && !variant.choice().help.is_empty());
    }
    let unique = |of: fn(&Choice) -> &str| T::CHOICES.iter().map(of).collect::<BTreeSet<_>>();
    assert_eq!(unique(|c| c.value).len(), T::ALL.len(), "{:?}", T::ALL);
    assert_eq!(unique(|c| c.label).len(), T::ALL.len(), "{:?}", T::ALL);
    assert_eq!(T::of_word("no such word"), None);
    T::CHOICES
}

#[test]
fn every_word_of_every_list_reads_back_and_is_the_only_one_of_its_kind() {
    let lists = [
        held::<Process>(),
        held::<Sampler>(),
        held::<Grid>(),
        held::<Guidance>(),
        held::<LineLaw>(),
        held::<PlaneLaw>(),
        held::<Model>(),
        held::<OperatorKind>(),
        held::<Init>(),
        held::<lgssm::Way>(),
        held::<labs::LawScore>(),
        held::<lgssm::ChainScore>(),
        held::<toy1d::LineView>(),
        held::<space::PlaneView>(),
        held::<space::TorusView>(),
        held::<lgssm::ChainView>(),
        held::<ModelKind>(),
        held::<Operator>(),
        held::<Method>(),
        held::<ssls::Prior>(),
        held::<ssls::Start>(),
        held::<ssls::Kind>(),
        held::<ensf::Pairing>(),
        held::<ensf::Likelihood>(),
        held::<ensf::Scale>(),
        held::<filter::FilterView>(),
        held::<filter::Implicit>(),
        held::<turbulence::Pixels>(),
        held::<turbulence::Task>(),
        held::<turbulence::Layout>(),
        held::<turbulence::FilmScore>(),
        held::<turbulence::Way>(),
        held::<turbulence::Law>(),
        held::<turbulence::FilmView>(),
        held::<Engine>(),
    ];
    // The list above is whole: every choice of every key of the table is in it.
    for lab in labs() {
        let values = link::decode(&format!("lab={lab}"), Mode::Strict);
        let values = values.unwrap().link.a;
        let own = values.rows().filter(|k| k.name != "lab");
        for key in own.filter(|k| (k.applies)(&values)) {
            if let Kind::Choice(choices) = (key.kind)(&values) {
                let known = |c| lists.iter().any(|list| list.contains(c));
                assert!(choices.iter().all(known), "{}", key.name);
            }
        }
    }
}

/// Samplers with their standard numbers, and Heun with churn.
fn samplers() -> impl Iterator<Item = Sampler> {
    let churn = Churn {
        amount: 9.0,
        ..Churn::NONE
    };
    Sampler::ALL.iter().copied().chain([Sampler::Heun(churn)])
}

#[test]
fn a_sampler_is_one_of_the_flow_just_where_its_plan_draws_no_noise() {
    for process in Process::all(12) {
        for sampler in samplers() {
            if matches!(sampler, Sampler::Heun(churn) if churn.amount > 0.0)
                && !sampler.can_churn(process)
            {
                continue;
            }
            let plan = sampler.plan(process, Grid::Default, 12);
            assert_eq!(
                sampler.is_ode(),
                !plan.is_stochastic(),
                "{sampler:?} {process:?}"
            );
        }
    }
}

/// The files of the page with the words of each list: an entry `word: …` for every word.
#[test]
fn the_page_has_words_for_every_process_sampler_rule_and_law() {
    let written = |file: &str| std::fs::read_to_string(format!("www/labs/{file}.js")).unwrap();
    let mut missing = vec![];
    for (file, list, choices) in [
        ("shared/words", "PROCESSES", Process::CHOICES),
        ("shared/words", "SAMPLERS", Sampler::CHOICES),
        ("lgssm/rules", "RULES", Guidance::CHOICES),
        ("toy1d/words", "TARGETS", LineLaw::CHOICES),
        ("toy2d/words", "TARGETS", PlaneLaw::CHOICES),
        ("filter/words", "MODELS", ModelKind::CHOICES),
        ("filter/methods", "METHODS", Method::CHOICES),
        ("filter/methods", "PRIORS", ssls::Prior::CHOICES),
    ] {
        let text = written(file);
        let (_, rest) = text.split_once(&format!("const {list} = {{\n")).unwrap();
        let (entries, _) = rest.split_once("\n};\n").unwrap();
        let keys: BTreeSet<&str> = entries
            .lines()
            .filter_map(|line| line.strip_prefix("  ")?.split_once(':'))
            .map(|(key, _)| key.trim_matches('\''))
            .collect();
        let lacks = choices.iter().filter(|c| !keys.contains(c.value));
        missing.extend(lacks.map(|c| format!("{} in {list} of www/labs/{file}.js", c.value)));
    }
    assert!(missing.is_empty(), "add words: {}", missing.join(", "));
}

proptest! {
    /// Steps that end at σ > 0 have as many calls as the sampler says; others no more.
    #[test]
    fn the_calls_of_a_plan_are_those_that_its_sampler_says(steps in 1..40u32, corrections in 0..5u32) {
        for process in Process::all(steps) {
            for sampler in samplers().chain([Sampler::Pc { corrections, tau: 0.25 }]) {
                let plan = sampler.plan(process, Grid::Default, steps.max(sampler.fewest_steps(process)));
                let whole = plan.levels[1..].iter().filter(|l| l.sigma > 0.0).count();
                let (calls, rest) = (sampler.calls() as usize, plan.steps() - whole);
                prop_assert!(plan.nfe() >= calls * whole + rest, "{sampler:?} {process:?}");
                prop_assert!(plan.nfe() <= calls * plan.steps());
            }
        }
    }
}

#[test]
fn a_link_has_the_fewest_steps_that_its_sampler_says() {
    for process in Process::ALL {
        for sampler in Sampler::ALL {
            let text = |steps: u32| {
                format!(
                    "lab=toy1d&process={}&sampler={}&steps={steps}",
                    process.word(),
                    sampler.word()
                )
            };
            let fewest = sampler.fewest_steps(*process);
            assert!(link::decode(&text(fewest), Mode::Strict).is_ok());
            assert!(link::decode(&text(fewest - 1), Mode::Strict).is_err());
        }
    }
}

#[test]
fn the_default_grid_of_a_process_is_one_of_the_others_on_it() {
    for process in Process::all(9) {
        let own = Grid::Default.on(process);
        assert_ne!(own, Grid::Default);
        assert_eq!(own.on(process), own);
        let levels = |grid: Grid| grid.levels(process, 9, false);
        assert_eq!(levels(Grid::Default), levels(own), "{process:?}");
    }
}

#[test]
fn a_key_that_does_not_apply_has_no_value_and_what_needs_it_says_so() {
    let values = link::decode("lab=toy1d", Mode::Strict).unwrap().link.a;
    assert_eq!(values.int("length"), None);
    assert_eq!(values.real("churn"), None);
    assert_eq!(values.choice::<Guidance>("guidance"), None);
    let error = values.need_int("length").unwrap_err().to_string();
    assert!(error.contains("length"), "{error}");
    let empty = Values::default();
    assert!(labs::Setup::new(&empty).is_err());
    assert!(labs::law(&empty).is_err());
    assert!(labs::toy1d::Toy1d::new(&empty).is_err());
    assert!(labs::space::SpaceLab::new(&empty).is_err());
    // A word of another lab's list is not taken for one of this list.
    assert_eq!(values.choice::<PlaneLaw>("target"), None);
}

#[test]
fn facts_of_a_configuration_are_those_of_its_link() {
    let of = |text: &str| {
        let values = link::decode(text, Mode::Strict).unwrap().link.a;
        (labs::facts(&values).unwrap(), labs::title(&values).unwrap())
    };
    let (facts, title) = of("lab=toy2d&sampler=heun&churn=20&steps=9");
    assert_eq!((facts.ode, facts.order, facts.calls), (false, None, 2));
    assert_eq!((facts.grid, facts.rule), ("karras", None));
    assert_eq!(title, "EDM · Heun · 9 steps");
    let (facts, title) = of("lab=lgssm&guidance=sda&gamma=0.3&score=blanket");
    assert_eq!((facts.ode, facts.order, facts.calls), (true, Some(2), 1));
    assert_eq!(facts.grid, "log-snr");
    let rule = facts.rule.unwrap();
    assert_eq!((rule.covariance, rule.number), (true, Some(("γ", 0.3))));
    assert!(rule.formula.contains("\\gamma"));
    assert_eq!(title, "VP · DPM-Solver++ 2M · 64 steps");
    let (facts, title) = of("lab=toy1d&sampler=langevin&level=0.4&steps=1&score=empirical");
    assert!(facts.one_level && facts.fewest_steps == 1);
    assert_eq!(title, "σ = 0.4 · Langevin · 1 step · Empirical");
}

#[test]
fn a_help_text_in_plain_characters_has_no_marks_of_formulas() {
    assert_eq!(plain("$x_i = T·x_{i−1}$ by $p_t$"), "xᵢ = T·xᵢ₋₁ by pₜ");
    for key in KEYS.iter().filter(|k| k.name != "churn") {
        let text = plain(key.help);
        assert!(!text.contains(['$', '{', '\\']), "{}: {text}", key.name);
    }
}

/// `model`, `operator` and `method` are other lists in other labs, and each lab reads its own.
#[test]
fn a_name_with_several_rows_is_one_key_in_each_lab() {
    for lab in labs() {
        let values = link::decode(&format!("lab={lab}"), Mode::Strict);
        let values = values.unwrap().link.a;
        let names: Vec<_> = values.rows().map(|key| key.name).collect();
        let once: BTreeSet<_> = names.iter().collect();
        assert_eq!(once.len(), names.len(), "{lab}");
    }
    let several: BTreeSet<_> = KEYS
        .iter()
        .filter(|key| KEYS.iter().filter(|k| k.name == key.name).count() > 1)
        .map(|key| key.name)
        .collect();
    assert!(several.contains("model") && !several.contains("target"));
    let choices = |text: &str| link::decode(text, Mode::Strict).unwrap_err().choices;
    assert!(choices("lab=lgssm&model=moon").contains(&"damped-spring".to_owned()));
    assert!(choices("lab=filter&model=moon").contains(&"lorenz63".to_owned()));
    let other = link::decode("lab=lgssm&model=lorenz63", Mode::Strict).unwrap_err();
    assert_eq!(other.key.as_deref(), Some("model"));
    for text in [
        "v=1&lab=lgssm&model=rotation&every=3&seed=0",
        "v=1&lab=filter&model=lorenz63&every=3&seed=0",
    ] {
        let link = link::decode(text, Mode::Strict).unwrap().link;
        assert_eq!(link::encode(&link), text);
    }
}

/// The keys that are offered where a key is wrong are those of the lab.
#[test]
fn each_lab_has_its_own_keys_and_no_others() {
    let offered = |lab: &str| {
        link::decode(&format!("lab={lab}&nonsense=1"), Mode::Strict)
            .unwrap_err()
            .choices
    };
    for (key, owners) in [
        ("process", "toy1d toy2d torus lgssm turbulence"),
        ("churn-min", "toy1d toy2d torus lgssm turbulence"),
        ("net-rate", "toy1d toy2d torus lgssm"),
        ("target", "toy1d toy2d"),
        ("m", "toy1d toy2d torus"),
        ("init", "toy1d"),
        ("weights", "toy1d"),
        ("points", "toy2d"),
        ("major", "torus"),
        ("T", "lgssm"),
        ("k", "lgssm"),
        ("every", "lgssm filter turbulence"),
        ("model", "lgssm filter"),
        ("cycles", "filter"),
        ("score", "toy1d toy2d torus lgssm turbulence"),
        ("horizon", "lgssm turbulence"),
    ] {
        for lab in labs() {
            let own = owners.split(' ').any(|l| l == lab);
            assert_eq!(offered(lab).iter().any(|k| k == key), own, "{key} in {lab}");
        }
    }
    let of_none = link::decode("nonsense=1", Mode::Strict).unwrap_err();
    let names: BTreeSet<_> = KEYS.iter().map(|key| key.name).collect();
    assert_eq!(of_none.choices.len(), names.len());
    // What a link can be read with, its lab has.
    for text in [
        "lab=toy1d&target=mixture&process=ve&sampler=heun&churn=3&score=empirical&m=5",
        "lab=toy2d&target=drawn&points=AAABAP__AIA&sampler=langevin&level=1",
        "lab=torus&score=trained&sampler=pc&tau=0.5",
        "lab=lgssm&operator=window&width=3&score=blanket&k=1&method=ar&guidance=lambda",
        "lab=filter&model=lorenz96&states=12&operator=arctan&method=enkf&n=20&locality=4",
        "lab=turbulence&layout=random&count=9&method=ar&guidance=dps&zeta=3&physics=defect&physics-sd=1&tau=1",
    ] {
        let values = link::decode(text, Mode::Strict).unwrap().link.a;
        let all = offered(values.word("lab").unwrap());
        assert!(
            values.iter().all(|(key, _)| all.iter().any(|k| k == key)),
            "{text}"
        );
    }
}

/// One symbol has one meaning in what the controls of a lab say: in the lab of chains x₀ would be a chain's first state,
/// so the clean chain is x(0), and the noises of a chain are named by their law. The factor of a picture is κ in every
/// lab, because c is a gain.
#[test]
fn a_symbol_has_one_meaning() {
    let chain = link::decode("lab=lgssm&seed=0", Mode::Strict).unwrap().link;
    let mut said = vec![];
    for key in KEYS.iter() {
        if !(chain.a.get(key.name).is_some() || key.needs.contains("model=")) {
            continue;
        }
        said.push((key.name, key.help));
        if let Kind::Choice(choices) = (key.kind)(&chain.a) {
            said.extend(choices.iter().map(|choice| (choice.value, choice.help)));
        }
    }
    assert!(said.len() > 60, "{}", said.len());
    for (name, help) in said {
        for symbol in ["x₀", "ε", "η"] {
            assert!(!help.contains(symbol), "{name}: {help}");
        }
    }
    for file in ["toy2d/words", "torus/words", "lgssm/views"] {
        let text = std::fs::read_to_string(format!("www/labs/{file}.js")).unwrap();
        let places: Vec<_> = text.match_indices("√(α² + σ²/v)").collect();
        assert!(!places.is_empty(), "{file}");
        for (at, _) in places {
            let before = &text[..at];
            assert!(
                before.ends_with("κ = ") || before.ends_with("κ(t) = "),
                "{file}: {}",
                &before[before.len() - 20..]
            );
        }
    }
}

/// What the page is told of a process: g² = 2σσ̇ − 2(α̇/α)σ² is infinite at t = 1 where α is 0 there.
#[test]
fn a_process_is_steep_just_where_its_diffusion_is_infinite() {
    let g2 = |process: Process, t: f64| {
        let (level, rates) = (process.level(t), process.rates(t));
        2.0 * level.sigma * rates.sigma_dot
            - 2.0 * rates.alpha_dot / level.alpha * level.sigma * level.sigma
    };
    for process in Process::all(1000).filter(|p| !p.is_discrete()) {
        let link = format!("lab=toy1d&process={}&seed=0", process.word());
        let link = link::decode(&link, Mode::Strict).unwrap().link;
        let grows = g2(process, 1.0 - 1e-6) / g2(process, 1.0 - 1e-3) > 100.0;
        assert_eq!(labs::facts(&link.a).unwrap().steep, grows, "{process:?}");
    }
}
