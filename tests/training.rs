//! Networks that a link has trained: the same weights however the work is split, previews, files as links.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::error::{Error, Fix};
use scorefield::labs::link::{self, Link, Mode, Side};
use scorefield::labs::{self, Experiment, Setup, Training, TrainingPart};
use scorefield::net::stretch::Sums;
use scorefield::net::trained::{self, Order};
use scorefield::net::{Net, Recipe, Trainer, catalog, recipe};
use scorefield::schedule::Process;
use std::rc::Rc;

/// Trained networks are shared by the whole process, so every test has its own `net-seed`.
const SMALL: &str = "score=trained&net-width=16&net-depth=2&net-steps=60&net-batch=64";

fn read(text: &str) -> Link {
    link::decode(text, Mode::Strict).unwrap().link
}

fn training(text: &str) -> Training {
    Training::new(&read(text).a).unwrap()
}

fn weights(training: &Training) -> Vec<u32> {
    let net = training.network();
    net.weights().iter().map(|w| w.to_bits()).collect()
}

fn finished(text: &str) -> Training {
    let mut training = training(text);
    while !training.advance(1 << 16) {}
    training.finish().unwrap();
    training
}

fn order(text: &str) -> Order {
    labs::order(&read(text).a).unwrap()
}

#[test]
fn training_in_pieces_and_with_previews_is_training_at_once() {
    for (lab, dim) in [
        ("toy1d", 1),
        ("toy2d", 2),
        ("torus", 3),
        ("lgssm&model=rotation&length=9&k=1&guidance=pigdm", 6),
    ] {
        // 300 draws are two parts of a step, and a piece of work ends in the middle of a part.
        let text = format!(
            "lab={lab}&score=trained&net-width=16&net-depth=2&net-steps=40&net-batch=300&net-seed=1&n=50&steps=4"
        );
        let link = read(&text);
        let law = labs::law(&link.a).unwrap();
        let mut plain = Trainer::new(order(&text).recipe, dim);
        while !plain.is_done() {
            plain.step(law.target());
        }
        let wanted: Vec<u32> = plain.state().average.iter().map(|w| w.to_bits()).collect();
        let mut whole = training(&text);
        assert!(whole.advance(usize::MAX >> 1));
        assert_eq!(weights(&whole), wanted, "{lab} at once");
        let mut pieces = training(&text);
        let mut turn = 0;
        while !pieces.advance(1 + 997 * turn % 2500) {
            turn += 1;
        }
        assert!(turn > 20);
        assert_eq!(weights(&pieces), wanted, "{lab} in pieces");
        let mut shown = training(&text);
        shown.aim(vec![(labs::open(&link).unwrap().into(), Side::A)]);
        let mut previews = 0;
        while !shown.advance(500) {
            previews += usize::from(shown.take_preview().is_some());
        }
        assert!(previews > 0, "{lab}: no preview");
        assert_eq!(weights(&shown), wanted, "{lab} with previews");
    }
}

/// Does a training with others that do parts of each step. The others go on in an order of their own, and from the given step on
/// the first of them is lost.
fn shared(text: &str, workers: usize, aim: bool, lost: Option<u32>) -> Training {
    let values = read(text).a;
    let mut training = training(text);
    if aim {
        training.aim(vec![(labs::open(&read(text)).unwrap().into(), Side::A)]);
    }
    let mut parts = training.split(workers);
    assert_eq!(parts.len(), workers);
    parts.pop();
    let mut others: Vec<_> = parts
        .iter()
        .map(|_| TrainingPart::new(&values).unwrap())
        .collect();
    let (mut turn, mut waited) = (0usize, 0);
    let mut is_lost = false;
    while !training.advance(1 + 1997 * turn % 5000) {
        turn += 1;
        training.take_preview();
        if lost.is_some_and(|step| training.step() >= step) && !is_lost {
            is_lost = true;
            training.host().unwrap().take_back();
        }
        if let Some((step, weights)) = training.host().unwrap().orders() {
            assert!(!is_lost);
            for (part, other) in parts.iter().zip(&mut others) {
                assert!(other.helper().begin(step, part.clone(), weights));
            }
        }
        if is_lost {
            assert!(!training.awaits());
            continue;
        }
        waited += usize::from(training.awaits());
        // One of them goes on, now and then two.
        for at in [turn * 7 % workers, turn * 3 % workers] {
            let Some(other) = others.get_mut(at) else {
                continue;
            };
            let Some((step, sums)) = other.advance(1 + 3001 * turn % 7000).1 else {
                continue;
            };
            match others.get_mut(at + 1) {
                Some(next) => next.helper().receive(step, sums),
                None => training.host().unwrap().receive(step, sums),
            }
        }
    }
    assert!(waited > 0 || workers == 1 || lost == Some(0));
    training
}

