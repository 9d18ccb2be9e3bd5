//! Which nodes have an integer form, a file for each kind. A pattern looks first and says in words why it
//! does not fit; once it writes, it does not fail.

mod activation;
mod add;
mod concat;
mod conv;
mod matmul;
mod moves;
mod pool;

use super::elementwise::Requantize;
use super::product::{Constants, Made, Multiply};
use super::rewrite::{Operand, Rewriter, Tail};
use crate::model::onnx::build;
use crate::model::ops::int8::{Bounds, Params};

/// Writes node `at` in integers.
///
/// # Errors
/// Why it stays float, in words that complete "because ...".
pub fn rewrite(r: &mut Rewriter, at: usize) -> Result<(), String> {
    let node = &r.graph.nodes[at];
    if node.output.len() != 1 || node.output[0].is_empty() {
        return Err("it has several outputs".into());
    }
    match node.op_type.as_str() {
        "Conv" => conv::rewrite(r, at),
        "Gemm" | "MatMul" => matmul::rewrite(r, at),
        "Add" => add::rewrite(r, at),
        "MaxPool" | "AveragePool" | "GlobalAveragePool" => pool::rewrite(r, at),
        "Relu" | "Clip" => activation::rewrite(r, at),
        "Concat" => concat::rewrite(r, at),
        "Flatten" | "Reshape" | "Transpose" | "Squeeze" | "Unsqueeze" | "Identity" => moves::rewrite(r, at),
        other => Err(format!("{other} has no integer form here")),
    }
}

const NOT_QUANTIZED: &str = "its input is not quantized";
const NO_STEPS_AFTER: &str = "its output is not quantized";

/// The quantized tensor in an input slot.
fn operand(r: &Rewriter, at: usize, slot: usize) -> Result<Operand, String> {
    let tensor = r.graph.nodes[at].input.get(slot).filter(|i| !i.is_empty()).ok_or("an input is missing")?;
    r.operand(tensor).ok_or_else(|| NOT_QUANTIZED.into())
}

/// Writes sums of products, to steps or, where no steps follow, to real numbers.
fn multiply(r: &mut Rewriter, at: usize, given: &Operand, constants: &Constants, rows: bool, tail: &Tail) {
    let rank = if rows { given.rank } else { Some(4) };
    let name = r.graph.nodes[at].name.clone();
    let from = if rows { r.plain(&given.steps) } else { r.last(&given.steps) };
    let from = (from.as_str(), given.params);
    match tail.made {
        Some(params) => {
            let to = r.fresh(&tail.output);
            let made = Made::Steps(params, tail.bounds(params));
            r.push(Multiply::node(&name, from, &to, constants, rows, made));
            r.store(&tail.output, params, rank, &to, !rows);
        }
        None => {
            let made = Made::Real(tail.low, tail.high);
            if rows {
                r.push(Multiply::node(&name, from, &tail.output, constants, rows, made));
            } else {
                let pixels = r.fresh(&tail.output);
                r.push(Multiply::node(&name, from, &pixels, constants, rows, made));
                let turned = r.fresh(&tail.output);
                let turn = vec![build::ints("perm", &[0, 3, 1, 2])];
                r.push(build::node("Transpose", &turned, &[&pixels], &tail.output, turn));
            }
            r.wrote_real(&tail.output, rank);
        }
    }
    r.finish(at, Some(tail));
}

/// Writes `given` in other steps under the quantized name `to`.
pub fn requantize(r: &mut Rewriter, name: &str, given: &Operand, to: &str, params: Params, bounds: Bounds) {
    let from = if given.last { r.last(&given.steps) } else { r.plain(&given.steps) };
    let made = r.fresh(to);
    let name = r.fresh(name);
    r.push(Requantize::node(&name, (&from, given.params), &made, params, bounds));
    r.store(to, params, given.rank, &made, given.last);
}
