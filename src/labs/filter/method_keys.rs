//! The rows of the table that say how the observations are used.

use super::model_keys::{LAB, dim, is_filter, is_lorenz63, is_lorenz96, model, word};
use crate::dynamics::ModelKind;
use crate::filter::ensf::{self, Pairing};
use crate::filter::ssls::Prior;
use crate::filter::{Method, Operator, Settings};
use crate::labs::laws::{int, real};
use crate::link::{Group, Key, Kind, Refusal, Values, row};
use crate::word::Words;

/// Most numbers of an ensemble.
const NUMBERS: u64 = 400_000;
/// Most members.
pub(super) const MEMBERS: u64 = 100_000;

pub(super) fn method(v: &Values) -> Option<Method> {
    if is_filter(v) {
        v.choice("method")
    } else {
        None
    }
}

/// The numbers of a method where a link does not say.
pub(super) fn usual(v: &Values) -> Option<Settings> {
    let kind = model(v, false)?;
    let mut own = Settings::of(kind, method(v)?);
    if let Some(prior) = v.choice("prior") {
        own = own.with_prior(kind, prior);
    }
    own.ensf = ensf::Numbers::of(kind, v.choice("operator") == Some(Operator::Arctan));
    Some(own)
}

/// Whether the initial law is one normal.
fn is_normal(v: &Values) -> bool {
    v.matrix("initial")
        .is_none_or(|rows| rows.first().is_none_or(|means| means.len() == 1))
}

/// Whether there is an exact filter.
pub(super) fn is_known(v: &Values) -> bool {
    let linear = v.choice("operator").is_none_or(Operator::is_linear);
    match model(v, false) {
        Some(ModelKind::Ar1 | ModelKind::Spiral | ModelKind::Static { .. }) => {
            linear && is_normal(v)
        }
        Some(ModelKind::DoubleWell { .. }) => true,
        Some(ModelKind::Lorenz63 | ModelKind::Lorenz96 { .. }) | None => false,
    }
}

/// Whether the model has a tangent.
fn has_tangent(v: &Values) -> bool {
    match model(v, false) {
        Some(ModelKind::Lorenz63 | ModelKind::Lorenz96 { .. }) => false,
        Some(
            ModelKind::DoubleWell { .. }
            | ModelKind::Ar1
            | ModelKind::Spiral
            | ModelKind::Static { .. },
        )
        | None => true,
    }
}

/// Why a method does not fit the model, with one that does.
fn unfit(v: &Values, method: Method) -> Option<Refusal> {
    let (fits, why, instead) = match method {
        Method::Exact => (
            is_known(v),
            "there is an exact filter for the double well, and for the linear models (AR(1), spiral, static) that are observed as they are and begin in one normal law.",
            Method::Pf,
        ),
        Method::Ekf => (
            has_tangent(v),
            "the extended Kalman filter needs the tangent of the model: that of the double well, AR(1), spiral or static.",
            Method::Enkf,
        ),
        Method::Letkf => (
            is_lorenz96(v),
            "the LETKF works with the observations near a coordinate: it needs the model Lorenz-96.",
            Method::Etkf,
        ),
        Method::Reference => (
            is_lorenz63(v),
            "the reference is a large particle filter for the model Lorenz-63.",
            Method::Pf,
        ),
        Method::Ssls
        | Method::Ensf
        | Method::Pf
        | Method::Enkf
        | Method::Etkf
        | Method::Var3d
        | Method::Climatology
        | Method::Free => return None,
    };
    let instead = Some(instead.word());
    (!fits).then_some(Refusal { why, instead })
}

pub(super) const METHOD: Key = row(
    "method",
    "Method",
    "How the observations are used.",
    Group::Main,
)
.when(is_filter, LAB)
.kind(|v| Kind::choice_if(|method| unfit(v, method).is_none()))
.refuse(|v, value| unfit(v, Method::of_word(value)?))
.default(|_| word(Method::Ssls));

/// Whether a method has members.
pub(super) fn has_members(v: &Values) -> bool {
    method(v).is_some_and(|method| match method {
        Method::Ssls
        | Method::Ensf
        | Method::Pf
        | Method::Enkf
        | Method::Etkf
        | Method::Letkf
        | Method::Free => true,
        // The reference has its own number.
        Method::Ekf | Method::Var3d | Method::Climatology | Method::Exact | Method::Reference => {
            false
        }
    })
}

