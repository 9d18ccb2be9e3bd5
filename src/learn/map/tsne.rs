//! t-SNE (van der Maaten and Hinton 2008), exact: every pair counts, which is quick enough for the few hundred
//! pictures a person brings.
//!
//! Around every picture a Gaussian is fitted whose number of effective neighbours is the perplexity; on the
//! plane neighbourhood falls as Student's t with one degree of freedom, and gradient descent with momentum and
//! gains makes the one agree with the other (least Kullback-Leibler divergence). The start is the first two
//! principal components (Kobak and Berens 2019), so that the large-scale layout means something and the same
//! pictures give the same map.

/// Effective neighbours, unless there are too few pictures.
const PERPLEXITY: f64 = 30.0;
/// Attraction is exaggerated at first, so that clusters form before they are pushed apart.
const EXAGGERATION: (f32, usize) = (12.0, 250);
/// Gradient steps.
pub const ITERATIONS: usize = 750;
/// Most pictures: beyond, every pair is too many.
pub const MOST: usize = 1500;
/// Halvings of the search for a Gaussian's width.
const HALVINGS: usize = 60;

pub struct Tsne {
    n: usize,
    /// `[n, n]`: neighbourhood in the embedding, symmetric, sums to 1.
    p: Vec<f32>,
    /// `[n, 2]`.
    at: Vec<f32>,
    velocity: Vec<f32>,
    gains: Vec<f32>,
    iteration: usize,
    /// Kullback-Leibler divergence, nats, at the last step.
    pub divergence: f64,
}

impl Tsne {
    /// Rows `[n, dim]`, at most [`MOST`] of them, starting from `start` `[n, 2]` at any scale.
    ///
    /// # Errors
    /// A sentence: too many or too few pictures, or numbers that do not fit together.
    pub fn new(rows: &[f32], dim: usize, start: &[f32]) -> Result<Self, String> {
        let n = rows.len() / dim.max(1);
        if n < 4 {
            return Err("A map needs at least four pictures.".into());
        }
        if n > MOST {
            return Err(format!("A map can hold {MOST} pictures."));
        }
        if n * dim != rows.len() || start.len() != 2 * n || rows.iter().chain(start).any(|v| !v.is_finite()) {
            return Err("The pictures and their places do not fit together.".into());
        }
        let p = neighbourhood(rows, dim, PERPLEXITY.min((n - 1) as f64 / 3.0));
        let spread = (start.iter().step_by(2).map(|x| f64::from(*x).powi(2)).sum::<f64>() / n as f64).sqrt();
        let scale = if spread > 0.0 { (1e-4 / spread) as f32 } else { 0.0 };
        // Equal pictures start a hair apart, or nothing could part them.
        let at = start.iter().enumerate().map(|(i, x)| x * scale + 1e-6 * (i % 17) as f32).collect();
        Ok(Self { n, p, at, velocity: vec![0.0; 2 * n], gains: vec![1.0; 2 * n], iteration: 0, divergence: f64::NAN })
    }

    /// One gradient step; true when there are no more to take.
    pub fn step(&mut self) -> bool {
        if self.iteration >= ITERATIONS {
            return true;
        }
        let early = self.iteration < EXAGGERATION.1;
        let exaggeration = if early { EXAGGERATION.0 } else { 1.0 };
        let gradient = self.gradient(exaggeration);
        let momentum = if early { 0.5 } else { 0.8 };
        // Belkina et al. 2019: the rate grows with the number of pictures.
        let rate = (self.n as f32 / EXAGGERATION.0 / 4.0).max(50.0);
        for (((at, velocity), gain), g) in
            self.at.iter_mut().zip(&mut self.velocity).zip(&mut self.gains).zip(&gradient)
        {
            *gain = if (*g > 0.0) == (*velocity > 0.0) { (*gain * 0.8).max(0.01) } else { *gain + 0.2 };
            *velocity = momentum * *velocity - rate * *gain * g;
            *at += *velocity;
        }
        let mean = |axis: usize| self.at.iter().skip(axis).step_by(2).sum::<f32>() / self.n as f32;
        let middle = [mean(0), mean(1)];
        self.at.iter_mut().enumerate().for_each(|(i, x)| *x -= middle[i % 2]);
        self.iteration += 1;
        self.iteration >= ITERATIONS
    }