#[test]
fn several_workers_give_the_weights_of_one() {
    for lab in ["toy1d", "toy2d", "lgssm&model=rotation&length=9&k=1"] {
        // Parts of a step are larger and smaller than those that go through the layers together.
        let text = format!(
            "lab={lab}&score=trained&net-width=16&net-depth=2&net-steps=40&net-batch=700&net-seed=31&n=50&steps=4"
        );
        let mut alone = training(&text);
        while !alone.advance(1 << 16) {}
        let losses = alone.take_losses();
        for workers in [1, 2, 3, 8] {
            let mut own = shared(&text, workers, workers == 3, None);
            assert_eq!(weights(&own), weights(&alone), "{lab}, {workers} workers");
            assert_eq!(own.take_losses(), losses, "{lab}, {workers} workers");
        }
    }
}

#[test]
fn the_part_of_a_lost_worker_is_done_by_the_first() {
    let text = "lab=toy2d&score=trained&net-width=16&net-depth=2&net-steps=40&net-batch=300&net-seed=32&n=50&steps=4";
    let mut alone = training(text);
    while !alone.advance(1 << 16) {}
    for lost in [0, 7, 39] {
        let own = shared(text, 3, true, Some(lost));
        assert_eq!(weights(&own), weights(&alone), "lost at step {lost}");
    }
    // Sums that come late, of another step or of another shape are not used.
    let mut own = training(text);
    own.split(2);
    while own.step() < 3 {
        let step = own.step();
        let trainer = own.host().unwrap();
        trainer.orders();
        let strange = |length: usize| Sums {
            loss: 1.0,
            gradient: vec![1.0; length],
        };
        let length = trainer.state().weights.len();
        trainer.receive(step + 1, strange(length));
        trainer.receive(step, strange(length - 1));
        while !own.awaits() {
            own.advance(1 << 20);
        }
        let trainer = own.host().unwrap();
        trainer.take_back();
        trainer.receive(step, strange(length));
        while own.step() == step {
            own.advance(1);
        }
        own.split(2);
    }
    own.host().unwrap().take_back();
    while !own.advance(1 << 16) {}
    assert_eq!(weights(&own), weights(&alone));
}

/// A piece of work is bounded: beyond the work it was given, it does less than a part of a step.
#[test]
fn a_piece_of_work_is_small_however_large_a_step_is() {
    let text = "lab=toy2d&score=trained&net-batch=2048&net-steps=10&net-seed=1";
    let mut training = training(text);
    let mut pieces = 1;
    while !training.advance(100) {
        pieces += 1;
    }
    // A part has at most 256 draws, and work of 100 allows 34.
    assert!(pieces >= 10 * 2048 / 34, "{pieces}");
}

#[test]
fn the_loss_falls_towards_that_of_the_exact_denoiser_and_not_below() {
    let mut training = training(
        "lab=toy1d&target=gaussian&sd=0.3&score=trained&net-width=32&net-depth=2&net-steps=600&net-batch=128&net-seed=2",
    );
    assert_eq!((training.step(), training.loss()), (0, 1.0));
    assert!(training.floor().is_nan());
    while training.step() == 0 {
        training.advance(1);
    }
    let first = training.loss();
    let mut losses = Vec::new();
    while !training.advance(10_000) {
        losses.extend(training.take_losses());
    }
    losses.extend(training.take_losses());
    assert_eq!(losses.len(), 600);
    assert_eq!(*losses.last().unwrap(), training.loss() as f32);
    // The mean of the last 50 steps has a standard deviation of about √2/√(50·128) ≈ 2 %; that of the floor is 1 %.
    let (last, floor) = (training.loss(), training.floor());
    assert!(first > 1.1 * last, "{first} {last}");
    assert!(last > 0.93 * floor && last < 1.15 * floor, "{last} {floor}");
}

