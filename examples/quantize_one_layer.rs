//! One layer in eight bits, step by step, as docs/quantization.md derives it: the integers, what they sum to,
//! and how far that is from float. `cargo run --features engine --example quantize_one_layer`

use fieldtest::shrink::observe::{Method, Observer};
use fieldtest::shrink::scheme::{Activations, Weights};

/// Inputs of the layer, outputs, and pictures that calibrate it.
const INPUTS: usize = 16;
const OUTPUTS: usize = 4;
const PICTURES: usize = 64;

pub fn main() {
    // A layer with one large channel, as BatchNorm folding leaves them, and inputs after a ReLU.
    let wave = |i: usize| (i as f32 * 0.618_034).fract() - 0.5;
    let weights: Vec<f32> = (0..OUTPUTS * INPUTS).map(|i| wave(i) * if i < INPUTS { 8.0 } else { 0.5 }).collect();
    let bias: Vec<f32> = (0..OUTPUTS).map(|o| wave(o + 7)).collect();
    let input =
        |picture: usize| -> Vec<f32> { (0..INPUTS).map(|i| (wave(picture * INPUTS + i) * 3.0).max(0.0)).collect() };
    let layer = |w: &[f32], x: &[f32]| -> Vec<f32> {
        (0..OUTPUTS).map(|o| bias[o] + (0..INPUTS).map(|i| w[o * INPUTS + i] * x[i]).sum::<f32>()).collect()
    };

    // 1. Calibration: what do input and output reach?
    let (mut inputs, mut outputs) = (Observer::default(), Observer::default());
    for picture in 0..PICTURES {
        let x = input(picture);
        inputs.add(&[1, INPUTS], &x);
        outputs.add(&[1, OUTPUTS], &layer(&weights, &x));
    }
    let kind = Activations::Uint8;
    let params = |seen: &Observer| {
        let (low, high) = seen.range(Method::MinMax, kind);
        kind.params(low, high)
    };
    let (qx, qy) = (params(&inputs), params(&outputs));
    println!("input  {:.3} to {:.3}: scale {:.5}, zero point {}", inputs.min, inputs.max, qx.scale, qx.zero_point);
    println!("output {:.3} to {:.3}: scale {:.5}, zero point {}", outputs.min, outputs.max, qy.scale, qy.zero_point);

    let mut noise = Vec::new();
    for per_channel in [false, true] {
        // 2. Weights become int8 around zero.
        let choice = Weights { per_channel, ..Weights::default() };
        let qw = choice.quantize(&[OUTPUTS as i64, INPUTS as i64], &weights, Some(0), &[0.0]);
        let scale = |o: usize| qw.scales[o % qw.scales.len()];
        // 3. The bias becomes int32 in the accumulator's own unit.
        let qb: Vec<i32> = (0..OUTPUTS).map(|o| (bias[o] / (qx.scale * scale(o))).round_ties_even() as i32).collect();

        let (mut signal, mut error, mut worst) = (0.0f64, 0.0f64, 0.0f32);
        for picture in 0..PICTURES {
            let x = input(picture);
            let qi: Vec<i32> = x.iter().map(|v| qx.quantize(*v)).collect();
            for (o, float) in layer(&weights, &x).into_iter().enumerate() {
                // 4. Integers alone: products are summed in 32 bits.
                let products = (0..INPUTS).map(|i| i32::from(qw.values[o * INPUTS + i]) * (qi[i] - qx.zero_point));
                let sum: i32 = qb[o] + products.sum::<i32>();
                // 5. One real factor brings the sum to the output's own steps.
                let factor = qx.scale * scale(o) / qy.scale;
                let q = ((sum as f32 * factor).round_ties_even() as i32 + qy.zero_point).clamp(qy.low, qy.high);
                let back = qy.dequantize(q);
                signal += f64::from(float).powi(2);
                error += f64::from(float - back).powi(2);
                worst = worst.max((float - back).abs() / qy.scale);
            }
        }
        let db = 10.0 * (signal / error).log10();
        let name = if per_channel { "a scale for each channel" } else { "one scale for all weights" };
        println!("{name}: signal to noise {db:.1} dB, worst error {worst:.2} steps of the output");
        noise.push(db);
    }
    assert!(noise[1] > noise[0], "a scale for each channel is finer where channels differ");
    assert!(noise[1] > 30.0, "eight bits keep this layer: {:.1} dB", noise[1]);
}
