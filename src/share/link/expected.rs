//! What the sender saw, in a few bytes, so that who opens the link can tell whether they see the same.

use super::bytes::{Reader, push_number};
use crate::learn::dataset::Dataset;
use crate::learn::report::Report;

/// Right answers and answers.
pub type Score = (u64, u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expected {
    /// Of every picture and its class, see [`fingerprint`].
    pub data: Option<u32>,
    /// Of the held-out answers, see [`outcome`].
    pub outcome: Option<u32>,
    /// Held-out accuracy in thousandths, and the sample size it rests on.
    pub accuracy: Option<Score>,
    /// In the field.
    pub field: Option<Score>,
    /// Of the backbone's file, see [`backbone`].
    pub backbone: Option<u32>,
}

/// The beginning of a file's hash, which is given in hexadecimal.
pub fn backbone(digest: &str) -> Option<u32> {
    u32::from_str_radix(digest.get(..8)?, 16).ok()
}

/// FNV-1a, 32 bits.
fn fnv(bytes: impl IntoIterator<Item = u8>) -> u32 {
    bytes.into_iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Of every picture's bytes and its class's name, in whatever order they came. 0 for no pictures.
pub fn fingerprint(data: &Dataset) -> u32 {
    let name = |id| data.class(id).map_or("", |c| c.name.as_str());
    let one = |p: &crate::learn::dataset::Entry| fnv(p.digest.to_le_bytes().into_iter().chain(name(p.class).bytes()));
    data.pictures.iter().fold(0, |sum: u32, p| sum.wrapping_add(one(p)))
}

/// Of the confusion matrix.
pub fn outcome(report: &Report) -> u32 {
    fnv(report.confusion.iter().flatten().flat_map(|n| n.to_le_bytes()))
}

/// Held-out accuracy in thousandths, and the sample size.
pub fn accuracy(report: &Report) -> Option<Score> {
    report.accuracy.map(|a| ((a.value * 1000.0).round() as u64, a.n as u64))
}

impl Expected {
    pub fn pack(&self) -> Vec<u8> {
        let Self { data, outcome, accuracy, field, backbone } = *self;
        let flags = [data.is_some(), outcome.is_some(), accuracy.is_some(), field.is_some(), backbone.is_some()];
        let mut out = vec![flags.iter().rev().fold(0, |bits, flag| bits << 1 | u8::from(*flag))];
        [data, outcome].into_iter().flatten().for_each(|hash| out.extend(hash.to_le_bytes()));
        for (right, all) in [accuracy, field].into_iter().flatten() {
            push_number(&mut out, right);
            push_number(&mut out, all);
        }
        backbone.into_iter().for_each(|hash| out.extend(hash.to_le_bytes()));
        out
    }

    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let flags = reader.byte()?;
        let has = |bit: u8| flags >> bit & 1 == 1;
        let hash = |r: &mut Reader, bit| if has(bit) { r.four().map(u32::from_le_bytes).map(Some) } else { Some(None) };
        let (data, outcome) = (hash(&mut reader, 0)?, hash(&mut reader, 1)?);
        let score = |r: &mut Reader, bit| if has(bit) { Some(Some((r.number()?, r.number()?))) } else { Some(None) };
        let (accuracy, field) = (score(&mut reader, 2)?, score(&mut reader, 3)?);
        let backbone = hash(&mut reader, 4)?;
        Some(Self { data, outcome, accuracy, field, backbone })
    }

    /// What the sender saw, compared with what is seen `here`.
    pub fn compare(&self, here: &Self) -> Vec<Line> {
        let share = |(right, all): Score| format!("{:.1}\u{a0}%", 100.0 * right as f64 / all.max(1) as f64);
        let mut lines = Vec::new();
        if let Some(sent) = self.backbone {
            lines.push(Line {
                what: "Backbone",
                state: here.backbone.map_or(State::Waiting, |h| {
                    if h == sent {
                        State::Same
                    } else {
                        State::Differs("another file than the sender\u{2019}s, so answers may differ".into())
                    }
                }),
            });
        }
        if let Some(sent) = self.data {
            lines.push(Line {
                what: "Pictures",
                state: here.data.map_or(State::Waiting, |h| {
                    if h == sent {
                        State::Same
                    } else {
                        State::Differs("other pictures or classes than the sender had".into())
                    }
                }),
            });
        }
        if let Some(sent) = self.accuracy.or(self.outcome.map(|_| (0, 0))) {
            let state = match (here.accuracy, here.outcome) {
                (Some(seen), _) if seen != sent => State::Differs(format!(
                    "{:.1}\u{a0}% here, {:.1}\u{a0}% at the sender's",
                    seen.0 as f64 / 10.0,
                    sent.0 as f64 / 10.0
                )),
                (_, outcome) if outcome.is_some() && outcome != self.outcome => {
                    State::Differs("the same accuracy, but other pictures are mistaken".into())
                }
                (_, None) => State::Waiting,
                _ => State::Same,
            };
            lines.push(Line { what: "Held-out answers", state });
        }
        if let Some(sent) = self.field {
            lines.push(Line {
                what: "Answers in the field",
                state: match here.field {
                    None => State::Waiting,
                    Some(seen) if seen == sent => State::Same,
                    Some(seen) => State::Differs(format!("{} here, {} at the sender's", share(seen), share(sent))),
                },
            });
        }
        lines
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub what: &'static str,
    pub state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Not seen here yet.
    Waiting,
    Same,
    Differs(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_order_of_pictures_does_not_matter_but_their_class_does() {
        let data = |order: &[(u64, usize)]| {
            let mut data = Dataset::default();
            let classes = ["a", "b"].map(|n| data.add_class(n).unwrap());
            order.iter().for_each(|(digest, class)| {
                data.add_picture(classes[*class], "x", *digest, 0, 0);
            });
            fingerprint(&data)
        };
        assert_eq!(data(&[(1, 0), (2, 1)]), data(&[(2, 1), (1, 0)]));
        assert_ne!(data(&[(1, 0), (2, 1)]), data(&[(1, 1), (2, 0)]));
        assert_ne!(data(&[(1, 0), (2, 1)]), data(&[(1, 0)]));
        assert_eq!(data(&[]), 0);
    }

    #[test]
    fn what_differs_is_said() {
        let sent = Expected {
            data: Some(7),
            outcome: Some(8),
            accuracy: Some((930, 120)),
            field: Some((50, 96)),
            backbone: None,
        };
        let states = |here: &Expected| sent.compare(here).into_iter().map(|l| l.state).collect::<Vec<_>>();
        assert_eq!(states(&sent), [State::Same, State::Same, State::Same]);
        assert_eq!(states(&Expected::default()), [State::Waiting, State::Waiting, State::Waiting]);
        let here = Expected { accuracy: Some((900, 120)), field: Some((48, 96)), ..sent };
        let State::Differs(said) = &states(&here)[1] else { panic!() };
        assert_eq!(said, "90.0\u{a0}% here, 93.0\u{a0}% at the sender's");
        assert!(
            matches!(&states(&Expected { outcome: Some(9), ..sent })[1], State::Differs(s) if s.contains("mistaken"))
        );
        assert!(Expected::default().compare(&sent).is_empty());
        let files =
            ["deadbeef00", "0000000100"].map(|digest| Expected { backbone: backbone(digest), ..Expected::default() });
        assert!(matches!(&files[0].compare(&files[1])[..], [Line { what: "Backbone", state: State::Differs(_) }]));
        assert_eq!((files[0].compare(&files[0])[0].state.clone(), backbone("xy")), (State::Same, None));
    }

    proptest! {
        #[test]
        fn it_comes_back(hashes: [Option<u32>; 3], accuracy: Option<(u64, u64)>, field: Option<(u64, u64)>) {
            let [data, outcome, backbone] = hashes;
            let expected = Expected { data, outcome, accuracy, field, backbone };
            prop_assert_eq!(Expected::read(&expected.pack()), Some(expected));
        }
    }
}
