//! The Shift bench's sessions, as the engine plays them: a head trained on rendered signs is taken to the
//! field, the shift noticed, repaired and lived with.

mod support;

use fieldtest::engine::jobs;
use fieldtest::engine::protocol::shift::{By, Keep, Lab, Noticed, Reply, Request, Shot, Subject, Trial, UNKNOWN};
use fieldtest::engine::protocol::{
    Payload, Reply as AnyReply, Request as AnyRequest, images, learn, pack_u32, pack_u64,
};
use fieldtest::learn::head::Head;
use fieldtest::learn::report::Method;
use fieldtest::shift::corruption::Corruption;
use fieldtest::shift::degradation::Degradation;
use fieldtest::shift::repair::{Arm, Strategy};
use fieldtest::shift::scene::world::{Country, Device, Hour, Meaning, Order, Season, World};
use fieldtest::shift::skew::Skew;
use fieldtest::shift::timeline::{Calendar, Policy, Settings, WEEKS, When};
use std::sync::OnceLock;
use support::{backbone, boxed, finish};

const SEED: u64 = 0xf1e1d;

/// The first visit's sample set, as the page keeps it, and its head.
struct Visit {
    head: Head,
    /// Its strength of regularisation.
    lambda: f32,
    embeddings: Vec<f32>,
    labels: Vec<u32>,
    files: Vec<Vec<u8>>,
}

impl Visit {
    fn lab(&self) -> Payload {
        let n = self.labels.len() as u32;
        Payload { floats: self.embeddings.clone(), parts: vec![pack_u32(self.labels.clone()), pack_u32(0..n)] }
    }
}

fn visit() -> &'static Visit {
    static VISIT: OnceLock<Visit> = OnceLock::new();
    VISIT.get_or_init(|| {
        let (mut embeddings, mut labels, mut files, mut hashes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let request = AnyRequest::Images(images::Request::Render { order: Order::first_visit(), skip: 0, embed: true });
        finish(jobs::job(request, Payload::default(), vec![]).unwrap(), |reply, mut payload| {
            let AnyReply::Images(images::Reply::Item(item)) = reply else { panic!("{reply:?}") };
            let images::Outcome::Accepted(picture) = item.outcome else { panic!("refused") };
            embeddings.extend(payload.floats);
            labels.push(Meaning::ALL.iter().position(|m| Some(m.name()) == item.folder.as_deref()).unwrap() as u32);
            hashes.push(images::join(picture.dhash));
            files.push(payload.parts.pop().unwrap());
        })
        .unwrap();
        let parts = vec![pack_u32(labels.clone()), pack_u64(hashes), pack_u32(vec![0; labels.len()])];
        let request = AnyRequest::Learn(learn::Request::Train { classes: 8 });
        let payload = Payload { floats: embeddings.clone(), parts };
        let (reply, _) = finish(jobs::job(request, payload, vec![]).unwrap(), |_, _| {}).unwrap();
        let AnyReply::Learn(learn::Reply::Trained { head, report }) = reply else { panic!("{reply:?}") };
        let Method::Softmax { lambda } = report.method else { panic!("{:?}", report.method) };
        Visit { head, lambda, embeddings, labels, files }
    })
}

fn shape() -> Lab {
    Lab { classes: 8, lambda: visit().lambda }
}

fn names() -> Vec<String> {
    Meaning::ALL.map(|m| m.name().to_owned()).into()
}

/// Plays a request to its end.
fn play(request: Request, payload: Payload, files: Vec<Vec<u8>>) -> Result<Vec<(Reply, Payload)>, String> {
    let mut all = Vec::new();
    let files = files.into_iter().map(boxed).collect();
    let mut hear = |reply, payload| {
        let AnyReply::Shift(reply) = reply else { panic!("{reply:?}") };
        all.push((reply, payload));
    };
    let (last, payload) = finish(jobs::job(AnyRequest::Shift(request), payload, files)?, &mut hear)?;
    hear(last, payload);
    Ok(all)
}

fn photograph(labels: Vec<String>, worlds: Vec<World>, count: u32, keep: Keep) -> Result<Vec<(Shot, Payload)>, String> {
    let request = Request::Photograph { head: visit().head.clone(), labels, worlds, seed: SEED, keep };
    let replies = play(request, Payload::parts(vec![pack_u32(0..count)]), vec![])?;
    let shots = replies.into_iter().filter_map(|(reply, payload)| match reply {
        Reply::Shot(shot) => Some((shot, payload)),
        _ => None,
    });
    Ok(shots.collect())
}

fn winter_in_japan() -> World {
    World { countries: vec![Country::Japan], seasons: vec![Season::Winter], ..World::default() }
}

fn right<'a>(shots: impl Iterator<Item = &'a Shot>) -> usize {
    shots.filter(|s| s.right() == Some(true)).count()
}

