//! Small builders for what we write.

use super::{
    AttributeProto, AttributeType, DataType, NodeProto, TensorProto, TensorShapeProto, TypeProto, ValueInfoProto,
    tensor_shape_proto, type_proto,
};

/// A node of the standard domain.
pub fn node(op: &str, name: &str, inputs: &[&str], output: &str, attribute: Vec<AttributeProto>) -> NodeProto {
    NodeProto {
        op_type: op.into(),
        name: name.into(),
        input: inputs.iter().map(|&i| i.into()).collect(),
        output: vec![output.into()],
        attribute,
        ..Default::default()
    }
}

pub fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Int as i32, i, ..Default::default() }
}

pub fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Float as i32, f, ..Default::default() }
}

pub fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Ints as i32, ints: ints.to_vec(), ..Default::default() }
}

/// A list of numbers.
pub fn list(name: &str, floats: &[f32]) -> AttributeProto {
    let (name, floats) = (name.into(), floats.to_vec());
    AttributeProto { name, r#type: AttributeType::Floats as i32, floats, ..Default::default() }
}

/// A tensor inside the node.
pub fn inside(name: &str, t: TensorProto) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Tensor as i32, t: Some(t), ..Default::default() }
}

fn tensor(name: &str, dims: &[i64], kind: DataType, raw_data: Vec<u8>) -> TensorProto {
    TensorProto { name: name.into(), dims: dims.to_vec(), data_type: kind as i32, raw_data, ..Default::default() }
}

pub fn floats(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    tensor(name, dims, DataType::Float, values.iter().flat_map(|v| v.to_le_bytes()).collect())
}

pub fn bytes(name: &str, dims: &[i64], values: &[u8]) -> TensorProto {
    tensor(name, dims, DataType::Uint8, values.to_vec())
}

pub fn signed_bytes(name: &str, dims: &[i64], values: &[i8]) -> TensorProto {
    tensor(name, dims, DataType::Int8, values.iter().map(|v| *v as u8).collect())
}

pub fn int16s(name: &str, dims: &[i64], values: &[i16]) -> TensorProto {
    tensor(name, dims, DataType::Int16, values.iter().flat_map(|v| v.to_le_bytes()).collect())
}

pub fn int32s(name: &str, dims: &[i64], values: &[i32]) -> TensorProto {
    tensor(name, dims, DataType::Int32, values.iter().flat_map(|v| v.to_le_bytes()).collect())
}

pub fn int64s(name: &str, dims: &[i64], values: &[i64]) -> TensorProto {
    tensor(name, dims, DataType::Int64, values.iter().flat_map(|v| v.to_le_bytes()).collect())
}

/// A graph input or output; `None` is an open dimension called `n`.
pub fn value(name: &str, kind: DataType, dims: &[Option<i64>]) -> ValueInfoProto {
    use tensor_shape_proto::{Dimension, dimension::Value};
    let dim = dims
        .iter()
        .map(|d| Dimension {
            value: Some(d.map_or(Value::DimParam("n".into()), Value::DimValue)),
            ..Default::default()
        })
        .collect();
    let tensor = type_proto::Tensor { elem_type: kind as i32, shape: Some(TensorShapeProto { dim }) };
    ValueInfoProto {
        name: name.into(),
        r#type: Some(TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..Default::default() }),
        ..Default::default()
    }
}
