//! Sums of two quantized tensors, or of one and a constant.

use super::{NO_STEPS_AFTER, NOT_QUANTIZED};
use crate::model::onnx::build;
use crate::model::ops::int8::Params;
use crate::model::quantized::constants::Weight;
use crate::model::quantized::elementwise::Sum;
use crate::model::quantized::rewrite::{Operand, Rewriter};

enum Term {
    Varies(Operand),
    Constant(Weight, Params),
}

impl Term {
    fn rank(&self) -> Option<usize> {
        match self {
            Self::Varies(operand) => operand.rank,
            Self::Constant(weight, _) => Some(weight.dims.len()),
        }
    }

    fn is_last(&self) -> bool {
        matches!(self, Self::Varies(operand) if operand.last)
    }
}

pub fn rewrite(r: &mut Rewriter, at: usize) -> Result<(), String> {
    let node = &r.graph.nodes[at];
    let [a, b] = node.input.as_slice() else { return Err("it does not have two inputs".into()) };
    let term = |tensor: &str| -> Result<Term, String> {
        if let Some(operand) = r.operand(tensor) {
            return Ok(Term::Varies(operand));
        }
        let weight = r.constants.weight(tensor).ok_or(NOT_QUANTIZED)?;
        match (weight.zero, weight.scales.as_slice()) {
            (Some(zero), &[scale]) => Ok(Term::Constant(weight, Params { scale, zero })),
            _ => Err("its constant has several scales".into()),
        }
    };
    let terms = [term(a)?, term(b)?];
    let tail = r.tail(&node.output[0]);
    let made = tail.made.ok_or(NO_STEPS_AFTER)?;
    let varies = terms.iter().filter(|t| matches!(t, Term::Varies(_)));
    // Channels go last only where every tensor that varies is known to be a picture.
    let last = terms.iter().any(Term::is_last)
        && varies.clone().all(|t| t.rank() == Some(4))
        && terms.iter().all(|t| t.rank().is_some_and(|rank| rank <= 4));
    if varies.count() == 0 {
        return Err("it adds constants".into());
    }
    let rank = terms[0].rank().zip(terms[1].rank()).map(|(a, b)| a.max(b));
    let [a, b] = terms.map(|term| match term {
        Term::Varies(o) => (if last { r.last(&o.steps) } else { r.plain(&o.steps) }, o.params),
        Term::Constant(weight, params) => (constant(r, &node.name, &weight, params, last), params),
    });
    let to = r.fresh(&tail.output);
    r.push(Sum::node(&node.name, [(&a.0, a.1), (&b.0, b.1)], &to, made, tail.bounds(made)));
    r.store(&tail.output, made, rank, &to, last);
    r.finish(at, Some(&tail));
    Ok(())
}

/// Writes a constant as steps; with channels last, of four axes.
fn constant(r: &mut Rewriter, like: &str, weight: &Weight, params: Params, last: bool) -> String {
    let steps: Vec<i8> = weight.steps.iter().map(|q| (q + i16::from(params.zero)) as i8).collect();
    let name = r.fresh(&format!("{like}.constant"));
    let (mut dims, mut values) = (weight.dims.clone(), steps);
    if last {
        while dims.len() < 4 {
            dims.insert(0, 1);
        }
        let (planes, size) = (dims[1], dims[2] * dims[3]);
        let turned = |picture: &[i8]| -> Vec<i8> {
            (0..size).flat_map(|at| (0..planes).map(move |c| c * size + at)).map(|at| picture[at]).collect()
        };
        values = values.chunks_exact((planes * size).max(1)).flat_map(turned).collect();
        dims = vec![dims[0], dims[2], dims[3], planes];
    }
    let dims: Vec<i64> = dims.iter().map(|d| *d as i64).collect();
    r.add_constant(build::signed_bytes(&name, &dims, &values));
    name
}
