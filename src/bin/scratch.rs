//! Training from scratch: runs in a Web Worker of its own.

fn main() {
    #[cfg(target_arch = "wasm32")]
    fieldtest::engine::scratch_worker::serve();
}
