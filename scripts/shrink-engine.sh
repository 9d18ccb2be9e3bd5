#!/usr/bin/env bash
# Called when the binaries are built. rustc has already optimised the workers for speed, and
# wasm-opt's -O levels take one to four minutes for the engine without making it faster or its download
# smaller. What pays is dropping names and merging the equal copies that generics leave: 15 seconds.

set -euo pipefail
[ -z "${QUICK:-}" ] || exit 0

for worker in engine scratch; do
  [ -f "$TRUNK_STAGING_DIR/${worker}_bg.wasm" ] || continue
  file=$TRUNK_STAGING_DIR/${worker}_bg.wasm
  wasm-opt -O0 --duplicate-function-elimination --remove-unused-module-elements --reorder-functions \
    --enable-simd --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
    --enable-mutable-globals --enable-reference-types --enable-multivalue "$file" --output "$file"
done
