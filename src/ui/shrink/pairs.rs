//! Pictures with both answers, and what they add up to.

use crate::engine::protocol::shift::UNKNOWN;
use crate::engine::protocol::shrink::Compared;
use crate::learn::head::argmax;
use crate::learn::metrics::mcnemar;
use crate::ui::pure::tally::Tally;
use crate::web::urls::ObjectUrl;
use std::sync::Arc;

/// One picture, with both answers.
#[derive(Clone)]
pub struct Pair {
    pub compared: Compared,
    /// Float's numbers, then the small one's.
    pub numbers: Arc<[f32]>,
    pub thumb: Arc<ObjectUrl>,
}

impl Pair {
    pub fn float(&self) -> &[f32] {
        &self.numbers[..self.numbers.len() / 2]
    }

    pub fn small(&self) -> &[f32] {
        &self.numbers[self.numbers.len() / 2..]
    }

    pub fn float_says(&self) -> usize {
        argmax(self.float())
    }

    pub fn small_says(&self) -> usize {
        argmax(self.small())
    }

    pub fn flipped(&self) -> bool {
        self.float_says() != self.small_says()
    }

    pub fn truth(&self) -> Option<usize> {
        (self.compared.truth != UNKNOWN).then_some(self.compared.truth as usize)
    }

    /// Whether float and the small one are right; `None` where nobody knows the class.
    pub fn right(&self) -> Option<(bool, bool)> {
        self.truth().map(|truth| (self.float_says() == truth, self.small_says() == truth))
    }
}

/// What the pairs add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    pub n: usize,
    pub agree: usize,
    pub float: Tally,
    pub small: Tally,
    /// Right for one alone.
    pub only_float: usize,
    pub only_small: usize,
    /// Mean and smallest cosine of the outputs.
    pub cosine: (f32, f32),
}

impl Sum {
    pub fn of(pairs: &[Pair]) -> Self {
        let mut sum = Self { cosine: (0.0, 1.0), ..Self::default() };
        for pair in pairs {
            sum.add(!pair.flipped(), pair.right());
            let cosine = pair.compared.apart.cosine;
            sum.cosine = (sum.cosine.0 + cosine / pairs.len() as f32, sum.cosine.1.min(cosine));
        }
        sum
    }

    /// Counts an answer. `right`: whether float and the small one are; `None` where nobody knows.
    pub fn add(&mut self, agree: bool, right: Option<(bool, bool)>) {
        self.n += 1;
        self.agree += usize::from(agree);
        if let Some((float, small)) = right {
            self.float.add(float);
            self.small.add(small);
            self.only_float += usize::from(float && !small);
            self.only_small += usize::from(small && !float);
        }
    }

    /// McNemar's exact p-value.
    pub fn p_value(&self) -> f64 {
        mcnemar(self.only_float, self.only_small)
    }

    /// What a recipe is worth: accuracy where classes are known, else agreement, else (features) cosine. 0..=1.
    pub fn worth(&self, classes: bool) -> f32 {
        if !classes {
            self.cosine.0
        } else if self.small.n > 0 {
            self.small.share()
        } else {
            self.agree as f32 / self.n.max(1) as f32
        }
    }

    /// What [`Self::worth`] is.
    pub fn measure(&self, classes: bool) -> &'static str {
        match (classes, self.small.n > 0) {
            (false, _) => "Cosine to float",
            (true, true) => "Accuracy",
            (true, false) => "Agreement with float",
        }
    }
}
