//! Whole sessions against the engine's jobs, natively: what the page would send, and what
//! it would get back. Pictures are drawn here, so nothing outside the repository is needed.

mod support;

use fieldtest::engine::jobs::{self, Job, Step, scheduler::Scheduler};
use fieldtest::engine::protocol::images::{self, Item, Outcome, join};
use fieldtest::engine::protocol::{Payload, Reply, Request, State, learn, pack_u32, pack_u64};
use fieldtest::learn::head::Head;
use fieldtest::learn::report::{Method, Protocol, Report};
use fieldtest::shift::scene::world::{Meaning, Order};
use support::{backbone, boxed, draw, encode_png, finish, zip_of};

/// A data set as the page keeps it.
#[derive(Default)]
struct Gathered {
    embeddings: Vec<f32>,
    labels: Vec<u32>,
    dhashes: Vec<u64>,
    refused: Vec<(String, String)>,
}

impl Gathered {
    fn take(&mut self, item: Item, payload: Payload, label: u32) {
        match item.outcome {
            Outcome::Accepted(picture) => {
                self.embeddings.extend(payload.floats);
                self.labels.push(label);
                self.dhashes.push(join(picture.dhash));
            }
            Outcome::Refused(reason) => self.refused.push((item.name, reason)),
        }
    }

    fn train(&self, classes: usize) -> (Head, Report) {
        let n = self.labels.len();
        let parts = vec![pack_u32(self.labels.clone()), pack_u64(self.dhashes.clone()), pack_u32(vec![0; n])];
        let payload = Payload { floats: self.embeddings.clone(), parts };
        let request = Request::Learn(learn::Request::Train { classes });
        let (reply, _) = finish(jobs::job(request, payload, vec![]).unwrap(), |_, _| {}).unwrap();
        match reply {
            Reply::Learn(learn::Reply::Trained { head, report }) => (head, *report),
            other => panic!("expected a trained head, got {other:?}"),
        }
    }
}

fn gather(per_class: usize, classes: u32) -> Gathered {
    let mut gathered = Gathered::default();
    for class in 0..classes {
        let files: Vec<_> = (0..per_class).map(|i| boxed(encode_png(&draw(class, i as u32)))).collect();
        let names = (0..per_class).map(|i| format!("{i}.png")).collect();
        let job = jobs::job(Request::Images(images::Request::Import { names }), Payload::default(), files).unwrap();
        finish(job, |reply, payload| {
            if let Reply::Images(images::Reply::Item(item)) = reply {
                gathered.take(item, payload, class);
            }
        })
        .unwrap();
    }
    gathered
}

#[test]
fn from_files_to_a_classifier_that_predicts_and_explains() {
    let gathered = gather(16, 3);
    assert_eq!(gathered.refused, []);
    let (head, report) = gathered.train(3);
    assert_eq!(report.protocol, Protocol::CrossValidated { folds: 5 });
    assert!(report.accuracy.unwrap().value > 0.85, "{:?}", report.accuracy);

    for class in 0..3 {
        let request = Request::Learn(learn::Request::PredictFile { head: head.clone() });
        let job = jobs::job(request, Payload::default(), vec![boxed(encode_png(&draw(class, 500)))]).unwrap();
        let (reply, payload) = finish(job, |_, _| {}).unwrap();
        let Reply::Learn(learn::Reply::Predicted(prediction)) = reply else { panic!("{reply:?}") };
        assert_eq!(prediction.best, class as usize, "{prediction:?}");
        assert_eq!(payload.floats.len(), 3 * prediction.grid.0 * prediction.grid.1);
    }
}