    /// Gradient of the divergence by every place; remembers the divergence.
    fn gradient(&mut self, exaggeration: f32) -> Vec<f32> {
        let n = self.n;
        let (xs, ys): (Vec<f32>, Vec<f32>) = self.at.chunks_exact(2).map(|p| (p[0], p[1])).unzip();
        // Student's t without its normalisation, a row at a time: kept for the second pass.
        let mut q = vec![0f32; n * n];
        let mut sum = 0f64;
        for (i, row) in q.chunks_exact_mut(n).enumerate() {
            let (x, y) = (xs[i], ys[i]);
            for ((q, xj), yj) in row.iter_mut().zip(&xs).zip(&ys) {
                let (dx, dy) = (x - xj, y - yj);
                *q = 1.0 / (1.0 + dx * dx + dy * dy);
            }
            row[i] = 0.0;
            sum += f64::from(row.iter().sum::<f32>());
        }
        let scale = (1.0 / sum) as f32;
        let mut gradient = vec![0f32; 2 * n];
        for (i, (row, p)) in q.chunks_exact(n).zip(self.p.chunks_exact(n)).enumerate() {
            let (x, y) = (xs[i], ys[i]);
            let (mut gx, mut gy) = (0f32, 0f32);
            for (((q, p), xj), yj) in row.iter().zip(p).zip(&xs).zip(&ys) {
                let force = (exaggeration * p - q * scale) * q;
                gx += force * (x - xj);
                gy += force * (y - yj);
            }
            gradient[2 * i] = 4.0 * gx;
            gradient[2 * i + 1] = 4.0 * gy;
        }
        if self.iteration.is_multiple_of(50) || self.iteration + 1 == ITERATIONS {
            let mut divergence = 0f64;
            for (p, q) in self.p.iter().zip(&q).filter(|(p, _)| **p > 0.0) {
                divergence += f64::from(*p) * libm::log(f64::from(*p) / f64::from((q * scale).max(1e-30)));
            }
            self.divergence = divergence;
        }
        gradient
    }

    /// `[n, 2]`.
    pub fn places(&self) -> &[f32] {
        &self.at
    }

    /// Share of the steps taken.
    pub fn share(&self) -> f32 {
        self.iteration as f32 / ITERATIONS as f32
    }
}

/// Joint probabilities `[n, n]`: the conditional ones at a perplexity, made symmetric.
fn neighbourhood(rows: &[f32], dim: usize, perplexity: f64) -> Vec<f32> {
    let n = rows.len() / dim;
    let row = |i: usize| &rows[i * dim..][..dim];
    let mut distances = vec![0f64; n * n];
    for i in 0..n {
        for j in 0..i {
            let d = row(i).iter().zip(row(j)).map(|(a, b)| f64::from(a - b).powi(2)).sum();
            (distances[i * n + j], distances[j * n + i]) = (d, d);
        }
    }
    let mut p = vec![0f32; n * n];
    let target = libm::log(perplexity);
    for i in 0..n {
        let conditional = gaussian(&distances[i * n..][..n], i, target);
        for (j, value) in conditional.into_iter().enumerate() {
            let share = (value / (2 * n) as f64) as f32;
            p[i * n + j] += share;
            p[j * n + i] += share;
        }
    }
    p
}

