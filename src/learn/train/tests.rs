use super::*;
use crate::learn::dataset::MAX_CLASSES;
use proptest::prelude::*;

/// Clouds around class centres; every picture looks different (random hashes).
fn clouds(per_class: &[usize], dim: usize, spread: f32, seed: u64) -> TrainingSet {
    let mut state = seed | 1;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f32 / (1u64 << 31) as f32 - 0.5
    };
    let mut set = TrainingSet {
        dim,
        classes: per_class.len(),
        embeddings: vec![],
        labels: vec![],
        dhashes: vec![],
        bursts: vec![],
    };
    for (class, count) in per_class.iter().enumerate() {
        for i in 0..*count {
            let noise = (0..dim).map(|_| uniform() + uniform() + uniform()).collect::<Vec<_>>();
            set.embeddings.extend(
                noise
                    .iter()
                    .enumerate()
                    .map(|(d, n)| n * spread + if d % per_class.len() == class { 2.0 } else { 0.0 }),
            );
            set.labels.push(class as u32);
            set.dhashes.push((class as u64 * 1000 + i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ seed);
            set.bursts.push(0);
        }
    }
    set
}

fn train(set: TrainingSet) -> (Head, Report) {
    let mut trainer = Trainer::new(set).unwrap();
    let mut last = 0.0;
    loop {
        match trainer.step() {
            Step::Continue(fraction, _) => {
                assert!(fraction >= last, "progress went back from {last} to {fraction}");
                last = fraction;
            }
            Step::Done(head, report) => return (head, *report),
        }
    }
}

#[test]
fn separable_classes_are_learned_and_measured() {
    let set = clouds(&[30, 30, 30], 16, 1.5, 1);
    let (head, report) = train(set.clone());
    assert_eq!(report.protocol, Protocol::CrossValidated { folds: 5 });
    assert!(matches!(report.method, Method::Softmax { .. }));
    let accuracy = report.accuracy.unwrap();
    assert!(accuracy.value > 0.9 && accuracy.n == 90, "{accuracy:?}");
    assert_eq!(report.held_out.len(), 90);
    head.check(16).unwrap();
    let right = (0..90).filter(|i| head.answer(set.row(*i)).best == set.labels[*i] as usize).count();
    assert!(right > 85, "{right}");
}

#[test]
fn labels_without_meaning_are_reported_as_chance() {
    let mut set = clouds(&[60, 60], 8, 1.0, 3);
    let mut flip = 9u64;
    for label in &mut set.labels {
        flip = flip.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        *label = (flip >> 40) as u32 & 1;
    }
    let accuracy = train(set).1.accuracy.unwrap();
    assert!(accuracy.low < 0.5 && accuracy.high > 0.5, "{accuracy:?}");
}

#[test]
fn near_duplicates_do_not_flatter_the_number() {
    // Meaningless labels, every picture ten times over: a split that tore the copies apart
    // would report nearly 100 %.
    let originals = clouds(&[12, 12], 32, 1.0, 5);
    let mut set = originals.clone();
    for (i, label) in set.labels.iter_mut().enumerate() {
        *label = (i * 7 % 24 / 12) as u32;
    }
    // Remove the class structure as well.
    for (i, v) in set.embeddings.iter_mut().enumerate() {
        if *v > 0.0 && i % 2 == i / 32 % 2 {
            *v -= 1.0
        }
    }
    let once = set.clone();
    for _ in 0..9 {
        set.embeddings.extend(&once.embeddings);
        set.labels.extend(&once.labels);
        set.dhashes.extend(&once.dhashes);
        set.bursts.extend(&once.bursts);
    }
    let (_, report) = train(set);
    assert_eq!(report.near_duplicates, 216);
    let accuracy = report.accuracy.unwrap();
    assert_eq!(accuracy.n, 24);
    assert!(accuracy.value < 0.85, "{accuracy:?}");
}

#[test]
fn one_recording_per_class_trains_but_is_not_measured() {
    let mut set = clouds(&[20, 20], 8, 1.0, 7);
    for (burst, label) in set.bursts.iter_mut().zip(&set.labels) {
        *burst = label + 1;
    }
    let (_, report) = train(set);
    assert_eq!((report.protocol, report.accuracy), (Protocol::NotMeasured, None));
    assert!(matches!(report.method, Method::Softmax { .. }));
}

