//! Any bytes are a model or a sentence: reading, inspecting and fixing a file's size never panics.
#![no_main]

use fieldtest::model::onnx;
use fieldtest::foreign::inspect;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(refusal) = onnx::read(bytes) {
        assert!(refusal.to_string().len() > 10, "a refusal is a sentence");
        return;
    }
    if let Ok(found) = inspect::inspect(bytes) {
        let _ = inspect::fixed(bytes, &found.fit);
    }
});
