use super::*;
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::law::Law;
use crate::law::space::Space;
use crate::schedule::Process;

fn recipe() -> Recipe {
    Recipe {
        width: 16,
        depth: 2,
        steps: 60,
        batch: 64,
        rate: 0.005,
        seed: 3,
        ln_s: LN_S,
    }
}

fn trained(steps: u32) -> Net {
    let law = Law::gaussian(0.3, 0.4);
    let mut trainer = Trainer::new(recipe(), 1);
    for _ in 0..steps {
        trainer.step(&law);
    }
    trainer.network("a test".to_owned())
}

fn x_hat(net: &Net, level: &Level, x: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    net.at(level).x_hat(x, &mut out);
    out
}

/// Karras et al. 2022, §5: c_skip and c_out give F unit-variance targets; c_in unit-variance inputs.
#[test]
fn the_preconditioning_gives_unit_variances() {
    for s in [0.002, 0.03, 0.5, 3.0, 80.0] {
        let at = Precondition::at(s);
        let d2 = SIGMA_DATA * SIGMA_DATA;
        assert!((at.into * at.into * (d2 + s * s) - 1.0).abs() < 1e-12);
        // Var[(x₀ − c_skip(x₀ + s z))/c_out] = ((1−c_skip)²σ_d² + c_skip²s²)/c_out².
        let rest = 1.0 - at.skip;
        let variance = (rest * rest * d2 + at.skip * at.skip * s * s) / (at.out * at.out);
        assert!((variance - 1.0).abs() < 1e-12, "{s}: {variance}");
    }
}

/// One network serves every process: x̂ depends on x_t/α and σ/α alone.
#[test]
fn two_processes_at_one_ratio_give_the_same_x_hat() {
    let net = trained(40);
    for s in [0.01, 0.3, 2.0, 40.0, 200.0] {
        let mut all: Vec<Vec<f64>> = Vec::new();
        for process in Process::all(100) {
            let level = process.level(process.time_at_ratio(s));
            if (level.ratio() / s - 1.0).abs() > 1e-6 {
                continue; // beyond what the process reaches
            }
            let x: Vec<f64> = [-1.0, 0.2, 0.9].iter().map(|u| u * level.alpha).collect();
            all.push(x_hat(&net, &level, &x));
        }
        assert!(all.len() >= 2, "{s}");
        for other in &all {
            for (a, b) in all[0].iter().zip(other) {
                assert!((a - b).abs() < 1e-5, "{s}: {all:?}");
            }
        }
    }
}

#[test]
fn at_pure_noise_and_at_no_noise_x_hat_is_finite() {
    let net = trained(40);
    for (alpha, sigma) in [(0.0, 1.0), (1e-9, 1.0), (1.0, 0.0), (1.0, 1e-9)] {
        let level = Level {
            t: 0.5,
            alpha,
            sigma,
        };
        for x in x_hat(&net, &level, &[-3.0, 0.0, 3.0]) {
            assert!(x.is_finite() && x.abs() < 4.0, "{level:?}: {x}");
        }
    }
}

/// One forward pass recomputed in f64 from the file's own tensors, straight from the definition.
#[test]
fn x_hat_is_that_of_a_plain_f64_forward_pass() {
    let net = trained(60);
    for s in [0.002, 0.1, 1.0, 30.0] {
        let level = Level {
            t: 0.5,
            alpha: 0.5,
            sigma: 0.5 * s,
        };
        for x in [-0.4, 0.0, 0.2, 1.5] {
            let (u, root) = (x / 0.5, (s * s + 0.25f64).sqrt());
            let mut h = vec![u / root, 0.25 * s.ln()];
            for (i, l) in net.shape().layers().iter().enumerate() {
                let w = |at: usize| f64::from(net.weights()[at]);
                let mut next: Vec<f64> = (0..l.outputs).map(|c| w(l.bias() + c)).collect();
                for (c, n) in next.iter_mut().enumerate() {
                    for (r, h) in h.iter().enumerate() {
                        *n += h * w(l.start + r * l.stride + c);
                    }
                    if i < net.shape().depth {
                        *n /= 1.0 + (-*n).exp();
                    }
                }
                h = next;
            }
            let exact = 0.25 / (s * s + 0.25) * u + s * 0.5 / root * h[0];
            let got = x_hat(&net, &level, &[x])[0];
            assert!(
                (got - exact).abs() < 1e-5 * (1.0 + exact.abs()),
                "{got} {exact}"
            );
        }
    }
}

