//! Order and counts of long lists of numbers. The particles of a run pass through these loops in every frame, so they stand
//! here and not in the labs, whose code is compiled for size.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// Sorts a list in the ascending order of [`f64::total_cmp`].
pub fn sort(list: &mut [f64]) {
    list.sort_unstable_by(f64::total_cmp);
}

/// The next `count` numbers of a list in ascending order, fewer at its end. Its groups of `together` are sorted; `heads` has the
/// first of each group that is not yet taken.
///
/// Held by `src/metrics/order.rs`: `sorted_groups_merge_to_the_sorted_list_in_any_pieces`.
pub fn merge(list: &[f64], together: usize, heads: &mut [usize], count: usize) -> Vec<f64> {
    let end = |group: usize| list.len().min((group + 1) * together);
    let mut open: BinaryHeap<Reverse<(Ordered, usize)>> = heads
        .iter()
        .enumerate()
        .filter(|(group, head)| **head < end(*group))
        .map(|(group, head)| Reverse((Ordered(list[*head]), group)))
        .collect();
    let mut sorted = Vec::with_capacity(count);
    while sorted.len() < count {
        let Some(mut least) = open.peek_mut() else {
            break;
        };
        let Reverse((Ordered(own), group)) = *least;
        sorted.push(own);
        heads[group] += 1;
        match list.get(heads[group]).filter(|_| heads[group] < end(group)) {
            Some(next) => *least = Reverse((Ordered(*next), group)),
            None => {
                PeekMut::pop(least);
            }
        }
    }
    sorted
}

/// A number in the order of [`f64::total_cmp`].
#[derive(Clone, Copy, PartialEq)]
struct Ordered(f64);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
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

/// Writes `x` in f32 to `out`, which is as long.
///
/// Held by `src/metrics/order.rs`: `each_number_is_rounded_to_f32`.
pub fn narrow(x: &[f64], out: &mut [f32]) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = *x as f32;
    }
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
    fn each_number_is_rounded_to_f32() {
        let list = [0.1, -1e-40, 1e39, f64::NAN, 16_777_217.0];
        let mut out = [0.0; 5];
        narrow(&list, &mut out);
        assert_eq!(
            out.map(f32::to_bits),
            list.map(|x| (x as f32).to_bits()),
            "{out:?}"
        );
    }

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
    fn sorted_groups_merge_to_the_sorted_list_in_any_pieces() {
        const TOGETHER: usize = 8;
        for (length, piece) in [(1, 1), (8, 3), (9, 100), (64, 7), (101, 8)] {
            let mut list = vec![0.0; length];
            Noise::new(length as u64).normals(Stream::Start, 0, 0, &mut list);
            list[length / 2] = list[0]; // a tie
            let mut whole = list.clone();
            sort(&mut whole);
            list.chunks_mut(TOGETHER).for_each(sort);
            let mut heads: Vec<usize> = (0..length).step_by(TOGETHER).collect();
            let mut merged = vec![];
            while merged.len() < length {
                let next = merge(&list, TOGETHER, &mut heads, piece);
                assert_eq!(next.len(), piece.min(length - merged.len()));
                merged.extend(next);
            }
            assert_eq!(merged, whole);
            assert!(merge(&list, TOGETHER, &mut heads, piece).is_empty());
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