#[test]
fn the_field_costs_accuracy_and_worlds_are_photographed_side_by_side() {
    let shots = photograph(names(), vec![World::default(), winter_in_japan()], 48, Keep::Picture).unwrap();
    assert_eq!(shots.len(), 96);
    let of = |place: u32| right(shots.iter().map(|(s, _)| s).filter(|s| s.place == place));
    assert!(of(0) > 40 && of(1) + 8 < of(0), "{} {}", of(0), of(1));
    let (_, payload) = &shots[0];
    assert_eq!((payload.floats.len(), payload.parts.len()), (backbone().dim + 8, 2));
    assert!((payload.floats[backbone().dim..].iter().sum::<f32>() - 1.0).abs() < 1e-4);
}

#[test]
fn signs_the_head_does_not_know_are_left_out() {
    let mut labels = names();
    labels[3] = "cat".into();
    let shots = photograph(labels, vec![World::default()], 16, Keep::Answer).unwrap();
    assert_eq!(shots.len(), 14);
    assert!(shots.iter().all(|(_, payload)| *payload == Payload::default()));
    let nothing = photograph(vec!["cat".into(); 8], vec![World::default()], 16, Keep::Answer);
    assert!(nothing.unwrap_err().contains("none of the road signs"));
    let nowhere = World { countries: vec![], ..World::default() };
    assert!(photograph(names(), vec![nowhere], 16, Keep::Answer).unwrap_err().contains("country"));
    let few = photograph(names()[..3].to_vec(), vec![World::default()], 16, Keep::Answer);
    assert!(few.unwrap_err().contains("pair up"));
}

#[test]
fn degraded_pictures_are_judged_by_heads_that_have_not_seen_them() {
    let visit = visit();
    let degradations =
        vec![Degradation::None, Degradation::Corruption(Corruption::Contrast, 5), Degradation::Skew(Skew::UnitRange)];
    let which: Vec<u32> = (0..48).collect();
    let mut files = visit.files[..48].to_vec();
    files[5] = b"not a picture".to_vec();
    let request = Request::Degrade { lab: shape(), degradations, which: which.clone(), seed: 1, keep: Keep::Numbers };
    let replies = play(request.clone(), visit.lab(), files).unwrap();
    let skipped = replies.iter().filter(|(r, _)| matches!(r, Reply::Skipped(_))).count();
    let shots: Vec<Shot> =
        replies.iter().filter_map(|(r, _)| if let Reply::Shot(s) = r { Some(*s) } else { None }).collect();
    assert_eq!((skipped, shots.len()), (1, 47 * 3));
    let of = |place: u32| right(shots.iter().filter(|s| s.place == place));
    assert!(of(0) > 38 && of(1) < of(0) && of(2) < of(0), "{} {} {}", of(0), of(1), of(2));
    assert!(play(request.clone(), visit.lab(), vec![]).unwrap_err().contains("pair up"));
    let nothing = play(request, Payload::default(), visit.files[..48].to_vec());
    assert!(nothing.unwrap_err().contains("missing"));
}

#[test]
fn one_picture_is_compared_in_lab_and_field() {
    let head = visit().head.clone();
    let subject = Subject::Photograph { lab: Box::default(), field: Box::new(winter_in_japan()), seed: SEED, index: 3 };
    let replies = play(Request::Compare { head: head.clone(), subject }, Payload::default(), vec![]).unwrap();
    let (Reply::Compared(compared), payload) = &replies[0] else { panic!("{:?}", replies[0].0) };
    let cells = compared.grid.0 * compared.grid.1;
    assert_eq!((payload.floats.len(), payload.parts.len()), (2 * 8 * cells, 2));
    assert_ne!(compared.lab.probabilities, compared.field.probabilities);

    let subject = Subject::File(Degradation::None, 0);
    let replies = play(Request::Compare { head, subject }, Payload::default(), vec![visit().files[0].clone()]).unwrap();
    let Reply::Compared(same) = &replies[0].0 else { panic!("{:?}", replies[0].0) };
    assert_eq!(same.lab, same.field);

    // Two files: each is looked at by itself.
    let pair = |files: Vec<Vec<u8>>| {
        play(Request::Compare { head: visit().head.clone(), subject: Subject::Pair }, Payload::default(), files)
    };
    let replies = pair(vec![visit().files[0].clone(), visit().files[1].clone()]).unwrap();
    let Reply::Compared(two) = &replies[0].0 else { panic!("{:?}", replies[0].0) };
    assert_eq!(two.lab, same.lab);
    assert_ne!(two.field, same.lab);
    assert!(pair(vec![visit().files[0].clone()]).unwrap_err().contains("two files"));
}

