//! Order and counts of long lists of numbers. The particles of a run pass through these loops in every frame, so they stand
//! here and not in the labs, whose code is compiled for size.

/// Sorts a list in the ascending order of [`f64::total_cmp`].
pub fn sort(list: &mut [f64]) {
    list.sort_unstable_by(f64::total_cmp);
}

/// The quantiles between the ranks of a list that is not empty (Hyndman & Fan 1996, type 7), for ascending
/// `probabilities`. The list is sorted only as far as this needs.
///
/// Held by `src/metrics/order.rs`: `quantiles_are_those_of_the_sorted_list_to_the_bit`.
pub fn quantiles(list: &mut [f64], probabilities: &[f64]) -> Vec<f64> {
    let last = list.len() - 1;
    let mut ordered = 0; // entries before this one are at their ranks
    let mut quantile = |p: &f64| {
        let place = p * last as f64;
        let (low, share) = (place as usize, place - place.floor());
        let (_, &mut at, above) =
            list[ordered..].select_nth_unstable_by(low - ordered, f64::total_cmp);
        let next = above.iter().copied().min_by(f64::total_cmp).unwrap_or(at);
        ordered = low;
        at + share * (next - at)
    };
    probabilities.iter().map(&mut quantile).collect()
}

/// Replaces `column` by coordinate `i` of every particle of `x`, `[n × dim]`.
pub fn take_column(x: &[f64], dim: usize, i: usize, column: &mut Vec<f64>) {
    column.clear();
    column.extend(x.chunks_exact(dim).map(|x| x[i]));
}

/// Adds to `counts` how many of `x` lie in each bin: x belongs to bin ⌊(x − from)·scale⌋. Numbers outside of all bins do
/// not count.
///
/// Held by `src/metrics/order.rs`: `a_number_counts_in_its_bin_or_nowhere`.
pub fn count(x: &[f64], from: f64, scale: f64, counts: &mut [u32]) {
    let bins = counts.len() as f64;
    for x in x {
        let bin = (x - from) * scale;
        if bin >= 0.0 && bin < bins {
            counts[bin as usize] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Noise, Stream};

    #[test]
    fn quantiles_are_those_of_the_sorted_list_to_the_bit() {
        const BANDS: [f64; 4] = [0.025, 0.25, 0.75, 0.975];
        for length in [1, 2, 3, 7, 40, 513, 2000] {
            let mut list = vec![0.0; length];
            Noise::new(length as u64).normals(Stream::Start, 0, 0, &mut list);
            list[length / 2] = list[0]; // a tie
            let mut sorted = list.clone();
            sort(&mut sorted);
            assert!(sorted.is_sorted());
            let expected = BANDS.map(|p| {
                let place = p * (length - 1) as f64;
                let low = place as usize;
                let high = (low + 1).min(length - 1);
                sorted[low] + (place - place.floor()) * (sorted[high] - sorted[low])
            });
            let found = quantiles(&mut list, &BANDS);
            let bits = |list: &[f64]| list.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&found), bits(&expected));
        }
    }

    #[test]
    fn a_number_counts_in_its_bin_or_nowhere() {
        let mut counts = [1, 0, 0];
        let x = [
            -1.0,
            0.999,
            1.0,
            1.49,
            1.5,
            2.499,
            2.5,
            f64::NAN,
            f64::INFINITY,
        ];
        count(&x, 1.0, 2.0, &mut counts);
        assert_eq!(counts, [3, 1, 1]);
    }

    #[test]
    fn a_column_is_one_coordinate_of_every_particle() {
        let mut column = vec![9.0];
        take_column(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, 1, &mut column);
        assert_eq!(column, [2.0, 5.0]);
    }
}
