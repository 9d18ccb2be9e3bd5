#!/usr/bin/env bash
# Called when the binaries are built. Adds the second build of the engine, for browsers with relaxed SIMD: a
# feature of our crate, so that all dependencies are those of the first, built already.
#
# Then wasm-opt. rustc has already optimised the workers for speed, and wasm-opt's -O levels take one to four
# minutes for the engine without making it faster or its download smaller. What pays is dropping names and
# merging the equal copies that generics leave: 15 seconds.

set -euo pipefail

# Whoever edits and looks does not wait for a second build: the first one under both names.
if [ "${QUICK:-}" = 1 ]; then
  cp "$TRUNK_STAGING_DIR/engine.js" "$TRUNK_STAGING_DIR/engine-relaxed.js"
  cp "$TRUNK_STAGING_DIR/engine_bg.wasm" "$TRUNK_STAGING_DIR/engine-relaxed_bg.wasm"
  exit 0
fi

cargo build --release --offline --locked --target wasm32-unknown-unknown --bin engine \
  --no-default-features --features relaxed
wasm-bindgen --target web --no-typescript --out-dir "$TRUNK_STAGING_DIR" --out-name engine-relaxed \
  "${CARGO_TARGET_DIR:-target}/wasm32-unknown-unknown/release/engine.wasm"

[ -z "${QUICK:-}" ] || exit 0
for worker in engine engine-relaxed scratch; do
  file=$TRUNK_STAGING_DIR/${worker}_bg.wasm
  [ -f "$file" ] || continue
  relaxed=
  [ "$worker" != engine-relaxed ] || relaxed=--enable-relaxed-simd
  # shellcheck disable=SC2086 # one option or none
  wasm-opt -O0 --duplicate-function-elimination --remove-unused-module-elements --reorder-functions \
    --enable-simd --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
    --enable-mutable-globals --enable-reference-types --enable-multivalue $relaxed "$file" --output "$file"
done
