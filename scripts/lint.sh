#!/usr/bin/env bash
# Formatting and clippy, with every warning an error: natively, and for both wasm binaries, because
# most of the page exists only there.

# shellcheck source=scripts/test-tools.sh
. "$(dirname "$0")/test-tools.sh"

say "Checking the formatting"
cargo fmt --check
say "Clippy: natively"
cargo clippy --locked --all-targets --features engine -- -D warnings
say "Clippy: the page"
cargo clippy --locked --target $WASM --bin app --no-default-features --features ui -- -D warnings
say "Clippy: the engine"
cargo clippy --locked --target $WASM --bin engine --no-default-features --features engine -- -D warnings
say "Clippy: training from scratch"
cargo clippy --locked --target $WASM --bin scratch --no-default-features --features scratch -- -D warnings
