use super::super::policy::When;
use super::*;
use crate::shift::drift::mmd::Mmd;
use crate::shift::drift::synthetic::gauss;
use crate::shift::estimate::atc::ThresholdedConfidence;
use crate::shift::repair::Strategy;

const CLASSES: usize = 3;
/// A corner for each class at home, then one for each abroad.
const DIM: usize = 2 * CLASSES;
/// From this week on every second picture is from abroad.
const LAUNCH: usize = 20;

/// Pictures of a week, or of the lab. At home each class has its corner; abroad it has another
/// one, and looks a little like the next class at home: wrong until it is learnt.
fn pictures(week: Option<usize>, n: usize, seed: u64) -> Sample {
    let mut random = Random::new(seed);
    let (mut embeddings, mut labels) = (Vec::new(), Vec::new());
    for i in 0..n {
        let label = random.below(CLASSES);
        let mut row: [f32; DIM] = std::array::from_fn(|_| gauss(&mut random));
        if week.is_some_and(|w| w >= LAUNCH) && i % 2 == 0 {
            row[CLASSES + label] += 5.0;
            row[(label + 1) % CLASSES] += 2.0;
        } else {
            row[label] += 4.0;
        }
        embeddings.extend(row);
        labels.push(label as u32);
    }
    Sample::new(embeddings, DIM).unwrap().with_labels(labels).unwrap()
}

const SETTINGS: Settings = Settings { label_noise: 0.0, level: 0.01, lambda: 0.1, seed: 1 };
const NEVER: Policy = Policy { when: When::Never, each: 20, budget: 200, strategy: Strategy::Random, keep_lab: true };
const MONTHLY: Policy = Policy { when: When::Every(4), ..NEVER };
const ON_ALARM: Policy = Policy { when: When::OnAlarm, ..NEVER };

fn start(settings: Settings) -> Start {
    Start {
        train: pictures(None, 90, 101),
        held_out: pictures(None, 80, 102),
        classes: CLASSES,
        settings,
        detector: &Mmd,
        estimator: &ThresholdedConfidence,
    }
}

/// Reports `[policy][week]` of a whole year.
fn play(settings: Settings, policies: &[Policy]) -> Vec<Vec<Week>> {
    let mut year = Year::new(start(settings), policies).unwrap();
    let mut all = vec![Vec::new(); policies.len()];
    let provider = |week| Ok::<_, Refusal>(pictures(Some(week), 60, 1000 + week as u64));
    run(&mut year, 52, provider, |weeks| {
        all.iter_mut().zip(weeks).for_each(|(all, week)| all.push(week.clone()));
    })
    .unwrap();
    all
}

fn mean(weeks: &[Week], of: fn(&Week) -> f64) -> f64 {
    weeks.iter().map(of).sum::<f64>() / weeks.len() as f64
}

#[test]
fn training_again_recovers_what_never_loses() {
    let [never, monthly, on_alarm] = play(SETTINGS, &[NEVER, MONTHLY, ON_ALARM]).try_into().unwrap();
    let late = |weeks: &[Week]| mean(&weeks[40..], |w| w.accuracy);
    assert!(mean(&never[..LAUNCH], |w| w.accuracy) > 0.9, "it worked before the launch");
    assert!(late(&never) < 0.75, "{}", late(&never));
    assert!(late(&monthly) > late(&never) + 0.1, "{} {}", late(&monthly), late(&never));
    assert!(late(&on_alarm) > late(&never) + 0.1, "{} {}", late(&on_alarm), late(&never));
    // The alarm rings when it should, and its policy spends less for as much.
    assert!(on_alarm[LAUNCH].alarm && on_alarm[..LAUNCH].iter().filter(|w| w.alarm).count() <= 2);
    assert!(on_alarm[51].spent < monthly[51].spent);
    assert!(never.iter().all(|w| w.spent == 0 && w.labelled.is_empty()) && never[51].alarm);
    assert!(never.iter().chain(&monthly).all(|w| w.lab_accuracy > 0.8));
}

