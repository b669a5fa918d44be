//! The pretrained networks: the quality of their runs, and the agreement of files, recipes and links.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::denoise::Denoiser as _;
use scorefield::labs::lgssm::ChainLab;
use scorefield::labs::link::{self, Mode};
use scorefield::labs::space::{self, SpaceLab, Window};
use scorefield::labs::toy1d::{Axis, Run, Sweep, Toy1d};
use scorefield::labs::{self, Setup};
use scorefield::level::Level;
use scorefield::net::unet::{self, FieldNet};
use scorefield::net::{Net, catalog, recipe};
use scorefield::process::lgssm::{Blanket, Windows};
use scorefield::rng::{Noise, Stream};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Read when the test runs: a copied checkout must not read the files of the original.
fn folder() -> PathBuf {
    Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("nets")
}

fn lab(text: &str) -> Toy1d {
    Toy1d::new(&link::decode(text, Mode::Strict).unwrap().link.a).unwrap()
}

fn distances(text: &str) -> (f64, f64) {
    let lab = lab(text);
    lab.setup.ready().unwrap();
    let axis = Axis::holding(&[&lab]);
    let mut run = Run::new(lab, axis);
    while !run.advance(1 << 20) {}
    let rows = run.final_metrics().unwrap().rows;
    (rows[0].value.unwrap(), rows[1].value.unwrap())
}

/// 10,000 independent draws have W₁ 0.0031 and KS 0.0087 on average.
#[test]
fn fifty_steps_of_heun_reach_the_uniform_law() {
    let (w1, ks) =
        distances("lab=toy1d&process=edm&sampler=heun&steps=50&score=net&n=10000&seed=0");
    assert!(w1 <= 0.012 && ks <= 0.03, "W1 {w1}, KS {ks}");
}

/// W₁ relative to the scale of the law: 1 % of the standard deviations 1.02 of the mixture and 0.29 of the comb, plus
/// the W₁ of an independent sample (0.009 and 0.003).
#[test]
fn fifty_steps_of_heun_reach_the_mixture_and_the_comb() {
    for (target, most) in [("mixture", 0.03), ("comb", 0.012)] {
        let text = format!(
            "lab=toy1d&target={target}&process=edm&sampler=heun&steps=50&score=net&n=10000&seed=0"
        );
        let (w1, _) = distances(&text);
        assert!(w1 <= most, "{target}: W1 {w1}");
    }
}

/// The law that a pretrained network has learned, as the beginning of a link.
fn law_of(name: &str) -> String {
    match name {
        "torus" => "lab=torus".to_owned(),
        "window1" | "window2" | "window3" | "window4" => {
            format!("lab=lgssm&length={}", 2 * half_window(name) + 1)
        }
        "uniform" | "mixture" | "comb" => format!("lab=toy1d&target={name}"),
        _ => format!("lab=toy2d&target={name}"),
    }
}

/// k of a network for windows.
fn half_window(name: &str) -> u32 {
    name.trim_start_matches("window").parse().unwrap()
}

/// The shortest link that uses a pretrained network.
fn asking(name: &str) -> String {
    let k = match name.starts_with("window") {
        true => format!("&k={}", half_window(name)),
        false => String::new(),
    };
    format!("{}&score=net{k}", law_of(name))
}

/// The numbers at the end of a run in the plane or in space, by key, and the reference of the first number.
fn in_space(text: &str) -> (impl Fn(&str) -> f64 + use<>, f64) {
    let lab = SpaceLab::new(&link::decode(text, Mode::Strict).unwrap().link.a).unwrap();
    lab.setup.ready().unwrap();
    assert!(lab.setup.is_learned(), "{text}: no network");
    let window = Window::holding(&[&lab]);
    let mut run = space::Run::new(lab, window);
    while !run.advance(1 << 20) {}
    let rows = run.final_metrics().unwrap().rows;
    let reference = rows[0].reference;
    let value = move |key: &str| rows.iter().find(|r| r.key == key).unwrap().value.unwrap();
    (value, reference)
}

/// The energy distance is at most twice that of a fresh sample of the same size, plus 0.003.
#[test]
fn each_network_of_the_plane_reaches_its_law() {
    for name in ["checkerboard", "moons", "swissroll", "pinwheel"] {
        let (value, fresh) = in_space(&format!("{}&score=net&n=5000&seed=0", law_of(name)));
        let energy = value("energy_distance");
        assert!(
            energy <= 2.0 * fresh + 0.003,
            "{name}: {energy}, fresh {fresh}"
        );
    }
}

