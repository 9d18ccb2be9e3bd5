//! Softmax regression with L2: the multinomial logistic model.

use super::lbfgs::Lbfgs;

/// Turns logits into probabilities, safely for large values.
pub fn softmax(logits: &mut [f32]) {
    log_sum_exp(logits);
    let sum: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|v| *v /= sum);
}

/// Replaces each logit by `exp(logit - max)` and returns `ln(sum(exp(logits)))`.
fn log_sum_exp(logits: &mut [f32]) -> f64 {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits.iter_mut().for_each(|v| *v = (*v - max).exp());
    f64::from(max) + f64::from(logits.iter().sum::<f32>()).ln()
}

/// Standardised rows and their labels.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// `[n, dim]` row-major.
    pub z: &'a [f32],
    /// `[n]`, each below `classes`.
    pub labels: &'a [u32],
    pub dim: usize,
    pub classes: usize,
}

/// A fit in progress. Minimises `mean(-ln p(label)) + lambda / 2 * |weights|^2`; the bias is
/// not penalised. (scikit-learn's `LogisticRegression(C = 1 / (lambda * n))`.)
pub struct Fit {
    lbfgs: Lbfgs,
    lambda: f32,
    iterations: usize,
}

/// Iterations after which a fit counts as done.
const MAX_ITERATIONS: usize = 200;

impl Fit {
    /// Starts from `parameters` (`[classes, dim]` weights, then `[classes]` bias).
    pub fn new(rows: Rows, lambda: f32, parameters: Vec<f32>, tolerance: f32) -> Self {
        let mut work = Work::new(rows);
        let lbfgs = Lbfgs::new(parameters, tolerance, |x, g| work.objective(rows, lambda, x, g));
        Self { lbfgs, lambda, iterations: 0 }
    }

    /// One iteration over all rows; true when done.
    pub fn step(&mut self, rows: Rows) -> bool {
        self.iterations += 1;
        let mut work = Work::new(rows);
        let lambda = self.lambda;
        self.lbfgs.step(|x, g| work.objective(rows, lambda, x, g)) || self.iterations >= MAX_ITERATIONS
    }

    /// `[classes, dim]` weights, then `[classes]` bias.
    pub fn parameters(&self) -> &[f32] {
        &self.lbfgs.x
    }

    pub fn into_parameters(self) -> Vec<f32> {
        self.lbfgs.x
    }
}

/// Rows taken together, so that weights and gradient pass through the registers once for
/// several rows.
const BLOCK: usize = 4;

/// Scratch space.
struct Work {
    /// `[classes, BLOCK]`.
    logits: Vec<f32>,
}

impl Work {
    fn new(rows: Rows) -> Self {
        Self { logits: vec![0.0; rows.classes * BLOCK] }
    }

    fn objective(&mut self, rows: Rows, lambda: f32, parameters: &[f32], gradient: &mut [f32]) -> f64 {
        let (weights, bias) = parameters.split_at(rows.classes * rows.dim);
        gradient.fill(0.0);
        let (weight_gradient, bias_gradient) = gradient.split_at_mut(rows.classes * rows.dim);
        let zeros = vec![0.0; rows.dim];
        let scale = 1.0 / rows.labels.len().max(1) as f32;
        let mut loss = 0.0;
        for (z, labels) in rows.z.chunks(BLOCK * rows.dim).zip(rows.labels.chunks(BLOCK)) {
            let mut block: [&[f32]; BLOCK] = [&zeros; BLOCK];
            z.chunks_exact(rows.dim).zip(&mut block).for_each(|(row, slot)| *slot = row);
            for (c, w) in weights.chunks_exact(rows.dim).enumerate() {
                let products = dot_block(w, block);
                for (i, product) in products.iter().enumerate() {
                    self.logits[i * rows.classes + c] = product + bias[c];
                }
            }
            // From here on `logits` holds the derivative of the loss by each logit.
            for (logits, &label) in self.logits.chunks_exact_mut(rows.classes).zip(labels) {
                let right = logits[label as usize];
                loss += log_sum_exp(logits) - f64::from(right);
                let sum: f32 = logits.iter().sum();
                logits.iter_mut().for_each(|p| *p *= scale / sum);
                logits[label as usize] -= scale;
            }
            self.logits[labels.len() * rows.classes..].fill(0.0);
            for (c, g) in weight_gradient.chunks_exact_mut(rows.dim).enumerate() {
                let factors = std::array::from_fn(|i| self.logits[i * rows.classes + c]);
                add_block(g, factors, block);
                bias_gradient[c] += factors.iter().sum::<f32>();
            }
        }
        let mut squares = 0.0;
        for (g, w) in weight_gradient.iter_mut().zip(weights) {
            *g += lambda * w;
            squares += f64::from(w * w);
        }
        loss * f64::from(scale) + 0.5 * f64::from(lambda) * squares
    }
}

