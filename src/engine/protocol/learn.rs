//! The Learn bench: train a head, predict with it, take it home.

use crate::learn::{head::Head, report::Report};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Train a head and measure it on held-out data.
    /// Payload: floats = embeddings `[n, dim]` row-major; parts =
    /// `[labels u32, dhashes u64, bursts u32]`, each of n entries, packed little-endian.
    /// Labels are `0..classes`. A burst groups frames recorded in one go; 0 = no burst.
    /// Replies: `Training` as progress, then `Trained`.
    Train { classes: usize },
    /// Predict a picture: blob 0 is an encoded image file. Reply: `Predicted`.
    PredictFile { head: Head },
    /// Predict a camera frame: part 0 is RGBA, `width * height * 4` bytes, already upright.
    /// Reply: `Predicted`.
    PredictFrame { head: Head, width: u32, height: u32 },
    /// Build the download: a zip with `classifier.onnx`, `check.json`, `verify.py` and a
    /// README. Blobs: one to three example pictures. Replies: `Exporting` as progress, then
    /// `Exported` with the zip in part 0.
    Export { head: Head, labels: Vec<String>, report: Box<Report> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// Part of the training done, 0..1.
    Training {
        fraction: f32,
        stage: String,
    },
    Trained {
        head: Head,
        report: Box<Report>,
    },
    Predicted(Prediction),
    Exporting {
        fraction: f32,
        stage: String,
    },
    Exported {
        file_name: String,
        onnx_bytes: usize,
    },
}

/// What the head says about one picture. Payload: floats = the class-activation map
/// `[classes, grid height, grid width]`, in logits: each class's map averages to its
/// logit without the bias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Softmax over the classes.
    pub probabilities: Vec<f32>,
    /// Highest probability.
    pub best: usize,
    /// How like the known classes the picture is: cosine to the nearest prototype, -1..1.
    pub familiarity: f32,
    /// Below the head's threshold: "none of these".
    pub unknown: bool,
    /// Height and width of the activation grid.
    pub grid: (usize, usize),
    /// Time in the backbone, milliseconds.
    pub embed_ms: f32,
    /// Decode, resize, backbone and head, milliseconds.
    pub total_ms: f32,
}