/// At N = 40 with heun, the root mean square distance from the surface is at most 0.05 minor radii.
#[test]
fn the_network_of_the_torus_reaches_its_surface() {
    let (value, fresh) = in_space("lab=torus&score=net&n=4000&seed=0");
    let surface = value("surface_rms");
    assert!(surface <= 0.05, "{surface}");
    let energy = value("energy_distance");
    assert!(energy <= 2.0 * fresh + 0.003, "{energy}, fresh {fresh}");
}

/// A run with the network differs from the run with the exact score, by about the error of the network.
#[test]
fn the_network_is_what_runs() {
    let exact = distances("lab=toy1d&process=edm&sampler=heun&steps=20&n=2000&seed=0");
    let net = distances("lab=toy1d&process=edm&sampler=heun&steps=20&n=2000&score=net&seed=0");
    assert!(
        exact != net && (exact.0 - net.0).abs() < 0.02,
        "{exact:?} {net:?}"
    );
}

#[test]
fn each_network_has_its_recipe_its_card_and_its_hash_and_is_small() {
    let mut names = Vec::new();
    for entry in catalog::all() {
        let bytes = std::fs::read(folder().join(entry.file)).unwrap();
        assert!(bytes.len() < 400_000);
        let net = entry.open(&bytes).unwrap();
        let file = folder().join(format!("{}.recipe", entry.name));
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(net.recipe(), text, "{}: train it again", entry.name);
        let (law, recipe) = recipe::parse("", &text).unwrap();
        assert_eq!(net.shape().width, recipe.width);
        let card = std::fs::read_to_string(file.with_extension("md")).unwrap();
        assert!(card.contains(&law) && card.contains(&format!("{} bytes", bytes.len())));
        names.push(entry.name);
    }
    for entry in unet::catalog::all() {
        let bytes = std::fs::read(folder().join(entry.file)).unwrap();
        assert!(bytes.len() < 1_200_000);
        entry.check(&bytes).unwrap();
        let net = FieldNet::from_bytes(entry.file, &bytes).unwrap();
        let file = folder().join(format!("{}.recipe", entry.name));
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(net.recipe(), text, "{}: train it again", entry.name);
        assert_eq!(*net.shape(), unet::recipe::parse("", &text).unwrap().shape);
        let card = std::fs::read_to_string(file.with_extension("md")).unwrap();
        let lines = text.lines().map(str::to_owned);
        for part in lines.chain([format!("{} bytes", bytes.len())]) {
            assert!(card.contains(&part), "{}: {part}", entry.name);
        }
        names.push(entry.name);
    }
    let recipes = std::fs::read_dir(folder()).unwrap();
    let recipes = recipes.filter(|f| {
        f.as_ref()
            .unwrap()
            .path()
            .extension()
            .is_some_and(|e| e == "recipe")
    });
    assert_eq!(recipes.count(), names.len(), "a recipe without a network");
}

/// `score=net` is valid only if there is a network that was trained on the law.
#[test]
fn a_link_with_a_network_reads_just_where_there_is_one() {
    for entry in catalog::all() {
        let values = |text: &str| link::decode(text, Mode::Strict).unwrap().link.a;
        let own = values(&asking(entry.name));
        assert_eq!(Setup::new(&own).unwrap().network, Some(entry));
        let text = catalog::get(entry.name).unwrap().recipe().to_owned();
        let (law, _) = recipe::parse("", &text).unwrap();
        let draw = |values: &link::Values| {
            let law = labs::law(values).unwrap();
            let mut x = vec![0.0; 6 * law.dim()];
            law.target().draw(&Noise::new(1), Stream::Data, 0, &mut x);
            x
        };
        assert_eq!(draw(&values(&law)), draw(&own), "{}", entry.name);
    }
    for refused in [
        "toy1d&target=gaussian",
        "toy1d&target=mixture&means=0,1",
        "toy1d&target=mixture&weights=1,2",
        "toy1d&target=comb&teeth=5",
        "toy2d&target=rings",
        "toy2d&target=gaussians8",
        "torus&minor=0.3",
    ] {
        let text = format!("lab={refused}&score=net");
        let error = link::decode(&text, Mode::Strict).unwrap_err();
        assert!(error.to_string().contains("target=uniform"), "{error}");
        assert_eq!(error.choices, ["exact", "empirical", "trained"]);
        assert_eq!(link::nearest(&text).a.word("score"), Some("trained"));
    }
}

