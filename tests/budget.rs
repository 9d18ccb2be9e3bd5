//! What labels buy, as the engine plays it on the first visit's road signs: the curve, pictures without labels,
//! the map.

mod support;

use fieldtest::engine::jobs;
use fieldtest::engine::protocol::budget::{Reply, Request, TrialPlan};
use fieldtest::engine::protocol::{Payload, Reply as AnyReply, Request as AnyRequest, images, pack_u32};
use fieldtest::learn::budget::held_out::held_out;
use fieldtest::learn::unlabelled::Arm;
use fieldtest::shift::scene::world::{Meaning, Order};
use std::sync::OnceLock;
use support::{backbone, boxed, finish};

const SEED: u32 = 8;
const CLASSES: usize = 8;

struct Visit {
    embeddings: Vec<f32>,
    labels: Vec<u32>,
    files: Vec<Vec<u8>>,
}

impl Visit {
    fn parts(&self) -> Vec<Vec<u8>> {
        vec![pack_u32(self.labels.clone()), pack_u32(0..self.labels.len() as u32)]
    }
}

fn visit() -> &'static Visit {
    static VISIT: OnceLock<Visit> = OnceLock::new();
    VISIT.get_or_init(|| {
        let mut visit = Visit { embeddings: Vec::new(), labels: Vec::new(), files: Vec::new() };
        let request = AnyRequest::Images(images::Request::Render { order: Order::first_visit(), skip: 0, embed: true });
        finish(jobs::job(request, Payload::default(), vec![]).unwrap(), |reply, mut payload| {
            let AnyReply::Images(images::Reply::Item(item)) = reply else { panic!("{reply:?}") };
            let class = Meaning::ALL.iter().position(|m| Some(m.name()) == item.folder.as_deref()).unwrap();
            visit.embeddings.extend(payload.floats);
            visit.labels.push(class as u32);
            visit.files.push(payload.parts.pop().unwrap());
        })
        .unwrap();
        visit
    })
}

type Told = (Reply, Payload);

/// Plays a request to its end: what was told on the way, and the last word.
fn play(request: Request, payload: Payload, files: &[Vec<u8>]) -> Result<(Vec<Told>, Reply, Payload), String> {
    let files = files.iter().map(|f| boxed(f.clone())).collect();
    let mut told = Vec::new();
    let (reply, payload) = finish(jobs::job(AnyRequest::Budget(request), payload, files)?, |reply, payload| {
        let AnyReply::Budget(reply) = reply else { panic!("{reply:?}") };
        told.push((reply, payload));
    })?;
    let AnyReply::Budget(reply) = reply else { panic!("{reply:?}") };
    Ok((told, reply, payload))
}

#[test]
fn the_curve_streams_in_and_ends_in_a_forecast() {
    let visit = visit();
    let payload = || Payload { floats: visit.embeddings.clone(), parts: visit.parts() };
    let request = || Request::Curve { classes: CLASSES, draws: 3, seed: SEED };
    let (told, last, _) = play(request(), payload(), &[]).unwrap();
    let points: Vec<_> =
        told.iter().filter_map(|(r, _)| if let Reply::Point(p) = r { Some(p) } else { None }).collect();
    assert_eq!(points.iter().map(|p| p.per_class).collect::<Vec<_>>(), [1, 2, 5, 9]);
    assert!(points[0].accuracy.value > 0.2 && points[3].accuracy.value > points[0].accuracy.value + 0.03, "{points:?}");
    assert!(told.iter().filter(|(r, _)| matches!(r, Reply::Working { .. })).count() > 4);
    let Reply::Curve { held_out, forecast } = &last else { panic!("{last:?}") };
    assert_eq!(*held_out, 48);
    let forecast = forecast.unwrap();
    assert!(forecast.labels == 120 && (0.0..0.2).contains(&forecast.gain.value), "{forecast:?}");
    // The same request gives the same curve.
    assert_eq!(play(request(), payload(), &[]).unwrap().1, last);
}