#[test]
fn a_run_waits_for_its_network() {
    let text = format!("lab=toy1d&{SMALL}&net-seed=3&n=100&seed=0");
    let setup = || Setup::new(&read(&text).a).unwrap();
    match setup().ready() {
        Err(e @ Error::Untrained { .. }) => {
            let words = e.to_string();
            assert!(
                words.contains("lab=toy1d") && words.contains("score=exact"),
                "{words}"
            );
        }
        other => panic!("{other:?}"),
    }
    finished(&text);
    assert!(setup().ready().is_ok() && setup().is_learned());
    // A different recipe is a different network.
    let other = text.replace("net-steps=60", "net-steps=61");
    assert!(Setup::new(&read(&other).a).unwrap().ready().is_err());
}

/// A cancelled training leaves nothing. If its network is used, it says where the training was stopped.
#[test]
fn a_training_that_was_stopped_is_not_that_of_the_link() {
    let text = format!("lab=toy2d&target=moons&{SMALL}&net-seed=4&n=100");
    let mut training = training(&text);
    while training.step() < 20 {
        training.advance(1);
    }
    assert!(!training.is_done());
    assert!(trained::get(&order(&text)).is_none());
    training.finish().unwrap();
    let used = trained::get(&order(&text)).unwrap();
    assert_eq!(used.stopped, Some(20));
    let file = used.net.to_bytes().unwrap();
    trained::remove(&order(&text));
    let loaded = labs::load("half.bpk", &file, &read("lab=toy1d")).unwrap();
    assert_eq!(loaded.stopped, Some(20));
    assert_eq!(trained::get(&order(&text)).unwrap().stopped, Some(20));
    // Trained to its end after all: the same weights as without the stop.
    while !training.advance(1 << 16) {}
    training.finish().unwrap();
    assert_eq!(trained::get(&order(&text)).unwrap().stopped, None);
    let whole = finished(&text);
    assert_eq!(weights(&training), weights(&whole));
}

#[test]
fn a_preview_has_the_layout_of_the_run() {
    for text in [
        "lab=toy1d&process=vp&steps=6&n=5000",
        "lab=toy1d&process=edm&sampler=heun&steps=6&init=quantile&n=5000",
        "lab=toy2d&steps=6&n=12000",
        "lab=torus&steps=6",
        "lab=lgssm&steps=6&guidance=sda&k=1",
        "lab=lgssm&steps=6&guidance=sda&method=ar&context=0&horizon=11",
    ] {
        // A chain needs many windows, so its previews take longer.
        let long = SMALL.replace("net-steps=60", "net-steps=600");
        let small = if text.contains("lgssm") { &long } else { SMALL };
        let link = read(&format!("{text}&{small}&net-seed=5"));
        let mut training = Training::new(&link.a).unwrap();
        let experiment: Rc<dyn Experiment> = labs::open(&link).unwrap().into();
        training.aim(vec![(experiment.clone(), Side::A)]);
        let mut frames = None;
        while frames.is_none() && !training.advance(1000) {
            frames = training.take_preview();
        }
        let (view, frames) = frames.unwrap_or_else(|| panic!("{text}: no preview"));
        // The layout of the run itself.
        let scene = experiment.scene(Side::A).unwrap().finish().unwrap().json();
        let count = scene["frames"].as_u64().unwrap() as usize;
        let mut record: Vec<_> = scene["record"].as_object().unwrap().iter().collect();
        record.sort_by_key(|(name, _)| name.as_str());
        assert_eq!((view, frames.from, frames.to), (0, 0, count), "{text}");
        let mut lengths: Vec<_> = frames.arrays.0.iter().map(|a| (a.0, a.1.len())).collect();
        lengths.sort();
        let numbers = |n: &serde_json::Value| n.as_u64().unwrap() as usize * count;
        let wanted: Vec<_> = record
            .iter()
            .map(|&(name, n)| (name.as_str(), numbers(n)))
            .collect();
        assert_eq!(lengths, wanted, "{text}");
        if text.contains("toy2d") {
            let points = frames.array("points");
            assert!(
                points[..64].iter().all(|x| x.is_finite()),
                "the first particles are there"
            );
            assert!(points[1500].is_nan(), "the others are not");
        }
    }
}

