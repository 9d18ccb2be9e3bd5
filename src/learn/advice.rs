//! What to warn about before trusting a number.

use super::dataset::{ClassId, Dataset};

/// Fewer pictures than this in a class make a shaky classifier.
pub const FEW: usize = 10;
/// The largest class may be this many times the smallest before it is called imbalance.
pub const IMBALANCE: usize = 5;

/// One thing the person should know about their data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    NoPictures,
    /// All pictures are in one class: there is nothing to tell apart.
    OneClass(ClassId),
    EmptyClass(ClassId),
    /// The class, and how many pictures it has.
    Few(ClassId, usize),
    Imbalance {
        largest: ClassId,
        smallest: ClassId,
        ratio: usize,
    },
}

/// Everything worth warning about, most important first.
pub fn advise(data: &Dataset) -> Vec<Advice> {
    let counts: Vec<(ClassId, usize)> = data.classes.iter().map(|c| (c.id, data.count(c.id))).collect();
    let filled: Vec<(ClassId, usize)> = counts.iter().copied().filter(|(_, n)| *n > 0).collect();
    let mut advice = Vec::new();
    match filled.as_slice() {
        [] => return vec![Advice::NoPictures],
        [(only, _)] => advice.push(Advice::OneClass(*only)),
        _ => {}
    }
    advice.extend(counts.iter().filter(|(_, n)| *n == 0).map(|(id, _)| Advice::EmptyClass(*id)));
    if let (Some((largest, most)), Some((smallest, least))) =
        (filled.iter().max_by_key(|(_, n)| *n), filled.iter().min_by_key(|(_, n)| *n))
        && *most >= IMBALANCE * least
        && filled.len() > 1
    {
        advice.push(Advice::Imbalance { largest: *largest, smallest: *smallest, ratio: most / least });
    }
    advice.extend(filled.iter().filter(|(_, n)| *n < FEW).map(|(id, n)| Advice::Few(*id, *n)));
    advice
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(counts: &[usize]) -> Dataset {
        let mut d = Dataset::default();
        let mut digest = 0;
        for n in counts {
            let id = d.add_numbered_class().unwrap();
            for _ in 0..*n {
                digest += 1;
                d.add_picture(id, "p", digest, 0, 0);
            }
        }
        d
    }

    #[test]
    fn each_situation_has_its_warning() {
        assert_eq!(advise(&data(&[])), [Advice::NoPictures]);
        assert_eq!(advise(&data(&[0, 0])), [Advice::NoPictures]);
        assert_eq!(advise(&data(&[12])), [Advice::OneClass(0)]);
        assert_eq!(advise(&data(&[12, 0])), [Advice::OneClass(0), Advice::EmptyClass(1)]);
        assert_eq!(advise(&data(&[12, 12])), []);
        assert_eq!(advise(&data(&[12, 3])), [Advice::Few(1, 3)]);
        assert_eq!(advise(&data(&[60, 10])), [Advice::Imbalance { largest: 0, smallest: 1, ratio: 6 }]);
    }
}
