//! Repairs compared fairly: every arm starts from the same lab pictures, may use the same field pictures,
//! and is measured on pictures of lab and field that none of them has seen.

use super::align::Alignment;
use super::select::choose;
use super::{Arm, Score, Strategy};
use crate::learn::head::argmax;
use crate::learn::split;
use crate::shift::drift::{Random, Refusal, Sample};
use crate::shift::judges::Lab;
use crate::shift::refit::Refit;

/// Splits over which an arm's accuracies are averaged.
pub const REPEATS: usize = 5;

/// Pictures of the field, their true classes known to the simulator or given by a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// `[m, dim]`.
    pub embeddings: Vec<f32>,
    /// `[m]`, each below the lab's number of classes.
    pub labels: Vec<u32>,
    /// `[m]`: the lab picture each was made from, which must then not be on the other side of a split;
    /// `None` for pictures of its own.
    pub origins: Vec<Option<u32>>,
}

/// Copies of lab pictures, degraded to imitate the shift.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Augmented {
    /// `[k, dim]`.
    pub embeddings: Vec<f32>,
    /// `[k]`: the lab picture each is a copy of.
    pub origins: Vec<u32>,
}

/// All arms on all splits, one fit a step.
pub struct Trial {
    lab: Lab,
    field: Field,
    augmented: Augmented,
    budget: usize,
    arms: Vec<Arm>,
    seed: u64,
    done: usize,
    scores: Vec<Vec<Score>>,
}

/// One split: which pictures an arm may use, and on which it is measured.
struct Split {
    lab_train: Vec<usize>,
    lab_test: Vec<usize>,
    pool: Vec<usize>,
    field_test: Vec<usize>,
}

impl Trial {
    /// `budget`: field pictures labelled by the arms that label.
    ///
    /// # Errors
    /// A sentence: [`Lab::check`], a field that does not fit the lab, or too few pictures to split.
    pub fn new(lab: Lab, field: Field, augmented: Augmented, budget: usize, seed: u64) -> Result<Self, String> {
        lab.check()?;
        let m = field.labels.len();
        if m < 8 {
            let need = Refusal::TooFew { side: crate::shift::drift::Side::Field, have: m, need: 8 };
            return Err(need.to_string());
        }
        let fits = field.embeddings.len() == m * lab.dim && field.origins.len() == m;
        let fits = fits && augmented.embeddings.len() == augmented.origins.len() * lab.dim;
        let known = |origin: &u32| (*origin as usize) < lab.labels.len();
        if !fits || !field.origins.iter().flatten().all(known) || !augmented.origins.iter().all(known) {
            return Err("The field's pictures do not fit those of the lab.".into());
        }
        if let Some(label) = field.labels.iter().find(|l| **l as usize >= lab.classes) {
            return Err(Refusal::UnknownClass { label: *label, classes: lab.classes }.to_string());
        }
        let mut arms = vec![Arm::AsItIs];
        arms.extend(Strategy::ALL.map(Arm::Label));
        if !augmented.origins.is_empty() {
            arms.push(Arm::Augment);
        }
        arms.extend([Arm::Restandardise, Arm::Coral]);
        let scores = vec![Vec::new(); arms.len()];
        Ok(Self { lab, field, augmented, budget, arms, seed, done: 0, scores })
    }

    /// Share done, 0..=1.
    pub fn fraction(&self) -> f32 {
        self.done as f32 / (self.arms.len() * REPEATS) as f32
    }

    /// One arm on one split; true once all are done.
    ///
    /// # Errors
    /// What the arms refuse.
    pub fn step(&mut self) -> Result<bool, Refusal> {
        if self.done < self.arms.len() * REPEATS {
            let (repeat, arm) = (self.done / self.arms.len(), self.done % self.arms.len());
            let split = self.split(repeat);
            let score = self.play(self.arms[arm], &split, self.seed ^ repeat as u64)?;
            self.scores[arm].push(score);
            self.done += 1;
        }
        Ok(self.done == self.arms.len() * REPEATS)
    }

    /// Each arm with its score on every split so far.
    pub fn scores(&self) -> impl Iterator<Item = (Arm, &[Score])> {
        self.arms.iter().copied().zip(self.scores.iter().map(Vec::as_slice))
    }

