//! VICReg (Bardes, Ponce and LeCun 2022) on frozen embeddings: a linear projection learns what stays the same
//! when a picture is changed, without any label.
//!
//! For n pairs of views with projections z and z' of d numbers each:
//!
//! * invariance: `mean((z - z')^2)`, two views of a picture belong together;
//! * variance: `mean over j of max(0, 1 - sqrt(var(z_j) + eps))`, so that not everything becomes the same;
//! * covariance: `sum over i != j of cov(z)_ij^2 / d`, so that no two numbers say the same thing;
//!
//! weighted 25, 25 and 1 as in the paper, the latter two for both views. The projection starts as whitened
//! principal components of the views, and is moved by Adam (Kingma and Ba 2015) on all pairs at once.

use crate::learn::head::dot;
use crate::learn::map::pca::Pca;

/// Numbers of a projection, at most.
pub const WIDTH: usize = 64;
/// Gradient steps.
pub const STEPS: usize = 150;
const INVARIANCE: f32 = 25.0;
const VARIANCE: f32 = 25.0;
const COVARIANCE: f32 = 1.0;
const EPSILON: f32 = 1e-4;
/// Adam's rate, as a share of the typical weight.
const RATE: f32 = 0.02;
/// Whitening never stretches a direction more than this times the strongest one's.
const STRETCH: f64 = 30.0;

/// A projection of embeddings `[dim]` to `[width]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    pub dim: usize,
    pub width: usize,
    /// `[dim]`, taken away first.
    mean: Vec<f32>,
    /// `[width, dim]`.
    weights: Vec<f32>,
}

impl Projection {
    /// Row by row, `[n, dim]` to `[n, width]`.
    pub fn apply(&self, rows: &[f32]) -> Vec<f32> {
        let mut out = Vec::with_capacity(rows.len() / self.dim.max(1) * self.width);
        for row in rows.chunks_exact(self.dim.max(1)) {
            let centred: Vec<f32> = row.iter().zip(&self.mean).map(|(x, m)| x - m).collect();
            out.extend(self.weights.chunks_exact(self.dim).map(|w| dot(w, &centred)));
        }
        out
    }
}

/// The three terms, unweighted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Loss {
    pub invariance: f32,
    pub variance: f32,
    pub covariance: f32,
}

impl Loss {
    pub fn total(&self) -> f32 {
        INVARIANCE * self.invariance + VARIANCE * self.variance + COVARIANCE * self.covariance
    }
}

/// A projection being learned.
pub struct Vicreg {
    projection: Projection,
    /// Centred views `[n, dim]`, the first and the second of each pair.
    views: [Vec<f32>; 2],
    /// Adam's moments, like the weights.
    first: Vec<f32>,
    second: Vec<f32>,
    rate: f32,
    step: usize,
    /// Before the latest step.
    pub loss: Loss,
}

impl Vicreg {
    /// Pairs of views `[n, 2, dim]`, n at least 4.
    ///
    /// # Errors
    /// A sentence.
    pub fn new(pairs: &[f32], dim: usize) -> Result<Self, String> {
        let n = pairs.len() / (2 * dim).max(1);
        if n < 4 || n * 2 * dim != pairs.len() || pairs.iter().any(|v| !v.is_finite()) {
            return Err("Adapting the embedding needs changed copies of at least four pictures.".into());
        }
        let pca = Pca::fit(pairs, dim, WIDTH.min(dim).min(n));
        let width = pca.components;
        let most = pca.variances.first().copied().unwrap_or(0.0).max(1e-12);
        let mut weights = pca.directions;
        for (row, variance) in weights.chunks_exact_mut(dim).zip(&pca.variances) {
            let scale = 1.0 / variance.max(most / (STRETCH * STRETCH)).sqrt() as f32;
            row.iter_mut().for_each(|w| *w *= scale);
        }
        let centred = |which: usize| -> Vec<f32> {
            pairs
                .chunks_exact(dim)
                .skip(which)
                .step_by(2)
                .flat_map(|row| row.iter().zip(&pca.mean).map(|(x, m)| x - m))
                .collect()
        };
        let views = [centred(0), centred(1)];
        let typical = (dot(&weights, &weights) / weights.len().max(1) as f32).sqrt();
        let (first, second) = (vec![0.0; weights.len()], vec![0.0; weights.len()]);
        let projection = Projection { dim, width, mean: pca.mean, weights };
        Ok(Self { projection, views, first, second, rate: RATE * typical, step: 0, loss: Loss::default() })
    }

