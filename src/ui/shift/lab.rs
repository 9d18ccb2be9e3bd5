//! The lab as the engine is told of it: every picture the head was trained on.

use crate::engine::protocol::shift::Lab as Shape;
use crate::engine::protocol::{Payload, pack_u32};
use crate::learn::report::Method;
use crate::ui::learn::training::Trained;
use crate::ui::learn::{Learn, results};
use crate::web::files::Blob;
use leptos::prelude::*;
use std::sync::Arc;

/// For heads without a strength of their own: as strong as the strongest that is tried.
const LAMBDA: f32 = 1.0;

pub struct Lab {
    learn: Learn,
    pub trained: Arc<Trained>,
    pub shape: Shape,
    /// Name of each output.
    pub names: Vec<String>,
    /// Output of each row.
    pub labels: Vec<u32>,
    pub groups: Vec<u32>,
    embeddings: Vec<f32>,
}

impl Lab {
    /// `None` while there is no classifier, or its pictures are being changed.
    pub fn now(learn: Learn) -> Option<Self> {
        let trained = learn.trainer.trained.get_untracked()?;
        let embeddings = learn.data.embeddings(&trained.rows)?;
        let labels = learn.data.with_untracked(|data| {
            let class = |id| data.pictures.iter().find(|p| p.id == id).map(|p| p.class);
            let output = |id| trained.classes.iter().position(|c| Some(*c) == class(id)).map(|at| at as u32);
            trained.rows.iter().map(|id| output(*id)).collect::<Option<Vec<u32>>>()
        })?;
        let lambda = match trained.report.method {
            Method::Softmax { lambda } => lambda,
            Method::Prototypes => LAMBDA,
        };
        let shape = Shape { classes: trained.classes.len(), lambda };
        let names = results::names(learn, &trained.classes);
        let groups = trained.report.groups.clone();
        Some(Self { learn, shape, names, labels, groups, embeddings, trained })
    }

    /// What requests that speak of the lab begin their payload with.
    pub fn payload(&self) -> Payload {
        let parts = vec![pack_u32(self.labels.iter().copied()), pack_u32(self.groups.iter().copied())];
        Payload { floats: self.embeddings.clone(), parts }
    }

    /// The picture's file, as it came.
    pub fn file(&self, row: u32) -> Option<Blob> {
        let id = self.trained.rows.get(row as usize)?;
        self.learn.data.stored(*id).map(|stored| stored.original)
    }

    /// The row of class `output` whose embedding is nearest to this one.
    pub fn nearest(&self, output: u32, embedding: &[f32]) -> Option<u32> {
        let rows = self.embeddings.chunks_exact(embedding.len().max(1)).zip(&self.labels);
        let apart = |row: &[f32]| row.iter().zip(embedding).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
        let of_class = rows.enumerate().filter(|(_, (_, label))| **label == output);
        let nearest = of_class.min_by(|(_, (a, _)), (_, (b, _))| apart(a).total_cmp(&apart(b)));
        nearest.map(|(row, _)| row as u32)
    }

    /// Rows of each class.
    pub fn by_class(&self) -> Vec<Vec<u32>> {
        let mut rows = vec![Vec::new(); self.shape.classes];
        self.labels.iter().enumerate().for_each(|(row, label)| rows[*label as usize].push(row as u32));
        rows
    }

    /// Rows for a test's two sides: near-duplicates are never on both.
    pub fn on_field_side(&self, row: u32) -> bool {
        self.groups.get(row as usize).is_some_and(|group| group % 2 == 1)
    }
}