#[test]
fn previews_of_two_sides_take_turns() {
    let text = format!("lab=toy1d&{SMALL}&net-seed=6&n=100&process=vp&steps=3&b.steps=5");
    let link = read(&text);
    let mut training = Training::new(&link.a).unwrap();
    let experiment: Rc<dyn Experiment> = labs::open(&link).unwrap().into();
    training.aim([Side::A, Side::B].map(|s| (experiment.clone(), s)).into());
    let mut seen = Vec::new();
    while !training.advance(200) {
        seen.extend(
            training
                .take_preview()
                .map(|(view, frames)| (view, frames.to)),
        );
    }
    assert!(seen.len() >= 4, "{seen:?}");
    for (i, view) in seen.iter().enumerate() {
        assert_eq!(*view, [(0, 4), (1, 6)][i % 2]);
    }
}

#[test]
fn a_file_gives_back_the_link_that_made_it() {
    for (seed, law) in [
        (u64::MAX, "lab=toy1d"),
        (
            8,
            "lab=toy1d&target=mixture&means=-2,0,1&sds=0.1,0.2,0.3&weights=1,2,3",
        ),
        (9, "lab=toy1d&target=comb&teeth=5&duty=0.3"),
        (10, "lab=toy1d&target=gaussian&sd=1.5"),
        (11, "lab=toy2d&target=rings"),
        (12, "lab=toy2d&target=drawn&points=AAABAP__AIA"),
        (13, "lab=torus&major=2&minor=0.7"),
        (21, "lab=lgssm&a=0.5&length=12&c=2&d=0.1&k=3"),
        (22, "lab=lgssm&model=damped-spring&d=0.2&k=1"),
        (
            23,
            "lab=lgssm&model=custom&T=0.5,0.1;0,0.3&Q=1,0;0,0.4&O=1,1&R=0.2&length=7&k=2",
        ),
    ] {
        let text = format!("{law}&{SMALL}&net-rate=0.0031&net-seed={seed}&seed=5");
        let file = finished(&text).network().to_bytes().unwrap();
        trained::remove(&order(&text));
        // From any current link. Keys that the file does not set stay if they are valid.
        for present in [
            "lab=toy1d&target=comb&teeth=3&view=histogram&n=77&seed=9",
            "lab=torus&process=vp&n=77&seed=9",
        ] {
            let loaded = labs::load("x.bpk", &file, &read(present)).unwrap();
            let a = &loaded.edited.link.a;
            assert_eq!(labs::order(a), Some(order(&text)), "{text}");
            assert_eq!(loaded.stopped, None);
            assert_eq!((a.int("n"), a.int("seed")), (Some(77), Some(9)));
            // For chains this is the default.
            let vp = present.contains("vp") || law.starts_with("lab=lgssm");
            assert_eq!(a.choice("process") == Some(Process::Vp), vp);
            assert!(Setup::new(a).unwrap().ready().is_ok());
            assert_eq!(read(&link::encode(&loaded.edited.link)), loaded.edited.link);
        }
        // A different engine accepts the same file for this link, and for no other link.
        assert!(labs::add(&read(&text).a, &file).is_ok());
        let other = read(&text.replace("net-steps=60", "net-steps=59"));
        let error = labs::add(&other.a, &file).unwrap_err().to_string();
        assert!(error.contains("another"), "{error}");
    }
}