#[test]
fn a_frame_and_the_same_picture_as_a_file_get_the_same_answer() {
    let (head, _) = gather(6, 2).train(2);
    let picture = draw(1, 7);
    let rgba: Vec<u8> = picture.data.as_chunks::<3>().0.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect();
    let frame = Request::Learn(learn::Request::PredictFrame {
        head: head.clone(),
        width: picture.width,
        height: picture.height,
    });
    let file = Request::Learn(learn::Request::PredictFile { head });
    let answers = [
        jobs::job(frame, Payload::parts(vec![rgba]), vec![]).unwrap(),
        jobs::job(file, Payload::default(), vec![boxed(encode_png(&picture))]).unwrap(),
    ]
    .map(|job| match finish(job, |_, _| {}).unwrap().0 {
        Reply::Learn(learn::Reply::Predicted(p)) => p.probabilities,
        other => panic!("{other:?}"),
    });
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn a_zip_is_read_entry_by_entry_and_can_be_taken_up_again() {
    let entries: Vec<(String, Vec<u8>)> = (0..6)
        .map(|i| (format!("set/{}/{i}.png", ["cat", "dog"][i % 2]), encode_png(&draw(i as u32 % 2, i as u32))))
        .chain([("__MACOSX/set/._x.png".into(), vec![1]), ("set/notes.txt".into(), b"hello".to_vec())])
        .collect();
    let archive = zip_of(&entries);
    let read = |skip| {
        let mut items = Vec::new();
        let mut contents = 0;
        let request = Request::Images(images::Request::ImportZip { skip });
        let job = jobs::job(request, Payload::default(), vec![boxed(archive.clone())]).unwrap();
        finish(job, |reply, payload| match reply {
            Reply::Images(images::Reply::Contents { pictures }) => contents = pictures,
            Reply::Images(images::Reply::Item(item)) => items.push((item, payload.parts.len())),
            other => panic!("{other:?}"),
        })
        .unwrap();
        (contents, items)
    };
    let (contents, items) = read(0);
    assert_eq!((contents, items.len()), (7, 7));
    assert_eq!(items[0].0.folder.as_deref(), Some("cat"));
    assert_eq!(items[0].1, 2, "thumbnail and original bytes");
    assert!(matches!(&items[6].0.outcome, Outcome::Refused(reason) if reason.contains("text file")));
    let (_, rest) = read(4);
    assert_eq!(rest.iter().map(|(item, _)| item.index).collect::<Vec<_>>(), [4, 5, 6]);
}

#[test]
fn a_rendered_sample_set_teaches_the_signs_and_can_be_taken_up_again() {
    let read = |skip, embed| {
        let request = Request::Images(images::Request::Render { order: Order::first_visit(), skip, embed });
        let mut items = Vec::new();
        let job = jobs::job(request, Payload::default(), vec![]).unwrap();
        finish(job, |reply, payload| {
            let Reply::Images(images::Reply::Item(item)) = reply else { panic!("{reply:?}") };
            items.push((item, payload));
        })
        .unwrap();
        items
    };
    let rest = read(118, true);
    assert_eq!(rest.iter().map(|(item, _)| item.index).collect::<Vec<_>>(), [118, 119]);
    let mut gathered = Gathered::default();
    for (item, payload) in read(0, true) {
        assert_eq!(payload.parts.len(), 2, "thumbnail and file");
        let folder = item.folder.clone().unwrap();
        let label = Meaning::ALL.iter().position(|m| m.name() == folder).unwrap();
        gathered.take(item, payload, label as u32);
    }
    assert_eq!((gathered.labels.len(), gathered.refused.len()), (120, 0));
    let (_, report) = gathered.train(8);
    let accuracy = report.accuracy.unwrap();
    assert!(accuracy.low > 0.6, "{accuracy:?}");
    // Without embeddings all the rest is the same.
    let quick = read(118, false);
    for ((quick_item, quick), (item, full)) in quick.iter().zip(&rest) {
        let (Outcome::Accepted(a), Outcome::Accepted(b)) = (&quick_item.outcome, &item.outcome) else { panic!() };
        assert!(a.embed_ms.is_none() && b.embed_ms.is_some());
        assert!(quick.floats.is_empty() && !full.floats.is_empty());
        assert_eq!((a.dhash, a.digest, &quick.parts), (b.dhash, b.digest, &full.parts));
    }
    let refused = Order { count: 5, ..Order::first_visit() };
    let request = Request::Images(images::Request::Render { order: refused, skip: 0, embed: true });
    assert!(jobs::job(request, Payload::default(), vec![]).is_err_and(|reason| reason.contains("24 to 2000")));
}

#[test]
fn one_and_two_pictures_give_prototypes_and_no_false_promise() {
    let (head, report) = gather(1, 2).train(2);
    assert_eq!((report.method, report.protocol), (Method::Prototypes, Protocol::NotMeasured));
    assert_eq!((report.accuracy, head.familiarity.threshold), (None, None));
}

#[test]
fn jobs_take_turns_and_urgent_ones_go_first() {
    let (head, _) = gather(3, 2).train(2);
    let import = |n: usize| {
        let names = (0..n).map(|i| i.to_string()).collect();
        let files = (0..n).map(|i| boxed(encode_png(&draw(0, i as u32)))).collect();
        jobs::job(Request::Images(images::Request::Import { names }), Payload::default(), files).unwrap()
    };
    let mut scheduler = Scheduler::default();
    scheduler.add(1, import(3));
    scheduler.add(2, import(1));
    let request = Request::Learn(learn::Request::PredictFile { head });
    scheduler.add(3, jobs::job(request, Payload::default(), vec![boxed(encode_png(&draw(0, 0)))]).unwrap());
    let mut order = Vec::new();
    while let Some((id, state, _)) = scheduler.turn(backbone()) {
        order.push((id, matches!(state, State::Done(_))));
    }
    assert_eq!(order, [(3, true), (1, false), (2, false), (1, false), (2, true), (1, false), (1, true)]);
    scheduler.add(4, import(2));
    assert!(scheduler.cancel(4) && !scheduler.cancel(4) && scheduler.idle());
}

#[test]
fn the_download_is_complete_and_agrees_with_itself() {
    let (head, report) = gather(8, 2).train(2);
    let labels = vec!["<b>cat</b>".to_owned(), "\u{202e}dog \"quoted\"".to_owned()];
    let request = learn::Request::Export { head, labels: labels.clone(), report: Box::new(report) };
    let files = (0..2).map(|class| boxed(encode_png(&draw(class, 40)))).collect();
    let job = jobs::job(Request::Learn(request), Payload::default(), files).unwrap();
    let (reply, payload) = finish(job, |_, _| {}).unwrap();
    let Reply::Learn(learn::Reply::Exported { onnx_bytes, .. }) = reply else { panic!("{reply:?}") };
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(payload.parts[0].clone())).unwrap();
    let mut names: Vec<_> = archive.file_names().map(|n| n.unwrap().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["README.txt", "check.json", "classifier.onnx", "example-1.png", "example-2.png", "verify.py"]);
    assert_eq!(archive.by_name("classifier.onnx").unwrap().size(), onnx_bytes as u64);
    let check: serde_json::Value = serde_json::from_reader(archive.by_name("check.json").unwrap()).unwrap();
    assert_eq!(check["labels"], serde_json::json!(labels));
    assert_eq!(check["examples"].as_array().unwrap().len(), 2);
}

