//! Moves the field's embeddings to where the head, which stays as it is, expects them.

use super::eigen;
use crate::shift::drift::spread::{moments, shrunk_covariance};
use crate::shift::drift::{Refusal, Sample, comparable};

/// Deviations below this share of the largest are noise: such a dimension is moved, not
/// stretched.
const FLAT: f64 = 1e-6;

/// A map of embeddings, made once from unlabelled pictures and applied to every one that comes.
#[derive(Debug, Clone, PartialEq)]
pub enum Alignment {
    /// Lab mean + (x - field mean) * ratio, `[dim]` each.
    Scaled { from: Vec<f64>, to: Vec<f64>, ratio: Vec<f64> },
    /// Lab mean + (x - field mean) * matrix, the matrix `[dim, dim]` row-major.
    Mixed { from: Vec<f64>, to: Vec<f64>, matrix: Vec<f64> },
}

impl Alignment {
    /// Gives every dimension of the field the lab's mean and standard deviation, as adapting the
    /// statistics of a normalisation layer does (Li et al. 2016, "Revisiting Batch Normalization
    /// for Practical Domain Adaptation").
    ///
    /// # Errors
    /// [`comparable`] with two pictures a side.
    pub fn restandardise(lab: &Sample, field: &Sample) -> Result<Self, Refusal> {
        comparable(lab, field, 2)?;
        let ((to, lab_std), (from, std)) = (moments(lab), moments(field));
        let largest = std.iter().copied().fold(0.0, f64::max);
        let ratio = std.iter().zip(&lab_std).map(|(s, l)| if *s > FLAT * largest { l / s } else { 1.0 }).collect();
        Ok(Self::Scaled { from, to, ratio })
    }

    /// CORAL (Sun et al. 2016, "Return of Frustratingly Easy Domain Adaptation"), turned around
    /// so that the head stays as it is: whitens the field and re-colours it with the lab's
    /// covariance, `(x - mean) F^-1/2 L^1/2 + lab mean`, with symmetric roots. Where the paper
    /// adds the identity to both covariances, which depends on the embedding's unit, these are
    /// shrunk by as much as the number of pictures asks for ([`shrunk_covariance`]).
    ///
    /// # Errors
    /// [`comparable`] with two pictures a side.
    pub fn coral(lab: &Sample, field: &Sample) -> Result<Self, Refusal> {
        comparable(lab, field, 2)?;
        let dim = lab.dim();
        let whiten = eigen::power(&shrunk_covariance(field), dim, -0.5);
        let colour = eigen::power(&shrunk_covariance(lab), dim, 0.5);
        let matrix = eigen::product(&whiten, &colour, dim);
        Ok(Self::Mixed { from: moments(field).0, to: moments(lab).0, matrix })
    }