    /// One step; true when there are no more to take.
    pub fn step(&mut self) -> bool {
        if self.step >= STEPS {
            return true;
        }
        let (loss, gradient) =
            objective(&self.projection.weights, &self.views, self.projection.dim, self.projection.width);
        self.loss = loss;
        self.step += 1;
        let (b1, b2) = (0.9f32, 0.99f32);
        let correct = (1.0 - b1.powi(self.step as i32), 1.0 - b2.powi(self.step as i32));
        let rate = self.rate * (1.0 - self.step as f32 / (STEPS + 1) as f32);
        for (((w, g), m), v) in
            self.projection.weights.iter_mut().zip(&gradient).zip(&mut self.first).zip(&mut self.second)
        {
            *m = b1 * *m + (1.0 - b1) * g;
            *v = b2 * *v + (1.0 - b2) * g * g;
            *w -= rate * (*m / correct.0) / ((*v / correct.1).sqrt() + 1e-12);
        }
        self.step >= STEPS
    }

    /// Share of the steps taken.
    pub fn share(&self) -> f32 {
        self.step as f32 / STEPS as f32
    }

    pub fn projection(&self) -> &Projection {
        &self.projection
    }
}

/// The loss at `weights` `[width, dim]` and its gradient.
fn objective(weights: &[f32], views: &[Vec<f32>; 2], dim: usize, width: usize) -> (Loss, Vec<f32>) {
    let n = views[0].len() / dim;
    let project = |rows: &[f32]| -> Vec<f32> {
        rows.chunks_exact(dim).flat_map(|row| weights.chunks_exact(dim).map(move |w| dot(w, row))).collect()
    };
    let z = [project(&views[0]), project(&views[1])];
    let mut loss = Loss::default();
    let mut gradient = vec![0f32; weights.len()];
    let per_number = 1.0 / (n * width) as f32;
    loss.invariance = z[0].iter().zip(&z[1]).map(|(a, b)| (a - b) * (a - b)).sum::<f32>() * per_number;
    for (which, own) in z.iter().enumerate() {
        let other = &z[1 - which];
        let (term, by_z) = spread(own, n, width);
        loss.variance += term.variance;
        loss.covariance += term.covariance;
        let by_z: Vec<f32> = by_z
            .iter()
            .zip(own.iter().zip(other))
            .map(|(g, (a, b))| g + INVARIANCE * 2.0 * (a - b) * per_number)
            .collect();
        for (g, row) in by_z.chunks_exact(width).zip(views[which].chunks_exact(dim)) {
            for (g, to) in g.iter().zip(gradient.chunks_exact_mut(dim)) {
                to.iter_mut().zip(row).for_each(|(t, x)| *t += g * x);
            }
        }
    }
    (loss, gradient)
}

