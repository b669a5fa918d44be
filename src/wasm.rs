//! The boundary to JavaScript: thin wrappers, one error mapper. The only importer of wasm_bindgen.
//!
//! Plain values cross as objects, bulk data as typed arrays. The TypeScript types of everything that
//! crosses stand in `wasm/types.d.ts` and are part of the generated package.

use crate::error::{Error, LinkError};
use crate::fingerprint::{Fingerprint, TOLERANCE, Verdict};
use crate::labs::toy1d::{self, Axis, Toy1d};
use crate::link::spec::{Group, KEYS, Kind};
use crate::link::{self, Clamp, Edited, Link, Mode, Note, Side, Values};
use js_sys::{Array, Float32Array, Float64Array, Object, Reflect, Uint32Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

mod engine;
pub use engine::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &'static str = include_str!("wasm/types.d.ts");

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// An object from its entries.
fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        // Setting a plain property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(key), value);
    }
    object.into()
}

fn plain<T: Serialize + ?Sized>(value: &T) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    // The structs here hold strings, numbers and lists only: nothing that serde could refuse.
    value.serialize(&serializer).unwrap_or(JsValue::NULL)
}

fn reals(x: &[f64]) -> JsValue {
    Float64Array::from(x).into()
}

fn floats(x: &[f32]) -> JsValue {
    Float32Array::from(x).into()
}

fn optional(text: Option<&str>) -> JsValue {
    text.map_or(JsValue::NULL, JsValue::from_str)
}

/// The object that JavaScript catches.
pub(crate) fn thrown(error: Error) -> JsValue {
    match error {
        Error::Link(e) => link_thrown(&e, &link::nearest(link::DEFAULT), &[]),
        Error::Engine { reason, remedy } => object(&[
            ("kind", "run".into()),
            ("message", reason.into()),
            ("remedy", remedy.into()),
        ]),
        other => object(&[
            ("kind", "run".into()),
            ("message", other.to_string().into()),
            ("remedy", "".into()),
        ]),
    }
}

fn link_thrown(e: &LinkError, nearest: &Link, choices: &[Link]) -> JsValue {
    let label = match &e.fix {
        crate::error::Fix::Drop(_) => format!("without {}", e.key.as_deref().unwrap_or("it")),
        crate::error::Fix::Rename(_, key) => {
            format!("with {key}={}", e.value.as_deref().unwrap_or(""))
        }
        crate::error::Fix::Set(_, value) => {
            format!("with {}={value}", e.key.as_deref().unwrap_or(""))
        }
        crate::error::Fix::Add(key, value) => format!("with {key}={value}"),
        crate::error::Fix::Default => "the default experiment".to_owned(),
    };
    object(&[
        ("kind", "link".into()),
        ("key", optional(e.key.as_deref())),
        ("value", optional(e.value.as_deref())),
        ("message", e.message.as_str().into()),
        ("choices", plain(&e.choices)),
        ("nearest", link::encode(nearest).into()),
        ("nearest_label", label.into()),
        (
            "choice_links",
            choices
                .iter()
                .map(|l| JsValue::from(link::encode(l)))
                .collect::<Array>()
                .into(),
        ),
    ])
}

/// Version of the crate.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

fn read(text: &str) -> Result<link::Decoded, JsValue> {
    link::decode(text, Mode::Clamp).map_err(|e| {
        let nearest = link::nearest(text);
        let choices = link::choice_links(text, &e);
        link_thrown(&e, &nearest, &choices)
    })
}

fn side(name: &str) -> Side {
    if name == "b" { Side::B } else { Side::A }
}

/// The values of one side of a link; side a where there is no b.
fn values<'l>(link: &'l Link, name: &str) -> &'l Values {
    link.side(side(name)).unwrap_or(&link.a)
}

/// Reads a link; the empty text is the default experiment.
#[wasm_bindgen(unchecked_return_type = "Opened")]
pub fn open_link(text: &str) -> Result<JsValue, JsValue> {
    let empty = text.trim_start_matches('#').trim().is_empty();
    let decoded = read(if empty { link::DEFAULT } else { text })?;
    Ok(opened(&decoded.link, &decoded.clamps, &[]))
}

