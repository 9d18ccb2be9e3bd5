//! Any model that is read can be quantized in any mode, or is refused with a sentence.
#![no_main]

use fieldtest::shrink::{Mode, Options, Quantizer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, bytes) = input;
    let mode = [Mode::Static, Mode::Dynamic, Mode::WeightsOnly, Mode::Half][usize::from(choice % 4)];
    let mut options = Options { mode, equalize: choice & 4 != 0, bias_correction: choice & 8 != 0, ..Options::default() };
    options.weights.per_channel = choice & 16 != 0;
    options.weights.bits = 2 + (choice >> 5) % 7;
    let Ok(mut quantizer) = Quantizer::new(bytes, options) else { return };
    let count: usize = quantizer.input_shape().iter().product();
    let numbers: Vec<f32> = (0..count).map(|i| (i % 13) as f32 / 13.0).collect();
    if quantizer.calibrate(&numbers).is_ok() {
        let _ = quantizer.finish();
    }
});
