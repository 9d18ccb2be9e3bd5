use super::head::tests::some_head;
use super::packed::{Archive, pack_classes};
use super::*;
use proptest::prelude::*;

/// Any value of any field.
fn recipe() -> impl Strategy<Value = Recipe> {
    let numbers = prop::collection::vec(any::<u64>(), TABLE.len());
    (numbers, prop::collection::vec("[a-zA-Z äß猫]{1,20}", 0..6), any::<u64>()).prop_map(|(numbers, names, salt)| {
        let mut recipe = Recipe::default();
        for (field, value) in TABLE.iter().zip(numbers) {
            let value = match field.kind {
                Kind::Choice(names) => value % names.len() as u64,
                Kind::Whole(least, most) => least + value % (most - least + 1).max(1),
                Kind::Packed(_) => continue,
            };
            recipe.set(field.id, value);
        }
        let classes: Vec<Class> = (0u8..)
            .zip(&names)
            .map(|(at, name)| Class {
                name: format!("{} {at}", name.trim()).trim().to_owned(),
                color: [at, 2, 3],
                learned: at % 2 == 0,
            })
            .collect();
        recipe.pack(Id::Classes, pack_classes(&classes));
        if salt % 3 == 0 {
            let archive = Archive { address: "samples/birds.zip".into(), size: salt >> 40, sha256: [salt as u8; 32] };
            recipe.pack(Id::Archive, archive.pack());
        }
        if salt % 2 == 0 {
            recipe.pack(Id::Head, head::pack(&some_head(3, 16, salt), Precision::ALL[0]).unwrap());
        }
        recipe
    })
}

proptest! {
    #[test]
    fn what_is_sent_is_opened(recipe in recipe()) {
        let opened = open(&recipe.code()).unwrap();
        prop_assert_eq!(opened.unknown, Vec::<String>::new());
        prop_assert_eq!(opened.recipe, recipe);
    }

    #[test]
    fn no_text_is_a_panic(text in "\\PC{0,200}", code in "[A-Za-z0-9_-]{0,200}") {
        prop_assert!(open(&text).is_err());
        let _ = open(&code);
    }
}

#[test]
fn defaults_take_no_room() {
    assert!(Recipe::default().code().len() <= 12, "{}", Recipe::default().code());
}

#[test]
fn what_a_messenger_adds_is_passed_over() {
    let code = Recipe::default().code();
    assert!(open(&format!(" {code}).\n")).is_ok());
    assert_eq!(open(&code[..code.len() - 1]), Err(Refusal::Damaged));
    assert_eq!(open(""), Err(Refusal::Damaged));
}

#[test]
fn a_newer_table_is_read_as_far_as_it_is_known() {
    let mut fields = Vec::new();
    // Key 120 is unknown, the theme has a value of tomorrow, the severity one of today.
    for (key, value) in [(120u64, 1u64), (3, 9), (37, 5)] {
        push_number(&mut fields, key);
        push_number(&mut fields, 1);
        push_number(&mut fields, value);
    }
    let opened = open(&seal(&fields)).unwrap();
    assert_eq!((opened.recipe.get(Id::Severity), opened.recipe.get(Id::Theme)), (5, 0));
    assert_eq!(opened.unknown.len(), 2, "{:?}", opened.unknown);
}

#[test]
fn a_newer_layout_and_a_bomb_are_refused() {
    let mut sealed = from_base64(&Recipe::default().code()).unwrap();
    sealed[0] = VERSION + 1;
    assert_eq!(open(&base64(&sealed)), Err(Refusal::Newer));
    assert_eq!(open(&seal(&vec![0; MAX_INFLATED + 1])), Err(Refusal::TooLarge));
}

#[test]
fn a_link_is_as_fine_as_there_is_room() {
    let page = "https://name.example.org/fieldtest/";
    let head = some_head(5, 256, 4);
    let written = write(page, &Recipe::default(), Some(&head), MAX_CHARS);
    assert!(written.url.len() <= MAX_CHARS && written.dropped.is_empty(), "{written:?}");
    assert!(written.bits.unwrap() >= 5.0 && written.head.is_some());
    let roomy = write(page, &Recipe::default(), Some(&head), 5000);
    assert!(roomy.bits > written.bits);
    let tight = write(page, &Recipe::default(), Some(&some_head(20, 256, 4)), MAX_CHARS);
    assert!(tight.head.is_none() && tight.url.len() < 100 && tight.dropped[0].contains("left out"), "{tight:?}");
    let eight = write(page, &Recipe::default(), Some(&some_head(8, 256, 4)), MAX_CHARS);
    assert!(eight.head.unwrap().familiarity.threshold.is_none() && eight.dropped[0].contains("None of these"));
}
