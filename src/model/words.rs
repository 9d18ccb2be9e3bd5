//! A masked-word model: what stands around each word becomes a state; `learn::words` reads words from states.
//!
//! The file is standard ONNX made by `training/words/export.py`: input `words` `[1, T]`, output `states`
//! `[1, T, width]`, and initializers under known names, of which the readout is made.

use crate::learn::words::reading::LENGTH;
use crate::learn::words::readout::{Readout, Tuned};
use crate::learn::words::text::{PAD, Vocabulary};
use crate::model::onnx::{DataType, GraphProto, ModelProto, TensorProto, read_quantized, tensor};
use std::sync::Arc;
use tract_onnx::prelude::*;

/// Largest file read, in bytes.
const MAX_FILE: usize = 32 << 20;
/// Numbers of words that a plan is made for: a short sentence need not pay for a long one.
const LENGTHS: [usize; 3] = [16, 32, LENGTH];

pub struct WordModel {
    proto: ModelProto,
    plans: [Option<Arc<TypedRunnableModel>>; LENGTHS.len()],
    pub vocabulary: Vocabulary,
    pub readout: Readout,
    /// Size of the file.
    pub bytes: usize,
    /// Learned numbers in it.
    pub parameters: usize,
}

impl WordModel {
    /// Loads a file whose matrices are int8 or half precision.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub fn load(file: &[u8]) -> Result<Self, String> {
        if file.len() > MAX_FILE {
            return Err(format!("The word model is larger than {} MB.", MAX_FILE >> 20));
        }
        let proto = read_quantized(file).map_err(|refusal| format!("The word model cannot be read. {refusal}"))?;
        let words = proto.metadata_props.iter().find(|p| p.key == "words");
        let vocabulary = Vocabulary::read(words.map_or("", |p| &p.value))?;
        let graph = proto.graph.as_ref().ok_or("The word model has no graph.")?;
        let readout = readout(graph, &vocabulary)?;
        let learned = |t: &&TensorProto| t.dims.iter().product::<i64>() > 1 && t.data_type != DataType::Int64 as i32;
        let parameters = graph
            .initializer
            .iter()
            .filter(learned)
            .filter(|t| !t.name.ends_with(".scale"))
            .map(|t| t.dims.iter().product::<i64>() as usize)
            .sum();
        Ok(Self { plans: Default::default(), vocabulary, readout, bytes: file.len(), parameters, proto })
    }

    /// States of at most [`LENGTH`] words, `[words][width]`: each knows its surroundings, not its word.
    ///
    /// # Errors
    /// There are more, or a number is not in the vocabulary, or the model cannot be run.
    pub fn states(&mut self, words: &[u32]) -> Result<Vec<Vec<f32>>, String> {
        let at = LENGTHS.iter().position(|l| words.len() <= *l).ok_or("That is more than the model sees at once.")?;
        if words.iter().any(|w| *w as usize >= self.vocabulary.len()) {
            return Err("A word is not in the vocabulary.".into());
        }
        if self.plans[at].is_none() {
            self.plans[at] = Some(self.plan(LENGTHS[at]).map_err(|e| format!("The word model cannot be run: {e:#}."))?);
        }
        let plan = self.plans[at].as_ref().ok_or("The word model has no plan.")?;
        let padded = words.iter().copied().chain(std::iter::repeat(PAD)).take(LENGTHS[at]);
        let padded: Vec<i64> = padded.map(i64::from).collect();
        let input = Tensor::from_shape(&[1, LENGTHS[at]], &padded).map_err(|e| e.to_string())?;
        let outputs = plan.run(tvec![input.into()]).map_err(|e| format!("{e:#}"))?;
        let states = outputs.into_iter().next().ok_or("The word model gave no output.")?;
        let view = states.to_plain_array_view::<f32>().map_err(|e| e.to_string())?;
        let numbers: Vec<f32> = view.iter().copied().collect();
        if numbers.len() != LENGTHS[at] * self.readout.width || !numbers.iter().all(|v| v.is_finite()) {
            return Err("The word model gave numbers that cannot be used.".into());
        }
        Ok(numbers.chunks_exact(self.readout.width).take(words.len()).map(<[f32]>::to_vec).collect())
    }

    fn plan(&self, length: usize) -> TractResult<Arc<TypedRunnableModel>> {
        crate::model::reader::typed(&self.proto, false, i64::fact([1, length]).into(), &["states".into()])?
            .into_decluttered()?
            .into_optimized()?
            .into_runnable()
    }
}

/// The numbers of a matrix `name`, `[rows, columns]`, whatever it is stored as, and its shape.
fn matrix(graph: &GraphProto, name: &str) -> Result<(Vec<f32>, usize, usize), String> {
    let missing = || format!("The word model has no matrix \u{201c}{name}\u{201d} that can be read.");
    let find = |name: &str| graph.initializer.iter().find(|t| t.name == name);
    let stored = find(name).ok_or_else(missing)?;
    let &[rows, columns] = stored.dims.as_slice() else { return Err(missing()) };
    let (rows, columns) = (rows as usize, columns as usize);
    if stored.data_type != DataType::Int8 as i32 {
        return Ok((tensor::floats(stored).map_err(|r| r.to_string())?, rows, columns));
    }
    let scale = find(&format!("{name}.scale")).ok_or_else(missing)?;
    let scale = tensor::floats(scale).map_err(|r| r.to_string())?;
    // A scale for each word of the table, for each output of anything else.
    let along_rows = name == "table";
    if scale.len() != if along_rows { rows } else { columns } || stored.raw_data.len() != rows * columns {
        return Err(missing());
    }
    let step = |(at, q): (usize, &u8)| {
        let (row, column) = (at / columns, at % columns);
        f32::from(*q as i8) * scale[if along_rows { row } else { column }]
    };
    Ok((stored.raw_data.iter().enumerate().map(step).collect(), rows, columns))
}

fn readout(graph: &GraphProto, vocabulary: &Vocabulary) -> Result<Readout, String> {
    let vector = |name: &str| {
        let found = graph.initializer.iter().find(|t| t.name == name);
        let found = found.ok_or_else(|| format!("The word model has no numbers \u{201c}{name}\u{201d}."))?;
        tensor::floats(found).map_err(|refusal| refusal.to_string())
    };
    let (table, words, narrow) = matrix(graph, "table")?;
    let (last, width, columns) = matrix(graph, "narrow.weight")?;
    if words != vocabulary.len() || columns != narrow {
        return Err("The word model and its words do not belong together.".into());
    }
    let tuned = Tuned {
        // Stored [width, narrow].
        weights: (0..narrow).flat_map(|i| (0..width).map(move |j| (i, j))).map(|(i, j)| last[j * narrow + i]).collect(),
        bias: vector("narrow.bias")?,
        gain: vector("read.gain")?,
        offset: vector("read.bias")?,
        often: vector("often")?,
    };
    Readout {
        width,
        narrow,
        table: Arc::new(table),
        first_gain: Arc::new(vector("last.gain")?),
        first_offset: Arc::new(vector("last.bias")?),
        tuned,
        guessed: Arc::new((0..words as u32).map(|w| vocabulary.guessed(w)).collect()),
    }
    .check()
}