/// The link with one key of one side set.
#[wasm_bindgen(unchecked_return_type = "Opened")]
pub fn edit_link(link: &str, side_name: &str, key: &str, value: &str) -> Result<JsValue, JsValue> {
    let decoded = read(link)?;
    let Edited {
        link,
        clamps,
        dropped,
    } = link::edit(&decoded.link, side(side_name), key, value)
        .map_err(|e| link_thrown(&e, &decoded.link, &[]))?;
    Ok(opened(&link, &clamps, &dropped))
}

/// The link with its comparison opened or closed.
#[wasm_bindgen(unchecked_return_type = "Opened")]
pub fn compare_link(link: &str, on: bool) -> Result<JsValue, JsValue> {
    Ok(opened(&link::compare(&read(link)?.link, on), &[], &[]))
}

/// The link to share.
#[wasm_bindgen]
pub fn share_link(link: &str, fingerprint: &str) -> Result<String, JsValue> {
    Ok(link::share(&read(link)?.link, fingerprint))
}

/// The whole table of keys.
#[wasm_bindgen(unchecked_return_type = "SpecRow[]")]
pub fn specs() -> JsValue {
    plain(&crate::link::spec::table())
}

fn opened(link: &Link, clamps: &[Clamp], dropped: &[Note]) -> JsValue {
    let a = &link.a;
    let clamp = |c: &Clamp| {
        object(&[
            ("key", c.key.as_str().into()),
            ("given", c.given.as_str().into()),
            ("used", c.used.as_str().into()),
            ("message", c.message.as_str().into()),
        ])
    };
    let note = |n: &Note| {
        object(&[
            ("key", n.key.as_str().into()),
            ("value", n.value.as_str().into()),
            ("message", n.message.as_str().into()),
        ])
    };
    object(&[
        ("link", link::encode(link).into()),
        ("lab", a.word("lab").into()),
        ("view", a.word("view").into()),
        ("at", a.real("at").into()),
        ("engine", a.word("engine").into()),
        ("fp", optional(a.text("fp"))),
        ("a", side_object(a)),
        ("b", link.b.as_ref().map_or(JsValue::NULL, side_object)),
        ("clamps", clamps.iter().map(clamp).collect::<Array>().into()),
        (
            "dropped",
            dropped.iter().map(note).collect::<Array>().into(),
        ),
    ])
}

fn side_object(values: &Values) -> JsValue {
    let controls = KEYS.iter().filter(|k| !(k.idle)(values)).filter_map(|key| {
        let value = values.get(key.name)?.to_string();
        let default = (key.default)(values).map_or(String::new(), |v| v.to_string());
        let (kind, min, max, choices) = match (key.kind)(values) {
            Kind::Choice(list) => ("choice", None, None, list),
            Kind::Int(min, max) => ("int", Some(min as f64), Some(max as f64), &[][..]),
            Kind::Real(min, max) => ("real", Some(min), Some(max), &[][..]),
            Kind::Reals(_, _, min, max) => ("reals", Some(min), Some(max), &[][..]),
            Kind::Seed => ("seed", None, None, &[][..]),
            Kind::Text(_) => return None,
        };
        let choice = |c: &crate::link::spec::Choice| {
            object(&[
                ("value", c.value.into()),
                ("label", c.label.into()),
                ("help", c.help.into()),
            ])
        };
        Some(object(&[
            ("key", key.name.into()),
            ("label", key.label.into()),
            ("help", key.help.into()),
            ("group", group(key.group).into()),
            ("kind", kind.into()),
            (
                "choices",
                choices.iter().map(choice).collect::<Array>().into(),
            ),
            ("min", min.into()),
            ("max", max.into()),
            ("log", key.log.into()),
            ("value", value.into()),
            ("default", default.into()),
            ("shared", (!key.is_run_key()).into()),
        ]))
    });
    let texts = Object::new();
    for (key, value) in values.iter() {
        let _ = Reflect::set(&texts, &key.into(), &value.to_string().into());
    }
    let steps = values.int("steps");
    let plural = if steps == 1 { "" } else { "s" };
    // Langevin walks at one level: the process is not part of its run.
    let clock = match values.word("sampler") {
        "langevin" => format!("σ = {}", values.real("level")),
        _ => values.word("process").to_owned(),
    };
    let title = format!(
        "{clock} · {} · {steps} step{plural}",
        values.word("sampler")
    );
    object(&[
        ("controls", controls.collect::<Array>().into()),
        ("values", texts.into()),
        ("title", title.into()),
    ])
}