/// The numbers of the cards at three levels: the error of the predicted noise, x̂ − x̂_exact divided by σ.
#[test]
fn the_predicted_noise_is_within_a_tenth_of_the_exact_one() {
    for entry in catalog::all() {
        let text = asking(entry.name);
        let values = link::decode(&text, Mode::Strict).unwrap().link.a;
        let law = labs::law(&values).unwrap();
        let net = catalog::get(entry.name).unwrap();
        assert_eq!(net.dim(), law.dim());
        for s in [0.05, 0.3, 2.0] {
            let level = Level {
                t: 0.5,
                alpha: 1.0,
                sigma: s,
            };
            let n = 3000 * law.dim();
            let (mut x, mut z) = (vec![0.0; n], vec![0.0; n]);
            law.target().draw(&Noise::new(7), Stream::Data, 0, &mut x);
            Noise::new(7).normals(Stream::Forward, 0, 0, &mut z);
            x.iter_mut().zip(&z).for_each(|(x, z)| *x += s * z);
            let (mut ours, mut exact) = (vec![0.0; n], vec![0.0; n]);
            net.at(&level).x_hat(&x, &mut ours);
            law.exact().at(&level).x_hat(&x, &mut exact);
            let square: f64 = ours.iter().zip(&exact).map(|(a, b)| (a - b).powi(2)).sum();
            let error = (square / n as f64).sqrt() / s;
            assert!(error < 0.1, "{} at {s}: {error}", entry.name);
        }
    }
}

fn chain_lab(text: &str) -> ChainLab {
    ChainLab::new(&link::decode(text, Mode::Strict).unwrap().link.a).unwrap()
}

/// E‖s_θ − s_full‖²/E‖s_full‖² over 4,000 fresh chains, from its definition, against the sum of the squared errors of
/// the window and of the network.
#[test]
fn the_error_of_the_networks_of_windows_is_that_of_its_definition() {
    for (k, s) in [(1, 0.3), (2, 1.0), (3, 3.0), (4, 1.0)] {
        let lab = chain_lab(&format!("lab=lgssm&score=net&k={k}&guidance=none"));
        let level = Level {
            t: 0.5,
            alpha: 1.0,
            sigma: s,
        };
        let n = 4000 * 33;
        let (mut x, mut z) = (vec![0.0; n], vec![0.0; n]);
        lab.chain.sample(&Noise::new(9), Stream::Data, 0, 0, &mut x);
        Noise::new(9).normals(Stream::Forward, 0, 0, &mut z);
        x.iter_mut().zip(&z).for_each(|(x, z)| *x += s * z);
        let (mut ours, mut full) = (vec![0.0; n], vec![0.0; n]);
        lab.guided.at(&level).x_hat(&x, &mut ours);
        lab.chain.at(&level).x_hat(&x, &mut full);
        let gap: f64 = ours.iter().zip(&full).map(|(a, b)| (a - b).powi(2)).sum();
        let size: f64 = full.iter().zip(&x).map(|(a, x)| (a - x).powi(2)).sum();
        let direct = (gap / size).sqrt();
        let net = catalog::get(&format!("window{k}")).unwrap();
        let windows = Windows::new(&lab.chain, k, Rc::new(Net::clone(&net))).unwrap();
        let own = windows.score_errors(&[s]).unwrap()[0];
        let exact = Blanket::new(&lab.chain, k).unwrap().score_error_at(s);
        assert!((own / direct - 1.0).abs() < 0.03, "k = {k}: {own} {direct}");
        assert!(
            (exact..1.2 * exact + 0.02).contains(&own),
            "k = {k}: {own} {exact}"
        );
    }
}

/// The numbers of a run and the curves of the view show the error of the network where it was trained, next to the
/// error of the exact windows over the same noise.
#[test]
fn the_error_of_a_network_stands_beside_that_of_its_exact_windows() {
    let lab = chain_lab("lab=lgssm&score=net&k=2");
    let ((ratio, most), best) = lab.score_error().unwrap();
    let curves = scorefield::labs::lgssm::score_errors(&lab).unwrap();
    let own: Vec<_> = curves.iter().filter(|c| c.learned).collect();
    assert_eq!((curves.len(), own.len(), own[0].k), (4, 1, 2));
    let known = |s: f64| (0.002..=80.0).contains(&s);
    assert!(own[0].curve.iter().all(|p| known(p.0)) && own[0].curve.len() > 190);
    assert!(own[0].curve.contains(&(ratio, most)) && most > best);
    let exact = curves.iter().find(|c| !c.learned && c.k == 2).unwrap();
    let within = exact.curve.iter().filter(|p| known(p.0));
    assert_eq!(within.fold(0.0f64, |m, p| m.max(p.1)), best);
    for (own, exact) in own[0]
        .curve
        .iter()
        .zip(exact.curve.iter().filter(|p| known(p.0)))
    {
        assert!(own.0 == exact.0 && own.1 >= exact.1, "{own:?} {exact:?}");
    }
}

