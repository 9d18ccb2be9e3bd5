//! The quantizer as a step machine: prepare, one image a step, finish.

use super::activation_fusion::{self, Layer};
use super::drawing::{BARS, Drawing, Node};
use super::graph::Graph;
use super::observe::Observer;
use super::plan::Plan;
use super::qdq::{self, Style};
use super::{
    LayerReport, Mode, Options, Refusal, Report, bias_correction, equalize, fold_batchnorm, fold_constants,
    fold_padding, half,
};
use super::{opset, weights_only};
use crate::model::onnx::{self, Message};
use crate::model::probe::Probe;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A quantized model and what was done to it.
#[derive(Debug, Clone)]
pub struct Quantized {
    /// Standard ONNX.
    pub file: Vec<u8>,
    pub report: Report,
    /// For measuring layers one by one; only after static quantization.
    pub plan: Option<Plan>,
}

/// Memory is bounded by one image's activations and 64 KiB a tensor, however many images come.
/// To cancel, drop it.
pub struct Quantizer {
    options: Options,
    graph: Graph,
    layers: Vec<Layer>,
    probe: Option<Probe>,
    tensors: Vec<String>,
    observers: Vec<Observer>,
    report: Report,
}

impl Quantizer {
    /// Reads a float ONNX model and simplifies it.
    ///
    /// # Errors
    /// A [`Refusal`] naming node or tensor: not readable, more than one input, nothing to
    /// quantize, an excluded name that no node has, or the model does not run here.
    pub fn new(file: &[u8], options: Options) -> Result<Self, Refusal> {
        let mut graph = Graph::new(onnx::read(file)?)?;
        let mut report = Report { size_before: file.len(), ..Default::default() };
        simplify(&mut graph, &mut report)?;
        if options.equalize {
            report.notes.extend(equalize::equalize(&mut graph));
        }
        let exclude = excluded(&graph, &options)?;
        let layers = activation_fusion::layers(&graph, &exclude);
        if layers.iter().all(|l| l.weight.is_none()) && options.mode != Mode::Half {
            return Err(Refusal::Asked("The model has no convolution or matrix product to quantize.".into()));
        }
        let mut quantizer =
            Self { options, graph, layers, probe: None, tensors: Vec::new(), observers: Vec::new(), report };
        if quantizer.needs_images() {
            quantizer.prepare_probe()?;
        }
        Ok(quantizer)
    }

    fn prepare_probe(&mut self) -> Result<(), Refusal> {
        let all = self.layers.iter().flat_map(|l| l.activations.iter().map(|a| &a.1).chain([&l.output]));
        let mut known = HashSet::new();
        self.tensors = all.filter(|t| known.insert(t.as_str())).cloned().collect();
        // The input is not a node's output: observed by hand.
        self.tensors.retain(|t| *t != self.graph.input);
        self.probe = Some(Probe::new(&self.graph.to_model(), &self.graph.shape, &self.tensors)?);
        self.tensors.push(self.graph.input.clone());
        self.observers = vec![Observer::default(); self.tensors.len()];
        Ok(())
    }

    /// Whether calibration images are needed at all.
    pub fn needs_images(&self) -> bool {
        self.options.mode == Mode::Static
    }

    /// Shape of one input, batch included.
    pub fn input_shape(&self) -> &[usize] {
        &self.graph.shape
    }

    /// Runs one calibration input, `input_shape` numbers as the model takes them.
    ///
    /// # Errors
    /// Another length, or the model fails on it.
    pub fn calibrate(&mut self, input: &[f32]) -> Result<(), Refusal> {
        let Some(probe) = &self.probe else { return Ok(()) };
        let observers = &mut self.observers;
        probe.run(input, |at, shape, numbers| observers[at].add(shape, numbers))?;
        if let Some(last) = observers.last_mut() {
            last.add(&self.graph.shape, input);
        }
        self.report.images += 1;
        Ok(())
    }

