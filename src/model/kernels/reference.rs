//! Naive oracles: short, slow and right.

use super::conv_f32::Shape;

/// Convolution of `input` `[in_channels, h, w]` with `weights` `[out_channels, in_channels, kh,
/// kw]` plus `bias` `[out_channels]`: `[out_channels, out_h, out_w]`, by the definition.
pub fn conv_f32(shape: &Shape, weights: &[f32], bias: &[f32], input: &[f32]) -> Vec<f32> {
    let Shape { in_channels, out_channels, kernel: (kh, kw), stride, .. } = *shape;
    let (h, w) = shape.input;
    let (out_h, out_w) = shape.output();
    let pixel = |channel: usize, y: usize, x: usize| match (y.checked_sub(shape.pad.0), x.checked_sub(shape.pad.1)) {
        (Some(y), Some(x)) if y < h && x < w => input[(channel * h + y) * w + x],
        _ => 0.0,
    };
    let mut output = Vec::with_capacity(out_channels * out_h * out_w);
    for o in 0..out_channels {
        for y in 0..out_h {
            for x in 0..out_w {
                let mut sum = f64::from(bias[o]);
                for i in 0..in_channels {
                    for ky in 0..kh {
                        for kx in 0..kw {
                            let weight = weights[((o * in_channels + i) * kh + ky) * kw + kx];
                            sum += f64::from(weight) * f64::from(pixel(i, y * stride + ky, x * stride + kx));
                        }
                    }
                }
                output.push(sum as f32);
            }
        }
    }
    output
}
