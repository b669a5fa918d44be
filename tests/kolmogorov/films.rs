//! Random starts and the stationary flow.

use super::{after, field, flow, gap, mean};
use scorefield::dynamics::kolmogorov::{
    Films, Place, Request, SYMMETRIES, Shells, Symmetry, Truth, UNIT, Windows, initial, stationary,
    to_bytes,
};
use scorefield::rng::Noise;
use std::collections::BTreeSet;

#[test]
fn the_random_field_has_its_spectrum() {
    let solver = flow(|_| {});
    let grid = solver.grid();
    let count = 400;
    let mut power = [[0.0; 2]; 7];
    for index in 0..count {
        let omega = initial(&solver, &Noise::new(5), index);
        assert!((2.0 * solver.enstrophy(&omega) - 9.0).abs() < 1e-12);
        assert!(gap(&solver.project(&omega), &omega) < 1e-13);
        for (w, mode) in grid.spectrum(&omega).iter().zip(grid.modes()) {
            let shell = mode.square().sqrt().round() as usize;
            if let Some([own, exact]) = power.get_mut(shell) {
                *own += w.norm_sqr();
                *exact += (-mode.square() / 8.0).exp();
            }
        }
    }
    // Each shell's share is that of e^{−k²/8}; 400 fields of at least 4 modes leave 5 %.
    let total = power
        .iter()
        .fold([0.0; 2], |sum, p| [sum[0] + p[0], sum[1] + p[1]]);
    for (shell, [own, exact]) in power.iter().enumerate().skip(1) {
        let ratio = own / total[0] / (exact / total[1]);
        assert!((ratio - 1.0).abs() < 0.1, "shell {shell}: {ratio}");
    }
}

#[test]
fn a_finer_square_spins_up_in_shorter_steps() {
    let solver = flow(|p| p.pixels = 64);
    // In steps of .04 this flow grows beyond all bounds.
    let state = stationary(*solver.parameters(), &Noise::new(3), 0, &mut |_| {}).unwrap();
    let enstrophy = solver.enstrophy(&state);
    assert!((2.0..15.0).contains(&enstrophy), "{enstrophy}");
}

/// Two films of three frames.
fn request() -> Request {
    Request {
        indices: 3..5,
        frames: 3,
        ..Request::training()
    }
}

#[test]
fn films_are_the_flow_from_their_random_fields() {
    let request = request();
    let mut shares = vec![];
    let films = Films::compute(&request, &mut |share| shares.push(share)).unwrap();
    assert_eq!((films.count(), films.frames(), films.pixels()), (2, 3, 32));
    assert!(shares.is_sorted() && shares.last() == Some(&1.0) && shares.len() > 400);
    let start = stationary(
        request.parameters,
        &Noise::new(request.seed),
        4,
        &mut |_| {},
    )
    .unwrap();
    let solver = flow(|_| {});
    for frame in 0..3 {
        let exact: Vec<f32> = after(&solver, &start, frame)
            .iter()
            .map(|x| *x as f32)
            .collect();
        assert_eq!(films.film(1)[frame * 1024..][..1024], exact);
    }
    let squares = (0..2)
        .flat_map(|i| films.film(i))
        .map(|x| f64::from(*x).powi(2));
    assert!((films.rms() - (squares.sum::<f64>() / 6144.0).sqrt()).abs() < 1e-12);
    // The parts are the whole.
    let part = |indices| Films::compute(&request.part(indices), &mut |_| {}).unwrap();
    assert_eq!(Films::joined(vec![part(3..4), part(4..5)]), films);
    // Another seed is another flow.
    assert!(
        gap(
            &start,
            &stationary(request.parameters, &Noise::new(1), 4, &mut |_| {}).unwrap()
        ) > 1.0
    );
}

