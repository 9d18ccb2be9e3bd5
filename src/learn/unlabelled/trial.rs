//! Every way of using pictures without labels, tried on the same draws of labels.

use super::propagate::{ALPHA, Graph, NEIGHBOURS, certainty};
use super::vicreg::{Loss, Vicreg};
use super::{Arm, Result as Outcome};
use crate::learn::budget::curve::Pictures;
use crate::learn::budget::draws::Plan;
use crate::learn::budget::tally::{Tally, by_group};
use crate::learn::head::{Head, argmax};
use crate::learn::map::neighbours::unit_rows;
use crate::learn::train::{self, Trainer, TrainingSet};

/// A head's answer at least this likely becomes a pseudo-label.
const CONFIDENT: f32 = 0.8;
/// The share of the unlabelled, the surest first, that is believed after labels have spread.
const BELIEVED: f32 = 0.5;

/// Pictures nobody has labelled, and changed copies of pictures whose labels are not looked at.
#[derive(Debug, Clone, Default)]
pub struct Unlabelled {
    /// `[m, dim]`.
    pub embeddings: Vec<f32>,
    /// `[p, 2, dim]`: two changed copies of each of some pictures, none of them held out.
    pub pairs: Vec<f32>,
}

/// What a step led to.
#[derive(Debug)]
pub enum Step {
    /// What is being done, and the share done.
    Continue(&'static str, f32),
    Done(Vec<Outcome>),
}

pub struct Trial {
    pictures: Pictures,
    plan: Plan,
    unlabelled: Unlabelled,
    /// Rows of the pool whose labels are hidden count as unlabelled.
    hide: bool,
    per_class: usize,
    draws: usize,
    seed: u64,
    stage: Stage,
    /// The projection's loss at its first and its latest step.
    pub loss: Option<(Loss, Loss)>,
    adapted: Option<Space>,
    /// Outcomes of each arm, a draw after the other.
    outcomes: Vec<Vec<Vec<f32>>>,
    made: Vec<(usize, usize, usize)>,
}

enum Stage {
    Adapting(Box<Vicreg>),
    Training { draw: usize, arm: usize, trainer: Option<Box<Trainer>>, alone: Option<Box<Head>> },
}

/// Pictures in one embedding.
struct Space {
    dim: usize,
    /// `[n, dim]` of the labelled, `[m, dim]` of the others.
    labelled: Vec<f32>,
    others: Vec<f32>,
}

/// What is trained on, and what became of labels that were made.
struct Made {
    set: TrainingSet,
    groups: Vec<u32>,
    /// Labels made, those whose truth is known, and those of them that are right.
    counts: (usize, usize, usize),
}

impl Trial {
    /// `per_class` labels of each class, drawn `draws` times.
    ///
    /// # Errors
    /// A sentence: what does not fit together, or too little to try it on.
    pub fn new(
        pictures: Pictures,
        unlabelled: Unlabelled,
        per_class: usize,
        draws: usize,
        hide: bool,
        seed: u64,
    ) -> Result<Self, String> {
        pictures.check()?;
        let plan = Plan::new(&pictures.labels, &pictures.groups, pictures.classes, seed)?;
        let most = plan.sizes.last().copied().unwrap_or(0);
        if per_class == 0 || per_class > most {
            return Err(format!("Of every class 1 to {most} pictures can be labelled here."));
        }
        let whole = unlabelled.embeddings.len().is_multiple_of(pictures.dim);
        if !whole || unlabelled.embeddings.iter().any(|v| !v.is_finite()) {
            return Err("The unlabelled pictures and their embeddings do not fit together.".into());
        }
        let hidden = if hide { plan.pool().count().saturating_sub(per_class * pictures.classes) } else { 0 };
        if unlabelled.embeddings.is_empty() && hidden == 0 {
            return Err("There are no pictures without labels: bring some, or hide labels of yours.".into());
        }
        let vicreg = Vicreg::new(&unlabelled.pairs, pictures.dim)?;
        Ok(Self {
            plan,
            unlabelled,
            hide,
            per_class,
            draws: draws.clamp(1, 100),
            seed,
            stage: Stage::Adapting(Box::new(vicreg)),
            loss: None,
            adapted: None,
            outcomes: vec![Vec::new(); Arm::ALL.len()],
            made: vec![(0, 0, 0); Arm::ALL.len()],
            pictures,
        })
    }

