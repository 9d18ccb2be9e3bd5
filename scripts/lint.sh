#!/usr/bin/env bash
# Formatting and clippy, with every warning an error: natively, and for the wasm binaries, because most of
# the page exists only there.

# shellcheck source=scripts/test-tools.sh
. "$(dirname "$0")/test-tools.sh"

say "Checking the formatting"
cargo fmt --check
say "Clippy: natively"
cargo clippy --locked --all-targets --features engine -- -D warnings
# All three at once, so that what they share is checked once.
say "Clippy: the page, the engine and training from scratch"
cargo clippy --locked --target $WASM --bin app --bin engine --bin scratch --no-default-features \
  --features ui,engine,scratch -- -D warnings
