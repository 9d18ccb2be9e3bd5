//! The example that docs/quantization.md walks through holds what the text says.

#[allow(dead_code, reason = "its main is called as a test")]
#[path = "../examples/quantize_one_layer.rs"]
mod quantize_one_layer;

#[test]
fn one_layer_loses_little_and_less_with_a_scale_for_each_channel() {
    quantize_one_layer::main();
}