    /// Pictures that everything is measured on.
    pub fn held_out(&self) -> usize {
        self.plan.held_out.len()
    }

    /// A few milliseconds of work.
    ///
    /// # Errors
    /// A sentence.
    pub fn step(&mut self) -> Result<Step, String> {
        match &mut self.stage {
            Stage::Adapting(vicreg) => {
                let over = vicreg.step();
                let first = self.loss.map_or(vicreg.loss, |l| l.0);
                self.loss = Some((first, vicreg.loss));
                let share = vicreg.share();
                if over {
                    let projection = vicreg.projection();
                    self.adapted = Some(Space {
                        dim: projection.width,
                        labelled: projection.apply(&self.pictures.embeddings),
                        others: projection.apply(&self.unlabelled.embeddings),
                    });
                    self.stage = Stage::Training { draw: 0, arm: 0, trainer: None, alone: None };
                }
                Ok(Step::Continue("Adapting the embedding", 0.3 * share))
            }
            Stage::Training { draw, arm, trainer: None, alone } => {
                let (draw, arm) = (*draw, *arm);
                if draw == self.draws {
                    return Ok(Step::Done(self.results()));
                }
                let alone = alone.take();
                let made = self.make(Arm::ALL[arm], draw, alone.as_deref())?;
                let (a, b, c) = self.made[arm];
                self.made[arm] = (a + made.counts.0, b + made.counts.1, c + made.counts.2);
                let trainer = Some(Box::new(Trainer::grouped(made.set, made.groups)?));
                self.stage = Stage::Training { draw, arm, trainer, alone };
                Ok(self.news())
            }
            Stage::Training { draw, arm, trainer: Some(trainer), alone } => {
                if let train::Step::Done(head, _) = trainer.step() {
                    let (now, alone) = ((*draw, *arm), alone.take());
                    let outcome = self.measure(Arm::ALL[now.1], &head);
                    self.outcomes[now.1].push(outcome);
                    let alone = if now.1 == 0 { Some(Box::new(head)) } else { alone };
                    let next = if now.1 + 1 < Arm::ALL.len() { (now.0, now.1 + 1) } else { (now.0 + 1, 0) };
                    self.stage = Stage::Training { draw: next.0, arm: next.1, trainer: None, alone };
                }
                Ok(self.news())
            }
        }
    }

    fn news(&self) -> Step {
        let done: usize = self.outcomes.iter().map(Vec::len).sum();
        Step::Continue("Comparing", 0.3 + 0.7 * done as f32 / (self.draws * Arm::ALL.len()) as f32)
    }

    fn space(&self, arm: Arm) -> Result<Space, String> {
        match (arm, &self.adapted) {
            (Arm::Adaptation | Arm::AdaptedPropagation, Some(space)) => {
                Ok(Space { dim: space.dim, labelled: space.labelled.clone(), others: space.others.clone() })
            }
            (Arm::Adaptation | Arm::AdaptedPropagation, None) => Err("The embedding has not been adapted.".into()),
            _ => Ok(Space {
                dim: self.pictures.dim,
                labelled: self.pictures.embeddings.clone(),
                others: self.unlabelled.embeddings.clone(),
            }),
        }
    }