/// The Gaussian around picture `own` whose entropy is `target` nats, by bisection of its precision: `[n]`, sums to
/// 1, 0 for itself.
fn gaussian(distances: &[f64], own: usize, target: f64) -> Vec<f64> {
    let nearest =
        distances.iter().enumerate().filter(|(j, _)| *j != own).map(|(_, d)| *d).fold(f64::INFINITY, f64::min);
    let (mut precision, mut low, mut high) = (1.0, 0.0, f64::INFINITY);
    let mut p = vec![0.0; distances.len()];
    for _ in 0..HALVINGS {
        let (mut sum, mut weighted) = (0.0, 0.0);
        for (j, (p, d)) in p.iter_mut().zip(distances).enumerate() {
            // From the nearest on, so that something is left however far away all are.
            *p = if j == own { 0.0 } else { libm::exp(-precision * (d - nearest)) };
            sum += *p;
            weighted += *p * (d - nearest);
        }
        p.iter_mut().for_each(|v| *v /= sum);
        let entropy = libm::log(sum) + precision * weighted / sum;
        if (entropy - target).abs() < 1e-7 {
            break;
        }
        if entropy > target {
            low = precision
        } else {
            high = precision
        }
        precision = if high.is_finite() { (low + high) / 2.0 } else { precision * 2.0 };
    }
    p
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::map::pca::Pca;
    use crate::learn::random::Random;

    fn blobs(each: usize, dim: usize) -> Vec<f32> {
        let mut random = Random::new(5);
        (0..2 * each)
            .flat_map(|i| {
                (0..dim).map(|_| (random.normal() + if i < each { 0.0 } else { 4.0 }) as f32).collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn two_blobs_come_apart() {
        let rows = blobs(40, 10);
        let start = Pca::fit(&rows, 10, 2).scores;
        let mut tsne = Tsne::new(&rows, 10, &start).unwrap();
        while !tsne.step() {}
        let places = tsne.places();
        let distance =
            |i: usize, j: usize| (places[2 * i] - places[2 * j]).hypot(places[2 * i + 1] - places[2 * j + 1]);
        // Everyone's five nearest are of the own blob.
        for i in 0..80 {
            let mut others: Vec<usize> = (0..80).filter(|j| *j != i).collect();
            others.sort_by(|a, b| distance(i, *a).total_cmp(&distance(i, *b)));
            assert!(others[..5].iter().all(|j| (*j < 40) == (i < 40)));
        }
        assert!(tsne.divergence > 0.0 && tsne.divergence < 1.0, "{}", tsne.divergence);
        assert!((tsne.share() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn neighbourhoods_have_the_perplexity_asked_for() {
        let rows = blobs(30, 5);
        let distances: Vec<f64> =
            (0..60).map(|j| (0..5).map(|d| f64::from(rows[d] - rows[j * 5 + d]).powi(2)).sum()).collect();
        let p = gaussian(&distances, 0, libm::log(12.0));
        let entropy: f64 = p.iter().filter(|v| **v > 0.0).map(|v| -v * v.ln()).sum();
        assert!((entropy.exp() - 12.0).abs() < 1e-3);
        let all: f64 = neighbourhood(&rows, 5, 12.0).iter().map(|v| f64::from(*v)).sum();
        assert!((all - 1.0).abs() < 1e-4);
    }

    #[test]
    fn the_gradient_is_the_slope_of_the_divergence() {
        let rows = blobs(4, 3);
        let start: Vec<f32> = (0..16).map(|i| (i * 7 % 5) as f32).collect();
        let mut tsne = Tsne::new(&rows, 3, &start).unwrap();
        tsne.at = start;
        let gradient = tsne.gradient(1.0);
        for (which, expected) in gradient.into_iter().enumerate() {
            let mut at = |delta: f32| {
                tsne.at[which] += delta;
                tsne.gradient(1.0);
                tsne.at[which] -= delta;
                tsne.divergence
            };
            let slope = (at(1e-2) - at(-1e-2)) / 2e-2;
            assert!((slope - f64::from(expected)).abs() < 2e-4, "{slope} and {expected}");
        }
    }

    #[test]
    fn equal_pictures_and_bad_numbers_end_well() {
        let mut same = Tsne::new(&[1.0; 40], 4, &[0.0; 20]).unwrap();
        while !same.step() {}
        assert!(same.places().iter().all(|v| v.is_finite()));
        assert!(Tsne::new(&[1.0; 8], 4, &[0.0; 4]).is_err());
        assert!(Tsne::new(&[f32::NAN; 40], 4, &[0.0; 20]).is_err());
        assert!(Tsne::new(&[1.0; 40], 4, &[0.0; 18]).is_err());
    }
}
