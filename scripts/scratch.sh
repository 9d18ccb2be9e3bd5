#!/usr/bin/env bash
# Called by scripts/post-build.sh: builds the worker that trains from scratch, beside them. Not one
# of Trunk's own binaries, so that whoever only edits and looks (QUICK=1) gets a site even where candle does not
# build; then the page says that this worker is missing. A site to publish has it or is not built.

set -euo pipefail

wasm=wasm32-unknown-unknown
build() {
  cargo build --locked --offline --release --target $wasm --bin scratch --no-default-features --features scratch &&
    wasm-bindgen --target web --no-typescript --out-dir "$TRUNK_STAGING_DIR" --out-name scratch \
      "${CARGO_TARGET_DIR:-target}/$wasm/release/scratch.wasm"
}
build || { [ "${QUICK:-}" = 1 ] && echo "The worker that trains from scratch was not built." >&2; }
