//! Measures of films.

use scorefield::metrics::{correlation, correlation_time, rms, rmse, spectrum_error};

#[test]
fn errors_and_correlations_are_their_formulas() {
    let (a, b) = ([1.0, 2.0, 4.0, 5.0], [1.0, 4.0, 2.0, 5.0]);
    assert!((rms(&a) - 11.5_f64.sqrt()).abs() < 1e-15);
    assert!((rmse(&a, &b) - 2.0_f64.sqrt()).abs() < 1e-15);
    // Around the mean 3: Σab = 4 − 1 − 1 + 4 and Σa² = Σb² = 10.
    assert!((correlation(&a, &b) - 0.6).abs() < 1e-15);
    let moved = a.map(|x| 7.0 - 2.0 * x);
    assert!((correlation(&a, &moved) + 1.0).abs() < 1e-15);
    assert_eq!(correlation(&a, &[3.0; 4]), 0.0);
}

#[test]
fn the_correlation_time_is_where_the_line_crosses() {
    let time = |r: &[f64]| correlation_time(r, 0.2, 0.8);
    assert!((time(&[1.0, 0.9, 0.7, 0.9]).unwrap() - 0.3).abs() < 1e-12);
    assert_eq!(time(&[0.5, 0.9]), Some(0.0));
    assert_eq!(time(&[1.0, 0.85, 0.8]), None);
}

#[test]
fn the_spectrum_error_counts_powers_of_ten() {
    let reference = [1.0, 0.2, 0.03];
    assert_eq!(spectrum_error(&reference, &reference), 0.0);
    let own = [10.0, 0.02, 0.03];
    assert!((spectrum_error(&own, &reference) - (2.0_f64 / 3.0).sqrt()).abs() < 1e-12);
}
