use super::*;

fn level(alpha: f64, sigma: f64) -> Level {
    Level {
        t: 0.5,
        alpha,
        sigma,
    }
}

fn laws() -> Vec<(&'static str, Space)> {
    let mut points = vec![0.0; 60];
    Space::torus(0.8, 0.3).sample(&Noise::new(5), Stream::Data, 0, &mut points);
    vec![
        ("gaussian", Space::gaussian(0.5)),
        ("gaussians8", Space::gaussians8()),
        ("moons", Space::moons()),
        ("checkerboard", Space::checkerboard()),
        ("swissroll", Space::swissroll()),
        ("rings", Space::rings()),
        ("pinwheel", Space::pinwheel()),
        ("drawn", Space::drawn(&[0.1, 0.2, -0.5, 0.3, 0.7, -0.6])),
        (
            "empirical",
            Space::empirical(2, &[0.1, 0.2, -0.5, 0.3, 0.7, -0.6]),
        ),
        ("empirical in space", Space::empirical(3, &points)),
        ("torus", Space::torus(0.8, 0.3)),
    ]
}

#[test]
fn timing() {
    for (name, law) in laws() {
        let n = 10_000;
        let dim = law.dim();
        let count = if let Space::Cloud(c) = &law {
            c.weights().len()
        } else {
            0
        };
        let mut x = vec![0.0; n * dim];
        let mut z = vec![0.0; n * dim];
        let mut out = vec![0.0; n * dim];
        law.sample(&Noise::new(1), Stream::Data, 0, &mut x);
        Noise::new(1).normals(Stream::Start, 0, 0, &mut z);
        let start = std::time::Instant::now();
        let mut worst: f64 = 0.0;
        for i in 0..80 {
            let t = (i as f64 + 0.5) / 80.0;
            let l = level((1.0 - t).max(0.0), t);
            let x_t: Vec<f64> = x
                .iter()
                .zip(&z)
                .map(|(x, z)| l.alpha * x + l.sigma * z)
                .collect();
            let d = law.diffuse(&l);
            let one = std::time::Instant::now();
            for (x, o) in x_t.chunks(512 * dim).zip(out.chunks_mut(512 * dim)) {
                d.x_hat(x, o);
            }
            worst = worst.max(one.elapsed().as_secs_f64());
        }
        println!(
            "{name} {count}: {:?}, worst level x80 {:.3}  mean {:?} var {:.4} reach {:.3}",
            start.elapsed(),
            worst * 80.0,
            law.mean(),
            law.variance(),
            law.reach()
        );
    }
}
