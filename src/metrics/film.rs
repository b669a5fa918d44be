//! How near a film is to the truth: error, correlation, and how long it stays near.

/// √ of the mean square of the differences where both are known; a number that is not known is NaN.
///
/// Held by `src/metrics/film.rs`: `errors_and_correlations_are_their_formulas`.
pub fn rmse(film: &[f64], truth: &[f64]) -> f64 {
    let squares = film.iter().zip(truth).map(|(x, y)| (x - y) * (x - y));
    mean_known(squares).sqrt()
}

/// The mean of the numbers that are known; NaN where none is.
pub fn mean_known(numbers: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for x in numbers.filter(|x| !x.is_nan()) {
        sum += x;
        count += 1.0;
    }
    sum / count
}

/// Pearson's correlation of two fields over their pixels; NaN where one of them does not vary.
///
/// Held by `src/metrics/film.rs`: `errors_and_correlations_are_their_formulas`.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let mean = |x: &[f64]| x.iter().sum::<f64>() / n;
    let (ma, mb) = (mean(a), mean(b));
    let [mut aa, mut bb, mut ab] = [0.0; 3];
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - ma, y - mb);
        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
    ab / (aa * bb).sqrt()
}

/// Where correlations of frames fall below `level` for the first time after frame `from`, in frames after it and on a line
/// between two frames; `None` where they do not.
///
/// Held by `src/metrics/film.rs`: `a_crossing_is_on_the_line_between_two_frames`.
pub fn crossing(correlations: &[f64], from: usize, level: f64) -> Option<f64> {
    let after = correlations.windows(2).enumerate().skip(from);
    for (i, pair) in after {
        if pair[1] < level {
            let share = ((pair[0] - level) / (pair[0] - pair[1])).clamp(0.0, 1.0);
            return Some((i - from) as f64 + share);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_correlations_are_their_formulas() {
        let (a, b) = ([1.0, 2.0, 3.0, f64::NAN], [1.0, 4.0, 3.0, 7.0]);
        assert!((rmse(&a, &b) - (4.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert!(rmse(&[f64::NAN], &[1.0]).is_nan());
        let line: Vec<f64> = (0..10).map(f64::from).collect();
        let other: Vec<f64> = line.iter().map(|x| 3.0 - 2.0 * x).collect();
        assert!((correlation(&line, &other) + 1.0).abs() < 1e-15);
        assert!((correlation(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0]) - 0.5).abs() < 1e-15);
        assert!(correlation(&[1.0, 1.0], &[1.0, 2.0]).is_nan());
    }

    #[test]
    fn a_crossing_is_on_the_line_between_two_frames() {
        let own = [1.0, 0.99, 0.9, 0.7, 0.9, 0.1];
        assert!((crossing(&own, 0, 0.8).unwrap() - 2.5).abs() < 1e-12);
        assert!((crossing(&own, 1, 0.8).unwrap() - 1.5).abs() < 1e-12);
        assert_eq!(crossing(&own, 0, 0.05), None);
        assert_eq!(crossing(&[1.0, f64::NAN], 0, 0.8), None);
        // It was below already: at once.
        assert_eq!(crossing(&[0.5, 0.4], 0, 0.8), Some(0.0));
    }
}