/// A payload for `Notice`: the lab, then photographs of a world.
fn noticed(world: World, count: u32, trials: usize, by: By) -> Result<Vec<Noticed>, String> {
    let shots = photograph(names(), vec![world], count, Keep::Numbers)?;
    let mut payload = visit().lab();
    let dim = backbone().dim;
    payload.floats.extend(shots.iter().flat_map(|(_, p)| &p.floats[..dim]));
    payload.floats.extend(shots.iter().flat_map(|(_, p)| &p.floats[dim..]));
    payload.parts.push(pack_u32(shots.iter().map(|(s, _)| s.truth)));
    let reference = (0..visit().labels.len() as u32).collect();
    let trial = Trial { by, size: 40, level: 0.05, trials, seed: 1 };
    let replies = play(Request::Notice { lab: shape(), reference, trial }, payload, vec![])?;
    Ok(replies.into_iter().filter_map(|(r, _)| if let Reply::Noticed(n) = r { Some(n) } else { None }).collect())
}

fn p_values(news: &[Noticed]) -> Vec<f64> {
    let p = |n: &Noticed| match n {
        Noticed::Finding(finding) => Some(finding.verdict.as_ref().expect("a verdict").1),
        _ => None,
    };
    news.iter().filter_map(p).collect()
}

#[test]
fn a_shift_is_noticed_and_its_harm_estimated() {
    let news = noticed(winter_in_japan(), 64, 10, By::Embedding).unwrap();
    let p = p_values(&news);
    assert_eq!(p.len(), 5);
    assert!(p[..4].iter().all(|p| *p <= 0.05), "{p:?}");
    let estimates = news.iter().find_map(|n| if let Noticed::Estimates(e) = n { Some(e) } else { None }).unwrap();
    // Both say that it is worse there; neither sees how confidently wrong the head is.
    assert!(estimates.iter().all(|e| *e.accuracy.as_ref().unwrap() < 0.95), "{estimates:?}");
    assert!(*estimates[0].accuracy.as_ref().unwrap() < 0.85, "{estimates:?}");
    assert!(news.iter().any(|n| matches!(n, Noticed::Unlike(all) if all.len() == 12)));
    let rates: Vec<_> = news.iter().filter(|n| matches!(n, Noticed::Rates { .. })).collect();
    assert_eq!(rates.len(), 5);
    let Noticed::Rates { false_alarms: Some(false_alarms), power: Some(power), .. } = rates[0] else {
        panic!("{rates:?}")
    };
    assert!(power.value > false_alarms.value && power.n == 10);
}

#[test]
fn a_shift_is_noticed_by_the_answers_alone() {
    let (there, home) = (winter_in_japan(), World::default());
    let [there, home] = [there, home].map(|world| noticed(world, 64, 0, By::Outputs).unwrap());
    let p = p_values(&there);
    assert!(p.len() == 5 && p[..4].iter().all(|p| *p <= 0.05), "{p:?}");
    // What is told of embeddings stays told of embeddings.
    let unlike = |news: &[Noticed]| news.iter().any(|n| matches!(n, Noticed::Unlike(all) if all.len() == 12));
    assert!(unlike(&there));
    assert_ne!(p, p_values(&noticed(winter_in_japan(), 64, 0, By::Embedding).unwrap()));
    let p = p_values(&home);
    assert!(p.iter().filter(|p| **p <= 0.05).count() <= 1, "{p:?}");
}

#[test]
fn without_a_shift_there_is_no_alarm() {
    let p = p_values(&noticed(World::default(), 64, 0, By::Embedding).unwrap());
    assert!(p.iter().filter(|p| **p <= 0.05).count() <= 1, "{p:?}");
}

#[test]
fn fields_that_cannot_be_tested_say_why() {
    let visit = visit();
    let trial = Trial { by: By::Embedding, size: 40, level: 0.05, trials: 0, seed: 1 };
    let notice = |rows: usize, change: &dyn Fn(&mut Payload), reference: Vec<u32>| {
        let mut payload = visit.lab();
        payload.floats.extend(&visit.embeddings[..rows * backbone().dim]);
        payload.floats.extend((0..rows).flat_map(|_| [0.125; 8]));
        payload.parts.push(pack_u32(visit.labels[..rows].iter().copied()));
        change(&mut payload);
        let replies = play(Request::Notice { lab: shape(), reference, trial }, payload, vec![])?;
        let first = replies.into_iter().find_map(|(r, _)| match r {
            Reply::Noticed(Noticed::Finding(finding)) => Some(finding),
            _ => None,
        });
        first.unwrap().verdict.map(|_| ())
    };
    let all: Vec<u32> = (0..120).collect();
    let same = |_: &mut Payload| {};
    assert!(notice(0, &same, all.clone()).unwrap_err().contains("no pictures"));
    assert!(notice(1, &same, all.clone()).unwrap_err().contains("has 1 picture"), "one picture");
    let copies = |payload: &mut Payload| {
        let dim = backbone().dim;
        let first: Vec<f32> = payload.floats[120 * dim..121 * dim].to_vec();
        (0..20).for_each(|i| payload.floats[(120 + i) * dim..][..dim].copy_from_slice(&first));
    };
    assert!(notice(20, &copies, all.clone()).unwrap_err().contains("identical"));
    let broken = |payload: &mut Payload| payload.floats[120 * backbone().dim] = f32::NAN;
    assert!(notice(20, &broken, all.clone()).unwrap_err().contains("not finite"));
    let stranger = |payload: &mut Payload| payload.parts[2] = pack_u32([70; 20]);
    assert!(notice(20, &stranger, all.clone()).unwrap_err().contains("class 71"));
    let nobody = |payload: &mut Payload| payload.parts[2] = pack_u32([UNKNOWN; 20]);
    assert_eq!(notice(20, &nobody, all), Ok(()));
    assert!(notice(20, &same, vec![500]).unwrap_err().contains("does not have"));
}

