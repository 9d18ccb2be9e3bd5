//! The numbers of a tensor, whichever of the format's fields they are in.

use super::{DataLocation, DataType, Refusal, TensorProto, f16};

/// Most numbers in one tensor.
pub const MAX_ELEMENTS: usize = 1 << 28;

/// Numbers the shape asks for; an empty shape is one number.
///
/// # Errors
/// [`Refusal::Dimensions`]: negative, more than 8 of them, or a product past 2^63;
/// [`Refusal::Huge`]: more than [`MAX_ELEMENTS`].
pub fn elements(name: &str, dims: &[i64]) -> Result<usize, Refusal> {
    let wrong = || Refusal::Dimensions(name.into(), dims.iter().copied().take(12).collect());
    if dims.len() > 8 || dims.iter().any(|d| *d < 0) {
        return Err(wrong());
    }
    let product = dims.iter().try_fold(1i64, |p, d| p.checked_mul(*d)).ok_or_else(wrong)?;
    match usize::try_from(product) {
        Ok(n) if n <= MAX_ELEMENTS => Ok(n),
        _ => Err(Refusal::Huge(name.into(), product as u128)),
    }
}

/// Checks that the tensor holds exactly what its shape says, in this file.
///
/// # Errors
/// External data, impossible shapes, other lengths, types that are not numbers.
pub fn check(t: &TensorProto) -> Result<usize, Refusal> {
    if t.data_location == Some(DataLocation::External as i32) || !t.external_data.is_empty() {
        return Err(Refusal::External(t.name.clone()));
    }
    let expected = elements(&t.name, &t.dims)?;
    let kind = kind(t)?;
    let found = if !t.raw_data.is_empty() {
        let size = size_of(kind);
        if t.raw_data.len().is_multiple_of(size) { t.raw_data.len() / size } else { usize::MAX }
    } else {
        match kind {
            DataType::Float => t.float_data.len(),
            DataType::Double => t.double_data.len(),
            DataType::Int64 => t.int64_data.len(),
            DataType::Uint32 | DataType::Uint64 => t.uint64_data.len(),
            DataType::String => t.string_data.len(),
            _ => t.int32_data.len(),
        }
    };
    if found == expected {
        Ok(expected)
    } else {
        let found = if found == usize::MAX { t.raw_data.len() / size_of(kind) } else { found };
        Err(Refusal::Length(t.name.clone(), t.dims.clone(), expected, found))
    }
}

fn kind(t: &TensorProto) -> Result<DataType, Refusal> {
    use DataType::{Bfloat16, Bool, Double, Float, Float16, Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64};
    match DataType::try_from(t.data_type) {
        Ok(
            kind @ (Float
            | Double
            | Float16
            | Bfloat16
            | Bool
            | Int8
            | Int16
            | Int32
            | Int64
            | Uint8
            | Uint16
            | Uint32
            | Uint64
            | DataType::String),
        ) => Ok(kind),
        Ok(other) => Err(Refusal::Type(t.name.clone(), other.as_str_name().into())),
        Err(_) => Err(Refusal::Type(t.name.clone(), format!("number {}", t.data_type))),
    }
}

fn size_of(kind: DataType) -> usize {
    match kind {
        DataType::Bool | DataType::Int8 | DataType::Uint8 | DataType::String => 1,
        DataType::Float16 | DataType::Bfloat16 | DataType::Int16 | DataType::Uint16 => 2,
        DataType::Double | DataType::Int64 | DataType::Uint64 => 8,
        _ => 4,
    }
}

/// Whether it holds real numbers, in any precision.
pub fn is_float(t: &TensorProto) -> bool {
    use DataType::{Bfloat16, Double, Float, Float16};
    matches!(DataType::try_from(t.data_type), Ok(Float | Double | Float16 | Bfloat16))
}

