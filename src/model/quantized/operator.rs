//! What every operator on quantized tensors is to ONNX and to tract, written once.
//!
//! An operator travels from the rewriting to tract as a node of our own domain that carries all its
//! constants as attributes; [`register`] tells tract-onnx's register how to read such a node.

use crate::model::onnx::{AttributeProto, NodeProto, Refusal, graph, tensor};
use crate::model::ops::int8::{Bounds, Params};
use crate::model::ops::reuse;
use std::fmt::Debug;
use std::sync::Arc;
use tract_onnx::model::{OnnxOpRegister, ParsingContext};
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_hir::infer::rules::InferenceResult;
use tract_onnx::tract_hir::infer::{InferenceOp, Solver, TensorProxy};
use tract_onnx::tract_hir::ops::expandable::{Expansion, expand};

/// Domain of our nodes.
pub const DOMAIN: &str = "fieldtest";

/// An operator whose output's shape follows from its inputs'.
pub trait Operator: Debug + Send + Sync + Sized + 'static {
    /// Its name in our domain.
    const NAME: &'static str;

    /// Reads a node that [`Writer`] wrote.
    ///
    /// # Errors
    /// An attribute is missing or does not fit the others.
    fn read(node: &NodeProto) -> Result<Self, Refusal>;

    /// Types of input and output.
    fn types(&self) -> (DatumType, DatumType) {
        (i8::datum_type(), i8::datum_type())
    }

    /// Shape of the output.
    ///
    /// # Errors
    /// The inputs do not fit the operator: in words.
    fn shape(&self, given: &[&[usize]]) -> Result<TVec<usize>, String>;

    /// Fills the output, which has the shape that [`Self::shape`] gave.
    fn run(&self, given: &[&Tensor], output: &mut Tensor) -> TractResult<()>;
}

/// An operator in tract's graph.
#[derive(Debug)]
struct On<T>(Arc<T>);

impl<T> Clone for On<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PartialEq for On<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Eq for On<T> {}

impl<T: Operator> On<T> {
    fn shape(&self, given: &[&[usize]]) -> TractResult<TVec<usize>> {
        self.0.shape(given).map_err(|why| format_err!("{why}"))
    }
}

impl<T: Operator> Op for On<T> {
    fn name(&self) -> StaticName {
        T::NAME.into()
    }

    op_as_typed_op!();
}

impl<T: Operator> EvalOp for On<T> {
    op_out_of_plan!();

    fn eval(&self, _ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let shapes: TVec<&[usize]> = inputs.iter().map(|i| i.shape()).collect();
        let shape = self.shape(&shapes)?;
        let inputs: TVec<&Tensor> = inputs.iter().map(|i| &**i).collect();
        Ok(tvec![reuse::output(self.0.types().1, &shape, |output| self.0.run(&inputs, output))?])
    }
}

impl<T: Operator> TypedOp for On<T> {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let (takes, gives) = self.0.types();
        let concrete = |fact: &&TypedFact| -> TractResult<TVec<usize>> {
            ensure!(fact.datum_type == takes, "{} takes {takes:?}, not {:?}", T::NAME, fact.datum_type);
            Ok(fact.shape.as_concrete().context("an open shape")?.into())
        };
        let shapes = inputs.iter().map(concrete).collect::<TractResult<Vec<_>>>()?;
        let shapes: Vec<&[usize]> = shapes.iter().map(|s| &**s).collect();
        Ok(tvec![gives.fact(&*self.shape(&shapes)?)])
    }

    as_op!();
}

impl<T: Operator> Expansion for On<T> {
    fn name(&self) -> StaticName {
        T::NAME.into()
    }

    fn wire(&self, prefix: &str, model: &mut TypedModel, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, self.clone(), inputs)
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        let (takes, gives) = self.0.types();
        for input in inputs {
            s.equals(&input.datum_type, takes)?;
        }
        s.equals(&outputs[0].datum_type, gives)?;
        s.given_all(inputs.iter().map(|i| &i.shape), move |s, shapes| {
            let sizes = |shape: &TVec<TDim>| shape.iter().map(|d| Ok(d.to_usize()?)).collect::<TractResult<Vec<_>>>();
            let concrete = shapes.iter().map(sizes).collect::<TractResult<Vec<_>>>()?;
            let slices: Vec<&[usize]> = concrete.iter().map(Vec::as_slice).collect();
            let shape = self.shape(&slices)?;
            s.equals(&outputs[0].shape, shape.iter().map(|d| d.to_dim()).collect::<TVec<_>>())
        })
    }
}

