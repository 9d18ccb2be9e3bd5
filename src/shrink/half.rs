//! Half the size: weights in float16 behind Cast. The arithmetic stays float32.

use super::graph::Graph;
use crate::model::onnx::{DataType, TensorProto, build, f16};

/// Stores every float constant of two or more dimensions in half precision; those with numbers past
/// 65504 stay. Nodes in `exclude` keep theirs. Returns sentences.
pub fn halve(graph: &mut Graph, exclude: &std::collections::HashSet<String>) -> Vec<String> {
    let kept = graph.nodes.iter().filter(|n| exclude.contains(&n.name)).flat_map(|n| n.input.clone());
    let kept: std::collections::HashSet<String> = kept.collect();
    let names: Vec<String> = graph.constants.keys().filter(|n| !kept.contains(*n)).cloned().collect();
    let mut casts = Vec::new();
    let mut notes = Vec::new();
    for name in names {
        let Some((dims, values)) = graph.floats(&name).filter(|(dims, _)| dims.len() >= 2) else { continue };
        if values.iter().any(|v| v.abs() > f16::MAX.to_f32()) {
            notes.push(format!("{name} has numbers too large for half precision and stays float32."));
            continue;
        }
        let half = graph.fresh(&format!("{name}.f16"));
        let raw_data = values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect();
        let tensor = TensorProto {
            name: half.clone(),
            dims,
            data_type: DataType::Float16 as i32,
            raw_data,
            ..Default::default()
        };
        graph.constants.remove(&name);
        graph.constants.insert(half.clone(), tensor);
        let to = build::int("to", DataType::Float as i64);
        casts.push(build::node("Cast", &format!("{name}.expand"), &[&half], &name, vec![to]));
    }
    notes.push(format!("{} tensors are stored in half precision.", casts.len()));
    casts.append(&mut graph.nodes);
    graph.nodes = casts;
    notes
}