/// What the page says about their layers: two hidden layers of 32.
#[test]
fn the_words_on_the_networks_of_windows_are_true() {
    for entry in catalog::all().filter(|e| e.name.starts_with("window")) {
        let net = catalog::get(entry.name).unwrap();
        assert_eq!(
            (net.shape().width, net.shape().depth),
            (32, 2),
            "{}",
            entry.name
        );
    }
    let words = std::fs::read_to_string("www/labs/lgssm/words.js").unwrap();
    assert!(words.contains("'2 hidden layers of 32'"));
}

/// Samples with a network against samples with the exact scores of its windows, with the same noise: they differ only
/// by the error of the network.
#[test]
fn chains_with_a_network_are_close_to_those_of_its_blanket() {
    for tail in [
        "guidance=none",
        "guidance=exact",
        "guidance=sda&gamma=0.1",
        "guidance=pigdm&method=ar&context=2&horizon=11",
        "guidance=dps&operator=saturating",
    ] {
        for k in [1, 2, 4] {
            // At the largest noise the Jacobian of the widest network is not a covariance, which is an error.
            if k == 4 && tail == "guidance=exact" {
                continue;
            }
            let samples = |score: &str| {
                let text = format!("lab=lgssm&score={score}&k={k}&n=200&steps=32&{tail}&seed=1");
                let mut run = scorefield::labs::lgssm::Run::new(chain_lab(&text));
                run.lab.setup.ready().unwrap();
                while !run.advance(1 << 20) {}
                run.check().unwrap();
                run.samples().unwrap().to_vec()
            };
            let (own, exact) = (samples("net"), samples("blanket"));
            let square: f64 = own.iter().zip(&exact).map(|(a, b)| (a - b).powi(2)).sum();
            let gap = (square / own.len() as f64).sqrt();
            assert!(gap > 1e-4 && gap < 0.08, "{tail}, k = {k}: {gap}");
        }
    }
}

/// A network used for a chain or a window for which it was not trained.
#[test]
fn a_network_of_windows_is_refused_for_another_chain() {
    for (refused, part, instead) in [
        (
            "a=0.8",
            "score=blanket has exact windows of every chain",
            "blanket",
        ),
        ("b=0.5", "a=0.9 and b=0.4358898943540674", "blanket"),
        ("model=rotation", "model=ar1", "blanket"),
        ("length=2", "a chain of 3 at least", "full"),
        (
            "k=5",
            "pretrained networks for k=1 to k=4; score=blanket has",
            "net",
        ),
        ("length=7&k=4", "outside 1 to 3. ", "net"),
    ] {
        let text = format!("lab=lgssm&{refused}&score=net");
        let error = link::decode(&text, Mode::Strict).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
        let nearest = link::nearest(&text).a;
        assert_eq!(nearest.word("score"), Some(instead), "{refused}");
        ChainLab::new(&nearest).unwrap();
    }
    // What is observed of the chain does not matter to the network.
    chain_lab("lab=lgssm&c=2&d=0.1&score=net&k=4&length=9");
}

/// Next to the error of a network over N, the error of the same sampler with the exact score: the difference is the
/// error of the network.
#[test]
fn the_sweep_of_a_network_has_the_exact_score_beside_it() {
    let text = "lab=toy1d&process=edm&sampler=heun&score=net&n=200&seed=0";
    let mut sweep = Sweep::new(&link::decode(text, Mode::Strict).unwrap().link).unwrap();
    let mut found = Vec::new();
    while found.len() < 24 && !sweep.advance(100_000) {
        found.extend(sweep.take());
    }
    let w1 = |id: &str, steps| {
        let point = found.iter().find(|p| p.series == id && p.steps == steps);
        point.unwrap_or_else(|| panic!("no {id} at {steps}")).w1
    };
    let run = |score: &str| {
        let link = format!("lab=toy1d&process=edm&sampler=heun&steps=16&n=200&seed=0{score}");
        distances(&link).0
    };
    assert_eq!(w1("a:heun:exact", 16), run(""));
    assert_eq!(w1("a:heun", 16), run("&score=net"));
}
