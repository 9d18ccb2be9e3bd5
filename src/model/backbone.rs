//! A frozen, pre-trained network that turns a picture into an embedding.

use crate::image::{Rgb8, contract};
use crate::model::{direct, ops, reader};
use prost::Message;
use std::sync::Arc;
use tract_onnx::pb::{self, ModelProto, tensor_proto::DataType};
use tract_onnx::prelude::*;

/// Largest backbone file read, in bytes.
pub const MAX_FILE: usize = 64 << 20;

/// A loaded backbone: input `image` `[1, 3, side, side]`, RGB 0..255; outputs `embedding`
/// `[1, dim]` and `features` `[1, dim, h, w]`, whose mean over the grid is the embedding.
pub struct Backbone {
    plan: Arc<TypedRunnableModel>,
    file: Vec<u8>,
    pub dim: usize,
    /// Side of the square input in pixels.
    pub side: usize,
    /// Height and width of the `features` grid.
    pub grid: (usize, usize),
    /// Learned numbers in the file.
    pub parameters: usize,
    /// Convolutions run by our own kernel rather than tract's.
    pub direct_convolutions: usize,
}

/// What a backbone says about one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// `[dim]`.
    pub embedding: Vec<f32>,
    /// `[dim, h, w]`.
    pub features: Vec<f32>,
}

impl Backbone {
    /// Loads an ONNX file whose weights may be in half precision; they are expanded here.
    ///
    /// # Errors
    /// A sentence that names what is wrong: not ONNX, other inputs or outputs, or an
    /// operator that cannot run.
    pub fn load(file: Vec<u8>) -> Result<Self, String> {
        if file.len() > MAX_FILE {
            return Err(format!("The backbone is larger than {} MB.", MAX_FILE >> 20));
        }
        let proto =
            ModelProto::decode(file.as_slice()).map_err(|e| format!("The backbone is not an ONNX file: {e}."))?;
        let parameters = parameters(&proto)?;
        let side = input_side(&proto)?;
        let build = || -> TractResult<_> {
            let outputs = ["embedding".into(), "features".into()];
            let typed = match direct::typed(&proto, side) {
                Some(model) => model,
                None => reader::typed(&proto, false, f32::fact([1, 3, side, side]).into(), &outputs)?,
            };
            let (model, direct) = ops::conv::simplify(typed)?;
            Ok((model.into_optimized()?.into_runnable()?, direct))
        };
        let (plan, direct_convolutions) = build().map_err(|e| format!("The backbone cannot be run: {e:#}."))?;
        let mut backbone = Self { plan, file, dim: 0, side, grid: (0, 0), parameters, direct_convolutions };
        let (embedding, features) = backbone.run(&vec![0.0; 3 * side * side])?;
        match (embedding.shape(), features.shape()) {
            (&[1, dim], &[1, channels, h, w]) if dim == channels && dim * h * w > 0 => {
                backbone.dim = dim;
                backbone.grid = (h, w);
                Ok(backbone)
            }
            (e, f) => Err(format!("The backbone's outputs have the shapes {e:?} and {f:?}.")),
        }
    }

    /// The file it was loaded from.
    pub fn file(&self) -> &[u8] {
        &self.file
    }

    /// Embeds a picture of any size by the contract's resize rule.
    ///
    /// # Errors
    /// As [`Self::embed_planes`].
    pub fn embed(&self, image: &Rgb8) -> Result<Embedded, String> {
        let seen = contract::to_square(image, self.side as u32);
        self.embed_planes(&contract::to_planes(&seen))
    }

    /// Embeds `[3, side, side]` RGB planes, 0..255.
    ///
    /// # Errors
    /// The planes have another length, or the network gives numbers that are not finite.
    pub fn embed_planes(&self, planes: &[f32]) -> Result<Embedded, String> {
        let (embedding, features) = self.run(planes)?;
        let list =
            |t: &Tensor| t.to_plain_array_view::<f32>().map(|v| v.iter().copied().collect()).map_err(|e| e.to_string());
        let embedded = Embedded { embedding: list(&embedding)?, features: list(&features)? };
        if embedded.embedding.iter().all(|v| v.is_finite()) {
            Ok(embedded)
        } else {
            Err("The backbone gave numbers that are not finite for this picture.".into())
        }
    }

    fn run(&self, planes: &[f32]) -> Result<(Arc<Tensor>, Arc<Tensor>), String> {
        let input = Tensor::from_shape(&[1, 3, self.side, self.side], planes).map_err(|e| e.to_string())?;
        let mut outputs = self.plan.run(tvec![input.into()]).map_err(|e| format!("{e:#}"))?.into_iter();
        match (outputs.next(), outputs.next()) {
            (Some(embedding), Some(features)) => Ok((embedding.into_arc_tensor(), features.into_arc_tensor())),
            _ => Err("The backbone gave no output.".into()),
        }
    }
}

/// Counts the learned numbers, checking that every initializer holds what its shape says.
fn parameters(proto: &ModelProto) -> Result<usize, String> {
    let graph = proto.graph.as_ref().ok_or("The backbone has no graph.")?;
    let mut sum = 0usize;
    for tensor in &graph.initializer {
        let count = tensor.dims.iter().try_fold(1usize, |product, d| product.checked_mul(usize::try_from(*d).ok()?));
        let size = match DataType::try_from(tensor.data_type) {
            Ok(DataType::Float16) => 2,
            Ok(DataType::Float) => 4,
            _ => continue,
        };
        let fits = count.is_some_and(|n| n * size == tensor.raw_data.len() || n == tensor.float_data.len());
        if !fits {
            return Err(format!(
                "The backbone's weights \u{201c}{}\u{201d} do not have the size they claim.",
                tensor.name
            ));
        }
        sum += count.unwrap_or(0);
    }
    Ok(sum)
}

/// Side of the input `image` `[N, 3, side, side]`.
fn input_side(proto: &ModelProto) -> Result<usize, String> {
    use pb::{tensor_shape_proto::dimension::Value::DimValue, type_proto::Value::TensorType};
    let inputs = proto.graph.as_ref().map_or(&[][..], |g| &g.input);
    let shape = match inputs {
        [input] => match input.r#type.as_ref().and_then(|t| t.value.as_ref()) {
            Some(TensorType(tensor)) => tensor.shape.as_ref(),
            _ => None,
        },
        _ => None,
    };
    let sizes: Vec<_> = shape.map_or(Vec::new(), |s| s.dim.iter().map(|d| d.value.clone()).collect());
    match sizes.as_slice() {
        [_, Some(DimValue(3)), Some(DimValue(h)), Some(DimValue(w))] if h == w && (8..=512).contains(h) => {
            Ok(*h as usize)
        }
        _ => Err("The backbone's input is not one picture of [N, 3, side, side].".into()),
    }
}
