//! Runs any ONNX model with one input and shows the tensors inside it.

use crate::model::onnx::graph::Graph;
use crate::model::onnx::{ModelProto, Refusal};
use crate::model::quantized::rewrite::rewrite;
use crate::model::{ops, quantized};
use std::sync::Arc;
use tract_onnx::prelude::*;

/// Most numbers that all tensors of one run may have together: 2 GiB as f32.
const MAX_FLOWING: u128 = 1 << 29;

/// A model that is ready to run on one input of a fixed shape.
pub struct Probe {
    plan: Arc<TypedRunnableModel>,
    shape: Vec<usize>,
}

impl Probe {
    /// Prepares `model` for inputs of `shape` (batch included), to give the tensors `outputs`
    /// in this order. Dense convolutions run on our own kernel.
    ///
    /// # Errors
    /// [`Refusal::CannotRun`] with the node and the reason, [`Refusal::Huge`] where a tensor
    /// of the run would not fit.
    pub fn new(model: &ModelProto, shape: &[usize], outputs: &[String]) -> Result<Self, Refusal> {
        Self::load(false, model, shape, outputs)
    }

    /// The same for a model of QuantizeLinear and DequantizeLinear, as integers where that is possible; the
    /// report says where.
    ///
    /// # Errors
    /// As [`Probe::new`]; the graph has a cycle, several inputs, or tensors nobody makes.
    pub fn quantized(
        model: &ModelProto,
        shape: &[usize],
        outputs: &[String],
    ) -> Result<(Self, quantized::Report), Refusal> {
        let mut graph = Graph::new(model.clone())?;
        graph.outputs.extend(outputs.iter().filter(|o| !graph.is_output(o)).cloned().collect::<Vec<_>>());
        graph.sort()?;
        let (rewritten, mut report) = rewrite(&graph);
        match Self::load(true, &rewritten.to_model(), shape, outputs) {
            Ok(probe) => Ok((probe, report)),
            Err(Refusal::CannotRun(why)) => {
                report.nothing(&format!("its integer form does not run here ({why})"));
                Ok((Self::new(model, shape, outputs)?, report))
            }
            Err(refusal) => Err(refusal),
        }
    }

    fn load(integers: bool, model: &ModelProto, shape: &[usize], outputs: &[String]) -> Result<Self, Refusal> {
        let typed = || -> TractResult<TypedModel> {
            crate::model::reader::typed(model, integers, f32::fact(shape).into(), outputs)
        };
        let typed = typed().map_err(|e| Refusal::CannotRun(reason(&e)))?;
        let mut sum = 0u128;
        for node in typed.nodes() {
            for output in &node.outputs {
                let Some(shape) = output.fact.shape.as_concrete() else { continue };
                let count = shape.iter().fold(1u128, |p, d| p.saturating_mul(*d as u128));
                sum = sum.saturating_add(count);
                if sum > MAX_FLOWING {
                    return Err(Refusal::Huge(node.name.clone(), count));
                }
            }
        }
        let runnable = || -> TractResult<_> {
            let (model, _) = ops::conv::simplify(typed)?;
            model.into_optimized()?.into_runnable()
        };
        let plan = runnable().map_err(|e| Refusal::CannotRun(reason(&e)))?;
        Ok(Self { plan, shape: shape.to_vec() })
    }

    /// Runs one input of `shape` and hands each output to `see`: its place in `outputs`,
    /// shape and numbers. Outputs that are not real numbers are passed over.
    ///
    /// # Errors
    /// The input has another length, or an operator fails.
    pub fn run(&self, input: &[f32], mut see: impl FnMut(usize, &[usize], &[f32])) -> Result<(), Refusal> {
        let failed = |e: TractError| Refusal::CannotRun(reason(&e));
        let expected: usize = self.shape.iter().product();
        if input.len() != expected {
            let given = input.len();
            return Err(Refusal::Asked(format!("The model takes {expected} numbers; this input has {given}.")));
        }
        let input = Tensor::from_shape(&self.shape, input).map_err(failed)?;
        let outputs = self.plan.run(tvec![input.into()]).map_err(failed)?;
        for (at, output) in outputs.into_iter().enumerate() {
            if output.datum_type() != f32::datum_type() {
                continue;
            }
            let view = output.to_plain_array_view::<f32>().map_err(failed)?;
            match view.as_slice() {
                Some(numbers) => see(at, output.shape(), numbers),
                None => see(at, output.shape(), &view.iter().copied().collect::<Vec<_>>()),
            }
        }
        Ok(())
    }
}

/// The chain of causes in one line of bounded length.
fn reason(error: &TractError) -> String {
    let chain: Vec<String> = error.chain().map(|e| e.to_string().lines().next().unwrap_or("").to_owned()).collect();
    chain.join(": ").chars().filter(|c| !c.is_control()).take(400).collect()
}
