//! What is known about a set of pictures: embeddings, the model's answers, maybe the truth.

use super::refusal::{Refusal, Side};

/// How far the probabilities of a picture may be from summing to 1: float32 rounding of a
/// thousand classes stays well below.
const SUM_SLACK: f32 = 1e-3;

/// A checked set of pictures. Every constructor refuses what later arithmetic could not bear,
/// so nothing downstream meets NaN, an empty set or a label out of range.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    dim: usize,
    embeddings: Vec<f32>,
    classes: usize,
    probabilities: Vec<f32>,
    labels: Option<Vec<u32>>,
}

impl Sample {
    /// From embeddings `[n, dim]`, row by row, n at least 1.
    ///
    /// # Errors
    /// [`Refusal::Empty`], [`Refusal::Ragged`], [`Refusal::NotFinite`].
    pub fn new(embeddings: Vec<f32>, dim: usize) -> Result<Self, Refusal> {
        rows_fit(&embeddings, dim)?;
        Ok(Self { dim, embeddings, classes: 0, probabilities: Vec::new(), labels: None })
    }

    /// Adds the model's softmax outputs `[n, classes]`, each row of numbers in 0..1 summing to 1.
    ///
    /// # Errors
    /// As [`Sample::new`], and [`Refusal::Unmatched`], [`Refusal::NotProbabilities`].
    pub fn with_probabilities(mut self, probabilities: Vec<f32>, classes: usize) -> Result<Self, Refusal> {
        rows_fit(&probabilities, classes)?;
        let (have, pictures) = (probabilities.len() / classes, self.count());
        if have != pictures {
            return Err(Refusal::Unmatched { what: "answers of the model".into(), have, pictures });
        }
        for (row, p) in probabilities.chunks_exact(classes).enumerate() {
            let fits = p.iter().all(|v| (0.0..=1.0 + SUM_SLACK).contains(v));
            if !fits || (p.iter().sum::<f32>() - 1.0).abs() > SUM_SLACK {
                return Err(Refusal::NotProbabilities { row });
            }
        }
        if let Some(label) = self.labels.iter().flatten().find(|l| **l as usize >= classes) {
            return Err(Refusal::UnknownClass { label: *label, classes });
        }
        (self.classes, self.probabilities) = (classes, probabilities);
        Ok(self)
    }

    /// Adds the true classes `[n]`, each below the number of classes where that is known.
    ///
    /// # Errors
    /// [`Refusal::Unmatched`], [`Refusal::UnknownClass`].
    pub fn with_labels(mut self, labels: Vec<u32>) -> Result<Self, Refusal> {
        if labels.len() != self.count() {
            let (have, pictures) = (labels.len(), self.count());
            return Err(Refusal::Unmatched { what: "labels".into(), have, pictures });
        }
        let classes = self.classes;
        if let Some(label) = labels.iter().find(|l| classes > 0 && **l as usize >= classes) {
            return Err(Refusal::UnknownClass { label: *label, classes });
        }
        self.labels = Some(labels);
        Ok(self)
    }

    /// Without the true classes: what the field knows.
    pub fn unlabelled(self) -> Self {
        Self { labels: None, ..self }
    }

    /// The same pictures told by the model's answers instead of their embeddings: a test on softmax outputs
    /// (Rabanser et al. 2019, "Failing loudly", find them hard to beat). Unchanged without answers.
    pub fn by_outputs(self) -> Self {
        if self.classes == 0 {
            return self;
        }
        Self { dim: self.classes, embeddings: self.probabilities.clone(), ..self }
    }

    /// Number of pictures n, at least 1.
    pub fn count(&self) -> usize {
        self.embeddings.len() / self.dim
    }

    /// Numbers in an embedding, at least 1.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Classes of the model; 0 without probabilities.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// `[n, dim]`.
    pub fn values(&self) -> &[f32] {
        &self.embeddings
    }

