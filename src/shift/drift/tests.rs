//! What every detector owes its callers.

use super::synthetic::{classified, normal};
use super::*;
use proptest::prelude::*;

const EVEN: [f64; 3] = [1.0 / 3.0; 3];

#[test]
fn names_differ_and_explanations_are_one_sentence() {
    for (i, detector) in ALL.iter().enumerate() {
        assert!(ALL[..i].iter().all(|other| other.name() != detector.name()));
        let said = detector.explain();
        assert!(said.ends_with('.') && said.matches(". ").count() == 0, "{said}");
    }
}

#[test]
fn bad_samples_are_refused_by_everyone() {
    let good = classified(30, &EVEN, 1);
    let one = good.select(&[0]).unwrap();
    let same = good.select(&[2; 30]).unwrap();
    let narrow = normal(30, 2, 0.0, 1);
    for detector in ALL {
        let refused = |lab: &Sample, field: &Sample| detector.test(lab, field, 1).unwrap_err();
        assert_eq!(refused(&good, &one), Refusal::TooFew { side: Side::Field, have: 1, need: FEWEST });
        assert_eq!(refused(&one, &good), Refusal::TooFew { side: Side::Lab, have: 1, need: FEWEST });
        assert_eq!(refused(&good, &same), Refusal::Identical { side: Side::Field });
        assert_eq!(refused(&good, &narrow), Refusal::DifferentLengths { lab: 3, field: 2 });
    }
}

#[test]
fn the_same_seed_gives_the_same_verdict() {
    let (lab, field) = (classified(30, &EVEN, 1), classified(40, &EVEN, 2));
    for detector in ALL {
        assert_eq!(detector.test(&lab, &field, 7), detector.test(&lab, &field, 7));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_finite_breaks_a_detector(
        lab in prop::collection::vec(prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL | prop::num::f32::ZERO, 24),
        field in prop::collection::vec(prop::num::f32::NORMAL | prop::num::f32::ZERO, 18),
    ) {
        let answers = |n: usize| (0..n).flat_map(|i| if i % 2 == 0 { [0.9, 0.1] } else { [0.2, 0.8] }).collect();
        let lab = Sample::new(lab, 3).unwrap().with_probabilities(answers(8), 2).unwrap();
        let field = Sample::new(field, 3).unwrap().with_probabilities(answers(6), 2).unwrap();
        for detector in ALL {
            let verdict = detector.test(&lab, &field, 1).unwrap();
            prop_assert!(verdict.statistic.is_finite(), "{} {:?}", detector.name(), verdict);
            prop_assert!(verdict.p_value > 0.0 && verdict.p_value <= 1.0, "{} {:?}", detector.name(), verdict);
        }
    }
}