/// Most members of a method whose work grows with their square.
const PAIRS: u64 = 5000;

/// Fewest and most members.
fn members(v: &Values) -> (u64, u64) {
    let room = (NUMBERS / dim(v) as u64).min(MEMBERS);
    let pairs = match v.choice("prior") {
        Some(Prior::Kde) => true,
        Some(Prior::Gauss | Prior::Ism | Prior::Dsm) => false,
        None => v.choice("pairing") == Some(Pairing::Full),
    };
    let fewest = match v.get("prior") {
        Some(_) => usual(v).map_or(2, |own| own.ssls.fewest(dim(v))),
        None => 2,
    };
    (fewest as u64, if pairs { PAIRS.min(room) } else { room })
}

pub(super) const N: Key = row(
    "n",
    "Members N",
    "States that the filter carries along; at most 400,000/d of d numbers, and 5,000 with the prior score Kernel density or the pairing All members.",
    Group::Main,
)
.when(has_members, "a method with members")
.kind(|v| {
    let (fewest, most) = members(v);
    Kind::Int(fewest, most)
})
.log()
.default(|v| int(usual(v)?.n as u64));

fn inflates(v: &Values) -> bool {
    method(v).is_some_and(|method| match method {
        Method::Ssls | Method::Ensf | Method::Enkf | Method::Etkf | Method::Letkf | Method::Ekf => {
            true
        }
        Method::Pf
        | Method::Var3d
        | Method::Climatology
        | Method::Free
        | Method::Exact
        | Method::Reference => false,
    })
}

pub(super) const INFLATION: Key = row(
    "inflation",
    "Inflation",
    "Factor of the distances from the mean after an update.",
    Group::Main,
)
.when(inflates, "method=ssls, ensf, enkf, etkf, letkf or ekf")
.kind(|_| Kind::Real(1.0, 2.0))
.default(|v| real(usual(v)?.inflation));

fn is_local(v: &Values) -> bool {
    is_lorenz96(v)
        && method(v).is_some_and(|method| match method {
            Method::Enkf | Method::Letkf => true,
            Method::Ssls => v.choice("prior") == Some(Prior::Gauss),
            Method::Ensf
            | Method::Pf
            | Method::Etkf
            | Method::Ekf
            | Method::Var3d
            | Method::Climatology
            | Method::Free
            | Method::Exact
            | Method::Reference => false,
        })
}

pub(super) const LOCALITY: Key = row(
    "locality",
    "Localisation c",
    "Radius of Gaspari and Cohn's function, in coordinates; covariances end at 2c. 0 is off.",
    Group::Main,
)
.when(
    is_local,
    "model=lorenz96 with method=enkf, letkf, or ssls with prior=gauss",
)
.kind(|v| match method(v) {
    Some(Method::Letkf) => Kind::Real(0.1, 100.0),
    _ => Kind::Real(0.0, 100.0),
})
.default(|v| real(usual(v)?.locality));

pub(super) const BACKGROUND: Key = row(
    "background",
    "Background β",
    "Factor of the covariance of the climate that is taken for that of the error.",
    Group::Main,
)
.when(|v| method(v) == Some(Method::Var3d), "method=var3d")
.kind(|_| Kind::Real(0.001, 10.0))
.log()
.default(|v| real(usual(v)?.background));

fn is_pf(v: &Values) -> bool {
    method(v) == Some(Method::Pf)
}

pub(super) const RESAMPLE: Key = row(
    "resample",
    "Resample below",
    "Members are resampled where 1/Σw² falls below this share of N: 1 always, 0 never.",
    Group::Main,
)
.when(is_pf, "method=pf")
.kind(|_| Kind::Real(0.0, 1.0))
.default(|v| real(usual(v)?.resample));

pub(super) const JITTER: Key = row(
    "jitter",
    "Jitter",
    "Noise added to resampled members, over their deviation and a factor that falls with N; 0: none.",
    Group::Main,
)
.when(is_pf, "method=pf")
.kind(|_| Kind::Real(0.0, 5.0))
.default(|v| real(usual(v)?.jitter));
