//! All pictures on a plane: principal components first, then t-SNE, a gradient step a step.

use super::reply;
use crate::engine::jobs::{Job, Step};
use crate::engine::protocol::Payload;
use crate::engine::protocol::budget::Reply;
use crate::learn::map::pca::Pca;
use crate::learn::map::tsne::{MOST, Tsne};
use crate::model::backbone::Backbone;

/// Components that t-SNE looks at: less is noise, and quicker (van der Maaten and Hinton 2008).
const COMPONENTS: usize = 30;
/// Steps between two pictures of how it goes.
const SHOW: usize = 10;

pub struct Map {
    dim: usize,
    embeddings: Vec<f32>,
    tsne: Option<Tsne>,
    steps: usize,
}

impl Map {
    /// # Errors
    /// Too many or too few pictures, or numbers that do not fit; a sentence.
    pub fn new(dim: usize, payload: Payload) -> Result<Self, String> {
        let n = payload.floats.len().checked_div(dim).unwrap_or(0);
        if !(4..=MOST).contains(&n) || n * dim != payload.floats.len() || payload.floats.iter().any(|v| !v.is_finite())
        {
            return Err(format!("A map holds 4 to {MOST} pictures."));
        }
        Ok(Self { dim, embeddings: payload.floats, tsne: None, steps: 0 })
    }
}

impl Job for Map {
    fn step(&mut self, _: &Backbone) -> Step {
        let Some(tsne) = &mut self.tsne else {
            let pca = Pca::fit(&self.embeddings, self.dim, COMPONENTS);
            self.embeddings = Vec::new();
            let plane: Vec<f32> = pca
                .scores
                .chunks_exact(pca.components.max(1))
                .flat_map(|s| [s[0], s.get(1).copied().unwrap_or(0.0)])
                .collect();
            match Tsne::new(&pca.scores, pca.components, &plane) {
                Ok(tsne) => self.tsne = Some(tsne),
                Err(reason) => return Step::Failed(reason),
            }
            let explained = pca.variances.iter().take(2).sum::<f64>() / pca.total.max(f64::MIN_POSITIVE);
            let news = Reply::Components { explained: explained as f32 };
            return Step::Continue(Some((reply(news), Payload::floats(plane))));
        };
        let over = tsne.step();
        self.steps += 1;
        let news = Reply::Placed { share: tsne.share(), divergence: tsne.divergence as f32 };
        let payload = || Payload::floats(tsne.places().to_vec());
        if over {
            return Step::Done(reply(news), payload());
        }
        Step::Continue(self.steps.is_multiple_of(SHOW).then(|| (reply(news), payload())))
    }
}
