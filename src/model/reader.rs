//! tract's reader of ONNX files, which knows every operator there is, and so is a third of the engine.
//!
//! Our own backbones do without it (`direct`). So in the browser it lies in a file of its own, which is fetched when
//! a request needs it: [`fetch`] first, then [`typed`]. Natively it is always there.

use std::sync::atomic::{AtomicBool, Ordering};
use tract_onnx::pb::ModelProto;
use tract_onnx::prelude::*;

static HERE: AtomicBool = AtomicBool::new(!cfg!(feature = "split"));

fn read(proto: &ModelProto, integers: bool, input: InferenceFact, outputs: &[String]) -> TractResult<TypedModel> {
    let reader = if integers { crate::model::quantized::onnx() } else { tract_onnx::onnx() };
    reader.model_for_proto_model(proto)?.with_input_fact(0, input)?.with_outputs_by_name(outputs)?.into_typed()
}

/// What only these functions' bodies need is cut off by scripts/split.
#[cfg(feature = "split")]
mod cut {
    use super::*;
    use wasm_split_helpers::{SplitLoaderError, wasm_split};

    #[wasm_split(reader, fallible, preload(load))]
    pub fn read(
        proto: &ModelProto,
        integers: bool,
        input: InferenceFact,
        outputs: &[String],
    ) -> Result<TractResult<TypedModel>, SplitLoaderError> {
        Ok(super::read(proto, integers, input, outputs))
    }
}

/// Whether [`typed`] can be called.
pub fn here() -> bool {
    HERE.load(Ordering::Relaxed)
}

/// Brings the reader, if it is not here.
///
/// # Errors
/// It could not be fetched; a sentence. Another call tries again.
pub async fn fetch() -> Result<(), String> {
    #[cfg(feature = "split")]
    cut::load().await.map_err(|_| "A part of the engine could not be loaded. Check your connection and try again.")?;
    HERE.store(true, Ordering::Relaxed);
    Ok(())
}

/// The typed model of a file whose one input is `input`, giving the tensors `outputs` in this order; with `integers`
/// our operators of [`quantized`] may be in it.
///
/// # Errors
/// What tract says of the file; or the reader is not [`here`].
pub fn typed(proto: &ModelProto, integers: bool, input: InferenceFact, outputs: &[String]) -> TractResult<TypedModel> {
    if !here() {
        return Err(TractError::msg("a part of the engine is not loaded"));
    }
    #[cfg(not(feature = "split"))]
    return read(proto, integers, input, outputs);
    #[cfg(feature = "split")]
    {
        use std::task::{Context, Poll, Waker};
        // Nothing is waited for, once it is here.
        let reading = std::pin::pin!(cut::read(proto, integers, input, outputs));
        match reading.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(typed)) => typed,
            Poll::Ready(Err(_)) | Poll::Pending => Err(TractError::msg("a part of the engine is not loaded")),
        }
    }
}
