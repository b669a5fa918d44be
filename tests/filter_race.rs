//! The race of the filters: who takes part, and that a row is the run of its link.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::labs::link::{self, Mode, Side};
use scorefield::labs::{self, Args, Engine, Job};
use serde_json::Value;

/// A race, prepared.
fn race(text: &str) -> Box<dyn Job> {
    let link = link::decode(text, Mode::Strict).unwrap_or_else(|e| panic!("{text}: {e}"));
    let mut job = labs::open(&link.link).unwrap().job("race").unwrap();
    assert!(
        job.plan().is_err(),
        "nothing is known before it is prepared"
    );
    while !job.prepare() {}
    job
}

/// Its plan, and its rows in pieces of so much work.
fn finish(text: &str, work: usize) -> (Value, Vec<Value>) {
    let mut job = race(text);
    let mut rows = vec![];
    loop {
        let done = job.advance(work);
        rows.extend(job.take().iter().map(|row| row.json()));
        if done {
            return (job.plan().unwrap().json(), rows);
        }
    }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap()
}

fn names(plan: &Value, key: &str) -> Vec<String> {
    let all = list(plan, key).iter();
    all.map(|one| one["label"].as_str().unwrap().to_owned())
        .collect()
}

/// The numbers of the run of a link, as `scorefield run` gives them, or its failure.
fn single(text: &str) -> Result<Value, String> {
    let link = link::decode(text, Mode::Strict).unwrap().link;
    let mut run = labs::open(&link)
        .unwrap()
        .run(Side::A, &Engine::Host)
        .unwrap();
    while !run.is_done() {
        run.advance(1 << 22);
        run.check().map_err(|e| e.to_string())?;
    }
    let last = Args(vec![("frame".into(), vec![run.steps() as f64])]);
    Ok(run.ask("metrics", &last).unwrap().finish().unwrap().json())
}

/// Small links of every model, with whatever may go wrong: observations of the absolute value, model error, a list of
/// observed cycles, values that are given, and a link whose own numbers are not the defaults.
const LINKS: [&str; 6] = [
    "lab=filter&cycles=12&n=40&method=pf&seed=3",
    "lab=filter&cycles=8&n=30&langevin-steps=30&anneal=1&operator=abs&noise-y=0.2&seed=1",
    "lab=filter&model=ar1&cycles=9&observed=2,5,9&n=20&truth-seed=4&seed=2",
    "lab=filter&model=spiral&cycles=6&n=25&method=enkf&y=0.1,0.2,0.1,0,-0.1,-0.2&seed=0",
    "lab=filter&model=static&states=3&cycles=1&method=exact&seed=5",
    "lab=filter&model=lorenz96&states=8&cycles=10&n=12&method=letkf&truth.forcing=9&seed=6",
];

