//! Cross-layer equalisation (Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and
//! Bias Correction", section 4.1).
//!
//! ReLU(s x) = s ReLU(x) for s > 0: channel i of one layer may be divided by s_i if the next layer
//! multiplies it back. s_i = sqrt(r1_i r2_i) / r2_i gives both the same range, so that one scale
//! for a whole tensor serves every channel. Where a ReLU6 stands between, the paper makes it a
//! ReLU; so do we, and say so.

use super::activation_fusion::clip;
use super::graph::{Graph, int};
use std::collections::HashMap;

const ROUNDS: usize = 20;

/// What was done, as sentences.
pub fn equalize(graph: &mut Graph) -> Vec<String> {
    let pairs = pairs(graph);
    let mut softened = 0;
    for pair in &pairs {
        if let Some(at) = pair.clip {
            graph.nodes[at].op_type = "Relu".into();
            graph.nodes[at].input.truncate(1);
            graph.nodes[at].attribute.clear();
            softened += 1;
        }
    }
    let mut work: HashMap<usize, Layer> = HashMap::new();
    for at in pairs.iter().flat_map(|p| [p.first, p.second]) {
        if let Some(layer) = Layer::read(graph, at) {
            work.insert(at, layer);
        }
    }
    for _ in 0..ROUNDS {
        let mut change = 0.0f32;
        for pair in &pairs {
            let Some(mut first) = work.remove(&pair.first) else { continue };
            if let Some(second) = work.get_mut(&pair.second) {
                change = change.max(balance(&mut first, second));
            }
            work.insert(pair.first, first);
        }
        if change < 1e-3 {
            break;
        }
    }
    for (at, layer) in work {
        super::fold_batchnorm::replace(graph, at, &layer.dims, &layer.weights, &layer.bias);
    }
    graph.sweep();
    let mut notes = vec![format!("{} pairs of layers were equalised.", pairs.len())];
    if softened > 0 {
        notes.push(format!("{softened} ReLU6 became ReLU, as equalisation needs (Nagel et al. 2019)."));
    }
    notes
}

struct Pair {
    first: usize,
    second: usize,
    /// A Clip from zero between them.
    clip: Option<usize>,
}

struct Layer {
    dims: Vec<i64>,
    weights: Vec<f32>,
    bias: Vec<f32>,
    groups: usize,
}

impl Layer {
    fn read(graph: &Graph, at: usize) -> Option<Self> {
        let node = &graph.nodes[at];
        let (dims, weights) = graph.floats(node.input.get(1)?)?;
        let out = usize::try_from(*dims.first()?).ok()?;
        let bias = match node.input.get(2).filter(|b| !b.is_empty()) {
            Some(name) => graph.floats(name)?.1,
            None => vec![0.0; out],
        };
        let groups = usize::try_from(int(node, "group", 1)).ok().filter(|g| *g > 0 && out % g == 0)?;
        let sound = dims.len() >= 2 && bias.len() == out && !weights.is_empty();
        sound.then_some(Self { dims, weights, bias, groups })
    }

    fn inputs(&self) -> usize {
        self.dims[1] as usize * self.groups
    }

    /// Input channel of the weight at this place.
    fn input_of(&self, at: usize) -> usize {
        let (per_group, inner) = (self.dims[1] as usize, self.inner());
        let (out, inside) = (at / (per_group * inner), at / inner % per_group);
        out / (self.bias.len() / self.groups) * per_group + inside
    }

    fn inner(&self) -> usize {
        self.dims[2..].iter().product::<i64>().max(1) as usize
    }
}

/// Convolutions (and plain transposed Gemms) that follow each other with at most a ReLU between.
fn pairs(graph: &Graph) -> Vec<Pair> {
    let consumers = graph.consumers();
    let scales = |at: usize| {
        let node = &graph.nodes[at];
        (node.op_type == "Conv" || node.op_type == "Gemm" && int(node, "transB", 0) == 1 && int(node, "transA", 0) == 0)
            && Layer::read(graph, at).is_some()
    };
    let next = |tensor: &str| match consumers.get(tensor).map(Vec::as_slice) {
        Some(&[one]) if !graph.is_output(tensor) => Some(one),
        _ => None,
    };
    let mut found = Vec::new();
    for first in (0..graph.nodes.len()).filter(|at| scales(*at)) {
        let Some(mut second) = next(&graph.nodes[first].output[0]) else { continue };
        let mut clipped = None;
        let between = &graph.nodes[second];
        let is_clip =
            between.op_type == "Clip" && clip(graph, between).is_some_and(|(low, high)| low == 0.0 && high > 0.0);
        if between.op_type == "Relu" || is_clip {
            clipped = is_clip.then_some(second);
            let Some(after) = next(&between.output[0]) else { continue };
            second = after;
        }
        let reads_it = graph.nodes[second].input.get(1).is_some_and(|w| graph.constants.contains_key(w));
        let fits = || {
            let (a, b) = (Layer::read(graph, first), Layer::read(graph, second));
            a.zip(b).is_some_and(|(a, b)| a.bias.len() == b.inputs())
        };
        if reads_it && scales(second) && fits() {
            found.push(Pair { first, second, clip: clipped });
        }
    }
    found
}

/// Gives both layers the same range per channel; returns the largest change, as |ln s|.
fn balance(first: &mut Layer, second: &mut Layer) -> f32 {
    let channels = first.bias.len();
    let (mut r1, mut r2) = (vec![0.0f32; channels], vec![0.0f32; channels]);
    let row = first.weights.len() / channels;
    for (at, w) in first.weights.iter().enumerate() {
        r1[at / row] = r1[at / row].max(w.abs());
    }
    for (at, w) in second.weights.iter().enumerate() {
        let c = second.input_of(at);
        r2[c] = r2[c].max(w.abs());
    }
    // A dead channel stays as it is; no channel moves further than a factor of 1000 at once.
    let factor = |(a, b): (&f32, &f32)| if *a > 1e-12 && *b > 1e-12 { (a / b).sqrt().clamp(1e-3, 1e3) } else { 1.0 };
    let s: Vec<f32> = r1.iter().zip(&r2).map(factor).collect();
    for (at, w) in first.weights.iter_mut().enumerate() {
        *w /= s[at / row];
    }
    first.bias.iter_mut().zip(&s).for_each(|(b, s)| *b /= s);
    for at in 0..second.weights.len() {
        let c = second.input_of(at);
        second.weights[at] *= s[c];
    }
    s.iter().map(|s| s.ln().abs()).fold(0.0, f32::max)
}