    /// Embedding of picture `i`, `[dim]`.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.embeddings[i * self.dim..][..self.dim]
    }

    /// Embeddings in turn, `[dim]` each.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> + Clone {
        self.embeddings.chunks_exact(self.dim)
    }

    /// `[n, classes]`; empty where the model was not asked.
    pub fn probabilities(&self) -> &[f32] {
        &self.probabilities
    }

    /// `[n]`.
    pub fn labels(&self) -> Option<&[u32]> {
        self.labels.as_deref()
    }

    /// One number of every embedding, ascending, `[n]`.
    pub fn sorted_column(&self, d: usize) -> Vec<f32> {
        let mut column: Vec<f32> = self.embeddings.iter().skip(d).step_by(self.dim).copied().collect();
        column.sort_unstable_by(f32::total_cmp);
        column
    }

    /// The pictures named, in that order.
    ///
    /// # Errors
    /// [`Refusal::Empty`] if none are named, [`Refusal::Setting`] if one does not exist.
    pub fn select(&self, which: &[usize]) -> Result<Self, Refusal> {
        if which.is_empty() {
            return Err(Refusal::Empty);
        }
        if which.iter().any(|i| *i >= self.count()) {
            return Err(Refusal::Setting { what: format!("The set has only {} pictures.", self.count()) });
        }
        let of = |values: &[f32], width: usize| -> Vec<f32> {
            which.iter().flat_map(|i| values.iter().skip(i * width).take(width)).copied().collect()
        };
        Ok(Self {
            dim: self.dim,
            embeddings: of(&self.embeddings, self.dim),
            classes: self.classes,
            probabilities: of(&self.probabilities, self.classes),
            labels: self.labels.as_ref().map(|labels| which.iter().map(|i| labels[*i]).collect()),
        })
    }

    fn identical(&self) -> bool {
        self.rows().all(|row| row == self.row(0))
    }
}

/// Checks that two samples can be compared: embeddings of one length, at least `need` pictures
/// on each side, and not all of them the same.
///
/// # Errors
/// [`Refusal::DifferentLengths`], [`Refusal::TooFew`], [`Refusal::Identical`].
pub fn comparable(lab: &Sample, field: &Sample, need: usize) -> Result<(), Refusal> {
    if lab.dim != field.dim {
        return Err(Refusal::DifferentLengths { lab: lab.dim, field: field.dim });
    }
    for (sample, side) in [(lab, Side::Lab), (field, Side::Field)] {
        if sample.count() < need {
            return Err(Refusal::TooFew { side, have: sample.count(), need });
        }
        if sample.identical() {
            return Err(Refusal::Identical { side });
        }
    }
    Ok(())
}

/// Checks that the same model answered for both, and returns its number of classes, at least 2.
///
/// # Errors
/// [`Refusal::NoProbabilities`], [`Refusal::DifferentClasses`], [`Refusal::OneClass`].
pub fn answered(lab: &Sample, field: &Sample) -> Result<usize, Refusal> {
    for (sample, side) in [(lab, Side::Lab), (field, Side::Field)] {
        if sample.classes == 0 {
            return Err(Refusal::NoProbabilities { side });
        }
    }
    if lab.classes != field.classes {
        return Err(Refusal::DifferentClasses { lab: lab.classes, field: field.classes });
    }
    if lab.classes < 2 { Err(Refusal::OneClass) } else { Ok(lab.classes) }
}

/// Checks numbers `[n, width]`, n at least 1.
///
/// # Errors
/// [`Refusal::Empty`], [`Refusal::Ragged`], [`Refusal::NotFinite`].
pub fn rows_fit(values: &[f32], width: usize) -> Result<(), Refusal> {
    if values.is_empty() || width == 0 {
        return Err(Refusal::Empty);
    }
    if !values.len().is_multiple_of(width) {
        return Err(Refusal::Ragged { numbers: values.len(), row: width });
    }
    match values.iter().position(|v| !v.is_finite()) {
        Some(at) => Err(Refusal::NotFinite { row: at / width }),
        None => Ok(()),
    }
}

