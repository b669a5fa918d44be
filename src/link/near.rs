//! The distance between two names, to find the name that a typing error may have meant.

/// Number of letters in which a typing error may differ: none in a short name, because it is close to every other
/// short name.
fn slip(given: &str) -> usize {
    match given.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    }
}

/// The names that `given` may mean, all equally close.
pub(super) fn slips<'n>(given: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let ranked = ranked(given, names);
    let least = ranked.first().map_or(usize::MAX, |r| r.1);
    let close = ranked.iter().filter(|r| r.1 == least && r.1 <= slip(given));
    close.map(|r| r.0).collect()
}

/// The one name that `given` may mean; `None` if two are equally close.
pub(super) fn slip_of<'n>(given: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    match slips(given, names)[..] {
        [one] => Some(one),
        _ => None,
    }
}

/// The names by their distance from `given`, closest first.
pub(super) fn ranked<'n>(
    given: &str,
    names: impl Iterator<Item = &'n str>,
) -> Vec<(&'n str, usize)> {
    // Only short texts are compared: the distance costs length × length.
    let given: Vec<char> = given.to_ascii_lowercase().chars().take(64).collect();
    let mut ranked: Vec<_> = names.map(|name| (name, distance(&given, name))).collect();
    ranked.sort_by_key(|r| r.1);
    ranked
}

/// The least number of letters inserted, removed, replaced or swapped with the next one.
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.to_ascii_lowercase().chars().collect();
    let mut before: Vec<usize> = vec![];
    let mut last: Vec<usize> = (0..=a.len()).collect();
    for j in 1..=b.len() {
        let mut row = vec![j; a.len() + 1];
        for i in 1..=a.len() {
            let replace = last[i - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[i] = replace.min(last[i] + 1).min(row[i - 1] + 1);
            let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if swapped {
                row[i] = row[i].min(before[i - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[a.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_close_for_its_length_and_closer_than_any_other() {
        let names = [
            "process", "step", "steps", "sd", "at", "seed", "heun", "vp", "ve",
        ];
        let of = |given| slip_of(given, names.into_iter());
        assert_eq!(of("prcess"), Some("process"));
        assert_eq!(of("PROCES"), Some("process"));
        assert_eq!(of("huen"), Some("heun"), "swapped letters are one slip");
        assert_eq!(of("vpp"), Some("vp"));
        for other in ["V", "“v", "st", "xx", "stepp", "sigma", "vpvpvp", ""] {
            assert_eq!(of(other), None, "{other}");
        }
        assert_eq!(slips("stepp", names.into_iter()), ["step", "steps"]);
        let distance = |a: &str, b| distance(&a.chars().collect::<Vec<_>>(), b);
        assert_eq!((distance("", "abc"), distance("abc", "")), (3, 3));
        assert_eq!(
            (distance("kitten", "sitting"), distance("abcd", "badc")),
            (3, 2)
        );
    }
}
