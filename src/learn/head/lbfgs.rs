//! Limited-memory BFGS (Nocedal 1980; Nocedal and Wright 2006, algorithms 7.4 and 3.1),
//! one iteration at a time, so that the caller can report progress and stop.

use super::dot;
use std::collections::VecDeque;

/// Curvature pairs remembered.
const MEMORY: usize = 8;
/// Fraction of the predicted decrease a step must reach (Armijo).
const SUFFICIENT: f64 = 1e-4;

pub struct Lbfgs {
    pub x: Vec<f32>,
    gradient: Vec<f32>,
    value: f64,
    /// (change of x, change of gradient, 1 / their product), oldest first.
    pairs: VecDeque<(Vec<f32>, Vec<f32>, f32)>,
    tolerance: f32,
}

impl Lbfgs {
    /// Starts at `x`. `objective(x, gradient)` writes the gradient and returns the value.
    /// Converged when no entry of the gradient exceeds `tolerance`.
    pub fn new(x: Vec<f32>, tolerance: f32, mut objective: impl FnMut(&[f32], &mut [f32]) -> f64) -> Self {
        let mut gradient = vec![0.0; x.len()];
        let value = objective(&x, &mut gradient);
        Self { x, gradient, value, pairs: VecDeque::new(), tolerance }
    }

    /// One iteration; true once converged, or when no further decrease can be found.
    pub fn step(&mut self, mut objective: impl FnMut(&[f32], &mut [f32]) -> f64) -> bool {
        if self.gradient.iter().all(|g| g.abs() <= self.tolerance) {
            return true;
        }
        let mut direction = self.direction();
        let mut slope = f64::from(dot(&direction, &self.gradient));
        if slope >= 0.0 {
            // Rounding spoilt the curvature: start again from the gradient.
            self.pairs.clear();
            direction = self.direction();
            slope = f64::from(dot(&direction, &self.gradient));
        }
        let mut next = vec![0.0; self.x.len()];
        let mut gradient = vec![0.0; self.x.len()];
        let mut length = 1.0f32;
        for _ in 0..25 {
            for ((n, x), d) in next.iter_mut().zip(&self.x).zip(&direction) {
                *n = x + length * d;
            }
            let value = objective(&next, &mut gradient);
            if value <= self.value + SUFFICIENT * f64::from(length) * slope {
                let small = self.value - value <= 1e-9 * self.value.abs();
                self.accept(next, gradient, value);
                return small;
            }
            length *= 0.5;
        }
        true
    }

    fn accept(&mut self, next: Vec<f32>, gradient: Vec<f32>, value: f64) {
        let s: Vec<f32> = next.iter().zip(&self.x).map(|(a, b)| a - b).collect();
        let y: Vec<f32> = gradient.iter().zip(&self.gradient).map(|(a, b)| a - b).collect();
        let curvature = dot(&s, &y);
        if curvature > 1e-10 * dot(&y, &y) {
            if self.pairs.len() == MEMORY {
                self.pairs.pop_front();
            }
            self.pairs.push_back((s, y, 1.0 / curvature));
        }
        (self.x, self.gradient, self.value) = (next, gradient, value);
    }

    /// The two-loop recursion: minus the approximate inverse Hessian times the gradient.
    fn direction(&self) -> Vec<f32> {
        let mut q = self.gradient.clone();
        let mut alphas = Vec::with_capacity(self.pairs.len());
        for (s, y, rho) in self.pairs.iter().rev() {
            let alpha = rho * dot(s, &q);
            add_scaled(&mut q, -alpha, y);
            alphas.push(alpha);
        }
        // Without curvature, a step of at most unit length.
        let scale = match self.pairs.back() {
            Some((_, y, rho)) => 1.0 / (rho * dot(y, y)),
            None => 1.0 / dot(&q, &q).sqrt().max(1.0),
        };
        q.iter_mut().for_each(|v| *v *= scale);
        for ((s, y, rho), alpha) in self.pairs.iter().zip(alphas.into_iter().rev()) {
            let beta = rho * dot(y, &q);
            add_scaled(&mut q, alpha - beta, s);
        }
        q.iter_mut().for_each(|v| *v = -*v);
        q
    }
}

fn add_scaled(to: &mut [f32], scale: f32, from: &[f32]) {
    for (t, f) in to.iter_mut().zip(from) {
        *t += scale * f;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_bottom_of_rosenbrocks_valley() {
        let rosenbrock = |x: &[f32], g: &mut [f32]| {
            let (a, b) = (x[0], x[1]);
            g[0] = -2.0 * (1.0 - a) - 400.0 * a * (b - a * a);
            g[1] = 200.0 * (b - a * a);
            f64::from((1.0 - a).powi(2) + 100.0 * (b - a * a).powi(2))
        };
        let mut fit = Lbfgs::new(vec![-1.2, 1.0], 1e-4, rosenbrock);
        let iterations = (0..200).take_while(|_| !fit.step(rosenbrock)).count();
        assert!(iterations < 100, "{iterations}");
        assert!((fit.x[0] - 1.0).abs() < 1e-2 && (fit.x[1] - 1.0).abs() < 1e-2, "{:?}", fit.x);
    }
}