fn group(group: Group) -> &'static str {
    match group {
        Group::Main => "main",
        Group::More => "more",
        Group::Display => "display",
    }
}

/// One side of a link, compiled, and the axis that both sides share.
fn compile(link: &Link, name: &str) -> (Toy1d, Axis) {
    let lab = Toy1d::new(values(link, name));
    let axis = match &link.b {
        Some(b) => Axis::holding(&[&Toy1d::new(&link.a), &Toy1d::new(b)]),
        None => Axis::holding(&[&lab]),
    };
    (lab, axis)
}

/// The exact picture of one side.
#[wasm_bindgen(unchecked_return_type = "Scene")]
pub fn scene(link: &str, side: &str) -> Result<JsValue, JsValue> {
    let link = read(link)?.link;
    let (lab, axis) = compile(&link, side);
    let s = toy1d::scene(&lab, axis);
    Ok(object(&[
        ("steps", (s.steps as u32).into()),
        ("nfe", (s.nfe as u32).into()),
        (
            "clock",
            if s.iterates { "iteration" } else { "time" }.into(),
        ),
        ("frames", (s.t.len() as u32).into()),
        ("level_index", Uint32Array::from(&s.level_index[..]).into()),
        ("t", reals(&s.t)),
        ("alpha", reals(&s.alpha)),
        ("sigma", reals(&s.sigma)),
        ("axis", plain(&s.axis)),
        ("edges", reals(&s.edges)),
        ("xs", reals(&s.xs)),
        ("density", floats(&s.density)),
        ("columns", (toy1d::COLUMNS as u32).into()),
        ("map", floats(&s.map)),
        ("mean", reals(&s.mean)),
        ("sd", reals(&s.sd)),
        ("paths", (toy1d::PATHS as u32).into()),
        ("forward", floats(&s.forward)),
    ]))
}

/// The probability flow of one side.
#[wasm_bindgen(unchecked_return_type = "Flow")]
pub fn flow(link: &str, side: &str) -> Result<JsValue, JsValue> {
    let link = read(link)?.link;
    let (lab, axis) = compile(&link, side);
    let f = toy1d::flow(&lab, axis);
    Ok(object(&[
        ("t", reals(&f.t)),
        ("x", reals(&f.x)),
        ("v", floats(&f.v)),
        ("ct", reals(&f.curve_t)),
        ("quantiles", reals(&f.quantiles)),
        ("curves", floats(&f.curves)),
        ("density", floats(&f.density)),
        ("axis", plain(&f.axis)),
    ]))
}

/// The plan of one side as a table.
#[wasm_bindgen(unchecked_return_type = "PlanTable")]
pub fn plan_table(link: &str, side: &str) -> Result<JsValue, JsValue> {
    let link = read(link)?.link;
    let table = toy1d::plan_table(&Toy1d::new(values(&link, side)));
    let cell = |x: &f64| {
        if x.is_nan() {
            JsValue::from_str("")
        } else {
            JsValue::from_f64(*x)
        }
    };
    let row = |r: &[f64; 9]| JsValue::from(r.iter().map(cell).collect::<Array>());
    object_ok(&[
        ("columns", plain(&table.columns)),
        ("rows", table.rows.iter().map(row).collect::<Array>().into()),
        ("note", table.note.into()),
    ])
}

fn object_ok(entries: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    Ok(object(entries))
}

fn progress(done: bool, frame: usize, evaluations: u64, total: u64) -> JsValue {
    object(&[
        ("done", done.into()),
        ("frame", (frame as u32).into()),
        ("evaluations", (evaluations as f64).into()),
        ("total", (total as f64).into()),
    ])
}

