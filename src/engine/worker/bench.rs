//! For `benches/browser` alone: a model of anyone, quantized and run without jobs or messages.

use crate::learn::head::{Familiarity, Head};
use crate::model::backbone::Backbone;
use crate::model::export;
use crate::model::onnx;
use crate::model::probe::Probe;
use crate::shrink::graph::Graph;
use crate::shrink::scheme::Weights;
use crate::shrink::{Options, Quantizer};
use wasm_bindgen::prelude::*;
use web_time::Instant;

/// A model that is ready to run.
#[wasm_bindgen]
pub struct Bench {
    probe: Probe,
    shape: Vec<usize>,
}

#[wasm_bindgen]
impl Bench {
    /// Loads an ONNX file; as integers where it is quantized.
    ///
    /// # Errors
    /// A sentence.
    #[wasm_bindgen(constructor)]
    pub fn new(file: &[u8]) -> Result<Self, String> {
        let graph = Graph::new(onnx::read(file)?)?;
        let (shape, outputs) = (graph.shape.clone(), graph.outputs[..1].to_vec());
        let probe = Probe::new(&graph.to_model(), &shape, &outputs)?;
        Ok(Self { probe, shape })
    }

    /// Numbers it takes.
    pub fn numbers(&self) -> usize {
        self.shape.iter().product()
    }

    /// Runs it once: what it says, with the milliseconds that took in front.
    ///
    /// # Errors
    /// A sentence.
    pub fn run(&self, input: &[f32]) -> Result<Vec<f32>, String> {
        let mut said = vec![0.0];
        let start = Instant::now();
        self.probe.run(input, |_, _, numbers| said.extend_from_slice(numbers))?;
        said[0] = start.elapsed().as_secs_f32() * 1e3;
        Ok(said)
    }
}

/// Our backbone with a head of ten classes, as Learn gives it away.
///
/// # Errors
/// A sentence.
#[wasm_bindgen]
pub fn bench_classifier(backbone: &[u8]) -> Result<Vec<u8>, String> {
    const CLASSES: usize = 10;
    let Backbone { dim, .. } = Backbone::load(backbone.to_vec())?;
    let weights: Vec<f32> = (0..CLASSES * dim).map(|i| ((i * 37 % 101) as f32 - 50.0) * 1e-3).collect();
    let familiarity =
        Familiarity { mean: vec![0.0; dim], inv_std: vec![1.0; dim], prototypes: weights.clone(), threshold: None };
    let head = Head { classes: CLASSES, dim, weights, bias: vec![0.0; CLASSES], familiarity };
    let labels: Vec<String> = (0..CLASSES).map(|class| class.to_string()).collect();
    export::classifier(backbone, &head, &labels)
}

/// Quantizes an ONNX file, calibrated on `inputs` end to end, with weights of `bits`.
///
/// # Errors
/// A sentence.
#[wasm_bindgen]
pub fn bench_quantize(file: &[u8], inputs: &[f32], bits: u8) -> Result<Vec<u8>, String> {
    let options = Options { weights: Weights { bits, ..Weights::default() }, ..Options::default() };
    let mut quantizer = Quantizer::new(file, options)?;
    let each: usize = quantizer.input_shape().iter().product();
    for input in inputs.chunks_exact(each.max(1)) {
        quantizer.calibrate(input)?;
    }
    Ok(quantizer.finish()?.file)
}
