//! Interpolation from a lattice.

use scorefield::observe::Lattice;

fn lattice(spacing: usize, first: f64, seen: &[usize]) -> Lattice {
    Lattice {
        pixels: 8,
        places: (0..8 / spacing)
            .map(|i| (i * spacing) as f64 + first)
            .collect(),
        seen: seen.to_vec(),
        frames: 6,
    }
}

#[test]
fn bilinear_functions_come_back() {
    // Between the places a function a + bx + cy + dxy and linear in time; across the edge it is periodic.
    let own = lattice(2, 0.0, &[1, 5]);
    let f = |t: f64, x: f64, y: f64| 1.0 + 0.5 * x - 0.25 * y + 0.1 * x * y + t;
    let mut y = vec![];
    for frame in [1.0, 5.0] {
        for row in 0..4 {
            y.extend((0..4).map(|column| f(frame, 2.0 * f64::from(column), 2.0 * f64::from(row))));
        }
    }
    let film = own.film(&y).unwrap();
    for frame in 1..=5 {
        for (r, c) in [(0, 0), (1, 3), (5, 5), (6, 2)] {
            let value = film[frame * 64 + r * 8 + c];
            let exact = f(frame as f64, c as f64, r as f64);
            assert!(
                (value - exact).abs() < 1e-12,
                "{frame} {r} {c}: {value} {exact}"
            );
        }
        // Between the last place, 6, and the first, 8 ≡ 0.
        let half = 0.5 * (film[frame * 64 + 6] + film[frame * 64]);
        assert!((film[frame * 64 + 7] - half).abs() < 1e-12);
    }
}

#[test]
fn after_the_last_seen_frame_nothing_moves() {
    let own = lattice(2, 0.5, &[2, 3]);
    let y: Vec<f64> = (0..32).map(f64::from).collect();
    let film = own.film(&y).unwrap();
    let frame = |k: usize| &film[k * 64..(k + 1) * 64];
    assert_eq!(frame(0), frame(2));
    assert_ne!(frame(2), frame(3));
    assert_eq!(frame(3), frame(5));
    // The centre of a block is the mean of its four pixels.
    let block = [0, 1, 8, 9].map(|k| frame(2)[k]).iter().sum::<f64>() / 4.0;
    assert!(block.is_finite() && own.film(&y[1..]).is_err());
    let one = Lattice {
        places: vec![3.0],
        seen: vec![0],
        ..own
    };
    assert!(one.film(&[2.5]).unwrap().iter().all(|x| *x == 2.5));
}
