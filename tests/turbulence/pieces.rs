//! Runs in pieces, and the composition of chains.

use super::{numbers, open, run, run_in, scene};
use scorefield::denoise::Differentiable;
use scorefield::guide::{Composed, Evaluation, Guidance, Guided};
use scorefield::labs::link::Side;
use scorefield::labs::{Args, Engine};
use scorefield::observe::{Band, Observation, Operator};
use scorefield::process::film::Making;
use scorefield::process::lgssm::Windows;
use scorefield::process::{Chain, Fold};
use scorefield::sample::{HostState, Sampler};
use scorefield::schedule::{Grid, Process};
use std::rc::Rc;

/// Small links of every method.
pub const LINKS: [&str; 19] = [
    "lab=turbulence&frames=6&steps=4&score=gaussian&seed=1",
    "lab=turbulence&frames=6&steps=3&n=2&guidance=dps&corrections=0&score=gaussian&seed=1",
    "lab=turbulence&frames=7&steps=3&guidance=replace&sampler=heun&score=gaussian&seed=1",
    "lab=turbulence&frames=5&steps=3&layout=blocks&guidance=pigdm&process=vp&score=gaussian&seed=1",
    "lab=turbulence&frames=5&steps=3&layout=random&physics=residual&score=gaussian&seed=1",
    "lab=turbulence&frames=5&steps=2&layout=line&physics=defect&sampler=dpmpp2m&score=gaussian&seed=1",
    "lab=turbulence&frames=9&steps=2&n=2&method=ar&score=gaussian&seed=1",
    "lab=turbulence&frames=5&steps=3&task=forecast&score=gaussian&seed=1",
    "lab=turbulence&frames=4&steps=3&task=prior&score=gaussian&seed=1",
    "lab=turbulence&frames=6&method=posterior&seed=1",
    "lab=turbulence&frames=6&method=interpolate&seed=1",
    "lab=turbulence&frames=5&method=enkf&n=6&seed=1",
    "lab=turbulence&frames=6&method=free&task=forecast&n=3&seed=1",
    "lab=turbulence&frames=6&steps=4&seed=1",
    "lab=turbulence&frames=6&steps=8&n=2&guidance=pigdm&physics=defect&seed=1",
    "lab=turbulence&frames=7&steps=3&guidance=replace&sampler=heun&seed=1",
    "lab=turbulence&frames=6&steps=6&physics=residual&process=vp&seed=1",
    "lab=turbulence&frames=8&steps=2&n=2&method=ar&task=forecast&seed=1",
    "lab=turbulence&frames=6&steps=3&task=prior&sampler=dpmpp2m&seed=1",
];

#[test]
fn pieces_of_any_size_give_the_bits_of_the_whole() {
    for text in LINKS {
        let mut whole = run(text);
        for work in [1, 300_000] {
            let mut pieces = run_in(text, work);
            assert!(
                pieces.samples().unwrap() == whole.samples().unwrap(),
                "{text}"
            );
            assert_eq!(numbers(pieces.as_ref()), numbers(whole.as_ref()), "{text}");
            assert_eq!(pieces.frames(), whole.frames(), "{text}");
            let (own, all) = (pieces.take().unwrap(), whole.frames());
            assert_eq!((own.from, own.to), (0, all), "{text}");
        }
        let samples = whole.samples().unwrap();
        assert!(samples.iter().all(|x| x.is_finite()), "{text}");
        let frames = whole.take().unwrap();
        let scene = scene(text);
        assert_eq!(scene["frames"].as_u64(), Some(frames.to as u64), "{text}");
    }
}

#[test]
fn what_is_done_adds_up_to_what_was_announced() {
    // Small pieces end within a part: all of it counts.
    for (text, piece) in LINKS
        .iter()
        .flat_map(|text| [(text, 10_000), (text, 1 << 22)])
    {
        let run = run_in(text, piece);
        let asked = run.ask("price", &Args::default()).unwrap();
        let price = scorefield::answer::of_type::<f64>(asked.finish().unwrap()).unwrap();
        let (work, done, all) = (run.work() as f64, run.evaluations(), run.total());
        assert!(
            (work / price - 1.0).abs() < 0.1,
            "{text}: {work} of {price}"
        );
        if run.calls().is_some() {
            assert_eq!(done, all, "{text}");
        }
    }
}

/// A piece does at most about what it was asked for, or one part: a window, a frame, a member, a row of the solve.
#[test]
fn a_piece_is_short() {
    // 30 ms at 25 ns a unit.
    let most = 1_200_000;
    for text in LINKS {
        let mut run = open(text).run(Side::A, &Engine::Host).unwrap();
        let mut before = 0;
        while !run.advance(1) {
            assert!(
                run.work() - before < most,
                "{text}: {}",
                run.work() - before
            );
            before = run.work();
        }
    }
}

/// The law of a long film is made some waves at a time, not in one piece before the first number is solved for.
#[test]
fn the_law_of_a_long_film_is_made_in_pieces() {
    let [parts, price] = Making::committed(32).unwrap().price();
    assert!(price < 400_000, "{price}");
    let text = "lab=turbulence&frames=32&every=8&method=posterior&seed=1";
    let mut run = open(text).run(Side::A, &Engine::Host).unwrap();
    let mut pieces = 0;
    while !run.advance(1) {
        pieces += 1;
    }
    let [frames, rows] = [32, 2 * 4 * 64];
    // The first piece and the last one have more than a part.
    assert!(pieces + 2 >= frames + parts + rows, "{pieces}");
}

