//! What a picture needs of a frame where its particles are too many to be read from a device.

/// What a camera wants of each frame in place of all particles.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Particles that are read: the first ones.
    pub shown: usize,
    /// The cells in which all are counted.
    pub cells: Cells,
}

/// Cells in which particles are counted.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// On the line: x is in cell ⌊scale·x⌋ − first of `count`. Mean and variance are found too.
    Line {
        /// Cells in a unit of x: a power of two, so that f32 and f64 count the same.
        scale: f64,
        /// ⌊scale·x⌋ in the first cell.
        first: f64,
        /// Number of cells.
        count: usize,
    },
    /// In the plane: (x, y) is in column ⌊f·x + side/2⌋ and row ⌊f·y + side/2⌋ of `side` each, with a factor f for each frame.
    Plane {
        /// The factors of the frames.
        factors: Vec<f64>,
        /// Number of columns, and of rows.
        side: usize,
    },
}

impl Cells {
    /// Number of cells.
    pub fn count(&self) -> usize {
        match self {
            Cells::Line { count, .. } => *count,
            Cells::Plane { side, .. } => side * side,
        }
    }
}

/// A frame in short.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Brief {
    /// The first particles, `[shown × dim]`.
    pub points: Vec<f32>,
    /// The number of particles in each cell.
    pub counts: Vec<u32>,
    /// On the line, mean and variance (over n) of all.
    pub moments: Option<[f64; 2]>,
}

/// Mean and variance (over n) of groups that are known by their size, mean and sum of squared distances from it (Chan, Golub &
/// LeVeque 1979).
///
/// Held by `src/sample/brief.rs`: `groups_have_the_moments_of_all`.
pub fn joined_moments(groups: impl Iterator<Item = (usize, f64, f64)>) -> [f64; 2] {
    let (mut n, mut mean, mut square) = (0.0, 0.0, 0.0);
    for (count, own, around) in groups {
        let count = count as f64;
        let gap = own - mean;
        let all = n + count;
        mean += gap * count / all;
        square += around + gap * gap * n * count / all;
        n = all;
    }
    [mean, square / n]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_have_the_moments_of_all() {
        let x: Vec<f64> = (0..1000)
            .map(|i| 50.0 + f64::from(i * 37 % 101) / 25.0)
            .collect();
        let moments = |x: &[f64]| {
            let mean = x.iter().sum::<f64>() / x.len() as f64;
            (
                x.len(),
                mean,
                x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>(),
            )
        };
        let (n, mean, square) = moments(&x);
        let [joined, variance] = joined_moments(x.chunks(64).map(moments));
        assert!((joined - mean).abs() < 1e-12 && (variance - square / n as f64).abs() < 1e-12);
    }
}
