//! Labels spread along a graph of neighbours: "Learning with local and global consistency" (Zhou et al. 2004).
//!
//! Every picture is joined to its nearest neighbours with weight `max(cosine, 0)^3` (Iscen et al. 2019), in both
//! directions. With `S = D^-1/2 W D^-1/2`, the iteration `F <- alpha S F + (1 - alpha) Y` converges to what every
//! picture hears of every class, its own label (Y) and its neighbours' in turn.

use crate::learn::map::neighbours::nearest;

/// Neighbours of every picture.
pub const NEIGHBOURS: usize = 10;
/// Share that comes from the neighbours; the rest is the own label.
pub const ALPHA: f32 = 0.9;
/// Iterations at most, and the change at which they end.
const ITERATIONS: usize = 300;
const STILL: f32 = 1e-6;

/// A symmetric graph with weights, a list of `(neighbour, weight)` for every picture.
pub struct Graph(Vec<Vec<(usize, f32)>>);

impl Graph {
    /// Joins each of the unit rows `[n, dim]` to its `k` nearest.
    pub fn of(unit: &[f32], dim: usize, k: usize) -> Self {
        let n = unit.len() / dim.max(1);
        let mut weights: Vec<std::collections::BTreeMap<usize, f32>> = vec![std::collections::BTreeMap::new(); n];
        for i in 0..n {
            for (j, cosine) in nearest(unit, dim, i, k, |_| true) {
                // A trace of weight, so that nobody is cut off.
                let weight = cosine.max(0.01).powi(3);
                *weights[i].entry(j).or_default() += weight;
                *weights[j].entry(i).or_default() += weight;
            }
        }
        Self(weights.into_iter().map(|w| w.into_iter().collect()).collect())
    }

    /// From weights `[n, n]`, symmetric, 0 where there is no edge.
    pub fn dense(weights: &[f32], n: usize) -> Self {
        let row = |row: &[f32]| row.iter().copied().enumerate().filter(|(_, w)| *w > 0.0).collect();
        Self(weights.chunks_exact(n.max(1)).map(row).collect())
    }

    /// Spreads labels (`None`: unknown) for `classes` classes; what every picture hears of every class,
    /// `[n, classes]`, each row summing to 1, or 0 where nothing arrives.
    pub fn spread(&self, labels: &[Option<u32>], classes: usize, alpha: f32) -> Vec<f32> {
        let degree: Vec<f32> =
            self.0.iter().map(|edges| edges.iter().map(|(_, w)| w).sum::<f32>().max(f32::MIN_POSITIVE)).collect();
        let mut own = vec![0f32; labels.len() * classes];
        for (i, label) in labels.iter().enumerate() {
            if let Some(label) = label {
                own[i * classes + *label as usize] = 1.0;
            }
        }
        let mut heard = own.clone();
        for _ in 0..ITERATIONS {
            let mut next: Vec<f32> = own.iter().map(|y| (1.0 - alpha) * y).collect();
            for (i, (edges, to)) in self.0.iter().zip(next.chunks_exact_mut(classes)).enumerate() {
                for (j, weight) in edges {
                    let share = alpha * weight / (degree[i] * degree[*j]).sqrt();
                    to.iter_mut().zip(&heard[j * classes..][..classes]).for_each(|(t, f)| *t += share * f);
                }
            }
            let change = next.iter().zip(&heard).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            heard = next;
            if change < STILL {
                break;
            }
        }
        for row in heard.chunks_exact_mut(classes) {
            let sum: f32 = row.iter().sum();
            if sum > 0.0 {
                row.iter_mut().for_each(|v| *v /= sum);
            }
        }
        heard
    }
}

/// How sure a row of shares is: one minus its entropy over the largest possible, 0..=1; 0 where nothing arrived.
pub fn certainty(shares: &[f32]) -> f32 {
    if shares.iter().sum::<f32>() <= 0.0 {
        return 0.0;
    }
    let entropy: f32 = shares.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
    (1.0 - entropy / (shares.len().max(2) as f32).ln()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::head::argmax;
    use crate::learn::random::Random;
    use proptest::prelude::*;

    /// Two interleaved half circles; the first of each class is labelled.
    fn moons(each: usize) -> (Vec<[f32; 2]>, Vec<u32>) {
        let mut random = Random::new(3);
        (0..2 * each)
            .map(|i| {
                let (class, t) = ((i % 2) as u32, std::f64::consts::PI * (i / 2) as f64 / (each - 1) as f64);
                let noise = [0.06 * random.normal(), 0.06 * random.normal()];
                let (x, y) = if class == 0 { (t.cos(), t.sin()) } else { (1.0 - t.cos(), 0.5 - t.sin()) };
                ([(x + noise[0]) as f32, (y + noise[1]) as f32], class)
            })
            .unzip()
    }

    #[test]
    fn one_label_of_each_is_enough_for_two_moons() {
        let (points, classes) = moons(100);
        // Joined by distance: on a plane, cosines say nothing.
        let n = points.len();
        let distance = |i: usize, j: usize| (points[i][0] - points[j][0]).hypot(points[i][1] - points[j][1]);
        let mut weights = vec![0f32; n * n];
        for i in 0..n {
            let mut others: Vec<usize> = (0..n).filter(|j| *j != i).collect();
            others.sort_by(|a, b| distance(i, *a).total_cmp(&distance(i, *b)));
            for j in &others[..6] {
                (weights[i * n + j], weights[j * n + i]) = (1.0, 1.0);
            }
        }
        let labels: Vec<_> = (0..n).map(|i| (i / 2 == 50).then_some(classes[i])).collect();
        let heard = Graph::dense(&weights, n).spread(&labels, 2, 0.99);
        let right = heard.chunks_exact(2).zip(&classes).filter(|(h, c)| argmax(h) == **c as usize).count();
        assert!(right >= 196, "{right} of {n}");
    }

    #[test]
    fn certainty_runs_from_even_to_sure() {
        assert_eq!((certainty(&[0.0, 0.0]), certainty(&[1.0, 0.0])), (0.0, 1.0));
        assert!(certainty(&[0.5, 0.5]) < 1e-6 && certainty(&[0.8, 0.2]) > 0.2);
    }

    proptest! {
        #[test]
        fn shares_sum_to_one_and_labels_are_kept(values in prop::collection::vec(-2f32..2.0, 60), labelled in 1usize..9) {
            let unit = crate::learn::map::neighbours::unit_rows(&values, 3);
            let labels: Vec<_> = (0..20).map(|i| (i < labelled).then_some(i as u32 % 3)).collect();
            let heard = Graph::of(&unit, 3, 5).spread(&labels, 3, 0.5);
            for (row, label) in heard.chunks_exact(3).zip(&labels) {
                let sum: f32 = row.iter().sum();
                prop_assert!(sum == 0.0 || (sum - 1.0).abs() < 1e-4);
                if let Some(label) = label {
                    prop_assert!(row[*label as usize] > 0.3);
                }
            }
        }
    }
}
