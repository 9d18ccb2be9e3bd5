//! The random twin: a backbone's architecture with weights that were drawn and never trained.
//!
//! A seed, not a file: it is made from any trained twin by forgetting what that one learned.

use prost::Message;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use tract_onnx::pb::{ModelProto, TensorProto, tensor_proto::DataType};
use tract_onnx::prelude::f16;

/// The seed of the twin the product shows.
pub const SEED: u64 = 1;

/// Redraws the weights of every convolution of an ONNX file, He-uniform: in -b..b with
/// b = sqrt(6 / fan-in) (He et al. 2015), and sets its biases to zero. Everything else, the
/// normalisation of the input included, stays. Returns an ONNX file of the same form.
///
/// # Errors
/// A sentence: not ONNX, or weights that are neither float16 nor float32 raw data.
pub fn random_twin(file: &[u8], seed: u64) -> Result<Vec<u8>, String> {
    let mut proto = ModelProto::decode(file).map_err(|e| format!("The backbone is not an ONNX file: {e}."))?;
    let graph = proto.graph.as_mut().ok_or("The backbone has no graph.")?;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn = 0;
    for tensor in &mut graph.initializer {
        match tensor.dims.len() {
            4 => {
                let fan_in: i64 = tensor.dims[1..].iter().product();
                let bound = (6.0 / fan_in.max(1) as f32).sqrt();
                // 24 random bits are every step a float32 has between 0 and 1.
                fill(tensor, || ((random.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0) * bound)?;
                drawn += 1;
            }
            1 => fill(tensor, || 0.0)?,
            _ => {}
        }
    }
    if drawn == 0 {
        return Err("The backbone has no convolutions to draw anew.".into());
    }
    Ok(proto.encode_to_vec())
}

fn fill(tensor: &mut TensorProto, mut value: impl FnMut() -> f32) -> Result<(), String> {
    match DataType::try_from(tensor.data_type) {
        Ok(DataType::Float16) => {
            tensor.raw_data.as_chunks_mut::<2>().0.iter_mut().for_each(|b| *b = f16::from_f32(value()).to_le_bytes());
        }
        Ok(DataType::Float) if tensor.float_data.is_empty() => {
            tensor.raw_data.as_chunks_mut::<4>().0.iter_mut().for_each(|b| *b = value().to_le_bytes());
        }
        // Integers are shapes and axes.
        Ok(DataType::Int64 | DataType::Int32) => {}
        _ => return Err(format!("The backbone's weights \u{201c}{}\u{201d} are stored in another way.", tensor.name)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::backbone::Backbone;

    const FILE: &[u8] = include_bytes!("../../assets/models/backbone-supervised.onnx");

    #[test]
    fn the_twin_is_another_network_of_the_same_shape() {
        let file = random_twin(FILE, SEED).unwrap();
        assert_eq!(file, random_twin(FILE, SEED).unwrap());
        assert_ne!(file, random_twin(FILE, SEED + 1).unwrap());
        let (trained, random) = (Backbone::load(FILE.to_vec()).unwrap(), Backbone::load(file).unwrap());
        assert_eq!((trained.dim, trained.grid, trained.parameters), (random.dim, random.grid, random.parameters));
        let picture: Vec<f32> = (0..3 * 64 * 64).map(|i| (i * 37 % 256) as f32).collect();
        let embedded = random.embed_planes(&picture).unwrap();
        assert_ne!(embedded, trained.embed_planes(&picture).unwrap());
        let alive = embedded.embedding.iter().filter(|v| **v > 0.0).count();
        assert!(alive > random.dim / 4, "{alive} of {} numbers are alive", random.dim);
        assert!(embedded.embedding.iter().all(|v| *v < 1e4), "{:?}", embedded.embedding);
    }

    #[test]
    fn what_is_no_backbone_is_refused() {
        assert!(random_twin(b"not ONNX at all", SEED).is_err());
        assert!(random_twin(&[], SEED).is_err());
    }
}
