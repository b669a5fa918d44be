//! The passes have the bits of plain loops, and the values of f64 and of finite differences.

use super::*;
use crate::net::affine::GROUP;
use crate::net::kernel::sigmoid;

fn weights(shape: &Shape) -> Vec<f32> {
    let mut w = vec![0.0; shape.len()];
    let mut k = 1u32;
    for layer in shape.layers() {
        for row in w[layer.start..layer.end()].chunks_mut(layer.stride) {
            for w in &mut row[..layer.outputs] {
                k = k.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *w = (k >> 8) as f32 / 16_777_216.0 - 0.5;
            }
        }
    }
    w
}

/// The forward pass in f64, from the definition.
fn plain(shape: &Shape, w: &[f32], x: &[f64]) -> Vec<f64> {
    let mut h = x.to_vec();
    for (i, l) in shape.layers().iter().enumerate() {
        let mut next: Vec<f64> = (0..l.outputs).map(|c| f64::from(w[l.bias() + c])).collect();
        for (r, h) in h.iter().enumerate() {
            for (c, n) in next.iter_mut().enumerate() {
                *n += h * f64::from(w[l.start + r * l.stride + c]);
            }
        }
        if i < shape.depth {
            next.iter_mut().for_each(|x| *x /= 1.0 + (-*x).exp());
        }
        h = next;
    }
    h
}

/// The forward pass in f32 with one plain sum after the other: the values before each layer, the slopes of SiLU, and F.
fn plain_f32(shape: &Shape, w: &[f32], x: &[f32]) -> [Vec<Vec<f32>>; 2] {
    let (mut values, mut slopes) = (vec![x.to_vec()], vec![]);
    for (i, l) in shape.layers().iter().enumerate() {
        let mut next = w[l.bias()..][..l.outputs].to_vec();
        for (c, n) in next.iter_mut().enumerate() {
            for (r, x) in values[i].iter().enumerate() {
                *n += x * w[l.start + r * l.stride + c];
            }
        }
        if i < shape.depth {
            let s: Vec<f32> = next.iter().map(|x| sigmoid(*x)).collect();
            let both = next.iter().zip(&s);
            slopes.push(both.map(|(x, s)| s + x * s * (1.0 - s)).collect());
            next.iter_mut().zip(s).for_each(|(x, s)| *x *= s);
        }
        values.push(next);
    }
    [values, slopes]
}

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

/// Groups, pairs of outputs and panels of columns change no sum: every shape, whole groups and parts of them.
#[test]
fn the_passes_have_the_bits_of_plain_loops() {
    for (inputs, outputs, width, depth) in [
        (2, 1, 8, 1),
        (3, 2, 1, 2),
        (3, 2, 20, 3),
        (4, 3, 7, 2),
        (17, 16, 24, 2),
        (37, 36, 33, 1),
        (10, 9, 16, 2),
    ] {
        let shape = Shape {
            inputs,
            outputs,
            width,
            depth,
        };
        let (w, layers) = (weights(&shape), shape.layers());
        let net = Packed::new(&shape, &w);
        let (mut tape, mut summed) = (Tape::default(), Tape::for_gradients());
        let (mut gradient, mut plain) = (vec![0.0; shape.len()], vec![0.0; shape.len()]);
        for count in [16, 1].into_iter().chain(2..=GROUP) {
            let number = |i: usize| ((i * 37 + count) % 101) as f32 / 32.0 - 1.5;
            let x: Vec<f32> = (0..count * inputs).map(number).collect();
            let seed: Vec<f32> = (7..7 + count * outputs).map(number).collect();
            let f = tape.forward(&net, &x).to_vec();
            assert_eq!(bits(tape.taped(&net, &x)), bits(&f));
            let pushed = tape.push(&net, &x).to_vec();
            let pulled = tape.pull(&net, &seed).to_vec();
            assert_eq!(bits(summed.taped(&net, &x)), bits(&f));
            summed.descend(&net, &seed);
            summed.collect(&net, &mut gradient);
            for (b, x) in x.chunks(inputs).enumerate() {
                let case = format!("{shape:?}, {b} of {count}");
                let [values, slopes] = plain_f32(&shape, &w, x);
                let own = |all: &[f32], width: usize| bits(&all[b * width..][..width]);
                assert_eq!(own(&f, outputs), bits(&values[depth + 1]), "{case}");
                let mut v = x.to_vec();
                for (i, l) in layers.iter().enumerate() {
                    let mut next = vec![0.0; l.outputs];
                    for (c, n) in next.iter_mut().enumerate() {
                        for (r, v) in v.iter().enumerate() {
                            *n += v * w[l.start + r * l.stride + c];
                        }
                        *n *= slopes.get(i).map_or(1.0, |s| s[c]);
                    }
                    v = next;
                }
                assert_eq!(own(&pushed, outputs), bits(&v), "{case}: pushed");
                let mut g = seed[b * outputs..][..outputs].to_vec();
                for (i, l) in layers.iter().enumerate().rev() {
                    let mut next = vec![0.0; l.inputs];
                    for (r, n) in next.iter_mut().enumerate() {
                        for (c, g) in g.iter().enumerate() {
                            *n += g * w[l.start + r * l.stride + c];
                            plain[l.start + r * l.stride + c] += values[i][r] * g;
                        }
                        *n *= if i > 0 { slopes[i - 1][r] } else { 1.0 };
                    }
                    for (c, g) in g.iter().enumerate() {
                        plain[l.bias() + c] += g;
                    }
                    g = next;
                }
                assert_eq!(own(&pulled, inputs), bits(&g), "{case}: pulled");
            }
            assert_eq!(bits(&gradient), bits(&plain), "{shape:?}, {count}");
        }
    }
}