/// Products of one weight row with each row of the block. Sums in four lanes, the same on
/// every target.
fn dot_block(w: &[f32], block: [&[f32]; BLOCK]) -> [f32; BLOCK] {
    let mut sums = [[0f32; 4]; BLOCK];
    let (w4, w_rest) = w.as_chunks::<4>();
    let rows = block.map(|row| row.as_chunks::<4>());
    for (at, w) in w4.iter().enumerate() {
        for (sum, (row, _)) in sums.iter_mut().zip(&rows) {
            let x = &row[at];
            for lane in 0..4 {
                sum[lane] += w[lane] * x[lane];
            }
        }
    }
    std::array::from_fn(|i| {
        let rest: f32 = w_rest.iter().zip(rows[i].1).map(|(w, x)| w * x).sum();
        sums[i].iter().sum::<f32>() + rest
    })
}

/// `to += sum of factor * row`.
fn add_block(to: &mut [f32], factors: [f32; BLOCK], block: [&[f32]; BLOCK]) {
    let n = to.len();
    let [a, b, c, d] = block.map(|row| &row[..n]);
    for i in 0..n {
        to[i] += factors[0] * a[i] + factors[1] * b[i] + factors[2] * c[i] + factors[3] * d[i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fit(rows: Rows, lambda: f32) -> Vec<f32> {
        let mut fit = Fit::new(rows, lambda, vec![0.0; rows.classes * (rows.dim + 1)], 1e-6);
        while !fit.step(rows) {}
        fit.into_parameters()
    }

    #[test]
    fn one_dimension_has_the_textbook_answer() {
        // Two classes at -1 and +1: by symmetry w = (-a, a), and the optimum satisfies
        // sigmoid(-2a) = lambda * a.
        let rows = Rows { z: &[-1.0, 1.0, -1.0, 1.0], labels: &[0, 1, 0, 1], dim: 1, classes: 2 };
        let p = fit(rows, 0.1);
        let a = p[1];
        assert!((p[0] + a).abs() < 1e-4);
        assert!((1.0 / (1.0 + (2.0 * a).exp()) - 0.1 * a).abs() < 1e-4, "{p:?}");
    }

    proptest! {
        #[test]
        fn the_gradient_is_the_slope(
            z in prop::collection::vec(-2.0f32..2.0, 7 * 5),
            labels in prop::collection::vec(0u32..3, 7),
            parameters in prop::collection::vec(-1.0f32..1.0, 3 * 6),
            which in 0usize..18,
        ) {
            let rows = Rows { z: &z, labels: &labels, dim: 5, classes: 3 };
            let mut work = Work::new(rows);
            let mut gradient = vec![0.0; 18];
            work.objective(rows, 0.2, &parameters, &mut gradient);
            let mut at = |delta: f32| {
                let mut moved = parameters.clone();
                moved[which] += delta;
                work.objective(rows, 0.2, &moved, &mut [0.0; 18])
            };
            let slope = (at(1e-2) - at(-1e-2)) / 2e-2;
            prop_assert!((slope - f64::from(gradient[which])).abs() < 2e-3);
        }

        #[test]
        fn probabilities_sum_to_one(mut logits in prop::collection::vec(-1e4f32..1e4, 1..20)) {
            softmax(&mut logits);
            prop_assert!((logits.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }
}
