//! Outputs that are written over again. Allocating and clearing a tensor for each node of each picture would take a
//! tenth of the time of a float MobileNetV2.

use std::cell::RefCell;
use std::sync::Arc;
use tract_onnx::prelude::*;

/// Most bytes kept, of tensors in use and not.
const MOST: usize = 32 << 20;

thread_local! {
    static KEPT: RefCell<Vec<Arc<Tensor>>> = const { RefCell::new(Vec::new()) };
}

/// A tensor of this type and shape for `fill` to fill. What is in it before is anything: every number must be
/// written.
///
/// # Errors
/// There is no such tensor, or `fill` fails.
pub fn output(
    kind: DatumType,
    shape: &[usize],
    fill: impl FnOnce(&mut Tensor) -> TractResult<()>,
) -> TractResult<TValue> {
    let mut output = match free(kind, shape) {
        Some(output) => output,
        None => Arc::new(fresh(kind, shape)?),
    };
    // Nobody else has it: it was free, or is new.
    if let Some(output) = Arc::get_mut(&mut output) {
        fill(output)?;
    }
    KEPT.with_borrow_mut(|kept| {
        kept.push(output.clone());
        let mut bytes: usize = kept.iter().map(|tensor| bytes(tensor)).sum();
        while bytes > MOST {
            bytes -= self::bytes(&kept.remove(0));
        }
    });
    Ok(output.into_tvalue())
}

/// Takes one out that nobody uses any more.
fn free(kind: DatumType, shape: &[usize]) -> Option<Arc<Tensor>> {
    KEPT.with_borrow_mut(|kept| {
        let fits = |t: &Arc<Tensor>| Arc::strong_count(t) == 1 && t.datum_type() == kind && t.shape() == shape;
        let at = kept.iter().rposition(fits)?;
        Some(kept.remove(at))
    })
}

fn bytes(tensor: &Tensor) -> usize {
    tensor.len() * tensor.datum_type().size_of()
}

/// Filled with something that a test would notice, natively.
fn fresh(kind: DatumType, shape: &[usize]) -> TractResult<Tensor> {
    let mut tensor = Tensor::zero_dt(kind, shape)?;
    if cfg!(debug_assertions) {
        if kind == f32::datum_type() {
            tensor.to_plain_array_view_mut::<f32>()?.fill(f32::NAN);
        } else if kind == i8::datum_type() {
            tensor.to_plain_array_view_mut::<i8>()?.fill(77);
        }
    }
    Ok(tensor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(with: f32, shape: &[usize]) -> TValue {
        let fill = |tensor: &mut Tensor| {
            tensor.to_plain_array_view_mut::<f32>()?.fill(with);
            Ok(())
        };
        output(f32::datum_type(), shape, fill).unwrap()
    }

    fn address(value: &TValue) -> *const f32 {
        value.to_plain_array_view::<f32>().unwrap().as_ptr()
    }

    #[test]
    fn what_is_in_use_is_left_alone_and_what_is_not_is_used_again() {
        let first = filled(1.0, &[2, 3]);
        let second = filled(2.0, &[2, 3]);
        assert_ne!(address(&first), address(&second));
        let freed = address(&first);
        drop(first);
        assert_ne!(address(&filled(3.0, &[3, 2])), freed);
        let third = filled(4.0, &[2, 3]);
        assert_eq!(address(&third), freed);
        for (value, number) in [(&second, 2.0), (&third, 4.0)] {
            assert!(value.to_plain_array_view::<f32>().unwrap().iter().all(|v| *v == number));
        }
    }

    #[test]
    fn no_more_is_kept_than_agreed() {
        let large: Vec<TValue> = (0..5).map(|_| filled(0.0, &[1, 3 << 20])).collect();
        let kept: usize = KEPT.with_borrow(|kept| kept.iter().map(|t| bytes(t)).sum());
        assert!(kept <= MOST && kept > 0, "{kept} bytes");
        assert!(large.iter().all(|v| v.len() == 3 << 20));
    }

    #[test]
    fn a_failure_is_told() {
        assert!(output(f32::datum_type(), &[4], |_| Err(TractError::msg("no"))).is_err());
        assert_eq!(filled(5.0, &[4]).len(), 4);
    }
}
