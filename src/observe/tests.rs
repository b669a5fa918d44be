//! Operators against their definitions; bands against dense matrices.

use super::*;
use proptest::prelude::*;

const STATES: States = States { length: 7, dim: 2 };
const O: [f64; 6] = [1.0, 0.5, 0.0, -2.0, 0.3, 0.0];

fn kinds() -> Vec<Operator> {
    let linear = Operator::linear(STATES, &O, &[0, 3, 6]).unwrap();
    let saturating = Operator::saturating(STATES, &O, &[1, 2]).unwrap();
    vec![
        Operator::window(STATES, &O, &[0, 2, 3, 6], 3).unwrap(),
        Operator::slice(14, &[1, 5, 13]).unwrap(),
        Operator::stacked(&[&linear, &saturating]).unwrap(),
        linear,
        saturating,
    ]
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn dense(band: &Band) -> Vec<Vec<f64>> {
    let row = |i: usize| (0..band.size()).map(|j| band.get(i, j)).collect();
    (0..band.size()).map(row).collect()
}

proptest! {
    #[test]
    fn solving_with_the_factor_inverts_the_matrix(b in prop::collection::vec(-3.0..3.0f64, 20)) {
        for a in kinds() {
            let rows = a.rows();
            let noise = Band::isotropic(rows, 0.3);
            let seen = Observation::new(a, &noise, vec![0.0; rows]).unwrap();
            let mut v = seen.covariance();
            let slopes: Vec<f64> = (0..rows).map(|r| 1.0 / (1.0 + r as f64)).collect();
            seen.spread(1.0, 0.7, Some(&slopes), &mut v);
            let mut product = b[..rows].to_vec();
            let mut factor = v.clone();
            prop_assert!(factor.factor());
            factor.solve(&mut product);
            let mut back = vec![0.0; rows];
            v.multiply_add(&product, &mut back);
            for (back, b) in back.iter().zip(&b) {
                prop_assert!((back - b).abs() < 1e-10);
            }
        }
    }
}

#[test]
fn the_gram_matrix_is_a_a_transposed_and_narrow() {
    for a in kinds() {
        let columns: Vec<Vec<f64>> = (0..a.rows())
            .map(|r| {
                let unit: Vec<f64> = (0..a.rows()).map(|s| f64::from(r == s)).collect();
                let mut out = vec![0.0; a.dim()];
                // At x = 0 every slope is 1.
                a.vjp(&vec![0.0; a.dim()], &unit, &mut out);
                out
            })
            .collect();
        let gram = dense(&a.gram());
        for i in 0..a.rows() {
            for j in 0..a.rows() {
                assert!((gram[i][j] - dot(&columns[i], &columns[j])).abs() < 1e-12);
            }
        }
    }
    let chain = States {
        length: 1000,
        dim: 1,
    };
    let at = every(1000, 1).unwrap();
    let gram = Operator::window(chain, &[2.0], &at, 4).unwrap().gram();
    assert!((0..1000).all(|r| gram.first(r) == r.saturating_sub(3)));
}

#[test]
fn a_window_ends_at_its_index_and_is_shorter_where_the_chain_begins() {
    let chain = States { length: 5, dim: 1 };
    let a = Operator::window(chain, &[2.0], &[1, 4], 3).unwrap();
    let mut out = [0.0; 2];
    a.predict(&[1.0, 2.0, 4.0, 8.0, 16.0], &mut out);
    assert!((out[0] - 3.0).abs() < 1e-12 && (out[1] - 56.0 / 3.0).abs() < 1e-12);
}

#[test]
fn a_saturating_row_is_u_over_one_plus_its_size() {
    let chain = States { length: 2, dim: 1 };
    let a = Operator::saturating(chain, &[2.0], &[0, 1]).unwrap();
    let mut out = [0.0; 2];
    a.predict(&[1.5, -0.5], &mut out);
    assert!((out[0] - 0.75).abs() < 1e-15 && (out[1] + 0.5).abs() < 1e-15);
    a.slopes(&[1.5, -0.5], &mut out);
    assert!((out[0] - 1.0 / 16.0).abs() < 1e-15 && (out[1] - 0.25).abs() < 1e-15);
}

#[test]
fn the_inverse_of_a_covariance_inverts_it() {
    for a in kinds() {
        let rows = a.rows();
        let seen = Observation::new(a, &Band::isotropic(rows, 0.3), vec![0.0; rows]).unwrap();
        let inverse = seen.inverse(1.0, 0.7).unwrap();
        let mut v = seen.covariance();
        seen.spread(1.0, 0.7, None, &mut v);
        for (r, row) in inverse.chunks(rows).enumerate() {
            let mut product = vec![0.0; rows];
            v.multiply_add(row, &mut product);
            for (s, x) in product.iter().enumerate() {
                assert!((x - f64::from(r == s)).abs() < 1e-12, "({r}, {s}): {x}");
            }
        }
    }
    let without_noise = Operator::stacked(&[&Operator::slice(2, &[0]).unwrap(); 2]).unwrap();
    let seen = Observation::new(without_noise, &Band::isotropic(2, 0.0), vec![0.0; 2]).unwrap();
    assert_eq!(seen.inverse(1.0, 1.0), None);
}

#[test]
fn only_a_choice_of_coordinates_is_a_slice() {
    let picked = |a: &Operator| a.sliced();
    let chain = States { length: 4, dim: 2 };
    assert_eq!(
        picked(&Operator::slice(5, &[0, 3]).unwrap()),
        Some(vec![0, 3])
    );
    let plain = Operator::linear(chain, &[0.0, 1.0], &[1, 3]).unwrap();
    assert_eq!(picked(&plain), Some(vec![3, 7]));
    assert_eq!(
        picked(&Operator::linear(chain, &[0.0, 2.0], &[1]).unwrap()),
        None
    );
    assert_eq!(
        picked(&Operator::window(chain, &[0.0, 1.0], &[1], 2).unwrap()),
        None
    );
    assert_eq!(
        picked(&Operator::saturating(chain, &[0.0, 1.0], &[1]).unwrap()),
        None
    );
    let twice = Operator::stacked(&[&plain, &plain]).unwrap();
    assert_eq!(picked(&twice), None);
}

#[test]
fn a_covariance_is_semidefinite_or_refused() {
    let of = |block: &[f64]| Band::blocks(2, 2, block).unwrap().is_semidefinite();
    assert!(of(&[1.0, 0.5, 0.5, 1.0]) && of(&[0.0; 4]) && of(&[1.0, 1.0, 1.0, 1.0]));
    assert!(
        !of(&[1.0, 2.0, 2.0, 1.0]) && !of(&[0.0, 0.1, 0.1, 1.0]) && !of(&[-1.0, 0.0, 0.0, 1.0])
    );
    assert!(!Band::isotropic(2, f64::NAN).is_semidefinite());
    let r = Band::stacked(&[
        &Band::isotropic(1, 0.0),
        &Band::blocks(1, 2, &[2.0, 1.0, 1.0, 3.0]).unwrap(),
    ]);
    assert_eq!(
        dense(&r),
        [[0.0, 0.0, 0.0], [0.0, 2.0, 1.0], [0.0, 1.0, 3.0]]
    );
}

#[test]
fn an_invalid_observation_is_refused_with_its_remedy() {
    let chain = States { length: 4, dim: 1 };
    let noise = Band::isotropic(2, 1.0);
    let two = Operator::slice(4, &[0, 1]).unwrap();
    let observe = |y: &[f64]| Observation::new(two.clone(), &noise, y.to_vec()).map(|_| ());
    let no_noise = Band::isotropic(1, 1.0);
    let errors = [
        Operator::linear(chain, &[1.0], &[]).map(|_| ()),
        Operator::linear(chain, &[1.0], &[4]).map(|_| ()),
        Operator::linear(chain, &[1.0], &[2, 2]).map(|_| ()),
        Operator::linear(chain, &[0.0], &[1]).map(|_| ()),
        Operator::linear(chain, &[], &[1]).map(|_| ()),
        Operator::linear(chain, &[f64::NAN], &[1]).map(|_| ()),
        Operator::window(chain, &[1.0], &[1], 5).map(|_| ()),
        Operator::window(chain, &[1.0], &[1], 0).map(|_| ()),
        Operator::slice(4, &[3, 1]).map(|_| ()),
        Operator::stacked(&[]).map(|_| ()),
        Operator::stacked(&[&two, &Operator::slice(5, &[0]).unwrap()]).map(|_| ()),
        every(4, 0).map(|_| ()),
        every(4, 5).map(|_| ()),
        observe(&[1.0]),
        observe(&[1.0, 2.0, 3.0, 4.0]),
        observe(&[1.0, f64::INFINITY]),
        Observation::new(two.clone(), &no_noise, vec![0.0; 2]).map(|_| ()),
        Observation::new(two.clone(), &Band::isotropic(2, -1.0), vec![0.0; 2]).map(|_| ()),
        Observation::for_each(two.clone(), &noise, vec![0.0; 3]).map(|_| ()),
        Band::blocks(1, 2, &[1.0, 0.0, 0.1, 1.0]).map(|_| ()),
    ];
    for error in errors {
        let Err(Error::Observation { reason, remedy }) = error else {
            panic!("{error:?}")
        };
        assert!(
            reason.ends_with('.') && remedy.ends_with('.'),
            "{reason} {remedy}"
        );
        assert!(
            ["Give", "Choose", "Sort", "Leave", "Observe", "Stack"]
                .iter()
                .any(|w| remedy.starts_with(w)),
            "{remedy}"
        );
    }
}

#[test]
fn a_mean_over_a_group_is_that_of_its_coordinates() {
    let groups = [vec![0, 1, 4], vec![2]];
    let operator = Operator::means(5, &groups).unwrap();
    let mut out = [0.0; 2];
    operator.predict(&[1.0, 2.0, 7.0, 100.0, 6.0], &mut out);
    assert_eq!(out, [3.0, 7.0]);
    assert!(Operator::means(5, &[vec![5]]).is_err());
    assert!(Operator::means(5, &[vec![]]).is_err());
    assert!(Operator::means(5, &[]).is_err());
}
