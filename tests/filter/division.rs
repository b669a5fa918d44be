//! Filters that several do together: everyone ends with the bits of one who does all, and the exchanges are as many as was said.

use crate::run::{Setup, finish};
use scorefield::dynamics::{Flow, ModelKind};
use scorefield::filter::ensf::Pairing;
use scorefield::filter::ssls::Prior;
use scorefield::filter::{Filter, Method, Operator, Sensor, Settings, Truth};
use scorefield::rng::Noise;
use scorefield::word::Words;
use std::ops::Range;

const N: usize = 41;
const SHARES: [Range<usize>; 3] = [0..7, 7..30, 30..N];

/// Goes on with a phase of all until it is done. Returns the exchanges.
fn together(all: &mut [Box<dyn Filter>], work: f64) -> usize {
    let mut exchanges = 0;
    loop {
        let mut done = 0;
        for filter in all.iter_mut() {
            while !filter.is_at_exchange() {
                if filter.advance(work).unwrap() {
                    done += 1;
                    break;
                }
            }
        }
        if done > 0 {
            assert_eq!(done, all.len(), "all of them are done, or none");
            return exchanges;
        }
        exchanges += 1;
        let d = all[0].ensemble().unwrap().dim();
        let own = all.iter().zip(SHARES);
        let members = own.flat_map(|(filter, own)| {
            filter.ensemble().unwrap().x[own.start * d..own.end * d].to_vec()
        });
        let members: Vec<f64> = members.collect();
        for filter in all.iter_mut() {
            filter.divisible().unwrap().meet(&members);
        }
    }
}

/// The settings of a method, with each way in which it asks for other members.
fn variants(kind: ModelKind, method: Method) -> Vec<Settings> {
    let standard = Settings {
        n: N,
        ..Settings::of(kind, method)
    };
    match method {
        Method::Ssls => {
            let all = Prior::ALL.iter();
            all.map(|prior| standard.clone().with_prior(kind, *prior))
                .collect()
        }
        Method::Ensf => {
            let full = scorefield::filter::ensf::Numbers {
                pairing: Pairing::Full,
                ..standard.ensf
            };
            let full = Settings {
                ensf: full,
                ..standard.clone()
            };
            vec![standard, full]
        }
        _ => vec![standard],
    }
}

#[test]
fn filters_that_are_divided_have_the_bits_of_one() {
    let mut divided = vec![];
    for &kind in ModelKind::ALL {
        for &method in Method::ALL {
            for operator in [Operator::Identity, Operator::Arctan] {
                for settings in variants(kind, method) {
                    let setup = Setup::of(kind, 2, 0);
                    let make = || {
                        let flow = Flow::standard(kind).unwrap();
                        let noise = Noise::new(1);
                        method.filter(&settings, flow, &setup.initial, noise)
                    };
                    let Ok(mut alone) = make() else { continue };
                    if alone.divisible().is_none() {
                        continue;
                    }
                    let sensor =
                        Sensor::new(operator, kind.observed(), kind.noise_y(), kind.dim()).unwrap();
                    let rows = sensor.rows();
                    let linear = operator.is_linear();
                    let said = alone.divisible().unwrap().division(rows, linear);
                    assert!(said.alone > 0.0 && said.alone <= alone.cost(rows).analysis);
                    let mut all: Vec<_> = SHARES.iter().map(|_| make().unwrap()).collect();
                    for (filter, own) in all.iter_mut().zip(SHARES) {
                        filter.divisible().unwrap().divide(own);
                    }
                    let noise = Noise::new(2);
                    let flow = Flow::standard(kind).unwrap();
                    let mut truth = Truth::new(flow, &setup.initial, noise);
                    for cycle in 1..=setup.cycles {
                        truth.advance().unwrap();
                        let seen = truth.observe(&sensor);
                        alone.begin_forecast(cycle);
                        finish(&mut *alone).unwrap();
                        alone.begin_analysis(&seen).unwrap();
                        finish(&mut *alone).unwrap();
                        all.iter_mut().for_each(|own| own.begin_forecast(cycle));
                        assert_eq!(together(&mut all, 1e3), 0);
                        for own in &mut all {
                            own.begin_analysis(&seen).unwrap();
                        }
                        let what = format!("{kind:?} {method:?} {operator:?} {settings:?}");
                        assert_eq!(together(&mut all, 1e3), said.exchanges, "{what}");
                        for own in &all {
                            assert_eq!(own.ensemble(), alone.ensemble(), "{what}");
                            assert_eq!(own.estimate(), alone.estimate(), "{what}");
                        }
                    }
                    divided.push((kind.word(), method.word()));
                }
            }
        }
    }
    divided.dedup();
    let models = ModelKind::ALL.len();
    assert_eq!(divided.len(), 2 * models, "{divided:?}");
}

/// One whose others are gone does its analysis again, wherever it was.
#[test]
fn a_filter_that_is_alone_again_has_the_bits_of_one() {
    let kind = ModelKind::Lorenz63;
    for method in [Method::Ssls, Method::Ensf] {
        let settings = Settings {
            n: N,
            ..Settings::of(kind, method)
        };
        let setup = Setup::of(kind, 2, 0);
        let run = |lost: Option<usize>| {
            let flow = Flow::standard(kind).unwrap();
            let mut filter = method
                .filter(&settings, flow, &setup.initial, Noise::new(1))
                .unwrap();
            let flow = Flow::standard(kind).unwrap();
            let mut truth = Truth::new(flow, &setup.initial, Noise::new(2));
            for cycle in 1..=setup.cycles {
                truth.advance().unwrap();
                filter.begin_forecast(cycle);
                if let Some(pieces) = lost.filter(|_| cycle == 1) {
                    filter.divisible().unwrap().divide(3..20);
                    finish(&mut *filter).unwrap();
                    filter
                        .begin_analysis(&truth.observe(&setup.sensor))
                        .unwrap();
                    (0..pieces).for_each(|_| assert!(!filter.advance(1e3).unwrap()));
                    filter.divisible().unwrap().undivide();
                } else {
                    finish(&mut *filter).unwrap();
                    filter
                        .begin_analysis(&truth.observe(&setup.sensor))
                        .unwrap();
                }
                finish(&mut *filter).unwrap();
            }
            (filter.estimate().clone(), filter.ensemble().cloned())
        };
        let whole = run(None);
        for pieces in [0, 1, 4, 500] {
            assert_eq!(run(Some(pieces)), whole, "{method:?} after {pieces} pieces");
        }
    }
}