#[test]
fn labels_from_the_field_repair_it() {
    let shots = photograph(names(), vec![winter_in_japan()], 96, Keep::Numbers).unwrap();
    let mut payload = visit().lab();
    payload.floats.extend(shots.iter().flat_map(|(_, p)| &p.floats[..backbone().dim]));
    payload.parts.push(pack_u32(shots.iter().map(|(s, _)| s.truth)));
    payload.parts.push(pack_u32(vec![UNKNOWN; shots.len()]));
    payload.parts.push(pack_u32([]));
    let replies = play(Request::Repair { lab: shape(), budget: 32, seed: 1 }, payload.clone(), vec![]).unwrap();
    let Reply::Repaired(arms) = &replies.last().unwrap().0 else { panic!("no result") };
    assert!(arms.iter().all(|(arm, _)| *arm != Arm::Augment), "there were no copies to augment with");
    let field = |wanted: Arm| {
        let (_, scores) = arms.iter().find(|(arm, _)| *arm == wanted).unwrap();
        scores.iter().map(|s| s.field_right).sum::<usize>() as f64
            / scores.iter().map(|s| s.field_n).sum::<usize>() as f64
    };
    let (before, after) = (field(Arm::AsItIs), field(Arm::Label(Strategy::Random)));
    assert!(after > before + 0.1, "{before} {after}");

    payload.parts[2] = pack_u32(vec![UNKNOWN; shots.len()]);
    let refused = play(Request::Repair { lab: shape(), budget: 32, seed: 1 }, payload, vec![]);
    assert!(refused.unwrap_err().contains("label them all"));
}

#[test]
fn a_year_is_played_week_by_week() {
    let policy = |when| Policy { when, each: 8, budget: 60, strategy: Strategy::Random, keep_lab: true };
    let request = Request::Year {
        lab: shape(),
        labels: names(),
        calendar: Calendar::default(),
        policies: vec![policy(When::Never), policy(When::Every(8))],
        settings: Settings { label_noise: 0.0, level: 0.05, lambda: 0.1, seed: 1 },
        pictures: 16,
    };
    let replies = play(request, visit().lab(), vec![]).unwrap();
    let weeks: Vec<_> = replies
        .iter()
        .filter_map(|(r, p)| if let Reply::Weeks(weeks) = r { Some((weeks, p.parts.len())) } else { None })
        .collect();
    assert_eq!(weeks.len(), WEEKS);
    assert!(weeks.iter().all(|(policies, thumbs)| policies.len() == 2 && *thumbs == 16));
    let last = weeks[WEEKS - 1].0;
    assert_eq!((last[0].spent, last[1].spent), (0, 48));
    let second_half = |policy: usize| weeks[26..].iter().map(|(w, _)| w[policy].accuracy).sum::<f64>();
    assert!(second_half(1) > second_half(0), "labels help: {} {}", second_half(1), second_half(0));
}

#[test]
fn years_that_cannot_be_played_are_refused() {
    let request = |labels: Vec<String>, pictures| Request::Year {
        lab: shape(),
        labels,
        calendar: Calendar::default(),
        policies: vec![],
        settings: Settings { label_noise: 0.0, level: 0.05, lambda: 0.1, seed: 1 },
        pictures,
    };
    assert!(play(request(names(), 0), visit().lab(), vec![]).unwrap_err().contains("8 to"));
    let cats = vec!["cat".to_owned(); 8];
    assert!(play(request(cats, 16), visit().lab(), vec![]).unwrap_err().contains("fewer than two"));
    let world = World { hours: vec![Hour::Night], devices: vec![Device::Webcam], ..World::default() };
    assert_eq!(photograph(names(), vec![world], 8, Keep::Answer).unwrap().len(), 8);
}