    /// What calibration has seen so far, by tensor.
    pub fn observers(&self) -> impl Iterator<Item = (&str, &Observer)> {
        self.tensors.iter().map(String::as_str).zip(&self.observers)
    }

    /// Chooses scales and writes the file.
    ///
    /// # Errors
    /// No calibration image was given where one is needed.
    pub fn finish(self) -> Result<Quantized, Refusal> {
        match self.options.mode {
            Mode::Static => self.finish_static(),
            mode => self.finish_without_images(mode),
        }
    }

    fn finish_without_images(self, mode: Mode) -> Result<Quantized, Refusal> {
        let Self { options, mut graph, layers, mut report, .. } = self;
        let plan = Plan {
            graph: graph.clone(),
            layers,
            params: BTreeMap::new(),
            weights: options.weights,
            corrections: HashMap::new(),
        };
        if mode == Mode::Half {
            let exclude = excluded(&graph, &options)?;
            report.notes.extend(half::halve(&mut graph, &exclude));
            graph.set_producer("Weights in half precision.");
        } else {
            let dynamic = mode == Mode::Dynamic;
            weights_only::write(&mut graph, &plan.layers, options.weights, dynamic);
            graph.set_producer("Weights in int8.");
            let weighted = plan.layers.iter().filter(|l| l.weight.is_some());
            report.layers = weighted.map(|l| layer_report(&plan, l, &HashMap::new())).collect();
            let layers: Vec<Layer> = plan.layers.iter().filter(|l| l.weight.is_some()).cloned().collect();
            let float = activation_fusion::float_nodes(&plan.graph, &plan.layers);
            report.nodes = boxes(&plan.graph, &layers, &float);
            if dynamic {
                report
                    .notes
                    .push("Ranges of activations are measured on every run; outputs of layers stay float.".into());
            }
        }
        let file = graph.to_model().encode_to_vec();
        report.size_after = file.len();
        Ok(Quantized { file, report, plan: None })
    }

    fn finish_static(mut self) -> Result<Quantized, Refusal> {
        if self.report.images == 0 {
            return Err(Refusal::Asked("Static quantization needs at least one calibration image.".into()));
        }
        let mut params = BTreeMap::new();
        for (tensor, seen) in self.tensors.iter().zip(&self.observers) {
            if seen.not_finite > 0 {
                self.report.notes.push(format!("{tensor} was not finite {} times; left out.", seen.not_finite));
            }
            if seen.count > 0 {
                let (low, high) = seen.range(self.options.method, self.options.activations);
                params.insert(tensor.clone(), self.options.activations.params(low, high));
            }
        }
        let (layers, weights) = (std::mem::take(&mut self.layers), self.options.weights);
        let mut plan = Plan { graph: self.graph, layers, params, weights, corrections: HashMap::new() };
        plan.settle();
        let seen: HashMap<&str, &Observer> = self.tensors.iter().map(String::as_str).zip(&self.observers).collect();
        if self.options.bias_correction {
            plan.corrections = bias_correction::corrections(&plan, &seen);
            self.report.notes.push(format!("The biases of {} layers were corrected.", plan.corrections.len()));
        }
        let mut graph = qdq::write(&plan, Style::Qdq, None);
        graph.set_producer("Post-training quantized: QuantizeLinear and DequantizeLinear pairs.");
        let mut report = self.report;
        report.layers = plan.layers.iter().map(|l| layer_report(&plan, l, &seen)).collect();
        report.float = activation_fusion::float_nodes(&plan.graph, &plan.layers);
        report.nodes = boxes(&plan.graph, &plan.layers, &report.float);
        let file = graph.to_model().encode_to_vec();
        report.size_after = file.len();
        Ok(Quantized { file, report, plan: Some(plan) })
    }
}

