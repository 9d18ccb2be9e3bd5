//! Project files against the engine's jobs, natively: what is packed is unpacked the same, and what
//! strangers make of the format is refused in words.

mod support;

use fieldtest::engine::jobs;
use fieldtest::engine::protocol::images::Outcome;
use fieldtest::engine::protocol::share::{Reply as Answer, Request as Ask};
use fieldtest::engine::protocol::{Payload, Reply, Request};
use fieldtest::image::decode;
use fieldtest::share::project::{Class, FORMAT, LISTING, Picture, Project, VERSION};
use support::{boxed, draw, encode_png, finish, zip_of};

fn project(pictures: usize) -> Project {
    let picture = |i: usize| Picture {
        file: String::new(),
        name: format!("picture {i}.png"),
        class: i % 2,
        burst: i as u32 / 2,
        digest: format!("{i:016x}"),
    };
    Project {
        format: FORMAT.into(),
        version: VERSION,
        app: "test".into(),
        name: "Shapes".into(),
        backbone: "Supervised".into(),
        classes: ["A", "B"].map(|name| Class { name: name.into(), color: [9, 8, 7] }).into(),
        pictures: (0..pictures).map(picture).collect(),
        recipe: "recipe".into(),
        accuracy: Some(0.75),
    }
}

/// Packs, and joins the pieces as the page does.
fn pack(project: Project, files: Vec<Vec<u8>>) -> (Vec<u8>, Vec<(String, String)>) {
    let files = files.into_iter().map(boxed).collect();
    let job =
        jobs::job(Request::Share(Ask::Pack { project: Box::new(project), head: None }), Payload::default(), files)
            .unwrap();
    let mut file = Vec::new();
    let (reply, last) = finish(job, |_, payload| payload.parts.into_iter().for_each(|p| file.extend(p))).unwrap();
    last.parts.into_iter().for_each(|p| file.extend(p));
    match reply {
        Reply::Share(Answer::Packed { left_out }) => (file, left_out),
        other => panic!("expected a packed project, got {other:?}"),
    }
}

type Unpacked = (Option<Project>, Vec<Result<Vec<u8>, String>>);

fn unpack(file: Vec<u8>, skip: usize) -> Result<Unpacked, String> {
    let job = jobs::job(Request::Share(Ask::Unpack { skip }), Payload::default(), vec![boxed(file)]).unwrap();
    let (mut project, mut pictures) = (None, Vec::new());
    finish(job, |reply, payload| match reply {
        Reply::Share(Answer::Opened(opened)) => project = Some(*opened),
        Reply::Share(Answer::Item(item)) => pictures.push(match item.outcome {
            Outcome::Accepted(_) => {
                assert!(!payload.floats.is_empty() && payload.parts.len() == 2);
                Ok(payload.parts[1].clone())
            }
            Outcome::Refused(reason) => Err(reason),
        }),
        other => panic!("{other:?}"),
    })?;
    Ok((project, pictures))
}

#[test]
fn what_is_packed_is_unpacked_the_same() {
    let files: Vec<_> = (0..6).map(|i| encode_png(&draw(i % 2, i))).collect();
    let (file, left_out) = pack(project(6), files.clone());
    assert_eq!(left_out, []);
    let (opened, pictures) = unpack(file.clone(), 0).unwrap();
    let mut expected = project(6);
    for (i, picture) in expected.pictures.iter_mut().enumerate() {
        picture.file = format!("pictures/{:05}.png", i + 1);
    }
    assert_eq!(opened, Some(expected));
    assert_eq!(pictures.len(), 6);
    for (before, after) in files.iter().zip(&pictures) {
        let after = after.as_ref().unwrap();
        assert!(decode::decode(before).unwrap().pixels == decode::decode(after).unwrap().pixels);
    }
    // After a crash it goes on where it was.
    assert_eq!(unpack(file, 4).unwrap().1.len(), 2);
}

#[test]
fn a_picture_that_cannot_be_packed_is_named_and_left_out() {
    let (file, left_out) = pack(project(2), vec![b"no picture".to_vec(), encode_png(&draw(0, 1))]);
    assert_eq!(left_out.len(), 1);
    assert_eq!(left_out[0].0, "picture 0.png");
    let (opened, pictures) = unpack(file, 0).unwrap();
    assert_eq!(opened.unwrap().pictures.len(), 1);
    assert!(pictures[0].is_ok());
}

#[test]
fn what_is_no_project_is_refused_in_words() {
    let refused = |file: Vec<u8>| unpack(file, 0).unwrap_err();
    assert!(refused(b"something".to_vec()).contains("not a project file"));
    assert!(refused(zip_of(&[("a.png".into(), encode_png(&draw(0, 0)))])).contains("not a project file"));
    let listing = |json: &str| zip_of(&[(LISTING.into(), json.as_bytes().to_vec())]);
    assert!(refused(listing("{}")).contains("not a project file"));
    assert!(refused(listing(r#"{"format":"fieldtest project","version":1}"#)).contains("damaged"));
    let newer = refused(listing(r#"{"format":"fieldtest project","version":2,"classes":7}"#));
    assert!(newer.contains("newer Fieldtest") && newer.contains("left as it is"), "{newer}");
    let (whole, _) = pack(project(2), vec![encode_png(&draw(0, 1)), encode_png(&draw(1, 1))]);
    for cut in [whole.len() / 3, whole.len() - 5, whole.len() - 60] {
        assert!(unpack(whole[..cut].to_vec(), 0).is_err(), "cut at {cut} of {}", whole.len());
    }
}

#[test]
fn pictures_that_are_not_there_or_lie_are_named() {
    let mut listing = project(4);
    for (picture, file) in listing.pictures.iter_mut().zip(["pictures/1.png", "../2.png", "gone.png", LISTING]) {
        picture.file = file.into();
    }
    let file = zip_of(&[
        (LISTING.into(), listing.write()),
        ("pictures/1.png".into(), encode_png(&draw(0, 1))),
        ("../2.png".into(), encode_png(&draw(0, 2))),
    ]);
    let (_, pictures) = unpack(file, 0).unwrap();
    assert!(pictures[0].is_ok());
    assert!(pictures[1].as_ref().unwrap_err().contains("outside the archive"));
    assert!(pictures[2].is_err());
    assert!(pictures[3].is_err(), "the list of contents is no picture");
}

/// A project file with any byte changed opens or is refused, and never panics.
#[test]
fn damaged_files_never_panic() {
    let (whole, _) = pack(project(1), vec![encode_png(&draw(0, 1))]);
    let mut seed = 7u64;
    for _ in 0..40 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut file = whole.clone();
        let at = (seed >> 33) as usize % file.len();
        file[at] ^= 1 << (seed >> 20 & 7);
        let _ = unpack(file, 0);
    }
}
