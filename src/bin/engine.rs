//! The engine's binary: runs in a Web Worker.

fn main() {
    #[cfg(target_arch = "wasm32")]
    fieldtest::engine::worker::serve();
}