/// Particles go in groups, or one after the other where few are left: a particle never sees which.
#[test]
fn a_particle_has_the_same_bits_in_a_group_of_any_size() {
    let mut recipe = recipe();
    (recipe.width, recipe.depth) = (37, 3);
    let mut trainer = Trainer::new(recipe, 2);
    for _ in 0..5 {
        trainer.step(&Space::moons());
    }
    let net = trainer.network("a test".to_owned());
    let number = |i: usize| ((i * 37 % 101) as f64 / 32.0 - 1.5) * (1.0 + i as f64 / 97.0);
    let (x, v): (Vec<f64>, Vec<f64>) = (0..66).map(|i| (number(i), number(i + 7))).unzip();
    let level = Process::Vp.level(0.4);
    // One prepared level for all sizes, as in guidance, and a fresh one for each.
    let kept = net.differentiable_at(&level);
    let all = |at: &dyn JacobianAt, x: &[f64], v: &[f64]| {
        let mut out = [(); 3].map(|()| vec![f64::NAN; x.len()]);
        at.x_hat(x, &mut out[0]);
        at.jvp(x, v, &mut out[1]);
        at.vjp(x, v, &mut out[2]);
        out.map(|out| out.iter().map(|x| x.to_bits()).collect::<Vec<_>>())
    };
    let alone: Vec<_> = (0..33)
        .map(|i| all(kept.as_ref(), &x[2 * i..2 * i + 2], &v[2 * i..2 * i + 2]))
        .collect();
    for size in 1..=33 {
        for first in [0, 33 - size] {
            let some = 2 * first..2 * (first + size);
            let fresh = net.differentiable_at(&level);
            for at in [kept.as_ref(), fresh.as_ref()] {
                let together = all(at, &x[some.clone()], &v[some.clone()]);
                for (which, together) in together.iter().enumerate() {
                    for (i, own) in together.chunks(2).enumerate() {
                        let wanted = &alone[first + i][which];
                        assert_eq!(own, wanted, "{which} of {i} of {size}");
                    }
                }
            }
        }
    }
}

#[test]
fn training_from_a_kept_state_gives_the_same_weights() {
    let law = Law::uniform(0.0, 1.0);
    let mut whole = Trainer::new(recipe(), 1);
    let mut first = Trainer::new(recipe(), 1);
    for _ in 0..20 {
        whole.step(&law);
        first.step(&law);
    }
    let mut second = Trainer::resume(recipe(), 1, first.state().clone());
    for _ in 0..20 {
        whole.step(&law);
        second.step(&law);
    }
    assert_eq!(whole.state(), second.state());
}

/// On normal data the exact denoiser is known, and with it the loss that no network can beat.
#[test]
fn training_approaches_the_exact_loss_and_the_exact_denoiser() {
    let law = Law::gaussian(0.6, 0.25);
    let recipe = Recipe {
        steps: 400,
        batch: 256,
        ..recipe()
    };
    let mut trainer = Trainer::new(recipe, 1);
    let losses: Vec<f64> = (0..400).map(|_| trainer.step(&law)).collect();
    assert!(trainer.is_done());
    let floor = train::loss_of_normal_data(0.25);
    let at = |i| train::expected_loss(&law, &law, LN_S, (i, 200), 200);
    let exact = (0..200).map(at).sum::<f64>() / 200.0;
    assert!((exact / floor - 1.0).abs() < 0.03, "{exact} {floor}");
    let last = losses[300..].iter().sum::<f64>() / 100.0;
    // 100 × 256 draws of a loss whose deviation is about √2 times its mean.
    let noise = 5.0 * floor * (2.0f64 / 25_600.0).sqrt();
    assert!(losses[0] > 1.5 * last, "{} {last}", losses[0]);
    assert!(
        last > floor - noise && last < 1.1 * floor + noise,
        "{last} {floor}"
    );
    let net = trainer.network(String::new());
    for s in [0.05, 0.3, 1.0] {
        let level = Level {
            t: 0.5,
            alpha: 1.0,
            sigma: s,
        };
        let x = [0.3, 0.6, 1.0];
        let mut exact = [0.0; 3];
        law.at(&level).x_hat(&x, &mut exact);
        for (a, b) in x_hat(&net, &level, &x).iter().zip(exact) {
            assert!((a - b).abs() < 0.05, "{s}: {a} {b}");
        }
    }
}

#[test]
fn a_file_gives_its_network_back_and_a_bad_one_says_why() {
    let net = trained(30);
    let bytes = net.to_bytes().unwrap();
    assert_eq!(Net::from_bytes("x.bpk", &bytes).unwrap(), net);
    let message = |bytes: &[u8]| match Net::from_bytes("x.bpk", bytes) {
        Err(e @ Error::Network { .. }) => e.to_string(),
        other => panic!("{other:?}"),
    };
    for cut in [0, 3, 9, 40, bytes.len() / 2, bytes.len() - 1] {
        assert!(message(&bytes[..cut]).contains("x.bpk"), "cut at {cut}");
    }
    assert!(message(b"x,y\n1,2\n").contains("not a complete burnpack"));
    let mut wide = net.clone();
    wide.shape = shape(37, 16, 2);
    wide.weights = vec![0.0; wide.shape.len()];
    assert!(message(&wide.to_bytes().unwrap()).contains("another shape"));
}