#[test]
fn requests_that_contradict_themselves_fail_with_a_sentence() {
    let requests: [(Request, Payload); 4] = [
        (Request::Images(images::Request::Import { names: vec!["a".into()] }), Payload::default()),
        (Request::Images(images::Request::ImportZip { skip: 0 }), Payload::default()),
        (Request::Learn(learn::Request::Train { classes: 2 }), Payload::default()),
        (Request::Learn(learn::Request::Train { classes: 2 }), Payload { floats: vec![1.0], parts: vec![vec![]; 3] }),
    ];
    for (request, payload) in requests {
        let described = format!("{request:?}");
        let error = match jobs::job(request, payload, vec![]) {
            Err(reason) => reason,
            Ok(mut job) => match job.step(backbone()) {
                Step::Failed(reason) => reason,
                other => panic!("{described} led to {other:?}"),
            },
        };
        assert!(error.ends_with('.'), "{error}");
    }
}

#[test]
fn a_head_of_another_shape_is_refused() {
    let (mut head, _) = gather(3, 2).train(2);
    head.weights.pop();
    let request = Request::Learn(learn::Request::PredictFile { head });
    let mut job: Box<dyn Job> = jobs::job(request, Payload::default(), vec![boxed(encode_png(&draw(0, 0)))]).unwrap();
    assert!(matches!(job.step(backbone()), Step::Failed(reason) if reason.contains("weights")));
}