#[test]
fn budgets_are_kept() {
    let tight = Policy { when: When::Every(1), each: 7, budget: 45, strategy: Strategy::Diverse, keep_lab: true };
    let nothing = Policy { budget: 0, ..tight };
    let [weeks, none] = play(SETTINGS, &[tight, nothing]).try_into().unwrap();
    assert_eq!(weeks.iter().map(|w| w.labelled.len()).sum::<usize>(), 45);
    assert!(weeks.is_sorted_by(|a, b| a.spent <= b.spent) && weeks[51].spent == 45);
    assert_eq!((weeks[6].labelled.len(), weeks[7].labelled.len()), (3, 0));
    assert!(none.iter().all(|w| w.spent == 0));
}

#[test]
fn without_the_lab_it_is_forgotten() {
    let forget = Policy { when: When::Every(8), each: 15, keep_lab: false, strategy: Strategy::Uncertain, ..NEVER };
    let [kept, forgotten] = play(SETTINGS, &[Policy { keep_lab: true, ..forget }, forget]).try_into().unwrap();
    assert!(mean(&forgotten[10..], |w| w.lab_accuracy) < mean(&kept[10..], |w| w.lab_accuracy));
}

#[test]
fn wrong_labels_cost_accuracy() {
    let policy = Policy { when: When::Every(2), each: 20, budget: 600, keep_lab: false, ..NEVER };
    let clean = &play(SETTINGS, &[policy])[0];
    let noisy = &play(Settings { label_noise: 0.6, ..SETTINGS }, &[policy])[0];
    assert!(mean(&noisy[20..], |w| w.accuracy) + 0.05 < mean(&clean[20..], |w| w.accuracy));
}

#[test]
fn a_year_repeats_and_policies_do_not_disturb_each_other() {
    let noisy = Settings { label_noise: 0.2, ..SETTINGS };
    let together = play(noisy, &[NEVER, ON_ALARM, MONTHLY]);
    assert_eq!(together, play(noisy, &[NEVER, ON_ALARM, MONTHLY]));
    assert_eq!(together[2], play(noisy, &[MONTHLY])[0]);
}

#[test]
fn reports_are_shares() {
    for week in play(Settings { label_noise: 0.3, ..SETTINGS }, &[ON_ALARM]).concat() {
        let shares = [week.accuracy, week.estimated, week.lab_accuracy, week.p_value];
        assert!(shares.iter().all(|s| (0.0..=1.0).contains(s)), "{week:?}");
    }
}

#[test]
fn bad_input_is_refused() {
    let refused = |start: Start, policy: Policy| Year::new(start, &[policy]).err().expect("a refusal");
    assert!(matches!(refused(start(Settings { level: 2.0, ..SETTINGS }), NEVER), Refusal::Setting { .. }));
    let often = Policy { when: When::Every(0), ..NEVER };
    assert!(matches!(refused(start(SETTINGS), often), Refusal::Setting { .. }));
    assert_eq!(refused(Start { classes: 1, ..start(SETTINGS) }, NEVER), Refusal::OneClass);
    let unknown = refused(Start { classes: 2, ..start(SETTINGS) }, NEVER);
    assert_eq!(unknown, Refusal::UnknownClass { label: 2, classes: 2 });
    let unlabelled = pictures(None, 90, 1).unlabelled();
    let unlabelled = refused(Start { held_out: unlabelled, ..start(SETTINGS) }, NEVER);
    assert_eq!(unlabelled, Refusal::NoLabels { side: Side::Lab });

    let mut year = Year::new(start(SETTINGS), &[NEVER]).unwrap();
    let week = pictures(None, 60, 1);
    assert_eq!(year.play(&week.clone().unlabelled()), Err(Refusal::NoLabels { side: Side::Field }));
    let few = year.play(&week.select(&[0, 1]).unwrap());
    assert_eq!(few, Err(Refusal::TooFew { side: Side::Field, have: 2, need: FEWEST }));
    let same = year.play(&week.select(&[0; 9]).unwrap());
    assert_eq!(same, Err(Refusal::Identical { side: Side::Field }));
    let strange = week.unlabelled().with_labels(vec![7; 60]).unwrap();
    assert_eq!(year.play(&strange), Err(Refusal::UnknownClass { label: 7, classes: 3 }));
    let failing = run(&mut year, 3, |_| Err::<Sample, _>(Refusal::Empty), |_| {});
    assert_eq!(failing, Err(Refusal::Empty));
}
