//! Work in pieces gives the bits of the whole, and a piece costs what was asked for.

use crate::run::Setup;
use scorefield::dynamics::{Flow, ModelKind};
use scorefield::filter::{Method, Settings, Truth};
use scorefield::rng::Noise;
use scorefield::word::Words;

#[test]
fn an_update_in_pieces_gives_the_bits_of_the_whole() {
    for &kind in ModelKind::ALL {
        for &method in Method::ALL {
            let setup = Setup::of(kind, 3, 0);
            let mut settings = Settings::of(kind, method);
            settings.n = 40;
            let run = |work: f64| {
                let flow = Flow::standard(kind).unwrap();
                let mut truth =
                    Truth::new(Flow::standard(kind).unwrap(), &setup.initial, Noise::new(2));
                let mut filter = method
                    .filter(&settings, flow, &setup.initial, Noise::new(1))
                    .ok()?;
                for cycle in 1..=setup.cycles {
                    truth.advance().unwrap();
                    filter.begin_forecast(cycle);
                    while !filter.advance(work).unwrap() {}
                    filter
                        .begin_analysis(&truth.observe(&setup.sensor))
                        .unwrap();
                    while !filter.advance(work).unwrap() {}
                }
                let ensemble = filter.ensemble().cloned();
                Some((filter.estimate().clone(), ensemble))
            };
            assert_eq!(run(1.0), run(1e12), "{kind:?} {method:?}");
        }
    }
}

/// A large ensemble is drawn in pieces, with the bits of a small one.
#[test]
fn a_large_ensemble_is_drawn_in_pieces() {
    let kind = ModelKind::Lorenz96 {
        states: 40,
        forcing: 8.0,
    };
    let make = |n: usize| {
        let settings = Settings {
            n,
            ..Settings::of(kind, Method::Free)
        };
        let flow = Flow::standard(kind).unwrap();
        let initial = kind.initial().unwrap();
        Method::Free
            .filter(&settings, flow, &initial, Noise::new(1))
            .unwrap()
    };
    let (small, mut large) = (make(100), make(20_000));
    let mut pieces = 0;
    while !large.advance(1e4).unwrap() {
        pieces += 1;
    }
    assert!(pieces > 20, "{pieces}");
    let first = &small.ensemble().unwrap().x;
    assert_eq!(large.ensemble().unwrap().x[..first.len()], first[..]);
    // A forecast without waiting for the draws is the same.
    let mut at_once = make(20_000);
    for filter in [&mut large, &mut at_once] {
        filter.begin_forecast(1);
        while !filter.advance(1e4).unwrap() {}
    }
    assert_eq!(large.estimate(), at_once.estimate());
}