/// So are the pieces of what is asked.
#[test]
fn what_is_asked_is_answered_in_short_pieces() {
    for text in [
        "lab=turbulence&frames=32",
        "lab=turbulence&viscosity=0.02&pixels=64",
    ] {
        let own = open(text);
        let asked = |name: &str| own.ask(Side::A, name, &Args::default()).unwrap();
        for mut task in [
            own.scene(Side::A).unwrap(),
            asked("baselines"),
            asked("truth"),
        ] {
            let mut before = 0;
            while !task.advance(1).unwrap() {
                assert!(
                    task.work() - before < 2_000_000,
                    "{text}: {}",
                    task.work() - before
                );
                before = task.work();
            }
        }
    }
}

/// The denoiser of a window of a chain stands in for that of a window of frames.
fn chain() -> (Chain, Rc<dyn Differentiable>, Fold) {
    let chain = Chain::ar1(0.9, 0.5, 1.0, 0.3, 11).unwrap();
    let window = Rc::new(chain.with_length(5).unwrap());
    let fold = Fold {
        length: 11,
        width: 5,
        states: 1,
    };
    (chain, window, fold)
}

fn observation() -> Observation {
    let y = vec![0.3, -1.2, 0.8];
    let operator = Operator::slice(11, &[1, 4, 9]).unwrap();
    Observation::new(operator, &Band::isotropic(3, 0.04), y).unwrap()
}

const RULES: [Guidance; 6] = [
    Guidance::None,
    Guidance::Sda { gamma: 0.01 },
    Guidance::Diagonal,
    Guidance::Dps { zeta: 2.0 },
    Guidance::Pigdm,
    Guidance::Replace,
];

#[test]
fn a_walk_in_pieces_gives_the_bits_of_the_composition_of_chains() {
    let (chain, window, fold) = chain();
    let prior: Rc<dyn Differentiable> = Rc::new(Windows::new(&chain, 2, window.clone()).unwrap());
    let samplers = [
        Sampler::Pc {
            corrections: 1,
            tau: 0.5,
        },
        Sampler::Dpmpp2m,
        Sampler::Heun(scorefield::sample::Churn::NONE),
    ];
    for rule in RULES {
        for sampler in samplers {
            let plan = sampler.plan(Process::Edm, Grid::Default, 6);
            let guided = Guided::new(prior.clone(), observation(), rule).unwrap();
            let mut whole = HostState::new(&plan, 1, 11, 7, false);
            for _ in &plan.stages {
                guided.advance(&mut whole, &plan, usize::MAX / 2).unwrap();
            }
            let composed = Composed::new(fold, window.clone());
            let composed = composed.observing(observation(), rule).unwrap();
            let mut walk = HostState::new(&plan, 1, 11, 7, false);
            for stage in &plan.stages {
                let mut own = Evaluation::new(11);
                if let Some(level) = &stage.level {
                    while !own
                        .advance(&composed, level, walk.newest(), &mut 1)
                        .unwrap()
                    {}
                }
                walk.advance_with(&plan, own.x_hat());
            }
            let x = |state: &HostState| scorefield::sample::Executor::x(state).to_vec();
            assert_eq!(x(&walk), x(&whole), "{rule:?} {sampler:?}");
        }
    }
}

#[test]
fn an_evaluation_whose_windows_are_answered_elsewhere_has_the_same_bits() {
    let (_, window, fold) = chain();
    let x_t: Vec<f64> = (0..11).map(|i| f64::from(i).cos()).collect();
    let plan = Sampler::Euler.plan(Process::Edm, Grid::Default, 6);
    for rule in RULES {
        let composed = Composed::new(fold, window.clone());
        let composed = composed.observing(observation(), rule).unwrap();
        for level in &plan.levels {
            let mut here = Evaluation::new(11);
            assert!(
                here.advance(&composed, level, &x_t, &mut 1_000_000)
                    .unwrap()
            );
            let mut elsewhere = Evaluation::new(11);
            elsewhere.ask_elsewhere(true);
            let mut questions = 0;
            while !elsewhere.advance(&composed, level, &x_t, &mut 1).unwrap() {
                let Some(asked) = elsewhere.asked(&composed, level, &x_t) else {
                    assert!(!elsewhere.waits());
                    continue;
                };
                assert!(elsewhere.waits());
                assert_eq!(asked.x_t.len(), 5 * fold.windows());
                let at = window.differentiable_at(&asked.level);
                let mut values = vec![f64::NAN; asked.x_t.len()];
                match &asked.v {
                    None => at.x_hat(&asked.x_t, &mut values),
                    Some(v) => {
                        assert!(asked.keeps);
                        at.vjp(&asked.x_t, v, &mut values);
                    }
                }
                elsewhere.answer(&composed, level, &values);
                questions += 1;
            }
            let pulls = !matches!(rule, Guidance::None | Guidance::Replace) && level.sigma > 0.0;
            assert_eq!(questions, if pulls { 2 } else { 1 }, "{rule:?}");
            assert_eq!(elsewhere.x_hat(), here.x_hat(), "{rule:?} {level:?}");
            // What was begun elsewhere goes on here: the device is lost between two answers.
            let mut lost = Evaluation::new(11);
            lost.ask_elsewhere(true);
            let asked = lost.asked(&composed, level, &x_t).unwrap();
            let mut values = vec![f64::NAN; asked.x_t.len()];
            window
                .differentiable_at(&asked.level)
                .x_hat(&asked.x_t, &mut values);
            lost.answer(&composed, level, &values);
            lost.ask_elsewhere(false);
            while !lost.advance(&composed, level, &x_t, &mut 1).unwrap() {}
            assert_eq!(lost.x_hat(), here.x_hat(), "{rule:?} {level:?}");
        }
    }
}