/// Films of numbers that count.
fn counted() -> (Request, Films) {
    let request = Request {
        indices: 0..4,
        frames: 8,
        ..Request::training()
    };
    let numbers = (0..4 * 8 * 1024).map(|i| i as f32).collect();
    (request, Films::new((32, 4), 8, numbers))
}

#[test]
fn a_file_of_films_is_read_only_for_its_request() {
    let (request, films) = counted();
    let bytes = films.to_bytes(&request);
    assert_eq!(Films::from_bytes(&request, &bytes), Some(films));
    assert_eq!(Films::from_bytes(&request, &bytes[..bytes.len() - 4]), None);
    assert_eq!(Films::from_bytes(&request, &bytes[..bytes.len() - 1]), None);
    let mut others = [(); 4].map(|()| request.clone());
    others[0].seed = 1;
    others[1].indices = 1..5;
    others[2].frames = 4;
    others[3].parameters.viscosity = 0.02;
    for other in others {
        assert_eq!(Films::from_bytes(&other, &bytes), None, "{other:?}");
    }
}

#[test]
fn a_window_is_a_piece_of_a_film_after_a_symmetry() {
    let (_, films) = counted();
    let windows = Windows::new(films.clone(), 5);
    let mut own = vec![0.0; windows.numbers()];
    for (first, symmetry) in [(0, 0), (3, 300)] {
        let place = Place {
            film: 2,
            first,
            symmetry,
        };
        windows.at(place, &mut own);
        for (frame, own) in own.chunks_exact(1024).enumerate() {
            let mut image = vec![0.0; 1024];
            let source = &films.film(2)[(first + frame) * 1024..][..1024];
            Symmetry::new(32, 4, symmetry).image(source, &mut image);
            let pairs = own.iter().zip(&image);
            assert!(
                pairs
                    .clone()
                    .all(|(own, image)| *own == image / UNIT as f32)
            );
        }
    }
}

#[test]
fn a_draw_of_windows_depends_on_seed_step_and_place_only() {
    let windows = Windows::new(counted().1, 5);
    let size = windows.numbers();
    let draw = |seed, step, batch: usize| {
        let mut out = vec![f32::NAN; batch * size];
        windows.draw(seed, step, &mut out);
        out
    };
    let whole = draw(7, 2, 4);
    assert_eq!(draw(7, 2, 2), whole[..2 * size]);
    let mut own = vec![0.0; size];
    windows.at(windows.place(7, 2, 3), &mut own);
    assert_eq!(own, whole[3 * size..]);
    assert_ne!(draw(8, 2, 4), whole);
    assert_ne!(draw(7, 3, 4), whole);
    // All films, first frames and symmetries come up.
    let places: Vec<Place> = (0..20_000).map(|item| windows.place(1, 0, item)).collect();
    let kinds = |of: &dyn Fn(&Place) -> usize| places.iter().map(of).collect::<BTreeSet<_>>().len();
    assert_eq!(
        (
            kinds(&|p| p.film),
            kinds(&|p| p.first),
            kinds(&|p| p.symmetry)
        ),
        (4, 4, SYMMETRIES)
    );
}

#[test]
fn a_committed_state_is_the_flow_from_its_random_field() {
    let request = Request::states();
    let state = 13;
    let index = request.indices.start + state as u32;
    let start = stationary(
        request.parameters,
        &Noise::new(request.seed),
        index,
        &mut |_| {},
    );
    let own = Truth { state, symmetry: 0 }.field();
    // The flow amplifies the last bits of another machine to a millionth; committed are multiples of 1/1024.
    assert!(gap(&own, &start.unwrap()) < 0.5 / 1024.0 + 1e-4);
    let large: Vec<f32> = vec![1.0, -31.5, 40.0];
    assert!(to_bytes(&large).is_none() && to_bytes(&large[..2]).is_some());
}