/// Sum of squared differences of two rows of the same length. Eight running sums let the
/// compiler use SIMD.
pub fn square_distance(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0f64; 8];
    let ((a8, a_rest), (b8, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (x, y) in a8.iter().zip(b8) {
        for lane in 0..8 {
            let d = f64::from(x[lane]) - f64::from(y[lane]);
            sums[lane] += d * d;
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(x, y)| (f64::from(*x) - f64::from(*y)).powi(2)).sum::<f64>();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(Sample::new(vec![], 3), Err(Refusal::Empty));
        assert_eq!(Sample::new(vec![1.0], 0), Err(Refusal::Empty));
        assert_eq!(Sample::new(vec![1.0; 7], 3), Err(Refusal::Ragged { numbers: 7, row: 3 }));
        assert_eq!(Sample::new(vec![0.0, 1.0, 2.0, f32::NAN], 2), Err(Refusal::NotFinite { row: 1 }));
        let two = Sample::new(vec![1.0, 2.0], 1).unwrap();
        let refused = |p: &[f32], classes| two.clone().with_probabilities(p.to_vec(), classes).unwrap_err();
        assert!(matches!(refused(&[0.5, 0.5], 2), Refusal::Unmatched { have: 1, pictures: 2, .. }));
        assert_eq!(refused(&[0.5, 0.5, 0.9, 0.9], 2), Refusal::NotProbabilities { row: 1 });
        assert_eq!(refused(&[1.5, -0.5, 0.5, 0.5], 2), Refusal::NotProbabilities { row: 0 });
        let answered = two.clone().with_probabilities(vec![0.5; 4], 2).unwrap();
        assert_eq!(answered.clone().with_labels(vec![0, 2]), Err(Refusal::UnknownClass { label: 2, classes: 2 }));
        assert!(matches!(answered.with_labels(vec![0]), Err(Refusal::Unmatched { .. })));
        let late = two.clone().with_labels(vec![0, 5]).unwrap().with_probabilities(vec![0.5; 4], 2);
        assert_eq!(late, Err(Refusal::UnknownClass { label: 5, classes: 2 }));
        assert!(two.select(&[2]).is_err() && two.select(&[]).is_err());
    }

    #[test]
    fn answers_can_stand_for_embeddings() {
        let sample = Sample::new(vec![1.0, 2.0], 1).unwrap();
        assert_eq!(sample.clone().by_outputs(), sample);
        let told = sample.with_probabilities(vec![0.25, 0.75, 1.0, 0.0], 2).unwrap().by_outputs();
        assert_eq!((told.dim(), told.count(), told.row(1)), (2, 2, &[1.0, 0.0][..]));
        assert_eq!(told.probabilities(), told.values());
    }

    #[test]
    fn only_like_can_be_compared() {
        let (line, flat) = (Sample::new(vec![1.0, 2.0], 1).unwrap(), Sample::new(vec![1.0, 1.0], 1).unwrap());
        let plane = Sample::new(vec![1.0, 2.0], 2).unwrap();
        assert_eq!(comparable(&line, &plane, 1), Err(Refusal::DifferentLengths { lab: 1, field: 2 }));
        assert_eq!(comparable(&line, &flat, 2), Err(Refusal::Identical { side: Side::Field }));
        assert_eq!(comparable(&line, &line, 3), Err(Refusal::TooFew { side: Side::Lab, have: 2, need: 3 }));
        assert_eq!(answered(&line, &line), Err(Refusal::NoProbabilities { side: Side::Lab }));
        let one = line.clone().with_probabilities(vec![1.0; 2], 1).unwrap();
        assert_eq!(answered(&one, &one), Err(Refusal::OneClass));
        let two = line.with_probabilities(vec![0.5; 4], 2).unwrap();
        assert_eq!(answered(&one, &two), Err(Refusal::DifferentClasses { lab: 1, field: 2 }));
    }

    proptest! {
        #[test]
        fn any_numbers_are_taken_or_refused(values in prop::collection::vec(any::<f32>(), 0..40), dim in 0usize..9) {
            match Sample::new(values.clone(), dim) {
                Ok(sample) => {
                    prop_assert_eq!(sample.count() * sample.dim(), values.len());
                    let column = sample.sorted_column(dim - 1);
                    prop_assert!(column.is_sorted() && column.len() == sample.count());
                    let backwards: Vec<usize> = (0..sample.count()).rev().collect();
                    let turned = sample.select(&backwards).unwrap();
                    prop_assert_eq!(turned.row(0), sample.row(sample.count() - 1));
                }
                Err(refusal) => prop_assert!(!refusal.to_string().is_empty()),
            }
        }

        #[test]
        fn distances_are_those_of_the_definition(a in prop::collection::vec(-9f32..9.0, 19), b in prop::collection::vec(-9f32..9.0, 19)) {
            let plain: f64 = a.iter().zip(&b).map(|(x, y)| (f64::from(*x) - f64::from(*y)).powi(2)).sum();
            prop_assert!((square_distance(&a, &b) - plain).abs() < 1e-9);
        }
    }
}