/// The numbers of a real tensor as f32.
///
/// # Errors
/// As [`check`], and [`Refusal::Type`] for integers.
pub fn floats(t: &TensorProto) -> Result<Vec<f32>, Refusal> {
    check(t)?;
    let halves = |f: fn([u8; 2]) -> f32| -> Vec<f32> {
        if t.raw_data.is_empty() {
            t.int32_data.iter().map(|v| f((*v as u16).to_le_bytes())).collect()
        } else {
            t.raw_data.as_chunks::<2>().0.iter().map(|b| f(*b)).collect()
        }
    };
    Ok(match kind(t)? {
        DataType::Float if t.raw_data.is_empty() => t.float_data.clone(),
        DataType::Float => t.raw_data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
        DataType::Double if t.raw_data.is_empty() => t.double_data.iter().map(|v| *v as f32).collect(),
        DataType::Double => t.raw_data.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b) as f32).collect(),
        DataType::Float16 => halves(|b| f16::from_le_bytes(b).to_f32()),
        DataType::Bfloat16 => halves(|b| f32::from_bits(u32::from(u16::from_le_bytes(b)) << 16)),
        other => return Err(Refusal::Type(t.name.clone(), other.as_str_name().into())),
    })
}

/// The numbers of a tensor of integers: int64, int32, int16, int8 or uint8.
///
/// # Errors
/// As [`check`], and [`Refusal::Type`] for other types.
pub fn integers(t: &TensorProto) -> Result<Vec<i64>, Refusal> {
    check(t)?;
    Ok(match kind(t)? {
        DataType::Int64 if t.raw_data.is_empty() => t.int64_data.clone(),
        DataType::Int64 => t.raw_data.as_chunks::<8>().0.iter().map(|b| i64::from_le_bytes(*b)).collect(),
        DataType::Int32 if t.raw_data.is_empty() => t.int32_data.iter().map(|v| i64::from(*v)).collect(),
        DataType::Int32 => t.raw_data.as_chunks::<4>().0.iter().map(|b| i64::from(i32::from_le_bytes(*b))).collect(),
        DataType::Int16 | DataType::Int8 | DataType::Uint8 if t.raw_data.is_empty() => {
            t.int32_data.iter().map(|v| i64::from(*v)).collect()
        }
        DataType::Int16 => t.raw_data.as_chunks::<2>().0.iter().map(|b| i64::from(i16::from_le_bytes(*b))).collect(),
        DataType::Int8 => t.raw_data.iter().map(|b| i64::from(*b as i8)).collect(),
        DataType::Uint8 => t.raw_data.iter().map(|b| i64::from(*b)).collect(),
        other => return Err(Refusal::Type(t.name.clone(), other.as_str_name().into())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::onnx::build;

    #[test]
    fn every_real_type_is_read() {
        let values = [0.0, 1.5, -2.0, 0.25];
        let tensor = |kind: DataType, raw_data: Vec<u8>| TensorProto {
            name: "t".into(),
            dims: vec![2, 2],
            data_type: kind as i32,
            raw_data,
            ..Default::default()
        };
        for t in [
            build::floats("t", &[2, 2], &values),
            tensor(DataType::Double, values.iter().flat_map(|v| f64::from(*v).to_le_bytes()).collect()),
            tensor(DataType::Float16, values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect()),
            tensor(DataType::Bfloat16, values.iter().flat_map(|v| v.to_le_bytes()[2..].to_vec()).collect()),
        ] {
            assert_eq!(floats(&t).unwrap(), values, "{t:?}");
        }
    }

    #[test]
    fn a_tensor_that_lies_is_named() {
        let mut t = build::floats("w", &[2, 2], &[1.0; 4]);
        t.dims = vec![2, 3];
        let said = check(&t).unwrap_err().to_string();
        assert!(said.contains("\u{201c}w\u{201d}") && said.contains("6 numbers") && said.contains('4'), "{said}");
        t.dims = vec![i64::MAX, 2];
        assert!(matches!(check(&t), Err(Refusal::Dimensions(..))));
        t.dims = vec![1_000_000, 1_000_000];
        assert!(matches!(check(&t), Err(Refusal::Huge(_, 1_000_000_000_000))));
        t.dims = vec![-1];
        assert!(matches!(check(&t), Err(Refusal::Dimensions(..))));
        t.dims = vec![2, 2];
        t.raw_data.pop();
        assert!(matches!(check(&t), Err(Refusal::Length(..))));
        t.data_location = Some(DataLocation::External as i32);
        assert!(matches!(check(&t), Err(Refusal::External(_))));
    }
}
