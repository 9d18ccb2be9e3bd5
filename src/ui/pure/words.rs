//! Sentences for advice, measurements and training, in plain words.

use super::format::{count, percent};
use crate::learn::advice::{Advice, FEW};
use crate::learn::dataset::{ClassId, Dataset};
use crate::learn::metrics::Interval;
use crate::learn::report::{Method, Protocol, Report};

/// How much a piece of advice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Something is missing before anything can be learned.
    Needed,
    /// The numbers should be taken with care.
    Care,
}

/// One piece of advice as a sentence.
pub fn advice(advice: &Advice, data: &Dataset) -> (Weight, String) {
    let name =
        |id: &ClassId| data.class(*id).map_or_else(|| "a class".into(), |c| format!("\u{201c}{}\u{201d}", c.name));
    match advice {
        Advice::NoPictures => (Weight::Needed, "Add pictures to begin.".into()),
        Advice::OneClass(id) => (
            Weight::Needed,
            format!(
                "All pictures are in {}. Add a second class: a classifier needs something to tell apart.",
                name(id)
            ),
        ),
        Advice::EmptyClass(id) => (Weight::Care, format!("{} has no pictures yet, so it is left out.", name(id))),
        Advice::Few(id, n) => (
            Weight::Care,
            format!(
                "{} has only {}. With {FEW} or more it will be steadier.",
                name(id),
                count(*n, "picture", "pictures")
            ),
        ),
        Advice::Imbalance { largest, smallest, ratio } => (
            Weight::Care,
            format!(
                "{} has {ratio} times as many pictures as {}. The classifier will lean towards it.",
                name(largest),
                name(smallest)
            ),
        ),
    }
}

/// How the accuracy was measured, or why it was not.
pub fn measured(report: &Report) -> String {
    match report.protocol {
        Protocol::CrossValidated { folds } => format!(
            "Measured on pictures it had not seen: every picture was held out once, in {folds} rounds (cross-validation)."
        ),
        Protocol::HeldOut => format!(
            "Measured on {} that were held out of training.",
            count(report.held_out.len(), "picture", "pictures")
        ),
        Protocol::NotMeasured => {
            "Not measured: there are too few different pictures to hold any out. Add at least two to each class.".into()
        }
    }
}

/// "between 84 % and 96 %"
pub fn interval(accuracy: &Interval) -> String {
    format!("between {} and {}", percent(accuracy.low), percent(accuracy.high))
}

/// What the sample size counts.
pub fn sample(accuracy: &Interval, near_duplicates: usize) -> String {
    if near_duplicates == 0 {
        count(accuracy.n, "picture", "pictures")
    } else {
        count(accuracy.n, "distinct picture", "distinct pictures")
    }
}

/// What became of the accuracy in the field. It is called a drop only where the intervals are apart.
pub fn lab_and_field(lab: &Interval, field: &Interval) -> String {
    let points = format!("{:.0} points", ((lab.value - field.value).abs() * 100.0).max(1.0));
    if field.high < lab.low {
        format!("The field costs {points} of accuracy: more than chance explains.")
    } else if field.low > lab.high {
        format!("The field is easier than the lab, by {points}.")
    } else {
        "No difference that this many photographs could prove.".into()
    }
}

/// The near-duplicate note, if there is one.
pub fn near_duplicates(n: usize) -> Option<String> {
    (n > 0).then(|| match n {
        1 => "1 near-duplicate is kept together with its twin, never split between training and measuring, so that the accuracy is honest.".into(),
        n => format!("{n} near-duplicates are kept together with their twins, never split between training and measuring, so that the accuracy is honest."),
    })
}

pub fn method(method: Method) -> String {
    match method {
        Method::Softmax { lambda } => {
            format!("Softmax regression with L2 regularisation {}, chosen by cross-validated log loss.", short(lambda))
        }
        Method::Prototypes => {
            "Nearest class mean (prototypes), because some class has only one or two pictures.".into()
        }
    }
}

/// What "none of these" would do to known pictures.
pub fn turned_away(share: Option<f32>) -> String {
    match share {
        Some(share) => format!(
            "\u{201c}None of these\u{201d} turns away {} of held-out pictures of the known classes.",
            percent(share)
        ),
        None => {
            "There are too few pictures to calibrate \u{201c}none of these\u{201d}, so it is never answered.".into()
        }
    }
}

/// Two significant digits without needless zeros.
fn short(value: f32) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let digits = (1 - value.abs().log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_names_the_classes() {
        let mut data = Dataset::default();
        let cat = data.add_class("Cat").unwrap();
        let dog = data.add_class("Dog").unwrap();
        let (weight, text) = advice(&Advice::OneClass(cat), &data);
        assert_eq!(weight, Weight::Needed);
        assert!(text.contains("\u{201c}Cat\u{201d}"));
        let (_, text) = advice(&Advice::Imbalance { largest: dog, smallest: cat, ratio: 6 }, &data);
        assert!(text.contains("\u{201c}Dog\u{201d} has 6 times"), "{text}");
        let (_, text) = advice(&Advice::Few(9, 1), &data);
        assert!(text.contains("a class has only 1 picture."), "{text}");
    }

    #[test]
    fn strengths_are_short() {
        assert_eq!(short(0.031_622_8), "0.032");
        assert_eq!(short(1.0), "1");
        assert_eq!(short(10.0), "10");
        assert_eq!(short(0.001), "0.001");
    }

    #[test]
    fn an_interval_reads_aloud() {
        let accuracy = Interval { value: 0.9, low: 0.837, high: 0.962, n: 120 };
        assert_eq!(interval(&accuracy), "between 84\u{a0}% and 96\u{a0}%");
        assert_eq!(sample(&accuracy, 0), "120 pictures");
        assert_eq!(sample(&accuracy, 14), "120 distinct pictures");
        assert_eq!(near_duplicates(0), None);
    }
}