    /// What an arm trains on in a draw; `alone` is the head trained on this draw's labels alone.
    fn make(&self, arm: Arm, draw: usize, alone: Option<&Head>) -> Result<Made, String> {
        let space = self.space(arm)?;
        let dim = space.dim;
        let labelled = self.plan.draw(draw, self.per_class);
        let hidden: Vec<usize> =
            if self.hide { self.plan.pool().filter(|i| !labelled.contains(i)).collect() } else { Vec::new() };
        let row = |i: usize| &space.labelled[i * dim..][..dim];
        let mut embeddings: Vec<f32> = labelled.iter().flat_map(|i| row(*i)).copied().collect();
        let mut labels: Vec<u32> = labelled.iter().map(|i| self.pictures.labels[*i]).collect();
        let mut groups: Vec<u32> = labelled.iter().map(|i| self.pictures.groups[*i]).collect();
        let without: Vec<f32> = hidden.iter().flat_map(|i| row(*i)).chain(&space.others).copied().collect();
        let truth = |i: usize| hidden.get(i).map(|i| self.pictures.labels[*i]);
        let made: Vec<(usize, u32)> = match arm {
            Arm::LabelsAlone | Arm::Adaptation => Vec::new(),
            Arm::PseudoLabels => {
                let head = alone.ok_or("The head on labels alone is missing.")?;
                let answers = without.chunks_exact(dim).map(|row| head.answer(row)).enumerate();
                answers.filter(|(_, a)| a.probabilities[a.best] >= CONFIDENT).map(|(i, a)| (i, a.best as u32)).collect()
            }
            Arm::Propagation | Arm::AdaptedPropagation => {
                let unit = unit_rows(&[embeddings.as_slice(), &without].concat(), dim);
                let known: Vec<Option<u32>> =
                    labels.iter().map(|l| Some(*l)).chain(std::iter::repeat_n(None, without.len() / dim)).collect();
                let heard = Graph::of(&unit, dim, NEIGHBOURS).spread(&known, self.pictures.classes, ALPHA);
                let heard: Vec<&[f32]> = heard.chunks_exact(self.pictures.classes).skip(labels.len()).collect();
                let mut order: Vec<usize> = (0..heard.len()).filter(|i| certainty(heard[*i]) > 0.0).collect();
                order.sort_by(|a, b| certainty(heard[*b]).total_cmp(&certainty(heard[*a])).then(a.cmp(b)));
                order.truncate((heard.len() as f32 * BELIEVED).ceil() as usize);
                order.into_iter().map(|i| (i, argmax(heard[i]) as u32)).collect()
            }
        };
        let known = made.iter().filter_map(|(i, label)| Some((truth(*i)?, *label)));
        let (known, right) =
            known.fold((0, 0), |(n, right), (truth, label)| (n + 1, right + usize::from(truth == label)));
        let counts = (made.len(), known, right);
        let fresh = self.pictures.groups.iter().max().map_or(0, |g| g + 1);
        for (i, label) in made {
            embeddings.extend(&without[i * dim..][..dim]);
            labels.push(label);
            groups.push(hidden.get(i).map_or(fresh + i as u32, |i| self.pictures.groups[*i]));
        }
        let (dhashes, bursts) = (vec![0; labels.len()], vec![0; labels.len()]);
        let set = TrainingSet { dim, classes: self.pictures.classes, embeddings, labels, dhashes, bursts };
        Ok(Made { set, groups, counts })
    }

    fn measure(&self, arm: Arm, head: &Head) -> Vec<f32> {
        let adapted = self.adapted.as_ref().filter(|_| matches!(arm, Arm::Adaptation | Arm::AdaptedPropagation));
        let (rows, dim) = adapted.map_or((&self.pictures.embeddings, self.pictures.dim), |s| (&s.labelled, s.dim));
        let held_out = &self.plan.held_out;
        let right =
            held_out.iter().map(|i| argmax(&head.logits(&rows[i * dim..][..dim])) == self.pictures.labels[*i] as usize);
        by_group(held_out.iter().map(|i| self.pictures.groups[*i]), right)
    }