#[test]
fn a_class_of_one_or_two_pictures_calls_for_prototypes() {
    let (head, report) = train(clouds(&[12, 2], 8, 1.0, 2));
    assert_eq!(report.method, Method::Prototypes);
    assert!(report.accuracy.is_some());
    head.check(8).unwrap();
    let (_, single) = train(clouds(&[1, 1], 8, 1.0, 2));
    assert_eq!((single.method, single.protocol), (Method::Prototypes, Protocol::NotMeasured));
}

#[test]
fn one_class_alone_is_always_the_answer() {
    let set = clouds(&[25], 8, 1.0, 4);
    let (head, report) = train(set.clone());
    assert_eq!(head.answer(set.row(0)).probabilities, [1.0]);
    assert_eq!(report.confusion.len(), 1);
}

#[test]
fn many_pictures_hold_out_one_fold() {
    let (_, report) = train(clouds(&[1100, 1100], 4, 4.0, 6));
    assert_eq!(report.protocol, Protocol::HeldOut);
    let n = report.accuracy.unwrap().n;
    assert!((430..=450).contains(&n), "{n}");
}

#[test]
fn strangers_are_turned_away_and_friends_are_not() {
    let set = clouds(&[80, 80], 24, 1.0, 8);
    let (head, report) = train(set.clone());
    assert!(report.turned_away.unwrap() <= 0.06, "{:?}", report.turned_away);
    let fresh = clouds(&[200, 200], 24, 1.0, 99);
    let away = (0..400).filter(|i| head.answer(fresh.row(*i)).unknown).count();
    assert!(away < 50, "{away} of 400 familiar pictures turned away");
    // The opposite direction from both classes.
    let stranger: Vec<f32> =
        head.familiarity.mean.iter().enumerate().map(|(i, m)| m + if i % 3 == 0 { 3.0 } else { -3.0 }).collect();
    assert!(head.answer(&stranger).unknown);
}

#[test]
fn the_threshold_needs_enough_pictures_to_promise_anything() {
    assert_eq!(conformal_threshold(&[0.5; 18], 0.05), None);
    let scores: Vec<f32> = (0..99).map(|i| i as f32).collect();
    assert_eq!(conformal_threshold(&scores, 0.05), Some(4.0));
}

#[test]
fn data_that_do_not_fit_together_are_refused() {
    let good = clouds(&[3, 3], 4, 1.0, 1);
    let broken: [fn(&mut TrainingSet); 5] = [
        |s| s.labels[0] = 9,
        |s| s.embeddings[3] = f32::NAN,
        |s| {
            s.dhashes.pop();
        },
        |s| {
            s.embeddings.pop();
        },
        |s| *s = TrainingSet { labels: vec![], embeddings: vec![], dhashes: vec![], bursts: vec![], ..s.clone() },
    ];
    for damage in broken {
        let mut set = good.clone();
        damage(&mut set);
        assert!(Trainer::new(set).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_shape_of_data_ends_in_a_sound_head(
        counts in prop::collection::vec(1usize..12, 1..6),
        seed: u64,
        constant: bool,
        merge in 0u64..3,
    ) {
        prop_assert!(counts.len() <= MAX_CLASSES);
        let mut set = clouds(&counts, 6, 1.0, seed);
        if constant { set.embeddings.fill(0.7) }
        if merge == 0 { set.dhashes.fill(1) }
        let (head, report) = train(set.clone());
        prop_assert!(head.check(6).is_ok());
        let answer = head.answer(set.row(0));
        prop_assert!((answer.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        prop_assert!((-1.0..=1.001).contains(&answer.familiarity));
        prop_assert_eq!(report.confusion.iter().flatten().sum::<u32>() as usize, report.held_out.len());
        prop_assert_eq!(report.groups.len(), set.labels.len());
        // Each picture is held out at most once.
        prop_assert!(report.held_out.windows(2).all(|w| w[0].index < w[1].index));
    }
}