#[test]
fn a_state_on_more_pixels_is_the_same_field() {
    let truth = Truth::of_seed(3);
    let (own, small) = (truth.field(), flow(|_| {}));
    let large = flow(|p| p.pixels = 64);
    let fine = truth.on(large.grid());
    let even: Vec<f64> = (0..1024)
        .map(|i| fine[i / 32 * 2 * 64 + i % 32 * 2])
        .collect();
    assert!(gap(&even, &small.project(&own)) < 1e-12);
    assert!((large.enstrophy(&fine) - small.enstrophy(&own)).abs() < 1e-12);
    assert!(gap(&truth.on(small.grid()), &small.project(&own)) < 1e-12);
}

#[test]
fn truths_of_links_and_of_tests_share_no_state() {
    let states = |of: &dyn Fn(u64) -> Truth| {
        let all = (0..2000).map(of);
        all.map(|truth| truth.state).collect::<BTreeSet<_>>()
    };
    assert_eq!(states(&Truth::of_seed), (0..12).collect());
    assert_eq!(states(&Truth::kept), (12..16).collect());
    let symmetries: BTreeSet<_> = (0..5000)
        .map(|seed| Truth::of_seed(seed).symmetry)
        .collect();
    assert!(symmetries.len() > 500 && symmetries.iter().all(|s| *s < SYMMETRIES));
    assert!(gap(&Truth::of_seed(0).field(), &Truth::of_seed(1).field()) > 1.0);
}

/// Means over 16 independent states against means over 24 × 32 time units of an independent solver.
#[test]
fn committed_states_have_the_statistics_of_the_flow() {
    let solver = flow(|_| {});
    let states = (0..16).map(|state| Truth { state, symmetry: 0 }.field());
    let states: Vec<Vec<f64>> = states.collect();
    let near = |of: &dyn Fn(&[f64]) -> f64, published: f64, deviation: f64| {
        let own: Vec<f64> = states.iter().map(|w| of(w)).collect();
        let four_errors = 4.0 * deviation / 16.0_f64.sqrt();
        assert!(
            (mean(&own) - published).abs() < four_errors,
            "{} {published}",
            mean(&own)
        );
    };
    near(&|w| solver.energy(w), 0.645, 0.09);
    near(&|w| solver.enstrophy(w), 6.55, 1.3);
    near(&|w| solver.palinstrophy(w), 142.0, 27.0);
    near(&|w| solver.injection(w), 0.261, 0.06);
}

#[test]
fn shells_are_means_and_deciles_over_windows() {
    let solver = flow(|_| {});
    // Ten windows whose waves have Z_3 of 1 to 10, and two frames that fill no window.
    let wave = field(&solver, |x, _| (3.0 * x).cos());
    let film: Vec<f32> = (0..52)
        .flat_map(|frame| {
            let size = (4.0 * (1.0 + f64::from(frame / 5))).sqrt();
            wave.iter().map(move |w| (size * w) as f32)
        })
        .collect();
    let own = Shells::measure(&Films::new((32, 4), 52, film)).unwrap();
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-5, "{a} {b}");
    close(own.mean[2], 5.5);
    close(own.band[0][2], 1.0);
    close(own.band[1][2], 9.0);
    let others = own.mean.iter().sum::<f64>() - own.mean[2];
    assert!(others < 1e-10 && own.mean.len() == 15);
}

/// One film of an independent solver: ± 5 to 20 %.
#[test]
fn the_committed_shells_are_those_published() {
    let published = [
        0.199, 0.745, 1.02, 2.90, 0.641, 0.412, 0.193, 0.121, 0.0904, 0.0404, 0.0332, 0.0198,
        0.0173, 0.0122, 0.0103,
    ];
    let own = Shells::committed();
    for (k, z) in published.iter().enumerate() {
        let ratio = own.mean[k] / z;
        assert!((0.75..1.33).contains(&ratio), "k = {}: {ratio}", k + 1);
        assert!(own.band[0][k] < own.mean[k] && own.mean[k] < own.band[1][k]);
    }
}