/// Teaches the register to read nodes of `T`.
pub fn register<T: Operator>(to: &mut OnnxOpRegister) {
    fn read<T: Operator>(_: &ParsingContext, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
        let op = T::read(node).map_err(|refusal| format_err!("{refusal}"))?;
        Ok((expand(On(Arc::new(op))), vec![]))
    }
    to.insert(T::NAME, read::<T>);
}

/// The numbers of a tensor.
pub fn slice<D: Datum>(tensor: &Tensor) -> TractResult<&[D]> {
    tensor.to_plain_array_view::<D>()?.to_slice().context("numbers in a row")
}

/// The numbers of a tensor, to be written.
pub fn slice_mut<D: Datum>(tensor: &mut Tensor) -> TractResult<&mut [D]> {
    tensor.to_plain_array_view_mut::<D>()?.into_slice().context("numbers in a row")
}

/// Reads the attributes of one of our nodes.
pub struct Reader<'a>(pub &'a NodeProto);

impl<'a> Reader<'a> {
    fn wrong(&self, name: &str) -> Refusal {
        Refusal::Attribute(self.0.name.clone(), name.into(), "is missing or does not fit".into())
    }

    fn attribute(&self, name: &str) -> Result<&'a AttributeProto, Refusal> {
        graph::attribute(self.0, name).ok_or_else(|| self.wrong(name))
    }

    /// Whether an attribute is there at all.
    pub fn has(&self, name: &str) -> bool {
        graph::attribute(self.0, name).is_some()
    }

    /// As many numbers of steps, sizes or flags as asked for.
    pub fn ints<const N: usize, I: TryFrom<i64>>(&self, name: &str) -> Result<[I; N], Refusal> {
        let read = self.attribute(name)?.ints.iter().map(|i| I::try_from(*i));
        let read: Vec<I> = read.collect::<Result<_, _>>().map_err(|_| self.wrong(name))?;
        read.try_into().map_err(|_| self.wrong(name))
    }

    pub fn floats(&self, name: &str) -> Result<Vec<f32>, Refusal> {
        Ok(self.attribute(name)?.floats.clone())
    }

    pub fn tensor<I: TryFrom<i64>>(&self, name: &str) -> Result<Vec<I>, Refusal> {
        let t = self.attribute(name)?.t.as_ref().ok_or_else(|| self.wrong(name))?;
        tensor::integers(t)?.into_iter().map(I::try_from).collect::<Result<_, _>>().map_err(|_| self.wrong(name))
    }

    /// Scale and zero point called `name`.
    pub fn params(&self, name: &str) -> Result<Params, Refusal> {
        let [zero] = self.ints(&format!("{name}.zero"))?;
        match self.floats(&format!("{name}.scale"))?.as_slice() {
            &[scale] => Ok(Params { scale, zero }),
            _ => Err(self.wrong(name)),
        }
    }

    pub fn bounds(&self) -> Result<Bounds, Refusal> {
        let [low, high] = self.ints("bounds")?;
        Ok((low, high))
    }
}

/// Writes a node of ours.
pub struct Writer(pub NodeProto);

impl Writer {
    pub fn new<T: Operator>(name: &str, inputs: &[&str], output: &str) -> Self {
        let mut node = crate::model::onnx::build::node(T::NAME, name, inputs, output, vec![]);
        node.domain = DOMAIN.into();
        Self(node)
    }

    pub fn with(mut self, attribute: AttributeProto) -> Self {
        self.0.attribute.push(attribute);
        self
    }

    pub fn ints(self, name: &str, ints: &[i64]) -> Self {
        self.with(crate::model::onnx::build::ints(name, ints))
    }

    pub fn params(self, name: &str, params: Params) -> Self {
        self.with(crate::model::onnx::build::list(&format!("{name}.scale"), &[params.scale]))
            .ints(&format!("{name}.zero"), &[params.zero.into()])
    }

    pub fn bounds(self, (low, high): Bounds) -> Self {
        self.ints("bounds", &[low.into(), high.into()])
    }
}
