//! The masked word, played against the jobs as the page does, on the model as shipped.

mod support;

use fieldtest::engine::jobs::{self, Step};
use fieldtest::engine::protocol::words::{Ask, Compare, Guessed, Precision, Reply, Request as Question, Side};
use fieldtest::engine::protocol::{Payload, Reply as AnyReply, Request};
use std::io::Cursor;

const SENTENCE: &str = "Patricia is ____ a French novel.";

/// What the page has once it has unpacked the file.
fn file(precision: Precision) -> Vec<u8> {
    let unpacked = precision.file().replace(".packed", ".onnx");
    std::fs::read(format!("{}/assets/{unpacked}", env!("CARGO_MANIFEST_DIR"))).expect("a word model")
}

/// Every reply with its floats, or the sentence of a refusal.
fn ask_with(precision: Precision, ask: Ask, learned: Vec<f32>) -> Result<Vec<(Reply, Vec<f32>)>, String> {
    told(Request::Words(Question { precision, ask }), &[precision], learned)
}

fn ask_twins(text: &str) -> Result<Vec<(Reply, Vec<f32>)>, String> {
    told(Request::Twins(Compare { text: text.into() }), &[Precision::Int8, Precision::Float], vec![])
}

fn told(request: Request, files: &[Precision], learned: Vec<f32>) -> Result<Vec<(Reply, Vec<f32>)>, String> {
    let sources = files.iter().map(|p| Box::new(Cursor::new(file(*p))) as _).collect();
    let mut job = jobs::job(request, Payload::floats(learned), sources)?;
    let mut told = Vec::new();
    loop {
        let (reply, payload, last) = match job.step(support::backbone()) {
            Step::Continue(None) => continue,
            Step::Continue(Some((reply, payload))) => (reply, payload, false),
            Step::Done(reply, payload) => (reply, payload, true),
            Step::Failed(reason) => return Err(reason),
        };
        let AnyReply::Words(reply) = reply else { return Err("another feature answered".into()) };
        told.push((reply, payload.floats));
        if last {
            return Ok(told);
        }
    }
}

