//! For `benches/browser` alone: a model of anyone, quantized and run without jobs or messages.

use crate::learn::head::{Familiarity, Head};
use crate::model::backbone::Backbone;
use crate::model::export;
use crate::model::kernels::int8::conv::Conv;
use crate::model::kernels::int8::depthwise::Depthwise;
use crate::model::kernels::int8::rescale::ToSteps;
use crate::model::kernels::int8::window::{Pictures, Window};
use crate::model::onnx::{self, graph::Graph};
use crate::model::probe::Probe;
use crate::shrink::scheme::Weights;
use crate::shrink::{Options, Quantizer};
use wasm_bindgen::prelude::*;
use web_time::Instant;

/// To be waited for before anything else here.
///
/// # Errors
/// A part of the engine could not be loaded.
#[wasm_bindgen]
pub async fn bench_ready() -> Result<(), String> {
    crate::model::reader::fetch().await
}

/// A model that is ready to run.
#[wasm_bindgen]
pub struct Bench {
    probe: Probe,
    shape: Vec<usize>,
    /// How many of its nodes run as integers, and what stays float.
    integers: String,
}

#[wasm_bindgen]
impl Bench {
    /// Loads an ONNX file; a quantized one as integers where `integers`.
    ///
    /// # Errors
    /// A sentence.
    #[wasm_bindgen(constructor)]
    pub fn new(file: &[u8], integers: bool) -> Result<Self, String> {
        let graph = Graph::new(onnx::read_quantized(file)?)?;
        let (shape, outputs) = (graph.shape.clone(), graph.outputs[..1].to_vec());
        let model = graph.to_model();
        if !integers {
            let probe = Probe::new(&model, &shape, &outputs)?;
            return Ok(Self { probe, shape, integers: String::new() });
        }
        let (probe, report) = Probe::quantized(&model, &shape, &outputs)?;
        let float: Vec<String> = report.float.iter().map(|node| format!("{} ({})", node.op, node.why)).collect();
        let integers = format!("{} nodes as integers; float: {}", report.integer.len(), float.join(", "));
        Ok(Self { probe, shape, integers })
    }

    pub fn integers(&self) -> String {
        self.integers.clone()
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

/// Milliseconds of one integer convolution of a picture `[side, side, channels]`, the mean of `runs`, with a
/// square kernel and weights of `bits`; depthwise where `out` is 0.
#[wasm_bindgen]
pub fn bench_conv(side: usize, channels: usize, out: usize, kernel: usize, stride: usize, bits: u8, runs: u32) -> f64 {
    let (pad, most) = ((kernel / 2, kernel / 2), (1i16 << (bits - 1)) - 1);
    let window = Window { kernel: (kernel, kernel), stride: (stride, stride), dilation: (1, 1), pad, pad_end: pad };
    let given = Pictures { count: 1, size: (side, side), channels };
    let (made, of) = if out == 0 { (channels, 1) } else { (out, channels) };
    let weights: Vec<i16> =
        (0..made * of * window.taps()).map(|i| (i * 7919 % (2 * most as usize + 1)) as i16 - most).collect();
    let input: Vec<i8> = (0..given.numbers()).map(|i| (i * 7919 % 251) as i8).collect();
    let (bias, rescale) = (vec![100; made], ToSteps::new(&[1e-3], made, (-128, 127), -128));
    let (h, w) = window.output(given.size);
    let mut output = vec![0; h * w * made];
    let dense = (out > 0).then(|| Conv::new(window, 1, channels, &weights, &bias, -128));
    let depthwise = (out == 0).then(|| Depthwise::new(window, &weights, &bias, -128));
    let start = Instant::now();
    for _ in 0..runs {
        if let Some(conv) = &dense {
            conv.run(given, &input, &rescale, &mut output);
        }
        if let Some(conv) = &depthwise {
            conv.run(given, &input, &rescale, &mut output);
        }
        std::hint::black_box(&mut output);
    }
    start.elapsed().as_secs_f64() * 1e3 / f64::from(runs)
}
