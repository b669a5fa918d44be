//! Runs links by the command line and compares what is stated of them.

use super::common::program;
use super::entry::{Number, contradictions, numbers_of};
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

fn answer(link: &str) -> Result<BTreeMap<String, f64>, String> {
    let out = Command::new(program()).args(["run", link]).output();
    let out = out.unwrap();
    if !out.status.success() {
        return Err(format!(
            "the run of “{link}” failed: {}",
            String::from_utf8_lossy(&out.stderr)
        ));
    }
    Ok(numbers_of(&serde_json::from_slice(&out.stdout).unwrap()))
}

/// What the runs of all items contradict, each with the place of its item. An item gives its place, its link and what is stated.
pub fn faults<T: Sync>(
    items: &[T],
    parts: impl Fn(&T) -> (String, &String, &Vec<Number>) + Sync,
) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut faults = vec![];
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (place, link, numbers) = parts(item);
            let own = match answer(link) {
                Ok(answer) => contradictions(numbers, &answer),
                Err(fault) => vec![fault],
            };
            faults.extend(own.iter().map(|f| format!("{place}: {f}")));
        }
        faults
    };
    let mut faults: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|w| w.join().unwrap())
            .collect()
    });
    faults.sort();
    faults
}
