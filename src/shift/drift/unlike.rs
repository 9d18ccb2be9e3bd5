//! Which pictures are least like the lab, and how unusual each would be there.

use super::spread::{moments, shrunk_covariance};
use super::{Refusal, Sample, cholesky, comparable, square_distance};

/// How far a picture is from the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Mahalanobis distance to the lab's mean under its shrunk covariance (Lee et al. 2018 use
    /// it per class): in deviations, away from the lab as a whole.
    Mahalanobis,
    /// Distance to the k-th nearest lab picture (Sun et al. 2022), k at least 1: away from every
    /// single one. A lab picture is not its own neighbour.
    Nearest(usize),
}

/// How one field picture compares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unlike {
    /// Its place in the field sample.
    pub picture: usize,
    /// In the measure's own unit; larger is less alike.
    pub distance: f64,
    /// Share of lab pictures at least as far out, with the picture itself counted among them, in
    /// (0, 1]: a conformal p-value (Vovk et al. 2005). For [`Measure::Mahalanobis`] a little too
    /// small, because lab pictures helped to make the measure that judges them.
    pub p_value: f64,
}

/// All field pictures, the least like the lab first.
///
/// # Errors
/// [`comparable`], with more than k pictures in the lab; one field picture is enough, and field
/// pictures may be copies. [`Refusal::Setting`] for k = 0.
pub fn rank(lab: &Sample, field: &Sample, measure: Measure) -> Result<Vec<Unlike>, Refusal> {
    let need = match measure {
        Measure::Mahalanobis => 2,
        Measure::Nearest(0) => {
            return Err(Refusal::Setting { what: "The nearest neighbour is number 1, not 0.".into() });
        }
        Measure::Nearest(k) => k + 1,
    };
    comparable(lab, lab, need)?;
    if lab.dim() != field.dim() {
        return Err(Refusal::DifferentLengths { lab: lab.dim(), field: field.dim() });
    }
    let (mut of_lab, of_field) = match measure {
        Measure::Mahalanobis => {
            let gauss = Gauss::new(lab);
            let of = |sample: &Sample| sample.rows().map(|row| gauss.distance(row)).collect::<Vec<_>>();
            (of(lab), of(field))
        }
        Measure::Nearest(k) => {
            let own = (0..lab.count()).map(|i| nearest(lab, lab.row(i), k, Some(i))).collect();
            (own, field.rows().map(|row| nearest(lab, row, k, None)).collect())
        }
    };
    of_lab.sort_unstable_by(f64::total_cmp);
    let mut ranked: Vec<Unlike> = of_field
        .into_iter()
        .enumerate()
        .map(|(picture, distance)| {
            let farther = of_lab.len() - of_lab.partition_point(|d| *d < distance);
            Unlike { picture, distance, p_value: (farther + 1) as f64 / (of_lab.len() + 1) as f64 }
        })
        .collect();
    ranked.sort_by(|a, b| b.distance.total_cmp(&a.distance));
    Ok(ranked)
}

fn nearest(lab: &Sample, row: &[f32], k: usize, own: Option<usize>) -> f64 {
    let mut squares: Vec<f64> =
        (0..lab.count()).filter(|i| Some(*i) != own).map(|i| square_distance(lab.row(i), row)).collect();
    squares.select_nth_unstable_by(k - 1, f64::total_cmp).1.sqrt()
}

/// A normal distribution around the lab's mean.
struct Gauss {
    mean: Vec<f64>,
    /// Lower triangle `[dim, dim]` whose product with its transpose is the covariance.
    root: Vec<f64>,
}

impl Gauss {
    fn new(lab: &Sample) -> Self {
        let root = cholesky::root(shrunk_covariance(lab), lab.dim());
        Self { mean: moments(lab).0, root }
    }

