#!/usr/bin/env bash
# Called by Trunk when both binaries are built. rustc has already optimised the engine for speed, and
# wasm-opt's -O levels take one to four minutes for it without making it faster or its download
# smaller. What pays is dropping names and merging the equal copies that generics leave: 15 seconds.

set -euo pipefail
[ -z "${QUICK:-}" ] || exit 0

engine=$TRUNK_STAGING_DIR/engine_bg.wasm
wasm-opt -O0 --duplicate-function-elimination --remove-unused-module-elements --reorder-functions \
  --enable-simd --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
  --enable-mutable-globals --enable-reference-types --enable-multivalue "$engine" --output "$engine"