    fn results(&self) -> Vec<Outcome> {
        let band = |outcomes: Vec<Vec<f32>>| {
            let mut tally = Tally::new(self.seed);
            outcomes.into_iter().for_each(|o| tally.add(1, o));
            tally.point(1).map(|p| p.accuracy)
        };
        let one = |(at, arm): (usize, &Arm)| {
            let own = &self.outcomes[at];
            let against = || {
                own.iter().zip(&self.outcomes[0]).map(|(a, b)| a.iter().zip(b).map(|(a, b)| a - b).collect()).collect()
            };
            let (made, known, right) = self.made[at];
            Some(Outcome {
                arm: *arm,
                accuracy: band(own.clone())?,
                gain: if at == 0 { None } else { band(against()) },
                made: made as f32 / self.draws as f32,
                made_right: (known > 0).then(|| right as f32 / known as f32),
            })
        };
        Arm::ALL.iter().enumerate().filter_map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::random::Random;

    /// Rings of classes: few labels say little, neighbours say much. Two views of a picture differ in the last
    /// numbers only.
    fn rings(n: usize, seed: u64) -> (Pictures, Vec<f32>) {
        let mut random = Random::new(seed);
        let dim = 12;
        let (mut embeddings, mut pairs, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for i in 0..n {
            let class = i % 3;
            let own: Vec<f32> =
                (0..6).map(|d| (0.45 * random.normal() + if d % 3 == class { 1.0 } else { 0.0 }) as f32).collect();
            let mut view =
                || own.iter().copied().chain((0..6).map(|_| (1.5 * random.normal()) as f32)).collect::<Vec<_>>();
            embeddings.extend(view());
            pairs.extend([view(), view()].concat());
            labels.push(class as u32);
        }
        (Pictures { embeddings, dim, groups: (0..n as u32).collect(), labels, classes: 3 }, pairs)
    }

    fn run(trial: &mut Trial) -> Vec<Outcome> {
        let mut share = 0.0;
        loop {
            match trial.step().unwrap() {
                Step::Continue(_, s) => {
                    assert!(s >= share - 1e-6, "{s} after {share}");
                    share = s;
                }
                Step::Done(results) => return results,
            }
        }
    }

    #[test]
    fn what_does_not_matter_is_unlearned_and_helps() {
        let (pictures, pairs) = rings(120, 1);
        let mut trial = Trial::new(pictures, Unlabelled { embeddings: vec![], pairs }, 2, 6, true, 1).unwrap();
        let results = run(&mut trial);
        assert_eq!(results.iter().map(|r| r.arm).collect::<Vec<_>>(), Arm::ALL);
        let of = |arm: Arm| results.iter().find(|r| r.arm == arm).unwrap();
        assert!(of(Arm::LabelsAlone).gain.is_none() && of(Arm::LabelsAlone).made == 0.0);
        let adapted = of(Arm::Adaptation).gain.unwrap();
        assert!(adapted.value > 0.05 && adapted.low > 0.0, "{results:?}");
        let spread = of(Arm::Propagation);
        assert!(spread.made > 20.0 && spread.made_right.unwrap() > 0.4, "{results:?}");
        let (first, last) = trial.loss.unwrap();
        assert!(last.total() < first.total());
    }

    #[test]
    fn nothing_without_labels_is_refused_in_words() {
        let (pictures, pairs) = rings(60, 1);
        let new = |per_class, hide, pairs| {
            Trial::new(pictures.clone(), Unlabelled { embeddings: vec![], pairs }, per_class, 3, hide, 1)
        };
        assert!(new(2, false, pairs.clone()).err().unwrap().contains("without labels"));
        assert!(new(99, true, pairs.clone()).err().unwrap().contains("1 to"));
        assert!(new(2, true, vec![]).is_err());
        assert!(new(2, true, pairs).is_ok());
    }
}
