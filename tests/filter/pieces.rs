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