/// The file of a network as burn's own crate writes it.
fn written_by_burn(net: &Net, dtype: burn_pack::DType, param_id: Option<u64>) -> Vec<u8> {
    let layers = net.shape.layers();
    let mut tensors = Vec::new();
    for (i, layer) in layers.iter().enumerate() {
        let rows = |from: usize, to: usize| -> Vec<u8> {
            let rows = net.weights[from..to].chunks(layer.stride);
            let values = rows.flat_map(|row| &row[..layer.outputs]);
            match dtype {
                burn_pack::DType::F64 => values.flat_map(|w| f64::from(*w).to_le_bytes()).collect(),
                _ => values.flat_map(|w| w.to_le_bytes()).collect(),
            }
        };
        let mut push = |of: &str, shape: Vec<usize>, bytes: Vec<u8>| {
            let bytes = burn_pack::Bytes::from_bytes_vec(bytes);
            let name = format!("layers.{i}.{of}");
            tensors.push(burn_pack::Tensor::new(name, dtype, shape, param_id, bytes));
        };
        let matrix = rows(layer.start, layer.bias());
        push("weight", vec![layer.inputs, layer.outputs], matrix);
        push("bias", vec![layer.outputs], rows(layer.bias(), layer.end()));
    }
    let own = net.to_bytes().unwrap();
    let own = super::burnpack::Pack::read(&own).unwrap();
    let mut writer = burn_pack::Writer::new(tensors);
    for (key, value) in &own.metadata {
        writer = writer.with_metadata(key, value);
    }
    writer.into_bytes().unwrap().to_vec()
}

#[test]
fn a_file_is_byte_for_byte_what_burn_writes() {
    // Eleven layers, so that the order by name is not the order of the layers; heads of every size.
    for (inputs, width, depth) in [(1, 1, 1), (2, 16, 3), (36, 300, 11)] {
        let shape = shape(inputs, width, depth);
        for recipe in [0, 23, 24, 300, 70_000].map(|n| "r".repeat(n)) {
            let mut net = Net::of_weights(shape, vec![0.0; shape.len()], recipe);
            // Padding of rows is no part of a file.
            for layer in shape.layers() {
                let rows = net.weights[layer.start..layer.end()].chunks_mut(layer.stride);
                for (i, w) in rows.flat_map(|row| &mut row[..layer.outputs]).enumerate() {
                    *w = 1.0 / (i as f32 + 0.7);
                }
            }
            let bytes = net.to_bytes().unwrap();
            let burn = written_by_burn(&net, burn_pack::DType::F32, None);
            assert!(bytes == burn, "{shape:?}");
            assert_eq!(Net::from_bytes("x.bpk", &bytes).unwrap(), net);
        }
    }
}

#[test]
fn what_burn_writes_beside_the_weights_is_passed_over_and_other_numbers_are_refused() {
    let net = trained(3);
    let with_ids = written_by_burn(&net, burn_pack::DType::F32, Some(u64::MAX));
    assert_ne!(with_ids, net.to_bytes().unwrap());
    assert_eq!(Net::from_bytes("x.bpk", &with_ids).unwrap(), net);
    let wide = written_by_burn(&net, burn_pack::DType::F64, None);
    let error = Net::from_bytes("x.bpk", &wide).unwrap_err().to_string();
    assert!(error.contains("has weights that are not f32"), "{error}");
}

#[test]
fn no_change_of_a_byte_of_a_file_ends_in_a_panic() {
    let bytes = trained(1).to_bytes().unwrap();
    for at in 0..bytes.len().min(1500) {
        for flip in [1, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= flip;
            let _ = Net::from_bytes("x.bpk", &bytes);
        }
    }
}

#[test]
fn a_pretrained_file_is_held_to_its_length_and_hash() {
    let bytes = trained(1).to_bytes().unwrap();
    let sha256: &'static str = catalog::hash(&bytes).leak();
    let entry = catalog::Entry {
        name: "x",
        file: "x.bpk",
        bytes: bytes.len(),
        sha256,
    };
    assert!(entry.open(&bytes).is_ok());
    let text = |bytes: &[u8]| entry.open(bytes).unwrap_err().to_string();
    assert!(text(&bytes[1..]).contains("x.bpk has"));
    let mut other = bytes.clone();
    other[600] ^= 1;
    assert!(text(&other).contains("hash"));
    // FIPS 180-4, the empty message.
    assert!(catalog::hash(b"").starts_with("e3b0c44298fc1c149afbf4c8996fb924"));
}