    /// Solves for the whitened row by substitution; its length is the distance.
    fn distance(&self, row: &[f32]) -> f64 {
        let mut white: Vec<f64> = row.iter().zip(&self.mean).map(|(x, m)| f64::from(*x) - m).collect();
        cholesky::forward(&self.root, &mut white);
        white.iter().map(|w| w * w).sum::<f64>().sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::normal;
    use super::super::{FEWEST, Side};
    use super::*;
    use proptest::prelude::*;

    const BOTH: [Measure; 2] = [Measure::Mahalanobis, Measure::Nearest(3)];

    #[test]
    fn the_odd_one_comes_first() {
        let mut values = normal(20, 4, 0.0, 2).values().to_vec();
        values[7 * 4..8 * 4].fill(9.0);
        let field = Sample::new(values, 4).unwrap();
        for measure in BOTH {
            let ranked = rank(&normal(99, 4, 0.0, 1), &field, measure).unwrap();
            assert_eq!((ranked[0].picture, ranked[0].p_value), (7, 0.01));
            assert!(ranked.is_sorted_by(|a, b| a.distance >= b.distance) && ranked.len() == 20);
        }
    }

    #[test]
    fn mahalanobis_counts_deviations() {
        // Deviations 3 and 1: three along the wide axis is as far as one along the narrow one.
        let mut values = normal(20_000, 2, 0.0, 1).values().to_vec();
        values.chunks_exact_mut(2).for_each(|row| row[0] *= 3.0);
        let lab = Sample::new(values, 2).unwrap();
        let ranked = rank(&lab, &Sample::new(vec![3.0, 0.0, 0.0, 1.0], 2).unwrap(), Measure::Mahalanobis).unwrap();
        assert!(ranked.iter().all(|u| (u.distance - 1.0).abs() < 0.05), "{ranked:?}");
    }

    #[test]
    fn field_pictures_from_the_lab_are_unusual_one_time_in_twenty() {
        let (lab, field) = (normal(400, 6, 0.0, 1), normal(1000, 6, 0.0, 2));
        for measure in BOTH {
            let ranked = rank(&lab, &field, measure).unwrap();
            let share = ranked.iter().filter(|u| u.p_value <= 0.05).count() as f64 / 1000.0;
            assert!((0.025..=0.09).contains(&share), "{measure:?} {share}");
        }
    }

    #[test]
    fn bad_samples_are_refused() {
        let lab = normal(FEWEST, 2, 0.0, 1);
        assert!(matches!(rank(&lab, &lab, Measure::Nearest(0)), Err(Refusal::Setting { .. })));
        let refused = rank(&lab, &lab, Measure::Nearest(5)).unwrap_err();
        assert_eq!(refused, Refusal::TooFew { side: Side::Lab, have: 5, need: 6 });
        let flat = Sample::new(vec![1.0; 10], 2).unwrap();
        assert_eq!(rank(&flat, &lab, Measure::Mahalanobis), Err(Refusal::Identical { side: Side::Lab }));
        assert_eq!(rank(&lab, &flat, Measure::Mahalanobis).unwrap().len(), 5);
        assert!(rank(&lab, &normal(3, 4, 0.0, 1), Measure::Nearest(1)).is_err());
    }

    proptest! {
        #[test]
        fn every_picture_is_ranked_once(n in 1usize..20, few in 2usize..9, seed: u64) {
            // Fewer lab pictures than dimensions: shrinkage keeps the distances finite.
            let ranked = rank(&normal(few, 12, 0.0, seed), &normal(n, 12, 1.0, seed ^ 5), Measure::Mahalanobis).unwrap();
            let mut pictures: Vec<usize> = ranked.iter().map(|u| u.picture).collect();
            pictures.sort_unstable();
            prop_assert_eq!(pictures, (0..n).collect::<Vec<_>>());
            prop_assert!(ranked.iter().all(|u| u.distance.is_finite() && u.p_value > 0.0 && u.p_value <= 1.0));
        }
    }
}
