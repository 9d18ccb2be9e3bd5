#!/usr/bin/env bash
# Formatting and clippy, with every warning an error: natively, and for the wasm binaries, because most of
# the page exists only there.

# shellcheck source=scripts/test-tools.sh
. "$(dirname "$0")/test-tools.sh"

say "Checking the formatting"
cargo fmt --check
say "Clippy: natively"
cargo clippy --locked --all-targets --features engine -- -D warnings
# All three at once, and in the profile that the tests build the page in, so that what they share is made once.
export QUICK=tests
# shellcheck source=scripts/quick.sh
. "$(dirname "$0")/quick.sh"
say "Clippy: the page, the engine and training from scratch"
cargo clippy --locked --profile size --target $WASM --bin app --bin engine --bin scratch --no-default-features \
  --features ui,split,scratch -- -D warnings