#[test]
fn a_row_has_the_bits_of_the_run_of_its_link() {
    for text in LINKS {
        let (plan, rows) = finish(text, 1 << 20);
        let entrants = list(&plan, "entrants");
        assert_eq!(rows.len(), entrants.len(), "{text}");
        for row in &rows {
            let own = &entrants[row["entrant"].as_u64().unwrap() as usize];
            let link = own["link"].as_str().unwrap();
            match single(link) {
                Err(why) => {
                    assert_eq!(row["failed"], true, "{link}");
                    assert_eq!(row["happened"], why, "{link}");
                    assert!(row["rmse"].is_null(), "{link}");
                }
                Ok(metrics) => {
                    assert_eq!(row["failed"], false, "{link}");
                    for key in ["rmse", "spread", "crps", "w1"] {
                        let mut all = list(&metrics, "rows").iter();
                        let found = all.find(|one| one["key"] == key);
                        let value = found.map_or(&Value::Null, |one| &one["value"]);
                        assert_eq!(&row[key], value, "{key} of {link}");
                        assert_eq!(
                            value.is_null(),
                            key == "w1" && plan["w1"] == false,
                            "{key} of {link}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn rows_in_pieces_have_the_bits_of_the_whole() {
    let text = "lab=filter&cycles=5&n=30&seed=3";
    assert_eq!(finish(text, 3000), finish(text, usize::MAX));
}

#[test]
fn every_method_takes_part_or_is_told_why_not() {
    let plan = |text: &str| race(text).plan().unwrap().json();
    // The methods, of ssls each prior score, of ensf each pairing.
    let all = 12 + 3 + 1;
    let exact = "Exact";
    for text in LINKS {
        let plan = plan(text);
        let (fit, unfit) = (names(&plan, "entrants"), names(&plan, "unfit"));
        // A link with other numbers than the defaults takes part beside these.
        let twice = usize::from(text.contains("anneal=1"));
        assert_eq!(
            fit.len() + unfit.len(),
            all + twice,
            "{text}: {fit:?} {unfit:?}"
        );
        for one in list(&plan, "unfit") {
            let reason = one["reason"].as_str().unwrap();
            // A sentence that says for which models it is, or that there is no such number.
            assert!(reason.ends_with('.') && reason.len() > 40, "{reason}");
        }
        let knows = !text.contains("lorenz");
        assert_eq!(fit.iter().any(|name| name == exact), knows, "{text}");
    }
    let unfit = names(&plan(LINKS[0]), "unfit");
    assert_eq!(unfit, ["LETKF", "Reference"]);
    let chaos = plan("lab=filter&model=lorenz63&cycles=3");
    assert_eq!(
        names(&chaos, "unfit"),
        ["LETKF", "Extended Kalman filter", "Exact"]
    );
}

#[test]
fn the_links_own_configuration_is_marked_and_has_its_numbers() {
    let own = |text: &str| {
        let plan = race(text).plan().unwrap().json();
        let all = list(&plan, "entrants").iter();
        all.filter(|one| one["own"] != "")
            .map(|one| {
                (
                    one["own"].as_str().unwrap().to_owned(),
                    one["link"].as_str().unwrap().to_owned(),
                )
            })
            .collect::<Vec<_>>()
    };
    let told = |own: &str, link: &str| (own.to_owned(), format!("v=1&lab=filter&{link}&seed=0"));
    assert_eq!(
        own("lab=filter&method=pf&n=50&view=race"),
        [told("a", "method=pf&n=50")]
    );
    assert_eq!(
        own("lab=filter&langevin-steps=30&anneal=1&view=race"),
        [told("a", "langevin-steps=30&anneal=1")]
    );
    // A comparison: both where they have the same truth, in the order of their price.
    let mut both = own("lab=filter&n=50&method=enkf&b.method=pf&b.n=50");
    both.sort();
    assert_eq!(
        both,
        [told("a", "method=enkf&n=50"), told("b", "method=pf&n=50")]
    );
    assert_eq!(
        own("lab=filter&method=pf&b.method=pf"),
        [told("ab", "method=pf")]
    );
    let other = "lab=filter&n=50&method=enkf&b.truth-seed=1";
    assert_eq!(own(other), [told("a", "method=enkf&n=50")]);
    assert!(
        names(&race(other).plan().unwrap().json(), "unfit").contains(&"Configuration B".to_owned())
    );
}

#[test]
fn members_that_do_not_fit_a_method_are_told() {
    let plan = race("lab=filter&method=enkf&n=6000&cycles=1")
        .plan()
        .unwrap()
        .json();
    let all = list(&plan, "entrants");
    let kernels = all
        .iter()
        .find(|one| one["link"].as_str().unwrap().contains("n=5000"))
        .unwrap();
    assert!(
        kernels["changed"].as_str().unwrap().contains("5000"),
        "{kernels}"
    );
    let enkf = all.iter().find(|one| one["label"] == "EnKF").unwrap();
    assert_eq!((&enkf["changed"], &enkf["n"]), (&"".into(), &6000.into()));
}

#[test]
fn a_method_that_fails_is_told_with_its_cycle_and_the_race_goes_on() {
    // The published steps of Lorenz-96 overflow from far out.
    let text =
        "lab=filter&model=lorenz96&states=20&coordinates=2&cycles=60&n=20&method=enkf&seed=0";
    let (plan, rows) = finish(text, 1 << 20);
    assert_eq!(rows.len(), list(&plan, "entrants").len());
    let told: Vec<&Value> = rows.iter().filter(|row| row["happened"] != "").collect();
    assert!(!told.is_empty());
    for row in told {
        assert!(
            row["happened"].as_str().unwrap().starts_with("Cycle "),
            "{row}"
        );
    }
}

#[test]
fn the_price_of_a_race_is_what_it_takes() {
    let mut job = race("lab=filter&cycles=6&n=40&seed=0");
    let (price, mut before, mut rows) = (job.price(), 0.0, 0);
    while !job.advance(5000) {
        let now = job.work();
        assert!(
            now >= before && now <= 1.05 * price,
            "{before} {now} {price}"
        );
        // A piece costs what was asked for, about, where a part is small.
        assert!(now - before < 2e6, "{}", now - before);
        rows += job.take().len();
        assert_eq!(rows, job.done());
        before = now;
    }
    let done = job.work() / price;
    assert!((done - 1.0).abs() < 0.05, "{done}");
}

/// Another job of the race compiles all who take part and computes the truth again, with its first run: that is work, and not told.
#[test]
fn a_run_elsewhere_tells_what_is_in_its_price() {
    let text = "lab=filter&cycles=6&n=40&seed=0";
    let plan = race(text).plan().unwrap().json();
    let all = list(&plan, "entrants");
    let link = link::decode(text, Mode::Strict).unwrap().link;
    let mut other = labs::open(&link).unwrap().job("race").unwrap();
    for (place, run) in [all.len() - 1, 0, all.len() / 2].into_iter().enumerate() {
        let (mut work, mut told) = (0, 0.0);
        let found = loop {
            let done = other.runs().unwrap().alone(run, 5000);
            assert!(done.own < done.work as f64 + 1.0); // whole units
            work += done.work;
            told += done.own;
            if let Some(found) = done.found {
                break found;
            }
        };
        assert!(found.len() > 4);
        let price = all[run]["price"].as_f64().unwrap();
        assert!(
            (told / price - 1.0).abs() < 0.05,
            "{run}: {told} of {price}"
        );
        let beside = work as f64 - told;
        match place {
            0 => assert!(beside > 20_000.0 * all.len() as f64, "{beside}"),
            _ => assert!(beside < 0.01 * price + 100.0, "{run}: {beside}"),
        }
    }
}

/// The entry of the gallery states some of these numbers. The means over many seeds are: pf .069, annealed kernels .097,
/// ensf .121 (own .561), enkf .247.
#[test]
fn the_race_of_the_gallery_has_the_distances_that_it_states() {
    let (plan, rows) = finish("lab=filter&n=100&view=race&seed=0", 1 << 22);
    let labels = names(&plan, "entrants");
    let w1 = |name: &str| {
        let place = labels.iter().position(|label| label == name).unwrap();
        let row = rows.iter().find(|row| row["entrant"] == place).unwrap();
        row["w1"].as_f64().unwrap()
    };
    for (name, stated) in [
        ("Particle filter", 0.0631),
        ("Langevin (SSLS): Kernel density", 0.1016),
        ("Ensemble score filter: All members", 0.1313),
        ("EnKF", 0.2543),
        ("Ensemble score filter: One to one", 0.6417),
    ] {
        assert!((w1(name) - stated).abs() < 5e-5, "{name}: {}", w1(name));
    }
    assert!(w1("Exact") < 1e-6);
}