fn guess(text: &str, side: Side, learned: Vec<f32>) -> Result<Guessed, String> {
    let told = ask_with(Precision::Int8, Ask::Guess { text: text.into(), side }, learned)?;
    match told.into_iter().last() {
        Some((Reply::Guessed(guessed), _)) => Ok(guessed),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn every_blank_gets_words_and_one_side_says_something_else() {
    let both = guess("He went ____ of the ____ and shut the door.", Side::Both, vec![]).expect("guesses");
    assert_eq!(both.blanks.iter().map(|b| b.token).collect::<Vec<_>>(), [2, 5]);
    for blank in &both.blanks {
        assert!(blank.top.windows(2).all(|pair| pair[0].1 >= pair[1].1) && blank.top[0].1 > 0.0);
        assert!(blank.top.iter().map(|t| t.1).sum::<f32>() <= 1.0001 && blank.seen == (0, 11));
    }
    assert_eq!(both.blanks[0].top[0].0, "out");
    let left = guess("He went ____ of the ____ and shut the door.", Side::Left, vec![]).expect("guesses");
    assert!(left.blanks[0].top != both.blanks[0].top && left.blanks[0].seen == (0, 3));
    assert!(guess("no blank here", Side::Both, vec![]).expect("an answer").blanks.is_empty());
}

#[test]
fn the_articles_sentence_is_answered_with_a_verb_that_fits() {
    for precision in [Precision::Int8, Precision::Float] {
        let ask = Ask::Guess { text: SENTENCE.into(), side: Side::Both };
        let told = ask_with(precision, ask, vec![]).expect("guesses");
        let Some((Reply::Guessed(guessed), _)) = told.into_iter().last() else { panic!("no guesses") };
        let five: Vec<&str> = guessed.blanks[0].top.iter().take(5).map(|(word, _)| word.as_str()).collect();
        assert!(five.iter().any(|word| ["reading", "writing", "translating"].contains(word)), "{five:?}");
    }
}

#[test]
fn float_and_int8_are_the_same_model() {
    let ask = || Ask::Guess { text: SENTENCE.into(), side: Side::Both };
    let answers = [Precision::Int8, Precision::Float].map(|precision| {
        let told = ask_with(precision, ask(), vec![]).expect("an answer");
        let Some((Reply::Guessed(guessed), _)) = told.into_iter().last() else { panic!("no guesses") };
        guessed
    });
    let [small, float] = &answers;
    assert!(small.bytes < 4_000_000 && small.parameters == float.parameters && small.bytes * 3 < float.bytes * 2);
    for (word, p) in float.blanks[0].top.iter().take(5) {
        let other = small.blanks[0].top.iter().find(|(w, _)| w == word).map_or(0.0, |(_, p)| *p);
        assert!((p - other).abs() < 0.05, "{word}: {p} in float, {other} in int8");
    }
}

#[test]
fn the_twins_guess_a_word_as_if_it_were_a_blank() {
    let text = "The old man went out of the house and looked at the sea; it was cold, and there was no wind.";
    let told = ask_twins(text).expect("an answer");
    let Some((Reply::Twins(twins), _)) = told.last() else { panic!("{told:?}") };
    assert!(twins.words.len() == 21 && twins.passes.len() == 1 && twins.bytes.1 * 3 < twins.bytes.0 * 2);
    for hidden in [&twins.words[3], &twins.words[11]] {
        let (from, to) = (hidden.at.0 as usize, hidden.at.1 as usize);
        assert_eq!(text[from..to], hidden.word);
        let blank = format!("{}____{}", &text[..from], &text[to..]);
        for (precision, said) in [(Precision::Int8, &hidden.int8), (Precision::Float, &hidden.float)] {
            let ask = Ask::Guess { text: blank.clone(), side: Side::Both };
            let guessed = ask_with(precision, ask, vec![]).expect("an answer");
            let Some((Reply::Guessed(guessed), _)) = guessed.into_iter().last() else { panic!("no guesses") };
            let (word, sure) = &guessed.blanks[0].top[0];
            assert!(*word == said.word && (sure - said.sure).abs() < 1e-4, "{word} {sure}, {said:?}");
            let truth = guessed.blanks[0].top.iter().find(|(w, _)| *w == hidden.word).map(|(_, p)| *p);
            assert!(truth.is_none_or(|p| (p - said.truth).abs() < 1e-4));
        }
    }
    let same = twins.words.iter().filter(|w| w.float.word == w.int8.word).count();
    assert!(same >= 19, "rounding changes few guesses: {same} of 21 are the same");
    assert!(ask_twins("Too short.").is_err_and(|reason| reason.contains("at least 10")));
    assert!(ask_twins(&"word ".repeat(50_000)).is_err_and(|reason| reason.contains("too long")));
}

#[test]
fn hiding_a_word_tells_what_it_was_worth() {
    let guessed = guess(SENTENCE, Side::Both, vec![]).expect("guesses");
    let word = guessed.blanks[0].top[0].0.clone();
    let ask = Ask::Explain { text: SENTENCE.into(), side: Side::Both, blank: 2, word };
    let told = ask_with(Precision::Int8, ask, vec![]).expect("an answer");
    let Some((Reply::Mattered(words), _)) = told.last() else { panic!("{told:?}") };
    assert_eq!(words.iter().map(|w| w.0).collect::<Vec<_>>(), [0, 1, 3, 4, 5, 6]);
    assert!(words.iter().all(|w| w.1.is_finite()) && words.iter().any(|w| w.1 > 0.05), "{words:?}");
    let none = Ask::Explain { text: SENTENCE.into(), side: Side::Both, blank: 99, word: "x".into() };
    assert!(ask_with(Precision::Int8, none, vec![]).is_err());
}

#[test]
fn words_of_a_kind_are_neighbours() {
    let near = |word: &str| ask_with(Precision::Int8, Ask::Near { word: word.into() }, vec![]);
    for (word, expected) in [("brother", "sister"), ("Monday", "tuesday"), ("three", "four")] {
        let told = near(word).expect("neighbours");
        let Some((Reply::Near(near), _)) = told.last() else { panic!("{told:?}") };
        assert!(near.words.len() == 25 && near.words[0].0 == near.word);
        assert!(near.words.iter().any(|w| w.0 == expected), "{word}: {:?}", near.words);
        assert!(near.words.iter().all(|(_, _, (x, y))| x.abs() <= 1.0 && y.abs() <= 1.0) && near.shown > 0.1);
    }
    for none in ["", "qqqzz", "\u{1f600}", "____", ",", "12"] {
        assert!(near(none).is_err_and(|reason| reason.contains("does not know")), "{none}");
    }
}

#[test]
fn hostile_text_is_answered_or_refused_with_a_sentence() {
    let piece = "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{202e}\u{1f600}\0\u{7} <b>____</b> don't ";
    let long = piece.repeat(100_000 / piece.len());
    let guessed = guess(&long, Side::Both, vec![]).expect("guesses");
    assert_eq!(guessed.blanks.len(), 16);
    for token in &guessed.tokens {
        assert!(long.get(token.start as usize..token.end as usize).is_some(), "a token is cut from the text");
    }
    assert!(guess(&"a".repeat(100_000), Side::Both, vec![]).expect("one word").blanks.is_empty());
    assert!(guess(&"x ".repeat(150_000), Side::Both, vec![]).is_err_and(|reason| reason.contains("too long")));
    for text in ["", "____", "____ ____", "\u{0}", "____.____,____", "_____________"] {
        for side in [Side::Both, Side::Left, Side::Right] {
            let guessed = guess(text, side, vec![]).expect("an answer");
            assert!(guessed.blanks.iter().all(|b| b.top.iter().all(|(_, p)| p.is_finite())));
        }
    }
    assert!(guess(SENTENCE, Side::Both, vec![1.0; 7]).is_err(), "numbers of another shape");
}

#[test]
fn it_goes_on_learning_and_the_guesses_change() {
    let text = "A crane stood by the green river and ate a fish, and then the crane slept by the river. ".repeat(12);
    let study = Ask::Study { text, seconds: 4.0 };
    let told = ask_with(Precision::Int8, study, vec![]).expect("it learns");
    let measured: Vec<_> = told
        .iter()
        .filter_map(|(reply, learned)| match reply {
            Reply::Studied { measured, numbers, .. } => Some((*measured, *numbers, learned)),
            _ => None,
        })
        .collect();
    let ((first, numbers, _), (last, _, learned)) = (measured[0], measured[measured.len() - 1]);
    assert!(first.steps == 0 && last.steps >= 25, "{last:?}");
    assert!(last.learned < 0.8 * first.learned && last.held < first.held, "{first:?} {last:?}");
    assert!(learned.len() == numbers.0 as usize && numbers.0 < numbers.1 / 10);
    let ask = "The crane stood by the green ____ and slept.";
    let (before, after) = (guess(ask, Side::Both, vec![]), guess(ask, Side::Both, learned.clone()));
    let p = |guessed: &Guessed| guessed.blanks[0].top.iter().find(|(w, _)| w == "river").map_or(0.0, |(_, p)| *p);
    let (before, after) = (p(&before.expect("guesses")), p(&after.expect("guesses")));
    assert!(after > before, "river: {before} before, {after} after");
    let short = Ask::Study { text: "Too short.".into(), seconds: 5.0 };
    assert!(ask_with(Precision::Int8, short, vec![]).is_err_and(|reason| reason.contains("at least 40")));
}