/// The weights of the pretrained networks are those that a link would train.
#[test]
fn a_pretrained_file_loads() {
    for entry in catalog::all() {
        // Read when the test runs: a copied checkout must not read the files of the original.
        let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
        let path = format!("{root}/nets/{}", entry.file);
        let bytes = std::fs::read(path).unwrap();
        let loaded = labs::load(entry.file, &bytes, &read("lab=toy1d"));
        let loaded = loaded.unwrap_or_else(|e| panic!("{}: {e}", entry.file));
        let (_, recipe) = recipe::parse("", Net::from_bytes("", &bytes).unwrap().recipe()).unwrap();
        assert_eq!(labs::order(&loaded.edited.link.a).unwrap().recipe, recipe);
    }
}

#[test]
fn a_bad_file_is_refused_by_name_and_what_was_at_hand_stays() {
    let text = format!("lab=toy1d&{SMALL}&net-seed=14");
    let file = finished(&text).network().to_bytes().unwrap();
    let Order { law, recipe } = order(&text);
    let own = recipe::write(&law, &recipe);
    let made = |dim: usize, recipe: Recipe, text: &str| {
        Trainer::new(recipe, dim)
            .network(text.to_owned())
            .to_bytes()
            .unwrap()
    };
    let mut nan = file.clone();
    let last = nan.len() - 4;
    nan[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    let mut flipped = file.clone();
    flipped[last] ^= 1;
    let wide = Recipe {
        width: 256,
        ..recipe
    };
    let narrow = Recipe {
        width: 12,
        ..recipe
    };
    let cases = [
        (
            "cut",
            file[..file.len() / 2].to_vec(),
            "not a complete burnpack",
        ),
        (
            "not ours",
            b"x,y\n1,2\n".to_vec(),
            "not a complete burnpack",
        ),
        ("empty", vec![], "not a complete burnpack"),
        ("NaN", nan, "not a finite number"),
        ("flipped", flipped, "is damaged"),
        (
            "other shape",
            made(1, narrow, &own),
            "2 hidden layers of width 12, but its recipe says 2 of width 16",
        ),
        (
            "other dimension",
            made(2, recipe, &own),
            "for 2 coordinates, but its recipe names lab=toy1d, which has 1",
        ),
        ("no recipe", made(1, recipe, ""), "has no line"),
        (
            "a slip",
            made(1, recipe, &own.replace("steps", "stops")),
            "no key stops",
        ),
        (
            "too wide for a link",
            made(1, wide, &recipe::write(&law, &wide)),
            "net-width=256 is outside 8 to 128",
        ),
        (
            "no law",
            made(1, recipe, &own.replace("lab=toy1d", "lab=toy9d")),
            "lab=toy9d",
        ),
        (
            "two laws",
            made(
                1,
                recipe,
                &own.replace("lab=toy1d", "lab=toy1d&b.target=comb"),
            ),
            "comparison",
        ),
        (
            "unknown target",
            made(
                1,
                recipe,
                &own.replace("lab=toy1d", "lab=toy1d&target=moons"),
            ),
            "target=moons",
        ),
    ];
    let before = trained::get(&order(&text)).unwrap();
    for (what, bytes, part) in cases {
        let error = match labs::load("own.bpk", &bytes, &read("lab=toy1d")) {
            Err(e) => e.to_string(),
            Ok(_) => panic!("{what} was taken"),
        };
        assert!(
            error.contains("own.bpk") && error.contains(part),
            "{what}: {error}"
        );
        let after = trained::get(&order(&text)).unwrap();
        assert!(after.net == before.net, "{what}");
    }
}

#[test]
fn no_change_of_a_byte_of_a_file_ends_in_a_panic() {
    let text = format!("lab=toy1d&{SMALL}&net-seed=15");
    let file = finished(&text).network().to_bytes().unwrap();
    for at in 0..file.len().min(1500) {
        let mut file = file.clone();
        file[at] ^= 0x15;
        let _ = labs::load("x.bpk", &file, &read("lab=toy1d"));
    }
}

#[test]
fn where_there_is_no_pretrained_network_the_repair_is_to_train_one() {
    for law in [
        "lab=toy1d&target=gaussian",
        "lab=toy2d&target=rings",
        "lab=torus&minor=0.2",
        "lab=toy1d&target=comb&teeth=3",
    ] {
        let text = format!("{law}&score=net&seed=0");
        let error = link::decode(&text, Mode::Strict).unwrap_err();
        assert!(
            error.message.contains("score=trained trains one"),
            "{error}"
        );
        assert!(error.choices.contains(&"trained".to_owned()));
        assert!(
            matches!(&error.fix, Fix::Set(_, value) if value == "trained"),
            "{:?}",
            error.fix
        );
        assert_eq!(link::nearest(&text).a.word("score"), Some("trained"));
    }
}

#[test]
fn the_keys_of_a_training_need_a_training_and_have_bounds() {
    for key in [
        "net-width=16",
        "net-depth=2",
        "net-steps=50",
        "net-batch=64",
        "net-rate=0.01",
        "net-seed=1",
    ] {
        assert!(link::decode(&format!("lab=toy1d&score=trained&{key}"), Mode::Strict).is_ok());
        for score in ["exact", "net", "empirical"] {
            let error =
                link::decode(&format!("lab=toy1d&score={score}&{key}"), Mode::Strict).unwrap_err();
            assert!(error.message.contains("score=trained"), "{error}");
        }
    }
    for (key, bound) in [
        ("net-width=7", "8 to 128"),
        ("net-width=129", "8 to 128"),
        ("net-depth=0", "1 to 4"),
        ("net-depth=5", "1 to 4"),
        ("net-steps=9", "10 to 60000"),
        ("net-steps=60001", "10 to 60000"),
        ("net-batch=15", "16 to 2048"),
        ("net-batch=2049", "16 to 2048"),
        ("net-rate=0.2", "0.00001 to 0.1"),
        ("net-rate=0", "0.00001 to 0.1"),
    ] {
        let error =
            link::decode(&format!("lab=torus&score=trained&{key}"), Mode::Strict).unwrap_err();
        assert!(error.message.contains(bound), "{error}");
    }
}

#[test]
fn every_law_has_its_own_words() {
    let mut seen = Vec::new();
    for lab in ["toy1d", "toy2d"] {
        let values = read(&format!("lab={lab}")).a;
        let target = scorefield::labs::link::spec::find("target").unwrap();
        let scorefield::labs::link::spec::Kind::Choice(choices) = (target.kind)(&values) else {
            panic!("no choice");
        };
        for choice in choices.iter() {
            let points = if choice.value == "drawn" {
                "&points=AAABAP__AIA"
            } else {
                ""
            };
            let text = format!("lab={lab}&target={}{points}&score=trained", choice.value);
            seen.push(labs::training_in_words(&read(&text).a).unwrap());
        }
    }
    seen.push(labs::training_in_words(&read("lab=torus&score=trained").a).unwrap());
    for model in [
        "ar1",
        "damped-spring",
        "rotation",
        "custom&T=0.5&Q=1&O=1&R=1",
    ] {
        let text = format!("lab=lgssm&model={model}&score=trained");
        seen.push(labs::training_in_words(&read(&text).a).unwrap());
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count, "{seen:?}");
    assert_eq!(labs::training_in_words(&read("lab=torus").a), None);
}

/// Sides with the same law and recipe share one network; a change of either needs another.
#[test]
fn a_network_is_named_by_its_law_and_its_recipe_alone() {
    let text = "lab=toy2d&target=moons&score=trained";
    let order = order(text);
    for same in [
        "process=vp",
        "sampler=em",
        "steps=7",
        "n=10",
        "seed=9",
        "view=flow",
        "grid=karras",
        "engine=cpu",
    ] {
        assert_eq!(self::order(&format!("{text}&{same}")), order, "{same}");
    }
    for other in [
        "net-width=8",
        "net-depth=1",
        "net-steps=10",
        "net-batch=16",
        "net-rate=0.1",
        "net-seed=1",
    ] {
        assert_ne!(
            self::order(&format!("{text}&{other}")).text(),
            order.text(),
            "{other}"
        );
    }
    assert_ne!(self::order("lab=toy2d&score=trained").text(), order.text());
}
