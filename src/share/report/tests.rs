use super::advice::{Verdict, advise};
use super::*;
use crate::learn::metrics::wilson;

fn class(name: &str, recall: f32) -> Class {
    Class { name: name.into(), pictures: 30, precision: Some(0.9), recall: Some(recall) }
}

fn good() -> Findings {
    Findings {
        made: "today".into(),
        data: Data {
            source: "Drawn.".into(),
            classes: vec![class("cat", 0.95), class("dog", 0.95)],
            near_duplicates: 2,
        },
        lab: Some(Lab {
            accuracy: wilson(190.0, 200),
            outputs: vec!["cat".into(), "dog".into()],
            confusion: vec![vec![95, 5], vec![5, 95]],
            ..Lab::default()
        }),
        field: Some(Field { place: "There.".into(), pictures: 100, accuracy: wilson(93.0, 100), ..Field::default() }),
        ..Findings::default()
    }
}

fn verdicts(findings: &Findings) -> Vec<Verdict> {
    advise(findings).iter().map(|a| a.verdict).collect()
}

#[test]
fn nothing_measured_means_collect() {
    assert_eq!(verdicts(&Findings::default()), [Verdict::Collect]);
}

#[test]
fn what_holds_in_the_field_is_shipped_and_what_does_not_is_not() {
    assert_eq!(verdicts(&good()), [Verdict::Ship]);
    let mut bad = good();
    let field = bad.field.as_mut().unwrap();
    field.accuracy = wilson(50.0, 100);
    field.per_class = vec![("cat".into(), wilson(45.0, 50).unwrap()), ("dog".into(), wilson(5.0, 50).unwrap())];
    assert_eq!(verdicts(&bad), [Verdict::Collect]);
    assert!(advise(&bad)[0].text.contains("first of dog"), "{:?}", advise(&bad));
    let mut unseen = good();
    unseen.field = None;
    assert_eq!(verdicts(&unseen), [Verdict::Measure]);
}

#[test]
fn few_pictures_and_weak_classes_are_named() {
    let mut few = good();
    few.lab.as_mut().unwrap().accuracy = wilson(9.0, 12);
    few.data.classes[1].recall = Some(0.4);
    let said = advise(&few);
    assert!(said.iter().all(|a| a.verdict == Verdict::Collect), "{said:?}");
    assert!(said[0].text.contains("12 pictures are few") && said[1].text.contains("dog"), "{said:?}");
}

#[test]
fn the_smallest_harmless_recipe_is_recommended() {
    let small = |recipe: &str, bytes, agree, p_value, right: f64| Small {
        recipe: recipe.into(),
        calibrated: "the lab".into(),
        bytes,
        shipped_bytes: 3000,
        agree,
        n: 100,
        float: wilson(95.0, 100),
        quantized: wilson(right, 100),
        p_value,
    };
    let mut tried = good();
    tried.small = vec![
        small("int8", 1500, 99, 1.0, 95.0),
        small("4 bits", 900, 60, 0.0001, 55.0),
        small("half", 3000, 100, 1.0, 95.0),
    ];
    let said = advise(&tried);
    let quantize = said.iter().find(|a| a.verdict == Verdict::Quantize).unwrap();
    assert!(quantize.text.contains("int8") && quantize.text.contains("2.0 times"), "{quantize:?}");
    assert!(said.iter().any(|a| a.verdict == Verdict::Avoid && a.text.contains("4 bits")));
}

#[test]
fn names_cannot_become_markup() {
    let mut hostile = good();
    let name = "<script>alert(1)</script>\" onload='x";
    hostile.data.classes[0].name = name.into();
    hostile.lab.as_mut().unwrap().outputs[0] = name.into();
    hostile.lab.as_mut().unwrap().coverage = vec![(0.5, 1.0), (1.0, 0.9)];
    let field = hostile.field.as_mut().unwrap();
    field.place = name.into();
    field.year = vec![(name.into(), vec![0.5, 0.6]), ("b".into(), vec![0.1])];
    let page = html::page(&hostile);
    assert!(!page.contains("<script") && !page.contains("onload='"), "{page}");
    assert_eq!(page.matches("&lt;script&gt;").count(), 5);
    assert!(!page.contains("http"), "nothing from elsewhere");
}

#[test]
fn json_is_json() {
    let read: serde_json::Value = serde_json::from_str(&json(&good())).unwrap();
    assert_eq!(read["recommendation"][0]["verdict"], "Ship");
    assert_eq!(read["data"]["classes"][1]["name"], "dog");
}

#[test]
fn curves_are_those_of_the_answers() {
    let answers = [(true, 0.95), (true, 0.9), (false, 0.6), (true, 0.55)];
    assert_eq!(coverage(&answers), [(0.25, 1.0), (0.5, 1.0), (0.75, 2.0 / 3.0), (1.0, 0.75)]);
    let calibration = calibration(&answers);
    assert_eq!(calibration.iter().map(|(_, a, n)| (*a, *n)).collect::<Vec<_>>(), [(1.0, 1), (0.0, 1), (1.0, 2)]);
    assert!(super::coverage(&[]).is_empty());
}
