//! What can be chosen, and what is reported.

use super::drawing::{Drawing, Node};
use super::sheet::{Section, short};
use super::{observe, scheme};
use serde::{Deserialize, Serialize};

/// What becomes smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Weights and activations in int8, ranges from calibration images.
    #[default]
    Static,
    /// Weights in int8, ranges of activations measured anew for every input.
    Dynamic,
    /// Weights in int8, arithmetic in float.
    WeightsOnly,
    /// Weights in float16, arithmetic in float.
    Half,
}

/// Everything that can be chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Options {
    pub mode: Mode,
    pub weights: scheme::Weights,
    pub activations: scheme::Activations,
    pub method: observe::Method,
    /// Names of nodes that stay float.
    pub exclude: Vec<String>,
    /// Correct the mean error that rounded weights make (Nagel et al. 2019, section 4.2).
    pub bias_correction: bool,
    /// Even out channel ranges between consecutive layers (section 4.1).
    pub equalize: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            weights: scheme::Weights::default(),
            activations: scheme::Activations::default(),
            method: observe::Method::MinMax,
            exclude: Vec::new(),
            bias_correction: false,
            equalize: false,
        }
    }
}

/// What was done to a model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Report {
    pub layers: Vec<LayerReport>,
    /// Name and operator of each node that stays float.
    pub float: Vec<(String, String)>,
    /// The network in the order of computation, activations drawn into the layer before them.
    pub nodes: Vec<Node>,
    /// Sentences about what was changed or could not be done.
    pub notes: Vec<String>,
    /// Bytes.
    pub size_before: usize,
    pub size_after: usize,
    pub images: usize,
}

/// One quantized layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerReport {
    pub name: String,
    pub op: String,
    pub output: String,
    /// Signal to quantization noise of the weights, in dB; `None` without weights or without noise.
    pub weight_sqnr_db: Option<f32>,
    /// Scale and zero point of the output, where it is quantized.
    pub output_params: Option<scheme::QParams>,
    /// Smallest and largest number calibration saw in the output.
    pub seen: Option<(f32, f32)>,
    /// Weights in the layer.
    pub parameters: usize,
    /// Histograms of the weights and of the output, with what eight bits keep.
    pub weights: Option<Drawing>,
    pub outputs: Option<Drawing>,
}

impl Report {
    /// The report in sections of a page.
    pub fn sections(&self) -> Vec<Section> {
        let said = |value: Option<f32>| value.map_or("\u{2013}".to_owned(), |db| format!("{db:.1} dB"));
        let facts = [
            ("File before, bytes", self.size_before.to_string()),
            ("File after, bytes", self.size_after.to_string()),
            ("Calibration pictures", self.images.to_string()),
            ("Layers in integers", self.layers.len().to_string()),
            ("Nodes that stay float", self.float.len().to_string()),
        ];
        let mut sizes = Section::new("What was done")
            .table(&["", ""], facts.map(|(name, value)| vec![name.to_owned(), value]).into());
        sizes.text.clone_from(&self.notes);
        let row = |l: &LayerReport| {
            let scale = l.output_params.map_or("\u{2013}".to_owned(), |q| short(q.scale));
            vec![l.name.clone(), l.op.clone(), l.parameters.to_string(), said(l.weight_sqnr_db), scale]
        };
        let layers =
            Section::new("Layers").say("Signal to quantization noise of the weights: each 6 dB is one bit.").table(
                &["Layer", "Operator", "Weights", "Signal to noise", "Step of the output"],
                self.layers.iter().map(row).collect(),
            );
        let float = Section::new("What stays float")
            .table(&["Node", "Operator"], self.float.iter().map(|(n, op)| vec![n.clone(), op.clone()]).collect());
        let mut inside = Section::new("Look inside")
            .say("Weights and outputs of each layer; the height is the square root of how many. Lines mark where eight bits end.");
        for layer in &self.layers {
            let named = |what: &str| format!("{}, {what}", layer.name);
            inside.drawings.extend(layer.weights.clone().map(|d| (named("weights"), d)));
            inside.drawings.extend(layer.outputs.clone().map(|d| (named("output"), d)));
        }
        vec![sizes, layers, float, inside]
    }
}