#[test]
fn pictures_without_labels_are_measured_honestly() {
    let visit = visit();
    let held = held_out(&visit.labels, &(0..visit.labels.len() as u32).collect::<Vec<_>>(), u64::from(SEED));
    let own: Vec<_> = visit.files.iter().zip(&held).filter(|(_, held)| !**held).map(|(f, _)| f.clone()).collect();
    let (pairs, last, _) = play(Request::Views { seed: 1 }, Payload::default(), &own).unwrap();
    assert_eq!((pairs.len(), last), (72, Reply::Seen));
    let dim = backbone().dim;
    assert!(pairs.iter().all(|(_, p)| p.floats.len() == 2 * dim && p.floats[..dim] != p.floats[dim..]));

    let mut floats = visit.embeddings.clone();
    pairs.iter().for_each(|(_, p)| floats.extend(&p.floats));
    let plan = TrialPlan { classes: CLASSES, per_class: 2, draws: 4, seed: SEED, hide: true, others: 0 };
    let request = |plan| Request::Unlabelled { plan, numbers: dim };
    let (told, last, _) =
        play(request(plan.clone()), Payload { floats: floats.clone(), parts: visit.parts() }, &[]).unwrap();
    assert!(told.len() > 5);
    let Reply::Unlabelled { results, loss, held_out } = last else { panic!("{last:?}") };
    assert_eq!((results.len(), held_out), (Arm::ALL.len(), 48));
    let (first, after) = loss.unwrap();
    assert!(after < first, "{first} to {after}");
    for result in &results {
        assert!((0.1..=1.0).contains(&result.accuracy.value), "{result:?}");
        assert_eq!(result.gain.is_none(), result.arm == Arm::LabelsAlone);
    }
    let spread = results.iter().find(|r| r.arm == Arm::Propagation).unwrap();
    assert!(spread.made == 28.0 && spread.made_right.unwrap() > 0.4, "{spread:?}");

    // What cannot be tried is refused in a sentence.
    let refused = |plan, floats| play(request(plan), Payload { floats, parts: visit.parts() }, &[]).unwrap_err();
    assert!(refused(TrialPlan { per_class: 500, ..plan.clone() }, floats.clone()).ends_with('.'));
    assert!(refused(TrialPlan { hide: false, ..plan.clone() }, floats.clone()).contains("without labels"));
    assert!(refused(TrialPlan { others: usize::MAX, ..plan }, floats).ends_with('.'));
}

#[test]
fn the_map_begins_with_components_and_puts_classes_together() {
    let visit = visit();
    let dim = backbone().dim;
    let (told, last, payload) = play(Request::Map { dim }, Payload::floats(visit.embeddings.clone()), &[]).unwrap();
    let Reply::Components { explained } = told[0].0 else { panic!("{:?}", told[0].0) };
    assert!((0.05..0.95).contains(&explained));
    assert!(told.len() > 50 && told.iter().all(|(_, p)| p.floats.len() == 240));
    let Reply::Placed { share, divergence } = last else { panic!("{last:?}") };
    assert!(share > 0.99 && (0.0..2.0).contains(&divergence), "{divergence}");
    // The nearest on the plane is of the same class far more often than one in eight.
    let places = &payload.floats;
    let distance = |i: usize, j: usize| (places[2 * i] - places[2 * j]).hypot(places[2 * i + 1] - places[2 * j + 1]);
    let alike = (0..120)
        .filter(|i| {
            let nearest =
                (0..120).filter(|j| j != i).min_by(|a, b| distance(*i, *a).total_cmp(&distance(*i, *b))).unwrap();
            visit.labels[*i] == visit.labels[nearest]
        })
        .count();
    assert!(alike > 50, "{alike} of 120");
    assert!(play(Request::Map { dim }, Payload::floats(vec![0.0; 3 * dim]), &[]).is_err());
    assert!(play(Request::Map { dim: 0 }, Payload::floats(vec![0.0; 9]), &[]).is_err());
}

#[test]
fn pixels_are_the_centred_square_and_a_bad_file_ends_in_words() {
    let visit = visit();
    let (told, last, _) = play(Request::Pixels { side: 32 }, Payload::default(), &visit.files[..3]).unwrap();
    assert_eq!((told.len(), last), (3, Reply::Seen));
    assert!(told.iter().all(|(_, p)| p.parts[0].len() == 32 * 32 * 3));
    assert!(play(Request::Pixels { side: 0 }, Payload::default(), &[]).is_err());
    assert!(play(Request::Pixels { side: 32 }, Payload::default(), &[b"no picture".to_vec()]).unwrap_err().len() > 10);
}
