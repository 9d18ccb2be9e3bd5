//! Which field pictures to label. Every strategy returns different indices, at most `count`.

use super::Strategy;
use crate::shift::drift::spread::moments;
use crate::shift::drift::{Random, Refusal, Sample, Side, square_distance};

/// Chooses at most `count` field pictures by a strategy. `labelled` are pictures that need no
/// label any more (the lab's, and field pictures labelled before); only [`Strategy::Diverse`]
/// looks at them.
///
/// # Errors
/// [`uncertain`], [`diverse`].
pub fn choose(
    strategy: Strategy,
    field: &Sample,
    labelled: Option<&Sample>,
    count: usize,
    seed: u64,
) -> Result<Vec<usize>, Refusal> {
    match strategy {
        Strategy::Random => Ok(Random::new(seed).choose(field.count(), count)),
        Strategy::Uncertain => uncertain(field, count),
        Strategy::Diverse => diverse(field, labelled, count),
    }
}

/// The pictures whose two likeliest classes are closest (margin sampling, Scheffer et al.
/// 2001), closest first.
///
/// # Errors
/// [`Refusal::NoProbabilities`] for the field, [`Refusal::OneClass`].
pub fn uncertain(field: &Sample, count: usize) -> Result<Vec<usize>, Refusal> {
    match field.classes() {
        0 => return Err(Refusal::NoProbabilities { side: Side::Field }),
        1 => return Err(Refusal::OneClass),
        _ => {}
    }
    let margin = |row: &[f32]| {
        let (mut first, mut second) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
        for p in row {
            if *p > first {
                (first, second) = (*p, first);
            } else {
                second = second.max(*p);
            }
        }
        first - second
    };
    let rows = field.probabilities().chunks_exact(field.classes());
    let mut all: Vec<(usize, f32)> = rows.map(margin).enumerate().collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    Ok(all.into_iter().take(count).map(|(i, _)| i).collect())
}

/// Pictures far from one another and from those already labelled: the one farthest from all
/// chosen so far, again and again (k-centre greedy, Sener and Savarese 2018). With nothing
/// labelled, the first is the one nearest to the mean. Copies of a chosen picture are left out,
/// so there may be fewer than `count`.
///
/// # Errors
/// [`Refusal::DifferentLengths`].
pub fn diverse(field: &Sample, labelled: Option<&Sample>, count: usize) -> Result<Vec<usize>, Refusal> {
    if let Some(labelled) = labelled.filter(|l| l.dim() != field.dim()) {
        return Err(Refusal::DifferentLengths { lab: labelled.dim(), field: field.dim() });
    }
    // Square distance to the nearest centre.
    let mut nearest = vec![f64::INFINITY; field.count()];
    let add = |nearest: &mut [f64], centre: &[f32]| {
        nearest.iter_mut().zip(field.rows()).for_each(|(d, row)| *d = d.min(square_distance(row, centre)));
    };
    labelled.into_iter().flat_map(Sample::rows).for_each(|centre| add(&mut nearest, centre));
    let mut chosen = Vec::new();
    while chosen.len() < count {
        let next = if chosen.is_empty() && labelled.is_none() {
            let mean: Vec<f32> = moments(field).0.iter().map(|m| *m as f32).collect();
            let distance: Vec<f64> = field.rows().map(|row| square_distance(row, &mean)).collect();
            (0..field.count()).min_by(|a, b| distance[*a].total_cmp(&distance[*b]))
        } else {
            (0..field.count()).max_by(|a, b| nearest[*a].total_cmp(&nearest[*b])).filter(|i| nearest[*i] > 0.0)
        };
        let Some(next) = next else { break };
        chosen.push(next);
        add(&mut nearest, field.row(next));
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::{Strategy, *};
    use crate::shift::drift::synthetic::{classified, normal};
    use proptest::prelude::*;

    #[test]
    fn the_narrowest_margin_comes_first() {
        let answers = vec![0.9, 0.05, 0.05, 0.4, 0.35, 0.25, 0.5, 0.1, 0.4];
        let bare = normal(3, 2, 0.0, 1);
        assert_eq!(uncertain(&bare, 2), Err(Refusal::NoProbabilities { side: Side::Field }));
        let one = bare.clone().with_probabilities(vec![1.0; 3], 1).unwrap();
        assert_eq!(uncertain(&one, 1), Err(Refusal::OneClass));
        assert_eq!(uncertain(&bare.with_probabilities(answers, 3).unwrap(), 2).unwrap(), [1, 2]);
    }

    #[test]
    fn far_corners_are_chosen() {
        let line = |values: &[f32]| Sample::new(values.to_vec(), 1).unwrap();
        let field = line(&[0.0, 1.0, 2.0, 10.0, 10.0]);
        // Mean 4.6: 2 is nearest; 10 is farthest from it, then 0, then 1; the copy is left out.
        let chosen = diverse(&field, None, 5).unwrap();
        assert!(chosen[0] == 2 && chosen[1] >= 3 && chosen[2..] == [0, 1], "{chosen:?}");
        assert_eq!(diverse(&field, Some(&line(&[9.0])), 1).unwrap(), [0]);
        assert!(diverse(&field, Some(&field), 5).unwrap().is_empty());
        assert!(diverse(&field, Some(&normal(1, 2, 0.0, 1)), 1).is_err());
    }

    proptest! {
        #[test]
        fn a_choice_has_no_repeats(n in 1usize..50, count in 0usize..60, seed: u64) {
            let field = classified(n, &[0.5, 0.5], seed);
            for strategy in Strategy::ALL {
                let mut chosen = choose(strategy, &field, None, count, seed).unwrap();
                prop_assert_eq!(chosen.len(), count.min(n));
                chosen.sort_unstable();
                chosen.dedup();
                prop_assert!(chosen.len() == count.min(n) && chosen.iter().all(|i| *i < n));
            }
        }
    }
}
