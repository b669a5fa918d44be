//! Every control does something, or says that it does not: a key with a control reaches the samples, or what is shown
//! beside them, or its control has a remark; a key without effect has no control.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::labs::link::spec::{Group, Key, Kind};
use scorefield::labs::link::{self, Link, Mode, Side, Values};
use scorefield::labs::{self, Args, Engine, go_on};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Waits for nothing: on the host all is there at once.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the host waits for nothing"),
    }
}

/// What a link gives: its samples to the bit, and what stands beside them.
#[derive(PartialEq)]
struct Effect {
    samples: Vec<u64>,
    scene: serde_json::Value,
    numbers: serde_json::Value,
}

fn effect(link: &Link) -> Option<Effect> {
    let experiment = labs::open(link).ok()?;
    let scene = experiment.scene(Side::A).ok()?.finish().ok()?.json();
    let mut run = experiment.run(Side::A, &Engine::Host).ok()?;
    while !now(go_on(run.as_mut(), 1 << 20)).ok()? {}
    let last = run.frames().saturating_sub(1) as f64;
    let asked = run.ask("metrics", &Args(vec![("frame".to_owned(), vec![last])]));
    Some(Effect {
        samples: run.samples().ok()?.iter().map(|x| x.to_bits()).collect(),
        scene,
        numbers: asked.ok()?.finish().ok()?.json(),
    })
}

/// Other values of a key.
fn others(key: &Key, values: &Values) -> Vec<String> {
    let own = values.get(key.name).map(ToString::to_string);
    let all = match (key.kind)(values) {
        Kind::Choice(choices) => choices.iter().map(|c| c.value.to_owned()).collect(),
        Kind::Int(lo, hi) => [lo, lo + 1, lo + 2, hi.min(lo + 5)]
            .map(|x| x.to_string())
            .to_vec(),
        Kind::Real(lo, hi) => [0.01, 0.25, 0.5, 0.75]
            .map(|p| (lo + p * (hi - lo)).to_string())
            .to_vec(),
        Kind::Reals(..) | Kind::Increasing(..) | Kind::Matrix(..) => vec![],
        Kind::Seed => vec!["12345".to_owned()],
        Kind::Text(_) | Kind::Points(_) => vec![],
    };
    all.into_iter()
        .filter(|v| Some(v) != own.as_ref())
        .collect()
}

const LINKS: [&str; 26] = [
    "lab=toy1d&n=40&steps=6&seed=1",
    "lab=toy1d&n=40&steps=6&process=edm&sampler=heun&seed=1",
    "lab=toy1d&n=40&steps=6&process=edm&sampler=heun&churn=20&churn-min=0.01&churn-max=50&seed=1",
    "lab=toy1d&n=40&steps=6&sampler=langevin&seed=1",
    "lab=toy1d&n=40&steps=6&process=vp&sampler=pc&target=mixture&seed=1",
    "lab=toy1d&n=40&steps=6&process=vp&sampler=pc&corrections=0&seed=1",
    "lab=toy1d&n=40&steps=6&target=comb&score=empirical&init=quantile&seed=1",
    "lab=toy1d&n=40&steps=6&target=gaussian&sampler=em&process=ve&seed=1",
    "lab=toy2d&n=40&steps=6&seed=1",
    "lab=toy2d&n=40&steps=6&sampler=langevin&target=moons&seed=1",
    "lab=toy2d&n=40&steps=6&process=fm&sampler=dpmpp2m&score=empirical&seed=1",
    "lab=torus&n=40&steps=6&sampler=pc&seed=1",
    "lab=lgssm&n=9&steps=5&length=9&seed=1",
    "lab=lgssm&n=9&steps=5&length=9&guidance=none&score=blanket&sampler=pc&seed=1",
    "lab=lgssm&n=9&steps=5&length=9&guidance=sda&operator=window&seed=1",
    "lab=lgssm&n=9&steps=5&length=9&guidance=finzi&model=rotation&sampler=langevin&seed=1",
    "lab=lgssm&n=9&steps=5&length=9&method=ar&seed=1",
    "lab=lgssm&n=9&steps=5&length=9&method=exact&seed=1",
    "lab=lgssm&n=9&steps=5&length=9&method=exact&guidance=none&sampler=heun&process=edm&seed=1",
    "lab=lgssm&n=9&steps=5&length=9&method=exact&guidance=sda&score=blanket&sampler=langevin&seed=1",
    "lab=lgssm&n=9&steps=5&length=9&method=exact&guidance=lambda&sampler=pc&seed=1",
    "lab=lgssm&n=9&steps=5&length=9&method=exact&guidance=dps&process=edm&sampler=heun&churn=3&seed=1",
    "lab=turbulence&frames=4&steps=2&seed=1",
    "lab=turbulence&frames=5&steps=2&task=forecast&method=ar&score=gaussian&physics=residual&seed=1",
    "lab=turbulence&frames=7&steps=2&task=forecast&method=ar&seed=1",
    "lab=turbulence&frames=4&method=enkf&n=4&seed=1",
];

#[test]
fn every_control_has_an_effect_or_says_that_it_has_none() {
    let mut wrong = vec![];
    let (mut hidden, mut remarked) = (0, 0);
    for text in LINKS {
        let link = link::decode(text, Mode::Strict).unwrap().link;
        let before = effect(&link).unwrap();
        let remark = link.a.lab().unwrap().remark;
        // A name may be another key in another lab.
        for key in link.a.rows().filter(|k| k.group != Group::Display) {
            if link.a.get(key.name).is_none() {
                continue;
            }
            let edits = others(key, &link.a);
            // An edit that takes other keys with it says nothing of this one.
            let edits = edits.iter().filter_map(|value| {
                let edited = link::edit(&link, Side::A, key.name, value).ok()?;
                let alone = edited.dropped.is_empty() && edited.clamps.is_empty();
                (alone && edited.link != link).then_some(edited.link)
            });
            let after: Vec<_> = edits.filter_map(|link| effect(&link)).collect();
            if after.is_empty() {
                continue;
            }
            let moved = after.iter().any(|e| e.samples != before.samples);
            let seen = moved || after.iter().any(|e| *e != before);
            let (idle, said) = ((key.idle)(&link.a), remark(key.name, &link.a));
            hidden += usize::from(idle);
            remarked += usize::from(!said.is_empty());
            if idle && seen {
                wrong.push(format!(
                    "{}: has an effect and no control: {text}",
                    key.name
                ));
            }
            if !idle && !seen && said.is_empty() {
                wrong.push(format!("{}: has a control and no effect: {text}", key.name));
            }
            if !said.is_empty() && moved && key.name != "guidance" {
                wrong.push(format!(
                    "{}: reaches the samples, against its remark: {text}",
                    key.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(hidden >= 8 && remarked >= 12, "{hidden} {remarked}");
}