    /// Maps embeddings `[n, dim]`; n may be 1.
    ///
    /// # Errors
    /// [`Refusal::DifferentLengths`] for embeddings of another length than the map's.
    pub fn apply(&self, sample: &Sample) -> Result<Vec<f32>, Refusal> {
        let (Self::Scaled { from, to, .. } | Self::Mixed { from, to, .. }) = self;
        let dim = from.len();
        if sample.dim() != dim {
            return Err(Refusal::DifferentLengths { lab: dim, field: sample.dim() });
        }
        let mut moved = Vec::with_capacity(sample.values().len());
        for row in sample.rows() {
            let mut out = to.clone();
            let centred = row.iter().zip(from).map(|(x, m)| f64::from(*x) - m);
            match self {
                Self::Scaled { ratio, .. } => {
                    out.iter_mut().zip(centred.zip(ratio)).for_each(|(o, (c, r))| *o += c * r);
                }
                Self::Mixed { matrix, .. } => {
                    for (c, weights) in centred.zip(matrix.chunks_exact(dim)) {
                        out.iter_mut().zip(weights).for_each(|(o, w)| *o += c * w);
                    }
                }
            }
            moved.extend(out.iter().map(|v| *v as f32));
        }
        Ok(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shift::drift::Side;
    use crate::shift::drift::synthetic::normal;
    use proptest::prelude::*;

    /// Normal rows, stretched, mixed and moved.
    fn bent(n: usize, seed: u64) -> Sample {
        let rows = normal(n, 3, 0.0, seed);
        let bend = |r: &[f32]| [3.0 * r[0] + 5.0, r[1] + 2.0 * r[0], 0.5 * r[2] - r[1]];
        Sample::new(rows.rows().flat_map(bend).collect(), 3).unwrap()
    }

    fn moved(alignment: &Alignment, field: &Sample) -> Sample {
        Sample::new(alignment.apply(field).unwrap(), field.dim()).unwrap()
    }

    #[test]
    fn moments_are_matched() {
        let (lab, field) = (normal(50, 3, 1.0, 1), bent(40, 2));
        let repaired = moved(&Alignment::restandardise(&lab, &field).unwrap(), &field);
        let ((a, b), (c, d)) = (moments(&lab), moments(&repaired));
        assert!(a.iter().zip(&c).chain(b.iter().zip(&d)).all(|(x, y)| (x - y).abs() < 1e-4));
        let same = moved(&Alignment::restandardise(&field, &field).unwrap(), &field);
        assert!(same.values().iter().zip(field.values()).all(|(x, y)| (x - y).abs() < 1e-4));
    }

    #[test]
    fn covariances_are_matched() {
        let (lab, field) = (normal(600, 3, 1.0, 1), bent(500, 2));
        let coral = Alignment::coral(&lab, &field).unwrap();
        let Alignment::Mixed { matrix, .. } = &coral else { panic!("CORAL mixes dimensions") };
        let turned: Vec<f64> = (0..9).map(|i| matrix[i % 3 * 3 + i / 3]).collect();
        let mapped = eigen::product(&turned, &eigen::product(&shrunk_covariance(&field), matrix, 3), 3);
        assert!(mapped.iter().zip(shrunk_covariance(&lab)).all(|(x, y)| (x - y).abs() < 1e-9), "{mapped:?}");
        let repaired = moved(&coral, &field);
        // What shrinking leaves over.
        let (a, b) = (shrunk_covariance(&lab), shrunk_covariance(&repaired));
        assert!(a.iter().zip(&b).all(|(x, y)| (x - y).abs() < 0.2), "{a:?} {b:?}");
        assert!(moments(&lab).0.iter().zip(&moments(&repaired).0).all(|(x, y)| (x - y).abs() < 1e-4));
        let same = moved(&Alignment::coral(&field, &field).unwrap(), &field);
        assert!(same.values().iter().zip(field.values()).all(|(x, y)| (x - y).abs() < 1e-3));
    }

    #[test]
    fn a_dead_dimension_is_moved_but_not_stretched() {
        let lab = normal(20, 2, 0.0, 1);
        let mut values = normal(20, 2, 0.0, 2).values().to_vec();
        values.iter_mut().step_by(2).for_each(|v| *v = 7.0);
        let field = Sample::new(values, 2).unwrap();
        let repaired = moved(&Alignment::restandardise(&lab, &field).unwrap(), &field);
        assert!(repaired.rows().all(|row| (f64::from(row[0]) - moments(&lab).0[0]).abs() < 1e-5));
    }

    #[test]
    fn identical_pictures_are_refused() {
        let flat = Sample::new(vec![1.0; 9], 3).unwrap();
        let lab = normal(9, 3, 0.0, 1);
        assert_eq!(Alignment::coral(&lab, &flat), Err(Refusal::Identical { side: Side::Field }));
        assert_eq!(Alignment::restandardise(&flat, &lab), Err(Refusal::Identical { side: Side::Lab }));
        assert!(Alignment::coral(&lab, &normal(9, 2, 0.0, 1)).is_err());
        assert!(Alignment::coral(&lab, &lab).unwrap().apply(&normal(1, 2, 0.0, 1)).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn fewer_pictures_than_dimensions_give_finite_numbers(n in 2usize..9, m in 2usize..9, scale in 1e-20f32..1e20, seed: u64) {
            let scaled = |n, seed| {
                let values = normal(n, 20, 0.0, seed).values().iter().map(|v| v * scale).collect();
                Sample::new(values, 20).unwrap()
            };
            let (lab, field) = (scaled(n, seed), scaled(m, seed ^ 1));
            for alignment in [Alignment::coral(&lab, &field).unwrap(), Alignment::restandardise(&lab, &field).unwrap()] {
                prop_assert!(alignment.apply(&field).unwrap().iter().all(|v| v.is_finite()));
            }
        }
    }
}
