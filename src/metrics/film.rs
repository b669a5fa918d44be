//! How close a film is to another one, and to a flow.

/// √(mean of x²); of a residual or a defect, its size.
///
/// Held by `tests/kolmogorov/metrics.rs`: `errors_and_correlations_are_their_formulas`.
pub fn rms(x: &[f64]) -> f64 {
    let squares = x.iter().map(|x| x * x);
    (squares.sum::<f64>() / x.len() as f64).sqrt()
}

/// √(mean of (a − b)²), in the units of both.
///
/// Held by `tests/kolmogorov/metrics.rs`: `errors_and_correlations_are_their_formulas`.
///
/// # Panics
/// If the lengths differ.
pub fn rmse(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len(), "a number a number");
    let squares = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b));
    (squares.sum::<f64>() / a.len() as f64).sqrt()
}

/// Pearson's correlation over the pixels of a frame; 0 if one of the two is constant.
///
/// Held by `tests/kolmogorov/metrics.rs`: `errors_and_correlations_are_their_formulas`.
///
/// # Panics
/// If the lengths differ.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len(), "a pixel a pixel");
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (of_a, of_b) = (mean(a), mean(b));
    let (mut both, mut square_a, mut square_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - of_a, b - of_b);
        both += a * b;
        square_a += a * a;
        square_b += b * b;
    }
    if square_a == 0.0 || square_b == 0.0 {
        return 0.0;
    }
    both / (square_a * square_b).sqrt()
}

/// The time at which a forecast loses the truth: the first at which the correlation is `least`, linear between frames.
/// `correlations` begins at the last given frame, which is time 0, and has a number every `interval`. `None` if it stays
/// above `least`: the time is longer than the film.
///
/// Held by `tests/kolmogorov/metrics.rs`: `the_correlation_time_is_where_the_line_crosses`.
pub fn correlation_time(correlations: &[f64], interval: f64, least: f64) -> Option<f64> {
    let below = correlations.iter().position(|r| *r < least)?;
    if below == 0 {
        return Some(0.0);
    }
    let (before, after) = (correlations[below - 1], correlations[below]);
    let share = (before - least) / (before - after);
    Some(interval * (below as f64 - 1.0 + share))
}

/// The root mean square over shells of log₁₀(Z_k/Z_k of a reference). It averages over nothing else: give means of Z_k over
/// films.
///
/// Held by `tests/kolmogorov/metrics.rs`: `the_spectrum_error_counts_powers_of_ten`.
///
/// # Panics
/// If the lengths differ.
pub fn spectrum_error(own: &[f64], reference: &[f64]) -> f64 {
    assert_eq!(own.len(), reference.len(), "a shell a shell");
    let ratios = own.iter().zip(reference).map(|(a, b)| libm::log10(a / b));
    rms(&ratios.collect::<Vec<_>>())
}