/// Variance and covariance terms of projections `[n, width]`, and their weighted gradient.
fn spread(z: &[f32], n: usize, width: usize) -> (Loss, Vec<f32>) {
    let below = (n - 1) as f32;
    let mut mean = vec![0f32; width];
    for row in z.chunks_exact(width) {
        mean.iter_mut().zip(row).for_each(|(m, v)| *m += v / n as f32);
    }
    let centred: Vec<f32> = z.chunks_exact(width).flat_map(|row| row.iter().zip(&mean).map(|(v, m)| v - m)).collect();
    let mut covariance = vec![0f32; width * width];
    for row in centred.chunks_exact(width) {
        for (x, to) in row.iter().zip(covariance.chunks_exact_mut(width)) {
            let x = x / below;
            to.iter_mut().zip(row).for_each(|(t, y)| *t += x * y);
        }
    }
    let mut loss = Loss::default();
    // What each deviation adds to the gradient of its own number.
    let mut pull = vec![0f32; width];
    for (j, pull) in pull.iter_mut().enumerate() {
        let deviation = (covariance[j * width + j] + EPSILON).sqrt();
        if deviation < 1.0 {
            loss.variance += (1.0 - deviation) / width as f32;
            *pull = -VARIANCE / (width as f32 * below * deviation);
        }
        covariance[j * width + j] = 0.0;
    }
    loss.covariance = covariance.iter().map(|c| c * c).sum::<f32>() / width as f32;
    let factor = COVARIANCE * 4.0 / (width as f32 * below);
    let gradient = centred
        .chunks_exact(width)
        .flat_map(|row| {
            let (covariance, pull) = (&covariance, &pull);
            (0..width).map(move |j| pull[j] * row[j] + factor * dot(&covariance[j * width..][..width], row))
        })
        .collect();
    (loss, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::random::Random;

    /// Pairs that agree in the first half of their numbers and not in the second.
    fn pairs(n: usize, dim: usize) -> Vec<f32> {
        let mut random = Random::new(9);
        (0..n)
            .flat_map(|_| {
                let kept: Vec<f32> = (0..dim / 2).map(|_| random.normal() as f32).collect();
                let mut view = || {
                    let noise: Vec<f32> = (0..dim - dim / 2).map(|_| random.normal() as f32).collect();
                    [kept.clone(), noise].concat()
                };
                [view(), view()].concat()
            })
            .collect()
    }

    #[test]
    fn what_changes_is_unlearned() {
        let mut vicreg = Vicreg::new(&pairs(200, 8), 8).unwrap();
        vicreg.step();
        let first = vicreg.loss;
        while !vicreg.step() {}
        let last = vicreg.loss;
        assert!(last.total() < 0.8 * first.total(), "{first:?} to {last:?}");
        assert!(last.invariance < 0.7 * first.invariance && last.variance < 0.5, "{first:?} to {last:?}");
        // What stays the same weighs more than what does not.
        let weights = &vicreg.projection.weights;
        let mass = |range: std::ops::Range<usize>| {
            weights.chunks_exact(8).map(|w| w[range.clone()].iter().map(|x| x * x).sum::<f32>()).sum::<f32>()
        };
        assert!(mass(0..4) > 2.0 * mass(4..8), "{} and {}", mass(0..4), mass(4..8));
        assert_eq!(vicreg.projection().apply(&[0.5; 16]).len(), 2 * vicreg.projection.width);
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let mut random = Random::new(4);
        let (n, dim, width) = (12, 6, 4);
        let mut rows = || (0..n * dim).map(|_| random.normal() as f32).collect::<Vec<_>>();
        let views = [rows(), rows()];
        // Small enough that the variance term is at work.
        let weights: Vec<f32> = (0..width * dim).map(|_| 0.25 * random.normal() as f32).collect();
        let (loss, gradient) = objective(&weights, &views, dim, width);
        assert!(loss.variance > 0.0 && loss.covariance > 0.0 && loss.invariance > 0.0);
        for (which, expected) in gradient.iter().enumerate() {
            let at = |delta: f32| {
                let mut moved = weights.clone();
                moved[which] += delta;
                objective(&moved, &views, dim, width).0.total()
            };
            let slope = (at(3e-3) - at(-3e-3)) / 6e-3;
            assert!((slope - expected).abs() < 0.02 * (1.0 + slope.abs()), "{slope} and {expected}");
        }
    }

    #[test]
    fn too_little_is_refused_and_equal_views_are_no_panic() {
        assert!(Vicreg::new(&[1.0; 12], 2).is_err());
        assert!(Vicreg::new(&[f32::INFINITY; 16], 2).is_err());
        let mut same = Vicreg::new(&[1.0; 32], 4).unwrap();
        while !same.step() {}
        assert!(same.projection().apply(&[1.0; 4]).iter().all(|v| v.is_finite()));
    }
}