    /// Half of the lab against half of the field, by groups.
    fn split(&self, repeat: usize) -> Split {
        let seed = self.seed.wrapping_add(0x9E37 * repeat as u64);
        let (_, fold) = split::folds(&self.lab.labels, &self.lab.groups, seed);
        // Folds 0 and 1 (of at most five) test, the others train; so does what cannot be held out.
        let folds = fold.iter().flatten().max().map_or(0, |f| f + 1);
        let tests = |f: usize| f < (folds / 2).max(1);
        let test = |i: usize| fold[i].is_some_and(tests);
        let mut random = Random::new(seed);
        let mut split = Split { lab_train: vec![], lab_test: vec![], pool: vec![], field_test: vec![] };
        for i in 0..self.lab.labels.len() {
            if test(i) { split.lab_test.push(i) } else { split.lab_train.push(i) }
        }
        for (j, origin) in self.field.origins.iter().enumerate() {
            let tests = match origin {
                Some(origin) => test(*origin as usize),
                None => random.uniform() < 0.5,
            };
            if tests { split.field_test.push(j) } else { split.pool.push(j) }
        }
        split
    }

    fn play(&self, arm: Arm, split: &Split, seed: u64) -> Result<Score, Refusal> {
        let lab = || split.lab_train.iter().copied();
        let before = self.lab.fit(lab(), (&[], &[]))?;
        let row = |j: &usize| &self.field.embeddings[j * self.lab.dim..][..self.lab.dim];
        let sample = |rows: &[usize]| Sample::new(rows.iter().flat_map(row).copied().collect(), self.lab.dim);
        let pool = sample(&split.pool)?;
        let train = || {
            let rows = lab().flat_map(|i| self.lab.row(i)).copied().collect();
            Sample::new(rows, self.lab.dim)
        };
        let mut labelled = 0;
        let (head, map) = match arm {
            Arm::AsItIs => (before, None),
            Arm::Label(strategy) => {
                let chosen = choose(strategy, &before.answered(&pool)?, Some(&train()?), self.budget, seed)?;
                let chosen: Vec<usize> = chosen.into_iter().map(|c| split.pool[c]).collect();
                labelled = chosen.len();
                let embeddings: Vec<f32> = chosen.iter().flat_map(row).copied().collect();
                let labels: Vec<u32> = chosen.iter().map(|j| self.field.labels[*j]).collect();
                (self.lab.fit(lab(), (&embeddings, &labels))?, None)
            }
            Arm::Augment => (self.augmented_fit(split)?, None),
            Arm::Restandardise => (before, Some(Alignment::restandardise(&train()?, &pool)?)),
            Arm::Coral => (before, Some(Alignment::coral(&train()?, &pool)?)),
        };
        let lab_right = split.lab_test.iter().filter(|i| best(&head, self.lab.row(**i)) == self.lab.labels[**i]);
        let tested = sample(&split.field_test)?;
        let seen = map.map_or_else(|| Ok(tested.values().to_vec()), |map| map.apply(&tested))?;
        let field_right = seen
            .chunks_exact(self.lab.dim)
            .zip(&split.field_test)
            .filter(|(embedding, j)| best(&head, embedding) == self.field.labels[**j]);
        Ok(Score {
            lab_right: lab_right.count(),
            lab_n: split.lab_test.len(),
            field_right: field_right.count(),
            field_n: split.field_test.len(),
            labelled,
        })
    }

    /// Copies of training pictures only: one of a test picture would give it away.
    fn augmented_fit(&self, split: &Split) -> Result<Refit, Refusal> {
        let (mut embeddings, mut labels) = (Vec::new(), Vec::new());
        for (copy, origin) in self.augmented.embeddings.chunks_exact(self.lab.dim).zip(&self.augmented.origins) {
            if split.lab_train.binary_search(&(*origin as usize)).is_ok() {
                embeddings.extend(copy);
                labels.push(self.lab.labels[*origin as usize]);
            }
        }
        self.lab.fit(split.lab_train.iter().copied(), (&embeddings, &labels))
    }
}

