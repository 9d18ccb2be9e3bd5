//! Class activation: where in the picture the evidence for a class is.

use crate::learn::head::{Head, dot};

/// Class-activation maps (Zhou et al. 2016, "Learning Deep Features for Discriminative
/// Localization") for `features` `[dim, h, w]`: `[classes, h, w]` in logits.
///
/// The embedding is the mean of the features over the grid and the head is linear, so
/// each class's map averages exactly to its logit without the bias. What does not depend
/// on the picture is taken out by measuring features against the mean picture of the
/// training data, and the average over the classes is subtracted: softmax ignores it.
pub fn class_activation(head: &Head, features: &[f32], grid: (usize, usize)) -> Vec<f32> {
    let cells = grid.0 * grid.1;
    let mut maps = vec![0.0; head.classes * cells];
    for cell in 0..cells {
        let relative: Vec<f32> = head
            .familiarity
            .mean
            .iter()
            .enumerate()
            .map(|(channel, mean)| features[channel * cells + cell] - mean)
            .collect();
        let evidence: Vec<f32> = head.weights.chunks_exact(head.dim).map(|row| dot(row, &relative)).collect();
        let average = evidence.iter().sum::<f32>() / head.classes as f32;
        for (class, value) in evidence.iter().enumerate() {
            maps[class * cells + cell] = value - average;
        }
    }
    maps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::head::Familiarity;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn maps_average_to_the_logits_softmax_sees(
            features in prop::collection::vec(-3.0f32..3.0, 4 * 6),
            weights in prop::collection::vec(-2.0f32..2.0, 3 * 4),
            mean in prop::collection::vec(-1.0f32..1.0, 4),
        ) {
            let familiarity = Familiarity { mean: mean.clone(), inv_std: vec![1.0; 4], prototypes: vec![0.0; 12], threshold: None };
            let head = Head { classes: 3, dim: 4, weights, bias: vec![0.0; 3], familiarity };
            let maps = class_activation(&head, &features, (2, 3));
            let embedding: Vec<f32> = features.chunks(6).map(|c| c.iter().sum::<f32>() / 6.0).collect();
            let relative: Vec<f32> = embedding.iter().zip(&mean).map(|(e, m)| e - m).collect();
            let logits = head.logits(&relative);
            let average = logits.iter().sum::<f32>() / 3.0;
            for class in 0..3 {
                let map = maps[class * 6..][..6].iter().sum::<f32>() / 6.0;
                prop_assert!((map - (logits[class] - average)).abs() < 1e-4);
            }
        }
    }
}
