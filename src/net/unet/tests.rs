use super::*;
use crate::error::Error;
use crate::net::Net;
use crate::net::burnpack::Pack;
use crate::net::catalog::{Entry, hash};
use std::f64::consts::TAU;

const TEXT: &str = "law = lab=turbulence\nwidths = 4 6 8\nblocks = 1 2 1 1 1\nsteps = 40\nbatch = 4\nrate = 0.003\nseed = 3\nnoise-mean = -0.3\nnoise-sd = 1.4\n";

fn net() -> FieldNet {
    let shape = recipe::parse("x", TEXT).unwrap().shape;
    FieldNet::new(shape, &shape.start(1), TEXT.to_owned())
}

fn message(bytes: &[u8]) -> String {
    match FieldNet::from_bytes("x.bpk", bytes) {
        Err(e @ Error::Network { .. }) => e.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_of_halves_gives_its_network_back_and_a_bad_one_says_why() {
    let net = net();
    let bytes = net.to_bytes().unwrap();
    assert_eq!(FieldNet::from_bytes("x.bpk", &bytes).unwrap(), net);
    let halves = 2 * net.shape().len();
    assert!(bytes.len() > halves && bytes.len() < halves + 256 * 64 + 8192);
    for cut in [0, 3, 9, 40, bytes.len() / 2, bytes.len() - 1] {
        assert!(
            message(&bytes[..cut]).contains("not a complete burnpack"),
            "{cut}"
        );
    }
    let mut other = bytes.clone();
    let last = other.len() - 1;
    other[last] ^= 1;
    assert!(message(&other).contains("checksum"));
    let small = crate::net::shape(1, 8, 1);
    let perceptron = Net::of_weights(small, vec![0.0; small.len()], String::new());
    assert!(message(&perceptron.to_bytes().unwrap()).contains("not a network on windows"));
    let mut wide = net.clone();
    wide.recipe = TEXT.replace("4 6 8", "4 6 9");
    let error = message(&wide.to_bytes().unwrap());
    assert!(
        error.contains("no tensor fall.1.weight of f16 with the dimensions [9, 6, 2, 2]"),
        "{error}"
    );
    wide.recipe = TEXT.replace("1 2 1 1 1", "1 1 1 1 1");
    assert!(message(&wide.to_bytes().unwrap()).contains("more tensors"));
    wide.recipe = TEXT.replace("batch = 4", "batch = 3");
    assert!(message(&wide.to_bytes().unwrap()).contains("batch is even"));
    let mut lost = net.clone();
    lost.weights[7] = f32::INFINITY;
    assert_eq!(lost.to_bytes(), Err(Error::Diverged));
}

#[test]
fn a_file_of_halves_is_byte_for_byte_what_burn_writes() {
    let own = net().to_bytes().unwrap();
    let pack = Pack::read(&own).unwrap();
    let mut tensors: Vec<_> = pack.tensors.iter().collect();
    tensors.sort_by_key(|t| t.bytes.as_ptr());
    let tensors = tensors.iter().map(|t| {
        let bytes = burn_pack::Bytes::from_bytes_vec(t.bytes.to_vec());
        burn_pack::Tensor::new(
            t.name.to_owned(),
            burn_pack::DType::F16,
            t.shape.clone(),
            None,
            bytes,
        )
    });
    let mut writer = burn_pack::Writer::new(tensors.collect());
    for (key, value) in &pack.metadata {
        writer = writer.with_metadata(key, value);
    }
    assert!(writer.into_bytes().unwrap().to_vec() == own);
}

#[test]
fn no_change_of_a_byte_of_a_file_of_halves_ends_in_a_panic() {
    let bytes = net().to_bytes().unwrap();
    for at in (0..6000).step_by(3) {
        for flip in [1, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= flip;
            let _ = FieldNet::from_bytes("x.bpk", &bytes);
        }
    }
}

#[test]
fn the_start_of_a_training_is_small_where_it_should_be() {
    let shape = SMALL;
    let weights = shape.start(4);
    for slot in shape.slots() {
        let own = &weights[slot.range()];
        let most = own.iter().fold(0.0f32, |most, w| most.max(w.abs()));
        let inputs: usize = slot.dims[1..].iter().product();
        let expected = match (&slot.name[..], slot.of) {
            (_, Use::Bias | Use::Film) => 0.0,
            ("leave.weight", _) => 0.1 / (inputs as f32).sqrt(),
            (name, _) if name.ends_with("second.weight") => 0.2 / (inputs as f32).sqrt(),
            (_, Use::Matrix) => 1.0 / (slot.dims[0] as f32).sqrt(),
            _ => 1.0 / (inputs as f32).sqrt(),
        };
        assert!(most <= expected && most >= 0.97 * expected, "{}", slot.name);
    }
    assert_ne!(shape.start(5), weights);
}

#[test]
fn a_network_that_is_not_of_the_list_is_refused() {
    let error = catalog::add("turbulence", &[]).unwrap_err().to_string();
    assert!(
        error.contains("valid names: turbulence-large, turbulence-small"),
        "{error}"
    );
    let bytes = net().to_bytes().unwrap();
    let entry = Entry {
        name: "x",
        file: "x.bpk",
        bytes: bytes.len(),
        sha256: hash(&bytes).leak(),
    };
    assert!(entry.check(&bytes).is_ok());
    let mut other = bytes.clone();
    other[5000] ^= 1;
    assert!(
        entry
            .check(&other)
            .unwrap_err()
            .to_string()
            .contains("hash")
    );
}

/// At e^{8φ} the slowest wave has the phase φ, and each next one twice the phase.
#[test]
fn the_embedding_turns_by_the_logarithm() {
    for phase in [-0.7, 0.0, 0.4] {
        let e = embedding(f64::exp(8.0 * phase));
        for j in 0..8 {
            let turn = phase * f64::from(1 << j);
            assert!((e[j] - turn.sin()).abs() < 1e-12 && (e[8 + j] - turn.cos()).abs() < 1e-12);
        }
    }
}

/// Frames that turn by a fixed angle.
#[test]
fn correlations_of_known_films_are_those() {
    let frame = |phase: f64| -> Vec<f64> {
        let x = |i: usize| (i % PIXELS) as f64 / PIXELS as f64;
        (0..FRAME)
            .map(|i| (3.0 * TAU * x(i) + phase).cos())
            .collect()
    };
    let window: Vec<f64> = (0..FRAMES).flat_map(|i| frame(0.3 * i as f64)).collect();
    let windows = [window.clone(), window].concat();
    for lag in 0..FRAMES {
        let own = measure::correlation(&windows, lag);
        assert!(
            (own - (0.3 * lag as f64).cos()).abs() < 1e-9,
            "{lag}: {own}"
        );
    }
}
