//! `scorefield bench`: the engine against a plain loop, and the times of the calls that a page makes into the engine.

use super::calls::{self, Timed};
use super::failure::{Failure, failed};
use super::say::{print, with_clock};
use serde_json::{Value, json};

/// No call may take longer, in milliseconds: whatever is asked next waits for it.
const LONGEST: f64 = 30.0;

pub fn bench(n: usize, steps: u32) -> Result<(), Failure> {
    let mut result = None;
    with_clock(|clock| result = Some(scorefield::bench::compare(n, steps, || clock() * 1e3)));
    let mut growth = None;
    with_clock(|clock| growth = scorefield::bench::growth(|| clock() * 1e3));
    let result = result.ok_or_else(|| failed("The benchmark did not run."))??;
    let scalar = result.scalar_ms;
    let call = |timed: &Timed| {
        json!({
            "call": timed.call, "ms": timed.longest, "pieces": timed.pieces, "done": timed.done,
            "ratio": timed.longest / scalar, "over_30_ms": timed.longest > LONGEST,
        })
    };
    let mut links: Vec<Value> = vec![];
    let mut failure = None;
    with_clock(|clock| {
        for (words, link) in calls::list() {
            match calls::times(&words, &link, &|| clock() * 1e3) {
                Ok(all) => {
                    let all: Vec<Value> = all.iter().map(call).collect();
                    links.push(json!({"link": link, "calls": all}));
                }
                Err(e) => failure = Some(e),
            }
        }
    });
    if let Some(failure) = failure {
        return Err(failure);
    }
    print(&json!({
        "where": "native", "n": n, "steps": steps,
        "engine_ms": result.engine_ms, "scalar_ms": scalar,
        "ratio": result.engine_ms / scalar, "difference": result.difference,
        "chain_growth": growth, "links": links,
    }))
}