#[test]
fn forward_and_backward_are_those_of_f64_and_of_finite_differences() {
    for (inputs, outputs, width, depth) in
        [(2, 1, 8, 1), (3, 2, 12, 3), (4, 3, 24, 2), (10, 9, 16, 2)]
    {
        let shape = Shape {
            inputs,
            outputs,
            width,
            depth,
        };
        let w = weights(&shape);
        let batch = 5;
        let x: Vec<f32> = (0..batch * inputs)
            .map(|i| (i as f32 * 0.7).sin())
            .collect();
        let net = Packed::new(&shape, &w);
        let mut tape = Tape::default();
        let out = tape.forward(&net, &x).to_vec();
        let seed: Vec<f32> = (0..batch * outputs)
            .map(|i| 0.3 - 0.05 * i as f32)
            .collect();
        let wide: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        let objective = |w: &[f32]| {
            let mut sum = 0.0;
            for (b, x) in wide.chunks(inputs).enumerate() {
                for (c, y) in plain(&shape, w, x).iter().enumerate() {
                    sum += y * f64::from(seed[b * outputs + c]);
                }
            }
            sum
        };
        for (b, x) in wide.chunks(inputs).enumerate() {
            for (c, y) in plain(&shape, &w, x).iter().enumerate() {
                assert!((f64::from(out[b * outputs + c]) - y).abs() < 1e-5);
            }
        }
        let mut gradient = vec![0.0; shape.len()];
        let mut summed = Tape::for_gradients();
        assert_eq!(summed.taped(&net, &x), out);
        summed.descend(&net, &seed);
        summed.collect(&net, &mut gradient);
        let mut parts = vec![0.0; shape.len()];
        for (x, seed) in x.chunks(2 * inputs).zip(seed.chunks(2 * outputs)) {
            summed.taped(&net, x);
            summed.descend(&net, seed);
            summed.collect(&net, &mut parts);
        }
        assert_eq!(parts, gradient, "a batch in parts gives the same bits");

        // J·v by central differences in f64, Jᵀ·seed by ⟨seed, J·v⟩ = ⟨Jᵀ·seed, v⟩.
        let v: Vec<f32> = (0..x.len()).map(|i| (i as f32 * 1.3).cos()).collect();
        tape.taped(&net, &x);
        let pushed = tape.push(&net, &v).to_vec();
        let pulled = tape.pull(&net, &seed).to_vec();
        for (b, (x, v)) in wide.chunks(inputs).zip(v.chunks(inputs)).enumerate() {
            let at = |h: f64| -> Vec<f64> {
                let moved = x.iter().zip(v).map(|(x, v)| x + h * f64::from(*v));
                plain(&shape, &w, &moved.collect::<Vec<_>>())
            };
            let mut forth = 0.0;
            for (c, (up, down)) in at(1e-5).iter().zip(at(-1e-5)).enumerate() {
                let own = f64::from(pushed[b * outputs + c]);
                assert!((own - (up - down) / 2e-5).abs() < 1e-4, "{own}");
                forth += own * f64::from(seed[b * outputs + c]);
            }
            let pulled = &pulled[b * inputs..][..inputs];
            let products = pulled.iter().zip(v).map(|(p, v)| f64::from(p * v));
            assert!((products.sum::<f64>() - forth).abs() < 1e-4);
        }
        for layer in shape.layers() {
            for at in layer.start..layer.end() {
                if (at - layer.start) % layer.stride >= layer.outputs {
                    assert_eq!(gradient[at], 0.0, "padding has no gradient");
                    continue;
                }
                let h = 1.0 / 256.0;
                let moved = |by: f32| {
                    let mut w = w.clone();
                    w[at] += by;
                    objective(&w)
                };
                let slope = (moved(h) - moved(-h)) / (2.0 * f64::from(h));
                let close = 2e-4 * (1.0 + slope.abs());
                assert!((f64::from(gradient[at]) - slope).abs() < close, "{at}");
            }
        }
    }
}