fn check(own: &Fingerprint, shared: &str, lab: &Toy1d) -> JsValue {
    let (verdict, difference, message) = match Fingerprint::decode(shared) {
        Err(e) => ("different", f64::NAN, e.to_string()),
        Ok(shared) => match own.compare(&shared, lab.amplifies_rounding()) {
            Verdict::Exact => (
                "exact",
                0.0,
                "Reproduced: every sample is the same to the last bit.".to_owned(),
            ),
            Verdict::Close(d) => (
                "close",
                d,
                format!(
                    "Reproduced within tolerance: the largest difference is {d:.1e} (allowed {TOLERANCE:.0e})."
                ),
            ),
            Verdict::Different(d) => (
                "different",
                d,
                format!(
                    "Not reproduced: the result differs from the shared one by {d:.1e} (allowed {TOLERANCE:.0e})."
                ),
            ),
        },
    };
    object(&[
        ("verdict", verdict.into()),
        ("difference", difference.into()),
        ("tolerance", TOLERANCE.into()),
        ("message", message.into()),
    ])
}

/// The sweep over the number of steps.
#[wasm_bindgen]
pub struct Sweep(toy1d::Sweep);

#[wasm_bindgen]
impl Sweep {
    /// The sweep of a link.
    #[wasm_bindgen(constructor)]
    pub fn new(link: &str) -> Result<Sweep, JsValue> {
        Ok(Sweep(toy1d::Sweep::new(&read(link)?.link)))
    }

    /// Runs in all.
    #[wasm_bindgen(getter)]
    pub fn total(&self) -> u32 {
        self.0.total() as u32
    }

    /// What the sweep will run.
    #[wasm_bindgen(unchecked_return_type = "SweepPlan")]
    pub fn plan(&self) -> JsValue {
        let series = self.0.series.iter().map(|s| {
            let side = if s.side == Side::A { "a" } else { "b" };
            object(&[
                ("id", s.id.as_str().into()),
                ("side", side.into()),
                ("sampler", s.sampler.into()),
                ("label", s.sampler.into()),
                ("main", s.main.into()),
            ])
        });
        object(&[
            ("series", series.collect::<Array>().into()),
            ("steps", plain(&self.0.steps())),
            ("edges", reals(&self.0.edges)),
            ("axis", plain(&self.0.axis)),
            ("xs", reals(&self.0.xs)),
            ("exact", floats(&self.0.exact)),
            ("iid", self.0.iid.into()),
            ("n", (self.0.n as u32).into()),
        ])
    }

    /// Does about `work` denoiser evaluations.
    #[wasm_bindgen(unchecked_return_type = "Promise<Progress>")]
    pub async fn advance(&mut self, work: f64) -> JsValue {
        let done = self.0.advance(work as usize);
        progress(
            done,
            self.0.done(),
            self.0.done() as u64,
            self.0.total() as u64,
        )
    }

    /// The points since the last call.
    #[wasm_bindgen(unchecked_return_type = "SweepPoint[]")]
    pub fn take(&mut self) -> JsValue {
        let point = |p: toy1d::Point| {
            object(&[
                ("series", p.series.into()),
                ("steps", p.steps.into()),
                ("nfe", (p.nfe as u32).into()),
                ("w1", p.w1.into()),
                ("ks", p.ks.into()),
                ("hist", floats(&p.hist)),
            ])
        };
        self.0
            .take()
            .into_iter()
            .map(point)
            .collect::<Array>()
            .into()
    }
}

/// Times the engine against a plain scalar loop in this module, in milliseconds.
#[wasm_bindgen(unchecked_return_type = "BenchResult")]
pub fn bench(n: u32, steps: u32) -> JsValue {
    let clock = js_sys::global()
        .unchecked_into::<web_sys::WorkerGlobalScope>()
        .performance();
    let now = || clock.as_ref().map_or(0.0, web_sys::Performance::now);
    let result = crate::bench::compare(n as usize, steps, now);
    object(&[
        ("engine_ms", result.engine_ms.into()),
        ("scalar_ms", result.scalar_ms.into()),
        ("ratio", (result.engine_ms / result.scalar_ms).into()),
        ("difference", result.difference.into()),
    ])
}