/// Passes that change no number but by rounding of floats.
fn simplify(graph: &mut Graph, report: &mut Report) -> Result<(), Refusal> {
    if opset::raise(graph)? {
        report.notes.push(format!("The model was raised to operator set {}.", opset::TARGET));
    }
    fold_constants::fold(graph)?;
    let folded = fold_batchnorm::fold(graph);
    if folded > 0 {
        report.notes.push(format!("{folded} batch normalisations were folded into the layers before them."));
    }
    fold_batchnorm::fold_gemm(graph);
    let padded = fold_padding::fold(graph);
    if padded > 0 {
        report.notes.push(format!("{padded} paddings with zeros became the padding of the convolutions behind them."));
    }
    Ok(())
}

fn excluded(graph: &Graph, options: &Options) -> Result<HashSet<String>, Refusal> {
    let names: HashSet<&str> = graph.nodes.iter().map(|n| n.name.as_str()).collect();
    match options.exclude.iter().find(|e| !names.contains(e.as_str())) {
        Some(unknown) => Err(Refusal::Asked(format!("There is no layer called \u{201c}{unknown}\u{201d} to exclude."))),
        None => Ok(options.exclude.iter().cloned().collect()),
    }
}

fn layer_report(plan: &Plan, layer: &Layer, seen: &HashMap<&str, &Observer>) -> LayerReport {
    let float = layer.weight.as_ref().and_then(|(_, t, _)| plan.graph.floats(t)).map_or(Vec::new(), |f| f.1);
    let weight = plan.constants(layer).map(|c| c.weight);
    let rounded = weight.as_ref().map_or(Vec::new(), |w| w.dequantize());
    let (mut signal, mut noise) = (0.0f64, 0.0f64);
    for (a, b) in float.iter().zip(&rounded) {
        signal += f64::from(*a).powi(2);
        noise += f64::from(a - b).powi(2);
    }
    let measured = signal > 0.0 && noise > 0.0;
    let weights = weight.map(|w| {
        let (fine, coarse) = w.scales.iter().fold((f32::INFINITY, 0.0f32), |(a, b), s| (a.min(*s), b.max(*s)));
        let reach = coarse * plan.weights.largest() as f32;
        Drawing::of(&float, (-reach, reach), (fine, coarse))
    });
    let observer = seen.get(layer.output.as_str()).filter(|o| o.count > 0);
    let params = plan.params.get(&layer.output).filter(|_| layer.quantize_output).copied();
    let outputs = observer.map(|o| Drawing {
        low: o.min,
        high: o.max,
        bars: o.drawing(BARS),
        kept: params.map_or((o.min, o.max), |q| (q.dequantize(q.low), q.dequantize(q.high))),
        scales: params.map_or((0.0, 0.0), |q| (q.scale, q.scale)),
    });
    LayerReport {
        name: layer.name.clone(),
        op: layer.op.clone(),
        output: layer.output.clone(),
        weight_sqnr_db: measured.then(|| (10.0 * (signal / noise).log10()) as f32),
        output_params: params,
        seen: seen.get(layer.output.as_str()).map(|o| (o.min, o.max)),
        parameters: float.len(),
        weights,
        outputs,
    }
}

/// The network in boxes: layers and float nodes; what belongs to a layer (its ReLU) is drawn into it.
fn boxes(graph: &Graph, layers: &[Layer], float: &[(String, String)]) -> Vec<Node> {
    let quantized: HashSet<&str> = layers.iter().map(|l| l.name.as_str()).collect();
    let float: HashSet<&str> = float.iter().map(|(name, _)| name.as_str()).collect();
    let mut made: HashMap<&str, usize> = HashMap::new();
    let mut boxes: Vec<Node> = Vec::new();
    for node in &graph.nodes {
        let mut reads: Vec<usize> = node.input.iter().filter_map(|i| made.get(i.as_str()).copied()).collect();
        reads.dedup();
        let own = quantized.contains(node.name.as_str()) || float.contains(node.name.as_str());
        let place = match reads.first() {
            Some(&before) if !own => before,
            _ => {
                let quantized = quantized.contains(node.name.as_str());
                boxes.push(Node { name: node.name.clone(), op: node.op_type.clone(), reads, quantized });
                boxes.len() - 1
            }
        };
        made.extend(node.output.iter().map(|o| (o.as_str(), place)));
    }
    boxes
}