fn best(head: &Refit, embedding: &[f32]) -> u32 {
    argmax(&head.answer(embedding)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shift::drift::synthetic::classified;
    use crate::shift::judges::tests::lab;

    /// A field in which the first number of every embedding is far larger, so that all looks like class 0.
    fn moved(sample: &Sample) -> Field {
        let n = sample.count();
        let shift = |(i, v): (usize, &f32)| if i.is_multiple_of(sample.dim()) { v + 12.0 } else { *v };
        let embeddings = sample.values().iter().enumerate().map(shift).collect();
        Field { embeddings, labels: sample.labels().unwrap().to_vec(), origins: vec![None; n] }
    }

    fn accuracy(trial: &Trial, wanted: Arm) -> (f64, f64) {
        let (_, scores) = trial.scores().find(|(arm, _)| *arm == wanted).unwrap();
        let sum = |of: fn(&Score) -> usize| scores.iter().map(of).sum::<usize>() as f64;
        (sum(|s| s.lab_right) / sum(|s| s.lab_n), sum(|s| s.field_right) / sum(|s| s.field_n))
    }

    #[test]
    fn labels_repair_what_moved() {
        let mix = [0.25; 4];
        let (here, there) = (classified(120, &mix, 1), classified(120, &mix, 2));
        let mut trial = Trial::new(lab(&here, 4), moved(&there), Augmented::default(), 40, 3).unwrap();
        while !trial.step().unwrap() {}
        assert_eq!(trial.fraction(), 1.0);
        assert!(trial.scores().all(|(_, scores)| scores.len() == REPEATS));
        let (lab_before, field_before) = accuracy(&trial, Arm::AsItIs);
        let (_, repaired) = accuracy(&trial, Arm::Label(Strategy::Random));
        assert!(lab_before > 0.95 && field_before < 0.4, "{lab_before} {field_before}");
        assert!(repaired > field_before + 0.3, "{repaired}");
        let labelled = |arm: Arm| trial.scores().find(|(a, _)| *a == arm).unwrap().1[0].labelled;
        assert_eq!((labelled(Arm::Coral), labelled(Arm::Label(Strategy::Diverse))), (0, 40));
    }

    #[test]
    fn alignment_repairs_a_move_without_labels() {
        let mix = [0.25; 4];
        let (here, there) = (classified(160, &mix, 1), classified(160, &mix, 2));
        let mut trial = Trial::new(lab(&here, 4), moved(&there), Augmented::default(), 10, 3).unwrap();
        while !trial.step().unwrap() {}
        let (_, before) = accuracy(&trial, Arm::AsItIs);
        let (_, after) = accuracy(&trial, Arm::Restandardise);
        assert!(after > 0.9 && after > before + 0.2, "{before} {after}");
    }

    #[test]
    fn a_copy_never_meets_its_original_in_the_test() {
        let here = classified(100, &[0.5, 0.5], 1);
        let origins = (0..100).map(Some).collect();
        let field = Field { embeddings: here.values().to_vec(), labels: here.labels().unwrap().to_vec(), origins };
        let trial = Trial::new(lab(&here, 2), field, Augmented::default(), 10, 3).unwrap();
        for repeat in 0..REPEATS {
            let split = trial.split(repeat);
            assert!(split.field_test.iter().all(|j| split.lab_test.contains(j)));
            assert!(split.pool.iter().all(|j| split.lab_train.contains(j)));
            assert!(split.lab_test.len() >= 30 && split.lab_train.len() >= 30);
        }
    }

    #[test]
    fn fields_that_cannot_be_used_are_refused() {
        let here = classified(40, &[0.5, 0.5], 1);
        let fine = moved(&here);
        let refused = |field: Field| Trial::new(lab(&here, 2), field, Augmented::default(), 10, 3).err().unwrap();
        assert!(refused(Field { embeddings: vec![], labels: vec![], origins: vec![] }).contains("0 pictures"));
        assert!(refused(Field { labels: vec![5; 40], ..fine.clone() }).contains("class 6"));
        assert!(refused(Field { origins: vec![Some(99); 40], ..fine }).contains("fit"));
    }
}
